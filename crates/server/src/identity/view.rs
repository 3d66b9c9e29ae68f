//! What the pages show on which nobody is signed in yet, and those that confirm.

use askama::Template;

use crate::page::{Field, Plain, Select};

/// Asks for the e-mail address.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/sign_in.html")]
pub struct SignInPage {
    /// The frame.
    pub layout: Plain,
    /// Where to go afterwards, a path of this site; may be empty.
    pub next: String,
    /// Field `email`.
    pub email: Field,
    /// Whether to stay signed in.
    pub remember: bool,
}

/// Asks for the code that was mailed.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/code.html")]
pub struct CodePage {
    /// The frame.
    pub layout: Plain,
    /// To which address it went.
    pub email: String,
    /// Field `code`.
    pub code: Field,
    /// Where mail goes while developing; empty when it is sent.
    pub mail_note: String,
}

/// One button that uses up a link.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/confirm_link.html")]
pub struct ConfirmLinkPage {
    /// The frame.
    pub layout: Plain,
    /// `Sign in as ann@example.org`.
    pub heading: String,
    /// A sentence below it; may be empty.
    pub text: String,
    /// Where the button posts to.
    pub action: String,
    /// What is sent along, such as the token of the link.
    pub token: String,
    /// The button.
    pub button: String,
}

/// Makes the first owner and their workspace.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/set_up.html")]
pub struct SetUpPage {
    /// The frame.
    pub layout: Plain,
    /// Where it posts to.
    pub action: String,
    /// The token of the link.
    pub token: String,
    /// A sentence about the whole; empty when nothing is wrong.
    pub error: String,
    /// Field `workspace`.
    pub workspace: Field,
    /// Field `name`.
    pub name: Field,
    /// Field `email`.
    pub email: Field,
    /// Field `zone`.
    pub zone: Field,
    /// Names of zones to choose from.
    pub zones: Vec<String>,
    /// Field `week_start`.
    pub week_start: Select,
}

/// Accepts an invitation.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/join.html")]
pub struct JoinPage {
    /// The frame.
    pub layout: Plain,
    /// Where it posts to.
    pub action: String,
    /// The token of the link.
    pub token: String,
    /// The workspace.
    pub workspace: String,
    /// Who invited: `Ann Lee invited you as a member.`
    pub text: String,
    /// The address that is invited.
    pub email: String,
    /// Field `name`.
    pub name: Field,
    /// Field `zone`.
    pub zone: Field,
    /// Names of zones to choose from.
    pub zones: Vec<String>,
}

/// Confirms a program that asked for a token.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/device.html")]
pub struct DevicePage {
    /// The frame.
    pub layout: Plain,
    /// Field `user_code`.
    pub user_code: Field,
    /// The program, once the code is known; else none, and the code is asked for.
    pub program: Option<DeviceProgram>,
    /// Whether it is confirmed or refused already; then a sentence says so.
    pub done: String,
}

/// A program that asks.
#[derive(Debug, Clone, Default)]
pub struct DeviceProgram {
    /// As it calls itself: `tp on kitchen-laptop`.
    pub name: String,
    /// In which workspace: field `workspace`.
    pub workspaces: Select,
    /// When it asked: `2 minutes ago, from this network`.
    pub asked: String,
}

/// After signing out.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/signed_out.html")]
pub struct SignedOutPage {
    /// The frame.
    pub layout: Plain,
}

//! What the pages show on which nobody is signed in yet, and those that confirm.

use askama::Template;

use crate::{
    page::{Field, Plain, Select},
    web::Typed,
};

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
    /// Whether the zone is only proposed, so that the browser may know better.
    pub is_zone_proposed: bool,
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
    /// Whether the zone is only proposed, so that the browser may know better.
    pub is_zone_proposed: bool,
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

/// The title of all steps of a fresh proof.
pub(crate) const PROOF_TITLE: &str = "Is it you?";

/// Asks for a fresh proof, in three steps: a button that sends a code, the code, and a button that
/// sends the form again that was refused.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/proof.html")]
pub struct ProofPage {
    /// The frame.
    pub layout: Plain,
    /// What it is about.
    pub heading: String,
    /// A sentence below it.
    pub text: String,
    /// Where the form posts to.
    pub action: String,
    /// What is sent along.
    pub fields: Vec<(String, String)>,
    /// Field `code`, in the second step.
    pub code: Option<Field>,
    /// The button.
    pub button: String,
    /// Where mail goes while developing; empty when it is sent.
    pub mail_note: String,
}

/// A form that was refused for want of a proof: where it went, and what was typed.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    action: String,
    fields: Vec<(String, String)>,
}

impl Kept {
    /// Keeps a form.
    pub(crate) fn new(action: &str, form: &Typed) -> Self {
        let fields = form.pairs().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { action: action.to_owned(), fields: fields.collect() }
    }

    /// From the pages in between.
    pub(crate) fn read(form: &Typed) -> Self {
        let fields = serde_urlencoded::from_str(form.get("kept")).unwrap_or_default();
        Self { action: super::web::next_path(form.get("action")).to_owned(), fields }
    }

    fn carried(&self) -> Vec<(String, String)> {
        let fields = serde_urlencoded::to_string(&self.fields).unwrap_or_default();
        vec![("action".to_owned(), self.action.clone()), ("kept".to_owned(), fields)]
    }
}

impl ProofPage {
    /// The first step.
    pub fn asking(layout: Plain, kept: Kept) -> Self {
        let text = "You signed in a while ago, or this browser did by itself. This changes who may do \
                    what, so we send a code to your address first. Nothing is done yet, and what you \
                    typed is kept.";
        Self {
            layout,
            heading: PROOF_TITLE.to_owned(),
            text: text.to_owned(),
            action: "/proof".to_owned(),
            fields: kept.carried(),
            button: "Send me a code".to_owned(),
            ..Self::default()
        }
    }

    /// The second step.
    pub fn code(layout: Plain, kept: Kept, code: Field) -> Self {
        Self {
            layout,
            heading: "Look into your mail".to_owned(),
            text: "A code is on its way. It works for ten minutes.".to_owned(),
            action: "/proof/code".to_owned(),
            fields: kept.carried(),
            code: Some(code),
            button: "Go on".to_owned(),
            ..Self::default()
        }
    }

    /// The last step.
    pub fn go_on(layout: Plain, kept: Kept) -> Self {
        Self {
            layout,
            heading: "It is you".to_owned(),
            text: "What you were about to do is done with this button.".to_owned(),
            action: kept.action,
            fields: kept.fields,
            button: "Do it now".to_owned(),
            ..Self::default()
        }
    }
}

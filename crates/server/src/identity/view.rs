//! What the pages show on which nobody is signed in yet, and those that confirm.

use app::identity::{Puzzle, Strong};
use askama::Template;
use domain::sign_in_policy::{Way, Ways};

use super::deed;
pub use super::kept::Kept;
use crate::page::{Field, Plain, Select};

/// Asks for the e-mail address.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/sign_in.html")]
pub struct SignInPage {
    /// The frame.
    pub layout: Plain,
    /// Where to go afterwards, a path of this site; may be empty.
    pub next: String,
    /// A form that waits until somebody is signed in, as fields; mostly none.
    pub kept: Vec<(String, String)>,
    /// Field `email`.
    pub email: Field,
    /// Whether to stay signed in.
    pub remember: bool,
    /// Whether a password was tried, so that its field is to be seen.
    pub uses_password: bool,
    /// Why a password was not taken; empty when none was tried.
    pub password_error: String,
    /// What is offered.
    pub ways: OfferedWays,
    /// Providers that are offered.
    pub providers: Vec<ProviderWay>,
    /// What the browser is to solve before a password of it is looked at; none at most times.
    pub puzzle: Option<Puzzle>,
    /// Whether browsers know passkeys at our address.
    pub has_passkeys: bool,
    /// Why a passkey was not taken; empty when none was tried.
    pub passkey_error: String,
}

/// A provider that a sign-in page offers.
#[derive(Debug, Clone, Default)]
pub struct ProviderWay {
    /// What the button says.
    pub label: String,
    /// Where the button posts to.
    pub path: String,
}

impl SignInPage {
    /// What browsers offer for the address: passkeys too, where they are taken.
    fn username(&self) -> &'static str {
        if self.ways.passkey && self.has_passkeys { "username webauthn" } else { "username" }
    }
}

/// The ways in that a sign-in page offers.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for a part of the page")]
pub struct OfferedWays {
    /// Codes and links by mail.
    pub mail: bool,
    /// Passwords.
    pub password: bool,
    /// Passkeys.
    pub passkey: bool,
    /// Whether a workspace takes fewer ways than there are.
    pub are_fewer: bool,
}

impl Default for OfferedWays {
    fn default() -> Self {
        Self::new(Ways::all())
    }
}

impl OfferedWays {
    /// Those that a workspace allows.
    pub fn new(allowed: Ways) -> Self {
        Self {
            mail: allowed.allows(Way::Mail),
            password: allowed.allows(Way::Passwords),
            passkey: allowed.allows(Way::Passkeys),
            are_fewer: allowed != Ways::all(),
        }
    }
}

/// Asks for another password, where the one there is was right and has to be replaced.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/new_password.html")]
pub struct NewPasswordPage {
    /// The frame.
    pub layout: Plain,
    /// Where to go afterwards, a path of this site; may be empty.
    pub next: String,
    /// A form that waits until somebody is signed in, as fields; mostly none.
    pub kept: Vec<(String, String)>,
    /// The address, as it was typed.
    pub email: String,
    /// Whether to stay signed in.
    pub remember: bool,
    /// What is wrong with the password there is.
    pub current_error: String,
    /// What is wrong with the new one.
    pub new_error: String,
    /// How to find a good one.
    pub guidance: &'static str,
    /// What the browser is to solve before a password of it is looked at; none at most times.
    pub puzzle: Option<Puzzle>,
}

/// Asks for the code that was mailed.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/code.html")]
pub struct CodePage {
    /// The frame.
    pub layout: Plain,
    /// To which address it went; empty where that is not known any more.
    pub email: String,
    /// The address that a provider tells, where the code joins the account there to its person; else
    /// empty.
    pub confirms: String,
    /// A form that waits until somebody is signed in, as fields; mostly none.
    pub kept: Vec<(String, String)>,
    /// Where to go afterwards, a path of this site; may be empty.
    pub next: String,
    /// Whether to stay signed in.
    pub remember: bool,
    /// Field `code`.
    pub code: Field,
    /// Whether no code can be given any more, and another one has to be asked for.
    pub is_used_up: bool,
    /// Where mail goes while developing; empty when it is sent.
    pub mail_note: String,
}

/// Asks for the second factor.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/second.html")]
pub struct SecondPage {
    /// The frame.
    pub layout: Plain,
    /// A form that waits until somebody is signed in, as fields; mostly none.
    pub kept: Vec<(String, String)>,
    /// Where to go afterwards, a path of this site; may be empty.
    pub next: String,
    /// Whether the code is one by mail; else one of an app, or a recovery code.
    pub is_by_mail: bool,
    /// What else will do.
    pub strong: Strong,
    /// Why a passkey was not taken; empty when none was tried.
    pub passkey_error: String,
    /// Field `code`.
    pub code: Field,
    /// Whether no code is taken any more, and one has to begin anew; `code` says why.
    pub is_over: bool,
    /// Where mail goes while developing; empty when it is sent.
    pub mail_note: String,
}

/// One button that sets out to a provider, for who was led here by a link.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/provider.html")]
pub struct ProviderPage {
    /// The frame.
    pub layout: Plain,
    /// What the provider is called.
    pub label: String,
    /// Where it is.
    pub host: String,
    /// Where the button posts to.
    pub action: String,
    /// Where to go afterwards, a path of this site; may be empty.
    pub next: String,
}

/// Leads to a provider: browsers follow it by themselves, and its link is for those that do not.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/onward.html")]
pub struct OnwardPage {
    /// The frame.
    pub layout: Plain,
    /// What the provider is called.
    pub label: String,
    /// Where it is.
    pub host: String,
    /// Where one goes.
    pub href: String,
    /// Whether an account there is connected, and nobody signs in.
    pub connects: bool,
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
    /// The button; empty where there is nothing to be done any more.
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

/// Joins a workspace: by an invitation, or by one's mail domain.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "identity/join.html")]
pub struct JoinPage {
    /// The frame.
    pub layout: Plain,
    /// Where it posts to.
    pub action: String,
    /// The workspace.
    pub workspace: String,
    /// Why one may: `You are invited as a member.`
    pub text: String,
    /// The address that one will sign in with.
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
    /// How long its token works: field `expires_in_days`.
    pub lives: Select,
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

/// A form that waits. For a fresh proof, in three steps: a button that sends a code, the code, and a
/// button that sends the form again that was refused; or for its person to sign in again.
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
    /// The button; empty where nothing can be sent, and a link leads to the page of the form.
    pub button: String,
    /// What is carried on, label and text, where it is to be seen.
    pub typed: Vec<(String, String)>,
    /// What is said above a field for a code of an app; empty for one by mail.
    pub app_label: String,
    /// How such a code looks; empty where only a recovery code will do.
    pub app_looks: &'static str,
    /// Whether a passkey will do.
    pub has_passkey: bool,
    /// Why a passkey was not taken; empty when none was tried.
    pub passkey_error: String,
    /// Where another code is asked for; empty where none was sent.
    pub again: String,
    /// Where mail goes while developing; empty when it is sent.
    pub mail_note: String,
}

impl ProofPage {
    /// The first step; with something strong the only one before the last.
    pub fn asking(layout: Plain, kept: &Kept, strong: Strong) -> Self {
        if strong.has_any() {
            return Self::strong(layout, kept, strong, None, Field::default());
        }
        let deed = deed::words(kept, None);
        let text = format!(
            "You are about to {deed}. That takes a proof that it is you, other than a password and not \
             older than 15 minutes, so we send a code to your address first. Nothing is done yet, and \
             what you typed is kept."
        );
        Self {
            layout,
            heading: PROOF_TITLE.to_owned(),
            text,
            action: "/proof".to_owned(),
            fields: kept.carried(),
            button: "Send me a code".to_owned(),
            ..Self::default()
        }
    }

    /// The step that asks for a passkey, or for a code of the authenticator app.
    pub fn strong(
        layout: Plain,
        kept: &Kept,
        strong: Strong,
        whom: Option<&str>,
        code: Field,
    ) -> Self {
        let deed = deed::words(kept, whom);
        let what = match (strong.has_passkey, strong.has_app) {
            (true, true) => {
                "Use a passkey, or type the six digits that your authenticator app shows now."
            }
            (true, false) => "Use a passkey.",
            _ => "Type the six digits that your authenticator app shows now.",
        };
        let text = format!(
            "You are about to {deed}. {what} Nothing is done yet, and what you typed is kept."
        );
        let label = if strong.has_app {
            "Code of the app, or a recovery code"
        } else {
            "A recovery code, if you do not have your passkey with you"
        };
        Self {
            layout,
            heading: PROOF_TITLE.to_owned(),
            text,
            action: "/proof/code".to_owned(),
            fields: kept.carried(),
            code: Some(code),
            app_label: label.to_owned(),
            app_looks: if strong.has_app { "123 456" } else { "" },
            has_passkey: strong.has_passkey,
            button: "Go on".to_owned(),
            ..Self::default()
        }
    }

    /// The second step; `whom` is the member whom it is about, if it is about one.
    pub fn code(layout: Plain, kept: &Kept, whom: Option<&str>, code: Field) -> Self {
        let deed = deed::words(kept, whom);
        Self {
            layout,
            heading: "Look into your mail".to_owned(),
            text: format!("A code is on its way. It works for ten minutes. With it you {deed}."),
            action: "/proof/code".to_owned(),
            fields: kept.carried(),
            code: Some(code),
            button: "Go on".to_owned(),
            again: "/proof".to_owned(),
            ..Self::default()
        }
    }

    /// The last step.
    pub fn go_on(layout: Plain, kept: &Kept, whom: Option<&str>) -> Self {
        let deed = deed::words(kept, whom);
        Self {
            layout,
            heading: "It is you".to_owned(),
            text: format!("With this button you {deed}."),
            action: kept.action().to_owned(),
            fields: kept.fields().to_vec(),
            button: "Do it now".to_owned(),
            ..Self::default()
        }
    }

    /// A form that was kept over another session: its person sends it with one press, and sees what it
    /// is; anybody else is told that it waits no longer.
    pub(crate) fn left(layout: Plain, kept: &Kept) -> Self {
        // Whom it is about would not be seen.
        let is_about_somebody = deed::whom(kept).is_some();
        if !kept.is_of(&layout.csrf) || kept.is_mute() || is_about_somebody {
            return Self::not_sent(layout, kept);
        }
        let (text, button) = match deed::told(kept) {
            Some(deed) => {
                (format!("This is not done yet. With this button you {deed}."), "Do it now")
            }
            None => ("What you typed before is kept, and not saved yet.".to_owned(), "Save it now"),
        };
        Self {
            layout,
            heading: "You are signed in".to_owned(),
            text,
            typed: kept.typed(),
            action: kept.action().to_owned(),
            fields: kept.fields().to_vec(),
            button: button.to_owned(),
            ..Self::default()
        }
    }

    /// What was typed is to be seen, and cannot be sent from here.
    fn not_sent(layout: Plain, kept: &Kept) -> Self {
        let is_theirs = kept.is_of(&layout.csrf);
        let (heading, text) = if kept.has_person() && !is_theirs {
            let text = "Somebody else filled in this form. Nothing of it was saved.";
            ("You are signed in as somebody else", text)
        } else {
            let text = "Nothing of it was saved. Open its page to do it there.";
            ("This form belongs to another session", text)
        };
        Self {
            layout,
            heading: heading.to_owned(),
            text: text.to_owned(),
            typed: kept.typed(),
            action: kept.page(),
            ..Self::default()
        }
    }
}

//! Sessions: a signed-in browser, and browsers that are remembered.
//!
//! A session ends one hour after it was last used and a day after it was opened. A browser that is
//! to be remembered gets a second cookie, `selector.validator`, with which it opens the next
//! session by itself for thirty days; all sessions of one such cookie are a *family*. The validator
//! changes at each use, so a copied cookie shows itself: whoever comes second with it ends the
//! family, and the owner is told by mail.

mod check;
mod end;
mod find;
mod open;
mod origin;
mod prove;
mod remember;

use domain::sign_in_policy::FirstFactor;
use store::Statement;

pub(crate) use check::SessionChecks;
pub use check::{CheckedSession, session_token};
pub(super) use end::{count, end_of_provider};
pub use end::{
    end_all_sessions, end_other_sessions, end_printed_sessions, end_session, forget_browser,
};
pub use find::{
    Browser, Session, Strong, find_session, hear_session, is_session_open, list_browsers,
    list_sessions, touch_session,
};
pub(super) use open::open_by;
pub use open::{NewSession, OpenSession, open_session};
pub(super) use origin::has_network;
pub use origin::{Origin, list_origins};
pub use prove::prove_session;
pub(super) use prove::{forget_second, mark_second, require_proven};
pub use remember::{Remembered, find_remembered, forget_remembered, use_remember};

/// How a person signed in: `amr` in the terms of OpenID Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A code from a mail.
    MailCode,
    /// A link from a mail.
    MailLink,
    /// A remembered browser.
    Remembered,
    /// A link printed by the server.
    PrintedLink,
    /// An invitation's link.
    Invitation,
    /// A password.
    Password,
    /// A passkey.
    Passkey,
    /// A provider of sign-ins.
    Provider,
}

impl Method {
    const ALL: [Self; 8] = [
        Self::MailCode,
        Self::MailLink,
        Self::Remembered,
        Self::PrintedLink,
        Self::Invitation,
        Self::Password,
        Self::Passkey,
        Self::Provider,
    ];

    /// The stable word, as stored.
    pub const fn as_str(self) -> &'static str {
        match self.first_factor() {
            Some(factor) => factor.as_str(),
            None => "remembered",
        }
    }

    /// What it is worth to a sign-in policy; none for a remembered browser, which stands for what was
    /// shown in it.
    pub const fn first_factor(self) -> Option<FirstFactor> {
        match self {
            Self::MailCode => Some(FirstFactor::MailCode),
            Self::MailLink => Some(FirstFactor::MailLink),
            Self::Remembered => None,
            Self::PrintedLink => Some(FirstFactor::PrintedLink),
            Self::Invitation => Some(FirstFactor::Invitation),
            Self::Password => Some(FirstFactor::Password),
            Self::Passkey => Some(FirstFactor::Passkey),
            Self::Provider => Some(FirstFactor::Provider),
        }
    }

    /// Whether it shows that the mailbox is theirs, so that a code by mail shows nothing more.
    pub const fn is_by_mail(self) -> bool {
        matches!(self, Self::MailCode | Self::MailLink | Self::Invitation)
    }
}

impl std::str::FromStr for Method {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|method| method.as_str() == text).ok_or(())
    }
}

pub use domain::sign_in_policy::SecondFactor as Second;

/// What a person has shown: both stay with a remembered browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factors {
    /// How they came in; never [`Method::Remembered`].
    pub first: Method,
    /// What they have shown besides, if they have.
    pub second: Option<Second>,
}

impl Factors {
    /// Whether something was shown that does not hang on the mailbox: a passkey, a code of an app, or
    /// what stands in for them.
    pub fn is_strong(self) -> bool {
        let strong = [Second::Totp, Second::RecoveryCode, Second::Passkey];
        self.first == Method::Passkey || self.second.is_some_and(|second| strong.contains(&second))
    }
}

pub(super) fn statements() -> Vec<Statement> {
    [
        end::STATEMENTS,
        find::STATEMENTS,
        open::STATEMENTS,
        origin::STATEMENTS,
        prove::STATEMENTS,
        remember::STATEMENTS,
    ]
    .concat()
}

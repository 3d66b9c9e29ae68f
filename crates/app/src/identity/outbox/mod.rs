//! The outbox: letters written in the transaction of the act they tell of, and sent after it.
//!
//! A letter is sealed. Whoever sends mail claims a few, hands each to the mail server and says what
//! became of it; a claim that was never answered runs out, so a letter is sent at least once.

mod blank;
mod deliver;
mod enqueue;

use domain::text::EmailAddress;
use store::Statement;

pub(super) use blank::NOBODY;
pub use deliver::{
    Claimed, ClaimedLetter, Failure, claim_due_letters, has_due_letters, mark_failed, mark_sent,
};
pub use enqueue::enqueue;
pub(super) use enqueue::enqueue_or_pretend;
pub(crate) use enqueue::{enqueue_as, take_back};

use crate::Error;

/// What a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterKind {
    /// A code and a link to sign in with; worthless after ten minutes.
    SignInCode,
    /// An invitation to a workspace.
    Invitation,
    /// A remember-me cookie was copied.
    RememberTheft,
    /// Something happened to the account.
    SecurityNotice,
    /// The second factors of a person have changed.
    FactorChanged,
    /// The operator takes somebody's second factors away.
    FactorReset,
    /// A password was set, changed, taken away, or guessed at.
    Password,
    /// Somebody may join by their mail domain.
    JoinOffer,
    /// Somebody has joined by their mail domain.
    Joined,
}

impl LetterKind {
    const ALL: [Self; 9] = [
        Self::SignInCode,
        Self::Invitation,
        Self::RememberTheft,
        Self::SecurityNotice,
        Self::FactorChanged,
        Self::FactorReset,
        Self::Password,
        Self::JoinOffer,
        Self::Joined,
    ];

    /// The stable word, as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignInCode => "sign_in_code",
            Self::Invitation => "invitation",
            Self::RememberTheft => "remember_theft",
            Self::SecurityNotice => "security_notice",
            Self::FactorChanged => "factor_changed",
            Self::FactorReset => "factor_reset",
            Self::Password => "password",
            Self::JoinOffer => "join_offer",
            Self::Joined => "joined",
        }
    }
}

impl std::str::FromStr for LetterKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// A mail of plain text.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    to: EmailAddress,
    subject: String,
    body: String,
}

impl Letter {
    /// Writes a letter. Lines of the body end in `\n`.
    ///
    /// Errors: [`Error::Invalid`] when the subject holds any control character (a line break would
    /// begin another header), or the body one that is not a line break.
    pub fn new(to: EmailAddress, subject: &str, body: &str) -> Result<Self, Error> {
        let breaks_header = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        if subject.chars().any(breaks_header) {
            return Err(control("subject"));
        }
        if body.chars().any(|c| c.is_control() && c != '\n') {
            return Err(control("body"));
        }
        Ok(Self { to, subject: subject.to_owned(), body: body.to_owned() })
    }

    /// Whom it is for.
    pub fn to(&self) -> &EmailAddress {
        &self.to
    }

    /// One line, without codes, links or names.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Plain text; lines end in `\n`.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// As it is sealed: address and subject cannot hold a line break.
    fn to_text(&self) -> String {
        format!("{}\n{}\n{}", self.to.as_str(), self.subject, self.body)
    }

    fn from_text(text: &str) -> Result<Self, Error> {
        let cut_short = || Error::bug("a stored letter is cut short");
        let (to, rest) = text.split_once('\n').ok_or_else(cut_short)?;
        let (subject, body) = rest.split_once('\n').ok_or_else(cut_short)?;
        let to = EmailAddress::parse(to).map_err(|_| cut_short())?;
        Self::new(to, subject, body)
    }
}

/// A letter holds codes and names; nothing of it belongs in a log.
impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({} bytes)", self.body.len())
    }
}

fn control(field: &'static str) -> Error {
    Error::invalid(field, "control_character", "A mail cannot hold control characters.")
}

pub(super) fn statements() -> Vec<Statement> {
    [deliver::STATEMENTS, enqueue::STATEMENTS].concat()
}

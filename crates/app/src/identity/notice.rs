//! Tell a person by mail what happened to their account, so that they can act when it was not they.
//!
//! A sign-in is told of when the browser has no mark of theirs (see [`super::known_device`]). The very
//! first one is not: it is no news to anybody. It is *suspicious* when codes were tried in vain right
//! before, by strangers, and it comes from a network that is in none of the person's sign-ins.

use domain::{day::Zone, ids::UserId};
use jiff::Timestamp;
use store::Statement;

use super::{
    known_device::is_device_of,
    letters,
    outbox::{self, LetterKind},
    person::get_address,
    policy::{KEEP_ENDED_US, QUOTA_SPAN_US, SUSPICIOUS_TRIES},
    session::{Method, Origin, has_network},
};
use crate::{DirectoryOp, Error, actor::Scope};

/// What a person is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// Somebody signed in as them in a browser that is new.
    NewDevice,
    /// The same, right after codes were tried in vain.
    SuspiciousSignIn {
        /// How many within the last hour.
        wrong_codes: i64,
    },
    /// The cookie of a remembered browser was used twice.
    SignInCopied,
    /// An API token was made in their name.
    TokenMade {
        /// What it is for.
        name: String,
        /// In which workspace.
        workspace: String,
        /// What it may do.
        scope: Scope,
        /// When it ends.
        expires_at: Timestamp,
    },
}

/// Writes the letter that tells a person of it, to the address they sign in with. Times in it are of
/// `zone`.
///
/// Errors: [`Error::NotFound`]. Audit: none; what happened has its own event.
pub fn notify(
    op: &mut DirectoryOp,
    user: UserId,
    happening: &Happening,
    origin: &Origin,
    zone: &Zone,
) -> Result<(), Error> {
    let (address, at) = (get_address(op, user)?, op.now());
    let letter = letters::security_notice(&address, happening, at, zone, origin)?;
    let kind = match happening {
        Happening::SignInCopied => LetterKind::RememberTheft,
        _ => LetterKind::SecurityNotice,
    };
    outbox::enqueue(op, kind, &letter)
}

/// Tells a person of a sign-in that is about to open a session, unless it is in a browser of theirs or
/// their first one.
pub(super) fn tell_of_sign_in(
    op: &mut DirectoryOp,
    user: UserId,
    origin: &Origin,
) -> Result<(), Error> {
    if let Some(mark) = &origin.mark
        && is_device_of(op, user, mark)?
    {
        return Ok(());
    }
    // Nobody has a zone before they are in a workspace: it is told in UTC.
    let wrong_codes = count_wrong_codes(op, user)?;
    if wrong_codes >= SUSPICIOUS_TRIES && !has_network(op, user, origin)? {
        let happening = Happening::SuspiciousSignIn { wrong_codes };
        return notify(op, user, &happening, origin, &Zone::UTC);
    }
    if is_first(op, user)? {
        return Ok(());
    }
    notify(op, user, &Happening::NewDevice, origin, &Zone::UTC)
}

/// Whether the person has never signed in with what shows who they are. Sessions are swept some days
/// after their end; who is there for longer than that has signed in before, as far as anybody knows.
fn is_first(op: &mut DirectoryOp, user: UserId) -> Result<bool, Error> {
    let values =
        [user.into(), (op.now_us() - KEEP_ENDED_US).into(), Method::PrintedLink.as_str().into()];
    Ok(op.optional(&FIND_NEW, &values)?.is_some())
}

/// Codes that browsers which are not known have tried in vain, within the span that quotas count over.
fn count_wrong_codes(op: &mut DirectoryOp, user: UserId) -> Result<i64, Error> {
    let values = [user.into(), (op.now_us() - QUOTA_SPAN_US).into()];
    Ok(op.one(&SUM_WRONG, &values)?.get(0)?)
}

/// Index `sessions_user`.
const FIND_NEW: Statement = Statement::new(
    "notice.find_new",
    "SELECT p.id FROM people p
     WHERE p.id = $1 AND p.created_at > $2
       AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = p.id AND s.method <> $3)",
);

/// Index `login_attempts_address`.
const SUM_WRONG: Statement = Statement::new(
    "notice.sum_wrong",
    "SELECT CAST(COALESCE(SUM(a.wrong_codes), 0) AS BIGINT)
     FROM people p JOIN login_attempts a ON a.address_index = p.address_index
     WHERE p.id = $1 AND a.is_known_device = 0 AND a.created_at > $2",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_NEW, SUM_WRONG];

//! Tell a person by mail what happened to their account, so that they can act when it was not they.
//!
//! A sign-in is told of when the browser has no mark of theirs (see [`super::known_device`]). The very
//! first one is not: it is no news to anybody. It is *suspicious* when codes or passwords were tried in
//! vain within the day before, by strangers, and it comes from a network that is in none of the person's
//! sign-ins.

use domain::{day::Zone, ids::UserId, text::EmailAddress};
use jiff::Timestamp;
use store::Statement;

use super::{
    address::held_addresses,
    letters,
    lockout::{self, Crossed},
    marks::is_browser_of,
    outbox::{self, LetterKind},
    person::{NOBODY, get_address, get_zone, index_of},
    policy::{KEEP_ENDED_US, SUSPICIOUS_TRIES, SUSPICIOUS_WITHIN_US},
    session::{Origin, has_network},
};
use crate::{DirectoryOp, Error, actor::Scope};

/// What a person is told of their passkeys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasskeyNews {
    /// One was added; what its person calls it.
    Added(String),
    /// One was removed; what its person called it.
    Removed(String),
    /// One answered whose counter had gone back: there are two of it.
    Copied(String),
    /// Whether one is asked for after every other way in, from now on.
    Always(bool),
}

/// What a person is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// Somebody signed in as them in a browser that is new.
    NewDevice,
    /// The same, after codes or passwords were tried in vain.
    SuspiciousSignIn {
        /// How many shortly before.
        wrong_tries: i64,
    },
    /// The cookie of a remembered browser was used twice.
    SignInCopied,
    /// How they sign in has changed.
    Changed(FactorChange),
    /// Guesses were stopped.
    LockedOut(LockedOut),
    /// Their address is about to change, or has changed.
    Address(AddressStep),
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
    /// Something about their passkeys.
    Passkey(PasskeyNews),
    /// What became of a reset of their second factors.
    Reset(ResetStep),
}

/// What became of a reset that was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetStep {
    /// They, or an owner, stopped it.
    Stopped,
    /// It was due, and the owner who had asked for it could ask for it no longer.
    Dropped,
    /// The second factors are gone.
    Done,
}

/// What has changed about how a person signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactorChange {
    /// There is a password where there was none.
    PasswordSet,
    /// There is another password.
    PasswordChanged,
    /// There is no password any more.
    PasswordRemoved,
    /// An authenticator app was set up.
    AppAdded {
        /// As its person calls it.
        name: String,
    },
    /// An authenticator app was removed.
    AppRemoved {
        /// As its person calls it.
        name: String,
        /// Whether there is another one.
        is_app_left: bool,
        /// Whether there is a passkey.
        is_passkey_left: bool,
    },
    /// There are new recovery codes.
    CodesMade,
    /// A recovery code was used up.
    CodeUsed {
        /// How many are left.
        left: i64,
    },
    /// A code by mail is the second step, or no longer.
    MailStep {
        /// Whether it is.
        is_on: bool,
    },
    /// An account at a provider signs them in, or no longer.
    Provider {
        /// Whether it does.
        is_on: bool,
    },
}

/// How far a change of address has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressStep {
    /// Another address was asked for: told at the one there is.
    Asked {
        /// Where that is stopped.
        link: String,
    },
    /// Another address is theirs: told at the one before.
    GivenUp {
        /// Where that is taken back.
        link: String,
    },
    /// Another address is theirs: told there.
    Changed,
    /// A change was stopped or taken back: told at the address that stays.
    Stopped {
        /// Whether it was carried out, and so taken back; else it was only withdrawn.
        was_changed: bool,
    },
    /// A change was taken back: told at the address that is theirs no longer.
    TakenBack,
}

/// Where guesses were stopped, and how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockedOut {
    /// At their password.
    Password(Crossed),
    /// At their second step.
    Second(Crossed),
    /// At the codes by mail that are their second step.
    MailedSecond(Crossed),
    /// At the codes by mail that sign in.
    Codes(Crossed),
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
    outbox::enqueue(op, kind_of(happening), &letter)
}

fn kind_of(happening: &Happening) -> LetterKind {
    use FactorChange::{PasswordChanged, PasswordRemoved, PasswordSet};
    match happening {
        Happening::SignInCopied => LetterKind::RememberTheft,
        Happening::Changed(PasswordSet | PasswordChanged | PasswordRemoved)
        | Happening::LockedOut(LockedOut::Password(_)) => LetterKind::Password,
        Happening::Changed(_)
        | Happening::LockedOut(LockedOut::Second(_) | LockedOut::MailedSecond(_)) => {
            LetterKind::FactorChanged
        }
        Happening::Reset(_) => LetterKind::FactorReset,
        _ => LetterKind::SecurityNotice,
    }
}

/// As [`notify`], in the person's own zone, and also to addresses that are theirs no longer and held for
/// them: what changes about their sign-in is told to the old address and the new one.
pub(super) fn tell(
    op: &mut DirectoryOp,
    user: UserId,
    happening: &Happening,
    origin: &Origin,
) -> Result<(), Error> {
    let address = get_address(op, user)?;
    tell_at(op, user, &address, happening, origin)?;
    for held in held_addresses(op, user)? {
        tell_at(op, user, &held, happening, origin)?;
    }
    Ok(())
}

/// Writes the letter about a person to this address, in the person's own zone.
pub(super) fn tell_at(
    op: &mut DirectoryOp,
    user: UserId,
    to: &EmailAddress,
    happening: &Happening,
    origin: &Origin,
) -> Result<(), Error> {
    let (zone, at) = (get_zone(op, user)?, op.now());
    let letter = letters::security_notice(to, happening, at, &zone, origin)?;
    outbox::enqueue(op, kind_of(happening), &letter)
}

/// Writes the letter about whoever has an address, and does the same work where nobody has it.
pub(super) fn tell_or_pretend(
    op: &mut DirectoryOp,
    user: Option<UserId>,
    to: &EmailAddress,
    happening: &Happening,
    origin: &Origin,
) -> Result<(), Error> {
    let (zone, at) = (get_zone(op, user.unwrap_or(NOBODY))?, op.now());
    let letter = letters::security_notice(to, happening, at, &zone, origin)?;
    outbox::enqueue_or_pretend(op, kind_of(happening), &letter, user.is_some())
}

/// Tells a person of a sign-in that is about to open a session, unless it is in a browser of theirs or
/// their first one.
pub(super) fn tell_of_sign_in(
    op: &mut DirectoryOp,
    user: UserId,
    origin: &Origin,
) -> Result<(), Error> {
    if is_browser_of(op, user, origin)? {
        return Ok(());
    }
    let (wrong_tries, zone) = (count_wrong_tries(op, user)?, get_zone(op, user)?);
    if wrong_tries >= SUSPICIOUS_TRIES && !has_network(op, user, origin)? {
        let happening = Happening::SuspiciousSignIn { wrong_tries };
        return notify(op, user, &happening, origin, &zone);
    }
    if is_first(op, user)? {
        return Ok(());
    }
    notify(op, user, &Happening::NewDevice, origin, &zone)
}

/// Whether the person has never signed in, in whatever way: whom a printed link has let in before is told
/// of the next browser, since either of the two may be a stranger's. Sessions are swept some days after
/// their end; who is there for longer than that has signed in before, as far as anybody knows.
fn is_first(op: &mut DirectoryOp, user: UserId) -> Result<bool, Error> {
    let values = [user.into(), (op.now_us() - KEEP_ENDED_US).into()];
    Ok(op.optional(&FIND_NEW, &values)?.is_some())
}

/// What browsers which are not known have tried in vain: codes by mail that sign in, passwords and second
/// steps.
fn count_wrong_tries(op: &mut DirectoryOp, user: UserId) -> Result<i64, Error> {
    let account = index_of(op, user)?;
    let since = op.now_us() - SUSPICIOUS_WITHIN_US;
    let codes: i64 = op.one(&SUM_WRONG, &[account.into(), since.into()])?.get(0)?;
    Ok(codes + lockout::count_of_strangers(op, account)?)
}

/// Index `sessions_user`.
const FIND_NEW: Statement = Statement::new(
    "notice.find_new",
    "SELECT p.id FROM people p
     WHERE p.id = $1 AND p.created_at > $2
       AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = p.id)",
);

/// Index `login_attempts_address`.
const SUM_WRONG: Statement = Statement::new(
    "notice.sum_wrong",
    "SELECT CAST(COALESCE(SUM(wrong_codes), 0) AS BIGINT) FROM login_attempts
     WHERE address_index = $1 AND is_known_device = 0 AND created_at > $2",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_NEW, SUM_WRONG];

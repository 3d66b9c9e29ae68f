//! Lock-out: how often somebody may guess, without anybody locking out whom they guess at.
//!
//! | counted for | free | then | in the end |
//! |---|---|---|---|
//! | an account, all unknown browsers together | 5 | 30 s, doubled each time, up to an hour | at 100 it works in no unknown browser until its owner lets it again |
//! | an account, each known browser for itself | 10 | | the browser is known no longer |
//! | a network, from unknown browsers | 60 an hour | | |
//!
//! Passwords, codes of an authenticator app and codes by mail as the second step have such a count each.
//! Codes by mail that sign in are another one each time and fifteen an hour ([`super::sign_in`]): they
//! wait for nothing besides, and a hundred of them are counted here too. That hundred begins anew when none
//! was counted for thirty days ([`super::sweep`]), and by nothing else: strangers would see when somebody
//! signs in, and whether anybody can. The hundred of codes by mail at the second step, which only who has the
//! first one sees, begins anew when its person has signed in ([`begin_anew`]). Recovery codes have 80 bits,
//! which nobody guesses: no account counts them, so that nobody takes them away from their person.
//! What somebody who is signed in types as a fresh proof is counted for their login, like a known browser.
//!
//! A guess is counted before it is looked at, in a transaction of its own where looking takes long, and
//! given back when it was right: guesses that come at once cannot be more than the count allows.
//! Accounts are their address's blind index, so that one which nobody has is counted and answered as any
//! other.
//!
//! Whoever is right also gets back what they have mistyped in the same browser before, and nothing else:
//! the hundreds of passwords and of codes of an app do not begin anew because the owner signs in every
//! morning.

mod hour;

use store::{Row, Statement, Value};

pub(super) use hour::{book_hour, book_network, book_unworked, give_network_back, has_unworked};

use super::policy::{
    FIRST_WAIT_US, FREE_GUESSES, GUESSES_FORGOTTEN_US, LONGEST_WAIT_US, MOST_GUESSES,
    MOST_GUESSES_OF_DEVICE, QUOTA_SPAN_US,
};
use crate::{DirectoryOp, Error, identity::secret::codes_mac};

/// All unknown browsers together.
const UNKNOWN: [u8; 32] = [0; 32];

/// What is guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guessed {
    /// A password.
    Password,
    /// A code of an authenticator app.
    AppCode,
    /// A code by mail as the second step.
    MailedCode,
    /// A code by mail that signs in.
    SignInCode,
    /// A recovery code.
    RecoveryCode,
}

impl Guessed {
    /// The word under which an account is counted.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::AppCode => "app-code",
            Self::MailedCode => "mailed-code",
            Self::SignInCode => "sign-in-code",
            Self::RecoveryCode => "recovery-code",
        }
    }

    /// The word under which a browser's own mistakes are counted, for what is given back: codes that sign
    /// in are not.
    const fn mistakes(self) -> Option<&'static str> {
        match self {
            Self::Password => Some("password-mistakes"),
            Self::AppCode => Some("app-code-mistakes"),
            Self::MailedCode => Some("mailed-code-mistakes"),
            Self::RecoveryCode => Some("recovery-code-mistakes"),
            Self::SignInCode => None,
        }
    }

    /// The word under which networks are counted: one for all that follows the first factor.
    const fn network(self) -> &'static str {
        match self {
            Self::Password => "password-network",
            Self::SignInCode => "sign-in-code-network",
            Self::AppCode | Self::MailedCode | Self::RecoveryCode => "second-network",
        }
    }

    /// How many may be wrong in unknown browsers until it works there no longer.
    const fn most(self) -> Option<i64> {
        match self {
            Self::Password | Self::AppCode | Self::MailedCode | Self::SignInCode => {
                Some(MOST_GUESSES)
            }
            Self::RecoveryCode => None,
        }
    }

    /// Whether the next guess waits after several wrong ones.
    const fn makes_wait(self) -> bool {
        !matches!(self, Self::SignInCode)
    }

    /// Whether so many were wrong that it works in unknown browsers no longer.
    fn is_off_after(self, total: i64) -> bool {
        self.most().is_some_and(|most| total >= most)
    }

    /// What somebody is told once it is.
    pub(super) const fn off(self) -> Locked {
        match self {
            Self::MailedCode => Locked::MailOff,
            _ => Locked::Off,
        }
    }
}

/// Where a guess comes from.
#[derive(Clone, Copy)]
pub(super) enum From {
    /// A browser in which this person has signed in before, by the hash of its mark; or a login of
    /// theirs ([`login_of`]).
    Known([u8; 32]),
    /// Any other, by the hash of its login cookie.
    Unknown([u8; 32]),
}

/// Who is guessed at, what, and from where.
#[derive(Clone, Copy)]
pub(super) struct Aim {
    /// The blind index of the address.
    pub(super) account: [u8; 32],
    pub(super) guessed: Guessed,
    pub(super) from: From,
}

/// What a wrong guess brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crossed {
    /// The first wait.
    Waits,
    /// It works in no unknown browser any more.
    Off,
    /// The browser is known no longer.
    Device,
}

impl Crossed {
    /// The word that is recorded.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::Off => "off",
            Self::Device => "device",
        }
    }
}

/// Why a guess is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locked {
    /// It came too early.
    Wait {
        /// How long to wait, in seconds.
        wait_s: i64,
    },
    /// It works in no unknown browser.
    Off,
    /// The same of codes by mail as the second step.
    MailOff,
    /// Too many were wrong in this known browser, or in this login.
    Here,
}

/// What became of a guess before it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Booked {
    /// It counts as wrong until it is given back.
    Taken {
        /// What it brings about when it is wrong.
        crossed: Option<Crossed>,
        /// How many more may be wrong until no more is looked at; none where waiting always helps.
        left: Option<i64>,
    },
    /// It is not looked at: too many came before it.
    Locked(Locked),
}

/// A row of `lockouts`.
#[derive(Default)]
struct Count {
    failures: i64,
    total: i64,
    free_at: i64,
    seen_at: i64,
}

impl Count {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            failures: row.get(0)?,
            total: row.get(1)?,
            free_at: row.get(2)?,
            seen_at: row.get(3)?,
        })
    }

    /// Whether the hour it counts over has gone by; one that ends later than any was begun by a clock that
    /// was ahead.
    const fn is_hour_over(&self, now: i64) -> bool {
        self.free_at <= now || self.free_at > now + QUOTA_SPAN_US
    }

    /// With one more wrong guess.
    fn and_one(self, now: i64) -> Self {
        let is_old = now.saturating_sub(self.seen_at) >= GUESSES_FORGOTTEN_US;
        let failures = if is_old { 1 } else { self.failures + 1 };
        Self { failures, total: self.total + 1, free_at: now + wait_us(failures), seen_at: now }
    }
}

/// How long the next guess waits after so many wrong ones.
fn wait_us(failures: i64) -> i64 {
    let Some(doublings) = failures.checked_sub(FREE_GUESSES).filter(|n| *n >= 0) else {
        return 0;
    };
    let factor = u32::try_from(doublings).ok().and_then(|n| 1_i64.checked_shl(n));
    let wait = factor.filter(|factor| *factor > 0).and_then(|f| FIRST_WAIT_US.checked_mul(f));
    wait.map_or(LONGEST_WAIT_US, |wait| wait.min(LONGEST_WAIT_US))
}

/// What the guesses of somebody who is signed in are counted by: a remembered browser opens session
/// after session, and has no more guesses for that.
///
/// Errors: [`Error::Bug`] from the vault.
pub(super) fn login_of(op: &mut DirectoryOp, login: uuid::Uuid) -> Result<From, Error> {
    codes_mac(op, "password-device", login.as_bytes()).map(From::Known)
}

/// Counts a guess as wrong, before it is looked at.
///
/// Errors: [`Error::Store`].
pub(super) fn book(op: &mut DirectoryOp, aim: Aim) -> Result<Booked, Error> {
    let now = op.now_us();
    let (device, browser) = aim.from.keys();
    if device == UNKNOWN && aim.guessed.most().is_none() {
        return Ok(Booked::Taken { crossed: None, left: None });
    }
    let count = find(op, aim.account, aim.guessed.as_str(), device)?;
    if let Some(locked) = locked(aim, &count, now) {
        let values = key(aim.account, aim.guessed.as_str(), device);
        op.execute(&REFUSE, &values)?;
        if let Some(mistakes) = aim.guessed.mistakes() {
            op.execute(&REFUSE, &key(aim.account, mistakes, browser))?;
        }
        return Ok(Booked::Locked(locked));
    }
    let is_known = matches!(aim.from, From::Known(_));
    // In a known browser nothing is forgotten but by the right one.
    let seen_at = if is_known { now } else { count.seen_at };
    let count = Count { seen_at, ..count }.and_one(now);
    put(op, aim.account, aim.guessed.as_str(), device, &count)?;
    if let Some(kind) = aim.guessed.mistakes() {
        let mistakes = find(op, aim.account, kind, browser)?;
        let mistakes = Count { seen_at: now, ..mistakes }.and_one(now);
        put(op, aim.account, kind, browser, &mistakes)?;
    }
    Ok(Booked::Taken { crossed: crossed(aim, &count), left: left(aim, &count) })
}

impl From {
    /// The count it belongs to, and the browser itself.
    const fn keys(self) -> ([u8; 32], [u8; 32]) {
        match self {
            Self::Known(device) => (device, device),
            Self::Unknown(browser) => (UNKNOWN, browser),
        }
    }
}

fn locked(aim: Aim, count: &Count, now: i64) -> Option<Locked> {
    if matches!(aim.from, From::Known(_)) {
        return (count.failures >= MOST_GUESSES_OF_DEVICE).then_some(Locked::Here);
    }
    if aim.guessed.is_off_after(count.total) {
        return Some(aim.guessed.off());
    }
    // A wait that is longer than any was written by a clock that was ahead.
    let waits = count.free_at > now && count.free_at <= now.saturating_add(LONGEST_WAIT_US);
    let waits = waits && aim.guessed.makes_wait();
    waits.then(|| Locked::Wait { wait_s: (count.free_at - now) / 1_000_000 + 1 })
}

fn crossed(aim: Aim, count: &Count) -> Option<Crossed> {
    if matches!(aim.from, From::Known(_)) {
        (count.failures == MOST_GUESSES_OF_DEVICE).then_some(Crossed::Device)
    } else if aim.guessed.is_off_after(count.total) {
        Some(Crossed::Off)
    } else {
        let begins = aim.guessed.makes_wait() && count.failures == FREE_GUESSES;
        begins.then_some(Crossed::Waits)
    }
}

fn left(aim: Aim, count: &Count) -> Option<i64> {
    match aim.from {
        From::Known(_) => Some(MOST_GUESSES_OF_DEVICE - count.failures),
        From::Unknown(_) => aim.guessed.most().map(|most| most - count.total),
    }
}

/// Gives a guess back that was right, and with it what was mistyped in the same browser before.
///
/// Errors: [`Error::Store`].
pub(super) fn give_back(op: &mut DirectoryOp, aim: Aim) -> Result<(), Error> {
    let (device, browser) = aim.from.keys();
    let Some(kind) = aim.guessed.mistakes() else { return Ok(()) };
    let mistakes = find(op, aim.account, kind, browser)?;
    let mut values = key(aim.account, aim.guessed.as_str(), device);
    values.extend([mistakes.failures.into(), FREE_GUESSES.into()]);
    op.execute(&GIVE_BACK, &values)?;
    op.execute(&DELETE, &key(aim.account, kind, browser))?;
    Ok(())
}

/// Forgets all guesses at an account: its owner has bound it anew.
///
/// Errors: [`Error::Store`].
pub(super) fn clear(
    op: &mut DirectoryOp,
    account: [u8; 32],
    guessed: Guessed,
) -> Result<(), Error> {
    for kind in [Some(guessed.as_str()), guessed.mistakes()].into_iter().flatten() {
        op.execute(&CLEAR, &[account.into(), kind.into()])?;
    }
    Ok(())
}

/// Forgets how many codes by mail were wrong in all at the second step: their person has signed in. The
/// waits go on.
///
/// Errors: [`Error::Store`].
pub(super) fn begin_anew(op: &mut DirectoryOp, account: [u8; 32]) -> Result<(), Error> {
    op.execute(&BEGIN_ANEW, &[account.into(), UNKNOWN.into()]).map(drop)
}

/// How many passwords and second steps were wrong lately, all unknown browsers together.
///
/// Errors: [`Error::Store`].
pub(super) fn count_of_strangers(op: &mut DirectoryOp, account: [u8; 32]) -> Result<i64, Error> {
    let since = op.now_us() - GUESSES_FORGOTTEN_US;
    Ok(op.one(&SUM_OF_STRANGERS, &[account.into(), UNKNOWN.into(), since.into()])?.get(0)?)
}

/// Whether so many guesses were wrong that it works in no unknown browser.
///
/// Errors: [`Error::Store`].
pub(super) fn is_off(
    op: &mut DirectoryOp,
    account: [u8; 32],
    guessed: Guessed,
) -> Result<bool, Error> {
    Ok(guessed.is_off_after(find(op, account, guessed.as_str(), UNKNOWN)?.total))
}

/// Whether so many were wrong in a known browser that it is known no longer.
///
/// Errors: [`Error::Store`].
pub(super) fn is_worn(
    op: &mut DirectoryOp,
    account: [u8; 32],
    device: [u8; 32],
) -> Result<bool, Error> {
    let values = [account.into(), device.into(), MOST_GUESSES_OF_DEVICE.into()];
    Ok(op.optional(&FIND_WORN, &values)?.is_some())
}

fn find(
    op: &mut DirectoryOp,
    account: [u8; 32],
    kind: &'static str,
    device: [u8; 32],
) -> Result<Count, Error> {
    let row = op.optional(&FIND, &key(account, kind, device))?;
    row.as_ref().map_or_else(|| Ok(Count::default()), Count::read)
}

fn put(
    op: &mut DirectoryOp,
    account: [u8; 32],
    kind: &'static str,
    device: [u8; 32],
    count: &Count,
) -> Result<(), Error> {
    let mut values = key(account, kind, device);
    values.extend([
        count.failures.into(),
        count.total.into(),
        count.free_at.into(),
        count.seen_at.into(),
    ]);
    op.execute(&PUT, &values)?;
    Ok(())
}

fn key(account: [u8; 32], kind: &'static str, device: [u8; 32]) -> Vec<Value> {
    vec![account.into(), kind.into(), device.into()]
}

/// The primary key.
const FIND: Statement = Statement::new(
    "lockout.find",
    "SELECT failures, total, free_at, seen_at FROM lockouts
     WHERE account_index = $1 AND kind = $2 AND device = $3",
);

const PUT: Statement = Statement::new(
    "lockout.put",
    "INSERT INTO lockouts
         (account_index, kind, device, failures, total, refused, free_at, seen_at)
     VALUES ($1, $2, $3, $4, $5, 0, $6, $7)
     ON CONFLICT (account_index, kind, device) DO UPDATE
     SET failures = excluded.failures, total = excluded.total, free_at = excluded.free_at,
         seen_at = excluded.seen_at",
);

const REFUSE: Statement = Statement::new(
    "lockout.refuse",
    "UPDATE lockouts SET refused = refused + 1
     WHERE account_index = $1 AND kind = $2 AND device = $3",
);

/// Others may have guessed meanwhile: what they did stays counted.
const GIVE_BACK: Statement = Statement::new(
    "lockout.give_back",
    "UPDATE lockouts
     SET failures = CASE WHEN failures > $4 THEN failures - $4 ELSE 0 END,
         total = CASE WHEN total > $4 THEN total - $4 ELSE 0 END,
         free_at = CASE WHEN failures - $4 < $5 THEN 0 ELSE free_at END
     WHERE account_index = $1 AND kind = $2 AND device = $3",
);

const DELETE: Statement = Statement::new(
    "lockout.delete",
    "DELETE FROM lockouts WHERE account_index = $1 AND kind = $2 AND device = $3",
);

const CLEAR: Statement =
    Statement::new("lockout.clear", "DELETE FROM lockouts WHERE account_index = $1 AND kind = $2");

const BEGIN_ANEW: Statement = Statement::new(
    "lockout.begin_anew",
    "UPDATE lockouts SET total = 0
     WHERE account_index = $1 AND kind = 'mailed-code' AND device = $2",
);

/// The primary key.
const SUM_OF_STRANGERS: Statement = Statement::new(
    "lockout.sum_of_strangers",
    "SELECT CAST(COALESCE(SUM(failures), 0) AS BIGINT) FROM lockouts
     WHERE account_index = $1 AND kind IN ('password', 'app-code', 'mailed-code')
       AND device = $2 AND seen_at > $3",
);

/// The primary key.
const FIND_WORN: Statement = Statement::new(
    "lockout.find_worn",
    "SELECT kind FROM lockouts
     WHERE account_index = $1 AND kind IN ('password', 'app-code', 'mailed-code')
       AND device = $2 AND failures >= $3
     LIMIT 1",
);

pub(super) const STATEMENTS: &[Statement] =
    &[FIND, PUT, REFUSE, GIVE_BACK, DELETE, CLEAR, BEGIN_ANEW, SUM_OF_STRANGERS, FIND_WORN];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let seconds: Vec<i64> = (3..15).map(|failures| wait_us(failures) / 1_000_000).collect();
        let expected = [0, 0, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600];
        assert_eq!(seconds, expected);
        assert_eq!(wait_us(i64::MAX), LONGEST_WAIT_US);
        assert_eq!(wait_us(70), LONGEST_WAIT_US);
    }
}

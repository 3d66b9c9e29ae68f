//! Lock-out: how often somebody may guess, without anybody locking out whom they guess at.
//!
//! | counted for | free | then | in the end |
//! |---|---|---|---|
//! | an account, all unknown browsers together | 5 | 30 s, doubled each time, up to an hour | at 100 it works in no unknown browser until its owner lets it again |
//! | an account, each known browser for itself | 10 | | the browser is known no longer |
//!
//! A guess is counted before it is looked at, in a transaction of its own, and given back when it was
//! right: guesses that come at once cannot be more than the count allows. Accounts are their address's
//! blind index, so that one which nobody has is counted and answered as any other.
//!
//! Whoever is right also gets back what they have mistyped in the same browser before.

use store::{Row, Statement, Value};

use super::policy::{
    FIRST_WAIT_US, FREE_GUESSES, GUESSES_FORGOTTEN_US, LONGEST_WAIT_US, MOST_GUESSES,
    MOST_GUESSES_OF_DEVICE, MOST_GUESSES_OF_NETWORK, QUOTA_SPAN_US,
};
use crate::{DirectoryOp, Error};

/// All unknown browsers together.
const UNKNOWN: [u8; 32] = [0; 32];

/// What is guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guessed {
    /// A password.
    Password,
}

impl Guessed {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
        }
    }

    /// The word under which a browser's own mistakes are counted.
    const fn mistakes(self) -> &'static str {
        match self {
            Self::Password => "password-mistakes",
        }
    }

    /// The word under which networks are counted.
    const fn network(self) -> &'static str {
        match self {
            Self::Password => "password-network",
        }
    }
}

/// Where a guess comes from.
#[derive(Clone, Copy)]
pub(super) enum From {
    /// A browser in which this person has signed in before, by the hash of its mark; or a session of
    /// theirs, by its id.
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
pub(super) enum Crossed {
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

/// What became of a guess before it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Booked {
    /// It counts as wrong until it is given back.
    Taken(Option<Crossed>),
    /// It is not looked at: too many came before it.
    Locked,
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

/// Counts a guess as wrong, before it is looked at.
///
/// Errors: [`Error::Store`].
pub(super) fn book(op: &mut DirectoryOp, aim: Aim) -> Result<Booked, Error> {
    let now = op.now_us();
    let (device, browser) = match aim.from {
        From::Known(device) => (device, device),
        From::Unknown(browser) => (UNKNOWN, browser),
    };
    let count = find(op, aim.account, aim.guessed.as_str(), device)?;
    let is_known = matches!(aim.from, From::Known(_));
    let is_locked = if is_known {
        count.failures >= MOST_GUESSES_OF_DEVICE
    } else {
        // A wait that is longer than any was written by a clock that was ahead.
        let waits = count.free_at > now && count.free_at <= now.saturating_add(LONGEST_WAIT_US);
        waits || count.total >= MOST_GUESSES
    };
    if is_locked {
        let values = key(aim.account, aim.guessed.as_str(), device);
        op.execute(&REFUSE, &values)?;
        op.execute(&REFUSE, &key(aim.account, aim.guessed.mistakes(), browser))?;
        return Ok(Booked::Locked);
    }
    // In a known browser nothing is forgotten but by the right one.
    let seen_at = if is_known { now } else { count.seen_at };
    let count = Count { seen_at, ..count }.and_one(now);
    put(op, aim.account, aim.guessed.as_str(), device, &count)?;
    let mistakes = find(op, aim.account, aim.guessed.mistakes(), browser)?;
    let mistakes = Count { seen_at: now, ..mistakes }.and_one(now);
    put(op, aim.account, aim.guessed.mistakes(), browser, &mistakes)?;
    Ok(Booked::Taken(crossed(is_known, &count)))
}

fn crossed(is_known: bool, count: &Count) -> Option<Crossed> {
    if is_known {
        (count.failures == MOST_GUESSES_OF_DEVICE).then_some(Crossed::Device)
    } else if count.total == MOST_GUESSES {
        Some(Crossed::Off)
    } else {
        (count.failures == FREE_GUESSES).then_some(Crossed::Waits)
    }
}

/// Gives a guess back that was right, and with it what was mistyped in the same browser before.
///
/// Errors: [`Error::Store`].
pub(super) fn give_back(op: &mut DirectoryOp, aim: Aim) -> Result<(), Error> {
    let (device, browser) = match aim.from {
        From::Known(device) => (device, device),
        From::Unknown(browser) => (UNKNOWN, browser),
    };
    let mistakes = find(op, aim.account, aim.guessed.mistakes(), browser)?;
    let mut values = key(aim.account, aim.guessed.as_str(), device);
    values.extend([mistakes.failures.into(), FREE_GUESSES.into()]);
    op.execute(&GIVE_BACK, &values)?;
    op.execute(&DELETE, &key(aim.account, aim.guessed.mistakes(), browser))?;
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
    for kind in [guessed.as_str(), guessed.mistakes()] {
        op.execute(&CLEAR, &[account.into(), kind.into()])?;
    }
    Ok(())
}

/// Whether so many guesses were wrong that it works in no unknown browser.
///
/// Errors: [`Error::Store`].
pub(super) fn is_off(
    op: &mut DirectoryOp,
    account: [u8; 32],
    guessed: Guessed,
) -> Result<bool, Error> {
    Ok(find(op, account, guessed.as_str(), UNKNOWN)?.total >= MOST_GUESSES)
}

/// Whether so many were wrong in a known browser that it is known no longer.
///
/// Errors: [`Error::Store`].
pub(super) fn is_worn(
    op: &mut DirectoryOp,
    account: [u8; 32],
    device: [u8; 32],
) -> Result<bool, Error> {
    let count = find(op, account, Guessed::Password.as_str(), device)?;
    Ok(count.failures >= MOST_GUESSES_OF_DEVICE)
}

/// Counts a guess from unknown browsers of a network.
///
/// Errors: [`Error::Store`]; none when there were too many, which is the answer: how long to wait, in
/// seconds.
pub(super) fn book_network(
    op: &mut DirectoryOp,
    network: [u8; 32],
    guessed: Guessed,
) -> Result<Option<i64>, Error> {
    let now = op.now_us();
    let found = find(op, network, guessed.network(), UNKNOWN)?;
    let is_over = found.free_at <= now || found.free_at > now + QUOTA_SPAN_US;
    let count = if is_over {
        Count { free_at: now + QUOTA_SPAN_US, seen_at: now, ..Count::default() }
    } else {
        found
    };
    if count.failures >= MOST_GUESSES_OF_NETWORK {
        return Ok(Some((count.free_at - now) / 1_000_000 + 1));
    }
    let count = Count { failures: count.failures + 1, ..count };
    put(op, network, guessed.network(), UNKNOWN, &count)?;
    Ok(None)
}

/// Gives a network its guess back.
///
/// Errors: [`Error::Store`].
pub(super) fn give_network_back(
    op: &mut DirectoryOp,
    network: [u8; 32],
    guessed: Guessed,
) -> Result<(), Error> {
    let mut values = key(network, guessed.network(), UNKNOWN);
    // The hour goes on.
    values.extend([1_i64.into(), 0_i64.into()]);
    op.execute(&GIVE_BACK, &values)?;
    Ok(())
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

pub(super) const STATEMENTS: &[Statement] = &[FIND, PUT, REFUSE, GIVE_BACK, DELETE, CLEAR];

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

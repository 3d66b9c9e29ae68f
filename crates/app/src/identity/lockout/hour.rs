//! What may be done so often in an hour: guesses from a network, passwords without work, letters.

use super::{Count, GIVE_BACK, Guessed, UNKNOWN, find, key, put};
use crate::{
    DirectoryOp, Error,
    identity::{
        policy::{MOST_GUESSES_OF_NETWORK, MOST_UNWORKED_OF_NETWORK, QUOTA_SPAN_US},
        secret::codes_mac,
    },
};

/// The word under which passwords without work are counted.
const UNWORKED: &str = "unworked-network";

/// Counts a guess from unknown browsers of a network: the IPv4 address or the IPv6 /64, as text.
///
/// Errors: [`Error::Store`]; none when there were too many, which is the answer: how long to wait, in
/// seconds.
pub(in crate::identity) fn book_network(
    op: &mut DirectoryOp,
    network: &str,
    guessed: Guessed,
) -> Result<Option<i64>, Error> {
    let network = network_index(op, network)?;
    book_hour(op, network, guessed.network(), MOST_GUESSES_OF_NETWORK)
}

/// Whether a network has a password left that comes without the work that was asked for, and that the alarm
/// counts. They are counted apart, so that nobody takes guesses from others of their network for free.
///
/// Errors: [`Error::Store`].
pub(in crate::identity) fn has_unworked(
    op: &mut DirectoryOp,
    network: &str,
) -> Result<bool, Error> {
    let (network, now) = (network_index(op, network)?, op.now_us());
    let found = find(op, network, UNWORKED, UNKNOWN)?;
    Ok(found.is_hour_over(now) || found.failures < MOST_UNWORKED_OF_NETWORK)
}

/// Counts one; whether the network had one left.
///
/// Errors: [`Error::Store`].
pub(in crate::identity) fn book_unworked(
    op: &mut DirectoryOp,
    network: &str,
) -> Result<bool, Error> {
    let network = network_index(op, network)?;
    Ok(book_hour(op, network, UNWORKED, MOST_UNWORKED_OF_NETWORK)?.is_none())
}

/// Counts one more of something that an account may do so often in an hour; how long to wait, in seconds,
/// when it was done too often.
///
/// Errors: [`Error::Store`].
pub(in crate::identity) fn book_hour(
    op: &mut DirectoryOp,
    account: [u8; 32],
    kind: &'static str,
    most: i64,
) -> Result<Option<i64>, Error> {
    let now = op.now_us();
    let found = find(op, account, kind, UNKNOWN)?;
    let count = if found.is_hour_over(now) {
        Count { free_at: now + QUOTA_SPAN_US, seen_at: now, ..Count::default() }
    } else {
        found
    };
    if count.failures >= most {
        return Ok(Some((count.free_at - now) / 1_000_000 + 1));
    }
    let count = Count { failures: count.failures + 1, ..count };
    put(op, account, kind, UNKNOWN, &count)?;
    Ok(None)
}

/// Gives a network its guess back.
///
/// Errors: [`Error::Store`].
pub(in crate::identity) fn give_network_back(
    op: &mut DirectoryOp,
    network: &str,
    guessed: Guessed,
) -> Result<(), Error> {
    let network = network_index(op, network)?;
    let mut values = key(network, guessed.network(), UNKNOWN);
    // The hour goes on.
    values.extend([1_i64.into(), 0_i64.into()]);
    op.execute(&GIVE_BACK, &values)?;
    Ok(())
}

fn network_index(op: &mut DirectoryOp, network: &str) -> Result<[u8; 32], Error> {
    codes_mac(op, "password-network", network.as_bytes())
}

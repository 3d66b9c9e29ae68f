//! A start that was to end another timer, made a finished entry before it was sent.
//!
//! Sent as a start, it ends at the server what ran until then. Finished here it is in nobody's way
//! there, so the other timer would run on below it: its end is written down too, and before it.

use anyhow::Result;
use domain::interval::truncate_to_second;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Act, FORMAT, Span, Spool, Spooled, Waiting};

impl Spool {
    /// Ends what a start replaces, when `after` is no start any more; with the lock held, and before
    /// `after` is written. Killed in between, the start finds its timer ended.
    pub(super) fn end_replaced(&self, name: &str, before: &Waiting, after: &Waiting) -> Result<()> {
        let Some((replaced, at)) = replaced(before, after) else {
            return Ok(());
        };
        let all = self.list()?;
        let Some(start) = all.iter().find(|other| other.waiting.id == replaced) else {
            return self.put_stop(name, &all, &stop(before, replaced, at));
        };
        let Some(started_at) = start.waiting.start() else {
            return Ok(()); // It has its end.
        };
        // The server does the same: what began later than the start that ends it, ends now.
        let at = if started_at <= at { at } else { truncate_to_second(before.made_at) };
        let mut ended = start.waiting.clone();
        if ended.finish(at) {
            self.end_replaced(&start.name, &start.waiting, &ended)?;
            return self.write(&start.name, &ended);
        }
        self.put_stop(name, &all, &stop(before, replaced, at))
    }

    /// Puts a stop before the file `name`, unless one for that entry waits.
    fn put_stop(&self, name: &str, all: &[Spooled], stop: &Waiting) -> Result<()> {
        let of = |waiting: &Waiting| match waiting.act {
            Act::Stop { entry_id, .. } => entry_id,
            Act::Entry(_) => None,
        };
        if all.iter().any(|other| of(&other.waiting) == of(stop)) {
            return Ok(());
        }
        let number = name.split_once('-').map_or(name, |(number, _)| number);
        self.write(&format!("{number}-{}.json", stop.id), stop)
    }
}

/// The timer that a start was to end, and when, if `after` made a finished entry of the start.
fn replaced(before: &Waiting, after: &Waiting) -> Option<(Uuid, Timestamp)> {
    let (Act::Entry(before), Act::Entry(after)) = (&before.act, &after.act) else {
        return None;
    };
    match (before.span, after.span) {
        (Span::Running { replaces: Some(id), .. }, Span::Range { started_at, .. }) => {
            Some((id, started_at))
        }
        _ => None,
    }
}

/// The end of a timer by a start. Its id is the start's, a millisecond earlier: of files with the
/// same number the earlier id is sent first. Its last digits are others, since people name acts by
/// those.
fn stop(start: &Waiting, replaced: Uuid, at: Timestamp) -> Waiting {
    const MILLISECOND: u128 = 1 << 80;
    const LAST_DIGITS: u128 = 0xffff_ffff;
    Waiting {
        format: FORMAT,
        id: Uuid::from_u128(start.id.as_u128().wrapping_sub(MILLISECOND) ^ LAST_DIGITS),
        account: start.account.clone(),
        made_at: start.made_at,
        typed: start.typed.clone(),
        act: Act::Stop { entry_id: Some(replaced), stopped_at: at, by_start: true },
        request: None,
        question: None,
        is_decided: false,
    }
}

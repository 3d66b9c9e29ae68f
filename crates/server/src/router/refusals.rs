//! Refusals, told to the log of security: who asks again and again leaves a trace, and no full disk.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use domain::ids::RequestId;
use jiff::{SignedDuration, Timestamp};

use crate::log::SECURITY;

/// Refusals that are told in a minute; further ones are counted.
const MOST: u32 = 300;

/// For how long they are counted.
const SPAN: SignedDuration = SignedDuration::from_mins(1);

/// The stable code of a refusal, on its way to the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code(pub(crate) &'static str);

/// How many were told since when.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    since: Option<Timestamp>,
    told: u32,
    untold: u64,
}

impl Refusals {
    /// Tells one, or counts it.
    pub(super) fn tell(&self, now: Timestamp, id: RequestId, status: StatusCode, code: Code) {
        let (is_told, unwritten) = self.count(now);
        tell_unwritten(unwritten);
        if is_told {
            let status = status.as_u16();
            tracing::info!(target: SECURITY, request_id = %id, status, code = code.0, "refused");
        }
    }

    /// Tells how many were not, once their minute is over, also where no further one comes.
    pub(crate) fn settle(&self, now: Timestamp) {
        let mut minute = self.lock();
        let unwritten = if minute.is_over(now) { std::mem::take(&mut minute.untold) } else { 0 };
        drop(minute);
        tell_unwritten(unwritten);
    }

    /// Tells how many were not, when no further one will come.
    pub(crate) fn close(&self) {
        let unwritten = std::mem::take(&mut self.lock().untold);
        tell_unwritten(unwritten);
    }

    fn lock(&self) -> MutexGuard<'_, Minute> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this one is told, and how many before it were not.
    fn count(&self, now: Timestamp) -> (bool, u64) {
        let mut minute = self.lock();
        let mut unwritten = 0;
        if minute.is_over(now) {
            unwritten = minute.untold;
            *minute = Minute { since: Some(now), ..Minute::default() };
        }
        let is_told = minute.told < MOST;
        if is_told {
            minute.told += 1;
        } else {
            minute.untold += 1;
        }
        (is_told, unwritten)
    }
}

impl Minute {
    /// A clock that was set back begins anew, too.
    fn is_over(&self, now: Timestamp) -> bool {
        self.since.is_none_or(|since| now < since || now >= since + SPAN)
    }
}

fn tell_unwritten(unwritten: u64) {
    if unwritten > 0 {
        tracing::warn!(target: SECURITY, unwritten, "so many refusals were not written down");
    }
}

/// Whether an answer refuses somebody who is not known, may not, or asks too often.
pub(super) fn is_refusal(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::MISDIRECTED_REQUEST
            | StatusCode::TOO_MANY_REQUESTS
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_fills_no_disk_and_is_counted() {
        let refusals = Refusals::default();
        let at = |second: i64| Timestamp::from_second(1_790_000_000 + second).unwrap();
        let told = |second, count: u32| (0..count).filter(|_| refusals.count(at(second)).0).count();
        assert_eq!(told(0, 299), 299);
        assert_eq!(told(59, 1_000), 1);
        assert_eq!(refusals.count(at(60)), (true, 999));
        assert_eq!(refusals.count(at(61)), (true, 0));
        assert_eq!(told(61, 1_000), 298);
        // Set back.
        assert_eq!(refusals.count(at(-3_600)), (true, 702));
        assert_eq!(told(-3_600, 300), 299);
        // Told by itself, once: the next one begins with nothing.
        refusals.settle(at(-3_541));
        assert_eq!(refusals.lock().untold, 1);
        refusals.settle(at(-3_540));
        assert_eq!(refusals.lock().untold, 0);
        assert_eq!(refusals.count(at(-3_540)), (true, 0));
    }
}

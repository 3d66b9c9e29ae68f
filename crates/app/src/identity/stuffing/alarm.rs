//! The tally of wrong passwords, and the alarm.

use std::sync::{
    OnceLock,
    atomic::{AtomicI64, Ordering},
};

use store::Statement;

use crate::{
    App, DirectoryOp, Error,
    identity::{
        act::Act,
        policy::{
            STUFFING_CALM_US, STUFFING_FACTOR, STUFFING_HOURS, STUFFING_MOST_USUAL, STUFFING_USUAL,
            STUFFING_WINDOW_US,
        },
    },
    security,
};

const MINUTE_US: i64 = 60_000_000;
const WINDOW_MINUTES: i64 = STUFFING_WINDOW_US / MINUTE_US;

/// When passwords of unknown browsers ask for work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Challenges {
    /// During an alarm.
    #[default]
    Auto,
    /// All the time.
    Always,
    /// Never.
    Never,
}

/// Wrong passwords that this node has not handed in yet, and what it knows of the alarm.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    wrong: AtomicI64,
    unworked: AtomicI64,
    alarmed_until: AtomicI64,
    challenges: OnceLock<Challenges>,
}

impl App {
    /// Says when passwords ask for work. Call it once, before the first; without it, during an alarm.
    pub fn set_challenges(&self, challenges: Challenges) {
        // The first one holds.
        let _ = self.guesses().challenges.set(challenges);
    }

    /// Whether a password from an unknown browser asks for work now.
    pub fn is_challenging(&self) -> bool {
        let guesses = self.guesses();
        match guesses.challenges.get().copied().unwrap_or_default() {
            Challenges::Always => true,
            Challenges::Never => false,
            Challenges::Auto => {
                let until = guesses.alarmed_until.load(Ordering::Relaxed);
                is_on(until, self.clock().now().as_microsecond())
            }
        }
    }

    /// Adds a wrong password.
    pub(in crate::identity) fn tally_guess(&self) {
        self.guesses().wrong.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds one that was not looked at for want of work, and that its network had left.
    pub(in crate::identity) fn tally_unworked(&self) {
        self.guesses().unworked.fetch_add(1, Ordering::Relaxed);
    }

    /// Hands this node's wrong passwords in, and looks whether there is an alarm. Run it every ten
    /// seconds, on each node.
    ///
    /// Errors: [`Error::Store`]; what was to be handed in is kept for the next time.
    /// Audit: `stuffing.begun`.
    pub async fn watch_guesses(&self) -> Result<(), Error> {
        let guesses = self.guesses();
        let new = guesses.take();
        let request = self.new_request();
        let until = if new == Tally::default() {
            self.read_directory(request, find_until).await?
        } else {
            match self.write_directory(request, move |op| hand_in(op, new)).await {
                Ok(until) => until,
                Err(error) => {
                    guesses.put_back(new);
                    return Err(error);
                }
            }
        };
        let (before, now) = (
            guesses.alarmed_until.swap(until, Ordering::Relaxed),
            self.clock().now().as_microsecond(),
        );
        match (before > 0, is_on(until, now)) {
            (false, true) => tracing::warn!("passwords of unknown browsers ask for work now"),
            (true, false) => {
                guesses.alarmed_until.store(0, Ordering::Relaxed);
                tracing::info!("wrong passwords are as few as usual again");
            }
            (false, false) => guesses.alarmed_until.store(0, Ordering::Relaxed),
            (true, true) => {}
        }
        Ok(())
    }
}

/// Passwords that did not open anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    /// Looked at, and wrong.
    wrong: i64,
    /// Not looked at, for want of work.
    unworked: i64,
}

impl Guesses {
    fn take(&self) -> Tally {
        Tally {
            wrong: self.wrong.swap(0, Ordering::Relaxed),
            unworked: self.unworked.swap(0, Ordering::Relaxed),
        }
    }

    fn put_back(&self, tally: Tally) {
        self.wrong.fetch_add(tally.wrong, Ordering::Relaxed);
        self.unworked.fetch_add(tally.unworked, Ordering::Relaxed);
    }
}

/// An end that is further away than any was written by a clock that was ahead.
fn is_on(until: i64, now: i64) -> bool {
    until > now && until <= now.saturating_add(STUFFING_CALM_US)
}

fn find_until(op: &mut DirectoryOp) -> Result<i64, Error> {
    let row = op.optional(&FIND, &[])?;
    row.map_or(Ok(0), |row| row.get(0).map_err(Error::from))
}

/// Adds to the tally of the minute; until when there is an alarm.
fn hand_in(op: &mut DirectoryOp, new: Tally) -> Result<i64, Error> {
    let now = op.now_us();
    let minute = now.div_euclid(MINUTE_US);
    op.execute(&ADD, &[minute.into(), new.wrong.into(), new.unworked.into()])?;
    let since = minute - WINDOW_MINUTES;
    let in_window: i64 = op.one(&SUM, &[since.into(), minute.into()])?.get(0)?;
    let usual = usual(op, since)?;
    let before = find_until(op)?;
    if !is_attack(in_window, usual) {
        return Ok(before);
    }
    let until = now + STUFFING_CALM_US;
    op.execute(&RING, &[until.into()])?;
    if !is_on(before, now) {
        let facts = [("wrong", in_window.into()), ("usual", usual.into())];
        op.record_act(Act::StuffingBegun, None, &facts)?;
        tracing::warn!(target: security::TARGET, wrong = in_window, usual, "many wrong passwords at many accounts");
    }
    Ok(until)
}

/// Whether a window with so many is an attack.
const fn is_attack(in_window: i64, usual: i64) -> bool {
    in_window > usual * STUFFING_FACTOR
}

/// How many wrong passwords a window has.
fn usual(op: &mut DirectoryOp, until: i64) -> Result<i64, Error> {
    let since = until - STUFFING_HOURS * 60;
    let rows = op.query(&BY_HOUR, &[since.into(), until.into()])?;
    let hours = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    Ok(usual_of(hours))
}

/// By the median of the hours of a week, so that an attack does not become usual before it has gone on for
/// half of one; and then not beyond a bound, so that a patient one does not either.
fn usual_of(mut hours: Vec<i64>) -> i64 {
    // Hours without any have no row.
    let all = usize::try_from(STUFFING_HOURS).unwrap_or(0);
    hours.resize(hours.len().max(all), 0);
    hours.sort_unstable();
    let median = hours.get(hours.len() / 2).copied().unwrap_or(0);
    (median.saturating_mul(WINDOW_MINUTES) / 60).clamp(STUFFING_USUAL, STUFFING_MOST_USUAL)
}

const FIND: Statement =
    Statement::new("stuffing.find", "SELECT alarmed_until FROM stuffing WHERE id = 1");

const RING: Statement = Statement::new(
    "stuffing.ring",
    "INSERT INTO stuffing (id, alarmed_until) VALUES (1, $1)
     ON CONFLICT (id) DO UPDATE SET alarmed_until = excluded.alarmed_until",
);

const ADD: Statement = Statement::new(
    "stuffing.add",
    "INSERT INTO guess_tallies (minute, wrong, unworked) VALUES ($1, $2, $3)
     ON CONFLICT (minute) DO UPDATE SET wrong = guess_tallies.wrong + excluded.wrong,
                                        unworked = guess_tallies.unworked + excluded.unworked",
);

/// The primary key.
const SUM: Statement = Statement::new(
    "stuffing.sum",
    "SELECT CAST(COALESCE(SUM(wrong + unworked), 0) AS BIGINT) FROM guess_tallies
     WHERE minute > $1 AND minute <= $2",
);

/// The primary key. What costs nothing to send is not part of what is usual.
const BY_HOUR: Statement = Statement::new(
    "stuffing.by_hour",
    "SELECT CAST(SUM(wrong) AS BIGINT) FROM guess_tallies
     WHERE minute > $1 AND minute <= $2 GROUP BY minute / 60",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, RING, ADD, SUM, BY_HOUR];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_usual_has_a_least_and_a_most() {
        let week = |an_hour: i64| vec![an_hour; 7 * 24];
        for (an_hour, wanted) in [(0, 3), (36, 3), (47, 3), (48, 4), (120, 10), (240, 20)] {
            assert_eq!(usual_of(week(an_hour)), wanted, "{an_hour}");
        }
        for an_hour in [241, 100_000, i64::MAX] {
            assert_eq!(usual_of(week(an_hour)), 20, "{an_hour}");
        }
        assert_eq!(usual_of(Vec::new()), 3);
        assert!(!is_attack(60, 3) && is_attack(61, 3));
        assert!(!is_attack(400, 20) && is_attack(401, 20));
    }

    #[test]
    fn half_a_week_of_an_attack_is_not_usual_yet() {
        let hours = |of_attack: usize| {
            let quiet = vec![12; 7 * 24 - of_attack];
            usual_of([quiet, vec![1_000_000; of_attack]].concat())
        };
        assert_eq!(hours(7 * 12 - 1), 3);
        assert_eq!(hours(7 * 24), 20, "and then it is no more than the most");
    }

    proptest! {
        /// Whatever a week was like, more than four hundred in a window ring, and sixty never do.
        #[test]
        fn no_week_moves_the_alarm_out_of_its_bounds(
            hours in prop::collection::vec(0..i64::MAX / 2, 0..400),
        ) {
            let usual = usual_of(hours.clone());
            prop_assert!((STUFFING_USUAL..=STUFFING_MOST_USUAL).contains(&usual));
            prop_assert!(is_attack(401, usual) && !is_attack(60, usual));
            // More wrong ones are never less usual.
            let more = hours.iter().map(|an_hour| an_hour.saturating_add(1)).collect();
            prop_assert!(usual_of(more) >= usual);
        }

        /// The order in which the hours come does not matter.
        #[test]
        fn the_hours_are_a_set(mut hours in prop::collection::vec(0_i64..2_000, 0..200)) {
            let usual = usual_of(hours.clone());
            hours.reverse();
            prop_assert_eq!(usual_of(hours), usual);
        }
    }
}

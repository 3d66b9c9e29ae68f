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
            STUFFING_CALM_US, STUFFING_FACTOR, STUFFING_HOURS, STUFFING_USUAL, STUFFING_WINDOW_US,
        },
    },
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

    /// Adds a wrong password, or one that was not looked at for want of work.
    pub(in crate::identity) fn tally_guess(&self) {
        self.guesses().wrong.fetch_add(1, Ordering::Relaxed);
    }

    /// Hands this node's wrong passwords in, and looks whether there is an alarm. Run it every ten
    /// seconds, on each node.
    ///
    /// Errors: [`Error::Store`]; what was to be handed in is kept for the next time.
    /// Audit: `stuffing.begun`.
    pub async fn watch_guesses(&self) -> Result<(), Error> {
        let guesses = self.guesses();
        let wrong = guesses.wrong.swap(0, Ordering::Relaxed);
        let request = self.new_request();
        let until = if wrong == 0 {
            self.read_directory(request, find_until).await?
        } else {
            match self.write_directory(request, move |op| hand_in(op, wrong)).await {
                Ok(until) => until,
                Err(error) => {
                    guesses.wrong.fetch_add(wrong, Ordering::Relaxed);
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

/// An end that is further away than any was written by a clock that was ahead.
fn is_on(until: i64, now: i64) -> bool {
    until > now && until <= now.saturating_add(STUFFING_CALM_US)
}

fn find_until(op: &mut DirectoryOp) -> Result<i64, Error> {
    let row = op.optional(&FIND, &[])?;
    row.map_or(Ok(0), |row| row.get(0).map_err(Error::from))
}

/// Adds to the tally of the minute; until when there is an alarm.
fn hand_in(op: &mut DirectoryOp, wrong: i64) -> Result<i64, Error> {
    let now = op.now_us();
    let minute = now.div_euclid(MINUTE_US);
    op.execute(&ADD, &[minute.into(), wrong.into()])?;
    let since = minute - WINDOW_MINUTES;
    let in_window: i64 = op.one(&SUM, &[since.into(), minute.into()])?.get(0)?;
    let usual = usual(op, since)?;
    let before = find_until(op)?;
    if in_window <= usual * STUFFING_FACTOR {
        return Ok(before);
    }
    let until = now + STUFFING_CALM_US;
    op.execute(&RING, &[until.into()])?;
    if !is_on(before, now) {
        let facts = [("wrong", in_window.into()), ("usual", usual.into())];
        op.record_act(Act::StuffingBegun, None, &facts)?;
        tracing::warn!(wrong = in_window, usual, "many wrong passwords at many accounts");
    }
    Ok(until)
}

/// How many wrong passwords a window has: by the median of the hours of a week, so that an attack does
/// not become usual before it has gone on for half of one.
fn usual(op: &mut DirectoryOp, until: i64) -> Result<i64, Error> {
    let since = until - STUFFING_HOURS * 60;
    let rows = op.query(&BY_HOUR, &[since.into(), until.into()])?;
    let mut hours: Vec<i64> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    // Hours without any have no row.
    let all = usize::try_from(STUFFING_HOURS).unwrap_or(0);
    hours.resize(hours.len().max(all), 0);
    hours.sort_unstable();
    let median = hours.get(hours.len() / 2).copied().unwrap_or(0);
    Ok((median * WINDOW_MINUTES / 60).max(STUFFING_USUAL))
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
    "INSERT INTO guess_tallies (minute, wrong) VALUES ($1, $2)
     ON CONFLICT (minute) DO UPDATE SET wrong = guess_tallies.wrong + excluded.wrong",
);

/// The primary key.
const SUM: Statement = Statement::new(
    "stuffing.sum",
    "SELECT CAST(COALESCE(SUM(wrong), 0) AS BIGINT) FROM guess_tallies
     WHERE minute > $1 AND minute <= $2",
);

/// The primary key.
const BY_HOUR: Statement = Statement::new(
    "stuffing.by_hour",
    "SELECT CAST(SUM(wrong) AS BIGINT) FROM guess_tallies
     WHERE minute > $1 AND minute <= $2 GROUP BY minute / 60",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, RING, ADD, SUM, BY_HOUR];

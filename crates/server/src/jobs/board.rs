//! The board: what became of each job's last run, and when it runs next.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::job::Job;

/// The longest wait after failures.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(1);

/// What became of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// When it last ran.
    pub last_run: Option<Timestamp>,
    /// When it last ran without a failure.
    pub last_success: Option<Timestamp>,
    /// When it runs next.
    pub next_run: Option<Timestamp>,
    /// How the last run failed. Holds no address and nothing that was typed.
    pub failure: Option<String>,
    /// How often it has failed since it last succeeded.
    pub failures: u32,
    /// How many things it has done since the server was started.
    pub done: usize,
}

/// The reports of all jobs of this node. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Board {
    reports: Arc<Mutex<BTreeMap<Job, Report>>>,
}

impl Board {
    /// The reports by the jobs' names.
    pub fn reports(&self) -> Vec<(&'static str, Report)> {
        self.lock().iter().map(|(job, report)| (job.name(), report.clone())).collect()
    }

    /// Sets when a job runs next.
    pub(super) fn expect(&self, job: Job, at: Timestamp) {
        self.lock().entry(job).or_default().next_run = Some(at);
    }

    /// Whether a job is to run. A next run that is further away than the job ever waits comes from
    /// a clock that was set back.
    pub(super) fn is_due(&self, job: Job, now: Timestamp) -> bool {
        let next = self.lock().get(&job).and_then(|report| report.next_run);
        let longest = job.every().max(job.first_after()).max(LONGEST_WAIT);
        next.is_none_or(|next| next <= now || next > now + longest)
    }

    /// Notes a run. After failures the wait doubles, up to a minute where the job's own is shorter.
    pub(super) fn note(
        &self,
        job: Job,
        started: Timestamp,
        ended: Timestamp,
        outcome: anyhow::Result<usize>,
    ) {
        let mut reports = self.lock();
        let report = reports.entry(job).or_default();
        report.last_run = Some(started);
        match outcome {
            Ok(done) => {
                if report.failures > 0 {
                    tracing::info!(job = job.name(), "the job works again");
                }
                report.last_success = Some(started);
                report.failures = 0;
                report.failure = None;
                report.done += done;
            }
            Err(error) => {
                let failure = format!("{error:#}");
                tracing::error!(job = job.name(), failure, "the job failed");
                report.failures = report.failures.saturating_add(1);
                report.failure = Some(failure);
            }
        }
        report.next_run = Some(ended + wait(job, report.failures));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Job, Report>> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait(job: Job, failures: u32) -> SignedDuration {
    let every = job.every();
    let doubled = every.saturating_mul(1_i32 << failures.min(10));
    doubled.min(LONGEST_WAIT.max(every))
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn a_job_runs_when_it_is_due_whatever_the_clock_does() {
        let board = Board::default();
        board.expect(Job::Directory, at(10));
        assert!(!board.is_due(Job::Directory, at(9)));
        assert!(board.is_due(Job::Directory, at(10)));
        board.note(Job::Directory, at(10), at(11), Ok(0));
        assert!(!board.is_due(Job::Directory, at(70)));
        assert!(board.is_due(Job::Directory, at(71)));
        assert!(board.is_due(Job::Directory, at(100_000)), "the clock was set on");
        assert!(board.is_due(Job::Directory, at(-100_000)), "the clock was set back");
    }

    #[test]
    fn failures_are_kept_and_slow_it_down() {
        let board = Board::default();
        for (failures, wait_s) in [(1, 2), (2, 4), (3, 8), (4, 16), (5, 32), (6, 60), (7, 60)] {
            board.note(Job::Mail, at(0), at(0), Err(anyhow!("no line")));
            let (name, report) = board.reports().pop().unwrap();
            assert_eq!((name, report.failures), ("mail", failures));
            assert_eq!(report.next_run, Some(at(wait_s)), "after {failures}");
            assert_eq!(report.failure.as_deref(), Some("no line"));
        }
        board.note(Job::Mail, at(90), at(90), Ok(3));
        let (_, report) = board.reports().pop().unwrap();
        let wanted = Report {
            last_run: Some(at(90)),
            last_success: Some(at(90)),
            next_run: Some(at(91)),
            failure: None,
            failures: 0,
            done: 3,
        };
        assert_eq!(report, wanted);
        board.note(Job::Trash, at(0), at(0), Err(anyhow!("disk full")));
        let (_, report) = board.reports().pop().unwrap();
        assert_eq!(report.next_run, Some(at(3600)), "never sooner than without a failure");
    }
}

//! What is unusual in a workspace: counted from its log, judged by [`domain::anomaly`], and told to its owners
//! by mail and in the record.
//!
//! | file | what |
//! |---|---|
//! | [`busy`] | in which workspaces something may be to be counted |
//! | [`measure`] | which event counts as what, and for whom |
//! | [`tally`] | counts, and notes what is too much |
//! | [`tell`] | tells the owners, once a day of each |
//!
//! It reads the ledger and not the acts: so no act waits for it, and nothing that is recorded escapes it.
//! Deliberately absent: stopping anything. What is unusual is mostly work.

mod busy;
mod measure;
mod tally;
mod tell;

pub(crate) use busy::Busy;

use domain::ids::WorkspaceId;

use crate::{App, Error};

impl App {
    /// Whether anything may be to be counted.
    pub fn has_uncounted_activity(&self) -> bool {
        !self.busy().is_empty()
    }

    /// Counts what happened in workspaces since the last time, and tells owners what is unusual; how many
    /// things were told. `base_url` is where letters lead.
    ///
    /// A workspace that cannot be looked into keeps no other waiting, and is tried again; its error is the
    /// answer once all others are done.
    ///
    /// Errors: [`Error::Store`]. Audit: `anomaly.found`.
    pub async fn watch_activity(&self, base_url: &str) -> Result<usize, Error> {
        let (mut told, mut outcome) = (0, Ok(()));
        for workspace in self.busy().take() {
            let was_open = self.store().is_open(workspace);
            match self.watch(workspace, base_url).await {
                Ok(count) => told += count,
                // A workspace that is not there any more has nobody to tell.
                Err(Error::NotFound) => {}
                Err(error) => {
                    tracing::error!(%workspace, %error, "activity is not counted");
                    self.busy().tell(workspace);
                    outcome = Err(error);
                }
            }
            if !was_open && let Err(error) = self.close(workspace).await {
                outcome = Err(error);
            }
        }
        outcome.map(|()| told)
    }

    async fn watch(&self, workspace: WorkspaceId, base_url: &str) -> Result<usize, Error> {
        self.tally(workspace).await?;
        self.tell_unusual(workspace, base_url).await
    }
}

/// The UTC day of an instant in microseconds, in days since 1970.
fn utc_day(at: i64) -> i64 {
    at.div_euclid(86_400 * 1_000_000)
}

/// All statements of this feature.
pub(crate) fn statements() -> Vec<store::Statement> {
    [tally::STATEMENTS, tell::STATEMENTS].concat()
}

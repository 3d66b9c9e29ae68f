//! Give the events of a workspace their places in its log, in the order in which they were written, and
//! sign the head. Ids would not do: they are drawn when a request begins, and of two acts on one thing the
//! one that began first may be done last.
//!
//! Two nodes may do it at once: a place is taken once, and who comes second begins anew.

use domain::ids::WorkspaceId;
use jiff::SignedDuration;
use ledger::Hash;
use store::Statement;
use tokio::task::JoinSet;

use super::{
    Head,
    epoch::Standing,
    halt, head, leaf, signed,
    tree::{Tree, first_free},
    waiting::Mark,
};
use crate::{
    App, Error, Operation,
    identity::{WorkspaceState, list_workspaces},
    live::Change,
    op::Threshold,
    security::TARGET,
};

/// Events that get their places in one transaction.
const BATCH: u64 = 2_000;

/// Workspaces at once.
const AT_ONCE: usize = 4;

/// How often it is tried where another node is at it as well.
const TRIES: u32 = 10;

/// How long a workspace that cannot be sequenced is left alone.
const LEFT_ALONE: SignedDuration = SignedDuration::from_secs(60);

/// What a transaction has done.
pub(super) struct Sequenced {
    pub(super) head: Head,
    /// How many leaves are new.
    pub(super) count: u64,
    /// Whether nothing was left to do.
    pub(super) is_all: bool,
}

impl App {
    /// Whether any workspace may have events without a place; those that have none are forgotten. At the
    /// start, each hour, and after something was missed it looks into all of them.
    ///
    /// Errors: [`Error::Store`].
    pub async fn has_unsequenced_events(&self) -> Result<bool, Error> {
        let now = self.clock().now();
        if self.waiting().begin_look(now)
            && let Err(error) = self.look_everywhere().await
        {
            self.waiting().tell_all();
            return Err(error);
        }
        for (workspace, mark) in self.waiting().due(now) {
            // Why one cannot be read is told by sequencing it.
            if matches!(self.has_pending(workspace).await, Ok(false)) {
                self.waiting().settle(workspace, mark);
            }
        }
        Ok(!self.waiting().due(now).is_empty())
    }

    /// Gives every event that waits its place in the log of its workspace, and signs the heads; how many
    /// events. New logs are named after the host.
    ///
    /// A workspace that cannot be sequenced does not keep the others waiting: it is left alone for a
    /// while, and its error is the answer once all the others are done.
    ///
    /// Errors: [`Error::Store`]; [`Error::Damaged`] where somebody has altered the ledger.
    pub async fn sequence_ledgers(&self, host: &str) -> Result<usize, Error> {
        // Said once, and not for each workspace.
        self.read_directory(self.new_request(), halt::refuse).await?;
        let (mut done, mut outcome) = (0, Ok(()));
        let mut waiting = self.waiting().due(self.clock().now()).into_iter();
        let mut running = JoinSet::new();
        loop {
            while running.len() < AT_ONCE
                && let Some((workspace, mark)) = waiting.next()
            {
                let (app, host) = (self.clone(), host.to_owned());
                running.spawn(async move { app.sequence_and_settle(workspace, mark, &host).await });
            }
            match running.join_next().await {
                None => return outcome.map(|()| done),
                Some(Ok(Ok(count))) => done += count,
                Some(Ok(Err(error))) => outcome = Err(error),
                Some(Err(_)) => outcome = Err(Error::bug("sequencing a ledger panicked")),
            }
        }
    }

    async fn sequence_and_settle(
        &self,
        workspace: WorkspaceId,
        mark: Mark,
        host: &str,
    ) -> Result<usize, Error> {
        let outcome = self.sequence_ledger(workspace, host).await;
        match &outcome {
            // A workspace that is not there any more has no ledger.
            Ok(_) | Err(Error::NotFound) => {
                self.waiting().settle(workspace, mark);
                self.busy().tell(workspace);
            }
            Err(error) => {
                tracing::error!(target: TARGET, %workspace, %error, "the ledger does not go on");
                self.waiting().leave_alone(workspace, self.clock().now() + LEFT_ALONE);
            }
        }
        outcome
    }

    /// Gives the events of a workspace that wait their places in its log, and signs its head; how many
    /// events.
    ///
    /// Errors: as [`App::sequence_ledgers`].
    pub async fn sequence_ledger(
        &self,
        workspace: WorkspaceId,
        host: &str,
    ) -> Result<usize, Error> {
        let (mut done, mut lost) = (0, 0);
        loop {
            let looked = self.read_directory(self.new_request(), move |op| {
                halt::refuse(op)?;
                Ok((Standing::find(op, workspace)?, head::host(op)?))
            });
            let (standing, named) = looked.await?;
            let host = match named {
                Some(host) => host,
                None => self.begin_instance_log(host).await?,
            };
            let tried =
                self.at_threshold(workspace, move |threshold| sequence(threshold, &host, standing));
            match tried.await {
                Ok(None) => return Ok(done),
                Ok(Some(Sequenced { head, count, is_all })) => {
                    self.waiting().tell_head(workspace, head);
                    self.live().send(Change::Signed { workspace });
                    done += usize::try_from(count).map_err(|_| Error::bug("a count"))?;
                    if is_all {
                        return Ok(done);
                    }
                }
                Err(Error::Store(error)) if error.is_duplicate() && lost < TRIES => lost += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Has the instance's log look at the head that a workspace's log has: who has signed it may have
    /// stopped before they told.
    ///
    /// Errors: [`Error::Store`].
    pub async fn tell_last_head(&self, workspace: WorkspaceId) -> Result<(), Error> {
        let looked = self.look_over_threshold(workspace, head::last);
        if let Some(head) = looked.await? {
            self.waiting().tell_head(workspace, head);
        }
        Ok(())
    }

    /// Whether the log of a workspace is called after the same host as the instance's. One that was begun
    /// before all of them were has no receipt that anybody could check.
    ///
    /// Errors: [`Error::Store`].
    pub async fn is_called_alike(&self, workspace: WorkspaceId) -> Result<bool, Error> {
        let looked = self.look_over_threshold(workspace, head::host);
        let (own, all) =
            (looked.await?, self.read_directory(self.new_request(), head::host).await?);
        Ok(own.is_none() || own == all)
    }

    /// All logs of an instance are called after one host, that of the first of them to begin, also when the
    /// server has moved since: by that an export finds the way to the instance's log.
    async fn begin_instance_log(&self, host: &str) -> Result<String, Error> {
        let named = host.to_owned();
        let begun = self.write_directory(self.new_request(), move |op| {
            head::origin_or(op, &named, head::FIRST)?;
            head::host(op)?.ok_or_else(|| Error::bug("a log without a name"))
        });
        match begun.await {
            // Another node was faster.
            Err(Error::Store(error)) if error.is_duplicate() => {
                let found = self.read_directory(self.new_request(), head::host).await?;
                found.ok_or_else(|| Error::bug("a log without a name"))
            }
            begun => begun,
        }
    }

    async fn has_pending(&self, workspace: WorkspaceId) -> Result<bool, Error> {
        let looked = self.look_over_threshold(workspace, |threshold| {
            Ok(threshold.optional(&FIND_PENDING, &[])?.is_some())
        });
        match looked.await {
            Err(Error::NotFound) => Ok(false),
            looked => looked,
        }
    }

    /// Looks into every workspace for events without a place, and for heads that the instance's log may
    /// lack.
    async fn look_everywhere(&self) -> Result<(), Error> {
        let known = self.read_directory(self.new_request(), list_workspaces).await?;
        for (workspace, state) in known {
            if state != WorkspaceState::Ready {
                continue;
            }
            let was_open = self.store().is_open(workspace);
            let looked = self.look_over_threshold(workspace, |threshold| {
                let is_pending = threshold.optional(&FIND_PENDING, &[])?.is_some();
                Ok((is_pending, head::last(threshold)?))
            });
            match looked.await {
                Ok((is_pending, head)) => {
                    self.busy().tell(workspace);
                    if is_pending {
                        self.waiting().tell(workspace);
                    }
                    if let Some(head) = head {
                        self.waiting().tell_head(workspace, head);
                    }
                }
                // One that cannot be read now is looked at again, and keeps no other waiting.
                Err(error) => {
                    tracing::error!(
                        target: TARGET, %workspace, %error, "the ledger cannot be looked at"
                    );
                    self.waiting().tell(workspace);
                }
            }
            if !was_open {
                self.close(workspace).await?;
            }
        }
        Ok(())
    }
}

/// The next batch of a workspace's log, and its head; nothing where no event waits.
fn sequence(
    op: &mut Threshold,
    host: &str,
    standing: Standing,
) -> Result<Option<Sequenced>, Error> {
    if let Some(head) = standing.renew(op, host)? {
        // What waits comes after the event that tells of it.
        return Ok(Some(Sequenced { head, count: 1, is_all: false }));
    }
    if op.optional(&FIND_PENDING, &[])?.is_none() {
        return Ok(None);
    }
    let origin = head::origin_or(op, host, standing.epoch)?;
    let signer = head::signer(op, &origin)?;
    let last = head::last(op)?;
    standing.require(op, last.as_ref())?;
    let mut edge = head::edge(op, last.as_ref(), &signer)?;
    let first = edge.size();
    let count = take(op, first)?;
    let leaves = leaf::events(op, first, first + count)?;
    if u64::try_from(leaves.len()) != Ok(count) {
        return Err(Error::bug("an event without its row"));
    }
    let mut tree = Tree::of(op, first);
    tree.append(&mut edge, leaves.iter().map(|leaf| Hash::leaf(leaf)))?;
    tree.save()?;
    let head = head::sign(op, &edge, &signer)?;
    Ok(Some(Sequenced { head, count, is_all: count < BATCH }))
}

/// Gives waiting events the next places; how many.
pub(super) fn take<P>(op: &mut Operation<P>, first: u64) -> Result<u64, Error> {
    if first_free(op)? != first {
        return Err(Error::Damaged("a leaf of the ledger is in no head".to_owned()));
    }
    let taken = op.execute_of_ledger(&TAKE, &[signed(first)?.into(), signed(BATCH)?.into()])?;
    let gone = op.execute_of_ledger(&FORGET, &[signed(first)?.into()])?;
    if gone == taken { Ok(taken) } else { Err(Error::bug("an event that does not wait any more")) }
}

pub(super) const FIND_PENDING: Statement =
    Statement::new("ledger.find_pending", "SELECT 1 FROM ledger_pending LIMIT 1");

const TAKE: Statement = Statement::new(
    "ledger.take_places",
    "INSERT INTO ledger_leaves (position, event_id)
     SELECT $1 + row_number() OVER (ORDER BY number) - 1, event_id
     FROM (SELECT event_id, number FROM ledger_waiting ORDER BY number LIMIT $2) AS waiting",
);

const FORGET: Statement = Statement::new(
    "ledger.forget_pending",
    "DELETE FROM ledger_pending WHERE event_id IN
         (SELECT event_id FROM ledger_leaves WHERE position >= $1)",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_PENDING, TAKE, FORGET];

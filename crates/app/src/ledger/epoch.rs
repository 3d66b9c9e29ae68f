//! Epochs: how logs go on after an older state was put back, so that a lawful restore is an event and an
//! unlawful one is found (`docs/adr/0016-ledger-epochs.md`).
//!
//! A log that goes on from an older state would sign two histories under one name. In an epoch it has
//! another name, and the first leaf that it did not have before tells where it stood and what was known of
//! it. The leaves that were put back stay, so all that was proven is proven still.
//!
//! The operator opens an epoch: of all logs, or of one workspace's. A workspace's log follows when it is
//! looked at next.

use domain::ids::{EventId, RequestId, WorkspaceId};
use ledger::{
    Checkpoint, Frontier, Hash, Note,
    event::facts::{self, Change, Value},
};
use store::{Statement, Value as Column};

use super::{
    Head,
    halt::{self, find_halt},
    head,
    instance::{self, Known, find_known, has_begun_by},
    leaf, signed,
    tree::{Tree, first_free},
    unsigned,
};
use crate::{
    App, DirectoryOp, Error, Operation,
    audit::{Fact, Kind, facts as written},
    field,
    identity::{Act, WorkspaceState, list_workspaces},
    op::Threshold,
};

/// Longer reasons are none.
const MOST_REASON: usize = 1_000;

/// How far a log is known, from a head that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastHead {
    /// The name of the log.
    pub origin: String,
    /// Its leaves.
    pub size: u64,
    /// The root of its tree; nothing where somebody has only said how long it is.
    pub root: Option<Hash>,
}

/// An epoch that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Its number.
    pub number: u64,
    /// What was known of the log before.
    pub known: Option<LastHead>,
    /// The name of the instance's log from now on; none, where the epoch is of one workspace.
    pub origin: Option<String>,
}

impl App {
    /// Opens an epoch of all logs, or of one workspace's. `notes` are heads that were kept of the
    /// instance's log; the latest of them, and of what stopped it, is told by the first leaf.
    ///
    /// Errors: [`Error::Invalid`] for a reason that is none, and for a head that this instance has not
    /// signed; [`Error::Damaged`] where the log that was put back is not what was signed. Audit:
    /// `ledger.epoch_opened` in the directory, `ledger.restored` in each workspace.
    pub async fn open_epoch(
        &self,
        host: &str,
        reason: &str,
        workspace: Option<WorkspaceId>,
        notes: Vec<String>,
    ) -> Result<Opened, Error> {
        let reason = reason.trim().to_owned();
        if reason.is_empty() || reason.chars().count() > MOST_REASON {
            let what = format!("Say why, in at most {MOST_REASON} characters.");
            return Err(Error::invalid("reason", "invalid", what));
        }
        let (host, request) = (host.to_owned(), self.new_request());
        let open = move |op: &mut DirectoryOp| match workspace {
            Some(workspace) => open_of(op, workspace, &reason),
            None => open_all(op, &host, &reason, &notes),
        };
        let opened = self.write_directory(request, open).await?;
        match workspace {
            Some(workspace) => self.waiting().tell(workspace),
            None => self.waiting().tell_all(),
        }
        Ok(opened)
    }
}

impl App {
    /// Has the logs of all workspaces go on: in the epoch that was opened. Those that cannot be looked into
    /// now follow later.
    ///
    /// Errors: as [`App::sequence_ledgers`].
    pub async fn renew_ledgers(&self, host: &str) -> Result<usize, Error> {
        let known = self.read_directory(self.new_request(), list_workspaces).await?;
        for (workspace, _) in known.iter().filter(|(_, state)| *state == WorkspaceState::Ready) {
            self.waiting().tell(*workspace);
        }
        self.sequence_ledgers(host).await
    }
}

/// The epoch of one workspace's log; it is told with the next leaves of the instance's.
fn open_of(op: &mut DirectoryOp, workspace: WorkspaceId, reason: &str) -> Result<Opened, Error> {
    let known = find_known(op, workspace)?;
    let latest = known.map_or(head::FIRST, |known| known.epoch);
    let number = next(op, latest)?;
    let root = known.map(|known| known.root);
    let (size, root) = before(known.map(|known| known.size), root)?;
    let changes = vec![
        change("epoch", Value::None, int(number)?),
        change("workspace", Value::None, Value::Id(workspace.as_bytes())),
        change("size", size, Value::None),
        change("root", root, Value::None),
    ];
    record(op, number, Some(workspace), changes, reason)?;
    let known = known.map(|Known { size, root, .. }| LastHead {
        origin: String::new(),
        size,
        root: Some(root),
    });
    Ok(Opened { number, known, origin: None })
}

/// The epoch of all logs: the instance's goes on at once.
fn open_all(
    op: &mut DirectoryOp,
    host: &str,
    reason: &str,
    notes: &[String],
) -> Result<Opened, Error> {
    let known = latest(op, notes)?;
    let origin = head::origin(op)?;
    let edge = edge(op, origin.as_deref())?;
    let names = [origin.as_deref(), known.as_ref().map(|known| known.origin.as_str())];
    let latest = names.into_iter().flatten().map(head::epoch_of).max();
    let number = next(op, latest.unwrap_or(head::FIRST))?;
    let renamed = head::rename(op, host, number)?;
    let size = known.as_ref().map(|known| known.size);
    let (size, root) = before(size, known.as_ref().and_then(|known| known.root))?;
    let changes = vec![
        change("epoch", Value::None, int(number)?),
        change("log", origin.map_or(Value::None, Value::Word), Value::Word(renamed.clone())),
        change("size", size, int(edge.size())?),
        change("root", root, Value::Word(edge.root().to_string())),
    ];
    let event = record(op, number, None, changes, reason)?;
    let first = edge.size();
    place(op, first, event)?;
    op.execute_of_ledger(&FORGET, &[event.into()])?;
    let leaves = instance::leaves(op, first)?;
    go_on(op, edge, &leaves, &renamed)?;
    halt::lift(op)?;
    super::witness::begin_anew(op)?;
    Ok(Opened { number, known, origin: Some(renamed) })
}

/// The number of the next epoch, after all that were heard of.
fn next(op: &mut DirectoryOp, heard_of: u64) -> Result<u64, Error> {
    let numbered = unsigned(op.one(&FIND_LATEST, &[])?.get(0)?)?;
    Ok(numbered.max(heard_of) + 1)
}

/// The epoch that the instance's log is in.
pub(super) fn of_all(op: &mut DirectoryOp) -> Result<u64, Error> {
    unsigned(op.one(&FIND_OF_ALL, &[])?.get(0)?)
}

/// The latest head of the instance's log that anybody has kept.
fn latest(op: &mut DirectoryOp, notes: &[String]) -> Result<Option<LastHead>, Error> {
    let mut heads = Vec::new();
    for note in notes {
        let read = own_head(op, note)?;
        let wrong = "This is no head of this instance's log: its key has not signed it.";
        heads.push(read.ok_or_else(|| Error::invalid("last_head", "invalid", wrong))?);
    }
    if let Some(halt) = find_halt(op)? {
        let shown = halt.note.as_deref().map(|note| own_head(op, note)).transpose()?.flatten();
        let origin = head::origin(op)?.unwrap_or_default();
        heads.push(shown.unwrap_or(LastHead { origin, size: halt.size, root: None }));
    }
    // What nobody has shown is worth less than what our own hand has signed.
    let rank =
        |head: &LastHead| (head.root.is_some(), head::epoch_of(&head.origin), head.size, head.root);
    Ok(heads.into_iter().max_by_key(rank))
}

/// A head of the instance's log, of any epoch, that our own key has signed.
pub(super) fn own_head(op: &mut DirectoryOp, text: &str) -> Result<Option<LastHead>, Error> {
    let Ok(note) = Note::parse(text) else { return Ok(None) };
    let Ok(head) = Checkpoint::parse(note.text()) else { return Ok(None) };
    let own = head::origin(op)?;
    let is_same = own.is_none_or(|own| head::is_same_log(&own, head.origin()));
    if !is_same || !head::is_of_instance(head.origin()) {
        return Ok(None);
    }
    let Ok(key) = head::signer(op, head.origin()) else { return Ok(None) };
    let is_ours = note.check(&[key.verifier().clone()]).is_ok();
    let (origin, root) = (head.origin().to_owned(), Some(head.root()));
    Ok(is_ours.then_some(LastHead { origin, size: head.size(), root }))
}

/// Records the act, and that logs go on by this number.
fn record(
    op: &mut DirectoryOp,
    number: u64,
    workspace: Option<WorkspaceId>,
    mut changes: Vec<Change>,
    reason: &str,
) -> Result<EventId, Error> {
    let mut salt = [0; 32];
    op.random().fill(&mut salt);
    let commitment = ledger::commit(&salt, reason.as_bytes());
    changes.push(change("reason", Value::None, Value::Commitment(commitment)));
    let facts = facts::write(&changes).map_err(|error| Error::bug(error.to_string()))?;
    let words = format!("epoch={number}");
    let event = op.record(Act::EpochOpened.as_str(), None, facts, words)?;
    let (key, words) = (op.instance()?.text, format!("{}\n{reason}", Hash(salt)));
    let sealed = op.seal(key, field::EPOCH_REASON, event, 1, &words)?;
    let values = [signed(number)?.into(), workspace.into(), event.into(), sealed.into()];
    op.execute(&INSERT, &values)?;
    Ok(event)
}

/// Gives an event the next place.
fn place<P>(op: &mut Operation<P>, first: u64, event: EventId) -> Result<(), Error> {
    if first_free(op)? != first {
        return Err(Error::Damaged("a leaf of the ledger is in no head".to_owned()));
    }
    let values: [Column; 2] = [signed(first)?.into(), event.into()];
    op.execute_of_ledger(&PLACE, &values)?;
    Ok(())
}

/// Appends leaves, and signs the head by the new name.
fn go_on<P>(
    op: &mut Operation<P>,
    mut edge: Frontier,
    leaves: &[Vec<u8>],
    origin: &str,
) -> Result<Head, Error> {
    let signer = head::signer(op, origin)?;
    let mut tree = Tree::of(op, edge.size());
    tree.append(&mut edge, leaves.iter().map(|leaf| Hash::leaf(leaf)))?;
    tree.save()?;
    head::sign(op, &edge, &signer)
}

/// Where the log stands, by its name: nothing is built upon what is not of our own hand.
fn edge<P>(op: &mut Operation<P>, origin: Option<&str>) -> Result<Frontier, Error> {
    let Some(origin) = origin else { return Ok(Frontier::default()) };
    let (last, signer) = (head::last(op)?, head::signer(op, origin)?);
    head::edge(op, last.as_ref(), &signer)
}

/// What a workspace's log has to go on from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    /// Its epoch.
    pub(super) epoch: u64,
    /// What the instance's log knows of it.
    known: Option<Known>,
}

impl Standing {
    /// As the directory has it.
    pub(super) fn find(op: &mut DirectoryOp, workspace: WorkspaceId) -> Result<Self, Error> {
        let epoch = unsigned(op.one(&FIND_OF_ONE, &[workspace.into()])?.get(0)?)?;
        Ok(Self { epoch, known: find_known(op, workspace)? })
    }

    /// Refuses to sign another history than the one that is known.
    pub(super) fn require(self, op: &mut Threshold, last: Option<&Head>) -> Result<(), Error> {
        let epoch = last.map_or(self.epoch, |last| last.epoch);
        let Some(known) = self.known.filter(|known| known.epoch == epoch) else { return Ok(()) };
        if let Some(last) = last
            && has_begun_by(op, last, known.size, known.root)?
        {
            return Ok(());
        }
        Err(instance::forked(op.workspace()))
    }

    /// Has the log go on in a new epoch, where one was opened: the head that tells it.
    ///
    /// Errors: [`Error::Damaged`] where it was in that epoch before: another one has to be opened.
    pub(super) fn renew(self, op: &mut Threshold, host: &str) -> Result<Option<Head>, Error> {
        let (named, known) = (head::origin(op)?, self.known);
        let is_behind = match &named {
            Some(name) => head::epoch_of(name) < self.epoch,
            // It was put back to before it began.
            None => known.is_some(),
        };
        if !is_behind {
            return Ok(None);
        }
        // It has been in this epoch before: what was put back is older than the epoch.
        if known.is_some_and(|known| known.epoch >= self.epoch) {
            return Err(instance::forked(op.workspace()));
        }
        let edge = edge(op, named.as_deref())?;
        let renamed = head::rename(op, host, self.epoch)?;
        let root = edge.root().to_string();
        let size = known.map(|known| signed(known.size)).transpose()?;
        let changes: [(&str, Fact, Fact); 3] = [
            ("log", named.as_deref().into(), renamed.as_str().into()),
            ("size", size.into(), signed(edge.size())?.into()),
            (
                "root",
                known.map(|known| Fact::Word(known.root.to_string())).into(),
                Fact::Word(root),
            ),
        ];
        let first = edge.size();
        let event = insert_restored(op, &changes)?;
        place(op, first, event)?;
        let leaves = leaf::events(op, first, first + 1)?;
        go_on(op, edge, &leaves, &renamed).map(Some)
    }
}

/// The event of a workspace that tells of the epoch; it has its place at once.
fn insert_restored(op: &mut Threshold, changes: &[(&str, Fact, Fact)]) -> Result<EventId, Error> {
    let (event, request): (EventId, RequestId) = (op.new_id(), op.new_id());
    let values = [
        event.into(),
        op.now().as_microsecond().into(),
        Kind::LedgerRestored.as_str().into(),
        op.workspace().into(),
        request.into(),
        written(changes)?.into(),
    ];
    op.execute_of_ledger(&INSERT_RESTORED, &values)?;
    Ok(event)
}

/// What was known of a log: size and root.
fn before(size: Option<u64>, root: Option<Hash>) -> Result<(Value, Value), Error> {
    let size = size.map_or(Ok(Value::None), int)?;
    Ok((size, root.map_or(Value::None, |root| Value::Word(root.to_string()))))
}

fn int(number: u64) -> Result<Value, Error> {
    Ok(Value::Int(signed(number)?))
}

fn change(field: &str, before: Value, after: Value) -> Change {
    Change { field: field.to_owned(), before, after }
}

const FIND_LATEST: Statement = Statement::new(
    "ledger.find_latest_epoch",
    "SELECT COALESCE(MAX(number), 1) FROM ledger_epochs",
);

const FIND_OF_ALL: Statement = Statement::new(
    "ledger.find_epoch_of_all",
    "SELECT COALESCE(MAX(number), 1) FROM ledger_epochs WHERE workspace_id IS NULL",
);

const FIND_OF_ONE: Statement = Statement::new(
    "ledger.find_epoch_of_one",
    "SELECT COALESCE(MAX(number), 1) FROM ledger_epochs
     WHERE workspace_id IS NULL OR workspace_id = $1",
);

const INSERT: Statement = Statement::new(
    "ledger.insert_epoch",
    "INSERT INTO ledger_epochs (number, workspace_id, event_id, reason_sealed)
     VALUES ($1, $2, $3, $4)",
);

const PLACE: Statement = Statement::new(
    "ledger.place_event",
    "INSERT INTO ledger_leaves (position, event_id) VALUES ($1, $2)",
);

const FORGET: Statement =
    Statement::new("ledger.forget_event", "DELETE FROM ledger_pending WHERE event_id = $1");

const INSERT_RESTORED: Statement = Statement::new(
    "ledger.insert_restored",
    "INSERT INTO events (id, at, actor_kind, kind, object_kind, object_id, request_id, facts)
     VALUES ($1, $2, 'system', $3, 'workspace', $4, $5, $6)",
);

pub(super) const STATEMENTS: &[Statement] =
    &[FIND_LATEST, FIND_OF_ALL, FIND_OF_ONE, INSERT, PLACE, FORGET, INSERT_RESTORED];

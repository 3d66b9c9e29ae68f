//! The instance's own log: what happens on the instance, and the heads of the workspaces' logs, so that one
//! signed head stands for all of them.

use std::collections::BTreeMap;

use domain::ids::WorkspaceId;
use ledger::{
    Hash,
    event::{self, Act, Leaf},
    tile::Content,
};
use store::{Row, Statement};

use super::{
    Head, epoch, halt, head, leaf,
    proof::find_tile,
    sequence::{FIND_PENDING, Sequenced, take},
    signed,
    tree::{self, Tree},
    unsigned,
};
use crate::{App, DirectoryOp, Error, Operation, op::Threshold, security::TARGET};

/// How often it is tried where another node is at it as well.
const TRIES: u32 = 10;

/// Heads of workspaces by their ids.
type Heads = BTreeMap<WorkspaceId, Head>;

/// The last head of a workspace's log that the instance's log has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) epoch: u64,
    pub(super) size: u64,
    pub(super) root: Hash,
}

impl App {
    /// Whether anything waits for a place in the instance's log.
    ///
    /// Errors: [`Error::Store`].
    pub async fn has_unlogged(&self) -> Result<bool, Error> {
        if !self.waiting().heads().is_empty() {
            return Ok(true);
        }
        let request = self.new_request();
        self.read_directory(request, |op| Ok(op.optional(&FIND_PENDING, &[])?.is_some())).await
    }

    /// Gives the acts of the directory and the heads of workspaces that wait their places in the instance's
    /// log, and signs its head; how many leaves. A new log is named after the host.
    ///
    /// A workspace whose log does not go on from the head that is known, or whose head is none of ours, gets
    /// no new one, and is the answer once all others are done. One that cannot be looked into now is tried
    /// again.
    ///
    /// Errors: [`Error::Store`]; [`Error::Damaged`] where somebody has altered a ledger.
    pub async fn sequence_instance_log(&self, host: &str) -> Result<usize, Error> {
        let Judged { heads, settled, outcome } = self.judge(self.waiting().heads()).await?;
        let done = self.log_all(heads, host).await?;
        self.waiting().settle_heads(&settled);
        outcome.map(|()| done)
    }

    async fn log_all(&self, heads: Heads, host: &str) -> Result<usize, Error> {
        let (mut done, mut lost) = (0, 0);
        loop {
            let (heads, host) = (heads.clone(), host.to_owned());
            let request = self.new_request();
            let tried = self.write_directory(request, move |op| sequence(op, &host, &heads)).await;
            match tried {
                Ok(None) => return Ok(done),
                Ok(Some(Sequenced { count, .. })) => {
                    done += usize::try_from(count).map_err(|_| Error::bug("a count"))?;
                }
                Err(Error::Store(error)) if error.is_duplicate() && lost < TRIES => lost += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Which heads go on from those that are known. A workspace whose database was put back from a copy has
    /// lost leaves that were proven.
    async fn judge(&self, told: Heads) -> Result<Judged, Error> {
        let workspaces: Vec<WorkspaceId> = told.keys().copied().collect();
        let request = self.new_request();
        let known = self.read_directory(request, move |op| find_all_known(op, &workspaces)).await?;
        let mut judged = Judged { heads: Heads::new(), settled: told.clone(), outcome: Ok(()) };
        for (workspace, head) in told {
            let (asked, known) = (head.clone(), known.get(&workspace).copied());
            let looked = self
                .look_over_threshold(workspace, move |threshold| goes_on(threshold, &asked, known));
            match looked.await {
                Ok(true) => {
                    judged.heads.insert(workspace, head);
                }
                Ok(false) => judged.outcome = Err(forked(workspace)),
                // A workspace that is not there any more has no ledger.
                Err(Error::NotFound) => {}
                Err(error @ Error::Damaged(_)) => {
                    tracing::error!(target: TARGET, %workspace, %error, "a head is not logged");
                    judged.outcome = Err(error);
                }
                Err(error) => {
                    judged.settled.remove(&workspace);
                    judged.outcome = Err(error);
                }
            }
        }
        Ok(judged)
    }
}

/// What is done with heads that were told.
struct Judged {
    /// To be logged.
    heads: Heads,
    /// Not to be told again: they are logged, or never will be.
    settled: Heads,
    outcome: Result<(), Error>,
}

pub(super) fn forked(workspace: WorkspaceId) -> Error {
    let what = format!(
        "the ledger of the workspace {workspace} does not go on from its last known head: its database \
         may have been put back from a copy (timeproof ledger new-epoch)"
    );
    tracing::error!(target: TARGET, "{what}");
    Error::Damaged(what)
}

/// Whether a log has this head, which is of our own hand, and begins with what is known of it.
fn goes_on(op: &mut Threshold, head: &Head, known: Option<Known>) -> Result<bool, Error> {
    let Some(last) = head::last(op)? else { return Ok(false) };
    let origin = head::origin(op)?.ok_or_else(|| Error::bug("a head of a log without a name"))?;
    let signer = head::signer(op, &origin)?;
    head::edge(op, Some(&last), &signer)?;
    let is_begun_by = has_begun_by(op, &last, head.size, head.root)?;
    match known {
        // What was before an epoch, the epoch itself has told.
        Some(known) if known.epoch == last.epoch => {
            Ok(is_begun_by && has_begun_by(op, &last, known.size, known.root)?)
        }
        Some(known) => Ok(is_begun_by && known.epoch < last.epoch),
        None => Ok(is_begun_by),
    }
}

/// Whether a log of this last head has begun with so many leaves of this root.
pub(super) fn has_begun_by<P>(
    op: &mut Operation<P>,
    last: &Head,
    size: u64,
    root: Hash,
) -> Result<bool, Error> {
    if size >= last.size {
        return Ok((size, root) == (last.size, last.root));
    }
    Ok(ledger::tree::root(size, &mut Tree::of(op, last.size))? == root)
}

/// A file of hashes of the instance's log, by its path. The leaves themselves are nobody's who is not
/// known: they say who did what.
///
/// Errors: [`Error::NotFound`] for what no such file is called, and beyond the end; [`Error::Damaged`] for
/// one that was cut short.
pub fn instance_tile(op: &mut DirectoryOp, path: &str) -> Result<Vec<u8>, Error> {
    let tile = find_tile(op, path)?;
    match tile.content() {
        Content::Hashes(level) => tree::tile(op, level, &tile),
        Content::Entries => Err(Error::NotFound),
    }
}

/// The keys whose signatures on the heads of the instance's log are to be believed.
///
/// Errors: [`Error::NotFound`] before it has begun.
pub fn verifier_keys(op: &mut DirectoryOp) -> Result<Vec<String>, Error> {
    let origin = head::origin(op)?.ok_or(Error::NotFound)?;
    Ok(vec![head::signer(op, &origin)?.verifier().to_string()])
}

fn sequence(op: &mut DirectoryOp, host: &str, heads: &Heads) -> Result<Option<Sequenced>, Error> {
    let workspaces: Vec<WorkspaceId> = heads.keys().copied().collect();
    let known = find_all_known(op, &workspaces)?;
    let is_new = |(workspace, head): &(&WorkspaceId, &Head)| {
        known.get(workspace).is_none_or(|known| (known.epoch, known.size) < (head.epoch, head.size))
    };
    let fresh: Vec<_> = heads.iter().filter(is_new).collect();
    if fresh.is_empty() && op.optional(&FIND_PENDING, &[])?.is_none() {
        return Ok(None);
    }
    halt::refuse(op)?;
    let epoch = epoch::of_all(op)?;
    let origin = head::origin_or(op, host, epoch)?;
    if head::epoch_of(&origin) != epoch {
        return Err(Error::Damaged(format!("the ledger is called {origin}, in the epoch {epoch}")));
    }
    let signer = head::signer(op, &origin)?;
    let last = head::last(op)?;
    let mut edge = head::edge(op, last.as_ref(), &signer)?;
    let first = edge.size();
    let mut next = first + take(op, first)?;
    for (workspace, head) in fresh {
        insert(op, next, *workspace, head)?;
        next += 1;
    }
    let leaves = leaves(op, first)?;
    if u64::try_from(leaves.len()) != Ok(next - first) {
        return Err(Error::bug("a leaf without its row"));
    }
    let mut tree = Tree::of(op, first);
    tree.append(&mut edge, leaves.iter().map(|leaf| Hash::leaf(leaf)))?;
    tree.save()?;
    let head = head::sign(op, &edge, &signer)?;
    Ok(Some(Sequenced { head, count: next - first, is_all: true }))
}

/// The last head that the log has of each of these workspaces, if it has one.
fn find_all_known(
    op: &mut DirectoryOp,
    workspaces: &[WorkspaceId],
) -> Result<BTreeMap<WorkspaceId, Known>, Error> {
    let mut all = BTreeMap::new();
    for workspace in workspaces {
        all.extend(find_known(op, *workspace)?.map(|known| (*workspace, known)));
    }
    Ok(all)
}

/// The last head that the log has of a workspace, if it has one.
pub(super) fn find_known(
    op: &mut DirectoryOp,
    workspace: WorkspaceId,
) -> Result<Option<Known>, Error> {
    let Some(row) = op.optional(&FIND_KNOWN, &[workspace.into()])? else { return Ok(None) };
    let (epoch, size) = (unsigned(row.get(0)?)?, unsigned(row.get(1)?)?);
    Ok(Some(Known { epoch, size, root: Hash(row.get(2)?) }))
}

fn insert(
    op: &mut DirectoryOp,
    place: u64,
    workspace: WorkspaceId,
    head: &Head,
) -> Result<(), Error> {
    let values = [
        signed(place)?.into(),
        workspace.into(),
        signed(head.size)?.into(),
        head.root.0.into(),
        head.at.into(),
        signed(head.epoch)?.into(),
    ];
    op.execute(&INSERT, &values)?;
    Ok(())
}

/// The leaves from one place on, as their hashes are of.
pub(super) fn leaves(op: &mut DirectoryOp, first: u64) -> Result<Vec<Vec<u8>>, Error> {
    let rows = op.query(&LIST, &[signed(first)?.into()])?;
    rows.iter().map(|row| leaf::bytes(&read(row)?)).collect()
}

/// The bytes of the leaf at a place.
pub(super) fn leaf_at(op: &mut DirectoryOp, place: u64) -> Result<Vec<u8>, Error> {
    let row = op.one(&FIND_LEAF, &[signed(place)?.into()])?;
    leaf::bytes(&read(&row)?)
}

fn read(row: &Row) -> Result<Leaf, Error> {
    if let Some(workspace) = leaf::id_or_none(row, 0)? {
        return Ok(Leaf::Head(event::Head {
            workspace,
            size: unsigned(row.get(1)?)?,
            root: Hash(row.get(2)?),
            at: row.get(3)?,
        }));
    }
    Ok(Leaf::Act(Act {
        id: leaf::id(row, 4)?,
        at: row.get(5)?,
        kind: row.get(6)?,
        user: leaf::id_or_none(row, 7)?,
        request: leaf::id(row, 8)?,
        facts: row.get(9)?,
    }))
}

/// The index of the unique rule.
const FIND_KNOWN: Statement = Statement::new(
    "ledger.find_known_head",
    "SELECT epoch, size, root FROM ledger_leaves WHERE workspace_id = $1
     ORDER BY epoch DESC, size DESC LIMIT 1",
);

const INSERT: Statement = Statement::new(
    "ledger.insert_known_head",
    "INSERT INTO ledger_leaves (position, workspace_id, size, root, at, epoch)
     VALUES ($1, $2, $3, $4, $5, $6)",
);

const LIST: Statement = Statement::new(
    "ledger.list_leaves",
    "SELECT l.workspace_id, l.size, l.root, l.at, e.id, e.at, e.kind, e.user_id, e.request_id, e.facts
     FROM ledger_leaves l LEFT JOIN directory_events e ON e.id = l.event_id
     WHERE l.position >= $1 ORDER BY l.position",
);

/// By the primary keys.
const FIND_LEAF: Statement = Statement::new(
    "ledger.find_leaf",
    "SELECT l.workspace_id, l.size, l.root, l.at, e.id, e.at, e.kind, e.user_id, e.request_id, e.facts
     FROM ledger_leaves l LEFT JOIN directory_events e ON e.id = l.event_id WHERE l.position = $1",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_KNOWN, INSERT, LIST, FIND_LEAF];

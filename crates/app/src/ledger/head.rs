//! The names of logs, and their signed heads.

use ledger::{Checkpoint, Frontier, Hash, Note, Signer, key::Kind};
use store::{Row, Statement};

use super::{signed, tree::Tree, unsigned};
use crate::{Error, Operation};

/// The epoch that every log begins with.
pub(super) const FIRST: u64 = 1;

/// What stands between the name of a log and the number of a later epoch.
const EPOCH: &str = "/epoch-";

/// A head that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many leaves the log had.
    pub size: u64,
    /// The root of its tree.
    pub root: Hash,
    /// When it was signed, in microseconds.
    pub at: i64,
    /// The signed text.
    pub note: String,
    /// Of which epoch the log's name is.
    pub epoch: u64,
}

/// What the log is called, if it has begun.
///
/// Errors: [`Error::Damaged`] for the name of another log: one key signs them all, and what is written here
/// would be signed as that one's.
pub(super) fn origin<P>(op: &mut Operation<P>) -> Result<Option<String>, Error> {
    let Some(row) = op.optional(&FIND_ORIGIN, &[])? else { return Ok(None) };
    let origin: String = row.get(0)?;
    let (base, _) = parts(&origin);
    let host = base.strip_suffix(&path(op)).unwrap_or_default();
    if host.is_empty() || host.contains('/') {
        return Err(Error::Damaged(format!("a ledger is called {origin}, which it is not")));
    }
    Ok(Some(origin))
}

/// After which host the log here is called, if it has begun.
///
/// Errors: as [`origin`].
pub(super) fn host<P>(op: &mut Operation<P>) -> Result<Option<String>, Error> {
    let path = path(op);
    let host = |origin: String| parts(&origin).0.strip_suffix(&path).map(str::to_owned);
    Ok(origin(op)?.and_then(host))
}

/// What the log is called, from its beginning on: after this host, where it begins now.
pub(super) fn origin_or<P>(op: &mut Operation<P>, host: &str, epoch: u64) -> Result<String, Error> {
    if let Some(origin) = origin(op)? {
        return Ok(origin);
    }
    let name = named(&format!("{host}{}", path(op)), epoch);
    op.execute_of_ledger(&BEGIN, &[name.as_str().into()])?;
    Ok(name)
}

/// Has the log go on under the name of another epoch; what it is called then.
pub(super) fn rename<P>(op: &mut Operation<P>, host: &str, epoch: u64) -> Result<String, Error> {
    let Some(before) = origin(op)? else { return origin_or(op, host, epoch) };
    let name = named(parts(&before).0, epoch);
    op.execute_of_ledger(&RENAME, &[name.as_str().into()])?;
    Ok(name)
}

/// The name of a log in an epoch: in the first one it is the plain one.
fn named(base: &str, epoch: u64) -> String {
    if epoch == FIRST { base.to_owned() } else { format!("{base}{EPOCH}{epoch}") }
}

/// The plain name of a log, and its epoch.
fn parts(origin: &str) -> (&str, u64) {
    let later = origin.rsplit_once(EPOCH).and_then(|(base, number)| {
        let epoch = number.parse().ok().filter(|epoch| *epoch > FIRST)?;
        (named(base, epoch) == origin).then_some((base, epoch))
    });
    later.unwrap_or((origin, FIRST))
}

/// Whether a name is one that the log of an instance has, in whichever epoch.
pub(super) fn is_of_instance(origin: &str) -> bool {
    let host = parts(origin).0.strip_suffix("/ledger").unwrap_or_default();
    !host.is_empty() && !host.contains('/')
}

/// Whether two names are those of one log in its epochs.
pub(super) fn is_same_log(one: &str, other: &str) -> bool {
    parts(one).0 == parts(other).0
}

/// Of which epoch the name of a log is.
pub(super) fn epoch_of(origin: &str) -> u64 {
    parts(origin).1
}

/// What the names of this place's log end in.
fn path<P>(op: &Operation<P>) -> String {
    match op.workspace_or_none() {
        Some(workspace) => format!("/ledger/{workspace}"),
        None => "/ledger".to_owned(),
    }
}

/// The last head that was signed.
pub(super) fn last<P>(op: &mut Operation<P>) -> Result<Option<Head>, Error> {
    op.optional(&FIND_LAST, &[])?.map_or(Ok(None), |row| read(&row).map(Some))
}

/// Where the log goes on: the right edge of its tree, which has to be that of the last head, and that head
/// of our own hand. Nothing is built upon a tree that somebody else has touched.
pub(super) fn edge<P>(
    op: &mut Operation<P>,
    last: Option<&Head>,
    signer: &Signer,
) -> Result<Frontier, Error> {
    let Some(head) = last else { return Ok(Frontier::default()) };
    let altered = |what: &str| Error::Damaged(format!("{what} of the ledger was altered"));
    let note = Note::parse(&head.note).map_err(|_| altered("a head"))?;
    note.check(&[signer.verifier().clone()]).map_err(|_| altered("a head"))?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(|_| altered("a head"))?;
    let said = (checkpoint.origin(), checkpoint.size(), checkpoint.root());
    if said != (signer.verifier().name(), head.size, head.root) {
        return Err(altered("a head"));
    }
    let edge = Frontier::read(head.size, &mut Tree::of(op, head.size))?;
    if edge.root() == head.root { Ok(edge) } else { Err(altered("the tree")) }
}

/// Signs the head of the tree with this edge, and keeps it.
pub(super) fn sign<P>(
    op: &mut Operation<P>,
    edge: &Frontier,
    signer: &Signer,
) -> Result<Head, Error> {
    let (size, root, at) = (edge.size(), edge.root(), op.now().as_microsecond());
    let no_head = |error: &dyn std::fmt::Display| Error::bug(format!("a head: {error}"));
    let checkpoint = Checkpoint::new(signer.verifier().name(), size, root);
    let note = checkpoint.map_err(|e| no_head(&e))?.sign(signer).map_err(|e| no_head(&e))?;
    let epoch = epoch_of(signer.verifier().name());
    let head = Head { size, root, at, note: note.to_string(), epoch };
    let values = [signed(size)?.into(), root.0.into(), at.into(), head.note.as_str().into()];
    op.execute_of_ledger(&INSERT, &values)?;
    Ok(head)
}

/// What signs the heads of the log of this name: the key of the instance, by that name.
pub(super) fn signer<P>(op: &Operation<P>, origin: &str) -> Result<Signer, Error> {
    let seed = op.vault().signing_seed(op.log_key()?)?;
    Signer::new(origin, Kind::Log, seed.expose())
        .map_err(|error| Error::bug(format!("the log {origin}: {error}")))
}

pub(super) fn read(row: &Row) -> Result<Head, Error> {
    let note: String = row.get(3)?;
    let epoch = epoch_of(note.split('\n').next().unwrap_or_default());
    let root = Hash(row.get(1)?);
    Ok(Head { size: unsigned(row.get(0)?)?, root, at: row.get(2)?, note, epoch })
}

const FIND_ORIGIN: Statement =
    Statement::new("ledger.find_origin", "SELECT origin FROM ledger_log WHERE id = 1");

const BEGIN: Statement =
    Statement::new("ledger.begin", "INSERT INTO ledger_log (id, origin) VALUES (1, $1)");

const RENAME: Statement =
    Statement::new("ledger.rename", "UPDATE ledger_log SET origin = $1 WHERE id = 1");

const FIND_LAST: Statement = Statement::new(
    "ledger.find_last_head",
    "SELECT size, root, at, note FROM ledger_heads ORDER BY size DESC LIMIT 1",
);

const INSERT: Statement = Statement::new(
    "ledger.insert_head",
    "INSERT INTO ledger_heads (size, root, at, note) VALUES ($1, $2, $3, $4)",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_ORIGIN, BEGIN, RENAME, FIND_LAST, INSERT];

//! What is told to whoever checks a workspace's log: its head, the files of its tree, and the proof of one
//! event.

use domain::{
    ids::EventId,
    permission::{Relation, Right},
};
use ledger::{
    Note,
    proof::inclusion,
    receipt::Receipt,
    tile::{Content, Tile, WIDTH, write_entry},
};
use store::Statement;

use super::{
    Head, head, leaf,
    tree::{self, Tree},
    unsigned,
};
use crate::{Error, Op, Operation};

/// The signed head of the workspace's log.
///
/// Errors: [`Error::Forbidden`]; [`Error::NotFound`] before the log has begun, some seconds after the
/// workspace.
pub fn checkpoint(op: &mut Op) -> Result<String, Error> {
    op.require(Right::ReadRecord, Relation::Workspace)?;
    Ok(last(op)?.note)
}

/// What the last head of the workspace's log says, if it has begun.
///
/// Errors: [`Error::Forbidden`].
pub fn last_head(op: &mut Op) -> Result<Option<Head>, Error> {
    op.require(Right::ReadRecord, Relation::Workspace)?;
    head::last(op)
}

/// The key whose signatures on the heads of the workspace's log are to be believed, as a line.
///
/// Errors: [`Error::Forbidden`]; [`Error::NotFound`] before the log has begun.
pub fn verifier_key(op: &mut Op) -> Result<String, Error> {
    op.require(Right::ReadRecord, Relation::Workspace)?;
    let origin = head::origin(op)?.ok_or(Error::NotFound)?;
    Ok(head::signer(op, &origin)?.verifier().to_string())
}

/// A file of the workspace's log by its path: hashes of the tree, or the leaves themselves.
///
/// Errors: [`Error::Forbidden`]; [`Error::NotFound`] for what no file is called, and beyond the end;
/// [`Error::Damaged`] for one that was cut short.
pub fn tile(op: &mut Op, path: &str) -> Result<Vec<u8>, Error> {
    op.require(Right::ReadRecord, Relation::Workspace)?;
    let tile = find_tile(op, path)?;
    match tile.content() {
        Content::Hashes(level) => tree::tile(op, level, &tile),
        Content::Entries => entries(op, &tile),
    }
}

/// The proof that an event is in the workspace's log, as a file that needs nothing else: the leaf's bytes
/// are in it.
///
/// Errors: [`Error::Forbidden`]; [`Error::NotFound`] for another workspace's event, and for one that has no
/// place yet.
pub fn receipt(op: &mut Op, event: EventId) -> Result<String, Error> {
    op.require(Right::ReadRecord, Relation::Workspace)?;
    let row = op.optional(&FIND_PLACE, &[event.into()])?.ok_or(Error::NotFound)?;
    let index = unsigned(row.get(0)?)?;
    let head = last(op)?;
    let proof = inclusion(index, head.size, &mut Tree::of(op, head.size))?;
    let proof = proof.ok_or_else(|| Error::bug("a leaf beyond the head"))?;
    let extra = leaf::events(op, index, index + 1)?.pop();
    let note = Note::parse(&head.note);
    let head = note.map_err(|error| Error::Damaged(format!("a head of the ledger: {error}")))?;
    Ok(Receipt { extra, index, proof, head }.to_string())
}

fn entries(op: &mut Op, tile: &Tile) -> Result<Vec<u8>, Error> {
    let first = tile.index() * WIDTH;
    let leaves = leaf::events(op, first, first + u64::from(tile.width()))?;
    let entries = leaves.iter().map(|leaf| write_entry(leaf));
    let entries = entries.collect::<Option<Vec<_>>>();
    Ok(entries.ok_or_else(|| Error::bug("a leaf that is too long"))?.concat())
}

/// The file of this path, if the log has got so far.
pub(super) fn find_tile<P>(op: &mut Operation<P>, path: &str) -> Result<Tile, Error> {
    let tile = Tile::parse(path).ok_or(Error::NotFound)?;
    let there = Tile::at(tile.content(), tile.index(), last(op)?.size);
    let is_there = there.is_some_and(|there| tile.width() <= there.width());
    if is_there { Ok(tile) } else { Err(Error::NotFound) }
}

pub(super) fn last<P>(op: &mut Operation<P>) -> Result<Head, Error> {
    head::last(op)?.ok_or(Error::NotFound)
}

const FIND_PLACE: Statement =
    Statement::new("ledger.find_place", "SELECT position FROM ledger_leaves WHERE event_id = $1");

pub(super) const STATEMENTS: &[Statement] = &[FIND_PLACE];

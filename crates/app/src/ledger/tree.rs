//! The hashes of a tree, as they are stored: rows of up to 256, as the files of C2SP `tlog-tiles` have
//! them. The last row of each level is written anew as it grows.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use ledger::{
    Frontier, Hash, NodeId, Nodes,
    hash::HASH_BYTES,
    tile::{Content, Tile, WIDTH},
};
use store::{Statement, Value};

use super::{signed, unsigned};
use crate::{Error, Operation};

/// How many levels of the tree a row spans.
const HEIGHT: u8 = 8;

/// Level and index of a row.
type Place = (u8, u64);

/// The tree of a log, read as far as it is asked for.
pub(super) struct Tree<'o, 'a, 't, P> {
    op: &'o mut Operation<'a, 't, P>,
    size: u64,
    held: BTreeMap<Place, Vec<Hash>>,
    grown: BTreeSet<Place>,
}

impl<'o, 'a, 't, P> Tree<'o, 'a, 't, P> {
    /// The tree as it was when it had this many leaves, or as it is.
    pub(super) fn of(op: &'o mut Operation<'a, 't, P>, size: u64) -> Self {
        Self { op, size, held: BTreeMap::new(), grown: BTreeSet::new() }
    }

    /// Appends leaves to the edge, which is that of this tree, and keeps what they complete.
    pub(super) fn append(
        &mut self,
        edge: &mut Frontier,
        leaves: impl IntoIterator<Item = Hash>,
    ) -> Result<(), Error> {
        for leaf in leaves {
            let kept = edge.append(leaf).into_iter().filter(|(node, _)| node.level % HEIGHT == 0);
            for (node, hash) in kept {
                self.keep(node, hash)?;
            }
        }
        Ok(())
    }

    fn keep(&mut self, node: NodeId, hash: Hash) -> Result<(), Error> {
        let place = (node.level / HEIGHT, node.index / WIDTH);
        let at = node.index % WIDTH;
        if at == 0 {
            self.held.insert(place, Vec::new());
        }
        let row = self.row(place)?;
        if u64::try_from(row.len()) != Ok(at) {
            return Err(missing(place));
        }
        row.push(hash);
        self.grown.insert(place);
        Ok(())
    }

    /// Writes what has grown.
    pub(super) fn save(self) -> Result<(), Error> {
        for (level, index) in self.grown {
            let row = self.held.get(&(level, index)).into_iter().flatten();
            let bytes: Vec<u8> = row.flat_map(|hash| hash.0).collect();
            let values: [Value; 3] = [i64::from(level).into(), signed(index)?.into(), bytes.into()];
            if self.op.execute_of_ledger(&SAVE, &values)? != 1 {
                return Err(missing((level, index)));
            }
        }
        Ok(())
    }

    fn row(&mut self, place: Place) -> Result<&mut Vec<Hash>, Error> {
        match self.held.entry(place) {
            Entry::Occupied(held) => Ok(held.into_mut()),
            Entry::Vacant(free) => {
                let bytes = read(self.op, place)?.ok_or_else(|| missing(place))?;
                let (hashes, _) = bytes.as_chunks::<HASH_BYTES>();
                Ok(free.insert(hashes.iter().copied().map(Hash).collect()))
            }
        }
    }
}

impl<P> Nodes for Tree<'_, '_, '_, P> {
    type Error = Error;

    fn read(&mut self, node: NodeId) -> Result<Hash, Error> {
        let found = Tile::of(node, self.size);
        let (tile, range) = found.ok_or_else(|| Error::bug("a subtree beyond the ledger"))?;
        let Content::Hashes(level) = tile.content() else {
            return Err(Error::bug("a subtree in a file of entries"));
        };
        let place = (level, tile.index());
        range.hash(self.row(place)?).map_err(|_| missing(place))
    }
}

/// The bytes of a file of hashes that the log has, as long as its name says.
///
/// Errors: [`Error::Damaged`] where they are not there, or cut short.
pub(super) fn tile<P>(op: &mut Operation<P>, level: u8, tile: &Tile) -> Result<Vec<u8>, Error> {
    let place = (level, tile.index());
    let mut bytes = read(op, place)?.ok_or_else(|| missing(place))?;
    let length = usize::from(tile.width()) * HASH_BYTES;
    if bytes.len() < length {
        return Err(missing(place));
    }
    bytes.truncate(length);
    Ok(bytes)
}

fn read<P>(op: &mut Operation<P>, (level, index): Place) -> Result<Option<Vec<u8>>, Error> {
    let row = op.optional(&FIND, &[i64::from(level).into(), signed(index)?.into()])?;
    row.map_or(Ok(None), |row| Ok(Some(row.get(0)?)))
}

fn missing((level, index): Place) -> Error {
    Error::Damaged(format!("the ledger's tile {level}/{index} is not what was written"))
}

/// How many leaves the log has places for: those of its last head.
pub(super) fn first_free<P>(op: &mut Operation<P>) -> Result<u64, Error> {
    unsigned(op.one(&COUNT, &[])?.get(0)?)
}

const COUNT: Statement = Statement::new(
    "ledger.count_leaves",
    "SELECT COALESCE(MAX(position) + 1, 0) FROM ledger_leaves",
);

const FIND: Statement = Statement::new(
    "ledger.find_tile",
    "SELECT hashes FROM ledger_tiles WHERE level = $1 AND idx = $2",
);

/// A row only ever grows: what it began with stays.
const SAVE: Statement = Statement::new(
    "ledger.save_tile",
    "INSERT INTO ledger_tiles (level, idx, hashes) VALUES ($1, $2, $3)
     ON CONFLICT (level, idx) DO UPDATE SET hashes = excluded.hashes
         WHERE substr(excluded.hashes, 1, length(ledger_tiles.hashes)) = ledger_tiles.hashes
           AND length(excluded.hashes) > length(ledger_tiles.hashes)",
);

pub(super) const STATEMENTS: &[Statement] = &[COUNT, FIND, SAVE];

//! The tree as static files (C2SP `tlog-tiles`): 256 hashes a file, eight levels of the tree below each
//! other, so that anybody fetches few of them for any proof, and a cache keeps them for ever.

use std::fmt;

use crate::{Hash, NodeId, hash::HASH_BYTES, text};

/// How many hashes, or entries, a full file has.
pub const WIDTH: u64 = 256;

/// The levels of the tree that a file spans.
const HEIGHT: u8 = 8;

/// Longer entries do not fit into the files of the format.
pub const MOST_ENTRY_BYTES: usize = 65_535;

/// What is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Content {
    /// Hashes of the tree at this level of files, 0 to 7.
    Hashes(u8),
    /// The leaves themselves.
    Entries,
}

/// One file: which, and how many hashes or entries it has, 1 to 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    content: Content,
    index: u64,
    width: u16,
}

/// The bytes are not those of that file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file is not what its name says")]
pub struct BadTile;

impl Tile {
    /// The file that has a complete subtree, in a tree of this size, and where in it its hash or those it
    /// is made of begin. Nothing, where the tree has no such subtree.
    pub fn of(node: NodeId, size: u64) -> Option<(Self, Range)> {
        let level = node.level / HEIGHT;
        let rest = node.level % HEIGHT;
        let width = 1_u64 << rest;
        let first = node.index.checked_mul(width)?;
        let tile = Self::at(Content::Hashes(level), first / WIDTH, size)?;
        let start = u16::try_from(first % WIDTH).ok()?;
        let count = u16::try_from(width).ok()?;
        (start + count <= tile.width).then_some((tile, Range { start, count }))
    }

    /// The file with this index in a tree of this size; nothing, where it would be empty.
    pub fn at(content: Content, index: u64, size: u64) -> Option<Self> {
        let held = match content {
            Content::Hashes(level) => size.checked_shr(u32::from(level) * u32::from(HEIGHT))?,
            Content::Entries => size,
        };
        let width = held.checked_sub(index.checked_mul(WIDTH)?)?.min(WIDTH);
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        Some(Self { content, index, width })
    }

    /// All the files of a tree of this size; where it is partial, the last of each level as far as it goes.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        let levels = (0..64 / HEIGHT).map(Content::Hashes);
        levels
            .chain([Content::Entries])
            .flat_map(move |content| (0..).map_while(move |index| Self::at(content, index, size)))
    }

    /// What is in it.
    pub fn content(&self) -> Content {
        self.content
    }

    /// Which of its level, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it has, 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Which hashes of the tree it has, as nodes from its first to its last.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        let level = match self.content {
            Content::Hashes(level) => level * HEIGHT,
            Content::Entries => 0,
        };
        let first = self.index * WIDTH;
        (first..first + u64::from(self.width)).map(move |index| NodeId { level, index })
    }

    /// Reads a path, below the prefix of the log: `tile/0/x001/x234/067.p/8`, `tile/entries/000`.
    ///
    /// Nothing for what no file is called.
    pub fn parse(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("tile/")?;
        let (kind, rest) = rest.split_once('/')?;
        let content = match kind {
            "entries" => Content::Entries,
            _ => {
                Content::Hashes(u8::try_from(text::decimal(kind)?).ok().filter(|level| *level < 8)?)
            }
        };
        let (number, width) = match rest.split_once(".p/") {
            None => (rest, WIDTH),
            Some((number, width)) => (number, text::decimal(width).filter(|width| *width < WIDTH)?),
        };
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        let index = parse_index(number)?;
        // An index beyond any tree has no leaves.
        index.checked_mul(WIDTH)?.checked_add(WIDTH)?;
        Some(Self { content, index, width })
    }

    /// Reads a file of hashes.
    ///
    /// Errors: [`BadTile`] for another length.
    pub fn read_hashes(&self, bytes: &[u8]) -> Result<Vec<Hash>, BadTile> {
        let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
        if !rest.is_empty() || hashes.len() != usize::from(self.width) {
            return Err(BadTile);
        }
        Ok(hashes.iter().copied().map(Hash).collect())
    }

    /// Reads a file of entries.
    ///
    /// Errors: [`BadTile`] for another number of entries, or bytes that are no entries.
    pub fn read_entries<'a>(&self, mut bytes: &'a [u8]) -> Result<Vec<&'a [u8]>, BadTile> {
        let mut entries = Vec::new();
        while !bytes.is_empty() {
            let (length, rest) = bytes.split_first_chunk().ok_or(BadTile)?;
            let length = usize::from(u16::from_be_bytes(*length));
            let (entry, rest) = rest.split_at_checked(length).ok_or(BadTile)?;
            entries.push(entry);
            bytes = rest;
        }
        if entries.len() == usize::from(self.width) { Ok(entries) } else { Err(BadTile) }
    }
}

/// Which hashes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// From 0.
    pub start: u16,
    /// A power of two.
    pub count: u16,
}

impl Range {
    /// The hash of the subtree that these hashes of a file make.
    ///
    /// Errors: [`BadTile`] where the file has fewer.
    pub fn hash(self, hashes: &[Hash]) -> Result<Hash, BadTile> {
        let (start, count) = (usize::from(self.start), usize::from(self.count));
        let mut row = hashes.get(start..start + count).ok_or(BadTile)?.to_vec();
        while row.len() > 1 {
            let (pairs, _) = row.as_chunks::<2>();
            row = pairs.iter().map(|[left, right]| Hash::node(left, right)).collect();
        }
        row.first().copied().ok_or(BadTile)
    }
}

/// One entry as it stands in a file of entries; nothing, where it is too long for one.
pub fn write_entry(entry: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(entry.len()).ok()?;
    Some([length.to_be_bytes().as_slice(), entry].concat())
}

/// The path, below the prefix of the log.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.content {
            Content::Hashes(level) => write!(f, "tile/{level}/")?,
            Content::Entries => f.write_str("tile/entries/")?,
        }
        f.write_str(&write_index(self.index))?;
        match u64::from(self.width) {
            WIDTH => Ok(()),
            width => write!(f, ".p/{width}"),
        }
    }
}

/// `x001/x234/067`: three digits a folder, all but the last with an `x`.
fn write_index(mut index: u64) -> String {
    let mut path = format!("{:03}", index % 1000);
    while index >= 1000 {
        index /= 1000;
        path = format!("x{:03}/{path}", index % 1000);
    }
    path
}

fn parse_index(path: &str) -> Option<u64> {
    let mut index = 0_u64;
    let parts: Vec<&str> = path.split('/').collect();
    let (last, folders) = parts.split_last()?;
    let folders = folders.iter().map(|part| part.strip_prefix('x'));
    for digits in folders.chain([Some(*last)]) {
        let digits = digits.filter(|digits| digits.len() == 3)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    // One path a number: no folders of noughts in front.
    (write_index(index) == path).then_some(index)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::{Nodes, proof, tree};

    #[test]
    fn the_paths_of_the_specification() {
        assert_eq!(write_index(1_234_067), "x001/x234/067");
        // Its example: a tree of 70,000 leaves.
        let tiles: Vec<Tile> = Tile::all(70_000).collect();
        let count = |content| tiles.iter().filter(|tile| tile.content == content).count();
        let levels = [0, 1, 2, 3].map(|level| count(Content::Hashes(level)));
        assert_eq!((levels, count(Content::Entries)), ([274, 2, 1, 0], 274));
        let partial = tiles.iter().filter(|tile| tile.width < 256).map(ToString::to_string);
        assert_eq!(
            partial.collect::<Vec<_>>(),
            ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112"]
        );
        // And one of 256.
        let paths = Tile::all(256).map(|tile| tile.to_string()).collect::<Vec<_>>();
        assert_eq!(paths, ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]);
        assert_eq!(Tile::all(0).count(), 0);
    }

    #[test]
    fn what_no_file_is_called_is_not_read() {
        for wrong in [
            "",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/1000",
            "tile/8/000",
            "tile/00/000",
            "tile/-1/000",
            "tile/0/x000/001",
            "tile/0/x001/x002",
            "tile/0/001/002",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/07",
            "tile/0/000.p/",
            "tile/0/000/",
            "tile/0/../000",
            "tile/0/000.p/1/2",
            "/tile/0/000",
            "tile/entry/000",
            "tile/0/٠٠٠",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
            "tile/0/x072/x057/x594/x037/x927/936",
        ] {
            assert_eq!(Tile::parse(wrong), None, "{wrong}");
        }
    }

    /// The files of a tree, and its nodes read from them alone.
    struct Files {
        size: u64,
        files: BTreeMap<String, Vec<u8>>,
    }

    impl Nodes for Files {
        type Error = BadTile;
        fn read(&mut self, node: NodeId) -> Result<Hash, BadTile> {
            let (tile, range) = Tile::of(node, self.size).ok_or(BadTile)?;
            let bytes = self.files.get(&tile.to_string()).ok_or(BadTile)?;
            range.hash(&tile.read_hashes(bytes)?)
        }
    }

    #[test]
    fn every_proof_is_made_from_the_files_alone() {
        let (leaves, kept) = tree::tests::grown(70_000);
        let of_size = |size: u64| {
            let hashes = Tile::all(size).filter(|tile| tile.content != Content::Entries);
            let files = hashes.map(|tile| {
                let bytes = tile.nodes().flat_map(|node| kept.0[&node].0).collect();
                (tile.to_string(), bytes)
            });
            Files { size, files: files.collect() }
        };
        for size in [1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000] {
            let mut files = of_size(size);
            let root = tree::root(size, &mut files).unwrap();
            for index in [0, size / 3, size - 1] {
                let path = proof::inclusion(index, size, &mut files).unwrap().unwrap();
                let leaf = leaves[usize::try_from(index).unwrap()];
                assert_eq!(proof::check_inclusion(&leaf, index, size, &path, &root), Ok(()));
                let before = tree::root(index, &mut files).unwrap();
                let path = proof::consistency(index, size, &mut files).unwrap().unwrap();
                let told = proof::check_consistency((index, &before), (size, &root), &path);
                assert_eq!(told, Ok(()), "{index} of {size}");
            }
        }
        // A file cut short is found, whatever is asked of it.
        let mut files = of_size(70_000);
        files.files.get_mut("tile/0/273.p/112").unwrap().pop();
        assert_eq!(tree::root(70_000, &mut files), Err(BadTile));
    }

    #[test]
    fn entries_are_read_as_they_are_written() {
        let longest = vec![7; MOST_ENTRY_BYTES];
        let entries: [&[u8]; 3] = [b"one", b"", &longest];
        let bytes = entries.map(|entry| write_entry(entry).unwrap()).concat();
        let tile = Tile::parse("tile/entries/000.p/3").unwrap();
        assert_eq!(tile.read_entries(&bytes).unwrap(), entries);
        let other = Tile::parse("tile/entries/000.p/2").unwrap();
        for (tile, bytes) in [
            (other, bytes.as_slice()),
            (tile, &bytes[..bytes.len() - 1]),
            (tile, &[&bytes, &[0][..]].concat()),
            (tile, &[]),
        ] {
            assert_eq!(tile.read_entries(bytes), Err(BadTile));
        }
        assert_eq!(write_entry(&vec![0; MOST_ENTRY_BYTES + 1]), None);
    }

    proptest! {
        #[test]
        fn a_path_is_read_as_it_is_written(level in 0_u8..9, index in 0..u64::MAX / 512, width in 1_u16..=256) {
            let content = if level == 8 { Content::Entries } else { Content::Hashes(level) };
            let tile = Tile { content, index, width };
            prop_assert_eq!(Tile::parse(&tile.to_string()), Some(tile));
        }

        #[test]
        fn a_path_has_no_second_text(path in "tile/([0-9]|entries)/(x?[0-9]{3}/){0,2}x?[0-9]{1,4}(\\.p/[0-9]{1,3})?") {
            if let Some(tile) = Tile::parse(&path) {
                prop_assert_eq!(tile.to_string(), path);
            }
        }
    }
}

//! A log as a stranger sees it: fetched file by file, and checked with nothing but a key.

use std::collections::BTreeMap;

pub use ledger;
use ledger::{
    Checkpoint, Frontier, Hash, NodeId, Nodes, Note, Signer, Verifier,
    event::Leaf,
    key::Kind,
    proof::consistency,
    tile::{Content, Tile},
    tree::root,
    witness::AddCheckpoint,
};

/// What was fetched of a log.
pub struct LogCopy {
    /// Its head, signed by the key.
    pub head: Checkpoint,
    tiles: BTreeMap<String, Vec<u8>>,
}

impl Nodes for LogCopy {
    type Error = String;

    fn read(&mut self, node: NodeId) -> Result<Hash, String> {
        let (tile, range) = Tile::of(node, self.head.size()).ok_or("beyond the tree")?;
        let bytes = self.tiles.get(&tile.to_string()).ok_or(format!("no {tile}"))?;
        let hashes = tile.read_hashes(bytes).map_err(|error| error.to_string())?;
        range.hash(&hashes).map_err(|error| error.to_string())
    }
}

impl LogCopy {
    /// The log of this head, of which nothing is there yet.
    ///
    /// # Panics
    /// When the key has not signed it, alone and as its own.
    pub fn new(note: &str, key: &Verifier) -> Self {
        let note = Note::parse(note).expect("a note");
        let signed = note.check(std::slice::from_ref(key)).expect("a signature");
        assert_eq!(signed.logs, [key.name()]);
        let head = Checkpoint::parse(note.text()).expect("a head");
        assert_eq!(head.origin(), key.name());
        Self { head, tiles: BTreeMap::new() }
    }

    /// Fetches every file: hashes, and leaves where they are to be had.
    pub async fn fetch(&mut self, with_entries: bool, get: impl AsyncFn(String) -> Vec<u8>) {
        for tile in Tile::all(self.head.size()) {
            if with_entries || tile.content() != Content::Entries {
                self.tiles.insert(tile.to_string(), get(tile.to_string()).await);
            }
        }
    }

    /// The leaves' bytes.
    ///
    /// # Panics
    /// When they were not fetched, or are none.
    pub fn entries(&self) -> Vec<Vec<u8>> {
        let tiles = Tile::all(self.head.size()).filter(|tile| tile.content() == Content::Entries);
        let read = |tile: Tile| {
            let entries = tile.read_entries(&self.tiles[&tile.to_string()]).expect("entries");
            entries.into_iter().map(<[u8]>::to_vec).collect::<Vec<_>>()
        };
        tiles.flat_map(read).collect()
    }

    /// The leaves, once it is certain that their tree is the one that was signed, by every file of it.
    ///
    /// # Panics
    /// When it is not.
    pub fn check(&mut self) -> Vec<Leaf> {
        let entries = self.entries();
        let mut edge = Frontier::default();
        for entry in &entries {
            for (node, hash) in edge.append(Hash::leaf(entry)) {
                assert_eq!(self.read(node), Ok(hash), "{node:?}");
            }
        }
        assert_eq!((edge.size(), edge.root()), (self.head.size(), self.head.root()));
        entries.iter().map(|entry| Leaf::parse(entry).expect("a leaf")).collect()
    }
}

/// A log that a test writes by itself: what a witness is asked about.
pub struct OwnLog {
    signer: Signer,
    edge: Frontier,
    nodes: BTreeMap<NodeId, Hash>,
}

impl Nodes for OwnLog {
    type Error = String;

    fn read(&mut self, node: NodeId) -> Result<Hash, String> {
        self.nodes.get(&node).copied().ok_or_else(|| format!("no {node:?}"))
    }
}

impl OwnLog {
    /// A log of this name, empty, with the key of a seed of so many bytes of one kind.
    ///
    /// # Panics
    /// For a name that no key can have.
    pub fn new(name: &str, seed: u8) -> Self {
        let signer = Signer::new(name, Kind::Log, &[seed; 32]).expect("a name");
        Self { signer, edge: Frontier::default(), nodes: BTreeMap::new() }
    }

    /// Its key.
    pub fn key(&self) -> &Verifier {
        self.signer.verifier()
    }

    /// Appends leaves of this word until there are so many.
    pub fn grow(&mut self, word: &str, size: u64) {
        while self.edge.size() < size {
            let leaf = format!("{word} {}", self.edge.size());
            self.nodes.extend(self.edge.append(Hash::leaf(leaf.as_bytes())));
        }
    }

    /// Its head when it had so many leaves, signed.
    ///
    /// # Panics
    /// When it has fewer.
    pub fn head(&mut self, size: u64) -> Note {
        let root = root(size, self).expect("a root");
        let head = Checkpoint::new(self.signer.verifier().name(), size, root).expect("a head");
        head.sign(&self.signer).expect("a note")
    }

    /// What a witness is asked to go on from one size to another.
    ///
    /// # Panics
    /// When it has fewer leaves, or goes back.
    pub fn ask(&mut self, old: u64, size: u64) -> AddCheckpoint {
        let proof = consistency(old, size, self).expect("a proof").expect("it goes on");
        AddCheckpoint { old, proof, head: self.head(size) }
    }
}

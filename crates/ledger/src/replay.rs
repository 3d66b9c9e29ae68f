//! A log followed leaf by leaf, by somebody who has all its leaves: is each of them an event that can be
//! read in one way, does each event stand in it once, and do the roots come out that heads have told?
//!
//! Deliberately absent: what the events mean (see [`objects`](crate::objects)), and who signed the heads.

use std::collections::{BTreeMap, HashSet};

use crate::{
    Checkpoint, Frontier, Hash,
    event::{EventRef, Id, Leaf},
};

/// How far back time may go between two events, in microseconds: requests overlap, and servers correct
/// their clocks by little.
pub const MOST_BACK_US: i64 = 5 * 60 * 1_000_000;

/// A log on its way.
#[derive(Debug)]
pub struct Replay {
    edge: Frontier,
    seen: HashSet<Id>,
    /// By size: filled in when the log has grown to it.
    roots: BTreeMap<u64, Option<Hash>>,
}

/// Why a leaf cannot be one of the log of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Its bytes are not those of a leaf.
    #[error("its bytes are not those of a leaf")]
    NotCanonical,
    /// It is a leaf of the instance's log.
    #[error("it is not an event of a workspace")]
    NotAnEvent,
    /// The event stands in the log already.
    #[error("the same event stands in the log before")]
    Twice,
}

/// A leaf that is an event, before it has its place: what is read of it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeafRead<'a> {
    /// The event.
    pub event: EventRef<'a>,
    /// The hash of the leaf.
    pub hash: Hash,
}

impl<'a> LeafRead<'a> {
    /// Reads the bytes of a leaf; needs none of those before it.
    ///
    /// Errors: [`Misfit`], but for [`Misfit::Twice`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Misfit> {
        match EventRef::parse(bytes) {
            Ok(event) => Ok(Self { event, hash: Hash::leaf(bytes) }),
            Err(_) if Leaf::parse(bytes).is_ok() => Err(Misfit::NotAnEvent),
            Err(_) => Err(Misfit::NotCanonical),
        }
    }
}

/// How a head fits the leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// The log has had this head.
    Fits,
    /// The head tells of more leaves than there are.
    Longer,
    /// The first leaves of the log have another root than the head tells.
    Another {
        /// So many leaves are those of a smaller head that fits: what differs stands after them.
        since: u64,
    },
}

impl Replay {
    /// A log without leaves yet; the roots at the sizes of these heads are kept for [`fits`](Self::fits).
    pub fn new<'a>(heads: impl IntoIterator<Item = &'a Checkpoint>) -> Self {
        let mut roots: BTreeMap<_, _> = heads.into_iter().map(|head| (head.size(), None)).collect();
        if let Some(root) = roots.get_mut(&0) {
            *root = Some(Hash::empty());
        }
        Self { edge: Frontier::default(), seen: HashSet::new(), roots }
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// The root of all leaves.
    pub fn root(&self) -> Hash {
        self.edge.root()
    }

    /// The next leaf, by what was read of it: the id of its event, and its hash.
    ///
    /// Errors: [`Misfit::Twice`]; the log is as it was before.
    pub fn append(&mut self, event: Id, hash: Hash) -> Result<(), Misfit> {
        self.await_leaf(event)?;
        self.edge.append(hash);
        let size = self.edge.size();
        if let Some(root) = self.roots.get_mut(&size) {
            *root = Some(self.edge.root());
        }
        Ok(())
    }

    /// An event that is to be a leaf and is none yet.
    ///
    /// Errors: [`Misfit::Twice`].
    pub fn await_leaf(&mut self, event: Id) -> Result<(), Misfit> {
        if self.seen.insert(event) { Ok(()) } else { Err(Misfit::Twice) }
    }

    /// How each head fits the leaves, in the order of the heads. Those of sizes that were not given to
    /// [`new`](Self::new) fit only where the log ends.
    pub fn fits(&self, heads: &[Checkpoint]) -> Vec<Fit> {
        let is_right = |head: &&Checkpoint| self.root_at(head.size()) == Some(head.root());
        let fit = |head: &Checkpoint| {
            if head.size() > self.size() {
                return Fit::Longer;
            }
            if is_right(&head) {
                return Fit::Fits;
            }
            let smaller = heads.iter().filter(|other| other.size() < head.size());
            let since = smaller.filter(is_right).map(Checkpoint::size).max();
            Fit::Another { since: since.unwrap_or(0) }
        };
        heads.iter().map(fit).collect()
    }

    fn root_at(&self, size: u64) -> Option<Hash> {
        if size == self.size() {
            return Some(self.root());
        }
        self.roots.get(&size).copied().flatten()
    }
}

/// The times of a log's events, in the order of the log.
#[derive(Debug, Clone, Copy, Default)]
pub struct Times {
    latest: Option<i64>,
}

impl Times {
    /// The next time, in microseconds; by how much it lies before what was the latest, where that is more
    /// than [`MOST_BACK_US`]. From there on time is counted anew, so each place is told once.
    pub fn next(&mut self, at: i64) -> Option<i64> {
        let back = self.latest.map_or(0, |latest| latest.saturating_sub(at));
        let is_back = back > MOST_BACK_US;
        if is_back || back <= 0 {
            self.latest = Some(at);
        }
        is_back.then_some(back)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        event::{Event, facts},
        tree::{root, tests::Kept},
    };

    fn event(number: u8) -> Event {
        Event {
            id: [number; 16],
            at: i64::from(number),
            actor_kind: "member".to_owned(),
            actor: Some([1; 16]),
            kind: "tag.added".to_owned(),
            object_kind: "tag".to_owned(),
            object: [2; 16],
            subject: None,
            request: [3; 16],
            facts: facts::write(&[]).unwrap(),
        }
    }

    fn bytes(number: u8) -> Vec<u8> {
        Leaf::Event(event(number)).to_bytes().unwrap()
    }

    fn heads(numbers: &[u8], sizes: &[usize]) -> Vec<Checkpoint> {
        let head = |size: &usize| {
            let mut edge = Frontier::default();
            numbers[..*size].iter().for_each(|number| {
                edge.append(Hash::leaf(&bytes(*number)));
            });
            Checkpoint::new("log.example", edge.size(), edge.root()).unwrap()
        };
        sizes.iter().map(head).collect()
    }

    fn append(replay: &mut Replay, bytes: &[u8]) -> Result<(), Misfit> {
        let LeafRead { event, hash } = LeafRead::parse(bytes)?;
        replay.append(event.id, hash)
    }

    #[test]
    fn heads_of_the_same_history_fit_and_others_do_not() {
        let told = [1, 2, 3, 4, 5, 6, 7];
        let mut known = heads(&told, &[0, 2, 7, 5]);
        known.extend(heads(&[1, 2, 3, 9, 5, 6, 7, 8], &[3, 4, 6, 8]));
        let mut replay = Replay::new(&known);
        for number in told {
            let leaf = bytes(number);
            let read = LeafRead::parse(&leaf).unwrap();
            assert_eq!(read.event.to_event(), event(number));
            append(&mut replay, &leaf).unwrap();
        }
        let another = Fit::Another { since: 3 };
        let late = Fit::Another { since: 5 };
        let fits = replay.fits(&known);
        let expected = [Fit::Fits, Fit::Fits, Fit::Fits, Fit::Fits, Fit::Fits, another, late];
        assert_eq!(fits[..7], expected);
        assert_eq!(fits[7], Fit::Longer);
        // A size that nobody has asked for is not taken for right.
        let other = heads(&told, &[1]);
        assert_eq!(replay.fits(&other), [Fit::Another { since: 0 }]);
    }

    #[test]
    fn what_is_no_event_or_stands_twice_is_refused_and_changes_nothing() {
        let mut replay = Replay::new([]);
        append(&mut replay, &bytes(1)).unwrap();
        let root = replay.root();
        let head = crate::event::Head { workspace: [1; 16], size: 0, root, at: 0 };
        let head = Leaf::Head(head).to_bytes().unwrap();
        assert_eq!(append(&mut replay, &bytes(1)), Err(Misfit::Twice));
        assert_eq!(append(&mut replay, &head), Err(Misfit::NotAnEvent));
        assert_eq!(append(&mut replay, &bytes(2)[1..]), Err(Misfit::NotCanonical));
        assert_eq!((replay.size(), replay.root()), (1, root));
        assert_eq!(replay.await_leaf([2; 16]), Ok(()));
        assert_eq!(append(&mut replay, &bytes(2)), Err(Misfit::Twice));
        assert_eq!(replay.size(), 1);
    }

    #[test]
    fn time_that_goes_back_is_told_once_at_each_place() {
        let mut times = Times::default();
        let minute = 60 * 1_000_000;
        let told = [10, 5, 10, 4, 4, 5, -1, 11, 6, 11].map(|at| times.next(at * minute));
        let back = Some(6 * minute);
        assert_eq!(told, [None, None, None, back, None, None, back, None, None, None]);
        assert_eq!(times.next(i64::MIN), Some(i64::MAX));
        assert_eq!(times.next(i64::MAX), None);
    }

    proptest! {
        #[test]
        fn a_replay_has_the_root_of_its_tree(count in 0_u8..60) {
            let mut replay = Replay::new([]);
            let mut edge = Frontier::default();
            let mut kept = std::collections::BTreeMap::new();
            for number in 0..count {
                append(&mut replay, &bytes(number)).unwrap();
                kept.extend(edge.append(Hash::leaf(&bytes(number))));
            }
            prop_assert_eq!(Ok(replay.root()), root(u64::from(count), &mut Kept(kept)));
        }

        #[test]
        fn no_bytes_make_it_panic(leaves in prop::collection::vec(any::<Vec<u8>>(), 0..20)) {
            let mut replay = Replay::new([]);
            for leaf in leaves {
                prop_assert!(append(&mut replay, &leaf).is_err());
            }
            prop_assert_eq!(replay.size(), 0);
        }
    }
}

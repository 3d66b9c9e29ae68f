//! Receipts: one leaf's proof.

use std::convert::Infallible;
use std::fs;

use ledger::proof::inclusion;
use ledger::receipt::Receipt;
use ledger::{Frontier, Hash, NodeId, Nodes};

use super::*;

pub(super) struct Tree(pub(super) std::collections::BTreeMap<NodeId, Hash>);

impl Nodes for Tree {
    type Error = Infallible;

    fn read(&mut self, node: NodeId) -> Result<Hash, Infallible> {
        Ok(self.0[&node])
    }
}

fn receipt_of(fixture: &Fixture, index: usize, extra: Option<Vec<u8>>) -> Receipt {
    let mut edge = Frontier::default();
    let leaves = fixture.leaves.iter().map(|leaf| Hash::leaf(&leaf.bytes()));
    let mut tree = Tree(leaves.flat_map(|leaf| edge.append(leaf)).collect());
    let index = u64::try_from(index).unwrap();
    let proof = inclusion(index, edge.size(), &mut tree).unwrap().unwrap();
    Receipt { extra, index, proof, head: fixture.note() }
}

#[test]
fn a_leaf_is_proven_by_a_receipt_and_the_key_alone() {
    let folder = TempDir::new().unwrap();
    let (path, leaf) = (folder.path().join("receipt"), folder.path().join("leaf"));
    for case in 0..4 {
        let mut fixture = fixture(case);
        let index = fixture.rng.usize(..fixture.leaves.len());
        let bytes = fixture.leaves[index].bytes();
        let ask = |leaf: Option<&Path>, keys: &[String]| {
            let verdict = verify_receipt(&path, leaf, keys, &[], None, Timestamp::default())?;
            Ok::<_, Failure>(verdict.findings.iter().map(|one| one.code).collect::<Vec<_>>())
        };
        let put = |extra| fs::write(&path, receipt_of(&fixture, index, extra).to_string()).unwrap();
        put(Some(bytes.clone()));
        assert_eq!(ask(None, &fixture.keys).unwrap(), []);
        fs::write(&leaf, &bytes).unwrap();
        put(None);
        assert_eq!(ask(Some(&leaf), &fixture.keys).unwrap(), []);
        assert_eq!(ask(None, &fixture.keys).unwrap(), [Code::Receipt]);
        assert!(matches!(ask(Some(&leaf), &[]), Err(Failure::Usage(_))), "no key");
        assert!(matches!(
            ask(Some(&folder.path().join("no")), &fixture.keys),
            Err(Failure::Usage(_))
        ));
        let another = fixture::log_key("other.example").verifier().to_string();
        assert_eq!(ask(Some(&leaf), &[another]).unwrap(), [Code::Receipt]);
        fs::write(&leaf, [&bytes[..], b"x"].concat()).unwrap();
        assert_eq!(ask(Some(&leaf), &fixture.keys).unwrap(), [Code::Receipt]);
        fs::write(&path, "not a receipt").unwrap();
        assert_eq!(ask(Some(&leaf), &fixture.keys).unwrap(), [Code::Receipt]);
    }
}

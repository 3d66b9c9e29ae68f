//! One leaf's proof as a small file (C2SP `tlog-proof`): the place, the hashes up to the root, and the
//! signed head. Whoever has the leaf, the file and the names of the keys needs nothing else, nor us.

use std::fmt;

use crate::{
    Checkpoint, Hash, Note, Verifier,
    checkpoint::NoCheckpoint,
    note::{NoteError, Signed},
    proof::{MOST_HASHES, ProofError, check_inclusion},
    text,
};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// Longer further data is not read.
pub const MOST_EXTRA_BYTES: usize = 64 * 1024;

/// A proof of inclusion with the head it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What helps to understand the leaf. Nobody has signed it.
    pub extra: Option<Vec<u8>>,
    /// Which leaf, from 0.
    pub index: u64,
    /// From the leaf's sibling on.
    pub proof: Vec<Hash>,
    /// The signed head.
    pub head: Note,
}

/// Why a receipt proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is not of the format.
    #[error("this is not a receipt")]
    Format,
    /// Its head is not signed as it should be.
    #[error("the head: {0}")]
    Note(#[from] NoteError),
    /// Its head is none.
    #[error("{0}")]
    Head(#[from] NoCheckpoint),
    /// The head is of another log.
    #[error("the head is of another log")]
    OtherLog,
    /// The log itself has not signed the head.
    #[error("the log has not signed the head")]
    NotTheLog,
    /// The leaf is not in the tree.
    #[error("the leaf is not proven: {0}")]
    Proof(#[from] ProofError),
}

impl Receipt {
    /// Reads a file; `to_string` gives the same bytes again.
    ///
    /// Errors: [`ReceiptError::Format`], [`ReceiptError::Note`].
    pub fn parse(whole: &str) -> Result<Self, ReceiptError> {
        let (head, note) = whole.split_once("\n\n").ok_or(ReceiptError::Format)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(ReceiptError::Format);
        }
        let extra = match lines.next_if(|line| line.starts_with("extra ")) {
            None => None,
            Some(line) => Some(parse_extra(line).ok_or(ReceiptError::Format)?),
        };
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(text::decimal).ok_or(ReceiptError::Format)?;
        let proof: Option<Vec<Hash>> = lines.take(MOST_HASHES + 1).map(Hash::parse).collect();
        let proof = proof.filter(|proof| proof.len() <= MOST_HASHES).ok_or(ReceiptError::Format)?;
        Ok(Self { extra, index, proof, head: Note::parse(note)? })
    }

    /// Checks that a leaf of these bytes is at its place in the log of this name, as far as the keys are
    /// believed. The head, and who has signed it.
    ///
    /// How many witnesses are enough is for who asks to decide.
    ///
    /// Errors: [`ReceiptError`].
    pub fn check(
        &self,
        leaf: &[u8],
        origin: &str,
        keys: &[Verifier],
    ) -> Result<(Checkpoint, Signed), ReceiptError> {
        let signed = self.head.check(keys)?;
        let head = Checkpoint::parse(self.head.text())?;
        if head.origin() != origin {
            return Err(ReceiptError::OtherLog);
        }
        if !signed.logs.iter().any(|name| name == origin) {
            return Err(ReceiptError::NotTheLog);
        }
        let leaf = Hash::leaf(leaf);
        check_inclusion(&leaf, self.index, head.size(), &self.proof, &head.root())?;
        Ok((head, signed))
    }
}

fn parse_extra(line: &str) -> Option<Vec<u8>> {
    let bytes = text::decode(line.strip_prefix("extra ")?)?;
    Some(bytes).filter(|bytes| bytes.len() <= MOST_EXTRA_BYTES)
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", text::encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        key::{Kind, Signer},
        proof::inclusion,
        tree::{root, tests::grown},
    };

    fn receipt(log: &Signer, index: u64, size: u64) -> Receipt {
        let (_, mut nodes) = grown(size);
        let head = Checkpoint::new("log.example", size, root(size, &mut nodes).unwrap()).unwrap();
        let proof = inclusion(index, size, &mut nodes).unwrap().unwrap();
        Receipt { extra: Some(b"words".to_vec()), index, proof, head: head.sign(log).unwrap() }
    }

    #[test]
    fn a_leaf_is_proven_by_its_file_alone() {
        let log = Signer::new("log.example", Kind::Log, &[1; 32]).unwrap();
        let keys = [log.verifier().clone()];
        for (index, size) in [(0_u64, 1), (4, 5), (11, 100)] {
            let text = receipt(&log, index, size).to_string();
            let read = Receipt::parse(&text).unwrap();
            assert_eq!(read.to_string(), text);
            let leaf = index.to_be_bytes();
            let (head, _) = read.check(&leaf, "log.example", &keys).unwrap();
            assert_eq!(head.size(), size);
            let told = read.check(b"another", "log.example", &keys);
            assert_eq!(told, Err(ReceiptError::Proof(ProofError::OtherRoot)));
            let told = read.check(&leaf, "other.example", &keys);
            assert_eq!(told, Err(ReceiptError::OtherLog));
        }
    }

    #[test]
    fn a_head_that_the_log_has_not_signed_proves_nothing() {
        let log = Signer::new("log.example", Kind::Log, &[1; 32]).unwrap();
        let witness = Signer::new("witness.example", Kind::Witness, &[2; 32]).unwrap();
        let mut forged = receipt(&log, 3, 9);
        let text = forged.head.text().to_owned();
        forged.head = Note::new(text.clone(), vec![witness.sign(&text, 5)]).unwrap();
        let keys = [&log, &witness].map(|key| key.verifier().clone());
        let check = |keys: &[Verifier]| forged.check(&3_u64.to_be_bytes(), "log.example", keys);
        assert_eq!(check(&keys), Err(ReceiptError::NotTheLog));
        assert_eq!(check(&keys[..1]), Err(ReceiptError::Note(NoteError::Unknown)));
    }

    #[test]
    fn what_is_no_receipt_is_refused() {
        let log = Signer::new("log.example", Kind::Log, &[1; 32]).unwrap();
        let text = receipt(&log, 11, 100).to_string();
        let hash = format!("{}\n", Hash::empty());
        let (head, note) = text.split_once("\n\n").unwrap();
        for wrong in [
            String::new(),
            text.replace("@v1", "@v2"),
            text.replace("extra ", "extra  "),
            text.replace("extra ", "more "),
            text.replace("index 11", "index 011"),
            text.replace("index 11\n", ""),
            text.replace("index 11", "index 11 "),
            head.to_owned(),
            format!("{head}\n{}\n{note}", hash.repeat(MOST_HASHES)),
            format!("{head}\nnot a hash\n\n{note}"),
        ] {
            assert_eq!(Receipt::parse(&wrong), Err(ReceiptError::Format), "{wrong:.300}");
        }
        assert!(matches!(Receipt::parse(&format!("{head}\n\n")), Err(ReceiptError::Note(_))));
    }
}

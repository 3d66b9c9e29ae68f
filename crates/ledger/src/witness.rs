//! What a witness is asked and what it answers (C2SP `tlog-witness`): it keeps the largest head of a log
//! that it has seen, and cosigns only what is consistent with it.
//!
//! Deciding is here; that the new head is kept before the cosignature leaves, and that no second request
//! comes between, is for who keeps it.

use std::fmt;

use crate::{
    Checkpoint, Hash, Note, Signer, Verifier,
    checkpoint::NoCheckpoint,
    note::{NoteError, Signature},
    proof::check_consistency,
    text,
};

/// A request has no more hashes than this.
pub const MOST_HASHES: usize = 63;

/// A head to be cosigned, with the proof from the one that the witness has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size of the head that the witness cosigned last, as far as the log knows.
    pub old: u64,
    /// From there to the new one.
    pub proof: Vec<Hash>,
    /// The new one, signed.
    pub head: Note,
}

/// The size and root that a witness has seen last of a log; the empty tree, when nothing yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Leaves.
    pub size: u64,
    /// Of that tree.
    pub root: Hash,
}

/// Why a witness does not cosign, with the status of HTTP that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Declined {
    /// 400: it is not of the format, or goes back.
    #[error("this is not a request for a cosignature")]
    BadRequest,
    /// 403: the log has not signed it.
    #[error("the head is not signed by a key of that log")]
    Unsigned,
    /// 404: nobody told the witness of this log.
    #[error("the log is not known here")]
    UnknownLog,
    /// 409: the witness has another size, which it answers with; or the same size with another root.
    #[error("the last head seen here is of {0} leaves")]
    Conflict(u64),
    /// 422: the new head does not go on from the old one.
    #[error("the head is not consistent with the one before")]
    Inconsistent,
}

impl Declined {
    /// The status of HTTP.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unsigned => 403,
            Self::UnknownLog => 404,
            Self::Conflict(_) => 409,
            Self::Inconsistent => 422,
        }
    }
}

impl From<NoteError> for Declined {
    fn from(why: NoteError) -> Self {
        match why {
            NoteError::Unknown | NoteError::Bad(_) => Self::Unsigned,
            NoteError::Format | NoteError::TooLong => Self::BadRequest,
        }
    }
}

impl From<NoCheckpoint> for Declined {
    fn from(NoCheckpoint: NoCheckpoint) -> Self {
        Self::BadRequest
    }
}

impl Default for Seen {
    fn default() -> Self {
        Self { size: 0, root: Hash::empty() }
    }
}

impl AddCheckpoint {
    /// Reads the body of a request; `to_string` gives the same bytes again.
    ///
    /// Errors: [`Declined::BadRequest`].
    pub fn parse(body: &str) -> Result<Self, Declined> {
        let (first, note) = body.split_once("\n\n").ok_or(Declined::BadRequest)?;
        let mut lines = first.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let old = old.and_then(text::decimal).ok_or(Declined::BadRequest)?;
        let proof: Option<Vec<Hash>> = lines.take(MOST_HASHES + 1).map(Hash::parse).collect();
        let proof = proof.filter(|proof| proof.len() <= MOST_HASHES).ok_or(Declined::BadRequest)?;
        Ok(Self { old, proof, head: Note::parse(note)? })
    }

    /// Whose log it says to be: by that the witness finds what it has seen and whom it believes.
    ///
    /// Errors: [`Declined::BadRequest`].
    pub fn checkpoint(&self) -> Result<Checkpoint, Declined> {
        Ok(Checkpoint::parse(self.head.text())?)
    }

    /// Whether this head may be cosigned after the one seen: then what is to be kept before the
    /// cosignature is given out.
    ///
    /// `keys` are those of this log.
    ///
    /// Errors: [`Declined`].
    pub fn judge(&self, keys: &[Verifier], seen: Seen) -> Result<Seen, Declined> {
        let signed = self.head.check(keys)?;
        let head = self.checkpoint()?;
        if !signed.logs.iter().any(|name| keys.iter().any(|key| key.name() == name)) {
            return Err(Declined::Unsigned);
        }
        if self.old > head.size() {
            return Err(Declined::BadRequest);
        }
        if self.old != seen.size {
            return Err(Declined::Conflict(seen.size));
        }
        let next = Seen { size: head.size(), root: head.root() };
        if next.size == seen.size && next.root != seen.root {
            return Err(Declined::Conflict(seen.size));
        }
        let (before, after) = ((seen.size, &seen.root), (next.size, &next.root));
        check_consistency(before, after, &self.proof).map_err(|_| Declined::Inconsistent)?;
        Ok(next)
    }

    /// The cosignature for a head that was [judged](Self::judge) and is kept; `now` in seconds since 1970
    /// (UTC). Its line is the answer.
    pub fn cosign(&self, witness: &Signer, now: u64) -> Signature {
        witness.sign(self.head.text(), now)
    }
}

/// Reads a witness's answer: the signature lines of known witnesses over this head, checked. What others
/// have signed is left out.
///
/// Errors: [`NoteError`]; [`NoteError::Unknown`] where none is a known witness's.
pub fn read_answer(
    body: &str,
    head: &Note,
    witnesses: &[Verifier],
) -> Result<Vec<Signature>, NoteError> {
    let lines = body.strip_suffix('\n').ok_or(NoteError::Format)?.split('\n');
    let limited = lines.take(crate::note::MOST_SIGNATURES).map(Signature::parse);
    let mut signatures = limited.collect::<Result<Vec<_>, _>>()?;
    signatures.retain(|signature| witnesses.iter().any(|key| key.is_named_by(signature)));
    if signatures.is_empty() {
        return Err(NoteError::Unknown);
    }
    Note::new(head.text().to_owned(), signatures.clone())?.check(witnesses)?;
    Ok(signatures)
}

/// The body of a request.
impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        key::Kind,
        proof::consistency,
        tree::{Frontier, root, tests::grown},
    };

    const ORIGIN: &str = "log.example";

    fn log() -> Signer {
        Signer::new(ORIGIN, Kind::Log, &[1; 32]).unwrap()
    }

    fn request(old: u64, size: u64) -> AddCheckpoint {
        let (_, mut nodes) = grown(size);
        let head = Checkpoint::new(ORIGIN, size, root(size, &mut nodes).unwrap()).unwrap();
        let proof = consistency(old, size, &mut nodes).unwrap().unwrap();
        AddCheckpoint { old, proof, head: head.sign(&log()).unwrap() }
    }

    fn seen(size: u64) -> Seen {
        let (_, mut nodes) = grown(size);
        Seen { size, root: root(size, &mut nodes).unwrap() }
    }

    #[test]
    fn a_log_that_only_grows_is_cosigned_head_by_head() {
        let witness = Signer::new("witness.example", Kind::Witness, &[2; 32]).unwrap();
        let keys = [log().verifier().clone()];
        let mut last = Seen::default();
        for size in [0, 1, 1, 5, 8, 21] {
            let asked = AddCheckpoint::parse(&request(last.size, size).to_string()).unwrap();
            last = asked.judge(&keys, last).unwrap();
            assert_eq!(last, seen(size));
            let line = format!("{}\n", asked.cosign(&witness, 77));
            let answer = read_answer(&line, &asked.head, &[witness.verifier().clone()]).unwrap();
            assert_eq!(answer.len(), 1);
            let whole = asked.head.with(answer[0].clone()).unwrap();
            let signed = whole.check(&[witness.verifier().clone()]).unwrap();
            assert_eq!(signed.witnesses, [("witness.example".to_owned(), 77)]);
        }
    }

    #[test]
    fn what_was_rewritten_rolled_back_or_is_not_the_logs_is_not_cosigned() {
        let keys = [log().verifier().clone()];
        let stranger = [Signer::new(ORIGIN, Kind::Log, &[9; 32]).unwrap().verifier().clone()];
        let judge = |asked: &AddCheckpoint, seen| asked.judge(&keys, seen);
        assert_eq!(judge(&request(5, 9), seen(6)), Err(Declined::Conflict(6)));
        assert_eq!(judge(&request(0, 5), seen(9)), Err(Declined::Conflict(9)));
        assert_eq!(request(5, 9).judge(&stranger, seen(5)), Err(Declined::Unsigned));
        let mut backwards = request(5, 9);
        backwards.old = 10;
        assert_eq!(judge(&backwards, seen(10)), Err(Declined::BadRequest));
        // Two histories of one size.
        let mut edge = Frontier::default();
        for at in 0..5_u8 {
            edge.append(Hash::leaf(&[at]));
        }
        let other = Seen { size: 5, root: edge.root() };
        assert_eq!(judge(&request(5, 5), other), Err(Declined::Conflict(5)));
        assert_eq!(judge(&request(5, 9), other), Err(Declined::Inconsistent));
        let mut short = request(5, 9);
        short.proof.pop();
        assert_eq!(judge(&short, seen(5)), Err(Declined::Inconsistent));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let text = request(5, 9).to_string();
        let line = format!("{}\n", Hash::empty());
        for wrong in [
            String::new(),
            text.replace("old 5", "old 05"),
            text.replace("old 5", "old -1"),
            text.replace("old 5\n", ""),
            text.replacen("old 5\n", &format!("old 5\n{}", line.repeat(MOST_HASHES + 1)), 1),
            text.replacen("old 5\n", "old 5\nno hash\n", 1),
            text.trim_end().to_owned(),
        ] {
            assert_eq!(AddCheckpoint::parse(&wrong), Err(Declined::BadRequest), "{wrong:.200}");
        }
        let statuses = [
            Declined::BadRequest,
            Declined::Unsigned,
            Declined::UnknownLog,
            Declined::Conflict(1),
            Declined::Inconsistent,
        ];
        assert_eq!(statuses.map(Declined::status), [400, 403, 404, 409, 422]);
    }

    #[test]
    fn an_answer_counts_only_by_known_witnesses_over_this_head() {
        let asked = request(0, 3);
        let [one, two] = [2_u8, 3].map(|seed| {
            Signer::new(&format!("witness-{seed}.example"), Kind::Witness, &[seed; 32]).unwrap()
        });
        let known = [one.verifier().clone()];
        let lines = format!("{}\n{}\n", asked.cosign(&two, 1), asked.cosign(&one, 2));
        let read = read_answer(&lines, &asked.head, &known).unwrap();
        assert_eq!(read.iter().map(Signature::name).collect::<Vec<_>>(), ["witness-2.example"]);
        let unknown = format!("{}\n", asked.cosign(&two, 1));
        assert_eq!(read_answer(&unknown, &asked.head, &known), Err(NoteError::Unknown));
        let of_another = format!("{}\n", request(0, 4).cosign(&one, 2));
        assert!(matches!(read_answer(&of_another, &asked.head, &known), Err(NoteError::Bad(_))));
        for wrong in ["", "\n", "words\n"] {
            assert_eq!(read_answer(wrong, &asked.head, &known), Err(NoteError::Format));
        }
    }
}

//! A text and its signatures (C2SP `signed-note`).
//!
//! ```text
//! log.example/kitchen
//! 3
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//!
//! — log.example/kitchen Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurm…
//! ```

use std::fmt;

use crate::{
    key::{BadSignature, Kind, Verifier, is_name},
    text,
};

/// Longer notes are not read.
pub const MOST_BYTES: usize = 64 * 1024;

/// Notes with more signatures are not read; the format asks for 16 at least.
pub const MOST_SIGNATURES: usize = 64;

/// What begins the line of a signature: an em dash and a space.
const DASH: &str = "— ";

/// A text with signatures, of which nothing is known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// One signature: by whom, as they say, and what they signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    name: String,
    key_id: [u8; 4],
    bytes: Vec<u8>,
}

/// Why a text is no note, or says nothing to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is not of the format.
    #[error("this is not a signed note")]
    Format,
    /// It is longer, or has more signatures, than are read.
    #[error("the note is too long")]
    TooLong,
    /// No key that is known has signed it.
    #[error("the note is signed by no key that is known")]
    Unknown,
    /// A known key is named, and its signature is over something else.
    #[error("{0}")]
    Bad(#[from] BadSignature),
}

/// Whose signatures on a note are right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signed {
    /// The names of the logs' keys.
    pub logs: Vec<String>,
    /// The names of the witnesses' keys, each once, with the time of their statement in seconds since
    /// 1970 (UTC): the latest.
    pub witnesses: Vec<(String, u64)>,
}

impl Signature {
    /// What a key has signed with.
    pub(crate) fn new(key: &Verifier, bytes: Vec<u8>) -> Self {
        Self { name: key.name().to_owned(), key_id: key.id(), bytes }
    }

    /// Whose it says to be.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which of their keys, shortly.
    pub fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    /// Without the id of the key.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads a line without its end.
    ///
    /// Errors: [`NoteError::Format`].
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let parts = line.strip_prefix(DASH).and_then(|rest| rest.split_once(' '));
        let (name, words) = parts.ok_or(NoteError::Format)?;
        let bytes = text::decode(words).ok_or(NoteError::Format)?;
        let (key_id, bytes) = bytes.split_first_chunk().ok_or(NoteError::Format)?;
        if !is_name(name) || bytes.is_empty() {
            return Err(NoteError::Format);
        }
        Ok(Self { name: name.to_owned(), key_id: *key_id, bytes: bytes.to_vec() })
    }
}

/// The line, without its end.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.key_id.as_slice(), &self.bytes].concat();
        write!(f, "{DASH}{} {}", self.name, text::encode(&bytes))
    }
}

impl Note {
    /// A text with signatures. The text ends with a line's end and has no control characters but those.
    ///
    /// Errors: [`NoteError::Format`], [`NoteError::TooLong`].
    pub fn new(text: String, signatures: Vec<Signature>) -> Result<Self, NoteError> {
        let is_fit = |c: char| c == '\n' || c >= ' ';
        if !text.ends_with('\n') || !text.chars().all(is_fit) || signatures.is_empty() {
            return Err(NoteError::Format);
        }
        if text.len() > MOST_BYTES || signatures.len() > MOST_SIGNATURES {
            return Err(NoteError::TooLong);
        }
        Ok(Self { text, signatures })
    }

    /// Reads a note; `to_string` gives the same bytes again.
    ///
    /// Errors: [`NoteError::Format`], [`NoteError::TooLong`].
    pub fn parse(whole: &str) -> Result<Self, NoteError> {
        if whole.len() > MOST_BYTES {
            return Err(NoteError::TooLong);
        }
        // The last empty line divides: the text may have others.
        let middle = whole.rfind("\n\n").ok_or(NoteError::Format)?;
        let (text, rest) = whole.split_at_checked(middle + 1).ok_or(NoteError::Format)?;
        let lines = rest.strip_prefix('\n').and_then(|rest| rest.strip_suffix('\n'));
        let lines = lines.ok_or(NoteError::Format)?.split('\n');
        let signatures = lines.take(MOST_SIGNATURES + 1).map(Signature::parse);
        Self::new(text.to_owned(), signatures.collect::<Result<_, _>>()?)
    }

    /// What is signed, with its last line's end. To be believed only as far as [`check`](Self::check)
    /// says by whom.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All of them, known or not.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The same text with one signature more.
    ///
    /// Errors: [`NoteError::TooLong`].
    pub fn with(mut self, signature: Signature) -> Result<Self, NoteError> {
        self.signatures.push(signature);
        Self::new(self.text, self.signatures)
    }

    /// Whose signatures are right, of the keys that are known; those of others say nothing. A witness
    /// counts once, however often it has signed.
    ///
    /// Errors: [`NoteError::Bad`] where a known key is named wrongly; [`NoteError::Unknown`].
    pub fn check(&self, keys: &[Verifier]) -> Result<Signed, NoteError> {
        let mut signed = Signed::default();
        for signature in &self.signatures {
            for key in keys.iter().filter(|key| key.is_named_by(signature)) {
                signed.add(key, key.check(&self.text, signature)?);
            }
        }
        let is_known = !signed.logs.is_empty() || !signed.witnesses.is_empty();
        if is_known { Ok(signed) } else { Err(NoteError::Unknown) }
    }
}

impl Signed {
    fn add(&mut self, key: &Verifier, time: Option<u64>) {
        let name = key.name().to_owned();
        match (key.kind(), time) {
            (Kind::Witness, Some(time)) => {
                match self.witnesses.iter_mut().find(|(other, _)| *other == name) {
                    Some((_, before)) => *before = time.max(*before),
                    None => self.witnesses.push((name, time)),
                }
            }
            _ if self.logs.contains(&name) => {}
            _ => self.logs.push(name),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::key::Signer;

    /// The example of Go's `golang.org/x/mod/sumdb/note`, which wrote the format down first.
    const GO: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\
        \n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    fn signer(name: &str, kind: Kind, seed: u8) -> Signer {
        Signer::new(name, kind, &[seed; 32]).unwrap()
    }

    #[test]
    fn the_published_note_is_read_written_and_right() {
        let note = Note::parse(GO).unwrap();
        assert_eq!(note.to_string(), GO);
        let peter = Verifier::parse(PETER).unwrap();
        assert_eq!(note.check(&[peter]).unwrap().logs, ["PeterNeumann"]);
    }

    #[test]
    fn only_known_keys_count_and_a_wrong_one_of_them_spoils_the_note() {
        let [log, one, two, stranger] = [
            signer("log", Kind::Log, 1),
            signer("one", Kind::Witness, 2),
            signer("two", Kind::Witness, 3),
            signer("stranger", Kind::Witness, 4),
        ];
        let keys = [&log, &one, &two].map(|key| key.verifier().clone());
        let text = "a\n\nb\n";
        let signed = |by: &[(&Signer, u64)]| {
            let signatures = by.iter().map(|(key, time)| key.sign(text, *time)).collect();
            Note::new(text.to_owned(), signatures).unwrap()
        };
        // One that signs twice is one.
        let note = signed(&[(&stranger, 9), (&one, 5), (&log, 0), (&one, 7), (&one, 6)]);
        let note = Note::parse(&note.to_string()).unwrap();
        let expected = Signed { logs: vec!["log".into()], witnesses: vec![("one".into(), 7)] };
        assert_eq!(note.check(&keys), Ok(expected));
        assert_eq!(signed(&[(&stranger, 9)]).check(&keys), Err(NoteError::Unknown));
        // Somebody else's signature under a known name and id.
        let forged = Signature { bytes: stranger.sign(text, 8).bytes, ..two.sign(text, 8) };
        let forged = note.clone().with(forged).unwrap();
        assert_eq!(forged.check(&keys), Err(NoteError::Bad(BadSignature)));
        // A known name alone is nobody known.
        let renamed = Signature { name: "two".into(), ..stranger.sign(text, 8) };
        assert!(note.with(renamed).unwrap().check(&keys).is_ok());
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let (text, line) = GO.rsplit_once("\n\n").unwrap();
        let long = format!("{}\n\n{line}", "x".repeat(MOST_BYTES));
        let many = format!("{text}\n\n{}", line.repeat(MOST_SIGNATURES + 1));
        for (wrong, why) in [
            (String::new(), NoteError::Format),
            (text.to_owned(), NoteError::Format),
            (format!("{text}\n\n"), NoteError::Format),
            (GO.trim_end().to_owned(), NoteError::Format),
            (format!("{GO}\n"), NoteError::Format),
            (format!("{GO}more"), NoteError::Format),
            (GO.replace("— ", "- "), NoteError::Format),
            (GO.replace("— ", "—  "), NoteError::Format),
            (GO.replace("problem,\n", "problem,\r\n"), NoteError::Format),
            (GO.replace("answer", "ans\twer"), NoteError::Format),
            (GO.replace("x08go", "x08g\u{a0}o"), NoteError::Format),
            (format!("{text}\n\n— PeterNeumann x08gow==\n"), NoteError::Format),
            (long, NoteError::TooLong),
            (many, NoteError::TooLong),
        ] {
            assert_eq!(Note::parse(&wrong), Err(why), "{wrong:.200}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_the_same(whole in "[ab\n]{0,9}\n\n(— [a-z ]{0,3} [A-D=]{0,9}\n){0,3}\\PC{0,3}") {
            if let Ok(note) = Note::parse(&whole) {
                prop_assert_eq!(note.to_string(), whole);
            }
        }
    }
}

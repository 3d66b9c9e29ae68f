//! The head of a tree (C2SP `tlog-checkpoint`): whose log, how many leaves, which root.

use std::fmt;

use crate::{Hash, Note, Signer, note::NoteError, text};

/// The text that a log signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
    extensions: Vec<String>,
}

/// It is not the text of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the head of a log")]
pub struct NoCheckpoint;

impl Checkpoint {
    /// The head of the log of this name.
    ///
    /// Errors: [`NoCheckpoint`] for a name that is empty or no single line.
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, NoCheckpoint> {
        if !is_line(origin) {
            return Err(NoCheckpoint);
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions: Vec::new() })
    }

    /// Reads a note's text; `to_string` gives the same bytes again.
    ///
    /// Errors: [`NoCheckpoint`].
    pub fn parse(text: &str) -> Result<Self, NoCheckpoint> {
        let mut lines = text.strip_suffix('\n').ok_or(NoCheckpoint)?.split('\n');
        let mut line = || lines.next().filter(|line| is_line(line)).ok_or(NoCheckpoint);
        let (origin, size, root) = (line()?, line()?, line()?);
        let size = text::decimal(size).ok_or(NoCheckpoint)?;
        let root = Hash::parse(root).ok_or(NoCheckpoint)?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if !extensions.iter().all(|line| is_line(line)) {
            return Err(NoCheckpoint);
        }
        Ok(Self { extensions, ..Self::new(origin, size, root)? })
    }

    /// Whose log it is.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// Further lines of other logs; ours has none.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// The note by which a log says that this is its head.
    ///
    /// Errors: [`NoteError::TooLong`].
    pub fn sign(&self, log: &Signer) -> Result<Note, NoteError> {
        let text = self.to_string();
        let signature = log.sign(&text, 0);
        Note::new(text, vec![signature])
    }
}

fn is_line(line: &str) -> bool {
    !line.is_empty() && line.chars().all(|c| c >= ' ')
}

/// The text that is signed, with its last line's end.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, self.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Kind;

    /// The example of the specification.
    const SEEN: &str =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn the_published_head_is_read_and_written() {
        let head = Checkpoint::parse(SEEN).unwrap();
        assert_eq!((head.origin(), head.size()), ("example.com/behind-the-sofa", 20_852_163));
        assert_eq!(head.to_string(), SEEN);
        let more = format!("{SEEN}another line\n");
        let head = Checkpoint::parse(&more).unwrap();
        assert_eq!((head.extensions(), head.to_string()), (&["another line".to_owned()][..], more));
    }

    #[test]
    fn what_is_no_head_is_refused() {
        let [origin, size, root] = SEEN.trim_end().split('\n').collect::<Vec<_>>()[..] else {
            panic!("three lines");
        };
        for wrong in [
            String::new(),
            SEEN.trim_end().to_owned(),
            format!("\n{size}\n{root}\n"),
            format!("{origin}\n{root}\n{size}\n"),
            format!("{origin}\n0{size}\n{root}\n"),
            format!("{origin}\n-1\n{root}\n"),
            format!("{origin}\n18446744073709551616\n{root}\n"),
            format!("{origin}\n{size}\n{}\n", &root[..43]),
            format!("{SEEN}\n"),
            format!("{SEEN}\nlate\n"),
            format!("{origin}\n{size}\n"),
        ] {
            assert_eq!(Checkpoint::parse(&wrong), Err(NoCheckpoint), "{wrong:?}");
        }
        for wrong in ["", "two\nlines"] {
            assert_eq!(Checkpoint::new(wrong, 0, Hash::empty()), Err(NoCheckpoint));
        }
    }

    #[test]
    fn a_log_signs_its_head() {
        let log = Signer::new("log.example", Kind::Log, &[3; 32]).unwrap();
        let head = Checkpoint::new("log.example", 0, Hash::empty()).unwrap();
        let note = head.sign(&log).unwrap();
        assert!(note.check(&[log.verifier().clone()]).is_ok());
        assert_eq!(Checkpoint::parse(note.text()), Ok(head));
    }
}

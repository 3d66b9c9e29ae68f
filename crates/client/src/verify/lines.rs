//! A small file read line by line, with its sum: never more of it in memory than a line. Large ones are
//! read in [`batches`](super::batches).

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use ledger::Sum;

/// Longer lines are not read: an event has 64 KiB, and its words are once more in it.
pub(super) const MOST_LINE_BYTES: usize = 4 * 1024 * 1024;

const CHUNK_BYTES: usize = 16 * 1024;

/// A file on its way.
pub(super) struct Lines {
    reader: BufReader<File>,
    line: Vec<u8>,
    /// How many lines there were.
    number: u64,
    has_ended: bool,
    size_bytes: u64,
    sum: Sum,
}

/// What a whole file is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Whole {
    pub(super) size_bytes: u64,
    pub(super) sha256: String,
}

/// What was read of a file.
#[derive(Debug)]
pub(super) struct ReadFile {
    pub(super) whole: Whole,
    /// How many lines it has, where it was read to its end.
    pub(super) rows: Option<u64>,
}

/// Why there is no next line, although the file has not ended.
#[derive(Debug)]
pub(super) enum BadLine {
    TooLong,
    NoEnd,
    NotText,
    Unreadable(io::Error),
}

impl Lines {
    pub(super) fn new(file: File) -> Self {
        let reader = BufReader::with_capacity(CHUNK_BYTES, file);
        Self {
            reader,
            line: Vec::new(),
            number: 0,
            has_ended: false,
            size_bytes: 0,
            sum: Sum::new(),
        }
    }

    /// The next line, without its end.
    pub(super) fn next(&mut self) -> Result<Option<&str>, BadLine> {
        self.line.clear();
        let most = u64::try_from(MOST_LINE_BYTES + 1).unwrap_or(u64::MAX);
        let read = self.reader.by_ref().take(most).read_until(b'\n', &mut self.line);
        let read = read.map_err(BadLine::Unreadable)?;
        if read == 0 {
            self.has_ended = true;
            return Ok(None);
        }
        self.number += 1;
        self.size_bytes += u64::try_from(read).unwrap_or(u64::MAX);
        self.sum.update(&self.line);
        let whole = match self.line.split_last() {
            Some((b'\n', whole)) => whole,
            _ if read > MOST_LINE_BYTES => return Err(BadLine::TooLong),
            _ => return Err(BadLine::NoEnd),
        };
        std::str::from_utf8(whole).map(Some).map_err(|_| BadLine::NotText)
    }

    /// Reads what is left.
    pub(super) fn finish(mut self) -> io::Result<ReadFile> {
        loop {
            let chunk = self.reader.fill_buf()?;
            let length = chunk.len();
            if length == 0 {
                break;
            }
            self.sum.update(chunk);
            self.reader.consume(length);
            self.size_bytes += u64::try_from(length).unwrap_or(u64::MAX);
        }
        let whole = Whole { size_bytes: self.size_bytes, sha256: self.sum.hex() };
        Ok(ReadFile { whole, rows: self.has_ended.then_some(self.number) })
    }
}

/// A small file as text; nothing for one that is longer, or none.
///
/// Errors: what the system says.
pub(super) fn read_small(path: &Path, most_bytes: u64) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let read = open_plain(path)?.take(most_bytes + 1).read_to_end(&mut bytes)?;
    let is_small = u64::try_from(read).is_ok_and(|read| read <= most_bytes);
    Ok(String::from_utf8(bytes).ok().filter(|_| is_small))
}

/// A pipe would be waited for without end, and a link that leads in a circle is no file.
pub(super) fn open_plain(path: &Path) -> io::Result<File> {
    let is_link = || std::fs::symlink_metadata(path).is_ok_and(|link| link.is_symlink());
    match std::fs::metadata(path) {
        Ok(file) if file.is_file() => File::open(path),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied || !is_link() => Err(error),
        Ok(_) | Err(_) => Err(io::Error::new(io::ErrorKind::InvalidInput, "this is not a file")),
    }
}

impl BadLine {
    /// What is wrong with it, in words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::TooLong => "the line is longer than any that is exported".to_owned(),
            Self::NoEnd => "the last line has no end: the file was cut short".to_owned(),
            Self::NotText => "the line is not UTF-8".to_owned(),
            Self::Unreadable(error) => error.to_string(),
        }
    }
}

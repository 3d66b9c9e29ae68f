//! A large file read line by line on several threads: one reads and sums, some understand each line by
//! itself, and the caller is told of the lines in their order, as if there were one.
//!
//! | thread | does | hands on |
//! |---|---|---|
//! | one | reads, sums, cuts into batches of whole lines | batches, to whoever is free, and their order, to the caller |
//! | as many as processors | [`Understand`] each line of a batch | what they made of it |
//! | the caller | is told of each line, in the order of the file | whether it wants more |
//!
//! All queues are short, so there are never more than some batches for each thread in memory. Which thread
//! was faster is not to be seen in what the caller is told.

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex};
use std::thread::{self, Scope, ScopedJoinHandle};

use ledger::Sum;

use super::lines::{BadLine, MOST_LINE_BYTES, ReadFile, Whole};

/// So much is read before lines are handed on.
const BATCH_BYTES: usize = 256 * 1024;

/// More would wait for each other: the file is read and summed by one.
const MOST_THREADS: usize = 8;

/// For each thread: batches that wait for it. Fewer leave processors idle while others catch up.
const WAITING_JOBS: usize = 4;

/// For each thread: so far may they be ahead of the caller.
const MOST_AHEAD: usize = 16;

/// What is made of a line by itself, on whichever thread.
pub(super) type Understand<'a, T> = dyn Fn(&str) -> T + Sync + 'a;

/// Whole lines, one after the other.
struct Batch {
    bytes: Vec<u8>,
    /// What is wrong with what comes after them: the last of the file that is read by lines.
    bad: Option<BadLine>,
}

/// What was made of a batch.
type Understood<T> = Vec<Result<T, BadLine>>;

/// A batch that waits for somebody who is free, and where what was made of it is to go.
type Job<T> = (Batch, SyncSender<Understood<T>>);

/// Reads a file to its end: `visit` is told the number of each line, from 1, and what was made of it, until
/// it wants no more or a line is none.
///
/// Errors: the system's.
pub(super) fn read<T: Send>(
    file: File,
    understand: &Understand<'_, T>,
    visit: impl FnMut(u64, Result<T, BadLine>) -> ControlFlow<()>,
) -> io::Result<ReadFile> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    thread::scope(|scope| {
        // Each end is owned by who uses it: who is left alone, for whatever reason, waits for nobody.
        let (jobs, free) = mpsc::sync_channel(WAITING_JOBS * threads);
        let (order, ordered) = mpsc::sync_channel(MOST_AHEAD * threads);
        let free = Arc::new(Mutex::new(free));
        for _ in 0..threads {
            let free = Arc::clone(&free);
            start(scope, move || work(&free, understand))?;
        }
        drop(free);
        let reader = start(scope, move || cut(file, &jobs, &order))?;
        let rows = tell(&ordered, visit);
        // Whoever waits to hand on more is told by this that nobody wants it.
        drop(ordered);
        let whole = ended(reader)?;
        Ok(ReadFile { whole, rows })
    })
}

/// Errors: there are too many threads already.
pub(super) fn start<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> io::Result<ScopedJoinHandle<'scope, T>> {
    thread::Builder::new().spawn_scoped(scope, work)
}

/// What a thread has come to; it panics where that one did.
pub(super) fn ended<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Tells of the lines in their order; how many there are, where all were told.
fn tell<T>(
    ordered: &Receiver<Receiver<Understood<T>>>,
    mut visit: impl FnMut(u64, Result<T, BadLine>) -> ControlFlow<()>,
) -> Option<u64> {
    let mut number = 0;
    for batch in ordered {
        // It is not handed on where a thread has panicked: that is told when it is waited for.
        for line in batch.recv().ok()? {
            number += 1;
            let is_bad = line.is_err();
            if visit(number, line).is_break() || is_bad {
                return None;
            }
        }
    }
    Some(number)
}

/// Takes batches until there are no more.
fn work<T>(free: &Mutex<Receiver<Job<T>>>, understand: &Understand<'_, T>) {
    loop {
        let Ok(job) = free.lock().map(|free| free.recv()) else { return };
        let Ok((batch, to)) = job else { return };
        // Nobody waits for it where the caller wants no more.
        drop(to.send(understood(batch, understand)));
    }
}

fn understood<T>(batch: Batch, understand: &Understand<'_, T>) -> Understood<T> {
    let bytes = batch.bytes.strip_suffix(b"\n").unwrap_or(&batch.bytes);
    let mut lines = Vec::new();
    if !batch.bytes.is_empty() {
        // All at once is faster than line by line, and mostly right.
        match std::str::from_utf8(bytes) {
            Ok(text) => lines.extend(text.split('\n').map(|line| Ok(understand(line)))),
            Err(_) => lines.extend(bytes.split(|byte| *byte == b'\n').map(|line| {
                std::str::from_utf8(line).map(understand).map_err(|_| BadLine::NotText)
            })),
        }
    }
    lines.extend(batch.bad.map(Err));
    lines
}

/// Reads the file to its end, and hands on its lines as long as somebody wants them.
fn cut<T>(
    file: File,
    jobs: &SyncSender<Job<T>>,
    order: &SyncSender<Receiver<Understood<T>>>,
) -> io::Result<Whole> {
    let mut source = Source { file, sum: Sum::new(), size_bytes: 0 };
    let mut rest = Vec::new();
    let mut is_wanted = true;
    while is_wanted {
        let mut bytes = std::mem::take(&mut rest);
        let has_more = source.read(&mut bytes)?;
        rest =
            bytes.split_off(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
        let bad = match (rest.len() > MOST_LINE_BYTES, has_more) {
            (true, _) => Some(BadLine::TooLong),
            (false, false) if !rest.is_empty() => Some(BadLine::NoEnd),
            _ => None,
        };
        is_wanted = has_more && bad.is_none();
        let bad_within = too_long(&mut bytes);
        is_wanted &= bad_within.is_none();
        let (to, from) = mpsc::sync_channel(1);
        let batch = Batch { bytes, bad: bad_within.or(bad) };
        is_wanted &= order.send(from).is_ok() && jobs.send((batch, to)).is_ok();
    }
    source.finish()
}

/// Takes a line that is too long, and all after it, out of a batch.
fn too_long(bytes: &mut Vec<u8>) -> Option<BadLine> {
    if bytes.len() <= MOST_LINE_BYTES {
        return None;
    }
    let mut begin = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.len() > MOST_LINE_BYTES + 1 {
            bytes.truncate(begin);
            return Some(BadLine::TooLong);
        }
        begin += line.len();
    }
    None
}

/// A file and its sum.
struct Source {
    file: File,
    sum: Sum,
    size_bytes: u64,
}

impl Source {
    /// Reads a batch more; whether there may be more after it.
    fn read(&mut self, bytes: &mut Vec<u8>) -> io::Result<bool> {
        let begin = bytes.len();
        bytes.reserve(BATCH_BYTES);
        let most = u64::try_from(BATCH_BYTES).unwrap_or(u64::MAX);
        let read = self.file.by_ref().take(most).read_to_end(bytes)?;
        self.sum.update(bytes.get(begin..).unwrap_or_default());
        self.size_bytes += u64::try_from(read).unwrap_or(u64::MAX);
        Ok(read == BATCH_BYTES)
    }

    fn finish(mut self) -> io::Result<Whole> {
        let mut bytes = Vec::new();
        while self.read(&mut bytes)? {
            bytes.clear();
        }
        Ok(Whole { size_bytes: self.size_bytes, sha256: self.sum.hex() })
    }
}

/// The sum of a file of which nothing else is read.
///
/// Errors: the system's.
pub(super) fn sum(file: File) -> io::Result<Whole> {
    Source { file, sum: Sum::new(), size_bytes: 0 }.finish()
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use proptest::prelude::*;

    use super::*;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        file
    }

    /// What is told of a file, and how the reading ended.
    fn told(bytes: &[u8]) -> (Vec<Result<String, String>>, ReadFile) {
        let mut lines = Vec::new();
        let read = read(file(bytes), &str::to_owned, |number, line| {
            assert_eq!(usize::try_from(number), Ok(lines.len() + 1));
            lines.push(line.map_err(|bad| bad.words()));
            ControlFlow::Continue(())
        });
        (lines, read.unwrap())
    }

    /// As one thread would tell it, with the whole file in memory.
    fn expected(bytes: &[u8]) -> (Vec<Result<String, String>>, bool) {
        let mut lines = Vec::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let whole = line.strip_suffix(b"\n");
            let read = match whole {
                _ if line.len() > MOST_LINE_BYTES + 1 => Err(BadLine::TooLong),
                None if line.len() > MOST_LINE_BYTES => Err(BadLine::TooLong),
                None => Err(BadLine::NoEnd),
                Some(whole) => std::str::from_utf8(whole).map_err(|_| BadLine::NotText),
            };
            lines.push(read.map(str::to_owned).map_err(|bad| bad.words()));
            if lines.last().is_some_and(Result::is_err) {
                return (lines, false);
            }
        }
        (lines, true)
    }

    fn assert_told(bytes: &[u8]) {
        let (lines, ended) = told(bytes);
        let (expected, is_whole) = expected(bytes);
        assert!(lines == expected, "{} lines, and {} expected", lines.len(), expected.len());
        let mut sum = Sum::new();
        sum.update(bytes);
        assert_eq!(ended.whole.sha256, sum.hex());
        assert_eq!(ended.whole.size_bytes, u64::try_from(bytes.len()).unwrap());
        let rows = is_whole.then(|| u64::try_from(lines.len()).unwrap());
        assert_eq!(ended.rows, rows);
    }

    #[test]
    fn lines_at_their_limit_and_around_a_batch_are_told_once() {
        assert_told(b"");
        for count in [
            BATCH_BYTES - 1,
            BATCH_BYTES,
            BATCH_BYTES + 1,
            MOST_LINE_BYTES - 1,
            MOST_LINE_BYTES,
            MOST_LINE_BYTES + 1,
            3 * MOST_LINE_BYTES,
        ] {
            let long = vec![b'x'; count];
            for (before, after) in
                [("", ""), ("", "\n"), ("a\n", "\nb\n"), ("a\n\n", "\nb"), ("\n", "\n\u{e9}\n")]
            {
                assert_told(&[before.as_bytes(), &long, after.as_bytes()].concat());
            }
        }
    }

    #[test]
    fn who_wants_no_more_is_told_no_more_and_the_sum_is_that_of_the_whole() {
        let bytes = b"line\n".repeat(BATCH_BYTES);
        for stop in [1, 60_000, 200_000] {
            let mut last = 0;
            let ended = read(file(&bytes), &|_| (), |number, _| {
                last = number;
                if number == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            let ended = ended.unwrap();
            assert_eq!((last, ended.rows), (stop, None));
            assert_eq!(ended.whole, sum(file(&bytes)).unwrap());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_told_as_by_one_thread(
            lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..40),
            long in 0..BATCH_BYTES,
        ) {
            let mut bytes = lines.join(&b'\n');
            bytes.splice(0..0, vec![b' '; long]);
            assert_told(&bytes);
        }
    }
}

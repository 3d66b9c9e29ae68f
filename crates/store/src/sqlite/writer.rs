//! Group commit: callers queue, one becomes the leader and commits for all of them.
//!
//! The leader runs the queued closures one after another in one transaction, commits, and only then
//! answers. One flush of the disk is shared by all callers who came while the last one was running.
//! A closure that fails before it has changed anything leaves nothing to undo. When one fails later,
//! the transaction is rolled back and its closures run again, each in a SAVEPOINT: that costs a tenth
//! more, so only such groups pay for it.
//! Where a commit takes longer than the closures, it first waits a moment for as many as came last
//! time, and drains the queue once more: fewer flushes then. Where the closures take longer, that
//! would only gather all callers in one group, and leave nobody to prepare the next one meanwhile.
//!
//! | step | leader | caller |
//! |---|---|---|
//! | t0 | | queues its closure, finds no leader, becomes one |
//! | t1 | BEGIN, closure, closure, … | others queue |
//! | t2 | where commits are slow: waits up to 100 µs, runs the newcomers | |
//! | t3 | writes the group's mark, COMMIT (one flush) | |
//! | t4 | answers everyone in the group | wakes |
//! | t5 | starts over, or steps down when the queue is empty | |
//!
//! Faults: a full disk, an I/O error or missing memory may roll back the whole transaction, so
//! `is_autocommit` is asked after each closure, and the group starts again without the culprit. When
//! COMMIT itself fails for want of space, its last page was not written, and nothing of the group is
//! there. When it fails otherwise, the outcome is unknown: the file is opened again and the mark
//! tells whether the group is there. If it is, all of it is flushed into the database file before
//! anybody hears of it, since a flush has just failed; if it is not, another commit takes its place,
//! so that no recovery brings it back. The group is never run again blindly.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{
    marks::Marks,
    open::open_writer,
    statement::{store_error, tell},
};
use crate::{
    Schema, StoreError, Tx,
    job::{Job, Verdict},
};

/// How long the leader waits for callers it saw in the last group.
const GATHER: Duration = Duration::from_micros(100);

/// Groups between two checkpoints: the WAL stays at a few megabytes.
const CHECKPOINT_EVERY: u64 = 64;

pub(super) struct Writer {
    path: PathBuf,
    schema: Schema,
    marks: Arc<Marks>,
    /// Since the file was opened.
    groups: AtomicU64,
    /// How long the last COMMIT took, in microseconds.
    last_commit_us: AtomicU64,
    queue: Mutex<Queue>,
    came: Condvar,
    connection: Mutex<Option<Connection>>,
    /// The mark that was there when the file was opened.
    found_mark: Vec<u8>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Box<dyn Job>>,
    has_leader: bool,
    last_group: usize,
}

impl Writer {
    pub(super) fn open(
        path: PathBuf,
        schema: Schema,
        marks: Arc<Marks>,
    ) -> Result<Self, StoreError> {
        let connection = open_writer(&path, schema)?;
        let found_mark = committed_mark(&connection).map_err(|e| store_error("mark", &e))?;
        Ok(Self {
            found_mark,
            path,
            schema,
            marks,
            groups: AtomicU64::new(0),
            last_commit_us: AtomicU64::new(0),
            queue: Mutex::default(),
            came: Condvar::new(),
            connection: Mutex::new(Some(connection)),
        })
    }

    /// Queues a job; whether the caller must see to it that somebody leads.
    pub(super) fn queue(&self, job: Box<dyn Job>) -> bool {
        let must_lead = {
            let mut queue = lock(&self.queue);
            queue.jobs.push_back(job);
            !std::mem::replace(&mut queue.has_leader, true)
        };
        self.came.notify_one();
        must_lead
    }

    /// Commits group after group until nobody waits. Blocks.
    pub(super) fn lead(&self) {
        loop {
            let group = {
                let mut queue = lock(&self.queue);
                if queue.jobs.is_empty() {
                    queue.has_leader = false;
                    return;
                }
                std::mem::take(&mut queue.jobs)
            };
            let mut slot = lock(&self.connection);
            self.run_group(&mut slot, group);
        }
    }

    fn run_group(&self, slot: &mut Option<Connection>, mut waiting: VecDeque<Box<dyn Job>>) {
        let groups = self.groups.fetch_add(1, Ordering::Relaxed);
        let mark = self.marks.next();
        let mut care = Care::Together;
        loop {
            match self.attempt(slot, waiting, care, &mark) {
                Attempt::Committed(done) => {
                    lock(&self.queue).last_group = done.len();
                    for job in done {
                        job.answer(Ok(()));
                    }
                    break;
                }
                Attempt::Failed(jobs, error) => {
                    tracing::warn!(path = %self.path.display(), %error, "group of writes failed");
                    for job in jobs {
                        job.answer(Err(error.clone()));
                    }
                    break;
                }
                Attempt::Again(jobs) if jobs.is_empty() => break,
                Attempt::Again(jobs) => (waiting, care) = (jobs, Care::Apart),
            }
        }
        if groups % CHECKPOINT_EVERY == CHECKPOINT_EVERY - 1 {
            self.checkpoint(slot.as_ref());
        }
    }

    /// One try at a group: begin, closures, mark, commit.
    fn attempt(
        &self,
        slot: &mut Option<Connection>,
        mut waiting: VecDeque<Box<dyn Job>>,
        care: Care,
        mark: &[u8],
    ) -> Attempt {
        let connection = match self.connected(slot) {
            Ok(connection) => connection,
            Err(error) => return Attempt::Failed(waiting, error),
        };
        if let Err(error) = step(connection, "BEGIN IMMEDIATE") {
            // The next group opens the file anew, in case this connection is of no use any more.
            *slot = None;
            return Attempt::Failed(waiting, error);
        }
        let mut done = VecDeque::with_capacity(waiting.len());
        let mut has_gathered = false;
        let began = Instant::now();
        loop {
            while let Some(mut job) = waiting.pop_front() {
                let ran = match care {
                    Care::Together => self.run_bare(connection, job.as_mut()),
                    Care::Apart => self.run_in_savepoint(connection, job.as_mut()),
                };
                if let Ran::Alone = ran {
                    done.push_back(job);
                    continue;
                }
                if !connection.is_autocommit() {
                    drop(batch(connection, "ROLLBACK"));
                }
                match ran {
                    Ran::Lost(error) => job.answer(Err(error)),
                    Ran::Alone | Ran::LeftTraces => done.push_back(job),
                }
                done.append(&mut waiting);
                return Attempt::Again(done);
            }
            if has_gathered || microseconds(began) > self.last_commit_us.load(Ordering::Relaxed) {
                break;
            }
            has_gathered = true;
            waiting = self.gather(done.len());
        }
        let began = Instant::now();
        let committed = commit(connection, mark);
        self.last_commit_us.store(microseconds(began), Ordering::Relaxed);
        match committed {
            Ok(()) => Attempt::Committed(done),
            Err(error @ StoreError::Full(_)) if is_undone(connection, mark) => {
                Attempt::Failed(done, error)
            }
            Err(error) => match self.look_up(slot, mark, error) {
                Ok(()) => Attempt::Committed(done),
                Err(error) => Attempt::Failed(done, error),
            },
        }
    }

    /// Runs one closure as it is.
    fn run_bare(&self, connection: &Connection, job: &mut dyn Job) -> Ran {
        let before = connection.total_changes();
        match job.run(&mut Tx::sqlite(connection)) {
            _ if connection.is_autocommit() => Ran::Lost(rolled_back()),
            Verdict::Keep => Ran::Alone,
            Verdict::Discard(_) if connection.total_changes() != before => Ran::LeftTraces,
            Verdict::Discard(error) => {
                self.tell(error);
                Ran::Alone
            }
        }
    }

    /// Runs one closure, and undoes what it wrote if it fails.
    fn run_in_savepoint(&self, connection: &Connection, job: &mut dyn Job) -> Ran {
        let outcome = step(connection, "SAVEPOINT job").and_then(|()| {
            match job.run(&mut Tx::sqlite(connection)) {
                _ if connection.is_autocommit() => Err(rolled_back()),
                Verdict::Keep => step(connection, "RELEASE job"),
                Verdict::Discard(error) => {
                    self.tell(error);
                    batch(connection, "ROLLBACK TO job; RELEASE job")
                }
            }
        });
        outcome.map_or_else(Ran::Lost, |()| Ran::Alone)
    }

    fn tell(&self, error: Option<StoreError>) {
        if let Some(error) = error {
            tell(&self.path, &error);
        }
    }

    /// Waits up to [`GATHER`] for as many callers as last time, and takes those who came.
    fn gather(&self, so_far: usize) -> VecDeque<Box<dyn Job>> {
        let mut queue = lock(&self.queue);
        let wanted = queue.last_group.saturating_sub(so_far);
        if queue.jobs.len() < wanted {
            queue = self
                .came
                .wait_timeout_while(queue, GATHER, |queue| queue.jobs.len() < wanted)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        std::mem::take(&mut queue.jobs)
    }

    /// After a COMMIT that failed: opens the file again and looks whether the group's mark is there.
    fn look_up(
        &self,
        slot: &mut Option<Connection>,
        mark: &[u8],
        error: StoreError,
    ) -> Result<(), StoreError> {
        *slot = None;
        let unknown = |e: &dyn std::fmt::Display| {
            StoreError::OutcomeUnknown(format!("commit failed ({error}), then: {e}"))
        };
        let connection = open_writer(&self.path, self.schema).map_err(|e| unknown(&e))?;
        let found = committed_mark(&connection).map_err(|e| unknown(&e))?;
        let is_there = found == mark;
        // An operator's command on the same file leaves a mark too, perhaps over the group's own.
        let is_ours = self.marks.is_of_this_process(&found) || found == self.found_mark;
        if !is_ours {
            *slot = Some(connection);
            return Err(unknown(&"another program has written since"));
        }
        if is_there {
            flush_everything(&connection).map_err(|e| unknown(&e))?;
        } else {
            let void = [mark, b"void"].concat();
            connection
                .execute("UPDATE commit_mark SET mark = ?1", [void])
                .map_err(|e| unknown(&e))?;
        }
        *slot = Some(connection);
        if is_there { Ok(()) } else { Err(error) }
    }

    fn connected<'c>(
        &self,
        slot: &'c mut Option<Connection>,
    ) -> Result<&'c Connection, StoreError> {
        let connection = match slot.take() {
            Some(connection) => connection,
            None => open_writer(&self.path, self.schema)?,
        };
        Ok(slot.insert(connection))
    }

    fn checkpoint(&self, connection: Option<&Connection>) {
        let Some(connection) = connection else { return };
        let outcome = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        if let Err(error) = outcome {
            tracing::warn!(path = %self.path.display(), %error, "checkpoint failed");
        }
    }
}

/// How the closures of a group are kept from each other.
#[derive(Clone, Copy)]
enum Care {
    /// Not at all: those that fail are expected to fail before they write.
    Together,
    /// By a savepoint for each.
    Apart,
}

/// What a closure left in its group's transaction.
enum Ran {
    /// What it was to write, or nothing.
    Alone,
    /// Something, though it failed.
    LeftTraces,
    /// No transaction, or one that cannot go on.
    Lost(StoreError),
}

/// What the caller is told whose closure lost the transaction.
fn rolled_back() -> StoreError {
    StoreError::Full("the engine rolled the transaction back".to_owned())
}

enum Attempt {
    Committed(VecDeque<Box<dyn Job>>),
    Failed(VecDeque<Box<dyn Job>>, StoreError),
    Again(VecDeque<Box<dyn Job>>),
}

fn commit(connection: &Connection, mark: &[u8]) -> Result<(), StoreError> {
    let marked = connection
        .prepare_cached("UPDATE commit_mark SET mark = ?1")
        .and_then(|mut statement| statement.execute([mark]));
    marked.map_err(|e| store_error("commit", &e))?;
    step(connection, "COMMIT")
}

/// Runs a statement of the frame around every write; prepared once.
fn step(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    let ran = connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
    ran.map(drop).map_err(|e| store_error(sql, &e))
}

fn committed_mark(connection: &Connection) -> rusqlite::Result<Vec<u8>> {
    connection.query_row("SELECT mark FROM commit_mark", [], |row| row.get(0))
}

/// After a COMMIT that found the disk full: ends the transaction; whether nothing of it is left.
fn is_undone(connection: &Connection, mark: &[u8]) -> bool {
    let is_over = connection.is_autocommit() || batch(connection, "ROLLBACK").is_ok();
    is_over && committed_mark(connection).is_ok_and(|found| found != mark)
}

/// Moves the whole log into the database file and flushes it.
fn flush_everything(connection: &Connection) -> Result<(), StoreError> {
    let outcome = connection.query_row("PRAGMA wal_checkpoint(FULL)", [], |row| row.get(0));
    let is_blocked: bool = outcome.map_err(|e| store_error("checkpoint", &e))?;
    if is_blocked {
        return Err(StoreError::Unavailable("readers kept the log from being flushed".to_owned()));
    }
    Ok(())
}

fn microseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

fn batch(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.execute_batch(sql).map_err(|e| store_error(sql, &e))
}

/// A poisoned lock guards a queue or a connection that is put right at its next use.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a writer says of a group whose COMMIT failed, by the mark that it finds.
    #[test]
    fn the_mark_of_another_program_hides_what_became_of_a_group() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("directory.db");
        super::super::make_file(&path, Schema::Directory).unwrap();
        let writer =
            Writer::open(path.clone(), Schema::Directory, Marks::new(*b"the ones")).unwrap();
        let other = open_writer(&path, Schema::Directory).unwrap();
        let leave = |mark: &[u8]| {
            other.execute("UPDATE commit_mark SET mark = ?1", [mark]).unwrap();
        };
        let look = |mark: &[u8]| {
            let failed = StoreError::Unavailable("the disk".to_owned());
            writer.look_up(&mut None, mark, failed)
        };
        let before = writer.marks.next();
        let mark = writer.marks.next();
        assert!(matches!(look(&mark), Err(StoreError::Unavailable(_))), "nothing since the start");
        leave(&before);
        assert!(matches!(look(&mark), Err(StoreError::Unavailable(_))), "the group before");
        leave(&mark);
        assert!(matches!(look(&mark), Ok(())), "the group itself");
        leave(b"another program's");
        assert!(matches!(look(&mark), Err(StoreError::OutcomeUnknown(_))));
        assert_eq!(committed_mark(&other).unwrap(), b"another program's", "and left as it is");
    }

    /// The first group of a file that was closed and opened again is not taken for the first one.
    #[test]
    fn a_file_that_is_opened_again_does_not_see_its_marks_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("directory.db");
        super::super::make_file(&path, Schema::Directory).unwrap();
        let marks = Marks::new(*b"the ones");
        let open = || Writer::open(path.clone(), Schema::Directory, Arc::clone(&marks)).unwrap();
        let writer = open();
        let (job, _) = crate::job::job(|_| Ok::<_, StoreError>(()));
        assert!(writer.queue(job));
        writer.lead();
        drop(writer);
        let writer = open();
        assert!(writer.marks.is_of_this_process(&writer.found_mark), "the group was committed");
        let mark = writer.marks.next();
        let lost = StoreError::Unavailable("the disk".to_owned());
        assert!(writer.look_up(&mut None, &mark, lost).is_err(), "it is not there");
    }
}

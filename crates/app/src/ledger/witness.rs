//! What witnesses are asked, and what they have cosigned. Each has its own row: none waits for another, and
//! no head waits for any.
//!
//! A witness is believed by its key alone. What it says without signing (that it knows of a later head) is
//! believed as well, since an attacker would be silent and not loud: it stops the log, and the operator
//! looks. Where the witness has that head to show, our own signature proves it.

use domain::ids::WorkspaceId;
use jiff::{SignedDuration, Timestamp};
use ledger::{
    Hash, Note, Verifier,
    note::Signature,
    proof::{consistency, inclusion},
    receipt::Receipt,
    witness::{AddCheckpoint, read_answer},
};
use store::{Row, Statement, Value};

use super::{
    Head,
    epoch::own_head,
    halt::{self, Halt, Source, find_halt},
    head,
    instance::{self, has_begun_by},
    proof::last,
    signed,
    tree::Tree,
    unsigned,
};
use crate::{
    App, DirectoryOp, Error,
    audit::{self, Fact},
    identity::Act,
};

/// A head that a witness has cosigned so long ago is cosigned anew: that it is still the last one is news.
const REFRESH: SignedDuration = SignedDuration::from_mins(15);

/// How far the clock of a witness may be from ours, in seconds.
const MOST_SKEW_S: u64 = 300;

/// Cosignatures of a head that are told: a note has no more, with ours.
const MOST_TOLD: i64 = 60;

/// What a witness is asked.
#[derive(Debug, Clone)]
pub struct Question {
    key: Verifier,
    asked: AddCheckpoint,
    size: u64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 200, with these lines.
    Cosigned(String),
    /// 409, with the size that the witness has, and the head it shows.
    Conflict(Option<u64>, Option<String>),
    /// 422, and the head that the witness shows.
    Inconsistent(Option<String>),
    /// Something else.
    Failed(Failure),
}

/// Why a witness has not cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It cannot be reached, or does not answer in time.
    NotReached,
    /// It does not know this log.
    UnknownLog,
    /// It does not believe our key.
    NotBelieved,
    /// It answered what no witness does.
    Unreadable,
    /// Its signature is not its own, or over something else.
    Forged,
    /// It has signed for a time that is not now.
    WrongTime,
}

impl Failure {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotReached => "not_reached",
            Self::UnknownLog => "unknown_log",
            Self::NotBelieved => "not_believed",
            Self::Unreadable => "unreadable_answer",
            Self::Forged => "forged_signature",
            Self::WrongTime => "wrong_time",
        }
    }
}

/// What is done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The cosignature is kept.
    Cosigned,
    /// It has another size than we thought: ask again.
    AskAgain,
    /// It has failed.
    Failed(Failure),
    /// It knows of another history: nothing is signed any more.
    Halted,
}

/// How it stands with a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// Its key.
    pub key: String,
    /// The last head it has cosigned: how many leaves, and when, in microseconds.
    pub cosigned: Option<(u64, i64)>,
    /// Why it has not cosigned since, and when that was.
    pub failure: Option<(String, i64)>,
}

impl Question {
    /// The body of the request.
    pub fn body(&self) -> String {
        self.asked.to_string()
    }

    /// The name of the log it is about.
    ///
    /// Errors: none in practice.
    pub fn origin(&self) -> Result<String, Error> {
        let checkpoint = self.asked.checkpoint();
        Ok(checkpoint.map_err(|_| Error::bug("a question about no head"))?.origin().to_owned())
    }
}

impl App {
    /// Says which witnesses are asked from now on, by their keys. A change is an act: who drops a witness is
    /// found by that.
    ///
    /// Errors: [`Error::Store`]. Audit: `ledger.witnesses_changed`.
    pub async fn set_witnesses(&self, keys: Vec<String>) -> Result<(), Error> {
        let set = move |op: &mut DirectoryOp| set(op, &keys);
        self.write_directory(self.new_request(), set).await
    }

    /// What a witness is to be asked now; nothing where it has cosigned the last head, and lately. At a
    /// start (`is_first`) it is asked in any case: what is here may have been put back, cosignature and all.
    ///
    /// Errors: [`Error::Damaged`] where the log is not what was signed; [`Error::Store`].
    pub async fn question(
        &self,
        key: &Verifier,
        is_first: bool,
    ) -> Result<Option<Question>, Error> {
        let key = key.clone();
        let ask = move |op: &mut DirectoryOp| question(op, &key, is_first);
        self.read_directory(self.new_request(), ask).await
    }

    /// Takes what a witness has answered.
    ///
    /// Errors: [`Error::Store`].
    pub async fn hear_witness(&self, asked: Question, answer: Answer) -> Result<Heard, Error> {
        let hear = move |op: &mut DirectoryOp| hear(op, &asked, &answer);
        self.write_directory(self.new_request(), hear).await
    }
}

fn set(op: &mut DirectoryOp, keys: &[String]) -> Result<(), Error> {
    let known: Vec<String> = list_witnesses(op)?.into_iter().map(|one| one.key).collect();
    let mut changes = Vec::new();
    for key in known.iter().filter(|key| !keys.contains(key)) {
        op.execute(&REMOVE, &[key.as_str().into()])?;
        halt::lift_claim_of(op, key)?;
        changes.push(("witness", Fact::Word(key.clone()), Fact::None));
    }
    for key in keys.iter().filter(|key| !known.contains(key)) {
        op.execute(&ADD, &[key.as_str().into()])?;
        changes.push(("witness", Fact::None, Fact::Word(key.clone())));
    }
    if changes.is_empty() {
        return Ok(());
    }
    let words = format!("changes={}", changes.len());
    op.record(Act::WitnessesChanged.as_str(), None, audit::facts(&changes)?, words)?;
    Ok(())
}

/// In a new epoch the log is one that no witness has seen.
pub(super) fn begin_anew(op: &mut DirectoryOp) -> Result<(), Error> {
    op.execute(&BEGIN_ANEW, &[])?;
    Ok(())
}

fn question(
    op: &mut DirectoryOp,
    key: &Verifier,
    is_first: bool,
) -> Result<Option<Question>, Error> {
    let Some(row) = op.optional(&FIND, &[key.to_string().into()])? else { return Ok(None) };
    if find_halt(op)?.is_some() {
        return Ok(None);
    }
    let Some(head) = head::last(op)? else { return Ok(None) };
    let (seen, cosigned) = (unsigned(row.get(1)?)?, cosigned(&row)?);
    let now = op.now();
    let is_recent = |at: i64| {
        Timestamp::from_microsecond(at).is_ok_and(|at| now.duration_since(at).abs() < REFRESH)
    };
    if !is_first && cosigned.is_some_and(|(size, at)| size == head.size && is_recent(at)) {
        return Ok(None);
    }
    // One that has seen more than there is says so by itself.
    let old = if seen > head.size { 0 } else { seen };
    let proof = consistency(old, head.size, &mut Tree::of(op, head.size))?;
    let proof = proof.ok_or_else(|| Error::bug("a head before the one that was seen"))?;
    let asked = AddCheckpoint { old, proof, head: note(&head)? };
    Ok(Some(Question { key: key.clone(), asked, size: head.size }))
}

fn hear(op: &mut DirectoryOp, asked: &Question, answer: &Answer) -> Result<Heard, Error> {
    // It may have been dropped, or all may have stopped, while it was asked.
    if op.optional(&FIND, &[asked.key.to_string().into()])?.is_none() || find_halt(op)?.is_some() {
        return Ok(Heard::Halted);
    }
    match answer {
        Answer::Cosigned(lines) => match read(asked, lines, op.now()) {
            Ok((line, time)) => keep(op, asked, &line, time),
            Err(failure) => fail(op, asked, failure),
        },
        Answer::Conflict(size, shown) => disagree(op, asked, *size, shown.as_deref(), false),
        Answer::Inconsistent(shown) => disagree(op, asked, None, shown.as_deref(), true),
        Answer::Failed(failure) => fail(op, asked, *failure),
    }
}

/// The line of the witness's own signature with the latest time, which has to be now.
fn read(asked: &Question, lines: &str, now: Timestamp) -> Result<(Signature, u64), Failure> {
    let head = &asked.asked.head;
    let known = std::slice::from_ref(&asked.key);
    let signatures = read_answer(lines, head, known).map_err(|_| Failure::Forged)?;
    let timed = signatures.into_iter().filter_map(|signature| {
        let time = asked.key.check(head.text(), &signature).ok()??;
        Some((signature, time))
    });
    let (signature, time) = timed.max_by_key(|(_, time)| *time).ok_or(Failure::Forged)?;
    let now = u64::try_from(now.as_second()).unwrap_or(0);
    if now.abs_diff(time) > MOST_SKEW_S { Err(Failure::WrongTime) } else { Ok((signature, time)) }
}

fn keep(
    op: &mut DirectoryOp,
    asked: &Question,
    line: &Signature,
    time: u64,
) -> Result<Heard, Error> {
    let (size, key) = (signed(asked.size)?, asked.key.to_string());
    let at = signed(time.saturating_mul(1_000_000))?;
    let values: [Value; 4] = [size.into(), key.as_str().into(), at.into(), line.to_string().into()];
    op.execute(&KEEP, &values)?;
    op.execute(&NOTE_COSIGNED, &[key.into(), size.into(), at.into()])?;
    Ok(Heard::Cosigned)
}

fn fail(op: &mut DirectoryOp, asked: &Question, failure: Failure) -> Result<Heard, Error> {
    let values = [asked.key.to_string().into(), failure.as_str().into(), op.now_us().into()];
    op.execute(&NOTE_FAILURE, &values)?;
    Ok(Heard::Failed(failure))
}

/// The witness has another size, or another history.
fn disagree(
    op: &mut DirectoryOp,
    asked: &Question,
    size: Option<u64>,
    shown: Option<&str>,
    is_inconsistent: bool,
) -> Result<Heard, Error> {
    let Some(last) = head::last(op)? else { return fail(op, asked, Failure::Unreadable) };
    // No log has so many leaves.
    if size.is_some_and(|size| i64::try_from(size).is_err()) {
        return fail(op, asked, Failure::Unreadable);
    }
    let own = match shown {
        Some(note) => own_head(op, note)?.filter(|own| is_of_epoch(&own.origin, &last)),
        None => None,
    };
    let stop = |op: &mut DirectoryOp, size: u64, note: Option<&str>| {
        let (name, note) = (asked.key.to_string(), note.map(str::to_owned));
        let at = op.now_us();
        halt::halt(op, &Halt { at, source: Source::Witness, name, size, note })?;
        Ok(Heard::Halted)
    };
    let seen = match own {
        // What it shows is of our own hand: that is better than what it says.
        Some(own) => {
            let root = own.root.unwrap_or_else(Hash::empty);
            if !has_begun_by(op, &last, own.size, root)? {
                return stop(op, own.size, shown);
            }
            Some(own.size)
        }
        None if is_inconsistent && asked.asked.old > 0 => return stop(op, asked.asked.old, None),
        None => {
            let is_same = size == Some(asked.size) && asked.asked.old == asked.size;
            if let Some(size) = size.filter(|size| *size > last.size || is_same) {
                return stop(op, size, None);
            }
            size
        }
    };
    match seen.filter(|size| *size != asked.asked.old) {
        Some(size) => {
            let values = [asked.key.to_string().into(), signed(size)?.into()];
            op.execute(&NOTE_SEEN, &values)?;
            Ok(Heard::AskAgain)
        }
        None => fail(op, asked, Failure::Unreadable),
    }
}

fn is_of_epoch(origin: &str, head: &Head) -> bool {
    head::epoch_of(origin) == head.epoch
}

/// How it stands with each witness that is asked.
///
/// Errors: [`Error::Store`].
pub fn list_witnesses(op: &mut DirectoryOp) -> Result<Vec<Witnessed>, Error> {
    let read = |row: &Row| {
        let (failure, failed_at): (Option<String>, Option<i64>) = (row.get(4)?, row.get(5)?);
        let failure = failure.zip(failed_at);
        Ok(Witnessed { key: row.get(0)?, cosigned: cosigned(row)?, failure })
    };
    op.query(&LIST, &[])?.iter().map(read).collect()
}

fn cosigned(row: &Row) -> Result<Option<(u64, i64)>, Error> {
    let (size, at): (Option<i64>, Option<i64>) = (row.get(2)?, row.get(3)?);
    Ok(size.map(unsigned).transpose()?.zip(at))
}

/// How many leaves the instance's log has; nothing before it has begun.
///
/// Errors: [`Error::Store`].
pub fn instance_size(op: &mut DirectoryOp) -> Result<Option<u64>, Error> {
    Ok(head::last(op)?.map(|head| head.size))
}

/// The signed head of the instance's log, with what witnesses have cosigned of it. Where nothing is signed
/// any more it is the last one that was cosigned: of what came after, nobody knows whether it is true.
///
/// Errors: [`Error::NotFound`] before it has begun.
pub fn instance_checkpoint(op: &mut DirectoryOp) -> Result<String, Error> {
    let head = match find_halt(op)? {
        Some(_) => best_cosigned(op)?,
        None => last(op)?,
    };
    Ok(with_cosignatures(op, &head)?.to_string())
}

/// The proof that the newest head of a workspace's log which is under a cosigned head of the instance's is
/// there; under the last one, where no witness has cosigned any.
///
/// Errors: [`Error::NotFound`] before there is one.
pub fn instance_receipt(op: &mut DirectoryOp, workspace: WorkspaceId) -> Result<String, Error> {
    let head = best_cosigned(op)?;
    let values = [workspace.into(), signed(head.size)?.into()];
    let row = op.optional(&FIND_LEAF, &values)?.ok_or(Error::NotFound)?;
    let index = unsigned(row.get(0)?)?;
    let extra = instance::leaf_at(op, index)?;
    let proof = inclusion(index, head.size, &mut Tree::of(op, head.size))?;
    let proof = proof.ok_or_else(|| Error::bug("a leaf beyond the head"))?;
    let head = with_cosignatures(op, &head)?;
    Ok(Receipt { extra: Some(extra), index, proof, head }.to_string())
}

/// The newest head that all witnesses have cosigned, or else any, or else the newest.
fn best_cosigned(op: &mut DirectoryOp) -> Result<Head, Error> {
    let all = signed(u64::try_from(list_witnesses(op)?.len()).unwrap_or(u64::MAX))?;
    for at_least in [all.max(1), 1] {
        if let Some(row) = op.optional(&FIND_COSIGNED, &[at_least.into()])? {
            return head::read(&row);
        }
    }
    last(op)
}

fn with_cosignatures(op: &mut DirectoryOp, head: &Head) -> Result<Note, Error> {
    let mut whole = note(head)?;
    for row in op.query(&LIST_LINES, &[signed(head.size)?.into(), MOST_TOLD.into()])? {
        let line: String = row.get(0)?;
        let altered = |_| Error::Damaged("a cosignature of the ledger was altered".to_owned());
        whole = Signature::parse(&line).and_then(|line| whole.with(line)).map_err(altered)?;
    }
    Ok(whole)
}

fn note(head: &Head) -> Result<Note, Error> {
    Note::parse(&head.note)
        .map_err(|error| Error::Damaged(format!("a head of the ledger: {error}")))
}

const LIST: Statement = Statement::new(
    "ledger.list_witnesses",
    "SELECT key, seen_size, cosigned_size, cosigned_at, failure, failed_at FROM ledger_witnesses
     ORDER BY key",
);

const FIND: Statement = Statement::new(
    "ledger.find_witness",
    "SELECT key, seen_size, cosigned_size, cosigned_at FROM ledger_witnesses WHERE key = $1",
);

const ADD: Statement = Statement::new(
    "ledger.add_witness",
    "INSERT INTO ledger_witnesses (key, seen_size) VALUES ($1, 0)",
);

const REMOVE: Statement =
    Statement::new("ledger.remove_witness", "DELETE FROM ledger_witnesses WHERE key = $1");

const BEGIN_ANEW: Statement = Statement::new(
    "ledger.begin_witnesses_anew",
    "UPDATE ledger_witnesses SET seen_size = 0, cosigned_size = NULL, cosigned_at = NULL",
);

/// Where a witness has signed twice, what it said last.
const KEEP: Statement = Statement::new(
    "ledger.keep_cosignature",
    "INSERT INTO ledger_cosignatures (size, witness, at, line) VALUES ($1, $2, $3, $4)
     ON CONFLICT (size, witness) DO UPDATE SET at = excluded.at, line = excluded.line
         WHERE ledger_cosignatures.at < excluded.at",
);

/// Two nodes may ask: the later head counts.
const NOTE_COSIGNED: Statement = Statement::new(
    "ledger.note_cosigned",
    "UPDATE ledger_witnesses SET seen_size = $2, cosigned_size = $2, cosigned_at = $3,
         failure = NULL, failed_at = NULL
     WHERE key = $1 AND (cosigned_size IS NULL OR cosigned_size <= $2)",
);

const NOTE_SEEN: Statement =
    Statement::new("ledger.note_seen", "UPDATE ledger_witnesses SET seen_size = $2 WHERE key = $1");

const NOTE_FAILURE: Statement = Statement::new(
    "ledger.note_failure",
    "UPDATE ledger_witnesses SET failure = $2, failed_at = $3 WHERE key = $1",
);

/// By the primary key, from its end. Everybody may ask: where a witness has been down for long, no more than
/// so many heads are looked at.
const FIND_COSIGNED: Statement = Statement::new(
    "ledger.find_cosigned_head",
    "SELECT h.size, h.root, h.at, h.note
     FROM (SELECT size, COUNT(*) AS cosigned FROM ledger_cosignatures
           GROUP BY size ORDER BY size DESC LIMIT 1000) c
     JOIN ledger_heads h ON h.size = c.size
     WHERE c.cosigned >= $1 ORDER BY h.size DESC LIMIT 1",
);

const LIST_LINES: Statement = Statement::new(
    "ledger.list_cosignatures",
    "SELECT line FROM ledger_cosignatures WHERE size = $1 ORDER BY witness LIMIT $2",
);

/// The index of the unique rule.
const FIND_LEAF: Statement = Statement::new(
    "ledger.find_leaf_of_head",
    "SELECT position FROM ledger_leaves WHERE workspace_id = $1 AND position < $2
     ORDER BY epoch DESC, size DESC LIMIT 1",
);

pub(super) const STATEMENTS: &[Statement] = &[
    LIST,
    FIND,
    ADD,
    REMOVE,
    BEGIN_ANEW,
    KEEP,
    NOTE_COSIGNED,
    NOTE_SEEN,
    NOTE_FAILURE,
    FIND_COSIGNED,
    LIST_LINES,
    FIND_LEAF,
];

//! An export checked offline, by somebody who believes nobody: the leaves make the tree that the log has
//! signed, every head that was kept is one of its, words are those that events have committed to, and each
//! row is what the events tell.
//!
//! | file | what |
//! |---|---|
//! | [`manifest`] | which files there are |
//! | [`heads`] | keys, the newest head, checkpoints that were kept |
//! | [`instance`] | the head in the instance's log, and its witnesses |
//! | [`batches`] | a large file, line by line and on several threads |
//! | [`log`] | the leaves, one after the other |
//! | [`sheets`] | which table and column shows which fact of which events |
//! | [`things`] | what all events together tell of each row |
//! | [`tables`], [`rows`], [`history`] | tables against events |
//! | [`cells`] | a cell against what was told of it |
//! | [`receipt`] | one leaf's proof |
//! | [`verdict`] | what was found |
//!
//! Nothing of it is believed: lines have a limit, nothing is read into memory whole, and what is not as
//! exports write it is a finding.

mod batches;
mod cells;
mod heads;
mod history;
mod instance;
mod lines;
mod log;
mod manifest;
mod receipt;
mod row;
mod rows;
mod sheets;
mod tables;
mod things;
mod verdict;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;

use jiff::{SignedDuration, Timestamp};
use ledger::replay::{Fit, Replay};
use ledger::{Checkpoint, Verifier};
use uuid::Uuid;

pub(crate) use receipt::verify_receipt;
pub(crate) use verdict::{LogSeen, Verdict};

use crate::failure::Failure;
use heads::Head;
use history::History;
use instance::{Asked, InInstance};
use lines::{Lines, ReadFile, Whole};
use log::Log;
use manifest::{Files, Listed};
use rows::Counts;
use tables::Tables;
use things::Things;
use verdict::{Code, Findings, Place};

/// The leaves.
const LEDGER: &str = "ledger.jsonl";
/// The newest head.
const CHECKPOINT: &str = "checkpoint.txt";
/// The keys that the exporter says to be the log's.
const KEYS: &str = "ledger-keys.txt";

/// Heads and keys are shorter.
const MOST_TEXT_BYTES: usize = 256 * 1024;

/// What is to be checked, and against what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// The folder of an export.
    pub(crate) folder: PathBuf,
    /// Files with heads that somebody has kept.
    pub(crate) checkpoints: Vec<PathBuf>,
    /// Keys that are believed, or files of them; the export's own where none are given.
    pub(crate) keys: Vec<String>,
    /// Keys of witnesses that have to have cosigned the newest head.
    pub(crate) witnesses: Vec<String>,
    /// No cosignature of theirs may be older.
    pub(crate) fresh: Option<SignedDuration>,
    /// The time by which that is meant.
    pub(crate) now: Timestamp,
}

/// Checks an export.
///
/// Errors: [`Failure::Usage`] for what is no export, or cannot be read.
pub(crate) fn verify(request: &Request) -> Result<Verdict, Failure> {
    let given = heads::given_logs(&request.keys)?;
    let witnesses = heads::given_witnesses(&request.witnesses)?;
    let manifest = manifest::read(&request.folder)?;
    let mut findings = Findings::default();
    let files = manifest.files(&mut findings);
    let verdict = Verdict::default();
    let mut check = Check { folder: &request.folder, files, findings, verdict };
    let keys = check.keys(&given, &witnesses)?;
    let mut heads = check.heads(&keys, &request.checkpoints)?;
    heads.in_instance = check.in_instance(&heads, &witnesses, manifest.workspace)?;
    let asked = Asked { witnesses: &witnesses, fresh: request.fresh, now: request.now };
    // What is only summed takes its time beside the rest.
    let others = check.files.take_others();
    let sums = thread::scope(|scope| {
        let sums = batches::start(scope, || manifest::sums(&request.folder, &others));
        let sums = sums.map_err(|error| manifest::unreadable("the folder", &error))?;
        let told = check.log(&heads, !given.is_empty(), &asked)?;
        if let Some(told) = told {
            check.tables(told, manifest.workspace)?;
        }
        Ok::<_, Failure>(batches::ended(sums))
    })?;
    check.finish(others, sums)
}

/// A check on its way.
struct Check<'a> {
    folder: &'a Path,
    files: Files,
    findings: Findings,
    verdict: Verdict,
}

/// Heads that are signed as they should be.
struct Heads {
    newest: Option<Head>,
    /// With the names of their files.
    kept: Vec<(String, Checkpoint)>,
    /// The one in the instance's log, if the export brings its receipt.
    in_instance: Option<InInstance>,
}

/// Where a head comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Newest,
    Kept,
    Instance,
}

/// What a log that could be read to its end tells.
struct LogTold {
    things: Things,
    history: History,
    /// How many leaves are proven; all, where no head fits: that is said already, once.
    proven: u64,
}

/// Who has cosigned, and when they last did.
fn said(direct: &BTreeMap<String, u64>, found: Option<&InInstance>) -> BTreeMap<String, String> {
    let mut times = direct.clone();
    for (name, time) in found.into_iter().flat_map(|found| &found.witnesses) {
        let known = times.entry(name.clone()).or_insert(*time);
        *known = (*known).max(*time);
    }
    times.into_iter().map(|(name, time)| (name, heads::time(time))).collect()
}

impl Check<'_> {
    /// The keys to believe: those that were given, else those that the export brings itself. Of
    /// witnesses those alone that were asked for: anybody writes a key under a witness's name.
    fn keys(
        &mut self,
        given: &[Verifier],
        witnesses: &[Verifier],
    ) -> Result<Vec<Verifier>, Failure> {
        let own = self.text(KEYS)?;
        let mut keys = given.to_vec();
        if keys.is_empty() {
            match own.as_deref().and_then(heads::read_keys).map(heads::of_logs) {
                Some(own) if !own.is_empty() => keys = own,
                _ => {
                    let place = Place { file: Some(KEYS), ..Place::default() };
                    self.findings.add(Code::Key, place, "this is not a list of keys");
                }
            }
        }
        keys.extend(witnesses.iter().cloned());
        Ok(keys)
    }

    fn heads(&mut self, keys: &[Verifier], paths: &[PathBuf]) -> Result<Heads, Failure> {
        let text = self.text(CHECKPOINT)?;
        let findings = &mut self.findings;
        let newest = heads::newest(CHECKPOINT, text.as_deref(), keys, findings);
        let mut kept = Vec::new();
        for path in paths {
            let name = path.display().to_string();
            let text =
                heads::read_note(path).map_err(|error| manifest::unreadable(&name, &error))?;
            let head = heads::kept(&name, text.as_deref(), keys, newest.as_ref(), findings);
            kept.extend(head.map(|head| (name, head)));
        }
        Ok(Heads { newest, kept, in_instance: None })
    }

    /// The head in the instance's log; nothing where the export brings no receipt of it, or none that
    /// proves anything.
    fn in_instance(
        &mut self,
        heads: &Heads,
        witnesses: &[Verifier],
        workspace: Uuid,
    ) -> Result<Option<InInstance>, Failure> {
        if !self.files.has(instance::FILE) {
            return Ok(None);
        }
        let text = self.text(instance::FILE)?;
        let Some(newest) = &heads.newest else { return Ok(None) };
        match instance::read(text.as_deref(), newest, witnesses, workspace) {
            Ok(found) => Ok(Some(found)),
            Err(what) => {
                let place = Place { file: Some(instance::FILE), ..Place::default() };
                self.findings.add(Code::Receipt, place, what);
                Ok(None)
            }
        }
    }

    /// Follows the log; nothing, where it cannot be read to its end.
    fn log(
        &mut self,
        heads: &Heads,
        key_was_given: bool,
        asked: &Asked<'_>,
    ) -> Result<Option<LogTold>, Failure> {
        let found = heads.in_instance.as_ref();
        let kept = heads.kept.iter().map(|(_, head)| head);
        let kept = kept.chain(found.map(|found| &found.head));
        let known: Vec<Checkpoint> =
            heads.newest.iter().map(|head| &head.checkpoint).chain(kept).cloned().collect();
        let head_size = heads.newest.as_ref().map_or(0, |head| head.checkpoint.size());
        let direct = heads.newest.as_ref().map(|head| head.witnesses.clone()).unwrap_or_default();
        let Some(file) = self.files.open(self.folder, LEDGER, &mut self.findings)? else {
            if heads.newest.is_some() {
                instance::require(asked, &direct, found, None, &mut self.findings);
            }
            return Ok(None);
        };
        let covered = found.map(|found| found.head.size());
        let mut log = Log::new(Replay::new(&known), head_size, covered, &mut self.findings);
        let read = log.read(LEDGER, file);
        let is_whole = read.as_ref().is_ok_and(|read| read.rows.is_some());
        let total = log.replay.size().saturating_add(log.awaiting);
        let mut seen = LogSeen {
            key_was_given,
            pending_kinds: std::mem::take(&mut log.late_kinds),
            latest: log.latest(),
            ..LogSeen::default()
        };
        self.verdict.words = log.words;
        self.verdict.words_left_out = log.words_left_out;
        let Log { replay, things, history, uncovered, .. } = log;
        self.files.close(LEDGER, read, &mut self.findings)?;
        if heads.newest.is_some() {
            instance::require(asked, &direct, found, uncovered, &mut self.findings);
        }
        let proven = if is_whole { self.fit(&replay, heads, &mut seen) } else { None };
        if let Some(head) = &heads.newest {
            head.checkpoint.origin().clone_into(&mut seen.origin);
            seen.key = head.keys.first().cloned().unwrap_or_default();
            seen.witnesses = said(&direct, found);
            seen.proven = proven.unwrap_or(0);
            seen.pending = total.saturating_sub(seen.proven);
            self.verdict.log = Some(seen);
        }
        self.verdict.unknown_kinds.clone_from(&things.unknown_kinds);
        let told = LogTold { things, history, proven: proven.unwrap_or(u64::MAX) };
        Ok(is_whole.then_some(told))
    }

    /// Names the heads that are not of these leaves; how many leaves those prove that are.
    fn fit(&mut self, replay: &Replay, heads: &Heads, seen: &mut LogSeen) -> Option<u64> {
        let newest = heads.newest.iter().map(|head| (CHECKPOINT, &head.checkpoint, Source::Newest));
        let kept = heads.kept.iter().map(|(name, head)| (name.as_str(), head, Source::Kept));
        let found = heads.in_instance.iter();
        let found = found.map(|found| (instance::FILE, &found.head, Source::Instance));
        let all: Vec<_> = newest.chain(kept).chain(found).collect();
        let known: Vec<Checkpoint> = all.iter().map(|(_, head, _)| (*head).clone()).collect();
        let mut proven = None;
        for ((name, head, source), fit) in all.into_iter().zip(replay.fits(&known)) {
            let place = Place { file: Some(name), ..Place::default() };
            let size = head.size();
            match fit {
                Fit::Fits => {
                    proven = proven.max(Some(size));
                    match source {
                        Source::Newest => {}
                        Source::Kept => seen.checkpoints.push(size),
                        Source::Instance => seen.in_instance = Some(size),
                    }
                }
                Fit::Longer => {
                    let is_newest = source == Source::Newest;
                    let code = if is_newest { Code::LogShort } else { Code::CheckpointLonger };
                    let what = format!(
                        "it tells of {size} leaves, and there are {}: the log was cut short or \
                         rolled back",
                        replay.size()
                    );
                    self.findings.add(code, place, what);
                }
                Fit::Another { since } => {
                    let is_newest = source == Source::Newest;
                    let code = if is_newest { Code::LogRoot } else { Code::CheckpointOther };
                    let what = format!(
                        "the leaves are of another history: one or more of those from {since} to \
                         {} are not the ones that were signed",
                        size.saturating_sub(1)
                    );
                    self.findings.add(code, Place { leaf: Some(since), ..place }, what);
                }
            }
        }
        proven
    }

    /// Compares all tables with what the log tells.
    fn tables(&mut self, told: LogTold, workspace: Uuid) -> Result<(), Failure> {
        let (folder, files, findings) = (self.folder, &mut self.files, &mut self.findings);
        let LogTold { things, history, proven } = told;
        let counts = Counts::default();
        let things = &things;
        let mut tables = Tables { folder, files, findings, things, counts, proven, workspace };
        let events = tables.compare(history)?;
        let counts = tables.counts;
        self.verdict.rows = counts.rows.saturating_add(events);
        self.verdict.erased = counts.erased;
        self.verdict.not_proven = counts.unproven();
        Ok(())
    }

    /// The sums of all other files, and the verdict.
    fn finish(
        mut self,
        others: Vec<Listed>,
        sums: Vec<io::Result<Whole>>,
    ) -> Result<Verdict, Failure> {
        let findings = &mut self.findings;
        let mut names = manifest::check_sums(others, sums, findings)?;
        let rest = self.files.rest();
        let sums = manifest::sums(self.folder, &rest);
        names.extend(manifest::check_sums(rest, sums, findings)?);
        names.sort_unstable();
        self.verdict.sums_only = names;
        self.findings.into_verdict(&mut self.verdict);
        Ok(self.verdict)
    }

    /// A small file of the export.
    fn text(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let Some(file) = self.files.open(self.folder, name, &mut self.findings)? else {
            return Ok(None);
        };
        let mut lines = Lines::new(file);
        let mut text = String::new();
        let is_read = loop {
            match lines.next() {
                Ok(Some(line)) if text.len() + line.len() < MOST_TEXT_BYTES => {
                    text.push_str(line);
                    text.push('\n');
                }
                Ok(None) => break true,
                Ok(Some(_)) | Err(_) => break false,
            }
        };
        // Rows are counted of tables alone.
        let read = lines.finish().map(|read| ReadFile { rows: None, ..read });
        self.files.close(name, read, &mut self.findings)?;
        Ok(is_read.then_some(text))
    }
}

//! Keys, the newest head, and the checkpoints that somebody has kept.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use ledger::key::Kind;
use ledger::note::{MOST_BYTES, Signed};
use ledger::{Checkpoint, Note, Verifier};

use super::lines::read_small;
use super::verdict::{Code, Findings, Place};
use crate::failure::Failure;

/// Longer lists of keys are not read.
const MOST_KEY_BYTES: u64 = 256 * 1024;

/// A head that the log has signed.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) checkpoint: Checkpoint,
    /// The keys of the log that have signed it, as they are written.
    pub(super) keys: Vec<String>,
    /// Who has cosigned it, and when, in seconds since 1970.
    pub(super) witnesses: BTreeMap<String, u64>,
}

/// What is wrong with a head.
#[derive(Debug)]
pub(super) enum BadHead {
    Unreadable(String),
    Unsigned(String),
    Origin(String),
}

/// Keys as somebody gives them: a line, or a file of lines.
///
/// Errors: one that is no key.
pub(super) fn given_keys(words: &[String]) -> Result<Vec<Verifier>, Failure> {
    let mut keys: Vec<Verifier> = Vec::new();
    for word in words {
        if let Ok(key) = Verifier::parse(word) {
            keys.push(key);
            continue;
        }
        let text = read_small(Path::new(word), MOST_KEY_BYTES).ok().flatten();
        let read = text.and_then(|text| read_keys(&text));
        let what = || format!("{word} is not a key, and not a file of keys");
        keys.extend(read.ok_or_else(|| Failure::usage(what()))?);
    }
    Ok(keys)
}

/// Keys of logs as somebody gives them. A list may have those of witnesses beside them, which are not
/// asked for by that.
///
/// Errors: one that is no key; keys of witnesses alone, since nothing would be believed for them.
pub(super) fn given_logs(words: &[String]) -> Result<Vec<Verifier>, Failure> {
    let keys = of_logs(given_keys(words)?);
    if keys.is_empty() && !words.is_empty() {
        let what = "--key is for the key of a log; give that of a witness with --witness.";
        return Err(Failure::usage(what));
    }
    Ok(keys)
}

/// The keys of witnesses that are asked for. Two names of one key are one witness.
///
/// Errors: one that is no witness's, or stands twice.
pub(super) fn given_witnesses(words: &[String]) -> Result<Vec<Verifier>, Failure> {
    let keys = given_keys(words)?;
    if let Some(key) = keys.iter().find(|key| key.kind() != Kind::Witness) {
        return Err(Failure::usage(format!("{key} is not the key of a witness")));
    }
    let material = |key: &Verifier| key.to_string().splitn(3, '+').nth(2).map(str::to_owned);
    for (index, key) in keys.iter().enumerate() {
        let before = keys.iter().take(index);
        if before
            .into_iter()
            .any(|other| material(other) == material(key) || other.name() == key.name())
        {
            return Err(Failure::usage(format!("the witness {} is given twice", key.name())));
        }
    }
    Ok(keys)
}

/// The keys of logs among them.
pub(super) fn of_logs(keys: Vec<Verifier>) -> Vec<Verifier> {
    keys.into_iter().filter(|key| key.kind() == Kind::Log).collect()
}

/// A key a line; nothing where one of them is none, or there are none.
pub(super) fn read_keys(text: &str) -> Option<Vec<Verifier>> {
    let lines = text.lines().filter(|line| !line.is_empty());
    let keys: Option<Vec<Verifier>> = lines.map(|line| Verifier::parse(line).ok()).collect();
    keys.filter(|keys| !keys.is_empty())
}

/// Reads a head, and checks who has signed it.
pub(super) fn check(text: Option<&str>, keys: &[Verifier]) -> Result<Head, BadHead> {
    let text = text.ok_or_else(|| BadHead::Unreadable("this is not a signed note".to_owned()))?;
    let note = Note::parse(text).map_err(|error| BadHead::Unreadable(error.to_string()))?;
    let head = Checkpoint::parse(note.text());
    let head = head.map_err(|error| BadHead::Unreadable(error.to_string()))?;
    let signed = note.check(keys).map_err(|error| BadHead::Unsigned(error.to_string()))?;
    if !signed.logs.iter().any(|name| name == head.origin()) {
        let names: Vec<&str> =
            keys.iter().filter(|key| key.kind() == Kind::Log).map(Verifier::name).collect();
        let what = format!(
            "the head is of the log {}, which has not signed it; the keys are of {}",
            head.origin(),
            names.join(", ")
        );
        return Err(BadHead::Origin(what));
    }
    let has_signed = |key: &&Verifier| {
        key.kind() == Kind::Log
            && key.name() == head.origin()
            && note.signatures().iter().any(|signature| key.is_named_by(signature))
    };
    let keys = keys.iter().filter(has_signed).map(ToString::to_string).collect();
    let witnesses = signed.witnesses.into_iter().collect();
    Ok(Head { checkpoint: head, keys, witnesses })
}

/// Seconds since 1970 as people read them.
pub(super) fn time(seconds: u64) -> String {
    let at = i64::try_from(seconds).ok().and_then(|at| Timestamp::from_second(at).ok());
    at.map_or_else(|| seconds.to_string(), |at| at.to_string())
}

/// Who has cosigned, and when.
pub(super) fn witnesses_of(signed: &Signed) -> BTreeMap<String, String> {
    signed.witnesses.iter().map(|(name, at)| (name.clone(), time(*at))).collect()
}

/// The newest head, in the export.
pub(super) fn newest(
    file: &str,
    text: Option<&str>,
    keys: &[Verifier],
    findings: &mut Findings,
) -> Option<Head> {
    let place = || Place { file: Some(file), ..Place::default() };
    match check(text, keys) {
        Ok(head) => Some(head),
        Err(bad) => {
            let (code, what) = match bad {
                BadHead::Unreadable(what) => (Code::HeadUnreadable, what),
                BadHead::Unsigned(what) => (Code::HeadUnsigned, what),
                BadHead::Origin(what) => (Code::HeadOrigin, what),
            };
            findings.add(code, place(), what);
            None
        }
    }
}

/// A checkpoint that somebody has kept, of the same log and by the same key.
pub(super) fn kept(
    file: &str,
    text: Option<&str>,
    keys: &[Verifier],
    newest: Option<&Head>,
    findings: &mut Findings,
) -> Option<Checkpoint> {
    let place = || Place { file: Some(file), ..Place::default() };
    let kept = match check(text, keys) {
        Ok(kept) => kept,
        Err(bad) => {
            let (code, what) = match bad {
                BadHead::Unreadable(what) => (Code::CheckpointUnreadable, what),
                BadHead::Unsigned(what) => (Code::CheckpointUnsigned, what),
                BadHead::Origin(what) => (Code::CheckpointOrigin, what),
            };
            findings.add(code, place(), what);
            return None;
        }
    };
    let newest = newest?;
    if kept.checkpoint.origin() != newest.checkpoint.origin() {
        let what = format!(
            "this checkpoint is of the log {}, and the export of {}",
            kept.checkpoint.origin(),
            newest.checkpoint.origin()
        );
        findings.add(Code::CheckpointOrigin, place(), what);
        return None;
    }
    if !kept.keys.iter().any(|key| newest.keys.contains(key)) {
        let what = "this checkpoint is signed by another key than the newest head";
        findings.add(Code::CheckpointUnsigned, place(), what);
        return None;
    }
    Some(kept.checkpoint)
}

/// Errors: the file cannot be read.
pub(super) fn read_note(path: &Path) -> std::io::Result<Option<String>> {
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    read_small(path, most)
}

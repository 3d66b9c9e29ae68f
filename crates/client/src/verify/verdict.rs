//! What was found, and how it is said.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// More of them are counted and not kept: a file of a million wrong rows says it with the first.
pub(super) const MOST_FINDINGS: usize = 100;

/// Characters of a field's name that are told: whoever wrote the file chose how many it has.
const MOST_SHOWN: usize = 100;

/// Declares the codes with their stable words, in the order in which findings are named.
macro_rules! codes {
    ($($(#[$meta:meta])* $code:ident => $word:literal,)+) => {
        /// What kind of thing does not fit.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub(crate) enum Code { $($(#[$meta])* #[serde(rename = $word)] $code,)+ }

        /// Their words, in the same order.
        #[cfg(test)]
        pub(super) const WORDS: &[&str] = &[$($word,)+];
    };
}

codes! {
    /// The manifest cannot be read, or names what no export has.
    Manifest => "manifest",
    /// A file is not there, or cannot be read.
    FileMissing => "file.missing",
    /// A file is not the one of the manifest.
    FileDiffers => "file.differs",
    /// What should be a verifier key is none.
    Key => "key.unreadable",
    /// The newest head cannot be read.
    HeadUnreadable => "head.unreadable",
    /// The newest head is not signed as it should be.
    HeadUnsigned => "head.unsigned",
    /// The newest head is of another log.
    HeadOrigin => "head.origin",
    /// A witness that was asked for has not signed.
    WitnessMissing => "witness.missing",
    /// A witness has not cosigned lately.
    WitnessStale => "witness.stale",
    /// What a witness has cosigned lacks events of before.
    WitnessBehind => "witness.behind",
    /// A line of the log cannot be read.
    LogLine => "log.line",
    /// A leaf is none of a workspace's log.
    LogLeaf => "log.leaf",
    /// An event stands in the log twice.
    LogTwice => "log.twice",
    /// There are fewer leaves than the head tells.
    LogShort => "log.short",
    /// The leaves are not those that the head tells.
    LogRoot => "log.root",
    /// A checkpoint that was given cannot be read.
    CheckpointUnreadable => "checkpoint.unreadable",
    /// A checkpoint that was given is not signed by the log.
    CheckpointUnsigned => "checkpoint.unsigned",
    /// A checkpoint that was given is of another log.
    CheckpointOrigin => "checkpoint.origin",
    /// A checkpoint that was given tells of more leaves than there are.
    CheckpointLonger => "checkpoint.longer",
    /// A checkpoint that was given is of another history.
    CheckpointOther => "checkpoint.other",
    /// Time goes back.
    TimeBack => "time.back",
    /// Words are not those that the event has committed to.
    WordsDiffer => "words.differ",
    /// A row cannot be read.
    RowLine => "row.line",
    /// No event tells of a row.
    RowUnknown => "row.unknown",
    /// A row stands twice.
    RowTwice => "row.twice",
    /// A row differs from what its events tell.
    RowDiffers => "row.differs",
    /// A row is what only events tell that are under no head yet.
    RowPending => "row.pending",
    /// There are events, and no row.
    RowMissing => "row.missing",
    /// A receipt proves nothing.
    Receipt => "receipt",
}

/// Something that does not fit.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Finding {
    pub(crate) code: Code,
    /// What, in a sentence.
    pub(crate) what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// The place of the event in the log, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) leaf: Option<u64>,
}

/// Where something was found.
#[derive(Debug, Clone, Default)]
pub(super) struct Place<'a> {
    pub(super) file: Option<&'a str>,
    pub(super) line: Option<u64>,
    pub(super) id: Option<String>,
    pub(super) field: Option<&'a str>,
    pub(super) leaf: Option<u64>,
}

/// What is known of the log.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct LogSeen {
    pub(crate) origin: String,
    /// The key that has signed the newest head, to be given with `--key`.
    pub(crate) key: String,
    /// Whether the key was given, and not taken from the export itself.
    pub(crate) key_was_given: bool,
    /// How many leaves are proven by a signed head.
    pub(crate) proven: u64,
    /// Of a receipt: which leaf it proves, by its place and what it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) leaf: Option<String>,
    /// How many events are under no head yet.
    pub(crate) pending: u64,
    /// The kinds of those, with their numbers.
    pub(crate) pending_kinds: BTreeMap<String, u64>,
    /// The latest time of an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) latest: Option<String>,
    /// Who has cosigned the newest head, and when.
    pub(crate) witnesses: BTreeMap<String, String>,
    /// How many leaves are under the head in the instance's log that the export brings a receipt of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) in_instance: Option<u64>,
    /// The sizes of the checkpoints that were given and fit.
    pub(crate) checkpoints: Vec<u64>,
}

/// A column that no event tells of.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Unproven {
    pub(crate) table: String,
    pub(crate) column: String,
    pub(crate) rows: u64,
}

/// The verdict.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Verdict {
    pub(crate) valid: bool,
    /// What kinds of things were found, in the order of the checks.
    pub(crate) codes: BTreeSet<Code>,
    /// In the order of the checks, the first ones.
    pub(crate) findings: Vec<Finding>,
    /// How many there were.
    pub(crate) found: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<LogSeen>,
    /// How many rows agree with the events.
    pub(crate) rows: u64,
    /// How many words are those that events have committed to.
    pub(crate) words: u64,
    /// How many texts of events have no words, erased or left out: nobody can check them.
    pub(crate) words_left_out: u64,
    /// How many texts of rows nobody can check any more.
    pub(crate) erased: u64,
    pub(crate) not_proven: Vec<Unproven>,
    /// Files that are what the manifest says, and of which nothing else was looked at.
    pub(crate) sums_only: Vec<String>,
    /// Kinds of events that this version does not know, with their numbers.
    pub(crate) unknown_kinds: BTreeMap<String, u64>,
}

/// What is gathered on the way.
#[derive(Debug, Default)]
pub(super) struct Findings {
    codes: BTreeSet<Code>,
    kept: Vec<Finding>,
    count: u64,
}

impl Findings {
    pub(super) fn add(&mut self, code: Code, place: Place<'_>, what: impl Into<String>) {
        self.count += 1;
        self.codes.insert(code);
        let finding = Finding {
            code,
            what: what.into(),
            file: place.file.map(str::to_owned),
            line: place.line,
            id: place.id,
            field: place.field.map(|field| field.chars().take(MOST_SHOWN).collect()),
            leaf: place.leaf,
        };
        self.kept.push(finding);
        // The earliest steps are kept: they are what is named first.
        if self.kept.len() > 2 * MOST_FINDINGS {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.kept.sort_by_key(|finding| finding.code);
        self.kept.truncate(MOST_FINDINGS);
    }

    /// Tells them in a verdict.
    pub(super) fn into_verdict(mut self, verdict: &mut Verdict) {
        self.settle();
        verdict.valid = self.count == 0;
        verdict.found = self.count;
        verdict.codes = self.codes;
        verdict.findings = self.kept;
    }
}

impl Finding {
    /// Where, and what.
    pub(crate) fn sentence(&self) -> String {
        let mut place = String::new();
        let mut say = |text: String| {
            place.push_str(if place.is_empty() { "" } else { ", " });
            place.push_str(&text);
        };
        if let Some(file) = &self.file {
            say(file.clone());
        }
        if let Some(line) = self.line {
            say(format!("line {line}"));
        }
        if let Some(id) = &self.id {
            say(id.clone());
        }
        if let Some(field) = &self.field {
            say(field.clone());
        }
        if let Some(leaf) = self.leaf {
            say(format!("leaf {leaf}"));
        }
        if place.is_empty() { self.what.clone() } else { format!("{place}: {}", self.what) }
    }
}

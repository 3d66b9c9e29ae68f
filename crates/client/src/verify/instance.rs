//! The way from a workspace's head to what witnesses have cosigned: the head is a leaf of the instance's log,
//! and a head of that one is cosigned.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use ledger::event::Leaf;
use ledger::receipt::Receipt;
use ledger::{Checkpoint, Verifier};
use uuid::Uuid;

use super::heads::Head;
use super::verdict::{Code, Findings, Place};

/// The file of an export.
pub(super) const FILE: &str = "instance-receipt.txt";

/// How far clocks of witnesses may be ahead, and how long a head may be on its way to them.
pub(super) const MOST_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What stands between the name of a log and the number of a later epoch.
const EPOCH: &str = "/epoch-";

/// A head of the workspace's log that is in the instance's.
#[derive(Debug, Clone)]
pub(super) struct InInstance {
    /// The workspace's head.
    pub(super) head: Checkpoint,
    /// When that was signed, as its leaf says, in microseconds since 1970.
    pub(super) at: i64,
    /// Who has cosigned the instance's, and when, in seconds since 1970.
    pub(super) witnesses: BTreeMap<String, u64>,
}

/// Reads the receipt of a head of the workspace's log in the log of its instance, by the key that has signed
/// the newest head.
///
/// Errors: what is wrong, in a sentence.
pub(super) fn read(
    text: Option<&str>,
    newest: &Head,
    witnesses: &[Verifier],
    workspace: Uuid,
) -> Result<InInstance, String> {
    let receipt = text.ok_or("this is not a receipt")?;
    let receipt = Receipt::parse(receipt).map_err(|error| error.to_string())?;
    let leaf = receipt.extra.clone().ok_or("it brings no leaf")?;
    let told = Checkpoint::parse(receipt.head.text()).map_err(|error| error.to_string())?;
    let origin = newest.checkpoint.origin();
    if !is_instance_of(told.origin(), origin, workspace) {
        return Err(format!("it is of the log {}, which is not that of {origin}", told.origin()));
    }
    let renamed = |line: &String| Verifier::parse(line).ok()?.renamed(told.origin()).ok();
    let keys: Vec<Verifier> = newest.keys.iter().filter_map(renamed).collect();
    let keys = [keys.as_slice(), witnesses].concat();
    let checked = receipt.check(&leaf, told.origin(), &keys).map_err(|error| error.to_string())?;
    match Leaf::parse(&leaf) {
        Ok(Leaf::Head(head)) if Uuid::from_bytes(head.workspace) == workspace => {
            let at = head.at;
            let head = Checkpoint::new(origin, head.size, head.root);
            let head = head.map_err(|error| error.to_string())?;
            Ok(InInstance { head, at, witnesses: checked.1.witnesses.into_iter().collect() })
        }
        _ => Err("the leaf is no head of this workspace's log".to_owned()),
    }
}

/// Whether a name is that of the log of the instance where the workspace's log is, in whichever epoch.
fn is_instance_of(name: &str, log: &str, workspace: Uuid) -> bool {
    let own = format!("/{workspace}");
    let base = log.split_once(&own).filter(|(_, rest)| rest.is_empty() || is_epoch(rest));
    base.is_some_and(|(base, _)| {
        name.strip_prefix(base).is_some_and(|rest| rest.is_empty() || is_epoch(rest))
    })
}

fn is_epoch(rest: &str) -> bool {
    let number = rest.strip_prefix(EPOCH).unwrap_or_default();
    !number.is_empty() && !number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit())
}

/// What is asked of witnesses.
pub(super) struct Asked<'a> {
    pub(super) witnesses: &'a [Verifier],
    pub(super) fresh: Option<SignedDuration>,
    pub(super) now: Timestamp,
}

/// Holds a witness to what is asked: that it has cosigned, that it did so lately, and that what was recorded
/// before is under what it has cosigned. `direct` are cosignatures of the newest head itself; `uncovered` is
/// the earliest event, in microseconds, that is not under the head in the instance's log.
pub(super) fn require(
    asked: &Asked<'_>,
    direct: &BTreeMap<String, u64>,
    found: Option<&InInstance>,
    uncovered: Option<i64>,
    findings: &mut Findings,
) {
    for witness in asked.witnesses.iter().map(Verifier::name) {
        let by_instance = found.and_then(|found| found.witnesses.get(witness));
        let time = direct.get(witness).max(by_instance);
        let mut add = |code, what| {
            let file = if direct.contains_key(witness) { super::CHECKPOINT } else { FILE };
            findings.add(code, Place { file: Some(file), ..Place::default() }, what);
        };
        let Some(time) = time else {
            let what =
                format!("the witness {witness} has cosigned neither this head nor the instance's");
            add(Code::WitnessMissing, what);
            continue;
        };
        let direct_time = direct.get(witness).copied();
        if let Some(what) = stale(asked, *time) {
            add(Code::WitnessStale, format!("the witness {witness} {what}"));
        } else if let Some(what) = found.and_then(|found| stale_leaf(asked, direct_time, found)) {
            add(Code::WitnessStale, what.to_owned());
        }
        let is_behind = uncovered.is_some_and(|at| is_before(at, *time));
        if !direct.contains_key(witness) && is_behind {
            let what = format!(
                "the witness {witness} has cosigned a state that lacks events of before: something was \
                 held back"
            );
            add(Code::WitnessBehind, what);
        }
    }
}

/// Whether a cosignature is too old for who asks, or of a time to come.
pub(super) fn stale(asked: &Asked<'_>, time: u64) -> Option<&'static str> {
    let fresh = asked.fresh?;
    let at = i64::try_from(time).ok().and_then(|time| Timestamp::from_second(time).ok());
    let Some(at) = at else { return Some("has signed for a time that is none") };
    if at.duration_since(asked.now) > MOST_SKEW {
        return Some("has signed for a time to come");
    }
    (asked.now.duration_since(at) > fresh).then_some("has not cosigned lately")
}

/// Whether the workspace's head in the instance's log is too old for who asks. Its log goes on for all
/// workspaces: under a head that was cosigned today there are leaves of long ago as well. Who has lately
/// cosigned the newest head itself needs no such way.
fn stale_leaf(asked: &Asked<'_>, direct: Option<u64>, found: &InInstance) -> Option<&'static str> {
    let fresh = asked.fresh?;
    if direct.is_some_and(|time| stale(asked, time).is_none()) {
        return None;
    }
    match Timestamp::from_microsecond(found.at) {
        Err(_) => Some("the head in the instance's log is of a time that is none"),
        Ok(at) if at.duration_since(asked.now) > MOST_SKEW => {
            Some("the head in the instance's log is of a time to come")
        }
        Ok(at) if asked.now.duration_since(at) > fresh => Some(
            "the head in the instance's log is an old one: what has happened since may be held back",
        ),
        Ok(_) => None,
    }
}

/// Whether an event was so long before a cosignature that its head had to be there.
fn is_before(event_us: i64, time_s: u64) -> bool {
    let since_s = i128::from(time_s) - i128::from(MOST_SKEW.as_secs());
    i128::from(event_us) < since_s * 1_000_000
}

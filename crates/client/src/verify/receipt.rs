//! One leaf's proof, as a file: that it stands in the log, by the keys that were given.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use ledger::event::Leaf;
use ledger::note::MOST_BYTES;
use ledger::proof::MOST_HASHES;
use ledger::receipt::{MOST_EXTRA_BYTES, Receipt};
use ledger::{Checkpoint, Verifier, tile};
use uuid::Uuid;

use super::heads::{given_logs, given_witnesses, witnesses_of};
use super::instance::{Asked, stale};
use super::lines::read_small;
use super::manifest::unreadable;
use super::verdict::{Code, Findings, LogSeen, Place, Verdict};
use crate::failure::Failure;

/// Base64 is a third longer, and hashes have their lines.
const MOST_FILE_BYTES: usize = MOST_BYTES + 2 * MOST_EXTRA_BYTES + 64 * MOST_HASHES;

/// Checks a receipt of a leaf's bytes.
///
/// Errors: [`Failure::Usage`] for a file that cannot be read, and without a key: the file brings none.
pub(crate) fn verify_receipt(
    path: &Path,
    leaf: Option<&Path>,
    keys: &[String],
    witnesses: &[String],
    fresh: Option<SignedDuration>,
    now: Timestamp,
) -> Result<Verdict, Failure> {
    let mut keys = given_logs(keys)?;
    if keys.is_empty() {
        return Err(Failure::usage(
            "A receipt brings no key: give the log's with --key LINE-OR-FILE.",
        ));
    }
    let witnesses = given_witnesses(witnesses)?;
    keys.extend(witnesses.iter().cloned());
    let name = path.display().to_string();
    let text =
        read_small(path, most(MOST_FILE_BYTES)).map_err(|error| unreadable(&name, &error))?;
    let read = |leaf: &Path| {
        read_bytes(leaf).map_err(|error| unreadable(&leaf.display().to_string(), &error))
    };
    let bytes = leaf.map(read).transpose()?;
    let mut findings = Findings::default();
    let mut verdict = Verdict::default();
    let place = Place { file: Some(&name), ..Place::default() };
    match check(text.as_deref(), bytes.as_deref(), &keys) {
        Err(what) => findings.add(Code::Receipt, place, what),
        Ok((seen, cosigned)) => {
            let asked = Asked { witnesses: &witnesses, fresh, now };
            for witness in witnesses.iter().map(Verifier::name) {
                let Some(time) = cosigned.get(witness) else {
                    let what = format!("the witness {witness} has not cosigned this head");
                    findings.add(Code::WitnessMissing, place.clone(), what);
                    continue;
                };
                if let Some(what) = stale(&asked, *time) {
                    let what = format!("the witness {witness} {what}");
                    findings.add(Code::WitnessStale, place.clone(), what);
                }
            }
            verdict.log = Some(seen);
        }
    }
    findings.into_verdict(&mut verdict);
    Ok(verdict)
}

/// The leaf is the one that was given, else the one that the receipt brings: what is proven is that it
/// stands in the log, whoever brings it.
fn check(
    text: Option<&str>,
    leaf: Option<&[u8]>,
    keys: &[ledger::Verifier],
) -> Result<(LogSeen, BTreeMap<String, u64>), String> {
    let text = text.ok_or_else(|| "this is not a receipt".to_owned())?;
    let receipt = Receipt::parse(text).map_err(|error| error.to_string())?;
    let leaf = leaf.or(receipt.extra.as_deref());
    let leaf = leaf.ok_or_else(|| "it brings no leaf: give it with --leaf FILE".to_owned())?;
    let head = Checkpoint::parse(receipt.head.text()).map_err(|error| error.to_string())?;
    // Which log the head is of is the head's own word: what counts is that its key was given.
    let checked = receipt.check(leaf, head.origin(), keys).map_err(|error| error.to_string())?;
    let (head, signed) = checked;
    let key = keys.iter().find(|key| key.name() == head.origin());
    let cosigned = signed.witnesses.iter().cloned().collect();
    let seen = LogSeen {
        origin: head.origin().to_owned(),
        key: key.map(ToString::to_string).unwrap_or_default(),
        key_was_given: true,
        proven: head.size(),
        witnesses: witnesses_of(&signed),
        latest: time_of(leaf),
        leaf: Some(format!("{} ({})", receipt.index, said(leaf))),
        ..LogSeen::default()
    };
    Ok((seen, cosigned))
}

/// What a leaf is about: a receipt of another one proves something else.
fn said(leaf: &[u8]) -> String {
    match Leaf::parse(leaf) {
        Ok(Leaf::Event(event)) => {
            format!("{} of {} {}", event.kind, event.object_kind, Uuid::from_bytes(event.object))
        }
        Ok(Leaf::Head(head)) => {
            let workspace = Uuid::from_bytes(head.workspace);
            format!("the head of {} leaves of the workspace {workspace}", head.size)
        }
        Ok(Leaf::Act(act)) => act.kind,
        Err(_) => "which says nothing that is known".to_owned(),
    }
}

fn time_of(leaf: &[u8]) -> Option<String> {
    let at = match Leaf::parse(leaf).ok()? {
        Leaf::Event(event) => event.at,
        Leaf::Head(head) => head.at,
        Leaf::Act(act) => act.at,
    };
    Some(Timestamp::from_microsecond(at).ok()?.to_string())
}

fn read_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    // A byte more than a leaf has makes none: it need not be read further.
    let most = most(tile::MOST_ENTRY_BYTES + 1);
    std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn most(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

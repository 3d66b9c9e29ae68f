//! `tp verify`: an export, or a receipt, checked without a server.

use jiff::Timestamp;

use crate::arguments::Verify;
use crate::failure::Failure;
use crate::print::{Output, Paint, clean};
use crate::session::counted;
use crate::verify::{LogSeen, Request, Verdict, verify, verify_receipt};

/// How many findings are said to people; programs get more.
const MOST_SAID: usize = 10;

/// Errors: [`Failure::Usage`]; [`Failure::Refused`], told already, where something was found.
pub(super) fn run(wanted: &Verify, now: Timestamp, output: &mut Output<'_>) -> Result<(), Failure> {
    let fresh = wanted.fresh;
    if fresh.is_some() && wanted.witnesses.is_empty() {
        return Err(Failure::usage("--fresh goes with --witness: it is a witness who says when."));
    }
    let verdict = if wanted.path.is_dir() {
        if wanted.leaf.is_some() {
            return Err(Failure::usage("--leaf goes with a receipt, not with a folder."));
        }
        verify(&Request {
            folder: wanted.path.clone(),
            checkpoints: wanted.checkpoints.clone(),
            keys: wanted.keys.clone(),
            witnesses: wanted.witnesses.clone(),
            fresh,
            now,
        })?
    } else {
        if !wanted.checkpoints.is_empty() {
            return Err(Failure::usage("--checkpoint goes with the folder of an export."));
        }
        let leaf = wanted.leaf.as_deref();
        verify_receipt(&wanted.path, leaf, &wanted.keys, &wanted.witnesses, fresh, now)?
    };
    let said = if output.is_json { output.json(&verdict) } else { say(&verdict, output) };
    match said {
        // Whoever heard enough hears it by the exit code all the same.
        Ok(()) | Err(Failure::Closed) if !verdict.valid => Err(Failure::Found),
        said => said,
    }
}

fn say(verdict: &Verdict, output: &mut Output<'_>) -> Result<(), Failure> {
    for finding in verdict.findings.iter().take(MOST_SAID) {
        output.line(&clean(&finding.sentence()))?;
    }
    let said = u64::try_from(verdict.findings.len().min(MOST_SAID)).unwrap_or(0);
    if verdict.found > said {
        output.line(&format!("… and {} more.", verdict.found - said))?;
    }
    let (paint, word) = match (verdict.valid, &verdict.log) {
        (true, Some(LogSeen { leaf: Some(leaf), proven, .. })) => {
            (Paint::Green, clean(&format!("Valid: leaf {leaf} is in the log of {proven} leaves.")))
        }
        (true, Some(log)) => (Paint::Green, format!("Valid up to leaf {}.", log.proven)),
        (true, None) => (Paint::Green, "Valid.".to_owned()),
        (false, _) => (Paint::Bold, "Not valid.".to_owned()),
    };
    let word = output.paint(paint, &word);
    output.line(&word)?;
    if let Some(log) = &verdict.log {
        say_log(log, output)?;
    }
    say_counts(verdict, output)
}

fn say_log(log: &LogSeen, output: &mut Output<'_>) -> Result<(), Failure> {
    let latest = log.latest.as_ref().map(|at| format!(", the latest event of {at}"));
    output.line(&clean(&format!("Log: {}{}", log.origin, latest.unwrap_or_default())))?;
    output.line(&clean(&format!("Key: {}", log.key)))?;
    if !log.key_was_given {
        output.line(
            "     This key came with the export. Compare it with the one you were given before; \
             then give that one with --key.",
        )?;
    }
    for (name, at) in &log.witnesses {
        output.line(&clean(&format!("Cosigned by {name} at {at}")))?;
    }
    if let Some(size) = log.in_instance {
        output.line(&format!("The first {size} leaves are in the log of the server as well."))?;
    }
    for size in &log.checkpoints {
        output.line(&format!("Fits the checkpoint of {size} leaves."))?;
    }
    if log.pending > 0 {
        let kinds: Vec<String> =
            log.pending_kinds.iter().map(|(kind, count)| format!("{kind} ({count})")).collect();
        let count = counted(count_of(log.pending), "event is", "events are");
        let kinds = kinds.join(", ");
        output.line(&clean(&format!("{count} not under a head yet: {kinds}")))?;
    }
    Ok(())
}

fn say_counts(verdict: &Verdict, output: &mut Output<'_>) -> Result<(), Failure> {
    if verdict.rows > 0 {
        let rows = counted(count_of(verdict.rows), "row agrees", "rows agree");
        let words = counted(count_of(verdict.words), "text was", "texts were");
        output.line(&format!("{rows} with the events; {words} opened."))?;
    }
    if verdict.words_left_out > 0 {
        let texts = counted(count_of(verdict.words_left_out), "text", "texts");
        output.line(&format!(
            "Not checkable: {texts} of the record without words: erased, or left out by who exported."
        ))?;
    }
    if verdict.erased > 0 {
        let texts = counted(count_of(verdict.erased), "text", "texts");
        output.line(&format!("Not checkable: {texts} of rows whose words were erased."))?;
    }
    for column in &verdict.not_proven {
        output.line(&clean(&format!(
            "Not proven: {}.{} of {}: no event tells it.",
            column.table,
            column.column,
            counted(count_of(column.rows), "row", "rows")
        )))?;
    }
    for (kind, count) in &verdict.unknown_kinds {
        output.line(&clean(&format!("Not known to this version: {kind} ({count})")))?;
    }
    if !verdict.sums_only.is_empty() {
        let files = clean(&verdict.sums_only.join(", "));
        output.line(&format!("Only their sums were checked: {files}"))?;
    }
    Ok(())
}

fn count_of(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

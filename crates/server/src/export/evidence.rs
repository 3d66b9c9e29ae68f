//! The log of a workspace as files: what `tp verify` checks the tables against.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use app::{
    Error, Op,
    audit::Words,
    ledger::{Exported, Signed, export_ledger},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{FileSum, create, summed::Summed};

type Out = Summed<BufWriter<File>>;

/// Writes the leaves, the newest head and the keys into `dir`; no head where the log has not begun.
///
/// Errors: [`Error::Forbidden`]; inside, what the system says of a file.
pub(super) fn write(op: &mut Op, dir: &Path) -> Result<io::Result<Vec<FileSum>>, Error> {
    let mut leaves = match open(dir, "ledger.jsonl") {
        Ok(out) => out,
        Err(failure) => return Ok(Err(failure)),
    };
    let (mut rows, mut failure) = (0, None);
    let told = export_ledger(op, &mut |exported| {
        rows += 1;
        line(&mut leaves, &exported).map_err(|error| {
            failure = Some(error);
            Error::bug("a file of the export cannot be written")
        })
    });
    match failure {
        Some(failure) => Ok(Err(failure)),
        None => told.map(|signed| finish(dir, leaves, rows, signed.as_ref())),
    }
}

fn finish(dir: &Path, leaves: Out, rows: u64, signed: Option<&Signed>) -> io::Result<Vec<FileSum>> {
    let mut files = vec![sum(leaves, "ledger.jsonl", Some(rows))?];
    if let Some(Signed { checkpoint, keys }) = signed {
        files.push(text(dir, "checkpoint.txt", checkpoint)?);
        files.push(text(dir, "ledger-keys.txt", &(keys.join("\n") + "\n"))?);
    }
    Ok(files)
}

pub(super) fn text(dir: &Path, name: &str, text: &str) -> io::Result<FileSum> {
    let mut out = open(dir, name)?;
    out.write_all(text.as_bytes())?;
    sum(out, name, None)
}

fn line(out: &mut Out, exported: &Exported) -> io::Result<()> {
    let mut line = json!({ "leaf": STANDARD.encode(&exported.leaf) });
    if let Some(line) = line.as_object_mut() {
        if !exported.words.is_empty() {
            line.insert("words".to_owned(), exported.words.iter().map(words).collect());
        }
        if exported.is_pending {
            line.insert("pending".to_owned(), Value::Bool(true));
        }
    }
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}

fn words(words: &Words) -> Value {
    let side = if words.is_after { "after" } else { "before" };
    json!({ "field": words.field, "side": side, "salt": STANDARD.encode(words.salt), "text": words.text })
}

fn open(dir: &Path, name: &str) -> io::Result<Out> {
    Ok(Summed::new(BufWriter::new(create(&dir.join(name))?)))
}

fn sum(out: Out, name: &str, rows: Option<u64>) -> io::Result<FileSum> {
    let (file, size_bytes, sha256) = out.finish();
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    let columns = Vec::new();
    Ok(FileSum { name: name.to_owned(), table: None, columns, rows, size_bytes, sha256 })
}

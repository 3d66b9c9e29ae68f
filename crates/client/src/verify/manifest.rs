//! The manifest of an export: which files there are, and what each of them is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::Path;

use anyhow::Context;
use serde::Deserialize;
use uuid::Uuid;

use super::batches::sum;
use super::cells::read_id;
use super::lines::{ReadFile, Whole, open_plain, read_small};
use super::verdict::{Code, Findings, Place};
use crate::failure::Failure;

pub(super) const NAME: &str = "manifest.json";

const MOST_BYTES: u64 = 1024 * 1024;

/// Files of an export.
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    format: String,
    version: u32,
    workspace_id: String,
    files: Vec<Listed>,
    #[serde(skip)]
    pub(super) workspace: Uuid,
}

/// A file, as the manifest tells of it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Listed {
    name: String,
    #[serde(default)]
    rows: Option<u64>,
    size_bytes: u64,
    sha256: String,
}

/// The files that are still to be read.
#[derive(Debug)]
pub(super) struct Files {
    listed: BTreeMap<String, Listed>,
}

/// Errors: there is none, or it is of no export that this version knows. Nothing is said about such a
/// folder, since it is none that was to be looked at.
pub(super) fn read(folder: &Path) -> Result<Manifest, Failure> {
    let path = folder.join(NAME);
    let text = read_small(&path, MOST_BYTES)
        .with_context(|| format!("{} cannot be read", path.display()))
        .map_err(|error| Failure::usage(format!("{error:#}")))?;
    let text = text.filter(|text| !is_deep(text));
    let read = text.and_then(|text| serde_json::from_str::<Manifest>(&text).ok());
    let known = read.filter(|read| read.format == "timeproof-export" && read.version == 1);
    let manifest = known.and_then(|read| {
        let workspace = read_id(&read.workspace_id)?;
        Some(Manifest { workspace, ..read })
    });
    manifest.ok_or_else(|| {
        Failure::usage(format!("{} is not the manifest of an export", path.display()))
    })
}

/// Lists and objects in each other, of which the manifest itself is the first.
const MOST_NESTED: u32 = 127;

/// Whether JSON is nested deeper than other programs read it; of what is no JSON it says nothing.
fn is_deep(json: &str) -> bool {
    let (mut depth, mut is_text, mut is_escaped) = (0_u32, false, false);
    json.bytes().any(|byte| {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => depth += 1,
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MOST_NESTED
    })
}

impl Manifest {
    /// Each file once, and only such as lie in the folder itself.
    pub(super) fn files(&self, findings: &mut Findings) -> Files {
        let (mut listed, mut twice) = (BTreeMap::new(), BTreeSet::new());
        for file in &self.files {
            let is_plain = !file.name.is_empty()
                && !file.name.starts_with('.')
                && !file.name.contains(['/', '\\', '\0']);
            let is_new = is_plain && listed.insert(file.name.clone(), file.clone()).is_none();
            if !is_new {
                twice.insert(&file.name);
                let place = Place { file: Some(NAME), ..Place::default() };
                let what = "a file stands in it twice, or has a name that no export has";
                findings.add(Code::Manifest, place, what);
            }
        }
        // Of a file that is named twice two programs may read two sums.
        listed.retain(|name, _| !twice.contains(name));
        Files { listed }
    }
}

impl Files {
    /// Whether the manifest names a file that not every export has.
    pub(super) fn has(&self, name: &str) -> bool {
        self.listed.contains_key(name)
    }

    /// Opens a file; nothing where it is not there.
    ///
    /// Errors: the system's, but for a file that is missing.
    pub(super) fn open(
        &self,
        folder: &Path,
        name: &str,
        findings: &mut Findings,
    ) -> Result<Option<File>, Failure> {
        if !self.listed.contains_key(name) {
            let place = Place { file: Some(name), ..Place::default() };
            let what = "the manifest does not name this file";
            findings.add(Code::FileMissing, place, what);
            return Ok(None);
        }
        match open_plain(&folder.join(name)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if is_of_the_folder(&error) => {
                missing(name, findings);
                Ok(None)
            }
            Err(error) => Err(unreadable(name, &error)),
        }
    }

    /// After the file was read: is it the one of the manifest?
    ///
    /// Errors: the system's, of its reading.
    pub(super) fn close(
        &mut self,
        name: &str,
        read: io::Result<ReadFile>,
        findings: &mut Findings,
    ) -> Result<(), Failure> {
        let read = read.map_err(|error| unreadable(name, &error))?;
        let Some(listed) = self.listed.remove(name) else { return Ok(()) };
        // Of keys and of a head the manifest counts no rows; of a file whose reading stopped nobody does.
        let has_rows = read.rows.zip(listed.rows).is_none_or(|(rows, listed)| rows == listed);
        check(name, &listed, &read.whole, has_rows, findings);
        Ok(())
    }

    /// Takes out the files of which nobody reads more than to sum them: what is left are tables.
    pub(super) fn take_others(&mut self) -> Vec<Listed> {
        let all = std::mem::take(&mut self.listed);
        let is_table = |name: &str| Path::new(name).extension() == Some("jsonl".as_ref());
        let (tables, others) = all.into_iter().partition(|(name, _)| is_table(name));
        self.listed = tables;
        BTreeMap::into_values(others).collect()
    }

    /// The tables that nobody has read, after all was read: of another version, or made up.
    pub(super) fn rest(self) -> Vec<Listed> {
        self.listed.into_values().collect()
    }
}

/// The sums of files, in their order.
pub(super) fn sums(folder: &Path, files: &[Listed]) -> Vec<io::Result<Whole>> {
    let whole = |file: &Listed| open_plain(&folder.join(&file.name)).and_then(sum);
    files.iter().map(whole).collect()
}

/// Whether files are those of the manifest, by their sums alone; their names.
///
/// Errors: the system's, but for a file that is missing.
pub(super) fn check_sums(
    files: Vec<Listed>,
    sums: Vec<io::Result<Whole>>,
    findings: &mut Findings,
) -> Result<Vec<String>, Failure> {
    for (listed, sum) in files.iter().zip(sums) {
        match sum {
            Err(error) if is_of_the_folder(&error) => missing(&listed.name, findings),
            Err(error) => return Err(unreadable(&listed.name, &error)),
            Ok(whole) => check(&listed.name, listed, &whole, true, findings),
        }
    }
    Ok(files.into_iter().map(|file| file.name).collect())
}

fn missing(name: &str, findings: &mut Findings) {
    let place = Place { file: Some(name), ..Place::default() };
    findings.add(Code::FileMissing, place, "the file is not there");
}

fn check(name: &str, listed: &Listed, whole: &Whole, has_rows: bool, findings: &mut Findings) {
    let place = Place { file: Some(name), ..Place::default() };
    if whole.size_bytes != listed.size_bytes {
        let what = format!(
            "the file has {} bytes, and the manifest says {}",
            whole.size_bytes, listed.size_bytes
        );
        findings.add(Code::FileDiffers, place, what);
    } else if whole.sha256 != listed.sha256 {
        findings.add(Code::FileDiffers, place, "the file is not the one of the manifest (SHA-256)");
    } else if !has_rows {
        findings.add(
            Code::FileDiffers,
            place,
            "the file has not as many rows as the manifest says",
        );
    }
}

/// It is not there, what is there is no file, or no file can be called so.
fn is_of_the_folder(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotFound};
    matches!(error.kind(), NotFound | InvalidInput | InvalidFilename)
}

pub(super) fn unreadable(name: &str, error: &io::Error) -> Failure {
    Failure::usage(format!("{name} cannot be read: {error}"))
}

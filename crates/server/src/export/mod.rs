//! An export as files: each table as JSON lines (exact) and as CSV (for spreadsheets), the log of the
//! workspace that the tables can be checked against, and a manifest with counts and checksums that is
//! written last.

mod evidence;
mod render;
mod summed;

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use app::{
    Error, Op,
    export::{ExportPage, Table, export_workspace},
};
use csv::{Terminator, WriterBuilder};
use jiff::Timestamp;
use serde::Serialize;

use summed::Summed;

/// What an export consists of.
#[derive(Debug, Clone, Serialize)]
pub struct Manifest {
    format: &'static str,
    version: u32,
    workspace_id: String,
    exported_at: String,
    files: Vec<FileSum>,
}

/// A file of an export.
#[derive(Debug, Clone, Serialize)]
pub struct FileSum {
    name: String,
    /// The table it is of; the files of the log are of none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<&'static str>,
    /// How many rows it holds; the line of names that begins a CSV file is not one, and a text has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    size_bytes: u64,
    sha256: String,
}

/// Writes every table of the asking member's workspace, and its log, into `dir`, over one consistent
/// state. When it is run again, it starts over.
///
/// Errors: [`Error::Forbidden`]; inside, what the system says of a file.
pub fn write_tables(op: &mut Op, dir: &Path) -> Result<io::Result<Vec<FileSum>>, Error> {
    let mut files = Files { dir: dir.to_owned(), done: Vec::new(), current: None, failure: None };
    let outcome = export_workspace(op, &mut |_, page| {
        files.page(page).map_err(|failure| {
            files.failure = Some(failure);
            Error::bug("a file of the export cannot be written")
        })
    });
    match files.failure.take() {
        Some(failure) => Ok(Err(failure)),
        None => {
            outcome?;
            let evidence = evidence::write(op, dir)?;
            Ok(files.finish().and_then(|tables| Ok([tables, evidence?].concat())))
        }
    }
}

/// Writes the proof that the workspace's head is in the instance's log.
///
/// Errors: what the system says.
pub fn write_instance_receipt(dir: &Path, receipt: &str) -> io::Result<FileSum> {
    evidence::text(dir, "instance-receipt.txt", receipt)
}

/// Writes the manifest, and makes the names of all files durable.
///
/// Errors: what the system says.
pub fn write_manifest(
    dir: &Path,
    workspace_id: String,
    exported_at: Timestamp,
    files: Vec<FileSum>,
) -> io::Result<()> {
    let manifest = Manifest {
        format: "timeproof-export",
        version: 1,
        workspace_id,
        exported_at: exported_at.to_string(),
        files,
    };
    let mut file = create(&dir.join("manifest.json"))?;
    serde_json::to_writer_pretty(&mut file, &manifest)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    File::open(dir)?.sync_all()
}

struct Files {
    dir: PathBuf,
    done: Vec<FileSum>,
    current: Option<Sheet>,
    failure: Option<io::Error>,
}

impl Files {
    fn page(&mut self, page: ExportPage) -> io::Result<()> {
        if self.current.as_ref().is_none_or(|sheet| sheet.table.name != page.table.name) {
            self.end_sheet()?;
            self.current = Some(Sheet::create(&self.dir, page.table)?);
        }
        match &mut self.current {
            Some(sheet) => page.rows.iter().try_for_each(|row| sheet.row(row)),
            None => Ok(()),
        }
    }

    fn end_sheet(&mut self) -> io::Result<()> {
        if let Some(sheet) = self.current.take() {
            self.done.extend(sheet.finish()?);
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<Vec<FileSum>> {
        self.end_sheet()?;
        Ok(self.done)
    }
}

type Out = Summed<BufWriter<File>>;

/// A table on its way into its two files.
struct Sheet {
    table: &'static Table,
    rows: u64,
    json: Out,
    csv: csv::Writer<Out>,
}

impl Sheet {
    fn create(dir: &Path, table: &'static Table) -> io::Result<Self> {
        let open = |kind: &str| -> io::Result<Out> {
            let file = create(&dir.join(format!("{}.{kind}", table.name)))?;
            Ok(Summed::new(BufWriter::new(file)))
        };
        let mut csv = open("csv")?;
        csv.write_all(render::BYTE_ORDER_MARK)?;
        let mut csv = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(csv);
        csv.write_record(table.columns())?;
        Ok(Self { table, rows: 0, json: open("jsonl")?, csv })
    }

    fn row(&mut self, row: &[app::export::Plain]) -> io::Result<()> {
        let columns = || self.table.columns().zip(row);
        let object: serde_json::Map<_, _> =
            columns().map(|(name, value)| (name.to_owned(), render::json(value))).collect();
        serde_json::to_writer(&mut self.json, &object)?;
        self.json.write_all(b"\n")?;
        self.csv.write_record(row.iter().map(render::cell))?;
        self.rows += 1;
        Ok(())
    }

    fn finish(self) -> io::Result<[FileSum; 2]> {
        let csv = self.csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
        let sum = |out: Out, kind: &str| -> io::Result<FileSum> {
            let (file, size_bytes, sha256) = out.finish();
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            Ok(FileSum {
                name: format!("{}.{kind}", self.table.name),
                table: Some(self.table.name),
                columns: self.table.columns().collect(),
                rows: Some(self.rows),
                size_bytes,
                sha256,
            })
        };
        Ok([sum(self.json, "jsonl")?, sum(csv, "csv")?])
    }
}

/// A file that only its owner can read.
fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

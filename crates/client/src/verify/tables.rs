//! The tables of an export, one after the other and row by row.

use std::path::Path;

use uuid::Uuid;

use super::history::History;
use super::manifest::Files;
use super::row::{Cell, Row};
use super::rows::{Counts, Rows, read_id};
use super::sheets::{ENTRY_TAGS, HISTORY, SHEETS, Sheet};
use super::things::Things;
use super::verdict::{Code, Findings, Place};
use crate::failure::Failure;

/// All tables against what the log tells.
pub(super) struct Tables<'a> {
    pub(super) folder: &'a Path,
    pub(super) files: &'a mut Files,
    pub(super) findings: &'a mut Findings,
    pub(super) things: Things,
    pub(super) counts: Counts,
    /// How many leaves a signed head proves.
    pub(super) proven: u64,
    /// Of which workspace the manifest says the export is.
    pub(super) workspace: Uuid,
}

/// The tags of the entry whose rows are being read.
#[derive(Default)]
struct Tagged {
    entry: Option<Uuid>,
    tags: Vec<Uuid>,
    line: u64,
}

impl Tables<'_> {
    /// Compares every table; how many events agree.
    ///
    /// Errors: a file cannot be read.
    pub(super) fn compare(&mut self, history: History) -> Result<u64, Failure> {
        for (index, sheet) in SHEETS.iter().enumerate() {
            self.sheet(index, sheet)?;
        }
        self.rows().finish();
        self.entry_tags()?;
        self.history(history)
    }

    fn rows(&mut self) -> Rows<'_> {
        Rows {
            things: &mut self.things,
            findings: self.findings,
            counts: &mut self.counts,
            proven: self.proven,
        }
    }

    fn sheet(&mut self, index: usize, sheet: &Sheet) -> Result<(), Failure> {
        let file = format!("{}.jsonl", sheet.table);
        self.each_line(&file, |tables, line, text| {
            let Some(row) = tables.parse(&file, line, text) else { return };
            tables.rows().row(index, sheet, &file, line, &row);
            if sheet.table == "workspace" {
                tables.same_workspace(&file, line, &row);
            }
        })
    }

    /// The leaves are those of the workspace that the export says to be of.
    fn same_workspace(&mut self, file: &str, line: u64, row: &Row<'_>) {
        let is_same = matches!(row.get("id"), Some(Cell::Text(id))
            if read_id(id) == Some(self.workspace));
        if !is_same {
            let place = Place { file: Some(file), line: Some(line), ..Place::default() };
            let what = "the manifest is of another workspace";
            self.findings.add(Code::RowDiffers, place, what);
        }
    }

    fn entry_tags(&mut self) -> Result<(), Failure> {
        let file = format!("{ENTRY_TAGS}.jsonl");
        let mut tagged = Tagged::default();
        self.each_line(&file, |tables, line, text| {
            let Some(row) = tables.parse(&file, line, text) else { return };
            let id = |column| match row.get(column) {
                Some(Cell::Text(text)) => read_id(text),
                _ => None,
            };
            let (Some(entry), Some(tag)) = (id("entry_id"), id("tag_id")) else {
                return tables.no_row(&file, line);
            };
            for column in row.columns().filter(|name| !["entry_id", "tag_id"].contains(name)) {
                tables.counts.leave_unproven(ENTRY_TAGS, column);
            }
            if tagged.entry != Some(entry) {
                tables.tags_of(&file, &tagged);
                tagged = Tagged { entry: Some(entry), ..Tagged::default() };
            }
            tagged.tags.push(tag);
            tagged.line = line;
        })?;
        self.tags_of(&file, &tagged);
        self.rows().finish_tags(&file);
        Ok(())
    }

    fn tags_of(&mut self, file: &str, tagged: &Tagged) {
        if let Some(entry) = tagged.entry {
            self.rows().tags(file, tagged.line, entry, &tagged.tags);
        }
    }

    fn history(&mut self, mut history: History) -> Result<u64, Failure> {
        let file = format!("{HISTORY}.jsonl");
        self.each_line(&file, |tables, line, text| {
            history.row(&file, line, text, tables.findings);
        })?;
        Ok(history.finish(&file, self.findings))
    }

    fn parse<'b>(&mut self, file: &str, line: u64, text: &'b str) -> Option<Row<'b>> {
        let row = Row::parse(text);
        if row.is_none() {
            self.no_row(file, line);
        }
        row
    }

    fn no_row(&mut self, file: &str, line: u64) {
        let place = Place { file: Some(file), line: Some(line), ..Place::default() };
        self.findings.add(Code::RowLine, place, "this is not a row as exports write it");
    }

    /// Each line of a file, as far as it can be read; then whether the file is the one of the manifest.
    fn each_line(
        &mut self,
        file: &str,
        mut visit: impl FnMut(&mut Self, u64, &str),
    ) -> Result<(), Failure> {
        let Some(mut lines) = self.files.open(self.folder, file, self.findings)? else {
            return Ok(());
        };
        loop {
            let line = lines.number() + 1;
            match lines.next() {
                Ok(None) => break,
                Ok(Some(text)) => visit(self, line, text),
                Err(bad) => {
                    let place = Place { file: Some(file), line: Some(line), ..Place::default() };
                    self.findings.add(Code::RowLine, place, bad.words());
                    break;
                }
            }
        }
        self.files.close(file, lines, self.findings)
    }
}

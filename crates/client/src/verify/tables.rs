//! The tables of an export, one after the other and row by row.

use std::ops::ControlFlow;
use std::path::Path;

use uuid::Uuid;

use super::batches::{self, Understand};
use super::cells::read_id;
use super::history::{self, History};
use super::manifest::Files;
use super::row::{Cell, Row};
use super::rows::{Counts, NO_ROW, RowRead, Rows};
use super::sheets::{ENTRY_TAGS, HISTORY, SHEETS, Sheet};
use super::things::{Things, kind_of};
use super::verdict::{Code, Findings, Place};
use crate::failure::Failure;

/// All tables against what the log tells.
pub(super) struct Tables<'a> {
    pub(super) folder: &'a Path,
    pub(super) files: &'a mut Files,
    pub(super) findings: &'a mut Findings,
    pub(super) things: &'a Things,
    pub(super) counts: Counts,
    /// How many leaves a signed head proves.
    pub(super) proven: u64,
    /// Of which workspace the manifest says the export is.
    pub(super) workspace: Uuid,
}

/// A row of the tags of entries, by itself.
struct TagRead {
    entry: Uuid,
    tag: Uuid,
    /// Columns that no event tells.
    others: Vec<String>,
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
            things: self.things,
            findings: self.findings,
            counts: &mut self.counts,
            proven: self.proven,
        }
    }

    fn sheet(&mut self, index: usize, sheet: &Sheet) -> Result<(), Failure> {
        let file = format!("{}.jsonl", sheet.table);
        let objects = &self.things.objects;
        if sheet.is_newer && !self.files.has(&file) && !objects.has_any(kind_of(index)) {
            return Ok(());
        }
        let understand = |line: &str| RowRead::read(index, sheet, objects, line);
        self.each_line(&file, &understand, |tables, line, row| {
            let row = match row {
                Ok(row) => row,
                Err(what) => return tables.no_row(&file, line, what),
            };
            let id = row.key.id;
            tables.rows().row(sheet, &file, line, row);
            if sheet.table == "workspace" {
                tables.same_workspace(&file, line, Uuid::from_bytes(id));
            }
        })
    }

    /// The leaves are those of the workspace that the export says to be of.
    fn same_workspace(&mut self, file: &str, line: u64, id: Uuid) {
        if id != self.workspace {
            let place = Place { file: Some(file), line: Some(line), ..Place::default() };
            let what = "the manifest is of another workspace";
            self.findings.add(Code::RowDiffers, place, what);
        }
    }

    fn entry_tags(&mut self) -> Result<(), Failure> {
        let file = format!("{ENTRY_TAGS}.jsonl");
        let mut tagged = Tagged::default();
        self.each_line(&file, &TagRead::read, |tables, line, row| {
            let Some(TagRead { entry, tag, others }) = row else {
                return tables.no_row(&file, line, NO_ROW);
            };
            for column in &others {
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
        self.each_line(&file, &history::read, |tables, line, row| {
            history.row(&file, line, row, tables.findings);
        })?;
        Ok(history.finish(&file, self.findings))
    }

    fn no_row(&mut self, file: &str, line: u64, what: &str) {
        let place = Place { file: Some(file), line: Some(line), ..Place::default() };
        self.findings.add(Code::RowLine, place, what);
    }

    /// What is understood of each line of a file, as far as it can be read; then whether the file is the
    /// one of the manifest.
    fn each_line<T: Send>(
        &mut self,
        file: &str,
        understand: &Understand<'_, T>,
        mut visit: impl FnMut(&mut Self, u64, T),
    ) -> Result<(), Failure> {
        let Some(opened) = self.files.open(self.folder, file, self.findings)? else {
            return Ok(());
        };
        let read = batches::read(opened, understand, |line, read| {
            match read {
                Ok(read) => visit(self, line, read),
                Err(bad) => self.no_row(file, line, &bad.words()),
            }
            ControlFlow::Continue(())
        });
        self.files.close(file, read, self.findings)
    }
}

impl TagRead {
    fn read(line: &str) -> Option<Self> {
        let row = Row::parse(line)?;
        let id = |column| match row.get(column) {
            Some(Cell::Text(text)) => read_id(text),
            _ => None,
        };
        let others = row.columns().filter(|name| !["entry_id", "tag_id"].contains(name));
        Some(Self {
            entry: id("entry_id")?,
            tag: id("tag_id")?,
            others: others.map(str::to_owned).collect(),
        })
    }
}

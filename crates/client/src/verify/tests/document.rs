//! `docs/verify-format.md` says what the program does: its tables are printed from here
//! (`UPDATE_GOLDEN=1` writes them anew; review the diff), and it knows every code.

use std::fmt::Write;

use domain::permission::{Grant, Grants};
use domain::support::{Area, Areas};

use super::*;
use crate::verify::sheets::{FLAGS, How, Key, OTHER_KINDS, SHEETS, Shape, Sheet, Stamp};
use crate::verify::verdict::WORDS;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verify-format.md");
const LEDGER: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ledger.md"));

fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

fn printed_kinds() -> String {
    let mut lines = "| file | object | make | change | end |\n|---|---|---|---|---|\n".to_owned();
    for sheet in SHEETS {
        let kinds = [sheet.made, sheet.changed, sheet.ended].map(quoted).join(" | ");
        writeln!(lines, "| `{}.jsonl` | `{}` | {kinds} |", sheet.table, sheet.object).unwrap();
    }
    lines
}

fn printed_other_kinds() -> String {
    let kinds: Vec<String> = OTHER_KINDS.iter().map(|kind| format!("- `{kind}`\n")).collect();
    kinds.concat()
}

fn printed_columns() -> String {
    let mut lines = "| file | column | told by | type |\n|---|---|---|---|\n".to_owned();
    for sheet in SHEETS {
        for column in sheet.columns {
            let (told_by, shape) = match column.how {
                How::Key => (key_of(sheet, column.name), "id"),
                How::Told(fact, shape) => (told_by(sheet, fact), shape_of(shape)),
                How::ToldLater(fact, shape) => {
                    (told_by(sheet, fact) + "; not proven until told", shape_of(shape))
                }
                How::Elsewhere(fact) => (format!("`{fact}`: see `entry_tags.jsonl`"), "–"),
                How::Untold => ("no event: never proven".to_owned(), "any"),
            };
            let name = match column.how {
                How::Elsewhere(_) => "–".to_owned(),
                _ => format!("`{}`", column.name),
            };
            writeln!(lines, "| `{}` | {name} | {told_by} | {shape} |", sheet.table).unwrap();
        }
    }
    lines
}

fn key_of(sheet: &Sheet, column: &str) -> String {
    match sheet.key {
        Key::Pair { second, fact, .. } if column == second => format!("the key: `{fact}`"),
        Key::Id | Key::Pair { .. } => "the key: the event’s object".to_owned(),
    }
}

fn told_by(sheet: &Sheet, fact: &str) -> String {
    let mut told = Vec::new();
    for (kind, _, stamp) in sheet.stamps.iter().filter(|(_, stamped, _)| *stamped == fact) {
        let what = match stamp {
            Stamp::At => "its instant",
            Stamp::Nothing => "nothing",
            Stamp::Subject => "its subject",
            Stamp::Actor => "its actor",
            Stamp::Member => "its actor, if that is a `member`, else nothing",
            Stamp::First => "its instant, unless an earlier one told it",
        };
        told.push(format!("by `{kind}`: {what}"));
    }
    for (flag, _) in FLAGS.iter().filter(|(_, flagged)| *flagged == fact) {
        told.push(format!("the flag `{flag}`"));
    }
    for (kind, name, _) in sheet.renamed.iter().filter(|(_, _, other)| *other == fact) {
        told.push(format!("`{name}` of `{kind}`"));
    }
    if !fact.starts_with('@') {
        told.insert(0, format!("`{fact}`"));
    }
    let others = sheet.ignored.iter().copied();
    let others = others.chain(sheet.renamed.iter().map(|(kind, name, _)| (*kind, *name)));
    for (kind, _) in others.filter(|(_, name)| *name == fact) {
        told.push(format!("not of `{kind}`"));
    }
    told.join("; ")
}

fn shape_of(shape: Shape) -> &'static str {
    match shape {
        Shape::Id => "id",
        Shape::Int => "number",
        Shape::Flag => "flag",
        Shape::Word => "word",
        Shape::Instant => "instant",
        Shape::Second => "second",
        Shape::Day => "day",
        Shape::Text => "text",
        Shape::Rights => "rights",
        Shape::Areas => "areas",
    }
}

fn printed_areas() -> String {
    let mut lines = "| bit | area |\n|---|---|\n".to_owned();
    for area in Area::ALL {
        let bit = Areas::of([*area]).bits().trailing_zeros();
        writeln!(lines, "| {bit} | `{}` |", area.as_str()).unwrap();
    }
    lines
}

fn printed_rights() -> String {
    let mut lines = "| bit | right |\n|---|---|\n".to_owned();
    for grant in Grant::ALL {
        let bit = Grants::of([*grant]).bits().trailing_zeros();
        writeln!(lines, "| {bit} | `{grant}` |").unwrap();
    }
    lines
}

#[test]
fn the_tables_are_in_the_docs() {
    let before = std::fs::read_to_string(DOCUMENT).unwrap();
    let mut text = before.clone();
    for (name, printed) in [
        ("kinds", printed_kinds()),
        ("other kinds", printed_other_kinds()),
        ("columns", printed_columns()),
        ("rights", printed_rights()),
        ("areas", printed_areas()),
    ] {
        let begin = format!("<!-- printed by the tests of client::verify: {name} -->\n");
        let (head, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{name}"));
        let (_, after) = rest.split_once("<!-- end -->\n").unwrap();
        text = format!("{head}{begin}{printed}<!-- end -->\n{after}");
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(DOCUMENT, text).unwrap();
        return;
    }
    assert!(before == text, "tables changed: run with UPDATE_GOLDEN=1 and review the diff");
}

/// Each code has its row, in the order in which findings are named.
#[test]
fn the_codes_are_in_the_docs() {
    let text = std::fs::read_to_string(DOCUMENT).unwrap();
    let (_, table) = text.split_once("<!-- codes -->\n").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let rows = table.lines().skip(2);
    let codes: Vec<&str> = rows.map(|row| row.split('`').nth(1).unwrap()).collect();
    assert_eq!(codes, WORDS);
}

/// The members of `--json`, each by its name.
#[test]
fn what_json_has_is_in_the_docs() {
    let mut fixture = fixture(0);
    fixture.leaves.last_mut().unwrap().event.at -= 3600 * fixture::SECOND;
    let verdict = serde_json::to_value(plainly(&fixture).1).unwrap();
    let text = std::fs::read_to_string(DOCUMENT).unwrap();
    let (_, text) = text.split_once("## What is said").unwrap();
    let of_all = verdict.as_object().unwrap().keys();
    let log = LogSeen {
        leaf: Some(String::new()),
        latest: Some(String::new()),
        in_instance: Some(1),
        ..LogSeen::default()
    };
    let log = serde_json::to_value(log).unwrap();
    let of_log = log.as_object().unwrap().keys();
    let of_finding = verdict["findings"][0].as_object().unwrap().keys();
    let of_column = verdict["not_proven"][0].as_object().unwrap().keys();
    for member in of_all.chain(of_log).chain(of_finding).chain(of_column) {
        assert!(text.contains(&format!("`{member}`")), "{member}");
    }
}

/// The line of `ledger.jsonl` that `docs/ledger.md` has as a vector, and the commitment in it.
#[test]
fn the_line_of_the_document_is_read() {
    let lines = LEDGER.lines().filter(|line| line.starts_with("{\"leaf\":"));
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.len(), 1);
    let mut fixture = fixture(0);
    fixture.head = Some(String::new());
    let folder = TempDir::new().unwrap();
    fixture.write(folder.path());
    std::fs::write(folder.path().join("ledger.jsonl"), format!("{}\n", lines[0])).unwrap();
    fixture::write_manifest(folder.path(), fixture.workspace);
    let (codes, verdict) =
        told(&Request { folder: folder.path().to_owned(), ..Request::default() });
    assert!(!codes.contains(&Code::LogLine) && !codes.contains(&Code::LogLeaf));
    assert!(!codes.contains(&Code::WordsDiffer));
    assert_eq!((verdict.words, verdict.words_left_out), (1, 0));
}

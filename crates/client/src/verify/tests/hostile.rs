//! Whatever somebody puts into the folder: a clear verdict, never a false "valid", never a panic.

use std::fs;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

/// What a file says, but for what no event tells: that may be anything, also be called anything, and the
/// verdict names it.
pub(super) fn said(name: &str, bytes: &[u8]) -> Option<Vec<Json>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let sheet = sheets::SHEETS.iter().find(|sheet| name == format!("{}.jsonl", sheet.table));
    let is_told = |name: &str| {
        let mut columns = sheet.iter().flat_map(|sheet| sheet.columns);
        let column = columns.find(|column| column.name == name);
        column.is_some_and(|column| {
            !matches!(column.how, sheets::How::Untold | sheets::How::ToldLater(..))
        })
    };
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut row: Json = serde_json::from_str(line).ok()?;
        if sheet.is_some() {
            row.as_object_mut()?.retain(|name, _| is_told(name));
        }
        lines.push(row);
    }
    Some(lines)
}

#[test]
fn files_that_are_missing_cut_short_or_no_files_are_found() {
    let fixture = fixture(0);
    for name in ["ledger.jsonl", "checkpoint.txt", "ledger-keys.txt", "tags.jsonl", "tags.csv"] {
        let folder = TempDir::new().unwrap();
        fixture.write(folder.path());
        let path = folder.path().join(name);
        let request = Request { folder: folder.path().to_owned(), ..Request::default() };
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(told(&request).0.contains(&Code::FileDiffers), "{name}");
        fs::remove_file(&path).unwrap();
        assert!(told(&request).0.contains(&Code::FileMissing), "{name}");
        fs::create_dir(&path).unwrap();
        assert!(told(&request).0.contains(&Code::FileMissing), "{name}");
        fs::remove_dir(&path).unwrap();
        fixture::write_manifest(folder.path(), fixture.workspace);
        let codes = told(&request).0;
        let is_needed = name != "tags.csv";
        assert_eq!(codes.contains(&Code::FileMissing), is_needed, "{name}");
    }
}

#[test]
fn what_is_no_export_is_not_understood() {
    let folder = TempDir::new().unwrap();
    let request = Request { folder: folder.path().to_owned(), ..Request::default() };
    let is_refused = || matches!(verify(&request), Err(Failure::Usage(_)));
    assert!(is_refused());
    for manifest in ["", "{}", "[]", "{\"format\":\"other\",\"version\":1}", &"[".repeat(2_000_000)]
    {
        fs::write(folder.path().join("manifest.json"), manifest).unwrap();
        assert!(is_refused(), "{manifest:.40}");
    }
}

#[test]
fn a_manifest_does_not_lead_out_of_the_folder() {
    let folder = TempDir::new().unwrap();
    let fixture = fixture(0);
    fixture.write(folder.path());
    let path = folder.path().join("manifest.json");
    let mut manifest: Json = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let files = manifest["files"].as_array_mut().unwrap();
    files.push(json!({"name": "../x", "size_bytes": 0, "sha256": ""}));
    fs::write(&path, manifest.to_string()).unwrap();
    let request = Request { folder: folder.path().to_owned(), ..Request::default() };
    assert_eq!(told(&request).0, BTreeSet::from([Code::Manifest]));
}

#[test]
fn a_line_without_end_is_not_read_into_memory() {
    let folder = TempDir::new().unwrap();
    let fixture = fixture(0);
    fixture.write(folder.path());
    let request = Request { folder: folder.path().to_owned(), ..Request::default() };
    for name in ["ledger.jsonl", "time_entries.jsonl"] {
        let path = folder.path().join(name);
        let before = fs::read(&path).unwrap();
        let long = vec![b' '; 3 * lines::MOST_LINE_BYTES];
        fs::write(&path, [&long[..], &before].concat()).unwrap();
        fixture::write_manifest(folder.path(), fixture.workspace);
        let codes = told(&request).0;
        assert!(codes.contains(&Code::LogLine) || codes.contains(&Code::RowLine), "{name}");
        fs::write(&path, before).unwrap();
    }
}

/// Alters a line of a file, and the manifest with it.
fn with_line(fixture: &Fixture, name: &str, alter: impl Fn(Json) -> Json) -> BTreeSet<Code> {
    let folder = TempDir::new().unwrap();
    fixture.write(folder.path());
    let path = folder.path().join(name);
    let text = fs::read_to_string(&path).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    let altered = alter(serde_json::from_str(first).unwrap());
    fs::write(&path, format!("{altered}\n{rest}")).unwrap();
    fixture::write_manifest(folder.path(), fixture.workspace);
    told(&Request { folder: folder.path().to_owned(), ..Request::default() }).0
}

#[test]
fn what_is_told_by_places_and_not_by_names_is_none() {
    let fixture = fixture(0);
    let codes = with_line(&fixture, "ledger.jsonl", |line| json!([line["leaf"], [], false]));
    assert_eq!(codes, [Code::LogLine].into(), "and the file is that of the manifest");
    let words = |line: Json| {
        let mut line = line;
        line["words"] = json!([["note", "after", "", ""]]);
        line
    };
    assert!(with_line(&fixture, "ledger.jsonl", words).contains(&Code::LogLine));
    let no_actor = |line: Json| {
        let mut line = line;
        line.as_object_mut().unwrap().remove("actor_id").unwrap();
        line
    };
    assert!(with_line(&fixture, "events.jsonl", no_actor).contains(&Code::RowLine));
    let change = |line: Json| {
        let mut line = line;
        line["changes"] = json!([["note", null, null]]);
        line
    };
    assert!(with_line(&fixture, "events.jsonl", change).contains(&Code::RowLine));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: proptest_cases(), ..ProptestConfig::default() })]

    #[test]
    fn no_altered_byte_makes_a_false_valid(
        case in 0_u64..4,
        file: prop::sample::Index,
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let folder = TempDir::new().unwrap();
        let fixture = fixture(case);
        fixture.write(folder.path());
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "tags.csv" && name != "manifest.json")
            .collect();
        names.sort();
        let name = file.get(&names);
        let path = folder.path().join(name);
        let before = fs::read(&path).unwrap();
        let mut after = before.clone();
        for (place, byte) in places.iter().filter(|_| !before.is_empty()) {
            after[place.index(before.len())] = *byte;
        }
        if let Some(cut) = cut.filter(|_| !before.is_empty()) {
            after.truncate(cut.index(before.len()));
        }
        fs::write(&path, &after).unwrap();
        fixture::write_manifest(folder.path(), fixture.workspace);
        let request = Request { folder: folder.path().to_owned(), ..Request::default() };
        let (codes, _) = told(&request);
        if codes.is_empty() && before != after {
            let is_same = said(name, &before).is_some_and(|told| Some(told) == said(name, &after));
            // A name of a key's line that nothing is signed by is no matter.
            prop_assert!(is_same || name == "ledger-keys.txt", "{name}");
        }
    }
}

/// So few where nobody asks for more: each writes a folder.
fn proptest_cases() -> u32 {
    let asked = ProptestConfig::default().cases;
    if asked == 256 { 64 } else { asked }
}

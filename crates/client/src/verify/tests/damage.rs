//! Structured damage: what somebody would try who knows how exports are written. Whatever it is, there is a
//! verdict, and it is "valid" only where every leaf, head and row says what it said.
//!
//! Deliberately absent: single bytes, which are altered in [`hostile`](super::hostile).

use std::collections::BTreeMap;
use std::fs;

use fastrand::Rng;
use serde_json::{Value as Json, json};

use super::hostile::said;
use super::*;
use crate::verify::verdict::WORDS;

/// How many damaged exports: so few where nobody asks for more.
#[expect(clippy::disallowed_methods, reason = "tests are configured by their environment")]
fn cases() -> u64 {
    let is_soak = std::env::var("TIMEPROOF_SOAK").is_ok_and(|asked| !asked.is_empty());
    if is_soak { 20_000 } else { 150 }
}

/// Of so many exports the second verifier is asked about one.
const ASKED_OF: u64 = 15;

/// Stands in a line for JSON that no [`Json`] can hold.
const RAW: &str = "\"(raw)\"";

/// JSON that two programs may read in two ways, or that is none.
const HOSTILE: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1.0",
    "1e3",
    "-1",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "1e999",
    "01",
    "+1",
    "NaN",
    "Infinity",
    "",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"\\uD83D\"",
    "\"\\x41\"",
    "\"\u{7f}\u{85}\u{2028}\u{feff}\"",
    "\"a\tb\"",
    "'a'",
    "[]",
    "{}",
    "[null]",
    "[[],[]]",
    "{\"erased\":true}",
    "{\"erased\":false}",
    "{\"erased\":true,\"erased\":true}",
    "{\"erased\":true,\"more\":1}",
    "{\"a\":1,\"a\":2}",
    "\"00000000-0000-0000-0000-000000000000\"",
    "\"FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF\"",
    "\"1970-01-01T00:00:00Z\"",
    "\"1970-01-01T00:00:00.000Z\"",
    "\"2026-02-30\"",
    "\"+010000-01-01T00:00:00Z\"",
    "\"AA==\"",
    "\"AB==\"",
];

/// A folder as files by name, and what was done to it.
struct Damaged {
    rng: Rng,
    files: BTreeMap<String, Vec<u8>>,
    /// Whether the manifest is one of the files as they are then.
    is_mended: bool,
    done: Vec<String>,
}

impl Damaged {
    fn name(&mut self) -> String {
        let names: Vec<String> = self.files.keys().cloned().collect();
        names[self.rng.usize(..names.len())].clone()
    }

    /// A table, or the log, that has lines.
    fn lines(&mut self) -> (String, Vec<Vec<u8>>) {
        loop {
            let name = self.name();
            let bytes = &self.files[&name];
            if Path::new(&name).extension().is_some_and(|kind| kind == "jsonl") && !bytes.is_empty()
            {
                let lines = bytes.split_inclusive(|byte| *byte == b'\n');
                return (name, lines.map(<[u8]>::to_vec).collect());
            }
        }
    }

    fn put(&mut self, name: String, bytes: Vec<u8>, what: &str) {
        self.done.push(format!("{name}: {what}"));
        self.files.insert(name, bytes);
    }

    /// Does one thing to it.
    fn damage(&mut self) {
        match self.rng.u8(..10) {
            0..=5 => self.damage_value(),
            6 | 7 => self.damage_lines(),
            _ => self.damage_bytes(),
        }
    }

    /// Lines doubled, exchanged, taken out, or put where they are not of.
    fn damage_lines(&mut self) {
        let (name, mut lines) = self.lines();
        let (one, other) = (self.rng.usize(..lines.len()), self.rng.usize(..lines.len()));
        let line = lines[one].clone();
        let what = match self.rng.u8(..6) {
            0 => {
                lines.insert(other, line);
                "a line doubled"
            }
            1 => {
                lines.swap(one, other);
                "lines exchanged"
            }
            2 => {
                lines.remove(one);
                "a line taken out"
            }
            3 => {
                let (_, theirs) = self.lines();
                lines.insert(one, theirs[self.rng.usize(..theirs.len())].clone());
                "a line of another file"
            }
            4 => {
                lines.insert(one, b"\n".to_vec());
                "an empty line"
            }
            _ => {
                let long = if self.rng.u8(..8) == 0 { lines::MOST_LINE_BYTES } else { 70_000 };
                lines[one].splice(0..0, vec![b' '; long]);
                "a long line"
            }
        };
        self.put(name, lines.concat(), what);
    }

    /// A file cut short, empty, with other ends of lines, and the like.
    fn damage_bytes(&mut self) {
        let name = self.name();
        let mut bytes = self.files[&name].clone();
        let place = self.rng.usize(..=bytes.len());
        let what = match self.rng.u8(..8) {
            0 => {
                bytes.clear();
                "empty"
            }
            1 => {
                bytes.truncate(place);
                "cut short"
            }
            2 => {
                bytes.splice(0..0, *b"\xef\xbb\xbf");
                "a byte order mark"
            }
            3 => {
                bytes = String::from_utf8_lossy(&bytes).replace('\n', "\r\n").into_bytes();
                "carriage returns"
            }
            4 => {
                bytes = bytes.strip_suffix(b"\n").unwrap_or(&bytes).to_vec();
                "no last end of a line"
            }
            5 => {
                bytes.insert(place, 0xff);
                "no UTF-8"
            }
            6 => {
                bytes.insert(place, 0);
                "a NUL"
            }
            _ => {
                bytes.push(b'\n');
                "an end of a line more"
            }
        };
        self.put(name, bytes, what);
    }

    /// A member or an element, somewhere in a line.
    fn damage_value(&mut self) {
        let (name, lines) = self.lines();
        let at = self.rng.usize(..lines.len());
        let Ok(mut row) = serde_json::from_slice::<Json>(&lines[at]) else { return };
        let theirs: Option<Json> =
            serde_json::from_slice(&lines[self.rng.usize(..lines.len())]).ok();
        let Some(place) = self.place_in(&mut row) else { return };
        let raw = HOSTILE[self.rng.usize(..HOSTILE.len())];
        let file = name;
        let (raw, what) = match (place, self.rng.u8(..8)) {
            (Place::Member(row, name), 0) => {
                row.as_object_mut().unwrap().remove(&name);
                (raw, format!("{name} taken out"))
            }
            (Place::Member(row, name), 1) => {
                let value = row.as_object_mut().unwrap().remove(&name).unwrap();
                row[format!("{name} ")] = value;
                (raw, format!("{name} renamed"))
            }
            (Place::Member(row, name), 2) => {
                // The name is put twice, once with an escape.
                let value = row.as_object_mut().unwrap().remove(&name).unwrap();
                row["(raw)"] = json!([name, value]);
                ("", format!("{name} twice"))
            }
            (Place::Member(row, name), 3) => {
                let other = theirs.and_then(|theirs| theirs.get(&name).cloned());
                row[&name] = other.unwrap_or(Json::Null);
                (raw, format!("{name} of another row"))
            }
            (Place::Member(row, name), 4) => {
                let depth = [1, 50, 123, 130, 5_000][self.rng.usize(..5)];
                let value = row[&name].take();
                row[&name] = json!("(raw)");
                let nested = format!("{}{value}{}", "[".repeat(depth), "]".repeat(depth));
                let what = format!("{name} nested {depth} deep");
                return self.write(file, lines, at, row, &nested, &what);
            }
            (Place::Member(row, name), 5) => {
                row["more"] = json!("(raw)");
                (raw, format!("a member more beside {name}"))
            }
            (Place::Member(row, name), _) => {
                row[&name] = json!("(raw)");
                (raw, format!("{name} becomes {raw}"))
            }
            (Place::Element(list, at), 0..=2) => {
                list.remove(at);
                (raw, "an element taken out".to_owned())
            }
            (Place::Element(list, at), 3 | 4) => {
                let again = list[at].clone();
                list.push(again);
                (raw, "an element twice".to_owned())
            }
            (Place::Element(list, at), _) => {
                list[at] = json!("(raw)");
                (raw, format!("an element becomes {raw}"))
            }
        };
        self.write(file, lines, at, &row, raw, &what);
    }

    fn write(
        &mut self,
        name: String,
        lines: Vec<Vec<u8>>,
        at: usize,
        row: &Json,
        raw: &str,
        what: &str,
    ) {
        let mut lines = lines;
        let mut text = row.to_string();
        if let Some(begin) = text.find("\"(raw)\":[") {
            // The member that stands twice: its name and value are in a list.
            let (before, rest) = text.split_at(begin);
            let (pair, after) = rest.split_at(rest.rfind(']').unwrap_or(rest.len() - 1) + 1);
            let pair: Option<(String, Json)> = serde_json::from_str(&pair[RAW.len() + 1..]).ok();
            let Some((member, value)) = pair else { return };
            let escaped = format!("\\u{:04x}{}", u32::from(member.as_bytes()[0]), &member[1..]);
            text = format!("{before}\"{member}\":{value},\"{escaped}\":{value}{after}");
        }
        lines[at] = (text.replace(RAW, raw) + "\n").into_bytes();
        self.put(name, lines.concat(), what);
    }

    /// Some member or element, also within others.
    fn place_in<'a>(&mut self, value: &'a mut Json) -> Option<Place<'a>> {
        let has_parts = |value: &Json| value.is_array() || value.is_object();
        let goes_on = self.rng.u8(..4) > 0;
        if let Some(members) = value.as_object() {
            let names: Vec<String> = members.keys().cloned().collect();
            let name = names.get(self.rng.usize(..names.len().max(1)))?.clone();
            if goes_on && has_parts(&value[&name]) {
                return self.place_in(value.get_mut(&name)?);
            }
            return Some(Place::Member(value, name));
        }
        let list = value.as_array_mut().filter(|list| !list.is_empty())?;
        let at = self.rng.usize(..list.len());
        if goes_on && has_parts(&list[at]) {
            return self.place_in(list.get_mut(at)?);
        }
        Some(Place::Element(list, at))
    }

    /// Writes it; then, sometimes, a file is none any more, or the manifest is another.
    fn write_to(&mut self, folder: &Path, workspace: Uuid) {
        let manifest = self.files.remove("manifest.json").unwrap();
        for (name, bytes) in &self.files {
            fs::write(folder.join(name), bytes).unwrap();
        }
        if self.is_mended {
            fixture::write_manifest(folder, workspace);
        } else {
            fs::write(folder.join("manifest.json"), manifest).unwrap();
        }
        let name = self.name();
        let path = folder.join(&name);
        let what = match self.rng.u8(..40) {
            0 => {
                fs::remove_file(&path).unwrap();
                "not there"
            }
            1 => {
                fs::remove_file(&path).unwrap();
                fs::create_dir(&path).unwrap();
                "a folder"
            }
            2 => {
                fs::remove_file(&path).unwrap();
                std::os::unix::fs::symlink(&path, &path).unwrap();
                "a link to itself"
            }
            3 => {
                fs::remove_file(&path).unwrap();
                std::os::unix::fs::symlink("manifest.json", &path).unwrap();
                "a link to the manifest"
            }
            4 => return self.damage_manifest(folder),
            _ => return,
        };
        self.files.insert(name.clone(), what.as_bytes().to_vec());
        self.done.push(format!("{name}: {what}"));
    }

    fn damage_manifest(&mut self, folder: &Path) {
        let path = folder.join("manifest.json");
        // It may be none any more by what was done before.
        let Ok(mut manifest) = serde_json::from_slice::<Json>(&fs::read(&path).unwrap()) else {
            return;
        };
        let raw = HOSTILE[self.rng.usize(..HOSTILE.len())];
        if let Some(place) = self.place_in(&mut manifest) {
            match place {
                Place::Member(row, name) => row[&name] = json!("(raw)"),
                Place::Element(list, at) => drop(list.remove(at)),
            }
        }
        fs::write(path, manifest.to_string().replace(RAW, raw)).unwrap();
        self.done.push(format!("manifest.json: something is {raw}"));
    }
}

enum Place<'a> {
    Member(&'a mut Json, String),
    Element(&'a mut Vec<Json>, usize),
}

/// What a file says to who reads its rows in any order, the log's in theirs.
fn meaning(name: &str, bytes: &[u8]) -> Option<Vec<String>> {
    if name == "checkpoint.txt" {
        // Signatures of others say nothing.
        let text = std::str::from_utf8(bytes).ok()?;
        return Some(vec![text.rsplit_once("\n\n")?.0.to_owned()]);
    }
    let mut rows = said(name, bytes)?;
    if name == "entry_tags.jsonl" {
        // Other columns are not proven, and told so.
        for row in rows.iter_mut().filter_map(Json::as_object_mut) {
            row.retain(|name, _| ["entry_id", "tag_id"].contains(&&**name));
        }
    }
    let mut rows: Vec<String> = rows.iter().map(meaning_of_row).collect();
    if name != "ledger.jsonl" {
        rows.sort_unstable();
    }
    Some(rows)
}

/// Words may stand in any order, and `pending` may say that it is not.
fn meaning_of_row(row: &Json) -> String {
    let mut row = row.clone();
    if row["pending"] == json!(false) {
        row.as_object_mut().unwrap().remove("pending");
    }
    if let Some(words) = row.get_mut("words").and_then(Json::as_array_mut) {
        words.sort_unstable_by_key(in_order);
        if words.is_empty() {
            row.as_object_mut().unwrap().remove("words");
        }
    }
    in_order(&row)
}

/// Members by their names, since they may stand in any order.
fn in_order(value: &Json) -> String {
    match value {
        Json::Object(members) => {
            let members: BTreeMap<&String, String> =
                members.iter().map(|(name, value)| (name, in_order(value))).collect();
            format!("{members:?}")
        }
        Json::Array(list) => format!("{:?}", list.iter().map(in_order).collect::<Vec<_>>()),
        other => other.to_string(),
    }
}

/// Files that may say anything else, since nothing is shown by them alone.
const FREE: &[&str] = &["ledger-keys.txt", "instance-receipt.txt", "tags.csv", "manifest.json"];

#[test]
fn no_structured_damage_makes_a_panic_or_a_false_valid() {
    let fixtures: Vec<Fixture> = (0..4)
        .map(|case| {
            let mut fixture = fixture(case);
            fixture.pending = usize::from(case % 2 == 0);
            fixture.receipt = (case > 1).then(|| instance::receipt(&fixture));
            fixture
        })
        .collect();
    let mut found = BTreeSet::new();
    for case in 0..cases() {
        let fixture = &fixtures[usize::try_from(case % 4).unwrap()];
        let codes = judge(case, fixture);
        found.extend(codes);
    }
    // It is damage indeed, of many kinds.
    assert!(found.len() > 8, "{found:?}");
}

/// Damages an export, and holds the verdict to what it says then.
fn judge(case: u64, fixture: &Fixture) -> BTreeSet<Code> {
    let folder = TempDir::new().unwrap();
    fixture.write(folder.path());
    let files: BTreeMap<String, Vec<u8>> = fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())
        })
        .collect();
    let before = files.clone();
    let mut rng = Rng::with_seed(testkit::seed().0.wrapping_mul(31).wrapping_add(case));
    let is_mended = rng.u8(..8) > 0;
    let mut damaged = Damaged { rng, files, is_mended, done: Vec::new() };
    for _ in 0..damaged.rng.usize(1..4) {
        damaged.damage();
    }
    damaged.write_to(folder.path(), fixture.workspace);
    let request = Request { folder: folder.path().to_owned(), ..Request::default() };
    let done = &damaged.done;
    let verdict = match verify(&request) {
        Ok(verdict) => verdict,
        Err(Failure::Usage(_)) => {
            assert!(done.iter().any(|what| what.starts_with("manifest.json")), "{case}: {done:?}");
            return BTreeSet::new();
        }
        Err(error) => panic!("{case}: {done:?}: {error:?}"),
    };
    for code in &verdict.codes {
        let word = serde_json::to_value(code).unwrap();
        assert!(WORDS.contains(&word.as_str().unwrap()), "{case}: {done:?}: {word}");
    }
    assert_eq!(verdict.valid, verdict.codes.is_empty(), "{case}: {done:?}");
    if verdict.valid {
        for (name, after) in damaged.files.iter().filter(|(name, _)| !FREE.contains(&&***name)) {
            let (was, is) = (meaning(name, &before[name]), meaning(name, after));
            assert!(was.is_some() && was == is, "{case}: {done:?}: {name} says something else");
        }
    }
    if case.is_multiple_of(ASKED_OF) {
        println!("{case}: {done:?}");
        let _ = agreed(&request, &verdict.codes);
    }
    verdict.codes
}

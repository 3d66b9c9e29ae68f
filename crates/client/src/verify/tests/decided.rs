//! What `docs/verify-format.md` decides where a reader could decide otherwise: each of it asked of both
//! verifiers.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::fixture::{To, instant, log_key};
use super::*;

/// An export that somebody has altered, with a manifest that fits it.
struct Altered {
    folder: TempDir,
    fixture: Fixture,
}

impl Altered {
    fn new(fixture: Fixture) -> Self {
        let folder = TempDir::new().unwrap();
        fixture.write(folder.path());
        Self { folder, fixture }
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// What is found when the file says this.
    fn found(&self, name: &str, text: &str) -> Vec<String> {
        let path = self.folder.path().join(name);
        let before = fs::read(&path).unwrap();
        fs::write(&path, text).unwrap();
        fixture::write_manifest(self.folder.path(), self.fixture.workspace);
        let found = found_in(&self.request());
        fs::write(&path, before).unwrap();
        found
    }

    fn request(&self) -> Request {
        Request { folder: self.folder.path().to_owned(), ..Request::default() }
    }
}

fn valid() -> Vec<String> {
    Vec::new()
}

#[test]
fn a_table_that_is_neither_in_the_folder_nor_in_the_manifest_is_found() {
    let export = Altered::new(fixture(0));
    let tables = sheets::SHEETS.iter().map(|sheet| sheet.table);
    for table in tables.chain([sheets::HISTORY, sheets::ENTRY_TAGS]) {
        let path = export.folder.path().join(format!("{table}.jsonl"));
        let before = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        fixture::write_manifest(export.folder.path(), export.fixture.workspace);
        let mut expected = vec![Code::FileMissing];
        // Tags have nothing to stand on.
        expected.extend((table == "time_entries").then_some(Code::RowUnknown));
        expected.extend((!before.is_empty()).then_some(Code::RowMissing));
        let codes = told(&export.request()).0;
        assert_eq!(codes.iter().copied().collect::<Vec<_>>(), expected, "{table}");
        if ["workspace", "time_entries", sheets::HISTORY].contains(&table) {
            let _ = agreed(&export.request(), &codes);
        }
        fs::write(&path, before).unwrap();
    }
}

#[test]
fn a_line_has_one_reading_at_any_depth() {
    let export = Altered::new(fixture(0));
    let text = export.read("tags.jsonl");
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let values = [
        (nested(126), true),
        (nested(127), false),
        (nested(3_000), false),
        ("{\"b\":1,\"b\":1}".to_owned(), false),
        ("[[{\"b\":{\"c\":1,\"\\u0063\":1}}]]".to_owned(), false),
        ("\"\\ud800\"".to_owned(), false),
        ("\"\\ud83d\\ude00\\u0000\"".to_owned(), true),
        ("1e5".to_owned(), true),
        ("-0".to_owned(), true),
        ("99999999999999999999".to_owned(), true),
        ("1e999".to_owned(), false),
        ("9".repeat(400), false),
        ("01".to_owned(), false),
        ("NaN".to_owned(), false),
        ("[1,]".to_owned(), false),
        (" \t\r1\r".to_owned(), true),
    ];
    for (value, is_row) in values {
        let altered = text.replacen('{', &format!("{{\"more\":{value},"), 1);
        let expected: &[&str] = if is_row { &[] } else { &["row.line", "row.missing"] };
        assert_eq!(export.found("tags.jsonl", &altered), expected, "{value:.60}");
    }
    for line in ["\n", " \t\n"] {
        assert_eq!(export.found("tags.jsonl", &(text.clone() + line)), ["row.line"]);
    }
}

#[test]
fn of_a_manifest_only_what_is_read_has_to_be_right() {
    let export = Altered::new(fixture(0));
    let path = export.folder.path().join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let with = |member: &str| text.replacen('{', &format!("{{{member},"), 1);
    for member in ["\"a\":1,\"a\":{\"b\":1,\"b\":2}", "\"a\":[1e5,-0,9.5]", "\"a\":\n\t\"\\u0000\""]
    {
        fs::write(&path, with(member)).unwrap();
        assert_eq!(found_in(&export.request()), valid(), "{member}");
    }
    let long = " ".repeat(1024 * 1024);
    for wrong in [
        with("\"format\":\"timeproof-export\""),
        with("\"files\":[]"),
        text.replacen("\"version\":1", "\"version\":1.0", 1),
        text.replacen("\"size_bytes\":", "\"size_bytes\":-", 1),
        text.replacen("\"size_bytes\":", "\"rows\":null,\"size_bytes\":", 1),
        format!("\u{feff}{text}"),
        text.clone() + &long,
    ] {
        assert_ne!(wrong, text);
        fs::write(&path, wrong).unwrap();
        assert_not_understood(&export.request());
    }
}

/// A table that older versions did not have is needed where something stands in it alone.
#[test]
fn support_access_has_its_table_where_the_record_tells_of_it() {
    let mut fixture = fixture(0);
    let without = |fixture: &Fixture| {
        let folder = TempDir::new().unwrap();
        fixture.write(folder.path());
        fs::remove_file(folder.path().join("support_requests.jsonl")).unwrap();
        fixture::write_manifest(folder.path(), fixture.workspace);
        found_in(&Request { folder: folder.path().to_owned(), ..Request::default() })
    };
    assert_eq!(without(&fixture), ["file.missing", "row.missing"]);
    fixture.leaves.retain(|leaf| leaf.event.object_kind != "support");
    assert_eq!(without(&fixture), valid());
    // Who did it, and when it was opened first, are of the events and not of the row.
    let fixture = super::fixture(0);
    for (column, other) in [
        ("operator_id", json!(fixture.workspace)),
        ("granted_by", json!(null)),
        ("opened_at", json!(null)),
        ("confirmer", json!("Mara")),
        ("operator", json!("Theo")),
        ("areas", json!(7)),
        ("ended_by", json!("time")),
    ] {
        let mut fixture = super::fixture(0);
        let rows = fixture.tables.get_mut("support_requests").unwrap();
        let row = rows.iter_mut().find(|row| !row[column].is_null()).unwrap();
        row[column] = other;
        assert_eq!(found_in(&Altered::new(fixture).request()), ["row.differs"], "{column}");
    }
}

#[test]
fn words_are_left_out_as_a_whole_or_not_at_all() {
    let mut fixture = fixture(0);
    let joined = fixture.leaves.iter().position(|leaf| leaf.event.kind == "member.joined");
    let member = &mut fixture.leaves[joined.unwrap()];
    let address = member.words.pop().unwrap();
    assert_eq!((address.field.as_str(), member.words.len()), ("address", 1));
    let erased = json!({"erased": true});
    fixture.tables.get_mut("members").unwrap()[0]["email"] = erased.clone();
    assert_eq!(found_in(&Altered::new(fixture).request()), ["words.differ"]);

    let mut fixture = super::fixture(0);
    fixture.leaves[joined.unwrap()].words.clear();
    for column in ["name", "email"] {
        fixture.tables.get_mut("members").unwrap()[0][column] = erased.clone();
    }
    let export = Altered::new(fixture);
    assert_eq!(found_in(&export.request()), valid());
    let verdict = told(&export.request()).1;
    assert_eq!((verdict.erased, verdict.words_left_out), (2, 2));
}

/// What nobody has to notice in a table: the words of an older note.
#[test]
fn words_that_only_the_record_had_are_counted_when_they_are_gone() {
    let mut fixture = fixture(0);
    let entry = fixture.tables["time_entries"][0]["id"].as_str().unwrap().parse().unwrap();
    let facts = [("note", To::Text("said in anger".to_owned()))];
    fixture.record("time_entry.changed", "time_entry", entry, &facts);
    fixture.leaves.last_mut().unwrap().words.clear();
    let facts = [("note", To::Text("said calmly".to_owned()))];
    fixture.record("time_entry.changed", "time_entry", entry, &facts);
    fixture.tables.get_mut("time_entries").unwrap()[0]["note"] = json!("said calmly");
    let export = Altered::new(fixture);
    assert_eq!(found_in(&export.request()), valid());
    let verdict = told(&export.request()).1;
    assert_eq!((verdict.erased, verdict.words_left_out), (0, 1));
}

#[test]
fn events_that_tell_no_row_are_known_or_counted() {
    let mut fixture = fixture(0);
    let id = fixture.id();
    for kind in sheets::OTHER_KINDS {
        fixture.record(kind, "provider", id, &[("name", To::Word("x".to_owned()))]);
    }
    fixture.record("rate.added", "rate", id, &[]);
    fixture.record("tag.added", "team", id, &[]);
    fixture.record("team.member_put", "team", id, &[("manager", To::Int(1))]);
    let export = Altered::new(fixture);
    assert_eq!(found_in(&export.request()), valid());
    let unknown = told(&export.request()).1.unknown_kinds;
    let unknown: Vec<_> = unknown.keys().map(String::as_str).collect();
    assert_eq!(unknown, ["rate.added", "tag.added of team", "team.member_put of team"]);
}

#[test]
fn of_a_field_that_stands_twice_the_last_counts() {
    let mut fixture = fixture(0);
    let project = fixture.tables["projects"][0]["id"].as_str().unwrap().parse().unwrap();
    let twice = |field, first, last| [(field, To::Int(first)), (field, To::Int(last))];
    fixture.record("project.changed", "project", project, &twice("billable", 1, 0));
    fixture.record("project.changed", "project", project, &twice("archived", 1, 0));
    fixture.tables.get_mut("projects").unwrap()[0]["billable"] = json!(false);
    let (one, other) = (fixture.id(), fixture.id());
    let facts = [("member", To::Id(one)), ("member", To::Id(other)), ("manager", To::Int(0))];
    fixture.record("project.member_put", "project", project, &facts);
    let row = json!({"project_id": project, "member_id": other, "manager": false});
    fixture.tables.get_mut("project_members").unwrap().push(row);
    assert_eq!(found_in(&Altered::new(fixture).request()), valid());
}

#[test]
fn a_line_is_read_in_one_way() {
    let export = Altered::new(fixture(0));
    let tags = export.read("tags.jsonl");
    let (first, rest) = tags.split_once('\n').unwrap();
    let row: Json = serde_json::from_str(first).unwrap();
    let without = |column: &str| {
        let mut row = row.clone();
        row.as_object_mut().unwrap().remove(column).unwrap();
        row.to_string()
    };
    let with = |column: &str, cell: Json| {
        let mut row = row.clone();
        row[column] = cell;
        row.to_string()
    };
    let (id, at) = (row["id"].as_str().unwrap(), row["created_at"].as_str().unwrap());
    let none = &["row.line", "row.missing"][..];
    let differs = &["row.differs"][..];
    let many = (0..200).fold(row.clone(), |mut row, number| {
        row[format!("c{number}")] = json!(0);
        row
    });
    for (line, expected) in [
        (format!(" {first}\t\r"), &[][..]),
        (with("colour", json!([{}])), &[]),
        (without("version"), &[]),
        (without("archived_at"), differs),
        (without("id"), none),
        (with("created_at", json!(at.replace('Z', "+00:00"))), differs),
        (with("name", json!(5)), differs),
        (with("id", json!(id.to_uppercase())), none),
        (format!("{}, \"id\": \"{id}\"}}", first.trim_end_matches('}')), none),
        (format!("\u{feff}{first}"), none),
        (format!("{first} {first}"), none),
        (with("colour", json!("NaN")).replace("\"NaN\"", "NaN"), none),
        (many.to_string(), none),
        (String::new(), none),
    ] {
        let found = export.found("tags.jsonl", &format!("{line}\n{rest}"));
        assert_eq!(found, expected, "{line:.200}");
    }
    let cut = tags.strip_suffix('\n').unwrap();
    assert_eq!(export.found("tags.jsonl", cut), none, "no line without an end");
    let projects = export.read("projects.jsonl");
    for hue in ["3.0", "3e0", "\"3\"", "9007199254740993"] {
        let other = projects.replace("\"hue\":3", &format!("\"hue\":{hue}"));
        assert_eq!(export.found("projects.jsonl", &other), differs, "{hue}");
    }
    let roles = export.read("roles.jsonl");
    assert_eq!(
        export.found("roles.jsonl", &roles.replace("\"rights\":5", "\"rights\":7")),
        differs
    );
}

#[test]
fn rights_are_words_that_are_known() {
    for (words, bits, expected) in [
        ("create_tags  track_time", 5, valid()),
        ("track_time track_time", 1, valid()),
        ("", 0, valid()),
        ("track_time fly", 1, vec!["row.differs".to_owned()]),
        ("-", 1 << 24, vec!["row.differs".to_owned()]),
    ] {
        let mut fixture = fixture(0);
        let role = fixture.tables["roles"][0]["id"].as_str().unwrap().parse().unwrap();
        let facts = [("rights", To::Word(words.to_owned()))];
        fixture.record("role.changed", "role", role, &facts);
        fixture.tables.get_mut("roles").unwrap()[0]["rights"] = json!(bits);
        assert_eq!(found_in(&Altered::new(fixture).request()), expected, "{words}");
    }
}

#[test]
fn tags_of_one_entry_stand_together() {
    let mut fixture = fixture(0);
    let (one, two) = (fixture.add_tag("One"), fixture.add_tag("Two"));
    let mut rows = Vec::new();
    for entry in [0, 1] {
        let entry: Uuid =
            fixture.tables["time_entries"][entry]["id"].as_str().unwrap().parse().unwrap();
        let mut tags = [one, two];
        tags.sort_unstable();
        let words = tags.map(|tag| tag.to_string()).join(" ");
        fixture.record("time_entry.changed", "time_entry", entry, &[("tags", To::Word(words))]);
        let is_other = |row: &Json| row["entry_id"] != json!(entry);
        fixture.tables.get_mut("entry_tags").unwrap().retain(is_other);
        rows.extend(tags.map(|tag| json!({"entry_id": entry, "tag_id": tag})));
    }
    let others = fixture.tables["entry_tags"].clone();
    for (order, expected) in
        [([1, 0, 3, 2], valid()), ([0, 2, 1, 3], vec!["row.unknown".into(), "row.differs".into()])]
    {
        let mixed = order.map(|at| rows[at].clone());
        let rows = [&mixed[..], &others].concat();
        fixture.tables.insert("entry_tags", rows);
        let export = Altered::new(fixture);
        assert_eq!(found_in(&export.request()), expected);
        fixture = export.fixture;
    }
}

#[test]
fn a_tag_stands_once_in_its_group_whatever_is_told() {
    let mut fixture = fixture(0);
    let tag = fixture.add_tag("Twice").to_string();
    let entry = fixture.tables["time_entries"][0]["id"].clone();
    let id: Uuid = entry.as_str().unwrap().parse().unwrap();
    let words = To::Word(format!("{tag} {tag}"));
    fixture.record("time_entry.changed", "time_entry", id, &[("tags", words)]);
    let rows = fixture.tables.get_mut("entry_tags").unwrap();
    rows.retain(|row| row["entry_id"] != entry);
    rows.extend([(); 2].map(|()| json!({"entry_id": entry, "tag_id": tag})));
    assert_eq!(found_in(&Altered::new(fixture).request()), ["row.differs"]);
}

/// What happens to a team in an order that few programs would think of, whether its member is in it by the
/// documents, and whether the team is there.
const ORDERS: [(&[&str], bool, bool); 8] = [
    (&["added", "put"], true, true),
    (&["added", "put", "deleted"], false, false),
    (&["added", "put", "deleted", "added"], false, true),
    (&["added", "put", "deleted", "added", "put"], true, true),
    (&["added", "put", "removed", "deleted", "added"], false, true),
    (&["added", "deleted", "put"], true, false),
    (&["deleted", "put"], true, false),
    (&["added", "put", "deleted", "deleted", "added", "put", "removed"], false, true),
];

#[test]
fn who_was_in_a_team_goes_with_it_and_comes_back_by_an_event_alone() {
    for (order, is_in, is_there) in ORDERS {
        for has_row in [true, false] {
            let mut fixture = fixture(0);
            let (team, member) = (fixture.id(), fixture.member);
            let (mut added_at, mut puts) = (0, 0);
            for what in order {
                let named = [("name", To::Text("Anew".to_owned()))];
                // The second time does not say it, and nothing of before is told.
                let put = [("member", To::Id(member)), ("manager", To::Int(1))];
                let put = if puts == 0 { &put[..] } else { &put[..1] };
                puts += i32::from(*what == "put");
                match *what {
                    "added" => added_at = fixture.record("team.added", "team", team, &named),
                    "put" => _ = fixture.record("team.member_put", "team", team, put),
                    "removed" => _ = fixture.record("team.member_removed", "team", team, &put[..1]),
                    _ => _ = fixture.record("team.deleted", "team", team, &[("name", To::Nothing)]),
                }
            }
            if is_there {
                let row = json!({"id": team, "name": "Anew", "created_at": instant(added_at),
                                 "archived_at": null, "version": 1});
                fixture.row("teams", row);
            }
            if has_row {
                let manager = if puts == 1 { json!(true) } else { Json::Null };
                let row = json!({"team_id": team, "member_id": member, "manager": manager});
                fixture.row("team_members", row);
            }
            let expected = match (is_in, has_row) {
                (true, false) => &["row.missing"][..],
                (false, true) => &["row.unknown"],
                _ => &[],
            };
            assert_eq!(found_in(&Altered::new(fixture).request()), expected, "{order:?} {has_row}");
        }
    }
}

#[test]
fn reading_stops_at_the_first_line_that_is_no_next_event() {
    let mut pending = fixture(0);
    pending.pending = 1;
    let export = Altered::new(pending);
    let log = export.read("ledger.jsonl");
    let mut lines: Vec<&str> = log.lines().collect();
    lines.rotate_right(1);
    let put = |lines: &[&str]| export.found("ledger.jsonl", &(lines.join("\n") + "\n"));
    assert_eq!(put(&lines), ["log.line"], "no leaf after an event that waits");
    lines.rotate_left(1);
    assert_eq!(put(&[&lines[..], &lines[..1]].concat()), ["log.line"]);
    let last = lines.len() - 1;
    assert_eq!(put(&[&lines[..last], &lines[..1]].concat()), ["log.twice"]);
    let no_leaf = json!({"leaf": "AAAA"}).to_string();
    assert_eq!(put(&[&lines[..3], &[&no_leaf], &lines[4..]].concat()), ["log.leaf"]);
    let other_member = lines[0].replacen('{', "{\"index\":0,", 1);
    assert_eq!(put(&[&[&*other_member], &lines[1..]].concat()), ["log.line"]);
    let not_pending = lines[0].replacen('{', "{\"pending\":false,", 1);
    assert_eq!(put(&[&[&*not_pending], &lines[1..]].concat()), valid());
}

#[test]
fn a_manifest_is_read_in_one_way() {
    let export = Altered::new(fixture(0));
    let path = export.folder.path().join("manifest.json");
    let whole = fs::read_to_string(&path).unwrap();
    let workspace = export.fixture.workspace.to_string();
    let sum = whole.split("\"sha256\":\"").nth(1).unwrap().split('"').next().unwrap();
    for (from, to) in [
        ("\"version\":1", "\"version\":2"),
        ("\"version\":1", "\"version\":1.0"),
        ("\"version\":1", "\"version\":true"),
        ("\"version\":1", "\"version\":1,\"version\":1"),
        (&workspace, &workspace.to_uppercase()),
        ("\"sha256\":\"", "\"sha512\":\""),
        ("\"size_bytes\":", "\"size_bytes\":-"),
        ("\"version\":1", "\"version\":1,\"\\ud800\":1"),
        ("\"size_bytes\":", "\"\\ud800\":1,\"size_bytes\":"),
    ] {
        assert!(whole.contains(from), "{from}");
        fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        assert_not_understood(&export.request());
    }
    for (from, to, expected) in [
        ("\"version\":1", "\"version\":1,\"more\":[]", valid()),
        ("\"version\":1", "\"version\":1,\"more\":[\"\\ud800\"]", valid()),
        (sum, &sum.to_uppercase(), vec!["file.differs".to_owned()]),
        ("tags.csv", ".tags.csv", vec!["manifest".to_owned()]),
        ("tags.csv", "a/tags.csv", vec!["manifest".to_owned()]),
    ] {
        fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        assert_eq!(found_in(&export.request()), expected, "{to}");
    }
    // Braces in texts nest nothing.
    let nested = |depth: usize| {
        let (open, close) = ("[{\"a\":".repeat(depth), "}]".repeat(depth));
        let more =
            format!("\"version\":1,\"more\":[\"\\\"[[\",{open}\"{}\"{close}]", "[".repeat(200));
        whole.replacen("\"version\":1", &more, 1)
    };
    // The manifest, its list, and two in each turn.
    fs::write(&path, nested(62)).unwrap();
    assert_eq!(found_in(&export.request()), valid());
    for depth in [63, 100_000] {
        fs::write(&path, nested(depth)).unwrap();
        assert_not_understood(&export.request());
    }
    // Of a file that is named twice neither counts, whichever is right.
    for (name, expected) in [
        ("tags.csv", &["manifest"][..]),
        ("tags.jsonl", &["manifest", "file.missing", "row.missing"]),
        (LEDGER, &["manifest", "file.missing"]),
    ] {
        for is_first in [true, false] {
            let mut manifest: Json = serde_json::from_str(&whole).unwrap();
            let files = manifest["files"].as_array_mut().unwrap();
            let at = if is_first { 0 } else { files.len() };
            files.insert(at, json!({ "name": name, "size_bytes": 0, "sha256": "" }));
            fs::write(&path, manifest.to_string()).unwrap();
            assert_eq!(found_in(&export.request()), expected, "{name} {is_first}");
        }
    }
}

#[test]
fn a_witness_is_not_believed_as_the_key_of_a_log() {
    let export = Altered::new(fixture(0));
    let witness = ledger::Signer::new("one.example", ledger::key::Kind::Witness, &[1; 32]).unwrap();
    let witness = witness.verifier().to_string();
    assert_not_understood(&Request { keys: vec![witness.clone()], ..export.request() });
    let own = log_key(&export.fixture.origin).verifier().to_string();
    let beside = Request { keys: vec![witness, own], ..export.request() };
    assert_eq!(found_in(&beside), valid());
    assert!(told(&beside).1.log.unwrap().key_was_given);
}

#[test]
fn a_list_of_keys_that_is_cut_short_is_none() {
    let export = Altered::new(fixture(0));
    let keys = export.read("ledger-keys.txt");
    let none = ["key.unreadable", "head.unsigned"];
    assert_eq!(export.found("ledger-keys.txt", keys.trim_end()), none);
    assert_eq!(export.found("ledger-keys.txt", &format!("{keys}# a comment\n")), none);
    assert_eq!(export.found("ledger-keys.txt", &format!("\r\n{keys}\n")), valid());
    let long = format!("{}{keys}", "\n".repeat(256 * 1024));
    assert_eq!(export.found("ledger-keys.txt", &long), none);
    fixture::write_manifest(export.folder.path(), export.fixture.workspace);
    // The same of a file that is given, which may end without a line feed, but not by half of an end.
    let aside = TempDir::new().unwrap();
    let path = aside.path().join("keys");
    let asked = Request { keys: vec![path.display().to_string()], ..export.request() };
    fs::write(&path, keys.trim_end()).unwrap();
    assert_eq!(found_in(&asked), valid());
    for text in [format!("{}\r", keys.trim_end()), long] {
        fs::write(&path, text).unwrap();
        assert_not_understood(&asked);
    }
}

/// An event whose facts only a newer program reads is a leaf all the same.
#[test]
fn facts_that_cannot_be_read_do_not_stop_the_log() {
    let mut fixture = fixture(0);
    fixture.pending = 1;
    let export = Altered::new(fixture);
    let log = export.read("ledger.jsonl");
    let (whole, last) = log.trim_end().rsplit_once('\n').unwrap();
    let mut line: Json = serde_json::from_str(last).unwrap();
    let mut bytes = STANDARD.decode(line["leaf"].as_str().unwrap()).unwrap();
    // No facts are three bytes: the version, and their number.
    let version = bytes.len() - 3;
    assert_eq!(bytes[version], 1);
    bytes[version] = 2;
    line["leaf"] = json!(STANDARD.encode(bytes));
    let found = export.found("ledger.jsonl", &format!("{whole}\n{line}\n"));
    assert_eq!(found, ["log.leaf", "row.unknown"]);
}

#[test]
fn heads_are_as_the_document_says() {
    let put = |head: String| {
        let mut fixture = fixture(0);
        fixture.head = Some(head);
        found_in(&Altered::new(fixture).request())
    };
    let fixture = fixture(0);
    let log = log_key(&fixture.origin);
    let empty = fixture.head_of(0).sign(&log).unwrap();
    assert_eq!(put(empty.to_string()), ["row.pending"], "it fits, and proves no leaf");
    let note = fixture.note();
    let more = format!("{}another line\n", note.text());
    let signed = ledger::Note::new(more.clone(), vec![log.sign(&more, 0)]).unwrap();
    assert_eq!(put(signed.to_string()), valid());
    assert_eq!(put(note.to_string().replacen('\n', "\n0", 1)), ["head.unreadable"]);
    assert_eq!(put(note.to_string().trim_end().to_owned()), ["head.unreadable"]);
    let stranger = log_key("someone.example").sign(note.text(), 0);
    assert_eq!(put(note.clone().with(stranger).unwrap().to_string()), valid());
    let forged = note.clone().with(log.sign("another text\n", 0)).unwrap();
    assert_eq!(put(forged.to_string()), ["head.unsigned"]);
}

#[test]
fn keys_and_kept_heads_are_as_the_document_says() {
    let export = Altered::new(fixture(0));
    let log = log_key(&export.fixture.origin);
    let instance = log.verifier().renamed("time.example/ledger").unwrap();
    let asked = Request { keys: vec![instance.to_string()], ..export.request() };
    assert_eq!(found_in(&asked), ["head.unsigned"]);

    let witness = ledger::Signer::new("one.example", ledger::key::Kind::Witness, &[1; 32]).unwrap();
    let note = export.fixture.note();
    let cosigned = note.clone().with(witness.sign(note.text(), 1)).unwrap().to_string();
    let forged = note.clone().with(witness.sign("another text\n", 1)).unwrap().to_string();
    let aside = TempDir::new().unwrap();
    let path = aside.path().join("kept");
    let mut altered = super::fixture(0);
    altered.head = Some(cosigned);
    let export = Altered::new(altered);
    let asked = |kept: &str| {
        fs::write(&path, kept).unwrap();
        let witnesses = vec![witness.verifier().to_string()];
        found_in(&Request { checkpoints: vec![path.clone()], witnesses, ..export.request() })
    };
    assert_eq!(asked(&note.to_string()), valid(), "a kept head needs no cosignature");
    assert_eq!(asked(&forged), ["checkpoint.unsigned"]);
    fs::remove_file(export.folder.path().join("checkpoint.txt")).unwrap();
    fixture::write_manifest(export.folder.path(), export.fixture.workspace);
    // Without a newest head no other is looked for, and no witness asked for.
    assert_eq!(asked(&note.to_string()), ["file.missing", "head.unreadable"]);
}

//! The classes of mutation that an audit of the log tries (T-AUDIT), ten random cases each.

use std::fs;

use ledger::event::facts::Value;
use ledger::key::Kind;
use ledger::{Note, Signer};
use serde_json::{Value as Json, json};

use super::fixture::{Fixture, SECOND, To, instant, log_key};
use super::*;

/// How many random cases: so few where nobody asks for more.
#[expect(clippy::disallowed_methods, reason = "tests are configured by their environment")]
fn cases() -> std::ops::Range<u64> {
    let is_soak = std::env::var("TIMEPROOF_SOAK").is_ok_and(|asked| !asked.is_empty());
    0..if is_soak { 100 } else { 10 }
}

/// Each case finds one of these, at least.
fn assert_each(mutate: impl Fn(&mut Fixture), expected: &[Code]) {
    for case in cases() {
        let mut fixture = fixture(case);
        assert_eq!(plainly(&fixture).0, BTreeSet::new());
        mutate(&mut fixture);
        let (codes, verdict) = plainly(&fixture);
        let is_found = expected.iter().any(|code| codes.contains(code));
        assert!(is_found, "case {case}: {:?}", verdict.findings);
    }
}

/// A head of the leaves as they are, kept before they are altered; what is found with it alone.
fn assert_with_kept(alter: impl Fn(&mut Fixture), expected: Code) {
    for case in cases() {
        let mut fixture = fixture(case);
        let kept = fixture.note();
        alter(&mut fixture);
        let (codes, verdict) = with_kept(&fixture, &kept);
        assert!(codes.contains(&expected), "case {case}: {:?}", verdict.findings);
        assert!(codes.iter().all(|code| *code >= expected), "named first: {codes:?}");
    }
}

fn with_kept(fixture: &Fixture, kept: &Note) -> (BTreeSet<Code>, Verdict) {
    check(fixture, |request, aside| {
        let path = aside.join("kept");
        fs::write(&path, kept.to_string()).unwrap();
        request.checkpoints.push(path);
    })
}

/// The newest head stays what it was, as for somebody without the key of the log.
fn keep_head(fixture: &mut Fixture) {
    fixture.head = Some(fixture.note().to_string());
}

fn any(fixture: &mut Fixture) -> usize {
    let count = fixture.leaves.len();
    fixture.rng.usize(..count)
}

#[test]
fn an_edited_event_is_found() {
    let edit = |fixture: &mut Fixture| {
        keep_head(fixture);
        let at = any(fixture);
        fixture.leaves[at].event.at += 1;
    };
    assert_each(edit, &[Code::LogRoot]);
}

#[test]
fn a_deleted_event_is_found() {
    let delete = |fixture: &mut Fixture| {
        keep_head(fixture);
        let at = any(fixture);
        fixture.leaves.remove(at);
    };
    assert_each(delete, &[Code::LogShort]);
}

#[test]
fn an_inserted_event_is_found() {
    let insert = |fixture: &mut Fixture| {
        keep_head(fixture);
        let at = any(fixture);
        let mut again = fixture.leaves[at].clone();
        again.event.id = fixture.id().into_bytes();
        fixture.leaves.insert(at, again);
    };
    assert_each(insert, &[Code::LogRoot]);
}

#[test]
fn an_event_that_stands_twice_is_found() {
    let again = |fixture: &mut Fixture| {
        let at = any(fixture);
        let again = fixture.leaves[at].clone();
        fixture.leaves.push(again);
    };
    assert_each(again, &[Code::LogTwice]);
}

#[test]
fn swapped_events_are_found() {
    let swap = |fixture: &mut Fixture| {
        keep_head(fixture);
        let at = any(fixture).max(1);
        fixture.leaves.swap(at, at - 1);
    };
    assert_each(swap, &[Code::LogRoot]);
}

#[test]
fn a_truncated_log_is_found() {
    let truncate = |fixture: &mut Fixture| {
        keep_head(fixture);
        let left = any(fixture);
        fixture.leaves.truncate(left);
    };
    assert_each(truncate, &[Code::LogShort]);
}

/// Whoever has the key of the log can sign anything: what somebody has kept from before tells.
#[test]
fn a_log_that_was_signed_anew_with_a_stolen_key_is_found() {
    let edit = |fixture: &mut Fixture| {
        let tag = fixture.leaves.iter().position(|leaf| leaf.event.kind == "tag.added").unwrap();
        let text = "Another".to_owned();
        let leaf = &mut fixture.leaves[tag];
        leaf.words[0].text.clone_from(&text);
        let commitment = ledger::commit(&leaf.words[0].salt, text.as_bytes());
        leaf.changes[0].after = Value::Commitment(commitment);
        fixture.tables.get_mut("tags").unwrap()[0]["name"] = json!(text);
        assert_eq!(plainly(fixture).0, BTreeSet::new(), "nobody else can tell");
    };
    assert_with_kept(edit, Code::CheckpointOther);
}

#[test]
fn a_log_that_was_rolled_back_is_found() {
    let roll_back = |fixture: &mut Fixture| {
        // The newest event is the export itself, of which no row tells.
        fixture.leaves.pop();
        assert_eq!(plainly(fixture).0, BTreeSet::new(), "nobody else can tell");
    };
    assert_with_kept(roll_back, Code::CheckpointLonger);
}

#[test]
fn a_forked_log_is_found() {
    for case in cases() {
        let mut fixture = fixture(case);
        let mut other = super::fixture(case);
        fixture.add_tag("Ours");
        other.add_tag("Theirs");
        other.add_tag("More");
        assert_eq!(plainly(&other).0, BTreeSet::new());
        let (codes, _) = with_kept(
            &fixture,
            &other.head_of(fixture.size()).sign(&log_key(&other.origin)).unwrap(),
        );
        assert_eq!(codes, BTreeSet::from([Code::CheckpointOther]));
    }
}

/// The head is right, and old: what came after it proves nothing.
#[test]
fn an_old_head_before_a_longer_log_is_found() {
    let replay = |fixture: &mut Fixture| {
        let last = fixture.leaves.iter().rposition(|leaf| leaf.event.kind == "time_entry.added");
        let size = fixture.rng.usize(1..=last.unwrap());
        let old = fixture.head_of(size).sign(&log_key(&fixture.origin)).unwrap();
        fixture.head = Some(old.to_string());
    };
    assert_each(replay, &[Code::RowPending]);
}

#[test]
fn a_back_dated_event_is_found() {
    let back_date = |fixture: &mut Fixture| {
        fixture.add_tag("Late");
        let back = fixture.rng.i64(301..100_000);
        let latest = fixture.leaves[fixture.leaves.len() - 2].event.at;
        let at = latest - back * SECOND;
        fixture.leaves.last_mut().unwrap().event.at = at;
        let row = fixture.tables.get_mut("tags").unwrap().last_mut().unwrap();
        row["created_at"] = json!(instant(at));
    };
    assert_each(back_date, &[Code::TimeBack]);
}

/// Any column of any row that is said to be proven.
#[test]
fn a_table_that_was_edited_behind_the_log_is_found() {
    let not_proven: BTreeSet<String> = plainly(&fixture(0))
        .1
        .not_proven
        .iter()
        .map(|one| format!("{}.{}", one.table, one.column))
        .collect();
    for (case, (table, column)) in cases().cycle().zip(all_columns(&fixture(0))) {
        if not_proven.contains(&format!("{table}.{column}")) {
            continue;
        }
        let mut fixture = fixture(case);
        let row = fixture.rng.usize(..fixture.tables[table].len().max(1));
        // An export may have no tags of entries at all.
        let Some(row) = fixture.tables.get_mut(table).unwrap().get_mut(row) else { continue };
        row[&column] = another(&row[&column], &column);
        let (codes, verdict) = plainly(&fixture);
        let is_found = !codes.is_disjoint(&BTreeSet::from([Code::RowDiffers, Code::RowUnknown]));
        assert!(is_found, "{table}.{column}: {:?}", verdict.findings);
    }
}

fn all_columns(fixture: &Fixture) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    for (table, rows) in &fixture.tables {
        let row = rows.first().and_then(Json::as_object).unwrap();
        all.extend(row.keys().map(|column| (*table, column.clone())));
    }
    all
}

fn another(cell: &Json, column: &str) -> Json {
    match cell {
        Json::Null if column.ends_with("_at") => json!("2026-11-22T12:00:00Z"),
        Json::Null => json!(5),
        Json::Bool(flag) => json!(!flag),
        Json::Number(number) => json!(number.as_i64().unwrap() + 1),
        Json::String(text) if column.ends_with("id") => {
            let end = if text.ends_with('0') { "1" } else { "0" };
            json!(format!("{}{end}", &text[..35]))
        }
        Json::String(text) if column == "day" => json!(text.replace("2026", "2025")),
        Json::String(text) if column.ends_with("_at") => json!(text.replace("2026", "2025")),
        other => json!(format!("{}x", other.as_str().unwrap())),
    }
}

#[test]
fn rows_that_were_added_taken_away_or_doubled_are_found() {
    let tables = sheets::SHEETS.iter().map(|sheet| sheet.table);
    let most = cases().end.max(20);
    for (case, table) in (0..most).zip(tables.cycle()) {
        let mut fixture = fixture(case);
        let rows = fixture.tables.get_mut(table).unwrap();
        let doubled = rows[0].clone();
        rows.push(doubled);
        assert!(plainly(&fixture).0.contains(&Code::RowTwice), "{table}");
        fixture.tables.get_mut(table).unwrap().pop();
        let at = fixture.rng.usize(..fixture.tables[table].len());
        let mut gone = fixture.tables.get_mut(table).unwrap().remove(at);
        assert!(plainly(&fixture).0.contains(&Code::RowMissing), "{table}");
        let key = if gone.get("id").is_some() { "id" } else { "member_id" };
        gone[key] = json!(fixture.id());
        fixture.tables.get_mut(table).unwrap().push(gone);
        assert!(plainly(&fixture).0.contains(&Code::RowUnknown), "{table}");
    }
}

#[test]
fn tags_of_entries_that_were_altered_are_found() {
    for case in cases() {
        let mut fixture = fixture(case);
        let rows = fixture.tables["entry_tags"].clone();
        let Some(first) = rows.first().cloned() else { continue };
        fixture.tables.insert("entry_tags", rows[1..].to_vec());
        let (codes, _) = plainly(&fixture);
        assert!(codes.contains(&Code::RowMissing) || codes.contains(&Code::RowDiffers));
        let mut other = first.clone();
        other["tag_id"] = json!(fixture.id());
        fixture.tables.insert("entry_tags", [&rows[..], &[other]].concat());
        assert!(!plainly(&fixture).0.is_empty());
        fixture.tables.insert("entry_tags", [&[first][..], &rows].concat());
        assert!(plainly(&fixture).0.contains(&Code::RowDiffers));
    }
}

#[test]
fn a_row_of_what_was_removed_for_good_is_found() {
    let mut fixture = fixture(0);
    let row = fixture.tables["tags"].last().unwrap().clone();
    let tag: Uuid = row["id"].as_str().unwrap().parse().unwrap();
    fixture.record("tag.deleted", "tag", tag, &[("deleted", To::Int(1))]);
    fixture.record("tag.purged", "tag", tag, &[]);
    assert!(plainly(&fixture).0.contains(&Code::RowUnknown));
    fixture.tables.get_mut("tags").unwrap().pop();
    assert_eq!(plainly(&fixture).0, BTreeSet::new());
    // What no head proves yet does not excuse that the row is not there.
    fixture.pending = 1;
    assert_eq!(plainly(&fixture).0, BTreeSet::from([Code::RowPending]));
}

#[test]
fn the_head_of_another_log_is_found() {
    for case in cases() {
        let mut fixture = fixture(case);
        let own = fixture.origin.clone();
        let key = log_key(&own).verifier().to_string();
        fixture.origin = format!("time.example/ledger/{}", fixture.id());
        fixture.keys = vec![log_key(&fixture.origin).verifier().to_string()];
        let (codes, _) = check(&fixture, |request, _| request.keys.push(key.clone()));
        assert_eq!(codes, BTreeSet::from([Code::HeadUnsigned]));
        // Signed by one log in the name of another.
        let other = fixture.head_of(5).sign(&log_key(&own)).unwrap();
        fixture.head = Some(other.to_string());
        let (codes, _) = check(&fixture, |request, _| request.keys.push(key.clone()));
        assert_eq!(codes, BTreeSet::from([Code::HeadOrigin]));
        // A checkpoint of another log, by a key that is believed.
        fixture.head = None;
        let kept = super::fixture(case).note();
        let (codes, _) = check(&fixture, |request, aside| {
            let path = aside.join("kept");
            fs::write(&path, kept.to_string()).unwrap();
            request.checkpoints.push(path);
            request.keys.extend([key, fixture.keys[0].clone()]);
        });
        assert_eq!(codes, BTreeSet::from([Code::CheckpointOrigin]));
    }
}

#[test]
fn a_checkpoint_by_another_key_is_found() {
    let mut fixture = fixture(0);
    let thief = Signer::new(&fixture.origin, Kind::Log, &[8; 32]).unwrap();
    let kept = fixture.head_of(9).sign(&thief).unwrap();
    let expected = BTreeSet::from([Code::CheckpointUnsigned]);
    assert_eq!(with_kept(&fixture, &kept).0, expected);
    // Also where the export brings that key along.
    fixture.keys.push(thief.verifier().to_string());
    assert_eq!(with_kept(&fixture, &kept).0, expected);
}

#[test]
fn forged_double_and_missing_cosignatures_are_found() {
    let witness = |name: &str, seed| Signer::new(name, Kind::Witness, &[seed; 32]).unwrap();
    let (one, two) = (witness("one.example", 1), witness("two.example", 2));
    for case in cases() {
        let mut fixture = fixture(case);
        let ask = |fixture: &Fixture, keys: &[&Signer]| {
            let keys = keys.iter().map(|key| key.verifier().to_string());
            check(fixture, |request, _| request.witnesses.extend(keys))
        };
        let note = fixture.note();
        let text = note.text().to_owned();
        assert_eq!(ask(&fixture, &[&one]).0, BTreeSet::from([Code::WitnessMissing]));
        let by_one = one.sign(&text, 1_795_176_100);
        let once = note.with(by_one.clone()).unwrap();
        fixture.head = Some(once.to_string());
        let (codes, verdict) = ask(&fixture, &[&one]);
        assert_eq!(codes, BTreeSet::new());
        assert_eq!(verdict.log.unwrap().witnesses["one.example"], "2026-11-20T12:01:40Z");
        // Twice the same witness is not two.
        let twice = once.clone().with(one.sign(&text, 1_795_176_200)).unwrap();
        fixture.head = Some(twice.to_string());
        assert_eq!(ask(&fixture, &[&one, &two]).0, BTreeSet::from([Code::WitnessMissing]));
        // A signature of the right name over something else.
        let forged = fixture.note().with(one.sign("another text\n", 1_795_176_100)).unwrap();
        fixture.head = Some(forged.to_string());
        assert_eq!(ask(&fixture, &[&one]).0, BTreeSet::from([Code::HeadUnsigned]));
    }
    let same = Signer::new("another.example", Kind::Witness, &[1; 32]).unwrap();
    for wrong in [&[&one, &same][..], &[&one, &one]] {
        let keys: Vec<String> = wrong.iter().map(|key| key.verifier().to_string()).collect();
        let request = Request { witnesses: keys, ..Request::default() };
        assert!(matches!(verify(&request), Err(Failure::Usage(_))));
    }
}

#[test]
fn words_that_were_exchanged_are_found() {
    let exchange = |fixture: &mut Fixture| {
        let with_words: Vec<usize> =
            (0..fixture.leaves.len()).filter(|at| !fixture.leaves[*at].words.is_empty()).collect();
        let at = with_words[fixture.rng.usize(..with_words.len())];
        fixture.leaves[at].words[0].text.push('!');
    };
    assert_each(exchange, &[Code::WordsDiffer]);
}

/// Erased words can be checked no more, and are counted; a text that is still in its table is none.
#[test]
fn erased_words_are_counted_and_words_that_were_left_out_are_found() {
    let mut fixture = fixture(0);
    let at = fixture.leaves.iter().rposition(|leaf| leaf.event.kind == "tag.added").unwrap();
    fixture.leaves[at].words.clear();
    assert_eq!(plainly(&fixture).0, BTreeSet::from([Code::RowDiffers]));
    for gone in [json!(null), json!(""), json!({"erased": true})] {
        fixture.tables.get_mut("tags").unwrap().last_mut().unwrap()["name"] = gone;
        let (codes, verdict) = plainly(&fixture);
        assert_eq!((codes, verdict.erased), (BTreeSet::new(), 1));
    }
}

#[test]
fn a_history_that_was_altered_is_found() {
    let folder = TempDir::new().unwrap();
    let fixture = fixture(0);
    fixture.write(folder.path());
    let request = Request { folder: folder.path().to_owned(), ..Request::default() };
    let path = folder.path().join("events.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let first = whole.lines().next().unwrap();
    let put = |text: &str| {
        fs::write(&path, text).unwrap();
        fixture::write_manifest(folder.path(), fixture.workspace);
        told(&request).0
    };
    assert_eq!(put(&whole), BTreeSet::new());
    assert_eq!(put(&whole[first.len() + 1..]), BTreeSet::from([Code::RowMissing]));
    assert_eq!(put(&format!("{whole}{first}\n")), BTreeSet::from([Code::RowTwice]));
    let other = whole.replacen("member", "tokens", 1);
    assert_eq!(put(&other), BTreeSet::from([Code::RowDiffers]));
    let other = whole.replace("\"Lantern\"", "\"Lanterns\"");
    assert_eq!(put(&other), BTreeSet::from([Code::RowDiffers]));
}

//! How long a large export takes: measured, not asserted.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

use ledger::{Frontier, Hash};
use serde_json::json;

use super::fixture::{Recorded, SECOND, To, instant, log_key, second};
use super::*;

/// A million events and their rows. `TIMEPROOF_VERIFY_FOLDER` keeps the export, for another program to read.
#[test]
#[ignore = "a minute, and two gigabytes of disk"]
#[expect(
    clippy::disallowed_methods,
    reason = "a measurement is configured by its environment, and reads the clock"
)]
fn a_million_events() {
    let temporary = TempDir::new().unwrap();
    let kept = std::env::var("TIMEPROOF_VERIFY_FOLDER").map(PathBuf::from);
    let folder = kept.unwrap_or_else(|_| temporary.path().to_owned());
    write(&folder, 1_000_000);
    let began = Instant::now();
    let verdict = verify(&Request { folder, ..Request::default() }).unwrap();
    println!("{} rows in {:.1} s", verdict.rows, began.elapsed().as_secs_f64());
    assert!(verdict.valid, "{:?}", verdict.findings.first());
}

/// The small export, and then as many entries as make so many events.
fn write(folder: &Path, events: usize) {
    let mut fixture = fixture(0);
    fixture.write(folder);
    let append = |name: &str| {
        let file = File::options().append(true).open(folder.join(name)).unwrap();
        BufWriter::new(file)
    };
    let (mut leaves, mut rows) = (append("ledger.jsonl"), append("time_entries.jsonl"));
    let mut history = append("events.jsonl");
    let mut edge = Frontier::default();
    for leaf in &fixture.leaves {
        edge.append(Hash::leaf(&leaf.bytes()));
    }
    let last = fixture.leaves.pop().unwrap();
    for number in edge.size()..u64::try_from(events).unwrap() {
        fixture.leaves = vec![last.clone()];
        fixture.leaves[0].event.at += i64::try_from(number).unwrap() * SECOND;
        let (leaf, row) = entry(&mut fixture);
        edge.append(Hash::leaf(&leaf.bytes()));
        writeln!(leaves, "{}", leaf.line(false)).unwrap();
        writeln!(history, "{}", leaf.row()).unwrap();
        writeln!(rows, "{row}").unwrap();
    }
    for mut file in [leaves, rows, history] {
        file.flush().unwrap();
    }
    let head = Checkpoint::new(&fixture.origin, edge.size(), edge.root()).unwrap();
    let note = head.sign(&log_key(&fixture.origin)).unwrap();
    std::fs::write(folder.join("checkpoint.txt"), note.to_string()).unwrap();
    fixture::write_manifest(folder, fixture.workspace);
}

fn entry(fixture: &mut Fixture) -> (Recorded, serde_json::Value) {
    let (entry, member, project) = (fixture.id(), fixture.member, fixture.workspace);
    let start = fixture.now();
    let note = format!("a note about what was done {}", fixture.rng.u32(..));
    let facts = [
        ("member", To::Id(member)),
        ("project", To::Id(project)),
        ("billable", To::Int(1)),
        ("started_at", To::Int(start)),
        ("stopped_at", To::Int(start + SECOND)),
        ("day", To::Int(0)),
        ("zone", To::Word("Europe/Zurich".to_owned())),
        ("note", To::Text(note.clone())),
    ];
    let made = fixture.record("time_entry.added", "time_entry", entry, &facts);
    let row = json!({"id": entry, "member_id": member, "project_id": project, "task_id": null,
                     "note": note, "billable": true, "started_at": instant(start),
                     "stopped_at": instant(start + SECOND), "duration_s": null,
                     "day": "1970-01-01", "zone": "Europe/Zurich", "created_at": second(made),
                     "deleted_at": null, "version": 1});
    (fixture.leaves.pop().unwrap(), row)
}

//! An export of real data, by the program, checked by `tp verify`, and then with a row altered behind the
//! log.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use domain::ids::WorkspaceId;
use serde_json::{Value, json};
use server::demo;
use store::{Statement, StoreError};
use wire::demo::SEED;

use crate::{operator::both, process::Place, tp::program};

/// The exit code, and what the verifier says as JSON.
pub(crate) fn verify(place: &Place, folder: &str, options: &[&str]) -> (Option<i32>, Value) {
    let mut command = Command::new(program());
    command.current_dir(place.home()).args(["--json", "verify", folder]).args(options);
    command.env_clear().env("TP_CONFIG_DIR", place.home().join("tp")).stdin(Stdio::null());
    let ended = command.output().unwrap();
    let said = serde_json::from_slice(&ended.stdout);
    let said = said.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&ended.stderr)));
    (ended.status.code(), said)
}

/// The second verifier's codes, which shares no line with the first.
#[expect(clippy::disallowed_methods, reason = "tests are configured by their environment")]
pub(crate) fn by_the_other(folder: &Path) -> Value {
    let python = std::env::var("TIMEPROOF_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verify.py");
    let ended = Command::new(python).arg(script).arg(folder).output().unwrap();
    let said: Value = serde_json::from_slice(&ended.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&ended.stderr)));
    said["codes"].clone()
}

pub(crate) fn export(place: &Place, workspace: WorkspaceId, folder: &str) {
    let ended = place.run(&["export", &workspace.to_string(), "--to", folder]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

/// Runs a text in the workspace's database, as somebody with its password would.
pub(crate) fn alter(place: &Place, workspace: WorkspaceId, sql: &'static str) {
    place.with_app(async |app| {
        let database = app.store().workspace(workspace).await.unwrap();
        let statement = Statement::new("test.alter", sql);
        let altered = database.write(move |tx| tx.execute(&statement, &[]));
        let altered: Result<u64, StoreError> = altered.await;
        assert_eq!(altered.unwrap(), 1, "{sql}");
    });
}

#[test]
fn an_export_of_the_demo_is_valid_until_a_row_is_altered_behind_the_log() {
    both(|place| {
        place.with_app(async |app| demo::prepare(&app, SEED).await.map(drop).unwrap());
        let workspace = demo::workspace(SEED);
        place.open_run_book("Mara");
        export(&place, workspace, "first");
        let (code, verdict) = verify(&place, "first", &[]);
        assert_eq!((code, &verdict["findings"]), (Some(0), &json!([])));
        assert_eq!(by_the_other(&place.home().join("first")), verdict["codes"]);
        let log = &verdict["log"];
        assert!(log["proven"].as_u64().unwrap() > 100 && log["pending"] == 0, "{log}");
        assert!(log["origin"].as_str().unwrap().ends_with(&format!("/ledger/{workspace}")));
        let unproven: Vec<String> = verdict["not_proven"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| format!("{}.{}", one["table"], one["column"]).replace('"', ""))
            .filter(|column| !column.ends_with(".version"))
            .collect();
        let expected = ["api_tokens.last_used_at"];
        assert_eq!(unproven, expected);

        alter(
            &place,
            workspace,
            "UPDATE time_entries SET duration_s = duration_s + 1
             WHERE id = (SELECT id FROM time_entries WHERE duration_s IS NOT NULL ORDER BY id LIMIT 1)",
        );
        export(&place, workspace, "second");
        // The head of before is of this log as well, which itself is as it was.
        let kept = ["--checkpoint", "first/checkpoint.txt", "--key", "first/ledger-keys.txt"];
        let (code, verdict) = verify(&place, "second", &kept);
        let finding = &verdict["findings"][0];
        assert_eq!((code, verdict["found"].as_u64()), (Some(1), Some(1)), "{verdict}");
        assert_eq!(finding["code"], "row.differs");
        assert_eq!(
            (&finding["file"], &finding["field"]),
            (&"time_entries.jsonl".into(), &"duration_s".into())
        );
        assert!(finding["leaf"].as_u64().is_some() && finding["id"].as_str().is_some());
        assert_eq!(verdict["log"]["checkpoints"][0], log["proven"]);
        assert_eq!(by_the_other(&place.home().join("second")), verdict["codes"]);
        // What was exported before knows nothing of what came after.
        let (code, verdict) = verify(&place, "first", &["--checkpoint", "second/checkpoint.txt"]);
        assert_eq!(code, Some(1));
        assert_eq!(verdict["codes"], json!(["checkpoint.longer"]));
    });
}

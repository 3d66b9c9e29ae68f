//! A record of a million events: a receipt, the page, and an export that is checked without the server.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{
    Bench,
    postgres::Cluster,
    process::{Database, Demo, Folder, server},
    table::{Table, ms, verdict, whole},
    wrk::{Load, Request, load},
};
use crate::run;

const GOAL_RECEIPT_US: f64 = 2_000.0;
const GOAL_PAGE_US: f64 = 50_000.0;
const GOAL_VERIFY_S: f64 = 10.0;

/// Adding them takes some minutes on SQLite, and a quarter of an hour on PostgreSQL.
const ENTRIES: u32 = 1_000_000;

/// How long all events may take to get their places.
const PATIENCE: Duration = Duration::from_mins(15);

pub(super) fn measure(bench: &Bench) -> Result<[Table; 2]> {
    let cluster = Cluster::start()?;
    let mut pages = Table::new(
        "A record of a million events",
        &["", "events", "what", "median", "99 of 100 within"],
    );
    let mut checked =
        Table::new("An export checked without the server", &["", "events", "rows", "tp verify"]);
    let (mut receipt_us, mut page_us, mut verify_s): (f64, f64, f64) = (0.0, 0.0, 0.0);
    let entries = if bench.is_quick { 10_000 } else { ENTRIES };
    for (name, database) in
        [("SQLite", Database::Sqlite), ("PostgreSQL 15", Database::Postgres(cluster.url.clone()))]
    {
        super::say(&format!("a record of {entries} entries, {name}"));
        let folder = Folder::new(&bench.folder, "record")?;
        seed(bench, &folder, &database, entries)?;
        let demo = Demo::start(&bench.program, folder.path(), &database)?;
        let events = wait_until_all_have_places(&demo)?;
        for (what, request) in requests(&demo)? {
            load(&bench.folder, &request, 1, bench.warm_up)?;
            let Load { median_us, p99_us, .. } = load(&bench.folder, &request, 1, bench.seconds)?;
            let worst = if what == "a receipt" { &mut receipt_us } else { &mut page_us };
            *worst = worst.max(median_us);
            pages.row([name.to_owned(), whole(events), what, ms(median_us), ms(p99_us)]);
        }
        if database == Database::Sqlite {
            let (rows, seconds) = verify(bench, &folder, &demo.workspace)?;
            verify_s = seconds;
            checked.row([name.to_owned(), whole(events), rows, format!("{seconds:.1} s")]);
        }
    }
    pages.note(format!(
        "At most {} for a receipt is {}, and {} for the page {}.",
        ms(GOAL_RECEIPT_US),
        verdict(receipt_us <= GOAL_RECEIPT_US),
        ms(GOAL_PAGE_US),
        verdict(page_us <= GOAL_PAGE_US)
    ));
    pages.note(format!(
        "The workspace is the demo, grown (`timeproof seed`), once all its events have their places. Made with \
         wrk on one connection, {} s each after {} s to warm up; the receipt is of the first event of the log, \
         by the API, the pages those of somebody signed in.",
        bench.seconds, bench.warm_up
    ));
    checked.note(format!(
        "At most {GOAL_VERIFY_S:.0} s is {}. The export of that workspace (`timeproof export`), files in the \
         page cache, median of 3.",
        verdict(verify_s <= GOAL_VERIFY_S)
    ));
    Ok([pages, checked])
}

/// Fills an instance by the operations that everybody uses.
fn seed(bench: &Bench, folder: &Folder, database: &Database, entries: u32) -> Result<()> {
    let mut seed = server(&bench.program, Some("seed"), folder.path(), 0);
    seed.arg("--entries").arg(entries.to_string());
    if let Database::Postgres(url) = database {
        seed.arg("--database-url").arg(url);
    }
    if run::answer(&mut seed).is_none() {
        bail!("timeproof seed --entries {entries} failed");
    }
    Ok(())
}

/// Waits until the log has grown to its end; how many events it has.
fn wait_until_all_have_places(demo: &Demo) -> Result<f64> {
    let path = format!("/api/v1/workspaces/{}/record?limit=1", demo.workspace);
    let began = Instant::now();
    loop {
        let newest = super::http::api(demo.process.port, &demo.token, &path)?;
        // Events of one millisecond stand in the order of their places: the newest has the last one.
        if let Some(place) = newest.pointer("/items/0/place").and_then(serde_json::Value::as_f64) {
            return Ok(place + 1.0);
        }
        if began.elapsed() > PATIENCE {
            bail!("events wait for their places for {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn requests(demo: &Demo) -> Result<Vec<(String, Request)>> {
    let (port, workspace) = (demo.process.port, &demo.workspace);
    let api = format!("/api/v1/workspaces/{workspace}");
    let first = super::http::api(port, &demo.token, &format!("{api}/settings/history?limit=1"))?;
    let id = first.pointer("/items/0/id").and_then(serde_json::Value::as_str);
    let id = id.context("the workspace has no history")?;
    let members = super::http::api(port, &demo.token, &format!("{api}/members?limit=1"))?;
    let member = members.pointer("/items/0/id").and_then(serde_json::Value::as_str);
    let member = member.context("no member")?;
    let receipt = Request {
        port,
        method: "GET",
        path: format!("{api}/ledger/receipts/{id}"),
        authorization: Some(format!("Bearer {}", demo.token)),
        ..Request::default()
    };
    let cookie = demo.sign_in()?;
    let page = |query: &str| Request {
        port,
        method: "GET",
        path: format!("/w/{workspace}/record{query}"),
        cookie: Some(cookie.clone()),
        ..Request::default()
    };
    Ok(vec![
        ("a receipt".to_owned(), receipt),
        ("the page".to_owned(), page("")),
        ("the page, of a person".to_owned(), page(&format!("?member={member}"))),
        ("the page, what is rare".to_owned(), page("?part=workspace")),
    ])
}

/// Commands that reach a workspace need one.
fn open_run_book(bench: &Bench, folder: &Folder) -> Result<()> {
    let command = |words: &[&str]| {
        let mut command = Command::new(&bench.program);
        command.arg("--data").arg(folder.path()).args(words);
        command
    };
    let said = run::answer(&mut command(&["operator", "add", "Bench"]));
    let said = said.context("timeproof operator add failed")?;
    let secret = said.lines().next().and_then(|line| line.split_whitespace().next_back());
    let secret = secret.context("no secret was printed")?;
    let words =
        ["run-book", "open", "--as", "Bench", "--reason", "A benchmark", "--ticket", "BENCH-1"];
    let mut open = command(&words);
    open.env("TIMEPROOF_OPERATOR_SECRET", secret);
    run::answer(&mut open).context("timeproof run-book open failed").map(drop)
}

/// Exports a workspace and checks the export; its rows, and how long the check takes.
fn verify(bench: &Bench, folder: &Folder, workspace: &str) -> Result<(String, f64)> {
    open_run_book(bench, folder)?;
    let to = Folder::new(&bench.folder, "export")?;
    let mut export = server(&bench.program, Some("export"), folder.path(), 0);
    export.arg(workspace).arg("--to").arg(to.path());
    run::answer(&mut export).context("timeproof export failed")?;
    let mut said = String::new();
    let mut seconds = Vec::new();
    for _ in 0..3 {
        let mut tp = Command::new(&bench.tp);
        tp.arg("verify").arg(to.path()).arg("--json");
        let began = Instant::now();
        said = run::answer(&mut tp).context("tp verify failed")?;
        seconds.push(began.elapsed().as_secs_f64());
    }
    let verdict: serde_json::Value = serde_json::from_str(&said)?;
    let rows = verdict.pointer("/rows").and_then(serde_json::Value::as_f64).context("no rows")?;
    Ok((whole(rows), super::median(seconds)))
}

//! What a person waits for, in workspaces of growing size: it should not grow with them.

use anyhow::{Context, Result, bail};

use super::{
    Bench,
    process::{Database, Demo, Folder, server},
    table::{Table, ms, verdict, whole},
    wrk::{Load, Request, load},
};
use crate::run;

/// How much slower than in the smallest workspace.
const MOST_GROWTH: f64 = 1.3;

struct Measured {
    entries: u32,
    today: Load,
    week: Load,
    size_mib: f64,
}

type Page = (&'static str, fn(&Measured) -> Load);

pub(super) fn measure(bench: &Bench) -> Result<Table> {
    let sizes: &[u32] =
        if bench.is_quick { &[10_000, 100_000] } else { &[10_000, 100_000, 1_000_000] };
    let measured = sizes.iter().map(|entries| at(bench, *entries)).collect::<Result<Vec<_>>>()?;
    let head =
        ["entries in the workspace", "page", "median", "99 of 100 within", "growth", "database"];
    let mut table = Table::new("Reading as the workspace grows", &head);
    let pages: [Page; 2] = [("Today", |m| m.today), ("a member's week (API)", |m| m.week)];
    let mut worst: f64 = 1.0;
    for (name, page) in pages {
        let smallest = measured.first().map(page).context("nothing was measured")?;
        for one in &measured {
            let (load, growth) = (page(one), page(one).median_us / smallest.median_us);
            worst = worst.max(growth);
            table.row([
                whole(f64::from(one.entries)),
                name.to_owned(),
                ms(load.median_us),
                ms(load.p99_us),
                format!("{growth:.2}"),
                format!("{} MiB", whole(one.size_mib)),
            ]);
        }
    }
    table.note(format!(
        "Growth is of the median, against the smallest workspace; at most {MOST_GROWTH} is {}.",
        verdict(worst <= MOST_GROWTH)
    ));
    table.note(format!(
        "Made with wrk on one connection, {} s each after {} s to warm up, on SQLite.",
        bench.seconds, bench.warm_up
    ));
    table.note(
        "The entries are the demo's and more of the same kind (`timeproof seed`): 8 people up to \
         100,000 entries and 50 people for a million, each with up to ten years of work, so that one \
         person's week holds as much in each of them.",
    );
    Ok(table)
}

fn at(bench: &Bench, entries: u32) -> Result<Measured> {
    super::say(&format!("a workspace of {entries} entries"));
    let folder = Folder::new(&bench.folder, "reading")?;
    let mut seed = server(&bench.program, Some("seed"), folder.path(), 0);
    seed.arg("--entries").arg(entries.to_string());
    if run::answer(&mut seed).is_none() {
        bail!("timeproof seed --entries {entries} failed");
    }
    let demo = Demo::start(&bench.program, folder.path(), &Database::Sqlite)?;
    let (port, workspace) = (demo.process.port, &demo.workspace);
    let api = format!("/api/v1/workspaces/{workspace}");
    let me = super::http::api(port, &demo.token, &format!("{api}/time-entries?limit=1"))?;
    let text = |pointer: &str| me.pointer(pointer).and_then(serde_json::Value::as_str);
    let member = text("/items/0/member_id").context("no entry")?;
    let last = text("/items/0/day").context("no entry")?;
    let first = week_before(last)?;
    let today = Request {
        port,
        method: "GET",
        path: format!("/w/{workspace}/today"),
        cookie: Some(demo.sign_in()?),
        ..Request::default()
    };
    let week = Request {
        port,
        method: "GET",
        path: format!("{api}/time-entries?first={first}&last={last}&member_id={member}&limit=200"),
        authorization: Some(format!("Bearer {}", demo.token)),
        ..Request::default()
    };
    let run = |request: &Request| {
        load(&bench.folder, request, 1, bench.warm_up)?;
        load(&bench.folder, request, 1, bench.seconds)
    };
    Ok(Measured { entries, today: run(&today)?, week: run(&week)?, size_mib: folder.size_mib()? })
}

/// The day six days before, so that both make a week.
fn week_before(day: &str) -> Result<String> {
    let mut command = std::process::Command::new("date");
    let answer =
        run::answer(command.args(["--utc", "+%F", "--date"]).arg(format!("{day} 6 days ago")));
    answer.with_context(|| format!("date cannot count from {day}"))
}

//! Durable creation of entries beside the yardstick: what of an echo's speed is left when every
//! answer is sealed, recorded and on the disk.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::json;

use super::{
    Bench,
    postgres::Cluster,
    process::{Database, Demo, Folder, Process, free_port},
    table::{Table, ms, verdict, whole},
    wrk::{Load, Request, load},
};

const CONNECTIONS: [u32; 3] = [1, 16, 64];

/// Each row is measured so often, in turns with the others, so that a machine that is slower for a
/// while is slower for all of them.
const ROUNDS: u32 = 5;

/// What the fastest rival reaches without being durable, and what we want to reach.
const FLOOR: f64 = 1.0 / 7.0;
const GOAL: f64 = 1.0 / 4.0;

/// Memory after a load.
pub(super) struct Loaded {
    pub(super) idle_mib: f64,
    pub(super) loaded_mib: f64,
}

pub(super) fn measure(bench: &Bench) -> Result<(Table, Loaded)> {
    let cluster = Cluster::start()?;
    let contenders = [
        yardstick(bench)?,
        entries(bench, "entry, SQLite", &Database::Sqlite, "creation-sqlite")?,
        entries(
            bench,
            "entry, PostgreSQL 15",
            &Database::Postgres(cluster.url.clone()),
            "creation-postgres",
        )?,
    ];
    let sqlite = contenders.get(1).context("no server on SQLite")?;
    std::thread::sleep(super::SETTLE);
    let idle_mib = sqlite.process.resident_mib()?;

    let head = ["", "connections", "a second", "median", "99 of 100 within", "of the echo"];
    let mut table = Table::new("Creation of entries", &head);
    let mut share = None;
    for connections in CONNECTIONS {
        super::say(&format!("entries on {connections} connections"));
        let rounds = rounds(bench, &contenders, connections)?;
        for (at, contender) in contenders.iter().enumerate() {
            table.row(row(contender.name, connections, &rounds, at));
        }
        // The last one is at the most connections.
        share = Some(median_share(&rounds, 1));
    }
    let loaded_mib = sqlite.process.resident_mib()?;
    let share = share.context("no figure at 64 connections")?;
    table.note(format!(
        "SQLite at 64 connections reaches 1/{:.1} of the yardstick: a seventh is {}, the goal of a \
         quarter is {}.",
        1.0 / share,
        verdict(share >= FLOOR),
        verdict(share >= GOAL),
    ));
    table.note(format!(
        "Made with wrk (one thread) over loopback, servers and load on the same machine: after {} s \
         to warm up, {ROUNDS} rounds of {} s, in turns with the other rows of as many connections. \
         Each figure is the median of its rounds; the share is the median of each round's share.",
        bench.warm_up,
        round_seconds(bench)
    ));
    table.note(
        "The yardstick (`crates/server/src/bin/yardstick.rs`) is axum alone: it reads the same body \
         and writes it back.",
    );
    table.note(
        "Each entry is a `POST` with note, project, start and end, without an id, by a token, in one \
         workspace (the demo): the answer comes when note and history are sealed, and the disk has \
         flushed. PostgreSQL runs as Debian sets it up, `fsync` on, on the same disk.",
    );
    Ok((table, Loaded { idle_mib, loaded_mib }))
}

/// A server under a request.
pub(super) struct Contender {
    name: &'static str,
    pub(super) request: Request,
    process: Process,
    /// Its data, removed at the end.
    folder: Folder,
}

impl Contender {
    /// The number of its workspace, as names of schemas have it.
    pub(super) fn workspace(&self) -> Result<String> {
        let path = self.request.path.strip_prefix("/api/v1/workspaces/");
        let id = path.and_then(|rest| rest.split('/').next());
        Ok(id.context("a request of no workspace")?.replace('-', ""))
    }

    /// Processor time that the server has taken so far, seconds.
    pub(super) fn processor_s(&self) -> Result<f64> {
        self.process.processor_s()
    }

    /// Where its data is.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn yardstick(bench: &Bench) -> Result<Contender> {
    let port = free_port()?;
    let folder = Folder::new(&bench.folder, "yardstick")?;
    let mut command = Command::new(&bench.yardstick);
    let process = Process::start(command.arg(port.to_string()), port, "/")?;
    let request = Request {
        port: process.port,
        method: "POST",
        path: "/echo".to_owned(),
        body: Some(body("0193b0a0-0000-7000-8000-000000000001")),
        ..Request::default()
    };
    Ok(Contender { name: "yardstick: echo of JSON", request, process, folder })
}

/// A server with the demo, and the request that adds an entry to it.
pub(super) fn entries(
    bench: &Bench,
    name: &'static str,
    database: &Database,
    place: &str,
) -> Result<Contender> {
    let folder = Folder::new(&bench.folder, place)?;
    // The data is made by another process, so that memory is that of serving alone.
    drop(Demo::start(&bench.program, folder.path(), database)?);
    let demo = Demo::start(&bench.program, folder.path(), database)?;
    let projects = format!("/api/v1/workspaces/{}/projects", demo.workspace);
    let projects = super::http::api(demo.process.port, &demo.token, &projects)?;
    let listed = projects.pointer("/items").and_then(serde_json::Value::as_array);
    let open = listed.and_then(|listed| listed.iter().find(|project| project["archived"] == false));
    let project = open.and_then(|project| project.pointer("/id")?.as_str());
    let request = Request {
        port: demo.process.port,
        method: "POST",
        path: format!("/api/v1/workspaces/{}/time-entries", demo.workspace),
        body: Some(body(project.context("the demo has no project")?)),
        authorization: Some(format!("Bearer {}", demo.token)),
        ..Request::default()
    };
    Ok(Contender { name, request, process: demo.process, folder })
}

/// What each contender did in each round.
fn rounds(bench: &Bench, contenders: &[Contender], connections: u32) -> Result<Vec<Vec<Load>>> {
    let measure = |seconds: u32| -> Result<Vec<Load>> {
        let each = contenders.iter();
        each.map(|one| load(&bench.folder, &one.request, connections, seconds)).collect()
    };
    measure(bench.warm_up)?;
    (0..ROUNDS).map(|_| measure(round_seconds(bench))).collect()
}

/// The rounds of a row together take as long as a row of the other tables, or a little longer.
fn round_seconds(bench: &Bench) -> u32 {
    bench.seconds.div_ceil(ROUNDS)
}

fn row(name: &str, connections: u32, rounds: &[Vec<Load>], at: usize) -> [String; 6] {
    let figure = |of: fn(&Load) -> f64| {
        super::median(rounds.iter().filter_map(|round| round.get(at)).map(of).collect())
    };
    [
        name.to_owned(),
        connections.to_string(),
        whole(figure(|load| load.per_second)),
        ms(figure(|load| load.median_us)),
        ms(figure(|load| load.p99_us)),
        format!("1/{:.1}", 1.0 / median_share(rounds, at)),
    ]
}

/// A contender's rate as a share of the yardstick's, which is the first, in the same round.
fn median_share(rounds: &[Vec<Load>], at: usize) -> f64 {
    let shares = rounds.iter().filter_map(|round| {
        let (echo, load) = (round.first()?, round.get(at)?);
        Some(load.per_second / echo.per_second)
    });
    super::median(shares.collect())
}

/// Half an hour's work, as a client sends it.
fn body(project: &str) -> String {
    json!({
        "note": "Review the quarterly forecast",
        "project_id": project,
        "started_at": "2026-06-01T09:00:00Z",
        "stopped_at": "2026-06-01T09:30:00Z",
    })
    .to_string()
}

//! Durable creation of entries beside the yardstick: what of an echo's speed is left when every
//! answer is sealed, recorded and on the disk.

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

/// What the fastest rival reaches without being durable, and what we want to reach.
const FLOOR: f64 = 1.0 / 7.0;
const GOAL: f64 = 1.0 / 4.0;

/// Memory after a load.
pub(super) struct Loaded {
    pub(super) idle_mib: f64,
    pub(super) loaded_mib: f64,
}

pub(super) fn measure(bench: &Bench) -> Result<(Table, Loaded)> {
    let yardstick = yardstick(bench)?;
    let (sqlite, loaded) = creation(bench, &Database::Sqlite)?;
    let cluster = Cluster::start()?;
    let (postgres, _) = creation(bench, &Database::Postgres(cluster.url.clone()))?;
    drop(cluster);

    let head = ["", "connections", "a second", "median", "99 of 100 within", "of the echo"];
    let mut table = Table::new("Creation of entries", &head);
    rows(&mut table, "yardstick: echo of JSON", &yardstick, &yardstick);
    rows(&mut table, "entry, SQLite", &sqlite, &yardstick);
    rows(&mut table, "entry, PostgreSQL 15", &postgres, &yardstick);
    let ratio = share(&sqlite, &yardstick).context("no figure at 64 connections")?;
    table.note(format!(
        "SQLite at 64 connections reaches 1/{:.1} of the yardstick: a seventh is {}, the goal of a \
         quarter is {}.",
        1.0 / ratio,
        verdict(ratio >= FLOOR),
        verdict(ratio >= GOAL),
    ));
    table.note(format!(
        "Made with wrk (one thread, {} s a row, after {} s to warm up) over loopback, server and \
         load on the same machine.",
        bench.seconds, bench.warm_up
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
    Ok((table, loaded))
}

fn rows(table: &mut Table, name: &str, loads: &[Load], yardstick: &[Load]) {
    for ((connections, load), echo) in CONNECTIONS.iter().zip(loads).zip(yardstick) {
        table.row([
            name.to_owned(),
            connections.to_string(),
            whole(load.per_second),
            ms(load.median_us),
            ms(load.p99_us),
            format!("1/{:.1}", echo.per_second / load.per_second),
        ]);
    }
}

/// At the most connections.
fn share(loads: &[Load], yardstick: &[Load]) -> Option<f64> {
    Some(loads.last()?.per_second / yardstick.last()?.per_second)
}

fn yardstick(bench: &Bench) -> Result<Vec<Load>> {
    super::say("the yardstick");
    let port = free_port()?;
    let mut command = Command::new(&bench.yardstick);
    let process = Process::start(command.arg(port.to_string()), port, "/")?;
    let request = Request {
        port: process.port,
        method: "POST",
        path: "/echo".to_owned(),
        body: Some(body("0193b0a0-0000-7000-8000-000000000001")),
        ..Request::default()
    };
    run(bench, &request)
}

fn creation(bench: &Bench, database: &Database) -> Result<(Vec<Load>, Loaded)> {
    super::say(match database {
        Database::Sqlite => "entries on SQLite",
        Database::Postgres(_) => "entries on PostgreSQL",
    });
    let folder = Folder::new(&bench.folder, "creation")?;
    // The data is made by another process, so that memory is that of serving alone.
    drop(Demo::start(&bench.program, folder.path(), database)?);
    let demo = Demo::start(&bench.program, folder.path(), database)?;
    std::thread::sleep(super::SETTLE);
    let idle_mib = demo.process.resident_mib()?;
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
    let loads = run(bench, &request)?;
    let loaded_mib = demo.process.resident_mib()?;
    Ok((loads, Loaded { idle_mib, loaded_mib }))
}

fn run(bench: &Bench, request: &Request) -> Result<Vec<Load>> {
    CONNECTIONS
        .iter()
        .map(|connections| {
            load(&bench.folder, request, *connections, bench.warm_up)?;
            load(&bench.folder, request, *connections, bench.seconds)
        })
        .collect()
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

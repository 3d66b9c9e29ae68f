//! What the ledger costs a write, and how far its head is behind when everything is written at once.
//!
//! The same server twice, with the same load: one of them has a rule in its database by which no event
//! waits for a place, so that nothing is sequenced either. The program is the same; the statement that
//! notes the waiting is still sent there, so what it takes to send one that does nothing is measured
//! beside, and told.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use super::{
    Bench,
    creation::{self, Contender},
    postgres::Cluster,
    process::Database,
    table::{Table, ms, verdict, whole},
    wrk::{Load, load},
};
use crate::run;

const CONNECTIONS: [u32; 2] = [1, 16];

const ROUNDS: u32 = 5;

/// Of a write.
const GOAL_ADDED: f64 = 0.15;

/// From the act to the signed head.
const GOAL_LAG_S: f64 = 5.0;

/// Writes of a workspace that are at PostgreSQL at once; further ones wait in the server.
const MOST_WRITING: u32 = 4;

/// Writers at once, at full load.
const WRITERS: u32 = 64;

const SQLITE: &str = include_str!("sqlite.py");
const UNLEDGERED: [&str; 2] =
    [include_str!("unledgered_sqlite.sql"), include_str!("unledgered_postgres.sql")];
const LAG: &str = include_str!("head_lag.sql");
const PLACE: &str = include_str!("place.sql");
const EMPTY: &str = include_str!("empty.sql");

/// An engine, with a server that has a ledger and one that has none.
struct Pair {
    name: &'static str,
    database: [Database; 2],
    with: Contender,
    without: Contender,
}

pub(super) fn measure(bench: &Bench) -> Result<[Table; 2]> {
    let clusters = [Cluster::start()?, Cluster::start_another()?];
    let postgres = clusters.each_ref().map(|one| Database::Postgres(one.url.clone()));
    let mut share = Table::new(
        "What the ledger adds to a write",
        &[
            "",
            "connections",
            "without",
            "with",
            "a write takes",
            "a statement that does nothing",
            "processor time without",
            "with",
            "more",
        ],
    );
    let mut lag = Table::new(
        "The head at full load",
        &["", "writers", "events a second", "from act to head, at most"],
    );
    let (mut most, mut longest): (f64, f64) = (0.0, 0.0);
    for (name, databases) in
        [("SQLite", [Database::Sqlite, Database::Sqlite]), ("PostgreSQL 15", postgres)]
    {
        super::say(&format!("the ledger's share of a write, {name}"));
        let pair = Pair::start(bench, name, databases)?;
        pair.forget_ledger()?;
        for connections in CONNECTIONS {
            let added = pair.share(bench, connections, &mut share)?;
            most = most.max(added);
        }
        super::say(&format!("the head at full load, {name}"));
        longest = longest.max(pair.lag(bench, &mut lag)?);
    }
    share.note(format!(
        "At most {:.0} % more a write is {}.",
        GOAL_ADDED * 100.0,
        verdict(most <= GOAL_ADDED)
    ));
    share.note(format!(
        "The same program twice, in turns, {ROUNDS} rounds of {} s with wrk after {} s to warm up: the one \
         without has a rule in its database by which no event waits for a place (`xtask/src/bench/*.sql`), \
         and so nothing to sequence. Figures are entries a second, medians of the rounds; what a write takes \
         more is the median of each round's share. The statement that notes the waiting is sent by both: \
         what sending one takes that does nothing, by as many at once as write, is told beside, as a share of a \
         write, and is part of what is compared with the goal.",
        bench.seconds.div_ceil(ROUNDS),
        bench.warm_up
    ));
    share.note(
        "Processor time is the server's alone, an entry, over all rounds and until the last event has its \
         place: it says what the ledger costs also where others use the machine meanwhile. Of PostgreSQL the \
         database's own is not in it.",
    );
    lag.note(format!("At most {GOAL_LAG_S:.0} s is {}.", verdict(longest <= GOAL_LAG_S)));
    lag.note(format!(
        "Of all events of {} s of load the one that waited longest, from the beginning of its request to the \
         time in the head that it is under.",
        load_seconds(bench)
    ));
    Ok([share, lag])
}

impl Pair {
    fn start(bench: &Bench, name: &'static str, database: [Database; 2]) -> Result<Self> {
        let [first, second] = &database;
        let with = creation::entries(bench, name, first, "ledger-with")?;
        let without = creation::entries(bench, name, second, "ledger-without")?;
        Ok(Self { name, database, with, without })
    }

    /// Takes the ledger away from the second server.
    fn forget_ledger(&self) -> Result<()> {
        let [_, database] = &self.database;
        let [sqlite, postgres] = UNLEDGERED;
        match database {
            Database::Sqlite => sql_on_file(&self.without, sqlite).map(drop),
            Database::Postgres(url) => sql_on_postgres(url, postgres).map(drop),
        }
    }

    /// What a write takes more with a ledger; a row of it.
    fn share(&self, bench: &Bench, connections: u32, table: &mut Table) -> Result<f64> {
        let seconds = bench.seconds.div_ceil(ROUNDS);
        let both = |seconds| -> Result<[Load; 2]> {
            let run = |one: &Contender| load(&bench.folder, &one.request, connections, seconds);
            Ok([run(&self.without)?, run(&self.with)?])
        };
        both(bench.warm_up)?;
        let before = self.processor_s()?;
        let rounds = (0..ROUNDS).map(|_| both(seconds)).collect::<Result<Vec<_>>>()?;
        // Until what came last has its place as well.
        std::thread::sleep(super::SETTLE);
        let after = self.processor_s()?;
        let entries =
            |of: fn(&[Load; 2]) -> f64| rounds.iter().map(of).sum::<f64>() * f64::from(seconds);
        let spent = (
            (after.0 - before.0) / entries(|[without, _]| without.per_second) * 1e6,
            (after.1 - before.1) / entries(|[_, with]| with.per_second) * 1e6,
        );
        let rate = |at: usize| {
            let rates = rounds.iter().filter_map(|round| round.get(at));
            super::median(rates.map(|load| load.per_second).collect())
        };
        let more = rounds.iter().map(|[without, with]| without.per_second / with.per_second - 1.0);
        let more = super::median(more.collect());
        let empty = rate(0) / self.empty_per_second(connections)?;
        table.row([
            self.name.to_owned(),
            connections.to_string(),
            whole(rate(0)),
            whole(rate(1)),
            format!("{:+.1} %", more * 100.0),
            format!("{:.1} %", empty * 100.0),
            format!("{:.0} µs", spent.0),
            format!("{:.0} µs", spent.1),
            format!("{:+.1} %", (spent.1 / spent.0 - 1.0) * 100.0),
        ]);
        Ok(more + empty)
    }

    /// What both have taken so far, the one without first.
    fn processor_s(&self) -> Result<(f64, f64)> {
        Ok((self.without.processor_s()?, self.with.processor_s()?))
    }

    /// How many statements that do nothing can be sent in a second, by as many as write at once; on SQLite
    /// they are not sent anywhere.
    fn empty_per_second(&self, connections: u32) -> Result<f64> {
        let [_, Database::Postgres(url)] = &self.database else { return Ok(f64::INFINITY) };
        let script = self.without.folder().join("empty.sql");
        std::fs::write(&script, EMPTY)?;
        let clients = connections.min(MOST_WRITING).to_string();
        let mut pgbench = Command::new("pgbench");
        pgbench.args(["--no-vacuum", "--protocol=prepared", "--time=2", "--client", &clients]);
        pgbench.args(["--jobs", &clients, "--file"]).arg(&script);
        let said = run::answer(pgbench.arg(url)).context("pgbench failed")?;
        let line = said.lines().find_map(|line| line.strip_prefix("tps = "));
        let figure =
            line.and_then(|line| line.split(' ').next()).context("pgbench said nothing")?;
        Ok(figure.parse()?)
    }

    /// How long the last of all events waited for its head at full load, in seconds; a row of it.
    #[expect(clippy::disallowed_methods, reason = "since when the load goes on, the clock says")]
    fn lag(&self, bench: &Bench, table: &mut Table) -> Result<f64> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros();
        let loaded = load(&bench.folder, &self.with.request, WRITERS, load_seconds(bench))?;
        // Until what came last has its place as well.
        std::thread::sleep(super::SETTLE * 2);
        let question = LAG.replace("$since", &since.to_string());
        let answer = match &self.database {
            [Database::Sqlite, _] => sql_on_file(&self.with, &question)?,
            [Database::Postgres(url), _] => {
                let places = PLACE.replace("$workspace", &self.with.workspace()?);
                sql_on_postgres(url, &(places + &question))?
            }
        };
        let seconds = answer.trim().parse::<f64>().context("no event has a place")? / 1e6;
        table.row([
            self.name.to_owned(),
            WRITERS.to_string(),
            whole(loaded.per_second),
            ms(seconds * 1e6),
        ]);
        Ok(seconds)
    }
}

fn load_seconds(bench: &Bench) -> u32 {
    bench.seconds * 2
}

/// Runs a text in the file of a server's workspace.
fn sql_on_file(server: &Contender, sql: &str) -> Result<String> {
    let file = workspace_file(server.folder())?;
    let mut python = Command::new("python3");
    python.args(["-c", SQLITE]).arg(file);
    spoken(&mut python, sql)
}

/// Runs a text in the schema of the workspace.
fn sql_on_postgres(url: &str, sql: &str) -> Result<String> {
    let mut psql = Command::new("psql");
    psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--set=ON_ERROR_STOP=1"]).arg(url);
    spoken(&mut psql, sql)
}

/// What a program answers to a text.
fn spoken(command: &mut Command, text: &str) -> Result<String> {
    use std::io::Write;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().context("no standard input")?.write_all(text.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("{command:?} failed");
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The file of the one workspace.
fn workspace_file(data: &Path) -> Result<PathBuf> {
    for shard in std::fs::read_dir(data.join("workspaces"))? {
        for file in std::fs::read_dir(shard?.path())? {
            let path = file?.path();
            if path.extension().is_some_and(|kind| kind == "db") {
                return Ok(path);
            }
        }
    }
    bail!("no workspace below {}", data.display())
}

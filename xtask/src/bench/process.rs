//! The programs that are measured: started, awaited, looked at, and ended whatever happens.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::http;

/// How long a program may take until it serves.
const PATIENCE: Duration = Duration::from_mins(2);

/// In which Linux tells processor time.
const TICKS_A_SECOND: f64 = 100.0;

/// A running program; ended when this is dropped.
pub(super) struct Process {
    child: Child,
    pub(super) port: u16,
    /// From before the process was made until the first answer.
    pub(super) start_ms: f64,
    lines: mpsc::Receiver<String>,
}

/// The server with the demo, and the ways into it.
pub(super) struct Demo {
    pub(super) process: Process,
    pub(super) token: String,
    pub(super) workspace: String,
    link: String,
}

/// Which databases a server uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Database {
    Sqlite,
    Postgres(String),
}

impl Process {
    /// Starts a program and waits for its first answer.
    pub(super) fn start(command: &mut Command, port: u16, path: &str) -> Result<Self> {
        let began = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        let (sender, lines) = mpsc::channel();
        let mut process = Self { child, port, start_ms: 0.0, lines };
        if let Some(output) = process.child.stdout.take() {
            // Read to its end, so that the program never waits for us.
            thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    drop(sender.send(line));
                }
            });
        }
        while http::ask(port, "GET", path, &[], "").is_err() {
            if let Some(status) = process.child.try_wait()? {
                bail!("{command:?} ended: {status}");
            }
            if began.elapsed() > PATIENCE {
                bail!("{command:?} does not answer");
            }
            thread::sleep(Duration::from_micros(500));
        }
        process.start_ms = began.elapsed().as_secs_f64() * 1e3;
        Ok(process)
    }

    /// What follows a prefix on one of the printed lines.
    fn printed(&self, prefix: &str) -> Result<String> {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.with_context(|| format!("nothing was printed after {prefix:?}"))?;
            if let Some(rest) = line.strip_prefix(prefix) {
                return Ok(rest.to_owned());
            }
        }
    }

    /// Processor time it has taken so far, seconds.
    pub(super) fn processor_s(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name, in brackets, may hold spaces; user and system time are the 12th and 13th after it.
        let rest = stat.rsplit_once(')').context("no name")?.1;
        let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? / TICKS_A_SECOND)
    }

    /// Memory in use, MiB.
    pub(super) fn resident_mib(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib: f64 = kib.context("no VmRSS")?.trim().trim_end_matches(" kB").parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        // A polite end, so that the next start measures no recovery.
        drop(Command::new("kill").args(["-TERM", &pid]).status());
        for _ in 0..150 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Demo {
    /// Starts `timeproof demo` on a folder, made anew where there is none.
    pub(super) fn start(program: &Path, data: &Path, database: &Database) -> Result<Self> {
        let port = free_port()?;
        let mut command = server(program, Some("demo"), data, port);
        if let Database::Postgres(url) = database {
            command.arg("--database-url").arg(url);
        }
        let process = Process::start(&mut command, port, "/healthz")?;
        let link = process.printed("Sign in: ")?;
        let token = process.printed("API token: ")?;
        let known = http::api(port, &token, "/api/v1/workspaces")?;
        let workspace = known.pointer("/items/0/id").and_then(serde_json::Value::as_str);
        let workspace = workspace.with_context(|| format!("no workspace: {known}"))?.to_owned();
        Ok(Self { process, token, workspace, link })
    }

    /// Signs in by the printed link, and gives the cookies.
    pub(super) fn sign_in(&self) -> Result<String> {
        let port = self.process.port;
        let path = self.link.find("/enter/").and_then(|at| self.link.get(at..));
        let path = path.with_context(|| format!("no path in {}", self.link))?;
        let shown = http::ask(port, "GET", path, &[], "")?;
        let csrf = shown.body.split_once("name=\"csrf\" value=\"");
        let csrf = csrf.and_then(|(_, rest)| rest.split_once('"')).map(|(value, _)| value);
        let csrf = csrf.context("the page of the link holds no form")?;
        let headers = [
            ("origin", format!("http://localhost:{port}")),
            ("cookie", cookies(&shown)),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let entered = http::ask(port, "POST", path, &headers, &format!("csrf={csrf}"))?;
        if entered.status != 303 {
            bail!("signing in: {}: {}", entered.status, entered.body);
        }
        Ok(cookies(&entered))
    }
}

/// The cookies that an answer sets, to be sent back.
fn cookies(answer: &http::Answer) -> String {
    let set = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
    let pairs = set.filter_map(|(_, value)| value.split(';').next());
    pairs.collect::<Vec<_>>().join("; ")
}

/// `timeproof`, with its log turned down to warnings.
pub(super) fn server(program: &Path, subcommand: Option<&str>, data: &Path, port: u16) -> Command {
    let mut command = Command::new(program);
    command.args(subcommand).arg("--data").arg(data).args(["--log", "warn"]);
    command.arg("--port").arg(port.to_string());
    command
}

pub(super) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A folder below the target folder, which is on a disk and not in memory; removed when dropped.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(parent: &Path, name: &str) -> Result<Self> {
        let path = parent.join(name);
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn size_mib(&self) -> Result<f64> {
        let size = crate::run::answer(Command::new("du").arg("-sk").arg(&self.0));
        let size = size.as_deref().and_then(|text| text.split_whitespace().next());
        Ok(size.context("du")?.parse::<f64>()? / 1024.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Reads what a reader gives, at most so many bytes; for `/proc`.
pub(super) fn read_text(path: &str) -> String {
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(1 << 16).read_to_string(&mut text));
    drop(read);
    text
}

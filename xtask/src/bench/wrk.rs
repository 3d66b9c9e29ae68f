//! The load: wrk, of Debian.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run;

const SCRIPT: &str = include_str!("load.lua");

/// A request that is sent over and over.
#[derive(Debug, Clone, Default)]
pub(super) struct Request {
    pub(super) port: u16,
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Option<String>,
    pub(super) authorization: Option<String>,
    pub(super) cookie: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Load {
    pub(super) per_second: f64,
    pub(super) median_us: f64,
    pub(super) p99_us: f64,
}

/// Sends a request on so many connections at once, for so many seconds.
///
/// Errors: an answer that is not a success, a connection that broke: figures of such a run mean
/// nothing.
pub(super) fn load(
    folder: &Path,
    request: &Request,
    connections: u32,
    seconds: u32,
) -> Result<Load> {
    let script = folder.join("load.lua");
    std::fs::write(&script, SCRIPT)?;
    // One thread drives more than this server answers, and leaves the rest of the machine to it.
    let mut command = Command::new("wrk");
    command
        .args(["--threads=1", "--timeout=10s"])
        .arg(format!("--connections={connections}"))
        .arg(format!("--duration={seconds}s"))
        .arg(format!("--script={}", script.display()))
        .arg(format!("http://127.0.0.1:{}{}", request.port, request.path))
        .env("BENCH_METHOD", request.method)
        .env("BENCH_HOST", format!("localhost:{}", request.port));
    if let Some(body) = &request.body {
        command.env("BENCH_BODY", body).env("BENCH_CONTENT_TYPE", "application/json");
    }
    if let Some(authorization) = &request.authorization {
        command.env("BENCH_AUTHORIZATION", authorization);
    }
    if let Some(cookie) = &request.cookie {
        command.env("BENCH_COOKIE", cookie);
    }
    let output = run::answer(&mut command).context("wrk failed")?;
    read(&output)
}

fn read(output: &str) -> Result<Load> {
    let line = output.lines().find_map(|line| line.strip_prefix("BENCH "));
    let line = line.with_context(|| format!("wrk said: {output}"))?;
    let number = |wanted: &str| -> Result<f64> {
        let mut pairs = line.split(' ').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(name, _)| *name == wanted);
        Ok(found.with_context(|| format!("wrk did not say {wanted}: {line}"))?.1.parse()?)
    };
    if number("refused")? > 0.0 || number("broken")? > 0.0 || number("requests")? < 1.0 {
        bail!("not every request was answered well: {line}");
    }
    Ok(Load {
        per_second: number("requests")? / number("microseconds")? * 1e6,
        median_us: number("median")?,
        p99_us: number("p99")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_and_errors_are_errors() {
        let line = "Running\nBENCH requests=500 microseconds=250000 median=90 p99=400 longest=900 refused=0 broken=0\n";
        let load = read(line).unwrap();
        assert!((load.per_second - 2000.0).abs() < 1e-6);
        assert!((load.p99_us - 400.0).abs() < 1e-6);
        assert!(read(&line.replace("refused=0", "refused=1")).is_err());
        assert!(read(&line.replace("requests=500", "requests=0")).is_err());
        assert!(read("Killed").is_err());
    }
}

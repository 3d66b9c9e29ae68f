//! What the tests need and a fresh Debian 12 lacks: installed when missing, left alone when there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run;
use crate::test::Engine;

const POSTGRES: &str = "/usr/lib/postgresql/15/bin/postgres";
const CHROMIUM: &str = "/usr/bin/chromium";
const AIOSMTPD: &str = "1.4.6";
const CARGO_DENY: &str = "0.20.2";
/// The oldest Node.js that playwright-core runs on; Debian 12 has 18.
const NODE_MAJOR: u32 = 20;

/// A program that is missing, and the Debian packages that bring it.
struct Wanted {
    here: bool,
    packages: &'static [&'static str],
}

/// Debian packages: one `apt-get update`, one `apt-get install`, none of either if all is there.
pub(crate) fn debian_packages(engine: Engine, browser: bool) -> Result<()> {
    let wanted = [
        Wanted {
            here: engine == Engine::Sqlite || Path::new(POSTGRES).exists(),
            packages: &["postgresql-15"],
        },
        Wanted { here: !browser || Path::new(CHROMIUM).exists(), packages: &["chromium"] },
        Wanted { here: !browser || answers("npm", "--version"), packages: &["nodejs", "npm"] },
        Wanted { here: can_make_venv(), packages: &["python3", "python3-venv"] },
        // It guesses passwords in the tests of the lock-out.
        Wanted { here: starts("hydra"), packages: &["hydra"] },
    ];
    let packages: Vec<&str> =
        wanted.iter().filter(|w| !w.here).flat_map(|w| w.packages).copied().collect();
    if packages.is_empty() {
        return Ok(());
    }
    let by_hand = format!(
        "apt-get update && apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    let install = ["install", "-y", "--no-install-recommends"];
    let done = apt_get(&["update"])
        .and_then(|()| apt_get(&install.iter().chain(&packages).copied().collect::<Vec<_>>()));
    done.with_context(|| format!("install this as root, then run again:\n    {by_hand}"))
}

/// Whether a program is there; what it answers without arguments does not matter.
fn starts(program: &str) -> bool {
    Command::new(program).output().is_ok()
}

/// The load driver of `cargo xtask bench`.
pub(crate) fn wrk() -> Result<()> {
    // It has no option that succeeds without a server.
    if starts("wrk") {
        return Ok(());
    }
    apt_get(&["update"])
        .and_then(|()| apt_get(&["install", "-y", "--no-install-recommends", "wrk"]))
        .context("install wrk as root, then run again: apt-get install wrk")
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let root = run::answer(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    let mut command = Command::new(if root { "env" } else { "sudo" });
    if !root {
        command.arg("env");
    }
    run::passing(command.arg("DEBIAN_FRONTEND=noninteractive").arg("apt-get").args(arguments))
}

/// cargo-nextest, built from the registry when it is not there.
pub(crate) fn nextest(root: &Path) -> Result<()> {
    let here = run::answer(Command::new("cargo").args(["nextest", "--version"]).current_dir(root));
    if here.is_some() {
        return Ok(());
    }
    run::passing(Command::new("cargo").args(["install", "cargo-nextest", "--locked"]))
}

/// cargo-deny: about ten minutes of building, so any release of the same minor version will do.
pub(crate) fn deny(root: &Path) -> Result<()> {
    let here = run::answer(Command::new("cargo").args(["deny", "--version"]).current_dir(root));
    if here.is_some_and(|version| same_minor(&version, CARGO_DENY)) {
        return Ok(());
    }
    run::passing(Command::new("cargo").args([
        "install",
        "cargo-deny",
        "--version",
        CARGO_DENY,
        "--locked",
    ]))
}

/// `cargo-deny 0.20.3` is good where `0.20.2` is wanted.
fn same_minor(answer: &str, wanted: &str) -> bool {
    let minor = |version: &str| version.rsplit_once('.').map(|(minor, _)| minor.to_owned());
    answer.split_whitespace().last().and_then(minor) == minor(wanted)
}

/// The packages of `e2e/package.json`, and a Node.js that they run on. Gives that program's path.
pub(crate) fn node(root: &Path, tools: &Path) -> Result<PathBuf> {
    let folder = root.join("e2e");
    if is_stale(&folder)? {
        let locked = folder.join("package-lock.json").exists();
        let verb = if locked { "ci" } else { "install" };
        run::passing(
            Command::new("npm").args([verb, "--no-audit", "--no-fund"]).current_dir(&folder),
        )?;
    }
    if node_is_recent(Path::new("node")) {
        return Ok(PathBuf::from("node"));
    }
    let prefix = tools.join("node");
    let own = prefix.join("node_modules/node/bin/node");
    if !node_is_recent(&own) {
        fs::create_dir_all(&prefix)?;
        let prefix = prefix.to_string_lossy().into_owned();
        run::passing(Command::new("npm").args([
            "install",
            "--no-audit",
            "--no-fund",
            "--no-save",
            "--prefix",
            &prefix,
            "node@22",
        ]))?;
    }
    if !node_is_recent(&own) {
        bail!("the browser tests need Node.js {NODE_MAJOR} or later");
    }
    Ok(own)
}

/// npm writes `node_modules/.package-lock.json` last; older than what it was made from is stale.
fn is_stale(folder: &Path) -> Result<bool> {
    let Ok(installed) = fs::metadata(folder.join("node_modules/.package-lock.json")) else {
        return Ok(true);
    };
    let installed = installed.modified()?;
    for name in ["package.json", "package-lock.json"] {
        if let Ok(source) = fs::metadata(folder.join(name))
            && source.modified()? > installed
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn node_is_recent(program: &Path) -> bool {
    run::answer(Command::new(program).arg("--version"))
        .is_some_and(|version| major(&version).is_some_and(|major| major >= NODE_MAJOR))
}

/// `v20.11.1` → 20
fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// A virtual environment with aiosmtpd, for tests against a real SMTP server. Gives its `python`.
pub(crate) fn python(tools: &Path) -> Result<PathBuf> {
    let folder = tools.join("python");
    let python = folder.join("bin/python");
    let version = "import aiosmtpd; print(aiosmtpd.__version__)";
    let installed = || run::answer(Command::new(&python).args(["-c", version]));
    if installed().is_some_and(|version| version == AIOSMTPD) {
        return Ok(python);
    }
    fs::create_dir_all(tools)?;
    run::passing(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    run::passing(Command::new(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        &format!("aiosmtpd=={AIOSMTPD}"),
    ]))?;
    if installed().is_none_or(|version| version != AIOSMTPD) {
        bail!("aiosmtpd {AIOSMTPD} was installed and does not answer");
    }
    Ok(python)
}

fn answers(program: &str, argument: &str) -> bool {
    run::answer(Command::new(program).arg(argument)).is_some()
}

/// Debian's python3 has the module `venv` but not the `ensurepip` that it needs.
fn can_make_venv() -> bool {
    run::answer(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(major("v20.11.1"), Some(20));
        assert_eq!(major("nonsense"), None);
        assert!(same_minor("cargo-deny 0.20.3", "0.20.2"));
        assert!(!same_minor("cargo-deny 0.19.2", "0.20.2"));
        assert!(!same_minor("", "0.20.2"));
    }
}

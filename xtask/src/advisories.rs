//! `cargo xtask advisories`: `Cargo.lock` against the RustSec advisory database.
//!
//! The database is a folder of plain files (`crates/<name>/RUSTSEC-….md`, each opening with a TOML
//! block), so no clone and no network is needed. It is given by `--db`, by the variable
//! `ADVISORY_DB`, or lies beside the repository. How old it is, is always said, and one that is too
//! old to tell anything fails; without one the answer is "not checked", never "ok".
//!
//! Vulnerabilities fail. Notices (unmaintained, unsound) are printed. Exceptions stand, each with
//! its reason, in `deny.toml` under `[advisories] ignore`.
//!
//! A pre-release matches no requirement that does not name one, so it counts as affected: an alarm
//! too many rather than one too few.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use semver::{Version, VersionReq};
use toml::{Table, Value};

use crate::Project;

const BESIDE_THE_REPOSITORY: &str = "../shared/advisory-db";

/// A database whose newest advisory is older says nothing about today.
const MOST_DAYS: i64 = 180;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Clean,
    Vulnerable,
    Stale,
    NotChecked,
}

impl Verdict {
    pub(crate) fn passed(self) -> bool {
        matches!(self, Self::Clean | Self::NotChecked)
    }

    /// Of a database in which nothing open was found.
    fn of_age(days: i64) -> Self {
        if days > MOST_DAYS { Self::Stale } else { Self::Clean }
    }
}

pub(crate) fn command(project: &Project, folder: Option<&Path>) -> Result<Verdict> {
    let Some(folder) = database(project, folder)? else {
        println!("advisories: not checked (no database)");
        return Ok(Verdict::NotChecked);
    };
    let advisories = read_database(&folder)?;
    let newest = advisories.iter().map(|a| a.date.as_str()).max().context("an empty database")?;
    let age = project.today - day_number(newest).context("a date that is none")?;
    let count = advisories.len();
    println!("advisories: {count} known, the newest of {newest}, {age} days ago");

    let locked = locked(&fs::read_to_string(project.root.join("Cargo.lock"))?)?;
    let ignored = ignored(&fs::read_to_string(project.root.join("deny.toml"))?)?;
    let findings = findings(&advisories, &locked, &ignored);
    for line in &findings.lines {
        println!("{line}");
    }
    if findings.vulnerable {
        return Ok(Verdict::Vulnerable);
    }
    println!("advisories: no open vulnerability in {} packages", locked.len());
    let verdict = Verdict::of_age(age);
    if verdict == Verdict::Stale {
        println!("advisories: the database is older than {MOST_DAYS} days: fetch a newer one");
    }
    Ok(verdict)
}

/// The folder that was asked for must exist; the one beside the repository may be absent.
fn database(project: &Project, folder: Option<&Path>) -> Result<Option<PathBuf>> {
    let asked = folder
        .map(Path::to_path_buf)
        .or_else(|| std::env::var_os("ADVISORY_DB").filter(|v| !v.is_empty()).map(PathBuf::from));
    if let Some(folder) = asked {
        if !folder.join("crates").is_dir() {
            bail!("{} is no advisory database: it has no folder crates", folder.display());
        }
        return Ok(Some(folder));
    }
    let folder = project.root.join(BESIDE_THE_REPOSITORY);
    Ok(folder.join("crates").is_dir().then_some(folder))
}

#[derive(Debug, Clone)]
struct Advisory {
    id: String,
    package: String,
    /// As `2026-08-21`, which sorts as text.
    date: String,
    /// `unmaintained`, `unsound`, `notice`; absent for a vulnerability.
    informational: Option<String>,
    withdrawn: bool,
    not_affected: Vec<VersionReq>,
}

impl Advisory {
    /// The file's text: a fenced TOML block, then prose.
    fn parse(text: &str) -> Result<Self> {
        let block = text
            .split_once("```toml")
            .and_then(|(_, rest)| rest.split_once("```"))
            .map(|(block, _)| block)
            .context("no TOML block")?;
        let table: Table = block.parse().context("the TOML block")?;
        let head = table.get("advisory").and_then(Value::as_table).context("no [advisory]")?;
        let word = |key: &str| head.get(key).and_then(Value::as_str).map(str::to_owned);
        let mut not_affected = Vec::new();
        if let Some(versions) = table.get("versions").and_then(Value::as_table) {
            for key in ["patched", "unaffected"] {
                for text in versions.get(key).and_then(Value::as_array).into_iter().flatten() {
                    let text = text.as_str().context("a version that is no text")?;
                    not_affected.push(VersionReq::parse(text).with_context(|| text.to_owned())?);
                }
            }
        }
        Ok(Self {
            id: word("id").context("no id")?,
            package: word("package").context("no package")?,
            date: word("date").context("no date")?,
            informational: word("informational").map(|kind| kind.trim().to_owned()),
            withdrawn: head.contains_key("withdrawn"),
            not_affected,
        })
    }

    fn affects(&self, version: &Version) -> bool {
        !self.withdrawn && !self.not_affected.iter().any(|range| range.matches(version))
    }
}

fn read_database(folder: &Path) -> Result<Vec<Advisory>> {
    let mut advisories = Vec::new();
    for package in fs::read_dir(folder.join("crates"))? {
        let package = package?.path();
        if !package.is_dir() {
            continue;
        }
        for file in fs::read_dir(&package)? {
            let file = file?.path();
            if file.extension().is_some_and(|extension| extension == "md") {
                // One that cannot be read is an error: skipped, it could hide the one that counts.
                let advisory = Advisory::parse(&fs::read_to_string(&file)?);
                advisories.push(advisory.with_context(|| file.display().to_string())?);
            }
        }
    }
    advisories.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(advisories)
}

/// Name and version of everything that comes from a registry.
fn locked(lock: &str) -> Result<Vec<(String, Version)>> {
    let table: Table = lock.parse().context("Cargo.lock")?;
    let packages = table.get("package").and_then(Value::as_array).context("no packages")?;
    let mut found = Vec::new();
    for package in packages {
        let word = |key: &str| package.get(key).and_then(Value::as_str);
        if word("source").is_some() {
            let name = word("name").context("a package without a name")?;
            let version = word("version").context("a package without a version")?;
            found.push((name.to_owned(), Version::parse(version)?));
        }
    }
    Ok(found)
}

/// `[advisories] ignore = [{ id = "…", reason = "…" }]`
fn ignored(deny: &str) -> Result<BTreeMap<String, String>> {
    let table: Table = deny.parse().context("deny.toml")?;
    let list = table.get("advisories").and_then(|section| section.get("ignore"));
    let mut ignored = BTreeMap::new();
    for entry in list.and_then(Value::as_array).into_iter().flatten() {
        let word = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
        let id = word("id").with_context(|| format!("deny.toml: no id in {entry}"))?;
        let reason = word("reason").filter(|reason| !reason.trim().is_empty());
        let reason =
            reason.with_context(|| format!("deny.toml: {id} is ignored without reason"))?;
        ignored.insert(id, reason);
    }
    Ok(ignored)
}

struct Findings {
    lines: Vec<String>,
    vulnerable: bool,
}

fn findings(
    advisories: &[Advisory],
    locked: &[(String, Version)],
    ignored: &BTreeMap<String, String>,
) -> Findings {
    let mut findings = Findings { lines: Vec::new(), vulnerable: false };
    let mut unused: Vec<&String> = ignored.keys().collect();
    for advisory in advisories {
        for (name, version) in locked {
            if *name != advisory.package || !advisory.affects(version) {
                continue;
            }
            let what = format!("{} {name} {version}", advisory.id);
            if let Some(reason) = ignored.get(&advisory.id) {
                unused.retain(|id| **id != advisory.id);
                findings.lines.push(format!("ignored: {what}: {reason}"));
            } else if let Some(kind) = &advisory.informational {
                findings.lines.push(format!("warning: {what}: {kind}"));
            } else {
                findings.lines.push(format!("VULNERABLE: {what}"));
                findings.vulnerable = true;
            }
        }
    }
    for id in unused {
        findings.lines.push(format!("warning: deny.toml ignores {id}, which matches nothing"));
    }
    findings
}

/// Days from 1970-01-01 to a civil date written `2026-08-21`.
fn day_number(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    // Years that begin in March end with the leap day.
    // Source: Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADVISORY: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2026-0001\"\npackage = \"leaky\"\n\
        date = \"2026-03-01\"\n\n[versions]\npatched = [\">= 1.2.3, < 2.0.0\", \">= 2.1.0\"]\n\
        unaffected = [\"< 1.0.0\"]\n```\n\n# Leaks\n";

    fn locked_at(version: &str) -> Vec<(String, Version)> {
        locked(&format!(
            "[[package]]\nname = \"leaky\"\nversion = \"{version}\"\nsource = \"registry\"\n\
             [[package]]\nname = \"own\"\nversion = \"0.1.0\"\n"
        ))
        .unwrap()
    }

    fn is_vulnerable(advisory: &Advisory, version: &str) -> bool {
        findings(std::slice::from_ref(advisory), &locked_at(version), &BTreeMap::new()).vulnerable
    }

    #[test]
    fn an_old_database_is_no_good_answer() {
        assert!(Verdict::of_age(0).passed() && Verdict::of_age(MOST_DAYS).passed());
        assert!(!Verdict::of_age(MOST_DAYS + 1).passed());
    }

    #[test]
    fn versions_in_and_out_of_the_ranges() {
        let advisory = Advisory::parse(ADVISORY).unwrap();
        for version in ["1.0.0", "1.2.2", "2.0.0", "2.1.0-rc.1"] {
            assert!(is_vulnerable(&advisory, version), "{version}");
        }
        for version in ["0.9.9", "1.2.3", "1.9.0", "2.1.0", "3.0.0"] {
            assert!(!is_vulnerable(&advisory, version), "{version}");
        }
    }

    #[test]
    fn withdrawn_is_no_finding_and_informational_is_a_warning() {
        let mut advisory = Advisory::parse(ADVISORY).unwrap();
        advisory.informational = Some("unmaintained".into());
        let found =
            findings(std::slice::from_ref(&advisory), &locked_at("1.0.0"), &BTreeMap::new());
        assert!(!found.vulnerable);
        assert_eq!(found.lines, ["warning: RUSTSEC-2026-0001 leaky 1.0.0: unmaintained"]);
        advisory.withdrawn = true;
        let found = findings(&[advisory], &locked_at("1.0.0"), &BTreeMap::new());
        assert_eq!(found.lines, Vec::<String>::new());
    }

    #[test]
    fn an_exception_needs_a_reason_and_a_use() {
        let deny =
            "[advisories]\nignore = [{ id = \"RUSTSEC-2026-0001\", reason = \"not called\" }]";
        let exceptions = ignored(deny).unwrap();
        let advisory = Advisory::parse(ADVISORY).unwrap();
        let found = findings(std::slice::from_ref(&advisory), &locked_at("1.0.0"), &exceptions);
        assert!(!found.vulnerable);
        let found = findings(&[advisory], &locked_at("1.2.3"), &exceptions);
        assert!(found.lines.iter().any(|line| line.contains("matches nothing")));
        for wrong in ["[{ id = \"RUSTSEC-2026-0001\" }]", "[\"RUSTSEC-2026-0001\"]"] {
            assert!(ignored(&format!("[advisories]\nignore = {wrong}")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_absent_database_is_not_checked_and_a_wrong_one_an_error() {
        let nowhere = Project { root: "/nonexistent/repository".into(), today: 0 };
        if std::env::var_os("ADVISORY_DB").is_none() {
            assert_eq!(command(&nowhere, None).unwrap(), Verdict::NotChecked);
        }
        assert!(command(&nowhere, Some(Path::new("/nonexistent/db"))).is_err());
    }

    #[test]
    fn dates() {
        assert_eq!(day_number("1970-01-01"), Some(0));
        assert_eq!(day_number("2000-03-01"), Some(11_017));
        assert_eq!(day_number("2024-02-29"), Some(19_782));
        assert_eq!(day_number("soon"), None);
    }
}

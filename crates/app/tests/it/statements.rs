//! Every statement on both engines, prepared; and what reads large tables finds an index.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use store::Statement;
use testkit::{Tables, World, both};

/// Tables that grow with every day of work.
const LARGE: [&str; 4] = ["time_entries", "entry_days", "entry_tags", "events"];

/// Statements that read a whole large table on purpose, with the reason.
const WHOLE: &[(&str, &str)] = &[(
    "project.purge",
    "the engine looks for entries of a project that goes for good, one project at a time, by night",
)];

#[test]
fn every_statement_fits_the_tables_on_both_engines() {
    both(async |world: World| {
        let statements = app::statements();
        let directory = world.prepare(Tables::Directory, &statements);
        let workspace = world.prepare(Tables::Workspace, &statements);
        for ((statement, directory), workspace) in statements.iter().zip(directory).zip(workspace) {
            assert!(
                directory.is_none() || workspace.is_none(),
                "{} on {}: {directory:?}, {workspace:?}",
                statement.name,
                world.engine
            );
        }
    });
}

#[test]
fn what_reads_large_tables_finds_an_index() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let world = World::open("sqlite").await;
        let statements = app::statements();
        let refused = world.prepare(Tables::Workspace, &statements);
        let fitting = statements.iter().zip(refused).filter(|(_, refused)| refused.is_none());
        let mut scans = BTreeMap::new();
        for (statement, _) in fitting {
            let plan = world.plan(Tables::Workspace, statement);
            if plan.lines().any(scans_large) {
                scans.insert(statement.name, plan);
            }
        }
        let known: BTreeSet<_> = WHOLE.iter().map(|(name, _)| *name).collect();
        let found: BTreeSet<_> = scans.keys().copied().collect();
        assert_eq!(found, known, "{scans:#?}");
    });
}

/// `SCAN time_entries`, also under the short name a statement gives it.
fn scans_large(step: &str) -> bool {
    let Some(rest) = step.trim().strip_prefix("SCAN ") else { return false };
    let scanned = rest.split_whitespace().next().unwrap_or_default();
    let is_partial = rest.contains("USING INDEX") || rest.contains("USING COVERING INDEX");
    let is_large = LARGE.contains(&scanned) || ["d", "e", "t"].contains(&scanned);
    is_large && !is_partial
}

/// A statement that is in no list would be tried by no test.
#[test]
fn every_statement_in_the_source_is_in_a_list() {
    let listed: BTreeSet<&str> = app::statements().iter().map(|s: &Statement| s.name).collect();
    assert_eq!(listed.len(), app::statements().len(), "two statements have the same name");
    let mut missing = Vec::new();
    for file in sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        let text = std::fs::read_to_string(&file).unwrap();
        for part in text.split("Statement::new(").skip(1) {
            let Some(rest) = part.trim_start().strip_prefix('"') else { continue };
            let name = rest.split('"').next().unwrap_or_default();
            if !listed.contains(name) {
                missing.push(format!("{}: {name}", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let below = folders.iter().flat_map(|folder| sources(folder));
    files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .chain(below)
        .collect()
}

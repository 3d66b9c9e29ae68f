//! `cargo xtask screenshot`: writes `docs/images/today.png`, the picture in `README.md`.
//!
//! `e2e/screenshot.mjs` starts the demo, signs in with its link and takes the picture.

use std::process::Command;

use anyhow::Result;

use crate::{Project, install, run, test::Engine, test::target_folder};

pub(crate) fn command(project: &Project) -> Result<bool> {
    let root = &project.root;
    let target = target_folder(root)?;
    install::debian_packages(Engine::Sqlite, true)?;
    let node = install::node(root, &target.join("test-tools"))?;
    run::passing(
        Command::new("cargo").args(["build", "--release", "--package", "server"]).current_dir(root),
    )?;
    run::passing(
        Command::new(node)
            .arg("e2e/screenshot.mjs")
            .env("TIMEPROOF_BIN", target.join("release/timeproof"))
            .current_dir(root),
    )?;
    println!("docs/images/today.png");
    Ok(true)
}

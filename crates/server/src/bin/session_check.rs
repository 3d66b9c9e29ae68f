//! For `cargo xtask bench`: how long the check takes that every page of somebody signed in begins with.
//!
//! `session-check TIMES --data FOLDER [--database-url URL]` sets a workspace up in an empty folder, opens
//! a session and checks it so many times: first from memory, then each time as if it had been forgotten.
//! It prints the median of each in microseconds, a line each.

#![expect(clippy::print_stdout, reason = "the figures are for the program that started this one")]

use std::time::Instant;

use anyhow::Context;
use app::{
    App, SetUpWorkspace,
    identity::{Method, OpenSession, Origin, hash_secret, open_session},
};
use clap::Parser;
use domain::{
    period::WeekStart,
    preference::{Currency, Locale},
};
use server::{commands::serve, config::Config};

#[derive(Parser)]
struct Arguments {
    /// How often the session is checked.
    times: usize,
    #[command(flatten)]
    config: Config,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { times, config } = Arguments::parse();
    let app = serve::open(&config).await?;
    let hash = sign_in(&app).await?;
    for is_remembered in [true, false] {
        println!("{}", median_us(&app, hash, times, is_remembered).await?);
    }
    Ok(())
}

/// Somebody with a workspace, and the hash of their session's secret.
async fn sign_in(app: &App) -> anyhow::Result<[u8; 32]> {
    let command = SetUpWorkspace {
        name: app::input::name("workspace", "A workspace")?,
        owner_name: app::input::name("name", "An owner")?,
        owner_address: app::input::address("email", "owner@example.com")?,
        zone: app::input::zone("zone", "Europe/Berlin")?,
        week_start: WeekStart::Monday,
        locale: Locale::EnGb,
        currency: Currency::EUR,
        origin: Origin::default(),
    };
    let (_, user, _) = app.set_up_workspace(app.new_request(), command).await?;
    let open = OpenSession { user, method: Method::MailCode, second: None, remember: false };
    let opened = app
        .write_directory(app.new_request(), move |op| open_session(op, open, &Origin::default()));
    hash_secret(opened.await?.secret.expose()).context("a secret that is none")
}

async fn median_us(
    app: &App,
    hash: [u8; 32],
    times: usize,
    is_remembered: bool,
) -> anyhow::Result<f64> {
    let mut taken = Vec::with_capacity(times);
    for _ in 0..times {
        if !is_remembered {
            app.forget_check(&hash);
        }
        let request = app.new_request();
        let began = Instant::now();
        let found = app.check_session(request, hash).await?;
        taken.push(began.elapsed().as_secs_f64() * 1e6);
        anyhow::ensure!(found.is_some(), "the session is gone");
    }
    taken.sort_by(f64::total_cmp);
    taken.get(times / 2).copied().context("nothing was measured")
}

//! For `cargo xtask bench`: how long the check takes that every page of somebody signed in begins with,
//! and what it costs an act that somebody asks for it who has to be allowed to.
//!
//! `session-check TIMES --data FOLDER [--database-url URL]` sets a workspace up in an empty folder, opens
//! a session and checks it so many times: first from memory, then each time as if it had been forgotten.
//! Then it adds so many entries, each committed and flushed by itself, in turns in the name of the program,
//! which is let in by nothing, and by a token with address limits under a sign-in policy: it is looked up,
//! and its person, role, scope, addresses and the policy decide. It prints the median of each of the four
//! in microseconds, a line each.

#![expect(clippy::print_stdout, reason = "the figures are for the program that started this one")]

use std::time::Instant;

use anyhow::Context;
use app::{
    Actor, App, Credential, SetUpWorkspace,
    actor::{Came, Scope},
    identity::{Method, OpenSession, Origin, hash_secret, open_session},
    sign_in_policy::{ChangePolicy, change_policy},
    time_entry::{AddTimeEntry, Booking, NewSpan, add_time_entry},
    token::{CreateToken, create_token, parse_token},
};
use clap::Parser;
use domain::{
    ids::{MemberId, UserId, WorkspaceId},
    period::WeekStart,
    preference::{Currency, Locale},
    sign_in_policy::{FirstFactor, SignInPolicy, parse_networks},
    text::Note,
};
use jiff::{SignedDuration, Timestamp};
use server::{commands::serve, config::Config};

/// From where the token comes.
const HERE: [u8; 4] = [192, 0, 2, 7];

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
    let owner = set_up(&app).await?;
    let hash = sign_in(&app, owner.user).await?;
    for is_remembered in [true, false] {
        println!("{}", check_us(&app, hash, times, is_remembered).await?);
    }
    let program = Actor::new(Credential::System(owner.member), app.new_request());
    let token = make_token(&app, &owner).await?;
    let [mut unasked, mut asked] = [Vec::new(), Vec::new()];
    for at in 0..times {
        unasked.push(add_us(&app, program, owner.workspace, at).await?);
        asked.push(add_us(&app, token, owner.workspace, at).await?);
    }
    for taken in [unasked, asked] {
        println!("{}", median(taken)?);
    }
    Ok(())
}

/// Whose workspace it is.
struct Owner {
    workspace: WorkspaceId,
    user: UserId,
    member: MemberId,
}

async fn set_up(app: &App) -> anyhow::Result<Owner> {
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
    let (workspace, user, member) = app.set_up_workspace(app.new_request(), command).await?;
    Ok(Owner { workspace, user, member })
}

/// The hash of a new session's secret.
async fn sign_in(app: &App, user: UserId) -> anyhow::Result<[u8; 32]> {
    let open = OpenSession { user, method: Method::MailCode, second: None, remember: false };
    let opened = app
        .write_directory(app.new_request(), move |op| open_session(op, open, &Origin::default()));
    hash_secret(opened.await?.secret.expose()).context("a secret that is none")
}

/// Who comes by a token that works from one range, where the policy allows two.
async fn make_token(app: &App, owner: &Owner) -> anyhow::Result<Actor> {
    let came = Came {
        factors: Some((FirstFactor::MailCode, None)),
        from: Some(HERE.into()),
        ..Came::default()
    };
    let session = Actor { came, ..Actor::new(Credential::Session(owner.user), app.new_request()) };
    let policy = SignInPolicy {
        networks: networks("192.0.2.0/24 2001:db8::/32")?,
        ..SignInPolicy::default()
    };
    let change = ChangePolicy { policy, expected_version: None, actor: session };
    app.write(session, owner.workspace, move |op| change_policy(op, change.clone())).await?;
    let command = CreateToken {
        id: None,
        name: app::input::name("name", "A program")?,
        scope: Scope::Track,
        expires_in_days: 1,
        networks: networks("192.0.2.0/28")?,
        body: None,
    };
    let made = app.write(session, owner.workspace, move |op| create_token(op, command.clone()));
    let (_, hash) = parse_token(made.await?.secret.expose()).context("a token that is none")?;
    let came = Came { from: Some(HERE.into()), ..Came::default() };
    Ok(Actor { came, ..Actor::new(Credential::Token(hash), app.new_request()) })
}

fn networks(text: &str) -> anyhow::Result<Vec<ipnet::IpNet>> {
    parse_networks(text).map_err(|word| anyhow::anyhow!("no address range: {word:?}"))
}

/// How long a check takes, in the middle.
async fn check_us(
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
    median(taken)
}

/// How long it takes until an entry is added and on disk.
async fn add_us(app: &App, actor: Actor, workspace: WorkspaceId, at: usize) -> anyhow::Result<f64> {
    let start = Timestamp::from_second(1_700_000_000 + i64::try_from(at)? * 60)?;
    let command = AddTimeEntry {
        id: None,
        member: None,
        booking: Booking { project: None, task: None, tags: Vec::new() },
        note: Note::parse("What was done").map_err(|error| anyhow::anyhow!("{error:?}"))?,
        billable: None,
        span: NewSpan::Range { start, stop: start + SignedDuration::from_secs(60) },
        body: None,
    };
    let began = Instant::now();
    app.write(actor, workspace, move |op| add_time_entry(op, command.clone())).await?;
    Ok(began.elapsed().as_secs_f64() * 1e6)
}

fn median(mut taken: Vec<f64>) -> anyhow::Result<f64> {
    taken.sort_by(f64::total_cmp);
    taken.get(taken.len() / 2).copied().context("nothing was measured")
}

//! Letters on their way to a real SMTP server.

pub(crate) mod office;
mod told;

use std::time::{Duration, Instant};

use app::{
    Actor, Credential, SetUpWorkspace,
    actor::Scope,
    identity::{
        Letter, LetterKind, Method, OpenSession, Origin, Remembered, RequestCode, enqueue,
        hear_session, letters, open_session, request_code, try_code, use_remember,
    },
    token::CreateToken,
};
use clap::Parser;
use domain::{
    day::Zone,
    period::WeekStart,
    preference::{Currency, Locale},
    text::{EmailAddress, Name},
};
use serde_json::json;
use server::{
    config::Config,
    jobs::{Board, Jobs, Report},
};
use store::Statement;
use testkit::{World, both};

use crate::process::Place;
use office::{Certificate, PostOffice};

fn config(arguments: &[&str]) -> Config {
    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        config: Config,
    }
    let home = std::env::temp_dir().join("timeproof-no-mail-folder");
    let home = home.display().to_string();
    let begin = ["timeproof", "--mail-from", "Timeproof <time@example.com>", "--data", &home];
    let config = Arguments::parse_from(begin.iter().chain(arguments)).config;
    config.check().unwrap();
    config
}

/// The jobs of a server with this mail server.
fn jobs(world: &World, arguments: &[&str]) -> (Jobs, Board) {
    let board = Board::default();
    let jobs = Jobs::start(&world.app, &config(arguments), board.clone()).unwrap();
    (jobs, board)
}

async fn write_to(world: &World, address: &str) {
    let letter = letters::proof_code(&EmailAddress::parse(address).unwrap(), "ABCDEFGH").unwrap();
    put(world, LetterKind::RememberTheft, letter).await;
}

async fn put(world: &World, kind: LetterKind, letter: Letter) {
    let request = world.app.new_request();
    let put = world.app.write_directory(request, move |op| enqueue(op, kind, &letter));
    put.await.unwrap();
}

/// Attempts that failed, and whether it was sent or given up, of the only letter.
async fn fate(world: &World) -> (i64, bool, bool) {
    const LOOK: Statement =
        Statement::new("test.look", "SELECT attempts, sent_at, given_up_at FROM outbox");
    let read = world.app.store().directory().read(|tx| {
        let row = tx.one(&LOOK, &[])?;
        let (sent, given_up): (Option<i64>, Option<i64>) = (row.get(1)?, row.get(2)?);
        Ok((row.get(0)?, sent.is_some(), given_up.is_some()))
    });
    let fate: Result<_, store::StoreError> = read.await;
    fate.unwrap()
}

async fn until(world: &World, wanted: (i64, bool, bool)) {
    for round in 1..=1_500 {
        if fate(world).await == wanted {
            return;
        }
        // A job that had looked just before the clock was set looks again a second later.
        if round % 50 == 0 {
            world.clock.set(world.now() + jiff::SignedDuration::from_secs(1));
        }
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    panic!("{:?} never became {wanted:?}", fate(world).await);
}

const SENT: (i64, bool, bool) = (0, true, false);

#[test]
fn a_letter_arrives_as_it_was_written() {
    both(async |world: World| {
        let office = PostOffice::open();
        let (jobs, board) = jobs(&world, &["--smtp", &plain(office.port)]);
        let to = EmailAddress::parse("Ann@b\u{fc}cher.example").unwrap();
        let base = "https://time.example";
        let letter = letters::sign_in_code(&to, "ABCDEFGH", base, "a-token").unwrap();
        put(&world, LetterKind::SignInCode, letter.clone()).await;
        let mail = office.mail();
        assert_eq!(mail["to"], json!(["Ann@xn--bcher-kva.example"]));
        assert_eq!(mail["sender"], "time@example.com");
        let text = mail["text"].as_str().unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        for line in [
            "From: Timeproof <time@example.com>",
            "Subject: Your code to sign in to Timeproof",
            "Date: Fri, 20 Nov 2026 12:00:00 +0000",
        ] {
            assert!(head.lines().any(|found| found == line), "{line:?} in {head}");
        }
        assert!(head.contains("Message-ID: <") && head.contains("@example.com>"), "{head}");
        // Quoted-printable: long lines are broken, and joined again by the reader.
        let body = body.replace("=\r\n", "").replace("\r\n", "\n");
        assert_eq!(body.trim_end(), letter.body().trim_end());
        until(&world, SENT).await;
        let mail = report(&board, "mail");
        assert_eq!((mail.failure, mail.last_run.is_some()), (None, true));
        jobs.stop().await;
        assert!(!office.has_mail());
    });
}

/// Also to an address that nobody has the server comes, so that no load tells who has a letter.
#[test]
fn what_is_never_sent_knocks_at_the_server() {
    both(async |world: World| {
        let office = PostOffice::open();
        let (jobs, _) = jobs(&world, &["--smtp", &plain(office.port)]);
        let never = code_for("never@example.org", "https://time.example");
        let asked = world
            .app
            .write_directory(world.app.new_request(), move |op| request_code(op, &never).map(drop));
        asked.await.unwrap();
        assert_eq!(office.mail(), json!({ "noop": true }));
        until(&world, SENT).await;
        jobs.stop().await;
        assert!(!office.has_mail());
    });
}

/// What a browser that nobody knows asks with.
fn code_for(address: &str, base_url: &str) -> RequestCode {
    RequestCode {
        address: EmailAddress::parse(address).unwrap(),
        cookie_hash: [7; 32],
        network: "198.51.100.9".to_owned(),
        is_known_device: false,
        remember: false,
        base_url: base_url.to_owned(),
        is_proof: false,
    }
}

#[test]
fn a_server_that_is_down_gets_the_letter_later_and_once() {
    both(async |world: World| {
        let port = PostOffice::open().port;
        let (jobs, _) = jobs(&world, &["--smtp", &plain(port)]);
        write_to(&world, "ann@example.org").await;
        until(&world, (1, false, false)).await;
        let office = PostOffice::open_at(port);
        world.set_clock("2026-11-20T12:00:11Z");
        let first = office.mail();
        until(&world, (1, true, false)).await;
        // A day in which nothing more is due.
        world.set_clock("2026-11-20T18:00:00Z");
        write_to(&world, "ben@example.org").await;
        assert_eq!(office.mail()["to"], json!(["ben@example.org"]));
        assert_eq!(first["to"], json!(["ann@example.org"]));
        jobs.stop().await;
        assert!(!office.has_mail());
    });
}

#[test]
fn what_the_server_refuses_for_good_is_given_up_and_what_it_puts_off_is_not() {
    both(async |world: World| {
        let office = PostOffice::open();
        let (jobs, board) = jobs(&world, &["--smtp", &plain(office.port)]);
        write_to(&world, "gone@example.org").await;
        until(&world, (1, false, true)).await;
        world.set_clock("2026-11-22T12:00:00Z");
        let forget = world
            .app
            .store()
            .directory()
            .write(|tx| tx.execute(&Statement::new("test.empty", "DELETE FROM outbox"), &[]));
        let forgotten: Result<u64, store::StoreError> = forget.await;
        forgotten.unwrap();
        write_to(&world, "busy@example.org").await;
        until(&world, (1, false, false)).await;
        world.set_clock("2026-11-22T12:00:11Z");
        until(&world, (2, false, false)).await;
        assert_eq!(report(&board, "mail").failure, None, "the letter fails, not the job");
        jobs.stop().await;
        assert!(!office.has_mail());
    });
}

#[test]
fn mail_and_password_go_over_tls_or_not_at_all() {
    both(async |world: World| {
        let folder = tempfile::tempdir().unwrap();
        let certificate = Certificate::make(folder.path());
        let ca = certificate.authority.display().to_string();
        for implicit in [false, true] {
            let office = PostOffice::open_tls(&certificate, implicit, "ann:se:cret");
            let scheme = if implicit { "smtps" } else { "smtp" };
            let url =
                |password: &str| format!("{scheme}://ann:{password}@localhost:{}", office.port);
            let empty = Statement::new("test.empty", "DELETE FROM outbox");
            // Nobody vouches for the certificate; then the password is wrong; then all is well.
            for (url, trusted, wanted) in [
                (url("se%3Acret"), false, (1, false, false)),
                (url("wrong"), true, (1, false, false)),
                (url("se%3Acret"), true, SENT),
            ] {
                let mut arguments = vec!["--smtp", &url];
                if trusted {
                    arguments.extend(["--smtp-ca", &ca]);
                }
                let (jobs, _) = jobs(&world, &arguments);
                write_to(&world, "ann@example.org").await;
                until(&world, wanted).await;
                jobs.stop().await;
                let emptied =
                    world.app.store().directory().write(move |tx| tx.execute(&empty, &[]));
                let emptied: Result<u64, store::StoreError> = emptied.await;
                emptied.unwrap();
            }
            let mail = office.mail();
            assert_eq!((&mail["tls"], &mail["to"]), (&json!(true), &json!(["ann@example.org"])));
            assert!(!office.has_mail(), "only the last one arrived");
        }
        // A server without STARTTLS gets nothing.
        let office = PostOffice::open();
        let url = format!("smtp://localhost:{}", office.port);
        let (jobs, _) = jobs(&world, &["--smtp", &url]);
        write_to(&world, "ann@example.org").await;
        until(&world, (1, false, false)).await;
        jobs.stop().await;
        assert!(!office.has_mail());
    });
}

/// One that the mail server never answers for keeps nobody else's waiting, also none that comes later.
#[test]
fn a_letter_that_hangs_holds_up_no_other() {
    both(async |world: World| {
        let office = PostOffice::open();
        let (jobs, _) = jobs(&world, &["--smtp", &plain(office.port)]);
        write_to(&world, "hang@example.org").await;
        assert_eq!(office.mail()["hangs"], true);
        let began = std::time::Instant::now();
        for address in ["ann@example.org", "ben@example.org"] {
            write_to(&world, address).await;
            assert_eq!(office.mail()["to"], json!([address]));
        }
        // The mail server has 20 seconds for each step.
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        jobs.stop().await;
        assert!(!office.has_mail(), "each once");
    });
}

/// The reasons in the log of a server whose mail goes nowhere, until it says what is wanted.
fn logs(arguments: &[&str], wanted: &str) {
    let place = Place::sqlite();
    let owner = place.furnish();
    let server = place.start(arguments);
    let path = format!("/workspaces/{}/invitations", owner.workspace);
    let body = json!({ "email": "guest@example.org", "role": "member" });
    let answer = server.line().api(&owner.token, "POST", &path, Some(&body)).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text());
    let log = || std::fs::read_to_string(place.log()).unwrap();
    while !log().contains("letter not sent") {
        std::thread::yield_now();
    }
    assert!(log().contains(wanted), "{wanted} in {}", log());
}

#[test]
fn what_is_wrong_on_the_way_to_the_mail_server_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::make(folder.path());
    let ca = certificate.authority.display().to_string();
    let office = PostOffice::open_tls(&certificate, true, "ann:secret");
    let at = |host: &str| format!("smtps://ann:secret@{host}:{}", office.port);
    let unknown = "the certificate of the mail server: nobody who is trusted here vouches for it";
    logs(&["--smtp", &at("localhost")], unknown);
    let elsewhere = "the certificate of the mail server: it is for another name";
    logs(&["--smtp", &at("127.0.0.1"), "--smtp-ca", &ca], elsewhere);
    let bare = PostOffice::open();
    let without = format!("smtp://localhost:{}", bare.port);
    logs(&["--smtp", &without], "the mail server offers no STARTTLS");
    // Certificates that are none are refused before anything is made.
    let place = Place::sqlite();
    std::fs::write(place.home().join("empty.pem"), "").unwrap();
    let ended = place.run(&["--smtp", &without, "--smtp-ca", "empty.pem", "--port", "0"]);
    crate::operator::complained(&ended, "There is no certificate in the file of --smtp-ca");
    assert!(!place.data().exists());
}

#[test]
fn an_invitation_goes_by_mail_and_no_address_into_the_log() {
    let place = Place::sqlite();
    let owner = place.furnish();
    let office = PostOffice::open();
    let server = place.start(&["--log", "debug", "--smtp", &plain(office.port)]);
    let path = format!("/workspaces/{}/invitations", owner.workspace);
    for address in ["quagga@example.org", "gone-quagga@example.org"] {
        let body = json!({ "email": address, "role": "member" });
        let answer = server.line().api(&owner.token, "POST", &path, Some(&body)).unwrap();
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    let mail = office.mail();
    assert_eq!(mail["to"], json!(["quagga@example.org"]));
    let text = mail["text"].as_str().unwrap().to_owned();
    let link = text.split("/join/").nth(1).expect("a link").lines().next().unwrap().to_owned();
    let log = || std::fs::read_to_string(place.log()).unwrap();
    // The two letters go out at once, in any order.
    while !(log().contains("answered 550") && log().contains("letter sent")) {
        std::thread::yield_now();
    }
    server.kill();
    for secret in ["quagga", link.get(..20).unwrap()] {
        assert!(!log().contains(secret), "{secret} in the log");
    }
    assert!(!place.data().join("mail").exists());
}

fn plain(port: u16) -> String {
    format!("smtp-plain://127.0.0.1:{port}")
}

fn report(board: &Board, name: &str) -> Report {
    let mut reports = board.reports().into_iter();
    reports.find(|(found, _)| *found == name).unwrap().1
}

/// Each of these is told by a mail of its own within a minute, to the address its person signs in with.
#[test]
fn what_happens_to_an_account_is_told_within_a_minute() {
    both(async |world: World| {
        let office = PostOffice::open();
        let (jobs, _) = jobs(&world, &["--smtp", &plain(office.port)]);
        let app = &world.app;
        let (workspace, user, _) =
            app.set_up_workspace(app.new_request(), a_workspace()).await.unwrap();
        let origin = Origin {
            device: Some("Firefox on Linux".to_owned()),
            network: Some("203.0.113.7".to_owned()),
            base_url: "https://time.example".to_owned(),
            ..Origin::default()
        };
        let open = async |remember| {
            let (method, origin) = (Method::MailCode, origin.clone());
            let open = OpenSession { user, method, second: None, remember };
            let opened =
                app.write_directory(app.new_request(), move |op| open_session(op, open, &origin));
            opened.await.unwrap()
        };
        let told = |subject: &str, since: Instant| {
            let mail = office.mail();
            assert!(since.elapsed() < Duration::from_mins(1));
            assert_eq!(mail["to"], json!(["owner@example.org"]));
            let text = mail["text"].as_str().unwrap().replace("=\r\n", "");
            assert!(text.contains(&format!("Subject: {subject}\r\n")), "{text}");
            for part in ["Firefox on Linux", "203.0.113.7", "https://time.example/security"] {
                assert!(text.contains(part), "{part} in {text}");
            }
        };
        open(false).await;
        assert!(!office.has_mail(), "the first sign-in is no news");

        let since = Instant::now();
        let remembered = open(true).await.remember.unwrap().expose().clone();
        told("New sign-in to Timeproof", since);

        // A copied cookie: used by one, and again by the other when that is seen.
        let used = async || {
            let (cookie, origin) = (remembered.clone(), origin.clone());
            app.write_directory(app.new_request(), move |op| {
                let used = use_remember(op, &cookie, &origin)?;
                if let Remembered::Opened(session) = &used {
                    hear_session(op, session.id)?;
                }
                Ok(matches!(used, Remembered::Theft))
            })
            .await
            .unwrap()
        };
        world.set_clock("2026-11-20T12:05:00Z");
        assert!(!used().await);
        world.set_clock("2026-11-20T12:10:00Z");
        let since = Instant::now();
        assert!(used().await);
        told("Please sign in to Timeproof again: a sign-in was copied", since);

        let since = Instant::now();
        let actor = Actor::new(Credential::Session(user), app.new_request());
        let command = || CreateToken {
            id: None,
            name: Name::parse("Backup").unwrap(),
            scope: Scope::Read,
            expires_in_days: 30,
            networks: Vec::new(),
            body: None,
        };
        app.make_token(actor, workspace, &origin, move |_| Ok(command())).await.unwrap();
        told("A new API token on Timeproof", since);

        // Wrong codes of strangers, then a sign-in from a new network.
        let request = code_for("owner@example.org", &origin.base_url);
        app.write_directory(app.new_request(), move |op| {
            request_code(op, &request)?;
            (0..3)
                .try_for_each(|_| try_code(op, &[7; 32], "AAAA-AAAA", &Origin::default()).map(drop))
        })
        .await
        .unwrap();
        assert!(office.mail()["text"].as_str().unwrap().contains("Your code to sign in"));
        let since = Instant::now();
        let away = Origin { network: Some("198.51.100.9".to_owned()), ..origin.clone() };
        let session = OpenSession { user, method: Method::MailCode, second: None, remember: false };
        let opened =
            app.write_directory(app.new_request(), move |op| open_session(op, session, &away));
        opened.await.unwrap();
        let mail = office.mail();
        assert!(since.elapsed() < Duration::from_mins(1));
        let text = mail["text"].as_str().unwrap();
        assert!(text.contains("Subject: Please look: an unusual sign-in to Timeproof"), "{text}");
        jobs.stop().await;
        assert!(!office.has_mail());
    });
}

fn a_workspace() -> SetUpWorkspace {
    SetUpWorkspace {
        name: Name::parse("A workspace").unwrap(),
        owner_name: Name::parse("An owner").unwrap(),
        owner_address: EmailAddress::parse("owner@example.org").unwrap(),
        zone: Zone::UTC,
        week_start: WeekStart::Monday,
        locale: Locale::EnGb,
        currency: Currency::EUR,
        origin: Origin::default(),
    }
}

//! T-BRUTE with the real `hydra` (Debian): one account, spraying, and guesses from many addresses, while
//! the victim signs in where they have before.
//!
//! hydra keeps the cookies that it is given but reads no token out of a form, so it gets both from a
//! browser that opened the sign-in page, as an attacker would give it. It follows what answers lead to, so
//! whatever ends without a sentence beside the password is a find to it. It cannot choose the address it
//! comes from, so the guesses from many addresses are made by lines that are bound to them.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    process::Command,
    time::{Duration, Instant},
};

use app::identity::{
    Origin,
    password::{ChangePassword, Secret},
};
use domain::password::Expected;
use serde_urlencoded::to_string;
use store::Statement;

use crate::{
    browser::Browser,
    line::{Answer, Line},
    process::{Place, Running, rounds},
};

const VICTIM: &str = "victim@example.com";
const GOOD: &str = "violet harbour 7 owls";
/// What the sign-in page says of whatever it does not take.
const NOT_TAKEN: &str = "do not go together";

/// People with the same password, in the workspace that there is.
pub(crate) fn with_passwords(place: &Place, people: &[String]) {
    let people = people.to_vec();
    place.with_app(async |app| {
        for address in people {
            let email = app::input::address("email", &address).unwrap();
            let request = app.new_request();
            let user = app.find_or_create_person(request, email).await.unwrap();
            let session = app
                .write_directory(request, move |op| {
                    let method = app::identity::Method::MailCode;
                    let open =
                        app::identity::OpenSession { user, method, second: None, remember: false };
                    // Whoever belongs to no workspace cannot sign in at all.
                    op_join(op, user)?;
                    app::identity::open_session(op, open, &Origin::default())
                })
                .await
                .unwrap();
            let command = ChangePassword {
                user,
                session: session.id,
                login: session.id.uuid(),
                is_proven: true,
                current: None,
                new: Secret::new(GOOD.to_owned()),
                expected: Expected::default(),
                end_others: false,
                origin: Origin::default(),
            };
            app.change_password(app.new_request(), command).await.unwrap();
        }
    });
}

fn op_join(op: &mut app::DirectoryOp, user: domain::ids::UserId) -> Result<(), app::Error> {
    let workspace = app::identity::list_workspaces(op)?[0].0;
    let member = domain::ids::Id::from_uuid(user.uuid());
    app::identity::add_membership(op, user, workspace, member)
}

/// A password from the sign-in page, as a person sends it.
fn knock(browser: &mut Browser, address: &str, password: &str) -> Answer {
    browser.get("/sign-in");
    browser.post("/sign-in", &[("email", address), ("password", password), ("way", "password")])
}

/// Signs the victim in where they will have signed in before.
fn known(server: &Running) -> Browser {
    let mut browser = Browser::new(server);
    let entered = knock(&mut browser, VICTIM, GOOD);
    assert_eq!(entered.status, 303, "{}", entered.text());
    browser.jar.cookies.retain(|(name, _)| name.trim_start_matches("__Host-").starts_with("dev"));
    browser
}

/// Signs in once more, and keeps only the mark of the browser.
fn signs_in(browser: &mut Browser) -> bool {
    let entered = knock(browser, VICTIM, GOOD);
    browser.jar.cookies.retain(|(name, _)| name.trim_start_matches("__Host-").starts_with("dev"));
    entered.status == 303
}

/// What hydra tries, by its own options, and where the server thinks it comes from.
struct Attack<'a> {
    logins: [&'a str; 2],
    passwords: [&'a str; 2],
    from: &'a str,
}

impl Attack<'_> {
    /// Runs hydra; how many passwords it believes to have found.
    fn run(&self, place: &Place, server: &Running) -> usize {
        found(self.command(place, server))
    }

    fn command(&self, place: &Place, server: &Running) -> Command {
        let mut browser = Browser::new(server);
        browser.get("/sign-in");
        let (csrf, cookie) = (browser.jar.csrf.clone(), browser.cookie());
        let form = format!(
            "/sign-in:csrf={csrf}&email=^USER^&password=^PASS^&way=password:H=Cookie\\: {cookie}:\
             H=Sec-Fetch-Site\\: same-origin:H=X-Forwarded-For\\: {}:F=password-wrong",
            self.from
        );
        let mut command = Command::new("hydra");
        command
            .current_dir(place.home())
            .args(["-I", "-t", "4", "-s", &server.port.to_string()])
            .args(self.logins)
            .args(self.passwords)
            .args(["localhost", "http-post-form", &form]);
        command
    }
}

fn found(mut command: Command) -> usize {
    let output = command.output().expect("hydra, which `cargo xtask test` installs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("target"), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said.lines().filter(|line| line.contains("login:") && line.contains("password:")).count()
}

/// Runs an attack, during which its person signs in again and again where they have before; how many
/// passwords hydra believes to have found.
fn while_signing_in(mine: &mut Browser, attack: Command) -> usize {
    std::thread::scope(|scope| {
        let attack = scope.spawn(move || found(attack));
        loop {
            assert!(signs_in(mine), "its person is never locked out");
            if attack.is_finished() {
                return attack.join().unwrap();
            }
            std::thread::sleep(Duration::from_millis(300));
        }
    })
}

fn lines(place: &Place, name: &str, lines: impl Iterator<Item = String>) {
    fs::write(place.home().join(name), lines.map(|line| line + "\n").collect::<String>()).unwrap();
}

/// Guesses that were held against a password; the server does not run.
fn looked_at(place: &Place) -> i64 {
    place.with_app(async |app| {
        let directory = app.store().directory();
        let count = Statement::new(
            "test.looked_at",
            "SELECT CAST(COALESCE(SUM(total), 0) AS BIGINT) FROM lockouts WHERE kind = 'password'",
        );
        let rows: Result<_, store::StoreError> =
            directory.read(move |tx| tx.query(&count, &[])).await;
        rows.unwrap()[0].get(0).unwrap()
    })
}

const OPTIONS: [&str; 4] =
    ["--behind-proxy", "127.0.0.0/8", "--public-url", "https://time.example"];

#[test]
fn brute_hydra_at_one_account() {
    hydra_at_one_account(&Place::sqlite(), rounds(40, 10_000));
}

/// The counts are held by the database, so the other one is attacked too.
#[test]
fn brute_hydra_at_one_account_on_postgres() {
    hydra_at_one_account(&Place::postgres(testkit::postgres::cluster().url()), 40);
}

fn hydra_at_one_account(place: &Place, tries: usize) {
    place.furnish();
    with_passwords(place, &[VICTIM.to_owned(), "control@example.com".to_owned()]);
    let server = place.start(&[&OPTIONS[..], &["--password-work", "never"]].concat());
    let mut mine = known(&server);
    lines(place, "found.txt", [GOOD.to_owned()].into_iter());
    // hydra sees a right password when it meets one: otherwise the rest would show nothing.
    let control = Attack {
        logins: ["-l", "control@example.com"],
        passwords: ["-P", "found.txt"],
        from: "11.0.0.1",
    };
    assert_eq!(control.run(place, &server), 1);
    // The right one is among those that come too late.
    let guesses = (0..tries).map(|n| match n {
        30 => GOOD.to_owned(),
        n => format!("guess number {n}"),
    });
    lines(place, "guesses.txt", guesses);
    let begun = Instant::now();
    let attack =
        Attack { logins: ["-l", VICTIM], passwords: ["-P", "guesses.txt"], from: "11.0.0.2" };
    assert_eq!(while_signing_in(&mut mine, attack.command(place, &server)), 0);
    // Who is attacked is told how they get in.
    let letters = place.data().join("mail");
    let is_told = || {
        fs::read_dir(&letters).unwrap().any(|file| {
            let text = fs::read_to_string(file.unwrap().path()).unwrap_or_default();
            text.contains("Wrong passwords were tried") && text.contains("code by mail")
        })
    };
    while !is_told() {
        assert!(begun.elapsed() < Duration::from_mins(1), "within a minute");
        std::thread::sleep(Duration::from_millis(200));
    }
    drop(server);
    let hours = i64::try_from(begun.elapsed().as_secs() / 3_600).unwrap();
    let looked_at = looked_at(place);
    assert!(looked_at <= 15 + 2 * hours, "{looked_at} in {hours} h");
    println!("{tries} tries of hydra at one account: {looked_at} looked at");
}

#[test]
fn brute_hydra_sprays_one_password_over_many_accounts() {
    let people = rounds(70, 10_000);
    let place = Place::sqlite();
    place.furnish();
    with_passwords(&place, &[VICTIM.to_owned()]);
    let mut server = place.start(&OPTIONS);
    let mut mine = known(&server);
    // The one whose password it is comes after what a network may try in an hour.
    let accounts = (0..people).map(|n| match n {
        65 => VICTIM.to_owned(),
        n => format!("somebody-{n}@example.com"),
    });
    lines(&place, "people.txt", accounts);
    let spray = |from| Attack { logins: ["-L", "people.txt"], passwords: ["-p", GOOD], from };
    assert_eq!(while_signing_in(&mut mine, spray("11.0.0.1").command(&place, &server)), 0);
    // From a second network on, it is an attack on all accounts together: the alarm is up within ten
    // seconds, and hydra does no work. What counts are the last five minutes: after ten thousand tries
    // those of the first network are longer ago.
    for from in ["11.0.0.2", "11.0.0.4"] {
        let others = (0..rounds(20, 62)).map(|n| format!("other-{n}@example.com"));
        lines(&place, "people.txt", others);
        assert_eq!(while_signing_in(&mut mine, spray(from).command(&place, &server)), 0);
    }
    let begun = Instant::now();
    while !knock(&mut Browser::new(&server), "any@example.com", "any")
        .text()
        .contains("not looked at")
    {
        assert!(begun.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_secs(1));
    }
    lines(&place, "people.txt", [VICTIM.to_owned()].into_iter());
    let found = while_signing_in(&mut mine, spray("11.0.0.3").command(&place, &server));
    assert_eq!(found, 0, "the right one is not looked at");
    assert!(signs_in(&mut mine));
    // A code by mail lets in wherever one is.
    let mut elsewhere = Browser::new(&server);
    assert_eq!(elsewhere.ask_for_code(VICTIM).status, 200);
    let has_code =
        |text: &str| text.lines().any(|line| line.trim().as_bytes().get(4) == Some(&b'-'));
    let letter = loop {
        // Before it came those about the password.
        let letter = server.any_letter();
        if letter.to == VICTIM && has_code(&letter.body) {
            break letter;
        }
    };
    assert_eq!(elsewhere.post("/sign-in/code", &[("code", &letter.code())]).status, 303);
    let log = fs::read_to_string(place.log()).unwrap();
    assert!(log.contains("many wrong passwords at many accounts"), "the operator sees it");
}

/// A line from this address of the loopback network.
pub(crate) fn line_from(server: &Running, from: Ipv4Addr) -> Line {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((from, 0))).unwrap();
        let place = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port));
        socket.connect(place).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    Line::over(stream, server.port).unwrap()
}

#[test]
fn brute_distributed_over_many_addresses() {
    let sources = rounds(40, 10_000);
    let place = Place::sqlite();
    place.furnish();
    with_passwords(&place, &[VICTIM.to_owned()]);
    let server = place.start(&["--password-work", "never"]);
    let mut mine = known(&server);
    let mut page = Browser::new(&server);
    page.get("/sign-in");
    let cookie = page.cookie();
    let begun = Instant::now();
    for n in 0..sources {
        let n = u32::try_from(n).unwrap();
        let mut line = line_from(&server, Ipv4Addr::from_bits(0x7f01_0000 + n));
        // The right one is not looked at during the first wait; once that is over it would be.
        let password = if (21..40).contains(&n) { GOOD } else { "a wrong password" };
        let typed = [("email", VICTIM), ("password", password), ("way", "password")];
        let body = page.jar.signed(&to_string(typed).unwrap());
        let headers = [
            ("Cookie", cookie.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let answer = line.ask("POST", "/sign-in", &headers, body.as_bytes()).unwrap();
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(NOT_TAKEN));
        if n % 10 == 0 {
            assert!(signs_in(&mut mine), "its person is never locked out");
        }
    }
    drop(server);
    let hours = i64::try_from(begun.elapsed().as_secs() / 3_600).unwrap();
    let looked_at = looked_at(&place);
    assert!((1..=15 + 2 * hours).contains(&looked_at), "{looked_at} in {hours} h");
    println!("{sources} addresses at one account: {looked_at} looked at");
}

//! What is secret is in no log (T-LOG): two hundred passwords, tokens, codes, cards and addresses, sent
//! through every field there is, with every crate at its most talkative, and through forced panics.
//!
//! Fields are found, not listed: those of the API in its document, those of the pages in the forms they
//! show and in the source that reads them. Each canary is looked for as it is and as somebody could have
//! written it: in capitals, percent-encoded, in base64. That the search finds what is there is shown by a
//! log that nobody scrubbed.

use std::{
    collections::{BTreeSet, HashSet},
    fs::File,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use clap::Parser;
use jiff::{SignedDuration, tz::TimeZone};
use serde_json::{Value, json};
use server::{
    config::Config,
    jobs::{Board, Jobs},
};
use testkit::{World, seed};

use crate::{
    browser::Browser,
    choices::fields,
    forged::{PageRoute, concrete, page_routes},
    line::{Answer, Line},
    mail::office::PostOffice,
    process::{Place, Running},
    support::{document, operations},
    visitor::forms_of,
};

/// Of each of the five kinds.
const OF_EACH: usize = 40;

/// Canaries, and the order in which they are sent.
struct Canaries {
    all: Vec<String>,
    next: usize,
}

impl Canaries {
    fn draw() -> Self {
        let mut random = fastrand::Rng::with_seed(seed().0);
        let mut all = Vec::new();
        for _ in 0..OF_EACH {
            all.extend([
                password(&mut random),
                token(&mut random),
                code(&mut random),
                card(&mut random),
                address(&mut random),
            ]);
        }
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 5 * OF_EACH);
        Self { all, next: 0 }
    }

    /// Five in a row are one of each kind.
    fn next(&mut self) -> String {
        self.next += 1;
        self.all[self.next % self.all.len()].clone()
    }
}

fn word(random: &mut fastrand::Rng, letters: &[u8], length: usize) -> String {
    (0..length).map(|_| char::from(letters[random.usize(..letters.len())])).collect()
}

const SMALL: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

/// Words with a space and signs, such as no rule finds.
fn password(random: &mut fastrand::Rng) -> String {
    format!("{} {}!&%{}", word(random, SMALL, 9), word(random, SMALL, 9), random.u16(100..))
}

fn token(random: &mut fastrand::Rng) -> String {
    let bytes: Vec<u8> = (0..32).map(|_| random.u8(..)).collect();
    let secret = BASE64_STANDARD.encode(bytes).replace(['+', '/'], "x").replace('=', "");
    match random.u8(..2) {
        0 => secret,
        _ => format!("tp1_0193b1e07c2a7f3e8a1b{}_{secret}", word(random, b"0123456789abcdef", 12)),
    }
}

/// With letters that no id has, so that none is found by chance.
fn code(random: &mut fastrand::Rng) -> String {
    let letters = b"GHJKMNPQRSTVWXYZ";
    format!("{}{}-{}", word(random, letters, 3), random.u8(2..8), word(random, letters, 4))
}

fn card(random: &mut fastrand::Rng) -> String {
    let digits = format!("4{}", word(random, b"0123456789", 14));
    let sum: u32 = digits
        .chars()
        .enumerate()
        .map(|(at, digit)| digit.to_digit(10).unwrap() * if at % 2 == 0 { 2 } else { 1 })
        .map(|value| if value > 9 { value - 9 } else { value })
        .sum();
    let number = format!("{digits}{}", (10 - sum % 10) % 10);
    let groups = [&number[..4], &number[4..8], &number[8..12], &number[12..]];
    groups.join([" ", "-", ""][random.usize(..3)])
}

/// Some that the mail server refuses, with their words in its answer.
fn address(random: &mut fastrand::Rng) -> String {
    let begin = ["", "gone-", "busy-"][random.usize(..3)];
    format!("{begin}{}@{}.example", word(random, SMALL, 12), word(random, SMALL, 12))
}

/// How a canary could stand in a log.
fn spellings(canary: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = [canary.to_owned()].into();
    found.insert(serde_urlencoded::to_string([("", canary)]).unwrap()[1..].to_owned());
    found.insert(canary.replace(' ', "%20").replace('@', "%40"));
    for before in ["%", ""] {
        let bytes: Vec<_> = canary.bytes().map(|byte| format!("{before}{byte:02x}")).collect();
        found.insert(bytes.concat());
    }
    for c in [' ', '-'] {
        found.insert(canary.replace(c, ""));
    }
    // The parts of an address and of a password are as telling.
    let parts = canary.split(['@', ' ', '&']).map(|part| part.trim_end_matches(".example"));
    found.extend(parts.filter(|part| part.len() >= 9).map(str::to_owned));
    for before in 0..3 {
        // Of the bytes before and after, the letters at the edges are left out.
        let text = BASE64_STANDARD.encode([vec![b'x'; before], canary.into()].concat());
        let text = text.trim_end_matches('=');
        let from = [0, 2, 3][before];
        let middle = &text[from..text.len() - 2];
        found.insert(middle.to_owned());
        found.insert(middle.replace('+', "-").replace('/', "_"));
    }
    found
}

/// Everything that looks for canaries, as `grep` reads it.
fn write_list(canaries: &[String], list: &Path) {
    let all: BTreeSet<String> = canaries.iter().flat_map(|canary| spellings(canary)).collect();
    assert!(all.iter().all(|spelling| spelling.len() >= 8), "a spelling is met by chance");
    std::fs::write(list, all.into_iter().collect::<Vec<_>>().join("\n")).unwrap();
}

/// What of the list stands in a file or below a folder, in capitals or not.
fn found(list: &Path, place: &Path) -> BTreeSet<String> {
    let mut command = Command::new("grep");
    let found = command.args(["-rahoiF", "-f"]).arg(list).arg(place).env("LC_ALL", "C");
    let found = found.output().unwrap();
    assert!(found.status.code() < Some(2), "{}", String::from_utf8_lossy(&found.stderr));
    String::from_utf8_lossy(&found.stdout).lines().map(str::to_lowercase).collect()
}

struct Story {
    canaries: Canaries,
    port: u16,
    owner: Browser,
    root: String,
    token: String,
    /// The ids of requests that were answered.
    answered: Vec<String>,
}

impl Story {
    fn note(&mut self, answer: &Answer) {
        self.answered.push(answer.header("x-request-id").to_owned());
    }

    fn line(&self) -> Line {
        Line::open(self.port).unwrap()
    }

    /// Names of fields, each with the next canary.
    fn filled<'a>(&mut self, names: impl IntoIterator<Item = &'a String>) -> String {
        let pairs: Vec<_> =
            names.into_iter().map(|name| (name.as_str(), self.canaries.next())).collect();
        // The next time, each field gets another kind.
        if pairs.len() % 5 == 0 {
            self.canaries.next();
        }
        serde_urlencoded::to_string(pairs).unwrap()
    }
}

#[test]
fn no_canary_is_in_any_log() {
    let place = Place::sqlite();
    let office = PostOffice::open();
    let smtp = format!("smtp-plain://127.0.0.1:{}", office.port);
    let mut server = place.start(&["--log", "trace", "--smtp", &smtp, "--test-panics"]);
    let mut story = open(&mut server);
    let list = place.home().join("list");
    write_list(&story.canaries.all, &list);

    by_headers(&mut story);
    by_api(&mut story);
    by_mail(&mut story);
    by_pages(&mut story);
    by_panics(&mut story);
    let session = story.owner.value("sid").unwrap().to_owned();
    // The letters that are on the way are tried; the busy and gone ones are refused with their address.
    while !std::fs::read_to_string(place.log()).unwrap().contains("letter not sent") {
        std::thread::yield_now();
    }
    let said = server.end_with_words();

    let logs = place.data().join("logs");
    let terminal = place.home().join("terminal");
    std::fs::write(&terminal, said.join("\n")).unwrap();
    for place in [&logs, &place.log(), &terminal] {
        let found = found(&list, place);
        assert!(found.is_empty(), "{} in {}: {found:?}", found.len(), place.display());
    }
    let all = [read_all(&logs), std::fs::read_to_string(place.log()).unwrap()].concat();
    for secret in [&session, &story.token] {
        assert!(!all.contains(secret), "a secret of {} characters", secret.len());
    }
    the_log_says_what_it_should(&place, &logs, &story);
    the_search_finds_what_is_there(&place, &list, &story.canaries.all);
    println!("{} requests, {} bytes of log", story.answered.len(), all.len());
}

/// Nobody can write below a file, not even root.
#[test]
fn a_server_without_a_place_for_its_log_serves() {
    let place = Place::sqlite();
    let owner = place.furnish();
    std::fs::write(place.home().join("file"), "").unwrap();
    let server = place.start(&["--log-files", "file/logs"]);
    let workspace = format!("/workspaces/{}", owner.workspace);
    for _ in 0..3 {
        let answer = server.line().api(&owner.token, "GET", &workspace, None).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(server.line().api("none", "GET", &workspace, None).unwrap().status, 401);
    }
    assert!(server.end_with_words().iter().any(|line| line.starts_with("Listening")));
    let log = std::fs::read_to_string(place.log()).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = |words: &str| {
        let says = |line: &&Value| line["fields"]["message"].as_str().unwrap().starts_with(words);
        lines.iter().filter(says).count()
    };
    assert_eq!(count("the log files cannot be written"), 2, "for each kind, once: {log}");
    assert_eq!(count("refused"), 3, "what has no file is on the terminal: {log}");
    assert!(!place.data().join("logs").exists());

    // Nor is a file made by one that is to make none.
    let server = place.start(&["--log-files", "off"]);
    assert_eq!(server.line().api("none", "GET", &workspace, None).unwrap().status, 401);
    assert!(!place.data().join("logs").exists() && !place.home().join("off").exists());
}

/// Also those that the server has written itself, on a clock that is moved.
#[test]
fn old_log_files_go_by_themselves() {
    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        config: Config,
    }
    testkit::both(async |world: World| {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().to_str().unwrap();
        let config = Arguments::parse_from(["timeproof", "--data", data]).config;
        let logs = home.path().join("logs");
        std::fs::create_dir(&logs).unwrap();
        let began = world.app.clock().now();
        let day = began.to_zoned(TimeZone::UTC).date();
        let [app, security] =
            ["app", "security"].map(|kind| logs.join(format!("{kind}-{day}.jsonl")));
        for file in [&app, &security] {
            std::fs::write(file, "{}\n").unwrap();
        }
        let jobs = Jobs::start(&world.app, &config, Board::default()).unwrap();
        let gone = async |file: &Path| {
            for round in 1..=1_500 {
                if !file.exists() {
                    return;
                }
                // A job that had looked just before the clock was set looks again a minute later.
                if round % 50 == 0 {
                    world.clock.set(world.app.clock().now() + SignedDuration::from_mins(1));
                }
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
            panic!("{} is still there", file.display());
        };
        world.clock.set(began + SignedDuration::from_hours(7 * 24));
        gone(&app).await;
        assert!(security.exists());
        world.clock.set(began + SignedDuration::from_hours(400 * 24));
        gone(&security).await;
        jobs.stop().await;
    });
}

/// A workspace with its owner, in a browser and with a token.
fn open(server: &mut Running) -> Story {
    let mut canaries = Canaries::draw();
    let mut owner = Browser::new(server);
    let (workspace, name) = (canaries.next(), canaries.next());
    let root = owner.set_up(server, [&workspace, &name, "owner@example.com"]);
    let made = owner.post(
        &format!("{root}/tokens"),
        &[("name", &canaries.next()), ("scope", "full"), ("expires_in_days", "30")],
    );
    let page = made.text();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let tokens = page.split(|c| !is_part(c)).filter(|word| word.starts_with("tp1_"));
    // Names look like tokens here, too.
    let token = tokens.into_iter().find(|token| !canaries.all.iter().any(|name| name == token));
    let token = token.unwrap_or_else(|| panic!("{page}")).to_owned();
    Story { canaries, port: server.port, owner, root, token, answered: Vec::new() }
}

/// Each canary in each header that somebody reads, in the path and in the query.
fn by_headers(story: &mut Story) {
    let mut line = story.line();
    for canary in story.canaries.all.clone() {
        let bearer = format!("Bearer {canary}");
        let cookie = format!("__Host-sid={canary}; sid={canary}; rm={canary}; login={canary}");
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("ann:{canary}")));
        let encoded = serde_urlencoded::to_string([("q", &canary)]).unwrap();
        for (path, headers) in [
            ("/api/v1/workspaces".to_owned(), vec![("Authorization", &bearer)]),
            ("/api/v1/workspaces".to_owned(), vec![("Authorization", &basic)]),
            ("/".to_owned(), vec![("Cookie", &cookie), ("Referer", &canary)]),
            (
                format!("/{}?{encoded}", &encoded[2..]),
                vec![("User-Agent", &canary), ("X-Forwarded-For", &canary), ("Origin", &canary)],
            ),
            (
                format!("/join/{}", &encoded[2..]),
                vec![("If-Match", &canary), ("Accept", &canary), ("Accept-Language", &canary)],
            ),
            (
                format!("/api/v1/workspaces/{}?{encoded}", &encoded[2..]),
                vec![("Idempotency-Key", &canary), ("Content-Type", &canary), ("Range", &canary)],
            ),
        ] {
            let headers: Vec<_> =
                headers.into_iter().map(|(name, value)| (name, value.as_str())).collect();
            let answer = line.ask("GET", &path, &headers, b"").unwrap();
            story.note(&answer);
        }
    }
}

/// In every field and parameter of every operation, as a text where one belongs and where none does.
fn by_api(story: &mut Story) {
    let document = document();
    let workspace = story.root.strip_prefix("/w/").unwrap().to_owned();
    let mut line = story.line();
    for operation in operations(&document) {
        let answer = story.line().api(&story.token, "GET", "/workspaces", None).unwrap();
        assert_eq!(answer.status, 200, "before {}: {}", operation.id, answer.text());
        let path = concrete(&operation.path.replace("{workspace}", &workspace), "");
        let parameters = operation.described["parameters"].as_array().cloned().unwrap_or_default();
        let names: Vec<String> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
            .collect();
        let fields = fields(&document, &operation);
        // What ends the token would end the story.
        if operation.id == "leaveWorkspace" {
            continue;
        }
        for _ in 0..5 {
            let query = story.filled(&names);
            let whole: serde_json::Map<String, Value> = fields
                .iter()
                .map(|(name, _)| (name.clone(), json!(story.canaries.next())))
                .collect();
            let mut bodies = vec![Value::Object(whole), json!(story.canaries.next())];
            for (name, _) in &fields {
                let mut one = operation.example().cloned().unwrap_or_else(|| json!({}));
                one[name] = json!(story.canaries.next());
                bodies.push(one);
            }
            for body in bodies {
                let body = operation.has_body().then_some(&body);
                let path = format!("{path}?{query}");
                let token = story.token.clone();
                let answer = line.api(&token, &operation.method, &path, body).unwrap();
                story.note(&answer);
                if body.is_none() {
                    break;
                }
            }
        }
    }
    // No JSON at all.
    let bearer = format!("Bearer {}", story.token);
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let mut line = story.line();
    for _ in 0..20 {
        let path = format!("/api/v1/workspaces/{workspace}/clients");
        let body = format!("{{\"name\": {}", story.canaries.next());
        let answer = line.ask("POST", &path, &headers, body.as_bytes()).unwrap();
        assert!((400..500).contains(&answer.status), "{}", answer.text());
        story.note(&answer);
    }
    let answer = line.api(&story.token, "GET", "/workspaces", None).unwrap();
    assert_eq!(answer.status, 200, "the token has lived through it");
}

/// Invitations to every address, some of which the mail server refuses.
fn by_mail(story: &mut Story) {
    let mut line = story.line();
    let workspace = story.root.strip_prefix("/w/").unwrap();
    let path = format!("/workspaces/{workspace}/invitations");
    let mut sent = 0;
    for address in story.canaries.all.clone().iter().filter(|canary| canary.contains('@')) {
        let body = json!({ "email": address, "role": "member" });
        let answer = line.api(&story.token, "POST", &path, Some(&body)).unwrap();
        sent += usize::from(answer.status == 201);
    }
    assert!(sent > 0, "no invitation was taken");
}

/// Every route but those whose answer goes on for as long as a page is open.
fn pages_that_end() -> Vec<PageRoute> {
    page_routes().into_iter().filter(|route| !route.path.ends_with("/live")).collect()
}

/// The names of all fields: of forms as pages show them, and as the source reads them.
fn field_names(story: &mut Story) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for route in pages_that_end().iter().filter(|route| route.methods.contains(&"GET")) {
        let page = story.owner.get(&concrete(&route.path, &story.root));
        for form in forms_of(&page.text()) {
            names.extend(form.values.into_iter().map(|(name, _)| name));
        }
    }
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                names.extend(read_names(&path));
            }
        }
    }
    names.remove("csrf");
    assert!(names.len() > 40, "{names:?}");
    names
}

/// What is read by `get("…")`.
fn read_names(path: &PathBuf) -> Vec<String> {
    let source = std::fs::read_to_string(path).unwrap();
    let read = source.split("get(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let is_name =
        |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    read.filter(is_name).map(str::to_owned).collect()
}

/// Every form, by its owner and by somebody who is nobody; and every page, with a query.
fn by_pages(story: &mut Story) {
    let names = field_names(story);
    let ends = |path: &str| ["sign-out", "leave", "end"].iter().any(|word| path.contains(word));
    let mut routes = pages_that_end();
    routes.sort_by_key(|route| ends(&route.path));
    let mut nobody = Browser::at(story.port);
    nobody.get("/sign-in");
    story.owner.get(&format!("{}/today", story.root));
    let jar = story.owner.jar.clone();
    for route in routes {
        let path = concrete(&route.path, &story.root);
        for _ in 0..5 {
            let filled = story.filled(&names);
            let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&filled).unwrap();
            let pairs: Vec<_> =
                pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            if route.methods.contains(&"POST") {
                story.owner.jar = jar.clone();
                let answer = story.owner.post(&path, &pairs);
                story.note(&answer);
                let answer = nobody.post(&path, &pairs);
                story.note(&answer);
            }
            if route.methods.contains(&"GET") {
                story.owner.jar = jar.clone();
                // As long as an address can be.
                let query: String = filled.chars().take(7_000).collect();
                let query = query.rsplit_once('&').map_or("", |(query, _)| query);
                let answer = story.owner.get(&format!("{path}?{query}"));
                story.note(&answer);
            }
        }
    }
    story.owner.jar = jar;
    let (email, password) = (("email", "owner@example.com"), "password");
    for canary in story.canaries.all.clone().into_iter().take(10) {
        let mut lost = Browser::at(story.port);
        lost.get("/sign-in");
        let answer = lost.post("/sign-in", &[email, (password, &canary)]);
        story.note(&answer);
    }
    // Sign-ins, as one does them.
    for canary in story.canaries.all.clone() {
        let mut lost = Browser::at(story.port);
        lost.get("/sign-in");
        let email = if canary.contains('@') { canary.as_str() } else { "owner@example.com" };
        lost.post("/sign-in", &[("email", email)]);
        let answer = lost.post("/sign-in/code", &[("code", &canary)]);
        story.note(&answer);
    }
}

/// Panics with each canary among their words, in the request's task and within a transaction.
fn by_panics(story: &mut Story) {
    let mut line = story.line();
    for canary in story.canaries.all.clone() {
        for headers in [
            vec![("X-Test-Panic", canary.as_str())],
            vec![("X-Test-Panic", canary.as_str()), ("X-Test-Panic-Place", "transaction")],
        ] {
            let answer = line.ask("GET", "/api/v1/workspaces", &headers, b"").unwrap();
            assert!(headers.len() > 1 || answer.status == 500, "{}", answer.text());
            story.note(&answer);
        }
    }
}

fn read_all(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

/// An empty log has no canary either.
fn the_log_says_what_it_should(place: &Place, logs: &Path, story: &Story) {
    let terminal = std::fs::read_to_string(place.log()).unwrap();
    let files = read_all(logs);
    for text in [&terminal, &files] {
        for level in ["DEBUG", "WARN", "ERROR"] {
            assert!(text.contains(&format!("\"level\":\"{level}\"")), "{level}");
        }
        let ids = text.split("\"request_id\":\"").skip(1).filter_map(|rest| rest.split('"').next());
        let ids: HashSet<&str> = ids.collect();
        // What is no HTTP gets no id.
        let asked = story.answered.iter().filter(|id| !id.is_empty());
        assert_eq!(asked.filter(|id| !ids.contains(id.as_str())).count(), 0, "without a line");
    }
    assert!(story.answered.iter().filter(|id| !id.is_empty()).count() > 2_000);
    let mut lines: Vec<Value> = Vec::new();
    for line in files.lines() {
        lines.push(serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")));
    }
    let panics: Vec<_> = lines.iter().filter(|line| line["fields"]["message"] == "panic").collect();
    assert!(panics.len() >= 2 * story.canaries.all.len(), "{} panics", panics.len());
    assert!(panics.iter().all(|line| {
        let place = line["fields"]["place"].as_str().unwrap();
        place.contains("panics.rs")
            && line["fields"]["words"].as_str().unwrap().contains("left out")
    }));
    assert!(panics.iter().any(|line| line["fields"]["request_id"].is_string()));
    let security: Vec<_> = lines.iter().filter(|line| line["target"] == "security").collect();
    for what in ["session.opened", "workspace.created", "token.created", "invitation.sent"] {
        assert!(security.iter().any(|line| line["fields"]["what"] == what), "{what}");
    }
    for what in ["code.wrong", "password.wrong"] {
        assert!(security.iter().any(|line| line["fields"]["what"] == what), "{what}");
    }
    assert!(security.iter().any(|line| line["fields"]["message"] == "refused"));
    assert!(security.iter().any(|line| line["fields"]["command"] == "serve"));
}

/// The same search on the log of a program that scrubs nothing: each canary in each spelling.
fn the_search_finds_what_is_there(place: &Place, list: &Path, canaries: &[String]) {
    let raw = place.home().join("raw");
    let file = File::create(&raw).unwrap();
    let careless = tracing_subscriber::fmt().json().with_writer(Mutex::new(file)).finish();
    let all: Vec<_> = canaries.iter().flat_map(|canary| spellings(canary)).collect();
    tracing::subscriber::with_default(careless, || {
        for spelling in &all {
            tracing::info!("no mailbox {} here", spelling.to_uppercase());
        }
    });
    let seen = found(list, &raw);
    let is_seen = |spelling: &&String| {
        seen.iter().any(|seen| spelling.to_lowercase().contains(seen.as_str()))
    };
    assert_eq!(all.iter().filter(is_seen).count(), all.len());
}

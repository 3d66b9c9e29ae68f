//! `tp`, the real program, against the real server, on both engines: signed in by a confirmed code,
//! with and without a connection, and with a server that is killed before its answer arrives.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    line::{Answer, Line},
    process::{Owner, Place, Running},
};

/// An address that stays while the server behind it is stopped, killed and started again, as a
/// server's name does.
struct Gate {
    port: u16,
    behind: Arc<Mutex<Behind>>,
}

#[derive(Default)]
struct Behind {
    server: Option<Running>,
    /// The server is killed once it has carried a POST to a path with this end out, and before its
    /// answer gets through.
    killed_after: Option<&'static str>,
}

impl Gate {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let behind = Arc::new(Mutex::new(Behind::default()));
        let shared = Arc::clone(&behind);
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let behind = Arc::clone(&shared);
                std::thread::spawn(move || pass(&behind, stream));
            }
        });
        Self { port, behind }
    }

    fn open(&self, place: &Place) {
        let server = place.start(&[]);
        self.behind.lock().unwrap().server = Some(server);
    }

    fn close(&self) {
        let server = self.behind.lock().unwrap().server.take();
        assert!(server.unwrap().terminate());
    }

    fn kill_after(&self, end: &'static str) {
        self.behind.lock().unwrap().killed_after = Some(end);
    }

    /// It has been killed, as it was to be.
    fn is_killed(&self) -> bool {
        let behind = self.behind.lock().unwrap();
        behind.server.is_none() && behind.killed_after.is_none()
    }

    fn with<T>(&self, work: impl FnOnce(&mut Running) -> T) -> T {
        work(self.behind.lock().unwrap().server.as_mut().expect("a running server"))
    }

    fn line(&self) -> Line {
        self.with(|server| server.line())
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// The threads of the gate hold what is behind it until the process ends, and would leave the server
/// running.
impl Drop for Gate {
    fn drop(&mut self) {
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        drop(behind.server.take());
    }
}

/// Takes one request to the server and its answer back. None: the line is cut.
fn pass(behind: &Mutex<Behind>, stream: TcpStream) -> Option<()> {
    let port = behind.lock().unwrap().server.as_ref()?.port;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut headers, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "host" | "connection" | "transfer-encoding" => {}
            _ => headers.push((name.to_owned(), value.to_owned())),
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = Line::open(port).ok()?.ask(&method, &path, &headers, &body).ok()?;
    let mut behind = behind.lock().unwrap();
    if method == "POST" && behind.killed_after.is_some_and(|end| path.ends_with(end)) {
        behind.killed_after = None;
        behind.server.take()?.kill();
        return None;
    }
    drop(behind);
    tell(stream, &answer)
}

fn tell(mut stream: TcpStream, answer: &Answer) -> Option<()> {
    let mut head = format!("HTTP/1.1 {} Status\r\n", answer.status);
    for (name, value) in &answer.headers {
        if !["content-length", "transfer-encoding", "connection"].contains(&name.as_str()) {
            write!(head, "{name}: {value}\r\n").ok()?;
        }
    }
    write!(head, "Content-Length: {}\r\nConnection: close\r\n\r\n", answer.body.len()).ok()?;
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&answer.body).ok()
}

/// The program, which the tests of the whole workspace have built beside the server.
#[expect(clippy::disallowed_methods, reason = "tests are configured by their environment")]
pub(crate) fn program() -> PathBuf {
    let beside = Path::new(env!("CARGO_BIN_EXE_timeproof"))
        .with_file_name(format!("tp{}", std::env::consts::EXE_SUFFIX));
    let path = std::env::var("TP_BIN").map_or(beside, PathBuf::from);
    assert!(
        path.is_file(),
        "{} is not there: build it with `cargo build -p client`, or test the whole workspace",
        path.display()
    );
    path
}

/// Somebody who types, at a machine with a home of its own.
struct Typist {
    place: Place,
    gate: Gate,
    owner: Owner,
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said {
    code: Option<i32>,
    out: String,
    pub(crate) notes: String,
}

impl Said {
    pub(crate) fn of(ended: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: ended.status.code(), out: text(ended.stdout), notes: text(ended.stderr) }
    }

    #[track_caller]
    pub(crate) fn done(self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// Kept on this machine; the act's id.
    #[track_caller]
    fn kept(self) -> String {
        let done = self.done();
        done["kept"]["id"].as_str().unwrap_or_else(|| panic!("{done}")).to_owned()
    }

    /// The code of a failure, behind its exit code: `1 unknown_project`.
    #[track_caller]
    pub(crate) fn failure(self) -> String {
        let last = self.notes.lines().last().unwrap_or_default();
        let told: Value = serde_json::from_str(last).unwrap_or_else(|_| panic!("{self:?}"));
        let code = told["error"]["code"].as_str().unwrap();
        assert!(told["error"]["message"].as_str().unwrap().ends_with('.'), "{told}");
        format!("{} {code}", self.code.unwrap())
    }
}

impl Typist {
    /// With a server that runs, not signed in.
    fn at(place: Place) -> Self {
        let owner = place.furnish();
        let gate = Gate::new();
        gate.open(&place);
        Self { place, gate, owner }
    }

    /// Signed in with a token.
    fn signed_in(place: Place) -> Self {
        let typist = Self::at(place);
        typist.sign_in_by_token();
        typist
    }

    fn sign_in_by_token(&self) {
        let mut child = self.spawn(&["--json", "login", &self.gate.url(), "--token"]);
        child.stdin.take().unwrap().write_all(self.owner.token.as_bytes()).unwrap();
        let said = Said::of(child.wait_with_output().unwrap()).done();
        assert_eq!(said["workspace_name"], "A workspace");
    }

    fn spawn(&self, words: &[&str]) -> Child {
        let mut command = Command::new(program());
        command
            .args(words)
            .env_clear()
            .env("TP_CONFIG_DIR", self.place.home().join("tp"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// A command with `--json`.
    fn types(&self, words: &[&str]) -> Said {
        let words: Vec<&str> = ["--json"].iter().chain(words).copied().collect();
        Said::of(self.spawn(&words).wait_with_output().unwrap())
    }

    fn api(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let path = format!("/workspaces/{}{path}", self.owner.workspace);
        self.gate.line().api(&self.owner.token, method, &path, body).unwrap()
    }

    /// Makes a thing by another program.
    fn make(&self, path: &str, body: &Value) -> Value {
        let answer = self.api("POST", path, Some(body));
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    /// Note, seconds and whether it runs, of all entries, by note.
    fn entries(&self) -> Vec<(String, i64, bool)> {
        let me = self.api("GET", "/me", None).json();
        let path = format!("/time-entries?limit=200&member_id={}", me["id"].as_str().unwrap());
        let listed = self.api("GET", &path, None).json();
        let mut all: Vec<_> = listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| {
                let is_running = entry["running"] == true;
                let seconds = entry["duration_s"].as_i64().unwrap();
                let note = entry["note"].as_str().unwrap().to_owned();
                (note, if is_running { 0 } else { seconds }, is_running)
            })
            .collect();
        all.sort();
        all
    }

    /// The codes of what must be decided, and the ids of the acts.
    fn questions(&self) -> Vec<(String, String)> {
        let waiting = self.types(&["spool"]).done()["waiting"].clone();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let question = |act: &Value| (text(&act["question"]["code"]), text(&act["id"]));
        waiting.as_array().unwrap().iter().map(question).collect()
    }
}

fn expect(entries: &[(&str, i64, bool)]) -> Vec<(String, i64, bool)> {
    entries.iter().map(|(note, s, runs)| ((*note).to_owned(), *s, *runs)).collect()
}

fn both(test: impl Fn(Place)) {
    test(Place::sqlite());
    test(Place::postgres(testkit::postgres::cluster().url()));
}

/// So many minutes ago, as typed.
#[expect(clippy::disallowed_methods, reason = "the program under test reads the same clock")]
fn ago(minutes: i64) -> String {
    let at = Timestamp::now() - SignedDuration::from_mins(minutes);
    domain::interval::truncate_to_second(at).to_string()
}

/// Signs in with a code that the owner confirms in a browser.
fn log_in(typist: &Typist) {
    let mut child = typist.spawn(&["--json", "login", &typist.gate.url()]);
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut asked = String::new();
    out.read_line(&mut asked).unwrap();
    let asked: Value = serde_json::from_str(&asked).unwrap();
    assert!(asked["verification_url"].as_str().unwrap().ends_with("/device"), "{asked}");
    let code = asked["user_code"].as_str().unwrap();
    typist.gate.with(|server| {
        let mut browser = Browser::new(server);
        browser.sign_in(server, "owner@example.com");
        let shown = browser.get(&format!("/device?user_code={code}"));
        assert_eq!(shown.status, 200);
        assert!(shown.text().contains("Let tp on "), "{}", shown.text());
        let workspace = typist.owner.workspace.to_string();
        let fields = [
            ("user_code", code),
            ("workspace", &workspace),
            ("answer", "allow"),
            ("expires_in_days", "90"),
        ];
        let confirmed = browser.post("/device/confirm", &fields);
        assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    });
    let mut told = String::new();
    out.read_to_string(&mut told).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["member_name"], "The owner");
    assert_eq!(told["workspace_id"], typist.owner.workspace.to_string());
}

#[test]
fn a_day_with_a_connection_and_a_token_that_is_revoked() {
    both(|place| {
        let typist = Typist::at(place);
        assert_eq!(typist.types(&["status"]).failure(), "4 signed_out");
        log_in(&typist);
        let client = typist.make("/clients", &json!({ "name": "Northwind Ltd" }));
        let planning = json!({ "name": "Planning", "client_id": client["id"] });
        let planning = typist.make("/projects", &planning);
        typist.make("/projects", &json!({ "name": "Internal" }));
        let tag = typist.make("/tags", &json!({ "name": "big tag" }));

        // All of it was made after the sign-in: asked for again.
        let line = "plan the week @north/plan #big-tag $";
        let started = typist.types(&["start", line, "--at", &ago(90)]).done();
        let id = started["id"].as_str().unwrap().to_owned();
        assert_eq!(started["running"], true);
        assert_eq!(started["project_id"], planning["id"]);
        assert_eq!(started["tag_ids"], json!([tag["id"]]));
        assert_eq!(started["billable"], true);
        let status = typist.types(&["status"]).done();
        assert_eq!((&status["connected"], &status["timer"]["id"]), (&json!(true), &json!(id)));
        assert_eq!(status["timer"]["target"], "Northwind Ltd ▸ Planning");
        let until = started["started_at"].as_str().unwrap().parse::<Timestamp>().unwrap()
            + SignedDuration::from_mins(30);
        let stopped = typist.types(&["stop", "--at", &until.to_string()]).done();
        assert_eq!((&stopped["id"], &stopped["duration_s"]), (&json!(id), &json!(1800)));
        assert_eq!(typist.types(&["stop"]).failure(), "1 timer.not_running");

        let added = typist.types(&["add", "0:45 call @internal"]).done();
        assert_eq!((&added["duration_s"], &added["version"]), (&json!(2700), &json!(1)));
        assert_eq!(typist.types(&["add", "1h @nowhere"]).failure(), "1 unknown_project");
        assert_eq!(typist.types(&["add", "1h #unheard"]).failure(), "1 unknown_tag");
        assert_eq!(typist.types(&["add", "standup"]).failure(), "2 usage");
        let added = added["id"].as_str().unwrap().to_owned();
        let words =
            ["--note", "long call", "--duration", "1h", "--project", "Northwind Ltd/Planning"];
        let edit: Vec<&str> = ["edit", &added[28..]].into_iter().chain(words).collect();
        let edited = typist.types(&edit).done();
        assert_eq!((&edited["duration_s"], &edited["version"]), (&json!(3600), &json!(2)));
        assert_eq!(edited["project_id"], planning["id"]);
        let again = typist.types(&["continue", &id[28..]]).done();
        assert_eq!((&again["note"], &again["running"]), (&json!("plan the week"), &json!(true)));
        assert_eq!(typist.types(&["continue"]).failure(), "1 timer.already_running");
        typist.types(&["stop"]).done();

        let listed = typist.types(&["log", "--first", "yesterday"]).done();
        let total_s = listed["total_s"].as_i64().unwrap();
        assert!((5400..5460).contains(&total_s), "{listed}");
        let shown =
            Said::of(typist.spawn(&["log", "--first", "yesterday"]).wait_with_output().unwrap());
        assert!(shown.out.contains("long call") && shown.out.contains("0:30"), "{shown:?}");

        // The token is revoked elsewhere: nothing is lost, and it says what to do.
        let tokens = typist.api("GET", "/tokens", None).json();
        let tokens = tokens["items"].as_array().unwrap().iter();
        let mut its = tokens.filter(|token| token["name"].as_str().unwrap().starts_with("tp on "));
        let path = format!("/tokens/{}", its.next().unwrap()["id"].as_str().unwrap());
        assert!((its.next().is_none()) && typist.api("DELETE", &path, None).status == 204);
        let kept = typist.types(&["add", "0:10 after that"]);
        assert!(kept.out.contains("Run `tp login` again"), "{kept:?}");
        kept.kept();
        for words in [&["sync"][..], &["log"], &["edit", &id, "--note", "x"]] {
            assert_eq!(typist.types(words).failure(), "4 signed_out", "{words:?}");
        }
        typist.sign_in_by_token();
        let notes: Vec<String> = typist.entries().into_iter().map(|(note, ..)| note).collect();
        assert_eq!(notes, ["after that", "long call", "plan the week", "plan the week"]);
    });
}

#[test]
fn without_a_connection_everything_is_sent_once() {
    both(|place| {
        let typist = Typist::signed_in(place);
        let start = |note: &str, at: &str| typist.types(&["start", note, "--at", at]);
        let (two_hours, ninety, an_hour) = (ago(120), ago(90), ago(60));
        start("before", &two_hours).done();
        typist.gate.close();
        start("next", &ninety).kept();
        typist.types(&["add", "0:20 meanwhile"]).kept();
        typist.types(&["stop", "--at", &an_hour]).kept();
        let status = typist.types(&["status"]).done();
        assert_eq!((&status["connected"], &status["timer"]), (&json!(false), &Value::Null));
        assert_eq!((&status["waiting"], &status["today_s"]), (&json!(3), &Value::Null));
        assert_eq!(typist.types(&["log"]).failure(), "3 offline");
        assert_eq!(typist.types(&["sync"]).failure(), "3 offline");
        typist.gate.open(&typist.place);
        let expected = expect(&[
            ("before", seconds(&two_hours, &ninety), false),
            ("meanwhile", 1200, false),
            ("next", seconds(&ninety, &an_hour), false),
        ]);
        for _ in 0..2 {
            assert_eq!(typist.types(&["sync"]).done()["waiting"], 0);
            assert_eq!(typist.entries(), expected);
        }
    });
}

fn seconds(from: &str, to: &str) -> i64 {
    let at = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
    at(to) - at(from)
}

#[test]
fn what_cannot_be_sent_as_it_is_waits_for_a_decision() {
    both(|place| {
        let typist = Typist::signed_in(place);
        let known = typist.make("/projects", &json!({ "name": "Known" }));
        typist.types(&["sync"]).done();
        typist.gate.close();
        let (begun, there, ended) = (ago(50), ago(40), ago(30));
        typist.types(&["start", "here", "--at", &begun]).kept();
        typist.types(&["add", "0:30 report @later"]).kept();
        typist.types(&["add", "0:30 other @known"]).kept();
        typist.gate.open(&typist.place);
        // Meanwhile the timer was started on the phone, and the project archived.
        let id = known["id"].as_str().unwrap();
        let archived = json!({ "archived": true });
        assert_eq!(typist.api("PATCH", &format!("/projects/{id}"), Some(&archived)).status, 200);
        typist.make("/timer", &json!({ "note": "there", "started_at": there }));

        assert_eq!(typist.types(&["sync"]).code, Some(1));
        let questions = typist.questions();
        let codes: Vec<&str> = questions.iter().map(|(code, _)| code.as_str()).collect();
        let expected = ["timer.running_elsewhere", "unknown_project", "project.archived"];
        assert_eq!(codes, expected);
        let resolve = |place: usize, words: &[&str]| {
            let id = questions[place].1.as_str();
            let all: Vec<&str> = ["spool", "resolve", id].iter().chain(words).copied().collect();
            typist.types(&all)
        };
        assert_eq!(resolve(1, &["--keep"]).failure(), "1 unknown_project");
        typist.make("/projects", &json!({ "name": "Later" }));
        resolve(1, &["--keep"]).done();
        resolve(2, &["--project", "none"]).done();
        resolve(0, &["--until", &ended]).done();
        assert_eq!(typist.types(&["sync"]).done()["waiting"], 0);
        let here = seconds(&begun, &ended);
        let mut expected = expect(&[
            ("here", here, false),
            ("other", 1800, false),
            ("report", 1800, false),
            ("there", 0, true),
        ]);
        assert_eq!(typist.entries(), expected);

        // A stop typed without a connection ends what was meant, and nothing that began since.
        typist.gate.close();
        let stop = ago(20);
        typist.types(&["stop", "--at", &stop]).kept();
        typist.gate.open(&typist.place);
        typist.make("/timer", &json!({ "note": "third", "started_at": ago(10) }));
        assert_eq!(typist.types(&["sync"]).code, Some(1));
        let questions = typist.questions();
        assert_eq!(questions[0].0, "timer.stopped_elsewhere");
        typist.types(&["spool", "resolve", &questions[0].1, "--keep"]).done();
        expected[3] = ("there".to_owned(), seconds(&there, &stop), false);
        expected.push(("third".to_owned(), 0, true));
        assert_eq!(typist.entries(), expected);
    });
}

#[test]
fn a_project_is_made_with_its_entry_when_that_is_said() {
    both(|place| {
        let typist = Typist::signed_in(place);
        let projects = || {
            let listed = typist.api("GET", "/projects", None).json();
            let items = listed["items"].as_array().unwrap().clone();
            let mut names: Vec<_> =
                items.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(typist.types(&["add", "1h @Acme/Move"]).failure(), "1 unknown_project");
        let added = typist.types(&["add", "--create-project", "1h boxes @Acme/Move"]).done();
        let started = typist.types(&["start", "more @acme/move", "--create-project"]).done();
        assert_eq!(added["project_id"], started["project_id"]);
        let shown = Said::of(typist.spawn(&["log"]).wait_with_output().unwrap());
        assert!(shown.out.contains("Acme ▸ Move"), "{shown:?}");
        assert_eq!(projects(), ["Move"]);

        typist.gate.close();
        typist.types(&["add", "--create-project", "1h packing @Acme/Packing/First"]).kept();
        typist.types(&["add", "1h paint @Paint"]).kept();
        typist.gate.open(&typist.place);
        assert_eq!(typist.types(&["sync"]).code, Some(1));
        assert_eq!(projects(), ["Move", "Packing"]);
        let questions = typist.questions();
        assert_eq!(questions[0].0, "unknown_project");
        typist.types(&["spool", "resolve", &questions[0].1, "--create-project"]).done();
        assert_eq!(projects(), ["Move", "Packing", "Paint"]);
        assert_eq!(typist.types(&["sync"]).done()["waiting"], 0);
    });
}

#[test]
fn what_is_wrong_with_the_servers_certificate_is_said_in_words() {
    let place = Place::sqlite();
    place.furnish();
    let (server, _) = crate::slow::with_tls(&place, &[]);
    let says = |server: &Running, ca: &std::path::Path, host: &str| {
        let mut command = Command::new(program());
        command.args(["login", &format!("https://{host}:{}", server.port), "--token", "--ca-file"]);
        command.arg(ca).env("TP_CONFIG_DIR", place.home().join("tp")).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"tp1_a\n").unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap()
    };
    let trusted = place.home().join("cert.pem");
    let said = says(&server, &trusted, "127.0.0.1");
    assert!(said.contains("the server's certificate is for another name"), "{said}");
    let mut other = rcgen::CertificateParams::new(vec!["other".to_owned()]).unwrap();
    other.distinguished_name.push(rcgen::DnType::CommonName, "another authority");
    let other = other.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
    let stranger = place.home().join("stranger.pem");
    std::fs::write(&stranger, other.pem()).unwrap();
    let said = says(&server, &stranger, "localhost");
    assert!(said.contains("nobody who is trusted here vouches"), "{said}");
    drop(server);
    let authority = crate::tls::certificate(&place, |made| {
        made.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    });
    let server = place.start(&authority.each_ref().map(String::as_str));
    let said = says(&server, Path::new(&authority[1]), "localhost");
    assert!(said.contains("is an authority's own (CA:TRUE)"), "{said}");
}

#[test]
fn a_server_killed_before_its_answer_makes_nothing_twice() {
    both(|place| {
        let typist = Typist::signed_in(place);
        let (begun, ended) = (ago(30), ago(20));
        let lost = |end: &'static str, words: &[&str]| {
            typist.gate.kill_after(end);
            typist.types(words).kept();
            assert!(typist.gate.is_killed(), "{end}");
            // Sent again in vain, and then for good.
            typist.types(&["status"]).done();
            typist.gate.open(&typist.place);
            assert_eq!(typist.types(&["sync"]).done()["waiting"], 0, "{end}");
        };
        lost("/time-entries", &["add", "0:10 once"]);
        assert_eq!(typist.entries(), expect(&[("once", 600, false)]));
        lost("/timer", &["start", "timed", "--at", &begun]);
        assert_eq!(typist.entries(), expect(&[("once", 600, false), ("timed", 0, true)]));
        lost("/timer/stop", &["stop", "--at", &ended]);
        let timed = ("timed", seconds(&begun, &ended), false);
        assert_eq!(typist.entries(), expect(&[("once", 600, false), timed]));
        lost("/tags", &["add", "-c", "0:05 tagged #brand-new"]);
        assert_eq!(typist.entries().len(), 3);
        let tags = typist.api("GET", "/tags", None).json();
        assert_eq!(tags["items"].as_array().unwrap().len(), 1);
        lost("/time-entries", &["add", "--create-project", "0:05 booked @Acme/Move"]);
        assert_eq!(typist.entries().len(), 4);
        let projects = typist.api("GET", "/projects", None).json();
        assert_eq!(projects["items"].as_array().unwrap().len(), 1);
    });
}

//! Nothing that people typed is readable on the disk or in the log.
//!
//! Unique random words are planted through every text field, by pages and API, and looked for with
//! `grep` in the raw bytes of the data folder (database files, WAL, keyring), of PostgreSQL's own
//! folder, and in the server's log at its most talkative. The development mail folder is the one
//! exception; it shows that the search finds what is there.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use testkit::seed;

use crate::{
    browser::Browser,
    line::Line,
    process::{Place, Running},
};

/// Draws words that stand nowhere else, and remembers them.
struct Planted {
    random: fastrand::Rng,
    words: Vec<String>,
}

impl Planted {
    fn word(&mut self) -> String {
        let word: String = (0..14).map(|_| self.random.lowercase()).collect();
        self.words.push(word.clone());
        word
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    fn address(&mut self) -> String {
        format!("{}@{}.example", self.word(), self.word())
    }
}

#[test]
fn no_planted_word_is_readable_on_sqlite() {
    story(&Place::sqlite(), None);
}

#[test]
fn no_planted_word_is_readable_on_postgres() {
    let cluster = testkit::postgres::durable_cluster();
    story(&Place::postgres(cluster.url()), Some(cluster.data()));
}

fn story(place: &Place, postgres: Option<PathBuf>) {
    let random = fastrand::Rng::with_seed(seed().0);
    let mut planted = Planted { random, words: Vec::new() };
    let mut server = place.start(&["--log", "trace"]);
    let secrets = plant(&mut server, &mut planted);
    let count = planted.words.len();
    assert!(count >= 200, "{count} words are too few");

    let list = place.home().join("words");
    std::fs::write(&list, planted.words.join("\n")).unwrap();
    let search = |when: &str| {
        checkpoint(postgres.as_deref());
        let mut places = vec![place.data(), place.log()];
        places.extend(postgres.clone());
        for place in &places {
            assert_eq!(grep(&list, place), "", "{when}: words found below {}", place.display());
        }
    };
    search("while serving");
    let letters = grep_in(&list, &place.data().join("mail"), &[]);
    assert!(letters.lines().count() > 3, "the search finds words where they are: {letters}");

    let log = std::fs::read_to_string(place.log()).unwrap();
    assert!(log.contains("\"DEBUG\""), "the log is at its most talkative");
    for secret in secrets {
        assert!(!log.contains(&secret), "a secret of {} characters in the log", secret.len());
    }
    server.kill();
    search("after a kill");
    let mut server = place.start(&["--log", "trace"]);
    server.terminate();
    search("after a clean end");
    println!("{count} words planted, none found");
}

/// Fills every text field; the secrets that were shown on the way.
fn plant(server: &mut Running, planted: &mut Planted) -> Vec<String> {
    let mut secrets = Vec::new();
    let mut owner = Browser::new(server);
    let address = planted.address();
    let (workspace, name) = (planted.words(2), planted.words(2));
    let root = owner.set_up(server, [&workspace, &name, &address]);
    secrets.extend(owner.value("sid").map(str::to_owned));

    // A program, by a code confirmed in the browser: its name is a text field.
    let mut line = server.line();
    let grant = line.ask(
        "POST",
        "/api/v1/device-grants",
        &[("Content-Type", "application/json")],
        json!({ "name": planted.words(2) }).to_string().as_bytes(),
    );
    let grant = grant.unwrap().json();
    let (code, device) = (text(&grant, "user_code"), text(&grant, "device_code"));
    assert_eq!(owner.get(&format!("/device?user_code={code}")).status, 200);
    let id = root.strip_prefix("/w/").unwrap().to_owned();
    let fields = [
        ("user_code", code.as_str()),
        ("workspace", &id),
        ("answer", "allow"),
        ("expires_in_days", "90"),
    ];
    assert_eq!(owner.post("/device/confirm", &fields).status, 200);
    let collected = line.ask(
        "POST",
        "/api/v1/device-grants/collect",
        &[("Content-Type", "application/json")],
        json!({ "device_code": device }).to_string().as_bytes(),
    );
    let token = text(&collected.unwrap().json(), "token");
    secrets.extend([code, device, token.clone()]);

    let mut api = Api { line, base: format!("/workspaces/{id}"), token };
    plant_by_api(&mut api, planted, &mut secrets);
    plant_by_pages(&mut owner, &root, planted);
    plant_people(server, &mut api, planted, &mut secrets);
    secrets
}

struct Api {
    line: Line,
    base: String,
    token: String,
}

impl Api {
    fn ask(&mut self, method: &str, path: &str, body: Value) -> Value {
        let path = format!("{}{path}", self.base);
        let answer = self.line.api(&self.token, method, &path, Some(&body)).unwrap();
        assert!(answer.status < 300, "{method} {path} {body}: {}", answer.text());
        answer.json()
    }
}

fn plant_by_api(api: &mut Api, planted: &mut Planted, secrets: &mut Vec<String>) {
    api.ask("PATCH", "", json!({ "name": planted.words(2) }));
    api.ask("PATCH", "/me", json!({ "name": planted.words(2) }));
    for _ in 0..8 {
        let client = api.ask("POST", "/clients", json!({ "name": planted.words(1) }));
        let client = text(&client, "id");
        api.ask("PATCH", &format!("/clients/{client}"), json!({ "name": planted.words(1) }));
        let body = json!({ "name": planted.words(1), "client_id": client });
        let project = text(&api.ask("POST", "/projects", body), "id");
        api.ask("PATCH", &format!("/projects/{project}"), json!({ "name": planted.words(1) }));
        let body = json!({ "name": planted.words(1), "project_id": project });
        let task = text(&api.ask("POST", "/tasks", body), "id");
        api.ask("PATCH", &format!("/tasks/{task}"), json!({ "name": planted.words(1) }));
        let tag = text(&api.ask("POST", "/tags", json!({ "name": planted.words(1) })), "id");
        api.ask("PATCH", &format!("/tags/{tag}"), json!({ "name": planted.words(1) }));
        let body = json!({ "name": planted.words(1), "scope": "full", "expires_in_days": 30 });
        secrets.push(text(&api.ask("POST", "/tokens", body), "token"));
        let body = json!({ "day": "2026-03-02", "duration_s": 60, "note": planted.words(4),
                           "project_id": project, "task_id": task, "tag_ids": [tag] });
        let entry = text(&api.ask("POST", "/time-entries", body), "id");
        let changed = json!({ "note": planted.words(3) });
        api.ask("PATCH", &format!("/time-entries/{entry}"), changed);
        api.ask(
            "POST",
            "/quick-entries/read",
            json!({ "text": format!("1h {}", planted.words(1)) }),
        );
        let body = json!({ "text": format!("1h {} #{}", planted.words(1), planted.word()),
                           "create_tags": true });
        api.ask("POST", "/quick-entries", body);
    }
    api.ask("POST", "/timer", json!({ "note": planted.words(2) }));
    // What is refused is not kept either.
    let path = format!("{}/clients", api.base);
    let refused = json!({ "name": planted.words(300) });
    let refused = api.line.api(&api.token, "POST", &path, Some(&refused)).unwrap();
    assert_eq!(refused.status, 422);
    planted.words.truncate(planted.words.len() - 290);
}

fn plant_by_pages(owner: &mut Browser, root: &str, planted: &mut Planted) {
    owner.get(&format!("{root}/today"));
    for _ in 0..4 {
        let (tag, project, client) = (planted.word(), planted.word(), planted.word());
        let text = format!("30m {} #{tag} @{client}/{project}", planted.words(2));
        let path = format!("{root}/quick-entry");
        let create = format!("the project “{project}” (new client “{client}”) and the tag “{tag}”");
        let done = owner.post(&path, &[("text", &text), ("create", &create)]);
        assert!(done.status < 400, "{}", done.text());
        // A text that cannot be read comes back in the page.
        owner.post(&path, &[("text", &format!("25:99 {}", planted.words(1)))]);
    }
    let words = planted.words(2);
    owner.get(&format!("{root}/today?{words}", words = words.replace(' ', "=")));
    owner.get(&format!("/{}", planted.word()));
}

/// Invitations, joining, codes for people and for nobody.
fn plant_people(
    server: &mut Running,
    api: &mut Api,
    planted: &mut Planted,
    secrets: &mut Vec<String>,
) {
    for _ in 0..3 {
        let address = planted.address();
        api.ask("POST", "/invitations", json!({ "email": address, "role": "member" }));
        let letter = server.letter();
        assert_eq!(letter.to, address);
        let path = letter.path();
        secrets.push(path.rsplit('/').next().unwrap().to_owned());
        let mut guest = Browser::new(server);
        assert_eq!(guest.get(&path).status, 200);
        let name = planted.words(2);
        let joined = guest.post(&path, &[("name", &name), ("zone", "Europe/Paris")]);
        assert_eq!(joined.status, 303, "{}", joined.text());

        let mut again = Browser::new(server);
        let letter = again.sign_in(server, &address);
        secrets.extend([letter.code(), letter.code().replace('-', "")]);
        secrets.push(letter.path().rsplit('/').next().unwrap().to_owned());
        secrets.extend(again.jar.cookies.iter().map(|(_, value)| value.clone()));
        let nobody = planted.address();
        assert_eq!(Browser::new(server).ask_for_code(&nobody).status, 200);
    }
    // Not an address at all, and a wrong code.
    let mut lost = Browser::new(server);
    let typed = planted.words(2);
    assert_eq!(lost.ask_for_code(&typed).status, 422);
    lost.post("/sign-in/code", &[("code", &planted.word())]);
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}")).to_owned()
}

/// Everything that PostgreSQL keeps in memory goes to its files.
fn checkpoint(data: Option<&Path>) {
    if data.is_some() {
        testkit::postgres::durable_cluster().checkpoint();
    }
}

/// What of the list stands below a folder, the mail folder aside.
fn grep(list: &Path, place: &Path) -> String {
    grep_in(list, place, &["--exclude-dir=mail"])
}

fn grep_in(list: &Path, place: &Path, options: &[&str]) -> String {
    let mut command = Command::new("grep");
    command.args(["-raoiF", "-f"]).arg(list).args(options).arg(place);
    let found = command.env("LC_ALL", "C").output().unwrap();
    // 1 is nothing found. Files that PostgreSQL removes meanwhile may be missed, nothing else.
    let complaint = String::from_utf8_lossy(&found.stderr).into_owned();
    let is_gone = complaint.lines().all(|line| line.contains("No such file"));
    assert!(found.status.code() < Some(2) || is_gone, "{complaint}");
    String::from_utf8_lossy(&found.stdout).into_owned()
}

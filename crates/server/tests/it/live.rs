//! The stream that tells open pages what happened, over real connections.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    browser::Browser,
    brute::line_from,
    line::{Answer, Line},
    process::{Owner, Place, Running, path_of},
};

/// A change reaches an open page by then.
const SOON: Duration = Duration::from_secs(1);

/// The end of a session, or of a membership, ends the stream by then.
pub(crate) const AT_LAST: Duration = Duration::from_secs(5);

/// An open stream.
pub(crate) struct Stream(Line);

impl Stream {
    pub(crate) fn open(
        server: &Running,
        browser: &Browser,
        workspace: impl std::fmt::Display,
    ) -> Self {
        Self::open_at(server, browser, &format!("/w/{workspace}/live"))
    }

    fn open_at(server: &Running, browser: &Browser, path: &str) -> Self {
        let mut line = server.line();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nCookie: {}\r\n\r\n",
            server.port,
            browser.cookie()
        );
        line.say(request.as_bytes()).unwrap();
        let head = line.head().unwrap();
        assert_eq!(head.status, 200);
        assert_eq!(head.header("content-type"), "text/event-stream");
        assert_eq!(head.header("content-encoding"), "", "compressed, events would wait");
        Self(line)
    }

    /// The next event's name; none at the end.
    fn next(&mut self) -> Option<String> {
        loop {
            let chunk = String::from_utf8(self.0.chunk().unwrap()?).unwrap();
            let name = chunk.lines().find_map(|line| line.strip_prefix("event: "));
            if let Some(name) = name {
                assert!(chunk.contains("data: 1"), "a word, never content: {chunk}");
                return Some(name.to_owned());
            }
        }
    }

    /// Reads until that event has come; what else comes, such as a sign of life, is passed over.
    ///
    /// # Panics
    /// When it does not come in time.
    pub(crate) fn wait_for(&mut self, event: &str, limit: Duration) {
        let (began, wanted) = (Instant::now(), format!("event: {event}"));
        loop {
            let chunk = String::from_utf8(self.0.chunk().unwrap().expect("more")).unwrap();
            assert!(began.elapsed() < limit, "no {event} within {limit:?}");
            if chunk.lines().any(|line| line == wanted) {
                return;
            }
        }
    }

    /// Reads to the end; the last event's name.
    pub(crate) fn end(mut self) -> Option<String> {
        let mut last = None;
        while let Some(name) = self.next() {
            last = Some(name);
        }
        last
    }
}

fn write(line: &mut Line, owner: &Owner, path: &str, body: Value) -> Value {
    let path = format!("/workspaces/{}{path}", owner.workspace);
    let answer = line.api(&owner.token, "POST", &path, Some(&body)).unwrap();
    assert!(answer.status < 300, "{}", answer.text());
    answer.json()
}

/// Where the owner sits who lets in nobody from elsewhere.
const OFFICE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);

/// Has the owner keep out everybody from elsewhere, in a browser that came by the operator's link.
pub(crate) fn keep_others_out(place: &Place, server: &Running, owner: &Owner) {
    let office = OFFICE.to_string();
    let saved =
        save_by_link(place, server, owner, &[("allows_mail", "true"), ("networks", &office)]);
    assert_eq!(saved.status, 303, "{}", saved.text());
}

/// What the owner is answered who saves this policy in a browser that came by the operator's link.
pub(crate) fn save_by_link(
    place: &Place,
    server: &Running,
    owner: &Owner,
    policy: &[(&str, &str)],
) -> Answer {
    let said = place.run(&["link", "owner@example.com"]).said;
    let link = path_of(said.trim().strip_prefix("Sign in: ").unwrap());
    let mut browser = Browser::over(line_from(server, OFFICE), server);
    browser.get(&link);
    assert_eq!(browser.post(&link, &[]).status, 303);
    let path = format!("/w/{}/sign-in-policy", owner.workspace);
    browser.get(&path);
    let mut fields = vec![
        ("version", "1"),
        ("allows_passwords", "true"),
        ("allows_remembering", "true"),
        ("longest_session", "30_days"),
        ("confirmed", "true"),
    ];
    fields.extend(policy);
    for (field, usual) in [("second_factor", "optional"), ("networks", "")] {
        if !policy.iter().any(|(name, _)| *name == field) {
            fields.push((field, usual));
        }
    }
    browser.post(&path, &fields)
}

pub(crate) fn signed_in(server: &mut Running, owner: &Owner) -> Browser {
    let mut browser = Browser::new(server);
    browser.sign_in(server, "owner@example.com");
    assert_eq!(browser.get(&format!("/w/{}/today", owner.workspace)).status, 200);
    browser
}

/// The record's page hears of what is recorded beside the workspace's own acts, and of the log's new heads;
/// only for who may see the record.
#[test]
fn the_record_hears_of_sign_ins_and_of_new_heads() {
    let place = Place::sqlite();
    let owner = place.furnish();
    let mut server = place.start(&[]);
    let mut browser = signed_in(&mut server, &owner);
    let path = format!("/w/{}/live?record=true", owner.workspace);
    let page = browser.get(&format!("/w/{}/record", owner.workspace)).text();
    assert!(page.contains(&format!("data-live-url=\"{path}\"")), "{page}");
    let mut stream = Stream::open_at(&server, &browser, &path);
    let wait = |stream: &mut Stream, browser: &mut Browser, told: &str| {
        let began = Instant::now();
        while !browser.get(&format!("/w/{}/record", owner.workspace)).text().contains(told) {
            assert!(began.elapsed() < AT_LAST, "no {told}");
            assert_eq!(stream.next().as_deref(), Some("change"));
        }
    };
    wait(&mut stream, &mut browser, "with a code from a mail");
    wait(&mut stream, &mut browser, "events have a place in the log");
    while browser.get(&format!("/w/{}/record", owner.workspace)).text().contains("Not yet under") {
        assert_eq!(stream.next().as_deref(), Some("change"));
    }
    let invited = json!({ "email": "guest@example.com", "role": "member" });
    write(&mut server.line(), &owner, "/invitations", invited);
    let letter = server.letter().path();
    let mut guest = Browser::new(&server);
    guest.get(&letter);
    let joined = guest.post(&letter, &[("name", "The guest"), ("zone", "Europe/Paris")]);
    assert_eq!(joined.status, 303, "{}", joined.text());
    assert_eq!(guest.get(&path).status, 403);
}

/// A page that is open when its workspace begins to ask for more is fed no longer.
#[test]
fn a_sign_in_policy_ends_the_streams_of_those_it_keeps_out() {
    let place = Place::sqlite();
    let owner = place.furnish();
    let mut server = place.start(&[]);
    let browser = signed_in(&mut server, &owner);
    let stream = Stream::open(&server, &browser, owner.workspace);
    let began = Instant::now();
    keep_others_out(&place, &server, &owner);
    assert_eq!(stream.end().as_deref(), Some("ended"));
    assert!(began.elapsed() < AT_LAST, "{:?}", began.elapsed());
}

#[test]
fn a_change_reaches_open_pages_and_an_ended_session_ends_the_stream() {
    let place = Place::sqlite();
    let owner = place.furnish();
    let mut server = place.start(&[]);
    let mut first = signed_in(&mut server, &owner);
    let second = signed_in(&mut server, &owner);
    let mut streams =
        [&first, &second].map(|browser| Stream::open(&server, browser, owner.workspace));
    let mut line = server.line();
    for number in 0..3 {
        let began = Instant::now();
        write(&mut line, &owner, "/tags", json!({ "name": format!("Tag {number}") }));
        for stream in &mut streams {
            assert_eq!(stream.next().as_deref(), Some("change"));
        }
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    }
    let began = Instant::now();
    assert_eq!(first.post("/sign-out", &[]).status, 303);
    let [signed_out, mut other] = streams;
    assert_eq!(signed_out.end().as_deref(), Some("ended"));
    assert!(began.elapsed() < AT_LAST, "{:?}", began.elapsed());
    // The other browser goes on.
    write(&mut line, &owner, "/tags", json!({ "name": "Another" }));
    assert_eq!(other.next().as_deref(), Some("change"));
    // Nobody gets a stream without a session.
    let path = format!("/w/{}/live", owner.workspace);
    assert_eq!(server.line().ask("GET", &path, &[], b"").unwrap().status, 401);
}

#[test]
fn the_stream_of_a_removed_member_ends() {
    let place = Place::sqlite();
    let owner = place.furnish();
    let mut server = place.start(&[]);
    let mut line = server.line();
    let invited = json!({ "email": "guest@example.com", "role": "member" });
    write(&mut line, &owner, "/invitations", invited);
    let path = server.letter().path();
    let mut guest = Browser::new(&server);
    guest.get(&path);
    let joined = guest.post(&path, &[("name", "The guest"), ("zone", "Europe/Paris")]);
    assert_eq!(joined.status, 303, "{}", joined.text());
    let stream = Stream::open(&server, &guest, owner.workspace);
    let members = format!("/workspaces/{}/members", owner.workspace);
    let listed = line.api(&owner.token, "GET", &members, None).unwrap().json();
    let is_guest = |member: &&Value| member["name"] == "The guest";
    let member = listed["items"].as_array().unwrap().iter().find(is_guest).unwrap().clone();
    let path = format!("{members}/{}", member["id"].as_str().unwrap());
    let began = Instant::now();
    assert_eq!(line.api(&owner.token, "DELETE", &path, None).unwrap().status, 204);
    assert_eq!(stream.end().as_deref(), Some("ended"));
    assert!(began.elapsed() < AT_LAST, "{:?}", began.elapsed());
    let today = guest.get(&format!("/w/{}/today", owner.workspace));
    assert_eq!(today.status, 404);
}

/// A role that is changed reaches the open page at once, and what it shows next is by the new one.
#[test]
fn a_change_of_role_is_in_force_on_an_open_page() {
    let place = Place::sqlite();
    let owner = place.furnish();
    let mut server = place.start(&[]);
    let mut line = server.line();
    let invited = json!({ "email": "guest@example.com", "role": "admin" });
    write(&mut line, &owner, "/invitations", invited);
    let path = server.letter().path();
    let mut guest = Browser::new(&server);
    guest.get(&path);
    let joined = guest.post(&path, &[("name", "The guest"), ("zone", "Europe/Paris")]);
    assert_eq!(joined.status, 303, "{}", joined.text());
    let mut stream = Stream::open(&server, &guest, owner.workspace);
    let members = format!("/workspaces/{}/members", owner.workspace);
    let listed = line.api(&owner.token, "GET", &members, None).unwrap().json();
    let is_guest = |member: &&Value| member["name"] == "The guest";
    let member = listed["items"].as_array().unwrap().iter().find(is_guest).unwrap().clone();
    let path = format!("{members}/{}", member["id"].as_str().unwrap());
    for (role, status) in [("member", 403), ("auditor", 403), ("admin", 200), ("accountant", 403)] {
        let began = Instant::now();
        let role = json!({ "role": role });
        let changed = line.api(&owner.token, "PATCH", &path, Some(&role)).unwrap();
        assert_eq!(changed.status, 200, "{}", changed.text());
        stream.wait_for("change", SOON);
        let policy = guest.get(&format!("/w/{}/sign-in-policy", owner.workspace));
        assert_eq!(policy.status, status, "{role}");
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    }
}

/// A session that ends where this server does not hear of it ends the stream all the same, also
/// while so much happens that the stream is never quiet.
#[test]
fn a_session_that_ends_on_another_node_ends_a_busy_stream() {
    let place = Place::postgres(testkit::postgres::cluster().url());
    let owner = place.furnish();
    let mut server = place.start(&[]);
    let elsewhere = place.start(&[]);
    let mut browser = signed_in(&mut server, &owner);
    let stream = Stream::open(&server, &browser, owner.workspace);
    let mut line = server.line();
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| {
            let (mut number, began) = (0, Instant::now());
            while began.elapsed() < AT_LAST * 2 {
                number += 1;
                write(&mut line, &owner, "/tags", json!({ "name": format!("Tag {number}") }));
            }
            number
        });
        // Cookies carry the port in their names.
        let (here, there) = (server.port.to_string(), elsewhere.port.to_string());
        let mut same = Browser::new(&elsewhere);
        let cookies = browser.jar.cookies.drain(..);
        same.jar.cookies =
            cookies.map(|(name, value)| (name.replace(&here, &there), value)).collect();
        same.get(&format!("/w/{}/today", owner.workspace));
        let began = Instant::now();
        assert_eq!(same.post("/sign-out", &[]).status, 303);
        assert_eq!(stream.end().as_deref(), Some("ended"));
        assert!(began.elapsed() < AT_LAST, "{:?}", began.elapsed());
        println!("{} changes meanwhile", busy.join().unwrap());
    });
}

/// What could not be told is told later: here PostgreSQL lets nobody say a word for a while.
#[test]
fn a_word_that_could_not_be_told_is_told_later() {
    if !testkit::engines().contains(&"postgres") {
        return;
    }
    let own = testkit::postgres::OwnCluster::start();
    let cluster = own.cluster();
    cluster.execute("CREATE ROLE plain LOGIN CREATEROLE");
    cluster.execute("GRANT CREATE ON DATABASE postgres TO plain");
    let place = Place::postgres(&cluster.url().replace("postgres@", "plain@"));
    let owner = place.furnish();
    let mut here = place.start(&[]);
    let browser = signed_in(&mut here, &owner);
    let there = place.start(&[]);
    let mut stream = Stream::open(&here, &browser, owner.workspace);
    write(&mut there.line(), &owner, "/tags", json!({ "name": "First" }));
    assert_eq!(stream.next().as_deref(), Some("change"));
    cluster.execute("REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM PUBLIC");
    write(&mut there.line(), &owner, "/tags", json!({ "name": "Second" }));
    let untold = "other nodes were not told what changed";
    while !std::fs::read_to_string(place.log()).unwrap().contains(untold) {
        std::thread::yield_now();
    }
    cluster.execute("GRANT EXECUTE ON FUNCTION pg_notify(text, text) TO PUBLIC");
    stream.wait_for("change", AT_LAST);
}

/// Two nodes on one PostgreSQL: what one changes, the pages of the other see. A line that was lost is
/// opened again.
#[test]
fn a_change_on_another_node_reaches_open_pages() {
    if !testkit::engines().contains(&"postgres") {
        return;
    }
    let place = Place::postgres(testkit::postgres::cluster().url());
    let owner = place.furnish();
    let mut here = place.start(&[]);
    let browser = signed_in(&mut here, &owner);
    let there = place.start(&[]);
    let mut stream = Stream::open(&here, &browser, owner.workspace);
    let mut line = there.line();
    // The first word may be that the other node listens from now on.
    let mut number = 0;
    let mut change = |stream: &mut Stream| {
        number += 1;
        let began = Instant::now();
        write(&mut line, &owner, "/tags", json!({ "name": format!("Tag {number}") }));
        assert_eq!(stream.next().as_deref(), Some("change"));
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    };
    (0..3).for_each(|_| change(&mut stream));
    let ended = testkit::postgres::cluster().execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'",
    );
    assert!(ended >= 2, "both nodes listen: {ended}");
    assert_eq!(stream.next().as_deref(), Some("change"), "look again: something may be missed");
    // Both listen again by then.
    std::thread::sleep(AT_LAST);
    (0..3).for_each(|_| change(&mut stream));
}

//! `timeproof disable` and `timeproof enable`, while a server runs, on both engines.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    browser::Browser,
    live::{AT_LAST, Stream},
    process::{Ended, Owner, Place, path_of},
};

const EMAIL: &str = "owner@example.com";

fn both(test: impl Fn(Place)) {
    test(Place::sqlite());
    test(Place::postgres(testkit::postgres::cluster().url()));
}

fn said(ended: &Ended, words: &str) {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.said.contains(words), "{words:?} in {ended:?}");
}

fn complained(ended: &Ended, words: &str) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.said.is_empty() && ended.log.contains(words), "{words:?} in {ended:?}");
}

/// Whether a browser, and a program, may read.
fn reads(browser: &mut Browser, owner: &Owner) -> (u16, u16) {
    let today = browser.get(&format!("/w/{}/today", owner.workspace)).status;
    let mut line = browser.line_of_its_own();
    let entries = format!("/workspaces/{}/time-entries", owner.workspace);
    (today, line.api(&owner.token, "GET", &entries, None).unwrap().status)
}

#[test]
fn a_disabled_person_is_out_at_once_and_an_enabled_one_signs_in_again() {
    both(|place| {
        let owner = place.furnish();
        let mut server = place.start(&[]);
        let (mut open, mut remembered) = (Browser::new(&server), Browser::new(&server));
        open.sign_in(&mut server, EMAIL);
        remembered.get("/sign-in");
        remembered.post("/sign-in", &[("email", EMAIL), ("remember", "true")]);
        let code = server.letter().code();
        assert_eq!(remembered.post("/sign-in/code", &[("code", &code)]).status, 303);
        // A code, a link and a program that wait for their hour.
        let mut waiting = Browser::new(&server);
        waiting.ask_for_code(EMAIL);
        let letter = server.letter();
        let link = place.run(&["link", EMAIL]).said;
        let link = path_of(link.trim().strip_prefix("Sign in: ").unwrap());
        let program = allow_program(&mut open, &owner);
        let stream = Stream::open(&server, &open, owner.workspace);
        assert_eq!(reads(&mut open, &owner), (200, 200));

        let session = remembered.value("sid").map(str::to_owned);
        let began = Instant::now();
        said(&place.run(&["disable", EMAIL]), "(2 sessions and 1 API token ended)");
        // The server remembers the check of a session for a second; a token is looked up each time.
        while reads(&mut open, &owner) != (303, 401) {
            assert!(began.elapsed() < AT_LAST, "{:?}", reads(&mut open, &owner));
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(stream.end().as_deref(), Some("ended"));
        assert!(began.elapsed() < AT_LAST * 2, "{:?}", began.elapsed());
        assert_eq!(reads(&mut remembered, &owner), (303, 401), "the remembered browser");
        assert_eq!(remembered.value("sid"), session.as_deref(), "no session was opened");
        assert_eq!(remembered.value("rm"), None, "and the browser is forgotten");
        assert_eq!(waiting.post("/sign-in/code", &[("code", &letter.code())]).status, 422);
        assert!(waiting.value("sid").is_none());
        waiting.get(&link);
        assert!(waiting.post(&link, &[]).status >= 400);
        assert!(waiting.value("sid").is_none());
        assert_eq!(collect(&mut open, &program), "409 grant.not_valid");
        complained(&place.run(&["link", EMAIL]), "timeproof enable owner@example.com");
        // Once more does no harm.
        said(&place.run(&["disable", EMAIL]), "(0 sessions and 0 API tokens ended)");

        said(&place.run(&["enable", EMAIL]), "Enabled: owner@example.com");
        assert_eq!(reads(&mut open, &owner), (303, 401), "what was ended stays so");
        let mut again = Browser::new(&server);
        again.sign_in(&mut server, EMAIL);
        assert_eq!(reads(&mut again, &owner), (200, 401));
        said(&place.run(&["enable", EMAIL]), "Enabled");
        for command in ["disable", "enable"] {
            complained(&place.run(&[command, "nobody@example.com"]), "Nobody has the address");
            complained(&place.run(&[command, "owner"]), "not an e-mail address");
        }
    });
}

#[test]
fn a_set_up_for_somebody_disabled_is_refused_beside_their_address() {
    both(|place| {
        place.furnish();
        let server = place.start(&[]);
        said(&place.run(&["disable", EMAIL]), "Disabled: ");
        let link = place.run(&["link", "--new-workspace"]).said;
        let link = path_of(link.trim().strip_prefix("Set up: ").unwrap());
        let mut browser = Browser::new(&server);
        let form = browser.get(&link).header("location").to_owned();
        browser.get(&form);
        let fields = [
            ("workspace", "My second try"),
            ("name", "The owner"),
            ("email", EMAIL),
            ("zone", "Europe/Berlin"),
            ("week_start", "monday"),
        ];
        let refused = browser.post(&form, &fields);
        assert_eq!(refused.status, 422);
        let page = refused.text();
        assert!(page.contains("is kept from signing in here"), "{page}");
        for typed in ["My second try", "The owner", EMAIL] {
            assert!(page.contains(&format!("value=\"{typed}\"")), "{typed} in {page}");
        }
        assert!(browser.value("sid").is_none());
        said(&place.run(&["enable", EMAIL]), "Enabled: ");
        let done = browser.post(&form, &fields);
        assert_eq!(done.status, 303, "the link still works: {}", done.text());
    });
}

/// A program that was let in and has not collected its token; what it collects with.
fn allow_program(browser: &mut Browser, owner: &Owner) -> String {
    let body = json!({ "name": "tp on kitchen-laptop" }).to_string();
    let json = [("Content-Type", "application/json")];
    let path = "/api/v1/device-grants";
    let grant = browser.line_of_its_own().ask("POST", path, &json, body.as_bytes()).unwrap().json();
    let code = grant["user_code"].as_str().unwrap();
    browser.get(&format!("/device?user_code={code}"));
    let workspace = owner.workspace.to_string();
    let fields = [
        ("user_code", code),
        ("answer", "allow"),
        ("expires_in_days", "90"),
        ("workspace", workspace.as_str()),
    ];
    assert_eq!(browser.post("/device/confirm", &fields).status, 200);
    grant["device_code"].as_str().unwrap().to_owned()
}

fn collect(browser: &mut Browser, device_code: &str) -> String {
    let body = json!({ "device_code": device_code }).to_string();
    let json = [("Content-Type", "application/json")];
    let path = "/api/v1/device-grants/collect";
    browser.line_of_its_own().ask("POST", path, &json, body.as_bytes()).unwrap().outcome()
}

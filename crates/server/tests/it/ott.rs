//! One-time codes and links over HTTP: the checks of T-OTT (security.md) that are about browsers,
//! cookies and headers. Those about clocks and counts are in the tests of `app`; 29 and 31 (nothing
//! in the log or the database) in `plaintext`; 20 to 23 (what an address tells) in `enumeration`; 39 (a workspace that takes no sign-in by mail) in
//! `sign_in_policy`.

use crate::{
    alike::Seen,
    browser::Browser,
    process::{Place, Running},
};

const OWNER: [&str; 3] = ["A workspace", "The owner", "owner@example.com"];

/// A server with a workspace; its owner has an address.
fn open(place: &Place) -> (Running, String) {
    let mut server = place.start(&[]);
    let root = Browser::new(&server).set_up(&mut server, OWNER);
    (server, root)
}

/// Whether the browser is signed in.
fn is_in(browser: &mut Browser, root: &str) -> bool {
    browser.get(&format!("{root}/today")).status == 200
}

#[test]
fn a_link_signs_in_the_browser_that_asked_and_no_other() {
    let place = Place::sqlite();
    let (mut server, root) = open(&place);
    let (mut asking, mut other) = (Browser::new(&server), Browser::new(&server));
    assert_eq!(asking.ask_for_code(OWNER[2]).status, 200);
    let letter = server.letter();
    let (path, token) = (letter.path(), letter.path().rsplit('/').next().unwrap().to_owned());

    // 3 and 4: another browser is told where to go, and no more.
    let hint = "Enter the code in the tab where you started";
    other.get("/sign-in");
    for answer in [other.get(&path), other.post(&path, &[])] {
        assert_eq!(answer.status, 409);
        assert!(answer.text().contains(hint), "{}", answer.text());
        assert!(!answer.text().contains("owner@"), "it does not tell whose link it is");
    }
    assert!(other.value("sid").is_none() && !is_in(&mut other, &root));

    // 5: what only looks uses nothing up.
    for agent in
        ["Mozilla/5.0 (compatible; SafeLinks)", "Proofpoint", "Mimecast", "Slackbot", "curl"]
    {
        for (method, purpose) in [("GET", "prefetch"), ("HEAD", ""), ("GET", "")] {
            let headers = [("User-Agent", agent), ("Sec-Purpose", purpose)];
            let mut scanner = Browser::new(&server);
            assert!(scanner.send_without_body(method, &path, &headers).status < 500);
            assert!(scanner.value("sid").is_none());
            asking.send_without_body(method, &path, &headers);
            assert!(asking.value("sid").is_none());
        }
    }

    // 6: without the cookie of the sign-in; 7: with that of another attempt.
    let mut bare = Browser::new(&server);
    bare.get("/sign-in");
    let fields = format!("csrf={}&code={}", bare.jar.csrf, letter.code());
    bare.jar.cookies.clear();
    let refused = bare.send("POST", "/sign-in/code", &[("Sec-Fetch-Site", "same-origin")], &fields);
    assert_eq!(refused.status, 403);
    assert!(bare.value("sid").is_none());
    assert_eq!(other.ask_for_code("somebody@example.com").status, 200);
    let refused = other.post("/sign-in/code", &[("code", &letter.code())]);
    assert_eq!(refused.status, 422);
    assert!(other.value("sid").is_none());

    // 2: here it works; 30 and 32: the token goes nowhere from its page.
    let page = asking.get(&path);
    assert_eq!(page.status, 200);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    let entered = asking.post(&path, &[]);
    assert_eq!(entered.status, 303, "{}", entered.text());
    assert!(!entered.header("location").contains(&token));
    assert_eq!(entered.header("referrer-policy"), "no-referrer");
    assert!(is_in(&mut asking, &root));

    // 8: and not a second time, by link or by code.
    let mut again = asking.jar.cookies.clone();
    again.retain(|(name, _)| !name.starts_with("sid"));
    asking.jar.cookies = again;
    asking.get("/sign-in");
    assert!(asking.post(&path, &[]).status >= 400);
    assert!(asking.post("/sign-in/code", &[("code", &letter.code())]).status >= 400);
    assert!(asking.value("sid").is_none());
}

#[test]
fn a_session_is_new_at_every_sign_in_and_never_one_that_was_brought() {
    let place = Place::sqlite();
    let (mut server, root) = open(&place);
    // 33: each sign-in has a session of its own, also in a browser that has one.
    let mut browser = Browser::new(&server);
    let mut seen = Vec::new();
    for _ in 0..2 {
        browser.jar.cookies.retain(|(name, _)| name.starts_with("dev"));
        browser.sign_in(&mut server, OWNER[2]);
        let session = browser.value("sid").unwrap().to_owned();
        assert!(!seen.contains(&session));
        seen.push(session);
    }
    // 34: a session planted beforehand, of nobody's or of somebody's, is not what comes out.
    let name =
        browser.jar.cookies.iter().find(|(name, _)| name.starts_with("sid")).unwrap().0.clone();
    let made_up = "A".repeat(43);
    for planted in [made_up.as_str(), "x"] {
        let mut victim = Browser::new(&server);
        victim.jar.cookies.push((name.clone(), planted.to_owned()));
        victim.sign_in(&mut server, OWNER[2]);
        let session = victim.value("sid").unwrap().to_owned();
        assert_ne!(session, planted);
        assert!(is_in(&mut victim, &root));
        let mut attacker = Browser::new(&server);
        attacker.jar.cookies.push((name.clone(), planted.to_owned()));
        assert!(!is_in(&mut attacker, &root));
    }
    // The login cookie has done its work, so a planted one is of no use afterwards.
    let mut attacker = Browser::new(&server);
    attacker.get("/sign-in");
    let planted = attacker.jar.cookies.clone();
    let mut victim = Browser::new(&server);
    victim.jar.cookies = planted;
    victim.sign_in(&mut server, OWNER[2]);
    assert!(!is_in(&mut attacker, &root));
    // Signed out is signed out, with the old cookie too.
    let session = victim.value("sid").unwrap().to_owned();
    assert!(is_in(&mut victim, &root));
    let out = victim.post("/sign-out", &[]);
    assert_eq!((out.status, out.header("location")), (303, "/signed-out"));
    assert!(out.header("clear-site-data").contains("cache"));
    victim.jar.cookies.push((name, session));
    assert!(!is_in(&mut victim, &root));
}

#[test]
fn a_forged_host_does_not_change_the_link() {
    let place = Place::sqlite();
    let (mut server, _) = open(&place);
    let proxy = [
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Server", "evil.example"),
        ("X-Host", "evil.example"),
        ("X-Original-URL", "https://evil.example/"),
        ("Forwarded", "host=evil.example;proto=https"),
    ];
    for headers in [&[("Host", "evil.example")], &proxy[..]] {
        let mut browser = Browser::new(&server);
        browser.get("/sign-in");
        let body = format!("csrf={}&email=owner%40example.com", browser.jar.csrf);
        let all = [&[("Sec-Fetch-Site", "same-origin")], headers].concat();
        assert_eq!(browser.send("POST", "/sign-in", &all, &body).status, 200, "{headers:?}");
        let letter = server.letter();
        let begin = format!("http://localhost:{}/sign-in/link/", server.port);
        assert!(letter.body.contains(&begin), "{headers:?}: {}", letter.body);
        assert!(!letter.body.contains("evil"), "{headers:?}: {}", letter.body);
        assert!(!letter.subject.contains(&letter.code()));
    }
}

#[test]
fn an_unknown_address_is_answered_as_a_known_one() {
    let place = Place::sqlite();
    let (known, unknown) = ("owner@example.com", "nobod@example.com");
    let (mut server, _) = open(&place);
    let ask = |server: &Running, email: &str| {
        let mut browser = Browser::new(server);
        let answer = browser.ask_for_code(email);
        let code = browser.post("/sign-in/code", &[("code", "AAAA-AAAA")]);
        let csrf = browser.jar.csrf.clone();
        [answer, code].map(|answer| Seen::over_line(&answer, &[email, &csrf]))
    };
    // Also past the quota: three codes may be open.
    for round in 0..7 {
        let (first, second) = (ask(&server, known), ask(&server, unknown));
        assert_eq!(first, second, "round {round}");
    }
    // 24: only the known one got letters.
    for _ in 0..3 {
        assert_eq!(server.letter().to, known);
    }
    // 25: somebody who was disabled is nobody. Other people's quota is not theirs.
    let place = Place::sqlite();
    let (mut server, _) = open(&place);
    assert_eq!(place.run(&["disable", known]).code, Some(0));
    for round in 0..7 {
        let (first, second) = (ask(&server, known), ask(&server, unknown));
        assert_eq!(first, second, "disabled, round {round}");
    }
    assert!(server.terminate());
    assert_eq!(server.hear("To: "), None);
}

//! Headers that every answer carries, and what cookies say of themselves.

use std::collections::HashSet;

use crate::{
    browser::Browser,
    line::Answer,
    process::{Place, Running},
};

const OWNER: [&str; 3] = ["A workspace", "The owner", "owner@example.com"];

const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), \
         publickey-credentials-create=(self), publickey-credentials-get=(self)",
    ),
    ("x-frame-options", "DENY"),
];

/// One answer of each kind.
fn answers(server: &Running, owner: &mut Browser, root: &str) -> Vec<(String, Answer)> {
    let asset = format!("/assets/{}/css/base.css", server::assets::folder());
    let id = root.strip_prefix("/w/").unwrap();
    let mut paths: Vec<String> =
        ["/sign-in", "/nowhere", "/healthz", "/api/v1/openapi.json"].map(str::to_owned).to_vec();
    paths.extend([
        format!("{root}/today"),
        format!("{root}/trash"),
        format!("{root}/nowhere"),
        asset,
        "/assets/x/nothing.css".to_owned(),
        format!("/api/v1/workspaces/{id}"),
        "/api/v1/nowhere".to_owned(),
        format!("/{}", "a".repeat(9_000)),
        "/".to_owned(),
    ]);
    let mut answers: Vec<_> =
        paths.into_iter().map(|path| (path.chars().take(60).collect(), owner.get(&path))).collect();
    answers.push(("a forged form".to_owned(), owner.send("POST", "/sign-out", &[], "csrf=x")));
    let nobody = server.line().ask("GET", &format!("{root}/today"), &[], b"").unwrap();
    answers.push(("signed out".to_owned(), nobody));
    answers
}

#[test]
fn every_answer_carries_the_security_headers() {
    let place = Place::sqlite();
    let mut server = place.start(&[]);
    let mut owner = Browser::new(&server);
    let root = owner.set_up(&mut server, OWNER);
    let mut nonces = HashSet::new();
    let mut kinds = HashSet::new();
    for (path, answer) in answers(&server, &mut owner, &root) {
        for (name, expected) in ALWAYS {
            assert_eq!(answer.header(name), expected, "{path}: {name}");
        }
        kinds.insert(answer.status);
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}: not over plain HTTP");
        let policy = answer.header("content-security-policy");
        for word in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(word), "{path}: {word} in {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
        if let Some(rest) = policy.split("'nonce-").nth(1) {
            let nonce = rest.split('\'').next().unwrap().to_owned();
            assert!(nonce.len() >= 22, "{path}: {nonce}");
            let html = answer.text();
            assert_eq!(html.matches("<script").count(), html.matches(&nonce).count(), "{path}");
            assert!(nonces.insert(nonce), "{path}: the nonce came before");
        }
        if answer.header("content-type").starts_with("text/html") {
            assert!(policy.contains("form-action 'self'"), "{path}: {policy}");
            let html = answer.text();
            for word in [" style=", "<style", " onclick=", " onload=", "javascript:"] {
                assert!(!html.contains(word), "{path}: {word}");
            }
        }
        let cache = answer.header("cache-control");
        let is_kept = path.starts_with("/assets/") && answer.status == 200;
        assert_eq!(cache.contains("immutable"), is_kept, "{path}: {cache}");
        assert!(is_kept || path.starts_with("/assets/") || cache == "no-store", "{path}: {cache}");
    }
    for kind in [200, 303, 401, 403, 404, 414] {
        assert!(kinds.contains(&kind), "no answer with {kind}");
    }
}

#[test]
fn cookies_are_kept_from_scripts_and_other_sites() {
    for (url, is_https) in [
        (None, false),
        (Some("https://time.example.com"), true),
        // Schemes and hosts are the same in capitals.
        (Some("HTTPS://Time.Example.com"), true),
    ] {
        let place = Place::sqlite();
        let mut more = Vec::new();
        more.extend(url.map(|url| ["--public-url", url]).into_iter().flatten());
        let mut server = place.start(&more);
        let mut owner = Browser::new(&server);
        let root = owner.set_up(&mut server, OWNER);
        let mut again = Browser::new(&server);
        again.get("/sign-in?next=%2Fdevice");
        again.post("/sign-in", &[("email", OWNER[2]), ("remember", "true"), ("next", "/device")]);
        let letter = server.letter();
        let begin = if is_https { "https://time.example.com/" } else { "http://localhost:" };
        assert!(letter.body.contains(begin), "{}", letter.body);
        assert_eq!(again.post("/sign-in/code", &[("code", &letter.code())]).status, 303);
        // A flash.
        again.get(&format!("{root}/today"));
        again.post(&format!("{root}/quick-entry"), &[("text", "1h work")]);
        let set: Vec<_> = owner.jar.set.iter().chain(&again.jar.set).collect();
        let mut names = HashSet::new();
        for cookie in set {
            let (pair, attributes) = cookie.split_once("; ").unwrap();
            let name = pair.split_once('=').unwrap().0;
            let bare = name.trim_start_matches("__Host-");
            names.insert(bare.split('-').next().unwrap().to_owned());
            assert!(pair.len() < 512, "{pair}");
            let attributes: HashSet<_> = attributes.split("; ").collect();
            for needed in ["Path=/", "HttpOnly", "SameSite=Lax"] {
                assert!(attributes.contains(needed), "{cookie}");
            }
            assert!(!cookie.contains("Domain="), "{cookie}");
            assert_eq!(attributes.contains("Secure"), is_https, "{cookie}");
            assert_eq!(name.starts_with("__Host-"), is_https, "{cookie}");
        }
        for name in ["sid", "rm", "login", "dev", "next"] {
            assert!(names.contains(name), "no cookie {name} in {names:?}");
        }
        let page = owner.get(&format!("{root}/today"));
        let transport = page.header("strict-transport-security");
        assert_eq!(transport.contains("max-age=63072000"), is_https, "{transport}");
    }
}

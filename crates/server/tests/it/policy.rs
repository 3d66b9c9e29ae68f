//! Refusals that no handler of ours made, as pages; and what browsers report of our pages' policy.

use serde_json::json;

use crate::{browser::Browser, line::Answer, process::Place};

#[test]
fn what_the_framework_refuses_is_a_page_for_a_browser() {
    let place = Place::sqlite();
    let server = place.start(&[]);
    let mut browser = Browser::new(&server);
    let long = format!("/{}", "a".repeat(9_000));
    for (path, status, words) in [
        ("/sign-in?next=a&next=b", 400, "That could not be read"),
        ("/sign-in/link/%FF", 400, "That could not be read"),
        ("/enter/%FF%FE", 400, "That could not be read"),
        (&long, 414, "The address is longer than 8 KiB"),
    ] {
        let answer = browser.get(path);
        let name = &path[..path.len().min(30)];
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
        assert!(answer.header("content-type").starts_with("text/html"), "{name}");
        assert!(answer.text().contains(words), "{name}: {}", answer.text());
        assert!(answer.text().contains(answer.header("x-request-id")), "{name}");
    }
    let answer = browser.get(&format!("/api/v1{long}"));
    assert_eq!(answer.outcome(), "414 uri.too_long");
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[test]
fn reports_of_the_policy_are_counted_and_logged_without_secrets() {
    let place = Place::sqlite();
    let proxy = ["--behind-proxy", "127.0.0.0/8", "--public-url", "https://time.example"];
    let server = place.start(&proxy);
    let page = Browser::new(&server).get("/sign-in");
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.ends_with("; report-uri /policy-reports; report-to csp"), "{policy}");
    assert_eq!(page.header("reporting-endpoints"), "csp=\"/policy-reports\"");
    let mut line = server.line();
    let mut report = |from: &str, kind: &str, body: &[u8]| -> Answer {
        let headers = [("Content-Type", kind), ("X-Forwarded-For", from)];
        line.ask("POST", "/policy-reports", &headers, body).unwrap()
    };
    let old = json!({ "csp-report": {
        "document-uri": "https://time.example/sign-in/link/PLANTED",
        "referrer": "https://time.example/PLANTED",
        "effective-directive": "script-src-elem",
        "blocked-uri": "https://evil.example/PLANTED?q=PLANTED",
        "script-sample": "PLANTED",
    }});
    let new = json!([{
        "type": "csp-violation", "url": "https://time.example/enter/PLANTED", "user_agent": "PLANTED",
        "body": { "effectiveDirective": "img-src", "blockedURL": "inline", "sample": "PLANTED" },
    }]);
    let (old, new) = (old.to_string(), new.to_string());
    let (one, other) = ("application/csp-report", "application/reports+json; charset=utf-8");
    assert_eq!(report("198.51.100.1", one, old.as_bytes()).status, 204);
    assert_eq!(report("198.51.100.1", other, new.as_bytes()).status, 204);
    assert_eq!(report("198.51.100.1", one, b"PLANTED").status, 400);
    assert_eq!(report("198.51.100.1", "text/plain", old.as_bytes()).status, 400);
    assert_eq!(report("198.51.100.1", one, &vec![b' '; 17 * 1024]).status, 413);
    // The network has said enough; another one has not, until all have.
    for number in 5..20 {
        assert_eq!(report("198.51.100.1", one, old.as_bytes()).status, 204, "{number}");
    }
    assert_eq!(report("198.51.100.1", one, old.as_bytes()).status, 429);
    for number in 20..200 {
        let from = format!("203.0.113.{number}");
        assert_eq!(report(&from, one, old.as_bytes()).status, 204, "{number}");
    }
    assert_eq!(report("198.51.100.7", one, old.as_bytes()).status, 429);
    drop(server);
    let log = std::fs::read_to_string(place.log()).unwrap();
    let told: Vec<_> = log.lines().filter(|line| line.contains("a browser stopped")).collect();
    assert_eq!(told.len(), 2 + 15 + 180);
    assert!(told[0].contains("script-src-elem") && told[0].contains("evil.example"), "{}", told[0]);
    assert!(told[1].contains("img-src") && told[1].contains("\"count\":2"), "{}", told[1]);
    assert!(!log.contains("PLANTED"));
}

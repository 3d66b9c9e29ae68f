//! The program where other machines can reach it: with TLS of its own, behind a proxy, and beside
//! other instances on one PostgreSQL.

use std::io::{Read, Write};

use crate::{
    process::Place,
    slow::{shake_hands, with_tls},
};

#[test]
fn with_a_certificate_it_answers_on_every_address() {
    let place = Place::sqlite();
    let owner = place.furnish();
    let (server, trusted) =
        with_tls(&place, &["--listen", "0.0.0.0", "--public-url", "https://localhost"]);
    let mut tls = shake_hands(server.port, &trusted);
    let token = &owner.token;
    write!(
        tls,
        "GET /api/v1/workspaces HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    tls.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\"A workspace\""), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");
    // Cookies are for this way alone.
    let mut tls = shake_hands(server.port, &trusted);
    let head = "GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    tls.write_all(head.as_bytes()).unwrap();
    let mut page = String::new();
    tls.read_to_string(&mut page).unwrap();
    assert!(page.contains("set-cookie: __Host-login-") && page.contains("; Secure"), "{page}");
    // In the clear there is nothing.
    let clear = server.line().ask("GET", "/healthz", &[], b"");
    assert!(clear.as_ref().map_or(true, |answer| answer.status >= 400), "{clear:?}");
}

#[test]
fn behind_a_proxy_it_answers_in_the_clear_for_the_address_people_type() {
    let place = Place::sqlite();
    let proxy = ["--behind-proxy", "127.0.0.0/8", "--public-url", "https://time.example.com"];
    let mut server = place.start(&[&["--listen", "0.0.0.0"], &proxy[..]].concat());
    let link = server.hear("Set up: ").unwrap();
    assert!(link.starts_with("https://time.example.com/enter/"), "{link}");
    let mut line = server.line();
    assert_eq!(line.ask("GET", "/healthz", &[], b"").unwrap().status, 200);
    let headers = [("Host", "time.example.com"), ("X-Forwarded-For", "203.0.113.9")];
    let page = line.ask("GET", "/sign-in", &headers, b"").unwrap();
    assert_eq!(page.status, 200);
    assert!(page.header("strict-transport-security").starts_with("max-age="));
    let cookie = page.header("set-cookie");
    assert!(cookie.starts_with("__Host-login-") && cookie.contains("; Secure"), "{cookie}");
}

/// Two instances on one database, told apart by the prefix of their schemas.
#[test]
fn instances_with_other_prefixes_know_nothing_of_each_other() {
    let cluster = testkit::postgres::cluster();
    let (one, other) = (Place::postgres(cluster.url()), Place::postgres(cluster.url()));
    let owner = one.furnish();
    let mut empty = other.start(&[]);
    assert!(empty.hear("Set up: ").is_some(), "nobody is there");
    let asked = empty.line().api(&owner.token, "GET", "/workspaces", None).unwrap();
    assert_eq!(asked.status, 401);
    let server = one.start(&[]);
    let asked = server.line().api(&owner.token, "GET", "/workspaces", None).unwrap();
    assert_eq!(asked.status, 200);
    assert!(empty.terminate());
    // The other one is set up in its turn, and both go on.
    let second = other.furnish();
    let empty = other.start(&[]);
    for (server, token, expected) in [
        (&server, &owner.token, 200),
        (&server, &second.token, 401),
        (&empty, &second.token, 200),
        (&empty, &owner.token, 401),
    ] {
        let asked = server.line().api(token, "GET", "/workspaces", None).unwrap();
        assert_eq!(asked.status, expected);
    }
}

/// What no client sends is refused for what it is, and not for having come too late.
#[test]
fn what_is_no_http_is_a_bad_request() {
    let place = Place::sqlite();
    let owner = place.furnish();
    let server = place.start(&[]);
    let said = |bytes: &str| {
        let mut line = server.line();
        line.say(bytes.as_bytes()).unwrap();
        line.answer().unwrap()
    };
    let json = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let form = "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n\
                Transfer-Encoding: chunked\r\n\r\n";
    for (head, code) in [
        (
            format!("POST /api/v1/device-grants HTTP/1.1\r\nHost: localhost\r\n{json}wombat\r\n"),
            "body.broken",
        ),
        ("GET /api/v1/workspaces HTTP/1.1\r\n\r\n".to_owned(), "host.invalid"),
        (
            "GET /api/v1/workspaces HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(),
            "host.invalid",
        ),
    ] {
        assert_eq!(said(&head).outcome(), format!("400 {code}"), "{head}");
    }
    for (head, words) in [
        (
            format!("POST /sign-in HTTP/1.1\r\nHost: localhost\r\n{form}wombat\r\n"),
            "did not arrive whole",
        ),
        ("GET /sign-in HTTP/1.1\r\n\r\n".to_owned(), "once for which host"),
    ] {
        let page = said(&head);
        assert_eq!(page.status, 400, "{head}");
        assert!(page.text().contains(words), "{}", page.text());
    }
    // HTTP/1.0 has no need of it.
    assert_eq!(said("GET /healthz HTTP/1.0\r\n\r\n").status, 200);
    // The stream of a page is no page.
    let live = format!("/w/{}/live", owner.workspace);
    let live = server.line().ask("GET", &live, &[], b"").unwrap();
    assert_eq!((live.status, live.header("content-type")), (401, "text/event-stream"));
    assert!(live.body.len() < 32, "{}", live.text());
}

//! Requests that other sites make a browser send, and addresses that lead away.

use std::path::Path;

use uuid::Uuid;

use crate::{
    browser::Browser,
    process::{Place, Running},
};

const OWNER: [&str; 3] = ["A workspace", "The owner", "owner@example.com"];

fn open(place: &Place) -> (Running, Browser, String) {
    let mut server = place.start(&[]);
    let mut owner = Browser::new(&server);
    let root = owner.set_up(&mut server, OWNER);
    (server, owner, root)
}

/// Every route of the pages that takes a POST.
fn forms() -> Vec<String> {
    let routes = page_routes().into_iter().filter(|route| route.methods.contains(&"POST"));
    routes.map(|route| route.path).collect()
}

/// A route of the pages.
pub(crate) struct PageRoute {
    pub(crate) path: String,
    pub(crate) methods: Vec<&'static str>,
}

/// Every route of the pages, from the source: a new one is tested by being there.
pub(crate) fn page_routes() -> Vec<PageRoute> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // The yardstick of the bench is another program.
                folders.extend((!path.ends_with("bin")).then_some(path));
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.extend(text.split(".route(").skip(1).flat_map(page_routes_of));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The pages of `web/named.rs`: one text of routes for each of them.
const NAMED: [&str; 2] = ["clients", "tags"];

/// My security, in a workspace and outside of one: one text of routes for both.
const ACCOUNT: [&str; 2] = ["/w/{workspace}/security", "/security"];

/// Routes that are no pages: the one takes a GET alone, the other what browsers send by themselves.
const NO_PAGES: [&str; 2] = ["HEALTH", "PATH"];

/// The routes that a call of `route` in the source makes.
fn page_routes_of(call: &str) -> Vec<PageRoute> {
    let first = call.trim_start();
    let quoted = |text: &str| text.split('"').next().unwrap().to_owned();
    let paths = if let Some(path) = first.strip_prefix('"') {
        vec![quoted(path)]
    } else if let Some(rest) = first.strip_prefix("&at(\"") {
        NAMED.map(|page| format!("/w/{{workspace}}/{page}{}", quoted(rest))).to_vec()
    } else if let Some(rest) = first.strip_prefix("&format!(\"{root}") {
        let rest = quoted(rest).replace("{{", "{").replace("}}", "}");
        ACCOUNT.map(|root| format!("{root}{rest}")).to_vec()
    } else {
        let name = first.split(',').next().unwrap();
        assert!(NO_PAGES.contains(&name), "a route by a name that no test knows: {name}");
        return Vec::new();
    };
    let methods = [("get(", "GET"), ("post(", "POST")];
    let methods = methods.into_iter().filter(|(word, _)| inside(call).contains(word));
    let methods: Vec<_> = methods.map(|(_, method)| method).collect();
    paths.into_iter().map(|path| PageRoute { path, methods: methods.clone() }).collect()
}

/// The text up to the parenthesis that closes the call.
fn inside(text: &str) -> &str {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

/// A path of a route; what it names is not there.
pub(crate) fn concrete(route: &str, root: &str) -> String {
    let mut path = route.replace("/w/{workspace}", root);
    while let Some((before, rest)) = path.split_once('{') {
        let after = rest.split_once('}').unwrap().1;
        path = format!("{before}{}{after}", Uuid::from_u128(7 << 76 | 2 << 62 | 1));
    }
    path
}

/// Shows a form again that came after its session had ended, so its token is of no use; it does nothing.
const SHOWN_AGAIN: &str = "/sign-in/first";

/// Changes nothing, takes JSON alone, and so has no token.
const WITHOUT_TOKEN: &str = "/w/{workspace}/quick-entry/read";

/// Come from another server, without cookies, and what they say is signed: that of a provider, and that of
/// a log, which a witness serves and nobody else.
const FROM_SERVERS: [&str; 2] = ["/sign-in/provider/{place}/{id}/logout", "/add-checkpoint"];

#[test]
fn every_form_refuses_what_another_site_sends() {
    let place = Place::sqlite();
    let (server, mut owner, root) = open(&place);
    owner.get(&format!("{root}/today"));
    let mut other = Browser::new(&server);
    other.get("/sign-in");
    let (csrf, foreign, own) = (owner.jar.csrf.clone(), other.jar.csrf.clone(), owner.origin());
    let good = format!("csrf={csrf}&note=Forged&text=1h+forged&name=Forged");
    let nearby = own.replace("localhost", "localhost.evil.example");
    let other_port = format!("http://localhost:{}", server.port ^ 1);
    let secure = own.replace("http://", "https://");
    let same = ("Sec-Fetch-Site", "same-origin");
    let forms = forms();
    assert!(forms.len() >= 40, "{forms:#?}");
    for form in forms.iter().filter(|form| !FROM_SERVERS.contains(&form.as_str())) {
        let path = concrete(form, &root);
        let cases: Vec<(&str, Vec<(&str, &str)>, String)> = vec![
            ("neither header", vec![], good.clone()),
            ("cross-site", vec![("Sec-Fetch-Site", "cross-site"), ("Origin", &own)], good.clone()),
            ("same-site", vec![("Sec-Fetch-Site", "same-site"), ("Origin", &own)], good.clone()),
            ("none", vec![("Sec-Fetch-Site", "none")], good.clone()),
            ("a foreign origin", vec![("Origin", "https://evil.example")], good.clone()),
            ("an origin that begins like ours", vec![("Origin", &nearby)], good.clone()),
            ("another port", vec![("Origin", &other_port)], good.clone()),
            ("another scheme", vec![("Origin", &secure)], good.clone()),
            ("no origin to speak of", vec![("Origin", "null")], good.clone()),
            ("no token", vec![same], "note=Forged".to_owned()),
            ("an empty token", vec![same], "csrf=&note=Forged".to_owned()),
            ("a wrong token", vec![same], format!("csrf={}&note=Forged", "A".repeat(43))),
            ("another browser's token", vec![same], format!("csrf={foreign}&note=Forged")),
            ("a wrong token first", vec![same], format!("csrf=x&csrf={csrf}&note=Forged")),
            ("a wrong token in the header", vec![same, ("X-CSRF-Token", "x")], good.clone()),
        ];
        for (name, headers, body) in cases {
            let is_free = form == WITHOUT_TOKEN || form == SHOWN_AGAIN;
            if is_free && headers.contains(&same) {
                continue;
            }
            let answer = owner.send("POST", &path, &headers, &body);
            assert_eq!(answer.status, 403, "{form}: {name}: {}", answer.text());
            assert!(
                answer.text().contains("This form belongs to another session"),
                "{form}: {name}"
            );
        }
        // A form that is not one.
        let cookie = owner.cookie();
        let headers = [same, ("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
        let json = format!("{{\"csrf\":\"{csrf}\"}}");
        let answer = server.line().ask("POST", &path, &headers, json.as_bytes()).unwrap();
        let expected: &[u16] = match form.as_str() {
            WITHOUT_TOKEN => &[422],
            SHOWN_AGAIN => &[200],
            _ => &[400, 403],
        };
        assert!(expected.contains(&answer.status), "{form}: JSON: {}", answer.status);
    }
    // Still signed in, and nothing was done.
    let today = owner.get(&format!("{root}/today"));
    assert_eq!(today.status, 200);
    assert!(!today.text().to_lowercase().contains("forged"));
    // The same requests from our own pages are let through to their handlers.
    let signs_out = |form: &str| form == "/sign-out" || form.ends_with("/sessions/end-all");
    for form in forms.iter().filter(|form| !signs_out(form)) {
        let answer = owner.post(&concrete(form, &root), &[]);
        assert_ne!(answer.status, 403, "{form}");
        assert!(answer.status < 500, "{form}: {}", answer.text());
    }
    println!("{} forms", forms.len());
}

#[test]
fn the_cookie_is_no_credential_of_the_api() {
    let place = Place::sqlite();
    let (_server, mut owner, root) = open(&place);
    let id = root.strip_prefix("/w/").unwrap();
    for path in ["/api/v1/workspaces".to_owned(), format!("/api/v1/workspaces/{id}/clients")] {
        let answer = owner.send("GET", &path, &[("Sec-Fetch-Site", "same-origin")], "");
        assert_eq!(answer.status, 401, "{path}");
    }
}

#[test]
fn nothing_leads_to_another_site() {
    let place = Place::sqlite();
    let (mut server, mut owner, root) = open(&place);
    let away = [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "http:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "@evil.example",
        ".evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/x\r\nSet-Cookie: a=b",
        " //evil.example",
        "",
    ];
    for next in away {
        let query = serde_urlencoded::to_string([("next", next)]).unwrap();
        let answer = owner.get(&format!("/sign-in?{query}"));
        assert_eq!((answer.status, answer.header("location")), (303, "/"), "{next:?}");
        assert!(!answer.headers.iter().any(|(_, value)| value.starts_with("a=b")), "{next:?}");
    }
    // A path of ours is kept, through the form and the cookie.
    let trash = format!("{root}/trash?page=2");
    let query = serde_urlencoded::to_string([("next", &trash)]).unwrap();
    assert_eq!(owner.get(&format!("/sign-in?{query}")).header("location"), trash);
    for (next, expected) in [(trash.as_str(), trash.as_str()), ("//evil.example", "/")] {
        let mut browser = Browser::new(&server);
        browser.get("/sign-in");
        let fields = [("email", OWNER[2]), ("next", next)];
        assert_eq!(browser.post("/sign-in", &fields).status, 200);
        let letter = server.letter();
        let entered = browser.post("/sign-in/code", &[("code", &letter.code())]);
        assert_eq!((entered.status, entered.header("location")), (303, expected));
    }
    // A cookie that somebody wrote by hand is not believed either.
    let mut browser = Browser::new(&server);
    browser.get("/sign-in");
    browser
        .jar
        .cookies
        .push((format!("next-{}", server.port), "path=%2F%2Fevil.example".to_owned()));
    browser.post("/sign-in", &[("email", OWNER[2])]);
    let letter = server.letter();
    let entered = browser.post("/sign-in/code", &[("code", &letter.code())]);
    assert_eq!((entered.status, entered.header("location")), (303, "/"));
    // 127.0.0.1 leads to localhost, whatever the path looks like.
    for path in ["//evil.example/", "/@evil.example", "/sign-in"] {
        let host = format!("127.0.0.1:{}", server.port);
        let answer = server.line().ask("GET", path, &[("Host", &host)], b"");
        let Ok(answer) = answer else { continue };
        let place = answer.header("location");
        let ours = format!("http://localhost:{}/", server.port);
        assert!(place.is_empty() || place.starts_with(&ours), "{path}: {place}");
    }
}

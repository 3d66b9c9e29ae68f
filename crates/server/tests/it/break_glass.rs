//! Support access (T-BG) through the real program: commands at the server, pages in browsers.

use crate::{
    browser::Browser,
    live::{AT_LAST, Stream, signed_in},
    operator::{both, complained, said},
    process::{Owner, Place, Running, path_of},
};

/// Adds an operator; their secret.
fn operator(place: &Place, name: &str) -> String {
    said(&place.run(&["operator", "add", name]), &format!("Secret of {name}: "))
}

/// Asks for support access; what `ask` prints.
fn ask(place: &Place, owner: &Owner, secret: &str, more: &[&str]) -> String {
    let workspace = owner.workspace.to_string();
    let arguments = [
        &["support", "ask", "--workspace", &workspace, "--as", "Mara"],
        &["--reason", "The report is wrong", "--ticket", "HELP-7"][..],
        more,
    ];
    said(&place.run_as(secret, &arguments.concat()), "Asked: ")
}

/// The address of a request on the page of its workspace.
fn at(owner: &Owner, id: &str, act: &str) -> String {
    let (_, id) = id.split_once('.').unwrap();
    format!("/w/{}/support/{id}/{act}", owner.workspace)
}

fn give(browser: &mut Browser, owner: &Owner, id: &str, minutes: &str) {
    browser.get(&format!("/w/{}/support", owner.workspace));
    let given = browser.post(&at(owner, id, "grant"), &[("minutes", minutes), ("may_write", "true")]);
    assert_eq!(given.status, 303, "{}", given.text());
}

/// The browser of who has opened what was given.
fn open(place: &Place, server: &Running, id: &str, secret: &str) -> (Browser, String) {
    let link = said(&place.run_as(secret, &["support", "open", id, "--as", "Mara"]), "Look: ");
    let path = path_of(&link);
    let mut browser = Browser::new(server);
    assert_eq!(browser.get(&path).status, 200);
    let entered = browser.post(&path, &[]);
    assert_eq!(entered.status, 303, "{}", entered.text());
    (browser, entered.header("location").to_owned())
}

fn status(browser: &mut Browser, owner: &Owner, page: &str) -> u16 {
    browser.get(&format!("/w/{}/{page}", owner.workspace)).status
}

#[test]
fn an_owner_lets_support_in_sees_it_and_ends_it() {
    both(|place| {
        let owner = place.set_up();
        let mut server = place.start(&[]);
        let secret = operator(&place, "Mara");
        let id = ask(&place, &owner, &secret, &["--scope", "all", "--minutes", "30"]);
        let letter = server.letter();
        assert!(letter.text.contains("HELP-7") && letter.text.contains("The report is wrong"));
        // Nothing is open yet.
        let too_soon = place.run_as(&secret, &["support", "open", &id, "--as", "Mara"]);
        complained(&too_soon, "is not open");

        let mut browser = signed_in(&mut server, &owner);
        let today = format!("/w/{}/today", owner.workspace);
        let banner = browser.get(&today).text();
        assert!(banner.contains("Mara, who runs this server, asks to look into"), "{banner}");
        let page = browser.get(&format!("/w/{}/support", owner.workspace)).text();
        for words in ["Mara asks", "The report is wrong", "HELP-7", "To read only", "Let them in"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let too_much = browser.post(&at(&owner, &id, "grant"), &[("minutes", "31")]);
        assert_eq!(too_much.status, 422);
        assert!(too_much.text().contains("Give 1 to 30 minutes."));
        give(&mut browser, &owner, &id, "20");
        assert_eq!(browser.post(&at(&owner, &id, "grant"), &[("minutes", "20")]).status, 409);

        let (mut support, first) = open(&place, &server, &id, &secret);
        assert_eq!(first, format!("/w/{}/time", owner.workspace));
        for page in [
            "time", "reports", "projects", "clients", "tags", "people", "teams", "roles", "settings",
            "record", "trash", "settings/history",
        ] {
            let answer = support.get(&format!("/w/{}/{page}", owner.workspace));
            assert_eq!(answer.status, 200, "{page}: {}", answer.text());
            let text = answer.text();
            assert!(text.contains("You look into this workspace as support (Mara) until"), "{page}");
            assert!(!text.contains("owner@example.com"), "no address on {page}");
            assert!(!text.contains("/sign-out"), "{page}");
        }
        for page in [
            "today", "tokens", "security", "profile", "sign-in-policy", "providers", "reports.csv",
            "support", "people/leave", "",
        ] {
            assert_eq!(status(&mut support, &owner, page), 403, "{page}");
        }
        // Outside of the workspace they are nobody.
        for path in ["/", "/workspaces", "/security"] {
            assert_eq!(support.get(path).status, 303, "{path}");
        }
        let banner = browser.get(&today).text();
        assert!(banner.contains("Support (Mara) can see this workspace until"), "{banner}");
        assert!(banner.contains("End now"), "{banner}");

        let stream = Stream::open(&server, &support, owner.workspace);
        let began = std::time::Instant::now();
        let ended = browser.post(&at(&owner, &id, "end"), &[]);
        assert_eq!(ended.status, 303, "{}", ended.text());
        assert_eq!(status(&mut support, &owner, "time"), 401, "with the next request");
        assert_eq!(stream.end().as_deref(), Some("ended"));
        assert!(began.elapsed() < AT_LAST);
        let over = place.run_as(&secret, &["support", "open", &id, "--as", "Mara"]);
        complained(&over, "is not open");
        let record = browser.get(&format!("/w/{}/record?part=support", owner.workspace)).text();
        for words in [
            "Mara (who runs the server)",
            "asked to look into the workspace",
            "let support in",
            "Mara (support)",
            "/w/{workspace}/reports",
            "/w/{workspace}/settings/history",
            "ended support access",
        ] {
            assert!(record.contains(words), "{words}: {record}");
        }
        assert!(!browser.get(&today).text().contains("End now"));
        let page = browser.get(&format!("/w/{}/support", owner.workspace)).text();
        assert!(page.contains("Ended by an owner") && page.contains("12 pages"), "{page}");
    });
}

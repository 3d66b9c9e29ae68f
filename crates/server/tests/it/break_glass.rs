//! Support access (T-BG) through the real program: commands at the server, pages in browsers.

use crate::{
    browser::Browser,
    live::{AT_LAST, Stream, signed_in},
    operator::{both, complained, said},
    process::{Owner, Place, Running, path_of},
    verify::{alter, by_the_other, export, verify},
};
use serde_json::json;

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
    let given =
        browser.post(&at(owner, id, "grant"), &[("minutes", minutes), ("may_write", "true")]);
    assert_eq!(given.status, 303, "{}", given.text());
}

/// The browser of who has opened what was given.
fn open(place: &Place, server: &Running, id: &str, secret: &str) -> (Browser, String) {
    let link = said(&place.run_as(secret, &["support", "open", id, "--as", "Mara"]), "Look: ");
    let here = format!("http://localhost:{}/support/", server.port);
    assert!(link.starts_with(&here), "the server's own address: {link}");
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

/// What was asked for, given, opened and ended is a row whose columns the record tells.
#[test]
fn what_became_of_support_access_is_proven_by_an_export() {
    both(|place| {
        let owner = place.set_up();
        let mut server = place.start(&[]);
        let mut browser = signed_in(&mut server, &owner);
        let secret = operator(&place, "Mara");
        let id = ask(&place, &owner, &secret, &["--scope", "time,reports", "--minutes", "30"]);
        give(&mut browser, &owner, &id, "20");
        for _ in 0..2 {
            let (mut support, _) = open(&place, &server, &id, &secret);
            assert_eq!(status(&mut support, &owner, "time"), 200);
        }
        assert_eq!(browser.post(&at(&owner, &id, "end"), &[]).status, 303);
        let refused = ask(&place, &owner, &secret, &["--scope", "time", "--minutes", "5"]);
        assert_eq!(browser.post(&at(&owner, &refused, "refuse"), &[]).status, 303);
        assert!(server.terminate());
        place.open_run_book("Theo");
        export(&place, owner.workspace, "first");
        let (code, verdict) = verify(&place, "first", &[]);
        assert_eq!((code, &verdict["findings"]), (Some(0), &json!([])), "{verdict}");
        assert_eq!(by_the_other(&place.home().join("first")), json!([]));
        let unproven = verdict["not_proven"].as_array().unwrap().iter();
        let unproven = unproven.filter(|one| one["table"] == "support_requests");
        let unproven: Vec<_> = unproven.map(|one| (&one["column"], &one["rows"])).collect();
        let (lapses, used) = (json!("lapses_at"), json!("used_at"));
        assert_eq!(unproven, [(&lapses, &json!(2)), (&used, &json!(2))]);

        let sql =
            "UPDATE support_requests SET ends_at = ends_at + 60000000 WHERE ends_at IS NOT NULL";
        alter(&place, owner.workspace, sql);
        export(&place, owner.workspace, "second");
        let (code, verdict) = verify(&place, "second", &[]);
        assert_eq!((code, &verdict["codes"]), (Some(1), &json!(["row.differs"])), "{verdict}");
        assert_eq!(verdict["findings"][0]["field"], "ends_at");
        assert_eq!(by_the_other(&place.home().join("second")), verdict["codes"]);
    });
}

#[test]
fn an_owner_lets_support_in_sees_it_and_ends_it() {
    both(|place| {
        let owner = place.set_up();
        let mut server = place.start(&[]);
        let secret = operator(&place, "Mara");
        let mut browser = signed_in(&mut server, &owner);
        let stream = || Stream::open(&server, &browser, owner.workspace);
        let (mut open_page, mut record_page) = (stream(), stream());
        let id = ask(&place, &owner, &secret, &["--scope", "all", "--minutes", "30"]);
        // The command is another process; the open pages of the owner hear of it all the same.
        for page in [&mut open_page, &mut record_page] {
            page.wait_for("change", AT_LAST);
        }
        drop((open_page, record_page));
        let mut letters = std::iter::repeat_with(|| server.any_letter());
        let letter = letters.find(|letter| letter.body.contains("HELP-7")).unwrap();
        assert!(letter.body.contains("The report is wrong"));
        // Nothing is open yet.
        let too_soon = place.run_as(&secret, &["support", "open", &id, "--as", "Mara"]);
        complained(&too_soon, "is not open");

        let today = format!("/w/{}/today", owner.workspace);
        let banner = browser.get(&today).text();
        assert!(banner.contains("Mara, who runs this server, asks to look into"), "{banner}");
        let page = browser.get(&format!("/w/{}/support", owner.workspace)).text();
        for words in ["Mara asks", "The report is wrong", "HELP-7", "Nothing", "Let them in"] {
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
            "time",
            "reports",
            "projects",
            "clients",
            "tags",
            "people",
            "teams",
            "roles",
            "settings",
            "record",
            "settings/history",
        ] {
            let answer = support.get(&format!("/w/{}/{page}", owner.workspace));
            assert_eq!(answer.status, 200, "{page}: {}", answer.text());
            let text = answer.text();
            assert!(
                text.contains("You look into this workspace as support (Mara) until"),
                "{page}"
            );
            assert!(!text.contains("owner@example.com"), "no address on {page}");
            assert!(!text.contains("/sign-out"), "{page}");
        }
        for page in [
            "today",
            "tokens",
            "security",
            "profile",
            "sign-in-policy",
            "providers",
            "reports.csv",
            "support",
            "trash",
            "people/leave",
        ] {
            let refused = support.get(&format!("/w/{}/{page}", owner.workspace));
            assert_eq!(refused.status, 403, "{page}");
            let text = refused.text();
            for words in [
                "You look into this workspace as support (Mara) until",
                "End now",
                "The owner let you see: Time; Reports; Projects, clients and tags",
                "timeproof support ask",
            ] {
                assert!(text.contains(words), "{page}: {words}: {text}");
            }
            assert!(!text.contains("sign in as somebody else"), "{page}: {text}");
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
        assert_eq!(status(&mut support, &owner, "time"), 403, "with the next request");
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
            "looked at the reports",
            "looked at the history of the settings",
            "looked at everybody’s time",
            "<dd><ins>an owner</ins></dd>",
            "ended support access",
        ] {
            assert!(record.contains(words), "{words}: {record}");
        }
        assert!(!record.contains("{workspace}"), "{record}");
        assert!(!browser.get(&today).text().contains("End now"));
        let page = browser.get(&format!("/w/{}/support", owner.workspace)).text();
        assert!(page.contains("Ended by an owner") && page.contains("11 pages"), "{page}");
    });
}

/// Two requests of one operator are one sentence above each page, and two on the page that decides.
#[test]
fn who_asks_for_two_things_is_said_to_ask_once() {
    both(|place| {
        let owner = place.set_up();
        let mut server = place.start(&[]);
        let secret = operator(&place, "Mara");
        let mut browser = signed_in(&mut server, &owner);
        let asked =
            ["time", "reports"].map(|scope| ask(&place, &owner, &secret, &["--scope", scope]));
        let mut count = |page: &str, words: &str| {
            let page = browser.get(&format!("/w/{}/{page}", owner.workspace)).text();
            page.matches(words).count()
        };
        assert_eq!(count("today", "asks to look into this workspace"), 1);
        assert_eq!(count("support", ">Mara asks<"), 2);
        // Who can look now stands before who asks to.
        give(&mut browser, &owner, &asked[1], "60");
        let page = browser.get(&format!("/w/{}/today", owner.workspace)).text();
        let [now, later] = ["can see this workspace until", "asks to look into this workspace"];
        assert!(page.find(now).unwrap() < page.find(later).unwrap(), "{page}");
    });
}

/// What no grant gives: a link that was used, a form without its token, what was only asked for.
#[test]
fn what_was_given_to_read_is_read_only_and_only_that() {
    both(|place| {
        let owner = place.set_up();
        let mut server = place.start(&[]);
        let secret = operator(&place, "Mara");
        let mut browser = signed_in(&mut server, &owner);
        let id = ask(&place, &owner, &secret, &["--scope", "projects,reports", "--write"]);
        give(&mut browser, &owner, &id, "60");
        let link =
            said(&place.run_as(&secret, &["support", "open", &id, "--as", "Mara"]), "Look: ");
        let path = path_of(&link);
        let mut support = Browser::new(&server);
        support.get(&path);
        assert_eq!(support.post(&path, &[]).status, 303);
        let mut second = Browser::new(&server);
        second.get(&path);
        let used = second.post(&path, &[]);
        assert_eq!(used.status, 409, "it works once");
        let text = used.text();
        assert!(text.contains("timeproof support open"), "{text}");
        assert!(
            text.contains("<title>This link was used already, or is too old · Timeproof"),
            "{text}"
        );
        assert_eq!(status(&mut support, &owner, "reports"), 200);
        assert_eq!(status(&mut support, &owner, "time"), 403);
        assert_eq!(status(&mut support, &owner, "record"), 403);
        // It was given to change projects.
        let root = format!("/w/{}", owner.workspace);
        assert_eq!(status(&mut support, &owner, "clients"), 200);
        let added = support.post(&format!("{root}/clients"), &[("name", "Northwind")]);
        assert_eq!(added.status, 303, "{}", added.text());
        let saved = support.post(&format!("{root}/settings"), &[("name", "Mine")]);
        assert_eq!(saved.status, 403, "the settings are nobody's but members'");
        // Support ends it itself, and the cookie is gone.
        support.get(&format!("{root}/clients"));
        let ended = support.post(&at(&owner, &id, "end"), &[]);
        assert_eq!((ended.status, ended.header("location")), (303, "/support/ended"));
        assert_eq!(support.get("/support/ended").status, 200);
        assert_eq!(status(&mut support, &owner, "clients"), 303, "to the page of sign-in");

        // The next one is read-only.
        let project = [("name", "Planning"), ("hue", "1"), ("open", "on")];
        let added = browser.post(&format!("{root}/projects"), &project);
        assert_eq!(added.status, 303, "{}", added.text());
        let id = ask(&place, &owner, &secret, &["--scope", "projects,time"]);
        give(&mut browser, &owner, &id, "60");
        let (mut support, first) = open(&place, &server, &id, &secret);
        assert_eq!(support.get(&first).status, 200);
        let refused = support.post(&format!("{root}/clients"), &[("name", "Harbour")]);
        assert_eq!(refused.status, 403, "{}", refused.text());
        let text = refused.text();
        assert!(
            text.contains("timeproof support ask”; to change anything, with “--write”"),
            "{text}"
        );
        assert!(text.contains("Harbour"), "what was typed is shown: {text}");
        let forged = support.send("POST", &format!("{root}/clients"), &[], "name=Harbour");
        assert_eq!(forged.status, 403);
        // An id that is not there shows nothing.
        let nowhere = format!("{root}/projects/017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
        assert_eq!(support.get(&nowhere).status, 404);
        // A history is of the record: it is offered to whom that was given, and to nobody else.
        let projects = support.get(&format!("{root}/projects")).text();
        let project = projects.split(&format!("href=\"{root}/projects/")).nth(1).unwrap();
        let project = format!("{root}/projects/{}", project.split(['"', '?']).next().unwrap());
        let shown = support.get(&project).text();
        assert!(shown.contains("Time on it") && !shown.contains("/history"), "{shown}");
        assert!(browser.get(&project).text().contains(&format!("{project}/history")));
        let refused = support.get(&format!("{project}/history"));
        assert_eq!(refused.status, 403);
        assert!(refused.text().contains("Ask for more with “timeproof support ask”"));
        // At the server, too.
        let end = place.run_as(&secret, &["support", "end", &id, "--as", "Mara"]);
        said(&end, "Ended.");
        said(&place.run_as(&secret, &["support", "end", &id, "--as", "Mara"]), "It was not open.");
        assert_eq!(support.get(&first).status, 403);
    });
}

/// What Mara types to ask for all of a workspace.
fn asking(workspace: &str) -> Vec<&str> {
    let typed = ["support", "ask", "--workspace", workspace, "--as", "Mara"];
    let why = ["--reason", "Why", "--ticket", "T-1", "--scope", "all"];
    [typed, why].concat()
}

/// An operator without a run-book and without a grant reads no word of a workspace.
#[test]
fn no_command_without_a_grant_reads_a_word_of_a_workspace() {
    both(|place| {
        let owner = place.set_up();
        let workspace = owner.workspace.to_string();
        let secret = operator(&place, "Mara");
        let to = place.home().join("out").display().to_string();
        let ask = asking(&workspace);
        let commands: [&[&str]; 8] = [
            &["export", &workspace, "--to", &to],
            &["export", "A workspace", "--to", &to],
            &["export", "another", "--to", &to],
            &["link", "owner@example.com"],
            &["open-policy", &workspace],
            &["open-policy", "A workspace"],
            &["support", "open", &format!("{workspace}.{workspace}"), "--as", "Mara"],
            &asking("A workspace"),
        ];
        for command in commands {
            let ended = place.run_as(&secret, command);
            assert_eq!(ended.code, Some(1), "{command:?}: {ended:?}");
            let named = command.contains(&"A workspace");
            for words in ["A workspace", "The owner", "owner@example.com"] {
                let is_shown = ended.said.contains(words) || ended.log.contains(words);
                assert!(!is_shown || named || command.contains(&words), "{command:?}: {ended:?}");
            }
        }
        assert!(!place.home().join("out").exists());
        // Nor does a wrong secret ask for anything.
        let other = operator(&place, "Noor");
        complained(&place.run_as(&other, &ask), "No operator has this name and this secret.");
        complained(&place.run_as("x", &ask), "No operator has this name and this secret.");
        complained(&place.run(&ask), "Give your secret");
        // With what an owner gave, the export works, and stands in the record.
        let asked = place.run_as(&secret, &[&ask[..10], &["--scope", "export"]].concat());
        let id = said(&asked, "Asked: ");
        complained(&place.run(&["export", &workspace, "--to", &to]), "no run-book is open");
        let mut server = place.start(&[]);
        server.any_letter();
        let mut browser = signed_in(&mut server, &owner);
        give(&mut browser, &owner, &id, "60");
        complained(&place.run(&["export", &workspace, "--to", &to]), "no run-book is open");
        let as_mara = ["export", workspace.as_str(), "--to", &to, "--as", "Mara"];
        said(&place.run_as(&secret, &as_mara), "Exported ");
        browser.get(&format!("/w/{workspace}/support"));
        assert_eq!(browser.post(&at(&owner, &id, "end"), &[]).status, 303);
        let again = place.home().join("again").display().to_string();
        complained(&place.run(&["export", &workspace, "--to", &again]), "no run-book is open");
        // With a run-book, by name too; and without it no more.
        let open = ["run-book", "open", "--as", "Mara", "--reason", "A move", "--ticket", "T-2"];
        said(&place.run_as(&secret, &open), "Open until ");
        said(&place.run(&["run-book", "show"]), "Open until ");
        said(&place.run(&["export", "A workspace", "--to", &again]), "Exported ");
        said(&place.run(&["link", "owner@example.com"]), "Sign in: ");
        said(&place.run(&["run-book", "close"]), "Closed.");
        said(&place.run(&["run-book", "close"]), "None was open.");
        complained(&place.run(&["link", "owner@example.com"]), "no run-book is open");
        let record = browser.get(&format!("/w/{workspace}/record?part=support")).text();
        for words in ["gave a command at the server", "export", "link", "A move", "T-2"] {
            assert!(record.contains(words), "{words}: {record}");
        }
    });
}

#[test]
fn without_an_owner_a_second_operator_confirms_and_all_owners_are_told() {
    both(|place| {
        let owner = place.set_up();
        let mut server = place.start(&[]);
        let (mara, noor) = (operator(&place, "Mara"), operator(&place, "Noor"));
        let id = ask(&place, &owner, &mara, &["--scope", "time", "--no-owner"]);
        assert_eq!(server.any_letter().subject, "Somebody asks to look into a workspace of yours");
        let same = place.run_as(&mara, &["support", "confirm", &id, "--as", "Mara"]);
        complained(&same, "Somebody else than the one who asked");
        let confirmed = place.run_as(&noor, &["support", "confirm", &id, "--as", "Noor"]);
        said(&confirmed, "Confirmed.");
        let letter = server.any_letter();
        assert_eq!(letter.subject, "A workspace of yours can be looked into from tomorrow on");
        let page = format!("/w/{}/support", owner.workspace);
        assert!(letter.body.contains(&page), "{}", letter.body);
        complained(&place.run_as(&mara, &["support", "open", &id, "--as", "Mara"]), "is not open");
        let mut browser = signed_in(&mut server, &owner);
        let text = browser.get(&page).text();
        assert!(
            text.contains("Noor has confirmed it") && text.contains("Can be opened from"),
            "{text}"
        );
        assert_eq!(browser.post(&at(&owner, &id, "refuse"), &[]).status, 303);
        assert_eq!(browser.post(&at(&owner, &id, "refuse"), &[]).status, 409);
        assert!(browser.get(&page).text().contains("Refused by The owner"));
    });
}

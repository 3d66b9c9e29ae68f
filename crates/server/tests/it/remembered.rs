//! A remembered browser, by its cookies: it signs in by itself, with a new cookie each time, until
//! somebody else turns out to have the same.

use app::identity::{LetterKind, claim_due_letters, list_browsers, list_sessions};
use serde_json::json;

use crate::{
    process::code_in,
    support::{Api, both, set_policy},
    visit::{Browser, HOUR, MINUTE, directory, letter, somebody, wait_s},
};

const DAY: i64 = 24 * HOUR;
const REMEMBER: &str = "rm-8420";
const SESSION: &str = "sid-8420";

impl Browser<'_> {
    /// Signs in by a code from the mail, as a person does.
    pub(crate) async fn sign_in_by_mail(&mut self, api: &Api, address: &str, remember: bool) {
        self.get("/sign-in").await;
        let fields = [("email", address), ("remember", "1")];
        let fields = if remember { &fields[..] } else { &fields[..1] };
        assert_eq!(self.post("/sign-in", fields).await.status, 200);
        let code = code_in(&letter(api).await);
        let entered = self.post("/sign-in/code", &[("code", &code)]).await;
        assert_eq!(entered.status, 303, "{}", entered.text());
    }

    fn value(&self, name: &str) -> String {
        self.cookie(name).unwrap_or_default().to_owned()
    }

    /// The attributes with which the last answer set a cookie.
    fn attributes(&self, name: &str) -> Option<&str> {
        let set = self.jar.set.iter().find(|cookie| cookie.starts_with(&format!("{name}=")));
        set.map(|cookie| cookie.split_once("; ").unwrap().1)
    }

    async fn today(&mut self) -> u16 {
        let page = self.page("today");
        self.get(&page).await.status.as_u16()
    }
}

#[test]
fn a_remembered_browser_signs_in_by_itself_with_a_new_cookie_each_time() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut browser = Browser::new(&api);
        browser.sign_in_by_mail(&api, "ann@example.org", true).await;
        let life = "Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000";
        assert_eq!(browser.attributes(REMEMBER), Some(life));
        assert_eq!(browser.attributes(SESSION), Some("Path=/; HttpOnly; SameSite=Lax"));
        // While the session lives, nothing changes.
        let first = (browser.value(SESSION), browser.value(REMEMBER));
        wait_s(&api, 30 * MINUTE);
        assert_eq!(browser.today().await, 200);
        assert_eq!((browser.value(SESSION), browser.value(REMEMBER)), first);
        assert!(browser.jar.set.is_empty(), "{:?}", browser.jar.set);
        // An idle hour is bridged, each time with new cookies, which end when the first would have.
        let mut seen = vec![first];
        for hours in [2, 26, 50] {
            wait_s(&api, 2 * HOUR);
            if hours > 2 {
                wait_s(&api, 22 * HOUR);
            }
            assert_eq!(browser.today().await, 200, "{hours}");
            let cookies = (browser.value(SESSION), browser.value(REMEMBER));
            assert!(seen.iter().all(|(sid, rm)| *sid != cookies.0 && *rm != cookies.1), "{hours}");
            let left = 30 * DAY - hours * HOUR - 30 * MINUTE;
            let life = format!("Path=/; HttpOnly; SameSite=Lax; Max-Age={left}");
            assert_eq!(browser.attributes(REMEMBER), Some(life.as_str()));
            seen.push(cookies);
            assert_eq!(browser.who().await, Some(ann));
        }
        // After thirty days it is asked who it is, however often it came.
        wait_s(&api, 30 * DAY - 51 * HOUR);
        assert_eq!(browser.today().await, 200);
        wait_s(&api, 2 * HOUR);
        assert_eq!(browser.today().await, 303);
        assert!(!browser.has(REMEMBER));
        assert!(directory(&api, move |op| list_browsers(op, ann)).await.is_empty());
    });
}

#[test]
fn a_browser_that_is_not_remembered_signs_in_anew_after_an_idle_hour() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let mut browser = Browser::new(&api);
        browser.sign_in_by_mail(&api, "ann@example.org", false).await;
        assert!(!browser.has(REMEMBER));
        wait_s(&api, HOUR + 1);
        let page = browser.page("time?first=2026-11-01&last=2026-11-30");
        let asked = browser.get(&page).await;
        assert_eq!(asked.status, 303);
        let next = serde_urlencoded::to_string([("next", &page)]).unwrap();
        assert_eq!(asked.header("location"), format!("/sign-in?{next}"));
        // And comes back to where they were.
        browser.get(asked.header("location")).await;
        let fields = [("email", "ann@example.org"), ("next", page.as_str())];
        assert_eq!(browser.post("/sign-in", &fields).await.status, 200);
        let code = code_in(&letter(&api).await);
        let entered = browser.post("/sign-in/code", &[("code", &code)]).await;
        assert_eq!((entered.status.as_u16(), entered.header("location")), (303, page.as_str()));
    });
}

/// | | owner's browser | thief's |
/// |---|---|---|
/// | t0 | cookie 1 | has copied it |
/// | t1 | | signs in with 1, gets 2, and uses it |
/// | t2 | comes with 1: both are signed out, the owner gets a mail | |
#[test]
fn a_copied_cookie_shows_itself() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut owner = Browser::new(&api);
        owner.sign_in_by_mail(&api, "ann@example.org", true).await;
        let mut elsewhere = Browser::new(&api);
        elsewhere.sign_in_by_mail(&api, "ann@example.org", false).await;
        let mut thief = Browser::new(&api);
        thief.jar.cookies = vec![(REMEMBER.to_owned(), owner.value(REMEMBER))];
        wait_s(&api, 50 * MINUTE);
        assert_eq!(elsewhere.today().await, 200);
        wait_s(&api, 20 * MINUTE);
        assert_eq!(thief.today().await, 200);
        // Past the minute after which the use of a session is noted.
        wait_s(&api, 2 * MINUTE);
        assert_eq!(thief.today().await, 200);
        assert_eq!(owner.today().await, 303);
        assert!(!owner.has(REMEMBER) && !owner.has(SESSION) || owner.who().await.is_none());
        assert_eq!(thief.today().await, 303, "the thief is out");
        assert!(thief.who().await.is_none());
        let mut letters = directory(&api, |op| claim_due_letters(op, 10)).await.letters;
        letters.retain(|letter| letter.kind != LetterKind::SecurityNotice);
        let [letter] = letters.as_slice() else { panic!("{letters:?}") };
        assert_eq!(letter.letter.to().as_str(), "ann@example.org");
        // Neither gets in again; where the owner signed in otherwise, they stay.
        wait_s(&api, MINUTE);
        assert_eq!((owner.today().await, thief.today().await), (303, 303));
        assert_eq!(elsewhere.today().await, 200);
        assert_eq!(directory(&api, move |op| list_sessions(op, ann)).await.len(), 1);
        assert!(
            directory(&api, |op| claim_due_letters(op, 10)).await.letters.is_empty(),
            "told once"
        );
    });
}

/// However short a visit is, it tells that the new cookie has arrived; also one by which a page only keeps
/// itself up to date.
#[test]
fn a_copied_cookie_shows_itself_after_a_short_visit() {
    for headers in [&[][..], &[("x-timeproof-live", "1")]] {
        both(async |api| {
            somebody(&api, "ann@example.org").await;
            let mut owner = Browser::new(&api);
            owner.sign_in_by_mail(&api, "ann@example.org", true).await;
            let mut thief = Browser::new(&api);
            thief.jar.cookies = vec![(REMEMBER.to_owned(), owner.value(REMEMBER))];
            wait_s(&api, 2 * HOUR);
            assert_eq!(thief.today().await, 200);
            wait_s(&api, 10);
            let page = thief.page("today");
            assert_eq!(thief.get_with(&page, headers).await.status, 200);
            wait_s(&api, 5 * HOUR);
            assert_eq!(owner.today().await, 303, "{headers:?}");
            let letters = directory(&api, |op| claim_due_letters(op, 10)).await.letters;
            assert_eq!(letters.len(), 1, "{headers:?}");
            assert_eq!(thief.today().await, 303, "the thief is out");
        });
    }
}

/// Tabs that open together all send the same cookie: the first gets the new one, the others a
/// session, and nobody is taken for a thief.
#[test]
fn tabs_that_open_together_are_one_browser() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut first = Browser::new(&api);
        first.sign_in_by_mail(&api, "ann@example.org", true).await;
        for seconds in [0, 30] {
            wait_s(&api, 2 * HOUR);
            let mut second = Browser::new(&api);
            second.jar.cookies = first.jar.cookies.clone();
            let before = first.value(REMEMBER);
            assert_eq!(first.today().await, 200);
            assert_ne!(first.value(REMEMBER), before);
            wait_s(&api, seconds);
            assert_eq!(second.today().await, 200, "after {seconds} s");
            assert!(second.attributes(REMEMBER).is_none(), "it keeps what the first one got");
            assert_eq!(second.who().await, Some(ann));
            // They share their cookies: the newest of each name.
            let session = second.value(SESSION);
            first.jar.cookies.retain(|(name, _)| name != SESSION);
            first.jar.cookies.push((SESSION.to_owned(), session));
        }
        wait_s(&api, 2 * HOUR);
        assert_eq!(first.today().await, 200);
        assert!(
            directory(&api, |op| claim_due_letters(op, 10)).await.letters.is_empty(),
            "no theft"
        );
        assert_eq!(directory(&api, move |op| list_sessions(op, ann)).await.len(), 1);
    });
}

/// The policy of a workspace about sessions is in force on the next request, also for a browser that signs
/// in by itself; signing in anew is all that it takes.
#[test]
fn a_workspace_says_how_old_a_sign_in_may_be_and_whether_browsers_are_remembered() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let mut browser = Browser::new(&api);
        browser.sign_in_by_mail(&api, "ann@example.org", true).await;
        let set = async |change: serde_json::Value| {
            set_policy(&api, &change).await;
            api.ask("owner", "GET", "/sign-in-policy").send().await.json()
        };
        let read = set(json!({ "longest_session": "24_hours" })).await;
        assert_eq!(
            (&read["longest_session"], &read["allows_remembering"]),
            (&json!("24_hours"), &json!(true))
        );
        wait_s(&api, 23 * HOUR);
        assert_eq!(browser.today().await, 200, "by itself");
        wait_s(&api, 2 * HOUR);
        let today = browser.page("today");
        let door = browser.get(&today).await;
        assert_eq!(door.status, 403);
        assert!(
            door.text().contains("You signed in longer ago than is allowed"),
            "{}",
            door.text()
        );
        let account = browser.page("security");
        let account = browser.get(&account).await;
        assert!(account.text().contains("Sign out, and in again"), "{}", account.text());
        browser.post("/sign-out", &[("next", today.as_str())]).await;
        browser.sign_in_by_mail(&api, "ann@example.org", true).await;
        assert_eq!(browser.today().await, 200);

        set(json!({ "longest_session": "30_days", "allows_remembering": false })).await;
        assert_eq!(browser.today().await, 200, "signed in by its person");
        wait_s(&api, 2 * HOUR);
        let door = browser.get(&today).await;
        assert_eq!(door.status, 403, "by itself");
        assert!(door.text().contains("signed in by itself"), "{}", door.text());
        set(json!({ "allows_remembering": true })).await;
        assert_eq!(browser.today().await, 200);
        let wrong = json!({ "longest_session": "a year" });
        let wrong = api.ask("owner", "PATCH", "/sign-in-policy").json(&wrong).send().await;
        assert_eq!(wrong.status, 422, "{}", wrong.text());
    });
}

/// Two who share a browser are both known in it: neither gets a letter about the other's sign-in there.
#[test]
fn a_shared_browser_knows_each_of_its_people() {
    both(async |api| {
        let people = ["ann@example.org", "bob@example.org"];
        for address in people {
            somebody(&api, address).await;
        }
        let mut browser = Browser::new(&api);
        let mut notices = Vec::new();
        for _ in 0..2 {
            for address in people {
                browser.sign_in_by_mail(&api, address, false).await;
                let letters = directory(&api, |op| claim_due_letters(op, 50)).await.letters;
                let told = letters.iter().filter(|one| one.kind == LetterKind::SecurityNotice);
                notices.push(told.count());
                assert!(browser.value("dev-8420").len() < 1_024);
                let account = browser.page("security");
                browser.get(&account).await;
                assert_eq!(browser.post("/sign-out", &[]).await.status, 303);
            }
        }
        assert_eq!(notices, [0; 4], "the first one is no news, and the second is known");
    });
}

/// Whoever sits before a browser next sees no page of who was signed in there.
#[test]
fn every_way_out_has_the_browser_forget_our_pages() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        for what in ["all", "own", "other"] {
            let mut browser = Browser::new(&api);
            browser.sign_in(ann, false).await;
            let mut elsewhere = Browser::new(&api);
            elsewhere.sign_in(ann, false).await;
            let account = browser.page("security");
            browser.get(&account).await;
            let id = if what == "own" { &browser } else { &elsewhere };
            let path = match what {
                "all" => format!("{account}/sessions/end-all"),
                _ => format!("{account}/sessions/{}/end", id.session_id().await.unwrap()),
            };
            let out = browser.post(&path, &[]).await;
            assert_eq!(out.status, 303, "{what}: {}", out.text());
            let forgets = out.header("clear-site-data").contains("\"storage\"");
            assert_eq!(forgets, what != "other", "{what}");
        }
    });
}

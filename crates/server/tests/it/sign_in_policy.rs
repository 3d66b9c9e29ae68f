//! The sign-in policy over HTTP: what the door says, and how the policy is changed on its page.

use app::identity::{Method, OpenSession, Origin, Second, open_session};
use domain::ids::UserId;
use serde_json::{Value, json};

use crate::{
    support::{Api, both},
    visit::{Browser, directory, somebody, wait_s},
};

async fn set(api: &Api, change: Value) -> u16 {
    let ask = api.ask("owner", "PATCH", "/sign-in-policy").json(&change);
    ask.send().await.status.as_u16()
}

async fn sign_in(api: &Api, browser: &mut Browser<'_>, user: UserId, second: Option<Second>) {
    let command = OpenSession { user, method: Method::MailCode, second, remember: false };
    let session = directory(api, move |op| open_session(op, command, &Origin::default())).await;
    browser.jar.put("sid-8420", session.secret.expose());
}

/// Makes somebody an admin.
async fn promote_newest(api: &Api) {
    let members = api.ask("owner", "GET", "/members").send().await.json();
    let mut newest = members["items"].as_array().unwrap().iter();
    let newest = newest.rfind(|one| one["name"] == "A newcomer").unwrap();
    let path = format!("/members/{}", newest["id"].as_str().unwrap());
    let made = api.ask("owner", "PATCH", &path).json(&json!({ "role": "admin" })).send().await;
    assert_eq!(made.status, 200, "{}", made.text());
}

#[test]
fn the_door_says_what_is_missing_and_how_to_go_on() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut browser = Browser::new(&api);
        sign_in(&api, &mut browser, ann, None).await;
        let today = browser.page("today");
        assert_eq!(browser.get(&today).await.status, 200);

        assert_eq!(set(&api, json!({ "second_factor": "strong" })).await, 200);
        let kept_out = browser.get(&today).await;
        assert_eq!(kept_out.status, 403);
        let text = kept_out.text();
        assert!(text.contains("without a second factor that is independent"), "{text}");
        assert!(text.contains("Sign in another way"), "{text}");
        // No page, no part of one and no stream goes another way.
        for path in ["people", "settings", "live", "reports", "tokens", "sign-in-policy"] {
            let path = browser.page(path);
            assert_eq!(browser.get(&path).await.status, 403, "{path}");
        }
        // My security is open: what is missing is put right there, and nothing else is seen.
        assert!(text.contains(&format!("href=\"{}\"", browser.page("security"))), "{text}");
        let own = browser.get(&browser.page("security")).await;
        assert_eq!(own.status, 200, "{}", own.text());
        assert!(own.text().contains("Set up an authenticator app here"), "{}", own.text());
        assert!(!own.text().contains("id=\"line\""), "no timer: {}", own.text());
        // The only workspace of somebody is not gone for them: the first page leads to its door.
        let first = browser.get("/").await;
        assert!(first.header("location").contains(&today) || first.text().contains(&today));
        let line = [("text", "1:30 Plan"), ("from", "today")];
        let quick = browser.page("quick-entry");
        let refused = browser.post(&quick, &line).await;
        assert_eq!(refused.status, 403);
        assert!(refused.text().contains("1:30 Plan"), "what was typed is shown");

        // The button signs out, and leads back to where one was.
        let left = browser.post("/sign-out", &[("next", today.as_str())]).await;
        assert_eq!(left.status, 303);
        let again = left.header("location");
        assert!(again.starts_with("/sign-in?next=%2Fw%2F") && again.ends_with("today"), "{again}");
        assert_eq!(browser.who().await, None);
        sign_in(&api, &mut browser, ann, Some(Second::Totp)).await;
        assert_eq!(browser.get(&today).await.status, 200);
        // Nowhere else is led to.
        let evil = browser.post("/sign-out", &[("next", "//evil.example")]).await;
        assert_eq!(evil.header("location"), "/sign-in?next=%2F");
    });
}

#[test]
fn tokens_are_held_against_the_addresses_alone() {
    both(async |api| {
        let strict = json!({ "allows_mail": false, "second_factor": "strong" });
        assert_eq!(set(&api, strict).await, 200);
        let entries = || api.ask("member", "GET", "/time-entries");
        assert_eq!(entries().send().await.status, 200, "a token is a proof of its own");

        // Whoever saves it comes from there.
        let networks = json!({ "networks": ["203.0.113.0/24"] });
        let away = api.ask("owner", "PATCH", "/sign-in-policy").json(&networks);
        let away = away.send().await;
        assert_eq!(
            (away.status.as_u16(), away.json()["code"].as_str().unwrap().to_owned()),
            (409, "sign_in_policy.keeps_you_out".to_owned())
        );
        let inside = api.ask("owner", "PATCH", "/sign-in-policy").json(&networks);
        assert_eq!(inside.from("203.0.113.9").send().await.status, 200);
        for (address, expected) in [("203.0.113.200", 200), ("203.0.114.1", 403), ("::1", 403)] {
            let answer = entries().from(address).send().await;
            assert_eq!(answer.status, expected, "{address}");
        }
        let nowhere = entries().send().await;
        assert_eq!(nowhere.json()["code"], "sign_in.network");
        // A token that is none is told so first.
        let path = format!("/workspaces/{}/time-entries", api.world.workspace);
        let none = api.bare("GET", &path).token("nonsense").from("198.51.100.1").send().await;
        assert_eq!(none.status, 401);
    });
}

#[test]
fn a_policy_is_shown_with_what_it_does_before_it_is_saved() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let bob = somebody(&api, "bob@example.org").await;
        let mut browser = Browser::new(&api);
        sign_in(&api, &mut browser, bob, None).await;
        let path = browser.page("sign-in-policy");
        assert_eq!(browser.get(&path).await.status, 403, "a member");
        promote_newest(&api).await;
        let shown = browser.get(&path).await;
        assert_eq!(shown.status, 200, "{}", shown.text());
        let mut other = Browser::new(&api);
        sign_in(&api, &mut other, ann, None).await;

        let strict = [
            ("version", "1"),
            ("allows_mail", "true"),
            ("second_factor", "strong"),
            ("networks", ""),
        ];
        // Bob himself came without: he is told before he shuts the door behind him.
        let refused = browser.post(&path, &strict).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        assert!(refused.text().contains("This would keep you out yourself"), "{}", refused.text());
        sign_in(&api, &mut browser, bob, Some(Second::Totp)).await;
        browser.get(&path).await;
        let looked = browser.post(&path, &strict).await;
        assert_eq!(looked.status, 200, "{}", looked.text());
        let text = looked.text();
        assert!(text.contains("2 of 2 people have no authenticator app yet"), "{text}");
        assert!(text.contains("2 of 3 open sign-ins do not meet this"), "{text}");
        assert_eq!(other.get(&other.page("today")).await.status, 200, "nothing is saved yet");

        let confirmed = [strict.as_slice(), &[("confirmed", "true")]].concat();
        let saved = browser.post(&path, &confirmed).await;
        assert_eq!(saved.status, 303, "{}", saved.text());
        assert_eq!(other.get(&other.page("today")).await.status, 403);
        let read = api.ask("owner", "GET", "/sign-in-policy").send().await.json();
        assert_eq!(read["second_factor"], "strong");
        assert_eq!(read["allows_passwords"], false, "a box that is not ticked");

        // The same form again is one about an older version.
        let late = browser.post(&path, &confirmed).await;
        assert_eq!(late.status, 409, "{}", late.text());
        let wrong = [
            ("version", "2"),
            ("allows_mail", "true"),
            ("second_factor", "wombat"),
            ("networks", "office"),
        ];
        let wrong = browser.post(&path, &wrong).await;
        assert_eq!(wrong.status, 422);
        for sentence in ["“office” is no range of addresses", "Choose one of"] {
            assert!(wrong.text().contains(sentence), "{sentence}: {}", wrong.text());
        }
        // A quarter of an hour later it asks for a fresh proof.
        wait_s(&api, 16 * 60);
        let late = [
            ("version", "2"),
            ("allows_mail", "true"),
            ("second_factor", "optional"),
            ("networks", ""),
            ("confirmed", "true"),
        ];
        let asked = browser.post(&path, &late).await;
        assert_eq!(asked.status, 403);
        assert!(
            asked.text().contains("change how people may come into the workspace"),
            "{}",
            asked.text()
        );
    });
}

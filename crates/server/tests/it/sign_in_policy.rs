//! The sign-in policy over HTTP: what the door says, and how the policy is changed on its page.

use app::identity::{Method, OpenSession, Origin, Second, open_session};
use domain::ids::UserId;
use serde_json::{Value, json};

use crate::{
    support::{Api, both, set_policy},
    visit::{Browser, directory, somebody, wait_s},
};

async fn sign_in(api: &Api, browser: &mut Browser<'_>, user: UserId, second: Option<Second>) {
    let command = OpenSession { user, method: Method::MailCode, second, remember: false };
    let session = directory(api, move |op| open_session(op, command, &Origin::default())).await;
    browser.jar.put("sid-8420", session.secret.expose());
}

/// Makes somebody an admin.
async fn promote_newest(api: &Api, role: &str) {
    let members = api.ask("owner", "GET", "/members").send().await.json();
    let mut newest = members["items"].as_array().unwrap().iter();
    let newest = newest.rfind(|one| one["name"] == "A newcomer").unwrap();
    let path = format!("/members/{}", newest["id"].as_str().unwrap());
    let made = api.ask("owner", "PATCH", &path).json(&json!({ "role": role })).send().await;
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

        set_policy(&api, &json!({ "second_factor": "strong" })).await;
        let kept_out = browser.get(&today).await;
        assert_eq!(kept_out.status, 403);
        let text = kept_out.text();
        assert!(text.contains("without a second factor that is independent"), "{text}");
        assert!(text.contains("<title>This workspace keeps you out for now · Timeproof"), "{text}");
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
        // Nothing is offered that refuses.
        let root = browser.page("");
        let text = own.text();
        let offered =
            text.split("class=\"place\" href=\"").skip(1).map(|rest| rest.split('"').next());
        let inside: Vec<_> = offered.flatten().filter(|href| href.starts_with(&root)).collect();
        assert!(!inside.is_empty(), "{text}");
        for href in inside {
            assert_eq!(browser.get(href).await.status, 200, "{href}");
        }
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
        set_policy(&api, &strict).await;
        let entries = || api.ask("member", "GET", "/time-entries");
        assert_eq!(entries().send().await.status, 200, "a token is a proof of its own");

        set_policy(&api, &json!({ "networks": ["203.0.113.0/24"] })).await;
        // A program lets more in, and comes from there itself.
        let other = json!({ "networks": ["203.0.0.0/16"], "second_factor": "optional" });
        let patch = || api.ask("owner", "PATCH", "/sign-in-policy").json(&other);
        assert_eq!(patch().from("198.51.100.1").send().await.outcome(), "403 sign_in.network");
        assert_eq!(patch().from("203.0.113.9").send().await.outcome(), "200");
        set_policy(&api, &json!({ "networks": ["203.0.113.0/24"] })).await;
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
        promote_newest(&api, "owner").await;
        let shown = browser.get(&path).await;
        assert_eq!(shown.status, 200, "{}", shown.text());
        let mut other = Browser::new(&api);
        sign_in(&api, &mut other, ann, None).await;

        let strict = [
            ("version", "1"),
            ("allows_mail", "true"),
            ("second_factor", "strong"),
            ("allows_remembering", "true"),
            ("longest_session", "30_days"),
            ("networks", ""),
        ];
        // Bob himself came without: he is told before he shuts the door behind him.
        let refused = browser.post(&path, &strict).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        assert!(refused.text().contains("This would keep you out yourself"), "{}", refused.text());
        // Who came by the operator's link may, and sets one up at the door: they are told that first.
        let by_link =
            OpenSession { user: bob, method: Method::PrintedLink, second: None, remember: false };
        let session =
            directory(&api, move |op| open_session(op, by_link, &Origin::default())).await;
        browser.jar.put("sid-8420", session.secret.expose());
        browser.get(&path).await;
        let warned = browser.post(&path, &strict).await;
        assert_eq!(warned.status, 200, "{}", warned.text());
        let text = warned.text();
        let [yourself, rest] =
            ["This keeps you out yourself, as soon as it is saved", "Nothing is saved yet"];
        assert!(text.find(yourself).unwrap() < text.find(rest).unwrap(), "{text}");
        sign_in(&api, &mut browser, bob, Some(Second::Totp)).await;
        browser.get(&path).await;
        let looked = browser.post(&path, &strict).await;
        assert_eq!(looked.status, 200, "{}", looked.text());
        let text = looked.text();
        assert!(!text.contains(yourself), "{text}");
        assert!(
            text.contains(
                "2 of 2 people have neither an authenticator app nor a passkey for this address yet"
            ),
            "{text}"
        );
        assert!(text.contains("3 of 4 open sign-ins do not meet this"), "{text}");
        assert_eq!(other.get(&other.page("today")).await.status, 200, "nothing is saved yet");

        let confirmed = [strict.as_slice(), &[("confirmed", "true")]].concat();
        let saved = browser.post(&path, &confirmed).await;
        assert_eq!(saved.status, 303, "{}", saved.text());
        assert_eq!(other.get(&other.page("today")).await.status, 403);
        let read = api.ask("owner", "GET", "/sign-in-policy").send().await.json();
        assert_eq!(read["second_factor"], "strong");
        assert_eq!(read["allows_passwords"], false, "a box that is not ticked");

        // The same form again changes nothing; another one is about an older version.
        let again = browser.post(&path, &confirmed).await;
        assert_eq!(again.status, 303, "{}", again.text());
        let read = api.ask("owner", "GET", "/sign-in-policy").send().await.json();
        assert_eq!(read["version"], 2);
        let mut late = confirmed.clone();
        late.retain(|(name, _)| *name != "second_factor");
        late.push(("second_factor", "required"));
        let late = browser.post(&path, &late).await;
        assert_eq!(late.status, 409, "{}", late.text());
        for words in
            ["Everybody needs one, by mail will do", "Everybody needs an authenticator app"]
        {
            assert!(late.text().contains(words), "{}", late.text());
        }
        let wrong = [
            ("version", "2"),
            ("allows_mail", "true"),
            ("second_factor", "wombat"),
            ("longest_session", "30_days"),
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
            ("allows_remembering", "true"),
            ("longest_session", "30_days"),
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

/// What is on a sign-in page.
const CODE: &str = "value=\"code\"";
const PASSWORD: &str = "name=\"password\"";
const FEWER: &str = "You see what the workspace takes";

#[test]
fn the_sign_in_page_offers_what_the_workspace_takes_that_it_leads_to() {
    both(async |api| {
        let mut browser = Browser::new(&api);
        let today = browser.page("today");
        let page_to = async |browser: &mut Browser<'_>, next: &str| {
            let query = serde_urlencoded::to_string([("next", next)]).unwrap();
            let shown = browser.get(&format!("/sign-in?{query}")).await;
            assert_eq!(shown.status, 200, "{}", shown.text());
            shown.text()
        };
        let shown = page_to(&mut browser, &today).await;
        assert!(shown.contains(CODE) && shown.contains(PASSWORD) && !shown.contains(FEWER));

        set_policy(&api, &json!({ "allows_passwords": false })).await;
        let shown = page_to(&mut browser, &today).await;
        assert!(shown.contains(CODE) && shown.contains(FEWER), "{shown}");
        assert!(!shown.contains(PASSWORD), "{shown}");
        // Also after a mistake, and where a form waits.
        let wrong = [("email", "ann"), ("next", today.as_str()), ("way", "code")];
        let wrong = browser.post("/sign-in", &wrong).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text().contains(FEWER) && !wrong.text().contains(PASSWORD));

        // The one who asks came by mail: the operator's link lets them forbid it.
        let strict = json!({ "allows_passwords": true, "allows_mail": false });
        set_policy(&api, &strict).await;
        let shown = page_to(&mut browser, &today).await;
        assert!(shown.contains(PASSWORD) && !shown.contains(CODE), "{shown}");
        let only = json!({ "allows_passwords": false, "allows_passkeys": true });
        set_policy(&api, &only).await;
        let shown = page_to(&mut browser, &today).await;
        assert!(!shown.contains("sign-in-form"), "nothing to type: {shown}");

        // Another's workspace, none at all and a path of nothing: one page.
        let everywhere = page_to(&mut browser, "/").await;
        assert!(everywhere.contains(CODE) && everywhere.contains(PASSWORD));
        for path in [
            "/w/0193f2c4-e1aa-7000-8000-000000000000/today",
            "/w/0193f2c4-e1aa-7000-8000-00000000000",
            "/w/../../etc/passwd",
            "/w/",
        ] {
            let shown = page_to(&mut browser, path).await;
            assert!(shown.contains(CODE) && shown.contains(PASSWORD), "{path}");
            assert!(!shown.contains(FEWER), "{path}");
        }
    });
}

/// 39 of T-OTT: neither a page nor a program of somebody who came by mail gets in where mail is not taken.
#[test]
fn ott_39_no_sign_in_by_mail_holds_for_programs_too() {
    both(async |api| {
        let user = somebody(&api, "ann@example.org").await;
        let mut browser = Browser::new(&api);
        sign_in(&api, &mut browser, user, None).await;
        let today = browser.page("today");
        assert_eq!(browser.get(&today).await.status, 200);
        set_policy(&api, &json!({ "allows_mail": false })).await;
        assert_eq!(browser.get(&today).await.status, 403);
        // The session is none for the API, and lets no program in.
        let path = format!("/workspaces/{}/time-entries", api.world.workspace);
        let bare = api.bare("GET", &path).header("cookie", &browser.jar.header()).send().await;
        assert_eq!(bare.status, 401);
        let asked = api.bare("POST", "/device-grants").json(&json!({ "name": "tp" })).send().await;
        let asked = asked.json();
        let fields = [
            ("user_code", asked["user_code"].as_str().unwrap()),
            ("workspace", &api.world.workspace.to_string()),
            ("answer", "allow"),
            ("expires_in_days", "90"),
        ];
        browser.get("/device").await;
        let confirmed = browser.post("/device/confirm", &fields).await;
        assert!(confirmed.status.as_u16() >= 400, "{}", confirmed.text());
        let body = json!({ "device_code": asked["device_code"] });
        let collected = api.bare("POST", "/device-grants/collect").json(&body).send().await;
        assert_eq!(collected.json()["state"], "pending", "no token");
    });
}

/// An admin sees the policy and lets more in; what keeps people out is refused with a sentence.
#[test]
fn an_admin_makes_the_policy_no_stricter() {
    both(async |api| {
        let patch = async |who: &str, body: Value| {
            let patch = api.ask(who, "PATCH", "/sign-in-policy").json(&body);
            patch.from("203.0.113.9").send().await.outcome()
        };
        for narrower in [
            json!({ "allows_mail": false }),
            json!({ "second_factor": "required" }),
            json!({ "networks": ["203.0.113.0/24"] }),
        ] {
            let refused = patch("admin", narrower.clone()).await;
            assert_eq!(refused, "403 sign_in_policy.owners_only", "{narrower}");
            // Nor does a program of an owner, which meets nothing of it.
            let refused = patch("owner", narrower.clone()).await;
            assert_eq!(refused, "403 sign_in_policy.session_only", "{narrower}");
        }
        set_policy(&api, &json!({ "second_factor": "required" })).await;
        assert_eq!(patch("admin", json!({ "second_factor": "optional" })).await, "200");

        let bob = somebody(&api, "bob@example.org").await;
        promote_newest(&api, "admin").await;
        let mut browser = Browser::new(&api);
        sign_in(&api, &mut browser, bob, Some(Second::Totp)).await;
        let path = browser.page("sign-in-policy");
        browser.get(&path).await;
        let strict = [
            ("version", "3"),
            ("allows_mail", "true"),
            ("second_factor", "strong"),
            ("allows_remembering", "true"),
            ("longest_session", "30_days"),
        ];
        let refused = browser.post(&path, &strict).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        assert!(refused.text().contains("Only an owner can make this stricter"));
    });
}

/// What a policy about sessions and addresses does is said in numbers before it is saved.
#[test]
fn the_page_counts_sign_ins_that_are_too_old_or_from_elsewhere() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let bob = somebody(&api, "bob@example.org").await;
        promote_newest(&api, "owner").await;
        let mut old = Browser::new(&api);
        old.sign_in(ann, true).await;
        wait_s(&api, 13 * 3_600);
        let today = old.page("today");
        assert_eq!(old.get(&today).await.status, 200, "by itself");
        let mut browser = Browser::new(&api);
        sign_in(&api, &mut browser, bob, None).await;
        let path = browser.page("sign-in-policy");
        let shown = browser.get(&path).await.text();
        assert!(shown.contains("Browsers may be remembered"), "{shown}");
        assert!(shown.contains("value=\"30_days\" selected"), "{shown}");
        let look = async |browser: &mut Browser<'_>, fields: &[(&str, &str)]| {
            let ways = [
                ("version", "1"),
                ("allows_mail", "true"),
                ("allows_passwords", "true"),
                ("allows_passkeys", "true"),
                ("allows_providers", "true"),
                ("second_factor", "optional"),
            ];
            let looked = browser.post(&path, &[ways.as_slice(), fields].concat()).await;
            assert_eq!(looked.status, 200, "{}", looked.text());
            looked.text()
        };
        let half = [("allows_remembering", "true"), ("longest_session", "12_hours")];
        let told = look(&mut browser, &half).await;
        assert!(told.contains("One open sign-in is older"), "{told}");
        let told = look(&mut browser, &[("longest_session", "30_days")]).await;
        assert!(told.contains("One open sign-in was opened by a remembered browser"), "{told}");
        let confirmed = [half.as_slice(), &[("confirmed", "true")]].concat();
        let ways = [
            ("version", "1"),
            ("allows_mail", "true"),
            ("allows_passwords", "true"),
            ("allows_passkeys", "true"),
            ("allows_providers", "true"),
            ("second_factor", "optional"),
        ];
        let saved = browser.post(&path, &[ways.as_slice(), &confirmed].concat()).await;
        assert_eq!(saved.status, 303, "{}", saved.text());
        assert_eq!(old.get(&today).await.status, 403);
        assert_eq!(browser.get(&today).await.status, 200);
    });
}

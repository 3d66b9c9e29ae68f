//! T-PW over HTTP: what is taken and what is refused as a password, as browsers send it; who chooses it; and
//! a queue that is full.

use std::{
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use app::identity::password::{Cost, Costs, Hashing, flag_password};
use domain::ids::UserId;
use serde_json::json;
use server::{
    router::router,
    state::{Providers, Server},
};

use crate::{
    forged::page_routes,
    pw::{GOOD, OTHER, with_password},
    support::{Answer, Api, both, config, document, one, operations},
    visit::{Browser, directory, somebody},
};

const ANN: &str = "ann@example.org";

/// So many characters, and no row, repetition or word among them.
fn of_length(characters: usize) -> String {
    let text: String =
        (0..characters).map(|n| char::from(b'a' + u8::try_from(n * n % 23).unwrap())).collect();
    assert_eq!(text.chars().count(), characters);
    text
}

/// All 95 printable characters of ASCII, none beside its neighbour.
fn ascii() -> String {
    let all: String =
        (0..95_u32).map(|n| char::from(b' ' + u8::try_from(n * 37 % 95).unwrap())).collect();
    assert!((b' '..=b'~').all(|c| all.contains(char::from(c))));
    all
}

/// Somebody who has just signed in by mail.
async fn at_home<'a>(api: &'a Api, address: &str) -> Browser<'a> {
    let user = somebody(api, address).await;
    let mut browser = Browser::new(api);
    browser.sign_in(user, false).await;
    browser.get(&browser.page("security")).await;
    browser
}

async fn choose(browser: &mut Browser<'_>, password: &str) -> Answer {
    let path = browser.page("security/password");
    browser.post(&path, &[("new_password", password)]).await
}

async fn knock(api: &Api, address: &str, password: &str) -> Answer {
    let mut browser = Browser::new(api);
    browser.get("/sign-in").await;
    let typed = [("email", address), ("password", password), ("way", "password")];
    browser.post("/sign-in", &typed).await
}

#[test]
fn pw_06_07_08_10_11_15_16_every_character_counts_and_all_are_taken() {
    both(async |api| {
        let mut home = at_home(&api, ANN).await;
        let long = [64, 128, 256].map(of_length);
        let written = [
            ascii(),
            "100% + 7 & a; b=c?d#e".to_owned(),
            "%2B%26%3D%25 and +++".to_owned(),
            "  тихая гавань, 7 сов 🦉  ".to_owned(),
        ];
        for password in long.iter().chain(&written) {
            let chosen = choose(&mut home, password).await;
            assert_eq!(chosen.status, 303, "{password}: {}", chosen.text());
            let entered = knock(&api, ANN, password).await;
            assert_eq!(entered.status, 303, "{password}: {}", entered.text());
            home.get(&home.page("security")).await;
            // Nothing is cut off, at 64 characters and 72 bytes least of all.
            let cut: String = password.chars().take(password.chars().count() - 1).collect();
            assert_eq!(knock(&api, ANN, &cut).await.status, 422, "{password}");
        }
        let longest = of_length(256);
        assert_eq!(choose(&mut home, &longest).await.status, 303);
        for length in [64, 72] {
            assert_eq!(knock(&api, ANN, &longest[..length]).await.status, 422, "{length}");
        }
        assert_eq!(knock(&api, ANN, &longest).await.status, 303);
    });
}

#[test]
fn pw_09_more_than_a_kibibyte_is_refused_and_nothing_is_hashed() {
    both(async |api| {
        let mut home = at_home(&api, ANN).await;
        let hashed = || api.world.app.count_hashed();
        // 1,024 bytes are the most.
        let most = of_length(1_024);
        assert_eq!(choose(&mut home, &most).await.status, 303);
        assert_eq!(knock(&api, ANN, &most).await.status, 303);
        assert_eq!(hashed(), 2, "one to choose it, one to try it");
        let longer = of_length(1_025);
        // Fewer characters, and more bytes.
        let wide = "\u{1f989}".repeat(257);
        for password in [&longer, &wide] {
            let refused = choose(&mut home, password).await;
            assert_eq!(refused.status, 422);
            assert!(refused.text().contains("1024 bytes are the most"), "{}", refused.text());
            assert!(!refused.text().contains(password.as_str()));
            home.get(&home.page("security")).await;
            let wrong = knock(&api, ANN, password).await;
            assert_eq!(wrong.status, 422);
            assert!(wrong.text().contains("do not go together"), "{}", wrong.text());
            let mut door = Browser::new(&api);
            door.get("/sign-in").await;
            for (current, new) in [(password.as_str(), OTHER), (&most, password)] {
                let change = [("email", ANN), ("current_password", current), ("new_password", new)];
                assert_eq!(door.post("/sign-in/password", &change).await.status, 422);
            }
        }
        assert_eq!(hashed(), 2, "nothing of these");
        assert_eq!(knock(&api, ANN, &most).await.status, 303);
    });
}

/// Names in the world: its workspace is "Workspace of owner", whoever is new there "A newcomer".
const NAMES: [&str; 4] = [
    "a newcomer 20261120",
    "workspace of owner 1",
    "timeproof-2026-timeproof",
    "ann@example.org 2026",
];
const LITTLE_MORE: &str = "This is little more than a name";

#[test]
fn pw_21_names_are_refused_on_my_security_and_at_the_door() {
    both(async |api| {
        let mut home = with_password(&api, ANN).await;
        let user = home.who().await.unwrap();
        home.get(&home.page("security")).await;
        for name in NAMES {
            let refused = choose(&mut home, name).await;
            assert_eq!(refused.status, 422, "{name}");
            assert!(refused.text().contains(LITTLE_MORE), "{name}: {}", refused.text());
        }
        directory(&api, move |op| flag_password(op, user)).await;
        let mut door = Browser::new(&api);
        door.get("/sign-in").await;
        for round in 0..3 {
            for name in NAMES {
                let change = [("email", ANN), ("current_password", GOOD), ("new_password", name)];
                let refused = door.post("/sign-in/password", &change).await;
                assert_eq!(refused.status, 422, "{round} {name}: {}", refused.text());
                assert!(refused.text().contains(LITTLE_MORE), "{name}: {}", refused.text());
                assert_eq!(door.who().await, None);
            }
        }
        // Whoever does not know the password learns no name by it.
        for name in &NAMES[..2] {
            let change = [("email", ANN), ("current_password", "nonsense"), ("new_password", name)];
            let refused = door.post("/sign-in/password", &change).await;
            assert_eq!(refused.status, 422);
            assert!(!refused.text().contains(LITTLE_MORE), "{name}: {}", refused.text());
            assert!(refused.text().contains("do not go together"), "{}", refused.text());
        }
        // Nor does who does not show the second step that is asked for.
        let step = home.page("security/mail-step");
        assert_eq!(home.post(&step, &[("on", "true")]).await.status, 303);
        let mut stranger = Browser::new(&api);
        stranger.get("/sign-in").await;
        let change = [("email", ANN), ("current_password", GOOD), ("new_password", NAMES[0])];
        let asked = stranger.post("/sign-in/password", &change).await;
        assert!(!asked.text().contains(LITTLE_MORE), "{}", asked.text());
        assert!(asked.text().contains("One more step"), "{}", asked.text());
        assert_eq!(home.post(&step, &[]).await.status, 303);
        // What was refused cost no tries: the right one is no guess.
        let change = [("email", ANN), ("current_password", GOOD), ("new_password", OTHER)];
        let entered = door.post("/sign-in/password", &change).await;
        assert_eq!(entered.status, 303, "{}", entered.text());
        assert_eq!(knock(&api, ANN, GOOD).await.status, 422);
        assert_eq!(knock(&api, ANN, OTHER).await.status, 303);
    });
}

/// A password is chosen by whoever it is of, signed in as that or with the one there is: no other form takes
/// one, no operation of the API does, and a form that names somebody else means its sender.
#[test]
fn pw_39_nobody_chooses_a_password_for_somebody_else() {
    both(async |api| {
        let forms: Vec<String> = page_routes()
            .into_iter()
            .filter(|route| route.path.contains("password"))
            .map(|route| route.path)
            .collect();
        assert_eq!(
            forms,
            [
                "/sign-in/password",
                "/sign-in/password/strength",
                "/w/{workspace}/security/password",
                "/w/{workspace}/security/password/allow",
                "/w/{workspace}/security/password/begin",
                "/w/{workspace}/security/password/remove",
                "/w/{workspace}/security/password/strength",
            ]
        );
        for operation in operations(&document()) {
            let text = format!("{} {}", operation.path, operation.described["requestBody"]);
            assert!(!text.to_lowercase().contains("password"), "{}: {text}", operation.id);
        }
        let ben = with_password(&api, "ben@example.org").await.who().await.unwrap();
        let member = directory(&api, move |op| app::identity::list_memberships(op, ben)).await;
        let member = member[0].member.to_string();
        let mut owner = owner(&api).await;
        let security = owner.page("security/password");
        let (ben, me) = (ben.to_string(), "the-owner@example.org");
        for name in ["user", "user_id", "id", "member", "member_id", "email", "username"] {
            for whose in [ben.as_str(), "ben@example.org"] {
                owner.get(&owner.page("security")).await;
                let fields = [("new_password", OTHER), (name, whose)];
                let set = owner.post(&security, &fields).await;
                assert!([303, 422].contains(&set.status.as_u16()), "{name}: {}", set.text());
            }
        }
        assert_eq!(knock(&api, me, OTHER).await.status, 303, "the owner's own");
        assert_eq!(knock(&api, "ben@example.org", OTHER).await.status, 422);
        assert_eq!(knock(&api, "ben@example.org", GOOD).await.status, 303);
        // Nor by a program: members and invitations take none.
        for (method, path, body) in [
            ("PATCH", format!("/members/{member}"), json!({ "role": "member", "password": OTHER })),
            (
                "POST",
                "/invitations".to_owned(),
                json!({ "email": "new@example.org", "role": "member", "password": OTHER }),
            ),
        ] {
            let answer = api.ask("owner", method, &path).json(&body).send().await;
            assert_eq!(answer.status, 422, "{path}: {}", answer.text());
        }
        assert_eq!(knock(&api, "ben@example.org", GOOD).await.status, 303);
    });
}

/// An owner of the workspace who has just signed in.
async fn owner(api: &Api) -> Browser<'_> {
    let user: UserId = somebody(api, "the-owner@example.org").await;
    let member = directory(api, move |op| app::identity::list_memberships(op, user)).await;
    let path = format!("/members/{}", member[0].member);
    let role = json!({ "role": "owner" });
    assert_eq!(api.ask("owner", "PATCH", &path).json(&role).send().await.status, 200);
    let mut browser = Browser::new(api);
    browser.sign_in(user, false).await;
    browser
}

/// With one place, which somebody takes whose check does not end: whoever comes then is told to come again,
/// on every page that takes a password.
#[test]
fn pw_40_a_full_queue_is_a_429_that_says_when_to_come_again() {
    one(async |api| {
        let mut home = with_password(&api, ANN).await;
        let (ask, asked) = mpsc::channel();
        let (go_on, wait) = mpsc::channel::<()>();
        let (ask, wait) = (Mutex::new(ask), Mutex::new(wait));
        let measure = move || {
            ask.lock().unwrap().send(()).unwrap();
            wait.lock().unwrap().recv().unwrap();
            Cost::FLOOR
        };
        let costs = Costs::Measured(Arc::new(measure));
        let app = api.world.another_app_hashing(Hashing { at_once: 1, queue: 0, costs }).await;
        let node = router(Server::new(app.clone(), Arc::new(config()), Providers::default()));
        let browser = async || {
            let mut browser = Browser::new(&api);
            browser.node = Some(node.clone());
            browser.get("/sign-in").await;
            browser
        };
        let typed = [("email", ANN), ("password", GOOD), ("way", "password")];
        let mut first = browser().await;
        let inside = async { first.post("/sign-in", &typed).await };
        let meanwhile = async {
            let measured = tokio::task::spawn_blocking(move || {
                asked.recv_timeout(Duration::from_mins(1)).unwrap();
            });
            measured.await.unwrap();
            let mut other = browser().await;
            let change = [("email", ANN), ("current_password", GOOD), ("new_password", OTHER)];
            let forms = [("/sign-in", typed.as_slice()), ("/sign-in/password", change.as_slice())];
            for (path, fields) in forms {
                for _ in 0..3 {
                    let full = other.post(path, fields).await;
                    assert_eq!(full.status, 429, "{path}: {}", full.text());
                    assert_eq!(full.header("retry-after"), "2", "{path}");
                    assert!(!full.text().contains(GOOD), "{path}");
                }
            }
            home.node = Some(node.clone());
            home.get(&home.page("security")).await;
            let full = choose(&mut home, OTHER).await;
            assert_eq!(full.status, 429, "{}", full.text());
            assert_eq!(full.header("retry-after"), "2");
            assert!(!full.text().contains(OTHER));
            assert_eq!(app.count_hashed(), 0);
            go_on.send(()).unwrap();
        };
        let (entered, ()) = tokio::join!(inside, meanwhile);
        assert_eq!(entered.status, 303, "{}", entered.text());
        assert_eq!(app.count_hashed(), 1, "those who were told to come again were not looked at");
        let mut again = browser().await;
        assert_eq!(again.post("/sign-in", &typed).await.status, 303);
    });
}

#[test]
fn pw_40_too_many_changes_are_a_429_that_says_when_to_come_again() {
    both(async |api| {
        let mut home = at_home(&api, ANN).await;
        for n in 0..20 {
            let changed = choose(&mut home, &format!("{OTHER} {n}")).await;
            assert_eq!(changed.status, 303, "{n}: {}", changed.text());
        }
        let refused = choose(&mut home, GOOD).await;
        assert_eq!(refused.status, 429, "{}", refused.text());
        assert_eq!(refused.header("retry-after"), "3600");
        assert_eq!(knock(&api, ANN, &format!("{OTHER} 19")).await.status, 303);
    });
}

/// The page at the door has the meter too, which tells the same of every address.
#[test]
fn strength_is_told_at_the_door_while_it_is_typed() {
    both(async |api| {
        let user = with_password(&api, ANN).await.who().await.unwrap();
        directory(&api, move |op| flag_password(op, user)).await;
        let mut door = Browser::new(&api);
        door.get("/sign-in").await;
        let typed = [("email", ANN), ("password", GOOD), ("way", "password")];
        let asked = door.post("/sign-in", &typed).await;
        assert_eq!(asked.status, 200);
        assert!(asked.text().contains("data-read-url=\"/sign-in/password/strength\""));
        for address in [ANN, "nob@example.org"] {
            let rate = async |password: &str| {
                let mut door = door.clone();
                let typed = [("email", address), ("new_password", password)];
                let rated = door.post("/sign-in/password/strength", &typed).await;
                assert_eq!(rated.status, 200, "{}", rated.text());
                rated.json()
            };
            let weak = rate("passwordpassword").await;
            assert!(weak["refusal"].as_str().unwrap().starts_with("Many people"), "{weak}");
            assert!(rate(&format!("{address} timeproof")).await["refusal"].is_string());
            let short = rate("viol7ets").await;
            assert!(short["refusal"].as_str().unwrap().starts_with("15 characters"), "{short}");
            // A name that nobody told is none, whoever it may be of.
            let good = rate("a newcomer on 7 wet roofs").await;
            assert!(good["refusal"].is_null(), "{good}");
        }
        let mut elsewhere = Browser::new(&api);
        elsewhere.jar.csrf = "A".repeat(43);
        let typed = [("email", ANN), ("new_password", GOOD)];
        assert_eq!(elsewhere.post("/sign-in/password/strength", &typed).await.status, 403);
    });
}

//! What ends a session is in force at once on the node where it was done, and within a second on every
//! other one, whatever ended it: over pages, with two nodes on one database, on both engines. Streams are
//! in `live`, over real connections.

use std::sync::Arc;

use app::identity::{claim_due_letters, disable_person, list_sessions, mark_sent};
use axum::Router;
use domain::ids::UserId;
use jiff::SignedDuration;
use server::{
    router::router,
    state::{Providers, Server},
};

use crate::{
    process::code_in,
    support::{Api, both, config},
    visit::{Browser, directory, somebody, wait_s},
};

const ANN: &str = "ann@example.org";

/// Another node on the same database, which hears nothing of the first one.
async fn another_node(api: &Api) -> Router {
    router(Server::new(api.world.another_app().await, Arc::new(config()), Providers::default()))
}

async fn post(api: &Api, browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) {
    browser.get("/security").await;
    browser.get(&browser.page("security")).await;
    let path = browser.page(&format!("security/{path}"));
    let answer = browser.post(&path, fields).await;
    assert_eq!(answer.status, 303, "{path}: {}", answer.text());
    drop_letters(api).await;
}

async fn drop_letters(api: &Api) {
    directory(api, |op| {
        let letters = claim_due_letters(op, 50)?.letters;
        letters.iter().try_for_each(|letter| mark_sent(op, letter.id))
    })
    .await;
}

/// Changes the address, and has the mailbox before take that back.
async fn stop_an_address(api: &Api, browser: &mut Browser<'_>) {
    browser.get(&browser.page("security")).await;
    let path = browser.page("security/address");
    assert_eq!(browser.post(&path, &[("email", "ann@new.example")]).await.status, 303);
    let letters = directory(api, |op| claim_due_letters(op, 50)).await.letters;
    let new = letters.iter().find(|letter| letter.letter.to().as_str() == "ann@new.example");
    let code = code_in(new.unwrap().letter.body());
    let confirmed = browser.post(&browser.page("security/address/code"), &[("code", &code)]).await;
    assert_eq!(confirmed.status, 303, "{}", confirmed.text());
    let told = letters.iter().find(|letter| letter.letter.to().as_str() == ANN).unwrap();
    let link = told.letter.body().lines().find_map(|line| line.split_once("/stop-address/"));
    let mut mailbox = Browser::new(api);
    let path = format!("/stop-address/{}", link.unwrap().1);
    mailbox.get(&path).await;
    assert_eq!(mailbox.post(&path, &[]).await.status, 200);
}

async fn end(api: &Api, what: &str, here: &mut Browser<'_>, user: UserId, victim: &Browser<'_>) {
    match what {
        "one" => {
            let sessions = directory(api, move |op| list_sessions(op, user)).await;
            let mine = here.session_id().await;
            let other = sessions.iter().find(|session| Some(session.id) != mine).unwrap().id;
            post(api, here, &format!("sessions/{other}/end"), &[]).await;
        }
        "others" => post(api, here, "sessions/end-others", &[]).await,
        "all" => post(api, here, "sessions/end-all", &[]).await,
        "password" => {
            let new = [("new_password", "violet harbour 7 owls"), ("end_others", "true")];
            post(api, here, "password", &new).await;
        }
        "factor" => post(api, here, "mail-step", &[("on", "true")]).await,
        "address" => stop_an_address(api, here).await,
        "signs out" => {
            let mut same = victim.clone();
            same.node = None;
            same.get(&same.page("today")).await;
            assert_eq!(same.post("/sign-out", &[]).await.status, 303);
        }
        _ => directory(api, move |op| disable_person(op, user).map(drop)).await,
    }
}

#[test]
fn what_ends_a_session_is_in_force_within_a_second_on_every_node() {
    both(async |api| {
        let user = somebody(&api, ANN).await;
        let there = another_node(&api).await;
        let acts =
            ["one", "others", "all", "password", "factor", "address", "signs out", "disabled"];
        for what in acts {
            let mut here = Browser::new(&api);
            here.sign_in(user, false).await;
            let mut victim = Browser::new(&api);
            victim.sign_in(user, true).await;
            // Without what would sign it in anew by itself, so that the session alone is looked at.
            let remember = victim.cookie("rm-8420").map(str::to_owned);
            let mut elsewhere = victim.clone();
            elsewhere.node = Some(there.clone());
            let today = victim.page("today");
            for browser in [&mut victim, &mut elsewhere] {
                assert_eq!(browser.get(&today).await.status, 200, "{what}");
            }
            drop_letters(&api).await;
            end(&api, what, &mut here, user, &victim).await;
            let out = victim.get(&today).await;
            assert_eq!(out.status, 303, "{what}: at once");
            assert!(out.header("location").starts_with("/sign-in"), "{what}");
            let later = api.world.now() + SignedDuration::from_secs(1);
            api.world.clock.set(later);
            let out = elsewhere.get(&today).await;
            assert_eq!(out.status, 303, "{what}: within a second on another node");
            assert!(remember.is_some() && !elsewhere.has("rm-8420"), "{what}: nor by itself");
            end_all(&api, user).await;
            // The quotas of mails and changes are not what is tested.
            wait_s(&api, 3_700);
        }
    });
}

async fn end_all(api: &Api, user: UserId) {
    directory(api, move |op| app::identity::end_all_sessions(op, user).map(drop)).await;
}

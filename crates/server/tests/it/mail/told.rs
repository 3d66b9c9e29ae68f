//! T-PW 33 and the like: each change of how somebody signs in is told by a mail of its own within a minute,
//! made on the pages and sent by a real mail server, to every address that it is about.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::SoftPasskey;

use super::{PostOffice, jobs, plain};
use crate::{
    oidc::Scene,
    process::code_in,
    pw::{GOOD, OTHER},
    second::from_base32,
    support::{Answer, Api, both},
    visit::{Browser, somebody},
};

const ANN: &str = "ann@example.org";
const NEW: &str = "ann@new.example";

/// A post office, and the clock since what is to be told of.
struct Post<'a> {
    office: &'a PostOffice,
    since: Instant,
}

impl<'a> Post<'a> {
    fn at(office: &'a PostOffice) -> Self {
        Self { office, since: Instant::now() }
    }

    /// The text of the next mail, as it was written.
    fn next(&self) -> (String, String) {
        let mail = self.office.mail();
        assert!(self.since.elapsed() < Duration::from_mins(1));
        let [Value::String(to)] = mail["to"].as_array().unwrap().as_slice() else {
            panic!("{mail}")
        };
        let text = mail["text"].as_str().unwrap().replace("=\r\n", "").replace("\r\n", "\n");
        (to.clone(), text)
    }

    /// Exactly these mails come, in any order; their texts, in this one.
    fn brings(&self, wanted: &[(&str, &str)]) -> Vec<String> {
        let mut came: Vec<_> = wanted.iter().map(|_| self.next()).collect();
        let texts = wanted.iter().map(|(to, subject)| {
            let subject = format!("Subject: {subject}\n");
            let found = came.iter().position(|(at, text)| at == to && text.contains(&subject));
            let found = found.unwrap_or_else(|| panic!("{to}, {subject}: {came:?}"));
            came.remove(found).1
        });
        texts.collect()
    }
}

fn ok(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
}

/// Signs in by a code that came by mail.
async fn signed_in<'a>(api: &'a Api, office: &PostOffice) -> Browser<'a> {
    somebody(api, ANN).await;
    let mut browser = Browser::new(api);
    browser.get("/sign-in").await;
    let post = Post::at(office);
    ok(&browser.post("/sign-in", &[("email", ANN)]).await, 200);
    let code = code_in(&post.next().1);
    ok(&browser.post("/sign-in/code", &[("code", &code)]).await, 303);
    let security = browser.page("security");
    ok(&browser.get(&security).await, 200);
    browser
}

#[test]
fn a_changed_password_and_a_lock_out_are_told() {
    both(async |api| {
        let office = PostOffice::open();
        let (jobs, _) = jobs(&api.world, &["--smtp", &plain(office.port)]);
        let mut browser = signed_in(&api, &office).await;
        let path = browser.page("security/password");
        for (new, subject) in [
            (GOOD, "A password was set for Timeproof"),
            (OTHER, "Your password for Timeproof was changed"),
        ] {
            let post = Post::at(&office);
            ok(&browser.post(&path, &[("new_password", new)]).await, 303);
            post.brings(&[(ANN, subject)]);
        }
        let post = Post::at(&office);
        for _ in 0..6 {
            let mut stranger = Browser::new(&api);
            stranger.get("/sign-in").await;
            let typed = [("email", ANN), ("password", "a wrong one"), ("way", "password")];
            ok(&stranger.post("/sign-in", &typed).await, 422);
        }
        post.brings(&[(ANN, "Wrong passwords were tried for your Timeproof account")]);
        let post = Post::at(&office);
        ok(&browser.post(&format!("{path}/remove"), &[]).await, 303);
        post.brings(&[(ANN, "Your password for Timeproof was removed")]);
        jobs.stop().await;
        assert!(!office.has_mail(), "each once");
    });
}

#[test]
fn a_second_factor_and_a_passkey_are_told() {
    both(async |api| {
        let office = PostOffice::open();
        let (jobs, _) = jobs(&api.world, &["--smtp", &plain(office.port)]);
        let mut browser = signed_in(&api, &office).await;
        let security = browser.page("security");
        let begun = browser.post(&format!("{security}/apps"), &[("name", "My phone")]).await;
        ok(&begun, 303);
        let app = begun.header("location").to_owned();
        let shown = browser.get(&app).await.text();
        let secret = shown.split("id=\"app-secret\">").nth(1).unwrap().split('<').next().unwrap();
        let step = vault::totp_step(api.world.now().as_second());
        let code = vault::totp_code(&from_base32(secret), step).expose().clone();
        let post = Post::at(&office);
        ok(&browser.post(&app, &[("code", &code)]).await, 200);
        post.brings(&[(ANN, "An authenticator app was added to your sign-in")]);

        let mut device = SoftPasskey::new(testkit::PASSKEY_ORIGIN);
        let options = browser.question(&format!("{security}/passkeys/options")).await;
        let answer = device.create(&options);
        let post = Post::at(&office);
        let fields = [("name", "My laptop"), ("passkey", answer.as_str())];
        ok(&browser.post(&format!("{security}/passkeys"), &fields).await, 303);
        post.brings(&[(ANN, "A passkey was added to your sign-in")]);

        let page = browser.get(&security).await.text();
        let id = page.split("id=\"app-").nth(1).unwrap().split('"').next().unwrap();
        let post = Post::at(&office);
        ok(&browser.post(&format!("{security}/apps/{id}/remove"), &[]).await, 303);
        post.brings(&[(ANN, "An authenticator app was removed from your sign-in")]);
        let id = page.split("id=\"passkey-").nth(1).unwrap().split('"').next().unwrap();
        let post = Post::at(&office);
        ok(&browser.post(&format!("{security}/passkeys/{id}/remove"), &[]).await, 303);
        post.brings(&[(ANN, "A passkey was removed from your sign-in")]);
        jobs.stop().await;
        assert!(!office.has_mail(), "each once");
    });
}

#[test]
fn another_address_is_told_to_both() {
    both(async |api| {
        let office = PostOffice::open();
        let (jobs, _) = jobs(&api.world, &["--smtp", &plain(office.port)]);
        let mut browser = signed_in(&api, &office).await;
        let path = browser.page("security/address");
        let post = Post::at(&office);
        ok(&browser.post(&path, &[("email", NEW)]).await, 303);
        let about = "Your Timeproof account is about to get another address";
        let mails = post.brings(&[(NEW, "Your code for a new address on Timeproof"), (ANN, about)]);
        let post = Post::at(&office);
        let code = code_in(&mails[0]);
        ok(&browser.post(&format!("{path}/code"), &[("code", &code)]).await, 303);
        post.brings(&[
            (NEW, "You sign in to Timeproof with this address now"),
            (ANN, "Your Timeproof account has another address"),
        ]);
        jobs.stop().await;
        assert!(!office.has_mail(), "each once");
    });
}

#[test]
fn a_connected_account_at_a_provider_is_told() {
    both(async |api| {
        let office = PostOffice::open();
        let (jobs, _) = jobs(&api.world, &["--smtp", &plain(office.port)]);
        somebody(&api, ANN).await;
        let scene = Scene::open(api).await;
        let mut browser = Browser::new(&scene.api);
        let post = Post::at(&office);
        ok(&scene.try_it(&mut browser).await, 200);
        let (to, text) = post.next();
        assert_eq!(json!(to), ANN);
        let post = Post::at(&office);
        ok(&browser.post("/sign-in/code", &[("code", &code_in(&text))]).await, 303);
        post.brings(&[(ANN, "An account was connected with your sign-in to Timeproof")]);
        jobs.stop().await;
        assert!(!office.has_mail(), "each once");
    });
}

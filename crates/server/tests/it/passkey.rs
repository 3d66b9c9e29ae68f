//! Passkeys over pages: added, signing in, the second step, a fresh proof, the door of a workspace.
//! Clocks, counts and races are in the tests of `app`, hostile answers in those of `vault`.

use app::identity::hash_secret;
use serde_json::{Value, json};
use testkit::{PASSKEY_ORIGIN, SoftPasskey};

use crate::{
    process::code_in,
    support::{Answer, Api, both, one},
    visit::{Browser, MINUTE, letter, somebody, wait_s},
    visitor::Form,
};

const ANN: &str = "ann@example.org";

pub(crate) fn device() -> SoftPasskey {
    SoftPasskey::new(PASSKEY_ORIGIN)
}

fn form(page: &Answer, id: &str) -> Form {
    Form::of(&page.text(), id).unwrap_or_else(|| panic!("no {id}: {}", page.text()))
}

/// A form as the page has it, with an answer of a device in it.
fn answered<'a>(form: &'a Form, answer: &'a str) -> Vec<(&'a str, &'a str)> {
    let fields = form.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    fields.filter(|(name, _)| *name != "passkey").chain([("passkey", answer)]).collect()
}

impl Browser<'_> {
    /// The question that the script of a page asks for.
    async fn question(&mut self, path: &str) -> String {
        let asked = self.post(path, &[]).await;
        assert_eq!(asked.status, 200, "{}", asked.text());
        assert_eq!(asked.header("content-type"), "application/json");
        asked.text()
    }

    pub(crate) async fn add_passkey(&mut self, name: &str, device: &mut SoftPasskey) -> Answer {
        let page = self.get(&self.page("security")).await;
        assert!(page.text().contains("Name of the device"), "{}", page.text());
        let options = self.question(&self.page("security/passkeys/options")).await;
        let answer = device.create(&options);
        self.get(&self.page("security")).await;
        let path = self.page("security/passkeys");
        self.post(&path, &[("name", name), ("passkey", &answer)]).await
    }

    async fn enter_with(&mut self, device: &mut SoftPasskey, next: &str) -> Answer {
        let page = self.get(&format!("/sign-in?next={next}")).await;
        let options = self.question("/sign-in/passkey/options").await;
        let form = form(&page, "passkey-form");
        let answer = device.sign(&options);
        self.post("/sign-in/passkey", &answered(&form, &answer)).await
    }
}

async fn with_passkey<'a>(api: &'a Api, device: &mut SoftPasskey) -> Browser<'a> {
    somebody(api, ANN).await;
    let mut browser = Browser::new(api);
    browser.sign_in_by_mail(api, ANN, false).await;
    let added = browser.add_passkey("My laptop", device).await;
    assert_eq!(added.status, 200, "{}", added.text());
    assert!(added.text().contains("Your recovery codes"), "{}", added.text());
    wait_s(api, MINUTE);
    browser
}

#[test]
fn one_is_added_and_signs_in_with_nothing_typed() {
    both(async |api| {
        let mut laptop = device();
        let mut first = with_passkey(&api, &mut laptop).await;
        let security = first.get(&first.page("security")).await.text();
        assert!(security.contains("My laptop") && security.contains("10 of 10 are left"));
        let mut browser = Browser::new(&api);
        let page = browser.get("/sign-in").await.text();
        assert!(page.contains("autocomplete=\"username webauthn\""), "{page}");
        let tags = browser.page("tags");
        let entered = browser.enter_with(&mut laptop, &tags).await;
        assert_eq!((entered.status.as_u16(), entered.header("location")), (303, tags.as_str()));
        assert!(browser.has("sid-8420") && browser.has("dev-8420") && !browser.has("login-8420"));
        assert_eq!(browser.get(&tags).await.status, 200);
        // It is a fresh proof: another one is added at once.
        let mut phone = device();
        let added = browser.add_passkey("My phone", &mut phone).await;
        assert_eq!(added.status, 303, "{}", added.text());
        let mut third = Browser::new(&api);
        assert_eq!(third.enter_with(&mut phone, "/").await.status, 303);
    });
}

#[test]
fn what_is_not_taken_is_said_on_the_page() {
    one(async |api| {
        let mut laptop = device();
        let mut first = with_passkey(&api, &mut laptop).await;
        let mut browser = Browser::new(&api);
        browser.get("/sign-in").await;
        let options = browser.question("/sign-in/passkey/options").await;
        let answer = laptop.sign(&options);
        // Without the cookie of the browser that asked, and with another session's token.
        let mut other = Browser::new(&api);
        other.get("/sign-in").await;
        let refused = other.post("/sign-in/passkey", &[("passkey", &answer)]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("This did not work"), "{}", refused.text());
        assert!(!other.has("sid-8420"));
        for path in ["/sign-in/passkey", "/sign-in/passkey/options"] {
            browser.jar.csrf = "not-the-token".to_owned();
            let refused = browser.post(path, &[("passkey", &answer)]).await;
            assert_eq!(refused.status, 403, "{path}: {}", refused.text());
        }
        // What was typed before stays: where to go, and whether to be remembered.
        browser.get("/sign-in").await;
        let sent = [("passkey", "{}"), ("next", "/w/x/tags"), ("remember", "true")];
        let refused = browser.post("/sign-in/passkey", &sent).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("value=\"/w/x/tags\""), "{}", refused.text());
        let mut stranger = device();
        let begun = first.question(&first.page("security/passkeys/options")).await;
        stranger.create(&begun);
        browser.get("/sign-in").await;
        let options = browser.question("/sign-in/passkey/options").await;
        let unknown = stranger.sign(&options);
        let refused = browser.post("/sign-in/passkey", &[("passkey", &unknown)]).await;
        assert!(refused.text().contains("This passkey is not known here"), "{}", refused.text());
        // Nobody waits, nobody is signed in.
        let nobody = browser.post("/sign-in/second/passkey/options", &[]).await;
        assert_eq!(nobody.status, 409);
        let told: Value = serde_json::from_str(&nobody.text()).unwrap();
        assert_eq!(told["code"], "passkey.not_valid");
        assert_eq!(browser.post("/proof/passkey/options", &[]).await.status, 307);
    });
}

#[test]
fn it_is_the_fresh_proof_and_a_mail_is_not() {
    both(async |api| {
        let mut laptop = device();
        with_passkey(&api, &mut laptop).await;
        let mut browser = Browser::new(&api);
        browser.sign_in_by_mail(&api, ANN, false).await;
        let security = browser.page("security");
        let text = browser.get(&security).await.text();
        assert!(!text.contains("Name of the device"), "{text}");
        let id = text.split("id=\"passkey-").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let remove = browser.page(&format!("security/passkeys/{id}/remove"));
        let asking = browser.post(&remove, &[]).await;
        assert_eq!(asking.status, 403);
        assert!(asking.text().contains("You are about to remove a passkey"), "{}", asking.text());
        // Asking for a mail brings none.
        let fields = form(&asking, "passkey-form");
        let again = browser.post("/proof", &answered(&fields, "")).await;
        assert!(again.text().contains("Use a passkey"), "{}", again.text());
        let before = browser.cookie("sid-8420").map(str::to_owned);
        let wrong = browser.post("/proof/passkey", &answered(&fields, "{}")).await;
        assert_eq!(wrong.status, 422);
        let options = browser.question("/proof/passkey/options").await;
        let answer = laptop.sign(&options);
        let go_on = browser.post("/proof/passkey", &answered(&fields, &answer)).await;
        assert_eq!(go_on.status, 200, "{}", go_on.text());
        assert_ne!(browser.cookie("sid-8420").map(str::to_owned), before, "a new secret");
        let fields = form(&go_on, "proof-form");
        let fields: Vec<(&str, &str)> =
            fields.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(browser.post(&remove, &fields).await.status, 303);
        assert!(!browser.get(&security).await.text().contains("My laptop"));
        // Twice, and somebody else's.
        assert_eq!(browser.post(&remove, &[]).await.status, 303);
        let rename = browser.page(&format!("security/passkeys/{id}"));
        assert_eq!(browser.post(&rename, &[("name", "Mine")]).await.status, 404);
    });
}

#[test]
fn it_is_the_second_step_where_one_wants_it_always() {
    both(async |api| {
        let mut laptop = device();
        let mut first = with_passkey(&api, &mut laptop).await;
        let always = first.page("security/passkeys/always");
        first.get(&first.page("security")).await;
        assert_eq!(first.post(&always, &[("on", "true")]).await.status, 303);
        let mut browser = Browser::new(&api);
        browser.get("/sign-in").await;
        let tags = browser.page("tags");
        let asked = browser.post("/sign-in", &[("email", ANN), ("next", &tags)]).await;
        let code = code_in(&letter(&api).await);
        let fields = form(&asked, "code-form");
        let fields = fields.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields = fields.filter(|(name, _)| *name != "code");
        let typed: Vec<(&str, &str)> = fields.chain([("code", code.as_str())]).collect();
        let step = browser.post("/sign-in/code", &typed).await;
        assert!(step.text().contains("Use a passkey"), "{}", step.text());
        assert!(!browser.has("sid-8420"), "nobody is in yet");
        let options = browser.question("/sign-in/second/passkey/options").await;
        let fields = form(&step, "passkey-form");
        let wrong = browser.post("/sign-in/second/passkey", &answered(&fields, "{}")).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text());
        let stale = laptop.sign(&options);
        let used_up = browser.post("/sign-in/second/passkey", &answered(&fields, &stale)).await;
        assert_eq!(used_up.status, 422, "a question is asked once");
        let options = browser.question("/sign-in/second/passkey/options").await;
        let answer = laptop.sign(&options);
        let entered = browser.post("/sign-in/second/passkey", &answered(&fields, &answer)).await;
        assert_eq!((entered.status.as_u16(), entered.header("location")), (303, tags.as_str()));
        assert_eq!(browser.get(&tags).await.status, 200);
    });
}

#[test]
fn whoever_is_kept_out_for_want_of_a_strong_factor_shows_or_adds_a_passkey() {
    one(async |api| {
        let mut laptop = device();
        somebody(&api, ANN).await;
        let mut browser = Browser::new(&api);
        browser.sign_in_by_mail(&api, ANN, false).await;
        strong(&api).await;
        let today = browser.page("today");
        let kept_out = browser.get(&today).await;
        assert_eq!(kept_out.status, 403, "{}", kept_out.text());
        assert!(kept_out.text().contains("/security"), "{}", kept_out.text());
        let added = browser.add_passkey("My laptop", &mut laptop).await;
        assert_eq!(added.status, 200, "{}", added.text());
        assert_eq!(browser.get(&today).await.status, 200, "it is shown by being added");
        // In another browser it is shown as a proof.
        wait_s(&api, MINUTE);
        let mut other = Browser::new(&api);
        other.sign_in_by_mail(&api, ANN, false).await;
        assert_eq!(other.get(&today).await.status, 403);
        let page = other.get(&other.page("security")).await;
        assert!(page.text().contains("Show that it is you"), "{}", page.text());
        let asking = other.post(&other.page("security/passkeys/begin"), &[]).await;
        assert_eq!(asking.status, 403);
        let fields = form(&asking, "passkey-form");
        let options = other.question("/proof/passkey/options").await;
        let answer = laptop.sign(&options);
        let go_on = other.post("/proof/passkey", &answered(&fields, &answer)).await;
        assert_eq!(go_on.status, 200, "{}", go_on.text());
        assert_eq!(other.get(&today).await.status, 200);
        // And by itself it is enough.
        let mut third = Browser::new(&api);
        assert_eq!(third.enter_with(&mut laptop, &today).await.status, 303);
        assert_eq!(third.get(&today).await.status, 200);
        assert!(third.cookie("sid-8420").and_then(hash_secret).is_some());
    });
}

/// The world's workspace asks for a strong second factor.
async fn strong(api: &Api) {
    let ask = api.ask("owner", "PATCH", "/sign-in-policy");
    let changed = ask.json(&json!({ "second_factor": "strong" })).send().await;
    assert_eq!(changed.status, 200, "{}", changed.text());
}

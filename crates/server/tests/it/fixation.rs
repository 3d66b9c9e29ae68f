//! T-OTT 33, 34 and 40: whichever way somebody signs in, what stood in the browser before is not what they
//! are signed in by; each sign-in and each proof has an id of its own, and the one before is refused.

use app::identity::{Purpose, claim_due_letters, create_link, mark_sent};
use serde_json::json;
use store::Statement;

use crate::{
    oidc::Scene,
    passkey::{self, answered, with_passkey},
    process::{code_in, path_of},
    pw::{GOOD, with_password},
    second::{form, with_app},
    support::{Answer, Api, both},
    visit::{Browser, MINUTE, directory, letter, somebody, wait_s},
};

const SESSION: &str = "sid-8420";
const BOB: &str = "bob@example.org";

/// Signs in twice in browsers whose cookies an attacker has planted: the login cookie of a page that they
/// opened themselves, and a session, made up or ended.
async fn stays_its_own<'a>(api: &'a Api, way: &str, sign_in: impl AsyncFn(&mut Browser<'a>)) {
    let mut planted = "A".repeat(43);
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..2 {
        let mut attacker = Browser::new(api);
        attacker.get("/sign-in").await;
        assert!(attacker.has("login-8420"), "{way}");
        attacker.jar.put(SESSION, &planted);
        let mut victim = attacker.clone();
        sign_in(&mut victim).await;
        assert!(victim.who().await.is_some(), "{way}");
        let session = victim.cookie(SESSION).unwrap().to_owned();
        assert_ne!(session, planted, "{way}");
        assert!(!seen.contains(&session), "{way}: a new id each time");
        let today = victim.page("today");
        assert_eq!(victim.get(&today).await.status, 200, "{way}");
        gets_nowhere(&mut attacker, way).await;
        assert!(victim.who().await.is_some(), "{way}");
        // Once it is over, it is what is planted next.
        assert_eq!(victim.post("/sign-out", &[]).await.status, 303, "{way}");
        victim.jar.put(SESSION, &session);
        assert_eq!(victim.who().await, None, "{way}: signed out");
        assert_eq!(victim.get(&today).await.status, 303, "{way}");
        seen.push(session.clone());
        planted = session;
        wait_s(api, MINUTE);
    }
}

/// With what they planted, the attacker is nobody and can go on with nothing that was begun.
async fn gets_nowhere(attacker: &mut Browser<'_>, way: &str) {
    assert_eq!(attacker.who().await, None, "{way}");
    let today = attacker.page("today");
    assert_eq!(attacker.get(&today).await.status, 303, "{way}");
    for path in ["/sign-in/code", "/sign-in/second"] {
        attacker.get("/sign-in").await;
        let tried = attacker.post(path, &[("code", "0000-0000")]).await;
        assert_eq!(tried.status, 422, "{way}: {path}");
    }
    assert_eq!(attacker.who().await, None, "{way}");
}

/// Asks for a letter; the page that follows.
async fn asks(api: &Api, browser: &mut Browser<'_>, address: &str) -> Answer {
    empty_the_outbox(api).await;
    browser.get("/sign-in").await;
    let asked = browser.post("/sign-in", &[("email", address)]).await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    asked
}

async fn types_code(api: &Api, browser: &mut Browser<'_>, address: &str) -> Answer {
    asks(api, browser, address).await;
    let code = code_in(&letter(api).await);
    browser.post("/sign-in/code", &[("code", &code)]).await
}

/// The path of the link in a letter.
fn link_in(letter: &str) -> String {
    path_of(letter.lines().map(str::trim).find(|line| line.starts_with("http")).unwrap())
}

/// Nothing waits to be sent any more.
async fn empty_the_outbox(api: &Api) {
    directory(api, |op| {
        let letters = claim_due_letters(op, 50)?.letters;
        letters.iter().try_for_each(|letter| mark_sent(op, letter.id))
    })
    .await;
}

#[test]
fn ott_33_34_by_mail_by_links_and_by_invitation() {
    both(async |api| {
        let bob = somebody(&api, BOB).await;
        stays_its_own(&api, "code", async |browser| {
            assert_eq!(types_code(&api, browser, BOB).await.status, 303);
        })
        .await;
        stays_its_own(&api, "link", async |browser| {
            asks(&api, browser, BOB).await;
            let path = link_in(&letter(&api).await);
            assert_eq!(browser.get(&path).await.status, 200);
            assert_eq!(browser.post(&path, &[]).await.status, 303);
        })
        .await;
        stays_its_own(&api, "printed link", async |browser| {
            let link = directory(&api, move |op| create_link(op, Purpose::Enter(bob), 600)).await;
            let path = format!("/enter/{}", link.expose());
            assert_eq!(browser.get(&path).await.status, 200);
            assert_eq!(browser.post(&path, &[]).await.status, 303);
        })
        .await;
        let here = api.world.workspace;
        directory(&api, move |op| {
            app::identity::insert_workspace(op, here)?;
            app::identity::mark_workspace_ready(op, here)
        })
        .await;
        stays_its_own(&api, "invitation", async |browser| {
            empty_the_outbox(&api).await;
            let address = format!("guest{}@example.org", crate::cases::number());
            let body = json!({ "email": address, "role": "member" });
            let invited = api.ask("owner", "POST", "/invitations").json(&body).send().await;
            assert_eq!(invited.status, 201, "{}", invited.text());
            let path = link_in(&letter(&api).await);
            assert_eq!(browser.get(&path).await.status, 200);
            let joined = browser.post(&path, &[("name", "A guest"), ("zone", "UTC")]).await;
            assert_eq!(joined.status, 303, "{}", joined.text());
        })
        .await;
    });
}

#[test]
fn ott_33_34_by_password_and_with_a_code_by_mail_after_it() {
    both(async |api| {
        let user = with_password(&api, BOB).await.who().await.unwrap();
        let knock = async |browser: &mut Browser<'_>| {
            browser.get("/sign-in").await;
            let typed = [("email", BOB), ("password", GOOD), ("way", "password")];
            browser.post("/sign-in", &typed).await
        };
        stays_its_own(&api, "password", async |browser| {
            assert_eq!(knock(browser).await.status, 303);
        })
        .await;
        let update =
            Statement::new("test.second", "UPDATE people SET second_mail_at = 1 WHERE id = $1");
        let directory_of = api.world.app.store().directory();
        let written: Result<_, store::StoreError> =
            directory_of.write(move |tx| tx.execute(&update, &[user.into()])).await;
        written.unwrap();
        stays_its_own(&api, "mailed second step", async |browser| {
            empty_the_outbox(&api).await;
            let step = knock(browser).await;
            assert_eq!(step.status, 200, "{}", step.text());
            assert_eq!(browser.who().await, None, "the first step is not enough");
            let code = code_in(&letter(&api).await);
            let entered = browser.post("/sign-in/second", &[("code", &code)]).await;
            assert_eq!(entered.status, 303, "{}", entered.text());
        })
        .await;
    });
}

#[test]
fn ott_33_34_by_an_app_and_by_recovery_codes() {
    both(async |api| {
        let (_, app) = with_app(&api).await;
        let first = async |browser: &mut Browser<'_>| {
            let step = types_code(&api, browser, crate::second::ANN).await;
            assert_eq!(step.status, 200, "{}", step.text());
            assert_eq!(browser.who().await, None, "the first step is not enough");
        };
        stays_its_own(&api, "app", async |browser| {
            first(browser).await;
            let code = app.code(&api);
            let entered = browser.post("/sign-in/second", &[("code", &code)]).await;
            assert_eq!(entered.status, 303, "{}", entered.text());
        })
        .await;
        let codes = std::cell::RefCell::new(app.recovery.clone());
        stays_its_own(&api, "recovery code", async |browser| {
            first(browser).await;
            let code = codes.borrow_mut().pop().unwrap();
            let entered = browser.post("/sign-in/second", &[("code", &code)]).await;
            assert_eq!(entered.status, 303, "{}", entered.text());
        })
        .await;
    });
}

#[test]
fn ott_33_34_by_passkey_alone_and_as_the_second_step() {
    both(async |api| {
        let mut device = passkey::device();
        let mut home = with_passkey(&api, &mut device).await;
        let device = std::cell::RefCell::new(device);
        stays_its_own(&api, "passkey", async |browser| {
            let page = browser.get("/sign-in").await;
            let options = browser.question("/sign-in/passkey/options").await;
            let answer = device.borrow_mut().sign(&options);
            let form = form(&page, "passkey-form");
            let entered = browser.post("/sign-in/passkey", &answered(&form, &answer)).await;
            assert_eq!(entered.status, 303, "{}", entered.text());
        })
        .await;
        home.get(&home.page("security")).await;
        let always = home.page("security/passkeys/always");
        assert_eq!(home.post(&always, &[("on", "true")]).await.status, 303);
        stays_its_own(&api, "passkey as the second step", async |browser| {
            let step = types_code(&api, browser, crate::second::ANN).await;
            assert_eq!(step.status, 200, "{}", step.text());
            assert_eq!(browser.who().await, None, "the first step is not enough");
            let options = browser.question("/sign-in/second/passkey/options").await;
            let answer = device.borrow_mut().sign(&options);
            let form = form(&step, "passkey-form");
            let entered = browser.post("/sign-in/second/passkey", &answered(&form, &answer)).await;
            assert_eq!(entered.status, 303, "{}", entered.text());
        })
        .await;
    });
}

#[test]
fn ott_33_34_by_a_provider() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        scene.connect(&mut Browser::new(&scene.api)).await;
        stays_its_own(&scene.api, "provider", async |browser| {
            assert_eq!(scene.try_it(browser).await.status, 303);
        })
        .await;
        // The journey of an attacker is theirs: who comes back from it in another browser is not signed in.
        let (mut attacker, mut victim) = (Browser::new(&scene.api), Browser::new(&scene.api));
        let begun = scene.leave(&mut attacker).await;
        scene.leave(&mut victim).await;
        let refused = scene.come(&mut victim, &begun).await;
        assert!(refused.status.is_client_error(), "{}", refused.text());
        assert_eq!((victim.who().await, attacker.who().await), (None, None));
    });
}

/// Whoever shows anew who they are goes on with another id, and the one before is worth nothing.
#[test]
fn ott_33_a_fresh_proof_ends_the_id_before() {
    both(async |api| {
        somebody(&api, BOB).await;
        let mut browser = Browser::new(&api);
        browser.sign_in_by_mail(&api, BOB, false).await;
        wait_s(&api, 16 * MINUTE);
        empty_the_outbox(&api).await;
        let security = browser.page("security");
        browser.get(&security).await;
        let carried = [("action", security.as_str()), ("kept", "")];
        assert_eq!(browser.post("/proof", &carried).await.status, 200);
        let code = code_in(&letter(&api).await);
        let mut copied = browser.clone();
        assert!(copied.who().await.is_some());
        let with_code = [carried.as_slice(), &[("code", code.as_str())]].concat();
        let proven = browser.post("/proof/code", &with_code).await;
        assert_eq!(proven.status, 200, "{}", proven.text());
        assert!(browser.who().await.is_some());
        assert_ne!(browser.cookie(SESSION), copied.cookie(SESSION));
        assert_eq!(copied.who().await, None);
        assert_eq!(copied.get(&security).await.status, 303);
    });
}

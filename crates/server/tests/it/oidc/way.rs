//! The way to a provider and back: answers that belong to another browser, another issuer or nobody.

use serde_json::json;

use super::{Scene, sent};
use crate::{
    support::{both, one},
    visit::{Browser, somebody, wait_s},
};

#[test]
fn t_oidc_25_an_answer_of_another_issuer() {
    one(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        let iss = "authorization_response_iss_parameter_supported";
        scene.issuer.set(|acts| acts.metadata = json!({ iss: true }));
        let url = scene.issuer.url.clone();
        let slash = format!("{url}/");
        for (iss, status) in [
            (None, 403),
            (Some("https://id.example"), 403),
            (Some(slash.as_str()), 403),
            (Some(url.as_str()), 200),
        ] {
            let mut browser = Browser::new(&scene.api);
            let sent = scene.leave(&mut browser).await;
            let code = scene.issuer.code(&sent);
            let mut query = vec![("code", code.as_str()), ("state", sent.state.as_str())];
            query.extend(iss.map(|iss| ("iss", iss)));
            let answer = scene.come_with(&mut browser, &query).await;
            assert_eq!(answer.status.as_u16(), status, "{iss:?}: {}", answer.text());
        }
        // At the address of another workspace's providers it is no answer either.
        let mut browser = Browser::new(&scene.api);
        let sent = scene.leave(&mut browser).await;
        let code = scene.issuer.code(&sent);
        let elsewhere = scene.api.world.elsewhere;
        for place in [elsewhere.to_string(), "instance".to_owned()] {
            let path =
                format!("/sign-in/provider/{place}/callback?code={code}&state={}", sent.state);
            assert_eq!(browser.get(&path).await.status, 403, "{place}");
        }
    });
}

#[test]
fn t_oidc_26_no_state() {
    one(async |api| {
        let scene = Scene::open(api).await;
        let mut browser = Browser::new(&scene.api);
        let sent = scene.leave(&mut browser).await;
        let code = scene.issuer.code(&sent);
        assert_eq!(scene.come_with(&mut browser, &[("code", &code)]).await.status, 403);
        let query = [("code", code.as_str()), ("state", "x")];
        assert_eq!(scene.come_with(&mut browser, &query).await.status, 403);
        assert_eq!(scene.issuer.count("token"), 0);
    });
}

#[test]
fn t_oidc_27_and_42_the_state_of_another_browser() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        scene.connect(&mut Browser::new(&scene.api)).await;
        // What the attacker began is led into the victim's browser: they would be in as the attacker.
        let mut attacker = Browser::new(&scene.api);
        let sent = scene.leave(&mut attacker).await;
        let mut victim = Browser::new(&scene.api);
        let answer = scene.come(&mut victim, &sent).await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert_eq!(victim.who().await, None);
        // Also in one that is on its own way there.
        scene.leave(&mut victim).await;
        assert_eq!(scene.come(&mut victim, &sent).await.status, 403);
        assert_eq!(victim.who().await, None);
        // It was not used up by that.
        assert_eq!(scene.come(&mut attacker, &sent).await.status, 303);
    });
}

#[test]
fn t_oidc_42_a_link_begins_nothing_and_neither_does_the_form_of_another_site() {
    one(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        let mut browser = Browser::new(&scene.api);
        let tags = browser.page("tags");
        let offered = browser.get(&format!("{}?next={tags}", scene.start())).await;
        assert_eq!(offered.status, 200, "{}", offered.text());
        assert!(offered.text().contains("Sign in with Example ID"), "{}", offered.text());
        assert!(offered.text().contains(&scene.issuer.authority), "{}", offered.text());
        assert_eq!(scene.issuer.count("metadata"), 0, "nobody has pressed anything");
        let token = std::mem::replace(&mut browser.jar.csrf, "of-another-site".to_owned());
        let forged = browser.post(&scene.start(), &[("next", &tags)]).await;
        assert_eq!(forged.status, 403, "{}", forged.text());
        assert_eq!(scene.issuer.count("metadata"), 0);
        browser.jar.csrf = token;
        sent(&browser.post(&scene.start(), &[("next", &tags)]).await);
        // Who is signed in goes on where they were going, and not away.
        browser.sign_in(ann, false).await;
        let link = format!("{}?next={tags}", scene.start());
        let there = browser.get(&link).await;
        assert_eq!((there.status.as_u16(), there.header("location")), (303, tags.as_str()));
        browser.get(&tags).await;
        let there = browser.post(&scene.start(), &[("next", &tags)]).await;
        assert_eq!((there.status.as_u16(), there.header("location")), (303, tags.as_str()));
        assert_eq!(browser.get("/sign-in/provider/instance/x").await.status, 404);
    });
}

#[test]
fn t_oidc_27_ten_minutes_later() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        let mut browser = Browser::new(&scene.api);
        let sent = scene.leave(&mut browser).await;
        wait_s(&scene.api, 601);
        assert_eq!(scene.come(&mut browser, &sent).await.status, 403);
    });
}

#[test]
fn t_oidc_28_and_29_pkce_is_always_there_and_never_plain() {
    one(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        let mut browser = Browser::new(&scene.api);
        let sent = scene.leave(&mut browser).await;
        assert_eq!(sent.query["code_challenge_method"], "S256");
        assert_eq!(sent.challenge.len(), 43);
        assert_eq!(sent.query["response_type"], "code");
        // The issuer checks it: a code that was got for another challenge is not redeemed.
        let stolen = super::Sent { challenge: "x".repeat(43), ..sent };
        let answer = scene.come(&mut browser, &stolen).await;
        assert_eq!(answer.status, 502, "{}", answer.text());
        // One that knows the plain one alone is not asked.
        wait_s(&scene.api, 601);
        let plain = json!({ "code_challenge_methods_supported": ["plain"] });
        scene.issuer.set(|acts| acts.metadata = plain);
        assert_eq!(scene.set_out(&mut browser, "/").await.status, 502);
    });
}

#[test]
fn t_oidc_30_31_32_one_goes_on_at_a_page_of_ours() {
    one(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        scene.connect(&mut Browser::new(&scene.api)).await;
        for next in [
            "//evil.example",
            "/\\evil.example",
            "\\evil.example",
            "javascript:alert(1)",
            "https://evil.example",
        ] {
            let mut browser = Browser::new(&scene.api);
            // On the page that a link leads to, and in a form that somebody has made.
            let query = serde_urlencoded::to_string([("next", next)]).unwrap();
            let page = browser.get(&format!("{}?{query}", scene.start())).await.text();
            assert!(page.contains("name=\"next\" value=\"/\""), "{next}: {page}");
            let left = sent(&browser.post(&scene.start(), &[("next", next)]).await);
            let answer = scene.come(&mut browser, &left).await;
            assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"), "{next}");
        }
    });
}

//! What is fetched from a provider, how long that may take, and what a provider may not do however truly
//! it speaks.

use domain::ids::{ProviderId, UserId};
use serde_json::{Value, json};

use super::{Scene, press, settings};
use crate::{
    support::{both, one, set_policy},
    visit::{Browser, somebody, wait_s},
};

/// Metadata that is not believed: nobody is sent anywhere.
fn is_not_asked(metadata: impl Fn(&str) -> Value) {
    one(async |api| {
        let scene = Scene::open(api).await;
        let metadata = metadata(&scene.issuer.url);
        scene.issuer.set(|acts| acts.metadata = metadata);
        let answer = scene.set_out(&mut Browser::new(&scene.api), "/").await;
        assert_eq!(answer.status, 502, "{}", answer.text());
    });
}

#[test]
fn t_oidc_33_metadata_of_another_issuer() {
    is_not_asked(|url| json!({ "issuer": format!("{url}/") }));
    is_not_asked(|_| json!({ "issuer": "https://id.example" }));
    is_not_asked(|_| json!({ "issuer": null }));
    is_not_asked(|_| json!({ "authorization_endpoint": "javascript:alert(1)" }));
}

#[test]
fn t_oidc_34_a_set_of_keys_of_fifty_megabytes() {
    one(async |api| {
        let scene = Scene::open(api).await;
        scene.issuer.set(|acts| acts.padding = 50 * 1024 * 1024);
        let answer = scene.set_out(&mut Browser::new(&scene.api), "/").await;
        assert_eq!(answer.status, 502, "{}", answer.text());
    });
}

#[test]
fn t_oidc_35_keys_on_this_machine_or_in_a_file() {
    for place in [
        "file:///etc/passwd",
        "http://127.0.0.1:1/jwks",
        "https://127.0.0.1/jwks",
        "https://localhost/jwks",
        "https://[::1]/jwks",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/jwks",
        "https://0x7f000001/jwks",
        "gopher://id.example/jwks",
    ] {
        is_not_asked(|_| json!({ "jwks_uri": place }));
    }
    one(async |api| {
        let scene = Scene::open(api).await;
        scene.issuer.set(|acts| acts.redirects = true);
        assert_eq!(scene.set_out(&mut Browser::new(&scene.api), "/").await.status, 502);
        assert_eq!(scene.issuer.count("metadata"), 1, "no answer leads anywhere else");
    });
}

/// Somebody with a session, and somebody who comes by another provider of the same instance.
async fn others_go_on(scene: &Scene, ann: UserId) {
    let mut browser = Browser::new(&scene.api);
    browser.sign_in(ann, false).await;
    assert_eq!(browser.get(&browser.page("today")).await.status, 200);
    let mut browser = Browser::new(&scene.api);
    let entered = scene.try_it(&mut browser).await;
    assert_eq!(entered.status, 303, "{}", entered.text());
    assert_eq!(browser.who().await, Some(ann));
}

/// So many people at once who set out to a provider: what each is answered.
async fn crowd(scene: &Scene, provider: ProviderId, size: usize) -> Vec<u16> {
    let start = format!("/sign-in/provider/{}/{provider}", scene.api.world.workspace);
    let people = (0..size).map(|_| async {
        let mut browser = Browser::new(&scene.api);
        press(&mut browser, &start, "/").await.status.as_u16()
    });
    futures_util::future::join_all(people).await
}

#[test]
fn t_oidc_36_a_slow_provider_keeps_nobody_else_waiting() {
    one(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut scene = Scene::open(api).await;
        scene.connect(&mut Browser::new(&scene.api)).await;
        scene.timeout_s = 30;
        let slow = scene.another().await;
        let whose = (scene.api.world.workspace, "owner");
        let provider = scene.add_at(&slow, None, whose, settings(false, "")).await.unwrap();
        // Four are asked at once, and the others wait: not for everybody's turns.
        let gate = slow.close();
        let meanwhile = async {
            slow.is_asked(4).await;
            others_go_on(&scene, ann).await;
            assert_eq!(slow.count("metadata"), 4, "at most four at once");
            gate.add_permits(100);
        };
        let (crowd_of_20, ()) = tokio::join!(crowd(&scene, provider, 20), meanwhile);
        assert_eq!(crowd_of_20, [200; 20], "who waited came to their turn");
    });
}

#[test]
fn t_oidc_36_a_provider_that_never_answers_is_given_up() {
    one(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut scene = Scene::open(api).await;
        scene.connect(&mut Browser::new(&scene.api)).await;
        let slow = scene.another().await;
        let whose = (scene.api.world.workspace, "owner");
        let provider = scene.add_at(&slow, None, whose, settings(false, "")).await.unwrap();
        slow.close();
        assert_eq!(crowd(&scene, provider, 20).await, [502; 20]);
        others_go_on(&scene, ann).await;
    });
}

#[test]
fn t_oidc_37_new_keys_are_picked_up() {
    one(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        scene.connect(&mut Browser::new(&scene.api)).await;
        wait_s(&scene.api, 10);
        scene.issuer.set(|acts| acts.key_name = "second".to_owned());
        let mut browser = Browser::new(&scene.api);
        let answer = scene.try_it(&mut browser).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(browser.who().await, Some(ann));
    });
}

#[test]
fn t_oidc_40_a_second_factor_is_demanded_and_has_to_be_told_of() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let scene = Scene::with(api, true, "gold silver").await;
        let now = scene.api.world.now().as_second();
        let mut browser = Browser::new(&scene.api);
        let sent = scene.leave(&mut browser).await;
        assert_eq!(sent.query["max_age"], "43200");
        assert_eq!(sent.query["acr_values"], "gold silver");
        let told = [
            (json!({ "amr": ["pwd"], "auth_time": now }), 403),
            (json!({ "auth_time": now }), 403),
            (json!({ "amr": ["mfa"] }), 403),
            (json!({ "amr": ["mfa"], "auth_time": now - 50_000 }), 403),
            (json!({ "amr": ["mfa"], "auth_time": now + 1_000 }), 403),
            (json!({ "acr": "bronze", "auth_time": now }), 403),
            (json!({ "amr": ["pwd", "otp"], "auth_time": now }), 200),
            (json!({ "acr": "gold", "auth_time": now - 60 }), 200),
        ];
        for (patch, status) in told {
            scene.issuer.set(|acts| acts.patch = patch.clone());
            let answer = scene.try_it(&mut Browser::new(&scene.api)).await;
            assert_eq!(answer.status.as_u16(), status, "{patch}: {}", answer.text());
        }
        scene.letters().await;
        // Then it is one for the policy of the workspace.
        let strong = json!({ "second_factor": "strong" });
        set_policy(&scene.api, &strong).await;
        scene.issuer.set(|acts| acts.patch = json!({ "amr": ["hwk"], "auth_time": now }));
        let mut browser = Browser::new(&scene.api);
        scene.connect(&mut browser).await;
        assert_eq!(browser.who().await, Some(ann));
        let today = browser.page("today");
        assert_eq!(browser.get(&today).await.status, 200);
    });
}

#[test]
fn t_oidc_41_nobody_is_made_by_it() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        let known = scene.try_it(&mut Browser::new(&scene.api)).await;
        scene.letters().await;
        scene.issuer.set(|acts| acts.patch = json!({ "sub": "x", "email": "new@example.org" }));
        let mut browser = Browser::new(&scene.api);
        let answer = scene.try_it(&mut browser).await;
        // As for somebody who is here: a provider learns from us nobody's addresses.
        assert_eq!(answer.status, known.status);
        let masked = |text: String| {
            let text = text.replace("new@example.org", "ann@example.org");
            text.split("csrf").next().unwrap().split("nonce").next().unwrap().to_owned()
        };
        assert_eq!(masked(answer.text()), masked(known.text()));
        assert!(scene.letters().await.is_empty());
        assert_eq!(browser.who().await, None);
        let address = app::input::address("email", "new@example.org").unwrap();
        let found =
            crate::visit::directory(&scene.api, move |op| app::identity::find_person(op, &address));
        assert_eq!(found.await, None);
    });
}

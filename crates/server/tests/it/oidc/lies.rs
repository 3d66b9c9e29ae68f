//! Providers that lie: about who somebody is, for whom, until when, and by whose signature.

use serde_json::{Value, json};

use super::{
    Scene,
    issuer::{Acts, Issuer, Signing},
    settings,
};
use crate::{
    support::{both, one},
    visit::{Browser, somebody, wait_s},
};

/// Somebody whose account is connected, and a provider that lies: nobody is let in.
fn is_not_believed(lie: impl Fn(&mut Acts)) {
    one(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        scene.connect(&mut Browser::new(&scene.api)).await;
        scene.issuer.set(&lie);
        let mut browser = Browser::new(&scene.api);
        let answer = scene.try_it(&mut browser).await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert!(answer.text().contains("cannot be believed"), "{}", answer.text());
        assert_eq!(browser.who().await, None);
        scene.letters().await;
    });
}

fn patched(patch: &Value) {
    is_not_believed(|acts| acts.patch = patch.clone());
}

fn signed(signing: Signing) {
    is_not_believed(|acts| acts.signing = signing);
}

#[test]
fn t_oidc_1_a_token_without_a_signature_is_none() {
    signed(Signing::None);
}

#[test]
fn t_oidc_2_a_public_key_is_no_shared_secret() {
    signed(Signing::HmacWithPublicKey);
}

#[test]
fn t_oidc_3_a_signature_of_another_algorithm_than_the_header_says_is_none() {
    signed(Signing::RsaByNameOnly);
    signed(Signing::EcByNameOnly);
}

#[test]
fn t_oidc_3_both_algorithms_are_believed_where_they_are_true() {
    one(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        scene.issuer.set(|acts| acts.signing = Signing::Ec);
        let mut browser = Browser::new(&scene.api);
        scene.connect(&mut browser).await;
        assert_eq!(browser.who().await, Some(ann));
    });
}

#[test]
fn t_oidc_4_an_unknown_key_is_looked_for_once_and_not_believed() {
    one(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        scene.connect(&mut Browser::new(&scene.api)).await;
        wait_s(&scene.api, 10);
        scene.issuer.set(|acts| acts.header = json!({ "kid": "nobody" }));
        let before = scene.issuer.count("jwks");
        for _ in 0..3 {
            let answer = scene.try_it(&mut Browser::new(&scene.api)).await;
            assert_eq!(answer.status, 403, "{}", answer.text());
        }
        assert_eq!(scene.issuer.count("jwks") - before, 1, "not more often than every few seconds");
    });
}

/// Headers that name a key of the liar's own, at an address or in full.
fn led_by(header: impl Fn(&Issuer) -> Value) {
    one(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        scene.connect(&mut Browser::new(&scene.api)).await;
        let header = header(&scene.issuer);
        scene.issuer.set(|acts| {
            acts.signing = Signing::Stranger;
            acts.header = header;
        });
        let mut browser = Browser::new(&scene.api);
        let answer = scene.try_it(&mut browser).await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert_eq!(browser.who().await, None);
        assert_eq!(scene.issuer.count("stranger"), 0, "it is not even looked at");
    });
}

#[test]
fn t_oidc_5_jku_is_not_followed() {
    led_by(|issuer| json!({ "jku": format!("{}/stranger", issuer.url) }));
}

#[test]
fn t_oidc_6_x5u_is_not_followed() {
    led_by(|issuer| json!({ "x5u": format!("{}/stranger", issuer.url) }));
}

#[test]
fn t_oidc_7_a_key_in_the_header_is_not_believed() {
    led_by(|issuer| json!({ "jwk": issuer.stranger_key() }));
    led_by(|issuer| json!({ "jwk": issuer.stranger_key(), "kid": null }));
}

#[test]
fn t_oidc_8_a_token_for_another_audience() {
    patched(&json!({ "aud": "somebody-else" }));
    patched(&json!({ "aud": null }));
}

#[test]
fn t_oidc_9_a_further_audience() {
    patched(&json!({ "aud": ["timeproof", "somebody-else"] }));
    patched(&json!({ "aud": ["timeproof", "somebody-else"], "azp": "timeproof" }));
}

#[test]
fn t_oidc_10_another_party() {
    patched(&json!({ "azp": "somebody-else" }));
}

#[test]
fn t_oidc_11_another_issuer() {
    patched(&json!({ "iss": "https://id.example" }));
}

#[test]
fn t_oidc_12_the_issuer_with_a_slash() {
    one(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        let iss = format!("{}/", scene.issuer.url);
        scene.issuer.set(|acts| acts.patch = json!({ "iss": iss }));
        let answer = scene.try_it(&mut Browser::new(&scene.api)).await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert!(scene.letters().await.is_empty());
    });
}

#[test]
fn t_oidc_13_no_nonce() {
    patched(&json!({ "nonce": null }));
}

#[test]
fn t_oidc_14_another_nonce() {
    patched(&json!({ "nonce": "x".repeat(43) }));
}

#[test]
fn t_oidc_15_a_code_comes_twice() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        let mut browser = Browser::new(&scene.api);
        let sent = scene.leave(&mut browser).await;
        let code = scene.issuer.code(&sent);
        let query = [("code", code.as_str()), ("state", sent.state.as_str())];
        assert_eq!(scene.come_with(&mut browser, &query).await.status, 200);
        let again = scene.come_with(&mut browser, &query).await;
        assert_eq!(again.status, 403, "{}", again.text());
        assert_eq!(scene.issuer.count("token"), 1, "it is not even asked for");
    });
}

#[test]
fn t_oidc_16_a_token_comes_twice() {
    one(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        scene.connect(&mut Browser::new(&scene.api)).await;
        scene.issuer.set(|acts| acts.replays = Some(acts.last_token.clone()));
        let mut browser = Browser::new(&scene.api);
        assert_eq!(scene.try_it(&mut browser).await.status, 403);
        assert_eq!(browser.who().await, None);
    });
}

/// 2026-01-01, long before the world's clock; and 2100-01-01.
const LONG_AGO: i64 = 1_600_000_000;
const FAR_OFF: i64 = 4_102_444_800;

#[test]
fn t_oidc_17_expired() {
    patched(&json!({ "exp": LONG_AGO }));
}

#[test]
fn t_oidc_18_not_valid_yet() {
    patched(&json!({ "nbf": FAR_OFF }));
    patched(&json!({ "iat": FAR_OFF }));
}

#[test]
fn t_oidc_19_without_an_end() {
    patched(&json!({ "exp": null }));
}

#[test]
fn t_oidc_20_without_a_subject() {
    patched(&json!({ "sub": null }));
    patched(&json!({ "sub": "" }));
}

#[test]
fn t_oidc_21_userinfo_of_somebody_else() {
    is_not_believed(|acts| {
        acts.patch = json!({ "email": null });
        acts.userinfo =
            json!({ "sub": "subject-2", "email": "bob@example.org", "email_verified": true });
    });
}

#[test]
fn t_oidc_22_an_address_that_was_not_verified_is_none() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        for patch in [json!({ "email_verified": false }), json!({ "email_verified": null })] {
            scene.issuer.set(|acts| {
                acts.patch = patch.clone();
                acts.userinfo = json!({ "sub": "subject-1", "email": "ann@example.org" });
            });
            let answer = scene.try_it(&mut Browser::new(&scene.api)).await;
            assert_eq!(answer.status, 403, "{}", answer.text());
            assert!(answer.text().contains("not connected with anybody"), "{}", answer.text());
        }
        assert!(scene.letters().await.is_empty());
    });
}

/// Some providers write it as text. What is neither true nor false is no word that it is.
#[test]
fn t_oidc_22_whether_an_address_was_verified_is_read_as_text_too() {
    one(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        let told = |inside: Value, beside: Value| {
            scene.issuer.set(|acts| {
                acts.patch = json!({ "email_verified": inside });
                acts.userinfo = json!({
                    "sub": "subject-1", "email": "ann@example.org", "email_verified": beside,
                });
            });
        };
        let (yes, no) = ("code is on its way", "not connected with anybody");
        for (inside, beside, expected) in [
            (json!("true"), json!(false), yes),
            (json!("false"), json!(false), no),
            (json!(null), json!("true"), yes),
            (json!(null), json!("false"), no),
            (json!(null), json!("yes"), no),
            (json!(null), json!(1), no),
            (json!(null), json!({}), no),
            // The library that checks tokens reads no other.
            (json!(1), json!(true), "cannot be believed"),
        ] {
            told(inside.clone(), beside.clone());
            let answer = scene.try_it(&mut Browser::new(&scene.api)).await;
            assert!(answer.text().contains(expected), "{inside} {beside}: {}", answer.text());
        }
    });
}

#[test]
fn t_oidc_23_another_address_at_the_provider_keeps_the_account() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        somebody(&api, "bob@example.org").await;
        let scene = Scene::open(api).await;
        scene.connect(&mut Browser::new(&scene.api)).await;
        for email in ["new@example.org", "bob@example.org"] {
            scene.issuer.set(|acts| acts.patch = json!({ "email": email }));
            let mut browser = Browser::new(&scene.api);
            assert_eq!(scene.try_it(&mut browser).await.status, 303);
            assert_eq!(browser.who().await, Some(ann), "{email}");
        }
    });
}

#[test]
fn t_oidc_24_the_same_address_at_another_provider_takes_nothing_over() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let mut scene = Scene::open(api).await;
        scene.connect(&mut Browser::new(&scene.api)).await;
        scene.letters().await;
        // Another one of the workspace, which claims the same subject and the same address.
        let whose = (scene.api.world.workspace, "owner");
        scene.issuer = scene.another().await;
        let other = scene.add_at(&scene.issuer, None, whose, settings(false, "")).await;
        scene.provider = other.unwrap();
        let mut browser = Browser::new(&scene.api);
        let asked = scene.try_it(&mut browser).await;
        assert_eq!(asked.status, 200, "{}", asked.text());
        assert_eq!(browser.who().await, None);
        // The code went to the mailbox; whoever does not read it guesses.
        let wrong = browser.post("/sign-in/code", &[("code", "AAAA-AAAA")]).await;
        assert_eq!(wrong.status, 422);
        assert_eq!(browser.who().await, None);
    });
}

//! Providers that lie, browsers that lie, and what a provider may not do however truly it speaks.

use domain::ids::{ProviderId, UserId};
use serde_json::{Value, json};

use super::{
    Scene,
    issuer::{Acts, Issuer, Signing},
    press, sent, settings,
};
use crate::{
    support::{both, one, set_policy},
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

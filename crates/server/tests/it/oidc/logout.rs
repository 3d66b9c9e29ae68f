//! A provider says that somebody has signed out there.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::Scene;
use crate::{
    support::both,
    visit::{Browser, somebody, wait_s},
};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// As the provider posts it: without cookies, from elsewhere.
pub(super) async fn tell(scene: &Scene, token: &str) -> u16 {
    tell_at(scene, &scene.start(), token).await
}

pub(super) async fn tell_at(scene: &Scene, start: &str, token: &str) -> u16 {
    let body = serde_urlencoded::to_string([("logout_token", token)]).unwrap();
    let request = Request::post(format!("{start}/logout"))
        .header(header::HOST, "localhost:8420")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from(body))
        .unwrap();
    let response = scene.api.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    response.status().as_u16()
}

pub(super) fn claims(scene: &Scene, patch: &Value) -> Value {
    let mut claims = scene.issuer.base_claims();
    claims["sub"] = json!("subject-1");
    claims["jti"] = json!("logout-1");
    claims["events"] = json!({ EVENT: {} });
    for (name, value) in patch.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

#[test]
fn t_oidc_38_and_39_a_logout_token_ends_the_sessions_of_the_provider_once() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        let mut browser = Browser::new(&scene.api);
        scene.connect(&mut browser).await;
        let mut own = Browser::new(&scene.api);
        own.sign_in(ann, false).await;
        let refused = [
            ("38: with a nonce", json!({ "nonce": "x" })),
            ("without an event", json!({ "events": null })),
            ("with another event", json!({ "events": { "http://example.com/other": {} } })),
            ("without a name", json!({ "jti": null })),
            ("for somebody else", json!({ "aud": "somebody-else" })),
            ("of somebody else", json!({ "iss": "https://id.example" })),
            ("of nobody", json!({ "sub": null })),
            ("of the past", json!({ "exp": 1_600_000_000 })),
            ("of long ago", json!({ "iat": 1_600_000_000 })),
        ];
        for (what, patch) in refused {
            let token = scene.issuer.sign(&claims(&scene, &patch));
            assert_eq!(tell(&scene, &token).await, 400, "{what}");
        }
        // The token of a sign-in is none, and one that nobody has signed neither.
        let sign_in = scene.issuer.acts.lock().unwrap().last_token.clone();
        assert_eq!(tell(&scene, &sign_in).await, 400);
        assert_eq!(tell(&scene, "x.y.z").await, 400);
        assert_eq!(browser.who().await, Some(ann));

        scene.issuer.set(|acts| acts.header = json!({ "typ": "logout+jwt" }));
        let token = scene.issuer.sign(&claims(&scene, &json!({})));
        assert_eq!(tell(&scene, &token).await, 200);
        assert_eq!(browser.who().await, None);
        assert_eq!(own.who().await, Some(ann), "what the provider has not opened goes on");
        // Again it ends nothing: not what was opened since.
        scene.issuer.set(|acts| acts.header = json!({}));
        let mut again = Browser::new(&scene.api);
        assert_eq!(scene.try_it(&mut again).await.status, 303);
        assert_eq!(tell(&scene, &token).await, 400, "39");
        assert_eq!(again.who().await, Some(ann));
        wait_s(&scene.api, 30);
        let other = scene.issuer.sign(&claims(&scene, &json!({ "jti": "logout-2" })));
        assert_eq!(tell(&scene, &other).await, 200);
        assert_eq!(again.who().await, None);
        // Signed with a key that is new.
        scene.issuer.set(|acts| acts.key_name = "second".to_owned());
        let last = scene.issuer.sign(&claims(&scene, &json!({ "jti": "logout-3" })));
        assert_eq!(tell(&scene, &last).await, 200);
    });
}

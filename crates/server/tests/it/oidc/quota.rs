//! How often: who sets out, and who says that somebody has signed out, each by a count of their own.

use app::identity::provider::Which;
use axum::http::StatusCode;
use serde_json::json;

use super::{
    Scene,
    logout::{claims, tell, tell_at},
};
use crate::{
    support::one,
    visit::{Browser, HOUR, somebody, wait_s},
};

#[test]
fn three_hundred_set_out_from_a_network_in_an_hour_and_logouts_are_heard_all_the_same() {
    one(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        let mut browser = Browser::new(&scene.api);
        scene.connect(&mut browser).await;
        // Requests of tests come from no network: all count as one.
        let memory = &scene.server.as_ref().unwrap().memory;
        let now = scene.api.world.now();
        let mut taken = 1;
        while memory.journeys.take(None, now).is_ok() {
            taken += 1;
        }
        assert_eq!(taken, 300);
        let refused = scene.set_out(&mut Browser::new(&scene.api), "/").await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.text());
        assert!(refused.text().contains("Too many sign-ins were begun from here"));
        // Also to connect an account.
        let mut own = Browser::new(&scene.api);
        own.sign_in(ann, false).await;
        own.get(&own.page("security")).await;
        let (workspace, id) = (scene.api.world.workspace.to_string(), scene.provider.to_string());
        let fields = [("place", workspace.as_str()), ("id", id.as_str())];
        let path = own.page("security/providers");
        assert_eq!(own.post(&path, &fields).await.status, StatusCode::TOO_MANY_REQUESTS);
        // What the provider says has a count of its own.
        let token = scene.issuer.sign(&claims(&scene, &json!({})));
        assert_eq!(tell(&scene, &token).await, 200);
        assert_eq!(browser.who().await, None);
        wait_s(&scene.api, HOUR);
        assert_eq!(scene.set_out(&mut Browser::new(&scene.api), "/").await.status, 200);
    });
}

#[test]
fn a_hundred_tokens_that_are_none_come_from_a_network_and_keep_nobody_from_signing_in() {
    one(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        for number in 0..100 {
            // Also for a provider that there is not.
            let start = match number % 2 {
                0 => scene.start(),
                _ => format!("/sign-in/provider/instance/{}", scene.provider),
            };
            assert_eq!(tell_at(&scene, &start, "x.y.z").await, 400, "{number}");
        }
        let token = scene.issuer.sign(&claims(&scene, &json!({})));
        assert_eq!(tell(&scene, &token).await, 429);
        scene.connect(&mut Browser::new(&scene.api)).await;
        wait_s(&scene.api, HOUR);
        let token = scene.issuer.sign(&claims(&scene, &json!({ "jti": "later" })));
        assert_eq!(tell(&scene, &token).await, 200);
    });
}

#[test]
fn logout_tokens_count_for_the_provider_that_has_signed_them() {
    one(async |api| {
        let mut scene = Scene::open(api).await;
        let memory = &scene.server.as_ref().unwrap().memory;
        let workspace = Some(scene.api.world.workspace);
        let which = Which { id: scene.provider, workspace };
        let now = scene.api.world.now();
        let real = scene.issuer.sign(&claims(&scene, &json!({})));
        assert_eq!(tell(&scene, &real).await, 200);
        // What it has not signed is not counted for it.
        assert_eq!(tell(&scene, "x.y.z").await, 400);
        let mut taken = 1;
        while memory.logouts.take(which, now).is_ok() {
            taken += 1;
        }
        assert_eq!(taken, 3_000);
        let more = scene.issuer.sign(&claims(&scene, &json!({ "jti": "logout-2" })));
        assert_eq!(tell(&scene, &more).await, 429);
        // Another one of the same workspace is heard.
        let workspace = scene.api.world.workspace;
        scene.provider = scene.add(workspace, "owner", super::settings(false, "")).await;
        let other = scene.issuer.sign(&claims(&scene, &json!({ "jti": "logout-3" })));
        assert_eq!(tell(&scene, &other).await, 200);
    });
}

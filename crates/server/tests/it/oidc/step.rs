//! What a sign-in by a provider is worth beside a person's own factors, and what is told of it; and that a
//! provider which is set up anew is the one it was.

use domain::permission::Role;

use super::{Scene, settings};
use crate::{
    support::{both, one},
    visit::{Browser, somebody},
    visitor::Form,
};

/// Somebody has an authenticator app: it is asked for here too, and what was signed in by stays what it was.
#[test]
fn an_authenticator_app_is_asked_for_after_the_provider_and_makes_no_known_browser() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        let mut first = Browser::new(&scene.api);
        scene.connect(&mut first).await;
        assert!(!first.has("dev-8420"), "also where a code has joined the two");
        let mut own = Browser::new(&scene.api);
        own.sign_in(ann, false).await;
        let app = own.set_up_app(&scene.api).await;

        let mut browser = Browser::new(&scene.api);
        let asked = scene.try_it(&mut browser).await;
        assert_eq!(
            (asked.status.as_u16(), asked.header("location")),
            (303, "/sign-in/second"),
            "{}",
            asked.text()
        );
        assert_eq!(browser.who().await, None, "nobody is in yet");
        assert_eq!(browser.get("/sign-in/second").await.status, 200);
        let wrong = browser.post("/sign-in/second", &[("code", "000000")]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text());
        let code = app.code(&scene.api);
        let entered = browser.post("/sign-in/second", &[("code", &code)]).await;
        let today = browser.page("today");
        assert_eq!((entered.status.as_u16(), entered.header("location")), (303, today.as_str()));
        assert_eq!(browser.who().await, Some(ann));
        assert!(
            !browser.has("dev-8420") && !browser.has("rm-8420"),
            "neither known nor remembered"
        );
        assert_eq!(browser.get(&today).await.status, 200);
        // It is still a session of that provider: it opens nothing else, and ends with it.
        let elsewhere = scene.api.world.elsewhere;
        assert_eq!(browser.get(&format!("/w/{elsewhere}/today")).await.status, 403);
        let path = format!("/providers/{}", scene.provider);
        assert_eq!(scene.api.ask("owner", "DELETE", &path).send().await.status, 204);
        assert_eq!(browser.get(&today).await.status, 403);
    });
}

/// By which provider: in the event, and where one looks at where one is signed in.
#[test]
fn it_is_told_by_which_provider_somebody_is_signed_in() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        scene.connect(&mut Browser::new(&scene.api)).await;
        let mut browser = Browser::new(&scene.api);
        assert_eq!(scene.try_it(&mut browser).await.status, 303);
        let mut own = Browser::new(&scene.api);
        own.sign_in(ann, false).await;
        let page = own.get(&own.page("security")).await.text();
        assert!(page.contains("with Example ID of Workspace of owner"), "{page}");
        assert!(page.contains("<span class=\"name\">Example ID of Workspace of owner"), "{page}");
        // One that was removed has no name any more.
        let path = format!("/providers/{}", scene.provider);
        assert_eq!(scene.api.ask("owner", "DELETE", &path).send().await.status, 204);
        let page = own.get(&own.page("security")).await.text();
        assert!(page.contains("with a provider,"), "{page}");
        assert!(page.contains("A provider of elsewhere, or one that was removed"), "{page}");
    });
}

/// Accounts are joined to a provider, which is what its issuer says: made again it is the same, or none.
#[test]
fn a_provider_that_is_made_again_gives_the_same_accounts_back_with_the_same_issuer_alone() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut scene = Scene::open(api).await;
        let mut first = Browser::new(&scene.api);
        scene.connect(&mut first).await;
        scene.letters().await;
        let id = scene.provider;
        let path = format!("/providers/{id}");
        let today = first.page("today");
        assert_eq!(scene.api.ask("owner", "DELETE", &path).send().await.status, 204);
        assert_eq!(first.get(&today).await.status, 403);

        let other = scene.another().await;
        let whose = (scene.api.world.workspace, "owner");
        let taken = scene.add_at(&other, Some(id), whose, settings(false, "")).await;
        assert!(matches!(taken, Err(app::Error::IdTaken)), "{taken:?}");
        // Under an id of its own it knows nobody, whatever it says.
        let stranger = scene.add_at(&other, None, whose, settings(false, "")).await.unwrap();
        let theirs = std::mem::replace(&mut scene.issuer, other);
        scene.provider = stranger;
        let mut browser = Browser::new(&scene.api);
        let asked = scene.try_it(&mut browser).await;
        assert_eq!(asked.status, 200, "{}", asked.text());
        assert_eq!(browser.who().await, None);
        scene.letters().await;

        scene.issuer = theirs;
        scene.provider = id;
        let again = scene.add_at(&scene.issuer, Some(id), whose, settings(false, "")).await;
        assert_eq!(again.unwrap(), id);
        let mut browser = Browser::new(&scene.api);
        let entered = scene.try_it(&mut browser).await;
        assert_eq!(entered.status, 303, "{}", entered.text());
        assert_eq!(browser.who().await, Some(ann), "without a code");
        assert_eq!(browser.get(&today).await.status, 200);
    });
}

#[test]
fn the_page_fills_in_what_is_known_of_google() {
    one(async |api| {
        let scene = Scene::open(api).await;
        let visitor = scene.api.visitor(Role::Owner).await;
        let page = visitor.get("providers?preset=google").await.text();
        assert!(page.contains("value=\"Google\""), "{page}");
        assert!(page.contains("value=\"https://accounts.google.com\""), "{page}");
        let page = visitor.get("providers?preset=nobody").await.text();
        assert!(!page.contains("value=\"https://accounts.google.com\""), "{page}");
    });
}

/// The form to set one up is not there any more: what was typed into it is not dropped in silence.
#[test]
fn who_sets_up_one_too_many_is_told() {
    one(async |api| {
        let scene = Scene::open(api).await;
        let workspace = scene.api.world.workspace;
        let visitor = scene.api.visitor(Role::Owner).await;
        for _ in 1..20 {
            scene.add(workspace, "owner", settings(false, "")).await;
        }
        let fields = [
            ("label", "One more"),
            ("issuer", "https://id.example"),
            ("client_id", "timeproof"),
            ("client_secret", "a secret"),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let refused = visitor.post("providers", &Form(fields.to_vec())).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        let sentence = app::Refusal::TooManyProviders.sentence();
        assert!(refused.text().contains(&sentence), "{}", refused.text());
    });
}

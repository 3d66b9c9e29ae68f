//! What is of another person's account: apps, passkeys, accounts at providers, sessions and remembered
//! browsers are answered as what is not there, and stay.
//!
//! The routes are those of the person's own page, and each of them with an id has to be on it.

use std::collections::BTreeSet;

use domain::permission::Role;
use uuid::Uuid;

use crate::{
    cases::fresh_id,
    foreign_forms::route_of,
    foreign_pages::{anonymous, assert_same},
    forged::page_routes,
    oidc::Scene,
    passkey::device,
    support::both,
    visit::{Browser, directory, somebody},
    visitor::forms_of,
};

const ANN: &str = "ann@example.org";

#[test]
fn what_is_of_another_persons_account_is_as_what_is_not_there() {
    both(async |api| {
        let user = somebody(&api, ANN).await;
        let scene = Scene::open(api).await;
        let api = &scene.api;
        let me = api.visitor(Role::Owner).await;
        scene.connect(&mut Browser::new(api)).await;
        let mut ann = Browser::new(api);
        ann.sign_in(user, true).await;
        ann.set_up_app(api).await;
        assert_eq!(ann.add_passkey("A laptop", &mut device()).await.status, 303);
        let begun = ann.post(&ann.page("security/apps"), &[("name", "Another phone")]).await;
        assert_eq!(begun.status, 303, "{}", begun.text());
        let page = ann.page("security");
        let before = ann.get(&page).await;
        let forms = forms_of(&before.text()).into_iter();
        let actions = forms.flat_map(|form| [vec![form.action], form.others].concat());
        let mut paths: Vec<(&str, String)> = actions.map(|action| ("POST", action)).collect();
        let app = begun.header("location").to_owned();
        paths.extend([("GET", app.clone()), ("POST", app)]);
        let session = directory(api, move |op| app::identity::list_sessions(op, user)).await;
        paths.extend(session.iter().map(|it| ("POST", format!("{page}/sessions/{}/end", it.id))));
        let families = session.iter().filter_map(|it| it.family);
        paths.extend(families.map(|it| ("POST", format!("{page}/browsers/{it}/forget"))));

        let routes: Vec<String> = page_routes().into_iter().map(|route| route.path).collect();
        let mut asked = BTreeSet::new();
        for (method, path) in &paths {
            let last = path.split('/').rev().find(|part| Uuid::try_parse(part).is_ok());
            let Some(id) = last.filter(|id| **id != api.world.workspace.to_string()) else {
                continue;
            };
            let mut answers = Vec::new();
            for path in [path.clone(), path.replace(id, &fresh_id().to_string())] {
                answers.push(me.ask_anywhere(method, &path, "name=Hostile&code=123456").await);
            }
            assert_same(&answers[0], &answers[1], path);
            asked.insert(format!("{method} {}", route_of(&routes, path)));
        }
        for route in page_routes() {
            let is_own = route.path.starts_with("/w/{workspace}/security/");
            for method in route.methods.iter().filter(|_| is_own && route.path.contains("{id}")) {
                let route = format!("{method} {}", route.path);
                assert!(asked.contains(&route), "{route} was not asked: {asked:?}");
            }
        }
        // Nothing of it has changed.
        assert_eq!(anonymous(&ann.get(&page).await), anonymous(&before));
    });
}

//! What ends joining by a rule, at once.

use std::sync::Arc;

use app::{
    App, Parts,
    identity::{LetterKind, delete_workspace, disable_person, insert_workspace},
};
use domain::{ids::WorkspaceId, permission::Role};
use jiff::SignedDuration;
use store::{Config, Store};
use testkit::both;
use vault::SystemRandom;

use super::scene::{Scene, domains, outcome_of};

#[test]
fn other_domains_get_no_letter() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("example.org").await;
        for address in ["grace@sub.example.org", "grace@example.net", "grace@org"] {
            if domain::text::EmailAddress::parse(address).is_ok() {
                assert!(scene.ask(address).await.is_empty(), "{address}");
            }
        }
        assert_eq!(scene.ask("Grace@EXAMPLE.org").await.len(), 1);
    });
}

/// Who was removed has as many of these as they like.
#[test]
fn an_address_with_a_plus_joins_nothing() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("example.org").await;
        assert!(scene.ask("grace+x@example.org").await.is_empty());
        let session = scene.show("known+x@example.org").await;
        let found = scene.app().list_joinable_by(scene.request(), session).await.unwrap();
        assert!(found.is_empty());
        assert_eq!(scene.ask("grace@example.org").await.len(), 1);
    });
}

#[test]
fn a_link_ends_with_its_day_and_with_the_rule_of_its_time() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("example.org").await;
        let token = scene.offer("grace@example.org").await;
        let link = Scene::link_into(scene.workspace, &token);
        // A made-up one, and one of another workspace.
        let other = Scene::link_into(scene.stage.world.elsewhere, &token);
        assert_eq!(outcome_of(&scene.join(&other).await), "join.not_possible");
        let made_up = Scene::link_into(scene.workspace, &"A".repeat(43));
        assert_eq!(outcome_of(&scene.join(&made_up).await), "link.not_valid");
        // Another rule, though it says of the domain what the one before said.
        scene.set("", None).await.unwrap();
        scene.set("example.org", None).await.unwrap();
        assert!(scene.offered(&token).await.is_empty());
        assert_eq!(outcome_of(&scene.join(&link).await), "join.not_possible");
        // A day later.
        let token = scene.offer("ada@example.org").await;
        let link = Scene::link_into(scene.workspace, &token);
        let later = scene.stage.world.now() + SignedDuration::from_hours(24);
        scene.stage.world.clock.set(later);
        assert_eq!(outcome_of(&scene.join(&link).await), "link.not_valid");
        assert!(scene.stage.user("ada@example.org").await.is_none());
    });
}

#[test]
fn joining_ends_with_the_last_owner_at_the_domain() {
    both(async |world| {
        let scene = Scene::open(world).await;
        let boss = scene.own_at("acme.example").await;
        let acting = scene.stage.actor(scene.owner);
        let member = scene.member_of(boss).await;
        scene.set("acme.example", None).await.unwrap();
        let refused = async |address: &str| {
            let token = scene.offer(address).await;
            assert!(scene.offered(&token).await.is_empty(), "{address}");
            let link = Scene::link_into(scene.workspace, &token);
            assert_eq!(outcome_of(&scene.join(&link).await), "join.not_possible", "{address}");
        };
        // An owner no more.
        let as_role = move |role: Role| {
            move |op: &mut app::Op| app::member::change_role(op, member, role, None).map(drop)
        };
        scene.app().write(acting, scene.workspace, as_role(Role::Admin)).await.unwrap();
        refused("one@acme.example").await;
        scene.app().write(acting, scene.workspace, as_role(Role::Owner)).await.unwrap();
        // Between the look and the joining.
        let token = scene.offer("two@acme.example").await;
        let link = Scene::link_into(scene.workspace, &token);
        let (app, workspace) = (scene.app().clone(), scene.workspace);
        scene.stage.during("join.intended", move || async move {
            app.write(acting, workspace, as_role(Role::Admin)).await.unwrap();
        });
        assert_eq!(outcome_of(&scene.join(&link).await), "join.not_possible");
        scene.app().write(acting, scene.workspace, as_role(Role::Owner)).await.unwrap();
        assert_eq!(outcome_of(&scene.join(&link).await), "ok");
        // Kept from signing in.
        scene.stage.directory(move |op| disable_person(op, boss)).await;
        refused("three@acme.example").await;
    });
}

#[test]
fn a_day_has_two_hundred_places_and_twenty_letters() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("example.org").await;
        let day = scene.stage.world.now().as_second().div_euclid(86_400);
        let owner = scene.member_of(scene.owner).await;
        let taken = "INSERT INTO rule_joins (day, place, member_id) VALUES ($1, $2, $3)";
        scene.run(taken, vec![day.into(), 19_i64.into(), owner.into()]).await;
        let mut told = Vec::new();
        for address in ["a@example.org", "b@example.org", "c@example.org"] {
            scene.joined(address).await;
            let letters = scene.letters_of(LetterKind::Joined).await;
            told.push(letters.len());
        }
        assert_eq!(told, [1, 1, 0], "the twentieth, the one that says so, and none");
        let full = "UPDATE rule_joins SET place = 200 WHERE member_id = $1";
        scene.run(full, vec![owner.into()]).await;
        let token = scene.offer("late@example.org").await;
        let link = Scene::link_into(scene.workspace, &token);
        assert_eq!(outcome_of(&scene.join(&link).await), "join.too_many");
        // The next day there is room; the link still works.
        let tomorrow = "2026-11-21T00:00:00Z";
        scene.stage.world.set_clock(tomorrow);
        assert_eq!(outcome_of(&scene.join(&link).await), "ok");
    });
}

#[test]
fn a_workspace_that_is_undone_takes_its_domains_along() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("example.org").await;
        let id = WorkspaceId::from_bytes([7; 16]);
        scene.stage.directory(move |op| insert_workspace(op, id)).await;
        let copy = "INSERT INTO join_domains SELECT $1, domain_index, version FROM join_domains";
        let directory = scene.app().store().directory();
        let done: Result<u64, store::StoreError> = directory
            .write(move |tx| tx.execute(&store::Statement::new("test.copy", copy), &[id.into()]))
            .await;
        assert_eq!(done.unwrap(), 1);
        // One that is not ready is offered to nobody.
        let token = scene.offer("grace@example.org").await;
        assert_eq!(scene.offered(&token).await.len(), 1);
        scene.stage.directory(move |op| delete_workspace(op, id)).await;
        assert_eq!(scene.domains_kept().await, 1);
    });
}

/// The rule is in a copy; and a directory that says something else than the workspace learns it.
#[test]
fn a_copy_carries_the_rule() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("example.org").await;
        // Changed after the workspace was copied: its copy has the rule before.
        let (app, owner, workspace) = (scene.app().clone(), scene.owner, scene.workspace);
        let actor = scene.stage.actor(owner);
        scene.stage.during("copy.workspaces", move || async move {
            for list in ["", "example.org"] {
                let domains = Some(domains(list));
                let change =
                    app::joining::ChangeJoinRule { domains, role: None, expected_version: None };
                app.change_join_rule(actor, workspace, change).await.unwrap();
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().to_owned();
        scene.app().copy_databases_into(target.clone()).await.unwrap();
        let store = Store::open(Config::Sqlite { folder: target }, *b"restored").unwrap();
        let restored = App::new(Parts {
            store: Arc::new(store),
            vault: Arc::clone(scene.app().vault()),
            clock: scene.stage.world.clock.clone(),
            random: Arc::new(SystemRandom),
        });
        restored.open_instance().await.unwrap();
        let known = async || {
            let address = domain::text::EmailAddress::parse("boss@example.org").unwrap();
            let user = restored.find_or_create_person(restored.new_request(), address).await;
            user.unwrap()
        };
        let user = known().await;
        let opened = restored.write_directory(restored.new_request(), move |op| {
            use app::identity::{
                Method, OpenSession, Origin, Passed, enter, find_session, hash_secret,
            };
            let passed =
                Passed { user, method: Method::MailCode, remember: false, cookie_hash: [1; 32] };
            drop(enter(op, passed, &Origin::default())?);
            let open =
                OpenSession { user, method: Method::MailCode, second: None, remember: false };
            let opened = app::identity::open_session(op, open, &Origin::default())?;
            let hash = hash_secret(opened.secret.expose()).unwrap();
            find_session(op, &hash)
        });
        let session = opened.await.unwrap().unwrap();
        let look =
            async || restored.list_joinable_by(restored.new_request(), session).await.unwrap();
        assert!(look().await.is_empty(), "the two say different things");
        assert_eq!(look().await.len(), 1, "and now they say the same");
    });
}

//! Who sets the rule, and to what.

use app::{
    Actor, Credential, Error,
    joining::{ChangeJoinRule, get_join_rule},
    role::{AddRole, ChangeRole, add_role, change_own_role, delete_role},
};
use domain::{
    ids::RoleId,
    permission::{Assignment, Grant, Grants, Role},
};
use testkit::both;

use super::scene::{Scene, domains, outcome_of};
use crate::steps::name;

async fn own_role(scene: &Scene, text: &'static str, grants: Grants) -> RoleId {
    let actor = scene.stage.actor(scene.owner);
    let added = scene.app().write(actor, scene.workspace, move |op| {
        add_role(op, AddRole { id: None, name: name(text), grants, body: None })
    });
    added.await.unwrap().into_inner().id
}

#[test]
fn a_domain_is_one_at_which_an_owner_has_shown_their_mailbox() {
    both(async |world| {
        let scene = Scene::open(world).await;
        let set = async |list: &str| outcome_of(&scene.set(list, None).await);
        assert_eq!(set("acme.example").await, "invalid domains");
        assert_eq!(set("example.org acme.example").await, "invalid domains");
        assert_eq!(set("sub.example.org").await, "invalid domains");
        // A member's address opens nothing, and an owner's that nobody has shown neither.
        scene.stage.guest(scene.owner, scene.workspace, "grace@acme.example").await;
        assert_eq!(set("acme.example").await, "invalid domains");
        assert_eq!(set("example.org").await, "ok");
        assert_eq!(scene.domains_kept().await, 1);
        scene.own_at("acme.example").await;
        assert_eq!(set("example.org acme.example").await, "ok");
        assert_eq!(scene.domains_kept().await, 2);
        assert_eq!(set("").await, "ok");
        assert_eq!(scene.domains_kept().await, 0);
    });
}

/// Who set a workspace up by the operator's link only typed the address.
#[test]
fn an_address_that_was_only_typed_opens_nothing() {
    both(async |world| {
        let (stage, owner, workspace) = crate::acts::furnished(world).await;
        let scene = Scene { stage, owner, workspace };
        assert_eq!(outcome_of(&scene.set("example.org", None).await), "invalid domains");
        scene.show("owner@example.org").await;
        assert_eq!(outcome_of(&scene.set("example.org", None).await), "ok");
    });
}

#[test]
fn owners_alone_change_it_and_show_who_they_are() {
    both(async |world| {
        let scene = Scene::open(world).await;
        let admin = scene.stage.guest(scene.owner, scene.workspace, "admin@example.org").await;
        let member = scene.member_of(admin).await;
        let change =
            scene.app().write(scene.stage.actor(scene.owner), scene.workspace, move |op| {
                app::member::change_role(op, member, Role::Admin, None)
            });
        change.await.unwrap();
        let as_admin = scene.set_as(admin, "example.org", None, None).await;
        assert!(matches!(as_admin, Err(Error::Forbidden)), "{as_admin:?}");
        let read = scene.app().read(scene.stage.actor(admin), scene.workspace, get_join_rule).await;
        assert_eq!(read.unwrap().version, 1);
        let stranger = scene.outsider("stranger@example.org").await;
        let foreign = scene.set_as(stranger, "example.org", None, None).await;
        assert!(matches!(foreign, Err(Error::NotFound)), "{foreign:?}");
        let actor = Actor::new(Credential::UnprovenSession(scene.owner), scene.request());
        let change = ChangeJoinRule {
            domains: Some(domains("example.org")),
            role: None,
            expected_version: None,
        };
        let unproven = scene.app().change_join_rule(actor, scene.workspace, change.clone()).await;
        assert!(matches!(unproven, Err(Error::NeedsProof)), "{unproven:?}");
        // To look at what it does needs no fresh proof.
        let looked = scene.app().look_at_join_rule(actor, scene.workspace, change).await.unwrap();
        assert_eq!((looked.0.version, looked.1.domains), (1, domains("example.org")));
        assert_eq!(scene.domains_kept().await, 0);
        // Of two at once, the second hears of the first; and what is so already is no change.
        let first = scene.set_as(scene.owner, "example.org", None, Some(1)).await.unwrap();
        assert_eq!(first.version, 2);
        let late = scene.set_as(scene.owner, "", None, Some(1)).await;
        assert!(matches!(late, Err(Error::Stale(2))), "{late:?}");
        assert_eq!(scene.set("example.org", None).await.unwrap().version, 2);
        let sql = "SELECT COUNT(*) FROM events WHERE kind = 'join_rule.changed'";
        let rows = scene.rows(scene.workspace, sql, Vec::new()).await;
        assert_eq!(rows[0].get::<i64>(0).unwrap(), 1);
    });
}

#[test]
fn nobody_gets_more_than_a_member_by_it() {
    both(async |world| {
        let scene = Scene::open(world).await;
        for role in [Role::Owner, Role::Admin, Role::Manager, Role::Accountant, Role::Auditor] {
            let refused = scene.set("example.org", Some(role.into())).await;
            assert_eq!(outcome_of(&refused), "invalid role", "{role}");
        }
        let foreign = RoleId::from_uuid(scene.workspace.uuid());
        let refused = scene.set("example.org", Some(Assignment::own(foreign))).await;
        assert_eq!(outcome_of(&refused), "invalid role_id");
        let wide = own_role(&scene, "Inviter", Grants::of([Grant::InviteMembers])).await;
        let refused = scene.set("example.org", Some(Assignment::own(wide))).await;
        assert_eq!(outcome_of(&refused), "invalid role");

        let narrow = own_role(&scene, "Tracker", Grants::of([Grant::TrackTime])).await;
        scene.set("example.org", Some(Assignment::own(narrow))).await.unwrap();
        let (grace, _) = scene.joined("grace@example.org").await;
        assert_eq!(scene.role_of(grace).await, "own");
        // A role that the rule gives is not deleted; widened, it is given to nobody.
        let owner = scene.stage.actor(scene.owner);
        let delete = move |op: &mut app::Op| delete_role(op, narrow, None);
        let deleted = scene.app().write(owner, scene.workspace, delete).await;
        assert_eq!(outcome_of(&deleted), "role.in_use");
        let token = scene.offer("ben@example.org").await;
        let widen = move |grant: Grant| {
            let grants = Some(Grants::of([Grant::TrackTime, grant]));
            move |op: &mut app::Op| {
                change_own_role(op, narrow, ChangeRole { grants, ..ChangeRole::default() })
            }
        };
        scene.app().write(owner, scene.workspace, widen(Grant::ReadAllTime)).await.unwrap();
        let link = Scene::link_into(scene.workspace, &token);
        assert!(scene.offered(&token).await.is_empty());
        assert_eq!(outcome_of(&scene.join(&link).await), "join.not_possible");
        let read = scene.app().read(owner, scene.workspace, get_join_rule).await.unwrap();
        assert!(!read.is_in_force);
        scene.app().write(owner, scene.workspace, widen(Grant::CreateTags)).await.unwrap();
        assert_eq!(outcome_of(&scene.join(&link).await), "ok");
    });
}

/// Cut short at each step, and after the sweeper: the directory says what the workspace says.
#[test]
fn a_change_cut_short_is_finished() {
    both(async |world| {
        let scene = Scene::open(world).await;
        let steps = app::STEPS.into_iter().filter(|step| step.starts_with("join_rule."));
        for step in steps {
            scene.set("", None).await.unwrap();
            scene.stage.cut(step, scene.set("example.org", None)).await;
            scene.stage.sweep().await;
            let is_set = step != "join_rule.intended";
            assert_eq!(scene.domains_kept().await, i64::from(is_set), "{step}");
            let letters = scene.ask(&format!("{}@example.org", step.replace('.', "-"))).await;
            assert_eq!(letters.len(), usize::from(is_set), "{step}");
        }
    });
}

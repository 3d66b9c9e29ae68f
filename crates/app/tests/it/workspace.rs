//! The workspace's settings.

use app::{
    Actor, Credential, Error,
    identity::{insert_workspace, mark_workspace_ready},
    workspace::{ChangeWorkspace, change_workspace, get_workspace},
};
use domain::{
    day::Zone,
    duration::BareNumber,
    ids::WorkspaceId,
    period::WeekStart,
    preference::{Overlaps, SecondTimer},
};
use store::StoreError;
use testkit::{World, both};

use crate::{
    assert_roles,
    steps::{name, outcome, read, write},
};

#[test]
fn settings_change_for_everyone() {
    both(async |world: World| {
        let before = read(&world, "member", get_workspace).await.unwrap();
        assert_eq!(before.name, "Workspace of owner");
        assert_eq!((before.settings.version, before.role.role.as_str()), (1, "member"));
        let change = ChangeWorkspace {
            name: Some(name("Acme")),
            currency: Some("CHF".parse().unwrap()),
            bare_number: Some(BareNumber::Hours),
            second_timer: Some(SecondTimer::IsRefused),
            overlaps: Some(Overlaps::Forbidden),
            week_start: Some(WeekStart::Sunday),
            zone: Some(Zone::parse("Asia/Tokyo").unwrap()),
            expected_version: Some(1),
        };
        let again = change.clone();
        let changed = write(&world, "admin", move |op| change_workspace(op, change.clone())).await;
        let changed = changed.unwrap();
        let after = read(&world, "member", get_workspace).await.unwrap();
        for found in [changed, after] {
            let settings = found.settings;
            assert_eq!((found.name.as_str(), settings.version), ("Acme", 2));
            assert_eq!((settings.currency.as_str(), settings.zone.as_str()), ("CHF", "Asia/Tokyo"));
            assert_eq!(settings.bare_number, BareNumber::Hours);
            assert_eq!(settings.second_timer, SecondTimer::IsRefused);
            assert_eq!(settings.overlaps, Overlaps::Forbidden);
            assert_eq!(settings.week_start, WeekStart::Sunday);
        }
        let stale = write(&world, "admin", move |op| change_workspace(op, again.clone())).await;
        assert_eq!(outcome(&stale), "stale");
        let same = ChangeWorkspace { name: Some(name("Acme")), ..ChangeWorkspace::default() };
        let same = write(&world, "admin", move |op| change_workspace(op, same.clone())).await;
        assert_eq!(same.unwrap().settings.version, 2);
        let other = world.app.read(world.actor("stranger"), world.elsewhere, get_workspace).await;
        assert_eq!(other.unwrap().name, "Workspace of stranger");
    });
}

#[test]
fn who_sees_and_changes_settings() {
    both(async |world: World| {
        assert_roles!(
            "owner: ok, admin: ok, manager: ok, member: ok, stranger: not found",
            async |who| read(&world, who, get_workspace).await
        );
        assert_roles!(
            "owner: ok, admin: ok, manager: forbidden, member: forbidden, stranger: not found",
            async |who| write(&world, who, |op| change_workspace(op, ChangeWorkspace::default()))
                .await
        );
    });
}

/// Its people belong there: they must not be told to sign in, nor that it never was.
#[test]
fn a_workspace_whose_database_is_gone_is_not_available() {
    both(async |world: World| {
        let elsewhere = world.elsewhere;
        let known = world.app.write_directory(world.app.new_request(), move |op| {
            insert_workspace(op, elsewhere)?;
            mark_workspace_ready(op, elsewhere)
        });
        known.await.unwrap();
        world.app.store().drop_workspace(elsewhere).await.unwrap();
        let stranger = world.actor("stranger");
        let token = Actor { credential: Credential::Token([7; 32]), ..stranger };
        for actor in [stranger, token] {
            let gone = world.app.read(actor, world.elsewhere, get_workspace).await.unwrap_err();
            assert!(matches!(gone, Error::Store(StoreError::Unavailable(_))), "{gone}");
        }
        let nowhere = WorkspaceId::from_uuid(uuid::Uuid::from_u128(7));
        let unknown = world.app.read(stranger, nowhere, get_workspace).await;
        assert!(matches!(unknown, Err(Error::NotFound)));
        let unknown = world.app.read(token, nowhere, get_workspace).await;
        assert!(matches!(unknown, Err(Error::SignedOut)));
    });
}

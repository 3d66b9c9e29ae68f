//! Who is kept out by the sign-in policy, and who changes it.

use std::net::IpAddr;

use app::{
    Actor, Credential, DirectoryOp, Error, Refusal,
    actor::{Came, Since},
    identity::{
        Method, OpenSession, Origin, add_membership, insert_workspace, mark_workspace_ready,
        open_session,
    },
    sign_in_policy::{ChangePolicy, Consequences, ReadPolicy, change_policy, get_policy},
    workspace::get_workspace,
};
use domain::{
    sign_in_policy::{
        FirstFactor, LongestSession, SecondFactor, SecondFactorRule, SignInPolicy, Way, Ways,
        parse_networks,
    },
    text::EmailAddress,
};
use store::Statement;
use testkit::{World, both};

use crate::{assert_roles, steps::outcome};

/// Somebody who signed in this way, from there.
fn came(
    world: &World,
    name: &str,
    first: FirstFactor,
    second: Option<SecondFactor>,
    from: Option<&str>,
) -> Actor {
    let from: Option<IpAddr> = from.map(|from| from.parse().unwrap());
    Actor {
        came: Came { factors: Some((first, second)), from, ..Came::default() },
        ..world.actor(name)
    }
}

fn without(way: Way) -> Ways {
    Ways::all().with(way, false)
}

fn with_app(world: &World, name: &str) -> Actor {
    came(world, name, FirstFactor::Password, Some(SecondFactor::Totp), Some("192.0.2.7"))
}

async fn change(
    world: &World,
    actor: Actor,
    policy: SignInPolicy,
    expected_version: Option<i64>,
) -> Result<ReadPolicy, Error> {
    let change = ChangePolicy { policy, expected_version, actor };
    world.app.write(actor, world.workspace, move |op| change_policy(op, change.clone())).await
}

async fn try_door(world: &World, actor: Actor) -> String {
    let tried = world.app.read(actor, world.workspace, get_workspace).await;
    match &tried {
        Err(Error::KeptOut(unmet)) => unmet.to_string(),
        tried => outcome(tried),
    }
}

#[test]
fn a_policy_is_in_force_on_the_next_request() {
    both(async |world: World| {
        let owner = with_app(&world, "owner");
        let by_mail = came(&world, "member", FirstFactor::MailCode, None, Some("192.0.2.8"));
        let weak = came(
            &world,
            "member",
            FirstFactor::Password,
            Some(SecondFactor::MailCode),
            Some("192.0.2.8"),
        );
        assert_eq!(try_door(&world, by_mail).await, "ok");

        let no_mail = SignInPolicy { ways: without(Way::Mail), ..SignInPolicy::default() };
        change(&world, owner, no_mail, Some(1)).await.unwrap();
        assert_eq!(try_door(&world, by_mail).await, "mail_forbidden");
        assert_eq!(try_door(&world, weak).await, "ok");

        let strong =
            SignInPolicy { second_factor: SecondFactorRule::Strong, ..SignInPolicy::default() };
        change(&world, owner, strong, Some(2)).await.unwrap();
        assert_eq!(try_door(&world, weak).await, "strong_second_factor");
        assert_eq!(try_door(&world, with_app(&world, "member")).await, "ok");
        // Of whom nothing is known, nothing is believed.
        assert_eq!(try_door(&world, world.actor("member")).await, "strong_second_factor");
        // Who does not belong there learns nothing of it.
        let stranger = came(&world, "stranger", FirstFactor::MailCode, None, None);
        assert_eq!(try_door(&world, stranger).await, "not found");
        // The program itself goes in and out.
        let system = Credential::System(world.member("member"));
        let system = Actor::new(system, world.app.new_request());
        assert_eq!(try_door(&world, system).await, "ok");
        // Another workspace has a policy of its own.
        let elsewhere = world.app.read(stranger, world.elsewhere, get_workspace).await;
        assert!(elsewhere.is_ok());
    });
}

#[test]
fn address_ranges_hold_for_sessions_and_are_sealed() {
    both(async |world: World| {
        let owner = with_app(&world, "owner");
        let networks = parse_networks("192.0.2.0/24 2001:db8:77::/48").unwrap();
        let policy = SignInPolicy { networks, ..SignInPolicy::default() };
        let saved = change(&world, owner, policy.clone(), None).await.unwrap();
        assert_eq!((saved.version, &saved.policy), (2, &policy));
        let from = |from| came(&world, "member", FirstFactor::MailCode, None, from);
        for inside in ["192.0.2.255", "2001:db8:77::1", "::ffff:192.0.2.3"] {
            assert_eq!(try_door(&world, from(Some(inside))).await, "ok", "{inside}");
        }
        for outside in [Some("192.0.3.1"), Some("2001:db8:78::1"), None] {
            assert_eq!(try_door(&world, from(outside)).await, "network", "{outside:?}");
        }
        // Read back as it was, also after it was sealed anew.
        let read = world.app.read(owner, world.workspace, get_policy).await.unwrap();
        assert_eq!(read, saved);
        let other = SignInPolicy { ways: without(Way::Mail), ..policy };
        let saved = change(&world, owner, other.clone(), Some(2)).await.unwrap();
        assert_eq!((saved.version, saved.policy), (3, other));
        let open = change(&world, owner, SignInPolicy::default(), Some(3)).await.unwrap();
        assert_eq!(open.version, 4);
        assert_eq!(try_door(&world, from(None)).await, "ok");
    });
}

#[test]
fn nobody_shuts_the_door_behind_them() {
    both(async |world: World| {
        let by_mail = came(&world, "owner", FirstFactor::MailCode, None, Some("192.0.2.7"));
        let refused = async |policy: SignInPolicy| match change(&world, by_mail, policy, None).await
        {
            Err(Error::Refused(Refusal::PolicyKeepsYouOut(unmet))) => unmet.to_string(),
            other => outcome(&other),
        };
        let default = SignInPolicy::default;
        let no_mail = SignInPolicy { ways: without(Way::Mail), ..default() };
        assert_eq!(refused(no_mail.clone()).await, "mail_forbidden");
        let required = SignInPolicy { second_factor: SecondFactorRule::Required, ..default() };
        assert_eq!(refused(required).await, "second_factor");
        let elsewhere =
            SignInPolicy { networks: parse_networks("198.51.100.0/24").unwrap(), ..default() };
        assert_eq!(refused(elsewhere).await, "network");
        let nothing = SignInPolicy { ways: Ways::NONE, ..no_mail };
        assert_eq!(refused(nothing).await, "invalid ways");
        // Nothing of it was saved.
        let read = world.app.read(by_mail, world.workspace, get_policy).await.unwrap();
        assert_eq!(read, ReadPolicy { policy: default(), version: 1 });
    });
}

#[test]
fn who_sees_and_changes_the_policy() {
    both(async |world: World| {
        assert_roles!(
            "owner: ok, admin: ok, manager: forbidden, member: forbidden, stranger: not found",
            async |who| world.app.read(world.actor(who), world.workspace, get_policy).await
        );
        assert_roles!(
            "owner: ok, admin: ok, manager: forbidden, member: forbidden, stranger: not found",
            async |who| change(&world, world.actor(who), SignInPolicy::default(), None).await
        );
        // It asks for a fresh proof.
        let Credential::Session(user) = world.actor("owner").credential else { panic!() };
        let unproven =
            Actor { credential: Credential::UnprovenSession(user), ..with_app(&world, "owner") };
        let policy = SignInPolicy { ways: without(Way::Mail), ..SignInPolicy::default() };
        let asked = change(&world, unproven, policy.clone(), None).await;
        assert!(matches!(asked, Err(Error::NeedsProof)), "{asked:?}");
        // Of two at once, the second hears of the first.
        let owner = with_app(&world, "owner");
        change(&world, owner, policy, Some(1)).await.unwrap();
        let late = change(&world, owner, SignInPolicy::default(), Some(1)).await;
        assert!(matches!(late, Err(Error::Stale(2))), "{late:?}");
    });
}

#[test]
fn what_a_policy_would_do_is_counted() {
    both(async |world: World| {
        let strong =
            SignInPolicy { second_factor: SecondFactorRule::Strong, ..SignInPolicy::default() };
        let owner = with_app(&world, "owner");
        let look = async |actor| {
            world.app.look_at_consequences(actor, world.workspace, strong.clone()).await
        };
        // The world's people are members, and were never entered in the directory.
        assert_eq!(look(owner).await.unwrap(), Consequences::default());
        let refused = look(with_app(&world, "member")).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");

        let (app, workspace) = (&world.app, world.workspace);
        let ann = EmailAddress::parse("ann@example.com").unwrap();
        let bob = EmailAddress::parse("bob@example.com").unwrap();
        let ann = app.find_or_create_person(app.new_request(), ann).await.unwrap();
        let bob = app.find_or_create_person(app.new_request(), bob).await.unwrap();
        let open = move |op: &mut DirectoryOp, user, second| {
            let method = Method::MailCode;
            open_session(
                op,
                OpenSession { user, method, second, remember: false },
                &Origin::default(),
            )
            .map(drop)
        };
        let (first, other) = (world.member("member"), world.member("other"));
        let written = app.write_directory(app.new_request(), move |op| {
            insert_workspace(op, workspace)?;
            mark_workspace_ready(op, workspace)?;
            add_membership(op, ann, workspace, first)?;
            add_membership(op, bob, workspace, other)?;
            open(op, ann, Some(SecondFactor::Totp))?;
            open(op, ann, None)?;
            open(op, bob, Some(SecondFactor::MailCode))
        });
        written.await.unwrap();
        let found = look(owner).await.unwrap();
        let expected = Consequences {
            people: 2,
            without_second: 2,
            sessions: 3,
            kept_out: 2,
            ..Consequences::default()
        };
        assert_eq!(found, expected);
        // What has ended is not counted: an hour later nobody is signed in.
        world.set_clock("2026-11-20T13:00:01Z");
        let found = look(owner).await.unwrap();
        assert_eq!((found.people, found.sessions, found.kept_out), (2, 0, 0));
    });
}

/// Somebody who has shown who they are at that instant.
fn since(actor: Actor, at: &str, is_remembered: bool) -> Actor {
    let since = Some(Since { at: at.parse().unwrap(), is_remembered });
    Actor { came: Came { since, ..actor.came }, ..actor }
}

#[test]
fn a_session_that_is_too_old_stays_at_the_door_also_where_a_browser_remembers_it() {
    both(async |world: World| {
        let now = "2026-11-20T12:00:00Z";
        let owner = since(with_app(&world, "owner"), now, false);
        let member = came(&world, "member", FirstFactor::MailCode, None, Some("192.0.2.8"));
        let at = |at: &str| since(member, at, false);
        let remembered = |at: &str| since(member, at, true);
        let old = "2026-11-13T12:00:00Z";
        assert_eq!(try_door(&world, remembered(old)).await, "ok");
        for (longest_session, last) in [
            (LongestSession::SevenDays, "2026-11-13T12:00:01Z"),
            (LongestSession::Day, "2026-11-19T12:00:01Z"),
            (LongestSession::HalfDay, "2026-11-20T00:00:01Z"),
        ] {
            let policy = SignInPolicy { longest_session, ..SignInPolicy::default() };
            change(&world, owner, policy.clone(), None).await.unwrap();
            assert_eq!(
                world.app.read(owner, world.workspace, get_policy).await.unwrap().policy,
                policy
            );
            for young in [at(last), remembered(last)] {
                assert_eq!(try_door(&world, young).await, "ok", "{longest_session}");
            }
            for too_old in [at(old), remembered(old), member] {
                assert_eq!(try_door(&world, too_old).await, "too_old", "{longest_session}");
            }
        }
        let alone = SignInPolicy { allows_remembering: false, ..SignInPolicy::default() };
        change(&world, owner, alone, None).await.unwrap();
        assert_eq!(try_door(&world, at(old)).await, "ok");
        assert_eq!(try_door(&world, remembered(now)).await, "remembered");
        // Who asks does not shut the door behind them.
        let stale = since(with_app(&world, "owner"), old, false);
        let day = SignInPolicy { longest_session: LongestSession::Day, ..SignInPolicy::default() };
        let refused = change(&world, stale, day.clone(), None).await;
        assert!(
            matches!(&refused, Err(Error::Refused(Refusal::PolicyKeepsYouOut(unmet))) if unmet.as_str() == "too_old"),
            "{refused:?}"
        );
        // An owner's act, as all that keeps people out.
        let admin = since(with_app(&world, "admin"), now, false);
        let refused = change(&world, admin, day, None).await;
        assert_eq!(outcome(&refused), "sign_in_policy.owners_only");
    });
}

/// Who has what: nothing, a code by mail after a password, a passkey of another host, a provider.
#[test]
fn the_consequences_count_what_the_rule_takes_and_who_has_no_other_way() {
    both(async |world: World| {
        let (app, workspace) = (&world.app, world.workspace);
        let mut people = Vec::new();
        for address in ["ann@example.com", "bob@example.com", "eve@example.com", "kim@example.com"]
        {
            let address = EmailAddress::parse(address).unwrap();
            people.push(app.find_or_create_person(app.new_request(), address).await.unwrap());
        }
        let [ann, bob, eve, kim] = people[..] else { panic!() };
        let members = ["member", "other", "manager", "admin"].map(|name| world.member(name));
        let people = [ann, bob, eve, kim];
        let from =
            |network: &str| Origin { network: Some(network.to_owned()), ..Origin::default() };
        let (office, home) = (from("192.0.2.7"), from("2001:db8:1::/64"));
        let written = app.write_directory(app.new_request(), move |op| {
            insert_workspace(op, workspace)?;
            mark_workspace_ready(op, workspace)?;
            for (user, member) in people.into_iter().zip(members) {
                add_membership(op, user, workspace, member)?;
            }
            let open = |op: &mut DirectoryOp, user, origin: &Origin| {
                let method = Method::MailCode;
                open_session(
                    op,
                    OpenSession { user, method, second: None, remember: false },
                    origin,
                )
            };
            open(op, ann, &office)?;
            open(op, bob, &home)?;
            Ok(())
        });
        written.await.unwrap();
        // Ann wants a code by mail after a password that she has not, and has an account at another
        // workspace's provider; Bob has both; Eve has a password; Kim has a passkey of another host.
        for (sql, user) in [
            ("INSERT INTO passwords VALUES ($1, 'x', 1, 0, 0)", bob),
            ("INSERT INTO passwords VALUES ($1, 'x', 1, 0, 0)", eve),
            ("UPDATE people SET second_mail_at = 1 WHERE id = $1", ann),
            ("UPDATE people SET second_mail_at = 1 WHERE id = $1", bob),
            ("INSERT INTO provider_links VALUES ($1, $1, $1, $1, $2, 0, NULL)", ann),
            (
                "INSERT INTO passkeys (id, user_id, slot, credential_mac, domain, credential_sealed,
                                       credential_rev, name_sealed, name_rev, created_at)
                 VALUES ($1, $1, 1, $2, 'elsewhere.example', $2, 1, $2, 1, 0)",
                kim,
            ),
        ] {
            let put = Statement::new("test.put", sql);
            let directory = app.store().directory();
            let mut values = vec![user.into()];
            if sql.contains("$2") {
                values.push(user.as_bytes().to_vec().into());
            }
            let put: Result<u64, store::StoreError> =
                directory.write(move |tx| tx.execute(&put, &values)).await;
            put.unwrap();
        }
        let look = async |policy: SignInPolicy| {
            let owner = with_app(&world, "owner");
            world.app.look_at_consequences(owner, world.workspace, policy).await.unwrap()
        };
        let default = SignInPolicy::default;
        let elsewhere =
            SignInPolicy { networks: parse_networks("192.0.2.0/24").unwrap(), ..default() };
        let found = look(elsewhere).await;
        assert_eq!((found.sessions, found.elsewhere, found.kept_out), (2, 1, 0));
        world.set_clock("2026-11-20T12:50:00Z");
        let no_mail = SignInPolicy { ways: without(Way::Mail), ..default() };
        let found = look(no_mail).await;
        assert_eq!((found.people, found.without_way, found.kept_out), (4, 2, 2));
        for (second_factor, lacking) in [
            (SecondFactorRule::Optional, 0),
            (SecondFactorRule::Required, 3),
            (SecondFactorRule::Strong, 4),
        ] {
            let found = look(SignInPolicy { second_factor, ..default() }).await;
            assert_eq!((found.without_way, found.without_second), (0, lacking), "{second_factor}");
        }
        // Where passwords are forbidden, what follows them is none.
        let required = SecondFactorRule::Required;
        let ways = without(Way::Passwords);
        let found = look(SignInPolicy { ways, second_factor: required, ..default() }).await;
        assert_eq!(found.without_second, 4);
        // The world's owner and members have no tokens that are used elsewhere.
        assert_eq!(found.tokens_elsewhere, 0);
    });
}

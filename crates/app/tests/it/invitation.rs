//! Invitations sent again.

use std::sync::{Arc, Mutex};

use app::{
    Actor, Credential, Invite, JoinWorkspace,
    identity::{Origin, claim_due_letters, insert_workspace, mark_workspace_ready},
    invitation::{Invitation, list_invitations, revoke_invitation},
    time_entry::Added,
};
use domain::{
    day::Zone, ids::InvitationId, permission::Role, preference::Locale, text::EmailAddress,
};
use testkit::{World, both};

use crate::{
    assert_roles,
    steps::{name, outcome, read, write},
};

const BASE_URL: &str = "http://localhost:8420";

pub(crate) async fn invite(world: &World) -> Invitation {
    let command = Invite {
        id: None,
        address: EmailAddress::parse("new@example.org").unwrap(),
        role: Role::Manager.into(),
        base_url: BASE_URL.to_owned(),
        request_body: None,
    };
    let sent = world.app.invite(world.actor("admin"), world.workspace, command).await;
    sent.unwrap().into_inner()
}

#[test]
fn an_unsent_letter_is_taken_back_when_another_is_sent() {
    both(async |world: World| {
        let first = invite(&world).await;
        let base_url = BASE_URL.to_owned();
        let again =
            world.app.invite_again(world.actor("admin"), world.workspace, first.id, base_url);
        again.await.unwrap();
        let tokens = tokens(&world).await;
        assert_eq!(tokens.len(), 1, "one letter, with the link that works");
        let request = world.app.new_request();
        let looked = world.app.look_at_join_link(request, &tokens[0]).await;
        assert_eq!(outcome(&looked), "ok");
    });
}

#[test]
fn who_may_not_invite_begins_nothing() {
    both(async |world: World| {
        let steps: Arc<Mutex<Vec<&'static str>>> = Arc::default();
        let passed = Arc::clone(&steps);
        world.app.stop_acts(move |step| {
            passed.lock().unwrap().push(step);
            false
        });
        let send = async |who: &str, role: Role| {
            let command = Invite {
                id: None,
                address: EmailAddress::parse("new@example.org").unwrap(),
                role: role.into(),
                base_url: BASE_URL.to_owned(),
                request_body: None,
            };
            let workspace = world.workspace;
            outcome(&world.app.invite(world.actor(who), workspace, command).await)
        };
        assert_eq!(send("manager", Role::Member).await, "forbidden");
        assert_eq!(send("admin", Role::Owner).await, "forbidden");
        assert!(steps.lock().unwrap().is_empty(), "{steps:?}");
    });
}

/// What the links of letters not sent yet carry.
async fn tokens(world: &World) -> Vec<String> {
    let request = world.app.new_request();
    let letters =
        world.app.write_directory(request, |op| claim_due_letters(op, 10)).await.unwrap().letters;
    let links = letters.iter().flat_map(|claimed| claimed.letter.body().split_whitespace());
    links.filter_map(|word| Some(word.split_once("/join/")?.1.to_owned())).collect()
}

#[test]
fn the_newest_link_of_an_invitation_is_the_one_that_works() {
    both(async |world: World| {
        let first = invite(&world).await;
        let again = |who| {
            let base_url = BASE_URL.to_owned();
            world.app.invite_again(world.actor(who), world.workspace, first.id, base_url)
        };
        let old = tokens(&world).await;
        let second = again("admin").await.unwrap();
        assert_eq!((second.address, second.role), (first.address.clone(), first.role));
        let open = read(&world, "owner", list_invitations).await.unwrap();
        assert_eq!(open.iter().map(|one| one.id).collect::<Vec<_>>(), [second.id]);
        let new = tokens(&world).await;
        assert_eq!((old.len(), new.len()), (1, 1));
        let look = async |token: &str| {
            let request = world.app.new_request();
            outcome(&world.app.look_at_join_link(request, token).await)
        };
        assert_eq!(look(&old[0]).await, "link.not_valid");
        assert_eq!(look(&new[0]).await, "ok");
        // Twice at once, or by somebody who may not: the open one stays.
        assert_roles!(
            "owner: not found, admin: not found, manager: forbidden, member: forbidden, \
             stranger: not found",
            async |who| again(who).await
        );
        assert_eq!(look(&new[0]).await, "ok");
        write(&world, "owner", move |op| revoke_invitation(op, second.id)).await.unwrap();
        assert_eq!(look(&new[0]).await, "link.not_valid");
    });
}

/// One that has expired makes way for a new one of the same address, which the history shows; others
/// that have expired are left alone.
#[test]
fn an_expired_invitation_makes_way_and_says_so() {
    both(async |world: World| {
        let first = invite(&world).await;
        let command = Invite {
            id: None,
            address: EmailAddress::parse("another@example.org").unwrap(),
            role: Role::Member.into(),
            base_url: BASE_URL.to_owned(),
            request_body: None,
        };
        let sent = world.app.invite(world.actor("admin"), world.workspace, command).await;
        let other = sent.unwrap().into_inner();
        world.set_clock("2026-12-05T12:00:01Z");
        let second = invite(&world).await;
        assert_ne!(second.id, first.id);
        assert_eq!(world.events_of(first.id).await, ["invitation.sent", "invitation.revoked"]);
        assert_eq!(world.events_of(second.id).await, ["invitation.sent"]);
        assert_eq!(world.events_of(other.id).await, ["invitation.sent"]);
        let open = read(&world, "owner", list_invitations).await.unwrap();
        assert_eq!(open.iter().map(|one| one.id).collect::<Vec<_>>(), [second.id]);
    });
}

/// The same request again, its answer lost, finds the invitation whatever has become of it.
#[test]
fn an_invitation_that_is_over_is_known_again() {
    both(async |world: World| {
        let (me, place) = (world.actor("admin"), world.workspace);
        let send = async |n: u128, body: &[u8]| {
            let command = Invite {
                id: Some(InvitationId::from_uuid(uuid::Uuid::from_u128(n))),
                address: EmailAddress::parse(&format!("guest{n}@example.org")).unwrap(),
                role: Role::Member.into(),
                base_url: BASE_URL.to_owned(),
                request_body: Some(body.to_vec()),
            };
            world.app.invite(me, place, command).await
        };
        let known = world.app.write_directory(world.app.new_request(), move |op| {
            insert_workspace(op, place)?;
            mark_workspace_ready(op, place)
        });
        known.await.unwrap();
        for n in 1..=3 {
            assert!(matches!(send(n, b"{}").await, Ok(Added::New(_))), "{n}");
        }
        let links = tokens(&world).await;
        let first = InvitationId::from_uuid(uuid::Uuid::from_u128(1));
        write(&world, "admin", move |op| revoke_invitation(op, first)).await.unwrap();
        for token in links {
            let request = world.app.new_request();
            let looked = world.app.look_at_join_link(request, &token).await;
            if looked.is_ok_and(|found| found.address.as_str() == "guest2@example.org") {
                let zone = Zone::parse("Europe/Paris").unwrap();
                let name = name("A guest");
                let command = JoinWorkspace {
                    token,
                    name,
                    zone,
                    locale: Locale::EnGb,
                    cookie_hash: [7; 32],
                    origin: Origin::default(),
                };
                world.app.join(request, command).await.unwrap();
            }
        }
        world.set_clock("2026-12-05T12:00:01Z");
        for n in 1..=3 {
            let again = send(n, b"{}").await;
            let Ok(Added::Before(found)) = again else { panic!("{n}: {again:?}") };
            assert_eq!(found.address, format!("guest{n}@example.org"));
            assert_eq!(outcome(&send(n, b"{ }").await), "id taken", "{n}");
        }
        assert!(tokens(&world).await.is_empty(), "no letter is sent again");
    });
}

/// Taking one back asks for what sending it asks for.
#[test]
fn an_invitation_is_revoked_by_who_may_give_what_it_gives() {
    both(async |world: World| {
        let send = async |who: &str, role: Role, address: &str| {
            let command = Invite {
                id: None,
                address: EmailAddress::parse(address).unwrap(),
                role: role.into(),
                base_url: BASE_URL.to_owned(),
                request_body: None,
            };
            world.app.invite(world.actor(who), world.workspace, command).await.unwrap().into_inner()
        };
        let owners = send("owner", Role::Owner, "owner@new.example").await.id;
        let mut answers = Vec::new();
        for who in ["admin", "manager", "member", "stranger", "owner", "owner"] {
            let revoked = write(&world, who, move |op| revoke_invitation(op, owners)).await;
            answers.push(outcome(&revoked));
        }
        let refused = ["forbidden", "forbidden", "forbidden", "not found"];
        assert_eq!(answers[..4], refused);
        assert_eq!(answers[4..], ["ok", "not found"], "once");
        // What gives power is taken back with a fresh proof, as it is given.
        let admins = send("admin", Role::Admin, "admin@new.example").await.id;
        let members = send("admin", Role::Member, "member@new.example").await.id;
        let Credential::Session(user) = world.actor("admin").credential else { panic!() };
        let stale = Actor::new(Credential::UnprovenSession(user), world.app.new_request());
        let revoke = async |id| {
            let workspace = world.workspace;
            outcome(&world.app.write(stale, workspace, move |op| revoke_invitation(op, id)).await)
        };
        assert_eq!([revoke(admins).await, revoke(members).await], ["needs proof", "ok"]);
        // An expired one gives nothing any more, so it makes way for whoever may send another one.
        let late = send("owner", Role::Owner, "late@new.example").await.id;
        world.set_clock("2026-12-05T12:00:01Z");
        send("admin", Role::Member, "late@new.example").await;
        let mut events = world.events_of(late).await;
        events.sort();
        assert_eq!(events, ["invitation.revoked", "invitation.sent"]);
    });
}

//! What asks for a fresh proof of who somebody is (T-OTT 36).

use app::{
    Actor, Credential, Error, Invite, Op,
    actor::Scope,
    member::{change_role, remove_member_here},
    provider::{
        AddProvider, ChangeProvider, NewSettings, add_provider, change_provider, get_provider,
        list_providers, read_issuer, read_secret, remove_provider,
    },
    role::{AddRole, ChangeRole, add_role, change_own_role, delete_role, get_role, list_roles},
    tag,
    team::{add_team, delete_team, put_team_member},
    token::{create_token, list_tokens_of, revoke_token},
    workspace::{ChangeWorkspace, change_workspace},
};
use domain::{
    permission::{Grant, Grants, Role},
    text::EmailAddress,
};
use testkit::{World, both};

use crate::steps::{name, new_token, outcome, read, write};

type Act = fn(&mut Op, &World) -> Result<(), Error>;

fn role_of_other(op: &mut Op, world: &World, role: Role) -> Result<(), Error> {
    change_role(op, world.member("other"), role, None).map(drop)
}

fn token(op: &mut Op, scope: Scope) -> Result<(), Error> {
    create_token(op, new_token(scope)).map(drop)
}

#[test]
fn ott_36_what_gives_power_away_needs_a_fresh_proof() {
    let acts: [(&str, bool, Act); 15] = [
        ("makes an owner", true, |op, world| role_of_other(op, world, Role::Owner)),
        ("takes an owner's role", true, |op, world| role_of_other(op, world, Role::Member)),
        ("makes an admin", true, |op, world| role_of_other(op, world, Role::Admin)),
        ("takes an admin's role", true, |op, world| role_of_other(op, world, Role::Manager)),
        ("makes a manager a member", false, |op, world| role_of_other(op, world, Role::Member)),
        ("makes an auditor", true, |op, world| role_of_other(op, world, Role::Auditor)),
        ("takes an auditor's role", true, |op, world| role_of_other(op, world, Role::Member)),
        ("makes a manager of a team", true, |op, world| {
            let team = add_team(op, None, &name("Larches"), None)?.into_inner().id;
            put_team_member(op, team, world.member("manager"), true).map(drop)
        }),
        ("puts somebody in a team", false, |op, world| {
            let team = add_team(op, None, &name("Firs"), None)?.into_inner().id;
            put_team_member(op, team, world.member("member"), false).map(drop)
        }),
        ("deletes a team", true, |op, _| {
            let team = add_team(op, None, &name("Oaks"), None)?.into_inner().id;
            delete_team(op, team, None)
        }),
        ("revokes a token of somebody else", true, |op, world| {
            let tokens = list_tokens_of(op, world.member("manager"))?;
            tokens.iter().try_for_each(|token| revoke_token(op, token.id))
        }),
        ("makes a full token", true, |op, _| token(op, Scope::Full)),
        ("makes a token that reads", false, |op, _| token(op, Scope::Read)),
        ("changes the settings", true, |op, _| {
            let name = Some(name("Another name"));
            change_workspace(op, ChangeWorkspace { name, ..ChangeWorkspace::default() }).map(drop)
        }),
        ("adds a tag", false, |op, _| tag::add_tag(op, None, &name("urgent"), None).map(drop)),
    ];
    both(async |world: World| {
        let world = std::sync::Arc::new(world);
        let user = world.people["owner"].user;
        let of_manager = world.actor("manager");
        let made = world.app.write(of_manager, world.workspace, |op| token(op, Scope::Read));
        made.await.unwrap();
        let run = async |credential, act: Act| {
            let actor = Actor::new(credential, world.app.new_request());
            let here = std::sync::Arc::clone(&world);
            let ran = world.app.write(actor, world.workspace, move |op| act(op, &here));
            outcome(&ran.await)
        };
        for (what, is_grave, act) in acts {
            if is_grave {
                let refused = run(Credential::UnprovenSession(user), act).await;
                assert_eq!(refused, "needs proof", "{what}");
                assert_eq!(run(Credential::Session(user), act).await, "ok", "{what}");
            } else {
                assert_eq!(run(Credential::UnprovenSession(user), act).await, "ok", "{what}");
            }
        }
        let unproven = Actor::new(Credential::UnprovenSession(user), world.app.new_request());
        let invite = async |role: Role| {
            let command = Invite {
                id: None,
                address: EmailAddress::parse(&format!("{role}@example.org")).unwrap(),
                role: role.into(),
                base_url: "https://time.example".to_owned(),
                request_body: None,
            };
            outcome(&world.app.invite(unproven, world.workspace, command).await)
        };
        assert_eq!(invite(Role::Owner).await, "needs proof");
        assert_eq!(invite(Role::Admin).await, "needs proof");
        assert_eq!(invite(Role::Accountant).await, "needs proof");
        assert_eq!(invite(Role::Member).await, "ok");
        let other = world.member("other");
        let removed =
            world.app.write(unproven, world.workspace, move |op| remove_member_here(op, other));
        assert_eq!(outcome(&removed.await), "needs proof");
        let removed = world.app.remove_member(unproven, world.workspace, other).await;
        assert_eq!(outcome(&removed), "needs proof");
        // Whoever may not is told that, and not to prove who they are.
        let member = world.people["member"].user;
        let act = acts[0].2;
        assert_eq!(run(Credential::UnprovenSession(member), act).await, "not found");
        // Leaving gives nothing away.
        let leave = Actor::new(Credential::UnprovenSession(member), world.app.new_request());
        assert_eq!(outcome(&world.app.leave(leave, world.workspace).await), "ok");
    });
}

/// In a session that is not fresh: what it answers, and nothing has changed by it.
async fn unproven<T: Send + 'static>(
    world: &World,
    act: impl FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
) -> String {
    let user = world.people["owner"].user;
    let actor = Actor::new(Credential::UnprovenSession(user), world.app.new_request());
    outcome(&world.app.write(actor, world.workspace, act).await)
}

#[test]
fn ott_36_roles_that_give_power_are_built_and_changed_with_a_fresh_proof_alone() {
    both(async |world: World| {
        let role = |text: &str, grants: &[Grant]| AddRole {
            id: None,
            name: name(text),
            grants: Grants::of(grants.iter().copied()),
            body: None,
        };
        let power = role("Power", &[Grant::InviteMembers]);
        let (asked, made) = (power.clone(), power);
        let refused = unproven(&world, move |op| add_role(op, asked.clone())).await;
        assert_eq!(refused, "needs proof");
        let roles = read(&world, "owner", list_roles).await.unwrap();
        assert!(!roles.iter().any(|role| role.name == "Power"));
        let id = write(&world, "owner", move |op| add_role(op, made.clone())).await;
        let id = id.unwrap().into_inner().id;
        let change = |grants: Option<&[Grant]>| ChangeRole {
            grants: grants.map(|grants| Grants::of(grants.iter().copied())),
            name: Some(name("Renamed")),
            ..ChangeRole::default()
        };
        // Giving power and taking it away, renaming what gives it, deleting it.
        for grants in [Some([Grant::ReadMembers].as_slice()), None] {
            let change = change(grants);
            let refused = unproven(&world, move |op| change_own_role(op, id, change.clone())).await;
            assert_eq!(refused, "needs proof");
        }
        let refused = unproven(&world, move |op| delete_role(op, id, None)).await;
        assert_eq!(refused, "needs proof");
        let found = read(&world, "owner", move |op| get_role(op, id)).await.unwrap();
        assert_eq!((found.name.as_str(), found.version), ("Power", 1));
        // One that gives none asks for nothing, until it is to give some.
        let plain = role("Plain", &[Grant::ReadMembers]);
        assert_eq!(unproven(&world, move |op| add_role(op, plain.clone())).await, "ok");
        let roles = read(&world, "owner", list_roles).await.unwrap();
        let plain = roles.iter().find(|role| role.name == "Plain").unwrap().id;
        let more = change(Some(&[Grant::ReadMembers, Grant::ManageRoles]));
        let refused = unproven(&world, move |op| change_own_role(op, plain, more.clone())).await;
        assert_eq!(refused, "needs proof");
        let less = change(Some(&[]));
        let done = unproven(&world, move |op| change_own_role(op, plain, less.clone())).await;
        assert_eq!(done, "ok");
        assert_eq!(unproven(&world, move |op| delete_role(op, plain, None)).await, "ok");
        let done = write(&world, "owner", move |op| delete_role(op, id, None)).await;
        assert_eq!(outcome(&done), "ok");
    });
}

#[test]
fn ott_36_providers_are_set_up_changed_and_removed_with_a_fresh_proof_alone() {
    both(async |world: World| {
        let prepared = world.app.prepare_provider_secrets(world.actor("owner"), world.workspace);
        prepared.await.unwrap();
        let settings = |label: &str| NewSettings {
            label: label.to_owned(),
            client_id: "timeproof".to_owned(),
            asks_second: false,
            classes: String::new(),
        };
        let add = move |op: &mut Op| {
            let issuer = read_issuer("https://id.example.org")?;
            let secret = read_secret("a secret")?;
            let settings = settings("Example ID");
            add_provider(op, &AddProvider { id: None, issuer, settings, secret, body: None })
        };
        assert_eq!(unproven(&world, add).await, "needs proof");
        assert!(read(&world, "owner", list_providers).await.unwrap().is_empty());
        let id = write(&world, "owner", add).await.unwrap().into_inner().id;
        let change = move |secret: Option<&'static str>| {
            move |op: &mut Op| {
                let secret = secret.map(read_secret).transpose()?;
                let settings = settings("Renamed");
                change_provider(
                    op,
                    &ChangeProvider { id, settings, secret, expected_version: None },
                )
            }
        };
        assert_eq!(unproven(&world, change(None)).await, "needs proof");
        assert_eq!(unproven(&world, change(Some("another secret"))).await, "needs proof");
        assert_eq!(unproven(&world, move |op| remove_provider(op, id, None)).await, "needs proof");
        let found = read(&world, "owner", move |op| get_provider(op, id)).await.unwrap();
        assert_eq!((found.label.as_str(), found.version), ("Example ID", 1));
        assert_eq!(outcome(&write(&world, "owner", change(None)).await), "ok");
        let removed = write(&world, "owner", move |op| remove_provider(op, id, None)).await;
        assert_eq!(outcome(&removed), "ok");
    });
}

#[test]
fn ott_36_second_factors_are_reset_with_a_fresh_proof_alone() {
    both(async |world: World| {
        let (user, member) = (world.people["owner"].user, world.member("other"));
        let reset = async |credential| {
            let actor = Actor::new(credential, world.app.new_request());
            let base_url = "https://time.example".to_owned();
            let asked = world.app.reset_factors_of(actor, world.workspace, member, base_url).await;
            outcome(&asked)
        };
        assert_eq!(reset(Credential::UnprovenSession(user)).await, "needs proof");
        // Proven, it is looked at: this one belongs to no workspace in the directory.
        assert_eq!(reset(Credential::Session(user)).await, "member.not_all_theirs");
    });
}

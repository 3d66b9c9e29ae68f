//! What asks for a fresh proof of who somebody is (T-OTT 36).

use app::{
    Actor, Credential, Error, Invite, Op,
    actor::Scope,
    member::{change_role, remove_member_here},
    tag,
    team::{add_team, delete_team, put_team_member},
    token::{CreateToken, create_token, list_tokens_of, revoke_token},
    workspace::{ChangeWorkspace, change_workspace},
};
use domain::{permission::Role, text::EmailAddress};
use testkit::{World, both};

use crate::steps::{name, outcome};

type Act = fn(&mut Op, &World) -> Result<(), Error>;

fn role_of_other(op: &mut Op, world: &World, role: Role) -> Result<(), Error> {
    change_role(op, world.member("other"), role, None).map(drop)
}

fn token(op: &mut Op, scope: Scope) -> Result<(), Error> {
    let name = name("A program");
    let command = CreateToken {
        id: None,
        name,
        scope,
        expires_in_days: 30,
        networks: Vec::new(),
        body: None,
    };
    create_token(op, command).map(drop)
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

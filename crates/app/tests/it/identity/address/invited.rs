//! Members who accept an invitation that was sent to what is their own new address.

use app::{
    invitation::list_invitations,
    member::{change_role, list_members},
    project::{AddProject, add_project, list_project_members, put_project_member},
    team::{add_team, list_team_members, put_team_member},
};
use domain::{permission::Role, text::Name};

use super::*;
use crate::acts::joining;

#[test]
fn who_is_a_member_already_stays_what_they_are_and_what_they_manage() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let (app, workspace) = (ann.stage.app(), ann.workspace);
        let bob = ann.stage.guest(ann.user, workspace, "bob@example.org").await;
        let owner = ann.stage.actor(ann.user);
        let made = app.write(owner, workspace, move |op| {
            let name = Name::parse("Design").unwrap();
            let found = list_members(op)?.into_iter().find(|member| member.user == bob);
            let member = found.unwrap().id;
            change_role(op, member, Role::Manager, None)?;
            let team = add_team(op, None, &name, None)?.into_inner().id;
            put_team_member(op, team, member, true)?;
            let project = AddProject {
                id: None,
                client: None,
                name,
                hue: None,
                billable: None,
                open: None,
                body: None,
            };
            let project = add_project(op, project)?.into_inner().id;
            put_project_member(op, project, member, true)?;
            Ok((member, team, project))
        });
        let (member, team, project) = made.await.unwrap();
        // Invited under an address that is nobody's yet.
        ann.stage.invite(ann.user, workspace, NEW).await;
        let tokens = ann.stage.mailed(NEW).await;
        let session = ann.session_of(bob).await;
        let (code, _, _) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));

        let before = ann.events("member.joined").await;
        let accepted = ann.events("invitation.accepted").await;
        let joined = app.join(app.new_request(), joining(&tokens[0])).await.unwrap();
        assert!(joined.sign_in.is_none(), "who is known signs in as ever");
        let found = app.read(owner, workspace, move |op| {
            let of_team = list_team_members(op, team)?;
            let of_project = list_project_members(op, project)?;
            let here = list_members(op)?.into_iter().find(|found| found.id == member).unwrap();
            let manages = of_team.iter().any(|it| it.member == member && it.is_manager)
                && of_project.iter().any(|it| it.member == member && it.is_manager);
            Ok((here.role.role, here.name, manages, list_invitations(op)?.len()))
        });
        let found = found.await.unwrap();
        assert_eq!(found, (Role::Manager, "A guest".to_owned(), true, 0));
        assert_eq!(ann.events("member.joined").await, before, "they came before");
        assert_eq!(ann.events("invitation.accepted").await, accepted + 1);
        let again = app.join(app.new_request(), joining(&tokens[0])).await;
        assert_eq!(outcome(&again), "link.not_valid");
    });
}

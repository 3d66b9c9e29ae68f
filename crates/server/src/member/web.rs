//! The page of people: members, their roles, invitations.

use app::{
    Error, Invite, Me, Op,
    invitation::{Invitation, list_invitations, revoke_invitation},
    member::{VisibleMember, change_role, get_member, list_members},
    token::may_list_tokens_of,
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use domain::{
    ids::{InvitationId, MemberId},
    permission::{Relation, Right, Role, Standing, may_assign},
};
use jiff::Timestamp;

use super::{
    choices::roles,
    view::{InvitationRow, InviteForm, LeavePage, MemberRow, PeoplePage},
};
use crate::{
    page::{Place, initials},
    state::Server,
    wall,
    web::{
        Flash, Frame, PageError, PageResult, Refused, SignedIn, Typed, hue_of_member, page_with,
        redirect,
    },
};

/// Routes of the page of people.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/people", get(list))
        .route("/w/{workspace}/people/leave", get(ask_to_leave))
        .route("/w/{workspace}/people/{id}", post(save))
        .route("/w/{workspace}/people/{id}/remove", post(remove))
        .route("/w/{workspace}/people/{id}/reset-factors", post(reset_factors))
        .route("/w/{workspace}/people/{id}/stop-reset", post(stop_reset))
        .route("/w/{workspace}/invitations", post(invite))
        .route("/w/{workspace}/invitations/{id}/send-again", post(send_again))
        .route("/w/{workspace}/invitations/{id}/withdraw", post(withdraw))
}

type One = Path<(String, String)>;

async fn list(State(server): State<Server>, member: SignedIn) -> PageResult {
    show(&server, &member, None).await
}

/// Which form was refused.
#[derive(Clone, Copy)]
enum Form {
    Invitation,
    /// That of a member's role, with its button to remove them.
    Role(MemberId),
    /// The button for who has lost their second step.
    Reset,
}

/// Shows the page; what was refused stands in its form again, that of a member or the invitation.
async fn show(server: &Server, member: &SignedIn, refused: Option<(Form, Refused)>) -> PageResult {
    let read = |op: &mut Op| Ok((Frame::read(op)?, body(op)?, (op.me().clone(), op.now())));
    let (frame, mut page, reader) = member.read(server, read).await?;
    if let Some(form) = &mut page.invite {
        form.mail_note = mail_note(server);
    }
    show_resets(server, member, &mut page, &reader).await?;
    let mut status = StatusCode::OK;
    if let Some((form, refused)) = refused {
        status = refused.status;
        put_back(&mut page, form, &refused);
    }
    let layout = frame.layout(server, member, Place::People, "people", "People").await?;
    Ok(page_with(status, &PeoplePage { layout, ..page }))
}

/// Whose second step is about to be taken away stands beside them, with what stops it.
async fn show_resets(
    server: &Server,
    member: &SignedIn,
    page: &mut PeoplePage,
    (me, now): &(Me, Timestamp),
) -> Result<(), PageError> {
    if !page.members.iter().any(|row| row.can_reset) {
        return Ok(());
    }
    let open = server.app.open_resets(member.actor, member.workspace).await;
    for (id, due_at) in open.map_err(|error| member.fail(error))? {
        let id = id.to_string();
        if let Some(row) = page.members.iter_mut().find(|row| row.id == id) {
            row.reset_due = wall::moment(me, *now, due_at);
        }
    }
    Ok(())
}

/// Where mail goes while no server is configured for it.
fn mail_note(server: &Server) -> String {
    let note = "No mail server is configured: you find the invitation in the server’s terminal, and \
                in the “mail” folder of its data.";
    if server.config.smtp.is_some() { String::new() } else { note.to_owned() }
}

fn body(op: &mut Op) -> Result<PeoplePage, Error> {
    let me = op.me().member;
    let members = if op.may(Right::ReadMembers, Relation::Workspace) {
        list_members(op)?
    } else {
        vec![get_member(op, me)?]
    };
    let rows = members.iter().map(|member| member_row(op, member));
    let mut page = PeoplePage { members: rows.collect::<Result<_, _>>()?, ..PeoplePage::default() };
    if op.may(Right::InviteMembers, Relation::Workspace) {
        let names = op.names()?;
        let invitations = list_invitations(op)?;
        let inviter = |one: &Invitation| {
            let inviter = names.members.get(&one.invited_by);
            inviter.map(|member| member.name.clone()).unwrap_or_default()
        };
        let rows = invitations.iter().map(|one| {
            let role = names.role_name(one.role);
            invitation_row(op, one, names.standing(one.role), (&role, &inviter(one)))
        });
        page.invitations = rows.collect();
        let role = roles(op, None, Role::Member.into())?;
        page.invite = Some(InviteForm { role, ..InviteForm::default() });
        let built_in = Role::ALL.iter().filter(|role| **role != Role::Own);
        let said = built_in.map(|role| (role.title().to_owned(), role.sentence().to_owned()));
        page.roles = said.collect();
    }
    Ok(page)
}

fn member_row(op: &mut Op, member: &VisibleMember) -> Result<MemberRow, Error> {
    let names = op.names()?;
    let me = op.me().member;
    let is_me = member.id == me;
    let relation = names.relation_of_members(me, member.id);
    let (mine, theirs) = (op.me().standing, names.standing(member.role));
    let may_change = op.may(Right::ChangeRoles, relation) && may_assign(mine, Some(theirs), theirs);
    let can_remove = if is_me {
        op.may(Right::LeaveWorkspace, Relation::Own)
    } else {
        op.may(Right::RemoveMembers, relation) && mine.covers(theirs)
    };
    let roles = may_change.then(|| roles(op, Some(theirs), member.role)).transpose()?;
    let client = member.role.client.and_then(|id| names.clients.get(&id));
    Ok(MemberRow {
        id: member.id.to_string(),
        name: member.name.clone(),
        initials: initials(&member.name),
        hue: hue_of_member(member.id.uuid()),
        email: member.address.clone().unwrap_or_default(),
        role: match client {
            Some(client) => format!("{} · {}", member.role_name, client.name),
            None => member.role_name.clone(),
        },
        is_me,
        roles,
        version: member.version.to_string(),
        can_remove,
        can_reset: op.may(Right::ResetFactors, relation),
        reset_due: String::new(),
        can_see_tokens: may_list_tokens_of(op, member.id)?,
        is_open: false,
    })
}

fn invitation_row(
    op: &Op,
    invitation: &Invitation,
    given: Standing,
    (role, inviter): (&str, &str),
) -> InvitationRow {
    let until = wall::day(op.me(), invitation.expires_at);
    // Nobody sends, or takes back, what gives a right they lack.
    let can_change = may_assign(op.me().standing, None, given);
    InvitationRow {
        id: invitation.id.to_string(),
        email: invitation.address.clone(),
        remark: format!("{role} · invited by {inviter} · until {until}"),
        can_change,
    }
}

/// Puts a refusal where its form is. What no field there can say stands beside the role, and above the
/// page where there is none to choose, or no field at all.
fn put_back(page: &mut PeoplePage, form: Form, refused: &Refused) {
    let role = match (form, &mut page.invite) {
        (Form::Role(id), _) => {
            let id = id.to_string();
            let row = page.members.iter_mut().find(|row| row.id == id);
            row.and_then(|row| {
                row.is_open = true;
                row.roles.as_mut()
            })
        }
        (Form::Invitation, Some(invite)) => {
            invite.email = refused.field("email");
            let is_said = !invite.email.error.is_empty();
            if is_said {
                refused.choose(&mut invite.role, "role");
                return;
            }
            Some(&mut invite.role)
        }
        (Form::Reset, _) | (Form::Invitation, None) => None,
    };
    let Some(role) = role else {
        page.error = refused.sentence();
        return;
    };
    refused.choose(role, "role");
    if role.error.is_empty() {
        role.error = refused.sentence();
    }
}

/// Changes a role.
async fn save(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let typed = form.clone();
    let saved = member
        .try_write(&server, move |op| {
            get_member(op, id)?;
            let relation = op.names()?.relation_of_members(op.me().member, id);
            op.require(Right::ChangeRoles, relation)?;
            let role = app::input::assignment_word(typed.get("role"))?;
            change_role(op, id, role, typed.version())
        })
        .await;
    match saved {
        Ok(_) => Ok(member.back("people", Some(Flash::Saved))),
        Err(error) => {
            show(&server, &member, Some((Form::Role(id), Refused::new(&member, form, error)?)))
                .await
        }
    }
}

/// Asks once more before somebody leaves.
async fn ask_to_leave(State(server): State<Server>, member: SignedIn) -> PageResult {
    let (frame, page) = member
        .read(&server, |op| {
            op.require(Right::LeaveWorkspace, Relation::Own)?;
            let page = LeavePage {
                id: op.me().member.to_string(),
                workspace: op.names()?.workspace.clone(),
                ..LeavePage::default()
            };
            Ok((Frame::read(op)?, page))
        })
        .await?;
    let layout = frame.layout(&server, &member, Place::People, "leave", "Leave").await?;
    Ok(page_with(StatusCode::OK, &LeavePage { layout, ..page }))
}

/// Removes somebody, or leaves.
async fn remove(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let (actor, workspace) = (member.actor, member.workspace);
    let me = server.app.read(actor, workspace, |op| Ok(op.me().member)).await;
    let is_me = me.map_err(|error| member.fail(error))? == id;
    let removed = if is_me {
        server.app.leave(actor, workspace).await
    } else {
        server.app.remove_member(actor, workspace, id).await
    };
    match removed {
        Ok(()) if is_me => Ok(redirect("/", Some(Flash::Left))),
        Ok(()) => Ok(member.back("people", Some(Flash::MemberRemoved))),
        Err(error) => {
            show(&server, &member, Some((Form::Role(id), Refused::new(&member, form, error)?)))
                .await
        }
    }
}

/// Announces that somebody's second factors are taken away, who has lost them.
async fn reset_factors(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let base_url = server.config.base_url();
    let announced = server.app.reset_factors_of(member.actor, member.workspace, id, base_url).await;
    match announced {
        Ok(reset) if reset.is_new => Ok(member.back("people", Some(Flash::ResetAnnounced))),
        Ok(_) => Ok(member.back("people", Some(Flash::ResetOpen))),
        Err(error) => {
            show(&server, &member, Some((Form::Reset, Refused::new(&member, form, error)?))).await
        }
    }
}

/// Stops such a reset.
async fn stop_reset(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let origin = member.visit.origin().clone();
    let stopped = server.app.stop_reset_of_member(member.actor, member.workspace, id, origin).await;
    done(&member, &form, stopped, Flash::ResetStopped)
}

async fn invite(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let invited = match read_invite(&server, &form) {
        Ok(command) => server.app.invite(member.actor, member.workspace, command).await.map(drop),
        Err(error) => {
            // What is wrong with it is told to those alone who may send it.
            let ask = |op: &mut Op| op.require(Right::InviteMembers, Relation::Workspace);
            member.read(&server, ask).await?;
            Err(error)
        }
    };
    match invited {
        Ok(()) => Ok(member.back("people", Some(Flash::Invited))),
        Err(error) => {
            show(&server, &member, Some((Form::Invitation, Refused::new(&member, form, error)?)))
                .await
        }
    }
}

fn read_invite(server: &Server, form: &Typed) -> Result<Invite, Error> {
    Ok(Invite {
        id: None,
        address: app::input::address("email", form.get("email").trim())?,
        role: app::input::assignment_word(form.get("role"))?,
        base_url: server.config.base_url(),
        request_body: None,
    })
}

async fn send_again(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id: InvitationId = member.id(&id)?;
    let base_url = server.config.base_url();
    let sent = server.app.invite_again(member.actor, member.workspace, id, base_url).await;
    done(&member, &form, sent.map(drop), Flash::Invited)
}

async fn withdraw(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id: InvitationId = member.id(&id)?;
    let revoke = move |op: &mut Op| revoke_invitation(op, id);
    let revoked = server.app.write(member.actor, member.workspace, revoke).await;
    done(&member, &form, revoked, Flash::Withdrawn)
}

/// What became of an invitation: what gives power asks for a fresh proof first.
fn done(member: &SignedIn, form: &Typed, outcome: Result<(), Error>, flash: Flash) -> PageResult {
    match outcome {
        Ok(()) => Ok(member.back("people", Some(flash))),
        Err(Error::NeedsProof) => Err(member.ask_for_proof(form)),
        Err(error) => Err(member.fail(error)),
    }
}

#[cfg(test)]
mod tests {
    use app::Refusal;
    use domain::ids::TimeEntryId;
    use uuid::Uuid;

    use super::*;
    use crate::page::Select;

    fn page(member: MemberId) -> PeoplePage {
        let id = member.to_string();
        PeoplePage {
            members: vec![MemberRow { id, ..MemberRow::default() }],
            invite: Some(InviteForm::default()),
            ..PeoplePage::default()
        }
    }

    /// Also one about a field that is on another page.
    #[test]
    fn no_refusal_is_without_its_sentence() {
        let (here, gone) = (MemberId::from_uuid(Uuid::nil()), MemberId::from_uuid(Uuid::max()));
        let overlap = Refusal::EntriesOverlap {
            entry: TimeEntryId::from_uuid(Uuid::nil()),
            when: String::new(),
        };
        for refusal in [overlap, Refusal::LastOwner, Refusal::AlreadyInvited, Refusal::NameTaken] {
            let refused = Refused::by_rule(Typed::default(), &refusal);
            let put = |mut page: PeoplePage, target| {
                put_back(&mut page, target, &refused);
                page
            };
            let mut with_roles = page(here);
            with_roles.members[0].roles = Some(Select::default());
            let row = put(with_roles, Form::Role(here)).members.remove(0);
            assert_eq!(row.roles.unwrap().error, refusal.sentence());
            assert!(row.is_open);
            for (page, target) in [
                (page(here), Form::Role(here)),
                (page(here), Form::Role(gone)),
                (page(here), Form::Reset),
                (PeoplePage::default(), Form::Invitation),
            ] {
                assert_eq!(put(page, target).error, refusal.sentence());
            }
            let form = put(page(here), Form::Invitation).invite.unwrap();
            assert_eq!([form.email.error, form.role.error].concat(), refusal.sentence());
        }
    }
}

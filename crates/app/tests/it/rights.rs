//! What nobody gets round: rights that outlive who had them, or that come by another door.

mod managing;
mod policy;

use app::{
    JoinWorkspace,
    actor::Scope,
    client::{delete_client, get_client},
    identity::{Origin, approve_grant, claim_due_letters, start_grant},
    invitation::list_invitations,
    member::{change_role, remove_member_here},
    project::{ChangeProject, change_project},
    role::{AddRole, ChangeRole, add_role, change_own_role},
    sign_in_policy::{ChangePolicy, change_policy},
    time_entry::Booking,
    timer::{StartTimer, running_entry, start_timer},
    token::{create_token, get_token, list_tokens_of, revoke_token},
};
use domain::{
    day::Zone,
    ids::{ClientId, InvitationId, RoleId},
    permission::{Assignment, Grant, Grants, Role},
    preference::Locale,
    sign_in_policy::{SignInPolicy, Way, Ways},
    text::{EmailAddress, Note},
};
use store::{Statement, StoreError};
use testkit::{World, both};

use crate::{
    acts::furnished,
    steps::{add_client, add_project, name, new_token, outcome, read, write},
};

/// Gives somebody a role, as the owner.
pub(super) async fn give(world: &World, who: &str, role: impl Into<Assignment>) {
    let (member, role) = (world.member(who), role.into());
    write(world, "owner", move |op| change_role(op, member, role, None)).await.unwrap();
}

pub(super) async fn own_role(world: &World, text: &str, grants: &[Grant]) -> RoleId {
    let grants = Grants::of(grants.iter().copied());
    let new = AddRole { id: None, name: name(text), grants, body: None };
    let added = write(world, "owner", move |op| add_role(op, new.clone())).await;
    added.unwrap().into_inner().id
}

/// Changes what a role is built of.
pub(super) async fn build(world: &World, who: &str, role: RoleId, grants: &[Grant]) -> String {
    let grants = Some(Grants::of(grants.iter().copied()));
    let change = ChangeRole { grants, ..ChangeRole::default() };
    outcome(&write(world, who, move |op| change_own_role(op, role, change.clone())).await)
}

/// Invites somebody; what their link carries.
async fn invite(world: &World, who: &str, role: Assignment) -> (InvitationId, String) {
    let command = app::Invite {
        id: None,
        address: EmailAddress::parse("new@example.org").unwrap(),
        role,
        base_url: "https://time.example".to_owned(),
        request_body: None,
    };
    let sent = world.app.invite(world.actor(who), world.workspace, command).await;
    let letters = world.app.write_directory(world.app.new_request(), |op| {
        let letters = claim_due_letters(op, 50)?.letters;
        for letter in &letters {
            app::identity::mark_sent(op, letter.id)?;
        }
        Ok(letters)
    });
    let letters = letters.await.unwrap();
    let words = letters.iter().flat_map(|letter| letter.letter.body().split_whitespace());
    let token = words.filter_map(|word| word.split_once("/join/")).next_back().unwrap().1;
    (sent.unwrap().into_inner().id, token.to_owned())
}

async fn look(world: &World, token: &str) -> String {
    outcome(&world.app.look_at_join_link(world.app.new_request(), token).await)
}

async fn join(world: &World, token: &str) -> String {
    let command = JoinWorkspace {
        token: token.to_owned(),
        name: name("A guest"),
        zone: Zone::parse("Europe/Paris").unwrap(),
        locale: Locale::EnGb,
        cookie_hash: [7; 32],
        origin: Origin::default(),
    };
    outcome(&world.app.join(world.app.new_request(), command).await)
}

#[test]
fn an_invitation_is_worth_what_its_sender_may_give_when_it_is_accepted() {
    both(async |world: World| {
        let inviter = [Grant::InviteMembers, Grant::ReadMembers, Grant::TrackTime];
        let own = own_role(&world, "Inviter", &inviter).await;
        let given = own_role(&world, "Reader", &[Grant::ReadMembers]).await;
        for end in ["demoted", "role changed", "removed"] {
            assert_eq!(build(&world, "owner", own, &inviter).await, "ok");
            give(&world, "other", Assignment::own(own)).await;
            let (id, token) = invite(&world, "other", Assignment::own(given)).await;
            // What does not concern it leaves it open.
            assert_eq!(build(&world, "admin", own, &inviter[..2]).await, "ok");
            assert_eq!(look(&world, &token).await, "ok", "{end}");
            let other = world.member("other");
            match end {
                "demoted" => give(&world, "other", Role::Member).await,
                "role changed" => {
                    assert_eq!(build(&world, "admin", own, &inviter[1..]).await, "ok");
                }
                _ => {
                    let removed = write(&world, "admin", move |op| remove_member_here(op, other));
                    removed.await.unwrap();
                }
            }
            assert_eq!(look(&world, &token).await, "link.not_valid", "{end}");
            assert_eq!(join(&world, &token).await, "link.not_valid", "{end}");
            assert!(read(&world, "owner", list_invitations).await.unwrap().is_empty(), "{end}");
            // The clock stands, so that their order is not told by their ids.
            let mut events = world.events_of(id).await;
            events.sort();
            assert_eq!(events, ["invitation.revoked", "invitation.sent"], "{end}");
        }
    });
}

/// One that an earlier build has left open is asked as well.
#[test]
fn an_invitation_of_somebody_who_is_gone_lets_nobody_in() {
    both(async |world: World| {
        let (id, token) = invite(&world, "admin", Role::Admin.into()).await;
        give(&world, "admin", Role::Manager).await;
        let open_again = async || {
            let statement = Statement::new("test.open", "UPDATE invitations SET revoked_at = NULL");
            let database = world.app.store().workspace(world.workspace).await.unwrap();
            let opened: Result<u64, StoreError> =
                database.write(move |tx| tx.execute(&statement, &[])).await;
            assert_eq!(opened.unwrap(), 1);
        };
        open_again().await;
        assert_eq!(join(&world, &token).await, "link.not_valid");
        give(&world, "admin", Role::Admin).await;
        assert_eq!(look(&world, &token).await, "ok");
        let admin = world.member("admin");
        write(&world, "owner", move |op| remove_member_here(op, admin)).await.unwrap();
        open_again().await;
        assert_eq!(join(&world, &token).await, "link.not_valid");
        let open = read(&world, "owner", list_invitations).await.unwrap();
        assert_eq!(open[0].id, id);
    });
}

#[test]
fn invitations_of_somebody_who_is_disabled_are_taken_back() {
    both(async |world: World| {
        let (stage, owner, workspace) = furnished(world).await;
        stage.invite(owner, workspace, "ann@example.org").await;
        let tokens = stage.mailed("ann@example.org").await;
        let app = stage.app();
        app.disable(app.new_request(), owner).await.unwrap();
        let looked = app.look_at_join_link(app.new_request(), &tokens[0]).await;
        assert_eq!(outcome(&looked), "link.not_valid");
    });
}

#[test]
fn nobody_shows_a_project_to_guests_whom_they_may_not_invite() {
    both(async |world: World| {
        let (with, without) =
            (add_client(&world, "With").await.id, add_client(&world, "Without").await.id);
        give(&world, "member", Assignment::guest(with)).await;
        let projects = own_role(&world, "Projects", &[Grant::ManageProjects]).await;
        give(&world, "other", Assignment::own(projects)).await;
        let project = add_project(&world, "Internal", None).await.id;
        let to = async |who: &'static str, client: ClientId| {
            let change = ChangeProject { client: Some(Some(client)), ..ChangeProject::default() };
            outcome(
                &write(&world, who, move |op| change_project(op, project, change.clone())).await,
            )
        };
        assert_eq!(to("other", with).await, "invalid client_id");
        assert_eq!(to("other", without).await, "ok");
        assert_eq!(to("admin", with).await, "ok");
        // What is there already can be changed otherwise, and taken away.
        assert_eq!(to("other", with).await, "ok");
        assert_eq!(to("other", without).await, "ok");
        // Who is invited sees it tomorrow.
        give(&world, "member", Role::Member).await;
        assert_eq!(to("other", with).await, "ok");
        assert_eq!(to("other", without).await, "ok");
        invite(&world, "admin", Assignment::guest(with)).await;
        assert_eq!(to("other", with).await, "invalid client_id");
        world.set_clock("2026-12-05T12:00:01Z");
        assert_eq!(to("other", with).await, "ok", "the invitation has expired");
        // With the rights that inviting a guest needs, it is theirs to do.
        let more = [Grant::ManageProjects, Grant::InviteMembers, Grant::ReadAllReports];
        assert_eq!(build(&world, "owner", projects, &more).await, "ok");
        give(&world, "member", Assignment::guest(without)).await;
        let clients = [Grant::ManageClients];
        let grants: Vec<Grant> = more.into_iter().chain(clients).collect();
        assert_eq!(build(&world, "owner", projects, &grants).await, "ok");
        assert_eq!(to("other", without).await, "ok");
    });
}

#[test]
fn an_expired_invitation_of_a_guest_keeps_no_client() {
    both(async |world: World| {
        let client = add_client(&world, "Northwind").await.id;
        invite(&world, "admin", Assignment::guest(client)).await;
        let delete = async || {
            outcome(&write(&world, "admin", move |op| delete_client(op, client, None)).await)
        };
        assert_eq!(delete().await, "still_in_use");
        world.set_clock("2026-12-05T12:00:01Z");
        assert_eq!(delete().await, "ok");
        let gone = read(&world, "admin", move |op| get_client(op, client)).await;
        assert_eq!(outcome(&gone), "not found");
    });
}

#[test]
fn who_tracks_no_more_has_no_timer() {
    both(async |world: World| {
        let tracks = own_role(&world, "Tracks", &[Grant::TrackTime]).await;
        let start = async |who: &'static str| {
            let timer = StartTimer {
                id: None,
                booking: Booking::default(),
                note: Note::parse("").unwrap(),
                billable: None,
                started_at: Some("2026-11-20T11:00:00Z".parse().unwrap()),
                body: None,
            };
            write(&world, who, move |op| start_timer(op, timer.clone())).await.unwrap();
        };
        give(&world, "other", Assignment::own(tracks)).await;
        start("other").await;
        start("member").await;
        // Another right leaves it running.
        let both = [Grant::TrackTime, Grant::CreateTags];
        assert_eq!(build(&world, "admin", tracks, &both).await, "ok");
        let runs =
            async |who: &'static str| read(&world, who, running_entry).await.unwrap().is_some();
        assert!(runs("other").await);
        assert_eq!(build(&world, "admin", tracks, &[Grant::CreateTags]).await, "ok");
        assert!(!runs("other").await && runs("member").await);
        give(&world, "member", Role::Auditor).await;
        assert!(!runs("member").await);
    });
}

#[test]
fn tokens_are_revoked_by_who_has_all_that_their_owner_has() {
    both(async |world: World| {
        let make = async |who: &'static str| {
            let made = write(&world, who, |op| create_token(op, new_token(Scope::Read))).await;
            (world.member(who), made.unwrap().token.id)
        };
        let people = [make("owner").await, make("admin").await, make("member").await];
        let revoker = own_role(&world, "Revoker", &[Grant::RevokeTokens]).await;
        give(&world, "manager", Assignment::own(revoker)).await;
        let bare = own_role(&world, "Bare", &[]).await;
        give(&world, "other", Assignment::own(bare)).await;
        let others = make("other").await;
        let ask = async |who: &'static str, (member, token)| {
            let listed = read(&world, who, move |op| list_tokens_of(op, member)).await;
            let found = read(&world, who, move |op| get_token(op, token)).await;
            let revoked = write(&world, who, move |op| revoke_token(op, token)).await;
            [outcome(&listed), outcome(&found), outcome(&revoked)].join(", ")
        };
        let refused = "forbidden, not found, not found";
        assert_eq!(ask("admin", people[0]).await, refused, "an owner’s");
        for of in people {
            assert_eq!(ask("manager", of).await, refused);
        }
        assert_eq!(ask("manager", others).await, "ok, ok, ok");
        assert_eq!(ask("admin", people[2]).await, "ok, ok, ok");
        assert_eq!(ask("owner", people[1]).await, "ok, ok, ok");
    });
}

#[test]
fn what_was_allowed_before_the_policy_changed_is_not_collected() {
    both(async |world: World| {
        let (stage, owner, workspace) = furnished(world).await;
        let app = stage.app();
        let collect = async |is_changed: bool| {
            let grant = stage.directory(|op| start_grant(op, &name("tp on a laptop"))).await;
            let code = grant.user_code.expose().clone();
            stage.directory(move |op| approve_grant(op, &code, owner, workspace, 90)).await;
            if is_changed {
                let mut actor = stage.actor(owner);
                actor.came.factors = Some((domain::sign_in_policy::FirstFactor::Password, None));
                let ways = Ways::all().with(Way::Mail, false);
                let policy = SignInPolicy { ways, ..SignInPolicy::default() };
                let change = ChangePolicy { policy, expected_version: None, actor };
                let changed =
                    app.write(actor, workspace, move |op| change_policy(op, change.clone()));
                changed.await.unwrap();
            }
            let code = grant.device_code.expose().clone();
            outcome(&app.collect_token(app.new_request(), code, &Origin::default()).await)
        };
        assert_eq!(collect(false).await, "ok");
        assert_eq!(collect(true).await, "grant.not_valid");
        // Allowed after it, it is.
        stage.world.set_clock("2026-11-20T12:01:00Z");
        assert_eq!(collect(false).await, "ok");
    });
}

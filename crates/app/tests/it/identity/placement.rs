//! Memberships, workspaces and intentions.

use app::identity::{
    NewIntention, WorkspaceState, add_membership, claim_due_intentions, delete_intention,
    delete_workspace, insert_intention, insert_workspace, list_memberships, list_workspaces,
    mark_workspace_ready, remove_membership,
};
use domain::ids::{MemberId, WorkspaceId};
use testkit::{World, both};

use super::desk::Desk;

#[test]
fn memberships_come_and_go() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.outsider("ann@example.org").await;
        let (place, first, second): (WorkspaceId, MemberId, MemberId) =
            (desk.id(), desk.id(), desk.id());
        let list = async || desk.ok(move |op| list_memberships(op, ann)).await;
        for _ in 0..2 {
            desk.ok(move |op| insert_workspace(op, place)).await;
            desk.ok(move |op| add_membership(op, ann, place, first)).await;
        }
        assert!(list().await.is_empty(), "not before it is ready");
        desk.ok(move |op| mark_workspace_ready(op, place)).await;
        assert_eq!(list().await[0].member, first);
        for _ in 0..2 {
            desk.ok(move |op| remove_membership(op, ann, place)).await;
        }
        assert!(list().await.is_empty());
        desk.ok(move |op| add_membership(op, ann, place, second)).await;
        assert_eq!(list().await.len(), 1);
        assert_eq!(list().await[0].member, second);
        let events = "SELECT COUNT(*) FROM directory_events WHERE kind LIKE 'membership.%'";
        assert_eq!(desk.count(events).await, 3);
    });
}

#[test]
fn a_workspace_that_was_not_finished_is_forgotten() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.outsider("ann@example.org").await;
        let (undone, done, member): (WorkspaceId, WorkspaceId, MemberId) =
            (desk.id(), desk.id(), desk.id());
        desk.ok(move |op| {
            insert_workspace(op, undone)?;
            insert_workspace(op, done)?;
            mark_workspace_ready(op, done)?;
            add_membership(op, ann, undone, member)
        })
        .await;
        desk.ok(move |op| delete_workspace(op, undone)).await;
        desk.ok(move |op| delete_workspace(op, done)).await;
        let left = desk.ok(list_workspaces).await;
        assert_eq!(left, [(done, WorkspaceState::Ready)]);
    });
}

#[test]
fn intentions_are_claimed_when_their_owner_is_gone() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let place: WorkspaceId = desk.id();
        let id = desk
            .ok(move |op| {
                insert_intention(
                    op,
                    &NewIntention {
                        kind: "join",
                        workspace: place,
                        user: None,
                        payload: "platypus@example.org",
                    },
                )
            })
            .await;
        assert!(!desk.bytes().await.windows(8).any(|part| part == b"platypus"));
        let claim = async || desk.ok(|op| claim_due_intentions(op, 10)).await;
        assert!(claim().await.is_empty());
        desk.wait_s(120);
        let claimed = claim().await;
        assert_eq!(claimed.len(), 1);
        assert_eq!(claimed[0].id, id);
        assert_eq!(claimed[0].kind, "join");
        assert_eq!(claimed[0].workspace, place);
        assert_eq!(claimed[0].payload, "platypus@example.org");
        assert!(claim().await.is_empty());
        desk.wait_s(120);
        assert_eq!(claim().await.len(), 1);
        desk.ok(move |op| delete_intention(op, id)).await;
        desk.wait_s(120);
        assert!(claim().await.is_empty());
    });
}

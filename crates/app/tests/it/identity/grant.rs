//! `tp login`.

use app::{
    Error, Refusal,
    identity::{
        Approved, Collected, StartedGrant, approve_grant, deny_grant, find_grant, list_memberships,
        look_at_grant, start_grant, use_up_grant,
    },
};
use domain::{ids::WorkspaceId, text::Name};
use testkit::{World, both};

use super::desk::{Desk, MINUTE};

async fn start(desk: &Desk) -> StartedGrant {
    let name = Name::parse("tp on wombat").unwrap();
    desk.ok(move |op| start_grant(op, &name)).await
}

async fn collect(desk: &Desk, grant: &StartedGrant) -> Collected {
    let code = grant.device_code.expose().clone();
    desk.ok(move |op| look_at_grant(op, &code)).await
}

#[test]
fn a_grant_is_approved_and_collected_once() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person("ann@example.org").await;
        let workspace = desk.ok(move |op| list_memberships(op, ann)).await[0].workspace;
        let grant = start(&desk).await;
        assert_eq!(grant.user_code.expose().len(), 9);
        assert_eq!(collect(&desk, &grant).await, Collected::Pending);
        let typed = grant.user_code.expose().to_lowercase().replace('-', " ");
        let seen = {
            let typed = typed.clone();
            desk.ok(move |op| find_grant(op, &typed)).await.unwrap()
        };
        assert_eq!(seen.name.as_str(), "tp on wombat");
        // Not for a workspace of other people, nor one that is not there.
        let (code, nowhere): (_, WorkspaceId) = (typed.clone(), desk.id());
        let refused = desk.run(move |op| approve_grant(op, &code, ann, nowhere, 90)).await;
        assert!(matches!(refused, Err(Error::NotFound)));

        let code = typed.clone();
        desk.ok(move |op| approve_grant(op, &code, ann, workspace, 90)).await;
        let again = desk.run(move |op| approve_grant(op, &typed, ann, workspace, 90)).await;
        assert!(matches!(again, Err(Error::Refused(Refusal::GrantNotValid))));
        let collected = collect(&desk, &grant).await;
        let Collected::Approved(Approved { grant: id, user, workspace: place, name, .. }) =
            collected
        else {
            panic!("{collected:?}")
        };
        assert_eq!((user, place, name.as_str()), (ann, workspace, "tp on wombat"));
        // Looking uses nothing up.
        assert!(matches!(collect(&desk, &grant).await, Collected::Approved(_)));
        desk.ok(move |op| use_up_grant(op, id, ann)).await;
        assert_eq!(collect(&desk, &grant).await, Collected::NotValid);
        let twice = desk.run(move |op| use_up_grant(op, id, ann)).await;
        assert!(matches!(twice, Err(Error::Refused(Refusal::GrantNotValid))));
        assert!(!desk.bytes().await.windows(6).any(|part| part == b"wombat"));
    });
}

#[test]
fn a_grant_is_denied_or_runs_out() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person("ann@example.org").await;
        let denied = start(&desk).await;
        let code = denied.user_code.expose().clone();
        desk.ok(move |op| deny_grant(op, &code, ann)).await;
        assert_eq!(collect(&desk, &denied).await, Collected::Denied);

        let late = start(&desk).await;
        desk.wait_s(10 * MINUTE);
        assert_eq!(collect(&desk, &late).await, Collected::NotValid);
        let code = late.user_code.expose().clone();
        let refused = desk.run(move |op| deny_grant(op, &code, ann)).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::GrantNotValid))));
        for forged in ["", "AAAA", &"A".repeat(43)] {
            let forged = forged.to_owned();
            let outcome = desk.ok(move |op| look_at_grant(op, &forged)).await;
            assert_eq!(outcome, Collected::NotValid);
        }
    });
}

//! An owner's reset of a member's second factors: what became of it when it is due, and after it was stopped.

use app::{
    Actor, Credential, Error, Refusal,
    identity::{
        OpenReset, Origin, find_open_reset, get_enrolled, set_zone, stop_my_reset, stop_reset,
    },
    member::{change_role, remove_member_here},
};
use domain::{
    day::Zone,
    ids::{MemberId, UserId, WorkspaceId},
    permission::Role,
};
use testkit::{World, both};

use super::{admit, enrol, founder, open, reset::token, session_of};
use crate::{
    identity::desk::{BASE, DAY, Desk},
    steps::outcome,
};

/// A workspace with an owner, and what they ask for.
struct Firm {
    desk: Desk,
    workspace: WorkspaceId,
    dora: UserId,
}

/// Somebody in it with an authenticator app.
#[derive(Clone, Copy)]
struct Colleague {
    user: UserId,
    member: MemberId,
}

impl Firm {
    async fn new(world: World) -> Self {
        let desk = Desk::new(world);
        let (workspace, dora) = founder(&desk, "dora@example.org").await;
        Self { desk, workspace, dora }
    }

    fn actor(&self, user: UserId) -> Actor {
        Actor::new(Credential::Session(user), self.desk.world.app.new_request())
    }

    async fn joined(&self, address: &str, role: Role) -> Colleague {
        let user = self.desk.outsider(address).await;
        Colleague { user, member: admit(&self.desk, self.workspace, user, role).await }
    }

    async fn with_app(&self, address: &str) -> Colleague {
        let colleague = self.joined(address, Role::Member).await;
        let session = open(&self.desk, colleague.user, false).await;
        let session = session_of(&self.desk, &session).await.unwrap();
        enrol(&self.desk, session, "A phone").await;
        self.desk.post().await;
        colleague
    }

    async fn announce(&self, by: UserId, of: Colleague) -> Result<OpenReset, Error> {
        let (app, base) = (&self.desk.world.app, BASE.to_owned());
        app.reset_factors_of(self.actor(by), self.workspace, of.member, base).await
    }

    async fn operator_announces(&self, of: Colleague) -> OpenReset {
        let app = &self.desk.world.app;
        app.announce_factor_reset(app.new_request(), of.user, BASE.to_owned()).await.unwrap()
    }

    async fn stop_at_home(&self, of: Colleague) {
        let session = open(&self.desk, of.user, false).await;
        let session = session_of(&self.desk, &session).await.unwrap();
        self.desk.ok(move |op| stop_my_reset(op, &session, &Origin::default())).await;
    }

    async fn has_app(&self, of: Colleague) -> bool {
        self.desk.ok(move |op| get_enrolled(op, of.user)).await.has_app()
    }

    async fn run_due(&self) -> usize {
        self.desk.world.app.run_due_resets(BASE).await.unwrap()
    }

    async fn kinds(&self, kind: &str) -> usize {
        let rows = self.desk.query("SELECT kind FROM directory_events").await;
        rows.iter().filter(|row| row.get::<String>(0).unwrap() == kind).count()
    }
}

#[test]
fn after_a_stop_owners_wait_a_week_and_the_operator_does_not() {
    both(async |world: World| {
        let firm = Firm::new(world).await;
        let cleo = firm.with_app("cleo@example.org").await;
        let bob = firm.joined("bob@example.org", Role::Owner).await.user;
        let zone = Zone::parse("Europe/Berlin").unwrap();
        firm.desk.ok(move |op| set_zone(op, bob, &zone)).await;
        assert!(firm.announce(bob, cleo).await.unwrap().is_new);
        let again = firm.announce(firm.dora, cleo).await.unwrap();
        assert!(!again.is_new, "one is open");
        let post = firm.desk.post().await;
        let hers = post.iter().find(|it| it.letter.to().as_str() == "cleo@example.org").unwrap();
        let link = token(hers);
        firm.desk.ok(move |op| stop_reset(op, &link, &Origin::default())).await;

        for by in [bob, firm.dora] {
            let refused = firm.announce(by, cleo).await;
            assert_eq!(outcome(&refused), "member.reset_stopped");
        }
        let Err(Error::Refused(refusal)) = firm.announce(bob, cleo).await else { panic!() };
        let until = "27 November 2026, 13:00 (Europe/Berlin)".to_owned();
        assert_eq!(refusal, Refusal::ResetWasStopped { until: until.clone() });
        assert!(refusal.sentence().contains(&until), "{}", refusal.sentence());
        // Nobody else is meant by that.
        let eve = firm.with_app("eve@example.org").await;
        assert!(firm.announce(bob, eve).await.unwrap().is_new);

        // The operator may; and what is open an owner is shown, whatever was stopped before.
        assert!(firm.operator_announces(cleo).await.is_new);
        assert!(!firm.announce(bob, cleo).await.unwrap().is_new);
        firm.desk.wait_s(DAY / 2);
        firm.stop_at_home(cleo).await;
        firm.desk.wait_s(7 * DAY - 1);
        assert_eq!(outcome(&firm.announce(bob, cleo).await), "member.reset_stopped");
        firm.desk.wait_s(1);
        assert!(firm.announce(bob, cleo).await.unwrap().is_new);
        // A clock that was ahead makes nobody wait for longer.
        firm.desk.wait_s(400 * DAY);
        firm.stop_at_home(cleo).await;
        firm.desk.wait_s(-400 * DAY);
        assert!(firm.announce(bob, cleo).await.unwrap().is_new);
    });
}

/// Owners lose what they own, and members come to belong elsewhere, within the day of notice.
#[test]
fn when_it_is_due_the_owner_who_asked_owns_all_of_them_still() {
    both(async |world: World| {
        let firm = Firm::new(world).await;
        let app = &firm.desk.world.app;
        let (elsewhere, _) = founder(&firm.desk, "fay@example.org").await;
        let cases = ["owner", "demoted", "removed", "disabled", "elsewhere", "gone", "operator"];
        let (mut done, mut dropped) = (0, 0);
        for (number, case) in cases.into_iter().enumerate() {
            let cleo = firm.with_app(&format!("cleo{number}@example.org")).await;
            let bob = firm.joined(&format!("bob{number}@example.org"), Role::Owner).await;
            assert!(firm.announce(bob.user, cleo).await.unwrap().is_new, "{case}");
            let by_dora = firm.actor(firm.dora);
            let demote = async || {
                let change = app.write(by_dora, firm.workspace, move |op| {
                    change_role(op, bob.member, Role::Member, None)
                });
                change.await.unwrap();
            };
            let remove = async |member| {
                let removed = app.write(by_dora, firm.workspace, move |op| {
                    remove_member_here(op, member).map(drop)
                });
                removed.await.unwrap();
            };
            match case {
                "demoted" => demote().await,
                "removed" => remove(bob.member).await,
                "disabled" => drop(app.disable(app.new_request(), bob.user).await.unwrap()),
                "elsewhere" => drop(admit(&firm.desk, elsewhere, cleo.user, Role::Member).await),
                "gone" => remove(cleo.member).await,
                "operator" => {
                    assert!(!firm.operator_announces(cleo).await.is_new, "taken over");
                    demote().await;
                }
                _ => {}
            }
            firm.desk.post().await;
            firm.desk.wait_s(DAY - 1);
            assert_eq!(firm.run_due().await, 0, "{case}");
            firm.desk.wait_s(1);
            assert_eq!((firm.run_due().await, firm.run_due().await), (1, 0), "{case}");
            let is_done = ["owner", "operator"].contains(&case);
            assert_eq!(firm.has_app(cleo).await, !is_done, "{case}");
            done += usize::from(is_done);
            dropped += usize::from(!is_done);
            let told =
                [firm.kinds("factor_reset.done").await, firm.kinds("factor_reset.dropped").await];
            assert_eq!(told, [done, dropped], "{case}");
            let post = firm.desk.post().await;
            let subject = if is_done { "was removed" } else { "stays" };
            assert_eq!(post.len(), 1, "{case}");
            assert_eq!(
                post[0].letter.subject(),
                format!("The second step of your sign-in {subject}"),
                "{case}"
            );
            assert!(
                firm.desk.ok(move |op| find_open_reset(op, cleo.user)).await.is_none(),
                "{case}"
            );
            // Nobody has stopped it: another owner need not wait.
            if ["demoted", "removed", "disabled"].contains(&case) {
                assert!(firm.announce(firm.dora, cleo).await.unwrap().is_new, "{case}");
                firm.stop_at_home(cleo).await;
                firm.desk.post().await;
            }
        }
    });
}

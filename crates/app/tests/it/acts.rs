//! Acts over two databases, stopped for good after each of their steps, as by a crash; then the
//! sweeper comes.
//!
//! What must hold afterwards: whoever is a member can find the workspace, and nobody else does; no
//! workspace is half made; an invitation that exists was mailed once; a link whose act was undone
//! still works.

mod stage;

use app::{
    Error, Invite, JoinWorkspace, STEPS,
    identity::{
        Origin, Purpose, RequestCode, WorkspaceState, approve_grant, disable_person,
        list_workspaces, look_at_one_time_link, start_grant,
    },
    invitation::list_invitations,
    live::Change,
    member::get_me,
    tag,
    workspace::{ChangeWorkspace, change_workspace},
};
use domain::{day::Zone, ids::MemberId, period::WeekStart, preference::Locale, text::EmailAddress};
use store::Statement;
use testkit::both;

use crate::steps::{name, outcome};
pub(crate) use stage::{Stage, command as founding, furnished, joining};
use stage::{command, invitation, mailed};

fn steps(act: &str) -> impl Iterator<Item = &'static str> {
    STEPS.into_iter().filter(move |step| step.split('.').next() == Some(act))
}

#[test]
fn a_set_up_cut_short_is_finished_or_undone() {
    both(async |world| {
        let stage = Stage::new(world);
        for (number, step) in steps("set_up").enumerate() {
            let address = format!("owner{number}@example.org");
            let link = stage.set_up_link().await;
            let before = stage.directory(list_workspaces).await;
            stage.cut(step, stage.set_up(&link, &address)).await;
            let begun = stage.directory(list_workspaces).await;
            let begun = begun.into_iter().find(|found| !before.contains(found));
            stage.sweep().await;
            let owner = stage.user(&address).await.unwrap();
            let is_made = ["set_up.founded", "set_up.finished"].contains(&step);
            let found = stage.workspaces(owner).await;
            assert_eq!(found.len(), usize::from(is_made), "{step}");
            if is_made {
                assert_eq!(begun.map(|(workspace, _)| workspace), Some(found[0]), "{step}");
                // Nobody else makes one with the same link.
                let again = stage.set_up(&link, "another@example.org").await;
                assert_eq!(outcome(&again), "link.not_valid", "{step}");
                continue;
            }
            // Nothing is left of it, and the link still works.
            if let Some((workspace, state)) = begun {
                assert_ne!(state, WorkspaceState::Ready, "{step}");
                let gone = stage.app().store().workspace(workspace).await;
                assert!(matches!(gone, Err(store::StoreError::NoSuchWorkspace)), "{step}");
            }
            let token = link.clone();
            let looked = stage.directory(move |op| look_at_one_time_link(op, &token)).await;
            assert_eq!(looked, Some(Purpose::Setup), "{step}");
            let workspace = stage.set_up(&link, &address).await.unwrap();
            assert_eq!(stage.workspaces(owner).await, [workspace], "{step}");
        }
    });
}

#[test]
fn one_set_up_link_makes_one_workspace() {
    both(async |world| {
        let stage = Stage::new(world);
        let workspaces = async || stage.directory(list_workspaces).await.len();
        // Two at once, both of which may have seen a link that works.
        let link = stage.set_up_link().await;
        let (one, two) = tokio::join!(
            stage.set_up(&link, "one@example.org"),
            stage.set_up(&link, "two@example.org")
        );
        let mut outcomes = [outcome(&one), outcome(&two)];
        outcomes.sort();
        assert_eq!(outcomes, ["link.not_valid", "ok"]);
        assert_eq!(workspaces().await, 1, "nothing is left of the refused one");
        stage.sweep().await;
        assert_eq!(workspaces().await, 1);
        // One that was cut short, and the next one was faster than the sweeper.
        let link = stage.set_up_link().await;
        stage.cut("set_up.founded", stage.set_up(&link, "three@example.org")).await;
        let made = stage.set_up(&link, "four@example.org").await.unwrap();
        stage.sweep().await;
        assert_eq!(workspaces().await, 2);
        let (three, four) =
            (stage.user("three@example.org").await, stage.user("four@example.org").await);
        assert_eq!(stage.workspaces(three.unwrap()).await, []);
        assert_eq!(stage.workspaces(four.unwrap()).await, [made]);
    });
}

#[test]
fn a_further_workspace_signs_nobody_in_who_is_known() {
    both(async |world| {
        let (stage, owner, first) = furnished(world).await;
        let set_up = async |address: &str| {
            let link = stage.set_up_link().await;
            let command = command(address);
            let done = stage.app().set_up_by_link(stage.app().new_request(), link, command).await;
            done.unwrap()
        };
        // Whoever has the link could have typed the address of anybody.
        let second = set_up("owner@example.org").await;
        assert!(second.session.is_none());
        assert_eq!(second.owner, owner);
        let mut found = stage.workspaces(owner).await;
        found.sort_unstable();
        let mut made = [first, second.workspace];
        made.sort_unstable();
        assert_eq!(found, made);
        let third = set_up("new@example.org").await;
        assert_eq!(third.session.unwrap().user, third.owner);
        assert_eq!(stage.workspaces(third.owner).await, [third.workspace]);
    });
}

#[test]
fn an_act_goes_on_when_nobody_waits_for_it() {
    both(async |world| {
        let (stage, owner, workspace) = furnished(world).await;
        stage.invite(owner, workspace, "guest@example.org").await;
        let token = stage.mailed("guest@example.org").await.remove(0);
        let mut changes = stage.app().live().listen();
        // Asked for and hung up on, as by a client that goes away: at most the first step was heard.
        drop(tokio::time::timeout(std::time::Duration::ZERO, stage.join(&token)).await);
        // 32: the others' open pages are told who has come.
        let told = tokio::time::timeout(std::time::Duration::from_secs(20), async {
            loop {
                if let Ok(Change::Workspace { workspace, member }) = changes.recv().await {
                    break (workspace, member);
                }
            }
        });
        let (place, member) = told.await.expect("the act goes on");
        assert_eq!(place, workspace);
        let members = async || {
            let members = stage
                .app()
                .read(stage.actor(owner), workspace, |op| Ok(op.names()?.members.clone()));
            members.await.unwrap()
        };
        assert!(members().await.contains_key(&member));
        // The same for one write.
        let write = stage.app().write(stage.actor(owner), workspace, |op| {
            tag::add_tag(op, None, &name("urgent"), None)
        });
        drop(tokio::time::timeout(std::time::Duration::ZERO, write).await);
        let told = tokio::time::timeout(std::time::Duration::from_secs(20), async {
            while !matches!(changes.recv().await, Ok(Change::Workspace { .. })) {}
        });
        told.await.expect("the word goes out after the commit");
    });
}

#[test]
fn who_joins_begins_as_the_workspace_says_and_comes_back_as_they_say() {
    both(async |world| {
        let (stage, owner, workspace) = furnished(world).await;
        let change = ChangeWorkspace {
            week_start: Some(WeekStart::Sunday),
            zone: Some(Zone::parse("Asia/Tokyo").unwrap()),
            ..ChangeWorkspace::default()
        };
        let changed = stage
            .app()
            .write(stage.actor(owner), workspace, move |op| change_workspace(op, change.clone()));
        changed.await.unwrap();
        let address = "guest@example.org";
        stage.invite(owner, workspace, address).await;
        let token = stage.mailed(address).await.remove(0);
        let request = stage.app().new_request();
        let found = stage.app().look_at_join_link(request, &token).await.unwrap();
        assert_eq!((found.zone.as_str(), found.week_start), ("Asia/Tokyo", WeekStart::Sunday));
        stage.join(&token).await.unwrap();
        let user = stage.user(address).await.unwrap();
        let me = async || stage.app().read(stage.actor(user), workspace, get_me).await.unwrap();
        let before = me().await;
        assert_eq!((before.week_start, before.zone.as_str()), (WeekStart::Sunday, "Europe/Paris"));
        let member = before.id;
        stage.app().remove_member(stage.actor(owner), workspace, member).await.unwrap();
        stage.invite(owner, workspace, address).await;
        let token = stage.mailed(address).await.remove(0);
        let command = JoinWorkspace {
            token,
            name: name("Mrs. Guest"),
            zone: Zone::parse("America/Lima").unwrap(),
            locale: Locale::EnGb,
            cookie_hash: [7; 32],
            origin: Origin::default(),
        };
        stage.app().join(stage.app().new_request(), command).await.unwrap();
        let after = me().await;
        assert_eq!(after.id, member, "who they were");
        assert_eq!((after.name.as_str(), after.zone.as_str()), ("Mrs. Guest", "America/Lima"));
        assert_eq!(after.week_start, WeekStart::Sunday);
    });
}

/// Somebody is removed while the sweeper settles their joining: between its look and its write.
#[test]
fn a_removal_beside_the_sweeper_stays_one() {
    both(async |world| {
        let (stage, owner, workspace) = furnished(world).await;
        let address = "guest@example.org";
        stage.invite(owner, workspace, address).await;
        let token = stage.mailed(address).await.remove(0);
        stage.cut("join.entered", stage.join(&token)).await;
        let user = stage.user(address).await.unwrap();
        let member = stage.app().read(stage.actor(user), workspace, |op| Ok(op.me().member));
        let member = member.await.unwrap();
        // The removal is over in both databases before the sweeper writes what it saw.
        let app = stage.app().clone();
        let actor = stage.actor(owner);
        stage.during("sweep.seen", move || async move {
            app.remove_member(actor, workspace, member).await.unwrap();
        });
        stage.sweep().await;
        assert_eq!(stage.workspaces(user).await, []);
    });
}

/// Somebody is removed, invited and joins again before the directory hears of the removal.
#[test]
fn who_comes_back_during_their_removal_stays() {
    both(async |world| {
        let (stage, owner, workspace) = furnished(world).await;
        let address = "guest@example.org";
        let user = stage.guest(owner, workspace, address).await;
        let member = stage.app().read(stage.actor(user), workspace, |op| Ok(op.me().member));
        let member: MemberId = member.await.unwrap();
        let (app, actor) = (stage.app().clone(), stage.actor(owner));
        stage.during("remove.gone", move || async move {
            app.invite(actor, workspace, invitation(address)).await.unwrap();
            let token = mailed(&app, address).await.remove(0);
            app.join(app.new_request(), joining(&token)).await.unwrap();
        });
        stage.app().remove_member(stage.actor(owner), workspace, member).await.unwrap();
        assert_eq!(stage.workspaces(user).await, [workspace]);
        stage.sweep().await;
        assert_eq!(stage.workspaces(user).await, [workspace]);
    });
}

#[test]
fn a_token_that_cannot_be_made_leaves_its_grant() {
    both(async |world| {
        let (stage, owner, workspace) = furnished(world).await;
        let grant = stage.directory(|op| start_grant(op, &name("tp on kitchen-laptop"))).await;
        let code = grant.user_code.expose().clone();
        stage.directory(move |op| approve_grant(op, &code, owner, workspace, 90)).await;
        let database = stage.app().store().workspace(workspace).await.unwrap();
        let run = async |statement: Statement| {
            let ran = database.write(move |tx| tx.execute(&statement, &[]));
            let ran: Result<u64, store::StoreError> = ran.await;
            ran.unwrap();
        };
        let collect = async || {
            let code = grant.device_code.expose().clone();
            stage.app().collect_token(stage.app().new_request(), code, &Origin::default()).await
        };
        run(HIDE_TOKENS).await;
        assert!(matches!(collect().await, Err(Error::Store(_))));
        run(SHOW_TOKENS).await;
        let (one, two) = tokio::join!(collect(), collect());
        let mut outcomes = [outcome(&one), outcome(&two)];
        outcomes.sort();
        assert_eq!(outcomes, ["grant.not_valid", "ok"], "one token, also for two at once");
        assert_eq!(outcome(&collect().await), "grant.not_valid");
    });
}

const HIDE_TOKENS: Statement =
    Statement::new("test.hide_tokens", "ALTER TABLE api_tokens RENAME TO hidden_tokens");

const SHOW_TOKENS: Statement =
    Statement::new("test.show_tokens", "ALTER TABLE hidden_tokens RENAME TO api_tokens");

#[test]
fn an_invitation_cut_short_is_mailed_once_or_was_never_made() {
    both(async |world| {
        let (stage, owner, workspace) = furnished(world).await;
        for (number, step) in steps("invite").enumerate() {
            let address = format!("guest{number}@example.org");
            stage.cut(step, stage.invite(owner, workspace, &address)).await;
            stage.sweep().await;
            let open = stage.app().read(stage.actor(owner), workspace, list_invitations);
            let open = open.await.unwrap();
            let is_open = open.iter().any(|found| found.address.as_str() == address);
            let mut tokens = stage.mailed(&address).await;
            assert_eq!(is_open, step != "invite.intended", "{step}");
            assert_eq!(tokens.len(), usize::from(is_open), "{step}");
            if !is_open {
                stage.invite(owner, workspace, &address).await;
                tokens = stage.mailed(&address).await;
            }
            assert_eq!(tokens.len(), 1, "{step}");
            assert_eq!(stage.join(&tokens[0]).await.unwrap(), workspace, "{step}");
        }
    });
}

#[test]
fn a_joining_cut_short_is_finished_or_can_be_done_again() {
    both(async |world| {
        let (stage, owner, workspace) = furnished(world).await;
        for (number, step) in steps("join").enumerate() {
            let address = format!("guest{number}@example.org");
            stage.invite(owner, workspace, &address).await;
            let token = stage.mailed(&address).await.remove(0);
            stage.cut(step, stage.join(&token)).await;
            stage.sweep().await;
            let user = stage.user(&address).await.unwrap();
            let is_in = ["join.entered", "join.finished"].contains(&step);
            let found = stage.workspaces(user).await;
            assert_eq!(found.len(), usize::from(is_in), "{step}");
            let again = stage.join(&token).await;
            assert_eq!(again.is_ok(), !is_in, "{step}: the link works once");
            assert_eq!(stage.workspaces(user).await, [workspace], "{step}");
        }
    });
}

#[test]
fn a_removal_cut_short_is_finished_or_never_was() {
    both(async |world| {
        let (stage, owner, workspace) = furnished(world).await;
        for (number, step) in steps("remove").enumerate() {
            let address = format!("guest{number}@example.org");
            let user = stage.guest(owner, workspace, &address).await;
            let member = stage.app().read(stage.actor(user), workspace, |op| Ok(op.me().member));
            let member: MemberId = member.await.unwrap();
            let remove = || stage.app().remove_member(stage.actor(owner), workspace, member);
            stage.cut(step, remove()).await;
            stage.sweep().await;
            let is_gone = step == "remove.gone";
            let found = stage.workspaces(user).await;
            assert_eq!(found.is_empty(), is_gone, "{step}");
            if !is_gone {
                remove().await.unwrap();
            }
            assert_eq!(stage.workspaces(user).await, [], "{step}");
            // Whoever comes back is who they were.
            let again = stage.guest(owner, workspace, &address).await;
            assert_eq!(again, user);
            let same = stage.app().read(stage.actor(user), workspace, |op| Ok(op.me().member));
            assert_eq!(same.await.unwrap(), member, "{step}");
        }
    });
}

/// Who is disabled could not be signed in at the end of the act: it does not begin, and the sweeper
/// has nothing to finish.
#[test]
fn who_is_disabled_does_not_join() {
    both(async |world| {
        let (stage, owner, workspace) = furnished(world).await;
        let address = "gone@example.org";
        let parsed = EmailAddress::parse(address).unwrap();
        let app = stage.app();
        let user = app.find_or_create_person(app.new_request(), parsed).await.unwrap();
        stage.directory(move |op| disable_person(op, user)).await;
        stage.invite(owner, workspace, address).await;
        let tokens = stage.mailed(address).await;
        assert_eq!(outcome(&stage.join(&tokens[0]).await), "link.not_valid");
        stage.sweep().await;
        assert_eq!(stage.workspaces(user).await, []);
        let open = app.read(stage.actor(owner), workspace, list_invitations).await.unwrap();
        assert_eq!(open.len(), 1, "it waits for the day they may come");
    });
}

/// Whoever finishes it takes the letter back that was not sent yet: its link no longer works.
#[test]
fn an_invitation_sent_again_and_cut_short_is_one_letter() {
    both(async |world| {
        let (stage, owner, workspace) = furnished(world).await;
        for (number, step) in steps("invite").enumerate() {
            let address = format!("again{number}@example.org");
            stage.invite(owner, workspace, &address).await;
            let open = stage.app().read(stage.actor(owner), workspace, list_invitations);
            let open = open.await.unwrap();
            let first = open.iter().find(|found| found.address.as_str() == address).unwrap().id;
            let url = "https://time.example".to_owned();
            let again = stage.app().invite_again(stage.actor(owner), workspace, first, url);
            stage.cut(step, again).await;
            stage.sweep().await;
            let tokens = stage.mailed(&address).await;
            assert_eq!(tokens.len(), 1, "{step}");
            assert_eq!(outcome(&stage.join(&tokens[0]).await), "ok", "{step}");
        }
    });
}

/// Nobody logs a command today; whoever does tomorrow writes nothing down that lets somebody in.
#[test]
fn commands_in_a_log_hold_no_secrets() {
    let invite = Invite { request_body: Some(b"typed".to_vec()), ..invitation("a@example.org") };
    let request = RequestCode {
        address: EmailAddress::parse("a@example.org").unwrap(),
        cookie_hash: [0x5a; 32],
        network: "192.0.2.7".to_owned(),
        is_known_device: false,
        remember: false,
        base_url: "https://time.example".to_owned(),
        is_proof: false,
    };
    let logged = format!("{:?} {invite:?} {request:?}", joining("place.secret"));
    for secret in ["place.secret", "116, 121", "192.0.2.7", "90, 90", "example.org"] {
        assert!(!logged.contains(secret), "{logged}");
    }
}

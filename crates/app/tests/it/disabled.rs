//! Somebody who is disabled while something of theirs is being made: whichever comes first, nothing
//! they could come in with stays.

use std::sync::{Arc, Mutex};

use app::{
    Actor, Credential, Error, Trouble,
    actor::Scope,
    identity::{
        Origin, Purpose, approve_grant, disable_person, enable_person, list_workspaces,
        look_at_one_time_link, start_grant,
    },
    token::{CreateToken, CreatedToken, list_tokens, parse_token},
};
use domain::ids::{MemberId, UserId, WorkspaceId};
use store::{Database, Statement};
use testkit::{World, both};

use crate::{
    acts::{Stage, furnished},
    steps::{name, outcome},
};

fn command() -> CreateToken {
    CreateToken {
        id: None,
        name: name("tp on kitchen-laptop"),
        scope: Scope::Full,
        expires_in_days: 30,
        networks: Vec::new(),
        body: None,
    }
}

/// A workspace whose owner makes tokens.
struct Desk {
    stage: Stage,
    owner: UserId,
    workspace: WorkspaceId,
    member: MemberId,
}

impl Desk {
    async fn of(world: World) -> Self {
        let (stage, owner, workspace) = furnished(world).await;
        let member = stage.app().read(stage.actor(owner), workspace, |op| Ok(op.me().member));
        let member = member.await.unwrap();
        Self { stage, owner, workspace, member }
    }

    /// As a request does whose session was found before anything happened.
    async fn make(&self) -> Result<CreatedToken, Error> {
        let actor = self.stage.actor(self.owner);
        self.stage
            .app()
            .make_token(actor, self.workspace, &Origin::default(), |_| Ok(command()))
            .await
    }

    async fn disable(&self) -> usize {
        let app = self.stage.app();
        app.disable(app.new_request(), self.owner).await.unwrap().tokens
    }

    async fn enable(&self) {
        let owner = self.owner;
        self.stage.directory(move |op| enable_person(op, owner)).await;
    }

    /// What happens in the other database while an act passes a step: the whole disabling, or only its
    /// first half.
    fn disable_during(&self, step: &'static str, is_whole: bool) -> Arc<Mutex<Option<usize>>> {
        let (app, owner) = (self.stage.app().clone(), self.owner);
        let revoked = Arc::new(Mutex::new(None));
        let told = Arc::clone(&revoked);
        self.stage.during(step, move || async move {
            let request = app.new_request();
            if is_whole {
                let disabled = app.disable(request, owner).await.unwrap();
                *told.lock().unwrap() = Some(disabled.tokens);
            } else {
                app.write_directory(request, move |op| disable_person(op, owner)).await.unwrap();
            }
        });
        revoked
    }

    /// Tokens that open the workspace.
    async fn tokens(&self) -> usize {
        let actor = Actor::new(Credential::System(self.member), self.stage.app().new_request());
        self.stage.app().read(actor, self.workspace, list_tokens).await.unwrap().len()
    }
}

#[test]
fn a_token_that_is_made_while_its_person_is_disabled_is_given_to_nobody() {
    both(async |world| {
        let desk = Desk::of(world).await;
        // The disabling first: the request had found its session before.
        desk.disable().await;
        assert_eq!(outcome(&desk.make().await), "signed out");
        assert_eq!(desk.tokens().await, 0);
        desk.enable().await;
        // The token first: the disabling finds it.
        let revoked = desk.disable_during("token.made", true);
        assert_eq!(outcome(&desk.make().await), "signed out");
        assert_eq!((desk.tokens().await, *revoked.lock().unwrap()), (0, Some(1)));
        desk.enable().await;
        // Between the halves of the disabling.
        desk.disable_during("token.made", false);
        assert_eq!(outcome(&desk.make().await), "signed out");
        assert_eq!((desk.tokens().await, desk.disable().await), (0, 0));
        desk.enable().await;
        // And one that was given out before ends.
        let made = desk.make().await.unwrap();
        assert_eq!((desk.tokens().await, desk.disable().await, desk.tokens().await), (1, 1, 0));
        let (_, hash) = parse_token(made.secret.expose()).unwrap();
        let request = desk.stage.app().new_request();
        let actor = Actor::new(Credential::Token(hash), request);
        let read = desk.stage.app().read(actor, desk.workspace, list_tokens).await;
        assert_eq!(outcome(&read), "signed out");
    });
}

/// The directory cannot be asked whether its person is disabled: the token is taken back, so that it is
/// true that nothing was saved; and where that cannot be done either, nobody says so.
#[test]
fn a_token_nobody_can_be_asked_about_is_taken_back() {
    both(async |world| {
        let desk = Desk::of(world).await;
        let directory = desk.stage.app().store().directory();
        let workspace = desk.stage.app().store().workspace(desk.workspace).await.unwrap();
        for (databases, is_unknown) in [
            (vec![(directory.clone(), "people")], false),
            (vec![(directory.clone(), "people"), (workspace, "events")], true),
        ] {
            let broken = databases.clone();
            desk.stage.during("token.made", move || async move {
                for (database, table) in broken {
                    run(&database, format!("ALTER TABLE {table} RENAME TO lost_{table}")).await;
                }
            });
            let made = desk.make().await;
            assert!(matches!(made, Err(Error::Store(_))), "{made:?}");
            let trouble = made.unwrap_err().trouble();
            assert_eq!(trouble == Trouble::OutcomeUnknown, is_unknown, "{trouble:?}");
            for (database, table) in databases {
                run(&database, format!("ALTER TABLE lost_{table} RENAME TO {table}")).await;
            }
            assert_eq!(desk.tokens().await, usize::from(is_unknown));
        }
    });
}

async fn run(database: &Database, text: String) {
    let statement = Statement::new("test.run", text.leak());
    let ran = database.write(move |tx| tx.execute(&statement, &[]));
    let ran: Result<u64, store::StoreError> = ran.await;
    ran.unwrap();
}

#[test]
fn tokens_made_beside_a_disabling_all_end() {
    both(async |world| {
        let desk = Desk::of(world).await;
        for _ in 0..5 {
            let make = async || {
                for _ in 0..4 {
                    drop(desk.make().await);
                }
            };
            tokio::join!(make(), make(), async {
                tokio::task::yield_now().await;
                desk.disable().await;
            });
            assert_eq!(desk.tokens().await, 0);
            desk.enable().await;
        }
    });
}

#[test]
fn a_program_collects_nothing_of_somebody_who_is_disabled_meanwhile() {
    both(async |world| {
        let desk = Desk::of(world).await;
        let (stage, owner, workspace) = (&desk.stage, desk.owner, desk.workspace);
        for is_whole in [true, false] {
            let grant = stage.directory(|op| start_grant(op, &name("tp on kitchen-laptop"))).await;
            let code = grant.user_code.expose().clone();
            stage.directory(move |op| approve_grant(op, &code, owner, workspace, 90)).await;
            desk.disable_during("collect.made", is_whole);
            let code = grant.device_code.expose().clone();
            let collected = stage
                .app()
                .collect_token(stage.app().new_request(), code, &Origin::default())
                .await;
            assert_eq!(outcome(&collected), "grant.not_valid");
            assert_eq!((desk.tokens().await, desk.disable().await), (0, 0));
            desk.enable().await;
        }
    });
}

#[test]
fn who_is_disabled_gets_no_workspace_they_cannot_enter() {
    both(async |world| {
        let (stage, owner, first) = furnished(world).await;
        let address = "owner@example.org";
        let link = stage.set_up_link().await;
        let still_works = async || {
            let token = link.clone();
            let looked = stage.directory(move |op| look_at_one_time_link(op, &token)).await;
            assert_eq!(looked, Some(Purpose::Setup));
            assert_eq!(stage.directory(list_workspaces).await.len(), 1, "nothing is made");
        };
        stage.directory(move |op| disable_person(op, owner)).await;
        let refused = stage.set_up(&link, address).await;
        assert_eq!(outcome(&refused), "invalid email");
        still_works().await;
        stage.directory(move |op| enable_person(op, owner)).await;
        // Disabled while it is being made.
        let app = stage.app().clone();
        stage.during("set_up.founded", move || async move {
            let request = app.new_request();
            app.write_directory(request, move |op| disable_person(op, owner)).await.unwrap();
        });
        assert_eq!(outcome(&stage.set_up(&link, address).await), "invalid email");
        still_works().await;
        stage.directory(move |op| enable_person(op, owner)).await;
        // And when it was cut short before.
        stage.cut("set_up.founded", stage.set_up(&link, address)).await;
        stage.directory(move |op| disable_person(op, owner)).await;
        stage.sweep().await;
        still_works().await;
        stage.directory(move |op| enable_person(op, owner)).await;
        let second = stage.set_up(&link, address).await.unwrap();
        let mut found = stage.workspaces(owner).await;
        found.sort_unstable();
        let mut expected = [first, second];
        expected.sort_unstable();
        assert_eq!(found, expected);
    });
}

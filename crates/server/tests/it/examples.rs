//! Every operation works on the demo with its documented example: as the demo stands, and when it is
//! started again after a long time.

use std::sync::Arc;

use app::{
    Actor, App, Credential, DirectoryOp,
    actor::Scope,
    identity::{Method, Origin, Passed, enter},
    token::{CreateToken, create_token},
};
use axum::Router;
use domain::ids::MemberId;
use serde_json::Value;
use server::{
    demo,
    router::router,
    state::{Providers, Server},
};
use testkit::World;
use wire::demo::{Kind, SEED, id};

use crate::support::{Ask, Operation, config, operations};

/// On the timer that runs as the demo stands; the last of them starts it again.
const TIMER: [&str; 5] = ["getTimer", "changeTimer", "stopTimer", "startTimer", "discardTimer"];

/// The demo's owner is its last one, who cannot leave; anybody else can.
const FOR_OTHERS: &str = "leaveWorkspace";

/// Somebody whom no example removes.
const SOMEBODY: u32 = 6;

struct Demo {
    app: App,
    router: Router,
    operations: Vec<Operation>,
    token: String,
}

impl Demo {
    /// Starts it, as `timeproof demo` does.
    async fn start(app: &App) -> Self {
        let owner = demo::prepare(app, SEED).await.unwrap();
        let token = demo::fresh_token(app, owner, SEED).await.unwrap();
        // A rule about a mail domain needs an owner who has shown a mailbox there.
        let (user, method) = (owner.user, Method::MailCode);
        let passed = Passed { user, method, remember: false, cookie_hash: [7; 32] };
        let shown = move |op: &mut DirectoryOp| enter(op, passed, &Origin::default()).map(drop);
        app.write_directory(app.new_request(), shown).await.unwrap();
        // As its job does.
        app.sequence_ledger(demo::workspace(SEED), "localhost").await.unwrap();
        let router = router(Server::new(app.clone(), Arc::new(config()), Providers::default()));
        let document = Ask::new(&router, "GET", "/openapi.json").send().await.json();
        Self { app: app.clone(), router, operations: operations(&document), token }
    }

    fn find(&self, id: &str) -> &Operation {
        self.operations.iter().find(|operation| operation.id == id).unwrap()
    }

    /// Somebody else's token.
    async fn other_token(&self) -> String {
        let member = MemberId::from_uuid(id(Kind::Member, SEED, SOMEBODY));
        let credential = Credential::System(member);
        let actor = Actor::new(credential, self.app.new_request());
        let created = self.app.write(actor, demo::workspace(SEED), |op| {
            let name = app::input::name("name", "A program")?;
            let (scope, expires_in_days) = (Scope::Full, 30);
            create_token(
                op,
                CreateToken {
                    id: None,
                    name,
                    scope,
                    expires_in_days,
                    networks: Vec::new(),
                    body: None,
                },
            )
        });
        created.await.unwrap().secret.expose().clone()
    }

    /// What is wrong with an example, if anything is.
    async fn try_out(&self, operation: &Operation) -> Option<String> {
        let token = match operation.id.as_str() {
            FOR_OTHERS => &self.other_token().await,
            _ => &self.token,
        };
        let mut operation = operation.clone();
        if operation.id == "getLedgerReceipt" {
            operation.path = operation.path.replace("{id}", &self.last_event().await);
        }
        let answer = request(&self.router, &operation).token(token).send().await;
        let is_good = answer.status.is_success();
        (!is_good).then(|| format!("{}: {} {}", operation.id, answer.outcome(), answer.text()))
    }

    /// What no example can know: the id of an event, which its ledger has by now.
    async fn last_event(&self) -> String {
        let record = request(&self.router, self.find("listRecord")).token(&self.token);
        let record = record.send().await.json();
        self.app.sequence_ledger(demo::workspace(SEED), "localhost").await.unwrap();
        record["items"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Asserts that these work, in this order.
    async fn works(&self, operations: impl IntoIterator<Item = &Operation>) {
        let mut wrong = Vec::new();
        for operation in operations {
            wrong.extend(self.try_out(operation).await);
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

fn on_sqlite(test: impl AsyncFn(World)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { test(World::open("sqlite").await).await });
}

#[test]
fn every_operation_works_as_documented() {
    on_sqlite(async |world| {
        let demo = Demo::start(&world.app).await;
        demo.works(TIMER.map(|id| demo.find(id))).await;
        let others = demo.operations.iter().filter(|it| !TIMER.contains(&it.id.as_str()));
        demo.works(others).await;
    });
}

/// Sweeps and the trash's job have run meanwhile.
#[test]
fn a_demo_started_again_after_forty_days_still_works() {
    on_sqlite(async |world| {
        Demo::start(&world.app).await;
        world.set_clock("2026-12-30T09:00:00Z");
        let sweep = app::identity::sweep;
        world.app.write_directory(world.app.new_request(), sweep).await.unwrap();
        let demo = Demo::start(&world.app).await;
        world.app.purge_all_trash().await.unwrap();
        world.app.write_directory(world.app.new_request(), sweep).await.unwrap();
        demo.works(["startTimer", "changeTimer", "discardTimer"].map(|id| demo.find(id))).await;
        let others = demo.operations.iter().filter(|it| !TIMER.contains(&it.id.as_str()));
        let is_kept = |it: &&Operation| it.has_body() || it.id.starts_with("restore");
        demo.works(others.filter(is_kept)).await;

        let demo = Demo::start(&world.app).await;
        world.app.purge_all_trash().await.unwrap();
        demo.works(["startTimer", "stopTimer"].map(|id| demo.find(id))).await;
    });
}

/// An operation with all its examples.
fn request<'a>(router: &'a Router, operation: &Operation) -> Ask<'a> {
    let mut path = operation.path.clone();
    let mut query = Vec::new();
    for parameter in operation.parameters() {
        let name = parameter["name"].as_str().unwrap();
        let example = match &parameter["example"] {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match parameter["in"].as_str().unwrap() {
            "path" => path = path.replace(&format!("{{{name}}}"), &example),
            "query" => query.push(format!("{name}={example}")),
            _ => {}
        }
    }
    if !query.is_empty() {
        path = format!("{path}?{}", query.join("&"));
    }
    let ask = Ask::new(router, &operation.method, &path);
    match operation.example() {
        Some(body) => ask.json(body),
        None => ask,
    }
}

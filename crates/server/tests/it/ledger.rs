//! The ledger over HTTP: a stranger with a token, or with nothing, checks it by what they are told.

use serde_json::json;
use testkit::log::{
    LogCopy,
    ledger::{Hash, NodeId, Nodes, Verifier, event::Leaf, receipt::Receipt},
};

use crate::{
    cases::unique,
    support::{Answer, Api, both},
    visit::Browser,
};

const HOST: &str = "time.example";

/// What the jobs do, once.
async fn run_jobs(api: &Api) {
    let app = &api.world.app;
    for workspace in [api.world.workspace, api.world.elsewhere] {
        app.sequence_ledger(workspace, HOST).await.unwrap();
    }
    app.sequence_instance_log(HOST).await.unwrap();
}

/// What anybody is told.
async fn public(api: &Api, path: &str) -> Answer {
    Browser::new(api).get(&format!("/ledger/{path}")).await
}

async fn key(api: &Api) -> Verifier {
    let keys = public(api, "keys").await;
    assert_eq!(keys.status, 200);
    Verifier::parse(keys.text().strip_suffix('\n').unwrap()).unwrap()
}

#[test]
fn what_the_api_tells_alone_proves_every_event() {
    both(async |api| {
        for _ in 0..3 {
            api.make("owner", "/tags", json!({ "name": unique("tag") })).await;
        }
        run_jobs(&api).await;
        let name = format!("{HOST}/ledger/{}", api.world.workspace);
        let key = key(&api).await.renamed(&name).unwrap();
        let get = async |path: String| {
            let answer = api.ask("owner", "GET", &format!("/ledger/{path}")).send().await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            let kind = answer.header("content-type");
            let is_text = path == "checkpoint" || path.starts_with("receipts/");
            assert_eq!(kind.starts_with("text/plain"), is_text, "{path}: {kind}");
            answer.body.clone()
        };
        let note = String::from_utf8(get("checkpoint".to_owned()).await).unwrap();
        let mut copy = LogCopy::new(&note, &key);
        copy.fetch(true, get).await;
        let leaves = copy.check();
        let count = api.world.count_events(api.world.workspace).await;
        assert_eq!(leaves.len(), usize::try_from(count).unwrap());

        let record = api.ask("owner", "GET", "/record?limit=200").send().await.json();
        let events = record["items"].as_array().unwrap();
        assert_eq!(events.len(), leaves.len());
        for event in events {
            let id = event["id"].as_str().unwrap();
            let file = String::from_utf8(get(format!("receipts/{id}")).await).unwrap();
            let receipt = Receipt::parse(&file).unwrap();
            let leaf = receipt.extra.clone().unwrap();
            receipt.check(&leaf, &name, std::slice::from_ref(&key)).unwrap();
            let Leaf::Event(told) = Leaf::parse(&leaf).unwrap() else { panic!("an event") };
            assert_eq!(uuid::Uuid::from_bytes(told.id).to_string(), id);
            assert_eq!(told.kind, event["kind"].as_str().unwrap());
        }
    });
}

#[test]
fn anybody_can_hold_the_instance_to_its_log() {
    both(async |api| {
        for path in ["checkpoint", "keys", "tile/0/000.p/1"] {
            assert_eq!(public(&api, path).await.outcome(), "404 not_found", "it has not begun");
        }
        run_jobs(&api).await;
        let key = key(&api).await;
        assert_eq!(key.name(), format!("{HOST}/ledger"));
        let mut copy = LogCopy::new(&public(&api, "checkpoint").await.text(), &key);
        let get = async |path: String| {
            let answer = public(&api, &path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            assert!(answer.header("cache-control").contains("immutable"));
            answer.body.clone()
        };
        copy.fetch(false, get).await;
        let size = copy.head.size();
        assert_eq!(testkit::log::ledger::tree::root(size, &mut copy), Ok(copy.head.root()));

        // Somebody of the workspace finds its head in it.
        let note = api.ask("owner", "GET", "/ledger/checkpoint").send().await.text();
        let name = format!("{HOST}/ledger/{}", api.world.workspace);
        let head = LogCopy::new(&note, &key.renamed(&name).unwrap()).head;
        let leaf = |at: i64| {
            let (size, root) = (head.size(), head.root());
            let workspace = api.world.workspace.uuid().into_bytes();
            let head = testkit::log::ledger::event::Head { workspace, size, root, at };
            Hash::leaf(&Leaf::Head(head).to_bytes().unwrap())
        };
        let at = api.world.now().as_microsecond();
        let found = (0..size).any(|index| copy.read(NodeId { level: 0, index }) == Ok(leaf(at)));
        assert!(found, "the head of the workspace");

        for path in [
            "tile/entries/000.p/1",
            "tile/0/000",
            "tile/0/001.p/1",
            "tile/9/000.p/1",
            "tile/0/x/y",
            "tile/0/%ff",
            "entries",
            "",
        ] {
            let answer = public(&api, path).await;
            assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        }
    });
}

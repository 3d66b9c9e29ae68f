//! The ledger: what was recorded is provable, to somebody who has nothing but what they are told.

use ::ledger::{
    Hash, NodeId, Nodes, Verifier,
    event::Leaf,
    proof::{check_consistency, check_inclusion, consistency, inclusion},
    receipt::Receipt,
    tile::{Content, Tile},
};
use app::{
    App, DirectoryOp, Error, Op,
    identity::add_membership,
    ledger::{checkpoint, instance_checkpoint, instance_tile, receipt, tile, verifier_keys},
    tag::add_tag,
};
use domain::{
    ids::{EventId, WorkspaceId},
    text::EmailAddress,
};
use store::{Statement, StoreError, Value};
use testkit::{World, both, log::LogCopy};
use uuid::Uuid;

use crate::steps::{make_known, name, read, take_rules_away, write};

const HOST: &str = "time.example";

async fn directory<T: Send + 'static>(
    app: &App,
    work: impl FnMut(&mut DirectoryOp) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    app.read_directory(app.new_request(), work).await
}

/// The key of the instance by the name of a log. The instance's own log is begun for it, if need be.
async fn key(world: &World, name: &str) -> Verifier {
    // A log begins with something to log: a node knows the heads that it has signed itself.
    world.app.sequence_ledger(world.elsewhere, HOST).await.unwrap();
    world.app.sequence_instance_log(HOST).await.unwrap();
    let keys = directory(&world.app, verifier_keys).await.unwrap();
    let [line] = &keys[..] else { panic!("{keys:?}") };
    let own = Verifier::parse(line).unwrap();
    assert_eq!(own.name(), format!("{HOST}/ledger"));
    own.renamed(name).unwrap()
}

async fn key_of(world: &World, workspace: WorkspaceId) -> Verifier {
    key(world, &format!("{HOST}/ledger/{workspace}")).await
}

/// The world's log, fetched by somebody who may read the record.
async fn fetch(world: &World) -> LogCopy {
    let note = read(world, "owner", checkpoint).await.unwrap();
    let mut copy = LogCopy::new(&note, &key_of(world, world.workspace).await);
    let get = async |path: String| read(world, "owner", move |op| tile(op, &path)).await.unwrap();
    copy.fetch(true, get).await;
    copy
}

async fn sequence(world: &World) -> usize {
    world.app.sequence_ledger(world.workspace, HOST).await.unwrap()
}

/// Tables whose rows stay, with their rules.
const KEPT: [&str; 4] = ["events", "ledger_leaves", "ledger_tiles", "ledger_heads"];

/// Runs a text in the world's workspace, as somebody with the database's password would, who takes the
/// rules away first.
async fn alter(world: &World, sql: &'static str, values: Vec<Value>) {
    let database = world.app.store().workspace(world.workspace).await.unwrap();
    take_rules_away(world, &database, &KEPT).await;
    let altered = database.write(move |tx| tx.execute(&Statement::new("test.alter", sql), &values));
    let altered: Result<u64, StoreError> = altered.await;
    assert!(altered.unwrap() > 0, "{sql}");
}

async fn ids(world: &World, workspace: WorkspaceId, sql: &'static str) -> Vec<Uuid> {
    let database = world.app.store().workspace(workspace).await.unwrap();
    let found = database.read(move |tx| {
        let rows = tx.query(&Statement::new("test.ids", sql), &[])?;
        rows.iter().map(|row| row.get(0)).collect()
    });
    let found: Result<_, StoreError> = found.await;
    found.unwrap()
}

async fn add_tags(world: &World, label: &'static str, count: usize) {
    let add = move |op: &mut Op| {
        for n in 0..count {
            add_tag(op, None, &name(&format!("{label} {n}")), None)?;
        }
        Ok(())
    };
    write(world, "admin", add).await.unwrap();
}

fn id_of_row(n: u64) -> Uuid {
    Uuid::from_u64_pair(n.wrapping_mul(0x9e37_79b9_7f4a_7c15), n)
}

/// Many events, each as an act writes it, at the cost of one transaction.
async fn add_rows(world: &World, count: u64) {
    const EVENT: Statement = Statement::new(
        "test.event",
        "INSERT INTO events (id, at, actor_kind, kind, object_kind, object_id, request_id, facts)
         VALUES ($1, 1, 'system', 'tag.added', 'tag', $1, $1, $2)",
    );
    const PENDING: Statement =
        Statement::new("test.pending", "INSERT INTO ledger_pending (event_id) VALUES ($1)");
    let database = world.app.store().workspace(world.workspace).await.unwrap();
    let added = database.write(move |tx| {
        for n in 0..count {
            let id = id_of_row(n);
            tx.execute(&EVENT, &[id.into(), vec![1_u8, 0, 0].into()])?;
            tx.execute(&PENDING, &[id.into()])?;
        }
        Ok(())
    });
    let added: Result<(), StoreError> = added.await;
    added.unwrap();
}

#[test]
fn every_event_becomes_a_leaf_and_its_proof_needs_nothing_else() {
    both(async |world: World| {
        add_tags(&world, "tag", 300).await;
        let count = usize::try_from(world.count_events(world.workspace).await).unwrap();
        assert_eq!(sequence(&world).await, count);
        let mut copy = fetch(&world).await;
        let leaves = copy.check();
        let told: Vec<Uuid> = leaves
            .iter()
            .map(|leaf| match leaf {
                Leaf::Event(event) => Uuid::from_bytes(event.id),
                other => panic!("{other:?}"),
            })
            .collect();
        let mut all = told.clone();
        all.sort();
        assert_eq!(all, ids(&world, world.workspace, "SELECT id FROM events ORDER BY id").await);

        let key = key_of(&world, world.workspace).await;
        for index in [0, 1, 255, 256, count - 1] {
            let id = EventId::from_uuid(told[index]);
            let file = read(&world, "owner", move |op| receipt(op, id)).await.unwrap();
            let proof = Receipt::parse(&file).unwrap();
            let leaf = proof.extra.clone().unwrap();
            assert_eq!(leaf, leaves[index].to_bytes().unwrap());
            let (head, _) = proof.check(&leaf, key.name(), std::slice::from_ref(&key)).unwrap();
            assert_eq!((head, proof.index), (copy.head.clone(), u64::try_from(index).unwrap()));
        }
        let own = inclusion(7, copy.head.size(), &mut copy).unwrap().unwrap();
        let leaf = Hash::leaf(&copy.entries()[7]);
        check_inclusion(&leaf, 7, copy.head.size(), &own, &copy.head.root()).unwrap();
    });
}

/// Ids are drawn when a request begins: what was written later may have the smaller one.
#[test]
fn events_have_their_places_in_the_order_in_which_they_were_written() {
    both(async |world: World| {
        sequence(&world).await;
        let before = fetch(&world).await.check().len();
        add_rows(&world, 300).await;
        sequence(&world).await;
        let leaves = fetch(&world).await.check();
        let told: Vec<_> = leaves[before..]
            .iter()
            .map(|leaf| match leaf {
                Leaf::Event(event) => Uuid::from_bytes(event.id),
                other => panic!("{other:?}"),
            })
            .collect();
        let written: Vec<_> = (0..300).map(id_of_row).collect();
        assert_eq!(told, written);
        assert!(!written.is_sorted());
    });
}

#[test]
fn a_log_that_goes_on_is_consistent_with_each_of_its_heads() {
    both(async |world: World| {
        let mut heads = Vec::new();
        for label in ["a", "b", "c"] {
            add_tags(&world, label, 130).await;
            assert!(sequence(&world).await >= 130);
            heads.push(fetch(&world).await.head);
        }
        let mut copy = fetch(&world).await;
        copy.check();
        for early in &heads {
            let (size, last) = (early.size(), copy.head.clone());
            let proof = consistency(size, last.size(), &mut copy).unwrap().unwrap();
            let (first, second) = ((size, &early.root()), (last.size(), &last.root()));
            check_consistency(first, second, &proof).unwrap();
        }
        assert_eq!(heads[0].origin(), format!("{HOST}/ledger/{}", world.workspace));
        // A file of an earlier head is still there.
        let early = Tile::at(Content::Entries, 0, heads[0].size()).unwrap().to_string();
        assert!(read(&world, "owner", move |op| tile(op, &early)).await.is_ok());
        assert_eq!(sequence(&world).await, 0, "nothing is new");
        assert_eq!(fetch(&world).await.head, copy.head);
    });
}

#[test]
fn a_log_keeps_its_name_on_another_host() {
    both(async |world: World| {
        sequence(&world).await;
        add_tags(&world, "later", 1).await;
        let moved = "elsewhere.example";
        assert_eq!(world.app.sequence_ledger(world.workspace, moved).await.unwrap(), 1);
        fetch(&world).await.check();
    });
}

#[test]
fn more_than_a_batch_and_two_nodes_at_once_give_each_event_one_place() {
    both(async |world: World| {
        let other = world.another_app().await;
        add_rows(&world, 2_300).await;
        let count = world.count_events(world.workspace).await;
        let (workspace, app) = (world.workspace, world.app.clone());
        let (one, two) = tokio::join!(
            app.sequence_ledger(workspace, HOST),
            other.sequence_ledger(workspace, HOST)
        );
        assert_eq!(one.unwrap() + two.unwrap(), usize::try_from(count).unwrap());
        assert_eq!(fetch(&world).await.check().len(), usize::try_from(count).unwrap());
    });
}

#[test]
fn writers_and_two_nodes_at_once_leave_nothing_out() {
    both(async |world: World| {
        let other = world.another_app().await;
        let workspace = world.workspace;
        let write_some = async {
            for n in 0..20 {
                let label = name(&format!("tag {n}"));
                let added = write(&world, "admin", move |op| add_tag(op, None, &label, None));
                added.await.unwrap();
            }
        };
        let go_on = async |app: &App| {
            for _ in 0..10 {
                app.sequence_ledger(workspace, HOST).await.unwrap();
            }
        };
        tokio::join!(write_some, go_on(&world.app), go_on(&other));
        sequence(&world).await;
        let count = usize::try_from(world.count_events(workspace).await).unwrap();
        assert_eq!(fetch(&world).await.check().len(), count);
        let left = ids(&world, workspace, "SELECT event_id FROM ledger_pending").await;
        assert!(left.is_empty(), "{left:?}");
    });
}

#[test]
fn the_ledger_is_for_who_reads_the_record_and_of_one_workspace() {
    both(async |world: World| {
        world.app.sequence_ledger(world.elsewhere, HOST).await.unwrap();
        let mine = ids(&world, world.workspace, "SELECT id FROM events ORDER BY id").await;
        let mine = EventId::from_uuid(mine[0]);
        let before = read(&world, "owner", checkpoint).await;
        assert!(matches!(before, Err(Error::NotFound)), "it has not begun: {before:?}");
        let before = read(&world, "owner", move |op| receipt(op, mine)).await;
        assert!(matches!(before, Err(Error::NotFound)), "{before:?}");
        sequence(&world).await;

        let theirs = ids(&world, world.elsewhere, "SELECT id FROM events ORDER BY id").await;
        let theirs = EventId::from_uuid(theirs[0]);
        let unknown = EventId::from_uuid(Uuid::from_u128(5));
        for id in [theirs, unknown] {
            let told = read(&world, "owner", move |op| receipt(op, id)).await;
            assert!(matches!(told, Err(Error::NotFound)), "{told:?}");
        }
        for path in [
            "",
            "tile",
            "tile/0/001",
            "tile/0/000",
            "tile/0/000.p/0",
            "tile/0/000.p/255",
            "tile/1/000.p/1",
            "tile/8/000.p/1",
            "tile/entries/000",
            "tile/entries/x281/x474/x976/x710/655",
            "tile/0/x281/x474/x976/x710/654.p/1",
            "tile/entries/000.p/1/",
            "checkpoint",
        ] {
            let told = read(&world, "owner", move |op| tile(op, path)).await;
            assert!(matches!(told, Err(Error::NotFound)), "{path}: {told:?}");
        }
        for (who, may) in [("owner", true), ("admin", true), ("manager", false), ("member", false)]
        {
            let is_right = |told: Result<(), Error>| match told {
                Ok(()) => may,
                Err(Error::Forbidden) => !may,
                Err(other) => panic!("{other}"),
            };
            assert!(is_right(read(&world, who, checkpoint).await.map(drop)), "{who}");
            let file = read(&world, who, |op| tile(op, "tile/0/000.p/1")).await;
            assert!(is_right(file.map(drop)), "{who}");
            let proof = read(&world, who, move |op| receipt(op, mine)).await;
            assert!(is_right(proof.map(drop)), "{who}");
        }
    });
}

#[test]
fn what_is_altered_behind_the_log_is_seen() {
    both(async |world: World| {
        add_tags(&world, "tag", 3).await;
        sequence(&world).await;
        let key = key_of(&world, world.workspace).await;
        let some = ids(&world, world.workspace, "SELECT id FROM events ORDER BY id").await;
        let id = EventId::from_uuid(some[2]);
        alter(&world, "UPDATE events SET at = at + 1 WHERE id = $1", vec![id.into()]).await;
        let file = read(&world, "owner", move |op| receipt(op, id)).await.unwrap();
        let proof = Receipt::parse(&file).unwrap();
        let leaf = proof.extra.clone().unwrap();
        assert!(proof.check(&leaf, key.name(), std::slice::from_ref(&key)).is_err());
    });
}

/// What the database itself refuses: a column of each kind, a row that is changed, one that is deleted.
const REFUSED: [&str; 13] = [
    "UPDATE events SET at = at + 1",
    "UPDATE events SET facts = facts",
    "UPDATE events SET subject_id = NULL, texts_sealed = NULL",
    "DELETE FROM events",
    "UPDATE ledger_leaves SET position = position + 1000",
    "DELETE FROM ledger_leaves WHERE position = 1",
    "UPDATE ledger_tiles SET hashes = substr(hashes, 33)",
    "UPDATE ledger_tiles SET hashes = hashes",
    "UPDATE ledger_tiles SET idx = idx + 7",
    "DELETE FROM ledger_tiles",
    "UPDATE ledger_heads SET note = replace(note, 'time.example', 'lime.example')",
    "UPDATE ledger_heads SET at = at",
    "DELETE FROM ledger_heads",
];

/// As a witness would have left it.
const COSIGNATURE: &str = "INSERT INTO ledger_cosignatures (size, witness, at, line)
    SELECT MAX(size), 'w', 7, 'x' FROM ledger_heads";

/// What the directory has alone.
const REFUSED_IN_DIRECTORY: [&str; 6] = [
    "UPDATE ledger_epochs SET number = number + 1",
    "UPDATE ledger_epochs SET event_id = event_id",
    "DELETE FROM ledger_epochs",
    "UPDATE ledger_cosignatures SET at = 7, line = 'y'",
    "UPDATE ledger_cosignatures SET witness = 'v', at = 9",
    "DELETE FROM ledger_cosignatures",
];

/// What is no leaf's: words that are sealed anew, and whether an act was told to the workspaces.
const FREE: [[&str; 2]; 2] = [
    [
        "UPDATE events SET texts_sealed = texts_sealed, body_mac = NULL",
        "UPDATE ledger_tiles SET hashes = hashes WHERE level > 7",
    ],
    [
        "UPDATE directory_events SET relayed_at = NULL",
        "UPDATE ledger_tiles SET hashes = hashes WHERE level > 7",
    ],
];

async fn run(database: &store::Database, sql: &'static str) -> Result<u64, StoreError> {
    database.write(move |tx| tx.execute(&Statement::new("test.run", sql), &[])).await
}

#[test]
fn what_was_recorded_is_neither_changed_nor_deleted() {
    both(async |world: World| {
        make_known(&world).await;
        act(&world).await;
        add_tags(&world, "tag", 3).await;
        sequence(&world).await;
        world.app.sequence_instance_log(HOST).await.unwrap();
        let workspace = world.app.store().workspace(world.workspace).await.unwrap();
        let is_refused = |outcome: &Result<u64, StoreError>| {
            let check = store::ConstraintKind::Check;
            matches!(outcome, Err(StoreError::Constraint { kind, .. }) if *kind == check)
        };
        for sql in REFUSED {
            let outcome = run(&workspace, sql).await;
            assert!(is_refused(&outcome), "{sql}: {outcome:?}");
            // The directory's events have no subject.
            let in_directory = match sql {
                "UPDATE events SET subject_id = NULL, texts_sealed = NULL" => {
                    "UPDATE directory_events SET user_id = NULL, relayed_at = NULL"
                }
                "UPDATE events SET at = at + 1" => "UPDATE directory_events SET at = at + 1",
                "UPDATE events SET facts = facts" => "UPDATE directory_events SET facts = facts",
                "DELETE FROM events" => "DELETE FROM directory_events",
                other => other,
            };
            let outcome = run(world.app.store().directory(), in_directory).await;
            assert!(is_refused(&outcome), "{in_directory}: {outcome:?}");
        }
        let [of_workspace, of_directory] = FREE;
        for sql in of_workspace {
            run(&workspace, sql).await.unwrap();
        }
        for sql in of_directory {
            run(world.app.store().directory(), sql).await.unwrap();
        }
        // And both logs go on, whose last files grow.
        add_tags(&world, "later", 2).await;
        assert!(sequence(&world).await > 0);
        assert!(world.app.sequence_instance_log(HOST).await.unwrap() > 0);
        fetch(&world).await;

        world.app.open_epoch(HOST, "a try", None, Vec::new()).await.unwrap();
        run(world.app.store().directory(), COSIGNATURE).await.unwrap();
        for sql in REFUSED_IN_DIRECTORY {
            let outcome = run(world.app.store().directory(), sql).await;
            assert!(is_refused(&outcome), "{sql}: {outcome:?}");
        }
        run(world.app.store().directory(), "UPDATE ledger_cosignatures SET at = 8").await.unwrap();
    });
}

/// Nothing is signed that goes on from what somebody else has written.
#[test]
fn a_log_that_was_altered_does_not_go_on() {
    for sql in [
        "UPDATE ledger_tiles SET hashes = substr(hashes, 33)",
        "UPDATE ledger_heads SET size = size - 1",
        "UPDATE ledger_heads SET note = replace(note, 'time.example', 'lime.example')",
        "DELETE FROM ledger_leaves WHERE position > 2",
        "UPDATE ledger_log SET origin = 'time.example/ledger'",
        "UPDATE ledger_log SET origin = replace(origin, '/ledger/', '/ledger/x/')",
    ] {
        both(async |world: World| {
            add_tags(&world, "tag", 3).await;
            sequence(&world).await;
            alter(&world, sql, Vec::new()).await;
            add_tags(&world, "later", 1).await;
            let told = world.app.sequence_ledger(world.workspace, HOST).await;
            assert!(matches!(told, Err(Error::Damaged(_))), "{sql}: {told:?}");
        });
    }
}

/// One key signs all logs: a name that is written into a log which has not begun is signed as well.
#[test]
fn a_log_takes_the_name_of_no_other() {
    both(async |world: World| {
        for origin in ["time.example/ledger".to_owned(), format!("t/ledger/{}", world.elsewhere)] {
            let begin = "INSERT INTO ledger_log (id, origin) VALUES (1, $1)";
            alter(&world, begin, vec![origin.as_str().into()]).await;
            let told = world.app.sequence_ledger(world.workspace, HOST).await;
            assert!(matches!(told, Err(Error::Damaged(_))), "{origin}: {told:?}");
            alter(&world, "DELETE FROM ledger_log", Vec::new()).await;
        }
        sequence(&world).await;
    });
}

/// A head that somebody else has written is in no log, and keeps no true one out.
#[test]
fn a_forged_head_is_in_no_log() {
    both(async |world: World| {
        make_known(&world).await;
        sequence(&world).await;
        let forged = "INSERT INTO ledger_heads (size, root, at, note)
                      SELECT size + 100, root, at, note FROM ledger_heads";
        alter(&world, forged, Vec::new()).await;
        // A node that starts believes what it finds, until it looks closer.
        let other = world.another_app().await;
        other.has_unsequenced_events().await.unwrap();
        let told = other.sequence_instance_log(HOST).await;
        assert!(matches!(told, Err(Error::Damaged(_))), "{told:?}");
        let is_of_it = |leaf: &&Leaf| matches!(leaf, Leaf::Head(head) if head.workspace == world.workspace.as_bytes());
        assert_eq!(rows_of_instance(&world).await.iter().filter(is_of_it).count(), 0);
        alter(&world, "DELETE FROM ledger_heads WHERE size > 100", Vec::new()).await;
        assert!(world.app.sequence_instance_log(HOST).await.unwrap() > 0);
        assert_eq!(rows_of_instance(&world).await.iter().filter(is_of_it).count(), 1);
    });
}

#[test]
fn the_job_finds_all_that_waits_also_after_a_start() {
    both(async |world: World| {
        make_known(&world).await;
        assert!(world.app.has_unsequenced_events().await.unwrap());
        let count =
            world.count_events(world.workspace).await + world.count_events(world.elsewhere).await;
        // Another node has heard of nothing, and looks.
        let other = world.another_app().await;
        assert!(other.has_unsequenced_events().await.unwrap());
        let done = other.sequence_ledgers(HOST).await.unwrap();
        assert_eq!(done, usize::try_from(count).unwrap());
        assert!(!other.has_unsequenced_events().await.unwrap());
        assert!(!world.app.has_unsequenced_events().await.unwrap(), "somebody else has done it");

        add_tags(&world, "tag", 1).await;
        assert!(world.app.has_unsequenced_events().await.unwrap());
        assert_eq!(world.app.sequence_ledgers(HOST).await.unwrap(), 1);
        assert!(!world.app.has_unsequenced_events().await.unwrap());
        assert_eq!(world.app.sequence_ledgers(HOST).await.unwrap(), 0);
    });
}

/// Somebody becomes a member, as the directory tells it.
async fn act(world: &World) {
    let address = EmailAddress::parse("ann@example.org").unwrap();
    let user = world.app.find_or_create_person(world.app.new_request(), address).await.unwrap();
    let (workspace, member) = (world.workspace, world.member("member"));
    let added = world.app.write_directory(world.app.new_request(), move |op| {
        add_membership(op, user, workspace, member)
    });
    added.await.unwrap();
}

async fn fetch_instance(world: &World) -> (LogCopy, Vec<Leaf>) {
    let key = key(world, &format!("{HOST}/ledger")).await;
    let note = directory(&world.app, instance_checkpoint).await.unwrap();
    let mut copy = LogCopy::new(&note, &key);
    let get = async |path: String| {
        directory(&world.app, move |op| instance_tile(op, &path)).await.unwrap()
    };
    copy.fetch(false, get).await;
    for tile in Tile::all(copy.head.size()).filter(|tile| tile.content() == Content::Entries) {
        let path = tile.to_string();
        let told = directory(&world.app, move |op| instance_tile(op, &path)).await;
        assert!(matches!(told, Err(Error::NotFound)), "the leaves are nobody's: {told:?}");
    }
    let leaves = (0..copy.head.size()).map(|index| copy.read(NodeId { level: 0, index }).unwrap());
    let hashes: Vec<Hash> = leaves.collect();
    let rows = rows_of_instance(world).await;
    let told: Vec<Hash> = rows.iter().map(|leaf| Hash::leaf(&leaf.to_bytes().unwrap())).collect();
    assert_eq!(hashes, told);
    (copy, rows)
}

/// The leaves of the instance's log, from the tables.
async fn rows_of_instance(world: &World) -> Vec<Leaf> {
    const LIST: Statement = Statement::new(
        "test.list",
        "SELECT l.workspace_id, l.size, l.root, l.at, e.id, e.at, e.kind, e.user_id, e.request_id,
                e.facts
         FROM ledger_leaves l LEFT JOIN directory_events e ON e.id = l.event_id ORDER BY l.position",
    );
    let read = world.app.store().directory().read(|tx| {
        let rows = tx.query(&LIST, &[])?;
        let leaf = |row: &store::Row| {
            let id = |at| row.get::<Option<Uuid>>(at).map(|id| id.map(Uuid::into_bytes));
            Ok(match id(0)? {
                Some(workspace) => Leaf::Head(::ledger::event::Head {
                    workspace,
                    size: row.get::<i64>(1)?.try_into().unwrap(),
                    root: Hash(row.get(2)?),
                    at: row.get(3)?,
                }),
                None => Leaf::Act(::ledger::event::Act {
                    id: id(4)?.unwrap(),
                    at: row.get(5)?,
                    kind: row.get(6)?,
                    user: id(7)?,
                    request: id(8)?.unwrap(),
                    facts: row.get(9)?,
                }),
            })
        };
        rows.iter().map(leaf).collect()
    });
    let rows: Result<_, StoreError> = read.await;
    rows.unwrap()
}

#[test]
fn heads_of_workspaces_and_acts_of_the_directory_are_in_the_instances_log() {
    both(async |world: World| {
        make_known(&world).await;
        act(&world).await;
        world.app.has_unsequenced_events().await.unwrap();
        world.app.sequence_ledgers(HOST).await.unwrap();
        assert!(world.app.has_unlogged().await.unwrap());
        let (first, leaves) = fetch_instance(&world).await;
        let heads: Vec<_> = leaves
            .iter()
            .filter_map(|leaf| match leaf {
                Leaf::Head(head) => Some((head.workspace, head.size, head.root)),
                _ => None,
            })
            .collect();
        let mine = fetch(&world).await.head;
        assert!(heads.contains(&(world.workspace.as_bytes(), mine.size(), mine.root())));
        assert_eq!(heads.len(), 2);
        let acts = leaves.iter().filter(|leaf| matches!(leaf, Leaf::Act(_))).count();
        let all = world.count_directory_events().await;
        assert!(acts > 0 && i64::try_from(acts) == Ok(all), "all that happened in the directory");
        assert!(!world.app.has_unlogged().await.unwrap());

        add_tags(&world, "later", 2).await;
        assert_eq!(world.app.sequence_ledgers(HOST).await.unwrap(), 2);
        // A node that starts does not know which heads are there, and adds none twice.
        let other = world.another_app().await;
        assert!(!other.has_unsequenced_events().await.unwrap());
        let (one, two) =
            tokio::join!(other.sequence_instance_log(HOST), world.app.sequence_instance_log(HOST));
        assert_eq!(one.unwrap() + two.unwrap(), 1);
        assert_eq!(world.app.sequence_instance_log(HOST).await.unwrap(), 0);
        let (mut last, leaves) = fetch_instance(&world).await;
        assert_eq!(last.head.size(), first.head.size() + 1);
        assert!(matches!(leaves.last(), Some(Leaf::Head(head)) if head.size == mine.size() + 2));
        let (early, late) = (first.head, last.head.clone());
        let proof = consistency(early.size(), late.size(), &mut last).unwrap().unwrap();
        let (early, late) = ((early.size(), &early.root()), (late.size(), &late.root()));
        check_consistency(early, late, &proof).unwrap();
    });
}

/// The whole database of a workspace was put back, and would go on: the instance knows better.
#[test]
fn a_workspace_that_was_put_back_is_found_out() {
    both(async |world: World| {
        make_known(&world).await;
        add_tags(&world, "tag", 3).await;
        sequence(&world).await;
        world.app.sequence_instance_log(HOST).await.unwrap();
        for sql in
            ["DELETE FROM ledger_leaves", "DELETE FROM ledger_heads", "DELETE FROM ledger_tiles"]
        {
            alter(&world, sql, Vec::new()).await;
        }
        let rewritten = "INSERT INTO ledger_pending (event_id) SELECT id FROM events";
        alter(&world, "UPDATE events SET at = at - 1", Vec::new()).await;
        alter(&world, rewritten, Vec::new()).await;
        add_tags(&world, "later", 1).await;
        // Nothing of it is signed, though the database has nothing against it.
        let told = world.app.sequence_ledger(world.workspace, HOST).await;
        assert!(matches!(told, Err(Error::Damaged(_))), "{told:?}");
        world.app.sequence_instance_log(HOST).await.unwrap();
        let known = rows_of_instance(&world).await;
        let of_it = |leaf: &&Leaf| matches!(leaf, Leaf::Head(head) if head.workspace == world.workspace.as_bytes());
        assert_eq!(known.iter().filter(of_it).count(), 1, "the false head is in no log");
        // Others go on.
        world.app.sequence_ledger(world.elsewhere, HOST).await.unwrap();
        assert_eq!(world.app.sequence_instance_log(HOST).await.unwrap(), 1);
    });
}

//! What is unusual is told to the owners, once, and to nobody else.

use app::{
    Actor, DirectoryOp,
    audit::Kind,
    identity::{LetterKind, claim_due_letters},
    paging::Asked as Page,
    record::{RecordFilter, RecordedEvent, list_record},
    report::{GroupBy, SummaryQuery, summary_file},
    tag::{add_tag, delete_tag},
};
use domain::period::Period;
use store::{Statement, StoreError};
use testkit::{World, both};

use crate::{
    acts::furnished,
    steps::{make_known, name, program_of, read, write},
};

const HOST: &str = "time.example";
const BASE: &str = "https://time.example";

/// Gives all events their places, and counts them; how many things were told.
async fn watch(world: &World) -> usize {
    world.app.has_unsequenced_events().await.unwrap();
    world.app.sequence_ledgers(HOST).await.unwrap();
    world.app.watch_activity(BASE).await.unwrap()
}

fn report_of_a_day() -> SummaryQuery {
    let day = jiff::civil::date(2026, 11, 20);
    SummaryQuery {
        period: Period::new(day, day).unwrap(),
        group_by: GroupBy::MemberProject,
        member: None,
        project: None,
    }
}

/// Takes so many reports away.
async fn export(world: &World, who: &str, times: usize) {
    let query = report_of_a_day();
    for _ in 0..times {
        read(world, who, move |op| summary_file(op, query)).await.unwrap();
    }
}

/// What was told in the record, the latest first.
async fn told(world: &World) -> Vec<RecordedEvent> {
    let (page, filter) = (Page::new("record", None, 200), RecordFilter::default());
    let found = read(world, "owner", move |op| list_record(op, &page, filter)).await.unwrap();
    found.items.into_iter().filter(|item| item.event.kind == Kind::AnomalyFound).collect()
}

/// What a field of it says.
fn field(told: &RecordedEvent, name: &str) -> String {
    let change = told.event.changes.iter().find(|change| change.field == name);
    change.unwrap().after.as_ref().unwrap().to_string()
}

/// Of what kind of thing it was told, and how often it was done.
async fn alarms(world: &World) -> Vec<(String, i64)> {
    let alarm = |item: &RecordedEvent| {
        assert_eq!(item.event.actor, "The server", "nobody has found it themselves");
        (item.object_kind.clone(), field(item, "count").parse().unwrap())
    };
    told(world).await.iter().map(alarm).collect()
}

/// The letters that owners got.
async fn letters(world: &World) -> Vec<(String, String)> {
    let claim = |op: &mut DirectoryOp| claim_due_letters(op, 100);
    let claimed = world.app.write_directory(world.app.new_request(), claim).await.unwrap();
    let notices = claimed.letters.iter().filter(|one| one.kind == LetterKind::SecurityNotice);
    notices.map(|one| (one.letter.to().as_str().to_owned(), one.letter.body().to_owned())).collect()
}

#[test]
fn what_is_unusual_is_told_once_a_day() {
    both(async |world: World| {
        make_known(&world).await;
        export(&world, "admin", 10).await;
        assert_eq!(watch(&world).await, 0, "so many are nothing");
        export(&world, "admin", 1).await;
        assert_eq!(watch(&world).await, 1);
        assert_eq!(alarms(&world).await, [("member".to_owned(), 11)]);
        // What goes on is known by now, and somebody else is somebody else.
        export(&world, "admin", 5).await;
        assert_eq!(watch(&world).await, 0);
        export(&world, "owner", 11).await;
        assert_eq!(watch(&world).await, 1);
        let both = [("member".to_owned(), 11), ("member".to_owned(), 11)];
        assert_eq!(alarms(&world).await, both);
        // Tomorrow so many are no news: three times the busiest day would be.
        world.set_clock("2026-11-21T12:00:00Z");
        export(&world, "admin", 48).await;
        assert_eq!(watch(&world).await, 0);
        export(&world, "admin", 1).await;
        assert_eq!(watch(&world).await, 1);
        assert_eq!(alarms(&world).await[0], ("member".to_owned(), 49));
        // All together have a measure of their own, of 27 yesterday.
        export(&world, "owner", 32).await;
        assert_eq!(watch(&world).await, 0);
        export(&world, "owner", 1).await;
        assert_eq!(watch(&world).await, 1);
        assert_eq!(alarms(&world).await[0], ("workspace".to_owned(), 82));
    });
}

#[test]
fn each_owner_gets_a_letter_that_says_who_and_how_often() {
    both(async |world: World| {
        let (stage, owner, workspace) = furnished(world).await;
        letters(&stage.world).await;
        let query = report_of_a_day();
        for _ in 0..11 {
            let file =
                stage.app().read(stage.actor(owner), workspace, move |op| summary_file(op, query));
            file.await.unwrap();
        }
        assert_eq!(watch(&stage.world).await, 1);
        let told = letters(&stage.world).await;
        let [(to, body)] = &told[..] else { panic!("{told:?}") };
        assert_eq!(to, "owner@example.org");
        assert!(body.contains(": 11 files taken away, where 10 would not be unusual"), "{body}");
        assert!(body.contains(&format!("{BASE}/w/{workspace}/record")), "{body}");
        assert_eq!(watch(&stage.world).await, 0);
        assert_eq!(letters(&stage.world).await, []);
    });
}

#[test]
fn a_program_is_counted_by_itself_and_told_by_whose_it_is() {
    both(async |world: World| {
        make_known(&world).await;
        let program = program_of(&world, "admin").await;
        export(&world, "admin", 10).await;
        let query = report_of_a_day();
        for _ in 0..11 {
            let actor = Actor::new(program, world.app.new_request());
            let file = world.app.read(actor, world.workspace, move |op| summary_file(op, query));
            file.await.unwrap();
        }
        assert_eq!(watch(&world).await, 1, "the program, and not its person");
        assert_eq!(alarms(&world).await, [("member".to_owned(), 11)]);
        assert_eq!(field(&told(&world).await[0], "program"), "yes");
    });
}

/// Adds tags and deletes them.
async fn delete(world: &World, who: &str, times: usize) {
    for n in 0..times {
        let label = name(&format!("{who} {n}"));
        let tag = write(world, who, move |op| add_tag(op, None, &label, None)).await;
        let id = tag.unwrap().into_inner().id;
        write(world, who, move |op| delete_tag(op, id, None)).await.unwrap();
    }
}

#[test]
fn what_is_deleted_is_counted_by_whatever_name() {
    both(async |world: World| {
        make_known(&world).await;
        delete(&world, "admin", 31).await;
        assert_eq!(watch(&world).await, 1);
        assert_eq!(alarms(&world).await, [("member".to_owned(), 31)]);
    });
}

/// That the trash is emptied a month later is nobody's doing.
#[test]
fn what_the_program_does_by_itself_is_not_unusual() {
    both(async |world: World| {
        make_known(&world).await;
        for day in ["2026-11-20", "2026-11-21"] {
            world.set_clock(&format!("{day}T12:00:00Z"));
            delete(&world, "admin", 30).await;
            delete(&world, "owner", 30).await;
            assert_eq!(watch(&world).await, 0);
        }
        world.set_clock("2026-12-23T12:00:00Z");
        assert_eq!(world.app.purge_all_trash().await.unwrap(), 120);
        assert_eq!(watch(&world).await, 0);
    });
}

/// A server that was down tells nothing of days that are over, and counts them.
#[test]
fn what_is_over_is_counted_and_not_told() {
    both(async |world: World| {
        make_known(&world).await;
        export(&world, "admin", 20).await;
        world.set_clock("2026-11-24T12:00:00Z");
        assert_eq!(watch(&world).await, 0);
        assert_eq!(alarms(&world).await, []);
        assert_eq!(letters(&world).await, []);
        export(&world, "admin", 60).await;
        assert_eq!(watch(&world).await, 0, "three times twenty");
        export(&world, "admin", 1).await;
        assert_eq!(watch(&world).await, 2, "of one, and of all");
        // A month later nothing of it counts any more.
        world.set_clock("2026-12-28T12:00:00Z");
        export(&world, "admin", 11).await;
        assert_eq!(watch(&world).await, 1);
        assert_eq!(counted(&world).await, 2, "the days before are forgotten");
    });
}

/// Rows of the counts of exports.
async fn counted(world: &World) -> i64 {
    let count =
        Statement::new("test.counted", "SELECT COUNT(*) FROM tallies WHERE measure = 'exports'");
    let database = world.app.store().workspace(world.workspace).await.unwrap();
    let counted: Result<i64, StoreError> =
        database.read(move |tx| tx.one(&count, &[])?.get(0)).await;
    counted.unwrap()
}

#[test]
fn two_nodes_count_each_event_once() {
    both(async |world: World| {
        make_known(&world).await;
        let other = world.another_app().await;
        export(&world, "admin", 9).await;
        world.app.has_unsequenced_events().await.unwrap();
        world.app.sequence_ledgers(HOST).await.unwrap();
        other.has_unsequenced_events().await.unwrap();
        assert!(world.app.has_uncounted_activity() && other.has_uncounted_activity());
        // Whoever comes second finds nothing, or is told to look again.
        let (one, two) = tokio::join!(world.app.watch_activity(BASE), other.watch_activity(BASE));
        assert!(one.is_ok() || two.is_ok());
        let sum = Statement::new(
            "test.sum",
            "SELECT CAST(SUM(count) AS BIGINT) FROM tallies WHERE measure = 'exports'",
        );
        let database = world.app.store().workspace(world.workspace).await.unwrap();
        let sum: Result<i64, StoreError> = database.read(move |tx| tx.one(&sum, &[])?.get(0)).await;
        assert_eq!(sum.unwrap(), 18, "nine of the admin, and nine of all");
    });
}

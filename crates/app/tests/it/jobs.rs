//! What the program does by itself.

use app::{
    DirectoryOp, Error, Op, SetUpWorkspace,
    audit::Kind,
    identity::{
        Method, OpenSession, Origin, add_membership, claim_due_letters, enqueue, has_due_letters,
        insert_workspace, letters, mark_workspace_ready, open_session, remove_membership,
        session::end_all_sessions,
    },
    jobs::{acquire_lease, release_leases},
    ledger::instance_checkpoint,
    paging::{self, Asked},
    tag::list_tags,
    time_entry::{Booking, delete_time_entry, list_trash},
};
use domain::{
    ids::{MemberId, UserId, WorkspaceId},
    period::WeekStart,
    preference::{Currency, Locale},
    text::{EmailAddress, Name},
};
use store::Statement;
use testkit::{World, both};
use uuid::Uuid;

use crate::steps::{book, write};

async fn directory<T: Send + 'static>(
    world: &World,
    work: impl FnMut(&mut DirectoryOp) -> Result<T, Error> + Send + 'static,
) -> T {
    let request = world.app.new_request();
    world.app.write_directory(request, work).await.unwrap()
}

#[test]
fn one_holder_has_a_lease_until_it_runs_out_or_is_given_back() {
    both(async |world: World| {
        let (ann, ben) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let acquire = async |holder, for_s| {
            directory(&world, move |op| acquire_lease(op, "mail", holder, for_s)).await
        };
        assert!(acquire(ann, 60).await);
        assert!(!acquire(ben, 60).await);
        assert!(acquire(ann, 60).await, "renewed");
        assert!(directory(&world, move |op| acquire_lease(op, "trash", ben, 60)).await);
        world.set_clock("2026-11-20T12:00:59Z");
        assert!(!acquire(ben, 60).await);
        world.set_clock("2026-11-20T11:59:45Z");
        assert!(!acquire(ben, 60).await, "a clock that is behind takes no lease that is held");
        world.set_clock("2026-11-20T12:01:00Z");
        assert!(acquire(ben, 60).await, "it ran out");
        assert!(!acquire(ann, 60).await);
        directory(&world, move |op| release_leases(op, ben)).await;
        assert!(acquire(ann, 60).await, "it was given back");
        world.set_clock("2026-11-20T11:00:00Z");
        assert!(acquire(ben, 60).await, "a clock set back does not hold a job for an hour");
    });
}

/// The acts and ids of the relayed events, as the workspace keeps them.
async fn relayed(world: &World, workspace: WorkspaceId) -> Vec<(Uuid, Vec<u8>)> {
    const LIST: Statement = Statement::new(
        "test.list_relayed",
        "SELECT id, facts FROM events WHERE kind = $1 ORDER BY id",
    );
    let database = world.app.store().workspace(workspace).await.unwrap();
    let read = database.read(|tx| {
        let rows = tx.query(&LIST, &[Kind::DirectoryAct.as_str().into()])?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    });
    let events: Result<_, store::StoreError> = read.await;
    events.unwrap()
}

fn acts(events: &[(Uuid, Vec<u8>)]) -> Vec<String> {
    // Version, count, name ("act"), nothing before, a word after: see `audit.rs`.
    let word = |facts: &[u8]| {
        assert_eq!(facts[3..10], *b"\x03act\0\x03\0", "{facts:?}");
        String::from_utf8(facts[11..11 + usize::from(facts[10])].to_vec()).unwrap()
    };
    events.iter().map(|(_, facts)| word(facts)).collect()
}

/// Somebody who can open the world's workspace as `member`, and the other one as its owner.
async fn in_both(world: &World) -> UserId {
    let address = EmailAddress::parse("ann@example.org").unwrap();
    let user = world.app.find_or_create_person(world.app.new_request(), address).await.unwrap();
    world.set_clock("2026-11-20T12:01:00Z");
    for (workspace, who) in [(world.workspace, "member"), (world.elsewhere, "stranger")] {
        let member = world.member(who);
        directory(world, move |op| {
            insert_workspace(op, workspace)?;
            mark_workspace_ready(op, workspace)?;
            add_membership(op, user, workspace, member)
        })
        .await;
    }
    user
}

#[test]
fn acts_of_a_person_reach_each_of_their_workspaces_once() {
    both(async |world: World| {
        let user = in_both(&world).await;
        world.set_clock("2026-11-20T12:05:00Z");
        directory(&world, move |op| {
            let session =
                OpenSession { user, method: Method::PrintedLink, second: None, remember: false };
            open_session(op, session, &Origin::default()).map(drop)
        })
        .await;
        world.set_clock("2026-11-20T12:06:00Z");
        directory(&world, move |op| end_all_sessions(op, user)).await;
        world.set_clock("2026-11-20T12:06:30Z");
        let elsewhere = world.elsewhere;
        directory(&world, move |op| remove_membership(op, user, elsewhere)).await;
        world.set_clock("2026-11-20T12:07:00Z");
        directory(&world, move |op| {
            let session =
                OpenSession { user, method: Method::PrintedLink, second: None, remember: false };
            open_session(op, session, &Origin::default()).map(drop)
        })
        .await;

        assert!(world.app.has_unrelayed_events().await.unwrap());
        while world.app.relay_directory_events().await.unwrap() > 0 {}
        let here = relayed(&world, world.workspace).await;
        assert_eq!(
            acts(&here),
            ["membership.added", "session.opened", "session.ended", "session.opened"],
            "what was done of another workspace alone is not told",
        );
        let there = relayed(&world, world.elsewhere).await;
        assert_eq!(
            acts(&there),
            ["membership.added", "session.opened", "session.ended", "membership.removed"],
            "not what came after they had left"
        );
        assert!(!world.app.has_unrelayed_events().await.unwrap());

        // As after a crash between the two databases.
        let forgotten = world.app.store().directory().write(|tx| tx.execute(&FORGET, &[]));
        let forgotten: Result<u64, store::StoreError> = forgotten.await;
        assert!(forgotten.unwrap() > 0);
        while world.app.relay_directory_events().await.unwrap() > 0 {}
        assert_eq!(relayed(&world, world.workspace).await, here);
        assert_eq!(relayed(&world, world.elsewhere).await, there);
    });
}

/// Break a workspace, on either engine, and mend it.
const BREAK: Statement = Statement::new("test.break", "ALTER TABLE events RENAME TO lost_events");
const MEND: Statement = Statement::new("test.mend", "ALTER TABLE lost_events RENAME TO events");

#[test]
fn a_broken_workspace_holds_no_other_up() {
    both(async |world: World| {
        let user = in_both(&world).await;
        while world.app.relay_directory_events().await.unwrap() > 0 {}
        let run = async |statement: Statement| {
            let database = world.app.store().workspace(world.workspace).await.unwrap();
            let ran = database.write(move |tx| tx.execute(&statement, &[]));
            let ran: Result<u64, store::StoreError> = ran.await;
            ran.unwrap();
        };
        let sign_in = async |user| {
            directory(&world, move |op| {
                let session = OpenSession {
                    user,
                    method: Method::PrintedLink,
                    second: None,
                    remember: false,
                };
                open_session(op, session, &Origin::default()).map(drop)
            })
            .await;
        };
        world.set_clock("2026-11-20T12:05:00Z");
        run(BREAK).await;
        // More than are read at a time, all of them for the broken one too.
        for _ in 0..201 {
            sign_in(user).await;
        }
        let address = EmailAddress::parse("ben@example.org").unwrap();
        let ben = world.app.find_or_create_person(world.app.new_request(), address).await.unwrap();
        let (elsewhere, member) = (world.elsewhere, MemberId::from_bytes([7; 16]));
        directory(&world, move |op| add_membership(op, ben, elsewhere, member)).await;
        assert!(world.app.relay_directory_events().await.is_err(), "told");
        let there = relayed(&world, world.elsewhere).await;
        let count = |act: &str| acts(&there).iter().filter(|found| *found == act).count();
        assert_eq!(count("session.opened"), 201);
        assert_eq!(count("membership.added"), 2, "what comes behind the broken one arrives");
        run(MEND).await;
        assert_eq!(world.app.relay_directory_events().await.unwrap(), 201);
        assert!(!world.app.has_unrelayed_events().await.unwrap());
        assert_eq!(relayed(&world, world.elsewhere).await, there, "nothing twice");
        let here = acts(&relayed(&world, world.workspace).await);
        assert_eq!(here.iter().filter(|act| *act == "session.opened").count(), 201);
    });
}

/// Its database may be put back: what happened meanwhile waits for it, and holds nothing else up.
#[test]
fn events_wait_for_a_workspace_that_is_gone() {
    both(async |world: World| {
        let user = in_both(&world).await;
        let nowhere = WorkspaceId::from_bytes([9; 16]);
        let member = world.member("other");
        directory(&world, move |op| {
            insert_workspace(op, nowhere)?;
            mark_workspace_ready(op, nowhere)?;
            add_membership(op, user, nowhere, member)
        })
        .await;
        assert!(world.app.relay_directory_events().await.is_err(), "told");
        let here = acts(&relayed(&world, world.workspace).await);
        assert!(here.iter().any(|act| act == "membership.added"), "the others are done: {here:?}");
        assert!(world.app.has_unrelayed_events().await.unwrap());
        assert!(world.app.purge_all_trash().await.is_err(), "told, and the others are done");
        world.app.store().create_workspace(nowhere).await.unwrap();
        while world.app.relay_directory_events().await.unwrap() > 0 {}
        assert!(!world.app.has_unrelayed_events().await.unwrap());
    });
}

#[test]
fn the_trash_is_emptied_after_thirty_days() {
    both(async |world: World| {
        in_both(&world).await;
        let entry = book(&world, "member", Booking::default(), 60).await.id;
        write(&world, "member", move |op| delete_time_entry(op, entry, None)).await.unwrap();
        let trash = async || {
            let all = |op: &mut Op| list_trash(op, &Asked::new("", None, paging::MOST));
            let listed = world.app.read(world.actor("member"), world.workspace, all).await;
            listed.unwrap().items.len()
        };
        world.set_clock("2026-12-20T12:01:00Z");
        assert_eq!(world.app.purge_all_trash().await.unwrap(), 0);
        assert_eq!(trash().await, 1);
        world.set_clock("2026-12-20T12:01:01Z");
        assert_eq!(world.app.purge_all_trash().await.unwrap(), 1);
        assert_eq!(trash().await, 0);
        assert_eq!(world.app.purge_all_trash().await.unwrap(), 0);
    });
}

#[test]
fn files_that_nobody_used_are_closed_and_opened_again() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let world = World::open("sqlite").await;
        let (store, here) = (world.app.store(), world.workspace);
        let look = async || world.app.read(world.actor("member"), here, list_tags).await.unwrap();
        look().await;
        store.close_unused();
        assert!(store.is_open(here), "it was used since the last time");
        look().await;
        store.close_unused();
        assert!(store.is_open(here));
        store.close_unused();
        assert!(!store.is_open(here));
        look().await;
        assert!(store.is_open(here));
        // What looks into every workspace leaves open what was open, and nothing else.
        store.close(world.elsewhere);
        world.app.purge_all_trash().await.unwrap();
        world.app.relay_directory_events().await.unwrap();
        assert!(store.is_open(here) && !store.is_open(world.elsewhere));
    });
}

#[test]
fn a_letter_that_cannot_be_opened_keeps_no_other_back() {
    both(async |world: World| {
        let to = EmailAddress::parse("ann@example.org").unwrap();
        let letter = letters::proof_code(&to, "ABCDEFGH").unwrap();
        let kind = app::identity::LetterKind::RememberTheft;
        assert!(!directory(&world, has_due_letters).await);
        let first = letter.clone();
        directory(&world, move |op| enqueue(op, kind, &first)).await;
        let spoiled = world.app.store().directory().write(|tx| tx.execute(&SPOIL, &[]));
        let spoiled: Result<u64, store::StoreError> = spoiled.await;
        assert_eq!(spoiled.unwrap(), 1);
        world.set_clock("2026-11-20T12:00:01Z");
        directory(&world, move |op| enqueue(op, kind, &letter)).await;
        assert!(directory(&world, has_due_letters).await);
        assert_eq!(directory(&world, |op| claim_due_letters(op, 10)).await.letters.len(), 1);
        assert!(!directory(&world, has_due_letters).await);
    });
}

const FORGET: Statement =
    Statement::new("test.forget", "UPDATE directory_events SET relayed_at = NULL");

const SPOIL: Statement =
    Statement::new("test.spoil", "UPDATE outbox SET sealed_rev = sealed_rev + 1");

async fn set_up(world: &World) -> WorkspaceId {
    let command = SetUpWorkspace {
        name: Name::parse("Lantern Studio").unwrap(),
        owner_name: Name::parse("Ann").unwrap(),
        owner_address: EmailAddress::parse("ann@example.org").unwrap(),
        zone: app::input::zone("zone", "Europe/Berlin").unwrap(),
        week_start: WeekStart::Monday,
        locale: Locale::EnGb,
        currency: Currency::EUR,
        origin: Origin::default(),
    };
    world.app.set_up_workspace(world.app.new_request(), command).await.unwrap().0
}

#[test]
fn owners_get_the_heads_of_the_ledger_once_a_week() {
    both(async |world: World| {
        let workspace = set_up(&world).await;
        let other = world.another_app().await;
        let letters = async || {
            let claimed = directory(&world, |op| claim_due_letters(op, 10)).await.letters;
            let letters = claimed.into_iter().map(|one| one.letter);
            letters.filter(|letter| letter.subject().contains("head")).collect::<Vec<_>>()
        };
        assert_eq!(world.app.mail_heads().await.unwrap(), 0, "a new one is not told at once");
        world.app.sequence_ledger(workspace, "time.example").await.unwrap();
        world.app.sequence_instance_log("time.example").await.unwrap();
        let own = directory(&world, instance_checkpoint).await;
        world.set_clock("2026-11-27T11:59:59Z");
        assert_eq!(world.app.mail_heads().await.unwrap(), 0);
        world.set_clock("2026-11-27T12:00:00Z");
        let (one, two) = tokio::join!(world.app.mail_heads(), other.mail_heads());
        assert_eq!(one.unwrap() + two.unwrap(), 1, "two nodes send one letter");
        let sent = letters().await;
        let [letter] = &sent[..] else { panic!("{} letters", sent.len()) };
        assert_eq!(letter.to().as_str(), "ann@example.org");
        let body = letter.body();
        assert!(body.contains("Lantern Studio") && body.contains(&own), "{body}");
        assert!(body.contains(&format!("time.example/ledger/{workspace}\n")), "{body}");
        assert!(body.contains("tp verify FOLDER --checkpoint FILE"));
        assert!(!letter.subject().contains("Lantern"));
        assert_eq!(world.app.mail_heads().await.unwrap(), 0);
        world.set_clock("2026-12-04T12:00:01Z");
        assert_eq!(world.app.mail_heads().await.unwrap(), 1);
        // A clock that was a year ahead does not keep them waiting for a year.
        world.set_clock("2026-11-30T12:00:00Z");
        assert_eq!(world.app.mail_heads().await.unwrap(), 1);
        assert_eq!(world.app.mail_heads().await.unwrap(), 0);
    });
}

//! The record: everything that was done, for who may check it.

use app::{
    Actor, ChangeNamed, Credential,
    actor::Scope,
    client::change_client,
    member::change_role,
    paging::Asked,
    record::{HistoryEvent, RecordFilter, RecordedEvent, client_history, list_record},
    role::{AddRole, add_role},
    time_entry::{Booking, delete_time_entry},
    token::{CreateToken, create_token, parse_token},
};
use domain::{
    ids::{MemberId, TokenId},
    permission::{Assignment, Grant, Grants, Role},
    record::{Part, Side},
};
use testkit::{World, both};

use crate::steps::{add_client, add_project, book, name, on, outcome, read, write};

async fn list(world: &World, who: &str, filter: RecordFilter) -> Vec<RecordedEvent> {
    let asked = Asked::new("record", None, 200);
    let page = read(world, who, move |op| list_record(op, &asked, filter)).await.unwrap();
    assert_eq!(page.next, None);
    page.items
}

fn said(events: &[RecordedEvent]) -> Vec<String> {
    let words = |event: &RecordedEvent| {
        let thing = event.thing.clone().unwrap_or_default();
        format!("{} {} {thing}", event.event.actor, event.event.kind.as_str())
    };
    events.iter().map(words).collect()
}

async fn give(world: &World, who: &str, role: impl Into<Assignment>) {
    let (member, role) = (world.member(who), role.into());
    write(world, "owner", move |op| change_role(op, member, role, None)).await.unwrap();
}

#[test]
fn whoever_checks_sees_everything_that_was_done_the_latest_first() {
    both(async |world| {
        give(&world, "other", Role::Auditor).await;
        let client = add_client(&world, "Northwind").await;
        let project = add_project(&world, "Planning", Some(client.id)).await;
        let entry = book(&world, "member", on(project.id), 3600).await.id;
        // Ids rise with the millisecond.
        world.set_clock("2026-11-20T12:05:00Z");
        write(&world, "member", move |op| delete_time_entry(op, entry, None)).await.unwrap();
        let events = list(&world, "other", RecordFilter::default()).await;
        let ids: Vec<_> = events.iter().map(|event| event.event.id).collect();
        assert!(ids.is_sorted_by(|one, next| one > next), "the latest first, each once");
        let words = said(&events);
        // The deletion says no note; the entry in the trash does.
        assert_eq!(words[0], "The member time_entry.deleted work", "{words:?}");
        for expected in [
            "The admin project.added Northwind · Planning",
            "The admin client.added Northwind",
            "The owner member.role_changed The other",
        ] {
            assert!(words.iter().any(|one| one == expected), "{expected}: {words:?}");
        }
        assert_eq!(events[0].about.as_deref(), Some("The member"));
    });
}

#[test]
fn pages_hold_everything_once_and_parts_people_and_days_choose_from_it() {
    both(async |world| {
        for number in 0..7 {
            add_client(&world, &format!("Client {number}")).await;
            book(&world, "member", Booking::default(), 60 + number).await;
        }
        let whole = list(&world, "owner", RecordFilter::default()).await;
        let (mut walked, mut cursor) = (Vec::new(), None);
        loop {
            let asked = Asked::new("record", cursor, 3);
            let none = RecordFilter::default();
            let page =
                read(&world, "owner", move |op| list_record(op, &asked, none)).await.unwrap();
            walked.extend(page.items.iter().map(|event| event.event.id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(walked, whole.iter().map(|event| event.event.id).collect::<Vec<_>>());
        let mut count = 0;
        for part in Part::ALL.iter().copied() {
            let of_part = RecordFilter { part: Some(part), ..RecordFilter::default() };
            let events = list(&world, "owner", of_part).await;
            assert!(events.iter().all(|event| app::record::part_of(event.event.kind) == part));
            count += events.len();
        }
        assert_eq!(count, whole.len(), "each event is of one part");
        let member = Some(world.member("member"));
        let theirs = RecordFilter { member, part: Some(Part::Time), ..RecordFilter::default() };
        assert_eq!(list(&world, "owner", theirs).await.len(), 7);
        let nobody =
            RecordFilter { member: Some(MemberId::from_uuid(uuid::Uuid::max())), ..theirs };
        assert!(list(&world, "owner", nobody).await.is_empty());
        let day = |text: &str| Some(text.parse().unwrap());
        let (first, last) = (day("2026-11-20"), day("2026-11-20"));
        let today = RecordFilter { first, last, ..RecordFilter::default() };
        assert_eq!(list(&world, "owner", today).await.len(), whole.len());
        let before = RecordFilter { last: day("2026-11-19"), ..RecordFilter::default() };
        let after = RecordFilter { first: day("2026-11-21"), ..RecordFilter::default() };
        for filter in [before, after] {
            assert!(list(&world, "owner", filter).await.is_empty());
        }
    });
}

/// The clock stands, so that all of it comes in one millisecond, and ids are in any order.
#[test]
fn what_came_in_one_millisecond_stands_in_the_order_of_the_ledger() {
    both(async |world| {
        let client = add_client(&world, "Client 0").await.id;
        for number in 1..8 {
            let command = ChangeNamed {
                name: Some(name(&format!("Client {number}"))),
                ..ChangeNamed::default()
            };
            write(&world, "owner", move |op| change_client(op, client, command.clone()))
                .await
                .unwrap();
        }
        let all = RecordFilter::default();
        assert!(list(&world, "owner", all).await.iter().all(|event| event.event.place.is_none()));
        world.app.sequence_ledger(world.workspace, "time.example").await.unwrap();
        let after = |event: &HistoryEvent| {
            let name = event.changes.iter().find(|change| change.field == "name").unwrap();
            name.after.as_ref().unwrap().to_string()
        };
        let expected: Vec<String> = (0..8).map(|number| format!("Client {number}")).collect();
        let history = read(&world, "owner", move |op| client_history(op, client)).await.unwrap();
        let told: Vec<_> = history.events.iter().map(after).collect();
        assert_eq!(told, expected);
        let of_it = RecordFilter { object: Some(client.uuid()), ..all };
        let mut told: Vec<_> =
            list(&world, "owner", of_it).await.iter().map(|event| after(&event.event)).collect();
        told.reverse();
        assert_eq!(told, expected);
        // Everything has its own place, and pages by three hold all of it.
        let whole = list(&world, "owner", all).await;
        let places: Vec<_> = whole.iter().map(|event| event.event.place.unwrap()).collect();
        assert!(places.is_sorted_by(|one, next| one > next), "{places:?}");
        let (mut walked, mut cursor) = (Vec::new(), None);
        loop {
            let asked = Asked::new("record", cursor, 3);
            let page = read(&world, "owner", move |op| list_record(op, &asked, all)).await.unwrap();
            walked.extend(page.items.iter().map(|event| event.event.place.unwrap()));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        walked.sort_unstable_by(|one, next| next.cmp(one));
        assert_eq!(walked, places);
    });
}

#[test]
fn what_somebody_did_what_was_done_to_them_and_one_thing_are_chosen() {
    both(async |world| {
        let member = world.member("member");
        let own = book(&world, "member", Booking::default(), 60).await.id;
        give(&world, "member", Role::Accountant).await;
        let all = RecordFilter { member: Some(member), ..RecordFilter::default() };
        let of = async |filter| said(&list(&world, "owner", filter).await);
        let by = of(RecordFilter { side: Some(Side::By), ..all }).await;
        assert!(by.iter().all(|one| one.starts_with("The member ")), "{by:?}");
        assert!(by.iter().any(|one| one.contains("time_entry.added")), "{by:?}");
        let about = of(RecordFilter { side: Some(Side::About), ..all }).await;
        assert!(
            about.contains(&"The owner member.role_changed The member".to_owned()),
            "{about:?}"
        );
        let both = of(all).await;
        assert!(by.iter().chain(&about).all(|one| both.contains(one)), "{both:?}");
        assert!(both.len() > by.len(), "{both:?}");
        // Without a person there is no side.
        let nobody = RecordFilter { side: Some(Side::By), ..RecordFilter::default() };
        assert!(of(nobody).await.len() > both.len());

        let object = RecordFilter { object: Some(own.uuid()), ..RecordFilter::default() };
        assert_eq!(of(object).await.len(), 1);
        assert_eq!(of(RecordFilter { member: Some(member), ..object }).await.len(), 1);
        let other = RecordFilter { member: Some(world.member("admin")), ..object };
        assert!(of(other).await.is_empty());
        let elsewhere = RecordFilter { part: Some(Part::Work), ..object };
        assert!(of(elsewhere).await.is_empty());
    });
}

#[test]
fn nobody_else_sees_it_and_addresses_stay_with_who_may_see_them() {
    both(async |world| {
        give(&world, "other", Role::Auditor).await;
        let refused = async |who: &str| {
            let asked = Asked::new("record", None, 9);
            let none = RecordFilter::default();
            outcome(&read(&world, who, move |op| list_record(op, &asked, none)).await)
        };
        for who in ["member", "manager"] {
            assert_eq!(refused(who).await, "forbidden", "{who}");
        }
        give(&world, "member", Role::Accountant).await;
        assert_eq!(refused("member").await, "forbidden");
        let grants = Grants::of([Grant::ReadRecord]);
        let new = AddRole { id: None, name: name("Checker"), grants, body: None };
        let role = write(&world, "owner", move |op| add_role(op, new.clone())).await.unwrap();
        give(&world, "member", Assignment::own(role.into_inner().id)).await;
        assert_eq!(refused("member").await, "ok");

        let all = RecordFilter::default();
        let addresses = async |who: &str| {
            let events = list(&world, who, all).await;
            let changes = events.into_iter().flat_map(|event| event.event.changes);
            let texts = changes.filter(|change| change.field == "address");
            texts
                .filter_map(|change| change.after)
                .map(|after| after.to_string())
                .collect::<Vec<_>>()
        };
        let (seen, hidden) = (addresses("owner").await, addresses("other").await);
        assert!(!seen.is_empty() && seen.iter().all(|text| text.contains('@')), "{seen:?}");
        assert!(hidden.len() == seen.len() && !hidden.iter().any(|text| text.contains('@')));
    });
}

fn texts_of(events: &[RecordedEvent], kind: &str) -> Vec<String> {
    let of_kind = events.iter().filter(|event| event.event.kind.as_str() == kind);
    let changes = of_kind.flat_map(|event| &event.event.changes);
    let names = changes.filter(|change| change.field == "name");
    names.filter_map(|change| change.after.as_ref()).map(ToString::to_string).collect()
}

async fn make_token(world: &World, who: &str, id: Option<TokenId>) -> Actor {
    let command = CreateToken {
        id,
        name: name("deploy"),
        scope: Scope::Full,
        expires_in_days: 30,
        networks: Vec::new(),
        body: None,
    };
    let made = write(world, who, move |op| create_token(op, command.clone())).await.unwrap();
    let (_, hash) = parse_token(made.secret.expose()).unwrap();
    Actor::new(Credential::Token(hash), world.app.new_request())
}

/// What a page hides from somebody, the record does not show them.
#[test]
fn the_tokens_of_an_owner_are_not_shown_to_an_admin() {
    both(async |world| {
        make_token(&world, "owner", None).await;
        let all = RecordFilter::default();
        assert_eq!(texts_of(&list(&world, "owner", all).await, "token.created"), ["deploy"]);
        let hidden = texts_of(&list(&world, "admin", all).await, "token.created");
        assert_eq!(hidden, ["(not shown to you)"]);
    });
}

/// Whoever makes a token chooses its id, and may choose that of a member.
#[test]
fn nobodys_acts_are_told_under_the_name_of_who_chose_their_id() {
    both(async |world| {
        let id = TokenId::from_uuid(world.member("member").uuid());
        let program = make_token(&world, "manager", Some(id)).await;
        book(&world, "member", Booking::default(), 60).await;
        let tag = name("by a program");
        let added = world.app.write(program, world.workspace, move |op| {
            app::tag::add_tag(op, None, &tag, None).map(drop)
        });
        added.await.unwrap();
        let events = list(&world, "owner", RecordFilter::default()).await;
        let of = |kind: &str| {
            let found = events.iter().find(|event| event.event.kind.as_str() == kind).unwrap();
            found.event.actor.clone()
        };
        assert_eq!(of("time_entry.added"), "The member");
        assert_eq!(of("tag.added"), "The manager (by a program)");
        let theirs =
            RecordFilter { member: Some(world.member("member")), ..RecordFilter::default() };
        let theirs = said(&list(&world, "owner", theirs).await);
        assert!(!theirs.iter().any(|one| one.contains("tag.added")), "{theirs:?}");
    });
}

/// How many events each page has.
async fn pages(world: &World, filter: RecordFilter) -> Vec<usize> {
    let (mut cursor, mut pages) = (None, Vec::new());
    loop {
        let asked = Asked::new("record", cursor, 9);
        let page = read(world, "owner", move |op| list_record(op, &asked, filter)).await.unwrap();
        pages.push(page.items.len());
        cursor = page.next;
        if cursor.is_none() {
            return pages;
        }
    }
}

/// What somebody did is looked for three months at a time; what is not of time has an index.
#[test]
fn a_page_of_what_is_rare_may_be_empty_and_leads_on() {
    both(async |world| {
        add_client(&world, "Northwind").await;
        world.set_clock("2027-05-20T12:00:00Z");
        let work = RecordFilter { part: Some(Part::Work), ..RecordFilter::default() };
        assert_eq!(pages(&world, work).await, [1]);
        let theirs = RecordFilter { member: Some(world.member("admin")), ..work };
        assert_eq!(pages(&world, theirs).await, [0, 0, 1]);
        let time = RecordFilter { part: Some(Part::Time), ..RecordFilter::default() };
        assert_eq!(pages(&world, time).await, [0, 0, 0]);
    });
}

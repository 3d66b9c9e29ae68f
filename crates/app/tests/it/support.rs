//! Support access (T-BG): who runs the instance sees nothing that no owner gave, and all that they see
//! is in the record.

use std::sync::Arc;

use app::{
    Actor, Credential, Error, Op,
    actor::Came,
    audit::Kind,
    client::list_clients,
    export::begin_export,
    identity::{LetterKind, claim_due_letters, hash_secret},
    member::{change_role, list_members},
    operator::{
        OpenRunBook, Operator, add_operator, authenticate_operator, close_run_book, find_run_book,
        list_operators, open_run_book, remove_operator,
    },
    paging::Asked as Page,
    project::{AddProject, add_project, list_projects},
    provider::list_providers,
    record::{RecordFilter, list_record, settings_history},
    report::{GroupBy, SummaryQuery, summary_file, summary_report},
    role::list_roles,
    sign_in_policy::{ChangePolicy, change_policy, get_policy},
    support::{
        AskSupport, Asked, Ended, GrantSupport, Seen, State, Support, end_support, get_support,
        grant_support, list_support, live_support, refuse_support,
    },
    time_entry::{Booking, Filter, get_time_entry, list_time_entries},
    timer::{StartTimer, start_timer},
    token::list_tokens,
    workspace::{ChangeWorkspace, change_workspace, get_workspace},
};
use domain::{
    ids::{RequestId, SupportId, WorkspaceId},
    period::Period,
    permission::Role,
    record::Part,
    sign_in_policy::{FirstFactor, SecondFactor, Way},
    support::{Area, Areas},
    text::Note,
};
use testkit::{World, both};

use crate::{
    acts::furnished,
    assert_roles,
    steps::{add_project as project_of, book, name, new_project, on, outcome, read, write},
};

const BASE: &str = "https://time.example";

async fn operator(world: &World, who: &str) -> (Operator, String) {
    let (as_name, app) = (name(who), &world.app);
    let add = move |op: &mut app::DirectoryOp| add_operator(op, &as_name);
    let secret = app.write_directory(app.new_request(), add).await.unwrap();
    let (as_name, shown) = (name(who), secret.expose().clone());
    let look = move |op: &mut app::DirectoryOp| authenticate_operator(op, &as_name, &shown);
    let operator = app.read_directory(app.new_request(), look).await.unwrap();
    (operator, secret.expose().clone())
}

fn question(operator: &Operator) -> AskSupport {
    AskSupport {
        operator: operator.clone(),
        reason: name("The report is wrong"),
        ticket: name("HELP-7"),
        areas: Areas::parse("all").unwrap(),
        minutes: 60,
        may_write: false,
        without_owner: false,
    }
}

async fn ask(world: &World, ask: AskSupport) -> Support {
    let request = world.app.new_request();
    world.app.ask_support(request, world.workspace, ask, BASE).await.unwrap()
}

async fn grant(world: &World, who: &str, id: SupportId, minutes: i64) -> Result<Support, Error> {
    let given = GrantSupport { id, minutes, may_write: true };
    write(world, who, move |op| grant_support(op, given)).await
}

async fn link(world: &World, id: SupportId, who: &Operator) -> Result<String, Error> {
    let app = &world.app;
    let made = app.make_support_link(app.new_request(), world.workspace, id, who.clone(), BASE);
    made.await.map(|link| link.secret.expose().clone())
}

/// The actor of the session that a link opens.
async fn enter(world: &World, link: &str) -> Result<Actor, Error> {
    let app = &world.app;
    let session = app.enter_support(app.new_request(), world.workspace, link).await?;
    let hash = hash_secret(session.secret.expose()).unwrap();
    Ok(Actor::new(Credential::Support(hash), app.new_request()))
}

/// A support session to which an owner has given all that was asked for.
async fn let_in(world: &World, asked: AskSupport) -> (SupportId, Actor) {
    let who = asked.operator.clone();
    let (id, minutes) = {
        let support = ask(world, asked).await;
        (support.id, support.minutes)
    };
    grant(world, "owner", id, minutes).await.unwrap();
    let link = link(world, id, &who).await.unwrap();
    (id, enter(world, &link).await.unwrap())
}

/// Another request of the same session.
fn again(world: &World, actor: Actor) -> Actor {
    Actor { request: world.app.new_request(), ..actor }
}

fn page(page: &'static str) -> Arc<Seen> {
    Arc::new(Seen { page, object: None, asked: Vec::new() })
}

async fn look<T: Send + 'static>(
    world: &World,
    actor: Actor,
    act: impl FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let actor = again(world, actor);
    world.app.read_as_support(actor, world.workspace, page("/w/{workspace}/time"), act).await
}

async fn change<T: Send + 'static>(
    world: &World,
    actor: Actor,
    act: impl FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (actor, seen) = (again(world, actor), Some(page("/w/{workspace}/projects")));
    world.app.write_as_support(actor, world.workspace, seen, act).await
}

/// Whether the session still shows anything.
async fn shows(world: &World, actor: Actor) -> String {
    outcome(&look(world, actor, get_workspace).await)
}

/// What the record says of support, the latest first: who, what, and what changed.
async fn told(world: &World) -> Vec<String> {
    let filter = RecordFilter { part: Some(Part::Support), ..RecordFilter::default() };
    let asked = Page::new("record", None, 200);
    let page = read(world, "owner", move |op| list_record(op, &asked, filter)).await.unwrap();
    let words = |event: app::record::RecordedEvent| {
        let facts: Vec<_> = event
            .event
            .changes
            .iter()
            .map(|change| format!(" {}={}", change.field, change.after.as_ref().unwrap()))
            .collect();
        format!("{}: {}{}", event.event.actor, event.event.kind.as_str(), facts.concat())
    };
    page.items.into_iter().map(words).collect()
}

fn month() -> SummaryQuery {
    SummaryQuery {
        period: Period::new("2026-11-01".parse().unwrap(), "2026-11-30".parse().unwrap()).unwrap(),
        group_by: GroupBy::MemberProject,
        member: None,
        project: None,
    }
}

#[test]
fn nothing_is_seen_without_an_owner_with_one_it_is_and_afterwards_not() {
    both(async |world: World| {
        let (mara, _) = operator(&world, "Mara").await;
        let asked = ask(&world, question(&mara)).await;
        assert_eq!(asked.state(world.now()), State::Asked);
        // Without: no link, and so no session.
        assert_eq!(outcome(&link(&world, asked.id, &mara).await), "support.not_open");
        let guessed = Actor::new(Credential::Support([7; 32]), world.app.new_request());
        assert_eq!(shows(&world, guessed).await, "support.not_open");
        // With.
        let given = grant(&world, "owner", asked.id, 20).await.unwrap();
        let until = "2026-11-20T12:20:00Z".parse().unwrap();
        assert_eq!(given.state(world.now()), State::Open(until));
        assert!(!given.may_write, "nobody asked for it");
        let link = link(&world, asked.id, &mara).await.unwrap();
        let actor = enter(&world, &link).await.unwrap();
        assert_eq!(shows(&world, actor).await, "ok");
        // The link works once.
        assert_eq!(outcome(&enter(&world, &link).await), "link.not_valid");
        assert_eq!(shows(&world, actor).await, "ok");
        // After its end.
        let id = asked.id;
        write(&world, "owner", move |op| end_support(op, id)).await.unwrap();
        assert_eq!(shows(&world, actor).await, "support.not_open");
        write(&world, "owner", move |op| end_support(op, id)).await.unwrap();
        let ended = read(&world, "owner", move |op| get_support(op, id)).await.unwrap();
        assert_eq!(ended.ended.map(|(by, _)| by), Some(Ended::Owner));
        assert_eq!(ended.seen, 2);
        let expected = [
            "The owner: support.ended ended_by=owner",
            "Mara (support): support.seen page=/w/{workspace}/time",
            "Mara (support): support.seen page=/w/{workspace}/time",
            "Mara (support): support.opened",
            "Mara (who runs the server): support.link_made operator=Mara",
        ];
        let mut told = told(&world).await;
        assert!(told.iter().any(|one| one.starts_with("The owner: support.granted minutes=20")));
        let said = "Mara (who runs the server): support.asked operator=Mara \
                    reason=The report is wrong ticket=HELP-7 \
                    areas=time,reports,projects,people,settings,record minutes=60 may_write=no \
                    without_owner=no";
        assert!(told.iter().any(|one| one == said), "{told:?}");
        // Events of one millisecond are in no order.
        told.sort();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        told.retain(|one| expected.contains(&one.as_str()));
        assert_eq!(told, expected);
    });
}

#[test]
fn the_minutes_an_owner_gave_are_all_there_are() {
    both(async |world: World| {
        let (mara, _) = operator(&world, "Mara").await;
        let (id, actor) = let_in(&world, question(&mara)).await;
        world.set_clock("2026-11-20T12:59:59Z");
        assert_eq!(shows(&world, actor).await, "ok");
        let late = link(&world, id, &mara).await.unwrap();
        world.set_clock("2026-11-20T13:00:00Z");
        assert_eq!(shows(&world, actor).await, "support.not_open");
        assert_eq!(outcome(&enter(&world, &late).await), "link.not_valid");
        assert_eq!(outcome(&link(&world, id, &mara).await), "support.not_open");
        // A clock that is set back opens nothing again: it was used later than now.
        world.set_clock("2026-11-20T12:30:00Z");
        assert_eq!(shows(&world, actor).await, "support.not_open");
        // Once it is written down, it is over whatever the clock says.
        world.set_clock("2026-11-20T13:00:00Z");
        assert_eq!(world.app.expire_support(world.workspace).await.unwrap(), 1);
        assert_eq!(world.app.expire_support(world.workspace).await.unwrap(), 0);
        world.set_clock("2026-11-20T12:59:59Z");
        assert_eq!(shows(&world, actor).await, "support.not_open");
        assert_eq!(told(&world).await[0], "Mara (support): support.ended ended_by=time");
        let ended = read(&world, "owner", move |op| get_support(op, id)).await.unwrap();
        assert_eq!(ended.state(world.now()), State::Ended);
    });
}

#[test]
fn an_owner_alone_decides_after_a_fresh_proof_and_once() {
    both(async |world: World| {
        let (mara, _) = operator(&world, "Mara").await;
        let auditor = world.member("other");
        let make = move |op: &mut Op| change_role(op, auditor, Role::Auditor, None);
        write(&world, "owner", make).await.unwrap();
        let id = ask(&world, question(&mara)).await.id;
        let expected = "owner: needs proof, admin: forbidden, manager: forbidden, \
                        member: forbidden, stranger: not found";
        assert_roles!(expected, async |who: &'static str| {
            let user = world.people[who].user;
            let old = Actor::new(Credential::UnprovenSession(user), world.app.new_request());
            let given = GrantSupport { id, minutes: 5, may_write: false };
            world.app.write(old, world.workspace, move |op| grant_support(op, given)).await
        });
        for minutes in [0, -1, 61, i64::MAX] {
            let given = grant(&world, "owner", id, minutes).await;
            assert_eq!(outcome(&given), "invalid minutes", "{minutes}");
        }
        let expected = "owner: ok, admin: forbidden, manager: forbidden, member: forbidden, \
                        stranger: not found";
        assert_roles!(expected, async |who| grant(&world, who, id, 30).await);
        assert_eq!(outcome(&grant(&world, "owner", id, 30).await), "support.decided");
        let refuse =
            async |who: &str, id| write(&world, who, move |op| refuse_support(op, id)).await;
        assert_eq!(outcome(&refuse("owner", id).await), "support.decided", "it is ended instead");
        let end = async |who: &str| write(&world, who, move |op| end_support(op, id)).await;
        for who in ["admin", "manager", "member", "other"] {
            assert_eq!(outcome(&end(who).await), "forbidden", "{who}");
        }
        assert_eq!(outcome(&end("stranger").await), "not found");
        // Refused is refused.
        let id = ask(&world, question(&mara)).await.id;
        assert_roles!(expected, async |who| refuse(who, id).await);
        assert_eq!(outcome(&refuse("owner", id).await), "support.decided");
        assert_eq!(outcome(&grant(&world, "owner", id, 5).await), "support.decided");
        assert_eq!(outcome(&link(&world, id, &mara).await), "support.not_open");
        // Nobody decides after a week.
        let id = ask(&world, question(&mara)).await.id;
        world.set_clock("2026-11-27T12:00:00Z");
        assert_eq!(outcome(&grant(&world, "owner", id, 5).await), "support.decided");
        assert_eq!(outcome(&refuse("owner", id).await), "support.decided");
        // Who may see the record sees all of it.
        let seen = async |who: &str| outcome(&read(&world, who, list_support).await);
        assert_eq!(seen("other").await, "ok");
        assert_eq!(seen("admin").await, "ok");
        assert_eq!(seen("manager").await, "forbidden");
        let listed = read(&world, "other", list_support).await.unwrap();
        let states: Vec<_> = listed.iter().map(|one| one.state(world.now())).collect();
        assert!(states.contains(&State::Lapsed) && states.contains(&State::Refused), "{states:?}");
    });
}

#[test]
fn ids_of_another_workspace_and_links_of_another_open_nothing() {
    both(async |world: World| {
        let (mara, _) = operator(&world, "Mara").await;
        let (id, actor) = let_in(&world, question(&mara)).await;
        let (app, elsewhere) = (&world.app, world.elsewhere);
        let seen = page("/w/{workspace}/time");
        let there = app.read_as_support(again(&world, actor), elsewhere, seen, get_workspace).await;
        assert_eq!(outcome(&there), "support.not_open");
        let nowhere = WorkspaceId::from_bytes([9; 16]);
        let seen = page("/w/{workspace}/time");
        let there = app.read_as_support(again(&world, actor), nowhere, seen, get_workspace).await;
        assert_eq!(outcome(&there), "not found");
        let made = link(&world, id, &mara).await.unwrap();
        for other in [elsewhere, nowhere] {
            let entered = app.enter_support(app.new_request(), other, &made).await;
            assert_eq!(
                entered.err().map(|error| outcome::<()>(&Err(error))).unwrap(),
                "link.not_valid"
            );
        }
        let stranger = world.actor("stranger");
        for id in [id, SupportId::from_bytes([9; 16])] {
            let given = GrantSupport { id, minutes: 5, may_write: false };
            let granted = app.write(stranger, elsewhere, move |op| grant_support(op, given)).await;
            assert_eq!(outcome(&granted), "not found");
            let refused = app.write(stranger, elsewhere, move |op| refuse_support(op, id)).await;
            assert_eq!(outcome(&refused), "not found");
            let ended = app.write(stranger, elsewhere, move |op| end_support(op, id)).await;
            assert_eq!(outcome(&ended), "not found");
            let found = app.read(stranger, elsewhere, move |op| get_support(op, id)).await;
            assert_eq!(outcome(&found), "not found");
            let end = app.end_support(app.new_request(), elsewhere, id, mara.clone()).await;
            assert_eq!(outcome(&end), "not found");
        }
        // Another operator opens nothing that was given to this one.
        let (noor, _) = operator(&world, "Noor").await;
        assert_eq!(outcome(&link(&world, id, &noor).await), "not found");
    });
}

#[test]
fn support_reads_what_it_reaches_and_changes_nothing_unless_that_was_given() {
    both(async |world: World| {
        let (mara, _) = operator(&world, "Mara").await;
        let project = project_of(&world, "Planning", None).await;
        let entry = book(&world, "member", on(project.id), 3600).await;
        let areas = [
            ("time", "ok forbidden forbidden forbidden forbidden forbidden"),
            ("reports", "forbidden ok forbidden forbidden forbidden forbidden"),
            ("projects", "forbidden forbidden ok forbidden forbidden forbidden"),
            ("people", "forbidden forbidden forbidden ok forbidden forbidden"),
            ("record", "forbidden forbidden forbidden forbidden ok forbidden"),
            ("settings", "forbidden forbidden forbidden forbidden forbidden ok"),
            ("all", "ok ok ok ok ok ok"),
            ("export", "forbidden forbidden forbidden forbidden forbidden forbidden"),
        ];
        for (words, expected) in areas {
            let asked = AskSupport { areas: Areas::parse(words).unwrap(), ..question(&mara) };
            let (id, actor) = let_in(&world, asked).await;
            let asked = Page::new("record", None, 50);
            let answers = [
                outcome(&look(&world, actor, move |op| reads_time(op, entry.id)).await),
                outcome(&look(&world, actor, |op| summary_report(op, month())).await),
                outcome(&look(&world, actor, reads_projects).await),
                outcome(&look(&world, actor, reads_people).await),
                outcome(
                    &look(&world, actor, move |op| {
                        list_record(op, &asked, RecordFilter::default())
                    })
                    .await,
                ),
                outcome(&look(&world, actor, reads_settings).await),
            ];
            assert_eq!(answers.join(" "), expected, "{words}");
            let end =
                world.app.end_support(world.app.new_request(), world.workspace, id, mara.clone());
            assert!(end.await.unwrap());
        }
    });
}

fn reads_time(op: &mut Op, entry: domain::ids::TimeEntryId) -> Result<(), Error> {
    let found = get_time_entry(op, entry).map(drop);
    let everybodys = Filter { limit: 10, ..Filter::default() };
    let listed = list_time_entries(op, everybodys).map(|listed| listed.entries.len());
    match (found, listed) {
        (Ok(()), Ok(1)) => Ok(()),
        // What is of others is not there for who may not see it.
        (Err(Error::NotFound | Error::Forbidden), Ok(0) | Err(Error::Forbidden)) => {
            Err(Error::Forbidden)
        }
        other => Err(Error::bug(format!("{other:?}"))),
    }
}

fn reads_projects(op: &mut Op) -> Result<(), Error> {
    let projects = list_projects(op)?.len();
    let clients = list_clients(op).map(|_| ());
    match (projects, clients) {
        (1, Ok(())) => Ok(()),
        (0, _) => Err(Error::Forbidden),
        other => Err(Error::bug(format!("{other:?}"))),
    }
}

fn reads_people(op: &mut Op) -> Result<(), Error> {
    list_roles(op)?;
    let members = list_members(op)?;
    assert!(members.iter().all(|member| member.address.is_none()), "an address is nobody's");
    assert!(members.len() > 3);
    Ok(())
}

fn reads_settings(op: &mut Op) -> Result<(), Error> {
    op.require(domain::permission::Right::ReadSettings, domain::permission::Relation::Workspace)
}

fn a_timer() -> StartTimer {
    StartTimer {
        id: None,
        booking: Booking::default(),
        note: Note::parse("").unwrap(),
        billable: None,
        started_at: None,
        body: None,
    }
}

/// What support never does, whatever was given.
#[test]
fn no_grant_reaches_accounts_secrets_or_power() {
    both(async |world: World| {
        let (mara, _) = operator(&world, "Mara").await;
        let areas = Areas::of(Area::ALL.iter().copied());
        let (id, actor) =
            let_in(&world, AskSupport { areas, may_write: true, ..question(&mara) }).await;
        let other = world.member("other");
        let answers = [
            outcome(&change(&world, actor, list_tokens).await),
            outcome(&change(&world, actor, get_policy).await),
            outcome(&change(&world, actor, list_providers).await),
            outcome(&change(&world, actor, begin_export).await),
            outcome(&change(&world, actor, |op| summary_file(op, month())).await),
            outcome(
                &change(&world, actor, move |op| change_role(op, other, Role::Owner, None)).await,
            ),
            outcome(
                &change(&world, actor, |op| change_workspace(op, ChangeWorkspace::default())).await,
            ),
            outcome(
                &change(&world, actor, move |op| {
                    grant_support(op, GrantSupport { id, minutes: 60, may_write: true })
                })
                .await,
            ),
            outcome(&change(&world, actor, |op| start_timer(op, a_timer())).await),
        ];
        assert!(answers.iter().all(|answer| answer == "forbidden"), "{answers:?}");
    });
}

/// What the record holds of accounts, tokens and how people sign in is not for support.
#[test]
fn support_reads_nothing_of_sign_ins_in_the_record() {
    both(async |world: World| {
        let (mara, _) = operator(&world, "Mara").await;
        let (_, actor) = let_in(&world, question(&mara)).await;
        let factors = Some((FirstFactor::Password, Some(SecondFactor::Totp)));
        let owner = Actor { came: Came { factors, ..Came::default() }, ..world.actor("owner") };
        let change = move |op: &mut Op| {
            let mut policy = get_policy(op)?.policy;
            policy.ways = policy.ways.with(Way::Mail, false);
            change_policy(op, ChangePolicy { policy, expected_version: None, actor: owner })
        };
        world.app.write(owner, world.workspace, change).await.unwrap();
        let kinds = async |part: Option<Part>| {
            let filter = RecordFilter { part, ..RecordFilter::default() };
            let page = Page::new("record", None, 200);
            let found =
                look(&world, again(&world, actor), move |op| list_record(op, &page, filter));
            let items = found.await.unwrap().items;
            items.iter().map(|event| event.event.kind).collect::<Vec<_>>()
        };
        let all = kinds(None).await;
        assert!(all.contains(&Kind::WorkspaceCreated) && !all.contains(&Kind::SignInPolicyChanged));
        assert_eq!(kinds(Some(Part::SignIn)).await, []);
        let settings = look(&world, again(&world, actor), settings_history).await.unwrap().events;
        assert!(settings.iter().all(|event| event.kind != Kind::SignInPolicyChanged));
        let owners = world.app.read(owner, world.workspace, settings_history).await.unwrap().events;
        assert!(owners.iter().any(|event| event.kind == Kind::SignInPolicyChanged));
    });
}

/// A grant that nobody has opened is good for its minutes alone, whatever the clock says.
#[test]
fn a_grant_that_waits_outlives_no_clock() {
    both(async |world: World| {
        let (mara, _) = operator(&world, "Mara").await;
        let id = ask(&world, question(&mara)).await.id;
        grant(&world, "owner", id, 60).await.unwrap();
        let before = link(&world, id, &mara).await.unwrap();
        world.set_clock("2026-11-19T12:00:00Z");
        assert_eq!(outcome(&enter(&world, &before).await), "link.not_valid");
        assert_eq!(outcome(&link(&world, id, &mara).await), "support.not_open");
    });
}

/// Without an owner nothing is taken away, and nothing is confirmed that could never be opened.
#[test]
fn without_an_owner_nothing_is_exported_or_confirmed_too_late() {
    both(async |world: World| {
        let (mara, _) = operator(&world, "Mara").await;
        let (noor, _) = operator(&world, "Noor").await;
        let without = AskSupport { without_owner: true, ..question(&mara) };
        let areas = Areas::parse("time,export").unwrap();
        let exporting = AskSupport { areas, ..without.clone() };
        let request = world.app.new_request();
        let refused = world.app.ask_support(request, world.workspace, exporting, BASE).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        let id = ask(&world, without).await.id;
        world.set_clock("2026-11-26T12:00:00Z");
        let confirmed =
            world.app.confirm_support(world.app.new_request(), world.workspace, id, noor, BASE);
        assert_eq!(outcome(&confirmed.await), "support.decided");
    });
}

#[test]
fn what_may_be_changed_is_what_was_asked_for_and_given() {
    both(async |world: World| {
        let (mara, _) = operator(&world, "Mara").await;
        let add = |text: &'static str| {
            let new: AddProject = new_project(text);
            move |op: &mut Op| add_project(op, new.clone()).map(drop)
        };
        // Read-only: it is refused, and a write in a read is none.
        let (id, actor) = let_in(&world, question(&mara)).await;
        assert_eq!(outcome(&change(&world, actor, add("One")).await), "forbidden");
        assert_eq!(outcome(&look(&world, actor, add("One")).await), "forbidden");
        write(&world, "owner", move |op| end_support(op, id)).await.unwrap();
        // Given.
        let asked = AskSupport { may_write: true, ..question(&mara) };
        let (id, actor) = let_in(&world, asked.clone()).await;
        assert_eq!(outcome(&change(&world, actor, add("Two")).await), "ok");
        let in_a_read = look(&world, actor, add("Three")).await;
        assert!(matches!(in_a_read, Err(Error::Bug(_))), "{in_a_read:?}");
        let words = told(&world).await;
        assert!(words.iter().any(|one| one.starts_with("Mara (support): support.seen")));
        let filter = RecordFilter { part: Some(Part::Work), ..RecordFilter::default() };
        let page = Page::new("record", None, 10);
        let work = read(&world, "owner", move |op| list_record(op, &page, filter)).await.unwrap();
        assert_eq!(work.items.len(), 1);
        assert_eq!(work.items[0].event.actor, "Mara (support)");
        assert_eq!(work.items[0].event.kind, Kind::ProjectAdded);
        write(&world, "owner", move |op| end_support(op, id)).await.unwrap();
        // An owner gives less than was asked for.
        let support = ask(&world, asked).await;
        let given = GrantSupport { id: support.id, minutes: 5, may_write: false };
        write(&world, "owner", move |op| grant_support(op, given)).await.unwrap();
        let link = link(&world, support.id, &mara).await.unwrap();
        let actor = enter(&world, &link).await.unwrap();
        assert_eq!(outcome(&change(&world, actor, add("Four")).await), "forbidden");
    });
}

/// One event for each request, however often it reads; and no answer without one.
#[test]
fn every_look_is_an_event_in_the_same_transaction() {
    both(async |world: World| {
        let (mara, _) = operator(&world, "Mara").await;
        let entry = book(&world, "member", Booking::default(), 60).await.id;
        let (_, actor) = let_in(&world, question(&mara)).await;
        let before = told(&world).await.len();
        let seen = Arc::new(Seen {
            page: "/w/{workspace}/entries/{id}",
            object: Some(("time_entry", entry.uuid())),
            asked: vec![
                ("first", Asked::Day("2026-11-01".parse().unwrap())),
                ("q", Asked::Text),
                ("group", Asked::Word("project")),
            ],
        });
        let request: RequestId = world.app.new_request();
        let actor = Actor { request, ..actor };
        for _ in 0..3 {
            let seen = Arc::clone(&seen);
            let found = world
                .app
                .read_as_support(actor, world.workspace, seen, move |op| get_time_entry(op, entry));
            found.await.unwrap();
        }
        let words = told(&world).await;
        assert_eq!(words.len(), before + 1);
        let said = "Mara (support): support.seen page=/w/{workspace}/entries/{id} \
                    first=2026-11-01 q=(text) group=project";
        assert!(words.iter().any(|one| one == said), "{words:?}");
        // What fails shows nothing, and is no look.
        let failed = look(&world, actor, |_| Err::<(), _>(Error::Forbidden)).await;
        assert_eq!(outcome(&failed), "forbidden");
        assert_eq!(told(&world).await.len(), before + 1);
        // Reading as anybody else reads is refused: it would stand nowhere.
        let bare = again(&world, actor);
        let unrecorded = world.app.read(bare, world.workspace, get_workspace).await;
        assert!(matches!(unrecorded, Err(Error::Bug(_))), "{unrecorded:?}");
        let unrecorded = world.app.write(bare, world.workspace, |op| op.names().map(drop)).await;
        assert!(matches!(unrecorded, Err(Error::Bug(_))), "{unrecorded:?}");
        let unrecorded =
            world.app.read_everything(bare, world.workspace, |op| op.names().map(drop)).await;
        assert!(matches!(unrecorded, Err(Error::Bug(_))), "{unrecorded:?}");
        // A member does not pass for support.
        let owner = world.actor("owner");
        let seen = page("/w/{workspace}/time");
        let passed = world.app.read_as_support(owner, world.workspace, seen, get_workspace).await;
        assert!(matches!(passed, Err(Error::Bug(_))), "{passed:?}");
    });
}

#[test]
fn the_banner_is_for_owners_and_who_sees_the_record() {
    both(async |world: World| {
        let (mara, _) = operator(&world, "Mara").await;
        let banner = async |who: &str| {
            let live = read(&world, who, live_support).await.unwrap();
            live.into_iter().map(|one| (one.operator, one.ends_at.is_some())).collect::<Vec<_>>()
        };
        let asked = ask(&world, question(&mara)).await;
        let waits = [("Mara".to_owned(), false)];
        assert_eq!(banner("owner").await, waits);
        assert_eq!(banner("admin").await, []);
        grant(&world, "owner", asked.id, 10).await.unwrap();
        let open = [("Mara".to_owned(), true)];
        assert_eq!(banner("owner").await, open);
        assert_eq!(banner("admin").await, open);
        assert_eq!(banner("manager").await, []);
        let link = link(&world, asked.id, &mara).await.unwrap();
        let actor = enter(&world, &link).await.unwrap();
        let mine = look(&world, actor, live_support).await.unwrap();
        assert_eq!(mine.len(), 1);
        // Who looks ends it, too.
        let id = asked.id;
        let end =
            world.app.write_as_support(again(&world, actor), world.workspace, None, move |op| {
                end_support(op, id)
            });
        end.await.unwrap();
        assert_eq!(banner("owner").await, []);
        assert_eq!(shows(&world, actor).await, "support.not_open");
        let words = told(&world).await;
        assert!(words.contains(&"Mara (support): support.ended ended_by=support".to_owned()));
    });
}

#[test]
fn without_an_owner_two_operators_wait_a_day_and_read_alone() {
    both(async |world: World| {
        let ((mara, _), (noor, _)) =
            (operator(&world, "Mara").await, operator(&world, "Noor").await);
        let (app, workspace) = (&world.app, world.workspace);
        let confirm = async |id, who: &Operator| {
            let confirmed =
                app.confirm_support(app.new_request(), workspace, id, who.clone(), BASE);
            outcome(&confirmed.await)
        };
        // Only what was asked for so.
        let plain = ask(&world, question(&mara)).await;
        assert_eq!(confirm(plain.id, &noor).await, "support.decided");
        let asked = AskSupport { without_owner: true, ..question(&mara) };
        let writes = AskSupport { may_write: true, ..asked.clone() };
        let refused = app.ask_support(app.new_request(), workspace, writes, BASE).await;
        assert_eq!(outcome(&refused), "invalid may_write");
        let id = ask(&world, asked.clone()).await.id;
        assert_eq!(confirm(id, &mara).await, "support.same_operator");
        assert_eq!(outcome(&link(&world, id, &mara).await), "support.not_open");
        assert_eq!(confirm(id, &noor).await, "ok");
        assert_eq!(confirm(id, &noor).await, "support.decided", "twice");
        assert_eq!(confirm(SupportId::from_bytes([9; 16]), &noor).await, "not found");
        assert_eq!(outcome(&link(&world, id, &mara).await), "support.not_open");
        world.set_clock("2026-11-21T11:59:59Z");
        assert_eq!(outcome(&link(&world, id, &mara).await), "support.not_open");
        world.set_clock("2026-11-21T12:00:00Z");
        let made = link(&world, id, &mara).await.unwrap();
        let actor = enter(&world, &made).await.unwrap();
        assert_eq!(shows(&world, actor).await, "ok");
        let new = new_project("One");
        let wrote = change(&world, actor, move |op| add_project(op, new.clone()).map(drop)).await;
        assert_eq!(outcome(&wrote), "forbidden");
        // Its minutes began with the link; another link does not begin them anew.
        world.set_clock("2026-11-21T12:30:00Z");
        link(&world, id, &mara).await.unwrap();
        world.set_clock("2026-11-21T13:00:00Z");
        assert_eq!(shows(&world, actor).await, "support.not_open");
        // An owner who comes after all refuses it, also within the day.
        let id = ask(&world, asked).await.id;
        assert_eq!(confirm(id, &noor).await, "ok");
        write(&world, "owner", move |op| refuse_support(op, id)).await.unwrap();
        world.set_clock("2026-11-23T13:00:00Z");
        assert_eq!(outcome(&link(&world, id, &mara).await), "support.not_open");
    });
}

#[test]
fn owners_are_told_by_mail_at_once_and_questions_are_bounded() {
    both(async |world: World| {
        let ((mara, _), (noor, _)) =
            (operator(&world, "Mara").await, operator(&world, "Noor").await);
        let (stage, _, workspace) = furnished(world).await;
        let app = stage.app();
        stage.directory(|op| claim_due_letters(op, 50)).await;
        let mails = async || {
            let letters = stage.directory(|op| claim_due_letters(op, 50)).await.letters;
            let of = |letter: app::identity::ClaimedLetter| {
                assert_eq!(letter.kind, LetterKind::SecurityNotice);
                assert_eq!(letter.letter.to().as_str(), "owner@example.org");
                let body = letter.letter.body();
                for words in ["A workspace", "Mara", "The report is wrong", "HELP-7", BASE] {
                    assert!(body.contains(words), "{words}: {body}");
                }
                letter.letter.subject().to_owned()
            };
            letters.into_iter().map(of).collect::<Vec<_>>()
        };
        let asked = AskSupport { without_owner: true, ..question(&mara) };
        let ask = async |asked: AskSupport| {
            app.ask_support(app.new_request(), workspace, asked, BASE).await
        };
        let id = ask(asked.clone()).await.unwrap().id;
        assert_eq!(mails().await, ["Somebody asks to look into a workspace of yours"]);
        app.confirm_support(app.new_request(), workspace, id, noor, BASE).await.unwrap();
        assert_eq!(mails().await, ["A workspace of yours can be looked into from tomorrow on"]);
        stage.world.set_clock("2026-11-22T12:00:00Z");
        let made = app.make_support_link(app.new_request(), workspace, id, mara.clone(), BASE);
        made.await.unwrap();
        assert_eq!(mails().await, ["A workspace of yours is being looked into"]);
        // What is refused is told to nobody.
        let refused = ask(AskSupport { minutes: 61, ..asked.clone() }).await;
        assert_eq!(outcome(&refused), "invalid minutes");
        let refused = ask(AskSupport { areas: Areas::default(), ..asked }).await;
        assert_eq!(outcome(&refused), "invalid areas");
        assert_eq!(mails().await.len(), 0);
        for _ in 0..4 {
            ask(question(&mara)).await.unwrap();
        }
        assert_eq!(mails().await.len(), 4);
        assert_eq!(outcome(&ask(question(&mara)).await), "support.too_many");
        assert_eq!(mails().await.len(), 0);
    });
}

#[test]
fn operators_are_known_by_name_and_secret() {
    both(async |world: World| {
        let (mara, secret) = operator(&world, "Mara").await;
        let app = &world.app;
        let known = async |who: &str, secret: &str| {
            let (who, secret) = (name(who), secret.to_owned());
            let known = app.read_directory(app.new_request(), move |op| {
                authenticate_operator(op, &who, &secret)
            });
            outcome(&known.await)
        };
        let other = operator(&world, "Noor").await.1;
        assert_eq!(known("Mara", &secret).await, "ok");
        assert_eq!(known(" mARA ", &secret).await, "ok", "whatever its capitals");
        for (who, shown) in [
            ("Mara", other.as_str()),
            ("Noor", &secret),
            ("Nobody", &secret),
            ("Mara", ""),
            ("Mara", "x"),
        ] {
            assert_eq!(known(who, shown).await, "operator.not_known", "{who} {shown}");
        }
        let add = async |who: &str| {
            let who = name(who);
            outcome(&app.write_directory(app.new_request(), move |op| add_operator(op, &who)).await)
        };
        assert_eq!(add("mara").await, "name.taken");
        let remove = async |who: &str| {
            let who = name(who);
            let gone = app.write_directory(app.new_request(), move |op| remove_operator(op, &who));
            outcome(&gone.await)
        };
        assert_eq!(remove("Mara").await, "ok");
        assert_eq!(remove("Mara").await, "not found");
        assert_eq!(known("Mara", &secret).await, "operator.not_known");
        assert_eq!(add("Mara").await, "ok");
        assert_eq!(known("Mara", &secret).await, "operator.not_known", "another secret");
        let listed = app.read_directory(app.new_request(), list_operators).await.unwrap();
        assert_eq!(listed.len(), 2);
        assert!(listed.iter().all(|one| one.id != mara.id));
    });
}

#[test]
fn commands_reach_a_workspace_with_a_run_book_or_what_an_owner_gave() {
    both(async |world: World| {
        let (mara, _) = operator(&world, "Mara").await;
        let (app, workspace) = (&world.app, world.workspace);
        let (noor, _) = operator(&world, "Noor").await;
        let by = async |area: Option<Area>, who: &Operator| {
            let given = area.map(|area| (area, who.clone()));
            outcome(&app.reach_workspace(app.new_request(), workspace, "export", given).await)
        };
        let reach = async |area| by(area, &mara).await;
        assert_eq!(reach(None).await, "run_book.none");
        assert_eq!(reach(Some(Area::Export)).await, "run_book.none");
        // What an owner gave, of this area alone.
        let areas = Areas::parse("all").unwrap();
        let (id, _) = let_in(&world, AskSupport { areas, ..question(&mara) }).await;
        assert_eq!(reach(Some(Area::Export)).await, "run_book.none");
        write(&world, "owner", move |op| end_support(op, id)).await.unwrap();
        let asked = AskSupport { areas: Areas::parse("export").unwrap(), ..question(&mara) };
        let (id, _) = let_in(&world, asked).await;
        assert_eq!(by(Some(Area::Export), &noor).await, "run_book.none", "given to Mara");
        assert_eq!(reach(Some(Area::Export)).await, "ok");
        assert_eq!(reach(None).await, "run_book.none");
        let words = told(&world).await;
        let said = format!(
            "Mara (who runs the server): operator.command command=export operator=Mara \
             reason=The report is wrong ticket=HELP-7 support={id}"
        );
        assert!(words.contains(&said), "{words:?}");
        // A clock that is set back opens nothing.
        world.set_clock("2026-11-19T12:00:00Z");
        assert_eq!(reach(Some(Area::Export)).await, "run_book.none");
        world.set_clock("2026-11-20T12:00:00Z");
        write(&world, "owner", move |op| end_support(op, id)).await.unwrap();
        assert_eq!(reach(Some(Area::Export)).await, "run_book.none");
        // A run-book, for four hours.
        let open =
            OpenRunBook { operator: mara.clone(), reason: name("Move"), ticket: name("M-1") };
        let open = move |op: &mut app::DirectoryOp| open_run_book(op, &open);
        let book = app.write_directory(app.new_request(), open.clone()).await.unwrap();
        assert_eq!(book.closes_at.to_string(), "2026-11-20T16:00:00Z");
        assert_eq!(reach(None).await, "ok");
        let said = format!(
            "Mara (who runs the server): operator.command command=export operator=Mara \
             reason=Move ticket=M-1 run_book={}",
            book.id
        );
        assert!(told(&world).await.contains(&said));
        world.set_clock("2026-11-20T15:59:59Z");
        assert_eq!(reach(None).await, "ok");
        world.set_clock("2026-11-20T16:00:00Z");
        assert_eq!(reach(None).await, "run_book.none");
        // Closed, and one in the place of another.
        let second = app.write_directory(app.new_request(), open.clone()).await.unwrap();
        let third = app.write_directory(app.new_request(), open).await.unwrap();
        let found = app.read_directory(app.new_request(), find_run_book).await.unwrap();
        assert_eq!(found.map(|book| book.id), Some(third.id));
        assert_ne!(second.id, third.id);
        assert!(app.write_directory(app.new_request(), close_run_book).await.unwrap());
        assert!(!app.write_directory(app.new_request(), close_run_book).await.unwrap());
        assert_eq!(reach(None).await, "run_book.none");
    });
}

/// Nothing of what was said lies readable in the databases.
#[test]
fn reasons_tickets_and_names_are_sealed() {
    both(async |world: World| {
        let (mara, secret) = operator(&world, "Mara Unmistakable").await;
        let asked = AskSupport {
            reason: name("An unmistakable reason"),
            ticket: name("UNMISTAKABLE-1"),
            ..question(&mara)
        };
        ask(&world, asked).await;
        let look = |sql: &'static str| store::Statement::new("test.sealed", sql);
        let of = |rows: Vec<store::Row>| {
            rows.iter()
                .map(|row| row.get::<Vec<u8>>(0).unwrap())
                .map(|bytes| String::from_utf8_lossy(&bytes).to_lowercase())
                .collect::<Vec<_>>()
        };
        let statement = look(
            "SELECT operator_sealed FROM support_requests
             UNION ALL SELECT reason_sealed FROM support_requests
             UNION ALL SELECT ticket_sealed FROM support_requests
             UNION ALL SELECT facts FROM events WHERE kind = 'support.asked'
             UNION ALL SELECT texts_sealed FROM events WHERE kind = 'support.asked'",
        );
        let database = world.app.store().workspace(world.workspace).await.unwrap();
        let rows: Result<_, store::StoreError> =
            database.read(move |tx| tx.query(&statement, &[])).await;
        let mut kept = of(rows.unwrap());
        assert_eq!(kept.len(), 5);
        let statement = look(
            "SELECT name_sealed FROM operators UNION ALL SELECT name_index FROM operators
             UNION ALL SELECT secret_hash FROM operators",
        );
        let rows: Result<_, store::StoreError> =
            world.app.store().directory().read(move |tx| tx.query(&statement, &[])).await;
        kept.extend(of(rows.unwrap()));
        assert_eq!(kept.len(), 8);
        for kept in kept {
            assert!(!kept.contains("unmistakable") && !kept.contains(&secret.to_lowercase()));
        }
    });
}

//! The spool, killed everywhere, with every kind of bad line.

use std::path::Path;
use std::sync::atomic::Ordering;

use jiff::civil::date;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::api::Api;
use crate::files::Disk;
use crate::machine::Machine;
use crate::testing::{FakeServer, MEMBER, Mode, TestMachine, WORKSPACE, cache, server};

const NOON: &str = "2026-11-20T11:00:00Z";
const TIMER: &str = "/api/v1/workspaces/w/timer";

fn account() -> Account {
    Account {
        url: "https://time.example.org".to_owned(),
        workspace_id: WORKSPACE,
        member_id: MEMBER,
    }
}

fn waiting(id: u128, act: Act) -> Waiting {
    Waiting {
        format: FORMAT,
        id: Uuid::from_u128(id),
        account: account(),
        made_at: NOON.parse().unwrap(),
        typed: format!("act {id}"),
        act,
        request: None,
        question: None,
        is_decided: false,
    }
}

fn entry(note: &str, span: Span) -> Act {
    Act::Entry(Draft {
        note: note.to_owned(),
        target: Target::Nothing,
        tags: Vec::new(),
        create_tags: false,
        billable: None,
        span,
    })
}

fn half_hour() -> Span {
    Span::Duration { day: date(2026, 11, 20), duration_s: 1800 }
}

fn start(at: &str) -> Act {
    let span = Span::Running { started_at: at.parse().unwrap(), replaces: None };
    entry("started here", span)
}

fn stop(of: Option<u128>, at: &str) -> Act {
    let stopped_at = at.parse().unwrap();
    Act::Stop { entry_id: of.map(Uuid::from_u128), stopped_at, by_start: false }
}

fn send_with(spool: &Spool, server: &FakeServer, direct: Option<Uuid>) -> Option<Report> {
    let machine = TestMachine::at(NOON);
    Sender {
        api: &Api::new(server),
        spool,
        account: &account(),
        cache: &mut cache(),
        machine: &machine,
        refreshed: Refresh::Possible,
    }
    .send_waiting(direct)
    .ok()
}

fn send(spool: &Spool, server: &FakeServer) -> Report {
    send_with(spool, server, None).unwrap()
}

/// A spool with acts in it.
fn spool(folder: &Path, acts: &[Waiting]) -> Spool {
    let spool = Spool::open(folder.join("spool")).unwrap();
    for act in acts {
        spool.push(act).unwrap();
    }
    spool
}

fn questions(spool: &Spool) -> Vec<String> {
    let all = spool.list().unwrap();
    all.into_iter().filter_map(|s| Some(s.waiting.question?.code)).collect()
}

/// A timer that another device started.
fn start_elsewhere(server: &FakeServer, id: u128, at: &str) {
    let body = json!({ "id": Uuid::from_u128(id), "started_at": at, "note": "elsewhere" });
    server.elsewhere("POST", TIMER, &body);
}

fn notes(server: &FakeServer) -> Vec<String> {
    let note = |entry: Value| entry["note"].as_str().unwrap().to_owned();
    server.entries().into_iter().map(note).collect()
}

#[test]
fn killed_at_any_step_nothing_acknowledged_is_lost_and_nothing_is_doubled() {
    for mode in [Mode::Up, Mode::LosesAnswers, Mode::LosesRequests, Mode::Down] {
        let mut is_through = false;
        for steps in 0..80 {
            let folder = tempfile::tempdir().unwrap();
            let server = server();
            server.set(mode);
            spool(folder.path(), &[]);
            let killed = Spool::on(folder.path().join("spool"), Disk::killed_after(steps));
            let one = waiting(7, entry("one", half_hour()));
            let is_acknowledged = killed.push(&one).is_ok();
            let first = send_with(&killed, &server, None);
            // The program is gone, its locks with it; the next one finds what is on the disk.
            server.set(Mode::Up);
            let next = Spool::open(folder.path().join("spool")).unwrap();
            send(&next, &server);
            let made = server.entries().len();
            assert!(made <= 1, "{mode:?} {steps}: doubled");
            assert!(made == 1 || !is_acknowledged, "{mode:?} {steps}: lost");
            assert_eq!(next.list().unwrap(), [], "{mode:?} {steps}");
            assert!(next.unreadable().unwrap().is_empty());
            if first.is_some() && is_acknowledged {
                is_through = true;
                break;
            }
        }
        assert!(is_through, "{mode:?}: the disk never lasted");
    }
}

#[test]
fn killed_at_any_step_a_start_and_its_stop_become_one_entry() {
    for steps in 0..120 {
        let folder = tempfile::tempdir().unwrap();
        let server = server();
        let acts = [
            waiting(7, start("2026-11-20T09:00:00Z")),
            waiting(8, stop(Some(7), "2026-11-20T10:30:00Z")),
        ];
        spool(folder.path(), &acts);
        let killed = Spool::on(folder.path().join("spool"), Disk::killed_after(steps));
        let is_through = send_with(&killed, &server, None).is_some();
        let next = Spool::open(folder.path().join("spool")).unwrap();
        send(&next, &server);
        let made = server.entries();
        assert_eq!(made.len(), 1, "{steps}");
        assert_eq!(made[0]["stopped_at"], "2026-11-20T10:30:00Z", "{steps}");
        assert_eq!(made[0]["duration_s"], 5400, "{steps}");
        assert_eq!(next.list().unwrap(), [], "{steps}");
        if is_through {
            return;
        }
    }
    panic!("the disk never lasted");
}

#[test]
fn acts_are_sent_in_the_order_in_which_they_were_done() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    // Ids in no order, as from two processes in one millisecond or a clock that was put back.
    let ids = [900_u128, 5, 77, 6, 12];
    let acts = ids.map(|id| waiting(id, entry(&id.to_string(), half_hour())));
    let spool = spool(folder.path(), &acts);
    assert_eq!(send(&spool, &server).done.len(), 5);
    assert_eq!(notes(&server), ["900", "5", "77", "6", "12"]);
    assert_eq!(server.posts.load(Ordering::SeqCst), 5);
}

#[test]
fn what_the_line_does_to_one_act_holds_up_those_behind_it() {
    for mode in [Mode::Down, Mode::Busy, Mode::Portal, Mode::LosesRequests, Mode::SignedOut] {
        let folder = tempfile::tempdir().unwrap();
        let server = server();
        let acts =
            [waiting(7, entry("first", half_hour())), waiting(8, entry("second", half_hour()))];
        let spool = spool(folder.path(), &acts);
        server.set(mode);
        for _ in 0..3 {
            let report = send(&spool, &server);
            assert!(report.postponed.is_some(), "{mode:?}");
            assert_eq!(report.is_signed_out, mode == Mode::SignedOut);
        }
        assert_eq!(spool.list().unwrap().len(), 2, "{mode:?}");
        assert_eq!(questions(&spool).len(), 0, "{mode:?}");
        assert_eq!(server.entries().len(), 0, "{mode:?}");
        server.set(Mode::Up);
        assert_eq!(send(&spool, &server).done.len(), 2, "{mode:?}");
        assert_eq!(notes(&server), ["first", "second"], "{mode:?}");
    }
}

#[test]
fn what_the_server_stumbles_over_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let acts =
        [waiting(7, entry("stumble", half_hour())), waiting(8, entry("second", half_hour()))];
    let spool = spool(folder.path(), &acts);
    let report = send(&spool, &server);
    assert!(report.stuck.is_some());
    assert_eq!(notes(&server), ["second"]);
    assert_eq!((spool.list().unwrap().len(), questions(&spool).len()), (1, 0));
}

#[test]
fn two_processes_at_once_send_each_act_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    spool(folder.path(), &[]);
    std::thread::scope(|scope| {
        for process in 0..4_u128 {
            let (folder, server) = (folder.path(), &server);
            scope.spawn(move || {
                let spool = Spool::open(folder.join("spool")).unwrap();
                for act in 1..=10 {
                    let id = process * 100 + act;
                    spool.push(&waiting(id, entry(&id.to_string(), half_hour()))).unwrap();
                    send(&spool, server);
                }
            });
        }
    });
    let spool = spool(folder.path(), &[]);
    send(&spool, &server);
    assert_eq!(server.entries().len(), 40);
    assert_eq!(server.posts.load(Ordering::SeqCst), 40);
    assert_eq!(spool.list().unwrap(), []);
}

#[test]
fn only_one_process_sends() {
    let folder = tempfile::tempdir().unwrap();
    let machine = TestMachine::at(NOON);
    let before = machine.now();
    let (one, two) = (spool(folder.path(), &[]), spool(folder.path(), &[]));
    let held = one.lock_sending(&machine).unwrap();
    assert!(held.is_some());
    assert!(two.lock_sending(&machine).unwrap().is_none());
    drop(held);
    assert!(two.lock_sending(&machine).unwrap().is_some());
    assert_eq!(machine.now(), before, "the pauses are shorter than a second");
}

#[test]
fn a_lost_answer_is_asked_for_with_the_same_request() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let spool = spool(folder.path(), &[waiting(7, entry("one", half_hour()))]);
    server.set(Mode::LosesAnswers);
    send(&spool, &server);
    let kept = spool.list().unwrap();
    assert!(kept[0].waiting.request.is_some());
    server.set(Mode::Up);
    assert_eq!(send(&spool, &server).done.len(), 1);
    assert_eq!(server.entries().len(), 1);
    assert_eq!(server.posts.load(Ordering::SeqCst), 2);
}

#[test]
fn an_entry_that_arrived_and_was_deleted_since_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let spool = spool(folder.path(), &[waiting(7, entry("one", half_hour()))]);
    server.set(Mode::LosesAnswers);
    send(&spool, &server);
    server.set(Mode::Up);
    server.delete(Uuid::from_u128(7));
    let report = send(&spool, &server);
    assert!(matches!(report.done.as_slice(), [(_, None)]));
    assert_eq!(server.entries().len(), 0);
    assert_eq!(spool.list().unwrap(), []);
}

#[test]
fn a_start_that_may_have_arrived_is_followed_by_its_stop() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let spool = spool(folder.path(), &[waiting(7, start("2026-11-20T09:00:00Z"))]);
    server.set(Mode::LosesAnswers);
    send(&spool, &server);
    spool.push(&waiting(8, stop(Some(7), "2026-11-20T10:00:00Z"))).unwrap();
    server.set(Mode::Up);
    assert_eq!(send(&spool, &server).done.len(), 2);
    let made = server.entries();
    assert_eq!(made.len(), 1);
    assert_eq!((&made[0]["running"], &made[0]["duration_s"]), (&json!(false), &json!(3600)));
}

#[test]
fn a_late_start_does_not_end_a_timer_that_was_started_elsewhere() {
    for is_maybe_sent in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let server = server();
        let spool = spool(folder.path(), &[waiting(7, start("2026-11-20T09:00:00Z"))]);
        if is_maybe_sent {
            server.set(Mode::LosesRequests);
            send(&spool, &server);
            server.set(Mode::Up);
        }
        start_elsewhere(&server, 99, "2026-11-20T09:30:00Z");
        let report = send(&spool, &server);
        assert_eq!((report.asked, report.done.len()), (1, 0));
        assert_eq!(questions(&spool), ["timer.running_elsewhere"]);
        assert_eq!(server.entries()[0]["running"], json!(true));
        // Asked once, and not again each time.
        assert_eq!(send(&spool, &server).asked, 0);
        // Its stop makes a finished entry of it, which is in nobody's way.
        spool.push(&waiting(8, stop(Some(7), "2026-11-20T10:00:00Z"))).unwrap();
        assert_eq!(send(&spool, &server).done.len(), 1);
        assert_eq!(spool.list().unwrap(), []);
        let made = server.entries();
        assert_eq!((made.len(), &made[0]["running"]), (2, &json!(true)));
        assert_eq!(made[1]["duration_s"], 3600);
    }
}

#[test]
fn a_late_start_ends_the_timer_that_was_known_when_it_was_typed() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    start_elsewhere(&server, 99, "2026-11-20T08:00:00Z");
    let span = Span::Running {
        started_at: "2026-11-20T09:00:00Z".parse().unwrap(),
        replaces: Some(Uuid::from_u128(99)),
    };
    let spool = spool(folder.path(), &[waiting(7, entry("next", span))]);
    assert_eq!(send(&spool, &server).done.len(), 1);
    let made = server.entries();
    assert_eq!(made[0]["duration_s"], 3600);
    assert_eq!(made[1]["running"], json!(true));
}

#[test]
fn a_refused_late_start_is_kept_and_a_decision_sends_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    server.refuse_second_timers();
    start_elsewhere(&server, 99, "2026-11-20T08:00:00Z");
    let mut late = waiting(7, start("2026-11-20T09:00:00Z"));
    late.is_decided = true;
    let spool = spool(folder.path(), &[late]);
    send(&spool, &server);
    assert_eq!(questions(&spool), ["timer.already_running"]);
    let kept = spool.list().unwrap().remove(0);
    assert!(!kept.waiting.is_decided, "a decision counts once");
    assert!(kept.waiting.request.is_none());
    let finished =
        spool.change(&kept.name, |w| w.finish("2026-11-20T09:30:00Z".parse().unwrap())).unwrap();
    assert!(finished.unwrap().question.is_none());
    assert_eq!(send(&spool, &server).done.len(), 1);
    assert_eq!(server.entries()[1]["duration_s"], 1800);
}

#[test]
fn what_was_typed_just_now_is_refused_and_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    server.refuse_second_timers();
    start_elsewhere(&server, 99, "2026-11-20T08:00:00Z");
    let spool = spool(folder.path(), &[waiting(7, start("2026-11-20T09:00:00Z"))]);
    let report = send_with(&spool, &server, Some(Uuid::from_u128(7))).unwrap();
    assert_eq!(report.refused.unwrap().code(), "timer.already_running");
    assert_eq!(spool.list().unwrap(), []);
}

#[test]
fn names_are_looked_up_when_it_is_sent_and_kept_when_they_are_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let named = |path: &str, tag: &str, create_tags| {
        Act::Entry(Draft {
            note: "n".to_owned(),
            target: Target::Named { path: path.split('/').map(str::to_owned).collect() },
            tags: vec![TagRef::Named { name: tag.to_owned() }],
            create_tags,
            billable: None,
            span: half_hour(),
        })
    };
    let archived = Act::Entry(Draft {
        note: "n".to_owned(),
        target: Target::Known { project_id: Uuid::from_u128(15), task_id: None },
        tags: Vec::new(),
        create_tags: false,
        billable: None,
        span: half_hour(),
    });
    let acts = [
        waiting(1, named("internal", "meeting", false)),
        waiting(2, named("new one", "meeting", false)),
        waiting(3, named("nowhere", "meeting", false)),
        waiting(4, named("internal", "brand new", false)),
        waiting(5, named("internal", "made", true)),
        waiting(6, archived),
        waiting(7, entry("behind them", half_hour())),
    ];
    let spool = spool(folder.path(), &acts);
    server.add_project(50, "New One");
    let report = send(&spool, &server);
    let done: Vec<u128> = report.done.iter().map(|(id, _)| id.as_u128()).collect();
    assert_eq!(done, [1, 2, 5, 7]);
    assert_eq!(questions(&spool), ["unknown_project", "unknown_tag", "project.archived"]);
    assert_eq!(server.entries()[0]["project_id"], json!(Uuid::from_u128(13)));
    assert_eq!(server.entries()[1]["project_id"], json!(Uuid::from_u128(50)));
    let rest = spool.list().unwrap();
    assert!(rest.iter().all(|s| s.waiting.request.is_none()));
}

#[test]
fn a_stop_ends_the_entry_it_was_meant_for_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    start_elsewhere(&server, 98, "2026-11-20T08:00:00Z");
    let spool = spool(folder.path(), &[waiting(7, stop(Some(98), "2026-11-20T09:00:00Z"))]);
    // Before it is sent, that timer is stopped and another started elsewhere.
    start_elsewhere(&server, 99, "2026-11-20T08:45:00Z");
    send(&spool, &server);
    assert_eq!(questions(&spool), ["timer.stopped_elsewhere"]);
    let made = server.entries();
    assert_eq!((&made[0]["duration_s"], &made[1]["running"]), (&json!(2700), &json!(true)));
    // The person says that it was nine o'clock.
    let name = spool.list().unwrap().remove(0).name;
    let decide = |waiting: &mut Waiting| {
        (waiting.question, waiting.is_decided) = (None, true);
        true
    };
    spool.change(&name, decide).unwrap();
    assert_eq!(send(&spool, &server).done.len(), 1);
    let made = server.entries();
    assert_eq!((&made[0]["duration_s"], &made[1]["running"]), (&json!(3600), &json!(true)));
}

#[test]
fn a_stop_without_a_name_ends_what_ran_then() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let spool = spool(folder.path(), &[waiting(7, stop(None, "2026-11-20T09:00:00Z"))]);
    send(&spool, &server);
    assert_eq!(questions(&spool), ["timer.not_running"]);
    let unasked = |waiting: &mut Waiting| {
        waiting.question = None;
        true
    };
    let name = spool.list().unwrap().remove(0).name;
    spool.change(&name, unasked).unwrap();
    start_elsewhere(&server, 98, "2026-11-20T08:00:00Z");
    // Its answer is lost; another timer runs when it is sent again.
    server.set(Mode::LosesAnswers);
    send(&spool, &server);
    server.set(Mode::Up);
    start_elsewhere(&server, 99, "2026-11-20T09:30:00Z");
    assert_eq!(send(&spool, &server).done.len(), 1);
    let made = server.entries();
    assert_eq!((&made[0]["duration_s"], &made[1]["running"]), (&json!(3600), &json!(true)));
}

#[test]
fn acts_of_another_account_wait_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let mut other = waiting(7, entry("theirs", half_hour()));
    other.account.member_id = Uuid::from_u128(3);
    let spool = spool(folder.path(), &[other, waiting(8, entry("mine", half_hour()))]);
    send(&spool, &server);
    assert_eq!(notes(&server), ["mine"]);
    assert_eq!(spool.list().unwrap().len(), 1);
}

#[test]
fn files_that_are_not_understood_stay() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let spool = spool(folder.path(), &[waiting(7, entry("one", half_hour()))]);
    let inside = folder.path().join("spool");
    let name = |number: u32, id: u128| format!("{number:08}-{}.json", Uuid::from_u128(id));
    let mut newer = serde_json::to_value(waiting(9, entry("newer", half_hour()))).unwrap();
    newer["format"] = json!(FORMAT + 1);
    std::fs::write(inside.join(name(2, 8)), b"{ half of").unwrap();
    std::fs::write(inside.join(name(3, 9)), newer.to_string()).unwrap();
    std::fs::write(inside.join("notes.txt"), b"mine").unwrap();
    spool.push(&waiting(10, entry("two", half_hour()))).unwrap();
    assert_eq!(send(&spool, &server).done.len(), 2);
    assert_eq!(spool.unreadable().unwrap().len(), 2);
    assert!(inside.join("notes.txt").exists());
}

#[test]
fn half_written_files_are_swept_and_nobody_else_can_read_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(folder.path(), &[]);
    let inside = folder.path().join("spool");
    let rest = inside.join(format!("{}x", crate::files::UNFINISHED));
    std::fs::write(&rest, b"{").unwrap();
    spool.push(&waiting(7, entry("one", half_hour()))).unwrap();
    assert!(!rest.exists());
    let name = spool.list().unwrap().remove(0).name;
    assert!(!crate::files::is_readable_by_others(&inside.join(name)));
    assert!(!crate::files::is_readable_by_others(&inside));
}

#[test]
fn the_timer_as_it_is_known_here() {
    let folder = tempfile::tempdir().unwrap();
    let known = crate::testing::entry(99, "2026-11-20T08:00:00Z", None);
    let after = |acts: &[Waiting]| {
        let folder = tempfile::tempdir_in(folder.path()).unwrap();
        let all = spool(folder.path(), acts).list().unwrap();
        local_timer(Some(&known), &all).map(|timer| timer.id().as_u128())
    };
    let started = waiting(7, start("2026-11-20T09:00:00Z"));
    let mut undecided = started.clone();
    undecided.question = Some(Question::new("x", "y"));
    assert_eq!(after(&[]), Some(99));
    assert_eq!(after(std::slice::from_ref(&started)), Some(7));
    assert_eq!(after(&[undecided]), Some(99));
    assert_eq!(after(&[waiting(8, stop(Some(99), NOON))]), None);
    assert_eq!(after(&[waiting(8, stop(None, NOON))]), None);
    assert_eq!(after(&[started.clone(), waiting(8, stop(Some(99), NOON))]), Some(7));
    assert_eq!(after(&[waiting(8, stop(None, NOON)), started]), Some(7));
}

/// Ids as they are made: a millisecond is in the upper bits.
const fn made(second: u128) -> u128 {
    (1_000 * second) << 80
}

/// A start that was typed when `replaced` ran.
fn start_after(replaced: u128, at: &str) -> Act {
    let replaces = Some(Uuid::from_u128(replaced));
    entry("next", Span::Running { started_at: at.parse().unwrap(), replaces })
}

fn finish(spool: &Spool, id: u128, at: &str) {
    let all = spool.list().unwrap();
    let start = all.iter().find(|s| s.waiting.id == Uuid::from_u128(id)).unwrap();
    spool.change(&start.name, |w| w.finish(at.parse().unwrap())).unwrap();
}

/// Note, length and whether it runs, in the order in which they were made.
fn told(server: &FakeServer) -> Vec<(String, i64, bool)> {
    let entry = |entry: Value| {
        let note = entry["note"].as_str().unwrap().to_owned();
        (note, entry["duration_s"].as_i64().unwrap(), entry["running"] == json!(true))
    };
    server.entries().into_iter().map(entry).collect()
}

fn lengths(expected: &[(&str, i64, bool)]) -> Vec<(String, i64, bool)> {
    expected.iter().map(|(note, s, runs)| ((*note).to_owned(), *s, *runs)).collect()
}

#[test]
fn a_start_finished_here_ends_the_timer_it_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    start_elsewhere(&server, 99, "2026-11-20T08:00:00Z");
    let other = waiting(made(2), entry("meanwhile", half_hour()));
    let start = waiting(made(1), start_after(99, "2026-11-20T09:00:00Z"));
    let spool = spool(folder.path(), &[start, other]);
    finish(&spool, made(1), "2026-11-20T10:00:00Z");
    // Before it, so that nothing overlaps at any time.
    let acts: Vec<Act> = spool.list().unwrap().into_iter().map(|s| s.waiting.act).collect();
    let Act::Stop { entry_id, by_start: true, .. } = &acts[0] else { panic!("{acts:?}") };
    assert_eq!(*entry_id, Some(Uuid::from_u128(99)));
    let known = crate::testing::entry(99, "2026-11-20T08:00:00Z", None);
    assert!(local_timer(Some(&known), &spool.list().unwrap()).is_none());
    assert_eq!(send(&spool, &server).done.len(), 3);
    let expected = [("elsewhere", 3600, false), ("next", 3600, false), ("meanwhile", 1800, false)];
    assert_eq!(told(&server), lengths(&expected));
}

#[test]
fn a_start_and_its_stop_sent_together_end_the_timer_that_was_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    start_elsewhere(&server, 99, "2026-11-20T08:00:00Z");
    let start = waiting(made(1), start_after(99, "2026-11-20T09:00:00Z"));
    let stop = waiting(made(2), stop(Some(made(1)), "2026-11-20T10:00:00Z"));
    let spool = spool(folder.path(), &[start, stop]);
    assert_eq!(send(&spool, &server).done.len(), 2);
    let expected = [("elsewhere", 3600, false), ("next", 3600, false)];
    assert_eq!(told(&server), lengths(&expected));
}

#[test]
fn starts_that_replace_each_other_end_each_other() {
    for is_maybe_sent in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let server = server();
        start_elsewhere(&server, 99, "2026-11-20T07:00:00Z");
        let spool =
            spool(folder.path(), &[waiting(made(1), start_after(99, "2026-11-20T08:00:00Z"))]);
        if is_maybe_sent {
            server.set(Mode::LosesAnswers);
            send(&spool, &server);
        }
        // The last one was typed at noon with a begin before the second's: that one ends at noon.
        let acts = [(2, made(1), "09:00"), (3, made(2), "08:30")];
        for (second, replaced, at) in acts {
            let start = start_after(replaced, &format!("2026-11-20T{at}:00Z"));
            spool.push(&waiting(made(second), start)).unwrap();
        }
        finish(&spool, made(3), "2026-11-20T10:00:00Z");
        assert!(local_timer(None, &spool.list().unwrap()).is_none());
        server.set(Mode::Up);
        send(&spool, &server);
        assert_eq!(spool.list().unwrap(), []);
        let expected = [
            ("elsewhere", 3600, false),
            ("next", 3600, false),
            ("next", 7200, false),
            ("next", 5400, false),
        ];
        assert_eq!(told(&server), lengths(&expected), "{is_maybe_sent}");
    }
}

#[test]
fn killed_while_it_is_finished_it_is_finished_once() {
    for steps in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let server = server();
        start_elsewhere(&server, 99, "2026-11-20T08:00:00Z");
        let start = waiting(made(1), start_after(99, "2026-11-20T09:00:00Z"));
        spool(folder.path(), &[start]);
        let killed = Spool::on(folder.path().join("spool"), Disk::killed_after(steps));
        let name = killed.list().unwrap().remove(0).name;
        let end = |w: &mut Waiting| w.finish("2026-11-20T10:00:00Z".parse().unwrap());
        let _ = killed.change(&name, end);
        let next = Spool::open(folder.path().join("spool")).unwrap();
        if next.list().unwrap().iter().any(|s| s.waiting.unsent_start().is_some()) {
            // Nothing was acknowledged, so it is typed again.
            finish(&next, made(1), "2026-11-20T10:00:00Z");
        }
        assert_eq!(next.list().unwrap().len(), 2, "{steps}");
        send(&next, &server);
        let expected = [("elsewhere", 3600, false), ("next", 3600, false)];
        assert_eq!(told(&server), lengths(&expected), "{steps}");
    }
}

#[test]
fn what_had_ended_before_the_start_needs_no_decision() {
    for (ended, expected) in [
        (Some("2026-11-20T08:30:00Z"), &[][..]),
        (Some("2026-11-20T09:30:00Z"), &["timer.stopped_elsewhere"]),
        (None, &[]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let server = server();
        start_elsewhere(&server, 99, "2026-11-20T08:00:00Z");
        let start = waiting(made(1), start_after(99, "2026-11-20T09:00:00Z"));
        let spool = spool(folder.path(), &[start]);
        finish(&spool, made(1), "2026-11-20T10:00:00Z");
        match ended {
            Some(at) => {
                let body = json!({ "id": Uuid::from_u128(99), "stopped_at": at });
                server.elsewhere("POST", &format!("{TIMER}/stop"), &body);
            }
            None => server.delete(Uuid::from_u128(99)),
        }
        send(&spool, &server);
        assert_eq!(questions(&spool), expected, "{ended:?}");
        assert!(notes(&server).contains(&"next".to_owned()));
    }
}

#[test]
fn a_stop_that_another_start_comes_before_ends_no_other_timer() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    start_elsewhere(&server, 98, "2026-11-20T08:00:00Z");
    let spool = spool(folder.path(), &[waiting(7, stop(Some(98), "2026-11-20T09:00:00Z"))]);
    // Its answer is lost; elsewhere another timer is started before it is sent again.
    server.set(Mode::LosesAnswers);
    send(&spool, &server);
    server.set(Mode::Up);
    start_elsewhere(&server, 99, "2026-11-20T09:30:00Z");
    assert_eq!(send(&spool, &server).done.len(), 1);
    let body = json!({ "id": Uuid::from_u128(98), "stopped_at": "2026-11-20T09:00:00Z" });
    assert_eq!(server.elsewhere("POST", &format!("{TIMER}/stop"), &body)["version"], json!(2));
    assert_eq!(told(&server)[1], ("elsewhere".to_owned(), 0, true));
}

//! What meets something else at the server: sent all the same, or kept for a decision.

use super::*;

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
            create_project: false,
            billable: None,
            span: half_hour(),
        })
    };
    let archived = Act::Entry(Draft {
        note: "n".to_owned(),
        target: Target::Known { project_id: Uuid::from_u128(15), task_id: None },
        tags: Vec::new(),
        create_tags: false,
        create_project: false,
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

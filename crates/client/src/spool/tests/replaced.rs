//! Starts without a connection that end the timer before them.

use super::*;

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

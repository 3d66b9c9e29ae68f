//! What is sent: each act once, in order, whatever the line and the machine do.

use super::*;

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

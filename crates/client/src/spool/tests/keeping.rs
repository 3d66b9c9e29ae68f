//! What is kept, for whom, and what it says of the timer.

use super::*;

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

/// As a version wrote it that knew nothing of making projects.
#[test]
fn what_an_earlier_version_kept_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let spool = spool(folder.path(), &[]);
    let mut old = serde_json::to_value(waiting(7, entry("old", half_hour()))).unwrap();
    assert_eq!(old["act"].as_object_mut().unwrap().remove("create_project"), Some(json!(false)));
    let name = format!("{:08}-{}.json", 1, Uuid::from_u128(7));
    std::fs::write(folder.path().join("spool").join(name), old.to_string()).unwrap();
    assert_eq!(spool.unreadable().unwrap().len(), 0);
    assert_eq!(send(&spool, &server).done.len(), 1);
    assert_eq!(notes(&server), ["old"]);
}

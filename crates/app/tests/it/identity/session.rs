//! Sessions and remembered browsers.

use app::{
    App, DirectoryOp, Error,
    identity::{
        LetterKind, Method, NewSession, OpenSession, Origin, Remembered, Second, Session,
        disable_person, enable_person, end_all_sessions, end_other_sessions, end_session,
        find_session, forget_browser, hash_secret, hear_session, list_browsers, list_origins,
        list_sessions, open_session, prove_session, sweep, touch_session, use_remember,
    },
    live::Change,
};
use domain::ids::UserId;
use jiff::SignedDuration;
use testkit::{World, both};

use super::desk::{BASE, DAY, Desk, HOUR, MINUTE};

const ANN: &str = "ann@example.org";

async fn open(desk: &Desk, user: UserId, remember: bool) -> NewSession {
    let method = Method::MailCode;
    desk.ok(move |op| {
        open_session(op, OpenSession { user, method, second: None, remember }, &Origin::default())
    })
    .await
}

async fn find(desk: &Desk, session: &NewSession) -> Option<Session> {
    let hash = hash_secret(session.secret.expose()).unwrap();
    let app = &desk.world.app;
    app.read_directory(app.new_request(), move |op| find_session(op, &hash)).await.unwrap()
}

async fn remember(desk: &Desk, cookie: &str) -> Remembered {
    let cookie = cookie.to_owned();
    desk.ok(move |op| use_remember(op, &cookie, &Origin::default())).await
}

fn again(remembered: Remembered) -> NewSession {
    match remembered {
        Remembered::Opened(session) => session,
        other => panic!("not remembered: {other:?}"),
    }
}

fn cookie(session: &NewSession) -> String {
    session.remember.as_ref().unwrap().expose().clone()
}

#[test]
fn a_session_ends_after_an_idle_hour_and_after_a_day() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let idle = open(&desk, ann, false).await;
        desk.wait_s(HOUR - 1);
        assert!(find(&desk, &idle).await.is_some());
        desk.wait_s(1);
        assert!(find(&desk, &idle).await.is_none());
        // Touching what has ended does not bring it back.
        let id = idle.id;
        desk.ok(move |op| touch_session(op, id)).await;
        assert!(find(&desk, &idle).await.is_none());

        let used = open(&desk, ann, false).await;
        let id = used.id;
        for _ in 0..47 {
            desk.wait_s(30 * MINUTE);
            assert!(find(&desk, &used).await.is_some());
            desk.ok(move |op| touch_session(op, id)).await;
        }
        desk.wait_s(30 * MINUTE);
        assert!(find(&desk, &used).await.is_none());
    });
}

#[test]
fn use_is_noted_at_most_once_a_minute() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let session = open(&desk, ann, false).await;
        let (id, opened_at) = (session.id, desk.world.now());
        desk.wait_s(59);
        let found = find(&desk, &session).await.unwrap();
        assert!(!found.wants_touch(desk.world.now()));
        desk.ok(move |op| touch_session(op, id)).await;
        assert_eq!(find(&desk, &session).await.unwrap().seen_at, opened_at);
        desk.wait_s(1);
        assert!(found.wants_touch(desk.world.now()));
        desk.ok(move |op| touch_session(op, id)).await;
        let found = find(&desk, &session).await.unwrap();
        assert_eq!(found.seen_at, desk.world.now());
        assert_eq!(found.idle_until().as_second() - found.seen_at.as_second(), HOUR);
    });
}

#[test]
fn ending_sessions_tells_open_pages() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let (ann, bob) = (desk.person(ANN).await, desk.person("bob@example.org").await);
        let (one, two, three) = (
            open(&desk, ann, false).await,
            open(&desk, ann, true).await,
            open(&desk, ann, true).await,
        );
        let bobs = open(&desk, bob, true).await;
        let mut changes = desk.world.app.live().listen();
        let listed = desk.ok(move |op| list_sessions(op, ann)).await;
        assert_eq!(listed.len(), 3);
        assert!(listed.iter().all(|session| session.user == ann));

        let id = one.id;
        desk.ok(move |op| end_session(op, id)).await;
        assert_eq!(changes.try_recv().unwrap(), Change::Sessions { user: ann });
        assert!(find(&desk, &one).await.is_none());
        desk.ok(move |op| end_session(op, id)).await;
        assert!(changes.try_recv().is_err(), "only once");

        let keep = two.id;
        let ended = desk.ok(move |op| end_other_sessions(op, ann, keep)).await;
        assert_eq!(ended, 1);
        assert!(find(&desk, &two).await.is_some());
        assert!(find(&desk, &three).await.is_none());
        let forgotten = remember(&desk, &cookie(&three)).await;
        assert!(matches!(forgotten, Remembered::NotValid));
        let not_theirs = desk.run(move |op| end_other_sessions(op, bob, keep)).await;
        assert!(matches!(not_theirs, Err(Error::NotFound)));

        assert_eq!(desk.ok(move |op| end_all_sessions(op, ann)).await, 1);
        assert!(find(&desk, &two).await.is_none());
        assert!(find(&desk, &bobs).await.is_some(), "others go on");

        desk.ok(move |op| disable_person(op, bob)).await;
        assert!(find(&desk, &bobs).await.is_none());
        let refused = desk
            .run(move |op| {
                let method = Method::PrintedLink;
                let open = OpenSession { user: bob, method, second: None, remember: false };
                open_session(op, open, &Origin::default())
            })
            .await;
        assert!(matches!(refused, Err(Error::SignedOut)));
    });
}

#[test]
fn a_remembered_browser_signs_in_for_thirty_days() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let first = open(&desk, ann, true).await;
        let mut current = cookie(&first);
        for _ in 0..29 {
            desk.wait_s(DAY);
            let session = again(remember(&desk, &current).await);
            assert_eq!(session.user, ann);
            let found = find(&desk, &session).await.unwrap();
            assert_eq!(found.method, Method::Remembered);
            assert!(found.family.is_some());
            assert_ne!(cookie(&session), current, "rotated");
            assert_eq!(session.remembered_until, first.remembered_until);
            current = cookie(&session);
        }
        desk.wait_s(DAY);
        assert!(matches!(remember(&desk, &current).await, Remembered::NotValid));
        // 40: seen as too old, it stays so, whatever the clock says.
        for back in [-HOUR, -DAY] {
            desk.wait_s(back);
            assert!(matches!(remember(&desk, &current).await, Remembered::NotValid));
        }
        assert!(desk.post().await.is_empty());
    });
}

#[test]
fn tabs_that_open_together_are_no_thieves() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let first = cookie(&open(&desk, ann, true).await);
        desk.wait_s(2 * HOUR);
        let one = again(remember(&desk, &first).await);
        desk.wait_s(29);
        let two = again(remember(&desk, &first).await);
        assert!(two.remember.is_none(), "it keeps the cookie of the first");
        let three = again(remember(&desk, &cookie(&one)).await);
        for session in [&one, &two, &three] {
            assert!(find(&desk, session).await.is_some());
        }
    });
}

#[test]
fn an_old_validator_ends_the_family_and_is_told() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let stolen = cookie(&open(&desk, ann, true).await);
        let elsewhere = open(&desk, ann, true).await;
        desk.wait_s(30 * MINUTE);
        let thief = again(remember(&desk, &stolen).await);
        desk.wait_s(MINUTE);
        // The thief looks around with it.
        let id = thief.id;
        desk.ok(move |op| touch_session(op, id)).await;
        let mut changes = desk.world.app.live().listen();
        assert!(matches!(remember(&desk, &stolen).await, Remembered::Theft));
        assert_eq!(changes.try_recv().unwrap(), Change::Sessions { user: ann });
        // The thief is out, with cookie and session; the other browser stays.
        assert!(find(&desk, &thief).await.is_none());
        assert!(matches!(remember(&desk, &cookie(&thief)).await, Remembered::NotValid));
        assert!(find(&desk, &elsewhere).await.is_some());
        again(remember(&desk, &cookie(&elsewhere)).await);
        let post = desk.post().await;
        assert_eq!(post.len(), 1);
        assert_eq!(post[0].kind, LetterKind::RememberTheft);
        assert_eq!(post[0].letter.to().as_str(), ANN);
        // Told once.
        assert!(matches!(remember(&desk, &stolen).await, Remembered::NotValid));
        assert!(desk.post().await.is_empty());
        let events = "SELECT COUNT(*) FROM directory_events WHERE kind = 'remember.theft'";
        assert_eq!(desk.count(events).await, 1);
    });
}

#[test]
fn a_lost_answer_is_no_theft() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let first = cookie(&open(&desk, ann, true).await);
        // The browser never hears of what the directory answers: a reload within the grace, then
        // again and again, hours and days later.
        for wait in [2 * HOUR, 10, HOUR, 3 * HOUR, 9 * DAY] {
            desk.wait_s(wait);
            desk.ok(sweep).await;
            again(remember(&desk, &first).await);
        }
        desk.wait_s(HOUR);
        let lost = again(remember(&desk, &first).await);
        desk.wait_s(MINUTE);
        assert!(find(&desk, &lost).await.is_some());
        let heard = again(remember(&desk, &first).await);
        assert!(find(&desk, &lost).await.is_none(), "nobody goes on with what was replaced");
        assert_ne!(cookie(&heard), first);
        desk.wait_s(2 * HOUR);
        again(remember(&desk, &cookie(&heard)).await);
        assert!(desk.post().await.is_empty());
    });
}

#[test]
fn a_thief_who_was_taken_for_a_lost_answer_is_found_at_the_next_use() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let stolen = cookie(&open(&desk, ann, true).await);
        desk.wait_s(HOUR);
        let thief = again(remember(&desk, &stolen).await);
        desk.wait_s(HOUR);
        let owner = again(remember(&desk, &stolen).await);
        desk.wait_s(HOUR);
        assert!(matches!(remember(&desk, &cookie(&thief)).await, Remembered::Theft));
        assert!(matches!(remember(&desk, &cookie(&owner)).await, Remembered::NotValid));
        assert_eq!(desk.post().await.len(), 1);
    });
}

/// A second session of the grace is what a thief could go on in unheard.
#[test]
fn a_replay_ends_all_that_was_opened_since_the_last_rotation() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let stolen = cookie(&open(&desk, ann, true).await);
        desk.wait_s(HOUR);
        again(remember(&desk, &stolen).await);
        desk.wait_s(10);
        let thief = again(remember(&desk, &stolen).await);
        let id = thief.id;
        desk.ok(move |op| touch_session(op, id)).await;
        desk.wait_s(10 * MINUTE);
        assert!(find(&desk, &thief).await.is_some());
        let owner = again(remember(&desk, &stolen).await);
        assert!(find(&desk, &thief).await.is_none());
        assert!(find(&desk, &owner).await.is_some());
    });
}

#[test]
fn remembered_browsers_are_listed_and_can_be_forgotten() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let (ann, bob) = (desk.person(ANN).await, desk.person("bob@example.org").await);
        let laptop = open(&desk, ann, true).await;
        let used_at = desk.world.now();
        assert!(desk.ok(move |op| list_browsers(op, ann)).await.is_empty(), "it has a session");
        desk.wait_s(2 * HOUR);
        let here = open(&desk, ann, false).await;
        let listed = desk.ok(move |op| list_browsers(op, ann)).await;
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].used_at, listed[0].created_at), (used_at, used_at));
        assert!(desk.ok(move |op| list_browsers(op, bob)).await.is_empty());
        let family = listed[0].family;
        let foreign = desk.run(move |op| forget_browser(op, bob, family)).await;
        assert!(matches!(foreign, Err(Error::NotFound)));
        for _ in 0..2 {
            desk.ok(move |op| forget_browser(op, ann, family)).await;
        }
        assert!(desk.ok(move |op| list_browsers(op, ann)).await.is_empty());
        assert!(matches!(remember(&desk, &cookie(&laptop)).await, Remembered::NotValid));
        assert!(find(&desk, &here).await.is_some());
        let events = "SELECT COUNT(*) FROM directory_events WHERE kind = 'session.ended'";
        assert_eq!(desk.count(events).await, 1, "once");
        // Everywhere else is also where nobody is signed in now.
        let phone = open(&desk, ann, true).await;
        desk.wait_s(2 * HOUR);
        let here = open(&desk, ann, false).await.id;
        desk.ok(move |op| end_other_sessions(op, ann, here)).await;
        assert!(matches!(remember(&desk, &cookie(&phone)).await, Remembered::NotValid));
    });
}

#[test]
fn a_session_is_proven_for_fifteen_minutes_by_a_code_and_not_by_its_browser() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let (ann, bob) = (desk.person(ANN).await, desk.person("bob@example.org").await);
        let first = open(&desk, ann, true).await;
        let is_proven = async |session: &NewSession| {
            find(&desk, session).await.unwrap().is_proven(desk.world.now())
        };
        desk.wait_s(15 * MINUTE);
        assert!(is_proven(&first).await);
        desk.wait_s(1);
        assert!(!is_proven(&first).await);
        desk.wait_s(2 * HOUR);
        let again = again(remember(&desk, &cookie(&first)).await);
        assert!(!is_proven(&again).await, "a browser proves nothing");
        let id = again.id;
        let foreign = desk
            .run(move |op| prove_session(op, id, bob, Second::MailCode, &Origin::default()))
            .await;
        assert!(matches!(foreign, Err(Error::SignedOut)));
        let proven = desk
            .ok(move |op| prove_session(op, id, ann, Second::MailCode, &Origin::default()))
            .await;
        assert!(find(&desk, &again).await.is_none(), "a new secret");
        assert!(is_proven(&proven).await);
        let found = find(&desk, &proven).await.unwrap();
        assert_eq!((found.id, found.method), (id, Method::MailCode));
        assert!(found.family.is_some(), "still remembered");
        desk.ok(move |op| end_session(op, id)).await;
        let ended = desk
            .run(move |op| prove_session(op, id, ann, Second::MailCode, &Origin::default()))
            .await;
        assert!(matches!(ended, Err(Error::SignedOut)));
    });
}

/// Who came by a link of the operator is let in where mail is forbidden, also after a code by mail has
/// shown who they are.
#[test]
fn a_fresh_proof_by_mail_leaves_the_first_factor_as_it_was() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        for (method, second) in [
            (Method::PrintedLink, Some(Second::MailCode)),
            (Method::Password, Some(Second::MailCode)),
            (Method::Invitation, None),
            (Method::MailLink, None),
        ] {
            let command = OpenSession { user: ann, method, second: None, remember: false };
            let opened = desk.ok(move |op| open_session(op, command, &Origin::default())).await;
            let id = opened.id;
            let proven = desk
                .ok(move |op| prove_session(op, id, ann, Second::MailCode, &Origin::default()))
                .await;
            let shown = find(&desk, &proven).await.unwrap().shown;
            assert_eq!((shown.first, shown.second), (method, second));
        }
    });
}

#[test]
fn ott_40_signing_out_forgets_the_browser() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let session = open(&desk, ann, true).await;
        let id = session.id;
        desk.ok(move |op| end_session(op, id)).await;
        assert!(matches!(remember(&desk, &cookie(&session)).await, Remembered::NotValid));
        for forged in ["", ".", "a.b", "AAAAAAAAAAAAAAAAAAAAAA", &"A.".repeat(40)] {
            assert!(matches!(remember(&desk, forged).await, Remembered::NotValid));
        }
    });
}

#[test]
fn swept_sessions_stay_ended_when_the_clock_is_set_back() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let session = open(&desk, ann, false).await;
        desk.wait_s(HOUR);
        desk.ok(sweep).await;
        desk.wait_s(-30 * MINUTE);
        assert!(find(&desk, &session).await.is_none());
    });
}

/// From where somebody asks.
fn from(device: Option<&str>, network: &str) -> Origin {
    Origin {
        device: device.map(str::to_owned),
        network: Some(network.to_owned()),
        base_url: BASE.to_owned(),
        ..Origin::default()
    }
}

#[test]
fn a_session_tells_from_where_it_was_opened() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let open =
            OpenSession { user: ann, method: Method::MailCode, second: None, remember: true };
        let home = from(Some("Firefox on Linux"), "203.0.113.7");
        let session = desk.ok(move |op| open_session(op, open, &home)).await;
        let unknown = Origin::default();
        let other = desk.ok(move |op| open_session(op, open, &unknown)).await;
        let told = async |id: uuid::Uuid| {
            let origins = desk.ok(move |op| list_origins(op, ann)).await;
            let origin = origins[&id].clone();
            (origin.device_words().to_owned(), origin.network)
        };
        let expected = ("Firefox on Linux".to_owned(), Some("203.0.113.7".to_owned()));
        let found = find(&desk, &session).await.unwrap();
        assert_eq!(told(session.id.uuid()).await, expected);
        assert_eq!(told(found.family.unwrap().uuid()).await, expected);
        assert_eq!(told(other.id.uuid()).await, ("An unknown browser".to_owned(), None));

        // What it is proven from, and where the browser signs in again, is newer.
        let office = from(None, "2001:db8:1:2::/64");
        let id = session.id;
        let proven = office.clone();
        desk.ok(move |op| prove_session(op, id, ann, Second::MailCode, &proven)).await;
        let moved = ("An unknown browser".to_owned(), Some("2001:db8:1:2::/64".to_owned()));
        assert_eq!(told(id.uuid()).await, moved);
        let cookie = cookie(&session);
        let again = desk.ok(move |op| use_remember(op, &cookie, &office)).await;
        assert!(matches!(again, Remembered::Opened(_)));
        assert_eq!(told(found.family.unwrap().uuid()).await, moved);
        // Both are sealed.
        let bytes = desk.bytes().await;
        for clear in ["Firefox on Linux", "203.0.113.7", "2001:db8"] {
            let clear = clear.as_bytes();
            assert!(!bytes.windows(clear.len()).any(|part| part == clear));
        }
        let bob = desk.person("bob@example.org").await;
        assert!(desk.ok(move |op| list_origins(op, bob)).await.is_empty());
    });
}

/// Something that ends a session, or its secret.
type End = fn(&mut DirectoryOp, &NewSession, UserId) -> Result<(), Error>;

#[test]
fn a_check_is_forgotten_at_once_here_and_within_a_second_elsewhere() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let here = &desk.world.app;
        // Another node on the same databases, which hears nothing of this one.
        let there = desk.world.another_app().await;
        let ann = desk.person(ANN).await;
        let hash = |session: &NewSession| hash_secret(session.secret.expose()).unwrap();
        let check = async |app: &App, hash: [u8; 32]| {
            let found = app.check_session(app.new_request(), hash).await.unwrap();
            found.map(|found| found.session.id)
        };
        let ends: [End; 4] = [
            |op, session, _| end_session(op, session.id),
            |op, _, user| end_all_sessions(op, user).map(drop),
            |op, _, user| disable_person(op, user).map(drop),
            |op, session, user| {
                prove_session(op, session.id, user, Second::MailCode, &Origin::default()).map(drop)
            },
        ];
        for (number, end) in ends.into_iter().enumerate() {
            desk.ok(move |op| enable_person(op, ann)).await;
            let session = open(&desk, ann, false).await;
            let hash = hash(&session);
            for app in [here, &there] {
                assert_eq!(check(app, hash).await, Some(session.id));
            }
            desk.ok(move |op| end(op, &session, ann)).await;
            assert_eq!(check(here, hash).await, None, "{number}: at once");
            desk.world.clock.set(desk.world.now() + SignedDuration::from_millis(1_000));
            assert_eq!(check(&there, hash).await, None, "{number}: within a second");
        }
        // A node that hears of it does not wait for that second.
        desk.ok(move |op| enable_person(op, ann)).await;
        let session = open(&desk, ann, false).await;
        let (id, hash) = (session.id, hash(&session));
        assert_eq!(check(&there, hash).await, Some(id));
        desk.ok(move |op| end_session(op, id)).await;
        there.hear(Change::Sessions { user: ann });
        assert_eq!(check(&there, hash).await, None);
    });
}

#[test]
fn what_is_remembered_of_a_session_ends_with_its_time() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let session = open(&desk, ann, false).await;
        let (id, hash) = (session.id, hash_secret(session.secret.expose()).unwrap());
        let app = &desk.world.app;
        let check = async || app.check_session(app.new_request(), hash).await.unwrap();
        let wait_ms = |ms| desk.world.clock.set(desk.world.now() + SignedDuration::from_millis(ms));
        desk.wait_s(HOUR - 1);
        wait_ms(500);
        assert!(check().await.is_some());
        wait_ms(500);
        assert!(check().await.is_none(), "idle for an hour, though looked up half a second ago");
        // One that is used goes on; what is remembered of it is as it was, until that is forgotten.
        let session = open(&desk, ann, false).await;
        let hash = hash_secret(session.secret.expose()).unwrap();
        let check = async || app.check_session(app.new_request(), hash).await.unwrap().unwrap();
        desk.wait_s(MINUTE);
        let before = check().await.session.seen_at;
        let other = session.id;
        desk.ok(move |op| touch_session(op, other)).await;
        assert_eq!(check().await.session.seen_at, before);
        app.forget_check(&hash);
        assert!(check().await.session.seen_at > before);
        assert_ne!(id, other);
        // A clock that is set back makes nothing young.
        wait_ms(-500);
        desk.ok(move |op| hear_session(op, other)).await;
        assert_eq!(check().await.session.id, other);
    });
}

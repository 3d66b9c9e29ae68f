//! The operator's reset: announced, stopped by any of those who were told, or done after a day, once.

use app::identity::{
    self, ClaimedLetter, Origin, find_open_reset, get_enrolled, look_at_reset, stop_my_reset,
    stop_reset, sweep,
};
use testkit::{World, both};

use domain::{permission::Role, text::EmailAddress};

use super::{ANN, WithApp, admit, founder, let_in, session_of, with_app};
use crate::identity::desk::{BASE, DAY, HOUR, MINUTE, opened};

async fn announce(ann: &WithApp) -> app::identity::OpenReset {
    let app = &ann.desk.world.app;
    app.announce_factor_reset(app.new_request(), ann.user, BASE.to_owned()).await.unwrap()
}

async fn tidy(ann: &WithApp) {
    ann.desk.ok(sweep).await;
    ann.desk.world.app.run_due_resets(BASE).await.unwrap();
}

pub(super) fn token(letter: &ClaimedLetter) -> String {
    let start = format!("{BASE}/stop-reset/");
    let link = letter.letter.body().lines().find_map(|line| line.strip_prefix(&start));
    link.unwrap().to_owned()
}

async fn has_app(ann: &WithApp) -> bool {
    let user = ann.user;
    ann.desk.ok(move |op| get_enrolled(op, user)).await.has_app()
}

#[test]
fn a_reset_takes_force_after_a_day_once() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let user = ann.user;
        let reset = announce(&ann).await;
        assert!(reset.is_new);
        assert_eq!(reset.due_at.as_second() - ann.desk.world.now().as_second(), DAY);
        let post = ann.desk.post().await;
        assert_eq!(post.len(), 1);
        assert!(post[0].letter.body().contains(ANN));
        // Announced again it is the same one, and nobody is told twice.
        ann.desk.wait_s(HOUR);
        let again = announce(&ann).await;
        assert_eq!((again.is_new, again.due_at), (false, reset.due_at));
        assert!(ann.desk.post().await.is_empty());

        // Not a second before its day is over, also with a clock that goes back meanwhile.
        ann.desk.wait_s(-5 * HOUR);
        tidy(&ann).await;
        assert!(has_app(&ann).await);
        let mark = ann.desk.ok(move |op| identity::mark_known_device(op, user)).await;
        let is_known = async || {
            let (mark, address) = (mark.expose().clone(), EmailAddress::parse(ANN).unwrap());
            ann.desk.ok(move |op| identity::is_known_browser(op, &address, &mark)).await
        };
        ann.desk.wait_s(4 * HOUR + DAY - 1);
        tidy(&ann).await;
        assert!(has_app(&ann).await);
        assert!(is_known().await);
        let browser = ann.at_the_second().await;
        let session = let_in(ann.try_second(&browser, &ann.code()).await);
        ann.desk.wait_s(1);
        for _ in 0..2 {
            tidy(&ann).await;
        }
        assert!(!is_known().await, "nor is a browser of before known");
        assert!(!has_app(&ann).await);
        assert!(session_of(&ann.desk, &session).await.is_none(), "all sessions end");
        assert!(ann.desk.ok(move |op| find_open_reset(op, user)).await.is_none());
        let post = ann.desk.post().await;
        assert_eq!(post.len(), 1, "told once");
        let body = post[0].letter.body();
        assert!(body.contains("was removed"), "{body}");
        assert!(body.contains("    Device:   None: the server did this by itself"), "{body}");
        assert!(body.contains("https://time.example/security"), "{body}");
        let late = token_of_nobody(&ann).await;
        assert!(late, "the link works no longer");

        // A code by mail signs in; what is set up then is not touched, whatever the clock does.
        let browser = ann.desk.browser("192.0.2.1");
        let (code, _) = ann.desk.ask_and_read(&browser, ANN).await;
        let session = opened(ann.desk.enter(&browser, &code).await);
        let session = session_of(&ann.desk, &session).await.unwrap();
        super::enrol(&ann.desk, session, "My new phone").await;
        ann.desk.wait_s(-2 * DAY);
        tidy(&ann).await;
        ann.desk.wait_s(4 * DAY);
        tidy(&ann).await;
        assert!(has_app(&ann).await);
        let done = "SELECT COUNT(*) FROM directory_events WHERE kind = 'factor_reset.done'";
        assert_eq!(ann.desk.count(done).await, 1);
    });
}

async fn token_of_nobody(ann: &WithApp) -> bool {
    ann.desk.count("SELECT COUNT(*) FROM factor_reset_links").await == 0
}

#[test]
fn whoever_was_told_can_stop_it_for_good() {
    both(async |world: World| {
        let ann = with_app(world).await;
        announce(&ann).await;
        let link = token(&ann.desk.post().await[0]);
        let (looked, stopped, again) = (link.clone(), link.clone(), link.clone());
        let found = ann.desk.ok(move |op| look_at_reset(op, &looked)).await.unwrap();
        assert_eq!(found.address.as_str(), ANN);
        assert!(ann.desk.ok(|op| look_at_reset(op, &"A".repeat(43))).await.is_none());
        ann.desk.ok(move |op| stop_reset(op, &stopped, &Origin::default())).await;
        let post = ann.desk.post().await;
        assert_eq!(post.len(), 1, "the person is told");
        assert!(post[0].letter.body().contains("    When:     "), "{}", post[0].letter.body());
        assert!(
            ann.desk.run(move |op| stop_reset(op, &again, &Origin::default())).await.is_err(),
            "once"
        );
        ann.desk.wait_s(2 * DAY);
        tidy(&ann).await;
        assert!(has_app(&ann).await);

        // The operator begins anew, and the person stops it where they are signed in.
        let reset = announce(&ann).await;
        assert!(reset.is_new);
        let browser = ann.at_the_second().await;
        let session = let_in(ann.try_second(&browser, &ann.code()).await);
        let session = session_of(&ann.desk, &session).await.unwrap();
        ann.desk.wait_s(MINUTE);
        ann.desk.ok(move |op| stop_my_reset(op, &session, &Origin::default())).await;
        ann.desk.ok(move |op| stop_my_reset(op, &session, &Origin::default())).await;
        ann.desk.wait_s(2 * DAY);
        tidy(&ann).await;
        assert!(has_app(&ann).await);
        let stopped = "SELECT COUNT(*) FROM directory_events WHERE kind = 'factor_reset.stopped'";
        assert_eq!(ann.desk.count(stopped).await, 2);
    });
}

/// Two operators, or one who gives the command twice at once.
#[test]
fn one_reset_is_open_at_a_time() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let mut racing = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (app, user) = (ann.desk.world.app.clone(), ann.user);
            racing.spawn(async move {
                app.announce_factor_reset(app.new_request(), user, BASE.to_owned()).await.unwrap()
            });
        }
        let announced = racing.join_all().await;
        assert_eq!(announced.iter().filter(|reset| reset.is_new).count(), 1);
        assert_eq!(ann.desk.post().await.len(), 1);
    });
}

/// Owners of a workspace of theirs are told, each with a link of their own; other members are not.
#[test]
fn owners_are_told_and_any_of_them_stops_it() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let (workspace, _) = founder(&ann.desk, "bob@example.org").await;
        let cleo = ann.desk.outsider("cleo@example.org").await;
        for user in [ann.user, cleo] {
            admit(&ann.desk, workspace, user, Role::Member).await;
        }
        ann.desk.post().await;
        announce(&ann).await;
        let post = ann.desk.post().await;
        let mut to: Vec<_> =
            post.iter().map(|letter| letter.letter.to().as_str().to_owned()).collect();
        to.sort();
        assert_eq!(to, [ANN, "bob@example.org"]);
        let links: Vec<_> = post.iter().map(token).collect();
        assert_ne!(links[0], links[1]);
        let bobs = post.iter().position(|letter| letter.letter.to().as_str() != ANN).unwrap();
        let (stops, late) = (links[bobs].clone(), links[1 - bobs].clone());
        ann.desk.ok(move |op| stop_reset(op, &stops, &Origin::default())).await;
        assert!(
            ann.desk.run(move |op| stop_reset(op, &late, &Origin::default())).await.is_err(),
            "it is stopped"
        );
        let told = ann.desk.post().await;
        assert_eq!((told.len(), told[0].letter.to().as_str()), (1, ANN));
    });
}

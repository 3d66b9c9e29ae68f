//! A code by mail as the second step.

use app::identity::{
    self, Locked, Method, Origin, Passed, Second, SecondTried, SignIn, mail_second_code,
    set_mail_second,
};
use domain::ids::UserId;
use testkit::{World, both};

use super::{ANN, enrol, let_in, open, session_of, try_second};
use crate::identity::desk::{Browser, Desk, HOUR, opened, second_code};

#[test]
fn a_code_by_mail_follows_what_was_no_mail_and_gives_way_to_an_app() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let session = open(&desk, ann, false).await;
        let session = session_of(&desk, &session).await.unwrap();
        desk.ok(move |op| set_mail_second(op, &session, true, &Origin::default())).await;
        desk.ok(move |op| set_mail_second(op, &session, true, &Origin::default())).await;
        assert_eq!(desk.post().await.len(), 1, "told once");
        // After a mail it would be the same factor twice.
        let browser = desk.browser("192.0.2.1");
        let (code, _) = desk.ask_and_read(&browser, ANN).await;
        opened(desk.enter(&browser, &code).await);

        let come = async |browser: &Browser, method| {
            let cookie_hash = browser.cookie;
            let passed = Passed { user: ann, method, remember: false, cookie_hash };
            desk.ok(move |op| identity::enter(op, passed, &Origin::default())).await
        };
        let by_password = async |browser: &Browser| come(browser, Method::Password).await;
        let browser = desk.browser("192.0.2.1");
        // What the operator prints is there for when no mail comes.
        opened(come(&browser, Method::PrintedLink).await);
        assert!(matches!(by_password(&browser).await, SignIn::SecondAsked));
        let first = mailed_code(&desk).await;
        let cookie = browser.cookie;
        assert!(desk.ok(move |op| mail_second_code(op, &cookie)).await);
        let second = mailed_code(&desk).await;
        let replaced = try_second(&desk, &browser, &first, Origin::default()).await;
        assert!(matches!(replaced, SecondTried::Wrong { left: 4 }));
        let session = let_in(try_second(&desk, &browser, &second, Origin::default()).await);
        let session = session_of(&desk, &session).await.unwrap();
        assert_eq!(session.shown.second, Some(Second::MailCode));
        // Five mails an hour, whoever asks.
        for _ in 0..4 {
            by_password(&browser).await;
        }
        assert_eq!(desk.post().await.len(), 3);
        desk.wait_s(HOUR);
        // An app is what is asked for from then on.
        let session = open(&desk, ann, false).await;
        let session = session_of(&desk, &session).await.unwrap();
        enrol(&desk, session, "My phone").await;
        desk.post().await;
        assert!(matches!(by_password(&browser).await, SignIn::SecondAsked));
        assert!(desk.post().await.is_empty(), "no mail");
        assert!(!desk.ok(move |op| mail_second_code(op, &cookie)).await);
    });
}

/// The code in the one letter that comes.
async fn mailed_code(desk: &Desk) -> String {
    let post = desk.post().await;
    assert_eq!(post.len(), 1);
    second_code(&post[0])
}

/// Somebody for whom a code by mail follows the password.
async fn with_mail(world: World) -> (Desk, UserId) {
    let desk = Desk::new(world);
    let user = desk.person(ANN).await;
    let session = open(&desk, user, false).await;
    let session = session_of(&desk, &session).await.unwrap();
    desk.ok(move |op| set_mail_second(op, &session, true, &Origin::default())).await;
    desk.post().await;
    (desk, user)
}

/// A browser that has shown the first factor.
async fn at_the_second(desk: &Desk, user: UserId, origin: &Origin) -> Browser {
    let (browser, origin) = (desk.browser("192.0.2.1"), origin.clone());
    let cookie_hash = browser.cookie;
    let passed = Passed { user, method: Method::Password, remember: false, cookie_hash };
    let entered = desk.ok(move |op| identity::enter(op, passed, &origin)).await;
    assert!(matches!(entered, SignIn::SecondAsked));
    browser
}

/// Else whoever knows the password keeps its person out by asking for mail after mail.
#[test]
fn strangers_use_up_no_mail_of_a_known_browser() {
    both(async |world: World| {
        let (desk, user) = with_mail(world).await;
        let mark = desk.ok(move |op| identity::mark_known_device(op, user)).await;
        let known = Origin { mark: Some(mark.expose().clone()), ..Origin::default() };
        for _ in 0..8 {
            at_the_second(&desk, user, &Origin::default()).await;
        }
        assert_eq!(desk.post().await.len(), 5);
        let browser = at_the_second(&desk, user, &known).await;
        let code = mailed_code(&desk).await;
        let_in(try_second(&desk, &browser, &code, known).await);
    });
}

/// A hundred wrong ones and no more, until their person has signed in: by mail, which asks for no code.
#[test]
fn wrong_codes_by_mail_make_strangers_wait_and_a_hundred_are_the_end() {
    both(async |world: World| {
        let (desk, user) = with_mail(world).await;
        let mut typed = 0;
        let last = loop {
            let stranger = at_the_second(&desk, user, &Origin::default()).await;
            let tried = try_second(&desk, &stranger, "ABCD-EFGH", Origin::default()).await;
            match tried {
                SecondTried::Locked(Locked::Wait { .. }) => desk.wait_s(HOUR + 1),
                SecondTried::Locked(locked) => break locked,
                _ => typed += 1,
            }
            assert!(typed <= 100, "{typed}");
        };
        assert_eq!((typed, last), (99, Locked::MailOff));
        let post = desk.all_post().await;
        let told = post.iter().filter(|one| one.letter.body().contains("a hundred wrong codes"));
        assert_eq!(told.count(), 1);
        desk.wait_s(HOUR + 1);
        // No code is mailed for what takes none; in a known browser it goes on.
        let stranger = at_the_second(&desk, user, &Origin::default()).await;
        assert!(desk.post().await.is_empty());
        let off = try_second(&desk, &stranger, "ABCD-EFGH", Origin::default()).await;
        assert!(matches!(off, SecondTried::Locked(Locked::MailOff)), "{off:?}");
        let mark = desk.ok(move |op| identity::mark_known_device(op, user)).await;
        let known = Origin { mark: Some(mark.expose().clone()), ..Origin::default() };
        at_the_second(&desk, user, &known).await;
        mailed_code(&desk).await;
        // A code by mail as the first factor lets the second ones work again.
        let browser = desk.browser("192.0.2.1");
        let (code, _) = desk.ask_and_read(&browser, ANN).await;
        opened(desk.enter(&browser, &code).await);
        let browser = at_the_second(&desk, user, &Origin::default()).await;
        let code = mailed_code(&desk).await;
        let_in(try_second(&desk, &browser, &code, Origin::default()).await);
    });
}

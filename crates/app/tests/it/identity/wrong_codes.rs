//! Wrong codes by mail: the hundred of an account, and who is told.

use app::identity::{
    self, Method, OpenSession, Origin, SignIn, find_session, hash_secret, open_session,
    set_mail_second,
};
use testkit::{World, both};

use super::desk::{BASE, DAY, Desk, HOUR, another, opened};

const ANN: &str = "ann@example.org";

/// All that is left of a hundred: fifteen an hour, in browsers that are not known.
async fn type_wrong_codes(desk: &Desk, address: &str, many: usize) {
    let mut typed = 0;
    while typed < many {
        let browser = desk.browser(&format!("198.51.100.{}", typed % 200));
        desk.ask(&browser, address).await;
        for _ in 0..5.min(many - typed) {
            desk.enter(&browser, "0000-0000").await;
            typed += 1;
        }
        if typed % 15 == 0 {
            desk.wait_s(HOUR + 1);
        }
    }
    desk.wait_s(HOUR + 1);
}

/// 3.9 of the design: at most a hundred guesses at one account, in whatever time.
#[test]
fn after_a_hundred_wrong_codes_only_the_link_signs_strangers_in() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        for address in [ANN, "who@example.org"] {
            type_wrong_codes(&desk, address, 99).await;
            desk.all_post().await;
            let stranger = desk.browser("192.0.2.1");
            desk.ask(&stranger, address).await;
            let last = desk.enter(&stranger, "0000-0000").await;
            assert!(matches!(last, SignIn::CodesOff), "{address}: {last:?}");
            let again = desk.enter(&stranger, "not a code").await;
            assert!(matches!(again, SignIn::CodesOff), "{address}: {again:?}");
            let told: Vec<_> = desk.all_post().await;
            let told = told.iter().filter(|one| one.letter.subject().contains("no longer sign"));
            assert_eq!(told.count(), usize::from(address == ANN), "once, and nobody else");
        }
        // What was mailed before the last one is no way in either, but its link is.
        let stranger = desk.browser("192.0.2.2");
        desk.wait_s(HOUR + 1);
        desk.ask(&stranger, ANN).await;
        let post = desk.post().await;
        let body = post[0].letter.body();
        assert!(!body.lines().any(|line| line.trim().len() == 9 && line.contains('-')), "{body}");
        let start = format!("{BASE}/sign-in/link/");
        let link = body.lines().find_map(|line| line.strip_prefix(&start)).unwrap();
        for _ in 0..7 {
            assert!(matches!(desk.enter(&stranger, "0000-0000").await, SignIn::CodesOff));
        }
        // In a browser that is known codes go on.
        let mut known = desk.browser("192.0.2.9");
        known.is_known = true;
        desk.ask_and_read(&known, ANN).await;
        opened(desk.follow(Some(&stranger), link).await);
        // Who signs in changes nothing that strangers see: the month alone does, for every address.
        for (waited, is_off) in [(HOUR + 1, true), (30 * DAY, false)] {
            desk.wait_s(waited);
            desk.ok(identity::sweep).await;
            for address in [ANN, "who@example.org"] {
                let stranger = desk.browser("192.0.2.3");
                desk.ask(&stranger, address).await;
                let tried = desk.enter(&stranger, "0000-0000").await;
                assert_eq!(matches!(tried, SignIn::CodesOff), is_off, "{address}: {tried:?}");
            }
        }
        let stranger = desk.browser("192.0.2.4");
        let (code, _) = desk.ask_and_read_last(&stranger, ANN).await;
        opened(desk.enter(&stranger, &code).await);
    });
}

/// Nothing of them is kept for longer than a month, also of whom a second step is asked.
#[test]
fn guesses_at_codes_leave_nothing_behind() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        desk.ok(move |op| {
            let open =
                OpenSession { user: ann, method: Method::MailCode, second: None, remember: false };
            let new = open_session(op, open, &Origin::default())?;
            let hash = hash_secret(new.secret.expose()).unwrap();
            let session = find_session(op, &hash)?.unwrap();
            set_mail_second(op, &session, true, &Origin::default())
        })
        .await;
        type_wrong_codes(&desk, ANN, 15).await;
        let kept = "SELECT kind FROM lockouts WHERE substr(kind, 1, 12) = 'sign-in-code'";
        assert!(!desk.query(kept).await.is_empty());
        desk.wait_s(31 * DAY);
        desk.ok(identity::sweep).await;
        assert!(desk.query(kept).await.is_empty());
    });
}

/// The mistakes of a known browser are none of the hundred.
#[test]
fn a_known_browsers_wrong_codes_are_none_of_the_hundred() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        type_wrong_codes(&desk, ANN, 99).await;
        let mut known = desk.browser("192.0.2.9");
        known.is_known = true;
        let (code, _) = desk.ask_and_read_last(&known, ANN).await;
        for _ in 0..4 {
            desk.enter(&known, &another(&code)).await;
        }
        let stranger = desk.browser("192.0.2.1");
        let (code, _) = desk.ask_and_read_last(&stranger, ANN).await;
        opened(desk.enter(&stranger, &code).await);
    });
}

/// As for passwords: once for each lock-out, in browsers that are known and in others apart.
#[test]
fn fifteen_wrong_codes_in_an_hour_are_told_once() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        for (is_known, subject) in [
            (false, "Wrong codes were tried for your Timeproof account"),
            (true, "Wrong codes were tried in one of your browsers"),
        ] {
            let mut told = Vec::new();
            for _ in 0..2 {
                for _ in 0..4 {
                    let mut browser = desk.browser("192.0.2.1");
                    browser.is_known = is_known;
                    desk.ask(&browser, ANN).await;
                    for _ in 0..5 {
                        desk.enter(&browser, "0000-0000").await;
                    }
                }
                let post = desk.all_post().await;
                let found = post.iter().filter(|one| one.letter.subject() == subject).count();
                told.push(found);
            }
            assert_eq!(told, [1, 0], "known: {is_known}");
        }
        desk.wait_s(HOUR + 1);
    });
}

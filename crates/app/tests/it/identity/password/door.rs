//! Signing in with a password, and replacing one at the door.

use app::identity::{
    Origin, Second, SecondTried, SignIn, disable_person, find_session, hash_secret,
    is_known_browser,
    password::{ChangeAtDoor, PasswordTried, find_password, flag_password},
    sign_in_with_second,
};
use domain::text::EmailAddress;
use testkit::{World, both};
use vault::Secret;

use super::{ANN, Browser, GOOD, NOBODY, OTHER, code_of, subjects, write};
use crate::identity::desk::{DAY, Desk};

#[test]
fn pw_02_12_13_a_password_signs_in_as_it_was_typed() {
    both(async |world: World| {
        let desk = Desk::new(world);
        for (n, (chosen, typed, is_same)) in [
            (GOOD, GOOD, true),
            ("  two spaces at the ends  ", "  two spaces at the ends  ", true),
            ("  two spaces at the end  ", "two spaces at the end", false),
            ("Cafe\u{301} au lait, bien noir", "Caf\u{e9} au lait, bien noir", true),
            ("\u{fb01}sh and seven lanterns", "fish and seven lanterns", false),
            (GOOD, "Violet harbour 7 owls", false),
        ]
        .into_iter()
        .enumerate()
        {
            let address = format!("person{n}@example.org");
            desk.with_password(&address, chosen).await;
            let browser = desk.stranger(&format!("192.0.2.{n}"));
            assert_eq!(desk.is_let_in(&browser, &address, typed).await, is_same, "{typed:?}");
        }
        let browser = desk.stranger("192.0.2.77");
        let tried = desk.knock(&browser, "person0@example.org", GOOD).await;
        let PasswordTried::Passed(SignIn::Opened(session), Some(mark)) = tried else {
            panic!("{tried:?}")
        };
        let hash = hash_secret(session.secret.expose()).unwrap();
        let found = desk.ok(move |op| find_session(op, &hash)).await.unwrap();
        assert_eq!(found.method.as_str(), "pwd");
        assert!(!found.is_proven(desk.world.now()), "no proof for what gives power away");
        let is_known = desk
            .ok(move |op| {
                let address = EmailAddress::parse("person0@example.org").unwrap();
                is_known_browser(op, &address, mark.expose())
            })
            .await;
        assert!(is_known);
    });
}

#[test]
fn pw_29_it_does_not_age() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.with_password(ANN, GOOD).await;
        desk.wait_s(400 * DAY);
        assert!(desk.is_let_in(&desk.stranger("192.0.2.1"), ANN, GOOD).await);
    });
}

#[test]
fn pw_30_one_that_is_flagged_has_to_be_replaced() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        let (user, app) = (home.user, &desk.world.app);
        assert!(desk.ok(move |op| flag_password(op, user)).await);
        let browser = desk.stranger("192.0.2.1");
        let tried = desk.knock(&browser, ANN, GOOD).await;
        assert!(matches!(tried, PasswordTried::MustChange), "{tried:?}");
        assert!(!desk.is_let_in(&browser, ANN, "a wrong password").await, "wrong stays wrong");
        let change = |current: &str, new: &str| ChangeAtDoor {
            sign_in: desk.attempt(&browser, ANN, current),
            new: Secret::new(new.to_owned()),
        };
        let same = app.change_password_at_door(app.new_request(), change(GOOD, GOOD)).await;
        assert_eq!(code_of(same.map(drop)), ("new", "same"));
        let short = app.change_password_at_door(app.new_request(), change(GOOD, "short")).await;
        assert_eq!(code_of(short.map(drop)), ("new", "too_short"));
        let wrong = app.change_password_at_door(app.new_request(), change(OTHER, OTHER)).await;
        assert_eq!(code_of(wrong.map(drop)), ("new", "same"));
        let wrong = change("not the password", OTHER);
        let wrong = app.change_password_at_door(app.new_request(), wrong).await.unwrap();
        assert!(matches!(wrong, PasswordTried::Wrong));
        let right = app.change_password_at_door(app.new_request(), change(GOOD, OTHER)).await;
        assert!(matches!(right.unwrap(), PasswordTried::Passed(SignIn::Opened(_), Some(_))));
        assert!(!desk.is_let_in(&browser, ANN, GOOD).await);
        assert!(desk.is_let_in(&browser, ANN, OTHER).await);
        assert_eq!(subjects(&desk.post().await), ["Your password for Timeproof was changed"]);
        assert_eq!(
            (desk.kinds("password.flagged").await, desk.kinds("password.changed").await),
            (1, 1)
        );
    });
}

/// Else whoever knows a password could take it over without the second step.
#[test]
fn pw_30_one_that_need_not_be_replaced_is_not_replaced_at_the_door() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.with_password(ANN, GOOD).await;
        let browser = desk.stranger("192.0.2.1");
        let app = &desk.world.app;
        let change = ChangeAtDoor {
            sign_in: desk.attempt(&browser, ANN, GOOD),
            new: Secret::new(OTHER.to_owned()),
        };
        let entered = app.change_password_at_door(app.new_request(), change).await.unwrap();
        assert!(matches!(entered, PasswordTried::Passed(SignIn::Opened(_), _)), "{entered:?}");
        assert!(desk.is_let_in(&browser, ANN, GOOD).await, "it is still the one");
        assert!(!desk.is_let_in(&browser, ANN, OTHER).await);
        assert_eq!(desk.kinds("password.changed").await, 0);
    });
}

#[test]
fn enum_the_directory_does_the_same_for_everybody() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        let disabled = desk.with_password("ben@example.org", GOOD).await.user;
        desk.ok(move |op| disable_person(op, disabled)).await;
        desk.person("cy@example.org").await;
        desk.with_password("dan@example.org", GOOD).await;
        write(&desk, "DELETE FROM lockouts").await;
        desk.post().await;
        // Nobody, without a password, disabled, and one with a password: five wrong ones, then a wait.
        let written = "SELECT (SELECT COUNT(*) FROM outbox), (SELECT COUNT(*) FROM lockouts),
                              (SELECT COUNT(*) FROM directory_events)";
        let mut seen = Vec::new();
        for address in [NOBODY, "cy@example.org", "ben@example.org", "dan@example.org"] {
            let read = async || {
                let row = &desk.query(written).await[0];
                [row.get::<i64>(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap()]
            };
            let before = read().await;
            let browser = desk.stranger("192.0.2.1");
            for _ in 0..5 {
                assert!(!desk.is_let_in(&browser, address, OTHER).await);
            }
            assert!(!desk.is_let_in(&browser, address, GOOD).await, "{address}");
            let after = read().await;
            let rows = |n: usize| after[n] - before[n];
            // The network's row is the first one's only.
            seen.push((rows(0), rows(1) - i64::from(seen.is_empty()), rows(2)));
        }
        assert!(seen.iter().all(|rows| *rows == (1, 2, 1)), "{seen:?}");
        let post = desk.post().await;
        let to: Vec<&str> = post.iter().map(|letter| letter.letter.to().as_str()).collect();
        assert_eq!(to, ["dan@example.org"]);
        let user = home.user;
        assert!(desk.ok(move |op| find_password(op, user)).await.is_some());
    });
}

#[test]
fn somebody_disabled_or_without_a_workspace_is_not_let_in() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        let user = home.user;
        desk.ok(move |op| disable_person(op, user)).await;
        assert!(!desk.is_let_in(&desk.stranger("192.0.2.1"), ANN, GOOD).await);
        desk.ok(move |op| app::identity::enable_person(op, user)).await;
        assert!(desk.is_let_in(&desk.stranger("192.0.2.1"), ANN, GOOD).await);
        write(&desk, "UPDATE memberships SET removed_at = 1").await;
        assert!(!desk.is_let_in(&desk.stranger("192.0.2.1"), ANN, GOOD).await);
    });
}

/// Else whoever knows the password takes it over without the second factor.
#[test]
fn pw_30_the_second_step_comes_before_another_password() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        let user = home.user;
        write(&desk, "UPDATE people SET second_mail_at = 1").await;
        assert!(desk.ok(move |op| flag_password(op, user)).await);
        let browser = desk.stranger("192.0.2.1");
        let app = &desk.world.app;
        let change = async |browser: &Browser| {
            let change = ChangeAtDoor {
                sign_in: desk.attempt(browser, ANN, GOOD),
                new: Secret::new(OTHER.to_owned()),
            };
            app.change_password_at_door(app.new_request(), change).await.unwrap()
        };
        let second = async |browser: &Browser, code: String| {
            let cookie = browser.cookie;
            desk.ok(move |op| sign_in_with_second(op, &cookie, &code, &Origin::default())).await
        };
        // Neither the sign-in nor the new password gets anywhere without it.
        let asked = |tried: &PasswordTried| {
            assert!(matches!(tried, PasswordTried::Passed(SignIn::SecondAsked, None)), "{tried:?}");
        };
        asked(&desk.knock(&browser, ANN, GOOD).await);
        // Its letter is replaced by the next one.
        desk.post().await;
        asked(&change(&browser).await);
        assert_eq!(desk.kinds("password.changed").await, 0);
        let post = desk.post().await;
        let code = crate::identity::desk::second_code(post.last().unwrap());
        // It opens no session yet, and says what is missing, as often as it is asked.
        for _ in 0..2 {
            let shown = second(&browser, code.clone()).await;
            let SecondTried::MustChange(address) = shown else { panic!("{shown:?}") };
            assert_eq!(address.as_str(), ANN);
        }
        assert_eq!(desk.count("SELECT COUNT(*) FROM sessions WHERE method = 'pwd'").await, 0);
        // Shown in another browser it is worth nothing.
        let other = change(&desk.stranger("192.0.2.2")).await;
        assert!(matches!(other, PasswordTried::Passed(SignIn::SecondAsked, None)), "{other:?}");
        let changed = change(&browser).await;
        let PasswordTried::Passed(SignIn::Opened(session), Some(_)) = changed else {
            panic!("{changed:?}")
        };
        let hash = hash_secret(session.secret.expose()).unwrap();
        let found = desk.ok(move |op| find_session(op, &hash)).await.unwrap();
        assert_eq!(found.shown.second, Some(Second::MailCode));
        assert_eq!(desk.kinds("password.changed").await, 1);
        // Once, and the new one is it.
        let again = change(&browser).await;
        assert!(matches!(again, PasswordTried::Wrong), "{again:?}");
        let tried = desk.knock(&browser, ANN, OTHER).await;
        assert!(matches!(tried, PasswordTried::Passed(SignIn::SecondAsked, None)), "{tried:?}");
    });
}

//! How often a password may be guessed: T-BRUTE as far as it is operations.

use app::{
    Error,
    identity::{
        is_known_browser,
        password::{PasswordTried, allow_password_again, find_password},
    },
};
use domain::text::EmailAddress;
use testkit::{World, both};

use super::{ANN, Browser, GOOD, NOBODY, OTHER, subjects};
use crate::identity::desk::{DAY, Desk, HOUR, MINUTE, opened};

#[test]
fn pw_38_brute_an_attacker_has_fifteen_guesses_in_the_first_hour_and_a_hundred_ever() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        // A guess every ten seconds, each from another browser and network.
        for n in 0..360 {
            desk.guess(ANN, n, 1).await;
            desk.wait_s(10);
        }
        let first_hour = desk.looked_at().await;
        assert!((5..=15).contains(&first_hour), "{first_hour}");
        assert_eq!(
            subjects(&desk.post().await),
            ["Wrong passwords were tried for your Timeproof account"]
        );
        // Then whenever the longest wait is over, for as long as it takes.
        for n in 0..110 {
            desk.wait_s(HOUR + 1);
            desk.guess(ANN, 1_000 + n, 1).await;
        }
        assert_eq!(desk.looked_at().await, 100);
        let told = desk.post().await;
        let off = "Your Timeproof password no longer works in new browsers";
        assert_eq!(subjects(&told).iter().filter(|subject| **subject == off).count(), 1);
        desk.wait_s(40 * DAY);
        desk.ok(app::identity::sweep).await;
        let stranger = desk.stranger("192.0.2.1");
        assert!(!desk.is_let_in(&stranger, ANN, GOOD).await, "not even the right one");
        // Where its person has signed in before, it works all the time, and lets nobody guess on.
        let known = desk.known(home.user).await;
        assert!(desk.is_let_in(&known, ANN, GOOD).await);
        assert!(!desk.is_let_in(&stranger, ANN, GOOD).await);
        let user = home.user;
        let state = desk.ok(move |op| find_password(op, user)).await.unwrap();
        assert!(state.is_off_elsewhere);
        let unproven = desk.run(move |op| allow_password_again(op, user, false)).await;
        assert!(matches!(unproven, Err(Error::NeedsProof)));
        desk.ok(move |op| allow_password_again(op, user, true)).await;
        assert!(desk.is_let_in(&stranger, ANN, GOOD).await);
    });
}

#[test]
fn brute_guesses_at_once_are_no_more_than_one_after_another() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.with_password(ANN, GOOD).await;
        let app = &desk.world.app;
        let mut racing = tokio::task::JoinSet::new();
        for n in 0..20 {
            let browser = desk.stranger(&format!("192.0.2.{n}"));
            let attempt = desk.attempt(&browser, ANN, "a wrong password");
            let (app, request) = (app.clone(), app.new_request());
            racing.spawn(async move { app.sign_in_with_password(request, attempt).await });
        }
        for outcome in racing.join_all().await {
            assert!(matches!(outcome, Ok(PasswordTried::Wrong)), "{outcome:?}");
        }
        assert_eq!(desk.looked_at().await, 5);
        assert!(!desk.is_let_in(&desk.stranger("192.0.2.99"), ANN, GOOD).await);
        desk.wait_s(31);
        assert!(desk.is_let_in(&desk.stranger("192.0.2.99"), ANN, GOOD).await);
    });
}

/// Else one wrong hour of the clock would shut everybody's new browsers out for good.
#[test]
fn brute_a_wait_that_a_clock_ahead_has_written_ends_when_it_is_set_right() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.with_password(ANN, GOOD).await;
        let now = desk.world.now();
        desk.wait_s(365 * 24 * 60 * MINUTE);
        desk.guess(ANN, 1, 6).await;
        assert!(!desk.is_let_in(&desk.stranger("192.0.2.9"), ANN, GOOD).await, "while it is ahead");
        desk.world.clock.set(now);
        assert!(desk.is_let_in(&desk.stranger("192.0.2.9"), ANN, GOOD).await);
    });
}

#[test]
fn brute_strangers_never_lock_out_a_known_browser() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        let known = desk.known(home.user).await;
        for n in 0..30 {
            desk.guess(ANN, n * 10, 10).await;
            assert!(desk.is_let_in(&known, ANN, GOOD).await);
            desk.wait_s(20 * MINUTE);
        }
        desk.post().await;
        // Its mark is of nobody else.
        let forged = Browser { mark: known.mark.clone(), ..desk.stranger("192.0.2.5") };
        desk.with_password("ben@example.org", OTHER).await;
        assert!(desk.is_let_in(&forged, "ben@example.org", OTHER).await, "as an unknown one");
    });
}

#[test]
fn a_known_browser_has_ten_tries_and_is_then_known_no_longer() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        let known = desk.known(home.user).await;
        for _ in 0..9 {
            assert!(!desk.is_let_in(&known, ANN, OTHER).await);
        }
        assert!(desk.is_let_in(&known, ANN, GOOD).await, "a right one gives them all back");
        for _ in 0..10 {
            assert!(!desk.is_let_in(&known, ANN, OTHER).await);
        }
        let mark = known.mark.clone();
        let address = EmailAddress::parse(ANN).unwrap();
        assert!(!desk.ok(move |op| is_known_browser(op, &address, &mark)).await);
        let told = desk.post().await;
        assert_eq!(subjects(&told), ["Wrong passwords were tried in one of your browsers"]);
        // As an unknown one it has the free guesses of all of those.
        for _ in 0..5 {
            assert!(!desk.is_let_in(&known, ANN, OTHER).await);
        }
        assert!(!desk.is_let_in(&known, ANN, GOOD).await);
        assert_eq!(desk.looked_at().await, 15);
        desk.wait_s(31);
        assert!(desk.is_let_in(&known, ANN, GOOD).await);
    });
}

#[test]
fn whoever_is_right_gets_back_what_they_mistyped_in_that_browser() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.with_password(ANN, GOOD).await;
        for n in 0..40 {
            let browser = desk.stranger(&format!("192.0.2.{n}"));
            for _ in 0..3 {
                assert!(!desk.is_let_in(&browser, ANN, OTHER).await);
            }
            assert!(desk.is_let_in(&browser, ANN, GOOD).await, "{n}");
        }
        assert_eq!(desk.looked_at().await, 0);
    });
}

#[test]
fn brute_a_network_has_its_own_count() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        let wait = async |network: &str, n: usize| {
            let address = format!("person{n}@example.org");
            match desk.knock(&desk.stranger(network), &address, OTHER).await {
                PasswordTried::Wrong => 0,
                PasswordTried::TooManyOfNetwork { wait_s } => wait_s,
                other => panic!("{other:?}"),
            }
        };
        for n in 0..60 {
            assert_eq!(wait("192.0.2.1", n).await, 0, "{n}");
        }
        desk.wait_s(10 * MINUTE);
        let waits = wait("192.0.2.1", 60).await;
        assert!((49 * MINUTE..=51 * MINUTE).contains(&waits), "{waits}");
        assert_eq!(wait("192.0.2.2", 60).await, 0, "another network has its own");
        let known = Browser { network: "192.0.2.1".to_owned(), ..desk.known(home.user).await };
        assert!(desk.is_let_in(&known, ANN, GOOD).await, "known browsers are not in it");
        desk.wait_s(51 * MINUTE);
        assert_eq!(wait("192.0.2.1", 61).await, 0);
    });
}

/// Over a year, from new browsers and networks all the time, with the owner signing in meanwhile: in a
/// known browser with the password, in a new one by mail, which no guess at a password touches.
#[test]
fn brute_a_year_of_guesses_is_a_hundred_and_the_owner_is_never_locked_out() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        let known = desk.known(home.user).await;
        for day in 0..365 {
            // Of a known address and of one that nobody has: the same counts.
            for address in [ANN, NOBODY] {
                for n in 0..2 {
                    desk.guess(address, day * 2 + n, 1).await;
                }
            }
            if day % 15 == 0 {
                assert!(desk.is_let_in(&known, ANN, GOOD).await, "{day}");
                desk.ok(app::identity::sweep).await;
                desk.post().await;
            }
            desk.wait_s(DAY);
        }
        let looked_at = "SELECT l.total FROM lockouts l
             JOIN people p ON p.address_index = l.account_index WHERE l.kind = 'password'
             ORDER BY l.total DESC";
        assert_eq!(desk.count(looked_at).await, 100);
        let browser = desk.browser("192.0.2.50");
        let (code, _) = desk.ask_and_read(&browser, ANN).await;
        opened(desk.enter(&browser, &code).await);
    });
}

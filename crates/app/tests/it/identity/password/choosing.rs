//! Choosing, changing and removing a password.

use app::{
    Error,
    identity::{
        SignIn, end_all_sessions,
        password::{PasswordTried, find_password, remove_password},
    },
};
use domain::ids::UserId;
use store::Statement;
use testkit::{World, both};

use super::{ANN, GOOD, Home, OTHER, code_of, subjects, write};
use crate::identity::desk::Desk;

#[test]
fn pw_01_09_18_20_21_22_what_may_not_be_chosen_is_refused_with_a_reason() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.home(ANN).await;
        let long = "x".repeat(1_025);
        for (new, code) in [
            ("", "empty"),
            ("violet harbour", "too_short"),
            (long.as_str(), "too_long"),
            ("passwordpassword", "common"),
            ("aaaaaaaaaaaaaaaa", "repetitive"),
            ("abcdefghijklmnop", "sequential"),
            ("timeproof-2026-timeproof", "expected"),
            ("Ann Lee at Café Nord", "expected"),
            ("ann@example.org 2026", "expected"),
        ] {
            assert_eq!(code_of(desk.choose(home, None, new).await), ("new", code), "{new}");
        }
        assert_eq!(desk.count("SELECT COUNT(*) FROM passwords").await, 0);
        desk.choose(home, None, GOOD).await.unwrap();
        let user = home.user;
        assert!(desk.ok(move |op| find_password(op, user)).await.is_some());
    });
}

#[test]
fn pw_04_beside_an_authenticator_app_eight_are_enough() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.home(ANN).await;
        assert_eq!(code_of(desk.choose(home, None, "viol7ets").await), ("new", "too_short"));
        enrol_app(&desk, home.user).await;
        assert_eq!(code_of(desk.choose(home, None, "viol7et").await), ("new", "too_short"));
        desk.choose(home, None, "viol7ets").await.unwrap();
        // The app is asked for afterwards.
        let browser = desk.stranger("192.0.2.1");
        let tried = desk.knock(&browser, ANN, "viol7ets").await;
        assert!(matches!(tried, PasswordTried::Passed(SignIn::SecondAsked, None)), "{tried:?}");
        // Without it, the password is too short to stand alone.
        write(&desk, "DELETE FROM authenticators").await;
        let tried = desk.knock(&browser, ANN, "viol7ets").await;
        assert!(matches!(tried, PasswordTried::MustChange), "{tried:?}");
    });
}

#[test]
fn pw_31_the_password_there_is_or_a_fresh_proof_is_needed() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.home(ANN).await;
        let unproven = desk.change(home, None, GOOD, false, false).await;
        assert!(matches!(unproven, Err(Error::NeedsProof)), "to set the first one");
        desk.choose(home, None, GOOD).await.unwrap();
        let unproven = desk.change(home, None, OTHER, false, false).await;
        assert!(matches!(unproven, Err(Error::NeedsProof)));
        for _ in 0..10 {
            let wrong = desk.choose(home, Some("not the password"), OTHER).await;
            assert_eq!(code_of(wrong), ("current", "wrong"));
        }
        let locked = desk.choose(home, Some(GOOD), OTHER).await;
        assert_eq!(code_of(locked), ("current", "locked"), "a stolen session cannot guess on");
        let post = desk.post().await;
        assert!(subjects(&post).contains(&"Wrong passwords were tried in one of your browsers"));
        desk.choose(home, None, OTHER).await.unwrap();
        assert_eq!(code_of(desk.choose(home, Some(OTHER), OTHER).await), ("new", "same"));
        desk.choose(home, Some(OTHER), GOOD).await.unwrap();
        assert!(desk.is_let_in(&desk.stranger("192.0.2.1"), ANN, GOOD).await);
    });
}

/// A remembered browser opens session after session by itself.
#[test]
fn pw_31_a_new_session_of_the_same_login_has_no_more_guesses() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        for n in 0..10 {
            let session = if n % 2 == 0 { home.session } else { desk.id() };
            let wrong =
                desk.choose(Home { session, ..home }, Some("not the password"), OTHER).await;
            assert_eq!(code_of(wrong), ("current", "wrong"), "{n}");
        }
        let session = desk.id();
        let locked = desk.choose(Home { session, ..home }, Some(GOOD), OTHER).await;
        assert_eq!(code_of(locked), ("current", "locked"));
    });
}

#[test]
fn pw_32_other_sessions_can_be_ended_with_it() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        for network in ["192.0.2.1", "192.0.2.2"] {
            assert!(desk.is_let_in(&desk.stranger(network), ANN, GOOD).await);
        }
        let open = "SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL";
        assert_eq!(desk.count(open).await, 3);
        desk.change(home, Some(GOOD), OTHER, false, false).await.unwrap();
        assert_eq!(desk.count(open).await, 3, "only when it is asked for");
        desk.change(home, Some(OTHER), GOOD, false, true).await.unwrap();
        assert_eq!(desk.count(open).await, 1, "this one goes on");
    });
}

#[test]
fn pw_33_its_person_is_told_of_every_change() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.home(ANN).await;
        let user = home.user;
        desk.choose(home, None, GOOD).await.unwrap();
        desk.choose(home, Some(GOOD), OTHER).await.unwrap();
        let unproven = desk
            .run(move |op| remove_password(op, user, false, &app::identity::Origin::default()))
            .await;
        assert!(matches!(unproven, Err(Error::NeedsProof)));
        desk.ok(move |op| remove_password(op, user, true, &app::identity::Origin::default())).await;
        desk.ok(move |op| remove_password(op, user, true, &app::identity::Origin::default())).await;
        let post = desk.post().await;
        assert!(post.iter().all(|letter| letter.letter.to().as_str() == ANN));
        let mut told = subjects(&post);
        told.sort_unstable();
        assert_eq!(
            told,
            [
                "A password was set for Timeproof",
                "Your password for Timeproof was changed",
                "Your password for Timeproof was removed",
            ]
        );
        for kind in ["password.set", "password.changed", "password.removed"] {
            assert_eq!(desk.kinds(kind).await, 1, "{kind}");
        }
        assert!(!desk.is_let_in(&desk.stranger("192.0.2.1"), ANN, OTHER).await);
    });
}

async fn enrol_app(desk: &Desk, user: UserId) {
    let id = domain::ids::AuthenticatorId::from_uuid(desk.id::<UserId>().uuid());
    let insert = Statement::new(
        "test.enrol",
        "INSERT INTO authenticators
             (id, user_id, name_sealed, seed_sealed, sealed_rev, created_at, confirmed_at, last_step)
         VALUES ($1, $2, $3, $3, 1, 1, 1, 0)",
    );
    let directory = desk.world.app.store().directory();
    let written: Result<_, store::StoreError> = directory
        .write(move |tx| tx.execute(&insert, &[id.into(), user.into(), vec![0_u8].into()]))
        .await;
    written.unwrap();
}

/// Whoever signs a session out wants it to do nothing more: also what it had begun.
#[test]
fn pw_31_a_session_that_ends_while_it_is_hashed_changes_no_password() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        let (app, runtime) = (desk.world.app.clone(), tokio::runtime::Handle::current());
        desk.world.app.stop_acts(move |step| {
            if step == "password.hashed" {
                let (app, user) = (app.clone(), home.user);
                let ended = runtime.spawn(async move {
                    let request = app.new_request();
                    app.write_directory(request, move |op| end_all_sessions(op, user)).await
                });
                tokio::task::block_in_place(|| runtime.block_on(ended)).unwrap().unwrap();
            }
            false
        });
        for current in [Some(GOOD), None] {
            let refused = desk.choose(home, current, OTHER).await;
            assert!(matches!(refused, Err(Error::SignedOut)), "{refused:?}");
        }
        assert_eq!(desk.kinds("password.changed").await, 0);
        assert!(desk.post().await.is_empty(), "nothing is told that was not done");
        assert!(desk.is_let_in(&desk.stranger("192.0.2.1"), ANN, GOOD).await);
    });
}

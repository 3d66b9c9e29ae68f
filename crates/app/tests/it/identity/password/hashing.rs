//! How passwords are kept and hashed.

use app::{Error, Refusal, identity::password::PasswordTried};
use domain::ids::UserId;
use store::Statement;
use testkit::{World, both};
use vault::{KeyKind, SystemRandom, password::Cost};

use super::{ANN, GOOD, Home, OTHER, write};
use crate::identity::desk::{Desk, HOUR};

#[test]
fn pw_35_36_39_the_directory_holds_nothing_of_it() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.with_password(ANN, GOOD).await;
        desk.with_password("ben@example.org", GOOD).await;
        let rows = desk.query("SELECT phc FROM passwords").await;
        let phcs: Vec<String> = rows.iter().map(|row| row.get(0).unwrap()).collect();
        assert_ne!(phcs[0], phcs[1], "salts of their own");
        // Without the pepper nothing is found, not even with the person and the password.
        let user: UserId = desk.query("SELECT user_id FROM passwords").await[0].get(0).unwrap();
        let vault = desk.world.app.vault();
        let cookies = vault.key_for(KeyKind::Cookies, [0; 16]).unwrap();
        let other = vault.mac_key(cookies).unwrap();
        assert!(!vault::password::verify(&other, user.as_bytes(), GOOD, &phcs[0]).unwrap());
        let bytes = desk.bytes().await;
        assert!(!bytes.windows(GOOD.len()).any(|window| window == GOOD.as_bytes()));
    });
}

#[test]
fn pw_37_it_is_hashed_anew_when_the_cost_has_changed() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        let vault = desk.world.app.vault();
        let pepper = vault.key_for(KeyKind::Passwords, [0; 16]).unwrap();
        let pepper = vault.mac_key(pepper).unwrap();
        let cost = Cost::new(16, 1).unwrap();
        let old = vault::password::hash(&pepper, home.user.as_bytes(), GOOD, cost, &SystemRandom);
        let old = old.unwrap();
        assert!(old.contains("m=16,"));
        let directory = desk.world.app.store().directory();
        let written: Result<_, store::StoreError> = directory
            .write(move |tx| {
                let update = Statement::new("test.update", "UPDATE passwords SET phc = $1");
                tx.execute(&update, &[old.as_str().into()])
            })
            .await;
        written.unwrap();
        assert!(!desk.is_let_in(&desk.stranger("192.0.2.1"), ANN, OTHER).await);
        let kept = "SELECT COUNT(*) FROM passwords WHERE phc LIKE '%m=8,%'";
        assert_eq!(desk.count(kept).await, 0, "a wrong one changes nothing");
        assert!(desk.is_let_in(&desk.stranger("192.0.2.1"), ANN, GOOD).await);
        assert_eq!(desk.count(kept).await, 1);
        assert!(desk.is_let_in(&desk.stranger("192.0.2.1"), ANN, GOOD).await);
    });
}

#[test]
fn pw_40_a_full_queue_refuses_before_anything_is_counted() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let app = &desk.world.app;
        let mut racing = tokio::task::JoinSet::new();
        for n in 0..300 {
            let browser = desk.stranger(&format!("198.51.100.{}", n % 200));
            let attempt = desk.attempt(&browser, &format!("person{n}@example.org"), OTHER);
            let (app, request) = (app.clone(), app.new_request());
            racing.spawn(async move { app.sign_in_with_password(request, attempt).await });
        }
        let outcomes = racing.join_all().await;
        let full = |outcome: &&Result<PasswordTried, Error>| {
            matches!(outcome, Err(Error::Refused(Refusal::TooManyChecks)))
        };
        let refused = outcomes.iter().filter(full).count();
        assert!(refused > 0, "34 places for 300");
        let counted = desk.looked_at().await;
        assert_eq!(usize::try_from(counted).unwrap() + refused, 300);
        // The queue is empty again.
        desk.with_password(ANN, GOOD).await;
        assert!(desk.is_let_in(&desk.stranger("192.0.2.9"), ANN, GOOD).await);
    });
}

#[test]
fn an_instance_of_before_gets_its_later_keys_at_the_next_start() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let app = &desk.world.app;
        let before = app.open_instance().await.unwrap();
        write(&desk, "UPDATE instance SET pepper_key = NULL, log_key = NULL").await;
        let first = app.open_instance().await.unwrap();
        assert_eq!(first, before, "the key in the keyring is taken again");
        assert_eq!(
            desk.count("SELECT COUNT(*) FROM instance WHERE pepper_key > 0 AND log_key > 0").await,
            1
        );
        desk.with_password(ANN, GOOD).await;
        assert!(desk.is_let_in(&desk.stranger("192.0.2.1"), ANN, GOOD).await);
    });
}

/// Else a member could fill the queue of who wants to sign in.
#[test]
fn pw_40_who_is_signed_in_has_one_place_in_the_queue_and_twenty_changes_an_hour() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        let at_once = futures(&desk, home, 40).await;
        let refused = at_once
            .iter()
            .filter(|outcome| matches!(outcome, Err(Error::Refused(Refusal::TooManyChecks))));
        assert!(refused.count() >= 20, "one at a time");
        let mut changes = 0;
        let refused = loop {
            match desk.choose(home, None, &format!("{OTHER} {changes}")).await {
                Ok(()) => changes += 1,
                Err(error) => break error,
            }
            assert!(changes <= 20);
        };
        assert!(matches!(refused, Error::Refused(Refusal::TooManyChanges)), "{refused:?}");
        desk.wait_s(HOUR + 1);
        desk.post().await;
        let home = desk.home(ANN).await;
        desk.choose(home, None, GOOD).await.unwrap();
        assert!(desk.is_let_in(&desk.stranger("192.0.2.9"), ANN, GOOD).await);
    });
}

/// So many changes of one person at once.
async fn futures(desk: &Desk, home: Home, many: usize) -> Vec<Result<(), Error>> {
    let mut racing = tokio::task::JoinSet::new();
    for n in 0..many {
        let command = desk.changing(home, None, &format!("{OTHER} {n}"), true, false);
        let app = desk.world.app.clone();
        racing.spawn(async move { app.change_password(app.new_request(), command).await });
    }
    racing.join_all().await
}

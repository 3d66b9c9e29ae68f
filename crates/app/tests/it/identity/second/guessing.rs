//! Guessing at the second step by somebody who has the first factor: what is counted, and that the
//! person is never locked out by it (security.md 3.9, T-BRUTE).

use app::identity::{
    Locked, Origin, ProofTried, SecondTried, allow_app_again, is_app_off_elsewhere,
    prove_with_code, remove_authenticator, sweep,
};
use testkit::{World, both};

use super::{WithApp, code_now, enrol, let_in, open, session_of, try_second, with_app, wrong};
use crate::identity::desk::{DAY, HOUR, MINUTE};

const LOOKED_AT: &str =
    "SELECT CAST(COALESCE(SUM(total), 0) AS BIGINT) FROM lockouts WHERE kind = 'app-code'";

impl WithApp {
    /// One wrong code of the app in a new browser.
    async fn guess(&self, network: usize) -> SecondTried {
        let browser = self.at_the_second().await;
        let no = wrong(&self.desk, &self.seed);
        let network = format!("198.51.{}.{}", network / 250, network % 250);
        let origin = Origin { network: Some(network), ..Origin::default() };
        try_second(&self.desk, &browser, &no, origin).await
    }

    /// A hundred wrong ones, for as long as it takes; the last ones are told how few are left of them.
    async fn guess_a_hundred(&self) {
        let mut told = Vec::new();
        for n in 0..200 {
            match self.guess(n).await {
                SecondTried::Wrong { left } => told.push(left),
                SecondTried::Locked(Locked::Off) => break,
                other => panic!("{other:?}"),
            }
            self.desk.wait_s(HOUR + 1);
        }
        assert_eq!(told.len(), 99, "the hundredth is told that it was the last");
        assert_eq!(told[94..], [4, 4, 3, 2, 1]);
    }

    async fn works_for_strangers(&self) -> bool {
        let browser = self.at_the_second().await;
        self.desk.wait_s(MINUTE);
        match self.try_second(&browser, &self.code()).await {
            SecondTried::Opened(_) => true,
            SecondTried::Locked(_) => false,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_fifth_wrong_code_kills_the_step() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let browser = ann.at_the_second().await;
        let no = wrong(&ann.desk, &ann.seed);
        for left in [4, 3, 2, 1] {
            let tried = ann.try_second(&browser, &no).await;
            assert!(matches!(tried, SecondTried::Wrong { left: l } if l == left), "{left}");
        }
        assert!(matches!(ann.try_second(&browser, &no).await, SecondTried::NotValid));
        let dead = ann.try_second(&browser, &ann.code()).await;
        assert!(!matches!(dead, SecondTried::Opened(_)), "the right one comes too late");
        let failed = "SELECT COUNT(*) FROM directory_events WHERE kind = 'login.failed'";
        assert_eq!(ann.desk.count(failed).await, 1);
        // Then strangers wait.
        let SecondTried::Locked(Locked::Wait { wait_s }) = ann.guess(1).await else { panic!() };
        assert!((1..=31).contains(&wait_s), "{wait_s}");
        let post = ann.desk.post().await;
        assert_eq!(post.len(), 1, "told once");
        assert!(post[0].letter.subject().contains("Wrong codes were tried"));
        assert!(post[0].letter.body().contains("recovery code"), "how to get in");
    });
}

/// Whoever has the first factor takes nothing away from the person: not the known browsers, not the
/// recovery codes.
#[test]
fn brute_strangers_lock_out_neither_known_browsers_nor_recovery_codes() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let known = ann.known().await;
        for round in 0..6 {
            for n in 0..20 {
                ann.guess(round * 20 + n).await;
            }
            // Recovery codes that are none, in all sorts of browsers.
            for n in 0..4 {
                let browser = ann.at_the_second().await;
                let network = Some(format!("203.0.{n}.{round}"));
                let origin = Origin { network, ..Origin::default() };
                for _ in 0..5 {
                    let typed = "ABCD-EFGH-JKMN-PQRS";
                    try_second(&ann.desk, &browser, typed, origin.clone()).await;
                }
            }
            let browser = ann.at_the_second().await;
            assert!(!matches!(
                try_second(&ann.desk, &browser, &ann.code(), Origin::default()).await,
                SecondTried::Opened(_)
            ));
            let browser = ann.at_the_second().await;
            let tried = try_second(&ann.desk, &browser, &ann.code(), known.clone()).await;
            let_in(tried);
            if round == 5 {
                let browser = ann.at_the_second().await;
                let_in(ann.try_second(&browser, &ann.recovery[0]).await);
            }
            ann.desk.wait_s(10 * MINUTE);
        }
    });
}

/// NIST SP 800-63B-4, 3.2.2, over a year: fifteen in the first hour, a hundred in all, whatever the
/// owner does meanwhile.
#[test]
fn brute_fifteen_codes_in_the_first_hour_and_a_hundred_in_a_year() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let known = ann.known().await;
        for n in 0..120 {
            ann.guess(n).await;
            ann.desk.wait_s(30);
        }
        let first_hour = ann.desk.count(LOOKED_AT).await;
        assert!((5..=15).contains(&first_hour), "{first_hour}");
        for day in 0..365 {
            for n in 0..3 {
                ann.guess(n).await;
            }
            if day % 7 == 0 {
                // The owner signs in; the hundred do not begin anew for that.
                let browser = ann.at_the_second().await;
                let_in(try_second(&ann.desk, &browser, &ann.code(), known.clone()).await);
                ann.desk.ok(sweep).await;
                ann.desk.post().await;
            }
            ann.desk.wait_s(DAY - 3 * HOUR);
            ann.guess(5).await;
            ann.desk.wait_s(3 * HOUR);
        }
        assert_eq!(ann.desk.count(LOOKED_AT).await, 100);
        let browser = ann.at_the_second().await;
        let off = ann.try_second(&browser, &ann.code()).await;
        assert!(matches!(off, SecondTried::Locked(Locked::Off)), "{off:?}");
    });
}

#[test]
fn after_a_hundred_a_recovery_code_a_new_app_or_a_word_lets_the_app_work_again() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let user = ann.user;
        ann.guess_a_hundred().await;
        let told = ann.desk.post().await;
        let off = told.iter().filter(|letter| letter.letter.subject().contains("Too many wrong"));
        assert_eq!(off.count(), 1, "told once");
        assert!(!ann.works_for_strangers().await);
        let browser = ann.at_the_second().await;
        let_in(ann.try_second(&browser, &ann.recovery[0]).await);
        assert!(ann.works_for_strangers().await);

        ann.guess_a_hundred().await;
        assert!(ann.desk.ok(move |op| is_app_off_elsewhere(op, user)).await);
        let stale = session_of(&ann.desk, &open(&ann.desk, user, false).await).await.unwrap();
        ann.desk.wait_s(16 * MINUTE);
        let refused = ann.desk.run(move |op| allow_app_again(op, &stale)).await;
        assert!(matches!(refused, Err(app::Error::NeedsProof)));
        let fresh = session_of(&ann.desk, &open(&ann.desk, user, false).await).await.unwrap();
        ann.desk.ok(move |op| allow_app_again(op, &fresh)).await;
        assert!(!ann.desk.ok(move |op| is_app_off_elsewhere(op, user)).await);
        assert!(ann.works_for_strangers().await);

        ann.guess_a_hundred().await;
        let fresh = session_of(&ann.desk, &open(&ann.desk, user, false).await).await.unwrap();
        let (_, seed, _) = enrol(&ann.desk, fresh, "A new phone").await;
        ann.desk.wait_s(MINUTE);
        let browser = ann.at_the_second().await;
        let_in(ann.try_second(&browser, &code_now(&ann.desk, &seed)).await);
    });
}

#[test]
fn after_a_hundred_the_operators_reset_lets_its_person_begin_anew() {
    both(async |world: World| {
        let ann = with_app(world).await;
        ann.guess_a_hundred().await;
        let app = &ann.desk.world.app;
        let base = crate::identity::desk::BASE.to_owned();
        app.announce_factor_reset(app.new_request(), ann.user, base).await.unwrap();
        ann.desk.wait_s(DAY + 1);
        assert_eq!(app.run_due_resets(crate::identity::desk::BASE).await.unwrap(), 1);
        assert_eq!(ann.desk.count(LOOKED_AT).await, 0);
        let fresh = session_of(&ann.desk, &open(&ann.desk, ann.user, false).await).await.unwrap();
        let (_, seed, _) = enrol(&ann.desk, fresh, "A new phone").await;
        ann.desk.wait_s(MINUTE);
        let browser = ann.at_the_second().await;
        let_in(ann.try_second(&browser, &code_now(&ann.desk, &seed)).await);
    });
}

#[test]
fn a_known_browser_has_ten_codes_and_a_login_too() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let known = ann.known().await;
        let no = wrong(&ann.desk, &ann.seed);
        for _ in 0..2 {
            let browser = ann.at_the_second().await;
            for _ in 0..5 {
                try_second(&ann.desk, &browser, &no, known.clone()).await;
            }
        }
        let post = ann.desk.post().await;
        assert_eq!(post.len(), 1);
        assert!(post[0].letter.subject().contains("one of your browsers"));
        // It is like any other from then on: five free ones, and then it waits.
        let browser = ann.at_the_second().await;
        for _ in 0..5 {
            try_second(&ann.desk, &browser, &no, known.clone()).await;
        }
        let browser = ann.at_the_second().await;
        let tried = try_second(&ann.desk, &browser, &ann.code(), known.clone()).await;
        assert!(matches!(tried, SecondTried::Locked(Locked::Wait { .. })), "{tried:?}");

        // A stolen session guesses ten times; recovery codes are not in that count.
        let session = open(&ann.desk, ann.user, false).await;
        let session = session_of(&ann.desk, &session).await.unwrap();
        let prove = async |typed: String| {
            let origin = Origin::default();
            ann.desk.ok(move |op| prove_with_code(op, &session, &typed, &origin)).await
        };
        for left in (1..10).rev() {
            let tried = prove(no.clone()).await;
            assert!(matches!(tried, ProofTried::Wrong { left: l } if l == left), "{tried:?}");
        }
        assert!(matches!(prove(no.clone()).await, ProofTried::Locked(Locked::Here)));
        assert!(matches!(prove(ann.code()).await, ProofTried::Locked(Locked::Here)));
        let no_code = prove("12345".to_owned()).await;
        assert!(matches!(no_code, ProofTried::NoCode), "no number of tries: {no_code:?}");
        let proven = prove(ann.recovery[1].clone()).await;
        assert!(matches!(proven, ProofTried::Proven(_)), "{proven:?}");
        let id = ann.app;
        ann.desk.ok(move |op| remove_authenticator(op, &session, id, &Origin::default())).await;
    });
}

/// A step has five tries, but a known browser ten in all its steps: the fewer of them are told.
#[test]
fn a_known_browser_is_told_how_many_tries_it_has_left_itself() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let known = ann.known().await;
        let no = wrong(&ann.desk, &ann.seed);
        for _ in 0..2 {
            let browser = ann.at_the_second().await;
            for left in [4, 3, 2, 1] {
                let tried = try_second(&ann.desk, &browser, &no, known.clone()).await;
                assert!(matches!(tried, SecondTried::Wrong { left: l } if l == left), "{tried:?}");
            }
        }
        let browser = ann.at_the_second().await;
        let ninth = try_second(&ann.desk, &browser, &no, known.clone()).await;
        assert!(matches!(ninth, SecondTried::Wrong { left: 1 }), "{ninth:?}");
        let no_code = try_second(&ann.desk, &browser, "12345", known.clone()).await;
        assert!(matches!(no_code, SecondTried::NoCode), "it takes none: {no_code:?}");
        let tenth = try_second(&ann.desk, &browser, &no, known).await;
        assert!(matches!(tenth, SecondTried::Locked(Locked::Here)), "{tenth:?}");
    });
}

#[test]
fn brute_codes_that_come_at_once_are_no_more_than_one_after_another() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let mut racing = tokio::task::JoinSet::new();
        for n in 0..20 {
            let browser = ann.at_the_second().await;
            let (app, no) = (ann.desk.world.app.clone(), wrong(&ann.desk, &ann.seed));
            let origin = Origin { network: Some(format!("192.0.2.{n}")), ..Origin::default() };
            racing.spawn(async move {
                let request = app.new_request();
                app.write_directory(request, move |op| {
                    app::identity::sign_in_with_second(op, &browser.cookie, &no, &origin)
                })
                .await
            });
        }
        let outcomes = racing.join_all().await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        assert_eq!(ann.desk.count(LOOKED_AT).await, 5);
    });
}

#[test]
fn a_network_has_sixty_codes_an_hour() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let origin = Origin { network: Some("192.0.2.1".to_owned()), ..Origin::default() };
        let mut looked_at = 0;
        for _ in 0..13 {
            let browser = ann.at_the_second().await;
            for _ in 0..5 {
                let typed = "ABCD-EFGH-JKMN-PQRS";
                let tried = try_second(&ann.desk, &browser, typed, origin.clone()).await;
                looked_at += usize::from(!matches!(tried, SecondTried::Locked(_)));
            }
        }
        assert_eq!(looked_at, 60);
        let browser = ann.at_the_second().await;
        let_in(ann.try_second(&browser, &ann.code()).await);
    });
}

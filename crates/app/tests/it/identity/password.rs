//! Passwords: the checks T-PW that are operations, their numbers in the names, and what of T-BRUTE is
//! about passwords.

use app::{
    Error, Refusal,
    identity::{
        ClaimedLetter, Origin, SignIn, disable_person, find_session, hash_secret, is_known_device,
        mark_known_device,
        password::{
            ChangeAtDoor, ChangePassword, PasswordTried, SignInWithPassword, allow_password_again,
            find_password, flag_password, remove_password,
        },
    },
};
use domain::{
    ids::{SessionId, UserId},
    password::Expected,
    text::EmailAddress,
};
use store::Statement;
use testkit::{World, both};
use vault::{KeyKind, Secret, SystemRandom, password::Cost};

use super::desk::{DAY, Desk, HOUR, MINUTE, opened};

const ANN: &str = "ann@example.org";
const NOBODY: &str = "nobody@example.org";
const GOOD: &str = "violet harbour 7 owls";
const OTHER: &str = "quiet lamps over wet roofs";

/// A browser: its login cookie, where it is, and its mark if it is known.
#[derive(Clone)]
struct Browser {
    cookie: [u8; 32],
    network: String,
    mark: String,
}

/// Somebody who is signed in.
#[derive(Clone, Copy)]
struct Home {
    user: UserId,
    session: SessionId,
    /// A remembered browser's goes on over its sessions.
    login: uuid::Uuid,
}

impl Desk {
    fn stranger(&self, network: &str) -> Browser {
        let secret = self.world.app.draw_secret();
        let cookie = hash_secret(secret.expose()).unwrap();
        Browser { cookie, network: network.to_owned(), mark: String::new() }
    }

    async fn known(&self, user: UserId) -> Browser {
        let mark = self.ok(move |op| mark_known_device(op, user)).await;
        Browser { mark: mark.expose().clone(), ..self.stranger("192.0.2.200") }
    }

    /// Somebody with a workspace and a session of a code.
    async fn home(&self, address: &str) -> Home {
        let user = self.person(address).await;
        let browser = self.browser("192.0.2.100");
        let (code, _) = self.ask_and_read(&browser, address).await;
        let session = opened(self.enter(&browser, &code).await);
        Home { user, session: session.id, login: session.id.uuid() }
    }

    /// Somebody with a password.
    async fn with_password(&self, address: &str, password: &str) -> Home {
        let home = self.home(address).await;
        self.choose(home, None, password).await.unwrap();
        self.post().await;
        home
    }

    async fn choose(&self, home: Home, current: Option<&str>, new: &str) -> Result<(), Error> {
        self.change(home, current, new, current.is_none(), false).await
    }

    async fn change(
        &self,
        home: Home,
        current: Option<&str>,
        new: &str,
        is_proven: bool,
        end_others: bool,
    ) -> Result<(), Error> {
        let app = &self.world.app;
        let secret = |text: &str| Secret::new(text.to_owned());
        let command = ChangePassword {
            user: home.user,
            session: home.session,
            login: home.login,
            is_proven,
            current: current.map(secret),
            new: secret(new),
            expected: Expected::default().with_name("Café Nord").with_name("Ann Lee"),
            end_others,
        };
        app.change_password(app.new_request(), command).await
    }

    #[expect(clippy::unused_self, reason = "it reads as what happens at this desk")]
    fn attempt(&self, browser: &Browser, address: &str, password: &str) -> SignInWithPassword {
        SignInWithPassword {
            address: EmailAddress::parse(address).unwrap(),
            password: Secret::new(password.to_owned()),
            cookie_hash: browser.cookie,
            device: browser.mark.clone(),
            network: browser.network.clone(),
            remember: false,
            origin: Origin::default(),
        }
    }

    async fn knock(&self, browser: &Browser, address: &str, password: &str) -> PasswordTried {
        let app = &self.world.app;
        let attempt = self.attempt(browser, address, password);
        app.sign_in_with_password(app.new_request(), attempt).await.unwrap()
    }

    async fn is_let_in(&self, browser: &Browser, address: &str, password: &str) -> bool {
        match self.knock(browser, address, password).await {
            PasswordTried::Passed(SignIn::Opened(_), Some(_)) => true,
            PasswordTried::Wrong => false,
            other => panic!("{other:?}"),
        }
    }

    /// Guesses from new browsers all over the world; how many were held against the password.
    async fn guess(&self, address: &str, from: usize, times: usize) {
        for n in from..from + times {
            let browser = self.stranger(&format!("198.51.{}.{}", n / 250, n % 250));
            assert!(!self.is_let_in(&browser, address, "a wrong password").await);
        }
    }

    async fn looked_at(&self) -> i64 {
        self.count(
            "SELECT CAST(COALESCE(SUM(total), 0) AS BIGINT) FROM lockouts WHERE kind = 'password'",
        )
        .await
    }

    async fn kinds(&self, kind: &str) -> usize {
        let rows = self.query("SELECT kind FROM directory_events").await;
        rows.iter().filter(|row| row.get::<String>(0).unwrap() == kind).count()
    }
}

fn code_of(refused: Result<(), Error>) -> (&'static str, &'static str) {
    match refused {
        Err(Error::Invalid(fields)) => (fields.0[0].field, fields.0[0].code),
        other => panic!("{other:?}"),
    }
}

fn subjects(post: &[ClaimedLetter]) -> Vec<&str> {
    post.iter().map(|letter| letter.letter.subject()).collect()
}

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
                is_known_device(op, &address, mark.expose())
            })
            .await;
        assert!(is_known);
    });
}

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

async fn write(desk: &Desk, sql: &'static str) {
    let directory = desk.world.app.store().directory();
    let written: Result<_, store::StoreError> =
        directory.write(move |tx| tx.execute(&Statement::new("test.write", sql), &[])).await;
    written.unwrap();
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
        let unproven = desk.run(move |op| remove_password(op, user, false)).await;
        assert!(matches!(unproven, Err(Error::NeedsProof)));
        desk.ok(move |op| remove_password(op, user, true)).await;
        desk.ok(move |op| remove_password(op, user, true)).await;
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
        assert!(!desk.ok(move |op| is_known_device(op, &address, &mark)).await);
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

#[test]
fn an_instance_of_before_gets_its_pepper_at_the_next_start() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let app = &desk.world.app;
        let before = app.open_instance().await.unwrap();
        write(&desk, "UPDATE instance SET pepper_key = NULL").await;
        let first = app.open_instance().await.unwrap();
        assert_eq!(first, before, "the key in the keyring is taken again");
        assert_eq!(desk.count("SELECT COUNT(*) FROM instance WHERE pepper_key > 0").await, 1);
        desk.with_password(ANN, GOOD).await;
        assert!(desk.is_let_in(&desk.stranger("192.0.2.1"), ANN, GOOD).await);
    });
}

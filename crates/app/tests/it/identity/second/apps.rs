//! Authenticator apps: set up, used, removed.

use app::{
    Error, Refusal,
    identity::{
        self, Factors, LetterKind, Method, Origin, Passed, ProofTried, Remembered, Second,
        SecondTried, confirm_authenticator, find_waiting, get_enrolled, get_pending,
        list_authenticators, make_recovery_codes, prove_with_code, remove_authenticator,
        set_mail_second, sign_in_with_second, use_remember,
    },
};
use domain::text::Name;
use testkit::{World, both};

use super::{ANN, code_now, enrol, let_in, open, session_of, with_app, wrong};
use crate::identity::desk::{Desk, HOUR, MINUTE, opened};

#[test]
fn an_app_is_asked_for_from_its_first_code_on() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let (here, elsewhere) = (open(&desk, ann, true).await, open(&desk, ann, true).await);
        let session = session_of(&desk, &here).await.unwrap();
        let app = &desk.world.app;
        let name = Name::parse("My phone").unwrap();
        let id = app.start_authenticator(app.new_request(), session, name).await.unwrap();
        // It does not count before its first code, and a wrong one changes nothing.
        let pending = desk.ok(move |op| get_pending(op, &session, id)).await;
        assert_eq!((pending.name.as_str(), pending.seed.expose().len()), ("My phone", 20));
        assert_eq!(pending.address.as_str(), ANN);
        let browser = desk.browser("192.0.2.1");
        let (code, _) = desk.ask_and_read(&browser, ANN).await;
        opened(desk.enter(&browser, &code).await);
        let no = wrong(&desk, pending.seed.expose());
        let refused = desk
            .run(move |op| confirm_authenticator(op, &session, id, &no, &Origin::default()))
            .await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{:?}", refused.err());
        assert!(!desk.ok(move |op| get_enrolled(op, ann)).await.has_any());
        assert!(session_of(&desk, &elsewhere).await.is_some());

        let code = code_now(&desk, pending.seed.expose());
        let again = code.clone();
        let codes = desk
            .ok(move |op| confirm_authenticator(op, &session, id, &code, &Origin::default()))
            .await;
        assert_eq!(codes.len(), 10);
        let twice = desk
            .run(move |op| confirm_authenticator(op, &session, id, &again, &Origin::default()))
            .await;
        assert!(matches!(twice, Err(Error::NotFound)), "{:?}", twice.err());
        // Everywhere else they are signed out, remembered browsers too; here it counts as shown.
        assert!(session_of(&desk, &elsewhere).await.is_none());
        let cookie = elsewhere.remember.as_ref().unwrap().expose().clone();
        let forgotten = desk.ok(move |op| use_remember(op, &cookie, &Origin::default())).await;
        assert!(matches!(forgotten, Remembered::NotValid));
        let shown = session_of(&desk, &here).await.unwrap().shown;
        assert_eq!(shown, Factors { first: Method::MailCode, second: Some(Second::Totp) });
        let cookie = here.remember.as_ref().unwrap().expose().clone();
        let again = desk.ok(move |op| use_remember(op, &cookie, &Origin::default())).await;
        let Remembered::Opened(again) = again else { panic!("{again:?}") };
        assert_eq!(session_of(&desk, &again).await.unwrap().shown, shown, "of its browser");
        // The person is told.
        let post = desk.post().await;
        assert_eq!(post.len(), 1);
        assert_eq!(post[0].kind, LetterKind::FactorChanged);
        assert!(!post[0].letter.subject().contains("phone"), "no names on locked screens");
        assert!(post[0].letter.body().contains("My phone"));
    });
}

#[test]
fn a_code_of_the_app_opens_the_session_once() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let browser = ann.at_the_second_remembering(true).await;
        let cookie = browser.cookie;
        let waiting = ann.desk.ok(move |op| find_waiting(op, &cookie)).await.unwrap();
        assert_eq!((waiting.user, waiting.is_by_mail()), (ann.user, false));
        let code = ann.code();
        // In another browser it is good for nothing.
        let other = ann.desk.browser("192.0.2.1");
        assert!(matches!(ann.try_second(&other, &code).await, SecondTried::NotValid));
        let no = wrong(&ann.desk, &ann.seed);
        assert!(matches!(ann.try_second(&browser, &no).await, SecondTried::Wrong { left: 4 }));
        // What cannot be a code costs no try.
        for typed in ["", "12345", "ABCD-EFGH", "hello"] {
            let tried = ann.try_second(&browser, typed).await;
            assert!(matches!(tried, SecondTried::NoCode), "{typed}");
        }
        assert!(matches!(ann.try_second(&browser, &no).await, SecondTried::Wrong { left: 3 }));
        let session =
            let_in(ann.try_second(&browser, &format!("{} {}", &code[..3], &code[3..])).await);
        assert!(session.remember.is_some());
        // 35: what was shown is kept, and stays with the browser that is remembered.
        let shown = Factors { first: Method::MailCode, second: Some(Second::Totp) };
        let found = session_of(&ann.desk, &session).await.unwrap();
        assert_eq!((found.method, found.shown), (Method::MailCode, shown));
        let cookie = session.remember.as_ref().unwrap().expose().clone();
        let again = ann.desk.ok(move |op| use_remember(op, &cookie, &Origin::default())).await;
        let Remembered::Opened(again) = again else { panic!("{again:?}") };
        let found = session_of(&ann.desk, &again).await.unwrap();
        assert_eq!((found.method, found.shown), (Method::Remembered, shown));
        // The step is used up, and so is the code, in every browser.
        assert!(matches!(ann.try_second(&browser, &code).await, SecondTried::NotValid));
        let second = ann.at_the_second().await;
        assert!(matches!(ann.try_second(&second, &code).await, SecondTried::Wrong { .. }));
        // So is every one before it; the next one works.
        let step = vault::totp_step(ann.desk.world.now().as_second());
        let before = vault::totp_code(&ann.seed, step - 1).expose().clone();
        assert!(matches!(ann.try_second(&second, &before).await, SecondTried::Wrong { .. }));
        ann.desk.wait_s(30);
        let_in(ann.try_second(&second, &ann.code()).await);
    });
}

#[test]
fn one_step_of_drift_is_taken_and_no_more() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let step = vault::totp_step(ann.desk.world.now().as_second());
        let browser = ann.at_the_second().await;
        for off in [-2, 2] {
            let code = vault::totp_code(&ann.seed, step + off).expose().clone();
            let tried = ann.try_second(&browser, &code).await;
            assert!(matches!(tried, SecondTried::Wrong { .. }), "{off}");
        }
        let code = vault::totp_code(&ann.seed, step + 1).expose().clone();
        let_in(ann.try_second(&browser, &code).await);
    });
}

#[test]
fn the_same_code_many_times_at_once_opens_one_session() {
    both(async |world: World| {
        let ann = with_app(world).await;
        // In one browser, and in many.
        let same = ann.at_the_second().await;
        for browsers in [vec![same; 20], {
            let mut many = Vec::new();
            for _ in 0..20 {
                many.push(ann.at_the_second().await);
            }
            many
        }] {
            ann.desk.wait_s(MINUTE);
            let code = ann.code();
            let mut racing = tokio::task::JoinSet::new();
            for browser in browsers {
                let (app, code) = (ann.desk.world.app.clone(), code.clone());
                racing.spawn(async move {
                    app.write_directory(app.new_request(), move |op| {
                        sign_in_with_second(op, &browser.cookie, &code, &Origin::default())
                    })
                    .await
                });
            }
            let outcomes = racing.join_all().await;
            assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
            let opened =
                outcomes.iter().filter(|o| matches!(o, Ok(SecondTried::Opened(_)))).count();
            assert_eq!(opened, 1);
        }
    });
}

#[test]
fn a_step_lasts_ten_minutes_and_no_clock_brings_it_back() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let browser = ann.at_the_second().await;
        ann.desk.wait_s(10 * MINUTE);
        assert!(matches!(ann.try_second(&browser, &ann.code()).await, SecondTried::NotValid));
        ann.desk.wait_s(-5 * MINUTE);
        assert!(matches!(ann.try_second(&browser, &ann.code()).await, SecondTried::NotValid));
        // One that nobody tried, begun before the clock was set back.
        let browser = ann.at_the_second().await;
        ann.desk.wait_s(-HOUR);
        assert!(matches!(ann.try_second(&browser, &ann.code()).await, SecondTried::NotValid));
        ann.desk.wait_s(HOUR);
        assert!(matches!(ann.try_second(&browser, &ann.code()).await, SecondTried::NotValid));
        // The newest of a browser is the one that counts.
        let browser = ann.at_the_second().await;
        let passed = Passed {
            user: ann.user,
            method: Method::PrintedLink,
            remember: false,
            cookie_hash: browser.cookie,
        };
        ann.desk.ok(move |op| identity::enter(op, passed, &Origin::default())).await;
        let session = let_in(ann.try_second(&browser, &ann.code()).await);
        let found = session_of(&ann.desk, &session).await.unwrap();
        assert_eq!(found.shown.first, Method::PrintedLink);
        assert!(matches!(ann.try_second(&browser, &ann.code()).await, SecondTried::NotValid));
    });
}

#[test]
fn a_change_of_factors_asks_for_a_fresh_proof() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let (app, id) = (&ann.desk.world.app, ann.app);
        let session = session_of(&ann.desk, &ann.session).await.unwrap();
        ann.desk.wait_s(15 * MINUTE);
        let name = Name::parse("Another").unwrap();
        let started = app.start_authenticator(app.new_request(), session, name).await;
        assert!(matches!(started, Err(Error::NeedsProof)));
        let removed = ann
            .desk
            .run(move |op| remove_authenticator(op, &session, id, &Origin::default()))
            .await;
        assert!(matches!(removed, Err(Error::NeedsProof)));
        let made =
            ann.desk.run(move |op| make_recovery_codes(op, &session, &Origin::default())).await;
        assert!(matches!(made, Err(Error::NeedsProof)));
        let set =
            ann.desk.run(move |op| set_mail_second(op, &session, true, &Origin::default())).await;
        assert!(matches!(set, Err(Error::NeedsProof)));
        assert!(ann.desk.post().await.is_empty());

        // 36: a code of the app is the proof, once; wrong ones are counted.
        let prove = async |typed: String| {
            ann.desk.ok(move |op| prove_with_code(op, &session, &typed, &Origin::default())).await
        };
        let no = wrong(&ann.desk, &ann.seed);
        assert!(matches!(prove(no.clone()).await, ProofTried::Wrong { left: 9 }));
        assert!(matches!(prove(no).await, ProofTried::Wrong { left: 8 }));
        let proven = prove(ann.code()).await;
        let ProofTried::Proven(proven) = proven else { panic!("{proven:?}") };
        let session = session_of(&ann.desk, &proven).await.unwrap();
        assert!(session.is_proven(ann.desk.world.now()));
        assert_eq!(session.shown.second, Some(Second::Totp));
        assert!(session_of(&ann.desk, &ann.session).await.is_none(), "a new secret");

        ann.desk.ok(move |op| remove_authenticator(op, &session, id, &Origin::default())).await;
        let user = ann.user;
        let left = ann.desk.ok(move |op| get_enrolled(op, user)).await;
        assert_eq!((left.apps, left.recovery_codes), (0, 0));
        assert_eq!(ann.desk.count("SELECT COUNT(*) FROM authenticators").await, 0);
        let shown = session_of(&ann.desk, &proven).await.unwrap().shown;
        assert_eq!(shown.second, None, "what is not there any more was not shown");
        let post = ann.desk.post().await;
        assert!(post[0].letter.body().contains("was the last one"), "{}", post[0].letter.body());
        let browser = ann.desk.browser("192.0.2.1");
        let (code, _) = ann.desk.ask_and_read(&browser, ANN).await;
        opened(ann.desk.enter(&browser, &code).await);
    });
}

#[test]
fn three_apps_and_a_code_of_any_of_them() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let session = session_of(&ann.desk, &ann.session).await.unwrap();
        ann.desk.wait_s(1);
        let (_, tablet, none) = enrol(&ann.desk, session, "A tablet").await;
        assert!(none.is_empty(), "recovery codes come with the first one only");
        ann.desk.wait_s(1);
        enrol(&ann.desk, session, "A vault").await;
        let app = &ann.desk.world.app;
        let name = Name::parse("One too many").unwrap();
        let refused = app.start_authenticator(app.new_request(), session, name).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::TooManyAuthenticators))));
        let user = ann.user;
        let apps = ann.desk.ok(move |op| list_authenticators(op, user)).await;
        let names: Vec<_> = apps.iter().map(|app| app.name.as_str().to_owned()).collect();
        assert_eq!(names, ["My phone", "A tablet", "A vault"]);
        ann.desk.wait_s(MINUTE);
        for seed in [&tablet, &ann.seed] {
            let browser = ann.at_the_second().await;
            let_in(ann.try_second(&browser, &code_now(&ann.desk, seed)).await);
        }
        // Of somebody else they are not to be seen, confirmed or removed.
        let bob = ann.desk.person("bob@example.org").await;
        let bobs = open(&ann.desk, bob, false).await;
        let bobs = session_of(&ann.desk, &bobs).await.unwrap();
        let id = ann.app;
        let removed =
            ann.desk.run(move |op| remove_authenticator(op, &bobs, id, &Origin::default())).await;
        assert!(matches!(removed, Err(Error::NotFound)));
        let looked = ann.desk.run(move |op| get_pending(op, &bobs, id)).await;
        assert!(matches!(looked, Err(Error::NotFound)));
        ann.desk.post().await;
        let browser = ann.desk.browser("192.0.2.9");
        let (code, _) = ann.desk.ask_and_read(&browser, "bob@example.org").await;
        opened(ann.desk.enter(&browser, &code).await);
    });
}

#[test]
fn disabled_people_get_no_further() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let browser = ann.at_the_second().await;
        let user = ann.user;
        ann.desk.ok(move |op| identity::disable_person(op, user)).await;
        assert!(matches!(ann.try_second(&browser, &ann.code()).await, SecondTried::NotValid));
        ann.desk.ok(move |op| identity::enable_person(op, user)).await;
        let_in(ann.try_second(&browser, &ann.code()).await);
    });
}

#[test]
fn neither_seeds_nor_codes_lie_in_the_database() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let browser = ann.at_the_second().await;
        let code = ann.recovery[0].clone();
        let_in(ann.try_second(&browser, &code).await);
        let bytes = ann.desk.bytes().await;
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(&ann.seed));
        assert!(!holds(vault::encode_base32(&ann.seed).as_bytes()));
        assert!(!holds(b"My phone"));
        for code in &ann.recovery {
            let bare = code.replace('-', "");
            let raw = vault::decode_crockford(code).unwrap();
            assert!(!holds(code.as_bytes()) && !holds(bare.as_bytes()) && !holds(&raw));
        }
    });
}

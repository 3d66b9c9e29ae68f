//! The second step: authenticator apps, recovery codes, a code by mail, and the operator's reset.

mod reset;

use app::{
    Error, Refusal,
    identity::{
        self, Factors, Here, LetterKind, Method, NewSession, OpenSession, Origin, Passed,
        ProofTried, Remembered, Second, SecondTried, Session, SignIn, confirm_authenticator,
        find_session, find_waiting, get_enrolled, get_pending, hash_secret, list_authenticators,
        mail_second_code, make_recovery_codes, open_session, prove_with_code, remove_authenticator,
        set_mail_second, sign_in_with_second, use_remember,
    },
};
use domain::{
    ids::{AuthenticatorId, UserId, WorkspaceId},
    text::Name,
};
use testkit::{World, both};

use super::desk::{Browser, Desk, HOUR, MINUTE, opened};

const ANN: &str = "ann@example.org";

/// Somebody with an authenticator app.
struct WithApp {
    desk: Desk,
    user: UserId,
    app: AuthenticatorId,
    seed: Vec<u8>,
    recovery: Vec<String>,
    session: NewSession,
}

async fn session_of(desk: &Desk, new: &NewSession) -> Option<Session> {
    let hash = hash_secret(new.secret.expose()).unwrap();
    let app = &desk.world.app;
    app.read_directory(app.new_request(), move |op| find_session(op, &hash)).await.unwrap()
}

async fn open(desk: &Desk, user: UserId, remember: bool) -> NewSession {
    let open = OpenSession { user, method: Method::MailCode, second: None, remember };
    desk.ok(move |op| open_session(op, open, &Origin::default())).await
}

fn code_now(desk: &Desk, seed: &[u8]) -> String {
    let step = vault::totp_step(desk.world.now().as_second());
    vault::totp_code(seed, step).expose().clone()
}

/// Sets an app up and confirms it; what it was told, and the recovery codes.
async fn enrol(
    desk: &Desk,
    session: Session,
    name: &str,
) -> (AuthenticatorId, Vec<u8>, Vec<String>) {
    let world_app = &desk.world.app;
    let name = Name::parse(name).unwrap();
    let id = world_app.start_authenticator(world_app.new_request(), session, name).await.unwrap();
    let pending = desk.ok(move |op| get_pending(op, &session, id)).await;
    let seed = pending.seed.expose().clone();
    let code = code_now(desk, &seed);
    let codes = desk.ok(move |op| confirm_authenticator(op, &session, id, &code)).await;
    (id, seed, codes.iter().map(|code| code.expose().clone()).collect())
}

/// With a workspace of her own.
async fn with_app(world: World) -> WithApp {
    let desk = Desk::new(world);
    let user = founder(&desk, ANN).await.1;
    let session = open(&desk, user, false).await;
    let found = session_of(&desk, &session).await.unwrap();
    let (app, seed, recovery) = enrol(&desk, found, "My phone").await;
    desk.post().await;
    desk.wait_s(MINUTE);
    WithApp { desk, user, app, seed, recovery, session }
}

/// Somebody who founds a workspace.
async fn founder(desk: &Desk, address: &str) -> (WorkspaceId, UserId) {
    let command = crate::acts::founding(address);
    let app = &desk.world.app;
    let (workspace, user, _) = app.set_up_workspace(app.new_request(), command).await.unwrap();
    (workspace, user)
}

impl WithApp {
    fn code(&self) -> String {
        code_now(&self.desk, &self.seed)
    }

    /// A browser that has shown the first factor.
    async fn at_the_second(&self) -> Browser {
        self.at_the_second_remembering(false).await
    }

    async fn at_the_second_remembering(&self, remember: bool) -> Browser {
        let browser = self.desk.browser("192.0.2.1");
        let passed = Passed {
            user: self.user,
            method: Method::MailCode,
            remember,
            cookie_hash: browser.cookie,
        };
        let entered = self.desk.ok(move |op| identity::enter(op, passed, &Origin::default())).await;
        assert!(matches!(entered, SignIn::SecondAsked));
        browser
    }

    async fn try_second(&self, browser: &Browser, typed: &str) -> SecondTried {
        try_second(&self.desk, browser, typed, false).await
    }
}

async fn try_second(desk: &Desk, browser: &Browser, typed: &str, is_known: bool) -> SecondTried {
    let (cookie, typed) = (browser.cookie, typed.to_owned());
    desk.ok(move |op| {
        let here = Here { is_known_device: is_known, origin: &Origin::default() };
        sign_in_with_second(op, &cookie, &typed, &here)
    })
    .await
}

fn let_in(tried: SecondTried) -> NewSession {
    match tried {
        SecondTried::Opened(session) => session,
        other => panic!("not signed in: {other:?}"),
    }
}

/// Six digits that are not the code of now, or of a step beside it.
fn wrong(desk: &Desk, seed: &[u8]) -> String {
    let step = vault::totp_step(desk.world.now().as_second());
    let right: Vec<String> =
        (step - 1..=step + 1).map(|step| vault::totp_code(seed, step).expose().clone()).collect();
    (0..10).map(|n| format!("00000{n}")).find(|code| !right.contains(code)).unwrap()
}

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
        let refused = desk.run(move |op| confirm_authenticator(op, &session, id, &no)).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        assert!(!desk.ok(move |op| get_enrolled(op, ann)).await.has_any());
        assert!(session_of(&desk, &elsewhere).await.is_some());

        let code = code_now(&desk, pending.seed.expose());
        let again = code.clone();
        let codes = desk.ok(move |op| confirm_authenticator(op, &session, id, &code)).await;
        assert_eq!(codes.len(), 10);
        let twice = desk.run(move |op| confirm_authenticator(op, &session, id, &again)).await;
        assert!(matches!(twice, Err(Error::NotFound)), "{twice:?}");
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
        assert_eq!((waiting.user, waiting.is_by_mail), (ann.user, false));
        let code = ann.code();
        // In another browser it is good for nothing.
        let other = ann.desk.browser("192.0.2.1");
        assert!(matches!(ann.try_second(&other, &code).await, SecondTried::NotValid));
        let no = wrong(&ann.desk, &ann.seed);
        assert!(matches!(ann.try_second(&browser, &no).await, SecondTried::Wrong { left: 4 }));
        // What cannot be a code costs no try.
        for typed in ["", "12345", "ABCD-EFGH", "hello"] {
            let tried = ann.try_second(&browser, typed).await;
            assert!(matches!(tried, SecondTried::Wrong { left: 4 }), "{typed}");
        }
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
                        let here = Here { is_known_device: false, origin: &Origin::default() };
                        sign_in_with_second(op, &browser.cookie, &code, &here)
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
fn the_fifth_wrong_code_kills_the_step_and_fifteen_the_hour() {
    both(async |world: World| {
        let ann = with_app(world).await;
        for round in 0..3 {
            let browser = ann.at_the_second().await;
            let no = wrong(&ann.desk, &ann.seed);
            for left in [4, 3, 2, 1] {
                let tried = ann.try_second(&browser, &no).await;
                assert!(matches!(tried, SecondTried::Wrong { left: l } if l == left), "{round}");
            }
            assert!(matches!(ann.try_second(&browser, &no).await, SecondTried::NotValid));
            let dead = ann.try_second(&browser, &ann.code()).await;
            assert!(!matches!(dead, SecondTried::Opened(_)), "the right one comes too late");
        }
        let failed = "SELECT COUNT(*) FROM directory_events WHERE kind = 'login.failed'";
        assert_eq!(ann.desk.count(failed).await, 3);
        // No code is looked at, also not the right one, nor a recovery code.
        let browser = ann.at_the_second().await;
        for typed in [ann.code(), ann.recovery[0].clone()] {
            assert!(matches!(ann.try_second(&browser, &typed).await, SecondTried::TooOften));
        }
        // Whoever has signed in here before has tries of their own, also for a fresh proof.
        let known = ann.at_the_second().await;
        let_in(try_second(&ann.desk, &known, &ann.code(), true).await);
        ann.desk.wait_s(HOUR + 1);
        let browser = ann.at_the_second().await;
        let_in(ann.try_second(&browser, &ann.code()).await);
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
fn a_recovery_code_works_once_and_is_told() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let browser = ann.at_the_second().await;
        let typed = ann.recovery[3].to_lowercase().replace('-', " ");
        let session = let_in(ann.try_second(&browser, &typed).await);
        let shown = session_of(&ann.desk, &session).await.unwrap().shown;
        assert_eq!(shown.second, Some(Second::RecoveryCode));
        let post = ann.desk.post().await;
        assert_eq!(post.len(), 1);
        assert!(post[0].letter.body().contains("9 are left"), "{}", post[0].letter.body());
        let user = ann.user;
        assert_eq!(ann.desk.ok(move |op| get_enrolled(op, user)).await.recovery_codes, 9);
        let browser = ann.at_the_second().await;
        let again = ann.try_second(&browser, &ann.recovery[3]).await;
        assert!(matches!(again, SecondTried::Wrong { left: 4 }));

        // Twenty at once: one.
        let mut racing = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let browser = ann.at_the_second().await;
            let (app, code) = (ann.desk.world.app.clone(), ann.recovery[4].clone());
            racing.spawn(async move {
                app.write_directory(app.new_request(), move |op| {
                    let here = Here { is_known_device: true, origin: &Origin::default() };
                    sign_in_with_second(op, &browser.cookie, &code, &here)
                })
                .await
                .unwrap()
            });
        }
        let outcomes = racing.join_all().await;
        let opened = outcomes.iter().filter(|o| matches!(o, SecondTried::Opened(_))).count();
        assert_eq!(opened, 1);

        // New ones replace them all.
        let fresh = session_of(&ann.desk, &session).await.unwrap();
        let renewed = ann.desk.ok(move |op| make_recovery_codes(op, &fresh)).await;
        assert_eq!(renewed.len(), 10);
        ann.desk.wait_s(HOUR + 1);
        let browser = ann.at_the_second().await;
        let old = ann.try_second(&browser, &ann.recovery[5]).await;
        assert!(matches!(old, SecondTried::Wrong { .. }));
        let_in(ann.try_second(&browser, renewed[0].expose()).await);
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
        let removed = ann.desk.run(move |op| remove_authenticator(op, &session, id)).await;
        assert!(matches!(removed, Err(Error::NeedsProof)));
        let made = ann.desk.run(move |op| make_recovery_codes(op, &session)).await;
        assert!(matches!(made, Err(Error::NeedsProof)));
        let set = ann.desk.run(move |op| set_mail_second(op, &session, true)).await;
        assert!(matches!(set, Err(Error::NeedsProof)));
        assert!(ann.desk.post().await.is_empty());

        // 36: a code of the app is the proof, once; wrong ones are counted.
        let hash = hash_secret(ann.session.secret.expose()).unwrap();
        let prove = async |typed: String| {
            ann.desk
                .ok(move |op| {
                    let here = Here { is_known_device: false, origin: &Origin::default() };
                    prove_with_code(op, &session, &hash, &typed, &here)
                })
                .await
        };
        let no = wrong(&ann.desk, &ann.seed);
        assert!(matches!(prove(no.clone()).await, ProofTried::Wrong { left: 4 }));
        assert!(matches!(prove(no).await, ProofTried::Wrong { left: 3 }));
        let proven = prove(ann.code()).await;
        let ProofTried::Proven(proven) = proven else { panic!("{proven:?}") };
        let session = session_of(&ann.desk, &proven).await.unwrap();
        assert!(session.is_proven(ann.desk.world.now()));
        assert_eq!(session.shown.second, Some(Second::Totp));
        assert!(session_of(&ann.desk, &ann.session).await.is_none(), "a new secret");

        ann.desk.ok(move |op| remove_authenticator(op, &session, id)).await;
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
        let removed = ann.desk.run(move |op| remove_authenticator(op, &bobs, id)).await;
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
fn a_code_by_mail_follows_what_was_no_mail_and_gives_way_to_an_app() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let session = open(&desk, ann, false).await;
        let session = session_of(&desk, &session).await.unwrap();
        desk.ok(move |op| set_mail_second(op, &session, true)).await;
        desk.ok(move |op| set_mail_second(op, &session, true)).await;
        assert_eq!(desk.post().await.len(), 1, "told once");
        // After a mail it would be the same factor twice.
        let browser = desk.browser("192.0.2.1");
        let (code, _) = desk.ask_and_read(&browser, ANN).await;
        opened(desk.enter(&browser, &code).await);

        let by_link = async |browser: &Browser| {
            let passed = Passed {
                user: ann,
                method: Method::PrintedLink,
                remember: false,
                cookie_hash: browser.cookie,
            };
            desk.ok(move |op| identity::enter(op, passed, &Origin::default())).await
        };
        let browser = desk.browser("192.0.2.1");
        assert!(matches!(by_link(&browser).await, SignIn::SecondAsked));
        let first = mailed_code(&desk).await;
        let cookie = browser.cookie;
        assert!(desk.ok(move |op| mail_second_code(op, &cookie)).await);
        let second = mailed_code(&desk).await;
        let replaced = try_second(&desk, &browser, &first, false).await;
        assert!(matches!(replaced, SecondTried::Wrong { left: 4 }));
        let session = let_in(try_second(&desk, &browser, &second, false).await);
        let session = session_of(&desk, &session).await.unwrap();
        assert_eq!(session.shown.second, Some(Second::MailCode));
        // Five mails an hour, whoever asks.
        for _ in 0..4 {
            by_link(&browser).await;
        }
        assert_eq!(desk.post().await.len(), 3);
        desk.wait_s(HOUR);
        // An app is what is asked for from then on.
        let session = open(&desk, ann, false).await;
        let session = session_of(&desk, &session).await.unwrap();
        enrol(&desk, session, "My phone").await;
        desk.post().await;
        assert!(matches!(by_link(&browser).await, SignIn::SecondAsked));
        assert!(desk.post().await.is_empty(), "no mail");
        assert!(!desk.ok(move |op| mail_second_code(op, &cookie)).await);
    });
}

/// The code in the one letter that comes.
async fn mailed_code(desk: &Desk) -> String {
    let post = desk.post().await;
    assert_eq!(post.len(), 1);
    let body = post[0].letter.body();
    let line = body.lines().map(str::trim).find(|line| line.len() == 9 && line.contains('-'));
    line.unwrap().to_owned()
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

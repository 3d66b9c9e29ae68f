//! Passkeys: added, named, removed; a way in, a second step, a fresh proof.

use app::{
    Error, Refusal,
    identity::{
        self, Enrolled, Factors, LetterKind, Method, NewSession, OpenSession, Origin, Passed,
        PasskeyTried, Second, SecondTried, Session, SignIn, SignInWithPasskey, add_passkey,
        begin_passkey_proof, begin_passkey_sign_in, begin_passkey_step, find_session, find_waiting,
        get_enrolled, hash_secret, list_passkeys, mail_second_code, make_recovery_codes,
        open_session, prove_with_passkey, remove_passkey, rename_passkey, set_mail_second,
        set_passkey_always, sign_in_with_passkey, sign_in_with_passkey_second, sign_in_with_second,
        sweep,
    },
};
use domain::{
    ids::{PasskeyId, UserId},
    text::Name,
};
use serde_json::Value;
use store::{Statement, Value as Sql};
use testkit::{PASSKEY_ORIGIN, SoftPasskey, World, both};

use super::desk::{BASE, Browser, DAY, Desk, MINUTE};

pub(super) const ANN: &str = "ann@example.org";
const NETWORK: &str = "192.0.2.1";

/// Somebody with a passkey.
pub(super) struct WithPasskey {
    pub(super) desk: Desk,
    pub(super) user: UserId,
    device: SoftPasskey,
    recovery: Vec<String>,
    session: NewSession,
}

fn hash(new: &NewSession) -> [u8; 32] {
    hash_secret(new.secret.expose()).unwrap()
}

async fn session_of(desk: &Desk, new: &NewSession) -> Option<Session> {
    let (app, hash) = (&desk.world.app, hash(new));
    app.read_directory(app.new_request(), move |op| find_session(op, &hash)).await.unwrap()
}

pub(super) async fn open(desk: &Desk, user: UserId, method: Method) -> NewSession {
    let open = OpenSession { user, method, second: None, remember: false };
    desk.ok(move |op| open_session(op, open, &Origin::default())).await
}

async fn ask_to_add(desk: &Desk, new: &NewSession) -> Result<String, Error> {
    let session = session_of(desk, new).await.unwrap();
    let app = &desk.world.app;
    app.begin_passkey(app.new_request(), session, hash(new)).await
}

async fn add_answer(
    desk: &Desk,
    new: &NewSession,
    name: &str,
    answer: &str,
) -> Result<Vec<String>, Error> {
    let session = session_of(desk, new).await.unwrap();
    let (hash, name, answer) = (hash(new), Name::parse(name).unwrap(), answer.to_owned());
    let codes = desk
        .run(move |op| add_passkey(op, &session, &hash, (&name, &answer), &Origin::default()))
        .await?;
    Ok(codes.iter().map(|code| code.expose().clone()).collect())
}

async fn add(desk: &Desk, new: &NewSession, name: &str, device: &mut SoftPasskey) -> Vec<String> {
    let options = ask_to_add(desk, new).await.unwrap();
    add_answer(desk, new, name, &device.create(&options)).await.unwrap()
}

pub(super) async fn with_passkey(world: World, device: SoftPasskey) -> WithPasskey {
    let desk = Desk::new(world);
    let user = desk.person(ANN).await;
    let session = open(&desk, user, Method::MailCode).await;
    let mut device = device;
    let recovery = add(&desk, &session, "My laptop", &mut device).await;
    desk.all_post().await;
    WithPasskey { desk, user, device, recovery, session }
}

pub(super) fn laptop() -> SoftPasskey {
    SoftPasskey::new(PASSKEY_ORIGIN)
}

async fn question(desk: &Desk, browser: &Browser) -> String {
    let cookie = browser.cookie;
    desk.ok(move |op| begin_passkey_sign_in(op, &cookie, NETWORK)).await
}

async fn answer(desk: &Desk, browser: &Browser, answer: &str) -> PasskeyTried {
    let command = SignInWithPasskey {
        answer: answer.to_owned(),
        cookie_hash: browser.cookie,
        remember: true,
        origin: Origin::default(),
    };
    desk.ok(move |op| sign_in_with_passkey(op, &command)).await
}

async fn sign_in(desk: &Desk, device: &mut SoftPasskey) -> PasskeyTried {
    let browser = desk.browser(NETWORK);
    let options = question(desk, &browser).await;
    answer(desk, &browser, &device.sign(&options)).await
}

fn let_in(tried: PasskeyTried) -> NewSession {
    match tried {
        PasskeyTried::Opened(session) => session,
        PasskeyTried::Refused(refusal) => panic!("not let in: {refusal:?}"),
    }
}

fn refusal(tried: PasskeyTried) -> Refusal {
    match tried {
        PasskeyTried::Refused(refusal) => refusal,
        PasskeyTried::Opened(_) => panic!("let in"),
    }
}

async fn enrolled(desk: &Desk, user: UserId) -> Enrolled {
    desk.ok(move |op| get_enrolled(op, user)).await
}

async fn first_id(desk: &Desk, user: UserId) -> PasskeyId {
    desk.ok(move |op| list_passkeys(op, user)).await[0].id
}

async fn write(desk: &Desk, sql: &'static str, values: Vec<Sql>) {
    let statement = Statement::new("test.write", sql);
    let directory = desk.world.app.store().directory();
    let written: Result<_, store::StoreError> =
        directory.write(move |tx| tx.execute(&statement, &values)).await;
    written.unwrap();
}

async fn events(desk: &Desk, kind: &str) -> usize {
    let rows = desk.query("SELECT kind FROM directory_events").await;
    rows.iter().filter(|row| row.get::<String>(0).unwrap() == kind).count()
}

impl WithPasskey {
    /// Signed in with a mail, which asks for nothing more as long as nothing says so.
    async fn by_mail(&self) -> (Browser, SignIn) {
        let browser = self.desk.browser(NETWORK);
        let passed = Passed {
            user: self.user,
            method: Method::MailCode,
            remember: false,
            cookie_hash: browser.cookie,
        };
        let entered = self.desk.ok(move |op| identity::enter(op, passed, &Origin::default())).await;
        (browser, entered)
    }

    async fn prove(&mut self, new: &NewSession) -> NewSession {
        let (session, hash) = (session_of(&self.desk, new).await.unwrap(), hash(new));
        let asked = self.desk.ok(move |op| begin_passkey_proof(op, &session, &hash)).await;
        let answer = self.device.sign(&asked);
        let proven = self
            .desk
            .ok(move |op| prove_with_passkey(op, &session, &hash, &answer, &Origin::default()));
        let_in(proven.await)
    }
}

#[test]
fn a_passkey_is_added_and_signs_in_without_a_name() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        assert_eq!(ann.recovery.len(), 10, "the first strong factor brings recovery codes");
        let desk = &ann.desk;
        let listed = desk
            .ok({
                let user = ann.user;
                move |op| list_passkeys(op, user)
            })
            .await;
        assert_eq!(listed[0].name.as_str(), "My laptop");
        assert_eq!((listed[0].used_at, listed[0].made_for.as_deref()), (None, None));
        // Where it was added it counts as shown.
        let here = session_of(desk, &ann.session).await.unwrap();
        assert_eq!(here.shown, Factors { first: Method::MailCode, second: Some(Second::Passkey) });
        assert!(here.is_proven(desk.world.now()));

        desk.wait_s(MINUTE);
        let session = let_in(sign_in(desk, &mut ann.device).await);
        assert!(session.remember.is_some());
        let found = session_of(desk, &session).await.unwrap();
        assert_eq!((found.user, found.method), (ann.user, Method::Passkey));
        assert_eq!(found.shown, Factors { first: Method::Passkey, second: None });
        assert!(found.is_proven(desk.world.now()));
        let listed = desk
            .ok({
                let user = ann.user;
                move |op| list_passkeys(op, user)
            })
            .await;
        assert_eq!(listed[0].used_at, Some(desk.world.now()));

        // A second one, with a name of its own, and no more codes.
        let mut phone = laptop();
        assert!(add(desk, &session, "My phone", &mut phone).await.is_empty());
        assert!(session_of(desk, &ann.session).await.is_some(), "adding one signs nobody out");
        let_in(sign_in(desk, &mut phone).await);
        let_in(sign_in(desk, &mut ann.device).await);
        let post = desk.all_post().await;
        let told = post.iter().find(|letter| letter.letter.body().contains("My phone")).unwrap();
        assert_eq!(told.kind, LetterKind::SecurityNotice);
        assert!(told.letter.body().contains("When:") && told.letter.body().contains("Device:"));
        assert!(!told.letter.subject().contains("phone"), "no names on locked screens");
    });
}

#[test]
fn an_answer_works_once_in_the_browser_that_asked_and_for_ten_minutes() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        let desk = &ann.desk;
        let browser = desk.browser(NETWORK);
        let options = question(desk, &browser).await;
        let right = ann.device.sign(&options);
        let other = desk.browser(NETWORK);
        assert_eq!(refusal(answer(desk, &other, &right).await), Refusal::PasskeyNotValid);
        question(desk, &other).await;
        assert_eq!(refusal(answer(desk, &other, &right).await), Refusal::PasskeyNotValid);
        let_in(answer(desk, &browser, &right).await);
        assert_eq!(refusal(answer(desk, &browser, &right).await), Refusal::PasskeyNotValid);
        // Sent again to the next question.
        question(desk, &browser).await;
        assert_eq!(refusal(answer(desk, &browser, &right).await), Refusal::PasskeyNotValid);
        // The newest question is the one.
        let first = question(desk, &browser).await;
        let second = question(desk, &browser).await;
        let old = ann.device.sign(&first);
        assert_eq!(refusal(answer(desk, &browser, &old).await), Refusal::PasskeyNotValid);
        // And what is wrong has used it up.
        let late = ann.device.sign(&second);
        assert_eq!(refusal(answer(desk, &browser, &late).await), Refusal::PasskeyNotValid);
        for wait in [10 * MINUTE, -2 * MINUTE] {
            let options = question(desk, &browser).await;
            let signed = ann.device.sign(&options);
            desk.wait_s(wait);
            assert_eq!(refusal(answer(desk, &browser, &signed).await), Refusal::PasskeyNotValid);
        }
        for hostile in ["", "{}", "null", "[[[[", "{\"id\":1}"] {
            question(desk, &browser).await;
            let refused = refusal(answer(desk, &browser, hostile).await);
            assert_eq!(refused, Refusal::PasskeyNotValid, "{hostile}");
        }
        desk.wait_s(DAY + 11 * MINUTE);
        desk.ok(sweep).await;
        assert_eq!(desk.count("SELECT COUNT(*) FROM passkey_challenges").await, 0);
    });
}

#[test]
fn one_answer_many_times_at_once_opens_one_session() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        let browser = ann.desk.browser(NETWORK);
        let signed = ann.device.sign(&question(&ann.desk, &browser).await);
        let tries = (0..20).map(|_| {
            let app = ann.desk.world.app.clone();
            let command = SignInWithPasskey {
                answer: signed.clone(),
                cookie_hash: browser.cookie,
                remember: false,
                origin: Origin::default(),
            };
            tokio::spawn(async move {
                let work = app.write_directory(app.new_request(), move |op| {
                    sign_in_with_passkey(op, &command)
                });
                matches!(work.await.unwrap(), PasskeyTried::Opened(_))
            })
        });
        let mut opened = 0;
        for tried in tries.collect::<Vec<_>>() {
            opened += i32::from(tried.await.unwrap());
        }
        assert_eq!(opened, 1);
    });
}

#[test]
fn whoever_has_a_passkey_does_not_prove_who_they_are_by_a_mail() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        let by_mail = open(&ann.desk, ann.user, Method::MailCode).await;
        let session = session_of(&ann.desk, &by_mail).await.unwrap();
        assert!(!session.is_proven(ann.desk.world.now()), "a mail is not enough");
        let id = first_id(&ann.desk, ann.user).await;
        let removed = ann.desk.run(move |op| remove_passkey(op, &session, id, &Origin::default()));
        assert!(matches!(removed.await, Err(Error::NeedsProof)));
        let asked = ask_to_add(&ann.desk, &by_mail).await;
        assert!(matches!(asked, Err(Error::NeedsProof)), "{asked:?}");
        let set =
            ann.desk.run(move |op| set_passkey_always(op, &session, true, &Origin::default()));
        assert!(matches!(set.await, Err(Error::NeedsProof)));
        // Nor by a code from a mail as proof.
        let hash_of = hash(&by_mail);
        let proven = ann
            .desk
            .ok(move |op| {
                identity::prove_session(
                    op,
                    session.id,
                    session.user,
                    Second::MailCode,
                    &Origin::default(),
                )
            })
            .await;
        assert_ne!(hash(&proven), hash_of);
        let session = session_of(&ann.desk, &proven).await.unwrap();
        assert!(!session.is_proven(ann.desk.world.now()));

        let fresh = ann.prove(&proven).await;
        assert!(session_of(&ann.desk, &proven).await.is_none(), "a new secret");
        let session = session_of(&ann.desk, &fresh).await.unwrap();
        assert!(session.is_proven(ann.desk.world.now()));
        assert_eq!(session.shown.second, Some(Second::Passkey));
        ann.desk.wait_s(16 * MINUTE);
        let session = session_of(&ann.desk, &fresh).await.unwrap();
        assert!(!session.is_proven(ann.desk.world.now()));
        // A recovery code stands in.
        let code = ann.recovery[0].clone();
        let tried = ann
            .desk
            .ok(move |op| identity::prove_with_code(op, &session, &code, &Origin::default()));
        assert!(matches!(tried.await, identity::ProofTried::Proven(_)));
    });
}

#[test]
fn answers_do_only_what_they_were_asked_for() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        let desk = &ann.desk;
        let session = session_of(desk, &ann.session).await.unwrap();
        let key = hash(&ann.session);
        // The browser's cookie and its session were the same, so nothing but the purpose differs.
        let browser = Browser { cookie: key, ..desk.browser(NETWORK) };
        let to_sign_in = ann.device.sign(&question(desk, &browser).await);
        let proven = desk.ok({
            let answer = to_sign_in.clone();
            move |op| prove_with_passkey(op, &session, &key, &answer, &Origin::default())
        });
        assert_eq!(refusal(proven.await), Refusal::PasskeyNotValid);
        let asked = desk.ok(move |op| begin_passkey_proof(op, &session, &key)).await;
        let to_prove = ann.device.sign(&asked);
        assert_eq!(refusal(answer(desk, &browser, &to_prove).await), Refusal::PasskeyNotValid);
        // Somebody else's session, with the right answer to their question.
        let bob = desk.person("bob@example.org").await;
        let bobs = open(desk, bob, Method::MailCode).await;
        let (bob_session, bob_key) = (session_of(desk, &bobs).await.unwrap(), hash(&bobs));
        let none = desk.run(move |op| begin_passkey_proof(op, &bob_session, &bob_key)).await;
        assert!(matches!(none, Err(Error::Refused(Refusal::NoPasskey))));
        let mut bobs_phone = laptop();
        add(desk, &bobs, "Phone", &mut bobs_phone).await;
        let asked = desk.ok(move |op| begin_passkey_proof(op, &bob_session, &bob_key)).await;
        let free: Value = serde_json::from_str(&asked).unwrap();
        let mut free = free;
        free["publicKey"]["allowCredentials"] = Value::Array(Vec::new());
        let anns = ann.device.sign(&free.to_string());
        let tried = desk.ok(move |op| {
            prove_with_passkey(op, &bob_session, &bob_key, &anns, &Origin::default())
        });
        assert_eq!(refusal(tried.await), Refusal::PasskeyUnknown);
        // Under a name that is not its person's.
        let browser = desk.browser(NETWORK);
        let signed = ann.device.sign(&question(desk, &browser).await);
        let mut told: Value = serde_json::from_str(&signed).unwrap();
        told["response"]["userHandle"] = vault::encode_base64url(&bob.as_bytes()).into();
        let tried = answer(desk, &browser, &told.to_string()).await;
        assert_eq!(refusal(tried), Refusal::PasskeyNotValid);
        let signed = ann.device.sign(&question(desk, &browser).await);
        let mut told: Value = serde_json::from_str(&signed).unwrap();
        told["response"]["userHandle"] = Value::Null;
        let tried = answer(desk, &browser, &told.to_string()).await;
        assert_eq!(refusal(tried), Refusal::PasskeyNotValid);
    });
}

#[test]
fn it_is_a_second_step_where_its_person_or_an_app_says_so() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        let user = ann.user;
        assert!(matches!(ann.by_mail().await.1, SignIn::Opened(_)), "not by itself");
        // A step by mail gives way to it.
        let session = session_of(&ann.desk, &ann.session).await.unwrap();
        ann.desk.ok(move |op| set_mail_second(op, &session, true, &Origin::default())).await;
        ann.desk.all_post().await;
        let browser = ann.desk.browser(NETWORK);
        let passed =
            Passed { user, method: Method::Password, remember: false, cookie_hash: browser.cookie };
        let entered = ann.desk.ok(move |op| identity::enter(op, passed, &Origin::default())).await;
        assert!(matches!(entered, SignIn::SecondAsked));
        assert!(ann.desk.all_post().await.is_empty(), "no mail");
        let cookie = browser.cookie;
        assert!(!ann.desk.ok(move |op| mail_second_code(op, &cookie)).await);
        ann.desk.ok(move |op| set_mail_second(op, &session, false, &Origin::default())).await;

        let elsewhere = open(&ann.desk, user, Method::MailCode).await;
        let always = |is_on| {
            move |op: &mut app::DirectoryOp| {
                set_passkey_always(op, &session, is_on, &Origin::default())
            }
        };
        ann.desk.ok(always(true)).await;
        assert!(session_of(&ann.desk, &elsewhere).await.is_none(), "it has shown less");
        let (browser, entered) = ann.by_mail().await;
        assert!(matches!(entered, SignIn::SecondAsked));
        let cookie = browser.cookie;
        let waiting = ann.desk.ok(move |op| find_waiting(op, &cookie)).await.unwrap();
        assert_eq!(
            (waiting.is_by_mail(), waiting.strong.has_app, waiting.strong.has_passkey),
            (false, false, true)
        );
        let asked = ann.desk.ok(move |op| begin_passkey_step(op, &cookie)).await;
        // Somebody else's passkey is not it, whatever its browser was asked.
        let bob = ann.desk.person("bob@example.org").await;
        let bobs = open(&ann.desk, bob, Method::MailCode).await;
        let mut phone = laptop();
        add(&ann.desk, &bobs, "Phone", &mut phone).await;
        let mut free: Value = serde_json::from_str(&asked).unwrap();
        free["publicKey"]["allowCredentials"] = Value::Array(Vec::new());
        let theirs = phone.sign(&free.to_string());
        let second = async |desk: &Desk, answer: String| {
            desk.ok(move |op| sign_in_with_passkey_second(op, &cookie, &answer, &Origin::default()))
                .await
        };
        let refused = second(&ann.desk, theirs).await.unwrap_err();
        assert_eq!(refused, Refusal::PasskeyUnknown);
        let asked = ann.desk.ok(move |op| begin_passkey_step(op, &cookie)).await;
        let right = ann.device.sign(&asked);
        let SecondTried::Opened(session) = second(&ann.desk, right.clone()).await.unwrap() else {
            panic!("not let in");
        };
        let shown = session_of(&ann.desk, &session).await.unwrap().shown;
        assert_eq!(shown, Factors { first: Method::MailCode, second: Some(Second::Passkey) });
        let again = second(&ann.desk, right).await;
        assert!(matches!(again, Ok(SecondTried::NotValid)), "once");
        let nobody = ann.desk.browser(NETWORK).cookie;
        let asked = ann.desk.run(move |op| begin_passkey_step(op, &nobody)).await;
        assert!(matches!(asked, Err(Error::Refused(Refusal::PasskeyNotValid))));

        // A recovery code stands in, and a passkey by itself is never followed by a step.
        let (browser, _) = ann.by_mail().await;
        let (cookie, code) = (browser.cookie, ann.recovery[1].clone());
        let tried =
            ann.desk.ok(move |op| sign_in_with_second(op, &cookie, &code, &Origin::default()));
        assert!(matches!(tried.await, SecondTried::Opened(_)));
        let_in(sign_in(&ann.desk, &mut ann.device).await);
        ann.desk.ok(always(false)).await;
        ann.desk.ok(always(false)).await;
        assert!(matches!(ann.by_mail().await.1, SignIn::Opened(_)));
        assert_eq!(events(&ann.desk, "factor.changed").await, 2);
    });
}

#[test]
fn removing_one_signs_out_everywhere_else_and_the_last_one_takes_the_codes_along() {
    both(async |world: World| {
        let ann = with_passkey(world, laptop()).await;
        let (desk, user) = (&ann.desk, ann.user);
        let mut phone = laptop();
        desk.wait_s(1);
        add(desk, &ann.session, "My phone", &mut phone).await;
        let session = session_of(desk, &ann.session).await.unwrap();
        desk.ok(move |op| set_passkey_always(op, &session, true, &Origin::default())).await;
        let elsewhere = let_in(sign_in(desk, &mut phone).await);
        let id = first_id(desk, user).await;
        // Somebody else's is not there.
        let bob = desk.person("bob@example.org").await;
        let bobs = open(desk, bob, Method::MailCode).await;
        let bobs = session_of(desk, &bobs).await.unwrap();
        let removed = desk.run(move |op| remove_passkey(op, &bobs, id, &Origin::default())).await;
        assert!(matches!(removed, Err(Error::NotFound)));
        let name = Name::parse("Mine now").unwrap();
        let renamed = desk.run(move |op| rename_passkey(op, &bobs, id, &name)).await;
        assert!(matches!(renamed, Err(Error::NotFound)));

        desk.all_post().await;
        let mut laptop = ann.device.clone();
        desk.ok(move |op| remove_passkey(op, &session, id, &Origin::default())).await;
        let again = desk.run(move |op| remove_passkey(op, &session, id, &Origin::default())).await;
        assert!(matches!(again, Err(Error::NotFound)));
        assert!(session_of(desk, &elsewhere).await.is_none());
        assert!(session_of(desk, &ann.session).await.is_some());
        assert_eq!(refusal(sign_in(desk, &mut laptop).await), Refusal::PasskeyUnknown);
        let left = enrolled(desk, user).await;
        assert_eq!((left.passkeys, left.recovery_codes, left.passkey_always), (1, 10, true));
        let post = desk.all_post().await;
        assert!(post[0].letter.body().contains("My laptop"), "{}", post[0].letter.body());

        let name = Name::parse("The old phone").unwrap();
        let id = first_id(desk, user).await;
        desk.ok(move |op| rename_passkey(op, &session, id, &name)).await;
        let listed = desk.ok(move |op| list_passkeys(op, user)).await;
        assert_eq!(listed[0].name.as_str(), "The old phone");
        desk.ok(move |op| remove_passkey(op, &session, id, &Origin::default())).await;
        let left = enrolled(desk, user).await;
        assert_eq!((left.passkeys, left.recovery_codes, left.passkey_always), (0, 0, false));
        assert_eq!(session_of(desk, &ann.session).await.unwrap().shown.second, None);
        let none = desk.run(move |op| make_recovery_codes(op, &session, &Origin::default())).await;
        assert!(matches!(none, Err(Error::Refused(Refusal::NoAuthenticator))));
        let none =
            desk.run(move |op| set_passkey_always(op, &session, true, &Origin::default())).await;
        assert!(matches!(none, Err(Error::Refused(Refusal::NoPasskey))));
        for (kind, times) in [("factor.added", 2), ("factor.removed", 2), ("factor.renamed", 1)] {
            assert_eq!(events(desk, kind).await, times, "{kind}");
        }
    });
}

#[test]
fn nobody_adds_one_twice_and_nobody_has_more_than_twenty() {
    both(async |world: World| {
        let ann = with_passkey(world, laptop()).await;
        let desk = &ann.desk;
        let options = ask_to_add(desk, &ann.session).await.unwrap();
        let mut same = ann.device.clone();
        assert!(same.try_create(&options).is_err(), "its device says so");
        // An answer that was made up for it: what is not attested is not signed.
        let mut phone = laptop();
        let made = phone.create(&options);
        add_answer(desk, &ann.session, "Phone", &made).await.unwrap();
        let replayed = add_answer(desk, &ann.session, "Phone", &made).await;
        assert!(matches!(replayed, Err(Error::Refused(Refusal::PasskeyNotValid))));
        let forged = for_question(&made, &ask_to_add(desk, &ann.session).await.unwrap());
        let known = add_answer(desk, &ann.session, "Phone", &forged).await;
        assert!(matches!(known, Err(Error::Refused(Refusal::PasskeyKnown))), "{known:?}");
        let bob = desk.person("bob@example.org").await;
        let bobs = open(desk, bob, Method::MailCode).await;
        let forged = for_question(&made, &ask_to_add(desk, &bobs).await.unwrap());
        let known = add_answer(desk, &bobs, "Phone", &forged).await;
        assert!(matches!(known, Err(Error::Refused(Refusal::PasskeyKnown))), "{known:?}");
        let bad = ask_to_add(desk, &ann.session).await.map(|_| ());
        assert!(bad.is_ok());
        let wrong = add_answer(desk, &ann.session, "Phone", "{}").await;
        assert!(matches!(wrong, Err(Error::Refused(Refusal::PasskeyNotValid))));

        for n in 3..=19 {
            add(desk, &ann.session, &format!("Key {n}"), &mut laptop()).await;
        }
        // Two more at once, where there is one place left.
        let other = let_in(sign_in(desk, &mut phone).await);
        let sessions = [&ann.session, &other];
        let mut answers = Vec::new();
        for new in sessions {
            answers.push(laptop().create(&ask_to_add(desk, new).await.unwrap()));
        }
        let mut tries = Vec::new();
        for (new, answer) in sessions.into_iter().zip(answers) {
            let (session, key) = (session_of(desk, new).await.unwrap(), hash(new));
            let app = desk.world.app.clone();
            tries.push(tokio::spawn(async move {
                let name = Name::parse("The last one").unwrap();
                app.write_directory(app.new_request(), move |op| {
                    add_passkey(op, &session, &key, (&name, &answer), &Origin::default()).map(drop)
                })
                .await
            }));
        }
        let mut added = 0;
        for tried in tries {
            match tried.await.unwrap() {
                Ok(()) => added += 1,
                Err(Error::Refused(Refusal::TooManyPasskeys)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(added, 1);
        assert_eq!(enrolled(desk, ann.user).await.passkeys, 20);
        let more = ask_to_add(desk, &ann.session).await;
        assert!(matches!(more, Err(Error::Refused(Refusal::TooManyPasskeys))));
    });
}

/// A passkey as if it had been made for another question.
fn for_question(made: &str, options: &str) -> String {
    let options: Value = serde_json::from_str(options).unwrap();
    let mut made: Value = serde_json::from_str(made).unwrap();
    let data = made["response"]["clientDataJSON"].as_str().unwrap();
    let mut inner: Value = serde_json::from_slice(&vault::decode_base64url(data).unwrap()).unwrap();
    inner["challenge"] = options["publicKey"]["challenge"].clone();
    made["response"]["clientDataJSON"] =
        vault::encode_base64url(inner.to_string().as_bytes()).into();
    made.to_string()
}

#[test]
fn a_copy_is_refused_and_told() {
    both(async |world: World| {
        let mut ann = with_passkey(world, SoftPasskey::counting(PASSKEY_ORIGIN)).await;
        let mut copy = ann.device.clone();
        for _ in 0..3 {
            let_in(sign_in(&ann.desk, &mut ann.device).await);
        }
        ann.desk.all_post().await;
        for _ in 0..2 {
            assert_eq!(refusal(sign_in(&ann.desk, &mut copy).await), Refusal::PasskeyCopied);
        }
        assert_eq!(events(&ann.desk, "passkey.copied").await, 2);
        let post = ann.desk.all_post().await;
        assert_eq!(post.len(), 1, "told once a day");
        assert!(post[0].letter.subject().contains("copied"));
        assert!(post[0].letter.body().contains("My laptop"));
        let_in(sign_in(&ann.desk, &mut ann.device).await);
        ann.desk.wait_s(DAY);
        let mut copy = copy.clone();
        assert_eq!(refusal(sign_in(&ann.desk, &mut copy).await), Refusal::PasskeyCopied);
        let post = ann.desk.all_post().await;
        let told = post.iter().filter(|letter| letter.letter.subject().contains("copied"));
        assert_eq!(told.count(), 1);
    });
}

#[test]
fn it_lets_the_password_work_again_that_strangers_have_guessed_at() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        write(
            &ann.desk,
            "INSERT INTO lockouts (account_index, kind, device, failures, total, refused, free_at,
                                   seen_at)
             SELECT address_index, 'password', $1, 100, 100, 0, 0, 0 FROM people WHERE id = $2",
            vec![[0; 32].into(), ann.user.into()],
        )
        .await;
        write(
            &ann.desk,
            "INSERT INTO lockouts (account_index, kind, device, failures, total, refused, free_at,
                                   seen_at)
             SELECT address_index, 'app-code', $1, 100, 100, 0, 0, 0 FROM people WHERE id = $2",
            vec![[0; 32].into(), ann.user.into()],
        )
        .await;
        let_in(sign_in(&ann.desk, &mut ann.device).await);
        assert_eq!(ann.desk.count("SELECT COUNT(*) FROM lockouts").await, 0);
        assert_eq!(events(&ann.desk, "second.unlocked").await, 1);
        assert_eq!(events(&ann.desk, "password.unlocked").await, 1);
        // What is wrong counts nothing.
        let browser = ann.desk.browser(NETWORK);
        for _ in 0..20 {
            question(&ann.desk, &browser).await;
            refusal(answer(&ann.desk, &browser, "{}").await);
        }
        assert_eq!(ann.desk.count("SELECT COUNT(*) FROM lockouts").await, 0);
        assert_eq!(events(&ann.desk, "login.failed").await, 0);
    });
}

#[test]
fn those_made_for_another_address_count_for_nothing() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        let user = ann.user;
        let session = session_of(&ann.desk, &ann.session).await.unwrap();
        ann.desk.ok(move |op| set_passkey_always(op, &session, true, &Origin::default())).await;
        write(&ann.desk, "UPDATE passkeys SET domain = 'old.example'", Vec::new()).await;
        assert!(matches!(ann.by_mail().await.1, SignIn::Opened(_)));
        let listed = ann.desk.ok(move |op| list_passkeys(op, user)).await;
        assert_eq!(listed[0].made_for.as_deref(), Some("old.example"));
        assert!(!enrolled(&ann.desk, user).await.has_strong());
        assert_eq!(refusal(sign_in(&ann.desk, &mut ann.device).await), Refusal::PasskeyUnknown);
    });
}

#[test]
fn a_network_asks_so_often_and_no_more() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let browser = desk.browser(NETWORK);
        desk.ok(move |op| {
            for _ in 0..300 {
                begin_passkey_sign_in(op, &browser.cookie, NETWORK)?;
            }
            Ok(())
        })
        .await;
        let cookie = desk.browser(NETWORK).cookie;
        let more = desk.run(move |op| begin_passkey_sign_in(op, &cookie, NETWORK)).await;
        assert!(matches!(more, Err(Error::Refused(Refusal::TooManyQuestions))));
        desk.ok(move |op| begin_passkey_sign_in(op, &cookie, "192.0.2.2")).await;
        desk.wait_s(61 * MINUTE);
        desk.ok(move |op| begin_passkey_sign_in(op, &cookie, NETWORK)).await;
    });
}

#[test]
fn the_disabled_and_whose_factors_were_reset_have_none() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        let user = ann.user;
        ann.desk.ok(move |op| identity::disable_person(op, user)).await;
        assert_eq!(refusal(sign_in(&ann.desk, &mut ann.device).await), Refusal::PasskeyUnknown);
        ann.desk.ok(move |op| identity::enable_person(op, user)).await;
        let_in(sign_in(&ann.desk, &mut ann.device).await);

        // The operator's way back covers who has nothing but passkeys.
        let directory_app = &ann.desk.world.app;
        let request = directory_app.new_request();
        write(
            &ann.desk,
            "INSERT INTO factor_resets (id, user_id, created_at, due_at)
             SELECT id, id, created_at, created_at FROM people WHERE id = $1",
            vec![user.into()],
        )
        .await;
        directory_app.write_directory(request, sweep).await.unwrap();
        let left = enrolled(&ann.desk, user).await;
        assert_eq!((left.passkeys, left.recovery_codes), (0, 0));
        assert_eq!(refusal(sign_in(&ann.desk, &mut ann.device).await), Refusal::PasskeyUnknown);
        assert!(!ann.desk.all_post().await.is_empty());
        assert!(!BASE.is_empty());
    });
}

#[test]
fn neither_names_nor_devices_lie_in_the_database() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        let browser = ann.desk.browser(NETWORK);
        let signed = ann.device.sign(&question(&ann.desk, &browser).await);
        let_in(answer(&ann.desk, &browser, &signed).await);
        let claim: Value = serde_json::from_str(&signed).unwrap();
        let text = claim["id"].as_str().unwrap();
        let raw = vault::decode_base64url(text).unwrap();
        let bytes = ann.desk.bytes().await;
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(b"My laptop") && !holds(text.as_bytes()) && !holds(&raw));
        assert!(!holds(ANN.as_bytes()) && !holds(NETWORK.as_bytes()));
    });
}

/// Before a policy asks for a strong factor, it is counted who has none: a passkey is one.
#[test]
fn whoever_has_a_passkey_is_ready_for_a_strong_second_factor() {
    both(async |world: World| {
        let ann = with_passkey(world, laptop()).await;
        let (desk, user) = (&ann.desk, ann.user);
        let (workspace, member) = (desk.world.workspace, desk.id());
        let bob = desk.person("bob@example.org").await;
        let other = desk.id();
        desk.ok(move |op| {
            identity::insert_workspace(op, workspace)?;
            identity::mark_workspace_ready(op, workspace)?;
            identity::add_membership(op, user, workspace, member)?;
            identity::add_membership(op, bob, workspace, other)
        })
        .await;
        let (app, owner) = (&desk.world.app, desk.world.actor("owner"));
        let policy = domain::sign_in_policy::SignInPolicy {
            second_factor: domain::sign_in_policy::SecondFactorRule::Strong,
            ..domain::sign_in_policy::SignInPolicy::default()
        };
        let found = app.look_at_consequences(owner, workspace, policy).await.unwrap();
        assert_eq!((found.people, found.without_second), (2, 1), "Bob alone");
    });
}

//! Passkeys: added, named, removed; a way in, a second step, a fresh proof.

mod keeping;
mod proving;

use app::{
    Error, Refusal,
    identity::{
        self, Enrolled, Factors, LetterKind, Method, NewSession, OpenSession, Origin, Passed,
        PasskeyMade, PasskeyTried, Second, SecondTried, Session, SignIn, SignInWithPasskey,
        add_passkey, begin_passkey_proof, begin_passkey_sign_in, begin_passkey_step, find_session,
        find_waiting, get_enrolled, hash_secret, list_passkeys, mail_second_code,
        make_recovery_codes, open_session, prove_with_passkey, remove_passkey, rename_passkey,
        set_mail_second, set_passkey_always, sign_in_with_passkey, sign_in_with_passkey_second,
        sign_in_with_second, sweep,
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
    let made = desk
        .run(move |op| add_passkey(op, &session, &hash, (&name, &answer), &Origin::default()))
        .await?;
    match made {
        PasskeyMade::Added(codes) => Ok(codes.iter().map(|code| code.expose().clone()).collect()),
        PasskeyMade::Refused(refusal) => Err(refusal.into()),
    }
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

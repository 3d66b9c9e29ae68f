//! Changing the address one signs in with, and what becomes of all that hangs on it.

mod holding;
mod invited;
mod stopping;
mod taken_back;

use app::{
    AddressChanged, Error,
    identity::{
        self, AskAddress, AskedAddress, ClaimedLetter, Confirm, LookedAddress, Method, OpenSession,
        Origin, RequestCode, Session, SignIn, ask_address_change, claim_due_letters,
        find_address_state, find_person, find_session, get_address, hash_secret,
        leave_address_change, list_sessions, look_at_address_link, look_at_stop, mark_sent,
        open_session,
        provider::{Account, Which, connect, disconnect, list_links},
        sweep,
    },
    member::get_me,
};
use domain::{
    ids::{AuthenticatorId, UserId},
    text::EmailAddress,
};
use jiff::SignedDuration;
use testkit::{World, both};

use super::desk::{BASE, HOUR, MINUTE, another};
use crate::{
    acts::{Stage, furnished},
    steps::outcome,
};

const ANN: &str = "owner@example.org";
const NEW: &str = "ann@new.example";

/// Somebody with a workspace, who would like another address.
struct Mover {
    stage: Stage,
    user: UserId,
    workspace: domain::ids::WorkspaceId,
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn here() -> Origin {
    Origin {
        device: Some("Firefox on Linux".to_owned()),
        network: Some("203.0.113.7".to_owned()),
        base_url: BASE.to_owned(),
        ..Origin::default()
    }
}

impl Mover {
    async fn new(world: World) -> Self {
        let (stage, user, workspace) = furnished(world).await;
        let mover = Self { stage, user, workspace };
        mover.post().await;
        mover
    }

    /// All letters that are due.
    async fn post(&self) -> Vec<ClaimedLetter> {
        self.stage
            .directory(|op| {
                let letters = claim_due_letters(op, 1_000)?.letters;
                letters.iter().try_for_each(|letter| mark_sent(op, letter.id))?;
                Ok(letters)
            })
            .await
    }

    /// A session that was just opened.
    async fn session_of(&self, user: UserId) -> Session {
        let open = OpenSession { user, method: Method::MailCode, second: None, remember: false };
        let session = self
            .stage
            .directory(move |op| {
                let new = open_session(op, open, &here())?;
                find_session(op, &hash_secret(new.secret.expose()).unwrap())
            })
            .await;
        self.post().await;
        session.unwrap()
    }

    async fn session(&self) -> Session {
        self.session_of(self.user).await
    }

    async fn ask(&self, session: &Session, new: &str) -> Result<AskedAddress, Error> {
        self.ask_from(session, new, "203.0.113.7").await
    }

    async fn ask_from(
        &self,
        session: &Session,
        new: &str,
        network: &str,
    ) -> Result<AskedAddress, Error> {
        let command = AskAddress {
            new: address(new),
            network: network.to_owned(),
            base_url: BASE.to_owned(),
        };
        let (app, session) = (self.stage.app(), *session);
        app.write_directory(app.new_request(), move |op| {
            ask_address_change(op, &session, &command, &here())
        })
        .await
    }

    /// Asks, and reads code and link of the new mailbox, and the link of the one before.
    async fn asked(&self, session: &Session, new: &str) -> (String, String, String) {
        assert_eq!(self.ask(session, new).await.unwrap(), AskedAddress::Sent);
        let post = self.post().await;
        assert_eq!(post.len(), 2, "one letter each");
        let of = |to: &str| post.iter().find(|letter| letter.letter.to().as_str() == to);
        let carried = of(new).unwrap();
        let before = post.iter().find(|letter| letter.letter.to().as_str() != new).unwrap();
        (code(carried), token(carried, "confirm-address"), token(before, "stop-address"))
    }

    async fn confirm(&self, session: &Session, by: Confirm) -> AddressChanged {
        let app = self.stage.app();
        app.confirm_address(app.new_request(), *session, by, here()).await.unwrap()
    }

    async fn stop(&self, token: &str) -> Result<(), Error> {
        let app = self.stage.app();
        app.stop_address_change(app.new_request(), token.to_owned(), here()).await
    }

    /// The address in the directory, which the workspace says too.
    async fn address(&self) -> String {
        let user = self.user;
        let own = self.stage.directory(move |op| get_address(op, user)).await;
        let actor = self.stage.actor(user);
        let here = self.stage.app().read(actor, self.workspace, |op| Ok(get_me(op)?.address));
        assert_eq!(here.await.unwrap(), own.as_str(), "the workspace says the same");
        own.as_str().to_owned()
    }

    async fn who_has(&self, text: &str) -> Option<UserId> {
        self.stage.user(text).await
    }

    fn wait_s(&self, seconds: i64) {
        let at = self.stage.world.now() + SignedDuration::from_secs(seconds);
        self.stage.world.clock.set(at);
    }

    /// Asks for a code to sign in with; whether one was mailed.
    async fn sign_in_code(&self, to: &str, cookie: [u8; 32]) -> Option<String> {
        let command = RequestCode {
            address: address(to),
            cookie_hash: cookie,
            network: "198.51.100.1".to_owned(),
            is_known_device: false,
            remember: false,
            base_url: BASE.to_owned(),
            is_proof: false,
        };
        self.stage.directory(move |op| identity::request_code(op, &command)).await;
        self.post().await.first().map(code)
    }

    async fn enter(&self, cookie: [u8; 32], code: &str) -> SignIn {
        let code = code.to_owned();
        self.stage
            .directory(move |op| identity::sign_in_with_code(op, &cookie, &code, &here()))
            .await
    }
}

fn code(letter: &ClaimedLetter) -> String {
    let lines = letter.letter.body().lines().map(str::trim);
    let mut codes = lines.filter(|line| line.len() == 9 && line.chars().nth(4) == Some('-'));
    codes.next().unwrap_or_else(|| panic!("no code: {}", letter.letter.body())).to_owned()
}

fn token(letter: &ClaimedLetter, page: &str) -> String {
    let start = format!("{BASE}/{page}/");
    let mut links =
        letter.letter.body().lines().filter_map(|line| line.trim().strip_prefix(&start));
    links.next().unwrap_or_else(|| panic!("no {page}: {}", letter.letter.body())).to_owned()
}

fn is_done(changed: &AddressChanged) -> bool {
    matches!(changed, AddressChanged::Done)
}

fn words(changed: &AddressChanged) -> String {
    match changed {
        AddressChanged::Done => "done".to_owned(),
        AddressChanged::Wrong { left } => format!("wrong, {left} left"),
        AddressChanged::OtherBrowser => "other browser".to_owned(),
        AddressChanged::NotValid => "not valid".to_owned(),
        AddressChanged::Taken => "taken".to_owned(),
    }
}

#[test]
fn a_code_to_the_new_address_makes_it_ones_own_everywhere() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let session = ann.session().await;
        let waiting = ann.sign_in_code(ANN, [1; 32]).await.unwrap();
        let (code, _, _) = ann.asked(&session, NEW).await;
        let state = ann.stage.directory(move |op| find_address_state(op, session.user)).await;
        assert_eq!(state.address.as_str(), ANN, "nothing has changed yet");
        assert_eq!(state.waiting.unwrap().0.as_str(), NEW);
        assert_eq!(ann.who_has(NEW).await, None);

        let wrong = ann.confirm(&session, Confirm::Code(another(&code))).await;
        assert_eq!(words(&wrong), "wrong, 4 left");
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code.clone())).await));
        assert_eq!(ann.address().await, NEW);
        assert_eq!(ann.who_has(NEW).await, Some(ann.user));
        assert_eq!(ann.who_has(ANN).await, None);

        // 33 of T-PW: both are told, in one shape, and the letter to the old one can take it back.
        let post = ann.post().await;
        let told: Vec<_> = post
            .iter()
            .map(|letter| (letter.letter.to().as_str(), letter.letter.subject()))
            .collect();
        assert_eq!(
            told,
            [
                (ANN, "Your Timeproof account has another address"),
                (NEW, "You sign in to Timeproof with this address now"),
            ]
        );
        for letter in &post {
            let body = letter.letter.body();
            assert!(body.contains("(Europe/Berlin)"), "in the person's own zone: {body}");
            assert!(body.contains("Device:   Firefox on Linux"), "{body}");
            assert!(!body.contains(NEW), "no letter names the new address: {body}");
        }
        token(&post[0], "stop-address");

        // Sessions go on; what was mailed to the address before does not.
        let sessions = ann.stage.directory(move |op| list_sessions(op, session.user)).await;
        assert!(sessions.iter().any(|found| found.id == session.id));
        assert!(matches!(ann.enter([1; 32], &waiting).await, SignIn::NotValid));
        assert_eq!(ann.sign_in_code(ANN, [2; 32]).await, None);
        let new = ann.sign_in_code(NEW, [3; 32]).await.unwrap();
        assert!(matches!(ann.enter([3; 32], &new).await, SignIn::Opened(_)));

        let again = ann.confirm(&session, Confirm::Code(code)).await;
        assert_eq!(words(&again), "not valid", "a code works once");
        let state = ann.stage.directory(move |op| find_address_state(op, session.user)).await;
        assert!(state.waiting.is_none() && state.changed_at.is_some());
        let until = state.stop_until.unwrap().as_second();
        assert_eq!(until - ann.stage.world.now().as_second(), 72 * HOUR);
    });
}

#[test]
fn the_link_works_in_the_session_that_asked_and_signs_nobody_in() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let (session, other) = (ann.session().await, ann.session().await);
        let (code, link, _) = ann.asked(&session, NEW).await;
        let look = async |session: Session| {
            let link = link.clone();
            let looked = move |op: &mut app::DirectoryOp| look_at_address_link(op, &session, &link);
            ann.stage.directory(looked).await
        };
        for _ in 0..3 {
            assert_eq!(
                look(session).await,
                LookedAddress::Here(address(NEW)),
                "a look uses nothing"
            );
        }
        assert_eq!(look(other).await, LookedAddress::OtherBrowser);
        let elsewhere = ann.confirm(&other, Confirm::Link(link.clone())).await;
        assert_eq!(words(&elsewhere), "other browser");
        let elsewhere = ann.confirm(&other, Confirm::Code(code.clone())).await;
        assert_eq!(words(&elsewhere), "not valid");
        // Neither of them is a way in.
        let (cookie, token) = ([9; 32], link.clone());
        let way_in = ann
            .stage
            .directory(move |op| identity::sign_in_with_link(op, Some(&cookie), &token, &here()));
        assert!(matches!(way_in.await, SignIn::OtherBrowser));
        assert!(matches!(ann.enter(cookie, &code).await, SignIn::NotValid));
        assert!(is_done(&ann.confirm(&session, Confirm::Link(link.clone())).await));
        assert_eq!(ann.address().await, NEW);
        assert_eq!(look(session).await, LookedAddress::NotValid);
    });
}

#[test]
fn it_asks_for_a_fresh_proof_and_its_code_works_for_ten_minutes() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let session = ann.session().await;
        ann.wait_s(16 * MINUTE);
        assert_eq!(outcome(&ann.ask(&session, NEW).await), "needs proof");
        assert!(ann.post().await.is_empty());
        let session = ann.session().await;
        assert_eq!(outcome(&ann.ask(&session, ANN).await), "invalid email");
        let (code, _, stop) = ann.asked(&session, NEW).await;
        ann.wait_s(10 * MINUTE);
        let late = ann.confirm(&session, Confirm::Code(code.clone())).await;
        assert_eq!(words(&late), "not valid");
        ann.stage.directory(sweep).await;
        ann.wait_s(-5 * MINUTE);
        let revived = ann.confirm(&session, Confirm::Code(code)).await;
        assert_eq!(words(&revived), "not valid", "no clock revives it");
        assert_eq!(ann.address().await, ANN);
        // What was left signs nobody out.
        ann.wait_s(20 * MINUTE);
        ann.stop(&stop).await.unwrap();
        let sessions = ann.stage.directory(move |op| list_sessions(op, session.user)).await;
        assert!(sessions.iter().any(|found| found.id == session.id));
    });
}

#[test]
fn five_wrong_codes_end_it_and_a_newer_one_replaces_it() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let session = ann.session().await;
        let (code, _, _) = ann.asked(&session, NEW).await;
        for _ in 0..5 {
            ann.confirm(&session, Confirm::Code(another(&code))).await;
        }
        assert_eq!(words(&ann.confirm(&session, Confirm::Code(code)).await), "not valid");
        let (first, _, _) = ann.asked(&session, NEW).await;
        let (second, _, _) = ann.asked(&session, "ann@other.example").await;
        assert_ne!(words(&ann.confirm(&session, Confirm::Code(first)).await), "done");
        ann.stage.directory(move |op| leave_address_change(op, &session)).await;
        assert_eq!(words(&ann.confirm(&session, Confirm::Code(second)).await), "not valid");
        assert_eq!(ann.address().await, ANN);
    });
}

#[test]
fn asking_too_often_is_refused_and_the_quota_of_an_address_is_not_told() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let session = ann.session().await;
        for number in 0..5 {
            let new = format!("ann{number}@new.example");
            assert_eq!(ann.ask(&session, &new).await.unwrap(), AskedAddress::Sent);
        }
        let sixth = ann.ask(&session, NEW).await.unwrap();
        assert_eq!(sixth, AskedAddress::TooOften);
        ann.post().await;
        // Strangers have asked five times for codes to that address: the answer is as ever.
        ann.wait_s(2 * HOUR);
        for number in 10..15 {
            ann.sign_in_code(NEW, [number; 32]).await;
        }
        let session = ann.session().await;
        assert_eq!(ann.ask(&session, NEW).await.unwrap(), AskedAddress::Sent);
        let post = ann.post().await;
        assert_eq!(post.len(), 1, "the one before is told, and no letter goes to the new one");
        assert_eq!(post[0].letter.to().as_str(), ANN);
    });
}

#[test]
fn an_address_somebody_has_is_answered_as_one_nobody_has() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let bob = ann.stage.guest(ann.user, ann.workspace, "bob@example.org").await;
        ann.post().await;
        let bobs_code = ann.sign_in_code("bob@example.org", [5; 32]).await.unwrap();
        let session = ann.session().await;
        assert_eq!(ann.ask(&session, "Bob@Example.org").await.unwrap(), AskedAddress::Sent);
        let post = ann.post().await;
        assert_eq!(post.len(), 2);
        let tried = post.iter().find(|letter| letter.letter.to().as_str() != ANN).unwrap();
        assert_eq!(tried.letter.subject(), "Somebody asked for your address on Timeproof");
        assert!(!tried.letter.body().contains(BASE), "no link, no code: {}", tried.letter.body());
        for typed in ["ABCD-EFGH", "0000-0000"] {
            let tried = ann.confirm(&session, Confirm::Code(typed.to_owned())).await;
            assert!(words(&tried).starts_with("wrong"), "{}", words(&tried));
        }
        // What Bob was about to type still works, also after it was stopped.
        let before = post.iter().find(|letter| letter.letter.to().as_str() == ANN).unwrap();
        ann.stop(&token(before, "stop-address")).await.unwrap();
        assert!(matches!(ann.enter([5; 32], &bobs_code).await, SignIn::Opened(_)));
        assert_eq!(ann.who_has("bob@example.org").await, Some(bob));
        assert_eq!(ann.address().await, ANN);
    });
}

/// Who asks for another address learns from no letter whether somebody has it; who has it is told.
#[test]
fn wrong_codes_are_told_to_who_has_the_address_and_not_to_who_asks_for_it() {
    both(async |world| {
        let ann = Mover::new(world).await;
        ann.stage.guest(ann.user, ann.workspace, "bob@example.org").await;
        for (new, expected) in [("bob@example.org", 1), ("nobody@example.org", 0)] {
            let (session, mut told) = (ann.session().await, Vec::new());
            for _ in 0..3 {
                ann.ask(&session, new).await.unwrap();
                for _ in 0..5 {
                    ann.confirm(&session, Confirm::Code("0000-0000".to_owned())).await;
                }
                told.extend(ann.post().await);
            }
            told.retain(|one| one.letter.subject().starts_with("Wrong codes were tried"));
            assert_eq!(told.len(), expected, "{new}");
            assert!(told.iter().all(|one| one.letter.to().as_str() == new));
            ann.wait_s(HOUR + 1);
        }
    });
}

#[test]
fn the_code_of_one_mailbox_brings_no_other_one_in() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let (mine, other) = (ann.session().await, ann.session().await);
        let looked = async |session: Session, link: &str| {
            let link = link.to_owned();
            ann.stage.directory(move |op| look_at_address_link(op, &session, &link)).await
        };
        // Another session has asked for another address in between.
        let (code, link, _) = ann.asked(&mine, "ann@mine.example").await;
        let (others_code, _, _) = ann.asked(&other, NEW).await;
        assert_eq!(looked(mine, &link).await, LookedAddress::NotValid);
        let by_link = ann.confirm(&mine, Confirm::Link(link)).await;
        assert_eq!(words(&by_link), "not valid");
        let by_code = ann.confirm(&mine, Confirm::Code(code)).await;
        assert_eq!(words(&by_code), "not valid");
        assert_eq!(ann.address().await, ANN);
        assert!(is_done(&ann.confirm(&other, Confirm::Code(others_code)).await));
        assert_eq!(ann.address().await, NEW);
    });
}

#[test]
fn a_code_dies_of_a_newer_asking_whose_quota_is_out() {
    both(async |world| {
        let ann = Mover::new(world).await;
        for number in 10..15 {
            ann.sign_in_code(NEW, [number; 32]).await;
        }
        let session = ann.session().await;
        let (code, link, _) = ann.asked(&session, "ann@mine.example").await;
        assert_eq!(ann.ask(&session, NEW).await.unwrap(), AskedAddress::Sent);
        assert_eq!(ann.post().await.len(), 1, "no letter goes to the new one");
        let seen = link.clone();
        let looked = ann.stage.directory(move |op| look_at_address_link(op, &session, &seen)).await;
        assert_eq!(looked, LookedAddress::NotValid);
        let wrong = ann.confirm(&session, Confirm::Code(another(&code))).await;
        assert_eq!(words(&wrong), "not valid", "the older attempt is dead");
        let by_link = ann.confirm(&session, Confirm::Link(link)).await;
        assert_eq!(words(&by_link), "not valid");
        let by_code = ann.confirm(&session, Confirm::Code(code)).await;
        assert_eq!(words(&by_code), "not valid");
        assert_eq!(ann.address().await, ANN);
    });
}

#[test]
fn two_at_once_get_one_address_once() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let bob = ann.stage.guest(ann.user, ann.workspace, "bob@example.org").await;
        ann.post().await;
        let (anns, bobs) = (ann.session().await, ann.session_of(bob).await);
        let (ann_code, _, _) = ann.asked(&anns, NEW).await;
        let (bob_code, _, _) = ann.asked(&bobs, NEW).await;
        let (one, two) = tokio::join!(
            ann.confirm(&anns, Confirm::Code(ann_code)),
            ann.confirm(&bobs, Confirm::Code(bob_code)),
        );
        let mut told = [words(&one), words(&two)];
        told.sort();
        assert_eq!(told, ["done", "taken"]);
        let owner = ann.who_has(NEW).await.unwrap();
        assert_eq!(owner, if is_done(&one) { ann.user } else { bob });
        // Sent twice at once it is done once.
        let carol = ann.stage.guest(ann.user, ann.workspace, "carol@example.org").await;
        ann.post().await;
        let session = ann.session_of(carol).await;
        let (code, link, _) = ann.asked(&session, "carol@new.example").await;
        let (one, two) = tokio::join!(
            ann.confirm(&session, Confirm::Code(code)),
            ann.confirm(&session, Confirm::Link(link)),
        );
        assert_eq!(u8::from(is_done(&one)) + u8::from(is_done(&two)), 1);
        assert_eq!(ann.post().await.len(), 2, "told once at each address");
    });
}

#[test]
fn a_change_cut_short_is_finished_in_every_workspace() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let link = ann.stage.set_up_link().await;
        let second = ann.stage.set_up(&link, ANN).await.unwrap();
        let in_second = async || {
            let actor = ann.stage.actor(ann.user);
            ann.stage.app().read(actor, second, |op| Ok(get_me(op)?.address)).await.unwrap()
        };
        let mut new = String::new();
        for step in ["address.changed", "address.followed"] {
            let session = ann.session().await;
            ann.post().await;
            new = format!("{}@new.example", step.replace('.', "-"));
            let (code, _, _) = ann.asked_again(&session, &new).await;
            ann.stage.cut(step, ann.confirm(&session, Confirm::Code(code))).await;
            ann.stage.sweep().await;
            assert_eq!(ann.address().await, new, "{step}");
            assert_eq!(in_second().await, new, "{step}");
            ann.post().await;
        }
        let session = ann.session().await;
        let (code, _, stop) = ann.asked_again(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        assert_eq!(in_second().await, NEW);
        ann.stage.cut("address.stopped", ann.stop(&stop)).await;
        ann.stage.sweep().await;
        assert_eq!(ann.address().await, new);
        assert_eq!(in_second().await, new);
        let known = ann.stage.directory(move |op| find_person(op, &address(NEW))).await;
        assert!(known.is_none());
    });
}

impl Mover {
    /// As [`Self::asked`], where addresses that are held are told too.
    async fn asked_again(&self, session: &Session, new: &str) -> (String, String, String) {
        assert_eq!(self.ask(session, new).await.unwrap(), AskedAddress::Sent);
        let post = self.post().await;
        let is_code = |letter: &&ClaimedLetter| letter.letter.body().contains("confirm-address");
        let carried = post.iter().find(is_code).unwrap();
        let before = post.iter().find(|letter| letter.letter.body().contains("stop-address"));
        (code(carried), token(carried, "confirm-address"), token(before.unwrap(), "stop-address"))
    }

    async fn end_all(&self) {
        let user = self.user;
        self.stage.directory(move |op| identity::end_all_sessions(op, user).map(drop)).await;
    }

    async fn start_app(&self, session: Session) -> AuthenticatorId {
        let (app, name) = (self.stage.app(), domain::text::Name::parse("A phone").unwrap());
        app.start_authenticator(app.new_request(), session, name).await.unwrap()
    }

    async fn confirm_app(&self, session: Session, id: AuthenticatorId) {
        let now = self.stage.world.now().as_second();
        self.stage
            .directory(move |op| {
                let seed = identity::get_pending(op, &session, id)?.seed;
                let typed = vault::totp_code(seed.expose(), vault::totp_step(now));
                identity::confirm_authenticator(op, &session, id, typed.expose(), &here())
            })
            .await;
    }
}

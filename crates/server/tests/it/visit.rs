//! A browser's visits through the whole router, with a clock that can be set: what keeps a session
//! alive, what survives its end, and who is signed in afterwards.

use std::net::SocketAddr;

use app::{
    DirectoryOp, Error,
    identity::{
        LetterKind, Method, NewSession, OpenSession, Origin, add_membership, claim_due_letters,
        find_session, hash_secret, insert_workspace, list_browsers, list_sessions,
        mark_workspace_ready, open_session,
    },
};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, header, request::Builder},
};
use domain::ids::{MemberId, SessionId, UserId, WorkspaceId};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use server::net::Peer;
use store::Statement;
use tower::ServiceExt;

use crate::{
    cases::Where,
    jar::Jar,
    process::code_in,
    support::{Answer, Api, both},
};

/// Somebody who can sign in and is a member of the world's workspace.
pub(crate) async fn somebody(api: &Api, address: &str) -> UserId {
    let (app, workspace) = (&api.world.app, api.world.workspace);
    let request = app.new_request();
    let address = app::input::address("email", address).unwrap();
    let user = app.find_or_create_person(request, address).await.unwrap();
    let member = api.newcomer_who(Where::Here, user).await;
    belongs(api, user, workspace, MemberId::from_uuid(member)).await;
    user
}

/// Makes somebody a member in the directory too.
pub(crate) async fn belongs(api: &Api, user: UserId, workspace: WorkspaceId, member: MemberId) {
    directory(api, move |op| {
        insert_workspace(op, workspace)?;
        mark_workspace_ready(op, workspace)?;
        add_membership(op, user, workspace, member)
    })
    .await;
}

pub(crate) async fn directory<T: Send + 'static>(
    api: &Api,
    work: impl FnMut(&mut DirectoryOp) -> Result<T, Error> + Send + 'static,
) -> T {
    let app = &api.world.app;
    app.write_directory(app.new_request(), work).await.unwrap()
}

pub(crate) fn wait_s(api: &Api, seconds: i64) {
    api.world.clock.set(api.world.now() + SignedDuration::from_secs(seconds));
}

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 3_600;

/// A browser before the router.
#[derive(Clone)]
pub(crate) struct Browser<'a> {
    api: &'a Api,
    /// What the last answer set is in its `set`.
    pub(crate) jar: Jar,
    /// Through what a request comes: the address of the other end, and what it says of who is behind.
    pub(crate) way: Option<(SocketAddr, String)>,
    /// Another node than the one of the API, if it is sent to one.
    pub(crate) node: Option<Router>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(api: &'a Api) -> Self {
        Self { api, jar: Jar::default(), way: None, node: None }
    }

    /// Somebody signs in, by the cookies that the server would have set.
    pub(crate) async fn sign_in(&mut self, user: UserId, remember: bool) -> NewSession {
        let open = OpenSession { user, method: Method::MailCode, second: None, remember };
        let session =
            directory(self.api, move |op| open_session(op, open, &Origin::default())).await;
        self.jar.put("sid-8420", session.secret.expose());
        if let Some(cookie) = &session.remember {
            self.jar.put("rm-8420", cookie.expose());
        }
        session
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let found = self.jar.cookies.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.cookie(name).is_some()
    }

    async fn send(&mut self, mut request: Builder, body: String) -> Answer {
        if let Some((peer, forwarded)) = &self.way {
            request = request
                .extension(ConnectInfo(Peer(*peer)))
                .header("x-forwarded-for", forwarded.as_str());
        }
        let request = request
            .header(header::HOST, "localhost:8420")
            .header(header::COOKIE, self.jar.header())
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .unwrap();
        let node = self.node.as_ref().unwrap_or(&self.api.router);
        let response = node.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        self.jar.set.clear();
        for set in parts.headers.get_all(header::SET_COOKIE) {
            self.jar.take(set.to_str().unwrap());
        }
        let mut answer = Answer { status: parts.status, headers: parts.headers, body: Vec::new() };
        // A stream never ends.
        if answer.header("content-type") != "text/event-stream" {
            answer.body = body.collect().await.unwrap().to_bytes().to_vec();
        }
        answer
    }

    pub(crate) async fn get_with(&mut self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = Request::get(path);
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let seen = self.send(request, String::new()).await;
        self.jar.read(&seen.text());
        seen
    }

    /// Opens a page.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    /// Sends a form with the token of the last page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_raw(path, &serde_urlencoded::to_string(fields).unwrap()).await
    }

    /// Sends a form's body with the token added.
    pub(crate) async fn post_raw(&mut self, path: &str, body: &str) -> Answer {
        let request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = self.jar.signed(body);
        let seen = self.send(request, body).await;
        // A page that answers a form has forms of its own.
        self.jar.read(&seen.text());
        seen
    }

    /// Sends JSON as the script of a page does.
    pub(crate) async fn post_json(&mut self, path: &str, body: &str) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-csrf-token", &self.jar.csrf);
        self.send(request, body.to_owned()).await
    }

    pub(crate) fn page(&self, path: &str) -> String {
        format!("/w/{}/{path}", self.api.world.workspace)
    }

    /// Which session the browser has.
    pub(crate) async fn session_id(&self) -> Option<SessionId> {
        let hash = hash_secret(self.cookie("sid-8420")?)?;
        directory(self.api, move |op| find_session(op, &hash)).await.map(|session| session.id)
    }

    /// Whose session the browser has.
    pub(crate) async fn who(&self) -> Option<UserId> {
        let hash = hash_secret(self.cookie("sid-8420")?)?;
        let found = directory(self.api, move |op| find_session(op, &hash)).await;
        found.map(|session| session.user)
    }
}

/// Stands for a disk that is full: nothing about sessions can be written.
async fn break_sessions(api: &Api) {
    let statements = match api.world.engine {
        "sqlite" => vec![Statement::new(
            "test.break",
            "CREATE TRIGGER full_disk BEFORE UPDATE ON sessions
             BEGIN SELECT RAISE(ABORT, 'full'); END",
        )],
        _ => vec![
            Statement::new(
                "test.break",
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql
                 AS 'BEGIN RAISE EXCEPTION ''full''; END'",
            ),
            Statement::new(
                "test.break",
                "CREATE TRIGGER full_disk BEFORE UPDATE ON sessions
                 FOR EACH ROW EXECUTE FUNCTION full_disk()",
            ),
        ],
    };
    for statement in statements {
        let broken = api.world.app.store().directory().write(move |tx| tx.execute(&statement, &[]));
        let broken: Result<u64, store::StoreError> = broken.await;
        broken.unwrap();
    }
}

#[test]
fn pages_can_be_read_while_nothing_can_be_written() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut browser = Browser::new(&api);
        browser.sign_in(ann, false).await;
        let today = browser.page("today");
        assert_eq!(browser.get(&today).await.status, 200);
        break_sessions(&api).await;
        // Past the minute after which the use of a session is noted.
        wait_s(&api, 2 * MINUTE);
        for _ in 0..2 {
            let seen = browser.get(&today).await;
            assert_eq!(seen.status, 200, "{}", seen.text());
        }
    });
}

#[test]
fn what_a_page_asks_for_by_itself_keeps_no_session_alive() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let live = [("x-timeproof-live", "1"), ("x-timeproof-part", "1")];
        let mut browser = Browser::new(&api);
        let (today, stream) = (browser.page("today"), browser.page("live"));
        browser.sign_in(ann, false).await;
        for _ in 0..5 {
            wait_s(&api, 10 * MINUTE);
            assert_eq!(browser.get_with(&today, &live).await.status, 200);
            assert_eq!(browser.get(&stream).await.status, 200);
        }
        wait_s(&api, 10 * MINUTE);
        assert_eq!(browser.get_with(&today, &live).await.status, 401, "an hour without anybody");
        assert_eq!(browser.get(&stream).await.status, 401);
        // A person who opens the page does.
        browser.sign_in(ann, false).await;
        for _ in 0..5 {
            wait_s(&api, 30 * MINUTE);
            assert_eq!(browser.get(&today).await.status, 200);
        }
        // Nor does it sign a remembered browser in.
        browser.sign_in(ann, true).await;
        wait_s(&api, 2 * HOUR);
        assert_eq!(browser.get_with(&today, &live).await.status, 401);
        assert_eq!(browser.get(&stream).await.status, 401);
        assert!(browser.who().await.is_none());
        assert_eq!(browser.get(&today).await.status, 200, "the person does");
    });
}

#[test]
fn what_was_typed_before_a_remembered_session_was_renewed_is_taken() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut browser = Browser::new(&api);
        let (tags, form) = (browser.page("tags"), browser.page("tags"));
        let first = browser.sign_in(ann, true).await;
        assert_eq!(browser.get(&tags).await.status, 200);
        wait_s(&api, 3 * HOUR);
        let made = browser.post(&form, &[("name", "typed long ago")]).await;
        assert_eq!(made.status, 303, "{}", made.text());
        assert!(browser.get(&tags).await.text().contains("typed long ago"));
        // Another login of the same person is another login.
        let mut other = Browser::new(&api);
        other.sign_in(ann, true).await;
        other.jar.csrf = browser.jar.csrf.clone();
        assert_eq!(other.post(&form, &[("name", "forged")]).await.status, 403);
        assert_ne!(browser.cookie("sid-8420"), Some(first.secret.expose().as_str()));
    });
}

#[test]
fn signing_out_after_the_session_has_ended_opens_no_other_one() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        for is_remembered in [true, false] {
            let mut browser = Browser::new(&api);
            browser.sign_in(ann, is_remembered).await;
            let today = browser.page("today");
            browser.get(&today).await;
            wait_s(&api, 2 * HOUR);
            let remembered = browser.jar.cookies.clone();
            let out = browser.post("/sign-out", &[]).await;
            assert_eq!((out.status.as_u16(), out.header("location")), (303, "/signed-out"));
            assert!(!browser.has("rm-8420") && !browser.has("sid-8420"));
            assert!(directory(&api, move |op| list_sessions(op, ann)).await.is_empty());
            assert!(directory(&api, move |op| list_browsers(op, ann)).await.is_empty());
            // The old cookies are worth nothing.
            browser.jar.cookies = remembered;
            assert_eq!(browser.get(&today).await.status, 303);
            assert!(browser.who().await.is_none());
            // Twice is as good as once.
            assert_eq!(browser.post("/sign-out", &[]).await.status, 303);
        }
        // From elsewhere nobody is signed out.
        let mut browser = Browser::new(&api);
        browser.sign_in(ann, true).await;
        wait_s(&api, 2 * HOUR);
        browser.jar.csrf = "A".repeat(43);
        assert_eq!(browser.post("/sign-out", &[]).await.status, 403);
        assert_eq!(directory(&api, move |op| list_browsers(op, ann)).await.len(), 1);
    });
}

#[test]
fn who_signs_in_replaces_whoever_was_here() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let bob = somebody(&api, "bob@example.org").await;
        for hours in [0, 2] {
            // Ann's browser is remembered, with a session or without one by now.
            let mut browser = Browser::new(&api);
            browser.sign_in(ann, true).await;
            wait_s(&api, hours * HOUR);
            // Bob signs in with a link that the operator gave him.
            let link = directory(&api, move |op| {
                app::identity::create_link(op, app::identity::Purpose::Enter(bob), 600)
            });
            let path = format!("/enter/{}", link.await.expose());
            assert_eq!(browser.get(&path).await.status, 200);
            assert_eq!(browser.post(&path, &[]).await.status, 303);
            assert_eq!(browser.who().await, Some(bob));
            assert!(!browser.has("rm-8420"));
            assert!(directory(&api, move |op| list_sessions(op, ann)).await.is_empty());
            assert!(directory(&api, move |op| list_browsers(op, ann)).await.is_empty());
            // Ann does not come back by herself.
            wait_s(&api, 2 * HOUR);
            let today = browser.page("today");
            assert_eq!(browser.get(&today).await.status, 303);
            assert!(browser.who().await.is_none());
        }
    });
}

#[test]
fn a_broken_workspace_takes_no_other_down() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let stranger = api.world.member("stranger");
        belongs(&api, ann, api.world.elsewhere, stranger).await;
        let broken = api.world.app.store().workspace(api.world.elsewhere).await.unwrap();
        let hide = Statement::new("test.hide", "ALTER TABLE members RENAME TO lost_members");
        let hidden = broken.write(move |tx| tx.execute(&hide, &[]));
        let hidden: Result<u64, store::StoreError> = hidden.await;
        hidden.unwrap();
        let mut browser = Browser::new(&api);
        browser.sign_in(ann, false).await;
        let today = browser.page("today");
        assert_eq!(browser.get(&today).await.status, 200);
        let first = browser.get("/").await;
        assert_eq!((first.status.as_u16(), first.header("location")), (303, today.as_str()));
        let name = domain::text::Name::parse("tp on wombat").unwrap();
        let grant = directory(&api, move |op| app::identity::start_grant(op, &name)).await;
        let path = format!("/device?user_code={}", grant.user_code.expose());
        let device = browser.get(&path).await;
        assert_eq!(device.status, 200);
        assert!(device.text().contains("tp on wombat"));
    });
}

#[test]
fn my_security_lists_remembered_browsers_and_signs_them_out() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut laptop = Browser::new(&api);
        laptop.sign_in(ann, true).await;
        wait_s(&api, 2 * HOUR);
        let mut here = Browser::new(&api);
        here.sign_in(ann, false).await;
        let security = here.page("security");
        let seen = here.get(&security).await.text();
        assert!(seen.contains(", remembered") && seen.contains("everywhere else"));
        let family = directory(&api, move |op| list_browsers(op, ann)).await[0].family;
        let forget = here.page(&format!("security/browsers/{family}/forget"));
        let bob = somebody(&api, "bob@example.org").await;
        let mut bobs = Browser::new(&api);
        bobs.sign_in(bob, false).await;
        bobs.get(&security).await;
        assert_eq!(bobs.post(&forget, &[]).await.status, 404);
        assert_eq!(here.post(&forget, &[]).await.status, 303);
        assert!(!here.get(&security).await.text().contains(", remembered"));
        let today = laptop.page("today");
        assert_eq!(laptop.get(&today).await.status, 303, "it signs in by itself no more");
        assert!(!laptop.has("rm-8420"));
    });
}

/// The text of the one letter that waits, but for notices of what happened to an account.
pub(crate) async fn letter(api: &Api) -> String {
    let mut letters = directory(api, |op| claim_due_letters(op, 10)).await.letters;
    letters.retain(|letter| letter.kind != LetterKind::SecurityNotice);
    let [letter] = letters.as_slice() else { panic!("{letters:?}") };
    letter.letter.body().to_owned()
}

fn hidden(page: &str, name: &str) -> String {
    let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
    rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
}

#[test]
fn ott_36_a_remembered_browser_proves_who_sits_before_it() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let member = directory(&api, move |op| app::identity::list_memberships(op, ann)).await;
        let path = format!("/members/{}", member[0].member);
        let owner = serde_json::json!({ "role": "owner" });
        assert_eq!(api.ask("owner", "PATCH", &path).json(&owner).send().await.status, 200);
        let mut browser = Browser::new(&api);
        browser.sign_in(ann, true).await;
        let (tokens, people) = (browser.page("tokens"), browser.page("people"));
        let fields = [("name", "Long & typed"), ("scope", "full"), ("expires_in_days", "30")];
        browser.get(&tokens).await;
        assert_eq!(browser.post(&tokens, &fields).await.status, 200, "just signed in");
        for wait in [16 * MINUTE, 3 * HOUR] {
            let mut other = Browser::new(&api);
            other.sign_in(ann, true).await;
            wait_s(&api, wait);
            browser.get(&tokens).await;
            // What gives nothing away goes on.
            let reads = [("name", "Reads"), ("scope", "read"), ("expires_in_days", "30")];
            assert_eq!(browser.post(&tokens, &reads).await.status, 200);
            let asked = browser.post(&tokens, &fields).await;
            assert_eq!(asked.status, 403, "{}", asked.text());
            assert!(asked.text().contains("Is it you?"));
            assert_eq!(hidden(&asked.text(), "action"), tokens);
            let kept = hidden(&asked.text(), "kept");
            let carried = [("action", tokens.as_str()), ("kept", kept.as_str())];
            assert_eq!(browser.post("/proof", &carried).await.status, 200);
            let letter = letter(&api).await;
            assert!(!letter.contains("http"), "no link");
            let right = code_in(&letter);
            let wrong = [carried.as_slice(), &[("code", "0000-0000")]].concat();
            let refused = browser.post("/proof/code", &wrong).await;
            assert_eq!(refused.status, 422, "{}", refused.text());
            assert_eq!(hidden(&refused.text(), "kept"), kept, "what was typed is kept");
            // The code is worth nothing in another browser, of the same person too.
            other.get(&tokens).await;
            let with_code = [carried.as_slice(), &[("code", right.as_str())]].concat();
            assert_eq!(other.post("/proof/code", &with_code).await.status, 422);
            let before = browser.jar.cookies.clone();
            let proven = browser.post("/proof/code", &with_code).await;
            assert_eq!(proven.status, 200, "{}", proven.text());
            assert_eq!(hidden(&proven.text(), "name"), "Long & typed");
            assert_ne!(browser.jar.cookies, before, "a new secret");
            assert_eq!(browser.post(&tokens, &fields).await.status, 200, "now it is done");
            let again = browser.post("/proof/code", &with_code).await;
            assert_eq!(again.status, 200, "used up, and shown already who it is");
            assert_eq!(hidden(&again.text(), "name"), "Long & typed");
        }
        // The same for a role, a removal, the settings, and a program that asks to be let in.
        wait_s(&api, HOUR / 2);
        browser.get(&people).await;
        let other = api.world.member("other");
        let role = browser.page(&format!("people/{other}"));
        let remove = format!("{role}/remove");
        let settings = browser.page("settings");
        let name = domain::text::Name::parse("tp on wombat").unwrap();
        let grant = directory(&api, move |op| app::identity::start_grant(op, &name)).await;
        let workspace = api.world.workspace.to_string();
        let confirm = [
            ("user_code", grant.user_code.expose().as_str()),
            ("answer", "allow"),
            ("expires_in_days", "90"),
            ("workspace", &workspace),
        ];
        let changes = [
            ("name", "Renamed"),
            ("currency", "EUR"),
            ("bare_number", "minutes"),
            ("second_timer", "stops_running"),
            ("overlaps", "allowed"),
            ("week_start", "monday"),
            ("zone", "Europe/Berlin"),
        ];
        for (path, fields) in [
            (role.as_str(), [("role", "admin")].as_slice()),
            (&remove, &[]),
            (&settings, &changes),
            ("/device/confirm", &confirm),
        ] {
            let asked = browser.post(path, fields).await;
            assert_eq!(asked.status, 403, "{path}: {}", asked.text());
            assert!(asked.text().contains("Is it you?"), "{path}");
            assert_eq!(hidden(&asked.text(), "action"), path);
        }
        // Nowhere else is led to.
        let carried = [("action", "https://evil.example/"), ("kept", "")];
        let asked = browser.post("/proof", &carried).await;
        assert_eq!(hidden(&asked.text(), "action"), "/");
    });
}

/// Before a sign-in nothing is said of it, so that nobody learns who is here; who is signed in would
/// wait in vain.
#[test]
fn whoever_asks_for_too_many_codes_to_prove_themselves_is_told() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut browser = Browser::new(&api);
        browser.sign_in(ann, false).await;
        wait_s(&api, 16 * MINUTE);
        let tokens = browser.page("tokens");
        let carried = [("action", tokens.as_str()), ("kept", "name=Long")];
        browser.get(&tokens).await;
        for _ in 0..5 {
            let sent = browser.post("/proof", &carried).await;
            assert_eq!(sent.status, 200, "{}", sent.text());
            assert!(sent.text().contains("A code is on its way"), "{}", sent.text());
        }
        let refused = browser.post("/proof", &carried).await;
        assert_eq!(refused.status, 429, "{}", refused.text());
        assert!(refused.text().contains("Too many mails were asked for"), "{}", refused.text());
        assert!(!refused.text().contains("on its way"), "{}", refused.text());
        assert_eq!(hidden(&refused.text(), "kept"), "name=Long", "what was typed is kept");
    });
}

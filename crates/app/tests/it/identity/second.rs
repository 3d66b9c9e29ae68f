//! The second step: authenticator apps, recovery codes, a code by mail, and the operator's reset.

mod apps;
mod guessing;
mod mailed;
mod recovery;
mod reset;
mod reset_by_owner;

use app::{
    identity::{
        self, Method, NewSession, OpenSession, Origin, Passed, SecondTried, Session, SignIn,
        confirm_authenticator, find_session, get_pending, hash_secret, open_session,
        sign_in_with_second,
    },
    workspace::Newcomer,
};
use domain::{
    ids::{AuthenticatorId, MemberId, UserId, WorkspaceId},
    period::WeekStart,
    permission::Role,
    preference::{ClockFormat, Locale},
    text::{EmailAddress, Name},
};
use testkit::World;

use super::desk::{Browser, Desk, MINUTE};

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
    let codes =
        desk.ok(move |op| confirm_authenticator(op, &session, id, &code, &Origin::default())).await;
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

/// Makes somebody a member, as the workspace and the directory know it.
async fn admit(desk: &Desk, workspace: WorkspaceId, user: UserId, role: Role) -> MemberId {
    let (app, member): (_, MemberId) = (&desk.world.app, desk.id());
    let newcomer = Newcomer {
        user,
        member,
        name: Name::parse("A member").unwrap(),
        address: EmailAddress::parse(&format!("m{member}@example.org")).unwrap(),
        zone: app::input::zone("zone", "Europe/Berlin").unwrap(),
        week_start: WeekStart::Monday,
        locale: Locale::EnGb,
        clock_format: ClockFormat::H24,
    };
    app.admit(app.new_request(), workspace, newcomer, role).await.unwrap();
    desk.ok(move |op| identity::add_membership(op, user, workspace, member)).await;
    member
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

    /// The marks of a browser in which she has signed in before.
    async fn known(&self) -> Origin {
        let user = self.user;
        let mark = self.desk.ok(move |op| identity::mark_known_device(op, user)).await;
        Origin { mark: Some(mark.expose().clone()), ..Origin::default() }
    }

    async fn try_second(&self, browser: &Browser, typed: &str) -> SecondTried {
        try_second(&self.desk, browser, typed, Origin::default()).await
    }
}

async fn try_second(desk: &Desk, browser: &Browser, typed: &str, origin: Origin) -> SecondTried {
    let (cookie, typed) = (browser.cookie, typed.to_owned());
    desk.ok(move |op| sign_in_with_second(op, &cookie, &typed, &origin)).await
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

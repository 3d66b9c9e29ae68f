//! A front desk: people in the directory, browsers that ask, and the post.

use app::{
    DirectoryOp, Error,
    identity::{
        self, ClaimedLetter, LetterKind, Origin, RequestCode, SignIn, claim_due_letters,
        hash_secret, mark_sent,
    },
};
use domain::{
    ids::{Id, MemberId, UserId, WorkspaceId, uuid_v7},
    text::EmailAddress,
};
use jiff::SignedDuration;
use store::{Row, Statement};
use testkit::World;

pub(super) const BASE: &str = "https://time.example";

/// A browser with its login cookie and where it is.
#[derive(Clone)]
pub(super) struct Browser {
    pub(super) cookie: [u8; 32],
    pub(super) network: String,
    pub(super) is_known: bool,
}

pub(super) struct Desk {
    pub(super) world: World,
}

impl Desk {
    pub(super) fn new(world: World) -> Self {
        Self { world }
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut DirectoryOp) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let app = &self.world.app;
        app.write_directory(app.new_request(), work).await
    }

    pub(super) async fn ok<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut DirectoryOp) -> Result<T, Error> + Send + 'static,
    ) -> T {
        self.run(work).await.unwrap()
    }

    pub(super) fn id<I: Id>(&self) -> I {
        let mut random = [0; 10];
        self.world.app.random().fill(&mut random);
        I::from_uuid(uuid_v7(self.world.now(), random))
    }

    /// Somebody without a workspace.
    pub(super) async fn outsider(&self, address: &str) -> UserId {
        let app = &self.world.app;
        let address = EmailAddress::parse(address).unwrap();
        app.find_or_create_person(app.new_request(), address).await.unwrap()
    }

    /// Somebody who belongs to a workspace.
    pub(super) async fn person(&self, address: &str) -> UserId {
        let user = self.outsider(address).await;
        let (workspace, member): (WorkspaceId, MemberId) = (self.id(), self.id());
        self.ok(move |op| {
            identity::insert_workspace(op, workspace)?;
            identity::mark_workspace_ready(op, workspace)?;
            identity::add_membership(op, user, workspace, member)
        })
        .await;
        user
    }

    pub(super) fn browser(&self, network: &str) -> Browser {
        let secret = self.world.app.draw_secret();
        Browser {
            cookie: hash_secret(secret.expose()).unwrap(),
            network: network.to_owned(),
            is_known: false,
        }
    }

    pub(super) async fn ask(&self, browser: &Browser, address: &str) {
        self.ask_remembering(browser, address, false).await;
    }

    pub(super) async fn ask_remembering(&self, browser: &Browser, address: &str, remember: bool) {
        let command = RequestCode {
            address: EmailAddress::parse(address).unwrap(),
            cookie_hash: browser.cookie,
            network: browser.network.clone(),
            is_known_device: browser.is_known,
            remember,
            base_url: BASE.to_owned(),
            is_proof: false,
        };
        self.ok(move |op| identity::request_code(op, &command)).await;
    }

    /// Everything that is to be sent now, but for notices of sign-ins and the like.
    pub(super) async fn post(&self) -> Vec<ClaimedLetter> {
        let mut post = self.all_post().await;
        post.retain(|letter| letter.kind != LetterKind::SecurityNotice);
        post
    }

    /// Everything that is to be sent now.
    pub(super) async fn all_post(&self) -> Vec<ClaimedLetter> {
        self.ok(|op| {
            let claimed = claim_due_letters(op, 1_000)?;
            let all = claimed.letters.iter().chain(&claimed.pretended);
            all.map(|letter| letter.id).try_for_each(|id| mark_sent(op, id))?;
            Ok(claimed.letters)
        })
        .await
    }

    /// Asks, and reads the code and the link's token in the one letter that comes.
    pub(super) async fn ask_and_read(&self, browser: &Browser, address: &str) -> (String, String) {
        self.ask(browser, address).await;
        let post = self.post().await;
        assert_eq!(post.len(), 1, "one letter");
        read_letter(&post[0])
    }

    /// The same, whatever else was mailed before.
    pub(super) async fn ask_and_read_last(
        &self,
        browser: &Browser,
        address: &str,
    ) -> (String, String) {
        self.post().await;
        self.ask_and_read(browser, address).await
    }

    pub(super) async fn enter(&self, browser: &Browser, code: &str) -> SignIn {
        let (cookie, code) = (browser.cookie, code.to_owned());
        self.ok(move |op| identity::sign_in_with_code(op, &cookie, &code, &Origin::default())).await
    }

    pub(super) async fn follow(&self, browser: Option<&Browser>, token: &str) -> SignIn {
        let (cookie, token) = (browser.map(|b| b.cookie), token.to_owned());
        self.ok(move |op| {
            identity::sign_in_with_link(op, cookie.as_ref(), &token, &Origin::default())
        })
        .await
    }

    /// Moves the clock; backwards too.
    pub(super) fn wait_s(&self, seconds: i64) {
        let at = self.world.now() + SignedDuration::from_secs(seconds);
        self.world.clock.set(at);
    }

    pub(super) async fn query(&self, sql: &'static str) -> Vec<Row> {
        let directory = self.world.app.store().directory();
        let found: Result<_, store::StoreError> =
            directory.read(move |tx| tx.query(&Statement::new("test.query", sql), &[])).await;
        found.unwrap()
    }

    pub(super) async fn count(&self, sql: &'static str) -> i64 {
        self.query(sql).await[0].get(0).unwrap()
    }

    /// The directory's bytes, with all it has written, whatever the engine.
    pub(super) async fn bytes(&self) -> Vec<u8> {
        let folder = tempfile_folder(self);
        let store = self.world.app.store();
        store.copy_directory_into(folder.clone()).await.unwrap();
        let bytes = std::fs::read(folder.join("directory.db")).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        bytes
    }
}

fn tempfile_folder(desk: &Desk) -> std::path::PathBuf {
    let id: UserId = desk.id();
    std::env::temp_dir().join(format!("timeproof-test-{id}"))
}

/// The code and the link's token in a letter.
pub(super) fn read_letter(letter: &ClaimedLetter) -> (String, String) {
    let body = letter.letter.body();
    let code = body
        .lines()
        .map(str::trim)
        .find(|line| line.len() == 9 && line.chars().nth(4) == Some('-'))
        .unwrap();
    let start = format!("{BASE}/sign-in/link/");
    let link = body.lines().find_map(|line| line.strip_prefix(&start));
    (code.to_owned(), link.unwrap().to_owned())
}

/// The code of the second step in a letter.
pub(super) fn second_code(letter: &ClaimedLetter) -> String {
    let lines = letter.letter.body().lines().map(str::trim);
    lines.into_iter().find(|line| line.len() == 9 && line.contains('-')).unwrap().to_owned()
}

/// A code that is not this one.
pub(super) fn another(code: &str) -> String {
    let last = if code.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &code[..code.len() - 1])
}

pub(super) fn opened(sign_in: SignIn) -> identity::NewSession {
    match sign_in {
        SignIn::Opened(session) => session,
        other => panic!("not signed in: {other:?}"),
    }
}

pub(super) const MINUTE: i64 = 60;
pub(super) const HOUR: i64 = 3_600;
pub(super) const DAY: i64 = 24 * HOUR;

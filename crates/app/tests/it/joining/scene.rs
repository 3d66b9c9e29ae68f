//! A workspace whose owner has shown their mailbox, and people who ask to come in.

use app::{
    App, Error, JoinByRule,
    identity::{
        ClaimedLetter, LetterKind, Method, Origin, RequestCode, Session, SignIn, add_membership,
        claim_due_letters, find_session, hash_secret, insert_workspace, mark_sent,
        mark_workspace_ready, request_code, sign_in_with_code,
    },
    joining::{ChangeJoinRule, ReadJoinRule},
};
use domain::{
    day::Zone,
    ids::{MemberId, RequestId, UserId, WorkspaceId},
    joining::{MailDomain, parse_domains},
    permission::Assignment,
    preference::Locale,
    text::EmailAddress,
};
use store::{Row, Statement, StoreError};
use testkit::World;

use crate::{
    acts::{Stage, furnished, joining},
    steps::{name, outcome},
};

pub(super) struct Scene {
    pub(super) stage: Stage,
    pub(super) owner: UserId,
    pub(super) workspace: WorkspaceId,
}

pub(super) fn domains(text: &str) -> Vec<MailDomain> {
    parse_domains(text).unwrap()
}

pub(super) fn outcome_of<T: std::fmt::Debug>(result: &Result<T, Error>) -> String {
    outcome(result)
}

/// A session as the operator's link would have opened it.
pub(super) fn printed(mut session: Session) -> Session {
    session.shown.first = Method::PrintedLink;
    session
}

/// A session as a provider of a workspace would have opened it.
pub(super) fn by_provider_of(mut session: Session, workspace: WorkspaceId) -> Session {
    let id = domain::ids::ProviderId::from_uuid(workspace.uuid());
    session.shown.first = Method::Provider;
    session.method = Method::Provider;
    session.provider = Some(app::identity::provider::Which { id, workspace: Some(workspace) });
    session
}

impl Scene {
    /// The owner signs in at `owner@example.org`, with a code from a mail.
    pub(super) async fn open(world: World) -> Self {
        let (stage, owner, workspace) = furnished(world).await;
        let scene = Self { stage, owner, workspace };
        scene.show("owner@example.org").await;
        scene
    }

    pub(super) fn app(&self) -> &App {
        self.stage.app()
    }

    pub(super) fn request(&self) -> RequestId {
        self.app().new_request()
    }

    /// Sets the rule; an owner at each of the domains is invited first.
    pub(super) async fn allow(&self, list: &str) {
        for domain in list.split_whitespace() {
            self.own_at(domain).await;
        }
        self.set(list, None).await.unwrap();
    }

    /// An owner whose mailbox is at this domain.
    pub(super) async fn own_at(&self, domain: &str) -> UserId {
        if domain == "example.org" {
            return self.owner;
        }
        let address = format!("boss@{domain}");
        let user = self.stage.guest(self.owner, self.workspace, &address).await;
        let member = self.member_of(user).await;
        let (actor, role) = (self.stage.actor(self.owner), domain::permission::Role::Owner);
        let change = self.app().write(actor, self.workspace, move |op| {
            app::member::change_role(op, member, role, None)
        });
        change.await.unwrap();
        user
    }

    pub(super) async fn set(
        &self,
        list: &str,
        role: Option<Assignment>,
    ) -> Result<ReadJoinRule, Error> {
        self.set_as(self.owner, list, role, None).await
    }

    pub(super) async fn set_as(
        &self,
        who: UserId,
        list: &str,
        role: Option<Assignment>,
        expected_version: Option<i64>,
    ) -> Result<ReadJoinRule, Error> {
        let domains = Some(domains(list));
        let change = ChangeJoinRule { domains, role, expected_version };
        self.app().change_join_rule(self.stage.actor(who), self.workspace, change).await
    }

    /// Asks for a code, in a browser that nobody knows; the letters that come of it.
    pub(super) async fn ask(&self, address: &str) -> Vec<ClaimedLetter> {
        self.ask_in([9; 32], address).await
    }

    async fn ask_in(&self, cookie_hash: [u8; 32], address: &str) -> Vec<ClaimedLetter> {
        let command = RequestCode {
            address: EmailAddress::parse(address).unwrap(),
            cookie_hash,
            network: "192.0.2.1".to_owned(),
            is_known_device: false,
            remember: false,
            base_url: "https://time.example".to_owned(),
            is_proof: false,
        };
        self.stage.directory(move |op| request_code(op, &command)).await;
        let letters = self.post().await;
        let is_asked = |letter: &ClaimedLetter| {
            [LetterKind::SignInCode, LetterKind::JoinOffer].contains(&letter.kind)
        };
        letters.into_iter().filter(is_asked).collect()
    }

    async fn post(&self) -> Vec<ClaimedLetter> {
        self.stage
            .directory(|op| {
                let letters = claim_due_letters(op, 1_000)?.letters;
                for letter in letters.iter().filter(|it| it.kind != LetterKind::Joined) {
                    mark_sent(op, letter.id)?;
                }
                Ok(letters)
            })
            .await
    }

    /// To whom letters of a kind are on their way, since the last look.
    pub(super) async fn letters_of(&self, kind: LetterKind) -> Vec<String> {
        self.stage.world.clock.set(self.stage.world.now() + jiff::SignedDuration::from_mins(3));
        self.stage
            .directory(move |op| {
                let letters = claim_due_letters(op, 1_000)?.letters;
                let ours = letters.iter().filter(|letter| letter.kind == kind);
                let ours: Vec<_> = ours.collect();
                for letter in &ours {
                    mark_sent(op, letter.id)?;
                }
                Ok(ours.iter().map(|it| it.letter.to().as_str().to_owned()).collect())
            })
            .await
    }

    /// The token of a letter's link.
    pub(super) fn link_of(letters: &[ClaimedLetter]) -> String {
        let body = letters[0].letter.body();
        let link = body.lines().find_map(|line| line.split_once("/join/")).unwrap();
        link.1.to_owned()
    }

    /// What is mailed to somebody unknown.
    pub(super) async fn offer(&self, address: &str) -> String {
        Self::link_of(&self.ask(address).await)
    }

    pub(super) fn link_into(workspace: WorkspaceId, token: &str) -> String {
        format!("{}.{token}", workspace.uuid().as_simple())
    }

    pub(super) async fn offered(&self, token: &str) -> Vec<(String, String)> {
        let offered = self.app().list_offered(self.request(), token).await.unwrap();
        offered.into_iter().map(|found| (found.name, found.role_name)).collect()
    }

    pub(super) async fn join(&self, link: &str) -> Result<app::Joined, Error> {
        self.app().join(self.request(), joining(link)).await
    }

    /// Somebody who has joined by the rule, and by which link.
    pub(super) async fn joined(&self, address: &str) -> (UserId, String) {
        let token = self.offer(address).await;
        let link = Self::link_into(self.workspace, &token);
        self.join(&link).await.unwrap();
        (self.stage.user(address).await.unwrap(), link)
    }

    pub(super) async fn join_signed_in(
        &self,
        session: Session,
        workspace: WorkspaceId,
    ) -> Result<(), Error> {
        let command = JoinByRule {
            workspace,
            name: name("Somebody known"),
            zone: Zone::parse("Europe/Paris").unwrap(),
            locale: Locale::EnGb,
        };
        self.app().join_by_rule(self.request(), session, command).await
    }

    /// Somebody the directory knows, who belongs nowhere.
    pub(super) async fn outsider(&self, address: &str) -> UserId {
        let address = EmailAddress::parse(address).unwrap();
        self.app().find_or_create_person(self.request(), address).await.unwrap()
    }

    /// Has somebody belong to a workspace of their own, as far as the directory knows.
    pub(super) async fn enter_directory(&self, user: UserId) {
        let id = WorkspaceId::from_uuid(user.uuid());
        self.stage
            .directory(move |op| {
                insert_workspace(op, id)?;
                mark_workspace_ready(op, id)?;
                add_membership(op, user, id, MemberId::from_uuid(user.uuid()))
            })
            .await;
    }

    /// Somebody with a workspace elsewhere, who signs in with a code from a mail.
    pub(super) async fn show(&self, address: &str) -> Session {
        let user = self.outsider(address).await;
        if user != self.owner {
            self.enter_directory(user).await;
        }
        let secret = self.app().draw_secret();
        let cookie = hash_secret(secret.expose()).unwrap();
        let letters = self.ask_in(cookie, address).await;
        let lines = letters[0].letter.body().lines().map(str::trim);
        let mut codes = lines.filter(|line| line.len() == 9 && line.contains('-'));
        let code = codes.next().unwrap().to_owned();
        let signed_in = self
            .stage
            .directory(move |op| sign_in_with_code(op, &cookie, &code, &Origin::default()))
            .await;
        let SignIn::Opened(opened) = signed_in else { panic!("not signed in") };
        let hash = hash_secret(opened.secret.expose()).unwrap();
        self.stage.directory(move |op| find_session(op, &hash)).await.unwrap()
    }

    /// The session of somebody who has just joined.
    pub(super) async fn session_of(&self, user: UserId) -> Session {
        self.open_session(user, Method::Password).await
    }

    /// Somebody whose address was typed by who set a workspace up, and has a password.
    pub(super) async fn typed(&self, address: &str) -> Session {
        let user = self.outsider(address).await;
        self.open_session(user, Method::Password).await
    }

    async fn open_session(&self, user: UserId, method: Method) -> Session {
        let open = app::identity::OpenSession { user, method, second: None, remember: false };
        let opened = self
            .stage
            .directory(move |op| app::identity::open_session(op, open, &Origin::default()))
            .await;
        let hash = hash_secret(opened.secret.expose()).unwrap();
        self.stage.directory(move |op| find_session(op, &hash)).await.unwrap()
    }

    pub(super) async fn member_of(&self, user: UserId) -> MemberId {
        let me = self.app().read(self.stage.actor(user), self.workspace, |op| Ok(op.me().member));
        me.await.unwrap()
    }

    pub(super) async fn role_of(&self, user: UserId) -> String {
        let me = self.app().read(self.stage.actor(user), self.workspace, |op| Ok(op.me().role));
        me.await.unwrap().as_str().to_owned()
    }

    /// Whether the record says so.
    pub(super) async fn joined_by_rule(&self, user: UserId) -> bool {
        let member = self.member_of(user).await;
        let sql = "SELECT facts FROM events WHERE object_id = $1 AND kind = 'member.joined'";
        let rows = self.rows(self.workspace, sql, vec![member.into()]).await;
        let facts: Vec<u8> = rows.last().unwrap().get(0).unwrap();
        facts.windows(7).any(|part| part == b"by_rule")
    }

    pub(super) async fn count_joins(&self) -> i64 {
        let rows = self.rows(self.workspace, "SELECT COUNT(*) FROM rule_joins", Vec::new()).await;
        rows[0].get(0).unwrap()
    }

    pub(super) async fn rows(
        &self,
        workspace: WorkspaceId,
        sql: &'static str,
        values: Vec<store::Value>,
    ) -> Vec<Row> {
        let database = self.app().store().workspace(workspace).await.unwrap();
        let found: Result<_, StoreError> =
            database.read(move |tx| tx.query(&Statement::new("test.rows", sql), &values)).await;
        found.unwrap()
    }

    pub(super) async fn run(&self, sql: &'static str, values: Vec<store::Value>) {
        let database = self.app().store().workspace(self.workspace).await.unwrap();
        let done: Result<u64, StoreError> =
            database.write(move |tx| tx.execute(&Statement::new("test.run", sql), &values)).await;
        done.unwrap();
    }

    /// Rows of what an asking writes, and how many lengths of offers there are.
    pub(super) async fn count_rows(&self) -> [i64; 4] {
        let sql = "SELECT (SELECT COUNT(*) FROM login_attempts), (SELECT COUNT(*) FROM outbox),
                          (SELECT COUNT(*) FROM join_offers),
                          (SELECT COUNT(DISTINCT LENGTH(offer_sealed)) FROM join_offers
                           WHERE created_at = (SELECT MAX(created_at) FROM join_offers))";
        let directory = self.app().store().directory();
        let found: Result<Vec<Row>, StoreError> =
            directory.read(move |tx| tx.query(&Statement::new("test.rows", sql), &[])).await;
        let rows = found.unwrap();
        [0, 1, 2, 3].map(|at| rows[0].get(at).unwrap())
    }

    pub(super) async fn domains_kept(&self) -> i64 {
        let sql = "SELECT COUNT(*) FROM join_domains";
        let directory = self.app().store().directory();
        let found: Result<Row, StoreError> =
            directory.read(move |tx| tx.one(&Statement::new("test.rows", sql), &[])).await;
        found.unwrap().get(0).unwrap()
    }

    /// All databases, whatever the engine.
    pub(super) async fn bytes(&self) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        self.app().copy_databases_into(folder.path().to_owned()).await.unwrap();
        let mut folders = vec![folder.path().to_owned()];
        let mut bytes = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    bytes.extend(std::fs::read(path).unwrap());
                }
            }
        }
        bytes
    }
}

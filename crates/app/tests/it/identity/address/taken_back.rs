//! What goes with a change of address that is stopped, and what stays: every kind of factor, made before and
//! after the asking, with a change that was carried out and one that was not.

use app::{
    actor::Scope,
    identity::{
        Second, add_passkey, approve_grant, get_enrolled, get_pending, make_recovery_codes,
        password::{ChangePassword, Secret, find_password},
        set_mail_second, set_passkey_always, start_grant,
    },
    token::{CreateToken, create_token, was_revoked},
};
use domain::{ids::TokenId, password::Expected, text::Name};
use store::Statement;
use testkit::{PASSKEY_ORIGIN, SoftPasskey};

use super::*;

/// Somebody with all that one can sign in by.
struct Equipped {
    half: AuthenticatorId,
    token: TokenId,
    device_code: String,
}

fn name() -> Name {
    Name::parse("What it is").unwrap()
}

impl Mover {
    /// A session that has shown something strong: what is asked for once there is a passkey.
    async fn strong_session(&self) -> (Session, [u8; 32]) {
        let (user, method) = (self.user, Method::MailCode);
        let open = OpenSession { user, method, second: Some(Second::Totp), remember: false };
        let opened = self
            .stage
            .directory(move |op| {
                let new = open_session(op, open, &here())?;
                let hash = hash_secret(new.secret.expose()).unwrap();
                Ok((find_session(op, &hash)?.unwrap(), hash))
            })
            .await;
        self.post().await;
        opened
    }

    /// Sets one of each up.
    async fn equip(&self, session: Session, hash: [u8; 32]) -> Equipped {
        let app = self.stage.app();
        let id = self.start_app(session).await;
        self.confirm_app(session, id).await;
        self.stage.directory(move |op| make_recovery_codes(op, &session, &here())).await;
        let half = self.start_app(session).await;
        self.stage.directory(move |op| set_mail_second(op, &session, true, &here())).await;
        let connected = move |op: &mut app::DirectoryOp| {
            let provider = Which { id: op.new_id(), workspace: None };
            connect(op, &session, &Account { provider, subject: "ann".to_owned() }, &here())
        };
        self.stage.directory(connected).await;
        let options = app.begin_passkey(app.new_request(), session, hash).await.unwrap();
        let answer = SoftPasskey::new(PASSKEY_ORIGIN).create(&options);
        self.stage
            .directory(move |op| add_passkey(op, &session, &hash, (&name(), &answer), &here()))
            .await;
        self.stage.directory(move |op| set_passkey_always(op, &session, true, &here())).await;
        let password = ChangePassword {
            user: self.user,
            session: session.id,
            login: session.login(),
            is_proven: true,
            current: None,
            new: Secret::new("violet harbour 7 owls".to_owned()),
            expected: Expected::default(),
            end_others: false,
            origin: here(),
        };
        app.change_password(app.new_request(), password).await.unwrap();
        let token = self.make_token(self.user).await;
        let (user, workspace) = (self.user, self.workspace);
        let grant = self.stage.directory(|op| start_grant(op, &name())).await;
        let code = grant.user_code.expose().clone();
        self.stage.directory(move |op| approve_grant(op, &code, user, workspace, 30)).await;
        self.post().await;
        Equipped { half, token, device_code: grant.device_code.expose().clone() }
    }

    async fn make_token(&self, user: UserId) -> TokenId {
        let command = CreateToken {
            id: None,
            name: name(),
            scope: Scope::Full,
            expires_in_days: 30,
            networks: Vec::new(),
            body: None,
        };
        let (app, actor) = (self.stage.app(), self.stage.actor(user));
        let made = app.write(actor, self.workspace, move |op| create_token(op, command.clone()));
        made.await.unwrap().token.id
    }

    async fn has_token(&self, user: UserId, token: TokenId) -> bool {
        let actor = self.stage.actor(user);
        let found = self.stage.app().read(actor, self.workspace, move |op| {
            let me = op.me().member;
            was_revoked(op, token, me)
        });
        !found.await.unwrap()
    }

    /// Of each kind whether it is still there.
    async fn kept(&self, of: &Equipped) -> Vec<(&'static str, bool)> {
        let (user, half) = (self.user, of.half);
        let enrolled = self.stage.directory(move |op| get_enrolled(op, user)).await;
        let links = self.stage.directory(move |op| list_links(op, user)).await;
        let password = self.stage.directory(move |op| find_password(op, user)).await;
        let (session, _) = self.strong_session().await;
        let app = self.stage.app();
        let pending = app
            .write_directory(app.new_request(), move |op| get_pending(op, &session, half).map(drop))
            .await;
        let collected = app.collect_token(app.new_request(), of.device_code.clone(), &here()).await;
        vec![
            ("app", enrolled.has_app()),
            ("app half set up", pending.is_ok()),
            ("passkey", enrolled.passkeys > 0),
            ("passkey always asked for", enrolled.passkey_always),
            ("code by mail", enrolled.has_mail),
            ("recovery codes", enrolled.recovery_codes > 0),
            ("account at a provider", !links.is_empty()),
            ("password", password.is_some()),
            ("API token", self.has_token(user, of.token).await),
            ("program let in", collected.is_ok()),
        ]
    }

    /// How often this was recorded in the directory.
    async fn acts(&self, kind: &'static str) -> usize {
        let text = "SELECT 1 FROM directory_events WHERE kind = $1";
        let statement = Statement::new("test.acts", text);
        let directory = self.stage.app().store().directory();
        let found: Result<usize, store::StoreError> =
            directory.read(move |tx| Ok(tx.query(&statement, &[kind.into()])?.len())).await;
        found.unwrap()
    }

    /// How often this was recorded in the workspace.
    pub(super) async fn events(&self, kind: &'static str) -> usize {
        let statement = Statement::new("test.events", "SELECT 1 FROM events WHERE kind = $1");
        let database = self.stage.app().store().workspace(self.workspace).await.unwrap();
        let found: Result<usize, store::StoreError> =
            database.read(move |tx| Ok(tx.query(&statement, &[kind.into()])?.len())).await;
        found.unwrap()
    }
}

async fn stopped(world: World, is_carried_out: bool, is_after: bool) {
    let ann = Mover::new(world).await;
    let bob = ann.stage.guest(ann.user, ann.workspace, "bob@example.org").await;
    ann.post().await;
    let (session, hash) = ann.strong_session().await;
    let mut equipped = None;
    if !is_after {
        equipped = Some(ann.equip(session, hash).await);
        ann.wait_s(60);
    }
    let (code, _, stop) = ann.asked(&session, NEW).await;
    if is_carried_out {
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        ann.post().await;
    }
    let equipped = match equipped {
        Some(equipped) => equipped,
        None => ann.equip(session, hash).await,
    };
    let bobs = ann.make_token(bob).await;
    ann.post().await;
    ann.stop(&stop).await.unwrap();
    assert_eq!(ann.address().await, ANN);
    assert!(ann.has_token(bob, bobs).await, "nobody else's");
    let told = ann.post().await;
    let body = told.iter().find(|it| it.letter.to().as_str() == ANN).unwrap();
    assert_eq!(body.letter.body().contains("API tokens."), is_carried_out);
    for (kind, is_kept) in ann.kept(&equipped).await {
        // What waits for its first code could be finished by whoever saw its seed.
        let is_half = kind == "app half set up";
        let wanted = !is_carried_out || (!is_after && !is_half);
        let when = if is_after { "after" } else { "before" };
        assert_eq!(is_kept, wanted, "{kind}, {when} the asking; done: {is_carried_out}");
    }
    let is_removed = is_carried_out && is_after;
    for (kind, once) in [
        ("password.removed", 1),
        ("factor.removed", 3),
        ("recovery_codes.removed", 1),
        ("provider.unlinked", 1),
        ("grant.denied", 1),
    ] {
        let expected = if is_removed { once } else { 0 };
        assert_eq!(ann.acts(kind).await, expected, "{kind}");
    }
    assert_eq!(ann.acts("factor.changed").await, 1 + usize::from(is_removed));
    let revoked = ann.events("token.revoked").await;
    assert_eq!(revoked, usize::from(is_removed));
}

#[test]
fn what_stopping_removes_is_what_was_set_up_since_a_change_that_was_carried_out() {
    for (is_carried_out, is_after) in [(false, false), (false, true), (true, false), (true, true)] {
        both(|world| stopped(world, is_carried_out, is_after));
    }
}

/// New codes may be known to somebody, also where the app they stand in for stays.
#[test]
fn recovery_codes_made_since_go_also_where_the_app_stays() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let session = ann.session().await;
        let id = ann.start_app(session).await;
        ann.confirm_app(session, id).await;
        ann.wait_s(60);
        ann.post().await;
        let (code, _, stop) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        ann.stage.directory(move |op| make_recovery_codes(op, &session, &here())).await;
        ann.post().await;
        ann.stop(&stop).await.unwrap();
        let user = ann.user;
        let enrolled = ann.stage.directory(move |op| get_enrolled(op, user)).await;
        assert_eq!((enrolled.has_app(), enrolled.recovery_codes), (true, 0));
    });
}

/// The tokens are the workspaces': what a crash leaves is the sweeper's.
#[test]
fn tokens_made_since_are_revoked_also_after_a_crash() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let old = ann.make_token(ann.user).await;
        ann.wait_s(60);
        let session = ann.session().await;
        let (code, _, stop) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        let new = ann.make_token(ann.user).await;
        ann.stage.cut("address.stopped", ann.stop(&stop)).await;
        assert!(ann.has_token(ann.user, new).await, "not yet");
        ann.stage.sweep().await;
        assert_eq!(ann.address().await, ANN);
        assert!(!ann.has_token(ann.user, new).await);
        assert!(ann.has_token(ann.user, old).await);
        assert_eq!(ann.events("token.revoked").await, 1);
    });
}

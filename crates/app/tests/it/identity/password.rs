//! Passwords: the checks T-PW that are operations, their numbers in the names, and what of T-BRUTE is
//! about passwords.

mod choosing;
mod door;
mod guessing;
mod hashing;

use app::{
    Error,
    identity::{
        ClaimedLetter, Origin, SignIn, Solution, hash_secret, mark_known_device,
        password::{ChangePassword, PasswordTried, SignInWithPassword},
    },
};
use domain::{
    ids::{SessionId, UserId},
    password::Expected,
    text::EmailAddress,
};
use store::Statement;
use vault::Secret;

use super::desk::{Desk, opened};

pub(super) const ANN: &str = "ann@example.org";
pub(super) const NOBODY: &str = "nobody@example.org";
pub(super) const GOOD: &str = "violet harbour 7 owls";
pub(super) const OTHER: &str = "quiet lamps over wet roofs";

/// A browser: its login cookie, where it is, and its mark if it is known.
#[derive(Clone)]
pub(super) struct Browser {
    cookie: [u8; 32],
    network: String,
    mark: String,
}

/// Somebody who is signed in.
#[derive(Clone, Copy)]
pub(super) struct Home {
    pub(super) user: UserId,
    session: SessionId,
    /// A remembered browser's goes on over its sessions.
    login: uuid::Uuid,
}

impl Desk {
    pub(super) fn stranger(&self, network: &str) -> Browser {
        let secret = self.world.app.draw_secret();
        let cookie = hash_secret(secret.expose()).unwrap();
        Browser { cookie, network: network.to_owned(), mark: String::new() }
    }

    pub(super) async fn known(&self, user: UserId) -> Browser {
        let mark = self.ok(move |op| mark_known_device(op, user)).await;
        Browser { mark: mark.expose().clone(), ..self.stranger("192.0.2.200") }
    }

    /// Somebody with a workspace and a session of a code.
    async fn home(&self, address: &str) -> Home {
        let user = self.person(address).await;
        let browser = self.browser("192.0.2.100");
        let (code, _) = self.ask_and_read(&browser, address).await;
        let session = opened(self.enter(&browser, &code).await);
        Home { user, session: session.id, login: session.id.uuid() }
    }

    /// Somebody with a password.
    pub(super) async fn with_password(&self, address: &str, password: &str) -> Home {
        let home = self.home(address).await;
        self.choose(home, None, password).await.unwrap();
        self.post().await;
        home
    }

    async fn choose(&self, home: Home, current: Option<&str>, new: &str) -> Result<(), Error> {
        self.change(home, current, new, current.is_none(), false).await
    }

    async fn change(
        &self,
        home: Home,
        current: Option<&str>,
        new: &str,
        is_proven: bool,
        end_others: bool,
    ) -> Result<(), Error> {
        let app = &self.world.app;
        let command = self.changing(home, current, new, is_proven, end_others);
        app.change_password(app.new_request(), command).await
    }

    #[expect(clippy::unused_self, reason = "it reads as what happens at this desk")]
    fn changing(
        &self,
        home: Home,
        current: Option<&str>,
        new: &str,
        is_proven: bool,
        end_others: bool,
    ) -> ChangePassword {
        let secret = |text: &str| Secret::new(text.to_owned());
        ChangePassword {
            user: home.user,
            session: home.session,
            login: home.login,
            is_proven,
            current: current.map(secret),
            new: secret(new),
            expected: Expected::default().with_name("Café Nord").with_name("Ann Lee"),
            end_others,
            origin: Origin::default(),
        }
    }

    #[expect(clippy::unused_self, reason = "it reads as what happens at this desk")]
    pub(super) fn attempt(
        &self,
        browser: &Browser,
        address: &str,
        password: &str,
    ) -> SignInWithPassword {
        SignInWithPassword {
            address: EmailAddress::parse(address).unwrap(),
            password: Secret::new(password.to_owned()),
            cookie_hash: browser.cookie,
            device: browser.mark.clone(),
            network: browser.network.clone(),
            remember: false,
            origin: Origin::default(),
            solution: Solution::default(),
        }
    }

    pub(super) async fn knock(
        &self,
        browser: &Browser,
        address: &str,
        password: &str,
    ) -> PasswordTried {
        let app = &self.world.app;
        let attempt = self.attempt(browser, address, password);
        app.sign_in_with_password(app.new_request(), attempt).await.unwrap()
    }

    pub(super) async fn is_let_in(&self, browser: &Browser, address: &str, password: &str) -> bool {
        match self.knock(browser, address, password).await {
            PasswordTried::Passed(SignIn::Opened(_), Some(_)) => true,
            PasswordTried::Wrong => false,
            other => panic!("{other:?}"),
        }
    }

    /// Guesses from new browsers all over the world; how many were held against the password.
    async fn guess(&self, address: &str, from: usize, times: usize) {
        for n in from..from + times {
            let browser = self.stranger(&format!("198.51.{}.{}", n / 250, n % 250));
            assert!(!self.is_let_in(&browser, address, "a wrong password").await);
        }
    }

    pub(super) async fn looked_at(&self) -> i64 {
        self.count(
            "SELECT CAST(COALESCE(SUM(total), 0) AS BIGINT) FROM lockouts WHERE kind = 'password'",
        )
        .await
    }

    pub(super) async fn kinds(&self, kind: &str) -> usize {
        let rows = self.query("SELECT kind FROM directory_events").await;
        rows.iter().filter(|row| row.get::<String>(0).unwrap() == kind).count()
    }
}

fn code_of(refused: Result<(), Error>) -> (&'static str, &'static str) {
    match refused {
        Err(Error::Invalid(fields)) => (fields.0[0].field, fields.0[0].code),
        other => panic!("{other:?}"),
    }
}

fn subjects(post: &[ClaimedLetter]) -> Vec<&str> {
    post.iter().map(|letter| letter.letter.subject()).collect()
}

async fn write(desk: &Desk, sql: &'static str) {
    let directory = desk.world.app.store().directory();
    let written: Result<_, store::StoreError> =
        directory.write(move |tx| tx.execute(&Statement::new("test.write", sql), &[])).await;
    written.unwrap();
}

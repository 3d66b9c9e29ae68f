//! Signing in by a provider, and by providers that lie: the numbers are those of T-OIDC in `security.md`.

mod issuer;
mod lies;
mod logout;
mod place;
mod quota;
mod reach;
mod step;
mod way;

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use app::{
    identity::claim_due_letters,
    provider::{AddProvider, NewSettings, add_provider, read_secret},
};
use clap::Parser;
use domain::{
    ids::{ProviderId, WorkspaceId},
    provider::Issuer as Name,
};
use server::{
    config::Config,
    router::router,
    state::{Providers, Server},
};

use self::issuer::{Issuer, Sent};
use crate::{
    process::code_in,
    support::{Answer, Api, both},
    visit::{Browser, directory, somebody},
};

/// A world with a provider that the owner has set up.
pub(crate) struct Scene {
    pub(crate) api: Api,
    pub(crate) issuer: Issuer,
    pub(crate) provider: ProviderId,
    /// How long a provider has to answer, in seconds.
    pub(crate) timeout_s: u64,
    pub(crate) server: Option<Server>,
    /// What the operator lets be reached.
    reach: Vec<String>,
    folder: tempfile::TempDir,
}

/// Settings of a provider as it is mostly set up.
fn settings(asks_second: bool, classes: &str) -> NewSettings {
    NewSettings {
        label: "Example ID".to_owned(),
        client_id: "timeproof".to_owned(),
        asks_second,
        classes: classes.to_owned(),
    }
}

impl Scene {
    pub(crate) async fn open(api: Api) -> Self {
        Self::with(api, false, "").await
    }

    /// With a provider that has to tell of a second factor, or not.
    pub(crate) async fn with(api: Api, asks_second: bool, classes: &str) -> Self {
        let clock = api.world.clock.clone();
        let issuer = Issuer::open(move || app::clock::Clock::now(&*clock).as_second()).await;
        let folder = tempfile::tempdir().unwrap();
        let provider = ProviderId::from_bytes([0; 16]);
        let reach = vec![issuer.authority.clone()];
        let mut scene = Self { api, issuer, provider, timeout_s: 1, server: None, reach, folder };
        scene.serve("");
        let workspace = scene.api.world.workspace;
        scene.provider = scene.add(workspace, "owner", settings(asks_second, classes)).await;
        scene
    }

    /// Serves the world, with a file of providers that reaches the issuer.
    pub(crate) fn serve(&mut self, more: &str) {
        #[derive(Parser)]
        struct Arguments {
            #[command(flatten)]
            config: Config,
        }
        let file = self.file("providers.toml");
        let text = format!("reach = {:?}\ntimeout_s = {}\n{more}", self.reach, self.timeout_s);
        std::fs::write(&file, text).unwrap();
        let config =
            Arguments::parse_from(["timeproof", "--providers", file.to_str().unwrap()]).config;
        config.check().unwrap();
        let providers = Providers::read(&config).unwrap();
        let server = Server::new(self.api.world.app.clone(), Arc::new(config), providers);
        self.api.router = router(server.clone());
        self.server = Some(server);
    }

    /// Another provider beside the first; the server is started anew to reach it.
    pub(crate) async fn another(&mut self) -> Issuer {
        let clock = self.api.world.clock.clone();
        let issuer = Issuer::open(move || app::clock::Clock::now(&*clock).as_second()).await;
        self.reach.push(issuer.authority.clone());
        self.serve("");
        issuer
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sets the provider up in a workspace.
    pub(crate) async fn add(
        &self,
        workspace: WorkspaceId,
        who: &str,
        settings: NewSettings,
    ) -> ProviderId {
        let added = self.add_at(&self.issuer, None, (workspace, who), settings).await;
        added.unwrap()
    }

    /// Sets a provider of this issuer up, with an id of one's own or none.
    pub(crate) async fn add_at(
        &self,
        issuer: &Issuer,
        id: Option<ProviderId>,
        (workspace, who): (WorkspaceId, &str),
        settings: NewSettings,
    ) -> Result<ProviderId, app::Error> {
        let (app, actor) = (&self.api.world.app, self.api.world.actor(who));
        app.prepare_provider_secrets(actor, workspace).await.unwrap();
        let issuer = Name::parse(&issuer.url).unwrap();
        let secret = read_secret("a secret").unwrap();
        let new = AddProvider { id, issuer, settings, secret, body: None };
        let added = app.write(actor, workspace, move |op| add_provider(op, &new)).await;
        added.map(|added| added.into_inner().id)
    }

    pub(crate) fn start(&self) -> String {
        format!("/sign-in/provider/{}/{}", self.api.world.workspace, self.provider)
    }

    pub(crate) fn callback(&self) -> String {
        format!("/sign-in/provider/{}/callback", self.api.world.workspace)
    }

    /// Sets out to the provider.
    pub(crate) async fn leave(&self, browser: &mut Browser<'_>) -> Sent {
        let today = browser.page("today");
        sent(&self.set_out(browser, &today).await)
    }

    /// Presses the button that sets out to the provider.
    pub(crate) async fn set_out(&self, browser: &mut Browser<'_>, next: &str) -> Answer {
        press(browser, &self.start(), next).await
    }

    /// Comes back from it, as it answers.
    pub(crate) async fn come(&self, browser: &mut Browser<'_>, sent: &Sent) -> Answer {
        let code = self.issuer.code(sent);
        self.come_with(browser, &[("code", &code), ("state", &sent.state)]).await
    }

    pub(crate) async fn come_with(
        &self,
        browser: &mut Browser<'_>,
        query: &[(&str, &str)],
    ) -> Answer {
        let query = serde_urlencoded::to_string(query).unwrap();
        browser.get(&format!("{}?{query}", self.callback())).await
    }

    /// There and back.
    pub(crate) async fn try_it(&self, browser: &mut Browser<'_>) -> Answer {
        let sent = self.leave(browser).await;
        self.come(browser, &sent).await
    }

    /// There and back for the first time, with the code of the letter.
    pub(crate) async fn connect(&self, browser: &mut Browser<'_>) {
        let asked = self.try_it(browser).await;
        assert_eq!(asked.status, 200, "{}", asked.text());
        let code = self.code().await;
        let entered = browser.post("/sign-in/code", &[("code", &code)]).await;
        assert_eq!(entered.status, 303, "{}", entered.text());
    }

    /// The code of the only letter that waits.
    pub(crate) async fn code(&self) -> String {
        let letters = self.letters().await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        code_in(&letters[0])
    }

    /// The letters that went out since the last look.
    pub(crate) async fn letters(&self) -> Vec<String> {
        let claimed = directory(&self.api, |op| claim_due_letters(op, 50)).await.letters;
        claimed.into_iter().map(|claimed| claimed.letter.body().to_owned()).collect()
    }
}

/// Presses the button of the page at which one sets out to a provider.
pub(crate) async fn press(browser: &mut Browser<'_>, start: &str, next: &str) -> Answer {
    assert_eq!(browser.get(start).await.status, 200);
    browser.post(start, &[("next", next)]).await
}

/// What a browser is sent with: it goes on by itself, and the page has the same as a link.
pub(crate) fn sent(answer: &Answer) -> Sent {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let place = answer.header("refresh").strip_prefix("0;url=").unwrap().to_owned();
    let shown = place.replace('&', "&#38;");
    assert!(answer.text().contains(&format!("href=\"{shown}\"")), "{}", answer.text());
    let query = place.split_once('?').unwrap().1.to_owned();
    let query: HashMap<String, String> = serde_urlencoded::from_str(&query).unwrap();
    Sent {
        state: query["state"].clone(),
        nonce: query["nonce"].clone(),
        challenge: query["code_challenge"].clone(),
        redirect_uri: query["redirect_uri"].clone(),
        query,
    }
}

#[test]
fn an_account_is_connected_by_a_code_once_and_signs_in_from_then_on() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        let mut browser = Browser::new(&scene.api);
        let today = browser.page("today");
        // The page of signing in offers it, on the way to that workspace alone.
        let page = browser.get(&format!("/sign-in?next={today}")).await.text();
        assert!(
            page.contains("Sign in with Example ID") && page.contains(&scene.start()),
            "{page}"
        );
        assert!(!browser.get("/sign-in").await.text().contains("Example ID"));

        let first = scene.try_it(&mut browser).await;
        assert_eq!(first.status, 200, "{}", first.text());
        assert!(
            first.text().contains("a code is on its way that connects the two"),
            "{}",
            first.text()
        );
        assert_eq!(browser.who().await, None, "never silently");
        let code = scene.code().await;
        let entered = browser.post("/sign-in/code", &[("code", &code)]).await;
        assert_eq!((entered.status.as_u16(), entered.header("location")), (303, today.as_str()));
        assert_eq!(browser.who().await, Some(ann));
        assert_eq!(browser.get(&today).await.status, 200);
        assert!(
            scene.letters().await.iter().any(|letter| letter.contains("was connected with you"))
        );

        // From then on in any browser, without a mail.
        let mut other = Browser::new(&scene.api);
        let again = scene.try_it(&mut other).await;
        assert_eq!((again.status.as_u16(), again.header("location")), (303, today.as_str()));
        assert_eq!(other.who().await, Some(ann));
        assert_eq!(other.get(&today).await.status, 200);
        assert!(!other.has("rm-8420") && !other.has("dev-8420"), "neither remembered nor marked");
    });
}

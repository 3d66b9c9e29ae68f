//! A workspace with an owner, an admin, a manager and two members.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use app::{
    Actor, App, Credential, Parts,
    clock::{Clock, FixedClock},
    identity::password::{Costs, Hashing, LONGEST_QUEUE},
    workspace::{FoundWorkspace, Newcomer},
};
use domain::{
    day::Zone,
    ids::{MemberId, UserId, WorkspaceId, uuid_v7},
    period::WeekStart,
    permission::Role,
    preference::{ClockFormat, Currency, Locale},
    text::{EmailAddress, Name},
};
use jiff::Timestamp;
use store::{Config, Store};
use vault::{FolderKeyring, Random, RootKey, SystemRandom, Vault, password::Cost};

use crate::postgres;

/// The address that the passkeys of a test world are made for.
pub const PASSKEY_ORIGIN: &str = "https://time.example";

/// Everything a test of operations needs.
pub struct World {
    /// The application.
    pub app: App,
    /// Stands at 2026-11-20 12:00:00 UTC, a Friday, until it is set.
    pub clock: Arc<FixedClock>,
    /// A workspace with everybody in it.
    pub workspace: WorkspaceId,
    /// Another one, whose only member is somebody else.
    pub elsewhere: WorkspaceId,
    /// `owner`, `admin`, `manager`, `member`, `other` (a second member) and `stranger` (owner of
    /// the other workspace).
    pub people: HashMap<&'static str, Person>,
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    pub(crate) config: Config,
    folder: tempfile::TempDir,
}

/// A person of the test world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// The person.
    pub user: UserId,
    /// The member they are.
    pub member: MemberId,
}

/// Runs a test on each engine chosen by `TIMEPROOF_TEST_ENGINE` (`sqlite`, `postgres`, else both).
///
/// # Panics
/// When the test does.
pub fn both<F: Future<Output = ()>>(test: impl Fn(World) -> F) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for engine in engines() {
        println!("on {engine}");
        runtime.block_on(async { test(World::open(engine).await).await });
    }
}

/// The engines chosen by `TIMEPROOF_TEST_ENGINE`.
#[expect(clippy::disallowed_methods, reason = "tests are configured by their environment")]
pub fn engines() -> Vec<&'static str> {
    let all = ["sqlite", "postgres"];
    let chosen = std::env::var("TIMEPROOF_TEST_ENGINE").unwrap_or_default();
    let is_chosen = |engine: &&str| chosen == **engine || !all.contains(&chosen.as_str());
    all.into_iter().filter(is_chosen).collect()
}

impl World {
    /// Opens a world on an engine.
    ///
    /// # Panics
    /// When anything fails.
    pub async fn open(engine: &'static str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = config(engine, folder.path());
        let clock = Arc::new(FixedClock::new(start()));
        let app = open_app(config.clone(), folder.path(), clock.clone()).await;
        let ids = Ids(&app);
        let (workspace, elsewhere) = (ids.workspace(), ids.workspace());
        let mut people = HashMap::new();
        for name in ["owner", "admin", "manager", "member", "other", "stranger"] {
            people.insert(name, Person { user: ids.user(), member: ids.member() });
        }
        let world = Self { app, clock, workspace, elsewhere, people, engine, config, folder };
        world.found(workspace, "owner").await;
        world.found(elsewhere, "stranger").await;
        for (name, role) in [
            ("admin", Role::Admin),
            ("manager", Role::Manager),
            ("member", Role::Member),
            ("other", Role::Member),
        ] {
            let newcomer = world.newcomer(name);
            let request = world.app.new_request();
            world.app.admit(request, workspace, newcomer, role).await.expect("admit");
        }
        world
    }

    /// Another node on the same databases. Neither hears of what the other changes.
    pub async fn another_app(&self) -> App {
        open_app(self.config.clone(), self.folder.path(), self.clock.clone()).await
    }

    /// As [`World::another_app`], where passwords are hashed in another way.
    ///
    /// # Panics
    /// When anything fails.
    pub async fn another_app_hashing(&self, hashing: Hashing) -> App {
        let (config, clock) = (self.config.clone(), self.clock.clone());
        open_app_with(config, self.folder.path(), clock, hashing).await
    }

    /// An actor who is signed in.
    ///
    /// # Panics
    /// When nobody has that name.
    pub fn actor(&self, name: &str) -> Actor {
        let user = self.people[name].user;
        Actor::new(Credential::Session(user), self.app.new_request())
    }

    /// A person's member id.
    ///
    /// # Panics
    /// When nobody has that name.
    pub fn member(&self, name: &str) -> MemberId {
        self.people[name].member
    }

    /// Sets the clock.
    ///
    /// # Panics
    /// When the text is not an RFC 3339 instant.
    pub fn set_clock(&self, at: &str) {
        self.clock.set(at.parse().expect("an instant"));
    }

    /// The instant of the test.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The same keys, as another process has them.
    ///
    /// # Panics
    /// When they cannot be read.
    pub fn another_vault(&self) -> Vault {
        open_vault(self.folder.path(), Arc::new(SystemRandom))
    }

    async fn found(&self, workspace: WorkspaceId, owner: &'static str) {
        let found = FoundWorkspace {
            id: workspace,
            name: Name::parse(&format!("Workspace of {owner}")).expect("name"),
            zone: berlin(),
            week_start: WeekStart::Monday,
            currency: Currency::EUR,
            owner: self.newcomer(owner),
        };
        self.app.found_workspace(self.app.new_request(), found).await.expect("found");
    }

    fn newcomer(&self, name: &str) -> Newcomer {
        let person = self.people[name];
        Newcomer {
            user: person.user,
            member: person.member,
            name: Name::parse(&format!("The {name}")).expect("name"),
            address: EmailAddress::parse(&format!("{name}@example.com")).expect("address"),
            zone: berlin(),
            week_start: WeekStart::Monday,
            locale: Locale::EnGb,
            clock_format: ClockFormat::H24,
        }
    }
}

struct Ids<'a>(&'a App);

impl Ids<'_> {
    fn uuid(&self) -> uuid::Uuid {
        let mut random = [0; 10];
        self.0.random().fill(&mut random);
        uuid_v7(self.0.clock().now(), random)
    }

    fn workspace(&self) -> WorkspaceId {
        WorkspaceId::from_uuid(self.uuid())
    }

    fn user(&self) -> UserId {
        UserId::from_uuid(self.uuid())
    }

    fn member(&self) -> MemberId {
        MemberId::from_uuid(self.uuid())
    }
}

fn berlin() -> Zone {
    Zone::parse("Europe/Berlin").expect("zone")
}

fn start() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().expect("an instant")
}

/// A database of its own on an engine.
///
/// # Panics
/// When the engine has another name.
pub fn config(engine: &str, folder: &Path) -> Config {
    match engine {
        "sqlite" => Config::Sqlite { folder: folder.to_path_buf() },
        "postgres" => {
            let mut random = [0; 6];
            SystemRandom.fill(&mut random);
            let prefix = random.iter().fold("t".to_owned(), |text, b| format!("{text}{b:02x}"));
            let url = postgres::cluster().url().to_owned();
            Config::Postgres { url, prefix, authority: None }
        }
        other => panic!("no engine {other}"),
    }
}

/// An application on a database, with its key and keyring in `folder`.
///
/// # Panics
/// When anything fails.
pub async fn open_app(config: Config, folder: &Path, clock: Arc<dyn Clock>) -> App {
    let cheap = Cost::new(8, 1).expect("a cost");
    let hashing = Hashing { at_once: 2, queue: LONGEST_QUEUE, costs: Costs::Fixed(cheap) };
    open_app_with(config, folder, clock, hashing).await
}

async fn open_app_with(
    config: Config,
    folder: &Path,
    clock: Arc<dyn Clock>,
    hashing: Hashing,
) -> App {
    let folder: PathBuf = folder.to_path_buf();
    let app = tokio::task::spawn_blocking(move || {
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let vault = open_vault(&folder, Arc::clone(&random));
        let store = Store::open(config, *b"testkit!").expect("store");
        App::new(Parts { store: Arc::new(store), vault: Arc::new(vault), clock, random })
    })
    .await
    .expect("opening the app");
    app.open_instance().await.expect("opening the instance");
    app.set_passkey_origin(PASSKEY_ORIGIN);
    app.set_hashing(hashing);
    app
}

fn open_vault(folder: &Path, random: Arc<dyn Random>) -> Vault {
    let (root, _) = RootKey::load_or_create(&folder.join("root.key"), &*random).expect("key");
    let copies = ["keyring-a", "keyring-b"].map(|name| -> Box<dyn vault::Keyring> {
        Box::new(FolderKeyring::open(folder.join(name)).expect("keyring"))
    });
    Vault::open(root, copies.into(), random).expect("vault")
}

//! What holds for every operation: none writes without recording an event, none writes in a read.

use std::sync::Arc;

use domain::{
    day::Zone,
    ids::{MemberId, UserId, WorkspaceId},
    period::WeekStart,
    preference::{ClockFormat, Currency, Locale},
    text::{EmailAddress, Name},
};
use jiff::Timestamp;
use store::{Statement, Store};
use vault::{FolderKeyring, Keyring, Random, RootKey, SystemRandom, Vault};

use super::Op;
use crate::{
    Actor, App, Credential, Error, Parts,
    audit::{Event, Kind},
    clock::FixedClock,
    workspace::{FoundWorkspace, Newcomer},
};

const RAISE: Statement =
    Statement { name: "test.raise", sql: "UPDATE workspace SET version = version + 1" };

const READ: Statement = Statement { name: "test.read", sql: "SELECT version FROM workspace" };

const COUNT: Statement = Statement { name: "test.count", sql: "SELECT count(*) FROM events" };

/// A workspace and its owner. What `testkit` makes is made of another build of this crate.
struct Place {
    app: App,
    workspace: WorkspaceId,
    owner: Actor,
    _folder: tempfile::TempDir,
}

fn both<F: Future<Output = ()>>(test: impl Fn(Place) -> F) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for engine in testkit::engines() {
        println!("on {engine}");
        let folder = tempfile::tempdir().unwrap();
        let app = app(engine, &folder);
        runtime.block_on(async { test(place(app, folder).await).await });
    }
}

fn app(engine: &str, folder: &tempfile::TempDir) -> App {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let path = folder.path();
    let (root, _) = RootKey::load_or_create(&path.join("root.key"), &*random).unwrap();
    let keyring: Box<dyn Keyring> = Box::new(FolderKeyring::open(path.join("keyring")).unwrap());
    let vault = Vault::open(root, vec![keyring], Arc::clone(&random)).unwrap();
    let store = Store::open(testkit::config(engine, path), *b"op-tests").unwrap();
    let clock = Arc::new(FixedClock::new("2026-11-20T12:00:00Z".parse::<Timestamp>().unwrap()));
    App::new(Parts { store: Arc::new(store), vault: Arc::new(vault), clock, random })
}

async fn place(app: App, folder: tempfile::TempDir) -> Place {
    let (workspace, user, member): (WorkspaceId, UserId, MemberId) =
        (app.new_id(), app.new_id(), app.new_id());
    let zone = Zone::parse("Europe/Berlin").unwrap();
    let owner = Newcomer {
        user,
        member,
        name: Name::parse("The owner").unwrap(),
        address: EmailAddress::parse("owner@example.com").unwrap(),
        zone: zone.clone(),
        week_start: WeekStart::Monday,
        locale: Locale::EnGb,
        clock_format: ClockFormat::H24,
    };
    let found = FoundWorkspace {
        id: workspace,
        name: Name::parse("A workspace").unwrap(),
        zone,
        week_start: WeekStart::Monday,
        currency: Currency::EUR,
        owner,
    };
    app.found_workspace(app.new_request(), found).await.unwrap();
    let owner = Actor::new(Credential::Session(user), app.new_request());
    Place { app, workspace, owner, _folder: folder }
}

impl Place {
    /// The workspace's version, and how many events it has.
    async fn look(&self) -> (i64, i64) {
        let look = |op: &mut Op| {
            let version = op.one(&READ, &[])?.get(0)?;
            Ok((version, op.one(&COUNT, &[])?.get(0)?))
        };
        self.app.read(self.owner, self.workspace, look).await.unwrap()
    }

    async fn write(
        &self,
        act: impl FnMut(&mut Op) -> Result<(), Error> + Send + 'static,
    ) -> Result<(), Error> {
        self.app.write(self.owner, self.workspace, act).await
    }
}

fn event(workspace: WorkspaceId) -> Event {
    Event::new(Kind::WorkspaceChanged, "workspace", workspace)
}

fn is_bug<T>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::Bug(_)))
}

#[test]
fn founding_is_recorded() {
    both(async |place| assert_eq!(place.look().await, (1, 2)));
}

#[test]
fn a_write_without_an_event_is_refused_and_undone() {
    both(async |place| {
        let silent = place.write(|op| op.execute(&RAISE, &[]).map(drop)).await;
        assert!(is_bug(&silent), "{silent:?}");
        assert_eq!(place.look().await, (1, 2));
        let id = place.workspace;
        let recorded = place.write(move |op| {
            op.execute(&RAISE, &[])?;
            op.record(event(id))
        });
        recorded.await.unwrap();
        assert_eq!(place.look().await, (2, 3));
        // The use of a token is no history.
        place.write(|op| op.execute_unrecorded(&RAISE, &[])).await.unwrap();
        assert_eq!(place.look().await, (3, 3));
        // Nor does it excuse another write.
        let silent = place.write(|op| {
            op.execute(&RAISE, &[])?;
            op.execute_unrecorded(&RAISE, &[])
        });
        assert!(is_bug(&silent.await));
        assert_eq!(place.look().await, (3, 3));
    });
}

#[test]
fn who_fails_after_an_event_leaves_neither() {
    both(async |place| {
        let id = place.workspace;
        let failed = place.write(move |op| {
            op.execute(&RAISE, &[])?;
            op.record(event(id))?;
            Err(Error::Forbidden)
        });
        assert!(matches!(failed.await, Err(Error::Forbidden)));
        assert_eq!(place.look().await, (1, 2));
    });
}

#[test]
fn a_read_writes_nothing() {
    both(async |place| {
        let read = place.app.read(place.owner, place.workspace, |op| op.execute(&RAISE, &[])).await;
        assert!(is_bug(&read), "{read:?}");
        assert_eq!(place.look().await, (1, 2));
    });
}

#[test]
fn who_comes_over_the_threshold_without_an_event_leaves_nothing() {
    both(async |place| {
        let (id, owner) = (place.workspace, place.owner);
        let cross = place.app.cross_threshold(id, |threshold| threshold.execute(&RAISE, &[]));
        let silent = cross.await;
        assert!(is_bug(&silent), "{silent:?}");
        let cross = place.app.cross_threshold(id, move |threshold| {
            threshold.enter(owner, |op| op.execute(&RAISE, &[]).map(drop))
        });
        assert!(is_bug(&cross.await));
        assert_eq!(place.look().await, (1, 2));
        let cross = place.app.cross_threshold(id, move |threshold| {
            threshold.execute(&RAISE, &[])?;
            threshold.enter(owner, |op| op.record(event(id)))
        });
        cross.await.unwrap();
        assert_eq!(place.look().await, (2, 3));
    });
}

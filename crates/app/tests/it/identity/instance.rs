//! The keys of the instance.

use std::{path::Path, sync::Arc};

use app::{
    App, Parts,
    clock::FixedClock,
    identity::{InstanceError, find_person},
};
use domain::text::EmailAddress;
use store::{Config, Store};
use vault::{FolderKeyring, KeyKind, Keyring, Random, RootKey, SystemRandom, Vault};

fn open(store: &Arc<Store>, keys: &Path) -> App {
    std::fs::create_dir_all(keys).unwrap();
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let (root, _) = RootKey::load_or_create(&keys.join("root.key"), &*random).unwrap();
    let copy: Box<dyn Keyring> = Box::new(FolderKeyring::open(keys.join("keyring")).unwrap());
    let vault = Vault::open(root, vec![copy], Arc::clone(&random)).unwrap();
    App::new(Parts {
        store: Arc::clone(store),
        vault: Arc::new(vault),
        clock: Arc::new(FixedClock::new("2026-11-20T12:00:00Z".parse().unwrap())),
        random,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_stay_and_a_lost_keyring_is_found() {
    for engine in ["sqlite", "postgres"] {
        let folder = tempfile(engine);
        let config: Config = testkit::config(engine, &folder);
        let store = tokio::task::spawn_blocking(move || Store::open(config, *b"instance"))
            .await
            .unwrap()
            .unwrap();
        let store = Arc::new(store);
        let keys = folder.join("keys");
        let app = open(&store, &keys);
        let made = app.open_instance().await.unwrap();
        assert_eq!(app.open_instance().await.unwrap(), made);
        let address = EmailAddress::parse("ann@example.org").unwrap();
        let ann = app.find_or_create_person(app.new_request(), address.clone()).await.unwrap();

        // A key nobody came to need is newer, and not taken.
        app.vault().create_key(KeyKind::AddressIndex, [0; 16]).unwrap();
        drop(app);
        let app = open(&store, &keys);
        assert_eq!(app.open_instance().await.unwrap(), made);
        let found = app
            .read_directory(app.new_request(), move |op| find_person(op, &address))
            .await
            .unwrap();
        assert_eq!(found.unwrap().user, ann);
        drop(app);

        let empty = open(&store, &folder.join("other keys"));
        let refused = empty.open_instance().await;
        assert!(matches!(refused, Err(InstanceError::ForeignKeyring)));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

fn tempfile(engine: &str) -> std::path::PathBuf {
    let mut random = [0; 8];
    SystemRandom.fill(&mut random);
    let name = format!("timeproof-test-{engine}-{:x}", u64::from_be_bytes(random));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn people_asked_for_at_once_are_one() {
    for engine in ["sqlite", "postgres"] {
        let world = testkit::World::open(engine).await;
        let mut racing = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let app = world.app.clone();
            racing.spawn(async move {
                let address = EmailAddress::parse("ann@example.org").unwrap();
                app.find_or_create_person(app.new_request(), address).await
            });
        }
        let found = racing.join_all().await;
        let first = found[0].as_ref().unwrap();
        assert!(found.iter().all(|user| user.as_ref().unwrap() == first));
    }
}

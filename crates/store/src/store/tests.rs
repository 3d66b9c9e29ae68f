//! Files that are closed and opened again while many use them: never two writers of one file.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use uuid::Uuid;

use super::*;
use crate::{Statement, Value};

const MOST: NonZeroUsize = NonZeroUsize::new(2).unwrap();

const INSERT: Statement = Statement::new(
    "test.insert",
    "INSERT INTO tags (id, name_sealed, name_index, sealed_rev, created_at, version)
     VALUES ($1, $2, $2, 1, 0, 1)",
);

const COUNT: Statement = Statement::new("test.count", "SELECT count(*) FROM tags");

fn store(folder: &Path) -> Arc<Store> {
    let folder = folder.to_path_buf();
    Arc::new(Store::open_files(folder, *b"epoch000", MOST, Schema::Workspace).unwrap())
}

fn id(number: usize) -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(0x7000 << 64 | u128::try_from(number).unwrap()))
}

async fn insert(database: &Database, number: usize) -> Result<(), StoreError> {
    let key = Uuid::from_u128(u128::try_from(number).unwrap());
    let bytes = number.to_be_bytes().to_vec();
    database
        .write(move |tx| tx.execute(&INSERT, &[key.into(), bytes.clone().into()]).map(drop))
        .await
}

async fn count(database: &Database) -> i64 {
    let counted = database.read(|tx| -> Result<i64, StoreError> { tx.one(&COUNT, &[])?.get(0) });
    counted.await.unwrap()
}

/// How many connections this process has to the file of a workspace.
fn connections(store: &Store, id: WorkspaceId) -> usize {
    let Engine::Sqlite(files) = &store.engine else { panic!("not files") };
    let file = files.path(id).canonicalize().unwrap();
    let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    open.filter(|fd| std::fs::read_link(fd.path()).is_ok_and(|target| target == file)).count()
}

/// Waits until a file is closed: the leader of its last group may still be on its way out.
async fn closed(store: &Store, id: WorkspaceId) {
    for _ in 0..1_000_000 {
        if connections(store, id) == 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{id} stays open");
}

#[tokio::test]
async fn what_falls_out_is_closed_and_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    for number in 0..4 {
        store.create_workspace(id(number)).await.unwrap();
        insert(&store.workspace(id(number)).await.unwrap(), number).await.unwrap();
    }
    let open: Vec<bool> = (0..4).map(|number| store.is_open(id(number))).collect();
    assert_eq!(open, [false, false, true, true]);
    closed(&store, id(0)).await;
    for number in 0..4 {
        let database = store.workspace(id(number)).await.unwrap();
        insert(&database, 10).await.unwrap();
        assert_eq!(count(&database).await, 2);
    }
}

#[tokio::test]
async fn who_holds_a_file_shares_its_writer_with_who_opens_it_later() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    for number in 0..4 {
        store.create_workspace(id(number)).await.unwrap();
    }
    let held = store.workspace(id(0)).await.unwrap();
    for number in 1..4 {
        store.workspace(id(number)).await.unwrap();
    }
    assert!(!store.is_open(id(0)), "it fell out");
    assert_eq!(connections(&store, id(0)), 1, "and is in use");
    let again = store.workspace(id(0)).await.unwrap();
    store.close(id(0));
    let once_more = store.workspace(id(0)).await.unwrap();
    for (number, database) in [&held, &again, &once_more].into_iter().enumerate() {
        insert(database, number).await.unwrap();
    }
    assert_eq!(connections(&store, id(0)), 1, "one writer");
    drop((held, again, once_more));
    store.close(id(0));
    closed(&store, id(0)).await;
}

/// Nobody waits for a write any more, but it goes on: the file is not opened for a second writer.
#[tokio::test]
async fn a_writer_whose_callers_have_gone_is_still_the_only_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.create_workspace(id(0)).await.unwrap();
    let database = store.workspace(id(0)).await.unwrap();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (go_on, waits) = std::sync::mpsc::channel::<()>();
    let mut begun = Some(begun);
    let slow = tokio::spawn(async move {
        let written = database.write(move |tx| {
            if let Some(begun) = begun.take() {
                begun.send(()).unwrap();
            }
            waits.recv().unwrap();
            tx.execute(&INSERT, &[Uuid::from_u128(1).into(), Value::Bytes(vec![1])]).map(drop)
        });
        written.await
    });
    has_begun.await.unwrap();
    slow.abort();
    assert!(slow.await.unwrap_err().is_cancelled());
    store.close(id(0));
    let database = store.workspace(id(0)).await.unwrap();
    assert_eq!(connections(&store, id(0)), 1, "one writer");
    go_on.send(()).unwrap();
    insert(&database, 2).await.unwrap();
    assert_eq!(count(&database).await, 2, "what was begun is there too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_while_files_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    for number in 0..5 {
        store.create_workspace(id(number)).await.unwrap();
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let closing = std::thread::spawn({
        let (store, is_over) = (Arc::clone(&store), Arc::clone(&is_over));
        move || {
            while !is_over.load(Ordering::Relaxed) {
                store.close_unused();
                (0..5).for_each(|number| store.close(id(number)));
                std::thread::yield_now();
            }
        }
    });
    let next = Arc::new(AtomicUsize::new(0));
    let writing: Vec<_> = (0..8)
        .map(|_| {
            let (store, next) = (Arc::clone(&store), Arc::clone(&next));
            tokio::spawn(async move {
                for _ in 0..50 {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let database = store.workspace(id(number % 5)).await.unwrap();
                    insert(&database, number).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writing {
        writer.await.unwrap();
    }
    is_over.store(true, Ordering::Relaxed);
    closing.join().unwrap();
    for number in 0..5 {
        assert_eq!(count(&store.workspace(id(number)).await.unwrap()).await, 80);
        store.close(id(number));
    }
    let Engine::Sqlite(files) = &store.engine else { panic!("not files") };
    for number in 0..5 {
        assert_eq!(testkit::check_file(&files.path(id(number))), "ok");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn files_that_nobody_used_since_the_last_look_are_closed() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    for number in 0..2 {
        store.create_workspace(id(number)).await.unwrap();
        store.workspace(id(number)).await.unwrap();
    }
    store.close_unused();
    assert!(store.is_open(id(0)) && store.is_open(id(1)), "both were used");
    let busy = store.workspace(id(1)).await.unwrap();
    store.close_unused();
    assert!(!store.is_open(id(0)) && store.is_open(id(1)));
    // One that is held is not kept, and works on; who asks next gets the same.
    store.close_unused();
    assert!(!store.is_open(id(1)));
    insert(&busy, 1).await.unwrap();
    assert_eq!(count(&store.workspace(id(1)).await.unwrap()).await, 1);
    assert_eq!(connections(&store, id(1)), 2, "a writer and a reader");
}

/// A workspace begins as a copy of the template, which is made anew when it is not there.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_workspace_is_a_copy_of_the_template() {
    let folder = tempfile::tempdir().unwrap();
    let template = folder.path().join(format!("template-{}.db", Schema::Workspace.newest()));
    for number in 0..2 {
        let store = store(folder.path());
        let Engine::Sqlite(files) = &store.engine else { panic!("not files") };
        // Made once, however many ask at once.
        let makers: Vec<_> = (0..8)
            .map(|_| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { store.create_workspace(id(number)).await })
            })
            .collect();
        for maker in makers {
            maker.await.unwrap().unwrap();
        }
        let path = files.path(id(number));
        assert_eq!(std::fs::read(&path).unwrap(), std::fs::read(&template).unwrap());
        let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        let database = store.workspace(id(number)).await.unwrap();
        insert(&database, 1).await.unwrap();
        // Made again, it stays as it is.
        store.create_workspace(id(number)).await.unwrap();
        assert_eq!(count(&database).await, 1);
        assert!(!folder.path().join("template-draft.db").exists());
        std::fs::remove_file(&template).unwrap();
    }
}

//! The workspaces' files on SQLite: made, opened once, kept open for a while.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, Weak},
};

use domain::ids::WorkspaceId;
use lru::LruCache;
use tokio::sync::Semaphore;

use super::{OPENING_AT_ONCE, lock};
use crate::{Schema, StoreError, sqlite};

pub(super) struct Files {
    folder: PathBuf,
    template: Vec<u8>,
    marks: Arc<sqlite::Marks>,
    readers: Arc<Semaphore>,
    /// Held while a file is opened, which may take long after a crash: by the last byte of its id, so
    /// that two callers get the same writer, and other workspaces do not wait.
    opening: [Mutex<()>; OPENING_AT_ONCE],
    /// Never held while a file is opened or closed: every request takes it.
    open: Mutex<OpenFiles>,
    /// One file is made at a time: two who make the same one would write over each other.
    making: Mutex<()>,
}

struct OpenFiles {
    recent: LruCache<WorkspaceId, Kept>,
    /// Files that fell out of the cache but are still in use: a second writer on the same file would
    /// break group commit.
    all: HashMap<WorkspaceId, Weak<sqlite::Database>>,
}

/// A file that is kept open.
struct Kept {
    database: Arc<sqlite::Database>,
    /// Since the last [`Store::close_unused`].
    is_used: bool,
}

impl Files {
    /// The files below a folder, with what an empty one holds.
    pub(super) fn new(
        root: &Path,
        workspaces: Schema,
        most_open: NonZeroUsize,
        marks: Arc<sqlite::Marks>,
        readers: Arc<Semaphore>,
    ) -> Result<Self, StoreError> {
        let below = root.join("workspaces");
        if !below.exists() {
            sqlite::make_folder(&below)?;
        }
        Ok(Self {
            template: template(root, workspaces)?,
            folder: below,
            marks,
            readers,
            opening: Default::default(),
            open: Mutex::new(OpenFiles { recent: LruCache::new(most_open), all: HashMap::new() }),
            making: Mutex::default(),
        })
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.parent().unwrap_or(&self.folder)
    }

    pub(super) fn path(&self, id: WorkspaceId) -> PathBuf {
        workspace_file(self.root(), id)
    }

    pub(super) fn create(&self, id: WorkspaceId) -> Result<(), StoreError> {
        let _alone = lock(&self.making);
        let path = self.path(id);
        if path.exists() { Ok(()) } else { sqlite::create_file(&path, &self.template) }
    }

    fn opening(&self, id: WorkspaceId) -> Option<MutexGuard<'_, ()>> {
        let last = usize::from(id.uuid().as_bytes()[15]);
        self.opening.get(last % OPENING_AT_ONCE).map(lock)
    }

    /// Opens a file once.
    pub(super) fn open(
        &self,
        id: WorkspaceId,
        schema: Schema,
    ) -> Result<Arc<sqlite::Database>, StoreError> {
        let _alone = self.opening(id);
        let database = match self.find_open(id) {
            Some(database) => database,
            None => self.open_new(id, schema)?,
        };
        let mut open = lock(&self.open);
        open.all.retain(|_, database| database.strong_count() > 0);
        open.all.insert(id, Arc::downgrade(&database));
        let out = open.recent.push(id, Kept { database: Arc::clone(&database), is_used: true });
        // The one that falls out is closed when the lock is free again.
        drop(open);
        drop(out);
        Ok(database)
    }

    /// A file that is open, whether it is kept so or only still in use.
    fn find_open(&self, id: WorkspaceId) -> Option<Arc<sqlite::Database>> {
        let open = lock(&self.open);
        open.all.get(&id).and_then(Weak::upgrade)
    }

    fn open_new(
        &self,
        id: WorkspaceId,
        schema: Schema,
    ) -> Result<Arc<sqlite::Database>, StoreError> {
        let path = self.path(id);
        if !path.exists() {
            return Err(StoreError::NoSuchWorkspace);
        }
        let readers = Arc::clone(&self.readers);
        let marks = Arc::clone(&self.marks);
        sqlite::Database::open(path, schema, marks, readers).map(Arc::new)
    }

    /// A file that is kept open; it is used from now on.
    pub(super) fn use_open(&self, id: WorkspaceId) -> Option<Arc<sqlite::Database>> {
        let mut open = lock(&self.open);
        let kept = open.recent.get_mut(&id)?;
        kept.is_used = true;
        Some(Arc::clone(&kept.database))
    }

    pub(super) fn is_open(&self, id: WorkspaceId) -> bool {
        lock(&self.open).recent.contains(&id)
    }

    pub(super) fn close(&self, id: WorkspaceId) {
        // The lock is free again before a file is closed, which may write its log into it.
        let kept = lock(&self.open).recent.pop(&id);
        drop(kept);
    }

    pub(super) fn close_unused(&self) {
        let mut open = lock(&self.open);
        let unused: Vec<_> =
            open.recent.iter().filter(|(_, kept)| !kept.is_used).map(|(id, _)| *id).collect();
        let closed: Vec<_> = unused.iter().filter_map(|id| open.recent.pop(id)).collect();
        open.recent.iter_mut().for_each(|(_, kept)| kept.is_used = false);
        drop(open);
        drop(closed);
    }

    pub(super) fn remove(&self, id: WorkspaceId) -> Result<(), StoreError> {
        let _alone = self.opening(id);
        let mut open = lock(&self.open);
        let kept = open.recent.pop(&id);
        open.all.remove(&id);
        drop(open);
        drop(kept);
        let path = self.path(id);
        for suffix in ["", "-wal", "-shm"] {
            let mut name = path.clone().into_os_string();
            name.push(suffix);
            match std::fs::remove_file(&name) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StoreError::Unavailable(error.to_string()));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// `workspaces/<last two hex digits>/<id>.db`: the last digits of a UUIDv7 are random, so the
/// folders fill evenly.
pub(crate) fn workspace_file(root: &Path, id: WorkspaceId) -> PathBuf {
    let name = id.to_string();
    let shard = name.get(name.len().saturating_sub(2)..).unwrap_or("00").to_owned();
    root.join("workspaces").join(shard).join(format!("{name}.db"))
}

/// The bytes of an empty workspace: made by running the migrations once, so that a new workspace is
/// a copy of a file instead of sixty statements.
fn template(folder: &Path, schema: Schema) -> Result<Vec<u8>, StoreError> {
    let name = format!("template-{}.db", schema.newest());
    let path = folder.join(name);
    let read = || std::fs::read(&path).map_err(|e| sqlite::io_error(&path, &e));
    if path.exists() {
        let bytes = read()?;
        // Nobody needs one that was emptied: it is made anew.
        if bytes.starts_with(b"SQLite format 3\0") {
            return Ok(bytes);
        }
    }
    sqlite::make_file(&path, schema)?;
    read()
}

//! The directory and the workspaces of one instance.

mod files;

use std::{
    num::NonZeroUsize,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::ids::WorkspaceId;
use lru::LruCache;
use tokio::{sync::Semaphore, time::timeout};

use crate::{
    Database, Ear, Schema, StoreError,
    database::PATIENCE,
    postgres::{self, Address, Pool},
    sqlite,
};
use files::Files;
pub(crate) use files::workspace_file;

/// Open workspace files: 0.24 MB and three file descriptors each.
const MOST_OPEN: NonZeroUsize = NonZeroUsize::new(1_000).expect("not zero");

/// Blocking threads that read SQLite files at once, over all files.
const READERS: usize = 16;

/// Files that are opened at once; those whose ids end alike wait for each other.
const OPENING_AT_ONCE: usize = 16;

/// Lines to PostgreSQL.
const LINES: usize = 24;

/// Where the databases are.
#[derive(Clone)]
pub enum Config {
    /// Files below a folder.
    Sqlite {
        /// The folder; made when it is not there.
        folder: PathBuf,
    },
    /// Schemas of one PostgreSQL database.
    Postgres {
        /// `postgres://user:password@host:port/database`; the user must be allowed to create
        /// schemas and roles. A host on another machine is reached by TLS alone. May hold a
        /// password: never shown.
        url: String,
        /// Begins the name of every schema and role, so that instances can share a cluster. Small
        /// letters, digits and `_`, at most 24.
        prefix: String,
        /// Certificates in PEM to trust for a line by TLS, instead of the public authorities.
        authority: Option<PathBuf>,
    },
}

/// All databases of an instance. Cheap to share behind an `Arc`.
pub struct Store {
    engine: Engine,
    directory: Database,
    /// What every workspace is brought up to: the steps of a test are shorter.
    workspaces: Schema,
}

enum Engine {
    Sqlite(Box<Files>),
    Postgres {
        pool: Arc<Pool>,
        prefix: String,
        ready: Mutex<LruCache<WorkspaceId, Database>>,
        opening: Box<Turns>,
    },
}

/// Whose turn it is to open a schema: one at a time of those whose ids end alike.
#[derive(Default)]
struct Turns([Arc<tokio::sync::Mutex<()>>; OPENING_AT_ONCE]);

impl Turns {
    fn of(&self, id: WorkspaceId) -> Arc<tokio::sync::Mutex<()>> {
        let last = usize::from(id.uuid().as_bytes()[15]);
        self.0.get(last % OPENING_AT_ONCE).map(Arc::clone).unwrap_or_default()
    }
}

impl Store {
    /// Opens the directory, making it at the first start. Blocks.
    ///
    /// `epoch` is eight random bytes that tell this process's group marks from an earlier one's.
    ///
    /// Errors: [`StoreError::Unavailable`]; [`StoreError::NewerSchema`].
    pub fn open(config: Config, epoch: [u8; 8]) -> Result<Self, StoreError> {
        Self::open_with(config, epoch, Schema::Workspace)
    }

    /// As [`Store::open`], with workspaces of this schema.
    pub(crate) fn open_with(
        config: Config,
        epoch: [u8; 8],
        workspaces: Schema,
    ) -> Result<Self, StoreError> {
        match config {
            Config::Sqlite { folder } => Self::open_files(folder, epoch, MOST_OPEN, workspaces),
            Config::Postgres { url, prefix, authority } => {
                Self::open_postgres(Address::new(&url, authority.as_deref())?, prefix, workspaces)
            }
        }
    }

    fn open_files(
        folder: PathBuf,
        epoch: [u8; 8],
        most_open: NonZeroUsize,
        workspaces: Schema,
    ) -> Result<Self, StoreError> {
        // So that every file has a folder above it that can be named and flushed.
        let folder = std::path::absolute(&folder).map_err(|e| sqlite::io_error(&folder, &e))?;
        let readers = Arc::new(Semaphore::new(READERS));
        let marks = sqlite::Marks::new(epoch);
        let directory = folder.join("directory.db");
        if !directory.exists() {
            sqlite::make_file(&directory, Schema::Directory)?;
        }
        let directory = sqlite::Database::open(
            directory,
            Schema::Directory,
            Arc::clone(&marks),
            Arc::clone(&readers),
        )?;
        let files = Files::new(&folder, workspaces, most_open, marks, readers)?;
        Ok(Self {
            engine: Engine::Sqlite(Box::new(files)),
            directory: Database::sqlite(Arc::new(directory)),
            workspaces,
        })
    }

    fn open_postgres(
        address: Address,
        prefix: String,
        workspaces: Schema,
    ) -> Result<Self, StoreError> {
        require_plain(&prefix)?;
        let pool = Arc::new(Pool::new(address, LINES));
        let place = format!("{prefix}_directory");
        pool.with_line(|line| postgres::create_place(line, &place, Schema::Directory))?;
        let directory =
            Database::postgres(Arc::new(postgres::Database::new(place, Arc::clone(&pool))));
        let ready = Mutex::new(LruCache::new(MOST_OPEN));
        Ok(Self {
            engine: Engine::Postgres { pool, prefix, ready, opening: Box::default() },
            directory,
            workspaces,
        })
    }

    /// The directory database.
    pub fn directory(&self) -> &Database {
        &self.directory
    }

    /// Makes an empty database for a workspace; does nothing when it is there.
    ///
    /// Errors: [`StoreError::Full`]; [`StoreError::Unavailable`].
    pub async fn create_workspace(self: &Arc<Self>, id: WorkspaceId) -> Result<(), StoreError> {
        self.blocking(move |store| match &store.engine {
            Engine::Sqlite(files) => files.create(id),
            Engine::Postgres { pool, prefix, .. } => pool.with_line(|line| {
                postgres::create_place(line, &place(prefix, id), store.workspaces)
            }),
        })
        .await
    }

    /// Removes the database of a workspace whose creation is undone.
    ///
    /// Errors: [`StoreError::Unavailable`].
    pub async fn drop_workspace(self: &Arc<Self>, id: WorkspaceId) -> Result<(), StoreError> {
        self.blocking(move |store| match &store.engine {
            Engine::Sqlite(files) => files.remove(id),
            Engine::Postgres { pool, prefix, ready, .. } => {
                lock(ready).pop(&id);
                pool.with_line(|line| postgres::drop_place(line, &place(prefix, id)))
            }
        })
        .await
    }

    /// Whether a workspace's file is kept open; on PostgreSQL there is nothing to keep.
    pub fn is_open(&self, id: WorkspaceId) -> bool {
        match &self.engine {
            Engine::Sqlite(files) => files.is_open(id),
            Engine::Postgres { .. } => true,
        }
    }

    /// Closes a workspace's file as soon as nobody uses it: for what looks into every workspace, and
    /// would leave all of them open. Blocks.
    pub fn close(&self, id: WorkspaceId) {
        if let Engine::Sqlite(files) = &self.engine {
            files.close(id);
        }
    }

    /// Closes the files, or the lines to PostgreSQL, that nobody used since the last call. Blocks.
    pub fn close_unused(&self) {
        match &self.engine {
            Engine::Sqlite(files) => files.close_unused(),
            Engine::Postgres { pool, .. } => pool.close_unused(),
        }
    }

    /// Whether other nodes may work on the same databases.
    pub fn is_shared(&self) -> bool {
        matches!(self.engine, Engine::Postgres { .. })
    }

    /// Says words to the other nodes on the same databases: letters, digits, spaces, hyphens. Where
    /// there can be none, on SQLite, it does nothing.
    ///
    /// Errors: [`StoreError::Unavailable`].
    pub async fn tell_nodes(self: &Arc<Self>, words: Vec<String>) -> Result<(), StoreError> {
        self.blocking(move |store| match &store.engine {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres { pool, prefix, .. } => {
                pool.with_line(|line| postgres::tell(line, &channel(prefix), &words))
            }
        })
        .await
    }

    /// Listens to what nodes say, this one too; nothing on SQLite. Blocks.
    ///
    /// Errors: [`StoreError::Unavailable`].
    pub fn listen_to_nodes(&self) -> Result<Option<Ear>, StoreError> {
        match &self.engine {
            Engine::Sqlite(_) => Ok(None),
            Engine::Postgres { pool, prefix, .. } => pool.listen(&channel(prefix)).map(Some),
        }
    }

    /// The database of a workspace, opened and migrated if it is not open.
    ///
    /// Errors: [`StoreError::NoSuchWorkspace`]; [`StoreError::Unavailable`];
    /// [`StoreError::NewerSchema`].
    pub async fn workspace(self: &Arc<Self>, id: WorkspaceId) -> Result<Database, StoreError> {
        if let Some(database) = self.open_workspace(id) {
            return Ok(database);
        }
        let opened = self.open_anew(id);
        match &self.engine {
            Engine::Sqlite(_) => opened.await,
            Engine::Postgres { .. } => {
                let late = |_| StoreError::Unavailable("a workspace was not opened in time".into());
                timeout(PATIENCE, opened).await.map_err(late)?
            }
        }
    }

    async fn open_anew(self: &Arc<Self>, id: WorkspaceId) -> Result<Database, StoreError> {
        let _alone = match &self.engine {
            Engine::Sqlite(_) => None,
            // Who waits for one that is brought up to date must not hold a line meanwhile.
            Engine::Postgres { opening, .. } => Some(opening.of(id).lock_owned().await),
        };
        if let Some(database) = self.open_workspace(id) {
            return Ok(database);
        }
        self.blocking(move |store| match &store.engine {
            Engine::Sqlite(files) => files.open(id, store.workspaces).map(Database::sqlite),
            Engine::Postgres { pool, prefix, ready, .. } => {
                let place = place(prefix, id);
                pool.with_line(|line| {
                    if !postgres::list_places(line, &place)?.contains(&place) {
                        return Err(StoreError::NoSuchWorkspace);
                    }
                    postgres::migrate_place(line, &place, store.workspaces)
                })?;
                let database = postgres::Database::new(place, Arc::clone(pool));
                let database = Database::postgres(Arc::new(database));
                lock(ready).put(id, database.clone());
                Ok(database)
            }
        })
        .await
    }

    fn open_workspace(&self, id: WorkspaceId) -> Option<Database> {
        match &self.engine {
            Engine::Sqlite(files) => files.use_open(id).map(Database::sqlite),
            Engine::Postgres { ready, .. } => lock(ready).get(&id).cloned(),
        }
    }

    /// Writes a consistent copy of the directory into `target`, as a file a server can start on.
    ///
    /// Errors: [`StoreError::Full`]; [`StoreError::Unavailable`], also when a copy is there already.
    pub async fn copy_directory_into(self: &Arc<Self>, target: PathBuf) -> Result<(), StoreError> {
        self.blocking(move |store| {
            let copy = target.join("directory.db");
            match &store.engine {
                Engine::Sqlite(files) => {
                    crate::copy::copy_file(&files.root().join("directory.db"), &copy)
                }
                Engine::Postgres { pool, prefix, .. } => {
                    let place = format!("{prefix}_directory");
                    pool.with_line(|line| {
                        crate::copy::copy_schema(line, &place, Schema::Directory, &copy)
                    })
                }
            }
        })
        .await
    }

    /// Writes a consistent copy of a workspace into `target`, beside that of the directory. One written
    /// by an older release is brought up to date before.
    ///
    /// Errors: as [`Store::copy_directory_into`]; [`StoreError::NoSuchWorkspace`].
    pub async fn copy_workspace_into(
        self: &Arc<Self>,
        target: PathBuf,
        id: WorkspaceId,
    ) -> Result<(), StoreError> {
        if matches!(self.engine, Engine::Postgres { .. }) {
            self.workspace(id).await?;
        }
        self.blocking(move |store| {
            let copy = workspace_file(&target, id);
            crate::copy::whole_or_not_at_all(&copy, || match &store.engine {
                Engine::Sqlite(files) if !files.path(id).exists() => {
                    Err(StoreError::NoSuchWorkspace)
                }
                Engine::Sqlite(files) => crate::copy::copy_file(&files.path(id), &copy),
                Engine::Postgres { pool, prefix, .. } => {
                    let place = place(prefix, id);
                    pool.with_line(|line| {
                        crate::copy::copy_schema(line, &place, store.workspaces, &copy)
                    })
                }
            })
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        // What works on PostgreSQL takes one line, and waits for it here, not on a thread.
        let permit = match &self.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres { pool, .. } => Some(pool.permit().await?),
        };
        let store = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&store)
        })
        .await
        .unwrap_or_else(|_| Err(StoreError::Bug("store work panicked".to_owned())))
    }
}

/// Refuses a prefix that could not stand in the names of schemas.
pub(crate) fn require_plain(prefix: &str) -> Result<(), StoreError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if prefix.is_empty() || prefix.len() > 24 || !prefix.chars().all(plain) {
        return Err(StoreError::Refused(format!(
            "The prefix {prefix:?} of names in PostgreSQL has to be of small letters, digits and _, at \
             most 24."
        )));
    }
    Ok(())
}

/// The channel of an instance's words.
fn channel(prefix: &str) -> String {
    format!("{prefix}_words")
}

pub(crate) fn place(prefix: &str, id: WorkspaceId) -> String {
    format!("{prefix}_w_{}", id.uuid().simple())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

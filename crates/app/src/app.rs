//! The entry points: a transaction with an [`Op`] or a [`DirectoryOp`] in it.

mod support;
mod threshold;

use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use domain::ids::{Id, MemberId, RequestId, WorkspaceId};
use jiff::Timestamp;
use store::{Database, Store, StoreError, Tx};
use tokio::sync::oneshot;
use uuid::Uuid;
use vault::{KeyKind, Random, RelyingParty, Vault};

use crate::{
    Actor, Credential, DirectoryOp, Error, Names, Op,
    act::Stop,
    anomaly::Busy,
    audit::{self, Look, Looks, viewer},
    clock::Clock,
    identity::{self, Guesses, Instance, SessionChecks, password::Hasher},
    ledger::Waiting,
    live::{Change, Live},
    names::NamesCache,
    op::{Draws, OpParts},
    security::{Happened, TARGET},
};
use support::refuse_support;

/// How long reading all of a workspace may take.
const EVERYTHING: Duration = Duration::from_hours(24);

/// What an [`App`] is made of.
pub struct Parts {
    /// The databases.
    pub store: Arc<Store>,
    /// The keys.
    pub vault: Arc<Vault>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids, tokens and nonces.
    pub random: Arc<dyn Random>,
}

/// The application: cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) parts: Parts,
    pub(crate) names: NamesCache,
    pub(crate) live: Live,
    /// What has no place in the ledger yet.
    waiting: Waiting,
    /// Where something may be to be counted.
    busy: Busy,
    /// Sessions that were looked up a moment ago.
    checks: SessionChecks,
    /// Set once, by [`App::open_instance`].
    pub(crate) instance: OnceLock<Instance>,
    /// Set once, by [`App::set_hashing`].
    pub(crate) hasher: OnceLock<Hasher>,
    guesses: Guesses,
    /// Looks that are recorded already.
    looks: Looks,
    /// Set once, by [`App::set_passkey_origin`]; never where browsers know no passkeys.
    pub(crate) passkeys: OnceLock<RelyingParty>,
    /// Only tests set it.
    stop: OnceLock<Stop>,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let inner = Inner {
            parts,
            names: NamesCache::default(),
            live: Live::default(),
            waiting: Waiting::default(),
            busy: Busy::default(),
            checks: SessionChecks::default(),
            instance: OnceLock::new(),
            hasher: OnceLock::new(),
            guesses: Guesses::default(),
            looks: Looks::default(),
            passkeys: OnceLock::new(),
            stop: OnceLock::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The databases, for operator commands.
    pub fn store(&self) -> &Arc<Store> {
        &self.inner.parts.store
    }

    /// The keys.
    pub fn vault(&self) -> &Arc<Vault> {
        &self.inner.parts.vault
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        &*self.inner.parts.clock
    }

    /// The randomness.
    pub fn random(&self) -> &dyn Random {
        &*self.inner.parts.random
    }

    /// Changes as they are committed.
    pub fn live(&self) -> &Live {
        &self.inner.live
    }

    /// Hears what another node on the same databases has changed.
    pub fn hear(&self, change: Change) {
        self.inner.checks.hear(change);
        self.inner.waiting.hear(change);
        self.inner.live.pass_on(change);
    }

    /// Sessions that were looked up a moment ago.
    pub(crate) fn checks(&self) -> &SessionChecks {
        &self.inner.checks
    }

    /// What has no place in the ledger yet.
    pub(crate) fn waiting(&self) -> &Waiting {
        &self.inner.waiting
    }

    /// Where something may be to be counted.
    pub(crate) fn busy(&self) -> &Busy {
        &self.inner.busy
    }

    /// Wrong passwords that were not handed in yet.
    pub(crate) fn guesses(&self) -> &Guesses {
        &self.inner.guesses
    }

    /// A fresh id for a request.
    pub fn new_request(&self) -> RequestId {
        self.new_id()
    }

    /// A fresh id for what has to be known before its transaction begins.
    pub(crate) fn new_id<I: Id>(&self) -> I {
        let mut random = [0; 10];
        self.random().fill(&mut random);
        I::from_uuid(domain::ids::uuid_v7(self.clock().now(), random))
    }

    /// Runs an operation that changes a workspace; answers once it is durable.
    ///
    /// The operation may run several times; ids and instants are the same each time.
    ///
    /// Errors: [`Error::SignedOut`] or [`Error::NotFound`] when the actor is not a member; what the
    /// operation refuses; [`Error::Store`].
    pub async fn write<T, F>(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        operation: F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
    {
        refuse_support(actor)?;
        let app = self.clone();
        let tell = move |member| Change::Workspace { workspace, member };
        to_the_end(async move { app.write_and_tell(actor, workspace, operation, tell).await }).await
    }

    /// Runs an operation, and tells open pages what `change` makes of the member who acted.
    async fn write_and_tell<T, F>(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        mut operation: F,
        change: impl FnOnce(MemberId) -> Change + Send + 'static,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
    {
        let database = self.workspace_of(actor, workspace).await?;
        let mut tries = self.tries();
        let written = database
            .write(move |tx| {
                let (parts, draws) = tries.next_in(workspace, true);
                let mut op = Op::begin(tx, parts, draws, actor)?;
                let value = operation(&mut op)?;
                op.finish()?;
                let (member, names) = (op.me().member, op.fresh_names());
                Ok::<_, Error>((value, member, names, tries.draws.take_happened()))
            })
            .await;
        let (value, member, names, happened) = self.tell_unknown(workspace, written)?;
        happened.iter().for_each(Happened::tell);
        self.keep_names(workspace, names);
        self.inner.waiting.tell(workspace);
        self.inner.live.send(change(member));
        Ok(value)
    }

    /// Runs an operation that only reads, over one consistent state.
    ///
    /// Errors: as [`App::write`].
    pub async fn read<T, F>(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        mut operation: F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
    {
        refuse_support(actor)?;
        let database = self.workspace_of(actor, workspace).await?;
        let mut tries = self.tries();
        let (value, names, viewer, looks) = database
            .read(move |tx| {
                let (parts, draws) = tries.next_in(workspace, false);
                let mut op = Op::begin(tx, parts, draws, actor)?;
                let value = operation(&mut op)?;
                Ok::<_, Error>((value, op.fresh_names(), viewer(&op), op.take_looks()))
            })
            .await?;
        self.keep_names(workspace, names);
        self.record_looks(actor, workspace, viewer, looks).await?;
        Ok(value)
    }

    /// Records what an operation has shown, before anybody sees it.
    async fn record_looks(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        viewer: (Uuid, Uuid),
        looks: Vec<Look>,
    ) -> Result<(), Error> {
        if looks.is_empty() {
            return Ok(());
        }
        let hour = self.clock().now().as_second().div_euclid(3_600);
        let looks = self.inner.looks.unrecorded(hour, viewer, looks);
        if looks.is_empty() {
            return Ok(());
        }
        let (app, recorded) = (self.clone(), looks.clone());
        let tell = move |_| Change::Recorded { workspace };
        let record = move |op: &mut Op| audit::record_looks(op, &recorded);
        to_the_end(async move { app.write_and_tell(actor, workspace, record, tell).await }).await?;
        self.inner.looks.keep(hour, viewer, &looks);
        Ok(())
    }

    /// Reads all of a workspace in the program's own name, which may take hours.
    ///
    /// Errors: as [`App::read`].
    pub async fn read_everything<T, F>(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        mut operation: F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
    {
        refuse_support(actor)?;
        let database = self.workspace_of(actor, workspace).await?;
        let mut tries = self.tries();
        let read = database.read_within(EVERYTHING, move |tx| {
            let (parts, draws) = tries.next_in(workspace, false);
            operation(&mut Op::begin(tx, parts, draws, actor)?)
        });
        read.await
    }

    fn keep_names(&self, workspace: WorkspaceId, names: Option<(i64, Arc<Names>)>) {
        if let Some((revision, names)) = names {
            self.inner.names.put(workspace, revision, names);
        }
    }

    /// Runs an operation on the directory: sign-in, sessions, placement.
    ///
    /// Errors: what the operation refuses; [`Error::Store`].
    pub async fn write_directory<T, F>(&self, request: RequestId, operation: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut DirectoryOp) -> Result<T, Error> + Send + 'static,
    {
        let app = self.clone();
        to_the_end(async move { app.write_directory_and_tell(request, operation).await }).await
    }

    async fn write_directory_and_tell<T, F>(
        &self,
        request: RequestId,
        mut operation: F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut DirectoryOp) -> Result<T, Error> + Send + 'static,
    {
        let mut tries = self.tries();
        let (value, changes, happened) = self
            .store()
            .directory()
            .write(move |tx| {
                let mut op = tries.next_on_directory(tx, request);
                let value = operation(&mut op)?;
                let changes = op.into_changes();
                Ok::<_, Error>((value, changes, tries.draws.take_happened()))
            })
            .await?;
        happened.iter().for_each(Happened::tell);
        for change in changes {
            self.inner.checks.hear(change);
            self.inner.live.send(change);
        }
        Ok(value)
    }

    /// Reads the directory.
    ///
    /// Errors: what the operation refuses; [`Error::Store`].
    pub async fn read_directory<T, F>(
        &self,
        request: RequestId,
        mut operation: F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut DirectoryOp) -> Result<T, Error> + Send + 'static,
    {
        let mut tries = self.tries();
        self.store()
            .directory()
            .read(move |tx| operation(&mut tries.next_on_directory(tx, request)))
            .await
    }

    /// Has it looked whether an event waits for its leaf where nobody knows what became of a commit.
    fn tell_unknown<T>(
        &self,
        workspace: WorkspaceId,
        written: Result<T, Error>,
    ) -> Result<T, Error> {
        if matches!(&written, Err(Error::Store(StoreError::OutcomeUnknown(_)))) {
            self.inner.waiting.tell(workspace);
        }
        written
    }

    /// Makes keys that are not there yet, durable in every copy of the keyring. Blocks a thread of
    /// the pool, so it comes before a transaction, never inside one. A key nobody comes to need is
    /// harmless.
    pub(crate) async fn ensure_keys(&self, keys: &[(KeyKind, [u8; 16])]) -> Result<(), Error> {
        let vault = Arc::clone(self.vault());
        let keys = keys.to_vec();
        let made = tokio::task::spawn_blocking(move || {
            keys.into_iter().try_for_each(|(kind, owner)| vault.ensure_key(kind, owner).map(drop))
        });
        made.await.map_err(|_| Error::bug("making keys panicked"))??;
        Ok(())
    }

    /// Closes the file of a workspace that was opened to look into it. That may write its log into it,
    /// so it blocks a thread of the pool.
    pub(crate) async fn close(&self, workspace: WorkspaceId) -> Result<(), Error> {
        let store = Arc::clone(self.store());
        let closed = tokio::task::spawn_blocking(move || store.close(workspace));
        closed.await.map_err(|_| Error::bug("closing a file panicked"))
    }

    /// What [`App::open_instance`] found, once it has run.
    pub(crate) fn instance(&self) -> &OnceLock<Instance> {
        &self.inner.instance
    }

    /// What passwords are hashed with.
    pub(crate) fn hasher(&self) -> &OnceLock<Hasher> {
        &self.inner.hasher
    }

    /// For whom passkeys are made.
    pub(crate) fn passkeys(&self) -> &OnceLock<RelyingParty> {
        &self.inner.passkeys
    }

    /// Where a test stops acts.
    pub(crate) fn stop(&self) -> &OnceLock<Stop> {
        &self.inner.stop
    }

    /// The workspace that somebody asks for. A token of one that is not there is no token.
    async fn workspace_of(&self, actor: Actor, id: WorkspaceId) -> Result<Database, Error> {
        crate::sign_in_policy::check_provider(actor.came, id)?;
        match self.workspace(id).await {
            Err(Error::NotFound) if matches!(actor.credential, Credential::Token(_)) => {
                Err(Error::SignedOut)
            }
            found => found,
        }
    }

    async fn workspace(&self, id: WorkspaceId) -> Result<Database, Error> {
        match self.store().workspace(id).await {
            Err(StoreError::NoSuchWorkspace) => Err(self.why_missing(id).await),
            Err(newer @ StoreError::NewerSchema { .. }) => {
                let why = format!("the database of the workspace {id}: {newer}");
                Err(StoreError::Unavailable(why).into())
            }
            opened => Ok(opened?),
        }
    }

    /// Why there is no database: nobody made that workspace, or somebody took its database away. Then
    /// its people must not hear that they do not belong there.
    async fn why_missing(&self, id: WorkspaceId) -> Error {
        match self
            .read_directory(self.new_request(), move |op| identity::is_workspace_ready(op, id))
            .await
        {
            Ok(false) => Error::NotFound,
            Ok(true) => {
                let missing = format!("the database of the workspace {id} is missing");
                tracing::error!(target: TARGET, workspace = %id, "{missing}: put it back from a copy");
                StoreError::Unavailable(missing).into()
            }
            Err(error) => error,
        }
    }

    fn tries(&self) -> Tries {
        Tries { inner: Arc::clone(&self.inner), now: self.clock().now(), draws: Draws::default() }
    }
}

/// The tries of one transaction: each has the same instant, and draws the same ids.
struct Tries {
    inner: Arc<Inner>,
    now: Timestamp,
    draws: Draws,
}

impl Tries {
    fn next_in(&mut self, workspace: WorkspaceId, can_write: bool) -> (OpParts<'_>, &mut Draws) {
        self.draws.rewind();
        let parts = OpParts { inner: &self.inner, workspace, now: self.now, can_write };
        (parts, &mut self.draws)
    }

    fn next_on_directory<'a, 't>(
        &'a mut self,
        tx: &'a mut Tx<'t>,
        request: RequestId,
    ) -> DirectoryOp<'a, 't> {
        self.draws.rewind();
        DirectoryOp::new(tx, &self.inner, self.now, &mut self.draws, request)
    }
}

/// Goes on to the end, also when nobody waits for the answer any more: a client that hangs up must not
/// cut what follows a commit, nor an act between two of its steps.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    let (answer, answered) = oneshot::channel();
    // Nobody may be left to hear it.
    apart(Box::pin(async move { drop(answer.send(work.await)) })).await?;
    answered.await.unwrap_or_else(|_| Err(Error::bug("it ended without an answer")))
}

/// Runs a task of its own. Boxed, so that what tasks consist of is not compiled for each operation.
async fn apart(work: Pin<Box<dyn Future<Output = ()> + Send>>) -> Result<(), Error> {
    match tokio::spawn(work).await {
        Ok(()) => Ok(()),
        Err(cut) if cut.is_panic() => std::panic::resume_unwind(cut.into_panic()),
        Err(_) => Err(Error::bug("the server stopped in the middle of it")),
    }
}

//! Whether the keyring is as new as the databases. One that was put back from an older copy opens the
//! instance, and lacks the keys of whoever came later.

use std::{collections::BTreeSet, sync::Arc};

use domain::ids::{MemberId, UserId, WorkspaceId};
use store::{Row, Statement};
use uuid::Uuid;
use vault::KeyKind;

use super::{WorkspaceState, list_workspaces};
use crate::{App, DirectoryOp, Error, op::key};

/// Rows read at a time.
const BATCH: i64 = 2_000;

/// The keys of a workspace itself.
const OF_A_WORKSPACE: [KeyKind; 3] =
    [KeyKind::WorkspaceText, KeyKind::WorkspaceNames, KeyKind::WorkspaceAddresses];

/// What the keyring has no keys for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MissingKeys {
    /// Workspaces that lack their own keys, or a member's.
    pub workspaces: BTreeSet<WorkspaceId>,
    /// People whose address, or authenticator app, cannot be read.
    pub people: BTreeSet<UserId>,
}

impl MissingKeys {
    /// Whether nothing is missing.
    pub fn is_empty(&self) -> bool {
        self.workspaces.is_empty() && self.people.is_empty()
    }
}

/// The membership that was looked at last.
type Place = (UserId, WorkspaceId);

impl App {
    /// Looks for everybody whom the directory knows and the keyring has no key of.
    ///
    /// Errors: [`Error::Store`].
    pub async fn find_missing_keys(&self) -> Result<MissingKeys, Error> {
        let missing = self.look_for_missing_keys().await?;
        if missing.is_empty() {
            return Ok(missing);
        }
        // Another process may have made them since the keyring was read.
        let vault = Arc::clone(self.vault());
        let refreshed = tokio::task::spawn_blocking(move || vault.refresh()).await;
        refreshed.map_err(|_| Error::bug("reading the keyring panicked"))??;
        self.look_for_missing_keys().await
    }

    async fn look_for_missing_keys(&self) -> Result<MissingKeys, Error> {
        let mut workspaces = BTreeSet::new();
        for (id, state) in self.read_directory(self.new_request(), list_workspaces).await? {
            let has = |kind| self.vault().key_for(kind, id.as_bytes()).is_some();
            if state == WorkspaceState::Ready && !OF_A_WORKSPACE.into_iter().all(has) {
                workspaces.insert(id);
            }
        }
        self.look_for_members(&mut workspaces).await?;
        let mut people = self.look_for_people().await?;
        let twice = self.read_directory(self.new_request(), |op| {
            let rows = op.query(&LIST_SEALED_TWICE, &[])?;
            rows.iter().map(|row| Ok(row.get(0)?)).collect::<Result<Vec<UserId>, Error>>()
        });
        people.extend(twice.await?.into_iter().filter(|user| {
            self.vault().key_for(KeyKind::PersonSecrets, user.as_bytes()).is_none()
        }));
        Ok(MissingKeys { workspaces, people })
    }

    async fn look_for_members(&self, missing: &mut BTreeSet<WorkspaceId>) -> Result<(), Error> {
        let mut after = (UserId::from_uuid(Uuid::nil()), WorkspaceId::from_uuid(Uuid::nil()));
        loop {
            let request = self.new_request();
            let found = self.read_directory(request, move |op| list_members(op, after)).await?;
            let Some((last, _)) = found.last() else { return Ok(()) };
            after = *last;
            for ((_, workspace), member) in found {
                if self.vault().key_for(KeyKind::Member, member.as_bytes()).is_none() {
                    missing.insert(workspace);
                }
            }
        }
    }

    async fn look_for_people(&self) -> Result<BTreeSet<UserId>, Error> {
        let (mut missing, mut after) = (BTreeSet::new(), UserId::from_uuid(Uuid::nil()));
        loop {
            let request = self.new_request();
            let found = self.read_directory(request, move |op| list_people(op, after)).await?;
            let Some((last, _)) = found.last() else { return Ok(missing) };
            after = *last;
            for (user, key_id) in found {
                if !self.vault().holds(key(key_id)?) {
                    missing.insert(user);
                }
            }
        }
    }
}

fn list_members(op: &mut DirectoryOp, after: Place) -> Result<Vec<(Place, MemberId)>, Error> {
    let read = |row: &Row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?));
    let values = [after.0.into(), after.1.into(), BATCH.into()];
    op.query(&LIST_MEMBERS, &values)?.iter().map(read).collect()
}

fn list_people(op: &mut DirectoryOp, after: UserId) -> Result<Vec<(UserId, i64)>, Error> {
    let read = |row: &Row| Ok((row.get(0)?, row.get(1)?));
    op.query(&LIST_PEOPLE, &[after.into(), BATCH.into()])?.iter().map(read).collect()
}

/// The primary key of `memberships`.
const LIST_MEMBERS: Statement = Statement::new(
    "keyring.list_members",
    "SELECT m.user_id, m.workspace_id, m.member_id
     FROM memberships m JOIN workspaces w ON w.id = m.workspace_id
     WHERE (m.user_id, m.workspace_id) > ($1, $2) AND w.state = 'ready'
     ORDER BY m.user_id, m.workspace_id LIMIT $3",
);

/// People with an authenticator app, whose seed is sealed twice.
const LIST_SEALED_TWICE: Statement =
    Statement::new("keyring.list_sealed_twice", "SELECT DISTINCT user_id FROM authenticators");

const LIST_PEOPLE: Statement = Statement::new(
    "keyring.list_people",
    "SELECT id, key_id FROM people WHERE id > $1 ORDER BY id LIMIT $2",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST_MEMBERS, LIST_SEALED_TWICE, LIST_PEOPLE];

//! Acts over two databases that have begun: written before the first step, deleted after the last,
//! so that the sweeper can finish or undo what stopped between.

use domain::ids::{IntentionId, UserId, WorkspaceId};
use store::{Row, Statement};

use super::policy::INTENTION_LEASE_US;
use crate::{DirectoryOp, Error, field};

/// What is about to be done.
#[derive(Debug, Clone)]
pub struct NewIntention<'a> {
    /// A word of the program's own vocabulary.
    pub kind: &'static str,
    /// Where.
    pub workspace: WorkspaceId,
    /// For whom, when they are known.
    pub user: Option<UserId>,
    /// What the act needs to be finished; sealed.
    pub payload: &'a str,
}

/// What was begun.
#[derive(Clone)]
pub struct Intention {
    /// Which.
    pub id: IntentionId,
    /// A word of the program's own vocabulary.
    pub kind: String,
    /// Where.
    pub workspace: WorkspaceId,
    /// For whom.
    pub user: Option<UserId>,
    /// What the act needs to be finished.
    pub payload: String,
}

/// A payload may hold an address or a name.
impl std::fmt::Debug for Intention {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Intention({}, {})", self.kind, self.id)
    }
}

/// Notes what is about to be done. The caller has two minutes before a sweeper may claim it.
///
/// Errors: [`Error::Store`].
pub fn insert_intention(
    op: &mut DirectoryOp,
    intention: &NewIntention<'_>,
) -> Result<IntentionId, Error> {
    let id: IntentionId = op.new_id();
    let key = op.instance()?.text;
    let sealed = op.seal(key, field::INTENTION_PAYLOAD, id, 1, intention.payload)?;
    let now = op.now_us();
    op.execute(
        &INSERT,
        &[
            id.into(),
            intention.kind.into(),
            intention.workspace.into(),
            intention.user.into(),
            sealed.into(),
            now.into(),
            (now + INTENTION_LEASE_US).into(),
        ],
    )?;
    Ok(id)
}

/// Claims up to `most` intentions that nobody is working on, oldest first, for two minutes.
///
/// Errors: [`Error::Store`].
pub fn claim_due_intentions(op: &mut DirectoryOp, most: i64) -> Result<Vec<Intention>, Error> {
    let now = op.now_us();
    let rows = op.query(&LIST_DUE, &[now.into(), most.into()])?;
    let mut claimed = Vec::with_capacity(rows.len());
    for row in &rows {
        let id: IntentionId = row.get(0)?;
        op.execute(&CLAIM, &[id.into(), (now + INTENTION_LEASE_US).into()])?;
        match read(op, row) {
            Ok(intention) => claimed.push(intention),
            // One that cannot be opened must not keep all the others waiting.
            Err(error) => tracing::error!(intention = %id, %error, "an act cannot be read"),
        }
    }
    Ok(claimed)
}

/// Takes an intention for two more minutes; whether it is still there, and nobody has settled it.
///
/// Errors: [`Error::Store`].
pub(crate) fn keep_intention(op: &mut DirectoryOp, id: IntentionId) -> Result<bool, Error> {
    let until = op.now_us() + INTENTION_LEASE_US;
    Ok(op.execute(&CLAIM, &[id.into(), until.into()])? > 0)
}

/// Whether [`claim_due_intentions`] would find anything: a look that writes nothing.
///
/// Errors: [`Error::Store`].
pub fn has_due_intentions(op: &mut DirectoryOp) -> Result<bool, Error> {
    Ok(op.optional(&FIND_DUE, &[op.now_us().into()])?.is_some())
}

/// The act is done, or undone.
///
/// Errors: [`Error::Store`].
pub fn delete_intention(op: &mut DirectoryOp, id: IntentionId) -> Result<(), Error> {
    op.execute(&DELETE, &[id.into()])?;
    Ok(())
}

fn read(op: &DirectoryOp, row: &Row) -> Result<Intention, Error> {
    let id: IntentionId = row.get(0)?;
    let sealed: Vec<u8> = row.get(4)?;
    Ok(Intention {
        id,
        kind: row.get(1)?,
        workspace: row.get(2)?,
        user: row.get(3)?,
        payload: op.open(field::INTENTION_PAYLOAD, id, 1, &sealed)?,
    })
}

const INSERT: Statement = Statement::new(
    "intention.insert",
    "INSERT INTO intentions
         (id, kind, workspace_id, user_id, payload_sealed, created_at, lease_until)
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);

/// Index `intentions_age`; there are few.
const LIST_DUE: Statement = Statement::new(
    "intention.list_due",
    "SELECT id, kind, workspace_id, user_id, payload_sealed FROM intentions
     WHERE lease_until <= $1 ORDER BY created_at, id LIMIT $2",
);

const FIND_DUE: Statement = Statement::new(
    "intention.find_due",
    "SELECT id FROM intentions WHERE lease_until <= $1 LIMIT 1",
);

const CLAIM: Statement =
    Statement::new("intention.claim", "UPDATE intentions SET lease_until = $2 WHERE id = $1");

const DELETE: Statement =
    Statement::new("intention.delete", "DELETE FROM intentions WHERE id = $1");

pub(super) const STATEMENTS: &[Statement] = &[INSERT, LIST_DUE, FIND_DUE, CLAIM, DELETE];

//! Which provider has opened a session: beside what was shown, since it decides what the session opens.

use domain::ids::{SecondStepId, SessionId};
use store::Statement;

use super::Which;
use crate::{DirectoryOp, Error};

/// Marks a session just opened. One by a provider without a mark opens nothing.
pub(super) fn mark_session(
    op: &mut DirectoryOp,
    id: SessionId,
    provider: Which,
) -> Result<(), Error> {
    op.execute(&MARK_SESSION, &[id.into(), provider.id.into(), provider.workspace.into()])?;
    Ok(())
}

/// Marks the second step that waits in a browser.
pub(super) fn mark_step(
    op: &mut DirectoryOp,
    cookie_hash: &[u8; 32],
    provider: Which,
) -> Result<(), Error> {
    let values = [(*cookie_hash).into(), provider.id.into(), provider.workspace.into()];
    op.execute(&MARK_STEP, &values)?;
    Ok(())
}

/// Marks the session that a second step has opened as the step was marked.
pub(in crate::identity) fn hand_over(
    op: &mut DirectoryOp,
    step: SecondStepId,
    session: SessionId,
) -> Result<(), Error> {
    let row = op.one(&FIND_STEP, &[step.into()])?;
    match row.get(0)? {
        Some(id) => mark_session(op, session, Which { id, workspace: row.get(1)? }),
        None => Ok(()),
    }
}

const MARK_SESSION: Statement = Statement::new(
    "provider.mark_session",
    "UPDATE sessions SET provider_id = $2, provider_workspace_id = $3 WHERE id = $1",
);

const MARK_STEP: Statement = Statement::new(
    "provider.mark_step",
    "UPDATE second_steps SET provider_id = $2, provider_workspace_id = $3
     WHERE cookie_hash = $1 AND used_at IS NULL AND dead_at IS NULL",
);

const FIND_STEP: Statement = Statement::new(
    "provider.find_step",
    "SELECT provider_id, provider_workspace_id FROM second_steps WHERE id = $1",
);

pub(super) const STATEMENTS: &[Statement] = &[MARK_SESSION, MARK_STEP, FIND_STEP];

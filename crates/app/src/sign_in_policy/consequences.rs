//! What a policy would do to the people of a workspace, before it is saved.

use std::str::FromStr;

use domain::{
    ids::WorkspaceId,
    permission::{Relation, Right},
    sign_in_policy::{FirstFactor, SecondFactor, SignInPolicy},
};
use store::Statement;

use crate::{Actor, App, DirectoryOp, Error, identity::policy::SESSION_IDLE_US, op::optional_word};

/// What a policy would do, in numbers of people and of open sign-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consequences {
    /// People who can sign in here.
    pub people: i64,
    /// Those with neither an authenticator app nor a passkey.
    pub without_strong: i64,
    /// Open sign-ins of these people.
    pub sessions: i64,
    /// Those of them that would be kept out by how they were opened.
    pub kept_out: i64,
}

impl App {
    /// What a policy would do. Address ranges are not counted: where people will come from, nobody
    /// knows.
    ///
    /// Errors: [`Error::Forbidden`]; [`Error::Store`].
    pub async fn look_at_consequences(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        policy: SignInPolicy,
    ) -> Result<Consequences, Error> {
        self.read(actor, workspace, |op| op.require(Right::ManageSignIn, Relation::Workspace))
            .await?;
        let anywhere = SignInPolicy { networks: Vec::new(), ..policy };
        self.read_directory(actor.request, move |op| count(op, workspace, &anywhere)).await
    }
}

fn count(
    op: &mut DirectoryOp,
    workspace: WorkspaceId,
    policy: &SignInPolicy,
) -> Result<Consequences, Error> {
    let people = op.one(&COUNT_PEOPLE, &[workspace.into()])?;
    let mut found = Consequences {
        people: people.get(0)?,
        without_strong: people.get(1)?,
        ..Consequences::default()
    };
    let now = op.now_us();
    let values = [workspace.into(), now.into(), (now - SESSION_IDLE_US).into()];
    for row in op.query(&COUNT_SESSIONS, &values)? {
        let first: String = row.get(0)?;
        let second: Option<SecondFactor> = optional_word(&row, 1)?;
        let sessions: i64 = row.get(2)?;
        found.sessions += sessions;
        let first = FirstFactor::from_str(&first)
            .map_err(|_| Error::bug(format!("unknown first factor {first:?}")))?;
        if policy.check(first, second, None).is_err() {
            found.kept_out += sessions;
        }
    }
    Ok(found)
}

/// Indexes `memberships_workspace`, `authenticators_user` and `passkeys_user`.
const COUNT_PEOPLE: Statement = Statement::new(
    "sign_in_policy.count_people",
    "SELECT COUNT(*),
            CAST(COALESCE(SUM(CASE WHEN NOT EXISTS (
                SELECT 1 FROM authenticators a
                WHERE a.user_id = p.id AND a.confirmed_at IS NOT NULL)
                AND NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.user_id = p.id)
            THEN 1 ELSE 0 END), 0) AS BIGINT)
     FROM memberships m JOIN people p ON p.id = m.user_id
     WHERE m.workspace_id = $1 AND m.removed_at IS NULL AND p.disabled_at IS NULL",
);

/// Indexes `memberships_workspace` and `sessions_user`.
const COUNT_SESSIONS: Statement = Statement::new(
    "sign_in_policy.count_sessions",
    "SELECT s.first_factor, s.second_factor, COUNT(*)
     FROM memberships m JOIN sessions s ON s.user_id = m.user_id
     WHERE m.workspace_id = $1 AND m.removed_at IS NULL
       AND s.ended_at IS NULL AND s.expires_at > $2 AND s.seen_at > $3
     GROUP BY s.first_factor, s.second_factor",
);

pub(super) const STATEMENTS: &[Statement] = &[COUNT_PEOPLE, COUNT_SESSIONS];

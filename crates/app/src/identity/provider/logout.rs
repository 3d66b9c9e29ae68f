//! A provider says that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0).

use domain::ids::UserId;
use store::Statement;

use super::{Account, Which, link};
use crate::{
    DirectoryOp, Error,
    identity::{
        act::Act,
        secret::codes_mac,
        session::{count, end_of_provider},
    },
};

/// A logout token that was checked.
#[derive(Debug, Clone)]
pub struct Logout {
    /// Who has signed out.
    pub account: Account,
    /// What the provider calls the token (`jti`): each is taken once.
    pub token: String,
    /// Until when it could come again, in microseconds.
    pub expires_at_us: i64,
}

/// Ends the sessions that the provider has opened for somebody; how many. None where the token was taken
/// before.
///
/// Errors: [`Error::Store`]. Audit: `provider.logged_out` and `session.ended`, when there was one.
pub fn log_out(op: &mut DirectoryOp, logout: &Logout) -> Result<Option<u64>, Error> {
    let provider = logout.account.provider;
    let named = [provider.as_bytes().as_slice(), logout.token.as_bytes()].concat();
    let index = codes_mac(op, "provider-logout", &named)?;
    if op.execute(&INSERT, &[index.into(), logout.expires_at_us.into()])? == 0 {
        return Ok(None);
    }
    match link::find(op, &logout.account)? {
        None => Ok(Some(0)),
        Some((_, user)) => end_and_record(op, user, provider).map(Some),
    }
}

fn end_and_record(op: &mut DirectoryOp, user: UserId, provider: Which) -> Result<u64, Error> {
    let ended = end_what_it_opened(op, user, provider)?;
    if ended > 0 {
        let facts = [("provider", provider.id.uuid().into()), ("sessions", count(ended))];
        op.record_act(Act::ProviderLoggedOut, Some(user), &facts)?;
    }
    Ok(ended)
}

/// Ends the sessions that a provider has opened for somebody, and what waits for their second factor; how
/// many sessions.
pub(super) fn end_what_it_opened(
    op: &mut DirectoryOp,
    user: UserId,
    provider: Which,
) -> Result<u64, Error> {
    let values = [user.into(), provider.id.into(), op.now_us().into(), provider.workspace.into()];
    op.execute(&BURY_STEPS, &values)?;
    end_of_provider(op, user, provider)
}

/// The primary key takes a token once.
const INSERT: Statement = Statement::new(
    "provider.insert_logout",
    "INSERT INTO provider_logouts (token_index, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
);

/// Index `second_steps_user`.
const BURY_STEPS: Statement = Statement::new(
    "provider.bury_steps",
    "UPDATE second_steps SET dead_at = $3
     WHERE user_id = $1 AND provider_id = $2 AND provider_workspace_id IS NOT DISTINCT FROM $4
       AND used_at IS NULL AND dead_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT, BURY_STEPS];

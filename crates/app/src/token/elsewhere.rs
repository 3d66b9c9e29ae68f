//! Count the tokens that address ranges would stop.

use domain::{ids::TokenId, sign_in_policy::SignInPolicy};
use store::{Row, Statement};

use super::networks;
use crate::{Error, Op, field, sign_in_policy::is_outside};

/// How many tokens work, and how many of them were last used from elsewhere or work there only.
///
/// Errors: [`Error::Store`].
pub(crate) fn count_elsewhere(op: &mut Op, policy: &SignInPolicy) -> Result<(i64, i64), Error> {
    let (mut all, mut elsewhere) = (0, 0);
    let now = op.now().as_microsecond();
    for row in op.query(&LIST_WORKING, &[now.into()])? {
        all += 1;
        elsewhere += i64::from(is_elsewhere(op, &row, policy)?);
    }
    Ok((all, elsewhere))
}

fn is_elsewhere(op: &Op, row: &Row, policy: &SignInPolicy) -> Result<bool, Error> {
    let id: TokenId = row.get(0)?;
    if let Some(sealed) = row.get::<Option<Vec<u8>>>(1)? {
        let own = networks::open(op, id, &sealed)?;
        if !own.iter().any(|network| policy.touches(network)) {
            return Ok(true);
        }
    }
    let Some(sealed) = row.get::<Option<Vec<u8>>>(2)? else { return Ok(false) };
    let rev = row.get::<Option<i64>>(3)?.unwrap_or(0);
    let last = op.open(field::TOKEN_LAST_NETWORK, id, rev, &sealed)?;
    Ok(is_outside(policy, &last))
}

/// All tokens of a workspace: looked at when its policy is about to change.
const LIST_WORKING: Statement = Statement::new(
    "token.list_working",
    "SELECT t.id, t.networks_sealed, t.last_network_sealed, t.last_network_rev
     FROM api_tokens t JOIN members m ON m.id = t.member_id
     WHERE t.revoked_at IS NULL AND t.expires_at > $1 AND m.removed_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST_WORKING];

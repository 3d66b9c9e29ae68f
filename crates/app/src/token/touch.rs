//! Note when a token was last used, at most once an hour: no event, since it is nobody's act.

use domain::ids::TokenId;
use jiff::Timestamp;
use store::Statement;

use crate::{Error, Op, actor::Via, field, op::instant_or_none};

/// How exactly the last use is kept.
const HOUR_US: i64 = 3_600_000_000;

/// Whether the asking token's last use should be noted anew with [`touch_token`]; never for a
/// session.
///
/// Errors: [`Error::Store`].
pub fn is_touch_due(op: &mut Op) -> Result<bool, Error> {
    let Some(id) = asking_token(op) else {
        return Ok(false);
    };
    let row = op.one(&FIND_LAST_USE, &[id.into()])?;
    let last_us = instant_or_none(&row, 0)?.map_or(i64::MIN, Timestamp::as_microsecond);
    Ok(last_us <= op.now().as_microsecond() - HOUR_US)
}

/// Notes that the asking token is being used, from this network; nothing for a session, or within an
/// hour.
///
/// Errors: [`Error::Store`].
pub fn touch_token(op: &mut Op, network: Option<&str>) -> Result<(), Error> {
    let Some(id) = asking_token(op) else {
        return Ok(());
    };
    let now = op.now().as_microsecond();
    let row = op.one(&FIND_REVISION, &[id.into()])?;
    let revision = row.get::<Option<i64>>(0)?.unwrap_or(0) + 1;
    let key = op.me().key;
    let network = network
        .map(|network| op.seal(key, field::TOKEN_LAST_NETWORK, id, revision, network))
        .transpose()?;
    let values = [id.into(), now.into(), (now - HOUR_US).into(), network.into(), revision.into()];
    op.execute_unrecorded(&TOUCH, &values)
}

fn asking_token(op: &Op) -> Option<TokenId> {
    match op.me().via {
        Via::Token(id, _) => Some(id),
        Via::Session | Via::UnprovenSession | Via::Support(..) | Via::System => None,
    }
}

const FIND_LAST_USE: Statement =
    Statement::new("token.find_last_use", "SELECT last_used_at FROM api_tokens WHERE id = $1");

const FIND_REVISION: Statement =
    Statement::new("token.find_revision", "SELECT last_network_rev FROM api_tokens WHERE id = $1");

const TOUCH: Statement = Statement::new(
    "token.touch",
    "UPDATE api_tokens SET last_used_at = $2, last_network_sealed = $4, last_network_rev = $5
     WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_LAST_USE, FIND_REVISION, TOUCH];

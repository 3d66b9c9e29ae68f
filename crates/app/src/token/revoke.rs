//! Revoke tokens: they open nothing from the next request on.

use domain::ids::{MemberId, TokenId};
use jiff::Timestamp;
use store::Statement;

use super::{get_token, list::may_manage};
use crate::{
    Error, Op,
    audit::{Event, Kind},
    proof::{self, Grave},
};

/// Revokes a token, one's own or that of somebody who has no rights that the asking member lacks.
///
/// Errors: [`Error::NotFound`], also when it was revoked before; [`Error::NeedsProof`] for one of
/// somebody else. Audit: `token.revoked`.
pub fn revoke_token(op: &mut Op, id: TokenId) -> Result<(), Error> {
    let token = get_token(op, id)?;
    if token.member != op.me().member {
        proof::require(op, Grave::RevokeToken)?;
    }
    revoke(op, id, token.member)
}

/// Whether this is a token of a member, the asking one or one whose tokens they may see, that was revoked
/// before.
///
/// Errors: [`Error::Store`].
pub fn was_revoked(op: &mut Op, id: TokenId, of: MemberId) -> Result<bool, Error> {
    let may_know = of == op.me().member || may_manage(op, of)?;
    Ok(may_know && op.optional(&FIND_REVOKED, &[id.into(), of.into()])?.is_some())
}

/// Revokes all tokens of a member who is being removed or disabled; how many there were.
pub(crate) fn revoke_all_of(op: &mut Op, member: MemberId) -> Result<usize, Error> {
    let rows = op.query(&LIST_OF_MEMBER, &[member.into()])?;
    for row in &rows {
        revoke(op, row.get(0)?, member)?;
    }
    Ok(rows.len())
}

/// Revokes the tokens that a member made at or after an instant, in microseconds: whoever made them may not
/// have been they.
///
/// Errors: [`Error::Store`]. Audit: `token.revoked`.
pub(crate) fn revoke_made_since(op: &mut Op, member: MemberId, since: i64) -> Result<(), Error> {
    for row in op.query(&LIST_MADE_SINCE, &[member.into(), since.into()])? {
        revoke(op, row.get(0)?, member)?;
    }
    Ok(())
}

fn revoke(op: &mut Op, id: TokenId, member: MemberId) -> Result<(), Error> {
    let subject = op.names()?.subject(member)?;
    op.execute(&REVOKE, &[id.into(), op.now().as_microsecond().into()])?;
    let event = Event::new(Kind::TokenRevoked, "token", id).about(subject).fact(
        "revoked_at",
        None::<Timestamp>,
        op.now(),
    );
    op.record(event)
}

const REVOKE: Statement = Statement::new(
    "token.revoke",
    "UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
);

const FIND_REVOKED: Statement = Statement::new(
    "token.find_revoked",
    "SELECT id FROM api_tokens WHERE id = $1 AND member_id = $2 AND revoked_at IS NOT NULL",
);

/// Index `api_tokens_member`.
const LIST_OF_MEMBER: Statement = Statement::new(
    "token.list_of_member",
    "SELECT id FROM api_tokens WHERE member_id = $1 AND revoked_at IS NULL ORDER BY id",
);

/// Index `api_tokens_member`.
const LIST_MADE_SINCE: Statement = Statement::new(
    "token.list_made_since",
    "SELECT id FROM api_tokens
     WHERE member_id = $1 AND created_at >= $2 AND revoked_at IS NULL ORDER BY id",
);

pub(super) const STATEMENTS: &[Statement] =
    &[REVOKE, FIND_REVOKED, LIST_OF_MEMBER, LIST_MADE_SINCE];

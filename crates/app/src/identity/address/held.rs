//! Addresses that were given up, for as long as the letter that went there can take that back.

use domain::{ids::UserId, text::EmailAddress};
use store::Statement;

use super::row::{Change, select_change};
use crate::{DirectoryOp, Error, identity::policy::ADDRESS_STOP_US};

/// Whether an address is held for somebody else than this person.
pub(crate) fn is_held_from(
    op: &mut DirectoryOp,
    index: [u8; 32],
    user: UserId,
) -> Result<bool, Error> {
    let now = op.now_us();
    let values = [index.into(), user.into(), now.into(), (now + ADDRESS_STOP_US).into()];
    Ok(op.optional(&FIND_HELD, &values)?.is_some())
}

/// The addresses that a person had before and that are held for them, each once.
pub(crate) fn held_addresses(
    op: &mut DirectoryOp,
    user: UserId,
) -> Result<Vec<EmailAddress>, Error> {
    let now = op.now_us();
    let values = [user.into(), now.into(), (now + ADDRESS_STOP_US).into()];
    let rows = op.query(&LIST_HELD, &values)?;
    let mut held: Vec<EmailAddress> = Vec::new();
    for row in &rows {
        let old = Change::read(op, row)?.old;
        if !held.iter().any(|one| one.normalised() == old.normalised()) {
            held.push(old);
        }
    }
    Ok(held)
}

/// Index `address_changes_old`. What would last longer than any was made by a clock that was ahead.
const FIND_HELD: Statement = Statement::new(
    "address.find_held",
    "SELECT id FROM address_changes
     WHERE old_index = $1 AND user_id <> $2 AND done_at IS NOT NULL AND stopped_at IS NULL
       AND stop_until > $3 AND stop_until <= $4 LIMIT 1",
);

/// Index `address_changes_user`; as above.
const LIST_HELD: Statement = Statement::new(
    "address.list_held",
    select_change!(
        "WHERE user_id = $1 AND done_at IS NOT NULL AND stopped_at IS NULL AND stop_until > $2
           AND stop_until <= $3
         ORDER BY created_at, id"
    ),
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_HELD, LIST_HELD];

//! A change of an address, as the directory holds it.

use domain::{
    day::Zone,
    ids::{AddressChangeId, UserId},
    text::EmailAddress,
};
use jiff::Timestamp;
use store::{Row, Statement};
use vault::{KeyId, encode_base64url, hash_token};

use crate::{
    DirectoryOp, Error, field,
    identity::{
        person::get_zone,
        policy::{ADDRESS_STOP_US, CLOCK_SKEW_US},
        secret::codes_mac,
    },
    op::{instant, key, to_instant},
};

/// What a person's row says of their address.
pub(super) struct Own {
    pub(super) index: [u8; 32],
    pub(super) address: EmailAddress,
    pub(super) sealed_rev: i64,
    pub(super) key: KeyId,
}

pub(super) fn get_own(op: &mut DirectoryOp, user: UserId) -> Result<Own, Error> {
    let row = op.optional(&FIND_OWN, &[user.into()])?.ok_or(Error::NotFound)?;
    let (sealed, sealed_rev): (Vec<u8>, i64) = (row.get(1)?, row.get(2)?);
    let text = op.open(field::PERSON_ADDRESS, user, sealed_rev, &sealed)?;
    Ok(Own { index: row.get(0)?, address: read(&text)?, sealed_rev, key: key(row.get(3)?)? })
}

fn read(text: &str) -> Result<EmailAddress, Error> {
    EmailAddress::parse(text).map_err(|_| Error::bug("a stored address is not one"))
}

/// A change that was asked for.
pub(super) struct Change {
    pub(super) id: AddressChangeId,
    pub(super) user: UserId,
    cookie_hash: [u8; 32],
    pub(super) old_index: [u8; 32],
    pub(super) old: EmailAddress,
    pub(super) new_index: [u8; 32],
    pub(super) new: EmailAddress,
    pub(super) created_at: i64,
    pub(super) expires_at: i64,
    pub(super) stop_until: Timestamp,
}

impl Change {
    pub(super) fn read(op: &DirectoryOp, row: &Row) -> Result<Self, Error> {
        let id: AddressChangeId = row.get(0)?;
        let (old, new): (Vec<u8>, Vec<u8>) = (row.get(3)?, row.get(5)?);
        let sealed_rev: i64 = row.get(6)?;
        Ok(Self {
            id,
            user: row.get(1)?,
            old_index: row.get(2)?,
            old: read(&op.open(field::ADDRESS_BEFORE, id, sealed_rev, &old)?)?,
            new_index: row.get(4)?,
            new: read(&op.open(field::ADDRESS_AFTER, id, sealed_rev, &new)?)?,
            created_at: row.get(7)?,
            expires_at: row.get(8)?,
            stop_until: instant(row, 9)?,
            cookie_hash: row.get(10)?,
        })
    }

    /// Whether its code can still be sent.
    pub(super) fn is_fresh(&self, now: i64) -> bool {
        now < self.expires_at && now >= self.created_at - CLOCK_SKEW_US
    }

    /// Whether what this address got, asked for by the session of this binding, is what the change waits
    /// for. A person has one open change, but sessions with codes of their own: the code of one mailbox
    /// must not bring another one in.
    pub(super) fn waits_for(&self, address_index: [u8; 32], binding: [u8; 32]) -> bool {
        self.new_index == address_index && self.cookie_hash == binding
    }
}

/// The columns [`Change::read`] expects.
macro_rules! select_change {
    ($where:literal) => {
        concat!(
            "SELECT id, user_id, old_index, old_sealed, new_index, new_sealed, sealed_rev, created_at,
                    expires_at, stop_until, cookie_hash
             FROM address_changes ",
            $where
        )
    };
}
pub(super) use select_change;

/// The open change of a person, if there is one.
pub(super) fn find_open(op: &mut DirectoryOp, user: UserId) -> Result<Option<Change>, Error> {
    let row = op.optional(&FIND_OPEN, &[user.into()])?;
    row.map(|row| Change::read(op, &row)).transpose()
}

/// The token of the link that stops a change: made from its id, so that a second letter carries the same
/// one, and kept nowhere.
pub(super) fn stop_token(op: &mut DirectoryOp, id: AddressChangeId) -> Result<String, Error> {
    Ok(encode_base64url(&codes_mac(op, "address-stop", &id.as_bytes())?))
}

/// The hash by which that link is found.
pub(super) fn stop_hash(op: &mut DirectoryOp, id: AddressChangeId) -> Result<[u8; 32], Error> {
    Ok(hash_token(&codes_mac(op, "address-stop", &id.as_bytes())?))
}

/// What a person is told of their own address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressState {
    /// The address.
    pub address: EmailAddress,
    /// Where the person's days begin, as they said last.
    pub zone: Zone,
    /// A new one that waits for its code: which, and until when.
    pub waiting: Option<(EmailAddress, Timestamp)>,
    /// When it became this one, within the last days.
    pub changed_at: Option<Timestamp>,
    /// Until when whoever reads the mailbox before can take that back.
    pub stop_until: Option<Timestamp>,
}

/// What a person is told of their own address.
///
/// Errors: [`Error::NotFound`].
pub fn find_address_state(op: &mut DirectoryOp, user: UserId) -> Result<AddressState, Error> {
    let address = get_own(op, user)?.address;
    let now = op.now_us();
    let waiting = match find_open(op, user)?.filter(|change| change.is_fresh(now)) {
        Some(change) => Some((change.new, to_instant(change.expires_at)?)),
        None => None,
    };
    let values = [user.into(), now.into(), (now + ADDRESS_STOP_US).into()];
    let done = op.optional(&FIND_DONE, &values)?;
    let (changed_at, stop_until) = match done {
        Some(row) => (Some(instant(&row, 0)?), Some(instant(&row, 1)?)),
        None => (None, None),
    };
    let zone = get_zone(op, user)?;
    Ok(AddressState { address, zone, waiting, changed_at, stop_until })
}

const FIND_OWN: Statement = Statement::new(
    "address.find_own",
    "SELECT address_index, address_sealed, sealed_rev, key_id FROM people WHERE id = $1",
);

/// Index `address_changes_one_open`.
const FIND_OPEN: Statement = Statement::new(
    "address.find_open",
    select_change!(
        "WHERE user_id = $1 AND done_at IS NULL AND dead_at IS NULL AND stopped_at IS NULL"
    ),
);

/// Index `address_changes_user`. What would last longer than any was made by a clock that was ahead.
const FIND_DONE: Statement = Statement::new(
    "address.find_done",
    "SELECT done_at, stop_until FROM address_changes
     WHERE user_id = $1 AND done_at IS NOT NULL AND stopped_at IS NULL AND stop_until > $2
       AND stop_until <= $3
     ORDER BY created_at DESC, id DESC LIMIT 1",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_OWN, FIND_OPEN, FIND_DONE];

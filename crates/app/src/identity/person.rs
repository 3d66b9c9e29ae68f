//! People: who can be written to, and found by their address.

use domain::{
    day::Zone,
    ids::{RequestId, UserId},
    text::EmailAddress,
};
use jiff::Timestamp;
use store::Statement;
use vault::{KeyId, KeyKind};

use super::{act::Act, address::is_held_from};
use crate::{App, DirectoryOp, Error, Refusal, field, op::instant_or_none};

/// A person the directory knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// Since when they cannot sign in.
    pub disabled_at: Option<Timestamp>,
}

impl App {
    /// The person with this address, made when there is none.
    ///
    /// Their key is durable before their row is there. When two ask at once, one of two keys stays
    /// behind without a row, which harms nothing.
    ///
    /// Errors: [`Refusal::AddressHeld`]; [`Error::Store`]. Audit: `person.created`.
    pub async fn find_or_create_person(
        &self,
        request: RequestId,
        address: EmailAddress,
    ) -> Result<UserId, Error> {
        let sought = address.clone();
        let found = self.read_directory(request, move |op| find_person(op, &sought)).await?;
        if let Some(person) = found {
            return Ok(person.user);
        }
        let user: UserId = self.new_id();
        let owner = user.as_bytes();
        self.ensure_keys(&[(KeyKind::Person, owner)]).await?;
        let key = self.vault().key_for(KeyKind::Person, owner);
        let key = key.ok_or_else(|| Error::bug("a key just made is not there"))?;
        self.write_directory(request, move |op| create_person(op, user, key, &address)).await
    }
}

/// Makes a person, unless the address has one: then it is theirs that comes back.
fn create_person(
    op: &mut DirectoryOp,
    user: UserId,
    key: KeyId,
    address: &EmailAddress,
) -> Result<UserId, Error> {
    let index = address_index(op, address)?;
    if is_held_from(op, index, user)? {
        return Err(Refusal::AddressHeld.into());
    }
    let sealed = op.seal(key, field::PERSON_ADDRESS, user, 1, address.as_str())?;
    let inserted = op.execute(
        &INSERT,
        &[user.into(), index.into(), sealed.into(), key.get().into(), op.now_us().into()],
    )?;
    if inserted == 0 {
        let person = find_person(op, address)?;
        let person = person.ok_or_else(|| Error::bug("a person's id is taken"))?;
        return Ok(person.user);
    }
    op.record_act(Act::PersonCreated, Some(user), &[])?;
    Ok(user)
}

/// The person with this address.
///
/// Errors: [`Error::Store`].
pub fn find_person(op: &mut DirectoryOp, address: &EmailAddress) -> Result<Option<Person>, Error> {
    let index = address_index(op, address)?;
    find_by_index(op, index)
}

/// The same, by the blind index of the address.
pub(super) fn find_by_index(
    op: &mut DirectoryOp,
    index: [u8; 32],
) -> Result<Option<Person>, Error> {
    let Some(row) = op.optional(&FIND, &[index.into()])? else {
        return Ok(None);
    };
    Ok(Some(Person { user: row.get(0)?, disabled_at: instant_or_none(&row, 1)? }))
}

/// Where to write to a person, as they typed it.
///
/// Errors: [`Error::NotFound`].
pub fn get_address(op: &mut DirectoryOp, user: UserId) -> Result<EmailAddress, Error> {
    let row = op.optional(&FIND_ADDRESS, &[user.into()])?;
    let row = row.ok_or(Error::NotFound)?;
    let sealed: Vec<u8> = row.get(0)?;
    let text = op.open(field::PERSON_ADDRESS, user, row.get(1)?, &sealed)?;
    EmailAddress::parse(&text).map_err(|_| Error::bug("a stored address is not one"))
}

/// Notes where a person's days begin, for letters to them; does nothing when it is known.
///
/// Errors: [`Error::Store`]. Audit: none; the change has its event in the workspace.
pub fn set_zone(op: &mut DirectoryOp, user: UserId, zone: &Zone) -> Result<(), Error> {
    op.execute(&SET_ZONE, &[user.into(), zone.as_str().into()])?;
    Ok(())
}

/// Where a person's days begin, as they said last; UTC where they never have.
pub(super) fn get_zone(op: &mut DirectoryOp, user: UserId) -> Result<Zone, Error> {
    let row = op.optional(&FIND_ZONE, &[user.into()])?;
    let text: Option<String> = row.map(|row| row.get(0)).transpose()?.flatten();
    match text {
        None => Ok(Zone::UTC),
        Some(text) => Zone::parse(&text).map_err(|_| Error::bug("a stored zone is not one")),
    }
}

/// Keeps a person from signing in, and ends their sessions; how many those were. Their tokens are the
/// workspaces' ([`App::disable`]).
///
/// Errors: [`Error::NotFound`]. Audit: `person.disabled`, `session.ended`.
pub fn disable_person(op: &mut DirectoryOp, user: UserId) -> Result<u64, Error> {
    if op.execute(&DISABLE, &[user.into(), op.now_us().into()])? > 0 {
        op.record_act(Act::PersonDisabled, Some(user), &[])?;
    } else if op.optional(&FIND_ADDRESS, &[user.into()])?.is_none() {
        return Err(Error::NotFound);
    }
    super::end_all_sessions(op, user)
}

/// Lets a person sign in again; does nothing when they can already. What was ended stays so.
///
/// Errors: [`Error::NotFound`]. Audit: `person.enabled`.
pub fn enable_person(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    if op.execute(&ENABLE, &[user.into()])? > 0 {
        return op.record_act(Act::PersonEnabled, Some(user), &[]);
    }
    op.optional(&FIND_ADDRESS, &[user.into()])?.map(drop).ok_or(Error::NotFound)
}

/// Whether a person is kept from signing in.
///
/// Errors: [`Error::Store`].
pub fn is_disabled(op: &mut DirectoryOp, user: UserId) -> Result<bool, Error> {
    Ok(op.optional(&FIND_DISABLED, &[user.into()])?.is_some())
}

/// Whom a look-up does not find.
pub(super) const NOBODY: UserId = UserId::from_bytes([0; 16]);

/// The blind index of an address.
pub(super) fn address_index(
    op: &mut DirectoryOp,
    address: &EmailAddress,
) -> Result<[u8; 32], Error> {
    let key = op.instance()?.addresses;
    let key = op.vault().mac_key(key)?;
    Ok(key.mac("address", address.normalised().as_bytes()))
}

/// The blind index of a person's address, by which guesses and mails are counted.
///
/// Errors: [`Error::NotFound`] for nobody.
pub(super) fn index_of(op: &mut DirectoryOp, user: UserId) -> Result<[u8; 32], Error> {
    let row = op.optional(&FIND_INDEX, &[user.into()])?;
    row.ok_or(Error::NotFound)?.get(0).map_err(Error::from)
}

const INSERT: Statement = Statement::new(
    "person.insert",
    "INSERT INTO people (id, address_index, address_sealed, sealed_rev, key_id, created_at)
     VALUES ($1, $2, $3, 1, $4, $5) ON CONFLICT DO NOTHING",
);

/// The unique index of `address_index`.
const FIND: Statement =
    Statement::new("person.find", "SELECT id, disabled_at FROM people WHERE address_index = $1");

const FIND_ADDRESS: Statement = Statement::new(
    "person.find_address",
    "SELECT address_sealed, sealed_rev FROM people WHERE id = $1",
);

const FIND_INDEX: Statement =
    Statement::new("person.find_index", "SELECT address_index FROM people WHERE id = $1");

const SET_ZONE: Statement = Statement::new(
    "person.set_zone",
    "UPDATE people SET zone = $2 WHERE id = $1 AND (zone IS NULL OR zone <> $2)",
);

const FIND_ZONE: Statement =
    Statement::new("person.find_zone", "SELECT zone FROM people WHERE id = $1");

const DISABLE: Statement = Statement::new(
    "person.disable",
    "UPDATE people SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL",
);

const ENABLE: Statement = Statement::new(
    "person.enable",
    "UPDATE people SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL",
);

const FIND_DISABLED: Statement = Statement::new(
    "person.find_disabled",
    "SELECT id FROM people WHERE id = $1 AND disabled_at IS NOT NULL",
);

pub(super) const STATEMENTS: &[Statement] =
    &[INSERT, FIND, FIND_ADDRESS, FIND_INDEX, SET_ZONE, FIND_ZONE, DISABLE, ENABLE, FIND_DISABLED];

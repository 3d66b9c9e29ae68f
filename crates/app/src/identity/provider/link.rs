//! Links: whose account at a provider is which person's.

use domain::ids::{ProviderLinkId, UserId};
use jiff::Timestamp;
use store::{Row, Statement};

use super::{Account, Which};
use crate::{
    DirectoryOp, Error, Refusal,
    identity::{
        act::Act,
        notice::{FactorChange, Happening, tell},
        session::{Origin, Session, require_proven},
    },
    op::{instant, instant_or_none},
};

/// A link of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Which.
    pub id: ProviderLinkId,
    /// To which provider.
    pub provider: Which,
    /// Since when.
    pub created_at: Timestamp,
    /// When it last signed in.
    pub used_at: Option<Timestamp>,
}

/// Joins an account to the person of a session who has just shown who they are, by their own factor.
///
/// Errors: [`Error::NeedsProof`]; [`Refusal::ProviderTaken`]. Audit: `provider.linked`.
pub fn connect(
    op: &mut DirectoryOp,
    session: &Session,
    account: &Account,
    origin: &Origin,
) -> Result<(), Error> {
    require_proven(op, session)?;
    let index = subject_index(op, account)?;
    insert_index(op, session.user, account.provider, index, origin)
}

/// The links of a person, oldest first.
///
/// Errors: [`Error::Store`].
pub fn list_links(op: &mut DirectoryOp, user: UserId) -> Result<Vec<Link>, Error> {
    let read = |row: &Row| {
        Ok(Link {
            id: row.get(0)?,
            provider: Which { id: row.get(1)?, workspace: row.get(2)? },
            created_at: instant(row, 3)?,
            used_at: instant_or_none(row, 4)?,
        })
    };
    op.query(&LIST, &[user.into()])?.iter().map(read).collect()
}

/// Takes a link away, and ends what it has opened.
///
/// Errors: [`Error::NeedsProof`]; [`Error::NotFound`]. Audit: `provider.unlinked`; `session.ended`, when it
/// had opened one.
pub fn disconnect(
    op: &mut DirectoryOp,
    session: &Session,
    id: ProviderLinkId,
    origin: &Origin,
) -> Result<(), Error> {
    require_proven(op, session)?;
    let user = session.user;
    let row = op.optional(&DELETE, &[id.into(), user.into()])?.ok_or(Error::NotFound)?;
    let provider = Which { id: row.get(0)?, workspace: row.get(1)? };
    super::logout::end_what_it_opened(op, user, provider)?;
    op.record_act(Act::ProviderUnlinked, Some(user), &[("provider", provider.id.uuid().into())])?;
    tell(op, user, &Happening::Changed(FactorChange::Provider { is_on: false }), origin)
}

/// Whose account it is.
pub(super) fn find(
    op: &mut DirectoryOp,
    account: &Account,
) -> Result<Option<(ProviderLinkId, UserId)>, Error> {
    let index = subject_index(op, account)?;
    let row = op.optional(&FIND, &[account.provider.id.into(), index.into()])?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// Notes that a link has signed in.
pub(super) fn touch(op: &mut DirectoryOp, id: ProviderLinkId) -> Result<(), Error> {
    op.execute(&TOUCH, &[id.into(), op.now_us().into()])?;
    Ok(())
}

/// Joins an account, by its index, to a person, and tells them.
pub(super) fn insert_index(
    op: &mut DirectoryOp,
    user: UserId,
    provider: Which,
    index: [u8; 32],
    origin: &Origin,
) -> Result<(), Error> {
    let id: ProviderLinkId = op.new_id();
    let values = [
        id.into(),
        user.into(),
        provider.id.into(),
        provider.workspace.into(),
        index.into(),
        op.now_us().into(),
    ];
    if op.execute(&INSERT, &values)? == 0 {
        let row = op.one(&FIND, &[provider.id.into(), index.into()])?;
        let whose: UserId = row.get(1)?;
        return if whose == user { Ok(()) } else { Err(Refusal::ProviderTaken.into()) };
    }
    op.record_act(Act::ProviderLinked, Some(user), &[("provider", provider.id.uuid().into())])?;
    tell(op, user, &Happening::Changed(FactorChange::Provider { is_on: true }), origin)
}

/// What a provider calls somebody, with whose provider it is, under the key of addresses: one person's accounts at two providers
/// cannot be matched, and a name there cannot be guessed from the database.
pub(super) fn subject_index(op: &mut DirectoryOp, account: &Account) -> Result<[u8; 32], Error> {
    let key = op.instance()?.addresses;
    let key = op.vault().mac_key(key)?;
    let named = [account.provider.as_bytes().as_slice(), account.subject.as_bytes()].concat();
    Ok(key.mac("provider-subject", &named))
}

/// The unique index of provider and subject.
const FIND: Statement = Statement::new(
    "provider.find_link",
    "SELECT id, user_id FROM provider_links WHERE provider_id = $1 AND subject_index = $2",
);

/// The unique index of provider and subject gives an account to one person.
const INSERT: Statement = Statement::new(
    "provider.insert_link",
    "INSERT INTO provider_links (id, user_id, provider_id, workspace_id, subject_index, created_at)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
);

/// Index `provider_links_user`.
const LIST: Statement = Statement::new(
    "provider.list_links",
    "SELECT id, provider_id, workspace_id, created_at, used_at FROM provider_links
     WHERE user_id = $1 ORDER BY created_at, id",
);

const DELETE: Statement = Statement::new(
    "provider.delete_link",
    "DELETE FROM provider_links WHERE id = $1 AND user_id = $2 RETURNING provider_id, workspace_id",
);

const TOUCH: Statement =
    Statement::new("provider.touch_link", "UPDATE provider_links SET used_at = $2 WHERE id = $1");

pub(super) const STATEMENTS: &[Statement] = &[FIND, INSERT, LIST, DELETE, TOUCH];

//! Hold an answer against the passkey that it claims to come from.

use domain::{
    ids::{PasskeyId, UserId},
    text::Name,
};
use store::{Row, Statement};
use vault::{KeyKind, PasskeyError, RelyingParty};

use super::{domain, party};
use crate::{
    DirectoryOp, Error, Refusal, field,
    identity::{
        Happening, Origin, PasskeyNews, act::Act, notice::tell, password::allow_password_again,
        policy::COPY_NOTICE_EVERY_US, second::let_app_work, secret::codes_mac,
    },
};

/// What an answer was to be.
pub(super) struct Expected<'a> {
    /// What was kept of the question.
    pub(super) state: &'a [u8],
    /// Whose; anybody's, where whoever answers signs in.
    pub(super) user: Option<UserId>,
    /// Where the browser is.
    pub(super) origin: &'a Origin,
}

/// A passkey as an answer finds it.
struct Found {
    id: PasskeyId,
    user: UserId,
    credential: String,
    credential_rev: i64,
    copied_at: Option<i64>,
}

/// Whose passkey has answered, rightly; or why the answer is not taken. What a copied passkey brings
/// about has to stay, so that is an answer and no error.
///
/// Errors: [`Error::Store`]. Audit: `passkey.copied`.
pub(super) fn check(
    op: &mut DirectoryOp,
    expected: &Expected<'_>,
    answer: &str,
) -> Result<Result<UserId, Refusal>, Error> {
    let party = party(op)?;
    let Ok(claim) = RelyingParty::claim_of(answer) else {
        return Ok(Err(Refusal::PasskeyNotValid));
    };
    let Some(found) = find(op, &claim.id)? else {
        return Ok(Err(Refusal::PasskeyUnknown));
    };
    if expected.user.is_some_and(|user| user != found.user) {
        return Ok(Err(Refusal::PasskeyUnknown));
    }
    // Where nobody was named before, the device says whose it is (Web Authentication, section 7.2).
    let is_owner = match claim.owner {
        Some(owner) => owner == found.user.as_bytes(),
        None => expected.user.is_some(),
    };
    if !is_owner {
        return Ok(Err(Refusal::PasskeyNotValid));
    }
    match party.finish_sign_in(expected.state, &found.credential, answer) {
        Ok(credential) => keep(op, &found, &credential),
        Err(PasskeyError::CounterBack) => {
            tell_of_copy(op, &found, expected.origin)?;
            Ok(Err(Refusal::PasskeyCopied))
        }
        Err(PasskeyError::NotVerified) => Ok(Err(Refusal::PasskeyNotVerified)),
        Err(PasskeyError::Damaged) => Err(refusal(PasskeyError::Damaged)),
        Err(_) => Ok(Err(Refusal::PasskeyNotValid)),
    }
}

/// Notes the use, with the counter as it is now. Two answers at once: the row is written by one of them. Who
/// has answered rightly lets password and app work again that strangers have guessed at.
fn keep(
    op: &mut DirectoryOp,
    found: &Found,
    credential: &str,
) -> Result<Result<UserId, Refusal>, Error> {
    let key = op.vault().key_for(KeyKind::Person, found.user.as_bytes());
    let key = key.ok_or_else(|| Error::key_missing(KeyKind::Person))?;
    let rev = found.credential_rev + 1;
    let sealed = op.seal(key, field::PASSKEY, found.id, rev, credential)?;
    let values = [
        found.id.into(),
        sealed.into(),
        rev.into(),
        op.now_us().into(),
        found.credential_rev.into(),
    ];
    if op.execute(&USE, &values)? == 0 {
        return Ok(Err(Refusal::PasskeyNotValid));
    }
    allow_password_again(op, found.user, true)?;
    let_app_work(op, found.user)?;
    Ok(Ok(found.user))
}

/// There are two of it. Its person is told, but not at each try.
fn tell_of_copy(op: &mut DirectoryOp, found: &Found, origin: &Origin) -> Result<(), Error> {
    let now = op.now_us();
    op.record_act(Act::PasskeyCopied, Some(found.user), &[("passkey", found.id.uuid().into())])?;
    let is_told = found.copied_at.is_some_and(|at| (0..COPY_NOTICE_EVERY_US).contains(&(now - at)));
    if is_told {
        return Ok(());
    }
    op.execute(&MARK_COPIED, &[found.id.into(), now.into()])?;
    let name = name_of(op, found.id)?.as_str().to_owned();
    tell(op, found.user, &Happening::Passkey(PasskeyNews::Copied(name)), origin)
}

/// The passkey with this credential, of somebody who may sign in, made for this address.
fn find(op: &mut DirectoryOp, credential: &[u8]) -> Result<Option<Found>, Error> {
    let mac = credential_mac(op, credential)?;
    let values = [mac.into(), domain(op).into()];
    let Some(row) = op.optional(&FIND, &values)? else { return Ok(None) };
    let id: PasskeyId = row.get(0)?;
    Ok(Some(Found {
        id,
        user: row.get(1)?,
        credential: open(op, id, &row, 2)?,
        credential_rev: row.get(3)?,
        copied_at: row.get(4)?,
    }))
}

/// Opens the credential in column `at`, with its revision in the next one.
pub(super) fn open(op: &DirectoryOp, id: PasskeyId, row: &Row, at: usize) -> Result<String, Error> {
    let sealed: Vec<u8> = row.get(at)?;
    op.open(field::PASSKEY, id, row.get(at + 1)?, &sealed)
}

/// Opens the name in column `at`, with its revision in the next one.
pub(super) fn open_name(
    op: &DirectoryOp,
    id: PasskeyId,
    row: &Row,
    at: usize,
) -> Result<Name, Error> {
    let sealed: Vec<u8> = row.get(at)?;
    let text = op.open(field::PASSKEY_NAME, id, row.get(at + 1)?, &sealed)?;
    Name::parse(&text).map_err(|_| Error::bug("a stored name is not one"))
}

fn name_of(op: &mut DirectoryOp, id: PasskeyId) -> Result<Name, Error> {
    let row = op.one(&FIND_NAME, &[id.into()])?;
    open_name(op, id, &row, 0)
}

/// By what a credential is found: its id tells a device from another, and is not kept in clear.
pub(super) fn credential_mac(op: &mut DirectoryOp, id: &[u8]) -> Result<[u8; 32], Error> {
    codes_mac(op, "passkey", id)
}

/// What the vault says, as the rules say it.
pub(super) fn refusal(error: PasskeyError) -> Error {
    match error {
        PasskeyError::NoDomain => Refusal::NoPasskeysHere.into(),
        PasskeyError::NotVerified => Refusal::PasskeyNotVerified.into(),
        PasskeyError::CounterBack => Refusal::PasskeyCopied.into(),
        PasskeyError::Unreadable | PasskeyError::Wrong => Refusal::PasskeyNotValid.into(),
        PasskeyError::Damaged => Error::Damaged(error.to_string()),
    }
}

/// The unique column `credential_mac`.
const FIND: Statement = Statement::new(
    "passkey.find",
    "SELECT k.id, k.user_id, k.credential_sealed, k.credential_rev, k.copied_at
     FROM passkeys k JOIN people p ON p.id = k.user_id
     WHERE k.credential_mac = $1 AND k.domain = $2 AND p.disabled_at IS NULL",
);

const FIND_NAME: Statement =
    Statement::new("passkey.find_name", "SELECT name_sealed, name_rev FROM passkeys WHERE id = $1");

const USE: Statement = Statement::new(
    "passkey.use",
    "UPDATE passkeys SET credential_sealed = $2, credential_rev = $3, used_at = $4
     WHERE id = $1 AND credential_rev = $5",
);

const MARK_COPIED: Statement =
    Statement::new("passkey.mark_copied", "UPDATE passkeys SET copied_at = $2 WHERE id = $1");

pub(super) const STATEMENTS: &[Statement] = &[FIND, FIND_NAME, USE, MARK_COPIED];

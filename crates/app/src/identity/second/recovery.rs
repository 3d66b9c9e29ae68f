//! Recovery codes: written down for the day the app is lost. Ten, each good for one sign-in.

use domain::ids::UserId;
use store::Statement;
use vault::{Secret, decode_crockford, draw_token, encode_crockford};

use super::{enrolled::get_enrolled, notice};
use crate::{
    DirectoryOp, Error, Refusal,
    identity::{
        act::Act,
        notice::FactorChange,
        policy::{RECOVERY_CODE_BYTES, RECOVERY_CODES},
        secret::codes_mac,
        session::{Origin, Session, require_proven},
    },
};

/// New codes instead of the ones before, shown this once: `XXXX-XXXX-XXXX-XXXX`.
///
/// Errors: [`Error::NeedsProof`]; [`Refusal::NoAuthenticator`]. Audit: `recovery_codes.made`.
pub fn make_recovery_codes(
    op: &mut DirectoryOp,
    session: &Session,
    origin: &Origin,
) -> Result<Vec<Secret<String>>, Error> {
    require_proven(op, session)?;
    if !get_enrolled(op, session.user)?.has_strong() {
        return Err(Refusal::NoAuthenticator.into());
    }
    let codes = make(op, session.user)?;
    notice::changed(op, session.user, FactorChange::CodesMade, origin)?;
    Ok(codes)
}

pub(in crate::identity) fn make(
    op: &mut DirectoryOp,
    user: UserId,
) -> Result<Vec<Secret<String>>, Error> {
    delete(op, user)?;
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let code = draw_token(op.random(), RECOVERY_CODE_BYTES);
        let mac = code_mac(op, user, code.expose())?;
        op.execute(&INSERT, &[user.into(), mac.into(), op.now_us().into()])?;
        codes.push(Secret::new(shown(code.expose())));
    }
    op.record_act(Act::RecoveryCodesMade, Some(user), &[])?;
    Ok(codes)
}

/// In groups of four.
fn shown(code: &[u8]) -> String {
    let text = encode_crockford(code);
    let groups: Vec<String> =
        text.chars().collect::<Vec<_>>().chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// What a person typed, as far as it can be a code.
pub(super) fn read(typed: &str) -> Option<Secret<Vec<u8>>> {
    let bytes = Secret::new(decode_crockford(typed).ok()?);
    (bytes.expose().len() == RECOVERY_CODE_BYTES).then_some(bytes)
}

/// Whether it is a code of this person that was not used yet; it is used up then, and they are told.
pub(super) fn use_code(
    op: &mut DirectoryOp,
    user: UserId,
    code: &[u8],
    origin: &Origin,
) -> Result<bool, Error> {
    let mac = code_mac(op, user, code)?;
    if op.execute(&USE, &[user.into(), mac.into(), op.now_us().into()])? == 0 {
        return Ok(false);
    }
    let left = get_enrolled(op, user)?.recovery_codes;
    op.record_act(Act::RecoveryCodeUsed, Some(user), &[("left", left.into())])?;
    notice::changed(op, user, FactorChange::CodeUsed { left }, origin)?;
    Ok(true)
}

pub(in crate::identity) fn delete(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    op.execute(&DELETE, &[user.into()])?;
    Ok(())
}

/// The keyed hash of a code, good for one person only.
fn code_mac(op: &mut DirectoryOp, user: UserId, code: &[u8]) -> Result<[u8; 32], Error> {
    codes_mac(op, "recovery-code", &[user.as_bytes().as_slice(), code].concat())
}

const INSERT: Statement = Statement::new(
    "recovery.insert",
    "INSERT INTO recovery_codes (user_id, code_mac, created_at) VALUES ($1, $2, $3)",
);

const USE: Statement = Statement::new(
    "recovery.use",
    "UPDATE recovery_codes SET used_at = $3
     WHERE user_id = $1 AND code_mac = $2 AND used_at IS NULL",
);

const DELETE: Statement =
    Statement::new("recovery.delete", "DELETE FROM recovery_codes WHERE user_id = $1");

pub(super) const STATEMENTS: &[Statement] = &[INSERT, USE, DELETE];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_shown() {
        let code: Vec<u8> = (0..10).collect();
        let shown = shown(&code);
        assert_eq!((shown.len(), shown.matches('-').count()), (19, 3));
        for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', " ")] {
            assert_eq!(read(&typed).unwrap().expose(), &code, "{typed}");
        }
        for typed in ["", "123456", "ABCD-EFGH", "ABCD-EFGH-JKMN-PQRS-T"] {
            assert!(read(typed).is_none(), "{typed}");
        }
    }
}

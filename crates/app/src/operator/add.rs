//! Operators: who runs the instance, each with a secret of their own.

use domain::{ids::OperatorId, text::Name};
use store::{Row, Statement};
use vault::Secret;

use super::Operator;
use crate::{
    DirectoryOp, Error, Refusal, field,
    identity::{Act, Drawn, hash_secret, keyed_id},
};

/// Adds somebody; their secret is shown this once.
///
/// Errors: [`Refusal::NameTaken`]. Audit: `operator.added`.
pub fn add_operator(op: &mut DirectoryOp, name: &Name) -> Result<Secret<String>, Error> {
    let index = index_of(op, name)?;
    let id: OperatorId = op.new_id();
    let key = op.instance()?.text;
    let sealed = op.seal(key, field::OPERATOR_NAME, id, 1, name.as_str())?;
    let secret = Drawn::new(op);
    let now = op.now_us();
    let values =
        [id.into(), sealed.into(), index.into(), 1_i64.into(), secret.hash.into(), now.into()];
    if op.execute(&INSERT, &values)? == 0 {
        return Err(Refusal::NameTaken.into());
    }
    op.record_act(Act::OperatorAdded, None, &[("operator", id.uuid().into())])?;
    Ok(secret.text)
}

/// Takes somebody's secret away; does nothing where nobody has that name. Requests they have made stay,
/// and nobody opens these any more.
///
/// Errors: [`Error::NotFound`]. Audit: `operator.removed`.
pub fn remove_operator(op: &mut DirectoryOp, name: &Name) -> Result<(), Error> {
    let index = index_of(op, name)?;
    let now = op.now_us();
    let row = op.optional(&REMOVE, &[index.into(), now.into()])?.ok_or(Error::NotFound)?;
    let id: OperatorId = row.get(0)?;
    op.record_act(Act::OperatorRemoved, None, &[("operator", id.uuid().into())])
}

/// Who is there, by the order they came.
///
/// Errors: [`Error::Store`].
pub fn list_operators(op: &mut DirectoryOp) -> Result<Vec<Operator>, Error> {
    let rows = op.query(&LIST, &[])?;
    rows.iter().map(|row| read(op, row)).collect()
}

/// The operator with this name and this secret.
///
/// Errors: [`Refusal::OperatorNotKnown`], whichever of the two is wrong.
pub fn authenticate_operator(
    op: &mut DirectoryOp,
    name: &Name,
    secret: &str,
) -> Result<Operator, Error> {
    let hash = hash_secret(secret.trim()).ok_or(Refusal::OperatorNotKnown)?;
    let index = index_of(op, name)?;
    let row = op.optional(&FIND, &[index.into(), hash.into()])?;
    read(op, &row.ok_or(Refusal::OperatorNotKnown)?)
}

fn read(op: &DirectoryOp, row: &Row) -> Result<Operator, Error> {
    let (id, sealed): (OperatorId, Vec<u8>) = (row.get(0)?, row.get(1)?);
    Ok(Operator { id, name: op.open(field::OPERATOR_NAME, id, row.get(2)?, &sealed)? })
}

/// The keyed hash by which a name is found, whatever its capitals.
fn index_of(op: &mut DirectoryOp, name: &Name) -> Result<Vec<u8>, Error> {
    let index: OperatorId = keyed_id(op, "operator-name", name.folded().as_bytes())?;
    Ok(index.as_bytes().to_vec())
}

/// The unique index `operators_one_name`.
const INSERT: Statement = Statement::new(
    "operator.insert",
    "INSERT INTO operators (id, name_sealed, name_index, sealed_rev, secret_hash, added_at)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name_index) WHERE removed_at IS NULL DO NOTHING",
);

const REMOVE: Statement = Statement::new(
    "operator.remove",
    "UPDATE operators SET removed_at = $2 WHERE name_index = $1 AND removed_at IS NULL
     RETURNING id",
);

const LIST: Statement = Statement::new(
    "operator.list",
    "SELECT id, name_sealed, sealed_rev FROM operators WHERE removed_at IS NULL
     ORDER BY added_at, id",
);

const FIND: Statement = Statement::new(
    "operator.find",
    "SELECT id, name_sealed, sealed_rev FROM operators
     WHERE name_index = $1 AND secret_hash = $2 AND removed_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT, REMOVE, LIST, FIND];

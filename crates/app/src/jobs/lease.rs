//! A lease: one node holds a job for a while, so that others leave it alone.

use store::Statement;
use uuid::Uuid;

use crate::{DirectoryOp, Error};

/// Takes or renews the lease `name` for `for_s` seconds; whether `holder` has it now.
///
/// A lease that ran out can be taken by anybody; also one that reaches further than twice `for_s`
/// (its holder's clock was ahead, or all were set back). One that reaches only a little further is
/// held: clocks of nodes differ, and this one may be behind.
///
/// Errors: [`Error::Store`]. Audit: none, nothing of anybody's changes.
pub fn acquire_lease(
    op: &mut DirectoryOp,
    name: &'static str,
    holder: Uuid,
    for_s: u32,
) -> Result<bool, Error> {
    let now = op.now_us();
    let until = now + i64::from(for_s) * 1_000_000;
    let bogus = until + i64::from(for_s) * 1_000_000;
    let values = [name.into(), holder.into(), until.into(), now.into(), bogus.into()];
    Ok(op.execute(&ACQUIRE, &values)? > 0)
}

/// Gives back all leases of a holder that stops, so that another need not wait.
///
/// Errors: [`Error::Store`].
pub fn release_leases(op: &mut DirectoryOp, holder: Uuid) -> Result<(), Error> {
    op.execute(&RELEASE, &[holder.into()])?;
    Ok(())
}

const ACQUIRE: Statement = Statement::new(
    "lease.acquire",
    "INSERT INTO leases (name, holder, until_at) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at
         WHERE leases.holder = excluded.holder OR leases.until_at <= $4
            OR leases.until_at > $5",
);

const RELEASE: Statement = Statement::new("lease.release", "DELETE FROM leases WHERE holder = $1");

pub(super) const STATEMENTS: &[Statement] = &[ACQUIRE, RELEASE];

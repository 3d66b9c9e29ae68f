//! An attempt to sign in, as code and link find it.

use domain::ids::{AttemptId, UserId};
use store::{Row, Statement};

use crate::{DirectoryOp, Error, identity::policy::CLOCK_SKEW_US};

pub(super) struct Attempt {
    pub(super) id: AttemptId,
    pub(super) cookie_hash: [u8; 32],
    pub(super) address_index: [u8; 32],
    /// Nobody, when nobody has the address or nobody may sign in with it.
    pub(super) user: Option<UserId>,
    pub(super) is_known_device: bool,
    pub(super) remember: bool,
    pub(super) code_mac: [u8; 32],
    pub(super) wrong_codes: i64,
    created_at: i64,
    expires_at: i64,
    is_open: bool,
}

impl Attempt {
    pub(super) fn read(row: &Row) -> Result<Self, Error> {
        let used_at: Option<i64> = row.get(10)?;
        let dead_at: Option<i64> = row.get(11)?;
        Ok(Self {
            id: row.get(0)?,
            cookie_hash: row.get(1)?,
            address_index: row.get(2)?,
            user: row.get(3)?,
            is_known_device: row.get(4)?,
            remember: row.get(5)?,
            code_mac: row.get(6)?,
            wrong_codes: row.get(7)?,
            created_at: row.get(8)?,
            expires_at: row.get(9)?,
            is_open: used_at.is_none() && dead_at.is_none(),
        })
    }

    /// Whether it can still be used now.
    pub(super) fn is_open(&self, now_us: i64) -> bool {
        self.is_open && !self.is_past(now_us)
    }

    /// Too old; or from the future, so from before the clock was set back.
    fn is_past(&self, now_us: i64) -> bool {
        now_us >= self.expires_at || now_us < self.created_at - CLOCK_SKEW_US
    }

    /// Marks it dead when it is past, so that no clock brings it back.
    pub(super) fn bury_if_past(&self, op: &mut DirectoryOp) -> Result<(), Error> {
        if self.is_open && self.is_past(op.now_us()) {
            op.execute(&BURY, &[self.id.into(), op.now_us().into()])?;
        }
        Ok(())
    }

    /// Uses it up for a person who may sign in; whether it was still open.
    pub(super) fn use_up(&self, op: &mut DirectoryOp, user: UserId) -> Result<bool, Error> {
        if op.optional(&FIND_ENABLED, &[user.into()])?.is_none() {
            return Ok(false);
        }
        let used = op.execute(&USE_UP, &[self.id.into(), op.now_us().into()])?;
        Ok(used == 1)
    }
}

/// The columns [`Attempt::read`] expects.
macro_rules! select_attempt {
    ($where:literal) => {
        concat!(
            "SELECT id, cookie_hash, address_index, user_id, is_known_device, remember, code_mac,
                    wrong_codes, created_at, expires_at, used_at, dead_at
             FROM login_attempts ",
            $where
        )
    };
}
pub(super) use select_attempt;

const BURY: Statement = Statement::new(
    "sign_in.bury",
    "UPDATE login_attempts SET dead_at = $2
     WHERE id = $1 AND used_at IS NULL AND dead_at IS NULL",
);

const USE_UP: Statement = Statement::new(
    "sign_in.use_up",
    "UPDATE login_attempts SET used_at = $2
     WHERE id = $1 AND used_at IS NULL AND dead_at IS NULL AND expires_at > $2",
);

const FIND_ENABLED: Statement = Statement::new(
    "sign_in.find_enabled",
    "SELECT id FROM people WHERE id = $1 AND disabled_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[BURY, USE_UP, FIND_ENABLED];

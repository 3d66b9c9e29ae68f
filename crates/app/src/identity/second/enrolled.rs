//! Which second factors a person has.

use domain::ids::UserId;
use store::Statement;

use crate::{DirectoryOp, Error, identity::session::Method};

/// The second factors of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolled {
    /// Authenticator apps.
    pub apps: i64,
    /// Recovery codes that were not used yet.
    pub recovery_codes: i64,
    /// Whether they want a code by mail as the second step, where there is no app.
    pub has_mail: bool,
}

impl Enrolled {
    /// Whether an authenticator app is asked for.
    pub fn has_app(&self) -> bool {
        self.apps > 0
    }

    /// Whether there is any second factor.
    pub fn has_any(&self) -> bool {
        self.has_app() || self.has_mail
    }

    /// Whether a second step follows a first factor. A code by mail is none after a mail: that would
    /// be the same factor twice.
    pub fn is_asked_after(&self, first: Method) -> bool {
        self.has_app() || (self.has_mail && !first.is_by_mail())
    }
}

/// The second factors of a person.
///
/// Errors: [`Error::NotFound`] for nobody.
pub fn get_enrolled(op: &mut DirectoryOp, user: UserId) -> Result<Enrolled, Error> {
    let row = op.optional(&COUNT, &[user.into()])?.ok_or(Error::NotFound)?;
    Ok(Enrolled {
        has_mail: row.get::<Option<i64>>(0)?.is_some(),
        apps: row.get(1)?,
        recovery_codes: row.get(2)?,
    })
}

/// Index `authenticators_user`; the primary key of `recovery_codes`.
const COUNT: Statement = Statement::new(
    "second.count",
    "SELECT p.second_mail_at,
            (SELECT COUNT(*) FROM authenticators a
             WHERE a.user_id = p.id AND a.confirmed_at IS NOT NULL),
            (SELECT COUNT(*) FROM recovery_codes r WHERE r.user_id = p.id AND r.used_at IS NULL)
     FROM people p WHERE p.id = $1",
);

pub(super) const STATEMENTS: &[Statement] = &[COUNT];

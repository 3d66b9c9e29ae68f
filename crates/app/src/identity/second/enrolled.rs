//! Which second factors a person has.

use domain::ids::UserId;
use store::Statement;

use crate::{
    DirectoryOp, Error,
    identity::{
        passkey,
        session::{Method, Strong},
    },
};

/// The second factors of a person; none of them by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Enrolled {
    /// Authenticator apps.
    pub apps: i64,
    /// Passkeys that work at this address.
    pub passkeys: i64,
    /// Whether they want a passkey to be asked for after every other way in.
    pub passkey_always: bool,
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

    /// What does not hang on the mailbox: an app, and a passkey.
    pub fn strong(&self) -> Strong {
        Strong { has_app: self.has_app(), has_passkey: self.passkeys > 0 }
    }

    /// Whether there is any of it. Then a code by mail shows nothing, and recovery codes stand in.
    pub fn has_strong(&self) -> bool {
        self.strong().has_any()
    }

    /// Whether there is any second factor.
    pub fn has_any(&self) -> bool {
        self.has_strong() || self.has_mail
    }

    /// Whether a second step follows a first factor.
    ///
    /// A passkey is two factors in one, so nothing follows it. An app is asked for after all else. A
    /// passkey alone is asked for where its person wants it always, or wants a second step after their
    /// password: else whoever adds one for convenience could sign in nowhere but where it is. A code by
    /// mail is no second step after a mail: that would be the same factor twice; nor after a link that the
    /// operator prints, which is there for when no mail comes.
    pub fn is_asked_after(&self, first: Method) -> bool {
        if first == Method::Passkey {
            return false;
        }
        let is_always = self.has_app() || (self.passkeys > 0 && self.passkey_always);
        let needs_mail = !first.is_by_mail() && first != Method::PrintedLink;
        is_always || (self.has_mail && needs_mail)
    }
}

/// The second factors of a person.
///
/// Errors: [`Error::NotFound`] for nobody.
pub fn get_enrolled(op: &mut DirectoryOp, user: UserId) -> Result<Enrolled, Error> {
    let here = passkey::domain(op);
    let row = op.optional(&COUNT, &[user.into(), here.into()])?.ok_or(Error::NotFound)?;
    Ok(Enrolled {
        has_mail: row.get::<Option<i64>>(0)?.is_some(),
        apps: row.get(1)?,
        recovery_codes: row.get(2)?,
        passkeys: row.get(3)?,
        passkey_always: row.get::<Option<i64>>(4)?.is_some(),
    })
}

/// Index `authenticators_user`; the primary key of `recovery_codes`; the unique index over `user_id` and
/// `slot` of `passkeys`. Those made for another address count for nothing: nobody can show them here.
const COUNT: Statement = Statement::new(
    "second.count",
    "SELECT p.second_mail_at,
            (SELECT COUNT(*) FROM authenticators a
             WHERE a.user_id = p.id AND a.confirmed_at IS NOT NULL),
            (SELECT COUNT(*) FROM recovery_codes r WHERE r.user_id = p.id AND r.used_at IS NULL),
            (SELECT COUNT(*) FROM passkeys k WHERE k.user_id = p.id AND k.domain = $2),
            p.passkey_always_at
     FROM people p WHERE p.id = $1",
);

pub(super) const STATEMENTS: &[Statement] = &[COUNT];

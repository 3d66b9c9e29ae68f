//! The keys of the instance: made at the first start, known to the directory ever after.
//!
//! The directory keeps their ids, so that a keyring that was lost (and silently begun anew) is
//! found at start, and so that an orphan key that is newer than the one in use is never taken.

use store::{Row, Statement};
use vault::{KeyId, KeyKind, VaultError};

use crate::{App, DirectoryOp, Error, op::key};

/// The instance's own keys carry no owner.
const NO_OWNER: [u8; 16] = [0; 16];

const KINDS: [KeyKind; 6] = [
    KeyKind::DirectoryText,
    KeyKind::AddressIndex,
    KeyKind::LoginCodes,
    KeyKind::Cookies,
    KeyKind::Passwords,
    KeyKind::LogSigning,
];

/// The keys of the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instance {
    pub(crate) canary: KeyId,
    /// Seals letters, intentions and names of programs.
    pub(crate) text: KeyId,
    /// Hashes addresses for look-up.
    pub(crate) addresses: KeyId,
    /// Hashes codes, links and networks.
    pub(crate) codes: KeyId,
    /// Hashes what cookies carry.
    pub(crate) cookies: KeyId,
    /// Hashes passwords, before Argon2id does.
    pub(crate) pepper: KeyId,
    /// Signs the heads of logs.
    pub(crate) log: KeyId,
}

/// Why the instance does not start.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// The directory belongs to another keyring.
    #[error(
        "the keyring is not the one this directory was made with: put the old keyring back (all of \
         its copies are missing or belong to another instance)"
    )]
    ForeignKeyring,
    /// The keyring lacks a key that the directory needs, or holds it damaged.
    #[error("the keyring lacks a key of this instance")]
    Key(#[from] VaultError),
    /// The directory cannot be read or written.
    #[error(transparent)]
    App(#[from] Error),
}

impl App {
    /// Finds the keys of the instance, and makes them at the first start. Call it once, before
    /// anything else of the directory.
    ///
    /// Errors: an [`InstanceError`]; the server must not start then.
    pub async fn open_instance(&self) -> Result<Instance, InstanceError> {
        let request = self.new_request();
        let found = self.read_directory(request, find_instance).await?;
        let instance = match found {
            Found::Whole(instance) => instance,
            Found::OfAnOlderRelease => self.make_later_keys().await?,
            Found::Nothing => self.make_instance().await?,
        };
        if self.vault().key_for(KeyKind::Canary, NO_OWNER) != Some(instance.canary) {
            return Err(InstanceError::ForeignKeyring);
        }
        self.vault().sealing_key(instance.text)?;
        let hashing = [instance.addresses, instance.codes, instance.cookies, instance.pepper];
        for hashing in hashing {
            self.vault().mac_key(hashing)?;
        }
        self.vault().signing_seed(instance.log)?;
        Ok(*App::instance(self).get_or_init(|| instance))
    }

    /// Two nodes may start at once: the row that is there first holds.
    async fn make_instance(&self) -> Result<Instance, InstanceError> {
        self.ensure_keys(&KINDS.map(|kind| (kind, NO_OWNER))).await?;
        let made = self.newest_keys()?;
        let instance = self
            .write_directory(self.new_request(), move |op| {
                let Instance { canary, text, addresses, codes, cookies, pepper, log } = made;
                let keys = [canary, text, addresses, codes, cookies, pepper, log];
                let mut values: Vec<store::Value> =
                    keys.iter().map(|key| key.get().into()).collect();
                values.push(op.now_us().into());
                op.execute(&INSERT, &values)?;
                get_instance(op)
            })
            .await?;
        Ok(instance)
    }

    /// An instance of a release that knew no passwords, or no ledger, gets their keys now.
    async fn make_later_keys(&self) -> Result<Instance, InstanceError> {
        let later = [KeyKind::Passwords, KeyKind::LogSigning];
        self.ensure_keys(&later.map(|kind| (kind, NO_OWNER))).await?;
        let Instance { pepper, log, .. } = self.newest_keys()?;
        let instance = self.write_directory(self.new_request(), move |op| {
            op.execute(&KEEP_PEPPER, &[pepper.get().into()])?;
            op.execute(&KEEP_LOG_KEY, &[log.get().into()])?;
            get_instance(op)
        });
        Ok(instance.await?)
    }

    fn newest_keys(&self) -> Result<Instance, InstanceError> {
        let newest = |kind| {
            let key = self.vault().key_for(kind, NO_OWNER);
            key.ok_or_else(|| Error::bug("a key just made is not there"))
        };
        Ok(Instance {
            canary: newest(KeyKind::Canary)?,
            text: newest(KeyKind::DirectoryText)?,
            addresses: newest(KeyKind::AddressIndex)?,
            codes: newest(KeyKind::LoginCodes)?,
            cookies: newest(KeyKind::Cookies)?,
            pepper: newest(KeyKind::Passwords)?,
            log: newest(KeyKind::LogSigning)?,
        })
    }
}

/// What the directory knows of its keys.
enum Found {
    Whole(Instance),
    OfAnOlderRelease,
    Nothing,
}

fn find_instance(op: &mut DirectoryOp) -> Result<Found, Error> {
    let Some(row) = op.optional(&FIND, &[])? else { return Ok(Found::Nothing) };
    match (row.get::<Option<i64>>(5)?, row.get::<Option<i64>>(6)?) {
        (Some(pepper), Some(log)) => Ok(Found::Whole(read(&row, pepper, log)?)),
        _ => Ok(Found::OfAnOlderRelease),
    }
}

pub(crate) fn get_instance(op: &mut DirectoryOp) -> Result<Instance, Error> {
    match find_instance(op)? {
        Found::Whole(instance) => Ok(instance),
        _ => Err(Error::bug("the instance was never opened")),
    }
}

fn read(row: &Row, pepper: i64, log: i64) -> Result<Instance, Error> {
    Ok(Instance {
        pepper: key(pepper)?,
        log: key(log)?,
        canary: key(row.get(0)?)?,
        text: key(row.get(1)?)?,
        addresses: key(row.get(2)?)?,
        codes: key(row.get(3)?)?,
        cookies: key(row.get(4)?)?,
    })
}

const FIND: Statement = Statement::new(
    "identity.find_instance",
    "SELECT canary_key, text_key, address_key, codes_key, cookies_key, pepper_key,
            log_key
     FROM instance WHERE id = 1",
);

const INSERT: Statement = Statement::new(
    "identity.insert_instance",
    "INSERT INTO instance
         (id, canary_key, text_key, address_key, codes_key, cookies_key, pepper_key, log_key,
          created_at)
     VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
);

/// Two nodes may start at once: the key that is there first holds.
const KEEP_PEPPER: Statement = Statement::new(
    "identity.keep_pepper",
    "UPDATE instance SET pepper_key = $1 WHERE id = 1 AND pepper_key IS NULL",
);

/// As above.
const KEEP_LOG_KEY: Statement = Statement::new(
    "identity.keep_log_key",
    "UPDATE instance SET log_key = $1 WHERE id = 1 AND log_key IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, INSERT, KEEP_PEPPER, KEEP_LOG_KEY];

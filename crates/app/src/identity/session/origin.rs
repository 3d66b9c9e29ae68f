//! From where somebody signs in: the device in words, and its network.
//!
//! Both are kept so that a person knows their own sign-ins again, in the list of them and in mails.
//! The network is the IPv4 address, or the /64 of an IPv6 one: that is what one has at home or in an
//! office. The rest of an IPv6 address changes within a day and tells one machine from another, which
//! is nobody's business here. Where on earth that is would have to be asked of somebody else, and is
//! not.

use std::{collections::HashMap, fmt};

use domain::ids::{Id, SessionId, UserId};
use store::{Row, Statement, Value};
use uuid::Uuid;
use vault::Field;

use crate::{DirectoryOp, Error, field};

/// From where somebody signs in, as far as their request tells.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Such as `Firefox on Linux`.
    pub device: Option<String>,
    /// The IPv4 address or the IPv6 /64, as text.
    pub network: Option<String>,
    /// The marks that the browser carries, as its cookie has them
    /// ([`mark_browser`](crate::identity::mark_browser)).
    pub mark: Option<String>,
    /// Where the server is reached, from the configuration, never from the request: letters that tell
    /// of it lead there. May be empty.
    pub base_url: String,
}

/// It is for the person alone.
impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Origin(..)")
    }
}

impl Origin {
    /// What the server does by itself comes from no browser.
    pub fn of_server(base_url: &str) -> Self {
        Self {
            device: Some("None: the server did this by itself".to_owned()),
            network: Some("None".to_owned()),
            base_url: base_url.to_owned(),
            ..Self::default()
        }
    }

    /// The device, also where it is not known.
    pub fn device_words(&self) -> &str {
        self.device.as_deref().unwrap_or("An unknown browser")
    }

    /// `device_sealed`, `network_sealed` and `sealed_rev` of a row.
    pub(super) fn seal(
        &self,
        op: &mut DirectoryOp,
        row: impl Id,
        sealed_rev: i64,
    ) -> Result<[Value; 3], Error> {
        let key = op.instance()?.text;
        let seal = |field: Field, text: &Option<String>| {
            text.as_ref().map(|text| op.seal(key, field, row, sealed_rev, text)).transpose()
        };
        let device = seal(field::LOGIN_DEVICE, &self.device)?;
        let network = seal(field::LOGIN_NETWORK, &self.network)?;
        Ok([device.into(), network.into(), sealed_rev.into()])
    }

    /// Reads what [`Origin::seal`] has written, from `first` on.
    ///
    /// Errors: [`Error::Damaged`] where it does not open.
    pub(crate) fn read(
        op: &DirectoryOp,
        row: &Row,
        id: impl Id,
        first: usize,
    ) -> Result<Self, Error> {
        let Some(sealed_rev) = row.get::<Option<i64>>(first + 2)? else {
            return Ok(Self::default());
        };
        let open = |field: Field, index: usize| {
            let sealed: Option<Vec<u8>> = row.get(index)?;
            sealed.map(|sealed| op.open(field, id, sealed_rev, &sealed)).transpose()
        };
        Ok(Self {
            device: open(field::LOGIN_DEVICE, first)?,
            network: open(field::LOGIN_NETWORK, first + 1)?,
            ..Self::default()
        })
    }
}

/// From where the sessions and the remembered browsers of a person were opened, by their ids; those
/// that have ended are left out.
///
/// Errors: [`Error::Store`].
pub fn list_origins(op: &mut DirectoryOp, user: UserId) -> Result<HashMap<Uuid, Origin>, Error> {
    let rows = [op.query(&LIST, &[user.into()])?, op.query(&LIST_REMEMBERED, &[user.into()])?];
    let mut origins = HashMap::new();
    for row in rows.iter().flatten() {
        // Or a browser's: where it was sealed, an id is an id.
        let id: SessionId = row.get(0)?;
        origins.insert(id.uuid(), Origin::read(op, row, id, 1)?);
    }
    Ok(origins)
}

/// Whether a person has signed in from there before, as far as their sessions are still kept. A network
/// that is not known is new.
///
/// Errors: [`Error::Store`].
pub(in crate::identity) fn has_network(
    op: &mut DirectoryOp,
    user: UserId,
    origin: &Origin,
) -> Result<bool, Error> {
    if origin.network.is_none() {
        return Ok(false);
    }
    for row in op.query(&LIST_NEWEST, &[user.into()])? {
        let id: SessionId = row.get(0)?;
        if Origin::read(op, &row, id, 1)?.network == origin.network {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Index `sessions_user`; also those that have ended.
const LIST_NEWEST: Statement = Statement::new(
    "origin.list_newest",
    "SELECT id, device_sealed, network_sealed, sealed_rev FROM sessions
     WHERE user_id = $1 ORDER BY created_at DESC LIMIT 100",
);

/// Index `sessions_user`.
const LIST: Statement = Statement::new(
    "origin.list",
    "SELECT id, device_sealed, network_sealed, sealed_rev FROM sessions
     WHERE user_id = $1 AND ended_at IS NULL",
);

/// Index `remembered_user`.
const LIST_REMEMBERED: Statement = Statement::new(
    "origin.list_remembered",
    "SELECT id, device_sealed, network_sealed, sealed_rev FROM remembered
     WHERE user_id = $1 AND revoked_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST_NEWEST, LIST, LIST_REMEMBERED];

//! What was mailed to somebody who may join: a link that works once, for a day.
//!
//! Each asking for a code writes one, and most of them are open to nobody and hold nothing: so what is
//! written is the same for every address.

use domain::{ids::OfferId, text::EmailAddress};
use store::Statement;
use vault::Secret;

use super::place::{JoinPlace, MOST_PLACES};
use crate::{
    DirectoryOp, Error, field,
    identity::{
        policy::{CLOCK_SKEW_US, OFFER_LIFE_US},
        secret::Drawn,
    },
};

/// Bytes of the workspaces in an offer, however many there are: each an id, a version and a line break.
const LINES: usize = MOST_PLACES * (36 + 1 + 20 + 1);

/// What a link offers.
pub(crate) struct Offer {
    /// To whom it was mailed.
    pub(crate) address: EmailAddress,
    /// What they could join then.
    pub(crate) places: Vec<JoinPlace>,
}

/// Writes what an address is offered, and draws the secret of its link; does the same work where nothing
/// is offered.
///
/// Errors: [`Error::Store`]. Audit: none, nothing has happened yet.
pub(in crate::identity) fn write_offer(
    op: &mut DirectoryOp,
    address: &EmailAddress,
    places: &[JoinPlace],
    is_open: bool,
) -> Result<Secret<String>, Error> {
    let id: OfferId = op.new_id();
    let secret = Drawn::new(op);
    let line = |place: &JoinPlace| format!("{} {}", place.workspace, place.version);
    let lines = places.iter().map(line).collect::<Vec<_>>().join("\n");
    let mut text = format!("{}\n{lines:<LINES$}", address.as_str());
    if !is_open {
        text = " ".repeat(text.len());
    }
    let key = op.instance()?.text;
    let sealed = op.seal(key, field::JOIN_OFFER, id, 1, &text)?;
    let now = op.now_us();
    let values = [
        id.into(),
        secret.hash.into(),
        sealed.into(),
        now.into(),
        (now + OFFER_LIFE_US).into(),
        is_open.into(),
    ];
    op.execute(&INSERT, &values)?;
    Ok(secret.text)
}

/// The open offer of a link.
///
/// Errors: [`Error::Store`].
pub(crate) fn find_offer(op: &mut DirectoryOp, hash: &[u8; 32]) -> Result<Option<Offer>, Error> {
    let now = op.now_us();
    let values = [(*hash).into(), now.into(), (now + CLOCK_SKEW_US).into()];
    let Some(row) = op.optional(&FIND, &values)? else { return Ok(None) };
    let (id, sealed): (OfferId, Vec<u8>) = (row.get(0)?, row.get(1)?);
    let text = op.open(field::JOIN_OFFER, id, 1, &sealed)?;
    read(&text).map(Some).ok_or_else(|| Error::bug("a stored offer is not one"))
}

fn read(text: &str) -> Option<Offer> {
    let (address, lines) = text.split_once('\n')?;
    let place = |line: &str| {
        let (workspace, version) = line.split_once(' ')?;
        Some(JoinPlace { workspace: workspace.parse().ok()?, version: version.parse().ok()? })
    };
    Some(Offer {
        address: EmailAddress::parse(address).ok()?,
        places: lines.trim_end().lines().map(place).collect::<Option<_>>()?,
    })
}

/// Uses a link up; does nothing when it is.
///
/// Errors: [`Error::Store`].
pub(crate) fn use_up_offer(op: &mut DirectoryOp, hash: &[u8; 32]) -> Result<(), Error> {
    op.execute(&USE_UP, &[(*hash).into()])?;
    Ok(())
}

const INSERT: Statement = Statement::new(
    "join_offer.insert",
    "INSERT INTO join_offers (id, secret_hash, offer_sealed, created_at, expires_at, is_open)
     VALUES ($1, $2, $3, $4, $5, $6)",
);

/// The unique index of `secret_hash`. What was made in the future was made before the clock was set back.
const FIND: Statement = Statement::new(
    "join_offer.find",
    "SELECT id, offer_sealed FROM join_offers
     WHERE secret_hash = $1 AND is_open = 1 AND expires_at > $2 AND created_at <= $3",
);

const USE_UP: Statement = Statement::new(
    "join_offer.use_up",
    "UPDATE join_offers SET is_open = 0 WHERE secret_hash = $1 AND is_open = 1",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT, FIND, USE_UP];

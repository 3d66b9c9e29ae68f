//! The way to a provider and back: what was drawn for it, and that it is used once, where it began.

use domain::ids::{JourneyId, ProviderId, SessionId, WorkspaceId};
use store::Statement;
use vault::Secret;

use super::Which;
use crate::{
    DirectoryOp, Error, field,
    identity::{
        hash_secret,
        policy::{CLOCK_SKEW_US, CODE_LIFE_US},
        secret::Drawn,
    },
};

/// A browser that sets out.
#[derive(Debug, Clone)]
pub struct NewJourney {
    /// To which provider.
    pub provider: Which,
    /// The hash of the secret in the browser's login cookie.
    pub cookie_hash: [u8; 32],
    /// The session of somebody who joins the account there to their own here; none for who signs in.
    pub connects: Option<SessionId>,
    /// Where they go on afterwards: a path of ours.
    pub next: String,
}

/// What goes along, and what stays here.
pub struct Journey {
    /// Comes back as it went (`state`).
    pub state: Secret<String>,
    /// Stands in the token (`nonce`).
    pub nonce: Secret<String>,
    /// Stays here until the code is redeemed (PKCE).
    pub verifier: Secret<String>,
}

/// A journey that came to its end.
pub struct Taken {
    /// From which provider.
    pub provider: Which,
    /// What stands in the token.
    pub nonce: Secret<String>,
    /// What redeems the code.
    pub verifier: Secret<String>,
    /// The session of who connects.
    pub connects: Option<SessionId>,
    /// Where they go on.
    pub next: String,
}

/// Draws what a journey needs, and writes it down for ten minutes.
///
/// Errors: [`Error::Store`]. Audit: none, nobody is in yet.
pub fn begin_journey(op: &mut DirectoryOp, new: &NewJourney) -> Result<Journey, Error> {
    let id: JourneyId = op.new_id();
    let (state, nonce, verifier) = (Drawn::new(op), Drawn::new(op), Drawn::new(op));
    let payload = [nonce.text.expose().as_str(), verifier.text.expose(), &new.next].join("\n");
    let key = op.instance()?.text;
    let sealed = op.seal(key, field::PROVIDER_JOURNEY, id, 1, &payload)?;
    let now = op.now_us();
    let values = [
        id.into(),
        state.hash.into(),
        new.cookie_hash.into(),
        new.provider.id.into(),
        new.provider.workspace.into(),
        new.connects.into(),
        sealed.into(),
        now.into(),
        (now + CODE_LIFE_US).into(),
    ];
    op.execute(&INSERT, &values)?;
    Ok(Journey { state: state.text, nonce: nonce.text, verifier: verifier.text })
}

/// Where a browser comes back to: the state as it was sent, the cookie of the browser, and whose
/// address it was sent to.
type Back<'a> = (&'a str, &'a [u8; 32], Option<WorkspaceId>);

/// Uses a journey up: once, in the browser where it began, at the address of the provider's own
/// workspace.
///
/// Errors: [`Error::Store`]. Audit: none, nobody is in yet.
pub fn take_journey(op: &mut DirectoryOp, back: Back<'_>) -> Result<Option<Taken>, Error> {
    let Some((id, taken)) = find(op, back)? else { return Ok(None) };
    let used = op.execute(&USE_UP, &[id.into(), op.now_us().into()])?;
    Ok((used == 1).then_some(taken))
}

fn find(
    op: &mut DirectoryOp,
    (state, cookie_hash, workspace): Back<'_>,
) -> Result<Option<(JourneyId, Taken)>, Error> {
    let Some(state_hash) = hash_secret(state) else { return Ok(None) };
    let now = op.now_us();
    let values =
        [state_hash.into(), (*cookie_hash).into(), now.into(), (now + CLOCK_SKEW_US).into()];
    let Some(row) = op.optional(&FIND, &values)? else { return Ok(None) };
    let id: JourneyId = row.get(0)?;
    let provider =
        Which { id: row.get::<ProviderId>(1)?, workspace: row.get::<Option<WorkspaceId>>(2)? };
    if provider.workspace != workspace {
        return Ok(None);
    }
    let sealed: Vec<u8> = row.get(4)?;
    let payload = op.open(field::PROVIDER_JOURNEY, id, 1, &sealed)?;
    let lines: Vec<&str> = payload.split('\n').collect();
    let [nonce, verifier, next] =
        lines.try_into().map_err(|_| Error::bug("a stored journey of another shape"))?;
    let secret = |text: &str| Secret::new(text.to_owned());
    let taken = Taken {
        provider,
        nonce: secret(nonce),
        verifier: secret(verifier),
        connects: row.get(3)?,
        next: next.to_owned(),
    };
    Ok(Some((id, taken)))
}

const INSERT: Statement = Statement::new(
    "provider.insert_journey",
    "INSERT INTO provider_journeys
         (id, state_hash, cookie_hash, provider_id, workspace_id, session_id, payload_sealed,
          created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);

/// The unique index of `state_hash`. What was made in the future was made before the clock was set back.
const FIND: Statement = Statement::new(
    "provider.find_journey",
    "SELECT id, provider_id, workspace_id, session_id, payload_sealed FROM provider_journeys
     WHERE state_hash = $1 AND cookie_hash = $2 AND used_at IS NULL AND expires_at > $3
       AND created_at <= $4",
);

const USE_UP: Statement = Statement::new(
    "provider.use_journey",
    "UPDATE provider_journeys SET used_at = $2 WHERE id = $1 AND used_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT, FIND, USE_UP];

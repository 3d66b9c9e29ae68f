//! A question to a device, and what was kept of it for its answer.

use domain::ids::{PasskeyChallengeId, UserId};
use store::Statement;
use vault::passkey::Begun;

use crate::{
    DirectoryOp, Error,
    identity::policy::{CHALLENGE_LIFE_US, CLOCK_SKEW_US},
};

/// What an answer is to do. It does nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    SignIn,
    SecondStep,
    Proof,
    Add,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SecondStep => "second-step",
            Self::Proof => "proof",
            Self::Add => "add",
        }
    }
}

/// Which browser is asked, and for whose passkey.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) purpose: Purpose,
    /// The hash of its login cookie's secret, or of its session's.
    pub(super) browser: [u8; 32],
    /// Nobody, where whoever answers signs in.
    pub(super) user: Option<UserId>,
}

/// Keeps a question; what the browser is to be given. `network` is counted.
pub(super) fn keep(
    op: &mut DirectoryOp,
    asked: Asked,
    network: Option<[u8; 32]>,
    begun: Begun,
) -> Result<String, Error> {
    let now = op.now_us();
    let purpose = asked.purpose.as_str();
    op.execute(&REPLACE_OLDER, &[asked.browser.into(), purpose.into(), now.into()])?;
    let id: PasskeyChallengeId = op.new_id();
    let values = [
        id.into(),
        purpose.into(),
        asked.browser.into(),
        asked.user.into(),
        network.into(),
        begun.state.into(),
        now.into(),
        (now + CHALLENGE_LIFE_US).into(),
    ];
    op.execute(&INSERT, &values)?;
    Ok(begun.options)
}

/// Uses the open question of a browser up; what was kept of it. None where there is none: too old,
/// answered, replaced, never asked, or of somebody else.
pub(super) fn take(op: &mut DirectoryOp, asked: Asked) -> Result<Option<Vec<u8>>, Error> {
    let now = op.now_us();
    let values = [asked.browser.into(), asked.purpose.as_str().into(), now.into()];
    let Some(row) = op.optional(&USE_UP, &values)? else { return Ok(None) };
    let (created_at, expires_at): (i64, i64) = (row.get(2)?, row.get(3)?);
    // From the future: from before the clock was set back.
    let is_past = now >= expires_at || now < created_at - CLOCK_SKEW_US;
    if is_past || row.get::<Option<UserId>>(1)? != asked.user {
        return Ok(None);
    }
    Ok(Some(row.get(0)?))
}

/// Questions that a network has asked for since.
pub(super) fn count_of_network(
    op: &mut DirectoryOp,
    network: [u8; 32],
    since: i64,
) -> Result<i64, Error> {
    Ok(op.one(&COUNT_OF_NETWORK, &[network.into(), since.into()])?.get(0)?)
}

/// The index `passkey_challenges_one_open` allows one open question for each browser and purpose.
const REPLACE_OLDER: Statement = Statement::new(
    "passkey_challenge.replace_older",
    "UPDATE passkey_challenges SET dead_at = $3
     WHERE browser_hash = $1 AND purpose = $2 AND used_at IS NULL AND dead_at IS NULL",
);

const INSERT: Statement = Statement::new(
    "passkey_challenge.insert",
    "INSERT INTO passkey_challenges
         (id, purpose, browser_hash, user_id, network_mac, state, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);

/// Two answers at once: the row is written by one of them.
const USE_UP: Statement = Statement::new(
    "passkey_challenge.use_up",
    "UPDATE passkey_challenges SET used_at = $3
     WHERE browser_hash = $1 AND purpose = $2 AND used_at IS NULL AND dead_at IS NULL
     RETURNING state, user_id, created_at, expires_at",
);

/// Index `passkey_challenges_network`.
const COUNT_OF_NETWORK: Statement = Statement::new(
    "passkey_challenge.count_of_network",
    "SELECT COUNT(*) FROM passkey_challenges WHERE network_mac = $1 AND created_at > $2",
);

pub(super) const STATEMENTS: &[Statement] = &[REPLACE_OLDER, INSERT, USE_UP, COUNT_OF_NETWORK];

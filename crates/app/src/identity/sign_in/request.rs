//! Ask for a code and a link by mail.

use std::fmt;

use domain::{
    ids::{AttemptId, UserId, WorkspaceId},
    text::EmailAddress,
};
use store::Statement;
use vault::{Secret, draw_code, draw_token, encode_base64url};

use crate::{
    DirectoryOp, Error,
    identity::{
        joining::{find_places, write_offer},
        letters,
        lockout::{self, Guessed},
        outbox::{self, Letter, LetterKind},
        person::address_index,
        policy::{
            CODE_LIFE_US, MOST_MAILS_OF_ACCOUNT, MOST_OF_NETWORK, MOST_OPEN,
            MOST_WRONG_CODES_OF_ACCOUNT, QUOTA_SPAN_US,
        },
        secret::{LINK_BYTES, codes_mac},
    },
};

/// What a browser asks with.
#[derive(Clone)]
pub struct RequestCode {
    /// Who wants to sign in.
    pub address: EmailAddress,
    /// The hash of the secret in the browser's login cookie
    /// ([`hash_secret`](crate::identity::hash_secret)).
    pub cookie_hash: [u8; 32],
    /// The IPv4 address or the IPv6 /64 it comes from, as text. Only a keyed hash is kept.
    pub network: String,
    /// Whether somebody signed in with this address in this browser before
    /// ([`is_known_browser`](crate::identity::is_known_browser)).
    pub is_known_device: bool,
    /// Whether the browser is to be remembered.
    pub remember: bool,
    /// Where the server is reached, from the configuration, never from the request.
    pub base_url: String,
    /// Whether somebody who is signed in shows anew who they are; then the letter has no link.
    pub is_proof: bool,
}

/// Where it comes from is kept nowhere.
impl fmt::Debug for RequestCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestCode").field("is_proof", &self.is_proof).finish_non_exhaustive()
    }
}

/// Mails a code and a link, if the address belongs to somebody who may sign in; to one that nobody has,
/// but who may join a workspace by its mail domain, the link by which they do. Whether the quotas allow
/// it: that is for nobody to read but somebody who is signed in with that address.
///
/// The answer and the work are the same for every address: an address that nobody has gets an
/// attempt that no code opens, and a row in the outbox that is never sent; who may join nothing, an offer
/// that no link opens. Beyond the quotas (see
/// the module) nothing is mailed and nothing is refused; what was mailed before keeps working.
///
/// Errors: [`Error::Store`]. Audit: none, nothing has happened yet.
pub fn request_code(op: &mut DirectoryOp, command: &RequestCode) -> Result<bool, Error> {
    let Some(asked) = begin_attempt(op, command, Whose::OfAddress)? else {
        return Ok(false);
    };
    let offer = offer_joining(op, command, &asked)?;
    let is_wanted = asked.is_somebodys || offer.is_some();
    let takes_code = takes_code(op, command)?;
    let (kind, letter) = letter_of(command, &asked, offer, takes_code)?;
    outbox::enqueue_or_pretend(op, kind, &letter, is_wanted)?;
    Ok(asked.has_quota)
}

/// The secret of the link by which somebody unknown may join; written for everybody, and open to few.
fn offer_joining(
    op: &mut DirectoryOp,
    command: &RequestCode,
    asked: &Asked,
) -> Result<Option<Secret<String>>, Error> {
    let places = find_places(op, &command.address)?;
    let is_stranger = asked.has_quota && !asked.is_somebodys && !command.is_proof;
    let is_open = is_stranger && !places.is_empty();
    let secret = write_offer(op, &command.address, &places, is_open)?;
    Ok(is_open.then_some(secret))
}

fn letter_of(
    command: &RequestCode,
    asked: &Asked,
    offer: Option<Secret<String>>,
    takes_code: bool,
) -> Result<(LetterKind, Letter), Error> {
    let RequestCode { address, base_url, is_proof, .. } = command;
    let (code, link) = (asked.code.expose(), asked.link.expose());
    Ok(match offer {
        Some(secret) => {
            (LetterKind::JoinOffer, letters::join_offer(address, base_url, secret.expose())?)
        }
        None if *is_proof => (LetterKind::SignInCode, letters::proof_code(address, code)?),
        None if !takes_code => {
            (LetterKind::SignInCode, letters::sign_in_by_link(address, base_url, link)?)
        }
        None => {
            let letter = letters::sign_in_code(address, code, base_url, link)?;
            (LetterKind::SignInCode, letter)
        }
    })
}

/// Whether a code may be typed in this browser: too many were not wrong.
fn takes_code(op: &mut DirectoryOp, command: &RequestCode) -> Result<bool, Error> {
    let account = address_index(op, &command.address)?;
    Ok(command.is_known_device || !lockout::is_off(op, account, Guessed::SignInCode)?)
}

/// Mails a code by which somebody who comes from a provider confirms that the account there is theirs,
/// if the address belongs to somebody in its workspace; the attempt that the code belongs to, where one
/// was written. Otherwise as [`request_code`].
///
/// Errors: [`Error::Store`]. Audit: none, nothing has happened yet.
pub(in crate::identity) fn request_link_code(
    op: &mut DirectoryOp,
    command: &RequestCode,
    host: &str,
    workspace: Option<WorkspaceId>,
) -> Result<Option<AttemptId>, Error> {
    let whose = workspace.map_or(Whose::OfAddress, Whose::MemberOf);
    let Some(asked) = begin_attempt(op, command, whose)? else {
        return Ok(None);
    };
    let letter = letters::provider_code(&command.address, asked.code.expose(), host)?;
    outbox::enqueue_or_pretend(op, LetterKind::SignInCode, &letter, asked.is_somebodys)?;
    Ok(Some(asked.id))
}

/// Whom a right code stands for.
#[derive(Clone, Copy)]
pub(in crate::identity) enum Whose {
    /// Who has the address and may sign in with it.
    OfAddress,
    /// Who has the address and belongs to this workspace.
    MemberOf(WorkspaceId),
    /// This person, whoever has the address; nobody, so that no code is right.
    Given(Option<UserId>),
}

/// An attempt just written, with what its letter carries.
pub(in crate::identity) struct Asked {
    pub(in crate::identity) id: AttemptId,
    pub(in crate::identity) code: Secret<String>,
    pub(in crate::identity) link: Secret<String>,
    /// Whether the quotas of the address allow a letter.
    pub(in crate::identity) has_quota: bool,
    /// Whether a right code would stand for somebody.
    is_somebodys: bool,
}

/// Writes an attempt, within the quotas; nothing, when the network has asked too often.
pub(in crate::identity) fn begin_attempt(
    op: &mut DirectoryOp,
    command: &RequestCode,
    whose: Whose,
) -> Result<Option<Asked>, Error> {
    let Limits { network, index, has_quota, is_over } = limits(op, command)?;
    // Nothing is written, so that one network cannot fill the disk. It learns what it did itself.
    if is_over {
        return Ok(None);
    }
    let user: Option<UserId> = match whose {
        Whose::Given(user) => user,
        Whose::OfAddress => {
            let row = op.optional(&FIND_WHO_MAY, &[index.into()])?;
            row.map(|row| row.get(0)).transpose()?
        }
        Whose::MemberOf(workspace) => {
            let row = op.optional(&FIND_WHO_MAY_THERE, &[index.into(), workspace.into()])?;
            row.map(|row| row.get(0)).transpose()?
        }
    };
    let user = user.filter(|_| has_quota);
    if has_quota {
        let values = [command.cookie_hash.into(), op.now_us().into()];
        op.execute(&REPLACE_OLDER, &values)?;
    }
    let written = write_attempt(op, command, Found { network, index, user, has_quota })?;
    let (code, link, is_somebodys) = (written.code, written.link, user.is_some());
    Ok(Some(Asked { id: written.id, code, link, has_quota, is_somebodys }))
}

/// Whether a network has asked so often that [`request_code`] would do nothing: a look that writes
/// nothing.
///
/// Errors: [`Error::Store`].
pub fn is_over_quota(op: &mut DirectoryOp, command: &RequestCode) -> Result<bool, Error> {
    Ok(limits(op, command)?.is_over)
}

/// What may still be asked for.
struct Limits {
    network: [u8; 32],
    index: [u8; 32],
    /// Whether the address may have another letter.
    has_quota: bool,
    /// Whether nothing is done at all.
    is_over: bool,
}

fn limits(op: &mut DirectoryOp, command: &RequestCode) -> Result<Limits, Error> {
    let network = codes_mac(op, "network", command.network.as_bytes())?;
    let index = address_index(op, &command.address)?;
    let since = op.now_us() - QUOTA_SPAN_US;
    let asked: i64 = op.one(&COUNT_OF_NETWORK, &[network.into(), since.into()])?.get(0)?;
    let has_quota = has_quota(op, command, &index, since)?;
    // A known browser has the quota of its person: strangers beside it keep nobody from their code.
    let has_own = command.is_known_device && has_quota;
    let is_over = asked >= MOST_OF_NETWORK && !has_own;
    Ok(Limits { network, index, has_quota, is_over })
}

/// What the look-ups gave.
struct Found {
    network: [u8; 32],
    index: [u8; 32],
    user: Option<UserId>,
    has_quota: bool,
}

struct Written {
    id: AttemptId,
    code: Secret<String>,
    link: Secret<String>,
}

fn write_attempt(
    op: &mut DirectoryOp,
    command: &RequestCode,
    found: Found,
) -> Result<Written, Error> {
    let id: AttemptId = op.new_id();
    let code = draw_code(op.random());
    let link = draw_token(op.random(), LINK_BYTES);
    let now = op.now_us();
    let values = [
        id.into(),
        command.cookie_hash.into(),
        found.index.into(),
        found.user.into(),
        found.network.into(),
        command.is_known_device.into(),
        command.remember.into(),
        code_mac(op, id, code.expose())?.into(),
        codes_mac(op, "link", link.expose())?.into(),
        now.into(),
        (now + CODE_LIFE_US).into(),
        found.has_quota.into(),
        (!found.has_quota).then_some(now).into(),
    ];
    op.execute(&INSERT, &values)?;
    Ok(Written { id, code, link: Secret::new(encode_base64url(link.expose())) })
}

/// The keyed hash of a code, good for one attempt only.
pub(super) fn code_mac(
    op: &mut DirectoryOp,
    attempt: AttemptId,
    code: &str,
) -> Result<[u8; 32], Error> {
    codes_mac(op, "code", &[attempt.as_bytes().as_slice(), code.as_bytes()].concat())
}

/// Whether the account has mails, open attempts and tries left for this sort of device.
fn has_quota(
    op: &mut DirectoryOp,
    command: &RequestCode,
    index: &[u8; 32],
    since: i64,
) -> Result<bool, Error> {
    let counts = op.one(
        &COUNT_OF_ACCOUNT,
        &[
            (*index).into(),
            command.is_known_device.into(),
            since.into(),
            op.now_us().into(),
            command.cookie_hash.into(),
        ],
    )?;
    let (mails, open, wrong): (i64, i64, i64) = (counts.get(0)?, counts.get(1)?, counts.get(2)?);
    Ok(mails < MOST_MAILS_OF_ACCOUNT && open < MOST_OPEN && wrong < MOST_WRONG_CODES_OF_ACCOUNT)
}

/// Index `login_attempts_network`.
const COUNT_OF_NETWORK: Statement = Statement::new(
    "sign_in.count_of_network",
    "SELECT COUNT(*) FROM login_attempts WHERE network_index = $1 AND created_at > $2",
);

/// Index `login_attempts_address`. An attempt of the asking browser is about to be replaced and
/// does not count as open.
const COUNT_OF_ACCOUNT: Statement = Statement::new(
    "sign_in.count_of_account",
    "SELECT CAST(COALESCE(SUM(in_quota), 0) AS BIGINT),
            CAST(COALESCE(SUM(CASE WHEN used_at IS NULL AND dead_at IS NULL AND expires_at > $4
                                        AND cookie_hash <> $5 THEN 1 ELSE 0 END), 0) AS BIGINT),
            CAST(COALESCE(SUM(wrong_codes), 0) AS BIGINT)
     FROM login_attempts
     WHERE address_index = $1 AND is_known_device = $2 AND created_at > $3",
);

/// Somebody who is not disabled and belongs to at least one workspace.
const FIND_WHO_MAY: Statement = Statement::new(
    "sign_in.find_who_may",
    "SELECT p.id FROM people p
     WHERE p.address_index = $1 AND p.disabled_at IS NULL
       AND EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = p.id AND m.removed_at IS NULL)",
);

/// Somebody who is not disabled and belongs to this workspace.
const FIND_WHO_MAY_THERE: Statement = Statement::new(
    "sign_in.find_who_may_there",
    "SELECT p.id FROM people p JOIN memberships m ON m.user_id = p.id
     WHERE p.address_index = $1 AND p.disabled_at IS NULL AND m.workspace_id = $2
       AND m.removed_at IS NULL",
);

/// The index `login_attempts_one_open` allows one open attempt for each browser.
const REPLACE_OLDER: Statement = Statement::new(
    "sign_in.replace_older",
    "UPDATE login_attempts SET dead_at = $2
     WHERE cookie_hash = $1 AND used_at IS NULL AND dead_at IS NULL",
);

const INSERT: Statement = Statement::new(
    "sign_in.insert",
    "INSERT INTO login_attempts
         (id, cookie_hash, address_index, user_id, network_index, is_known_device, remember,
          code_mac, link_mac, created_at, expires_at, in_quota, dead_at, wrong_codes)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)",
);

pub(super) const STATEMENTS: &[Statement] =
    &[COUNT_OF_NETWORK, COUNT_OF_ACCOUNT, FIND_WHO_MAY, FIND_WHO_MAY_THERE, REPLACE_OLDER, INSERT];

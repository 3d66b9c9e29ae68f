//! Somebody comes back from a provider, who has said who they are there.

use domain::{
    ids::{AttemptId, UserId, WorkspaceId},
    text::EmailAddress,
};
use store::Statement;

use super::{Account, Which, link};
use crate::{
    DirectoryOp, Error,
    identity::{
        second::{After, begin_step, get_enrolled},
        session::{Method, OpenSession, Origin, Second, open_by},
        sign_in::{Passed, RequestCode, SignIn, request_link_code},
    },
};

/// Somebody, as the provider tells; its token was checked.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Which account.
    pub account: Account,
    /// Its address, where the provider says that it is theirs.
    pub address: Option<EmailAddress>,
    /// Whether the provider says that a second factor was shown, and is believed.
    pub has_second: bool,
    /// The provider's host, as the mail names it.
    pub host: String,
    /// The hash of the secret in the browser's login cookie.
    pub cookie_hash: [u8; 32],
    /// Where they are.
    pub origin: Origin,
    /// The network they come from, for the quotas of mails.
    pub network: String,
    /// Whether somebody signed in with this address in this browser before.
    pub is_known_device: bool,
}

/// What became of it.
pub enum Arrived {
    /// The account is joined to a person: a session, or the question for their second factor.
    In(SignIn),
    /// It is joined to nobody. A code is on its way to the address that the provider tells, if somebody
    /// has it who belongs here: typed in this browser it joins the two. The same whether or not anybody
    /// has it.
    Confirm(EmailAddress),
    /// It is joined to nobody, and the provider tells no address that it says is theirs.
    Unknown,
}

/// Lets somebody in whose account is joined to a person; asks for a confirmation by mail otherwise.
///
/// Errors: [`Error::Store`]. Audit: `session.opened`.
pub fn arrive(op: &mut DirectoryOp, arrival: &Arrival) -> Result<Arrived, Error> {
    let provider = arrival.account.provider;
    if let Some((id, user)) = link::find(op, &arrival.account)? {
        if !may_enter(op, user, provider.workspace)? {
            return Ok(Arrived::In(SignIn::NotValid));
        }
        link::touch(op, id)?;
        let Arrival { has_second, cookie_hash, ref origin, .. } = *arrival;
        let came = Came { has_second, cookie_hash, origin };
        return enter(op, user, provider, &came).map(Arrived::In);
    }
    let Some(address) = arrival.address.clone() else { return Ok(Arrived::Unknown) };
    let command = RequestCode {
        address: address.clone(),
        cookie_hash: arrival.cookie_hash,
        network: arrival.network.clone(),
        is_known_device: arrival.is_known_device,
        remember: false,
        base_url: arrival.origin.base_url.clone(),
        is_proof: false,
    };
    let asked = request_link_code(op, &command, &arrival.host, provider.workspace)?;
    if let Some(attempt) = asked {
        write_pending(op, attempt, arrival)?;
    }
    Ok(Arrived::Confirm(address))
}

fn write_pending(op: &mut DirectoryOp, attempt: AttemptId, arrival: &Arrival) -> Result<(), Error> {
    let provider = arrival.account.provider;
    let values = [
        attempt.into(),
        provider.id.into(),
        provider.workspace.into(),
        link::subject_index(op, &arrival.account)?.into(),
        arrival.has_second.into(),
        op.now_us().into(),
    ];
    op.execute(&INSERT_PENDING, &values)?;
    Ok(())
}

/// Who may come in by it: not disabled, and a member of the provider's workspace.
fn may_enter(
    op: &mut DirectoryOp,
    user: UserId,
    workspace: Option<WorkspaceId>,
) -> Result<bool, Error> {
    Ok(match workspace {
        Some(workspace) => op.optional(&FIND_MEMBER, &[user.into(), workspace.into()])?.is_some(),
        None => op.optional(&FIND_ANYWHERE, &[user.into()])?.is_some(),
    })
}

/// What both ways in need.
struct Came<'a> {
    has_second: bool,
    cookie_hash: [u8; 32],
    origin: &'a Origin,
}

/// Opens the session of a provider, or asks for the person's own second factor. It is never
/// remembered: whether somebody still may come in is the provider's to say.
fn enter(
    op: &mut DirectoryOp,
    user: UserId,
    provider: Which,
    came: &Came<'_>,
) -> Result<SignIn, Error> {
    let (method, cookie_hash) = (Method::Provider, came.cookie_hash);
    if get_enrolled(op, user)?.is_asked_after(method) {
        let passed = Passed { user, method, remember: false, cookie_hash };
        let after = After { provider: Some(provider), must_change: false };
        begin_step(op, &passed, after, came.origin)?;
        return Ok(SignIn::SecondAsked);
    }
    let second = came.has_second.then_some(Second::Provider);
    let command = OpenSession { user, method, second, remember: false };
    open_by(op, command, Some(provider), came.origin).map(SignIn::Opened)
}

/// Where a code was right that a provider's account waited for: joins the two, and lets in as that
/// provider does. None where nothing waited, and for whoever has a factor that does not hang on their
/// mailbox: a code by mail joins nothing to them. They come in as by any code, and connect the account
/// under My security, with a proof.
///
/// Errors: [`crate::Refusal::ProviderTaken`]. Audit: `provider.linked`, `session.opened`.
pub(in crate::identity) fn confirm(
    op: &mut DirectoryOp,
    user: UserId,
    cookie_hash: &[u8; 32],
    origin: &Origin,
) -> Result<Option<SignIn>, Error> {
    let values = [(*cookie_hash).into(), op.now_us().into(), user.into()];
    let Some(row) = op.optional(&TAKE_PENDING, &values)? else { return Ok(None) };
    let provider = Which { id: row.get(0)?, workspace: row.get(1)? };
    if !may_enter(op, user, provider.workspace)? {
        return Ok(Some(SignIn::NotValid));
    }
    if get_enrolled(op, user)?.has_strong() {
        return Ok(None);
    }
    link::insert_index(op, user, provider, row.get(2)?, origin)?;
    let came = Came { has_second: row.get(3)?, cookie_hash: *cookie_hash, origin };
    enter(op, user, provider, &came).map(Some)
}

/// The unique row of an attempt.
const INSERT_PENDING: Statement = Statement::new(
    "provider.insert_pending",
    "INSERT INTO provider_pendings
         (attempt_id, provider_id, workspace_id, subject_index, has_second, created_at)
     VALUES ($1, $2, $3, $4, $5, $6)",
);

/// Of the attempt that was used up in this very transaction.
const TAKE_PENDING: Statement = Statement::new(
    "provider.take_pending",
    "DELETE FROM provider_pendings
     WHERE attempt_id IN (SELECT id FROM login_attempts
                          WHERE cookie_hash = $1 AND used_at = $2 AND user_id = $3)
     RETURNING provider_id, workspace_id, subject_index, has_second",
);

/// The primary key of `memberships`.
const FIND_MEMBER: Statement = Statement::new(
    "provider.find_member",
    "SELECT p.id FROM people p JOIN memberships m ON m.user_id = p.id
     WHERE p.id = $1 AND m.workspace_id = $2 AND m.removed_at IS NULL AND p.disabled_at IS NULL",
);

const FIND_ANYWHERE: Statement = Statement::new(
    "provider.find_anywhere",
    "SELECT p.id FROM people p
     WHERE p.id = $1 AND p.disabled_at IS NULL
       AND EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = p.id AND m.removed_at IS NULL)",
);

pub(super) const STATEMENTS: &[Statement] =
    &[INSERT_PENDING, TAKE_PENDING, FIND_MEMBER, FIND_ANYWHERE];

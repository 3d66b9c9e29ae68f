//! Ask for another address: a code to the new one, a letter to the one there is.

use std::fmt;

use domain::{
    ids::{AddressChangeId, AttemptId, UserId},
    text::EmailAddress,
};
use store::Statement;

use super::{
    binding,
    held::is_held_from,
    row::{Own, get_own, stop_hash, stop_token},
};
use crate::{
    DirectoryOp, Error, field,
    identity::{
        act::Act,
        letters,
        notice::{AddressStep, Happening, tell_at},
        outbox::{self, LetterKind},
        person::{address_index, find_person},
        policy::{ADDRESS_STOP_US, CODE_LIFE_US, MOST_MAILS_OF_ACCOUNT, QUOTA_SPAN_US},
        session::{Origin, Session, require_proven},
        sign_in::{RequestCode, Whose, begin_attempt},
    },
};

/// A new address that somebody asks for.
#[derive(Clone)]
pub struct AskAddress {
    /// Which.
    pub new: EmailAddress,
    /// The IPv4 address or the IPv6 /64 it comes from, as text. Only a keyed hash is kept.
    pub network: String,
    /// Where the server is reached, from the configuration, never from the request.
    pub base_url: String,
}

/// It is what somebody typed.
impl fmt::Debug for AskAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AskAddress(..)")
    }
}

/// What became of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedAddress {
    /// The letters are on their way, as far as the quotas of the new address allow: that is not told.
    Sent,
    /// This person, or this network, has asked too often within the hour.
    TooOften,
}

/// Mails a code and a link to the new address, and to the one there is what is going on. One that was
/// asked for before is replaced.
///
/// Errors: [`Error::NeedsProof`]; [`Error::Invalid`] for `email` where it is the address there is. Audit:
/// `address.asked`.
pub fn ask_address_change(
    op: &mut DirectoryOp,
    session: &Session,
    command: &AskAddress,
    origin: &Origin,
) -> Result<AskedAddress, Error> {
    require_proven(op, session)?;
    let user = session.user;
    let own = get_own(op, user)?;
    if own.address.normalised() == command.new.normalised() {
        return Err(Error::invalid("email", "same", "You sign in with this address already."));
    }
    let since = op.now_us() - QUOTA_SPAN_US;
    let asked: i64 = op.one(&COUNT_OF_PERSON, &[user.into(), since.into()])?.get(0)?;
    if asked >= MOST_MAILS_OF_ACCOUNT {
        return Ok(AskedAddress::TooOften);
    }
    let is_free = is_free(op, user, &command.new)?;
    let attempt = RequestCode {
        address: command.new.clone(),
        cookie_hash: binding(op, session)?,
        network: command.network.clone(),
        // Somebody else may have the address: what they need for signing in is not used up by this.
        is_known_device: false,
        remember: false,
        base_url: command.base_url.clone(),
        is_proof: false,
    };
    let whose = Whose::Given(is_free.then_some(user));
    let Some(begun) = begin_attempt(op, &attempt, whose)? else {
        return Ok(AskedAddress::TooOften);
    };
    let change = insert(op, user, &own, &attempt, begun.id)?;
    let letter = if is_free {
        let (code, link) = (begun.code.expose(), begun.link.expose());
        letters::address_code(&command.new, code, &command.base_url, link)?
    } else {
        letters::address_taken(&command.new)?
    };
    outbox::enqueue_or_pretend(op, LetterKind::SignInCode, &letter, begun.has_quota)?;
    let link = letters::stop_address_link(&origin.base_url, &stop_token(op, change)?);
    tell_at(op, user, &own.address, &Happening::Address(AddressStep::Asked { link }), origin)?;
    op.record_act(Act::AddressAsked, Some(user), &[("change", change.uuid().into())])?;
    Ok(AskedAddress::Sent)
}

/// Whether nobody has an address, and it is held for nobody else.
pub(super) fn is_free(
    op: &mut DirectoryOp,
    user: UserId,
    address: &EmailAddress,
) -> Result<bool, Error> {
    let index = address_index(op, address)?;
    // Both are looked up whatever the first one says.
    let (owner, is_held) = (find_person(op, address)?, is_held_from(op, index, user)?);
    Ok(owner.is_none_or(|owner| owner.user == user) && !is_held)
}

fn insert(
    op: &mut DirectoryOp,
    user: UserId,
    own: &Own,
    attempt: &RequestCode,
    attempt_id: AttemptId,
) -> Result<AddressChangeId, Error> {
    let id: AddressChangeId = op.new_id();
    let now = op.now_us();
    op.execute(&KILL_OLDER_ATTEMPTS, &[user.into(), now.into(), attempt_id.into()])?;
    op.execute(&REPLACE_OLDER, &[user.into(), now.into()])?;
    let old = op.seal(own.key, field::ADDRESS_BEFORE, id, 1, own.address.as_str())?;
    let new = op.seal(own.key, field::ADDRESS_AFTER, id, 1, attempt.address.as_str())?;
    let values = [
        id.into(),
        user.into(),
        attempt.cookie_hash.into(),
        stop_hash(op, id)?.into(),
        own.index.into(),
        old.into(),
        address_index(op, &attempt.address)?.into(),
        new.into(),
        now.into(),
        (now + CODE_LIFE_US).into(),
        (now + ADDRESS_STOP_US).into(),
    ];
    op.execute(&INSERT, &values)?;
    Ok(id)
}

/// Leaves the address as it is: code and link work no longer. Does nothing where none waits.
///
/// Errors: [`Error::Store`]. Audit: `address.left`, when one waited.
pub fn leave_address_change(op: &mut DirectoryOp, session: &Session) -> Result<(), Error> {
    let values = [session.user.into(), op.now_us().into()];
    if op.execute(&REPLACE_OLDER, &values)? == 0 {
        return Ok(());
    }
    op.record_act(Act::AddressLeft, Some(session.user), &[])
}

/// Index `address_changes_user`.
const COUNT_OF_PERSON: Statement = Statement::new(
    "address.count_of_person",
    "SELECT COUNT(*) FROM address_changes WHERE user_id = $1 AND created_at > $2",
);

/// The index `address_changes_one_open` allows one open change of each person.
const REPLACE_OLDER: Statement = Statement::new(
    "address.replace_older",
    "UPDATE address_changes SET dead_at = $2
     WHERE user_id = $1 AND done_at IS NULL AND dead_at IS NULL AND stopped_at IS NULL",
);

/// Index `login_attempts_one_open`. Those of other sessions too, and also where the quota of the new
/// address is out, so that its own attempt replaced none.
const KILL_OLDER_ATTEMPTS: Statement = Statement::new(
    "address.kill_older_attempts",
    "UPDATE login_attempts SET dead_at = $2
     WHERE cookie_hash IN (SELECT cookie_hash FROM address_changes WHERE user_id = $1)
       AND id <> $3 AND used_at IS NULL AND dead_at IS NULL",
);

const INSERT: Statement = Statement::new(
    "address.insert",
    "INSERT INTO address_changes
         (id, user_id, cookie_hash, stop_hash, old_index, old_sealed, new_index, new_sealed,
          sealed_rev, created_at, expires_at, stop_until)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $11)",
);

pub(super) const STATEMENTS: &[Statement] =
    &[COUNT_OF_PERSON, REPLACE_OLDER, KILL_OLDER_ATTEMPTS, INSERT];

//! Add a passkey.
//!
//! A person has at most twenty: the column `slot` has no more places. That nobody adds one twice, and
//! that no two people have the same, is a unique column too.

use domain::{
    ids::{PasskeyId, RequestId},
    text::Name,
};
use store::Statement;
use vault::{
    KeyKind, Secret,
    passkey::{Owner, Registered},
};

use super::{
    answer::{credential_mac, refusal},
    challenge::{self, Asked, Purpose},
    domain, list, party,
};
use crate::{
    App, DirectoryOp, Error, Refusal, field,
    identity::{
        Happening, Origin, PasskeyNews,
        act::Act,
        get_address,
        notice::tell,
        policy::MOST_PASSKEYS,
        second::{get_enrolled, recovery},
        session::{Second, Session, mark_second, require_proven},
    },
    live::Change,
};

impl App {
    /// Asks the browser of a session for a new passkey: the options for it, as JSON. `session_hash` is
    /// that of the session's secret.
    ///
    /// Errors: [`Error::NeedsProof`]; [`Refusal::NoPasskeysHere`]; [`Refusal::TooManyPasskeys`]. Audit:
    /// none, nothing is there yet.
    pub async fn begin_passkey(
        &self,
        request: RequestId,
        session: Session,
        session_hash: [u8; 32],
    ) -> Result<String, Error> {
        if !session.is_proven(self.clock().now()) {
            return Err(Error::NeedsProof);
        }
        self.ensure_keys(&[(KeyKind::Person, session.user.as_bytes())]).await?;
        self.write_directory(request, move |op| begin(op, &session, session_hash)).await
    }
}

fn begin(op: &mut DirectoryOp, session: &Session, browser: [u8; 32]) -> Result<String, Error> {
    require_proven(op, session)?;
    let user = session.user;
    free_slot(op, session)?;
    let address = get_address(op, user)?;
    let passkeys = list::stored_of(op, user)?;
    let owner = Owner { id: user.as_bytes(), name: address.as_str(), passkeys: &passkeys };
    let begun = party(op)?.begin_registration(&owner).map_err(refusal)?;
    let asked = Asked { purpose: Purpose::Add, browser, user: Some(user) };
    challenge::keep(op, asked, None, begun)
}

/// The first place that is free.
fn free_slot(op: &mut DirectoryOp, session: &Session) -> Result<i64, Error> {
    let rows = op.query(&LIST_SLOTS, &[session.user.into()])?;
    let taken = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<i64>, _>>()?;
    let free = (1..=MOST_PASSKEYS).find(|slot| !taken.contains(slot));
    free.ok_or_else(|| Refusal::TooManyPasskeys.into())
}

/// What became of what a device has made.
pub enum PasskeyMade {
    /// It is added. The first strong factor of a person brings recovery codes, which are shown this once;
    /// else there are none.
    Added(Vec<Secret<String>>),
    /// It was not taken, and the question is used up.
    Refused(Refusal),
}

/// Adds the passkey that a device has made, and tells its person. What is wrong with it is an answer and
/// no error, so that its question stays used up.
///
/// Errors: [`Error::NeedsProof`]; [`Refusal::NoPasskeysHere`]. Audit: `factor.added`,
/// `recovery_codes.made`.
pub fn add_passkey(
    op: &mut DirectoryOp,
    session: &Session,
    session_hash: &[u8; 32],
    made: (&Name, &str),
    origin: &Origin,
) -> Result<PasskeyMade, Error> {
    require_proven(op, session)?;
    let party = party(op)?;
    let asked = Asked { purpose: Purpose::Add, browser: *session_hash, user: Some(session.user) };
    let Some(state) = challenge::take(op, asked)? else {
        return Ok(PasskeyMade::Refused(Refusal::PasskeyNotValid));
    };
    let (name, answer) = made;
    // Whoever is refused has written nothing but that the question is used up.
    let added = match party.finish_registration(&state, answer) {
        Ok(made) => keep(op, session, (name, &made), origin),
        Err(error) => Err(refusal(error)),
    };
    match added {
        Ok(codes) => Ok(PasskeyMade::Added(codes)),
        Err(Error::Refused(refusal)) => Ok(PasskeyMade::Refused(refusal)),
        Err(error) => Err(error),
    }
}

fn keep(
    op: &mut DirectoryOp,
    session: &Session,
    (name, made): (&Name, &Registered),
    origin: &Origin,
) -> Result<Vec<Secret<String>>, Error> {
    let user = session.user;
    let before = get_enrolled(op, user)?;
    let id: PasskeyId = op.new_id();
    let owner = user.as_bytes();
    let key = op.vault().key_for(KeyKind::Person, owner);
    let key = key.ok_or_else(|| Error::key_missing(KeyKind::Person))?;
    let values = [
        id.into(),
        user.into(),
        free_slot(op, session)?.into(),
        credential_mac(op, &made.id)?.into(),
        domain(op).into(),
        op.seal(key, field::PASSKEY, id, 1, &made.passkey)?.into(),
        op.seal(key, field::PASSKEY_NAME, id, 1, name.as_str())?.into(),
        op.now_us().into(),
    ];
    if op.execute(&INSERT, &values)? == 0 {
        return Err(Refusal::PasskeyKnown.into());
    }
    mark_second(op, session, Second::Passkey)?;
    // What sessions have shown, and what their person has, is looked up anew.
    op.tell(Change::Sessions { user });
    let facts = [("factor", Second::Passkey.as_str().into()), ("passkey", id.uuid().into())];
    op.record_act(Act::FactorAdded, Some(user), &facts)?;
    let happening = Happening::Passkey(PasskeyNews::Added(name.as_str().to_owned()));
    tell(op, user, &happening, origin)?;
    if before.has_strong() { Ok(Vec::new()) } else { recovery::make(op, user) }
}

/// The unique index over `user_id` and `slot`.
const LIST_SLOTS: Statement =
    Statement::new("passkey.list_slots", "SELECT slot FROM passkeys WHERE user_id = $1");

/// The slot is free in this transaction, so what is in the way is the same credential.
const INSERT: Statement = Statement::new(
    "passkey.insert",
    "INSERT INTO passkeys
         (id, user_id, slot, credential_mac, domain, credential_sealed, credential_rev, name_sealed,
          name_rev, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, 1, $7, 1, $8)
     ON CONFLICT (credential_mac) DO NOTHING",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST_SLOTS, INSERT];

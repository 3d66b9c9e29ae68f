//! A guess: whose password it is held against, and the check itself, away from everything that waits.

use std::sync::Arc;

use domain::ids::UserId;
use store::Statement;
use vault::{Secret, Vault, password::Cost};

use super::row::{NewHash, Stored};
use crate::{
    App, DirectoryOp, Error,
    identity::{
        Instance,
        lockout::{Aim, Booked},
    },
    op::key,
};

/// A guess that was counted and is to be looked at, or only seems to be.
#[derive(Clone)]
pub(super) struct Guess {
    pub(super) aim: Aim,
    pub(super) booked: Booked,
    /// Nobody, when nobody has the address, or nobody may sign in with it, or they have no password.
    pub(super) held_against: Option<(UserId, Stored)>,
}

/// What the check found.
#[derive(Clone, Default)]
pub(super) struct Checked {
    pub(super) is_right: bool,
    /// The same password as it is kept now, when it is kept otherwise.
    pub(super) rehashed: Option<NewHash>,
    /// The one that is to replace it, when there is one and this is right.
    pub(super) new: Option<NewHash>,
}

/// Whose password a guess at an address is held against.
pub(super) fn find_guessed(
    op: &mut DirectoryOp,
    index: [u8; 32],
) -> Result<Option<(UserId, Stored)>, Error> {
    let Some(row) = op.optional(&FIND_GUESSED, &[index.into()])? else { return Ok(None) };
    let Some(phc) = row.get::<Option<String>>(1)? else { return Ok(None) };
    let stored = Stored { phc, pepper: key(row.get(2)?)?, must_change: row.get(3)? };
    Ok(Some((row.get(0)?, stored)))
}

/// What hashing needs, on whatever thread.
pub(super) struct Bench {
    vault: Arc<Vault>,
    instance: Instance,
    cost: Cost,
    app: App,
}

impl Bench {
    pub(super) async fn new(app: &App) -> Result<Self, Error> {
        let instance = *app.instance().get().ok_or_else(|| Error::bug("no instance is open"))?;
        let (vault, cost) = (Arc::clone(app.vault()), app.password_cost().await?);
        Ok(Self { vault, instance, cost, app: app.clone() })
    }

    /// Hashes a password that was chosen.
    pub(super) fn hash(&self, user: UserId, password: &Secret<String>) -> Result<NewHash, Error> {
        let pepper = self.vault.mac_key(self.instance.pepper)?;
        let person = user.as_bytes();
        let random = self.app.random();
        let phc = vault::password::hash(&pepper, person, password.expose(), self.cost, random);
        let phc = phc.map_err(|_| Error::bug("a password cannot be hashed"))?;
        Ok(NewHash { phc, pepper: self.instance.pepper })
    }

    /// Checks a guess; takes as long for nobody as for somebody.
    pub(super) fn check(
        &self,
        guess: &Guess,
        password: &Secret<String>,
        new: Option<&Secret<String>>,
    ) -> Result<Checked, Error> {
        let (Some((user, stored)), Booked::Taken { .. }) = (&guess.held_against, guess.booked)
        else {
            self.pretend(password)?;
            return Ok(Checked::default());
        };
        if !self.is_right(*user, stored, password)? {
            return Ok(Checked::default());
        }
        let hash = |password: &Secret<String>| self.hash(*user, password);
        let rehashed = if self.is_as_now(stored)? { None } else { Some(hash(password)?) };
        Ok(Checked { is_right: true, rehashed, new: new.map(hash).transpose()? })
    }

    fn is_right(
        &self,
        user: UserId,
        stored: &Stored,
        password: &Secret<String>,
    ) -> Result<bool, Error> {
        let pepper = self.vault.mac_key(stored.pepper)?;
        let found =
            vault::password::verify(&pepper, user.as_bytes(), password.expose(), &stored.phc);
        found.map_err(|_| damaged(user))
    }

    fn is_as_now(&self, stored: &Stored) -> Result<bool, Error> {
        let cost = vault::password::cost_of(&stored.phc);
        let cost = cost.map_err(|_| Error::bug("a password that was just checked"))?;
        Ok(cost == self.cost && stored.pepper == self.instance.pepper)
    }

    fn pretend(&self, password: &Secret<String>) -> Result<(), Error> {
        let pepper = self.vault.mac_key(self.instance.pepper)?;
        let pretended = vault::password::pretend(&pepper, password.expose(), self.cost);
        pretended.map_err(|_| Error::bug("a password cannot be hashed"))
    }
}

fn damaged(user: UserId) -> Error {
    Error::Damaged(format!("the password of the person {user} is no hash that we make"))
}

/// The unique index of `address_index`: somebody who is not disabled and belongs to a workspace.
const FIND_GUESSED: Statement = Statement::new(
    "password.find_guessed",
    "SELECT p.id, w.phc, w.pepper_key, w.must_change
     FROM people p LEFT JOIN passwords w ON w.user_id = p.id
     WHERE p.address_index = $1 AND p.disabled_at IS NULL
       AND EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = p.id AND m.removed_at IS NULL)",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_GUESSED];

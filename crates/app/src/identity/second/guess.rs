//! What somebody types as the second step is a guess: counted before it is looked at, by the rules of
//! [`lockout`].

use domain::ids::UserId;

use super::{Typed, notice};
use crate::{
    DirectoryOp, Error,
    identity::{
        Origin,
        act::Act,
        lockout::{self, Aim, Booked, Crossed, From, Guessed, Locked},
        marks::find_among,
        notice::LockedOut,
        person::index_of,
        session::Session,
    },
};

/// A guess that was counted as wrong.
pub(super) struct Guess {
    user: UserId,
    aim: Aim,
    /// Where it was counted for a network.
    network: Option<String>,
    crossed: Option<Crossed>,
    /// Until no more is looked at.
    left: Option<i64>,
}

/// What became of a guess before it was looked at.
pub(super) enum Begun {
    Taken(Guess),
    Locked(Locked),
}

impl Typed {
    const fn guessed(&self) -> Guessed {
        match self {
            Self::Totp(_) => Guessed::AppCode,
            Self::Mailed(_) => Guessed::MailedCode,
            Self::Recovery(_) => Guessed::RecoveryCode,
        }
    }
}

/// Counts what was typed at the door, in the browser with this login cookie.
pub(super) fn book_at_door(
    op: &mut DirectoryOp,
    user: UserId,
    typed: &Typed,
    cookie_hash: [u8; 32],
    origin: &Origin,
) -> Result<Begun, Error> {
    let (account, guessed) = (index_of(op, user)?, typed.guessed());
    let known = find_among(op, user, account, origin.mark.as_deref().unwrap_or_default())?;
    let network = match known {
        Some(_) => None,
        None => Some(origin.network.clone().unwrap_or_default()),
    };
    if let Some(network) = &network
        && let Some(wait_s) = lockout::book_network(op, network, guessed)?
    {
        return Ok(Begun::Locked(Locked::Wait { wait_s }));
    }
    let from = match known {
        // Five of a step are all that recovery codes are counted by here: they stand in for everything
        // else.
        Some(device) if guessed != Guessed::RecoveryCode => From::Known(device),
        _ => From::Unknown(cookie_hash),
    };
    book(op, user, Aim { account, guessed, from }, network)
}

/// Counts what somebody typed who is signed in.
pub(super) fn book_in_session(
    op: &mut DirectoryOp,
    session: &Session,
    typed: &Typed,
) -> Result<Begun, Error> {
    let account = index_of(op, session.user)?;
    let from = lockout::login_of(op, session.login())?;
    book(op, session.user, Aim { account, guessed: typed.guessed(), from }, None)
}

fn book(
    op: &mut DirectoryOp,
    user: UserId,
    aim: Aim,
    network: Option<String>,
) -> Result<Begun, Error> {
    Ok(match lockout::book(op, aim)? {
        Booked::Taken { crossed, left } => {
            Begun::Taken(Guess { user, aim, network, crossed, left })
        }
        Booked::Locked(locked) => Begun::Locked(locked),
    })
}

impl Guess {
    /// It was right. A recovery code also lets the app work again where too many guessed at it.
    pub(super) fn was_right(self, op: &mut DirectoryOp) -> Result<(), Error> {
        lockout::give_back(op, self.aim)?;
        if let Some(network) = &self.network {
            lockout::give_network_back(op, network, self.aim.guessed)?;
        }
        if self.aim.guessed == Guessed::RecoveryCode {
            lockout::clear(op, self.aim.account, Guessed::AppCode)?;
        }
        Ok(())
    }

    /// It was wrong: the person is told when that locks something.
    pub(super) fn was_wrong(&self, op: &mut DirectoryOp, origin: &Origin) -> Result<(), Error> {
        let Some(crossed) = self.crossed else { return Ok(()) };
        op.record_act(Act::SecondLocked, Some(self.user), &[("why", crossed.as_str().into())])?;
        let locked = match self.aim.guessed {
            Guessed::MailedCode => LockedOut::MailedSecond(crossed),
            _ => LockedOut::Second(crossed),
        };
        notice::locked(op, self.user, locked, origin)
    }

    /// How many more may be wrong, where a step or a login would allow so many; or what locks, when this
    /// was the last one.
    pub(super) fn left_of(&self, allowed: i64) -> Result<i64, Locked> {
        match self.crossed {
            Some(Crossed::Device) => Err(Locked::Here),
            Some(Crossed::Off) => Err(self.aim.guessed.off()),
            Some(Crossed::Waits) | None => Ok(self.left.map_or(allowed, |left| left.min(allowed))),
        }
    }
}

/// Forgets all guesses at the second step: its person has bound it anew.
pub(super) fn forget(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    let account = index_of(op, user)?;
    for guessed in [Guessed::AppCode, Guessed::MailedCode, Guessed::RecoveryCode] {
        lockout::clear(op, account, guessed)?;
    }
    Ok(())
}

/// Whether codes of the app work only where their person has signed in before: strangers guessed too
/// often.
///
/// Errors: [`Error::NotFound`] for nobody.
pub fn is_app_off_elsewhere(op: &mut DirectoryOp, user: UserId) -> Result<bool, Error> {
    let account = index_of(op, user)?;
    lockout::is_off(op, account, Guessed::AppCode)
}

/// Lets codes of the app work again where their person has not signed in before.
///
/// Errors: [`Error::NeedsProof`]. Audit: `second.unlocked`, when they did not work.
pub fn allow_app_again(op: &mut DirectoryOp, session: &Session) -> Result<(), Error> {
    crate::identity::session::require_proven(op, session)?;
    let_app_work(op, session.user)
}

/// The same for whoever has shown who they are by something that nobody guesses.
pub(in crate::identity) fn let_app_work(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    if !is_app_off_elsewhere(op, user)? {
        return Ok(());
    }
    forget(op, user)?;
    op.record_act(Act::SecondUnlocked, Some(user), &[])
}

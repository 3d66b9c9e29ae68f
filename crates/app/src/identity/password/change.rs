//! Set, change and take away one's password, while signed in.

use std::sync::Arc;

use domain::{
    ids::{RequestId, SessionId, UserId},
    password::Expected,
    text::EmailAddress,
};
use vault::Secret;

use super::{
    door::tell_lockout,
    guess::{Bench, Checked, Guess},
    row::{self, NewHash},
    rules::{self, expected_of, least, read_new, read_tried},
};
use crate::{
    App, DirectoryOp, Error, Refusal,
    app::to_the_end,
    identity::{
        Origin,
        act::Act,
        end_other_sessions, get_address, is_session_open,
        lockout::{self, Aim, Booked, Guessed},
        notice::{FactorChange, Happening, tell},
        person::index_of,
        policy::MOST_PASSWORD_CHANGES,
        second::get_enrolled,
    },
};

/// A new password of somebody who is signed in.
pub struct ChangePassword {
    /// Who.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// In which login ([`Session::login`](crate::identity::Session::login)): a remembered browser opens
    /// session after session, and has no more guesses for that.
    pub login: uuid::Uuid,
    /// Whether they have just shown who they are.
    pub is_proven: bool,
    /// The password there is, as it was typed. None where there is none, or where it is forgotten.
    pub current: Option<Secret<String>>,
    /// The new one, as it was typed.
    pub new: Secret<String>,
    /// Names that are known of them, besides their address.
    pub expected: Expected,
    /// Whether to sign out everywhere but here.
    pub end_others: bool,
    /// Where they are.
    pub origin: Origin,
}

impl App {
    /// Sets or changes a password. The one there is has to be given, or a fresh proof.
    ///
    /// Errors: [`Error::Invalid`] for `new` and `current`; [`Error::NeedsProof`];
    /// [`Refusal::TooManyChecks`] before anything was counted, also while another change of theirs is
    /// being worked on; [`Refusal::TooManyChanges`]; [`Error::SignedOut`] when the session has ended
    /// meanwhile; [`Error::NotFound`] when it is not theirs. Audit: `password.set`, `password.changed`, `session.ended`;
    /// `password.locked`.
    pub async fn change_password(
        &self,
        request: RequestId,
        command: ChangePassword,
    ) -> Result<(), Error> {
        let app = self.clone();
        to_the_end(async move { app.change(request, Arc::new(command)).await }).await
    }

    async fn change(&self, request: RequestId, command: Arc<ChangePassword>) -> Result<(), Error> {
        let place = self.enter_queue_once(command.user)?;
        let bench = Bench::new(self).await?;
        let asked = Arc::clone(&command);
        let begun = self.write_directory(request, move |op| begin(op, &asked)).await?;
        let (guess, typed) = (begun.guess.clone(), Arc::clone(&command));
        let new = begun.new;
        let checked = place.work(move || check(&bench, guess.as_ref(), &typed, &new)).await?;
        self.passed("password.hashed").await;
        let ended = End { command, guess: begun.guess, address: begun.address, checked };
        let is_done = self.write_directory(request, move |op| ended.write(op)).await?;
        if is_done { Ok(()) } else { Err(wrong()) }
    }
}

fn wrong() -> Error {
    Error::invalid("current", "wrong", "This is not your password.")
}

/// What was read before the check.
struct Begun {
    /// Nothing, when the password there is was not asked for.
    guess: Option<Guess>,
    address: EmailAddress,
    new: Secret<String>,
}

fn begin(op: &mut DirectoryOp, command: &ChangePassword) -> Result<Begun, Error> {
    let address = get_address(op, command.user)?;
    let expected = expected_of(&command.expected, &address);
    let least = least(&get_enrolled(op, command.user)?);
    let stored = row::find(op, command.user)?;
    let current = command.current.as_ref().filter(|_| stored.is_some());
    if current.is_none() && !command.is_proven {
        return Err(Error::NeedsProof);
    }
    let new = read_new("new", command.new.expose(), least, &expected)?;
    let account = index_of(op, command.user)?;
    if lockout::book_hour(op, account, "password-changes", MOST_PASSWORD_CHANGES)?.is_some() {
        return Err(Refusal::TooManyChanges.into());
    }
    let Some((current, stored)) = current.zip(stored) else {
        return Ok(Begun { guess: None, address, new });
    };
    if read_tried(current.expose()).is_some_and(|old| old.expose() == new.expose()) {
        return Err(rules::refuse_same("new"));
    }
    let from = lockout::login_of(op, command.login)?;
    let aim = Aim { account, guessed: Guessed::Password, from };
    let booked = lockout::book(op, aim)?;
    if matches!(booked, Booked::Locked(_)) {
        let why =
            "This was wrong too often here. Leave it empty and show by a code that it is you.";
        return Err(Error::invalid("current", "locked", why));
    }
    let guess = Guess { aim, booked, held_against: Some((command.user, stored)) };
    Ok(Begun { guess: Some(guess), address, new })
}

fn check(
    bench: &Bench,
    guess: Option<&Guess>,
    command: &ChangePassword,
    new: &Secret<String>,
) -> Result<Checked, Error> {
    let current = command.current.as_ref().and_then(|typed| read_tried(typed.expose()));
    match (guess, current) {
        (None, _) => {
            let new = Some(bench.hash(command.user, new)?);
            Ok(Checked { is_right: true, rehashed: None, new })
        }
        (Some(guess), Some(current)) => bench.check(guess, &current, Some(new)),
        (Some(_), None) => Ok(Checked::default()),
    }
}

/// What is written after the check.
struct End {
    command: Arc<ChangePassword>,
    guess: Option<Guess>,
    address: EmailAddress,
    checked: Checked,
}

impl End {
    /// Whether the password is the new one now.
    fn write(&self, op: &mut DirectoryOp) -> Result<bool, Error> {
        let user = self.command.user;
        let now = row::find(op, user)?;
        let read = self.guess.as_ref().and_then(|guess| guess.held_against.as_ref());
        let is_same = read.is_none_or(|(_, stored)| now.as_ref() == Some(stored));
        let Some(new) = self.checked.new.as_ref().filter(|_| self.checked.is_right && is_same)
        else {
            self.tell_lockout(op)?;
            return Ok(false);
        };
        // Signed out while it was hashed: whoever did that wanted this session to do nothing more.
        if !is_session_open(op, self.command.session)? {
            return Err(Error::SignedOut);
        }
        keep(op, user, now.is_some(), new)?;
        if self.command.end_others {
            end_other_sessions(op, user, self.command.session)?;
        }
        let change =
            if now.is_some() { FactorChange::PasswordChanged } else { FactorChange::PasswordSet };
        tell(op, user, &Happening::Changed(change), &self.command.origin)?;
        Ok(true)
    }

    fn tell_lockout(&self, op: &mut DirectoryOp) -> Result<(), Error> {
        match self.guess.as_ref().map(|guess| guess.booked) {
            Some(Booked::Taken { crossed: Some(crossed), .. }) => {
                let user = Some(self.command.user);
                tell_lockout(op, crossed, user, &self.address, &self.command.origin)
            }
            _ => Ok(()),
        }
    }
}

fn keep(op: &mut DirectoryOp, user: UserId, is_another: bool, new: &NewHash) -> Result<(), Error> {
    row::keep(op, user, new)?;
    let account = index_of(op, user)?;
    lockout::clear(op, account, Guessed::Password)?;
    let act = if is_another { Act::PasswordChanged } else { Act::PasswordSet };
    op.record_act(act, Some(user), &[])
}

/// Takes a password away: its person signs in in other ways. Does nothing where there is none.
///
/// Errors: [`Error::NeedsProof`]. Audit: `password.removed`.
pub fn remove_password(
    op: &mut DirectoryOp,
    user: UserId,
    is_proven: bool,
    origin: &Origin,
) -> Result<(), Error> {
    require(is_proven)?;
    if !row::delete(op, user)? {
        return Ok(());
    }
    let account = index_of(op, user)?;
    lockout::clear(op, account, Guessed::Password)?;
    op.record_act(Act::PasswordRemoved, Some(user), &[])?;
    tell(op, user, &Happening::Changed(FactorChange::PasswordRemoved), origin)
}

/// Lets a password work again where its person has not signed in before, after strangers guessed too
/// often.
///
/// Errors: [`Error::NeedsProof`]. Audit: `password.unlocked`, when it did not work.
pub fn allow_password_again(
    op: &mut DirectoryOp,
    user: UserId,
    is_proven: bool,
) -> Result<(), Error> {
    require(is_proven)?;
    let account = index_of(op, user)?;
    if !lockout::is_off(op, account, Guessed::Password)? {
        return Ok(());
    }
    lockout::clear(op, account, Guessed::Password)?;
    op.record_act(Act::PasswordUnlocked, Some(user), &[])
}

/// Has a person choose another password at their next sign-in with it: it may be known to somebody.
/// Whether there is one.
///
/// Errors: [`Error::Store`]. Audit: `password.flagged`, when there is one.
pub fn flag_password(op: &mut DirectoryOp, user: UserId) -> Result<bool, Error> {
    if !row::flag(op, user)? {
        return Ok(false);
    }
    op.record_act(Act::PasswordFlagged, Some(user), &[])?;
    Ok(true)
}

fn require(is_proven: bool) -> Result<(), Error> {
    if is_proven { Ok(()) } else { Err(Error::NeedsProof) }
}

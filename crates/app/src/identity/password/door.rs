//! Sign in with a password.

use std::sync::Arc;

use domain::{
    ids::{RequestId, UserId},
    password::Expected,
    text::EmailAddress,
};
use vault::Secret;

use super::{
    guess::{Bench, Checked, Guess, find_guessed},
    row,
    rules::{self, expected_of, least, read_tried},
};
use crate::{
    App, DirectoryOp, Error,
    app::to_the_end,
    identity::{
        Origin, SignIn,
        act::Act,
        end_all_sessions,
        lockout::{self, Aim, Booked, Crossed, From, Guessed},
        marks::{find_browser, mark_browser},
        notice::{FactorChange, Happening, LockedOut, tell, tell_or_pretend},
        person::address_index,
        second::{After, begin_step, get_enrolled, has_shown, take_shown},
        session::{Method, OpenSession, open_session},
        sign_in::{Passed, enter},
        stuffing::{self, Solution},
    },
    security::Happened,
};

/// What a browser signs in with.
pub struct SignInWithPassword {
    /// Who wants to sign in.
    pub address: EmailAddress,
    /// As it was typed.
    pub password: Secret<String>,
    /// The hash of the secret in the browser's login cookie
    /// ([`hash_secret`](crate::identity::hash_secret)).
    pub cookie_hash: [u8; 32],
    /// The marks of a browser in which people have signed in before; may be empty.
    pub device: String,
    /// The IPv4 address or the IPv6 /64 it comes from, as text. Only a keyed hash is kept.
    pub network: String,
    /// Whether the browser is to be remembered.
    pub remember: bool,
    /// From which device and network, for its person to see.
    pub origin: Origin,
    /// The work that the browser has done, where it was asked to.
    pub solution: Solution,
}

/// A sign-in with a password that has to be replaced: at once, or after the second step.
pub struct ChangeAtDoor {
    /// With the password there is.
    pub sign_in: SignInWithPassword,
    /// The new one, as it was typed.
    pub new: Secret<String>,
}

/// What became of a password.
pub enum PasswordTried {
    /// It was right: signed in, or asked for the second factor. With the mark of the browser, once
    /// signed in.
    Passed(SignIn, Option<Secret<String>>),
    /// It was right, there is no second factor to be shown, and another one has to be chosen first.
    MustChange,
    /// Wrong, or tried too often, or of nobody: that is told to nobody.
    Wrong,
    /// It was not looked at: many accounts are guessed at now, so an unknown browser does some work first
    /// ([`App::new_puzzle`]).
    NeedsWork,
    /// Too many wrong ones came from this network.
    TooManyOfNetwork {
        /// How long to wait.
        wait_s: i64,
    },
}

impl App {
    /// Tries a password and opens a session when it is right; asks for the second factor where there is
    /// one.
    ///
    /// Errors: [`Refusal::TooManyChecks`](crate::Refusal) before anything was counted;
    /// [`Error::Store`]. Audit: `session.opened`; `password.locked`.
    pub async fn sign_in_with_password(
        &self,
        request: RequestId,
        command: SignInWithPassword,
    ) -> Result<PasswordTried, Error> {
        let app = self.clone();
        to_the_end(async move { app.at_door(request, Arc::new(command), None).await }).await
    }

    /// Replaces a password that has to be replaced, and goes on as with the new one.
    ///
    /// Errors: as [`App::sign_in_with_password`]; [`Error::Invalid`] for `new`. Audit:
    /// `password.changed`, `session.ended`, `session.opened`; `password.locked`.
    pub async fn change_password_at_door(
        &self,
        request: RequestId,
        command: ChangeAtDoor,
    ) -> Result<PasswordTried, Error> {
        let ChangeAtDoor { sign_in, new } = command;
        let expected = expected_of(&Expected::default(), &sign_in.address);
        // The same for everybody: whether fewer characters would do is not told before it is right.
        let new = rules::read_new("new", new.expose(), domain::password::LEAST_ALONE, &expected)?;
        if read_tried(sign_in.password.expose()).is_some_and(|old| old.expose() == new.expose()) {
            return Err(rules::refuse_same("new"));
        }
        let app = self.clone();
        to_the_end(async move { app.at_door(request, Arc::new(sign_in), Some(new)).await }).await
    }

    async fn at_door(
        &self,
        request: RequestId,
        command: Arc<SignInWithPassword>,
        new: Option<Secret<String>>,
    ) -> Result<PasswordTried, Error> {
        let Some(password) = read_tried(command.password.expose()) else {
            return Ok(PasswordTried::Wrong);
        };
        let Some(work) = self.find_work(request, &command).await? else {
            return self.refuse_unworked(request, &command).await;
        };
        let place = self.enter_queue()?;
        let bench = Bench::new(self).await?;
        let asked = Arc::clone(&command);
        let begun = self.write_directory(request, move |op| begin(op, &asked, work)).await?;
        let guess = match begun {
            Begun::Taken(guess) => guess,
            Begun::Spent => return self.refuse_unworked(request, &command).await,
            Begun::TooManyOfNetwork { wait_s } => {
                return Ok(PasswordTried::TooManyOfNetwork { wait_s });
            }
        };
        let held = guess.clone();
        let length = password.expose().chars().count();
        let new = Arc::new(new);
        let chosen = Arc::clone(&new);
        let checked =
            place.work(move || bench.check(&held, &password, chosen.as_ref().as_ref())).await?;
        if !checked.is_right {
            Happened::to("password.wrong", request, None).tell();
            self.tally_guess();
            if guess.booked.crossed().is_none() {
                return Ok(PasswordTried::Wrong);
            }
        }
        let refused = match &guess.held_against {
            Some((user, _)) => {
                self.find_name_in(request, *user, &checked, new.as_ref().as_ref()).await?
            }
            None => None,
        };
        let is_refused = refused.is_some();
        let ended = End { command, guess, checked, length, is_refused };
        let tried = self.write_directory(request, move |op| ended.write(op)).await?;
        match refused {
            Some(refused) if matches!(tried, PasswordTried::MustChange) => Err(refused),
            _ => Ok(tried),
        }
    }
}

/// The work of the browser, where it was to do some.
#[derive(Clone, Copy)]
enum Work {
    NotAsked,
    Done([u8; 32]),
}

impl App {
    /// What a browser has done; nothing where it was to do some and has not.
    async fn find_work(
        &self,
        request: RequestId,
        command: &Arc<SignInWithPassword>,
    ) -> Result<Option<Work>, Error> {
        if !self.is_challenging() {
            return Ok(Some(Work::NotAsked));
        }
        let asked = Arc::clone(command);
        let find = move |op: &mut DirectoryOp| find_browser(op, &asked.address, &asked.device);
        if self.read_directory(request, find).await?.is_some() {
            return Ok(Some(Work::NotAsked));
        }
        Ok(self.check_solution(&command.solution)?.map(Work::Done))
    }
}

impl App {
    /// Has one without work count in the alarm, as far as its network goes.
    async fn refuse_unworked(
        &self,
        request: RequestId,
        command: &Arc<SignInWithPassword>,
    ) -> Result<PasswordTried, Error> {
        let asked = Arc::clone(command);
        // Most of an attack are beyond: that costs a look, and no flush of the disk.
        let looked = move |op: &mut DirectoryOp| lockout::has_unworked(op, &asked.network);
        if self.read_directory(request, looked).await? {
            let asked = Arc::clone(command);
            let booked = move |op: &mut DirectoryOp| lockout::book_unworked(op, &asked.network);
            if self.write_directory(request, booked).await? {
                self.tally_unworked();
            }
        }
        Ok(PasswordTried::NeedsWork)
    }
}

enum Begun {
    Taken(Guess),
    /// The work was done for another guess.
    Spent,
    TooManyOfNetwork {
        wait_s: i64,
    },
}

/// Counts the guess and finds whom it is held against: the same for every address.
fn begin(op: &mut DirectoryOp, command: &SignInWithPassword, work: Work) -> Result<Begun, Error> {
    if let Work::Done(puzzle) = work
        && !stuffing::spend(op, puzzle)?
    {
        return Ok(Begun::Spent);
    }
    let from = match find_browser(op, &command.address, &command.device)? {
        Some(device) => From::Known(device),
        None => From::Unknown(command.cookie_hash),
    };
    if matches!(from, From::Unknown(_)) {
        let network = &command.network;
        if let Some(wait_s) = lockout::book_network(op, network, Guessed::Password)? {
            return Ok(Begun::TooManyOfNetwork { wait_s });
        }
    }
    let account = address_index(op, &command.address)?;
    let aim = Aim { account, guessed: Guessed::Password, from };
    let held_against = find_guessed(op, account)?;
    Ok(Begun::Taken(Guess { aim, booked: lockout::book(op, aim)?, held_against }))
}

/// What is written after the check.
struct End {
    command: Arc<SignInWithPassword>,
    guess: Guess,
    checked: Checked,
    /// Characters of the password.
    length: usize,
    /// Whether the new one is little more than a name.
    is_refused: bool,
}

impl End {
    fn write(&self, op: &mut DirectoryOp) -> Result<PasswordTried, Error> {
        if !self.checked.is_right {
            self.tell_lockout(op)?;
            return Ok(PasswordTried::Wrong);
        }
        let Some((user, stored)) = &self.guess.held_against else {
            return Err(Error::bug("nobody's password was right"));
        };
        // Changed since it was read: what was checked is right no longer.
        if row::find(op, *user)?.as_ref() != Some(stored) {
            return Ok(PasswordTried::Wrong);
        }
        lockout::give_back(op, self.guess.aim)?;
        if matches!(self.guess.aim.from, From::Unknown(_)) {
            lockout::give_network_back(op, &self.command.network, Guessed::Password)?;
        }
        // Only one that has to be replaced is replaced here, and after the second step: else whoever
        // knows a password could take it over without the second factor.
        let enrolled = get_enrolled(op, *user)?;
        let is_due = stored.must_change || self.length < least(&enrolled);
        if is_due && enrolled.is_asked_after(Method::Password) {
            return self.after_second(op, *user);
        }
        if is_due && self.is_refused {
            return Ok(PasswordTried::MustChange);
        }
        if is_due {
            let Some(new) = &self.checked.new else { return Ok(PasswordTried::MustChange) };
            self.change(op, *user, new)?;
        } else if let Some(rehashed) = &self.checked.rehashed {
            row::keep_rehashed(op, *user, &stored.phc, rehashed)?;
        }
        self.enter(op, *user)
    }

    /// Replaces the password when the second factor was shown in this browser; else asks for that first.
    fn after_second(&self, op: &mut DirectoryOp, user: UserId) -> Result<PasswordTried, Error> {
        let cookie_hash = &self.command.cookie_hash;
        // Names are told to nobody who knows the password alone; and nothing that was shown is used up by
        // a new one that is refused.
        if self.is_refused && has_shown(op, cookie_hash, user)? {
            return Ok(PasswordTried::MustChange);
        }
        if let Some(new) = &self.checked.new
            && let Some((second, remember)) = take_shown(op, cookie_hash, user)?
        {
            self.change(op, user, new)?;
            let method = Method::Password;
            let command = OpenSession { user, method, second: Some(second), remember };
            let session = open_session(op, command, &self.command.origin)?;
            let mark = mark_browser(op, &session, &self.command.origin)?;
            return Ok(PasswordTried::Passed(SignIn::Opened(session), mark));
        }
        let after = After { must_change: true, provider: None };
        begin_step(op, &self.passed(user), after, &self.command.origin)?;
        Ok(PasswordTried::Passed(SignIn::SecondAsked, None))
    }

    fn passed(&self, user: UserId) -> Passed {
        let SignInWithPassword { remember, cookie_hash, .. } = *self.command;
        Passed { user, method: Method::Password, remember, cookie_hash }
    }

    fn enter(&self, op: &mut DirectoryOp, user: UserId) -> Result<PasswordTried, Error> {
        let entered = enter(op, self.passed(user), &self.command.origin)?;
        let mark = match &entered {
            SignIn::Opened(session) => mark_browser(op, session, &self.command.origin)?,
            _ => None,
        };
        Ok(PasswordTried::Passed(entered, mark))
    }

    fn change(&self, op: &mut DirectoryOp, user: UserId, new: &row::NewHash) -> Result<(), Error> {
        row::keep(op, user, new)?;
        lockout::clear(op, self.guess.aim.account, Guessed::Password)?;
        op.record_act(Act::PasswordChanged, Some(user), &[])?;
        end_all_sessions(op, user)?;
        let happening = Happening::Changed(FactorChange::PasswordChanged);
        tell(op, user, &happening, &self.command.origin)
    }

    /// A letter to whoever has the address, and the same work for one that nobody has.
    fn tell_lockout(&self, op: &mut DirectoryOp) -> Result<(), Error> {
        let Some(crossed) = self.guess.booked.crossed() else { return Ok(()) };
        let user = self.guess.held_against.as_ref().map(|(user, _)| *user);
        tell_lockout(op, crossed, user, &self.command.address, &self.command.origin)
    }
}

/// Records a lock-out and writes to whoever has the address; does the same work where nobody has it.
pub(super) fn tell_lockout(
    op: &mut DirectoryOp,
    crossed: Crossed,
    user: Option<UserId>,
    address: &EmailAddress,
    origin: &Origin,
) -> Result<(), Error> {
    op.record_act(Act::PasswordLocked, user, &[("why", crossed.as_str().into())])?;
    let happening = Happening::LockedOut(LockedOut::Password(crossed));
    tell_or_pretend(op, user, address, &happening, origin)
}

impl Booked {
    fn crossed(self) -> Option<Crossed> {
        match self {
            Self::Taken { crossed, .. } => crossed,
            Self::Locked(_) => None,
        }
    }
}

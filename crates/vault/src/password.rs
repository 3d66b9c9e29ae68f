//! Passwords: HMAC-SHA-256 under a key of the instance (the pepper), then Argon2id, written as a PHC
//! string.
//!
//! Whoever has the databases alone cannot try a single password: the pepper lies in the keyring. The
//! person is hashed with the password, so that a hash that was moved to somebody else opens nothing.
//!
//! Source: RFC 9106; NIST SP 800-63B-4, 3.1.1.2; the OWASP Password Storage Cheat Sheet for the least
//! cost.

use std::time::Duration;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version,
};
use zeroize::Zeroizing;

use crate::error::CryptoError;
use crate::mac::MacKey;
use crate::random::Random;

const LABEL: &str = "password";
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// The shortest check that is slow enough for whoever tries many.
const SLOW_ENOUGH: Duration = Duration::from_millis(150);
/// The longest that a person is made to wait.
const LONGEST: Duration = Duration::from_millis(250);

/// What one check costs: memory in KiB and passes over it, always in one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
}

impl Cost {
    /// The least that a password is kept with.
    pub const FLOOR: Self = Self { memory_kib: 19_456, passes: 2 };

    /// The most memory that a check takes: two of them at once must not starve the machine.
    pub const MOST_MEMORY_KIB: u32 = 65_536;

    /// The most passes.
    pub const MOST_PASSES: u32 = 4;

    /// A cost; nothing when it is more than the most, or no cost at all. Also less than
    /// [`Cost::FLOOR`], which is for tests alone.
    pub fn new(memory_kib: u32, passes: u32) -> Option<Self> {
        let memory = Params::MIN_M_COST..=Self::MOST_MEMORY_KIB;
        let is_one = memory.contains(&memory_kib) && (1..=Self::MOST_PASSES).contains(&passes);
        is_one.then_some(Self { memory_kib, passes })
    }

    /// Memory in KiB.
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    pub const fn passes(self) -> u32 {
        self.passes
    }

    /// Whether it is no less than [`Cost::FLOOR`].
    pub const fn is_enough(self) -> bool {
        self.memory_kib >= Self::FLOOR.memory_kib && self.passes >= Self::FLOOR.passes
    }

    fn context(self) -> Result<Argon2<'static>, CryptoError> {
        let params = Params::new(self.memory_kib, self.passes, 1, Some(HASH_BYTES));
        let params = params.map_err(|_| CryptoError)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    fn of(hash: &PasswordHash) -> Result<Self, CryptoError> {
        let params = Params::try_from(hash).map_err(|_| CryptoError)?;
        let is_ours = hash.algorithm == Algorithm::Argon2id.ident() && params.p_cost() == 1;
        let cost = is_ours.then(|| Self::new(params.m_cost(), params.t_cost())).flatten();
        cost.ok_or(CryptoError)
    }
}

/// The cost at which a check takes [150 to 250 ms][SLOW_ENOUGH] on this machine, as far as the bounds
/// allow: `measure` tells how long one of that cost takes.
pub fn calibrate(mut measure: impl FnMut(Cost) -> Duration) -> Cost {
    let wider = [24_576, 32_768, 40_960, 49_152, 57_344, Cost::MOST_MEMORY_KIB];
    let wider = wider.map(|memory_kib| Cost { memory_kib, ..Cost::FLOOR });
    let more = [3, Cost::MOST_PASSES];
    let more = more.map(|passes| Cost { memory_kib: Cost::MOST_MEMORY_KIB, passes });
    let mut chosen = Cost::FLOOR;
    let mut took = measure(chosen);
    for cost in wider.into_iter().chain(more) {
        if took >= SLOW_ENOUGH {
            break;
        }
        let takes = measure(cost);
        if takes > LONGEST {
            break;
        }
        (chosen, took) = (cost, takes);
    }
    chosen
}

/// Hashes a person's password, with a salt of its own: a PHC string. Takes the time of the cost.
///
/// Errors: [`CryptoError`], also when the memory cannot be had.
pub fn hash(
    pepper: &MacKey,
    person: [u8; 16],
    password: &str,
    cost: Cost,
    random: &dyn Random,
) -> Result<String, CryptoError> {
    let mut salt = [0; SALT_BYTES];
    random.fill(&mut salt);
    let peppered = pepper_it(pepper, person, password);
    let hash = cost.context()?.hash_password_with_salt(peppered.as_slice(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|_| CryptoError)
}

/// Whether this is the person's password. Takes the time of the cost that it was hashed with.
///
/// Errors: [`CryptoError`] when `stored` is no hash that [`hash`] makes.
pub fn verify(
    pepper: &MacKey,
    person: [u8; 16],
    password: &str,
    stored: &str,
) -> Result<bool, CryptoError> {
    let hash = read(stored)?;
    let context = Cost::of(&hash)?.context()?;
    let peppered = pepper_it(pepper, person, password);
    match context.verify_password(peppered.as_slice(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(_) => Err(CryptoError),
    }
}

/// The cost that a password was hashed with.
///
/// Errors: [`CryptoError`] when `stored` is no hash that [`hash`] makes.
pub fn cost_of(stored: &str) -> Result<Cost, CryptoError> {
    Cost::of(&read(stored)?)
}

/// Takes the time of a check and finds nothing: for people who have no password, or are not there.
///
/// Errors: as [`hash`].
pub fn pretend(pepper: &MacKey, password: &str, cost: Cost) -> Result<(), CryptoError> {
    let peppered = pepper_it(pepper, [0; 16], password);
    let mut nothing = Zeroizing::new([0; HASH_BYTES]);
    let hashed = cost.context()?.hash_password_into(
        peppered.as_slice(),
        &[0; SALT_BYTES],
        nothing.as_mut_slice(),
    );
    hashed.map_err(|_| CryptoError)
}

/// Takes the time and the memory of a check, for whoever measures a cost.
///
/// Errors: as [`hash`].
pub fn work(cost: Cost) -> Result<(), CryptoError> {
    let mut nothing = [0; HASH_BYTES];
    let hashed = cost.context()?.hash_password_into(&[0; 32], &[0; SALT_BYTES], &mut nothing);
    hashed.map_err(|_| CryptoError)
}

fn read(stored: &str) -> Result<PasswordHash, CryptoError> {
    let hash = PasswordHash::new(stored).map_err(|_| CryptoError)?;
    // Cut short, it would be nobody's password instead of damage.
    if hash.hash.is_some() { Ok(hash) } else { Err(CryptoError) }
}

fn pepper_it(pepper: &MacKey, person: [u8; 16], password: &str) -> Zeroizing<[u8; 32]> {
    let text = Zeroizing::new([person.as_slice(), password.as_bytes()].concat());
    Zeroizing::new(pepper.mac(LABEL, &text))
}

#[cfg(test)]
mod tests;

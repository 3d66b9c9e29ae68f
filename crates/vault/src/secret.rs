//! A value that is not printed by accident and is wiped when dropped.

use std::fmt;

use zeroize::Zeroize;

/// Holds a token, code or password. No `Display`, no `Serialize`, no `Clone`; `Debug` prints
/// `Secret(…)`; dropping overwrites the memory.
///
/// Wiping covers this value only: copies made through [`Secret::expose`] are the caller's.
///
/// ```
/// let secret = vault::Secret::new(String::from("hunter2"));
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// assert_eq!(secret.expose(), "hunter2");
/// ```
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the value in.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Every call is a place to look at in a review.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

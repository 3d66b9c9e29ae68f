//! A value that cannot be printed and is wiped when dropped.

use zeroize::Zeroize;

/// Holds a token, code or password. No `Debug`, no `Display`, no `Serialize`, no `Clone`; dropping
/// overwrites the memory.
///
/// What holds one cannot derive `Debug` either, so that no `{:?}` of anything leads to it.
///
/// Wiping covers this value only: copies made through [`Secret::expose`] are the caller's.
///
/// ```
/// let secret = vault::Secret::new(String::from("hunter2"));
/// assert_eq!(secret.expose(), "hunter2");
/// ```
///
/// ```compile_fail,E0277
/// let secret = vault::Secret::new(String::from("hunter2"));
/// println!("{secret:?}");
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

//! One's own profile.

pub mod view;

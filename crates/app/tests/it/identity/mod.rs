//! Sign-in, sessions and what belongs to them; the numbers are those of T-OTT in `security.md`.

mod desk;
mod grant;
mod instance;
mod link;
mod notice;
mod outbox;
mod password;
mod placement;
mod races;
mod second;
mod session;
mod sign_in;
mod sweep;

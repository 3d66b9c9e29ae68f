//! Sign-in, sessions and what belongs to them; the numbers are those of T-OTT in `security.md`.

mod address;
mod desk;
mod grant;
mod instance;
mod link;
mod notice;
mod outbox;
mod passkey;
mod password;
mod placement;
mod provider;
mod races;
mod second;
mod session;
mod sign_in;
mod stuffing;
mod sweep;
mod wrong_codes;

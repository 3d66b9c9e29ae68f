//! The rules of Timeproof, without anything around them.
//!
//! Everything here is a value or a function of its arguments: durations, intervals, civil days,
//! periods, validated texts, permissions and the grammar of the one-line entry. Deliberately
//! absent: async, serde, SQL, HTTP, the clock, randomness, the environment, logging and floating
//! point. Time and random bytes are parameters; ids are made from them ([`ids::uuid_v7`]).
//!
//! Errors are small enums with data. Their `Display` is for logs; the words a person reads are
//! chosen by the caller, who knows the language.
//!
//! Read next: [`interval`] and [`day`] (what an entry is and which days get it),
//! [`duration`] and [`quick_entry`] (what people type), [`lookup`] (what the names in it mean),
//! [`permission`] (who may), [`password`] (what one has to be).

#![warn(missing_docs)]
#![deny(clippy::float_arithmetic)]

mod choice;

pub mod anomaly;
pub mod day;
pub mod duration;
pub mod ids;
pub mod interval;
pub mod joining;
pub mod lookup;
pub mod password;
pub mod period;
pub mod permission;
pub mod preference;
pub mod provider;
pub mod quick_entry;
pub mod record;
pub mod sign_in_policy;
pub mod support;
pub mod text;

pub use choice::{Choice, UnknownChoice};

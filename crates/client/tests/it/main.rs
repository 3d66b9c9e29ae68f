//! The program itself, as a process.

#[cfg(test)]
#[path = "../../src/fake_server.rs"]
#[allow(dead_code, reason = "shared with the unit tests, which use all of it")]
mod fake_server;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod proxies;

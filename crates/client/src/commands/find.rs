//! Finds the entry that somebody means by its last digits.

use uuid::Uuid;
use wire::time_entry::TimeEntry;

use crate::api::CallError;
use crate::failure::Failure;
use crate::session::Session;
use crate::spool::{Act, Spooled};

/// How many of the newest entries are looked through.
const NEWEST: usize = 200;

/// The fewest digits that name an entry.
const FEWEST_DIGITS: usize = 4;

/// Where an entry is.
pub(super) enum Place {
    /// Here; it has not been sent, as far as is known.
    Spool(Box<Spooled>),
    Server(Box<TimeEntry>),
}

/// The entry with that id, or whose id ends so, among what waits and the newest ones.
pub(super) fn find(session: &mut Session<'_>, typed: &str) -> Result<Place, Failure> {
    let ending = ending(typed)?;
    let waiting = session.waiting()?;
    let here = waiting
        .iter()
        .filter(|spooled| matches!(spooled.waiting.act, Act::Entry(_)))
        .filter(|spooled| ends_with(spooled.waiting.id, &ending));
    if let [spooled] = here.collect::<Vec<_>>().as_slice() {
        return Ok(Place::Spool(Box::new((*spooled).clone())));
    }
    if session.is_online()
        && let Ok(id) = Uuid::try_parse(typed.trim())
    {
        return match session.api.time_entry(session.workspace(), id) {
            Ok(entry) => Ok(Place::Server(Box::new(entry))),
            Err(error) => Err(error.into_failure()),
        };
    }
    refresh_recent(session)?;
    let found: Vec<&TimeEntry> =
        session.cache.recent.iter().filter(|entry| ends_with(entry.id, &ending)).collect();
    match found.as_slice() {
        [entry] => Ok(Place::Server(Box::new((*entry).clone()))),
        [] => find_older(session, &ending),
        _ => Err(several(typed)),
    }
}

/// Asks for the newest entries, where there is contact.
pub(super) fn refresh_recent(session: &mut Session<'_>) -> Result<(), Failure> {
    if !session.is_online() {
        return Ok(());
    }
    match session.api.newest_entries(session.workspace(), session.account.member_id, 20) {
        Ok(entries) => {
            session.cache.recent.clear();
            for entry in &entries {
                session.cache.remember(entry);
            }
            session.save();
            Ok(())
        }
        Err(CallError::Later { .. } | CallError::Broken(_)) => Ok(()),
        Err(error) => Err(error.into_failure()),
    }
}

fn find_older(session: &Session<'_>, ending: &str) -> Result<Place, Failure> {
    let missing = || {
        Failure::refused(
            "not_found",
            format!("No recent entry ends with {ending}. `tp log` shows them."),
        )
    };
    if !session.is_online() {
        return Err(missing());
    }
    let entries = session
        .api
        .newest_entries(session.workspace(), session.account.member_id, NEWEST)
        .map_err(CallError::into_failure)?;
    let mut found = entries.into_iter().filter(|entry| ends_with(entry.id, ending));
    match (found.next(), found.next()) {
        (Some(entry), None) => Ok(Place::Server(Box::new(entry))),
        (None, _) => Err(missing()),
        _ => Err(several(ending)),
    }
}

/// Hexadecimal digits as typed, without hyphens.
pub(super) fn ending(typed: &str) -> Result<String, Failure> {
    let digits: String =
        typed.trim().trim_matches(['[', ']']).chars().filter(|c| *c != '-').collect();
    let digits = digits.to_ascii_lowercase();
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_hex || !(FEWEST_DIGITS..=32).contains(&digits.len()) {
        return Err(Failure::usage(format!(
            "\"{typed}\" is not an id. Give the last digits as `tp log` shows them."
        )));
    }
    Ok(digits)
}

pub(super) fn ends_with(id: Uuid, ending: &str) -> bool {
    id.as_simple().to_string().ends_with(ending)
}

fn several(typed: &str) -> Failure {
    Failure::usage(format!("Several entries end with {typed}. Give more digits."))
}

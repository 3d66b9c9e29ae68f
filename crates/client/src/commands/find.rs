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

/// The fewest digits that are shown of an id.
const SHOWN_DIGITS: usize = 8;

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

/// The last digits of an id: as many as tell it apart from the others that wait.
pub(super) fn shown(id: Uuid, all: &[Spooled]) -> String {
    let digits = id.as_simple().to_string();
    let is_alone = |ending: &str| {
        all.iter().all(|other| other.waiting.id == id || !ends_with(other.waiting.id, ending))
    };
    let mut endings = (SHOWN_DIGITS..digits.len()).filter_map(|count| tail(&digits, count));
    endings.find(|ending| is_alone(ending)).unwrap_or(&digits).to_owned()
}

fn tail(digits: &str, count: usize) -> Option<&str> {
    digits.get(digits.len().checked_sub(count)?..)
}

pub(super) fn ends_with(id: Uuid, ending: &str) -> bool {
    id.as_simple().to_string().ends_with(ending)
}

fn several(typed: &str) -> Failure {
    Failure::usage(format!("Several entries end with {typed}. Give more digits."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::{Account, FORMAT, Waiting};

    fn waiting(id: u128) -> Spooled {
        let act =
            Act::Stop { entry_id: None, stopped_at: jiff::Timestamp::UNIX_EPOCH, by_start: false };
        let account = Account {
            url: String::new(),
            workspace_id: Uuid::from_u128(1),
            member_id: Uuid::from_u128(2),
        };
        let waiting = Waiting {
            format: FORMAT,
            id: Uuid::from_u128(id),
            account,
            made_at: jiff::Timestamp::UNIX_EPOCH,
            typed: "tp stop".to_owned(),
            act,
            request: None,
            question: None,
            is_decided: false,
        };
        Spooled { name: String::new(), waiting }
    }

    #[test]
    fn as_many_digits_as_tell_ids_apart() {
        let start = 0x01a2_02f9_503f_725e_8428_b7d9_3c0e_0462;
        let all = [waiting(start), waiting(start - (1 << 80)), waiting(7)];
        let shown: Vec<_> = all.iter().map(|one| shown(one.waiting.id, &all)).collect();
        assert_eq!(shown[2], "00000007");
        assert_eq!(
            (shown[0].as_str(), shown[1].as_str()),
            ("f725e8428b7d93c0e0462", "e725e8428b7d93c0e0462")
        );
        for (one, shown) in all.iter().zip(&shown) {
            let typed = ending(shown).unwrap();
            let found = all.iter().filter(|other| ends_with(other.waiting.id, &typed));
            assert!(found.map(|found| found.waiting.id).eq([one.waiting.id]), "{shown}");
        }
    }
}

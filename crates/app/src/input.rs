//! What people and programs send, as the domain's types, with words for what is wrong.

use domain::{
    Choice,
    ids::{ClientId, RoleId},
    joining::{DomainsError, JoinRule, MailDomain, parse_domains},
    permission::{Assignment, Incomplete, Role},
    sign_in_policy::{NetworksError, SignInPolicy, parse_networks},
    text::{Name, Note, TextError},
};
use jiff::Timestamp;

use crate::Error;

/// Reads a name.
///
/// Errors: [`Error::Invalid`] for `field`.
pub fn name(field: &'static str, text: &str) -> Result<Name, Error> {
    Name::parse(text).map_err(|error| text_error(field, error))
}

/// Reads a note.
///
/// Errors: [`Error::Invalid`] for `field`.
pub fn note(field: &'static str, text: &str) -> Result<Note, Error> {
    Note::parse(text).map_err(|error| text_error(field, error))
}

/// Reads an e-mail address.
///
/// Errors: [`Error::Invalid`] for `field`.
pub fn address(field: &'static str, text: &str) -> Result<domain::text::EmailAddress, Error> {
    domain::text::EmailAddress::parse(text).map_err(|error| text_error(field, error))
}

/// Reads a word of the program's own vocabulary.
///
/// Errors: [`Error::Invalid`] for `field`, with the words offered.
pub fn choice<T: Choice>(field: &'static str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| {
        Error::invalid(field, "not_a_choice", format!("Choose one of {}.", offered::<T>()))
    })
}

/// Reads a role as it is given, with what it needs.
///
/// Errors: [`Error::Invalid`] for `role`, `role_id` or `client_id`.
pub fn assignment(
    role: &str,
    own: Option<RoleId>,
    client: Option<ClientId>,
) -> Result<Assignment, Error> {
    let role: Role = choice("role", role)?;
    Assignment::new(role, own, client).map_err(|incomplete| match incomplete {
        Incomplete::Own => {
            let message = "Give the id of a role made here with “own”, and with no other.";
            Error::invalid("role_id", "not_fitting", message)
        }
        Incomplete::Client => {
            let message = "Give the id of a client with “client”, and with no other role.";
            Error::invalid("client_id", "not_fitting", message)
        }
    })
}

/// Reads a role as forms send it, in one field: `member`, `own:ID`, `client:ID`.
///
/// Errors: [`Error::Invalid`] for `role`.
pub fn assignment_word(text: &str) -> Result<Assignment, Error> {
    let unknown = || Error::invalid("role", "not_a_choice", "Choose one of the roles.");
    match text.split_once(':') {
        None => {
            let role: Role = text.parse().map_err(|_| unknown())?;
            Assignment::new(role, None, None).map_err(|_| unknown())
        }
        Some(("own", id)) => id.parse().map(Assignment::own).map_err(|_| unknown()),
        Some(("client", id)) => id.parse().map(Assignment::guest).map_err(|_| unknown()),
        Some(_) => Err(unknown()),
    }
}

/// The words that can be chosen, in a sentence.
pub fn offered<T: Choice>() -> String {
    let words: Vec<_> = T::words().into_iter().map(|word| format!("“{word}”")).collect();
    words.join(", ")
}

/// Reads a field that may be left out.
///
/// Errors: those of `read`.
pub fn optional<T>(
    read: impl FnOnce(&'static str, &str) -> Result<T, Error>,
    field: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, Error> {
    text.map(|text| read(field, text)).transpose()
}

/// Reads a time zone.
///
/// Errors: [`Error::Invalid`] for `field`.
pub fn zone(field: &'static str, text: &str) -> Result<domain::day::Zone, Error> {
    domain::day::Zone::parse(text).map_err(|_| {
        Error::invalid(
            field,
            "unknown_zone",
            "Use a name such as Europe/Berlin or America/New_York.",
        )
    })
}

/// Reads ranges of addresses, separated by spaces, commas or lines.
///
/// Errors: [`Error::Invalid`] for `field`.
pub fn networks(field: &'static str, text: &str) -> Result<Vec<ipnet::IpNet>, Error> {
    parse_networks(text).map_err(|error| match error {
        NetworksError::Unreadable(word) => {
            let message =
                format!("“{word}” is no range of addresses. Write such as 203.0.113.0/24.");
            Error::invalid(field, "not_a_network", message)
        }
        NetworksError::TooMany => {
            let most = SignInPolicy::MOST_NETWORKS;
            Error::invalid(field, "too_many", format!("{most} ranges are the limit."))
        }
    })
}

/// Reads mail domains, separated by spaces, commas or lines.
///
/// Errors: [`Error::Invalid`] for `field`, with the first that is none, or at which anybody can get an
/// address.
pub fn mail_domains(field: &'static str, text: &str) -> Result<Vec<MailDomain>, Error> {
    parse_domains(text).map_err(|error| match error {
        DomainsError::Unreadable(word) => {
            let message = format!("“{word}” is no mail domain. Write such as acme.example.");
            Error::invalid(field, "not_a_domain", message)
        }
        DomainsError::Public(host) => {
            let message = format!(
                "Anybody can get an address at {host}, so anybody could join. Invite people."
            );
            Error::invalid(field, "public_host", message)
        }
        DomainsError::TooMany => {
            let most = JoinRule::MOST_DOMAINS;
            Error::invalid(field, "too_many", format!("{most} mail domains are the limit."))
        }
    })
}

fn text_error(field: &'static str, error: TextError) -> Error {
    match error {
        TextError::Empty => Error::invalid(field, "empty", "Please fill this in."),
        TextError::TooLong { limit, actual } => Error::invalid(
            field,
            "too_long",
            format!("This is {actual} characters long; {limit} is the limit."),
        ),
        TextError::ControlCharacter { position } => Error::invalid(
            field,
            "control_character",
            format!("There is an invisible control character {}.", after(position)),
        ),
        TextError::Invalid { .. } => {
            Error::invalid(field, "invalid", "This is not an e-mail address we can write to.")
        }
    }
}

fn after(characters: usize) -> String {
    match characters {
        0 => "at the beginning".to_owned(),
        1 => "after the first character".to_owned(),
        more => format!("after {more} characters"),
    }
}

/// An instant of somebody's time: not more than a year ahead, not before 1970.
///
/// Errors: [`Error::Invalid`] for `field`.
pub(crate) fn work_instant(
    field: &'static str,
    at: Timestamp,
    now: Timestamp,
) -> Result<Timestamp, Error> {
    const YEAR_S: i64 = 366 * 86_400;
    let at = domain::interval::truncate_to_second(at);
    if at.as_second() > now.as_second() + YEAR_S {
        return Err(Error::invalid(field, "too_late", "This is more than a year ahead."));
    }
    if at.as_second() < 86_400 {
        return Err(Error::invalid(field, "too_early", "This is before 1970."));
    }
    Ok(at)
}

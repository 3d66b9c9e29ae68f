//! The fields of an event as pages say them: what each is called, and what its value is in words. What
//! stands in neither table is shown as the program calls it, which a test of this file finds.

use app::{actor::Scope, identity::Second, report::GroupBy, support::Ended};
use domain::{
    anomaly::Measure,
    duration::BareNumber,
    period::{Preset, WeekStart},
    permission::{Grant, Role},
    preference::{ClockFormat, Locale, Overlaps, SecondTimer},
    record::{Part, Side},
    sign_in_policy::{LongestSession, SecondFactorRule},
    support::Areas,
};

use super::acts::act;
use crate::{
    page::name_of_hue,
    profile::web::{clock_word, language},
    report::web::{group_word, preset_word},
    security::method_words,
    sign_in_policy::web::{life_words, rule_word},
    support::{areas_words, told_page},
    web::week_start_word,
    workspace::web::{bare_word, overlaps_word, second_word},
};

/// What a field is called.
pub(super) fn field_name(field: &str) -> &str {
    match field {
        "log" => "Log",
        "size" => "Events",
        "root" => "Root",
        "member" => "Member",
        "project" => "Project",
        "task" => "Task",
        "billable" => "Billable",
        "started_at" => "Start",
        "stopped_at" => "End",
        "duration_s" => "Duration",
        "day" => "Day",
        "zone" => "Time zone",
        "tags" => "Tags",
        "note" => "Note",
        "deleted" => "Deleted",
        "name" | "label" => "Name",
        "address" => "E-mail",
        "client" => "Client",
        "role" => "Role",
        "own_role" => "Which role",
        "rights" => "Rights",
        "manager" => "Manages it",
        "open" => "Open to everybody",
        "archived" => "Archived",
        "hue" => "Colour",
        "currency" => "Currency",
        "bare_number" => "A bare number means",
        "second_timer" => "A second timer",
        "overlaps" => "Overlapping entries",
        "week_start" => "Weeks begin on",
        "locale" => "Language and dates",
        "clock_format" => "Clock",
        "user" => "Account",
        "invited_by" => "Invited by",
        "accepted_by" => "Accepted by",
        "scope" => "May",
        "expires_at" => "Works until",
        "networks" => "Addresses",
        "issuer" => "Provider’s address",
        "client_id" => "Our name there",
        "secret_changed" => "Secret changed",
        "asks_second" => "Asks for a second step",
        "classes" => "Classes that count as strong",
        "domains" => "Mail domains",
        "by_rule" => "By the rule about mail domains",
        other => of_coming_in(other),
    }
}

/// What fields of accounts and of the sign-in policy are called.
fn of_coming_in(field: &str) -> &str {
    match field {
        "allows_mail" => "Codes and links by mail",
        "allows_passwords" => "Passwords",
        "allows_passkeys" => "Passkeys",
        "allows_providers" => "Sign-in with another provider",
        "second_factor" | "factor" => "Second factor",
        "allows_remembering" => "Browsers may be remembered",
        "longest_session" => "A sign-in lasts",
        "due_at" => "Due",
        "asked_by" | "by" => "By",
        "method" => "How",
        "sessions" => "Sign-ins",
        "wrong_codes" => "Wrong codes",
        "wrong_codes_of_account" => "Wrong codes in all",
        "second_step" => "At the second step",
        "asked_always" => "Always asked for",
        "why" => "Why",
        "left" => "Left",
        "second" => "Second step",
        "was_changed" => "Changed",
        "act" => "Act",
        "workspace" => "Workspace",
        other => of_support(other),
    }
}

/// What fields of who runs the server, and of what support looked at, are called.
fn of_support(field: &str) -> &str {
    match field {
        "operator" => "Who",
        "reason" => "Reason",
        "ticket" => "Ticket",
        "areas" => "Reaches",
        "minutes" => "Minutes",
        "may_write" => "May change it",
        "without_owner" => "No owner can be reached",
        "opens_at" => "Can be opened from",
        "ended_by" => "Ended by",
        "command" => "Command",
        "count" => "On one day",
        "program" => "By a program",
        "usual" => "Not unusual up to",
        "support" => "By an owner’s word",
        "run_book" => "In a run-book",
        "page" => "Page",
        "first_day" | "first" => "From",
        "last_day" | "last" | "ends_at" => "Until",
        "measure" | "part" => "What",
        "side" => "The person is",
        "object" => "Which",
        "preset" => "Days",
        "group" => "Grouped by",
        "cursor" => "Page of the list",
        "more" => "Also asked",
        other => other,
    }
}

/// In the place of a text in an address that support opened.
const TYPED: &str = "(text)";

/// What the program calls something, as people do.
pub(super) fn in_words(field: &str, words: &str) -> String {
    let found = match field {
        "cursor" => Some("a later one".to_owned()),
        "more" => Some("something that the page does not know".to_owned()),
        _ if words == TYPED => Some("(something that was typed)".to_owned()),
        "rights" => Some(rights_words(words)),
        "areas" => Areas::parse(words).ok().map(areas_words),
        "command" => Some(format!("timeproof {words}")),
        "hue" => words.parse().ok().and_then(name_of_hue).map(str::to_owned),
        "page" => told_page(words).map(|told| told.words.to_owned()),
        // Their numbers say nothing to a reader; that they are there does.
        "support" | "run_book" => Some("yes".to_owned()),
        "object" => is_number(words).then(|| "something without a name".to_owned()),
        _ => word(field, words).map(str::to_owned),
    };
    found.unwrap_or_else(|| words.to_owned())
}

fn is_number(words: &str) -> bool {
    uuid::Uuid::try_parse(words).is_ok()
}

/// A word of the program's vocabulary, as people say it.
fn word(field: &str, word: &str) -> Option<&'static str> {
    match field {
        "act" => act(word),
        "method" => word.parse().ok().map(method_words),
        "by" | "second" | "factor" => word.parse().ok().map(proof_words),
        "why" => why(word),
        "scope" => word.parse().ok().map(scope_words),
        "role" => word.parse().ok().map(Role::title),
        "bare_number" => word.parse().ok().map(|choice: BareNumber| bare_word(choice)),
        "second_timer" => word.parse().ok().map(|choice: SecondTimer| second_word(choice)),
        "overlaps" => word.parse().ok().map(|choice: Overlaps| overlaps_word(choice)),
        "week_start" => word.parse().ok().map(|choice: WeekStart| week_start_word(choice)),
        "locale" => word.parse().ok().map(|choice: Locale| language(choice)),
        "clock_format" => word.parse().ok().map(|choice: ClockFormat| clock_word(choice)),
        "second_factor" => word.parse().ok().map(|rule: SecondFactorRule| rule_word(rule)),
        "longest_session" => word.parse().ok().map(|life: LongestSession| life_words(life)),
        "ended_by" => word.parse().ok().map(ended_words),
        "measure" => word.parse().ok().map(Measure::title),
        "part" => word.parse().ok().map(Part::title),
        "side" => word.parse().ok().map(side_words),
        "preset" => word.parse().ok().map(|preset: Preset| preset_word(preset)),
        "group" => word.parse().ok().map(|by: GroupBy| group_word(by)),
        _ => None,
    }
}

/// What somebody has to do with an event.
pub(super) const fn side_words(side: Side) -> &'static str {
    match side {
        Side::By => "who did it",
        Side::About => "to whom it was done",
    }
}

const fn ended_words(by: Ended) -> &'static str {
    match by {
        Ended::Owner => "an owner",
        Ended::Operator => "who runs the server",
        Ended::Support => "support itself",
        Ended::Time => "the end of its time",
    }
}

const fn scope_words(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read",
        Scope::Track => "read, and change their own time",
        Scope::Full => "all that they may",
    }
}

const fn proof_words(second: Second) -> &'static str {
    match second {
        Second::Totp => "a code of an app",
        Second::RecoveryCode => "a recovery code",
        Second::MailCode => "a code from a mail",
        Second::Passkey => "a passkey",
        Second::Provider => "the provider",
    }
}

/// Which wrong guess it was that changed something, by the words of `app::identity::Crossed`.
fn why(word: &str) -> Option<&'static str> {
    match word {
        "waits" => Some("several were wrong: unknown browsers wait"),
        "off" => Some("too many were wrong"),
        "device" => Some("too many were wrong in a known browser"),
        _ => None,
    }
}

/// What rights let one do; of one that this version does not know, its word.
fn rights_words(words: &str) -> String {
    let sentence = |word: &str| match word.parse::<Grant>() {
        Ok(grant) => grant.sentence().to_owned(),
        Err(_) => word.to_owned(),
    };
    words.split_whitespace().map(sentence).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use app::audit::Kind;
    use domain::support::Area;

    use super::{super::words::is_hidden, *};
    use crate::record::words::{what_was_done, what_was_done_to_it};

    /// What is told of the instance alone, and what looks like a field and is a column.
    const NOT_OF_EVENTS: [&str; 5] = ["removed_at", "revoked_at", "shown", "source", "wrong"];

    /// The fields that the operations record, as their sources write them.
    fn recorded() -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src");
        let mut folders = vec![app];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|kind| kind == "rs") {
                    read_fields(&fs::read_to_string(path).unwrap(), &mut found);
                }
            }
        }
        found
    }

    /// `.fact("field", …)`, `.text("field", …)`, and `("field", ….into())` of an act of the directory.
    fn read_fields(source: &str, found: &mut BTreeSet<String>) {
        for (place, _) in source.match_indices('(') {
            let Some(rest) = source[place + 1..].trim_start().strip_prefix('"') else { continue };
            let Some((word, rest)) = rest.split_once('"') else { continue };
            let is_word =
                !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            let value = rest.split(['"', ';']).next().unwrap_or_default();
            let of_an_event = [".fact", ".text"].iter().any(|call| source[..place].ends_with(call));
            let of_an_act = [".into())", "count("].iter().any(|end| value.contains(end));
            if is_word && (of_an_event || of_an_act && rest.starts_with(", ")) {
                found.insert(word.to_owned());
            }
        }
    }

    #[test]
    fn each_field_that_is_recorded_has_a_name() {
        let fields = recorded();
        for known in ["note", "ended_by", "wrong_codes", "second_step", "first_day", "run_book"] {
            assert!(fields.contains(known), "the sources are read otherwise: {known}: {fields:?}");
        }
        let is_told = |field: &&String| {
            field_name(field) != field.as_str()
                || is_hidden(field)
                || NOT_OF_EVENTS.contains(&field.as_str())
        };
        let raw: Vec<_> = fields.iter().filter(|field| !is_told(field)).collect();
        assert!(raw.is_empty(), "{raw:?}");
    }

    #[test]
    fn each_kind_is_told_in_words() {
        for kind in Kind::ALL {
            for told in [what_was_done(*kind), what_was_done_to_it(*kind)] {
                let is_said = told.chars().all(|c| c.is_alphabetic() || " ,-".contains(c));
                assert!(is_said && !told.is_empty(), "{kind:?}: {told}");
            }
        }
    }

    /// All words of a choice.
    macro_rules! all {
        ($choice:ty) => {
            <$choice>::ALL.iter().map(|word| word.as_str().to_owned()).collect::<Vec<_>>()
        };
    }

    #[test]
    fn each_word_of_the_programs_own_is_told_in_those_of_people() {
        let seconds: Vec<_> = all!(Second);
        let fields = [
            ("role", all!(Role)),
            ("bare_number", all!(BareNumber)),
            ("second_timer", all!(SecondTimer)),
            ("overlaps", all!(Overlaps)),
            ("week_start", all!(WeekStart)),
            ("locale", all!(Locale)),
            ("clock_format", all!(ClockFormat)),
            ("second_factor", all!(SecondFactorRule)),
            ("longest_session", all!(LongestSession)),
            ("ended_by", all!(Ended)),
            ("areas", all!(Area)),
            ("rights", all!(Grant)),
            ("measure", all!(Measure)),
            ("part", all!(Part)),
            ("side", all!(Side)),
            ("preset", all!(Preset)),
            ("group", all!(GroupBy)),
            ("by", seconds.clone()),
            ("second", seconds.clone()),
            ("factor", seconds),
            ("hue", (1..=12).map(|hue| hue.to_string()).collect()),
            ("method", ["otp-mail", "pwd", "remembered"].map(str::to_owned).into()),
            ("why", ["waits", "off", "device"].map(str::to_owned).into()),
            ("scope", ["read", "track", "full"].map(str::to_owned).into()),
            ("command", ["export".to_owned()].into()),
            ("cursor", [TYPED.to_owned()].into()),
            ("more", [TYPED.to_owned()].into()),
            ("member", [TYPED.to_owned()].into()),
            ("page", ["/w/{workspace}/reports".to_owned()].into()),
        ];
        for (field, words) in fields {
            assert!(!words.is_empty(), "{field}");
            for word in words {
                let told = in_words(field, &word);
                let is_said = !told.contains(['_', '{', '/']) && told != TYPED;
                let is_plain = ["read", "changes"].contains(&told.as_str());
                assert!(is_said && (told != word || is_plain), "{field}: {word}: {told}");
            }
        }
    }

    /// What the directory records of a person stands in the records of their workspaces.
    #[test]
    fn each_act_of_a_person_is_told_in_words() {
        let source = include_str!("../../../app/src/identity/act.rs");
        let acts =
            source.lines().filter_map(|line| line.trim().strip_suffix("\",")?.split_once(" => \""));
        let raw: Vec<_> = acts.map(|(_, word)| word).filter(|word| act(word).is_none()).collect();
        let of_the_instance = [
            "stuffing.begun",
            "operator.added",
            "operator.removed",
            "run_book.opened",
            "run_book.closed",
            "ledger.witnesses_changed",
            "ledger.halted",
            "ledger.epoch_opened",
        ];
        assert_eq!(raw, of_the_instance);
    }
}

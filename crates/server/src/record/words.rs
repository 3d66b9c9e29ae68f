//! Events as pages say them.

use app::{
    Me, Op,
    audit::Kind,
    record::{HistoryChange as Changed, HistoryEvent as Event, HistoryValue},
};
use jiff::{Zoned, civil::Date, tz::AmbiguousOffset};

use super::{
    fields::{field_name, in_words},
    view::{HistoryChange, HistoryEvent},
};
use crate::{support::told_page, wall, web::rfc3339};

/// An event as a page shows it, with the words for what was done.
pub(crate) fn history_row(op: &Op, event: Event, what: fn(Kind) -> &'static str) -> HistoryEvent {
    let me = op.me();
    let local = wall::local(&me.zone, event.at);
    let day = me.locale.format_day_short(local.date());
    let time = wall::time(me, &me.zone, event.at);
    HistoryEvent {
        id: event.id.to_string(),
        place: event.place.map(|place| place.to_string()).unwrap_or_default(),
        actor: event.actor,
        what: what(event.kind).to_owned(),
        at: format!("{day} {}, {time}", local.date().year()),
        instant: rfc3339(event.at),
        changes: event
            .changes
            .into_iter()
            .filter(|change| event.kind != Kind::DirectoryAct || !is_hidden(&change.field))
            .map(|change| {
                let [before, after] = shown(me, &change);
                HistoryChange { field: field_name(&change.field).to_owned(), before, after }
            })
            .collect(),
    }
}

/// Numbers of the directory's things, which say nothing to a reader; programs get them.
const NUMBERS: [&str; 11] = [
    "session",
    "family",
    "change",
    "authenticator",
    "passkey",
    "provider",
    "reset",
    "grant",
    "member",
    "purpose",
    "operator",
];

/// Whether a field of an act of the directory says nothing to a reader.
pub(super) fn is_hidden(field: &str) -> bool {
    NUMBERS.contains(&field)
}

/// What a field was and what it became, as the member writes days and times: to the second, and with the
/// offset, where the two differ in that.
fn shown(me: &Me, change: &Changed) -> [String; 2] {
    let both = [change.before.as_ref(), change.after.as_ref()];
    let differ = match both {
        [Some(HistoryValue::Instant(before)), Some(HistoryValue::Instant(after))] => {
            [before.second() != after.second(), before.offset() != after.offset()]
        }
        _ => [false, false],
    };
    both.map(|value| match value {
        None => String::new(),
        Some(HistoryValue::Words(words)) => match asked_day(&change.field, words) {
            Some(day) => me.locale.format_date(day),
            None => in_words(&change.field, words),
        },
        Some(HistoryValue::Day(day)) => me.locale.format_date(*day),
        Some(HistoryValue::Instant(at)) => instant(me, at, differ),
    })
}

/// A day that support asked a list for.
fn asked_day(field: &str, words: &str) -> Option<Date> {
    matches!(field, "first" | "last").then(|| words.parse().ok()).flatten()
}

/// What support looked at, as a sentence of the record: `looked at the time of Ines`. What it says is
/// taken out of the fields. None for every other event.
pub(super) fn take_look(event: &mut Event) -> Option<String> {
    if event.kind != Kind::SupportSeen {
        return None;
    }
    let Some(told) = take(event, "page").and_then(|page| told_page(&page)) else {
        return Some("looked at a page".to_owned());
    };
    let whose = if told.is_of_somebody { take(event, "member") } else { None };
    Some(match whose {
        Some(name) => format!("{} the time of {name}", told.verb),
        None => format!("{} {}", told.verb, told.words),
    })
}

/// Takes a field out of an event; what it became.
fn take(event: &mut Event, field: &str) -> Option<String> {
    let place = event.changes.iter().position(|change| change.field == field)?;
    event.changes.remove(place).after.map(|after| after.to_string())
}

/// `20 Nov 2026, 13:05`, with the place of its zone where that has another time than the member’s, and
/// with the offset in the hour that autumn repeats.
fn instant(me: &Me, at: &Zoned, [to_second, with_offset]: [bool; 2]) -> String {
    let time = if to_second {
        me.locale.format_time_to_second(at.time(), me.clock_format)
    } else {
        me.locale.format_time(at.time(), me.clock_format)
    };
    let mut text = format!("{}, {time}", me.locale.format_date(at.date()));
    let is_twice = at.time_zone().to_ambiguous_timestamp(at.datetime()).offset();
    if with_offset || matches!(is_twice, AmbiguousOffset::Fold { .. }) {
        text.push_str(&at.strftime(" %:z").to_string());
    }
    let here = at.timestamp().to_zoned(me.zone.time_zone());
    let name = at.time_zone().iana_name().filter(|_| here.datetime() != at.datetime());
    match name {
        Some(zone) => format!("{text} {}", wall::place_of(zone)),
        None => text,
    }
}

/// What was done, where the thing stands above: `changed it`.
pub(crate) fn what_was_done_to_it(kind: Kind) -> &'static str {
    match kind {
        Kind::TimerStarted => "started the timer",
        Kind::TimerStopped => "stopped the timer",
        Kind::TimerDiscarded => "discarded the timer",
        Kind::TimeEntryAdded => "added it",
        Kind::TimeEntryChanged => "changed it",
        Kind::TimeEntrySplit => "split it",
        Kind::TimeEntryDeleted => "deleted it",
        Kind::TimeEntryRestored => "restored it",
        Kind::MemberChanged => "changed the profile",
        Kind::MemberRoleChanged => "changed the role",
        Kind::MemberRemoved => "ended the membership",
        Kind::SupportSeen => "looked at it",
        Kind::DirectoryAct => "noted of the account",
        other => what_was_done(other),
    }
}

/// What was done and to what, in the past tense: `deleted the project`.
pub(crate) const fn what_was_done(kind: Kind) -> &'static str {
    match kind {
        Kind::WorkspaceCreated => "set the workspace up",
        Kind::WorkspaceChanged => "changed the settings",
        Kind::SignInPolicyChanged => "changed how people may sign in",
        Kind::ProviderAdded => "set up the provider of sign-ins",
        Kind::ProviderChanged => "changed the provider of sign-ins",
        Kind::ProviderRemoved => "removed the provider of sign-ins",
        Kind::WorkspaceExported => "took everything away as files",
        Kind::LedgerRestored => "put an older state back, from which the ledger goes on",
        Kind::MemberJoined => "joined",
        Kind::MemberChanged => "changed the profile of",
        Kind::MemberRoleChanged => "changed the role of",
        Kind::MemberRemoved => "removed",
        Kind::InvitationSent => "invited",
        Kind::InvitationRevoked => "took back the invitation of",
        Kind::InvitationAccepted => "accepted an invitation",
        Kind::JoinRuleChanged => "changed who may join by themselves",
        Kind::ClientAdded => "added the client",
        Kind::ClientChanged => "changed the client",
        Kind::ClientDeleted => "deleted the client",
        Kind::ClientRestored => "restored the client",
        Kind::ClientPurged => "deleted for good the client",
        Kind::ProjectAdded => "added the project",
        Kind::ProjectChanged => "changed the project",
        Kind::ProjectDeleted => "deleted the project",
        Kind::ProjectRestored => "restored the project",
        Kind::ProjectPurged => "deleted for good the project",
        Kind::ProjectMemberPut => "put somebody on the project",
        Kind::ProjectMemberRemoved => "took somebody off the project",
        Kind::TaskAdded => "added the task",
        Kind::TaskChanged => "changed the task",
        Kind::TaskDeleted => "deleted the task",
        Kind::TaskRestored => "restored the task",
        Kind::TaskPurged => "deleted for good the task",
        Kind::TagAdded => "added the tag",
        Kind::TagChanged => "changed the tag",
        Kind::TagDeleted => "deleted the tag",
        Kind::TagRestored => "restored the tag",
        Kind::TagPurged => "deleted for good the tag",
        Kind::TeamAdded => "made the team",
        Kind::TeamChanged => "changed the team",
        Kind::TeamDeleted => "deleted the team",
        Kind::TeamMemberPut => "put somebody into the team",
        Kind::TeamMemberRemoved => "took somebody out of the team",
        Kind::RoleAdded => "made the role",
        Kind::RoleChanged => "changed the role",
        Kind::RoleDeleted => "deleted the role",
        Kind::TimeSeen => "looked at the time of",
        Kind::ReportExported => "took a report away as a file",
        Kind::TimerStarted => "started a timer",
        Kind::TimerStopped => "stopped a timer",
        Kind::TimerDiscarded => "discarded a timer",
        Kind::TimeEntryAdded => "added time",
        Kind::TimeEntryChanged => "changed time",
        Kind::TimeEntrySplit => "split time",
        Kind::TimeEntryDeleted => "deleted time",
        Kind::TimeEntryRestored => "restored time",
        Kind::TimeEntryPurged => "deleted for good time",
        Kind::TokenCreated => "made the API token",
        Kind::TokenRevoked => "revoked the API token",
        Kind::SupportAsked => "asked to look into the workspace",
        Kind::SupportConfirmed => "confirmed that no owner can be reached",
        Kind::SupportGranted => "let support in",
        Kind::SupportRefused => "refused support",
        Kind::SupportLinkMade => "had a link for support printed",
        Kind::SupportOpened => "came in",
        Kind::SupportSeen => "looked at",
        Kind::SupportEnded => "ended support access",
        Kind::OperatorCommand => "gave a command at the server",
        Kind::AnomalyFound => "found much more than is usual of",
        Kind::DirectoryAct => "noted of the account of",
    }
}

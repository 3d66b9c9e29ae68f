//! Events as pages say them.

use app::{
    Me, Op,
    actor::Scope,
    audit::Kind,
    identity::Second,
    record::{HistoryChange as Changed, HistoryValue},
};
use domain::permission::Grant;
use jiff::{Zoned, tz::AmbiguousOffset};

use super::view::{HistoryChange, HistoryEvent};
use crate::{security::method_words, wall, web::rfc3339};

/// An event as a page shows it, with the words for what was done.
pub(crate) fn history_row(
    op: &Op,
    event: app::record::HistoryEvent,
    what: fn(Kind) -> &'static str,
) -> HistoryEvent {
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
            .filter(|change| {
                event.kind != Kind::DirectoryAct || !NUMBERS.contains(&change.field.as_str())
            })
            .map(|change| {
                let [before, after] = shown(me, &change);
                HistoryChange { field: field_name(&change.field).to_owned(), before, after }
            })
            .collect(),
    }
}

/// Numbers of the directory's things, which say nothing to a reader; programs get them.
const NUMBERS: [&str; 10] = [
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
];

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
        Some(HistoryValue::Words(words)) => in_words(&change.field, words),
        Some(HistoryValue::Day(day)) => me.locale.format_date(*day),
        Some(HistoryValue::Instant(at)) => instant(me, at, differ),
    })
}

/// What the program calls something, as people do.
fn in_words(field: &str, words: &str) -> String {
    let found = match field {
        "act" => Some(act(words).to_owned()),
        "method" => words.parse().ok().map(|method| method_words(method).to_owned()),
        "by" => words.parse().ok().map(|second| proof_words(second).to_owned()),
        "scope" => words.parse().ok().map(|scope| scope_words(scope).to_owned()),
        "rights" => Some(rights_words(words)),
        _ => None,
    };
    found.unwrap_or_else(|| words.to_owned())
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

/// What rights let one do; of one that this version does not know, its word.
fn rights_words(words: &str) -> String {
    let sentence = |word: &str| match word.parse::<Grant>() {
        Ok(grant) => grant.sentence().to_owned(),
        Err(_) => word.to_owned(),
    };
    words.split_whitespace().map(sentence).collect::<Vec<_>>().join("; ")
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

fn field_name(field: &str) -> &str {
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
        "ways" => "Ways in",
        "second_factor" | "factor" => "Second factor",
        "issuer" => "Provider’s address",
        "client_id" => "Our name there",
        "secret_changed" => "Secret changed",
        "asks_second" => "Asks for a second step",
        "classes" => "Classes that count as strong",
        "domains" => "Mail domains",
        "allows_remembering" => "Browsers may be remembered",
        "longest_session" => "A sign-in lasts",
        "by_rule" => "By the rule about mail domains",
        "due_at" => "Due",
        "asked_by" | "by" => "By",
        "method" => "How",
        "sessions" => "Sign-ins",
        "wrong_codes" => "Wrong codes",
        "wrong_codes_of_account" => "Wrong codes in all",
        "asked_always" => "Always asked for",
        "why" => "Why",
        "left" => "Left",
        "second" => "Second step",
        "was_changed" => "Changed",
        "act" => "Act",
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
        "page" => "Page",
        "first_day" | "first" => "From",
        "last_day" | "last" | "ends_at" => "Until",
        "workspace" => "Workspace",
        other => other,
    }
}

/// What became of an account, in words.
fn act(word: &str) -> &str {
    match word {
        "person.created" => "the account was made",
        "person.disabled" => "the operator disabled it",
        "person.enabled" => "the operator enabled it",
        "address.asked" => "a change of address was asked for",
        "address.left" => "a change of address was left",
        "address.changed" => "the address was changed",
        "address.stopped" => "a change of address was stopped",
        "login.failed" => "a sign-in failed",
        "password.set" => "a password was set",
        "password.changed" => "the password was changed",
        "password.removed" => "the password was removed",
        "password.flagged" => "the operator asked for another password",
        "password.locked" => "the password works in known browsers alone",
        "password.unlocked" => "the password works everywhere again",
        "provider.linked" => "an account at a provider was connected",
        "provider.unlinked" => "an account at a provider was disconnected",
        "provider.logged_out" => "their provider signed them out",
        "session.opened" => "signed in",
        "session.proven" => "showed anew who they are",
        "session.ended" => "a sign-in ended",
        "remember.theft" => "a copied cookie was seen, and all sign-ins ended",
        "factor.added" => "a second factor was added",
        "factor.removed" => "a second factor was removed",
        "factor.changed" => "a second factor was changed",
        "factor.renamed" => "a second factor was renamed",
        "passkey.copied" => "a passkey seemed to be copied",
        "recovery_codes.made" => "recovery codes were made",
        "recovery_codes.removed" => "recovery codes were removed",
        "recovery_code.used" => "a recovery code was used",
        "second.locked" => "the second step works in known browsers alone",
        "second.unlocked" => "the second step works everywhere again",
        "factor_reset.announced" => "a reset of second factors was announced",
        "factor_reset.stopped" => "a reset of second factors was stopped",
        "factor_reset.dropped" => "a reset of second factors was dropped",
        "factor_reset.done" => "second factors were reset",
        "link.created" => "the operator printed a link to sign in",
        "link.used" => "a printed link was used",
        "grant.approved" => "a program was let in",
        "grant.denied" => "a program was denied",
        "grant.collected" => "a program got its token",
        "sign_in_policy.opened" => "the operator opened the sign-in policy",
        "workspace.exported" => "the operator exported the workspace",
        "membership.added" => "became a member",
        "membership.removed" => "is a member no longer",
        "support.told" => "was told of support access by mail",
        "operator.command" => "the operator gave a command",
        other => other,
    }
}

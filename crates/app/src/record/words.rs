//! Events in words: names in place of ids, and nothing that the reader may not see.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
};

use domain::{
    day::Zone,
    duration::format_words,
    ids::{
        ClientId, EventId, MemberId, ProjectId, RoleId, SupportId, TagId, TaskId, TeamId, TokenId,
    },
    permission::{Relation, Right},
};
use jiff::{Timestamp, Zoned, civil::Date};
use uuid::Uuid;

use crate::{
    Error, Names, Op,
    audit::{Fact, Kind, Recorded, RecordedValue},
    support, token,
};

/// Something that happened, in words.
#[derive(Debug, Clone)]
pub struct HistoryEvent {
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Who, by name.
    pub actor: String,
    /// What.
    pub kind: Kind,
    /// Its place in the ledger, once it has one.
    pub place: Option<u64>,
    /// The fields that changed.
    pub changes: Vec<HistoryChange>,
}

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryChange {
    /// The field.
    pub field: String,
    /// What it was.
    pub before: Option<HistoryValue>,
    /// What it became.
    pub after: Option<HistoryValue>,
}

/// A value of a field. As a text it is in words for programs: days as `2026-11-21`, instants with their
/// offset; whom a page is for, it shows them as they write them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryValue {
    /// In words already.
    Words(String),
    /// An instant, as the entry's zone shows it.
    Instant(Zoned),
    /// A civil day.
    Day(Date),
}

impl fmt::Display for HistoryValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => f.write_str(words),
            Self::Instant(at) => write!(f, "{}", at.strftime("%Y-%m-%d %H:%M:%S %:z")),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

/// Events as the asking member may read them; instants of entries as this zone shows them.
///
/// Errors: [`Error::Store`].
pub(crate) fn in_words(
    op: &mut Op,
    recorded: Vec<Recorded>,
    zone: &Zone,
) -> Result<Vec<HistoryEvent>, Error> {
    let (programs, supporters) = (programs(op, &recorded)?, supporters(op, &recorded)?);
    let names = op.names()?;
    let (programs, supporters) = (&programs, &supporters);
    let reader = Reader { names: &names, op, zone, programs, supporters };
    Ok(recorded.into_iter().map(|event| in_words_of(event, &reader)).collect())
}

/// Who did something as support, by what was given to them.
fn supporters(op: &mut Op, recorded: &[Recorded]) -> Result<HashMap<Uuid, String>, Error> {
    let mut supporters = HashMap::new();
    for id in recorded.iter().filter(|event| event.actor_kind == "support").filter_map(|e| e.actor)
    {
        if let Entry::Vacant(unknown) = supporters.entry(id) {
            let support = support::find_support(op, SupportId::from_uuid(id))?;
            unknown.insert(support.operator.name);
        }
    }
    Ok(supporters)
}

/// Whose tokens have done something, by token.
fn programs(op: &mut Op, recorded: &[Recorded]) -> Result<HashMap<Uuid, MemberId>, Error> {
    let mut programs = HashMap::new();
    for id in recorded.iter().filter(|event| event.actor_kind == "token").filter_map(|e| e.actor) {
        if !programs.contains_key(&id) {
            let owner = token::owner_of(op, TokenId::from_uuid(id))?;
            programs.extend(owner.map(|owner| (id, owner)));
        }
    }
    Ok(programs)
}

/// What the words are written with, and for whom.
struct Reader<'a, 'b, 't> {
    names: &'a Names,
    op: &'a Op<'b, 't>,
    zone: &'a Zone,
    /// Whose each token is.
    programs: &'a HashMap<Uuid, MemberId>,
    /// Who was let in as support.
    supporters: &'a HashMap<Uuid, String>,
}

impl Reader<'_, '_, '_> {
    /// Whether the reader may see the texts of such an event: those of tokens, of providers and of how
    /// people come in stand on pages that not everybody sees who may read the record.
    fn shows_texts_of(&self, event: &Recorded) -> bool {
        let may = |right| self.op.may(right, Relation::Workspace);
        match event.kind {
            Kind::TokenCreated | Kind::TokenRevoked => event.subject.is_some_and(|of| {
                of == self.op.me().member || token::may_manage_of(self.op, self.names, of)
            }),
            Kind::SignInPolicyChanged
            | Kind::JoinRuleChanged
            | Kind::ProviderAdded
            | Kind::ProviderChanged
            | Kind::ProviderRemoved => may(Right::ManageSignIn),
            Kind::InvitationSent | Kind::InvitationRevoked | Kind::InvitationAccepted => {
                may(Right::InviteMembers)
            }
            _ => true,
        }
    }

    /// Its label, unless the reader may not know it: an entry may have been moved out of a project
    /// that is closed to them.
    fn project(&self, id: ProjectId) -> String {
        match self.names.projects.get(&id) {
            None => GONE.to_owned(),
            Some(project)
                if self.op.may(Right::ReadProjects, project.relation(self.op.me().member)) =>
            {
                self.names.project_label(project)
            }
            Some(_) => HIDDEN.to_owned(),
        }
    }
}

/// In place of a name that the reader may not see.
const HIDDEN: &str = "(a project you are not on)";

/// In place of an address that the reader may not see.
const HIDDEN_ADDRESS: &str = "(an e-mail address)";

/// In place of a text that stands where the reader may not look.
const HIDDEN_TEXT: &str = "(not shown to you)";

/// In place of who belongs to another workspace, or to none.
const ELSEWHERE: &str = "(not of this workspace)";

/// In place of the directory's number of a person.
const ACCOUNT: &str = "(their account here)";

/// In place of the name of a thing that has left the trash for good: an entry that has had it once
/// still says so.
const GONE: &str = "(deleted for good)";

fn in_words_of(event: Recorded, reader: &Reader) -> HistoryEvent {
    let names = reader.names;
    // Ids of tokens are chosen by whoever makes them, and may be those of members.
    let member = match event.actor_kind.as_str() {
        "token" => event.actor.and_then(|id| reader.programs.get(&id)).copied(),
        _ => event.actor.map(MemberId::from_uuid),
    };
    let member = member.and_then(|id| names.members.get(&id));
    let support = event.actor.and_then(|id| reader.supporters.get(&id));
    let actor = match (event.actor_kind.as_str(), member) {
        ("system", _) if is_of_operator(event.kind) => "The operator".to_owned(),
        ("system", _) if is_of_server(event.kind) => "The server".to_owned(),
        ("support", _) => match support {
            Some(name) => format!("{name} (support)"),
            None => "Support".to_owned(),
        },
        ("operator", _) => match operator_of(&event) {
            Some(name) => format!("{name} (who runs the server)"),
            None => "Who runs the server".to_owned(),
        },
        ("member" | "system", Some(member)) => member.name.clone(),
        ("token", Some(member)) => format!("{} (by a program)", member.name),
        ("token", _) => "A program with a token".to_owned(),
        _ => "The system".to_owned(),
    };
    let shows = reader.shows_texts_of(&event);
    let changes = event
        .changes
        .into_iter()
        // That an invitation is open no more, its event says itself.
        .filter(|change| change.field != "open" || !is_of_invitation(event.kind))
        .map(|change| HistoryChange {
            before: words(&change.field, change.before, reader, shows),
            after: words(&change.field, change.after, reader, shows),
            field: change.field,
        })
        // What was nothing and is nothing is not worth a line.
        .filter(|change| change.before.is_some() || change.after.is_some())
        .collect();
    HistoryEvent {
        id: event.id,
        at: event.at,
        actor,
        kind: event.kind,
        place: event.place,
        changes,
    }
}

/// What nobody of the workspace does: the program does it in an owner's name, who has done nothing.
const fn is_of_operator(kind: Kind) -> bool {
    matches!(kind, Kind::SignInPolicyChanged | Kind::WorkspaceExported)
}

/// What leaves the trash by itself, and what is counted.
const fn is_of_server(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ClientPurged
            | Kind::ProjectPurged
            | Kind::TaskPurged
            | Kind::TagPurged
            | Kind::TimeEntryPurged
            | Kind::AnomalyFound
    )
}

const fn is_of_invitation(kind: Kind) -> bool {
    matches!(kind, Kind::InvitationSent | Kind::InvitationAccepted | Kind::InvitationRevoked)
}

/// What the operator is called who did it at the server.
fn operator_of(event: &Recorded) -> Option<&str> {
    let named = event.changes.iter().find(|change| change.field == "operator")?;
    match &named.after {
        RecordedValue::Text(name) => Some(name),
        _ => None,
    }
}

/// A value in words; ids become names.
fn words(field: &str, value: RecordedValue, reader: &Reader, shows: bool) -> Option<HistoryValue> {
    let sees_addresses = reader.op.may(Right::ReadAddresses, Relation::Workspace);
    let words = match value {
        RecordedValue::Fact(Fact::Int(number)) => {
            return Some(of_number(field, number, reader.zone));
        }
        RecordedValue::Text(_) if !shows => Some(HIDDEN_TEXT.to_owned()),
        RecordedValue::Text(_) if field == "address" && !sees_addresses => {
            Some(HIDDEN_ADDRESS.to_owned())
        }
        RecordedValue::Text(text) => Some(text),
        RecordedValue::Erased => Some("(erased)".to_owned()),
        RecordedValue::Fact(Fact::None) => None,
        RecordedValue::Fact(Fact::Id(id)) => {
            Some(name_of(field, id, reader).unwrap_or_else(|| id.to_string()))
        }
        RecordedValue::Fact(Fact::Word(word)) if field == "tags" => {
            let tags = word.split(' ').map(|id| {
                let id: Option<TagId> = id.parse().ok();
                id.and_then(|id| reader.names.tags.get(&id)).map_or(GONE, |tag| tag.name.as_str())
            });
            Some(tags.collect::<Vec<_>>().join(", "))
        }
        RecordedValue::Fact(Fact::Word(word)) => Some(word),
    };
    words.map(HistoryValue::Words)
}

fn name_of(field: &str, id: uuid::Uuid, reader: &Reader) -> Option<String> {
    let names = reader.names;
    match field {
        "project" => Some(reader.project(ProjectId::from_uuid(id))),
        "task" => {
            let Some(task) = names.tasks.get(&TaskId::from_uuid(id)) else {
                return Some(GONE.to_owned());
            };
            let is_seen = reader.project(task.project) != HIDDEN;
            Some(if is_seen { task.name.clone() } else { HIDDEN.to_owned() })
        }
        "member" | "invited_by" | "accepted_by" => {
            let member = names.members.get(&MemberId::from_uuid(id));
            Some(member.map_or_else(|| ELSEWHERE.to_owned(), |member| member.name.clone()))
        }
        "client" => Some(names.clients.get(&ClientId::from_uuid(id))?.name.clone()),
        "own_role" => Some(names.roles.get(&RoleId::from_uuid(id))?.name.clone()),
        "workspace" if id == reader.op.workspace().uuid() => Some(names.workspace.clone()),
        // People of the directory, by ids that say nothing here.
        "workspace" | "by" | "asked_by" => Some(ELSEWHERE.to_owned()),
        "user" => Some(ACCOUNT.to_owned()),
        "object" => thing(id, reader),
        _ => None,
    }
}

/// What the thing is called that a list was asked for, of whatever kind it is; none for what has no name.
fn thing(id: uuid::Uuid, reader: &Reader) -> Option<String> {
    let names = reader.names;
    let tag = || Some(names.tags.get(&TagId::from_uuid(id))?.name.clone());
    let team = || Some(names.teams.get(&TeamId::from_uuid(id))?.name.clone());
    let field = if names.projects.contains_key(&ProjectId::from_uuid(id)) {
        "project"
    } else if names.tasks.contains_key(&TaskId::from_uuid(id)) {
        "task"
    } else if names.members.contains_key(&MemberId::from_uuid(id)) {
        "member"
    } else if names.clients.contains_key(&ClientId::from_uuid(id)) {
        "client"
    } else {
        "own_role"
    };
    name_of(field, id, reader).or_else(tag).or_else(team)
}

fn of_number(field: &str, number: i64, zone: &Zone) -> HistoryValue {
    let found = match field {
        "started_at" | "stopped_at" | "expires_at" | "due_at" | "opens_at" | "ends_at" => {
            Timestamp::from_microsecond(number)
                .ok()
                .map(|at| HistoryValue::Instant(at.to_zoned(zone.time_zone())))
        }
        "duration_s" => Some(HistoryValue::Words(format_words(number))),
        "day" | "first_day" | "last_day" => {
            domain::day::date_of(number).ok().map(HistoryValue::Day)
        }
        "billable" | "deleted" | "open" | "archived" | "manager" | "secret_changed"
        | "asks_second" | "by_rule" | "asked_always" | "allows_remembering" | "was_changed"
        | "allows_mail" | "allows_passwords" | "allows_passkeys" | "allows_providers"
        | "second_step" | "may_write" | "without_owner" | "program" => {
            Some(HistoryValue::Words(if number == 1 { "yes" } else { "no" }.to_owned()))
        }
        _ => None,
    };
    found.unwrap_or_else(|| HistoryValue::Words(number.to_string()))
}

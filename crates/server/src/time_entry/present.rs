//! The form of an entry, filled from what is stored or from what was typed.

use app::{
    Error, Names, Op,
    names::{Project, Task},
    time_entry::{Span, TimeEntry},
};
use domain::{
    day::Zone,
    duration::{BareNumber, MAX_ENTRY_S},
    ids::{ProjectId, TaskId},
    permission::{Relation, Right},
};
use jiff::{SignedDuration, Timestamp};

use super::{
    typed::length_text,
    view::{EntryForm, EntryTime, TagChoice},
};
use crate::{
    page::{Choice, ChoiceGroup, Field, Select},
    wall,
    web::Typed,
};

/// An empty form to add an entry by hand; for others too, where `with_others` says so.
pub(crate) fn new_form(op: &mut Op, names: &Names, with_others: bool) -> EntryForm {
    let new_id = op.new_id::<domain::ids::TimeEntryId>().to_string();
    let billable = [("", "As the project says"), ("true", "Billable"), ("false", "Not billable")];
    EntryForm {
        dom_id: "entry-new".to_owned(),
        new_id,
        projects: projects(op, names, None),
        tasks: tasks(op, names, None, None),
        tags: tags(names, &[]),
        billable: Select::of(billable, ""),
        members: if with_others { members(op, names) } else { Select::default() },
        length_hint: length_hint(op),
        time: EntryTime::Either {
            day: Field::new(op.today().to_string()),
            start: Field::default(),
            stop: Field::default(),
            duration: Field::default(),
        },
        ..EntryForm::default()
    }
}

/// How a bare number is read here.
fn length_hint(op: &Op) -> String {
    match op.settings().bare_number {
        BareNumber::Minutes => "1:30, 1.5 or 9-10:30; 90 is 1 h 30 min".to_owned(),
        BareNumber::Hours => "1:30, 90m or 9-10:30; 2 is 2 h".to_owned(),
    }
}

/// Whose time one may add: one's own first.
fn members(op: &Op, names: &Names) -> Select {
    let me = op.me().member;
    if !op.may(Right::EditTime, Relation::ManagedProject)
        || !op.may(Right::ReadMembers, Relation::Workspace)
    {
        return Select::default();
    }
    let mut others: Vec<_> = names
        .members
        .values()
        .filter(|member| member.removed_at.is_none() && member.id != me)
        .map(|member| (member.id.to_string(), member.name.clone()))
        .collect();
    others.sort_by(|a, b| a.1.cmp(&b.1));
    let own = std::iter::once((String::new(), "Me".to_owned()));
    Select::of(own.chain(others), "")
}

/// The form of an entry as it is stored.
pub(crate) fn form_of(op: &mut Op, entry: &TimeEntry) -> Result<EntryForm, Error> {
    let names = op.names()?;
    let relation = app::time_entry::relation_of(op, entry.member, entry.project)?;
    let right = if entry.member == op.me().member { Right::EditOwnTime } else { Right::EditTime };
    let tag_ids: Vec<String> = entry.tags.iter().map(ToString::to_string).collect();
    Ok(EntryForm {
        id: entry.id.to_string(),
        dom_id: format!("entry-{}", entry.id),
        version: entry.version.to_string(),
        new_id: op.new_id::<domain::ids::TimeEntryId>().to_string(),
        note: Field::new(entry.note.clone()),
        projects: projects(op, &names, entry.project),
        tasks: tasks(op, &names, entry.project, entry.task),
        tags: tags(&names, &tag_ids),
        is_billable: entry.is_billable,
        length_hint: length_hint(op),
        zone: other_zone(op, &entry.zone),
        events: super::history::events(op, entry.id)?,
        time: time_of(op, entry),
        is_locked: !op.may(right, relation),
        ..EntryForm::default()
    })
}

/// The zone that an entry's wall times are of, where it is not the member's own.
pub(crate) fn other_zone(op: &Op, zone: &Zone) -> String {
    if *zone == op.me().zone { String::new() } else { format!("Wall time of {}", zone.as_str()) }
}

fn time_of(op: &Op, entry: &TimeEntry) -> EntryTime {
    let wall = |at| Field::new(wall::input(&entry.zone, at));
    match entry.span {
        Span::Interval { start, stop: Some(stop) } => EntryTime::Interval {
            start: wall(start),
            stop: wall(stop),
            split: wall(middle(start, stop)),
        },
        Span::Interval { start, stop: None } => {
            let is_too_long = op.now().as_second() - start.as_second() > MAX_ENTRY_S;
            let sentence = if is_too_long { TOO_LONG } else { "" };
            EntryTime::Running { start: wall(start), stop: Field::default().with_error(sentence) }
        }
        Span::Duration { seconds } => EntryTime::Duration {
            day: Field::new(entry.first_day.to_string()),
            duration: Field::new(length_text(seconds)),
        },
    }
}

/// What a timer that cannot be stopped now needs.
const TOO_LONG: &str = "This timer has run for more than 31 days. Say when it really ended.";

/// Half way.
pub(super) fn middle(start: Timestamp, stop: Timestamp) -> Timestamp {
    let half = (stop.as_second() - start.as_second()) / 2;
    start.checked_add(SignedDuration::from_secs(half)).unwrap_or(start)
}

/// Puts what was typed back into a form, with the sentences beside their fields.
pub(crate) fn refuse(mut form: EntryForm, typed: &Typed, wrong: &[app::FieldError]) -> EntryForm {
    let field = |name: &str, aliases: &[&str]| {
        let error = wrong.iter().find(|e| e.field == name || aliases.contains(&e.field));
        Field::new(typed.get(name)).with_error(error.map_or("", |e| e.message.as_str()))
    };
    form.note = field("note", &[]);
    // What it was read at: a newer version is not to be overwritten unseen.
    if !form.version.is_empty() && typed.get("version").parse::<i64>().is_ok() {
        typed.get("version").clone_into(&mut form.version);
    }
    form.is_billable = typed.is_ticked("billable");
    form.billable.choose(typed.get("billable"));
    form.members.choose(typed.get("member"));
    form.projects.choose(typed.get("project"));
    form.tasks.choose(typed.get("task"));
    let message = |name: &str| wrong.iter().find(|e| e.field == name).map(|e| e.message.clone());
    form.projects.error = message("project_id").unwrap_or_default();
    form.tasks.error = message("task_id").unwrap_or_default();
    form.members.error = message("member_id").unwrap_or_default();
    form.tags_error = message("tag_ids").unwrap_or_default();
    for tag in &mut form.tags {
        tag.is_chosen = typed.all("tag").any(|id| id == tag.id);
    }
    form.time = match form.time {
        EntryTime::Interval { split, .. } => EntryTime::Interval {
            start: field("started_at", &[]),
            stop: field("stopped_at", &["duration_s"]),
            split: if typed.get("split_at").is_empty() { split } else { field("split_at", &[]) },
        },
        EntryTime::Running { .. } => EntryTime::Running {
            start: field("started_at", &[]),
            stop: field("stopped_at", &["duration_s"]),
        },
        EntryTime::Duration { .. } => EntryTime::Duration {
            day: field("day", &[]),
            duration: field("duration", &["duration_s"]),
        },
        EntryTime::Either { .. } => EntryTime::Either {
            day: field("day", &[]),
            start: field("start", &["started_at"]),
            stop: field("stop", &["stopped_at"]),
            duration: field("duration", &["duration_s"]),
        },
    };
    form
}

/// Projects that can be booked on, by client; the entry's own too, archived or closed to the member
/// as it may be.
fn projects(op: &Op, names: &Names, own: Option<ProjectId>) -> Select {
    let mut groups: Vec<ChoiceGroup> = Vec::new();
    for project in offered(op, names, own) {
        let client = project.client.and_then(|id| names.clients.get(&id));
        let label = client.map_or("No client", |client| client.name.as_str());
        let choice = Choice {
            is_selected: Some(project.id) == own,
            value: project.id.to_string(),
            label: project.name.clone(),
        };
        match groups.iter_mut().find(|group| group.label == label) {
            Some(group) => group.choices.push(choice),
            None => groups.push(ChoiceGroup {
                label: label.to_owned(),
                choices: vec![choice],
                ..ChoiceGroup::default()
            }),
        }
    }
    Select { groups, error: String::new() }
}

fn offered<'a>(op: &Op, names: &'a Names, own: Option<ProjectId>) -> Vec<&'a Project> {
    let mut projects = names.visible_projects(op);
    projects.retain(|project| project.is_live() || Some(project.id) == own);
    let is_there = projects.iter().any(|project| Some(project.id) == own);
    let own = own.filter(|_| !is_there).and_then(|id| names.projects.get(&id));
    projects.extend(own);
    projects
}

/// Tasks of those projects, a group each; of a project that is closed to the member, the entry's own.
fn tasks(op: &Op, names: &Names, of: Option<ProjectId>, own: Option<TaskId>) -> Select {
    let mut groups = Vec::new();
    for project in offered(op, names, of) {
        let is_visible = op.may(Right::ReadProjects, project.relation(op.me().member));
        let is_offered = |task: &Task| {
            let is_live = task.archived_at.is_none() && task.deleted_at.is_none();
            Some(task.id) == own || is_live && is_visible
        };
        let mut choices: Vec<Choice> = names
            .tasks
            .values()
            .filter(|task| task.project == project.id && is_offered(task))
            .map(|task| Choice {
                is_selected: Some(task.id) == own,
                value: task.id.to_string(),
                label: task.name.clone(),
            })
            .collect();
        choices.sort_by(|a, b| a.label.cmp(&b.label));
        if !choices.is_empty() {
            groups.push(ChoiceGroup {
                label: names.project_label(project),
                project: project.id.to_string(),
                choices,
            });
        }
    }
    Select { groups, error: String::new() }
}

fn tags(names: &Names, chosen: &[String]) -> Vec<TagChoice> {
    let mut tags: Vec<TagChoice> = names
        .tags
        .values()
        .filter(|tag| tag.deleted_at.is_none())
        .map(|tag| (tag, tag.id.to_string()))
        .filter(|(tag, id)| tag.archived_at.is_none() || chosen.contains(id))
        .map(|(tag, id)| TagChoice { is_chosen: chosen.contains(&id), id, name: tag.name.clone() })
        .collect();
    tags.sort_by(|a, b| a.name.cmp(&b.name));
    tags
}

//! The form of an entry, filled from what is stored or from what was typed.

use app::{
    Error, Names, Op,
    time_entry::{Span, TimeEntry},
};
use domain::{duration::format_hm, permission::Right};
use jiff::SignedDuration;

use super::view::{EntryForm, EntryTime, TagChoice};
use crate::{
    page::{Choice, ChoiceGroup, Field, Select},
    wall,
    web::Typed,
};

/// An empty form to add an entry by hand, laid over `base`.
pub(crate) fn new_form(op: &Op, names: &Names, base: EntryForm) -> EntryForm {
    EntryForm {
        dom_id: "entry-new".to_owned(),
        projects: projects(op, names, None),
        tasks: tasks(op, names, None),
        tags: tags(names, &[]),
        is_billable: true,
        time: EntryTime::Either {
            day: Field::new(op.today().to_string()),
            start: Field::default(),
            stop: Field::default(),
            duration: Field::default(),
        },
        ..base
    }
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
        error: String::new(),
        note: Field::new(entry.note.clone()),
        projects: projects(op, &names, entry.project.map(|id| id.to_string()).as_deref()),
        tasks: tasks(op, &names, entry.task.map(|id| id.to_string()).as_deref()),
        tags: tags(&names, &tag_ids),
        is_billable: entry.is_billable,
        time: time_of(entry),
        is_locked: !op.may(right, relation),
    })
}

fn time_of(entry: &TimeEntry) -> EntryTime {
    let wall = |at| Field::new(wall::input(&entry.zone, at));
    match entry.span {
        Span::Interval { start, stop: Some(stop) } => {
            let half = (stop.as_second() - start.as_second()) / 2;
            let middle = start.checked_add(SignedDuration::from_secs(half)).unwrap_or(start);
            EntryTime::Interval { start: wall(start), stop: wall(stop), split: wall(middle) }
        }
        Span::Interval { start, stop: None } => EntryTime::Running { start: wall(start) },
        Span::Duration { seconds } => EntryTime::Duration {
            day: Field::new(entry.first_day.to_string()),
            duration: Field::new(format_hm(seconds)),
        },
    }
}

/// Puts what was typed back into a form, with the sentences beside their fields.
pub(crate) fn refuse(mut form: EntryForm, typed: &Typed, wrong: &[app::FieldError]) -> EntryForm {
    let field = |name: &str, aliases: &[&str]| {
        let error = wrong.iter().find(|e| e.field == name || aliases.contains(&e.field));
        Field::new(typed.get(name)).with_error(error.map_or("", |e| e.message.as_str()))
    };
    form.note = field("note", &[]);
    form.is_billable = typed.is_ticked("billable");
    choose(&mut form.projects, typed.get("project"));
    choose(&mut form.tasks, typed.get("task"));
    let message = |name: &str| wrong.iter().find(|e| e.field == name).map(|e| e.message.clone());
    form.projects.error = message("project_id").unwrap_or_default();
    form.tasks.error = message("task_id").unwrap_or_default();
    for tag in &mut form.tags {
        tag.is_chosen = typed.all("tag").any(|id| id == tag.id);
    }
    form.time = match form.time {
        EntryTime::Interval { split, .. } => EntryTime::Interval {
            start: field("started_at", &[]),
            stop: field("stopped_at", &["duration_s"]),
            split: if typed.get("split_at").is_empty() { split } else { field("split_at", &[]) },
        },
        EntryTime::Running { .. } => EntryTime::Running { start: field("started_at", &[]) },
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

fn choose(select: &mut Select, value: &str) {
    for choice in select.groups.iter_mut().flat_map(|group| &mut group.choices) {
        choice.is_selected = choice.value == value;
    }
}

/// Projects that can be booked on, by client; the chosen one too, archived or not.
fn projects(op: &Op, names: &Names, chosen: Option<&str>) -> Select {
    let mut groups: Vec<ChoiceGroup> = Vec::new();
    for project in names.visible_projects(op) {
        let value = project.id.to_string();
        let is_selected = Some(value.as_str()) == chosen;
        if !project.is_live() && !is_selected {
            continue;
        }
        let client = project.client.and_then(|id| names.clients.get(&id));
        let label = client.map_or("No client", |client| client.name.as_str());
        let choice = Choice { is_selected, value, label: project.name.clone() };
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

/// Tasks of those projects, a group each.
fn tasks(op: &Op, names: &Names, chosen: Option<&str>) -> Select {
    let mut groups = Vec::new();
    for project in names.visible_projects(op) {
        let mut choices: Vec<Choice> = names
            .tasks
            .values()
            .filter(|task| task.project == project.id && task.deleted_at.is_none())
            .map(|task| (task, task.id.to_string()))
            .filter(|(task, id)| task.archived_at.is_none() || Some(id.as_str()) == chosen)
            .map(|(task, value)| Choice {
                is_selected: Some(value.as_str()) == chosen,
                value,
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

//! The one-line entry: what a line means here, and adding it.

use domain::{
    day::{Zone, can_end, is_shown, resolve},
    duration::{MAX_ENTRY_S, format_words},
    ids::{ProjectId, TagId, TaskId, TimeEntryId},
    lookup::{self, NamedTask},
    permission::{Relation, Right},
    quick_entry::{
        CompletionKind, Context, QuickEntry, QuickEntryError, QuickTime, complete_at, echo,
        name_text, parse_quick_entry,
    },
};
use jiff::{
    ToSpan,
    civil::{Date, DateTime},
};

use super::{
    AddTimeEntry, Added, Booking, NewSpan, TimeEntry, add_time_entry,
    booking::{MOST_TAGS, too_many_tags},
    unknown,
};
use crate::{Error, Names, Op, names::fold};

/// What a line means in this workspace.
#[derive(Debug, Clone)]
pub struct QuickReading {
    /// Such as `= 1 h 30 min`.
    pub echo: String,
    /// What was done.
    pub note: String,
    /// The project found.
    pub project: Option<ProjectId>,
    /// The task found.
    pub task: Option<TaskId>,
    /// The project and task found, in words.
    pub target: Option<String>,
    /// The tags, as typed.
    pub tags: Vec<String>,
    /// What the line says about billing.
    pub billable: Option<bool>,
    /// The day.
    pub day: Option<Date>,
    /// The length, where the line gives one.
    pub duration_s: Option<i64>,
    /// Names that are not known here.
    pub unknown: Vec<String>,
    /// What could be made of those by the asking member, in words: `the project “Planning”`. Nothing
    /// where one of them could not.
    pub offer: Option<String>,
    /// What is wrong, in a sentence.
    pub problem: Option<String>,
    /// Ways to complete the word at the cursor.
    pub completions: Vec<ReadCompletion>,
}

/// A way to complete the word at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadCompletion {
    /// What is shown.
    pub label: String,
    /// The whole line with it.
    pub text: String,
    /// Where the cursor goes, in characters.
    pub cursor: usize,
}

/// What a line may make besides its entry; without it, names that are not known are refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MayMake {
    /// Its tags.
    pub tags: bool,
    /// Its project, with its client and its task.
    pub project: bool,
}

/// Reads a line without writing anything. A line that cannot be read is an answer, not an error.
///
/// Errors: [`Error::Store`].
pub fn read_quick_entry(
    op: &mut Op,
    text: &str,
    cursor: Option<usize>,
) -> Result<QuickReading, Error> {
    op.require(Right::ReadTags, Relation::Workspace)?;
    let names = op.names()?;
    let completions = cursor.map_or_else(Vec::new, |at| completions(op, &names, text, at));
    let quick = match parse(op, text) {
        Ok(quick) => quick,
        Err(error) => {
            return Ok(QuickReading {
                problem: Some(sentence(&error)),
                completions,
                ..empty_reading()
            });
        }
    };
    let found = find_target_of(op, &names, &quick);
    let path = quick.target.as_ref().filter(|_| matches!(found, Found::Nothing));
    let path = path.map(|target| target.path.as_slice());
    let new_tags: Vec<&str> = quick
        .tags
        .iter()
        .filter(|tag| find_tag(&names, tag).is_none())
        .map(String::as_str)
        .collect();
    let offer = unknown::offer(op, &names, path, &new_tags);
    let archived = path.and_then(|path| unknown::archived(op, &names, path));
    let unknown = path.map(|path| format!("@{}", path.join("/")));
    let unknown = unknown.into_iter().chain(new_tags.iter().map(|tag| format!("#{tag}")));
    let unknown = unknown.collect();
    let (project, task) = found.ids();
    let target = project.and_then(|project| target_label(&names, project, task));
    let zone = op.me().zone.clone();
    let day = quick.day.unwrap_or(op.today());
    let span = span_of(&quick, day, &zone);
    let problem = match (&found, &span) {
        (Found::Several(labels), _) => Some(format!("Which one? {}", labels.join(", "))),
        (Found::Nothing, _) if archived.is_some() => archived.map(|refusal| refusal.sentence()),
        (_, Err(error)) => Some(first_message(error)),
        (Found::Nothing, _) => path.and_then(|path| unknown::which_of_client(op, &names, path)),
        _ => None,
    };
    Ok(QuickReading {
        echo: echo_of(&quick, &span),
        duration_s: span.ok().flatten().and_then(|span| match span {
            NewSpan::Duration { seconds, .. } => Some(seconds),
            NewSpan::Range { start, stop } => Some(stop.as_second() - start.as_second()),
            NewSpan::Running { .. } => None,
        }),
        note: quick.note,
        project,
        task,
        target,
        tags: quick.tags,
        billable: quick.billable,
        day: quick.day,
        unknown,
        offer,
        problem,
        completions,
    })
}

/// Adds an entry from one line, or starts the timer when the line gives no length.
///
/// Errors: [`Error::Invalid`] for `text`, also for names that are not known and that `may_make` does
/// not make first; those of making them; [`crate::Refusal::ProjectArchived`] and
/// [`crate::Refusal::TaskArchived`]. Otherwise as adding and starting.
pub fn add_quick_entry(
    op: &mut Op,
    id: Option<TimeEntryId>,
    text: &str,
    may_make: MayMake,
    body: Option<[u8; 32]>,
) -> Result<Added<TimeEntry>, Error> {
    if let Some(before) = super::add::made_before(op, id, body)? {
        return Ok(Added::Before(before));
    }
    let quick = parse(op, text)
        .map_err(|error| Error::invalid("text", "not_readable", sentence(&error)))?;
    let names = op.names()?;
    let (project, task) = match find_target_of(op, &names, &quick) {
        Found::Several(labels) => return Err(which_one(&labels)),
        Found::Nothing => match &quick.target {
            None => (None, None),
            Some(target) => unknown::make_target(op, &names, &target.path, may_make.project)?,
        },
        found @ Found::One(..) => found.ids(),
    };
    let tags = resolve_tags(op, &quick.tags, may_make.tags)?;
    let zone = op.me().zone.clone();
    let day = quick.day.unwrap_or(op.today());
    let note = crate::input::note("text", &quick.note)?;
    let booking = Booking { project, task, tags };
    match span_of(&quick, day, &zone)? {
        Some(span @ (NewSpan::Range { .. } | NewSpan::Duration { .. })) => add_time_entry(
            op,
            AddTimeEntry { id, member: None, booking, note, billable: quick.billable, span, body },
        ),
        span => {
            let started_at = match span {
                Some(NewSpan::Running { start }) => Some(start),
                _ => None,
            };
            if started_at.is_none() && quick.day.is_some_and(|day| day != op.today()) {
                let message = "Say how long it took: a timer can only run today.";
                return Err(Error::invalid("text", "needs_duration", message));
            }
            let billable = quick.billable;
            crate::timer::start_timer(
                op,
                crate::timer::StartTimer { id, booking, note, billable, started_at, body },
            )
        }
    }
}

/// What would be saved, in a few words; nothing where nothing would.
fn echo_of(quick: &QuickEntry, span: &Result<Option<NewSpan>, Error>) -> String {
    match span {
        // The clock may change in between.
        Ok(Some(NewSpan::Range { start, stop })) => {
            format!("= {}", format_words(stop.as_second() - start.as_second()))
        }
        Ok(_) => echo(quick),
        Err(_) => String::new(),
    }
}

fn parse(op: &Op, text: &str) -> Result<QuickEntry, QuickEntryError> {
    let context = Context { today: op.today(), bare_number: op.settings().bare_number };
    parse_quick_entry(text, &context)
}

fn span_of(quick: &QuickEntry, day: Date, zone: &Zone) -> Result<Option<NewSpan>, Error> {
    let out = || Error::invalid("text", "out_of_range", "This time is out of range.");
    let at = |day: Date, time| resolve(day.to_datetime(time), zone).map_err(|_| out());
    let begin = |day: Date, time| {
        let wall = day.to_datetime(time);
        if is_shown(wall, zone) { at(day, time) } else { Err(not_shown(wall, zone)) }
    };
    Ok(match quick.time {
        None => None,
        Some(QuickTime::Duration(seconds)) if (0..=MAX_ENTRY_S).contains(&seconds) => {
            Some(NewSpan::Duration { day, seconds })
        }
        Some(QuickTime::Duration(_)) => {
            let message = "An entry can be between 0 and 31 days long.";
            return Err(Error::invalid("text", "out_of_range", message));
        }
        Some(QuickTime::Range { start, end, next_day }) => {
            let last = if next_day { day.checked_add(1.day()).map_err(|_| out())? } else { day };
            let (from, until) = (begin(day, start)?, at(last, end)?);
            let end = last.to_datetime(end);
            if !can_end(end, zone) {
                return Err(not_shown(end, zone));
            }
            if until <= from {
                return Err(out());
            }
            Some(NewSpan::Range { start: from, stop: until })
        }
        Some(QuickTime::From { start }) => Some(NewSpan::Running { start: begin(day, start)? }),
    })
}

/// A wall time that a jump of the clock leaves out.
fn not_shown(wall: DateTime, zone: &Zone) -> Error {
    let (time, day) = (wall.strftime("%H:%M"), wall.date());
    let message = format!("There is no {time} on {day} in {zone}: the clock goes forward over it.");
    Error::invalid("text", "no_such_time", message)
}

/// The question that a path deserves which can mean several things.
pub(super) fn which_one(labels: &[String]) -> Error {
    Error::invalid("text", "ambiguous", format!("Which one? {}", labels.join(", ")))
}

/// What `@client/project/task` can mean here.
pub(super) enum Found {
    Nothing,
    One(ProjectId, Option<TaskId>),
    Several(Vec<String>),
}

impl Found {
    fn ids(&self) -> (Option<ProjectId>, Option<TaskId>) {
        match self {
            Self::One(project, task) => (Some(*project), *task),
            Self::Nothing | Self::Several(_) => (None, None),
        }
    }
}

/// Looks the path of a line up.
fn find_target_of(op: &Op, names: &Names, quick: &QuickEntry) -> Found {
    let target = quick.target.as_ref();
    target.map_or(Found::Nothing, |target| find_target(op, names, &target.path))
}

/// Looks a path up among the projects that the caller sees and that take time.
pub(super) fn find_target(op: &Op, names: &Names, path: &[String]) -> Found {
    let projects = unknown::known_projects(op, names);
    let live = names.tasks.values();
    let live = live.filter(|task| task.archived_at.is_none() && task.deleted_at.is_none());
    let tasks: Vec<NamedTask<'_, ProjectId, TaskId>> = live
        .map(|task| NamedTask { id: task.id, project: task.project, name: &task.name })
        .collect();
    match lookup::find_target(path, &projects, &tasks) {
        lookup::Found::Nothing => Found::Nothing,
        lookup::Found::One((project, task)) => Found::One(project, task),
        lookup::Found::Several(several) => Found::Several(
            several
                .into_iter()
                .filter_map(|(project, task)| target_label(names, project, task))
                .collect(),
        ),
    }
}

/// `Northwind ▸ Planning · Review`
fn target_label(names: &Names, project: ProjectId, task: Option<TaskId>) -> Option<String> {
    let label = names.project_label(names.projects.get(&project)?);
    Some(match task.and_then(|id| names.tasks.get(&id)) {
        Some(task) => format!("{label} · {}", task.name),
        None => label,
    })
}

fn find_tag(names: &Names, typed: &str) -> Option<TagId> {
    let live = names.tags.values().filter(|t| t.deleted_at.is_none() && t.archived_at.is_none());
    lookup::find_tag(typed, live.map(|tag| (tag.id, tag.name.as_str())))
}

/// A tag that a line names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineTag {
    Known(TagId),
    /// To be made: the place of its name among those.
    New(usize),
}

/// The tags of a line, each once. Those to be made count for the words that follow: `#New #new` is one
/// tag. All are counted before the first is made, which is dear.
fn resolve_tags(op: &mut Op, typed: &[String], create: bool) -> Result<Vec<TagId>, Error> {
    let names = op.names()?;
    let live = names.tags.values().filter(|t| t.deleted_at.is_none() && t.archived_at.is_none());
    let known: Vec<_> = live.map(|tag| (LineTag::Known(tag.id), tag.name.as_str())).collect();
    let mut found: Vec<LineTag> = Vec::new();
    let mut new: Vec<&str> = Vec::new();
    for name in typed {
        let made = new.iter().enumerate().map(|(at, name)| (LineTag::New(at), *name));
        let tag = match lookup::find_tag(name, known.iter().copied().chain(made)) {
            Some(tag) => tag,
            None => {
                require_new_tag(&names, name, create)?;
                new.push(name);
                LineTag::New(new.len() - 1)
            }
        };
        if !found.contains(&tag) {
            found.push(tag);
        }
    }
    if found.len() > MOST_TAGS {
        return Err(too_many_tags("text"));
    }
    let mut made = Vec::with_capacity(new.len());
    for name in new {
        let name = crate::input::name("text", name)?;
        made.push(crate::tag::add_tag(op, None, &name, None)?.into_inner().id);
    }
    let id = |tag| match tag {
        LineTag::Known(id) => Some(id),
        LineTag::New(at) => made.get(at).copied(),
    };
    found.into_iter().map(|tag| id(tag).ok_or_else(|| Error::bug("a tag not made"))).collect()
}

/// Refuses a tag that is not to be made.
fn require_new_tag(names: &Names, name: &str, create: bool) -> Result<(), Error> {
    if unknown::is_archived_tag(names, name) {
        let message = format!("The tag #{name} is archived. Restore it to use it.");
        return Err(Error::invalid("text", "archived_tag", message));
    }
    if !create {
        let message = format!("There is no tag #{name} yet.");
        return Err(Error::invalid("text", "unknown_tag", message));
    }
    Ok(())
}

/// Completions of the project path or tag at the cursor, at most eight.
fn completions(op: &Op, names: &Names, text: &str, at: usize) -> Vec<ReadCompletion> {
    let Some(wanted) = complete_at(text, at) else {
        return Vec::new();
    };
    let prefix = fold(&wanted.prefix);
    let offers: Vec<(String, String)> = match wanted.kind {
        CompletionKind::Project => target_offers(op, names, &prefix),
        CompletionKind::Tag => {
            let mut tags: Vec<_> = names
                .tags
                .values()
                .filter(|tag| tag.deleted_at.is_none() && tag.archived_at.is_none())
                .filter(|tag| fold(&tag.name).starts_with(&prefix))
                .map(|tag| (tag.name.clone(), format!("#{}", name_text(&tag.name))))
                .collect();
            tags.sort();
            tags
        }
    };
    let chars: Vec<char> = text.chars().collect();
    let before: String = chars.iter().take(wanted.start).collect();
    let after: String = chars.iter().skip(wanted.end).collect();
    offers
        .into_iter()
        .take(8)
        .map(|(label, word)| {
            let line = format!("{before}{word} ");
            let cursor = line.chars().count();
            ReadCompletion { label, text: format!("{line}{}", after.trim_start()), cursor }
        })
        .collect()
}

/// Projects that begin so, and behind a project and a slash its tasks: the label and the word.
fn target_offers(op: &Op, names: &Names, prefix: &str) -> Vec<(String, String)> {
    let mut offers = Vec::new();
    for project in names.visible_projects(op).into_iter().filter(|project| project.is_live()) {
        let label = names.project_label(project);
        let client = project.client.and_then(|id| names.clients.get(&id));
        let (path, plain) = match client {
            Some(client) => (
                format!("{}/{}", name_text(&client.name), name_text(&project.name)),
                format!("{}/{}", client.name, project.name),
            ),
            None => (name_text(&project.name), project.name.clone()),
        };
        let written = [fold(&plain), fold(&project.name)];
        if written.iter().any(|written| written.starts_with(prefix)) {
            offers.push((label.clone(), format!("@{path}")));
        }
        let behind = |written: &String| prefix.strip_prefix(written.as_str())?.strip_prefix('/');
        if let Some(begin) = written.iter().find_map(behind) {
            let mut tasks: Vec<_> = names
                .tasks
                .values()
                .filter(|task| task.project == project.id)
                .filter(|task| task.archived_at.is_none() && task.deleted_at.is_none())
                .filter(|task| fold(&task.name).starts_with(begin))
                .map(|task| {
                    let word = format!("@{path}/{}", name_text(&task.name));
                    (format!("{label} · {}", task.name), word)
                })
                .collect();
            tasks.sort();
            offers.extend(tasks);
        }
    }
    offers
}

fn first_message(error: &Error) -> String {
    match error {
        Error::Invalid(fields) => fields.0.first().map(|f| f.message.clone()).unwrap_or_default(),
        other => other.to_string(),
    }
}

fn empty_reading() -> QuickReading {
    QuickReading {
        echo: String::new(),
        note: String::new(),
        project: None,
        task: None,
        target: None,
        tags: Vec::new(),
        billable: None,
        day: None,
        duration_s: None,
        unknown: Vec::new(),
        offer: None,
        problem: None,
        completions: Vec::new(),
    }
}

/// What is wrong with a line, for people; positions count characters from 1.
fn sentence(error: &QuickEntryError) -> String {
    match error {
        QuickEntryError::TooLong { limit, actual } => {
            format!("This line is {actual} characters long; {limit} is the limit.")
        }
        QuickEntryError::UnclosedQuote { position } => {
            format!("The quotation that opens at character {} does not end.", position + 1)
        }
        QuickEntryError::TwoTimes { .. } => {
            "There are two times in this line. Put quotation marks around the one that is text."
                .into()
        }
        QuickEntryError::TwoTargets { .. } => "There are two projects in this line.".into(),
        QuickEntryError::TwoDays { .. } => "There are two days in this line.".into(),
        QuickEntryError::TwoBillables { .. } => {
            "This line says both billable and not billable.".into()
        }
        other => {
            let text = other.to_string();
            let mut chars = text.chars();
            let first = chars.next().map(|c| c.to_uppercase().collect::<String>());
            format!("{}{}.", first.unwrap_or_default(), chars.as_str())
        }
    }
}

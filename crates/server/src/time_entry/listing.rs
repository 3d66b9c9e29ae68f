//! The page of time: entries of others, for those who may see them.

use app::{
    Error, Names, Op,
    names::{Member, Project},
    paging,
    time_entry::{Cursor, DayPart, Filter, list_time_entries},
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
};
use domain::{
    day::{FIRST_DAY, LAST_DAY},
    ids::{MemberId, ProjectId},
    period::Period,
    permission::{Relation, Right},
};
use jiff::civil::Date;
use serde::Deserialize;
use uuid::Uuid;

use super::{present::new_form, rows::cards, view::TimePage};
use crate::{
    page::{Choice, ChoiceGroup, Field, Place, Select},
    state::Server,
    wall,
    web::{Frame, PageResult, SignedIn, page_with},
};

/// Entries on a page.
const LIMIT: usize = 50;

/// What the address says; what is empty asks for nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    member: String,
    project: String,
    first: String,
    last: String,
    cursor: String,
}

impl Asked {
    fn paging(&self) -> paging::Asked {
        let cursor = Some(self.cursor.clone()).filter(|text| !text.is_empty());
        paging::Asked::new(address(self, ""), cursor, LIMIT)
    }
}

pub(super) async fn time(
    State(server): State<Server>,
    member: SignedIn,
    Query(asked): Query<Asked>,
) -> PageResult {
    let root = member.root();
    let (frame, (status, page)) = member
        .read(&server, move |op| {
            let frame = Frame::read(op)?;
            let names = op.names()?;
            if !may_see_others(op, &names) {
                return Err(Error::NotFound);
            }
            let (status, page) = match read_filter(op, &names, &asked) {
                Ok(filter) => (StatusCode::OK, body(op, &names, filter, &asked, &root)?),
                Err(Error::Invalid(fields)) => {
                    let mut page = bare(op, &names, &asked);
                    let wrong = |name: &str| {
                        let field = fields.0.iter().find(|field| field.field == name);
                        field.map(|field| field.message.clone()).unwrap_or_default()
                    };
                    page.first.error = wrong("first");
                    page.last.error = wrong("last");
                    page.projects.error = wrong("project_id");
                    page.members.error = wrong("member_id");
                    (StatusCode::UNPROCESSABLE_ENTITY, page)
                }
                Err(error) => return Err(error),
            };
            Ok((frame, (status, page)))
        })
        .await?;
    let layout = frame.layout(&server, &member, Place::Time, "time", "Time").await?;
    Ok(page_with(status, &TimePage { layout, ..page }))
}

/// Whether the asking member sees anybody's time but their own: who sees all time everybody's, a
/// manager that of their teams and on projects they manage.
pub(crate) fn may_see_others(op: &Op, names: &Names) -> bool {
    op.may(Right::ReadTime, Relation::Workspace)
        || names.projects.values().any(|project| sees_all_on(op, project))
        || !led(op, names).is_empty()
}

/// The members of teams whose time the asking member sees, by name.
fn led<'a>(op: &Op, names: &'a Names) -> Vec<&'a Member> {
    if !op.may(Right::ReadTime, Relation::ManagedMember) {
        return Vec::new();
    }
    let me = op.me().member;
    let is_led = |id| names.relation_of_members(me, id) == Relation::ManagedMember;
    let mut led: Vec<_> = names.members.values().filter(|member| is_led(member.id)).collect();
    led.sort_by_cached_key(|member| (domain::text::fold(&member.name), member.id));
    led
}

fn sees_all_on(op: &Op, project: &Project) -> bool {
    project.deleted_at.is_none() && op.may(Right::ReadTime, project.relation(op.me().member))
}

/// The address of the entries behind a total, of a member or on a project; empty for those who may not
/// see them.
pub(crate) fn time_link(
    op: &Op,
    names: &Names,
    root: &str,
    period: Period,
    member: Option<Uuid>,
    project: Option<Uuid>,
) -> String {
    let is_seen = match project.and_then(|id| names.projects.get(&ProjectId::from_uuid(id))) {
        Some(project) => sees_all_on(op, project),
        None => {
            let me = op.me().member;
            let relation = member.map_or(Relation::Workspace, |id| {
                names.relation_of_members(me, MemberId::from_uuid(id))
            });
            project.is_none() && relation != Relation::Own && op.may(Right::ReadTime, relation)
                || project.is_none() && op.may(Right::ReadTime, Relation::Workspace)
        }
    };
    if !is_seen {
        return String::new();
    }
    let word = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let asked = Asked {
        member: word(member),
        project: word(project),
        first: period.first().to_string(),
        last: period.last().to_string(),
        cursor: String::new(),
    };
    format!("{root}/{}", address(&asked, ""))
}

/// Projects to choose from: those with time of others that one may see.
fn seen_projects<'a>(op: &Op, names: &'a Names) -> Vec<&'a Project> {
    let mut projects = names.visible_projects(op);
    projects.retain(|project| sees_all_on(op, project));
    projects
}

fn read_filter(op: &Op, names: &Names, asked: &Asked) -> Result<Filter, Error> {
    let member = read_id::<MemberId>("member_id", &asked.member)?;
    let project = read_id::<ProjectId>("project_id", &asked.project)?;
    // A manager sees one project at a time, or one member of a team.
    let led = led(op, names);
    let sees_whole = op.may(Right::ReadTime, Relation::Workspace)
        || led.iter().any(|one| Some(one.id) == member);
    let project = match project {
        None if !sees_whole => seen_projects(op, names).first().map(|project| project.id),
        project => project,
    };
    let member = match (member, project) {
        (None, None) if !sees_whole => led.first().map(|member| member.id),
        (member, _) => member,
    };
    let (first, last) = (day("first", &asked.first)?, day("last", &asked.last)?);
    if let (Some(first), Some(last)) = (first, last)
        && last < first
    {
        let message = "The last day is before the first.";
        return Err(Error::invalid("last", "before_first", message));
    }
    Ok(Filter { first, last, member, project, ..Filter::default() })
}

fn read_id<I: std::str::FromStr>(field: &'static str, text: &str) -> Result<Option<I>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = text.parse().map(Some);
    read.map_err(|_| Error::invalid(field, "not_found", "There is no such thing to choose."))
}

fn day(field: &'static str, text: &str) -> Result<Option<Date>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = wall::read_day(field, text)?;
    if (FIRST_DAY..=LAST_DAY).contains(&day) {
        return Ok(Some(day));
    }
    Err(Error::invalid(field, "out_of_range", "Choose a day from 1970 to 2200."))
}

/// The page without entries.
fn bare(op: &mut Op, names: &Names, asked: &Asked) -> TimePage {
    TimePage {
        first: Field::new(asked.first.clone()),
        last: Field::new(asked.last.clone()),
        projects: projects(op, names, &asked.project),
        members: members(op, names, &asked.member),
        sees_everything: op.may(Right::ReadTime, Relation::Workspace),
        leads: !led(op, names).is_empty(),
        by_hand: new_form(op, names, true),
        ..TimePage::default()
    }
}

fn body(
    op: &mut Op,
    names: &Names,
    filter: Filter,
    asked: &Asked,
    root: &str,
) -> Result<TimePage, Error> {
    let project = filter.project.map(|id| id.to_string()).unwrap_or_default();
    let member = filter.member.map(|id| id.to_string()).unwrap_or_default();
    let asked = Asked { member, project, ..asked.clone() };
    let paging = asked.paging();
    let after = Cursor::read(op, &paging)?;
    let limit = i64::try_from(paging.limit()).map_err(|_| Error::bug("a large page"))?;
    let listed = list_time_entries(op, Filter { after, limit, ..filter })?;
    let now = op.now();
    let parts: Vec<DayPart> = listed
        .entries
        .into_iter()
        .map(|entry| DayPart { day: entry.first_day, seconds: entry.seconds(now), entry })
        .collect();
    let mut days = cards(op, names, &parts, None);
    for day in &mut days {
        // A day may go on on the next page: its sum would be wrong.
        (day.total, day.counting) = (String::new(), None);
    }
    let here = address(&asked, &asked.cursor);
    let older = listed.next.map(|next| next.write(op, &paging)).transpose()?;
    let older = older.map(|next| format!("{root}/{}", address(&asked, &next)));
    let newest = format!("{root}/{}", address(&asked, ""));
    let mut page = bare(op, names, &asked);
    page.by_hand.back.clone_from(&here);
    Ok(TimePage {
        days,
        query: format!("?{}", pairs(&[("back", here.as_str())])),
        older_url: older.unwrap_or_default(),
        newest_url: if asked.cursor.is_empty() { String::new() } else { newest },
        ..page
    })
}

/// The page's address below the workspace, with what is asked for.
fn address(asked: &Asked, cursor: &str) -> String {
    let all = [
        ("member", asked.member.as_str()),
        ("project", &asked.project),
        ("first", &asked.first),
        ("last", &asked.last),
        ("cursor", cursor),
    ];
    let said: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    if said.is_empty() { "time".to_owned() } else { format!("time?{}", pairs(&said)) }
}

fn pairs(pairs: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

fn projects(op: &Op, names: &Names, chosen: &str) -> Select {
    let choices = seen_projects(op, names).into_iter().map(|project| {
        let value = project.id.to_string();
        let is_selected = value == chosen;
        Choice { value, label: names.project_label(project), is_selected }
    });
    let group = ChoiceGroup { choices: choices.collect(), ..ChoiceGroup::default() };
    Select { groups: vec![group], error: String::new() }
}

fn members(op: &Op, names: &Names, chosen: &str) -> Select {
    if !op.may(Right::ReadMembers, Relation::Workspace) {
        return Select::default();
    }
    // Those who were removed have left their time here.
    let mut members: Vec<_> = names
        .members
        .values()
        .map(|member| (member.removed_at.is_some(), member.name.clone(), member.id.to_string()))
        .collect();
    members.sort();
    Select::of(members.into_iter().map(|(_, name, id)| (id, name)), chosen)
}

//! Totals into named groups: pure, no SQL.

use std::{cmp::Reverse, collections::HashMap};

use domain::{
    Choice,
    ids::{Id, MemberId, ProjectId},
    permission::{Relation, Right},
};
use uuid::Uuid;

use crate::{Error, Names, Op, names::fold};

/// The two levels of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    /// Clients, and in each its projects.
    ClientProject,
    /// Members, and for each the projects they worked on.
    MemberProject,
}

impl GroupBy {
    /// Every way.
    pub const ALL: &'static [Self] = &[Self::ClientProject, Self::MemberProject];

    /// The word sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientProject => "client,project",
            Self::MemberProject => "member,project",
        }
    }
}

impl Choice for GroupBy {
    fn words() -> Vec<&'static str> {
        Self::ALL.iter().copied().map(Self::as_str).collect()
    }
}

impl std::str::FromStr for GroupBy {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut all = Self::ALL.iter().copied();
        all.find(|by| by.as_str() == text).ok_or(())
    }
}

/// Whether the asking member may see a report grouped so. A guest sees their client's projects, and not
/// who works on them.
pub fn may_group(op: &Op, by: GroupBy) -> bool {
    match by {
        GroupBy::ClientProject => true,
        GroupBy::MemberProject => {
            op.me().client.is_none() || op.may(Right::ReadMembers, Relation::ClientProject)
        }
    }
}

/// A row of a report, with the rows below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The client, member or project; none for time without.
    pub id: Option<Uuid>,
    /// Its name; `No client`, `No project` for time without.
    pub name: String,
    /// Whole seconds.
    pub seconds: i64,
    /// Of these, billable.
    pub billable_s: i64,
    /// The second level; empty in it.
    pub groups: Vec<Group>,
}

/// Seconds, and how many of them are billable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) seconds: i64,
    pub(super) billable_s: i64,
}

impl Total {
    pub(super) fn add(&mut self, other: Self) {
        self.seconds += other.seconds;
        self.billable_s += other.billable_s;
    }
}

/// What was booked on what by whom.
pub(super) type Totals = HashMap<(Option<ProjectId>, MemberId), Total>;

/// Groups by name, the longest first, time without a client or project last; empty ones are left
/// out.
pub(super) fn group(totals: &Totals, by: GroupBy, names: &Names) -> Result<Vec<Group>, Error> {
    let mut tree: HashMap<Option<Uuid>, HashMap<Option<ProjectId>, Total>> = HashMap::new();
    for ((project, member), total) in totals {
        let outer = match by {
            GroupBy::ClientProject => client_of(*project, names)?,
            GroupBy::MemberProject => Some(member.uuid()),
        };
        let inner = tree.entry(outer).or_default();
        inner.entry(*project).or_default().add(*total);
    }
    let mut groups = tree
        .into_iter()
        .map(|(id, projects)| {
            let inner = projects
                .into_iter()
                .map(|(project, total)| {
                    Ok(Group {
                        id: project.map(Id::uuid),
                        name: project_name(project, by, names)?,
                        seconds: total.seconds,
                        billable_s: total.billable_s,
                        groups: Vec::new(),
                    })
                })
                .collect::<Result<Vec<_>, Error>>()?;
            let groups = in_order(inner);
            Ok(Group {
                id,
                name: outer_name(id, by, names)?,
                seconds: groups.iter().map(|group| group.seconds).sum(),
                billable_s: groups.iter().map(|group| group.billable_s).sum(),
                groups,
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    groups = in_order(groups);
    Ok(groups)
}

fn in_order(mut groups: Vec<Group>) -> Vec<Group> {
    groups.retain(|group| group.seconds > 0);
    groups.sort_by_cached_key(|group| {
        let is_unnamed = group.id.is_none();
        (is_unnamed, Reverse(group.seconds), fold(&group.name), group.id)
    });
    groups
}

fn client_of(project: Option<ProjectId>, names: &Names) -> Result<Option<Uuid>, Error> {
    let Some(project) = project else {
        return Ok(None);
    };
    let project = names.projects.get(&project).ok_or_else(gone)?;
    Ok(project.client.map(Id::uuid))
}

/// Below its client a project is known by its name; below a member, two clients may each have one of
/// that name.
fn project_name(project: Option<ProjectId>, by: GroupBy, names: &Names) -> Result<String, Error> {
    let Some(id) = project else {
        return Ok("No project".to_owned());
    };
    let project = names.projects.get(&id).ok_or_else(gone)?;
    Ok(match by {
        GroupBy::ClientProject => project.name.clone(),
        GroupBy::MemberProject => names.project_label(project),
    })
}

fn outer_name(id: Option<Uuid>, by: GroupBy, names: &Names) -> Result<String, Error> {
    let Some(id) = id else {
        return Ok("No client".to_owned());
    };
    let name = match by {
        GroupBy::ClientProject => names.clients.get(&Id::from_uuid(id)).map(|c| &c.name),
        GroupBy::MemberProject => names.members.get(&Id::from_uuid(id)).map(|m| &m.name),
    };
    name.cloned().ok_or_else(gone)
}

/// Foreign keys hold what entries are booked on: only what no entry refers to is removed for good.
fn gone() -> Error {
    Error::bug("time is booked on what is not there")
}

//! Whose time a report reads: what was asked for, cut to what the asking member may see.
//!
//! A member sees their own time; a manager also that of their teams and all time on projects they
//! manage; a guest all time on their client's projects; who sees all time, everything.

use std::collections::{BTreeMap, HashSet};

use domain::{
    day::{date_of, epoch_day},
    ids::{ClientId, MemberId, ProjectId},
    period::Period,
    permission::{Relation, Right},
};
use jiff::civil::Date;
use store::{Row, Statement, Value};

use super::group::{GroupBy, Total, Totals, may_group};
use crate::{
    Error, Op,
    op::{instant, zone},
    time_entry::running_days,
};

/// Whose time is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// Everybody's.
    All,
    /// One member's.
    Member(MemberId),
    /// Everybody's on a project.
    Project(ProjectId),
    /// One member's on a project.
    MemberOnProject(MemberId, ProjectId),
    /// Everybody's on the projects of a client.
    Client(ClientId, HashSet<ProjectId>),
    /// The asking manager's and their teams', on a project.
    TeamOnProject(ProjectId, Managed),
    /// The asking manager's, their teams', and everybody's on the projects they manage.
    OwnAndManaged(Managed),
    /// One member's on the projects the asking manager manages.
    MemberOnManaged(MemberId, Managed),
}

/// The asking manager, and what they manage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Managed {
    me: MemberId,
    projects: HashSet<ProjectId>,
    /// Of their teams.
    members: HashSet<MemberId>,
}

impl Reach {
    /// What may be read of a member's time, or a project's, or both.
    ///
    /// Errors: [`Error::Forbidden`]; [`Error::NotFound`].
    pub(super) fn choose(
        op: &mut Op,
        by: GroupBy,
        member: Option<MemberId>,
        project: Option<ProjectId>,
    ) -> Result<Self, Error> {
        op.require_somewhere(Right::ReadReports)?;
        // One person's time is what a report by people says of them.
        let by = if member.is_some() { GroupBy::MemberProject } else { by };
        if !may_group(op, by) {
            return Err(Error::Forbidden);
        }
        let reach = match project {
            Some(project) => Self::of_project(op, member, project)?,
            None => Self::of_people(op, member)?,
        };
        let names = op.names()?;
        if member.is_some_and(|member| !names.members.contains_key(&member)) {
            return Err(Error::NotFound);
        }
        Ok(reach)
    }

    fn of_people(op: &mut Op, member: Option<MemberId>) -> Result<Self, Error> {
        let me = op.me().member;
        if op.may(Right::ReadReports, Relation::Workspace) {
            return Ok(member.map_or(Self::All, Self::Member));
        }
        if let Some(member) = member {
            let relation = op.names()?.relation_of_members(me, member);
            if relation != Relation::Other && op.may(Right::ReadReports, relation) {
                return Ok(Self::Member(member));
            }
        }
        if op.may(Right::ReadReports, Relation::ManagedProject) {
            let managed = managed(op)?;
            return Ok(match member {
                Some(member) => Self::MemberOnManaged(member, managed),
                None => Self::OwnAndManaged(managed),
            });
        }
        match (member, op.me().client) {
            (None, Some(client)) if op.may(Right::ReadReports, Relation::ClientProject) => {
                Self::of_client(op, client)
            }
            (None, _) if op.may(Right::ReadReports, Relation::Own) => Ok(Self::Member(me)),
            _ => Err(Error::Forbidden),
        }
    }

    fn of_client(op: &mut Op, client: ClientId) -> Result<Self, Error> {
        let names = op.names()?;
        let live = names.projects.values().filter(|project| project.deleted_at.is_none());
        let theirs = live.filter(|project| project.client == Some(client));
        Ok(Self::Client(client, theirs.map(|project| project.id).collect()))
    }

    fn of_project(
        op: &mut Op,
        member: Option<MemberId>,
        project: ProjectId,
    ) -> Result<Self, Error> {
        let me = op.me().member;
        let names = op.names()?;
        let relation = names.visible_project(op, project)?.relation(me);
        let sees_all = op.may(Right::ReadReports, relation);
        let Some(member) = member else {
            let managed = managed(op)?;
            let leads = op.may(Right::ReadReports, Relation::ManagedMember);
            return match sees_all {
                true => Ok(Self::Project(project)),
                false if leads && !managed.members.is_empty() => {
                    Ok(Self::TeamOnProject(project, managed))
                }
                false => {
                    op.require(Right::ReadReports, Relation::Own)?;
                    Ok(Self::MemberOnProject(me, project))
                }
            };
        };
        if !sees_all {
            op.require(Right::ReadReports, names.relation_of_members(me, member))?;
        }
        Ok(Self::MemberOnProject(member, project))
    }

    /// Whether an entry belongs to it: the same rule as the WHERE of its statements.
    fn covers(&self, member: MemberId, project: Option<ProjectId>) -> bool {
        let is_managed = |managed: &Managed| project.is_some_and(|p| managed.projects.contains(&p));
        match self {
            Self::All => true,
            Self::Member(m) => member == *m,
            Self::Project(p) => project == Some(*p),
            Self::MemberOnProject(m, p) => member == *m && project == Some(*p),
            Self::Client(_, projects) => project.is_some_and(|p| projects.contains(&p)),
            Self::TeamOnProject(p, managed) => project == Some(*p) && managed.has(member),
            Self::OwnAndManaged(managed) => managed.has(member) || is_managed(managed),
            Self::MemberOnManaged(m, managed) => member == *m && is_managed(managed),
        }
    }

    const fn sums(&self) -> &'static Sums {
        match self {
            Self::All => &OF_ALL,
            Self::Member(_) => &OF_MEMBER,
            Self::Project(_) => &OF_PROJECT,
            Self::MemberOnProject(..) => &OF_PROJECT_MEMBER,
            Self::Client(..) => &OF_CLIENT,
            Self::TeamOnProject(..) => &OF_PROJECT_TEAM,
            Self::OwnAndManaged(_) => &OF_MANAGER,
            Self::MemberOnManaged(..) => &OF_MANAGED_MEMBER,
        }
    }

    fn values(&self, period: Period) -> Vec<Value> {
        let mut values: Vec<Value> =
            vec![epoch_day(period.first()).into(), epoch_day(period.last()).into()];
        match self {
            Self::All => {}
            Self::Member(member) => values.push((*member).into()),
            Self::Project(project) => values.push((*project).into()),
            Self::MemberOnProject(member, project) => {
                values.extend([(*member).into(), (*project).into()]);
            }
            Self::Client(client, _) => values.push((*client).into()),
            Self::TeamOnProject(project, managed) => {
                values.extend([managed.me.into(), (*project).into()]);
            }
            Self::OwnAndManaged(managed) => values.push(managed.me.into()),
            Self::MemberOnManaged(member, managed) => {
                values.extend([(*member).into(), managed.me.into()]);
            }
        }
        values
    }

    /// Totals of stopped entries by project and member.
    pub(super) fn totals(&self, op: &mut Op, period: Period) -> Result<Totals, Error> {
        let rows = op.query(&self.sums().groups, &self.values(period))?;
        rows.iter()
            .map(|row| {
                let total = Total { seconds: row.get(2)?, billable_s: row.get(3)? };
                Ok(((row.get(0)?, row.get(1)?), total))
            })
            .collect()
    }

    /// Totals of stopped entries by day.
    pub(super) fn days(&self, op: &mut Op, period: Period) -> Result<BTreeMap<Date, i64>, Error> {
        let rows = op.query(&self.sums().days, &self.values(period))?;
        rows.iter().map(|row| Ok((day(row)?, row.get(1)?))).collect()
    }

    /// Totals of stopped entries by day and project.
    pub(super) fn project_days(
        &self,
        op: &mut Op,
        period: Period,
    ) -> Result<Vec<(Date, Option<ProjectId>, i64)>, Error> {
        let rows = op.query(&self.sums().project_days, &self.values(period))?;
        rows.iter().map(|row| Ok((day(row)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// Totals of stopped entries by day and member.
    pub(super) fn member_days(
        &self,
        op: &mut Op,
        period: Period,
    ) -> Result<Vec<(Date, MemberId, i64)>, Error> {
        let rows = op.query(&self.sums().member_days, &self.values(period))?;
        rows.iter().map(|row| Ok((day(row)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// What running entries add so far.
    pub(super) fn running(&self, op: &mut Op, period: Period) -> Result<Vec<Running>, Error> {
        let now = op.now();
        let mut parts = Vec::new();
        for row in op.query(&LIST_RUNNING, &[])? {
            let (member, project) = (row.get(0)?, row.get(1)?);
            if self.covers(member, project) {
                parts.push(Running {
                    member,
                    project,
                    is_billable: row.get(2)?,
                    days: running_days(instant(&row, 3)?, now, &zone(&row, 4)?, period),
                });
            }
        }
        Ok(parts)
    }
}

impl Managed {
    /// Whether it is their own time, or that of one of their teams.
    fn has(&self, member: MemberId) -> bool {
        member == self.me || self.members.contains(&member)
    }
}

/// A running entry, by day.
pub(super) struct Running {
    pub(super) member: MemberId,
    pub(super) project: Option<ProjectId>,
    pub(super) is_billable: bool,
    pub(super) days: Vec<(Date, i64)>,
}

fn managed(op: &mut Op) -> Result<Managed, Error> {
    let me = op.me().member;
    let names = op.names()?;
    let is_mine = |members: &std::collections::HashMap<_, _>| members.get(&me) == Some(&true);
    let projects = names.projects.values().filter(|p| is_mine(&p.members));
    let teams = names.teams.values().filter(|team| team.is_managed_by(me));
    Ok(Managed {
        me,
        projects: projects.map(|project| project.id).collect(),
        members: teams.flat_map(|team| team.members.keys().copied()).collect(),
    })
}

fn day(row: &Row) -> Result<Date, Error> {
    date_of(row.get(0)?).map_err(|_| Error::bug("day out of range"))
}

/// The sums over one reach.
struct Sums {
    /// By project and member.
    groups: Statement,
    /// By day.
    days: Statement,
    /// By day and project.
    project_days: Statement,
    /// By day and member.
    member_days: Statement,
}

impl Sums {
    const fn statements(&self) -> [Statement; 4] {
        [self.groups, self.days, self.project_days, self.member_days]
    }
}

macro_rules! sum {
    ($name:expr, $by:literal, $more:literal, $where:literal) => {
        Statement::new(
            $name,
            concat!(
                "SELECT ",
                $by,
                ", CAST(SUM(seconds) AS BIGINT)",
                $more,
                " FROM entry_days WHERE local_day BETWEEN $1 AND $2",
                $where,
                " GROUP BY ",
                $by
            ),
        )
    };
}

macro_rules! sums {
    ($name:literal, $where:literal) => {
        Sums {
            groups: sum!(
                concat!("report.groups_of_", $name),
                "project_id, member_id",
                ", CAST(SUM(seconds * is_billable) AS BIGINT)",
                $where
            ),
            days: sum!(concat!("report.days_of_", $name), "local_day", "", $where),
            project_days: sum!(
                concat!("report.project_days_of_", $name),
                "local_day, project_id",
                "",
                $where
            ),
            member_days: sum!(
                concat!("report.member_days_of_", $name),
                "local_day, member_id",
                "",
                $where
            ),
        }
    };
}

/// Index `entry_days_project`, which covers it.
const OF_ALL: Sums = sums!("all", "");

/// Index `entry_days_member`, which covers it.
const OF_MEMBER: Sums = sums!("member", " AND member_id = $3");

/// Index `entry_days_project`, which covers it.
const OF_PROJECT: Sums = sums!("project", " AND project_id = $3");

/// Index `entry_days_project`, which covers it.
const OF_PROJECT_MEMBER: Sums = sums!("project_member", " AND member_id = $3 AND project_id = $4");

/// Index `entry_days_project`.
const OF_CLIENT: Sums = sums!(
    "client",
    " AND project_id IN (SELECT p.id FROM projects p
                         WHERE p.client_id = $3 AND p.deleted_at IS NULL)"
);

/// Index `entry_days_project`.
const OF_PROJECT_TEAM: Sums = sums!(
    "project_team",
    " AND project_id = $4
      AND (member_id = $3 OR member_id IN (SELECT t.member_id FROM team_members t
                                           JOIN team_members l ON l.team_id = t.team_id
                                           JOIN teams ON teams.id = t.team_id
                                           WHERE l.member_id = $3 AND l.is_manager = 1
                                             AND teams.archived_at IS NULL))"
);

/// Indexes `entry_days_member` and `entry_days_project`.
const OF_MANAGER: Sums = sums!(
    "manager",
    " AND (member_id = $3 OR project_id IN (SELECT p.project_id FROM project_members p
                                            WHERE p.member_id = $3 AND p.is_manager = 1)
           OR member_id IN (SELECT t.member_id FROM team_members t
                            JOIN team_members l ON l.team_id = t.team_id
                            JOIN teams ON teams.id = t.team_id
                            WHERE l.member_id = $3 AND l.is_manager = 1
                              AND teams.archived_at IS NULL))"
);

/// Index `entry_days_member`.
const OF_MANAGED_MEMBER: Sums = sums!(
    "managed_member",
    " AND member_id = $3 AND project_id IN (SELECT p.project_id FROM project_members p
                                            WHERE p.member_id = $4 AND p.is_manager = 1)"
);

/// Index `time_entries_one_running`: at most one row a member.
const LIST_RUNNING: Statement = Statement::new(
    "report.list_running",
    "SELECT member_id, project_id, is_billable, started_at, zone FROM time_entries
     WHERE started_at IS NOT NULL AND stopped_at IS NULL AND deleted_at IS NULL",
);

pub(super) fn statements() -> Vec<Statement> {
    let all = [
        &OF_ALL,
        &OF_MEMBER,
        &OF_PROJECT,
        &OF_PROJECT_MEMBER,
        &OF_CLIENT,
        &OF_PROJECT_TEAM,
        &OF_MANAGER,
        &OF_MANAGED_MEMBER,
    ];
    let sums = all.into_iter().flat_map(Sums::statements);
    sums.chain([LIST_RUNNING]).collect()
}

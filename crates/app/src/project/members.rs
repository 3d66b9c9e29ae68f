//! Who works on a project, and who answers for it.
//!
//! Who manages a project may change its members, the flag of manager included: that flag gives
//! rights over this project only, and only to members whose role lets them manage one.

use domain::{
    ids::{MemberId, ProjectId},
    permission::{Right, Standing},
};
use store::Statement;

use super::get_project;
use crate::{
    Error, Op,
    audit::{Event, Kind},
    names::{Project, fold},
    proof::{self, Grave},
};

/// A member's place on a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectMember {
    /// Who.
    pub member: MemberId,
    /// Whether they answer for it.
    pub is_manager: bool,
}

/// Puts a member on a project, or changes their place.
///
/// Errors: [`Error::NotFound`] for a project or member that is not there; [`Error::Forbidden`];
/// [`Error::Invalid`] for `manager`, where the member's role gives no right to manage one;
/// [`Error::NeedsProof`] for another manager. Audit: `project.member_put`; nothing when it is so already.
pub fn put_project_member(
    op: &mut Op,
    project: ProjectId,
    member: MemberId,
    is_manager: bool,
) -> Result<ProjectMember, Error> {
    let before = managed_project(op, project)?;
    let names = op.names()?;
    let subject = names.subject(member)?;
    let found = names.members.get(&member).filter(|found| found.removed_at.is_none());
    let standing = names.standing(found.ok_or(Error::NotFound)?.assignment());
    let was_manager = before.members.get(&member).copied();
    if is_manager && !standing.can_manage_projects() {
        let message = "Who manages a project needs the role of a manager. Change their role first.";
        return Err(Error::invalid("manager", "forbidden", message));
    }
    if is_manager != (was_manager == Some(true)) {
        require_all_of_manager(op, &before, standing)?;
        if is_manager {
            proof::require(op, Grave::MakeManager)?;
        }
    }
    if was_manager != Some(is_manager) {
        op.execute(&PUT, &[project.into(), member.into(), is_manager.into()])?;
        op.touch_names()?;
        let event = Event::new(Kind::ProjectMemberPut, "project", project)
            .about(subject)
            .fact("member", None::<i64>, member.uuid())
            .fact("manager", was_manager, is_manager);
        op.record(event)?;
    }
    Ok(ProjectMember { member, is_manager })
}

/// Refuses who lacks, over the project, what its manager gets over it: nobody gives a right they lack,
/// themselves included, and nobody takes one away that they lack.
fn require_all_of_manager(op: &Op, project: &Project, manager: Standing) -> Result<(), Error> {
    let mine = project.relation(op.me().member);
    manager.gained_by_project().try_for_each(|right| op.require(right, mine))
}

/// Leaves a member on their projects, and makes them manage none. Audit: `project.member_put`.
pub(crate) fn end_managing(op: &mut Op, member: MemberId) -> Result<(), Error> {
    let names = op.names()?;
    let managed = names.projects.values().filter(|it| it.members.get(&member) == Some(&true));
    let mut managed: Vec<ProjectId> = managed.map(|project| project.id).collect();
    managed.sort();
    for project in managed {
        op.execute(&PUT, &[project.into(), member.into(), false.into()])?;
        op.touch_names()?;
        let event = Event::new(Kind::ProjectMemberPut, "project", project)
            .about(names.subject(member)?)
            .fact("member", None::<i64>, member.uuid())
            .fact("manager", true, false);
        op.record(event)?;
    }
    Ok(())
}

/// Takes a member off a project. Their time stays; new time they may book only if it is open.
///
/// Errors: [`Error::NotFound`], also when the member is not on it; [`Error::Forbidden`], also for who
/// lacks what a manager who is taken off has over it. Audit: `project.member_removed`.
pub fn remove_project_member(
    op: &mut Op,
    project: ProjectId,
    member: MemberId,
) -> Result<(), Error> {
    let before = managed_project(op, project)?;
    let was_manager = *before.members.get(&member).ok_or(Error::NotFound)?;
    let names = op.names()?;
    let manager = names.members.get(&member).filter(|it| was_manager && it.removed_at.is_none());
    if let Some(manager) = manager {
        require_all_of_manager(op, &before, names.standing(manager.assignment()))?;
    }
    let subject = names.subject(member)?;
    op.execute(&REMOVE, &[project.into(), member.into()])?;
    op.touch_names()?;
    let event = Event::new(Kind::ProjectMemberRemoved, "project", project)
        .about(subject)
        .fact("member", member.uuid(), None::<i64>)
        .fact("manager", was_manager, None::<i64>);
    op.record(event)
}

/// Who is on a project, by name; without those who have left the workspace.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`].
pub fn list_project_members(op: &mut Op, project: ProjectId) -> Result<Vec<ProjectMember>, Error> {
    let project = get_project(op, project)?;
    op.require(Right::ReadProjectMembers, project.relation(op.me().member))?;
    let names = op.names()?;
    let mut places: Vec<_> = project
        .members
        .iter()
        .filter_map(|(id, is_manager)| Some((names.members.get(id)?, *is_manager)))
        .filter(|(member, _)| member.removed_at.is_none())
        .collect();
    places.sort_by_cached_key(|(member, _)| (fold(&member.name), member.id));
    Ok(places
        .into_iter()
        .map(|(member, is_manager)| ProjectMember { member: member.id, is_manager })
        .collect())
}

/// A project whose members the asking member may change.
fn managed_project(op: &mut Op, id: ProjectId) -> Result<Project, Error> {
    let project = get_project(op, id)?;
    let relation = project.relation(op.me().member);
    op.require(Right::ManageProjectMembers, relation)?;
    Ok(project)
}

const PUT: Statement = Statement::new(
    "project_member.put",
    "INSERT INTO project_members (project_id, member_id, is_manager) VALUES ($1, $2, $3)
     ON CONFLICT (project_id, member_id) DO UPDATE SET is_manager = excluded.is_manager",
);

const REMOVE: Statement = Statement::new(
    "project_member.remove",
    "DELETE FROM project_members WHERE project_id = $1 AND member_id = $2",
);

pub(super) const STATEMENTS: &[Statement] = &[PUT, REMOVE];

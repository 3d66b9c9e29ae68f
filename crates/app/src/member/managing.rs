//! What a member manages, when what they may changes.
//!
//! A manager's flag is worth what the role of its holder makes of it. So whoever changes the role gives
//! what the flags are worth with it, and nobody gives a right they lack. A flag that gives nothing is
//! taken away: it must not come back to life with a later role.

use domain::{
    ids::MemberId,
    permission::{Relation, Right, Standing},
};

use crate::{Error, Op, project, team};

/// Refuses who lacks what a member would get, by a wider role, over the teams and projects they manage;
/// takes away what they manage where the role gives nothing for it, now or before.
///
/// Errors: [`Error::Forbidden`]. Audit: `team.member_put`, `project.member_put`.
pub(crate) fn settle_managing(
    op: &mut Op,
    member: MemberId,
    before: Standing,
    after: Standing,
) -> Result<(), Error> {
    if before.can_manage_teams() && after.can_manage_teams() {
        require_over_teams(op, member, before, after)?;
    } else {
        team::end_managing(op, member)?;
    }
    if before.can_manage_projects() && after.can_manage_projects() {
        require_over_projects(op, member, before, after)
    } else {
        project::end_managing(op, member)
    }
}

/// Takes away all that a member manages: they come back as somebody new.
///
/// Audit: `team.member_put`, `project.member_put`.
pub(crate) fn end_managing(op: &mut Op, member: MemberId) -> Result<(), Error> {
    team::end_managing(op, member)?;
    project::end_managing(op, member)
}

fn require_over_teams(
    op: &mut Op,
    member: MemberId,
    before: Standing,
    after: Standing,
) -> Result<(), Error> {
    let names = op.names()?;
    if !names.teams.values().any(|team| team.members.get(&member) == Some(&true)) {
        return Ok(());
    }
    let is_new = |right: &Right| !before.allows(*right, Relation::ManagedMember);
    after.gained_by_team().filter(is_new).try_for_each(|right| op.require(right, Relation::Other))
}

fn require_over_projects(
    op: &mut Op,
    member: MemberId,
    before: Standing,
    after: Standing,
) -> Result<(), Error> {
    let (names, me) = (op.names()?, op.me().member);
    let theirs = names.projects.values().filter(|it| it.members.get(&member) == Some(&true));
    let mut mine = theirs.map(|project| project.relation(me));
    let is_new = |right: &Right| !before.allows(*right, Relation::ManagedProject);
    mine.try_for_each(|mine| {
        after.gained_by_project().filter(is_new).try_for_each(|right| op.require(right, mine))
    })
}

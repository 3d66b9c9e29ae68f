//! What a member may: by their role, or by the single rights that theirs was built of.

use super::{Grants, Relation, Right, Role, allowed};
use crate::ids::{ClientId, RoleId};

/// What a member may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    role: Role,
    grants: Grants,
}

impl Standing {
    /// By a role; what one of the workspace's own was built of counts with no other.
    pub fn new(role: Role, grants: Grants) -> Self {
        let grants = if role == Role::Own { grants } else { Grants::default() };
        Self { role, grants }
    }

    /// By a role of the workspace's own.
    pub fn of(grants: Grants) -> Self {
        Self { role: Role::Own, grants }
    }

    /// Whether it gives `right` over a target of this `relation`.
    pub fn allows(self, right: Right, relation: Relation) -> bool {
        allowed(self.role, right, relation) || self.grants.give(right, relation)
    }

    /// Whether it gives `right` over anything at all.
    pub fn allows_somewhere(self, right: Right) -> bool {
        Relation::ALL.iter().any(|relation| self.allows(right, *relation))
    }

    /// Whether it gives all that another one gives.
    pub fn covers(self, other: Self) -> bool {
        let mut cells = Right::ALL.iter().flat_map(|r| Relation::ALL.iter().map(move |at| (r, at)));
        cells.all(|(right, at)| self.allows(*right, *at) || !other.allows(*right, *at))
    }

    /// Whether managing a project gives anything to who has it.
    pub fn can_manage_projects(self) -> bool {
        self.allows(Right::ManageProjectMembers, Relation::ManagedProject)
            || self.gained_by_project().next().is_some()
    }

    /// Whether managing a team gives anything to who has it.
    pub fn can_manage_teams(self) -> bool {
        self.allows(Right::EditTime, Relation::ManagedMember)
            || self.gained_by_team().next().is_some()
    }

    /// What managing a team gives over its members, beside what one has over everybody.
    pub fn gained_by_team(self) -> impl Iterator<Item = Right> {
        self.gained(Relation::ManagedMember, Relation::Other)
    }

    /// What managing a project gives over it, beside what one has over any that one may book on.
    pub fn gained_by_project(self) -> impl Iterator<Item = Right> {
        self.gained(Relation::ManagedProject, Relation::BookableProject)
    }

    fn gained(self, closer: Relation, farther: Relation) -> impl Iterator<Item = Right> {
        let is_gained =
            move |right: &Right| self.allows(*right, closer) && !self.allows(*right, farther);
        Right::ALL.iter().copied().filter(is_gained)
    }

    /// Whether it gives power over people, over everybody's time or over the workspace, which is given
    /// and taken away only by who has just shown who they are.
    pub fn has_power(self) -> bool {
        const OVER_TIME: [Right; 3] = [Right::ReadTime, Right::EditTime, Right::ReadReports];
        const POWER: [Right; 9] = [
            Right::InviteMembers,
            Right::ChangeRoles,
            Right::ManageRoles,
            Right::RemoveMembers,
            Right::ManageTeams,
            Right::RevokeTokens,
            Right::ChangeSettings,
            Right::ManageSignIn,
            Right::ExportWorkspace,
        ];
        POWER.iter().any(|right| self.allows_somewhere(*right))
            || OVER_TIME.iter().any(|right| self.allows(*right, Relation::Other))
    }
}

impl From<Role> for Standing {
    fn from(role: Role) -> Self {
        Self::new(role, Grants::default())
    }
}

/// Whether `actor` may turn a member of standing `current` (none: an invitation) into a `new` one.
///
/// Nobody gives what they lack, nor takes away what they lack: an admin neither makes owners nor
/// changes them. That a workspace keeps at least one owner is the operation's rule, since only it can
/// count them.
pub fn may_assign(actor: Standing, current: Option<Standing>, new: Standing) -> bool {
    let right = if current.is_some() { Right::ChangeRoles } else { Right::InviteMembers };
    actor.allows_somewhere(right)
        && actor.covers(new)
        && current.is_none_or(|current| actor.covers(current))
}

/// A role as it is given to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// The role.
    pub role: Role,
    /// Which role of the workspace's own, for [`Role::Own`] alone.
    pub own: Option<RoleId>,
    /// Whose guest, for [`Role::Client`] alone.
    pub client: Option<ClientId>,
}

/// A role that is given without what it needs, or with what it has no place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Incomplete {
    /// Which role of the workspace's own.
    #[error("a role of the workspace's own and its id go together")]
    Own,
    /// Whose guest.
    #[error("a guest and their client go together")]
    Client,
}

impl Assignment {
    /// A role with what it needs.
    ///
    /// Errors: [`Incomplete`].
    pub fn new(
        role: Role,
        own: Option<RoleId>,
        client: Option<ClientId>,
    ) -> Result<Self, Incomplete> {
        if own.is_some() != (role == Role::Own) {
            return Err(Incomplete::Own);
        }
        if client.is_some() != (role == Role::Client) {
            return Err(Incomplete::Client);
        }
        Ok(Self { role, own, client })
    }

    /// A guest for a client.
    pub const fn guest(client: ClientId) -> Self {
        Self { role: Role::Client, own: None, client: Some(client) }
    }

    /// A role of the workspace's own.
    pub const fn own(role: RoleId) -> Self {
        Self { role: Role::Own, own: Some(role), client: None }
    }
}

/// A role that needs nothing else; the database refuses the two that do.
impl From<Role> for Assignment {
    fn from(role: Role) -> Self {
        Self { role, own: None, client: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::Grant;

    #[test]
    fn assigning_roles() {
        use Role::{Accountant, Admin, Auditor, Client, Manager, Member, Own, Owner};
        for (actor, current, new, expected) in [
            (Owner, Some(Owner), Member, true),
            (Owner, Some(Member), Owner, true),
            (Owner, None, Owner, true),
            (Admin, Some(Member), Admin, true),
            (Admin, Some(Admin), Member, true),
            (Admin, None, Manager, true),
            (Admin, None, Client, true),
            (Admin, Some(Auditor), Accountant, true),
            (Admin, Some(Client), Own, true),
            (Admin, Some(Owner), Admin, false),
            (Admin, Some(Owner), Client, false),
            (Admin, Some(Member), Owner, false),
            (Admin, None, Owner, false),
            (Manager, None, Member, false),
            (Manager, None, Client, false),
            (Accountant, None, Member, false),
            (Auditor, Some(Member), Client, false),
            (Member, Some(Member), Member, false),
            (Client, Some(Member), Client, false),
            (Own, Some(Member), Member, false),
        ] {
            let may = may_assign(actor.into(), current.map(Into::into), new.into());
            assert_eq!(may, expected, "{actor} {current:?} {new}");
        }
    }

    /// Every set of few grants: who may give roles with it gives nothing that it lacks.
    #[test]
    fn nobody_gives_a_right_they_lack() {
        let pairs = Grant::ALL.iter().flat_map(|a| Grant::ALL.iter().map(move |b| [*a, *b]));
        let actors = pairs.map(|pair| Standing::of(Grants::of(pair)));
        let actors = actors.chain(Role::ALL.iter().map(|role| (*role).into()));
        let alone = Grant::ALL.iter().map(|grant| Standing::of(Grants::of([*grant])));
        let given = alone.chain(Role::ALL.iter().map(|role| (*role).into()));
        let given: Vec<Standing> = given.collect();
        for actor in actors {
            for new in &given {
                if !may_assign(actor, Some(*new), *new) {
                    continue;
                }
                for right in Right::ALL {
                    for relation in Relation::ALL {
                        let gives = new.allows(*right, *relation);
                        assert!(!gives || actor.allows(*right, *relation), "{actor:?} {new:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn managing_gives_something_to_managers_and_who_runs_the_workspace() {
        for role in Role::ALL {
            let is_one = matches!(role, Role::Manager | Role::Admin | Role::Owner);
            assert_eq!(Standing::from(*role).can_manage_projects(), is_one, "{role}");
            assert_eq!(Standing::from(*role).can_manage_teams(), is_one, "{role}");
            let sees_all = matches!(role, Role::Auditor | Role::Accountant);
            let has_power = sees_all || matches!(role, Role::Admin | Role::Owner);
            assert_eq!(Standing::from(*role).has_power(), has_power, "{role}");
        }
        let own = Standing::of(Grants::of([Grant::ReadManagedTime]));
        assert!(own.can_manage_teams() && own.can_manage_projects() && !own.has_power());
        for grant in [
            Grant::InviteMembers,
            Grant::ManageTeams,
            Grant::ReadAllTime,
            Grant::EditAllTime,
            Grant::ReadAllReports,
        ] {
            assert!(Standing::of(Grants::of([grant])).has_power(), "{grant}");
        }
    }

    #[test]
    fn a_role_comes_with_what_it_needs() {
        let (own, client) = (RoleId::from_bytes([1; 16]), ClientId::from_bytes([2; 16]));
        for role in Role::ALL {
            for (own, client) in [(None, None), (Some(own), None), (None, Some(client))] {
                let fits = own.is_some() == (*role == Role::Own)
                    && client.is_some() == (*role == Role::Client);
                assert_eq!(Assignment::new(*role, own, client).is_ok(), fits, "{role}");
            }
        }
    }
}

//! Single rights that a workspace builds roles of its own from, in words that people choose by.
//!
//! A grant is one line of a form: it stands for the cells of the table that belong together. No grant
//! holds what only owners may.

use super::{Relation, Right};
use crate::choice::choice;

choice! {
    /// A single right, as it is given to a role of a workspace's own.
    Grant {
        /// Track one's own time.
        TrackTime => "track_time",
        /// Book on projects that are closed to one.
        BookEverywhere => "book_everywhere",
        /// Create tags.
        CreateTags => "create_tags",
        /// See time of the teams and projects one manages.
        ReadManagedTime => "read_managed_time",
        /// See everybody's time.
        ReadAllTime => "read_all_time",
        /// Change time of the teams and projects one manages.
        EditManagedTime => "edit_managed_time",
        /// Change everybody's time.
        EditAllTime => "edit_all_time",
        /// See reports of the teams and projects one manages.
        ReadManagedReports => "read_managed_reports",
        /// See reports over everything.
        ReadAllReports => "read_all_reports",
        /// See all clients and projects.
        ReadProjects => "read_projects",
        /// Manage projects.
        ManageProjects => "manage_projects",
        /// Manage clients.
        ManageClients => "manage_clients",
        /// Manage tasks and members of the projects one manages.
        RunManagedProjects => "run_managed_projects",
        /// Manage tasks and members of every project.
        RunAllProjects => "run_all_projects",
        /// Manage tags.
        ManageTags => "manage_tags",
        /// See who is in the workspace.
        ReadMembers => "read_members",
        /// See e-mail addresses.
        ReadAddresses => "read_addresses",
        /// Manage teams.
        ManageTeams => "manage_teams",
        /// Invite people.
        InviteMembers => "invite_members",
        /// Change roles.
        ChangeRoles => "change_roles",
        /// Build roles.
        ManageRoles => "manage_roles",
        /// Remove members.
        RemoveMembers => "remove_members",
        /// Revoke tokens of others.
        RevokeTokens => "revoke_tokens",
        /// Change the workspace's settings.
        ChangeSettings => "change_settings",
        /// Say how people may sign in.
        ManageSignIn => "manage_sign_in",
        /// See everything that was done.
        ReadRecord => "read_record",
    }
}

impl Grant {
    /// What it gives, in plain words.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TrackTime => "Track their own time, and change it",
            Self::BookEverywhere => "Book on any project, also on closed ones they are not on",
            Self::CreateTags => "Create tags",
            Self::ReadManagedTime => "See the time of the teams and projects they manage",
            Self::ReadAllTime => "See everybody’s time",
            Self::EditManagedTime => "Change the time of the teams and projects they manage",
            Self::EditAllTime => "Change everybody’s time",
            Self::ReadManagedReports => "See reports of the teams and projects they manage",
            Self::ReadAllReports => "See and take away reports over everything",
            Self::ReadProjects => "See all clients and projects",
            Self::ManageProjects => "Create, change and delete projects",
            Self::ManageClients => "Create, change and delete clients",
            Self::RunManagedProjects => "Look after tasks and people of the projects they manage",
            Self::RunAllProjects => "Look after tasks and people of every project",
            Self::ManageTags => "Rename, archive and delete tags",
            Self::ReadMembers => "See who is in the workspace and in its teams",
            Self::ReadAddresses => "See the e-mail addresses of others",
            Self::ManageTeams => "Make teams, and say who is in them and who manages them",
            Self::InviteMembers => "Invite people",
            Self::ChangeRoles => "Give people another role",
            Self::ManageRoles => "Make and change roles",
            Self::RemoveMembers => "Remove people from the workspace",
            Self::RevokeTokens => "See and revoke API tokens of others",
            Self::ChangeSettings => "Change the settings of the workspace",
            Self::ManageSignIn => "Say how people may sign in",
            Self::ReadRecord => "See the record: everything that was done here, and by whom",
        }
    }

    /// Whether it gives this right over a target of this relation.
    pub fn gives(self, right: Right, relation: Relation) -> bool {
        self.cells()
            .iter()
            .any(|(rights, relations)| rights.contains(&right) && relations.contains(&relation))
    }

    /// What it stands for: rights, each over all of the relations beside them.
    const fn cells(self) -> &'static [(&'static [Right], &'static [Relation])] {
        match self {
            Self::TrackTime => &[
                (&[Right::TrackTime], &[Relation::Own, Relation::Workspace]),
                (&[Right::TrackTime], ON_PROJECTS),
                (SEEN_PROJECTS, ON_PROJECTS),
                (OWN_TIME, &[Relation::Own]),
                (&[Right::ReadTags], AT_ALL),
            ],
            Self::BookEverywhere => {
                &[(&[Right::TrackTime], &[Relation::ClientProject, Relation::Other])]
            }
            Self::CreateTags => &[(&[Right::ReadTags, Right::CreateTag], AT_ALL)],
            Self::ReadManagedTime => &[(SEEN_TIME, MANAGED)],
            Self::ReadAllTime => &[(SEEN_TIME, EVERYTHING), (&[Right::ReadTags], AT_ALL)],
            Self::EditManagedTime => &[(CHANGED_TIME, MANAGED)],
            Self::EditAllTime => &[(CHANGED_TIME, EVERYTHING), (&[Right::ReadTags], AT_ALL)],
            Self::ReadManagedReports => &[(REPORTS, MANAGED)],
            Self::ReadAllReports => &[(REPORTS, EVERYTHING)],
            Self::ReadProjects => &[(SEEN_PROJECTS, PROJECTS)],
            Self::ManageProjects => {
                &[(SEEN_PROJECTS, PROJECTS), (&[Right::ManageProjects], PROJECTS)]
            }
            Self::ManageClients => &[(&[Right::ReadClients, Right::ManageClients], PROJECTS)],
            Self::RunManagedProjects => &[(RUN, &[Relation::ManagedProject])],
            Self::RunAllProjects => &[(RUN, PROJECTS)],
            Self::ManageTags => &[(&[Right::ReadTags, Right::ManageTags], AT_ALL)],
            Self::ReadMembers => {
                &[(&[Right::ReadMembers], EVERYTHING), (&[Right::ReadTeams], AT_ALL)]
            }
            Self::ReadAddresses => &[(&[Right::ReadAddresses], PEOPLE)],
            Self::ManageTeams => &[
                (&[Right::ReadMembers], EVERYTHING),
                (&[Right::ReadTeams, Right::ManageTeams], AT_ALL),
            ],
            Self::InviteMembers => {
                &[(&[Right::ReadMembers], EVERYTHING), (&[Right::InviteMembers], AT_ALL)]
            }
            Self::ChangeRoles => &[
                (&[Right::ReadMembers], EVERYTHING),
                (&[Right::ChangeRoles], PEOPLE),
                (&[Right::ChangeRoles], &[Relation::Own]),
            ],
            Self::ManageRoles => &[(&[Right::ManageRoles], AT_ALL)],
            Self::RemoveMembers => {
                &[(&[Right::ReadMembers], EVERYTHING), (&[Right::RemoveMembers], PEOPLE)]
            }
            Self::RevokeTokens => {
                &[(&[Right::ReadMembers], EVERYTHING), (&[Right::RevokeTokens], PEOPLE)]
            }
            Self::ChangeSettings => &[(&[Right::ChangeSettings], AT_ALL)],
            Self::ManageSignIn => &[(&[Right::ManageSignIn], AT_ALL)],
            Self::ReadRecord => &[
                (SEEN_TIME, EVERYTHING),
                (&[Right::ReadTags, Right::ReadTeams, Right::ReadRecord], AT_ALL),
                (SEEN_PROJECTS, PROJECTS),
            ],
        }
    }

    /// Its stable number: the bit it is stored as. Never given to another one.
    const fn number(self) -> u32 {
        match self {
            Self::TrackTime => 0,
            Self::BookEverywhere => 1,
            Self::CreateTags => 2,
            Self::ReadManagedTime => 3,
            Self::ReadAllTime => 4,
            Self::EditManagedTime => 5,
            Self::EditAllTime => 6,
            Self::ReadManagedReports => 7,
            Self::ReadAllReports => 8,
            Self::ReadProjects => 9,
            Self::ManageProjects => 10,
            Self::ManageClients => 11,
            Self::RunManagedProjects => 12,
            Self::RunAllProjects => 13,
            Self::ManageTags => 14,
            Self::ReadMembers => 15,
            Self::ReadAddresses => 16,
            Self::ManageTeams => 17,
            Self::InviteMembers => 18,
            Self::ChangeRoles => 19,
            Self::ManageRoles => 20,
            Self::RemoveMembers => 21,
            Self::RevokeTokens => 22,
            Self::ChangeSettings => 23,
            // 24 was that of taking the whole workspace away, which no operation gives to people.
            Self::ManageSignIn => 25,
            Self::ReadRecord => 26,
        }
    }
}

const OWN_TIME: &[Right] = &[
    Right::ReadOwnTime,
    Right::EditOwnTime,
    Right::ReadTime,
    Right::EditTime,
    Right::ReadHistory,
    Right::ReadReports,
    Right::ExportReports,
];
const SEEN_TIME: &[Right] = &[Right::ReadTime, Right::ReadHistory, Right::ReadMembers];
const CHANGED_TIME: &[Right] =
    &[Right::ReadTime, Right::ReadHistory, Right::EditTime, Right::ReadMembers];
const REPORTS: &[Right] = &[Right::ReadReports, Right::ExportReports];
const SEEN_PROJECTS: &[Right] = &[Right::ReadProjects, Right::ReadTasks, Right::ReadClients];
const RUN: &[Right] = &[
    Right::ReadProjects,
    Right::ReadTasks,
    Right::ReadClients,
    Right::ManageTasks,
    Right::ReadProjectMembers,
    Right::ManageProjectMembers,
];

const AT_ALL: &[Relation] = &[Relation::Workspace];
const MANAGED: &[Relation] = &[Relation::ManagedMember, Relation::ManagedProject];
const ON_PROJECTS: &[Relation] = &[Relation::ManagedProject, Relation::BookableProject];
const PEOPLE: &[Relation] = &[Relation::ManagedMember, Relation::Other, Relation::Workspace];
const PROJECTS: &[Relation] = &[
    Relation::ManagedProject,
    Relation::ClientProject,
    Relation::BookableProject,
    Relation::Other,
    Relation::Workspace,
];
const EVERYTHING: &[Relation] = &[
    Relation::ManagedMember,
    Relation::ManagedProject,
    Relation::ClientProject,
    Relation::BookableProject,
    Relation::Other,
    Relation::Workspace,
];

/// What a role of a workspace's own is built of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Grants(i64);

impl Grants {
    /// These.
    pub fn of(grants: impl IntoIterator<Item = Grant>) -> Self {
        Self(grants.into_iter().fold(0, |bits, grant| bits | (1 << grant.number())))
    }

    /// As they are stored: a bit each. One that this program does not know gives nothing.
    pub const fn from_bits(bits: i64) -> Self {
        Self(bits)
    }

    /// As they are stored.
    pub const fn bits(self) -> i64 {
        self.0
    }

    /// Whether it is among them.
    pub const fn has(self, grant: Grant) -> bool {
        (self.0 >> grant.number()) & 1 == 1
    }

    /// Each of them, in the order of declaration.
    pub fn iter(self) -> impl Iterator<Item = Grant> {
        Grant::ALL.iter().copied().filter(move |grant| self.has(*grant))
    }

    /// Whether one of them gives this right over a target of this relation.
    pub fn give(self, right: Right, relation: Relation) -> bool {
        self.iter().any(|grant| grant.gives(right, relation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::{Role, allowed};

    #[test]
    fn each_has_a_number_of_its_own() {
        let all = Grants::of(Grant::ALL.iter().copied());
        assert_eq!(all.iter().collect::<Vec<_>>(), Grant::ALL);
        assert_eq!(usize::try_from(all.bits().count_ones()).unwrap(), Grant::ALL.len());
        assert!(all.bits() > 0, "as an integer of both engines");
        for grant in Grant::ALL {
            let alone = Grants::of([*grant]);
            assert_eq!(Grants::from_bits(alone.bits()).iter().collect::<Vec<_>>(), [*grant]);
        }
        assert_eq!(Grants::from_bits(1 << 60).iter().count(), 0, "a newer one gives nothing");
    }

    /// What an admin may, a role can be built of; and nothing of what only owners may.
    #[test]
    fn together_they_are_what_an_admin_may() {
        let all = Grants::of(Grant::ALL.iter().copied());
        for right in Right::ALL {
            for relation in Relation::ALL {
                let built = all.give(*right, *relation) || allowed(Role::Own, *right, *relation);
                assert_eq!(built, allowed(Role::Admin, *right, *relation), "{right} {relation}");
            }
        }
    }
}

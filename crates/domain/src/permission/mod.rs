//! Who may do what: one table of rights, by role and by how the target relates to the actor.
//!
//! Whether something belongs to the actor, or to a project or team they manage, is looked up by the
//! operation; the answer comes from [`allowed`] alone, and for a role of a workspace's own from the
//! [`Grant`]s it was built of ([`Standing`] asks the right one). What is not written in the table is
//! denied. The whole of it is printed in `table.golden.txt`, so that a change is seen in review
//! (`UPDATE_GOLDEN=1 cargo test -p domain` writes it anew).
//!
//! Roles are sets of rights and no ladder: an accountant sees what a manager does not, and changes
//! nothing that a manager changes.
//!
//! Deliberately absent: exceptions per person, and states. That an approved entry is frozen for
//! everyone is a rule of entries, not of rights.

mod grant;
mod standing;
mod table;

pub use grant::{Grant, Grants};
pub use standing::{Assignment, Incomplete, Standing, may_assign};
pub use table::{OF_OWNERS, allowed};

use crate::choice::choice;

choice! {
    /// What a member is in a workspace.
    Role {
        /// A guest: sees the reports of the projects of the client they are a guest for.
        Client => "client",
        /// Sees everything that can be checked, and changes nothing.
        Auditor => "auditor",
        /// Tracks time, and sees everybody's to bill it.
        Accountant => "accountant",
        /// Tracks time.
        Member => "member",
        /// Also answers for the projects and teams they manage.
        Manager => "manager",
        /// Runs the workspace.
        Admin => "admin",
        /// Also owns it: its keys, its owners and its end.
        Owner => "owner",
        /// Has a role that the workspace built itself, of single [`Grant`]s.
        Own => "own",
    }
}

impl Role {
    /// Its word for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Client => "Client",
            Self::Auditor => "Auditor",
            Self::Accountant => "Accountant",
            Self::Member => "Member",
            Self::Manager => "Manager",
            Self::Admin => "Admin",
            Self::Owner => "Owner",
            Self::Own => "A role made here",
        }
    }

    /// What it may, in a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Client => {
                "A guest who sees the reports of one client’s projects, and nothing else."
            }
            Self::Auditor => {
                "Sees all time, reports and the record of everything, and changes nothing."
            }
            Self::Accountant => {
                "Tracks their own time; sees all time, reports, clients and projects, and can take \
                 reports away. Changes no time of others."
            }
            Self::Member => "Tracks and sees their own time.",
            Self::Manager => {
                "Also sees and changes the time on the projects, and of the teams, that they manage."
            }
            Self::Admin => {
                "Runs the workspace: everybody’s time, projects, clients, people, roles and settings."
            }
            Self::Owner => "Also makes owners, and makes signing in stricter.",
            Self::Own => "A role made here, of single rights.",
        }
    }
}

choice! {
    /// How the target of an act relates to the actor. The closest that fits is the one to ask with,
    /// in the order of declaration.
    Relation {
        /// The actor's own: their entry, membership, token, profile, what happened to these.
        Own => "own",
        /// A member of a team the actor manages, or what is theirs: their time, on any project.
        ManagedMember => "managed_member",
        /// A project the actor manages, or what belongs to it: its tasks, members, time, client.
        ManagedProject => "managed_project",
        /// A project of the client the actor is a guest for, or what belongs to it.
        ClientProject => "client_project",
        /// A project the actor may book on, or what belongs to it.
        BookableProject => "bookable_project",
        /// One thing, or one person, to which none of the above applies.
        Other => "other",
        /// The workspace as a whole: what has no owner (settings, tags), creating what has no
        /// relation yet, and reading everything at once.
        Workspace => "workspace",
    }
}

choice! {
    /// Something a role may or may not do.
    Right {
        /// Start, stop, discard and add time of one's own on the target project, or on none.
        TrackTime => "track_time",
        /// See one's own entries and totals.
        ReadOwnTime => "read_own_time",
        /// Change, split and delete one's own entries.
        EditOwnTime => "edit_own_time",
        /// See entries and running timers of others on the target.
        ReadTime => "read_time",
        /// Add, change, stop, split and delete entries of others on the target.
        EditTime => "edit_time",
        /// See projects: name, client, colour, state.
        ReadProjects => "read_projects",
        /// See the tasks of the target project.
        ReadTasks => "read_tasks",
        /// Create, edit, archive, restore and delete projects.
        ManageProjects => "manage_projects",
        /// Create, edit, archive and delete tasks of the target project.
        ManageTasks => "manage_tasks",
        /// See who is on the target project.
        ReadProjectMembers => "read_project_members",
        /// Put members on the target project and take them off; say who manages it.
        ManageProjectMembers => "manage_project_members",
        /// See clients.
        ReadClients => "read_clients",
        /// Create, edit, archive and delete clients.
        ManageClients => "manage_clients",
        /// See and use tags.
        ReadTags => "read_tags",
        /// Create a tag while entering time.
        CreateTag => "create_tag",
        /// Rename, archive, merge and delete tags.
        ManageTags => "manage_tags",
        /// See members: name, role, state.
        ReadMembers => "read_members",
        /// See the e-mail addresses of others.
        ReadAddresses => "read_addresses",
        /// See teams and who is in them.
        ReadTeams => "read_teams",
        /// Create, rename, archive and delete teams; say who is in them and who manages them.
        ManageTeams => "manage_teams",
        /// Invite people, see invitations and take them back.
        InviteMembers => "invite_members",
        /// Change roles, as far as [`may_assign`] goes.
        ChangeRoles => "change_roles",
        /// See what each role may do.
        ReadRoles => "read_roles",
        /// Create, change and delete roles of the workspace's own.
        ManageRoles => "manage_roles",
        /// Remove members and let them in again.
        RemoveMembers => "remove_members",
        /// Leave the workspace.
        LeaveWorkspace => "leave_workspace",
        /// See totals and reports over the target.
        ReadReports => "read_reports",
        /// Take reports and entries away as files (CSV and others).
        ExportReports => "export_reports",
        /// See what happened to the target and who did it.
        ReadHistory => "read_history",
        /// See the record: everything that happened in the workspace, and who did it.
        ReadRecord => "read_record",
        /// See the settings of the workspace, which everyone's time is counted by.
        ReadSettings => "read_settings",
        /// Change the settings of the workspace.
        ChangeSettings => "change_settings",
        /// See and change how people may come in: the sign-in policy.
        ManageSignIn => "manage_sign_in",
        /// Make the sign-in policy stricter than it is.
        NarrowSignIn => "narrow_sign_in",
        /// Change one's name, zone, clock and language.
        EditOwnProfile => "edit_own_profile",
        /// Create, see and revoke one's own API tokens.
        ManageOwnTokens => "manage_own_tokens",
        /// See that others have tokens, and revoke them.
        RevokeTokens => "revoke_tokens",
        /// Take away everything about oneself.
        ExportOwnData => "export_own_data",
        /// Take away the whole workspace: the operator does, in the name of an owner.
        ExportWorkspace => "export_workspace",
        /// Make another member owner.
        TransferOwnership => "transfer_ownership",
        /// Ask for a reset of the second factors of somebody who has lost them.
        ResetFactors => "reset_factors",
        /// Let who runs the instance look into the workspace, refuse it, and end it.
        GrantSupport => "grant_support",
    }
}

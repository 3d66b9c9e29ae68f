//! Who may do what: one table of rights, by role and by how the target relates to the actor.
//!
//! Whether something belongs to the actor, or to a project they manage, is looked up by the
//! operation; the answer comes from [`allowed`] alone. What is not written in the table is denied.
//! The whole of it is printed in `permission.golden.txt`, so that a change is seen in review
//! (`UPDATE_GOLDEN=1 cargo test -p domain` writes it anew).
//!
//! Deliberately absent: exceptions per person, and states. That an approved entry is frozen for
//! everyone is a rule of entries, not of rights.

use crate::choice::choice;

choice! {
    /// What a member is in a workspace, each able to do all that the one before it can.
    Role {
        /// Tracks time.
        Member => "member",
        /// Also answers for the projects they manage.
        Manager => "manager",
        /// Also runs the workspace.
        Admin => "admin",
        /// Also owns it: its keys, its owners and its end.
        Owner => "owner",
    }
}

choice! {
    /// How the target of an act relates to the actor. The closest that fits is the one to ask with,
    /// in the order of declaration.
    Relation {
        /// The actor's own: their entry, membership, token, profile, what happened to these.
        Own => "own",
        /// A project the actor manages, or what belongs to it: its tasks, members, time, client.
        ManagedProject => "managed_project",
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
        /// See projects and tasks: name, client, colour, state.
        ReadProjects => "read_projects",
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
        /// Invite people, see invitations and take them back.
        InviteMembers => "invite_members",
        /// Change roles, as far as [`may_assign`] goes.
        ChangeRoles => "change_roles",
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
        /// See the settings of the workspace, which everyone's time is counted by.
        ReadSettings => "read_settings",
        /// Change the settings of the workspace.
        ChangeSettings => "change_settings",
        /// See and change how people may come in: the sign-in policy.
        ManageSignIn => "manage_sign_in",
        /// Change one's name, zone, clock and language.
        EditOwnProfile => "edit_own_profile",
        /// Create, see and revoke one's own API tokens.
        ManageOwnTokens => "manage_own_tokens",
        /// See that others have tokens, and revoke them.
        RevokeTokens => "revoke_tokens",
        /// Take away everything about oneself.
        ExportOwnData => "export_own_data",
        /// Take away the whole workspace.
        ExportWorkspace => "export_workspace",
        /// Make another member owner.
        TransferOwnership => "transfer_ownership",
        /// Rotate and destroy keys, erase people.
        ManageKeys => "manage_keys",
        /// Delete the workspace.
        DeleteWorkspace => "delete_workspace",
    }
}

/// Whether `role` gives `right` over a target of this `relation`.
///
/// ```
/// use domain::permission::{Relation, Right, Role, allowed};
/// assert!(allowed(Role::Manager, Right::EditTime, Relation::ManagedProject));
/// assert!(!allowed(Role::Manager, Right::EditTime, Relation::Other));
/// ```
pub fn allowed(role: Role, right: Right, relation: Relation) -> bool {
    least_role(right, relation).is_some_and(|least| role >= least)
}

/// The least role that gives `right`; none when nobody has it.
const fn least_role(right: Right, relation: Relation) -> Option<Role> {
    use Role::{Admin, Manager, Member, Owner};
    type Row = [Option<Role>; 5];
    const fn row(
        own: Option<Role>,
        managed: Option<Role>,
        bookable: Option<Role>,
        other: Option<Role>,
        workspace: Option<Role>,
    ) -> Row {
        [own, managed, bookable, other, workspace]
    }
    const NO: Option<Role> = None;
    const MEM: Option<Role> = Some(Member);
    const MAN: Option<Role> = Some(Manager);
    const ADM: Option<Role> = Some(Admin);
    const OWN: Option<Role> = Some(Owner);

    let [own, managed, bookable, other, workspace] = match right {
        //                                       own  managed bookable other workspace
        Right::TrackTime => row(MEM, MEM, MEM, ADM, MEM),
        Right::ReadOwnTime
        | Right::EditOwnTime
        | Right::LeaveWorkspace
        | Right::EditOwnProfile
        | Right::ManageOwnTokens
        | Right::ExportOwnData => row(MEM, NO, NO, NO, NO),
        Right::ReadTime
        | Right::EditTime
        | Right::ReadReports
        | Right::ExportReports
        | Right::ReadHistory => row(MEM, MAN, ADM, ADM, ADM),
        Right::ReadProjects | Right::ReadClients => row(NO, MEM, MEM, ADM, ADM),
        Right::ManageProjects | Right::ManageClients => row(NO, ADM, ADM, ADM, ADM),
        Right::ManageTasks | Right::ReadProjectMembers | Right::ManageProjectMembers => {
            row(NO, MAN, ADM, ADM, ADM)
        }
        Right::ReadTags | Right::CreateTag | Right::ReadSettings => row(NO, NO, NO, NO, MEM),
        Right::ReadMembers => row(MEM, MAN, MAN, MAN, MAN),
        Right::ChangeRoles => row(ADM, NO, NO, ADM, ADM),
        Right::RemoveMembers | Right::RevokeTokens => row(NO, NO, NO, ADM, ADM),
        Right::ManageTags
        | Right::InviteMembers
        | Right::ChangeSettings
        | Right::ManageSignIn
        | Right::ExportWorkspace => row(NO, NO, NO, NO, ADM),
        Right::TransferOwnership | Right::ManageKeys | Right::DeleteWorkspace => {
            row(NO, NO, NO, NO, OWN)
        }
    };
    match relation {
        Relation::Own => own,
        Relation::ManagedProject => managed,
        Relation::BookableProject => bookable,
        Relation::Other => other,
        Relation::Workspace => workspace,
    }
}

/// Whether `actor` may turn a member with role `current` (none: an invitation) into a `new` one.
///
/// An owner may all; an admin neither makes owners nor changes them; others nothing. That a
/// workspace keeps at least one owner is the operation's rule, since only it can count them.
pub fn may_assign(actor: Role, current: Option<Role>, new: Role) -> bool {
    match actor {
        Role::Owner => true,
        Role::Admin => current != Some(Role::Owner) && new != Role::Owner,
        Role::Manager | Role::Member => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/permission.golden.txt");

    fn printed_table() -> String {
        let mut lines = vec![format!(
            "{:<24}{:<18}{:<8}{:<9}{:<7}owner",
            "right", "relation", "member", "manager", "admin"
        )];
        for right in Right::ALL {
            for relation in Relation::ALL {
                let [member, manager, admin, owner] =
                    [Role::Member, Role::Manager, Role::Admin, Role::Owner]
                        .map(|role| if allowed(role, *right, *relation) { "yes" } else { "-" });
                lines.push(format!(
                    "{right:<24}{relation:<18}{member:<8}{manager:<9}{admin:<7}{owner}"
                ));
            }
        }
        lines.join("\n") + "\n"
    }

    #[test]
    fn the_table_is_the_golden_file() {
        let printed = printed_table();
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(GOLDEN, &printed).unwrap();
        }
        let golden = std::fs::read_to_string(GOLDEN).unwrap_or_default();
        assert!(printed == golden, "rights changed: run with UPDATE_GOLDEN=1 and review the diff");
    }

    #[test]
    fn more_role_is_never_less_right() {
        for right in Right::ALL {
            for relation in Relation::ALL {
                for pair in Role::ALL.windows(2) {
                    assert!(
                        allowed(pair[1], *right, *relation) >= allowed(pair[0], *right, *relation)
                    );
                }
            }
            for role in Role::ALL {
                // Whoever may do it on a project they book on may on one they manage, and whoever
                // may do it anywhere may do it there.
                let [managed, bookable, other] =
                    [Relation::ManagedProject, Relation::BookableProject, Relation::Other]
                        .map(|relation| allowed(*role, *right, relation));
                assert!(managed >= bookable, "{right} {role}");
                let is_of_people = matches!(
                    right,
                    Right::ChangeRoles | Right::RemoveMembers | Right::RevokeTokens
                );
                assert!(is_of_people || bookable >= other, "{right} {role}");
            }
        }
    }

    #[test]
    fn an_admin_has_all_but_ownership_and_keys() {
        let owners_only: Vec<_> = Right::ALL
            .iter()
            .filter(|right| !Relation::ALL.iter().any(|r| allowed(Role::Admin, **right, *r)))
            .collect();
        assert_eq!(
            owners_only,
            [&Right::TransferOwnership, &Right::ManageKeys, &Right::DeleteWorkspace]
        );
        for right in Right::ALL {
            assert!(Relation::ALL.iter().any(|r| allowed(Role::Owner, *right, *r)), "{right}");
        }
    }

    #[test]
    fn a_member_touches_nothing_of_others() {
        use Relation::{BookableProject, ManagedProject, Other, Workspace};
        for right in Right::ALL {
            for relation in [ManagedProject, BookableProject, Other, Workspace] {
                let harmless = matches!(
                    right,
                    Right::TrackTime
                        | Right::ReadProjects
                        | Right::ReadClients
                        | Right::ReadTags
                        | Right::CreateTag
                        | Right::ReadSettings
                );
                assert!(harmless || !allowed(Role::Member, *right, relation), "{right} {relation}");
            }
        }
    }

    #[test]
    fn assigning_roles() {
        use Role::{Admin, Manager, Member, Owner};
        for (actor, current, new, expected) in [
            (Owner, Some(Owner), Member, true),
            (Owner, Some(Member), Owner, true),
            (Owner, None, Owner, true),
            (Admin, Some(Member), Admin, true),
            (Admin, Some(Admin), Member, true),
            (Admin, None, Manager, true),
            (Admin, Some(Owner), Admin, false),
            (Admin, Some(Member), Owner, false),
            (Admin, None, Owner, false),
            (Manager, None, Member, false),
            (Member, Some(Member), Member, false),
        ] {
            assert_eq!(may_assign(actor, current, new), expected, "{actor} {current:?} {new}");
        }
    }
}

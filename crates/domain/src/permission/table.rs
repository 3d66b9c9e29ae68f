//! The table: which roles have a right over a target of a relation.

use super::{Relation, Right, Role};

/// Whether `role` gives `right` over a target of this `relation`.
///
/// For [`Role::Own`] that is what everybody has; what it was built of is asked with
/// [`super::Standing::allows`].
///
/// ```
/// use domain::permission::{Relation, Right, Role, allowed};
/// assert!(allowed(Role::Manager, Right::EditTime, Relation::ManagedProject));
/// assert!(!allowed(Role::Manager, Right::EditTime, Relation::Other));
/// assert!(!allowed(Role::Accountant, Right::EditTime, Relation::ManagedProject));
/// ```
pub fn allowed(role: Role, right: Right, relation: Relation) -> bool {
    roles(right, relation).has(role)
}

/// What owners alone may, and no role of a workspace's own gives, in words.
pub const OF_OWNERS: [(Right, &str); 4] = [
    (Right::TransferOwnership, "Make owners, and make them something else"),
    (Right::NarrowSignIn, "Make signing in stricter"),
    (Right::ResetFactors, "Have a second step taken away, of somebody who has lost it"),
    (Right::GrantSupport, "Let who runs the server look into the workspace"),
];

/// Some of the roles.
#[derive(Clone, Copy)]
struct Roles(u16);

impl Roles {
    const fn of(roles: &[Role]) -> Self {
        let mut bits = 0;
        let mut rest = roles;
        while let [role, others @ ..] = rest {
            bits |= Self::bit(*role);
            rest = others;
        }
        Self(bits)
    }

    const fn and(self, more: &[Role]) -> Self {
        Self(self.0 | Self::of(more).0)
    }

    const fn has(self, role: Role) -> bool {
        self.0 & Self::bit(role) != 0
    }

    const fn bit(role: Role) -> u16 {
        match role {
            Role::Client => 1,
            Role::Auditor => 1 << 1,
            Role::Accountant => 1 << 2,
            Role::Member => 1 << 3,
            Role::Manager => 1 << 4,
            Role::Admin => 1 << 5,
            Role::Owner => 1 << 6,
            Role::Own => 1 << 7,
        }
    }
}

/// Nobody.
const NO: Roles = Roles::of(&[]);
/// Who owns the workspace.
const OWN: Roles = Roles::of(&[Role::Owner]);
/// Who runs the workspace.
const ADM: Roles = OWN.and(&[Role::Admin]);
/// Who answers for what they manage.
const MAN: Roles = ADM.and(&[Role::Manager]);
/// Who checks what was done.
const REC: Roles = ADM.and(&[Role::Auditor]);
/// Who sees everything.
const SEE: Roles = ADM.and(&[Role::Accountant, Role::Auditor]);
/// Who sees everything, or what they manage.
const LED: Roles = SEE.and(&[Role::Manager]);
/// Who sees everything, or the projects of their client.
const GUE: Roles = SEE.and(&[Role::Client]);
/// Who tracks time.
const TRA: Roles = MAN.and(&[Role::Member, Role::Accountant]);
/// Who belongs to the house, with a role that every workspace has.
const HOU: Roles = TRA.and(&[Role::Auditor]);
/// Who belongs to the house.
const OUR: Roles = HOU.and(&[Role::Own]);
/// Everybody.
const ALL: Roles = OUR.and(&[Role::Client]);

/// The roles that have `right` over a target of this `relation`.
const fn roles(right: Right, relation: Relation) -> Roles {
    let row = match right {
        // own, managed member, managed project, client project, bookable project, other, workspace
        Right::TrackTime => [TRA, NO, TRA, ADM, TRA, ADM, TRA],
        Right::ReadOwnTime => [HOU, NO, NO, NO, NO, NO, NO],
        Right::EditOwnTime => [TRA, NO, NO, NO, NO, NO, NO],
        Right::LeaveWorkspace
        | Right::EditOwnProfile
        | Right::ManageOwnTokens
        | Right::ExportOwnData => [ALL, NO, NO, NO, NO, NO, NO],
        Right::ReadTime | Right::ReadHistory => [HOU, LED, LED, SEE, SEE, SEE, SEE],
        Right::EditTime => [TRA, MAN, MAN, ADM, ADM, ADM, ADM],
        Right::ReadReports | Right::ExportReports => [HOU, LED, LED, GUE, SEE, SEE, SEE],
        Right::ReadProjects | Right::ReadClients => [NO, NO, HOU, GUE, HOU, SEE, SEE],
        Right::ReadTasks => [NO, NO, HOU, SEE, HOU, SEE, SEE],
        Right::ManageProjects | Right::ManageClients => [NO, NO, ADM, ADM, ADM, ADM, ADM],
        Right::ManageTasks | Right::ManageProjectMembers => [NO, NO, MAN, ADM, ADM, ADM, ADM],
        Right::ReadProjectMembers => [NO, NO, LED, SEE, SEE, SEE, SEE],
        Right::ReadTags => [NO, NO, NO, NO, NO, NO, HOU],
        Right::CreateTag => [NO, NO, NO, NO, NO, NO, TRA],
        Right::ReadSettings | Right::ReadRoles => [NO, NO, NO, NO, NO, NO, OUR],
        Right::ReadMembers => [ALL, LED, LED, LED, LED, LED, LED],
        Right::ReadAddresses => [ALL, ADM, NO, NO, NO, ADM, ADM],
        Right::ReadTeams => [NO, NO, NO, NO, NO, NO, LED],
        Right::ChangeRoles => [ADM, ADM, NO, NO, NO, ADM, ADM],
        Right::RemoveMembers | Right::RevokeTokens => [NO, ADM, NO, NO, NO, ADM, ADM],
        Right::ManageTags
        | Right::ManageTeams
        | Right::InviteMembers
        | Right::ManageRoles
        | Right::ChangeSettings
        | Right::ManageSignIn => [NO, NO, NO, NO, NO, NO, ADM],
        Right::ReadRecord => [NO, NO, NO, NO, NO, NO, REC],
        Right::ResetFactors => [NO, OWN, NO, NO, NO, OWN, NO],
        // What keeps people out could keep owners out: see `SignInPolicy::is_stricter_than`.
        Right::NarrowSignIn
        | Right::TransferOwnership
        | Right::ExportWorkspace
        | Right::GrantSupport => [NO, NO, NO, NO, NO, NO, OWN],
    };
    let [own, led, managed, of_client, bookable, other, workspace] = row;
    match relation {
        Relation::Own => own,
        Relation::ManagedMember => led,
        Relation::ManagedProject => managed,
        Relation::ClientProject => of_client,
        Relation::BookableProject => bookable,
        Relation::Other => other,
        Relation::Workspace => workspace,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/permission/table.golden.txt");

    fn line(right: &str, relation: &str, cells: &[String]) -> String {
        let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:<12}")).collect();
        let cells = cells.concat();
        format!("{right:<24}{relation:<18}{cells}").trim_end().to_owned()
    }

    fn printed_table() -> String {
        let words: Vec<String> = Role::ALL.iter().map(ToString::to_string).collect();
        let mut lines = vec![line("right", "relation", &words)];
        for right in Right::ALL {
            for relation in Relation::ALL {
                let cell = |role: &Role| {
                    let word = if allowed(*role, *right, *relation) { "yes" } else { "-" };
                    word.to_owned()
                };
                let cells: Vec<String> = Role::ALL.iter().map(cell).collect();
                lines.push(line(right.as_str(), relation.as_str(), &cells));
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

    /// Every role, right and relation.
    fn cells() -> impl Iterator<Item = (Role, Right, Relation)> {
        let rights =
            Right::ALL.iter().flat_map(|right| Relation::ALL.iter().map(move |r| (right, r)));
        rights.flat_map(|(right, relation)| {
            Role::ALL.iter().map(move |role| (*role, *right, *relation))
        })
    }

    #[test]
    fn an_owner_may_what_anybody_may_and_an_admin_all_but_that_of_owners() {
        let of_owners = [
            Right::NarrowSignIn,
            Right::TransferOwnership,
            Right::ResetFactors,
            Right::ExportWorkspace,
            Right::GrantSupport,
        ];
        for (role, right, relation) in
            cells().filter(|(role, right, at)| allowed(*role, *right, *at))
        {
            assert!(allowed(Role::Owner, right, relation), "{role} {right} {relation}");
            let is_owners = of_owners.contains(&right);
            assert_eq!(allowed(Role::Admin, right, relation), !is_owners, "{right} {relation}");
        }
        // An export is a command at the server, which an owner's word lets go on.
        let told: Vec<Right> = OF_OWNERS.iter().map(|(right, _)| *right).collect();
        let untold: Vec<&Right> = of_owners.iter().filter(|right| !told.contains(right)).collect();
        assert_eq!(untold, [&Right::ExportWorkspace]);
        assert!(told.iter().all(|right| of_owners.contains(right)));
        for right in Right::ALL {
            assert!(Relation::ALL.iter().any(|r| allowed(Role::Owner, *right, *r)), "{right}");
        }
    }

    /// A member may all that a guest of the house may, a manager all that a member may.
    #[test]
    fn what_the_common_roles_add_up_to() {
        for pair in [Role::Own, Role::Member, Role::Manager, Role::Admin, Role::Owner].windows(2) {
            for (_, right, relation) in cells() {
                let (less, more) = (pair[0], pair[1]);
                assert!(
                    allowed(more, right, relation) || !allowed(less, right, relation),
                    "{less} {right} {relation}"
                );
            }
        }
    }

    /// Whoever may do it on a project they book on may on one they manage, and whoever may do it
    /// anywhere may do it there, also on one of a client of theirs, and to a member of a team.
    #[test]
    fn what_is_closer_gives_no_less() {
        for (role, right, relation) in cells() {
            let may = |relation| allowed(role, right, relation);
            let is_of_people = matches!(
                right,
                Right::ChangeRoles
                    | Right::RemoveMembers
                    | Right::RevokeTokens
                    | Right::ReadAddresses
                    | Right::ResetFactors
            );
            let is_of_projects = matches!(
                right,
                Right::TrackTime
                    | Right::ReadProjects
                    | Right::ReadTasks
                    | Right::ReadClients
                    | Right::ManageProjects
                    | Right::ManageClients
                    | Right::ManageTasks
                    | Right::ReadProjectMembers
                    | Right::ManageProjectMembers
            );
            let closer: &[Relation] = match relation {
                Relation::BookableProject => &[Relation::ManagedProject],
                Relation::Other if is_of_people => &[Relation::ManagedMember],
                Relation::Other if is_of_projects => {
                    &[Relation::ClientProject, Relation::BookableProject]
                }
                Relation::Other => {
                    &[Relation::ClientProject, Relation::BookableProject, Relation::ManagedMember]
                }
                _ => &[],
            };
            for closer in closer.iter().filter(|_| may(relation)) {
                assert!(may(*closer), "{role} {right} {closer} below {relation}");
            }
        }
    }

    /// What changes something of others, or of the workspace.
    const CHANGES: &[Right] = &[
        Right::EditTime,
        Right::ManageProjects,
        Right::ManageTasks,
        Right::ManageProjectMembers,
        Right::ManageClients,
        Right::ManageTags,
        Right::ManageTeams,
        Right::InviteMembers,
        Right::ChangeRoles,
        Right::ManageRoles,
        Right::RemoveMembers,
        Right::RevokeTokens,
        Right::ChangeSettings,
        Right::ManageSignIn,
        Right::NarrowSignIn,
        Right::TransferOwnership,
        Right::ResetFactors,
        Right::GrantSupport,
    ];

    #[test]
    fn who_only_sees_changes_nothing_of_others() {
        for (role, right, relation) in cells() {
            let only_sees = matches!(
                role,
                Role::Client | Role::Auditor | Role::Accountant | Role::Member | Role::Own
            );
            if only_sees && relation != Relation::Own && CHANGES.contains(&right) {
                assert!(!allowed(role, right, relation), "{role} {right} {relation}");
            }
        }
        let tracks = [Right::TrackTime, Right::EditOwnTime, Right::EditTime, Right::CreateTag];
        for (role, right, relation) in cells() {
            if matches!(role, Role::Client | Role::Auditor | Role::Own) && tracks.contains(&right) {
                assert!(!allowed(role, right, relation), "{role} {right} {relation}");
            }
        }
    }

    /// A guest sees reports of their client's projects, their own profile, and nothing else.
    #[test]
    fn a_client_sees_their_projects_reports_alone() {
        for (_, right, relation) in cells().filter(|(role, _, _)| *role == Role::Client) {
            let is_theirs = match relation {
                Relation::Own => matches!(
                    right,
                    Right::LeaveWorkspace
                        | Right::EditOwnProfile
                        | Right::ManageOwnTokens
                        | Right::ExportOwnData
                        | Right::ReadMembers
                        | Right::ReadAddresses
                ),
                Relation::ClientProject => matches!(
                    right,
                    Right::ReadReports
                        | Right::ExportReports
                        | Right::ReadProjects
                        | Right::ReadClients
                ),
                _ => false,
            };
            assert_eq!(allowed(Role::Client, right, relation), is_theirs, "{right} {relation}");
        }
    }

    #[test]
    fn a_member_touches_nothing_of_others() {
        for (_, right, relation) in cells().filter(|(role, _, _)| *role == Role::Member) {
            let harmless = relation == Relation::Own
                || matches!(
                    right,
                    Right::TrackTime
                        | Right::ReadProjects
                        | Right::ReadTasks
                        | Right::ReadClients
                        | Right::ReadTags
                        | Right::CreateTag
                        | Right::ReadSettings
                        | Right::ReadRoles
                );
            assert!(harmless || !allowed(Role::Member, right, relation), "{right} {relation}");
        }
    }
}

//! Where one can go: only what exists, and only what the member may see.

/// A place in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// One's own days.
    Today,
    /// Entries of others.
    Time,
    /// Totals.
    Reports,
    /// Projects and their tasks.
    Projects,
    /// Clients.
    Clients,
    /// Tags.
    Tags,
    /// Members and invitations.
    People,
    /// Teams and who is in them.
    Teams,
    /// What each role may.
    Roles,
    /// Settings of the workspace.
    Settings,
    /// How people may come in.
    SignIn,
    /// Everything that was done.
    Record,
    /// One's profile.
    Profile,
    /// How and where one signs in.
    Security,
    /// One's API tokens.
    Tokens,
    /// The trash.
    Trash,
    /// Support access.
    Support,
}

/// What a member may see beyond their own.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each place that not everybody sees")]
pub struct Shown {
    /// Clients.
    pub clients: bool,
    /// Settings of the workspace.
    pub settings: bool,
    /// Entries of others.
    pub time: bool,
    /// How people may come in.
    pub sign_in: bool,
    /// One's own days: for who tracks time.
    pub today: bool,
    /// Projects.
    pub projects: bool,
    /// Tags.
    pub tags: bool,
    /// Teams.
    pub teams: bool,
    /// Roles.
    pub roles: bool,
    /// The record.
    pub record: bool,
    /// Totals.
    pub reports: bool,
    /// Members.
    pub people: bool,
    /// One's own profile and tokens.
    pub account: bool,
    /// How and where one signs in: at the door of a workspace this alone.
    pub security: bool,
}

/// Entries under a heading.
#[derive(Debug, Clone, Default)]
pub struct NavigationGroup {
    /// The heading.
    pub title: &'static str,
    /// The entries.
    pub entries: Vec<NavigationEntry>,
}

/// A link of the navigation.
#[derive(Debug, Clone, Default)]
pub struct NavigationEntry {
    /// A symbol of the sprite.
    pub icon: &'static str,
    /// Its name.
    pub label: &'static str,
    /// Its address.
    pub href: String,
    /// The key that goes there, small; empty without one.
    pub key: &'static str,
    /// Whether it stands in the bar of small screens.
    pub is_main: bool,
    /// Whether it is the page that is open.
    pub is_current: bool,
}

/// The navigation of a workspace. The last group is about oneself and stands at the foot.
pub fn navigation(root: &str, current: Place, shown: Shown) -> Vec<NavigationGroup> {
    let entry = |place, icon, label, path: &str, key| NavigationEntry {
        icon,
        label,
        href: format!("{root}/{path}"),
        key,
        is_main: matches!(place, Place::Today | Place::Reports | Place::Projects)
            || place == Place::Security && !shown.account,
        is_current: place == current,
    };
    let mut understand = Vec::new();
    if shown.time {
        understand.push(entry(Place::Time, "list", "Time", "time", ""));
    }
    if shown.reports {
        understand.push(entry(Place::Reports, "chart", "Reports", "reports", "r"));
    }
    if shown.projects {
        understand.push(entry(Place::Projects, "folder", "Projects", "projects", "p"));
    }
    if shown.clients {
        understand.push(entry(Place::Clients, "client", "Clients", "clients", ""));
    }
    if shown.tags {
        understand.push(entry(Place::Tags, "tag", "Tags", "tags", ""));
    }
    let mut team = Vec::new();
    if shown.people {
        team.push(entry(Place::People, "people", "People", "people", ""));
    }
    if shown.teams {
        team.push(entry(Place::Teams, "people", "Teams", "teams", ""));
    }
    if shown.roles {
        team.push(entry(Place::Roles, "check", "Roles", "roles", ""));
    }
    if shown.settings {
        team.push(entry(Place::Settings, "settings", "Settings", "settings", ""));
    }
    if shown.sign_in {
        team.push(entry(Place::SignIn, "shield", "Sign-in", "sign-in-policy", ""));
    }
    if shown.record {
        team.push(entry(Place::Record, "list", "Record", "record", ""));
    }
    if shown.record && shown.account {
        team.push(entry(Place::Support, "shield", "Support access", "support", ""));
    }
    let mut track = Vec::new();
    if shown.today {
        track.push(entry(Place::Today, "clock", "Today", "today", "t"));
        track.push(entry(Place::Trash, "trash", "Trash", "trash", ""));
    }
    let mut own = Vec::new();
    if shown.account {
        own.push(entry(Place::Profile, "person", "My profile", "profile", ""));
    }
    if shown.security {
        own.push(entry(Place::Security, "lock", "My security", "security", ""));
    }
    if shown.account {
        own.push(entry(Place::Tokens, "key", "API tokens", "tokens", ""));
    }
    let mut groups = vec![
        NavigationGroup { title: "Track", entries: track },
        NavigationGroup { title: "Understand", entries: understand },
        NavigationGroup { title: "Team", entries: team },
        NavigationGroup { title: "You", entries: own },
    ];
    groups.retain(|group| !group.entries.is_empty());
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_entry_is_current_and_keys_are_unique() {
        let shown = Shown {
            clients: true,
            settings: true,
            time: true,
            today: true,
            projects: true,
            tags: true,
            teams: true,
            roles: true,
            sign_in: true,
            record: true,
            reports: true,
            people: true,
            account: true,
            security: true,
        };
        let entries: Vec<_> = navigation("/w/1", Place::Tags, shown)
            .into_iter()
            .flat_map(|group| group.entries)
            .collect();
        assert_eq!(entries.iter().filter(|entry| entry.is_current).count(), 1);
        let mut keys: Vec<_> =
            entries.iter().map(|entry| entry.key).filter(|key| !key.is_empty()).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["p", "r", "t"]);
        let member = Shown { people: true, account: true, ..Shown::default() };
        assert_eq!(navigation("/w/1", Place::Tags, member).len(), 2);
        let at_the_door = Shown { security: true, ..Shown::default() };
        let [you] = &navigation("/w/1", Place::Security, at_the_door)[..] else { panic!() };
        let [only] = &you.entries[..] else { panic!() };
        assert!(only.is_main && only.href == "/w/1/security", "{only:?}");
    }
}

//! What support access to a workspace reaches: some areas of it, to be read, and changed only where
//! that was asked for and given.
//!
//! An operator is no member and has no role. What they may see is said right by right in one table
//! ([`Areas::cover`]); what is not written there is denied, to whoever gives it. Deliberately absent:
//! anything of how people sign in, their addresses, tokens and secrets, giving roles, and the settings
//! themselves: no area reaches these.

use crate::{
    choice::choice,
    permission::{Grant, Grants, Right, Standing},
};

choice! {
    /// A part of a workspace that support can be let into.
    Area {
        /// Everybody's time entries, and the trash of them.
        Time => "time",
        /// Totals and charts.
        Reports => "reports",
        /// Clients, projects, tasks and tags.
        Projects => "projects",
        /// Who is there, teams and roles; no addresses.
        People => "people",
        /// The settings of the workspace; never how people sign in.
        Settings => "settings",
        /// What was done, and by whom.
        Record => "record",
        /// Everything as files, by the operator's command. `all` does not hold it.
        Export => "export",
    }
}

impl Area {
    /// Its word for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Time => "Time",
            Self::Reports => "Reports",
            Self::Projects => "Projects, clients and tags",
            Self::People => "People, teams and roles",
            Self::Settings => "Settings",
            Self::Record => "The record",
            Self::Export => "Everything, as files",
        }
    }

    const fn bit(self) -> i64 {
        match self {
            Self::Time => 1,
            Self::Reports => 1 << 1,
            Self::Projects => 1 << 2,
            Self::People => 1 << 3,
            Self::Settings => 1 << 4,
            Self::Record => 1 << 5,
            Self::Export => 1 << 6,
        }
    }

    /// What it lets one see.
    const fn shows(self) -> &'static [Right] {
        match self {
            Self::Time => &[Right::ReadTime],
            Self::Reports => &[Right::ReadReports],
            Self::Projects => {
                &[Right::ReadProjects, Right::ReadTasks, Right::ReadClients, Right::ReadTags]
            }
            Self::People => {
                &[Right::ReadMembers, Right::ReadTeams, Right::ReadRoles, Right::ReadProjectMembers]
            }
            Self::Settings => &[Right::ReadSettings],
            Self::Record => &[Right::ReadRecord, Right::ReadHistory],
            Self::Export => &[],
        }
    }

    /// What it lets one change where that was given: nothing that gives power to anybody.
    const fn changes(self) -> &'static [Right] {
        match self {
            Self::Time => &[Right::EditTime],
            Self::Projects => &[
                Right::ManageProjects,
                Right::ManageTasks,
                Right::ManageClients,
                Right::ManageTags,
            ],
            Self::Reports | Self::People | Self::Settings | Self::Record | Self::Export => &[],
        }
    }
}

/// Some areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Areas(i64);

/// A text that names no areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no areas")]
pub struct NoAreas;

/// All that can be looked at in a browser.
const ALL: &str = "all";

impl Areas {
    /// These.
    pub fn of(areas: impl IntoIterator<Item = Area>) -> Self {
        Self(areas.into_iter().fold(0, |bits, area| bits | area.bit()))
    }

    /// As they are stored: a bit each. One that this program does not know reaches nothing.
    pub const fn from_bits(bits: i64) -> Self {
        Self(bits)
    }

    /// As they are stored.
    pub const fn bits(self) -> i64 {
        self.0
    }

    /// Reads words with commas between them; `all` stands for every area but the export.
    ///
    /// Errors: [`NoAreas`] for an unknown word, and for none.
    ///
    /// ```
    /// use domain::support::{Area, Areas};
    /// let areas = Areas::parse("reports, settings").unwrap();
    /// assert!(areas.has(Area::Reports) && !areas.has(Area::Time));
    /// assert!(!Areas::parse("all").unwrap().has(Area::Export));
    /// assert!(Areas::parse("everything").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, NoAreas> {
        let all = || Self::of(Area::ALL.iter().copied().filter(|area| *area != Area::Export));
        text.split(',').map(str::trim).try_fold(Self::default(), |areas, word| match word {
            ALL => Ok(Self(areas.0 | all().0)),
            word => Ok(Self(areas.0 | word.parse::<Area>().map_err(|_| NoAreas)?.bit())),
        })
    }

    /// Whether it is among them.
    pub const fn has(self, area: Area) -> bool {
        self.0 & area.bit() != 0
    }

    /// Each of them, in the order of declaration.
    pub fn iter(self) -> impl Iterator<Item = Area> {
        Area::ALL.iter().copied().filter(move |area| self.has(*area))
    }

    /// Their words, with commas between them.
    pub fn words(self) -> String {
        self.iter().map(Area::as_str).collect::<Vec<_>>().join(",")
    }

    /// Whether a right is within reach.
    pub fn cover(self, right: Right, may_write: bool) -> bool {
        self.iter().any(|area| {
            area.shows().contains(&right) || may_write && area.changes().contains(&right)
        })
    }
}

/// Over what a right that [`Areas::cover`] leaves reaches: all of the workspace, and nothing of one's
/// own, since support has nothing of its own there.
pub fn standing(may_write: bool) -> Standing {
    const SEE: [Grant; 5] = [
        Grant::ReadAllTime,
        Grant::ReadAllReports,
        Grant::ReadProjects,
        Grant::ReadMembers,
        Grant::ReadRecord,
    ];
    const CHANGE: [Grant; 5] = [
        Grant::EditAllTime,
        Grant::ManageProjects,
        Grant::ManageClients,
        Grant::RunAllProjects,
        Grant::ManageTags,
    ];
    let change = if may_write { CHANGE.as_slice() } else { &[] };
    // Who is on a project is a right of those who look after it.
    let see = SEE.iter().chain([&Grant::RunAllProjects]);
    Standing::of(Grants::of(see.chain(change).copied()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::Relation;

    fn all() -> Areas {
        Areas::of(Area::ALL.iter().copied())
    }

    #[test]
    fn words_and_bits_round_trip() {
        for area in Area::ALL {
            let alone = Areas::of([*area]);
            assert_eq!(Areas::parse(area.as_str()), Ok(alone));
            assert_eq!(Areas::from_bits(alone.bits()).iter().collect::<Vec<_>>(), [*area]);
        }
        assert_eq!(Areas::parse(&all().words()), Ok(all()));
        for text in ["", " ", ",", "time,", "Time", "time reports", "tokens", "all,secrets"] {
            assert_eq!(Areas::parse(text), Err(NoAreas), "{text:?}");
        }
        assert_eq!(Areas::from_bits(1 << 40).iter().count(), 0, "a newer one reaches nothing");
    }

    /// What reaches people's accounts, their secrets, and power over others.
    const NEVER: &[Right] = &[
        Right::TrackTime,
        Right::ReadOwnTime,
        Right::EditOwnTime,
        Right::ReadAddresses,
        Right::ManageProjectMembers,
        Right::ManageTeams,
        Right::InviteMembers,
        Right::ChangeRoles,
        Right::ManageRoles,
        Right::RemoveMembers,
        Right::LeaveWorkspace,
        Right::ExportReports,
        Right::ChangeSettings,
        Right::ManageSignIn,
        Right::NarrowSignIn,
        Right::EditOwnProfile,
        Right::ManageOwnTokens,
        Right::RevokeTokens,
        Right::ExportOwnData,
        Right::ExportWorkspace,
        Right::TransferOwnership,
        Right::ResetFactors,
        Right::GrantSupport,
        Right::CreateTag,
    ];

    #[test]
    fn no_area_reaches_accounts_secrets_or_power() {
        for right in Right::ALL {
            let is_reached = all().cover(*right, true);
            assert_eq!(is_reached, !NEVER.contains(right), "{right}");
        }
    }

    #[test]
    fn reading_changes_nothing() {
        let changes: Vec<Right> =
            Area::ALL.iter().flat_map(|area| area.changes()).copied().collect();
        assert!(changes.len() > 4);
        for right in changes {
            assert!(!all().cover(right, false), "{right}");
            assert!(all().cover(right, true), "{right}");
        }
    }

    /// Each right that an area covers is one that support then has over the whole workspace.
    #[test]
    fn what_is_covered_can_be_done() {
        let at_all = [Relation::Workspace, Relation::Other];
        for area in Area::ALL {
            for right in area.shows() {
                assert!(at_all.iter().any(|at| standing(false).allows(*right, *at)), "{right}");
            }
            for right in area.changes() {
                assert!(at_all.iter().any(|at| standing(true).allows(*right, *at)), "{right}");
            }
        }
        assert!(!Areas::default().cover(Right::ReadTime, true));
    }
}

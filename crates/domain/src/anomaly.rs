//! What is unusual: how often somebody does what an attacker would do, against how often they, or others of
//! the workspace, have done it on a day before.
//!
//! Days are UTC days. A limit is never below a floor, so that a small team is not told of its every step, and
//! never below three times the busiest of the last 28 days, so that each workspace has a measure of its own.

use crate::choice::choice;

/// How many days before today are looked at.
pub const DAYS: i64 = 28;

/// How often more than on the busiest day is unusual.
const TIMES: u32 = 3;

/// Whoever was active on so many days is measured by themselves, and not by others.
const KNOWN_DAYS: u32 = 5;

choice! {
    /// What is counted, on one day.
    Measure {
        /// Files taken away: reports, and everything at once.
        Exports => "exports",
        /// Other people whose time was looked at, each once a day.
        Looks => "looks",
        /// Things deleted, by whatever name.
        Deletions => "deletions",
        /// Changes of anything.
        Changes => "changes",
        /// Power given and taken: roles, invitations, tokens, how people sign in.
        Powers => "powers",
        /// Sign-ins.
        SignIns => "sign_ins",
        /// Sign-ins that failed, and locks.
        Failures => "failures",
        /// Changes of how somebody signs in: passwords, factors, addresses.
        Factors => "factors",
    }
}

/// Of whom it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// One person, or one program.
    One,
    /// All of the workspace together: what is spread over many is seen there.
    All,
}

/// The days before today, as far as they are looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Before {
    /// The count of the busiest day.
    pub busiest: u32,
    /// On how many days there was anything.
    pub days: u32,
}

impl Measure {
    /// What is counted, in words behind a number.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Exports => "files taken away",
            Self::Looks => "people whose time was looked at",
            Self::Deletions => "things deleted",
            Self::Changes => "changes",
            Self::Powers => "roles, invitations and tokens given",
            Self::SignIns => "sign-ins",
            Self::Failures => "failed sign-ins and locks",
            Self::Factors => "changes of how somebody signs in",
        }
    }

    /// So often a day nothing is unusual, in a team of whatever size; nothing where it is not counted.
    const fn floor(self, whose: Whose) -> Option<u32> {
        let (one, all) = match self {
            Self::Exports => (10, Some(30)),
            Self::Looks => (20, None),
            Self::Deletions => (30, Some(90)),
            // Whoever imports is one; all together have no measure that says anything.
            Self::Changes => (600, None),
            Self::Powers => (25, Some(60)),
            Self::SignIns => (15, Some(100)),
            Self::Failures => (10, Some(40)),
            Self::Factors => (12, Some(30)),
        };
        match whose {
            Whose::One => Some(one),
            Whose::All => all,
        }
    }

    /// Whether it is counted of these.
    pub const fn is_of(self, whose: Whose) -> bool {
        self.floor(whose).is_some()
    }

    /// More than so many on one day are unusual; nothing where it is not counted. `own` is of whom it is
    /// asked, `others` of the busiest one in the workspace, by whom somebody is measured who is new.
    pub fn limit(self, whose: Whose, own: Before, others: Before) -> Option<u32> {
        // Who never looks at others is not measured by those whose work it is.
        let is_own_matter = whose == Whose::All || self == Self::Looks;
        let is_known = is_own_matter || own.days >= KNOWN_DAYS;
        let busiest = if is_known { own.busiest } else { own.busiest.max(others.busiest) };
        self.floor(whose).map(|floor| floor.max(busiest.saturating_mul(TIMES)))
    }
}

#[cfg(test)]
mod tests;

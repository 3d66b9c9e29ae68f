//! Which table of an export shows which things, and which fact of their events each column shows.
//!
//! What no event tells stands here as [`How::Untold`], and every verdict lists it by name.

/// A table whose rows events tell of.
pub(super) struct Sheet {
    pub(super) table: &'static str,
    /// The kind of object in its events.
    pub(super) object: &'static str,
    /// The columns that name a row.
    pub(super) key: Key,
    /// Kinds of events after which there is the thing.
    pub(super) made: &'static [&'static str],
    /// Kinds of events that change it.
    pub(super) changed: &'static [&'static str],
    /// Kinds of events after which it is gone for good.
    pub(super) ended: &'static [&'static str],
    /// What an event of a kind says beside its facts.
    pub(super) stamps: &'static [(&'static str, &'static str, Stamp)],
    /// Facts that are not about the row: a deleted role keeps its name.
    pub(super) ignored: &'static [(&'static str, &'static str)],
    /// Facts that events of a kind tell under the name of another: who confirms is an `operator` too.
    pub(super) renamed: &'static [(&'static str, &'static str, &'static str)],
    /// Older versions had none of it: the file is needed where an event tells of it alone.
    pub(super) is_newer: bool,
    pub(super) columns: &'static [Column],
}

/// What names a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Id,
    /// The object of the events, and what the fact named here says. With it goes what is told of the
    /// first: the object has its own table.
    Pair {
        first: &'static str,
        second: &'static str,
        fact: &'static str,
        parent: &'static str,
    },
}

/// What an event says by its kind alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    /// When it was.
    At,
    /// That there is none.
    Nothing,
    /// Whom it is about.
    Subject,
    /// Who did it.
    Actor,
    /// Who did it, if they are a member.
    Member,
    /// When it was, the first time.
    First,
}

/// A column of a table.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) how: How,
}

/// How a column is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// It names the row.
    Key,
    /// By the last event that tells this fact; nothing, where none does.
    Told(&'static str, Shape),
    /// The same, but older versions did not tell it when the thing was made.
    ToldLater(&'static str, Shape),
    /// The fact is shown by another table.
    Elsewhere(&'static str),
    /// No event tells it.
    Untold,
}

/// How a value is written in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Id,
    Int,
    Flag,
    Word,
    Instant,
    /// An instant, cut to whole seconds.
    Second,
    Day,
    Text,
    /// A number with a bit for each right, that events tell in words.
    Rights,
    /// The same, of what support reaches.
    Areas,
}

const fn told(name: &'static str, fact: &'static str, shape: Shape) -> Column {
    Column { name, how: How::Told(fact, shape) }
}

const fn later(name: &'static str, fact: &'static str, shape: Shape) -> Column {
    Column { name, how: How::ToldLater(fact, shape) }
}

const fn untold(name: &'static str) -> Column {
    Column { name, how: How::Untold }
}

const ID: Column = Column { name: "id", how: How::Key };
const NAME: Column = told("name", "name", Shape::Text);
const CREATED: Column = told("created_at", "@created_at", Shape::Instant);
const ARCHIVED: Column = told("archived_at", "@archived_at", Shape::Instant);
const DELETED: Column = told("deleted_at", "@deleted_at", Shape::Instant);
const VERSION: Column = untold("version");

/// Flags of events that tables show as the instant they were set.
pub(super) const FLAGS: &[(&str, &str)] =
    &[("archived", "@archived_at"), ("deleted", "@deleted_at")];

/// Kinds of events that no table shows.
pub(super) const OTHER_KINDS: &[&str] = &[
    "anomaly.found",
    "directory.act",
    "join_rule.changed",
    "ledger.restored",
    "operator.command",
    "provider.added",
    "provider.changed",
    "provider.removed",
    "report.exported",
    "sign_in_policy.changed",
    "support.link_made",
    "support.seen",
    "time.seen",
    "workspace.exported",
];

/// An act of the directory is told to the workspace later than it was done.
pub(super) const LATE_KIND: &str = "directory.act";

/// The history itself, which is compared event by event.
pub(super) const HISTORY: &str = "events";

/// The tags of entries, which events tell as one word of the entry.
pub(super) const ENTRY_TAGS: &str = "entry_tags";

/// The tables, in the order in which they are compared.
pub(super) const SHEETS: &[Sheet] = &[
    Sheet {
        table: "workspace",
        object: "workspace",
        key: Key::Id,
        made: &["workspace.created"],
        changed: &["workspace.changed"],
        ended: &[],
        stamps: &[("workspace.created", "@created_at", Stamp::At)],
        ignored: &[],
        renamed: &[],
        is_newer: false,
        columns: &[
            ID,
            NAME,
            told("currency", "currency", Shape::Word),
            later("bare_number", "bare_number", Shape::Word),
            later("second_timer", "second_timer", Shape::Word),
            later("overlaps", "overlaps", Shape::Word),
            later("week_start", "week_start", Shape::Word),
            told("zone", "zone", Shape::Word),
            CREATED,
            VERSION,
        ],
    },
    Sheet {
        table: "clients",
        object: "client",
        key: Key::Id,
        made: &["client.added"],
        changed: &["client.changed", "client.deleted", "client.restored"],
        ended: &["client.purged"],
        stamps: &[("client.added", "@created_at", Stamp::At)],
        ignored: &[],
        renamed: &[],
        is_newer: false,
        columns: &[ID, NAME, CREATED, ARCHIVED, DELETED, VERSION],
    },
    Sheet {
        table: "roles",
        object: "role",
        key: Key::Id,
        made: &["role.added"],
        changed: &["role.changed", "role.deleted"],
        ended: &[],
        stamps: &[("role.added", "@created_at", Stamp::At)],
        ignored: &[("role.deleted", "name")],
        renamed: &[],
        is_newer: false,
        columns: &[ID, NAME, told("rights", "rights", Shape::Rights), CREATED, DELETED, VERSION],
    },
    Sheet {
        table: "members",
        object: "member",
        key: Key::Id,
        made: &["member.joined"],
        changed: &["member.changed", "member.role_changed", "member.removed"],
        ended: &[],
        // Who comes back is the same member with another role.
        stamps: &[
            ("member.joined", "@joined_at", Stamp::At),
            ("member.joined", "removed_at", Stamp::Nothing),
            ("member.joined", "own_role", Stamp::Nothing),
            ("member.joined", "client", Stamp::Nothing),
        ],
        ignored: &[],
        renamed: &[],
        is_newer: false,
        columns: &[
            ID,
            later("user_id", "user", Shape::Id),
            NAME,
            told("email", "address", Shape::Text),
            told("role", "role", Shape::Word),
            later("zone", "zone", Shape::Word),
            later("week_start", "week_start", Shape::Word),
            later("locale", "locale", Shape::Word),
            later("clock_format", "clock_format", Shape::Word),
            told("joined_at", "@joined_at", Shape::Instant),
            told("removed_at", "removed_at", Shape::Instant),
            VERSION,
            told("role_id", "own_role", Shape::Id),
            told("client_id", "client", Shape::Id),
        ],
    },
    Sheet {
        table: "invitations",
        object: "invitation",
        key: Key::Id,
        made: &["invitation.sent"],
        changed: &["invitation.accepted", "invitation.revoked"],
        ended: &[],
        stamps: &[
            ("invitation.sent", "@created_at", Stamp::At),
            ("invitation.revoked", "@revoked_at", Stamp::At),
            ("invitation.accepted", "@accepted_at", Stamp::At),
        ],
        ignored: &[],
        renamed: &[],
        is_newer: false,
        columns: &[
            ID,
            told("email", "address", Shape::Text),
            told("role", "role", Shape::Word),
            later("invited_by", "invited_by", Shape::Id),
            CREATED,
            later("expires_at", "expires_at", Shape::Instant),
            told("accepted_at", "@accepted_at", Shape::Instant),
            told("accepted_by", "accepted_by", Shape::Id),
            told("revoked_at", "@revoked_at", Shape::Instant),
            VERSION,
            told("role_id", "own_role", Shape::Id),
            told("client_id", "client", Shape::Id),
        ],
    },
    Sheet {
        table: "api_tokens",
        object: "token",
        key: Key::Id,
        made: &["token.created"],
        changed: &["token.revoked"],
        ended: &[],
        stamps: &[
            ("token.created", "@created_at", Stamp::At),
            ("token.created", "@member", Stamp::Subject),
        ],
        ignored: &[],
        renamed: &[],
        is_newer: false,
        columns: &[
            ID,
            told("member_id", "@member", Shape::Id),
            NAME,
            told("scope", "scope", Shape::Word),
            CREATED,
            told("expires_at", "expires_at", Shape::Instant),
            untold("last_used_at"),
            told("revoked_at", "revoked_at", Shape::Instant),
        ],
    },
    Sheet {
        table: "teams",
        object: "team",
        key: Key::Id,
        made: &["team.added"],
        changed: &["team.changed"],
        ended: &["team.deleted"],
        stamps: &[("team.added", "@created_at", Stamp::At)],
        ignored: &[],
        renamed: &[],
        is_newer: false,
        columns: &[ID, NAME, CREATED, ARCHIVED, VERSION],
    },
    Sheet {
        table: "team_members",
        object: "team",
        key: Key::Pair { first: "team_id", second: "member_id", fact: "member", parent: "teams" },
        made: &["team.member_put"],
        changed: &[],
        ended: &["team.member_removed"],
        stamps: &[],
        ignored: &[],
        renamed: &[],
        is_newer: false,
        columns: &[
            Column { name: "team_id", how: How::Key },
            Column { name: "member_id", how: How::Key },
            told("manager", "manager", Shape::Flag),
        ],
    },
    Sheet {
        table: "projects",
        object: "project",
        key: Key::Id,
        made: &["project.added"],
        changed: &["project.changed", "project.deleted", "project.restored"],
        ended: &["project.purged"],
        stamps: &[("project.added", "@created_at", Stamp::At)],
        ignored: &[],
        renamed: &[],
        is_newer: false,
        columns: &[
            ID,
            told("client_id", "client", Shape::Id),
            NAME,
            told("hue", "hue", Shape::Int),
            told("billable", "billable", Shape::Flag),
            told("open", "open", Shape::Flag),
            CREATED,
            ARCHIVED,
            DELETED,
            VERSION,
        ],
    },
    Sheet {
        table: "project_members",
        object: "project",
        key: Key::Pair {
            first: "project_id",
            second: "member_id",
            fact: "member",
            parent: "projects",
        },
        made: &["project.member_put"],
        changed: &[],
        ended: &["project.member_removed"],
        stamps: &[],
        ignored: &[],
        renamed: &[],
        is_newer: false,
        columns: &[
            Column { name: "project_id", how: How::Key },
            Column { name: "member_id", how: How::Key },
            told("manager", "manager", Shape::Flag),
        ],
    },
    Sheet {
        table: "tasks",
        object: "task",
        key: Key::Id,
        made: &["task.added"],
        changed: &["task.changed", "task.deleted", "task.restored"],
        ended: &["task.purged"],
        stamps: &[("task.added", "@created_at", Stamp::At)],
        ignored: &[],
        renamed: &[],
        is_newer: false,
        columns: &[
            ID,
            told("project_id", "project", Shape::Id),
            NAME,
            CREATED,
            ARCHIVED,
            DELETED,
            VERSION,
        ],
    },
    Sheet {
        table: "tags",
        object: "tag",
        key: Key::Id,
        made: &["tag.added"],
        changed: &["tag.changed", "tag.deleted", "tag.restored"],
        ended: &["tag.purged"],
        stamps: &[("tag.added", "@created_at", Stamp::At)],
        ignored: &[],
        renamed: &[],
        is_newer: false,
        columns: &[ID, NAME, CREATED, ARCHIVED, DELETED, VERSION],
    },
    Sheet {
        table: "time_entries",
        object: "time_entry",
        key: Key::Id,
        made: &["time_entry.added", "timer.started"],
        changed: &[
            "timer.stopped",
            "timer.discarded",
            "time_entry.changed",
            "time_entry.split",
            "time_entry.deleted",
            "time_entry.restored",
        ],
        ended: &["time_entry.purged"],
        stamps: &[
            ("time_entry.added", "@created_at", Stamp::At),
            ("timer.started", "@created_at", Stamp::At),
        ],
        ignored: &[],
        renamed: &[],
        is_newer: false,
        columns: &[
            ID,
            told("member_id", "member", Shape::Id),
            told("project_id", "project", Shape::Id),
            told("task_id", "task", Shape::Id),
            told("note", "note", Shape::Text),
            told("billable", "billable", Shape::Flag),
            told("started_at", "started_at", Shape::Instant),
            told("stopped_at", "stopped_at", Shape::Instant),
            told("duration_s", "duration_s", Shape::Int),
            told("day", "day", Shape::Day),
            told("zone", "zone", Shape::Word),
            told("created_at", "@created_at", Shape::Second),
            DELETED,
            VERSION,
            Column { name: "tags", how: How::Elsewhere("tags") },
        ],
    },
    Sheet {
        table: "support_requests",
        object: "support",
        key: Key::Id,
        made: &["support.asked"],
        changed: &[
            "support.confirmed",
            "support.granted",
            "support.refused",
            "support.opened",
            "support.ended",
        ],
        ended: &[],
        stamps: &[
            ("support.asked", "@asked_at", Stamp::At),
            ("support.asked", "@operator", Stamp::Actor),
            ("support.confirmed", "@confirmed_at", Stamp::At),
            ("support.confirmed", "@confirmer", Stamp::Actor),
            ("support.granted", "@granted_at", Stamp::At),
            ("support.granted", "@granted_by", Stamp::Member),
            ("support.opened", "@opened_at", Stamp::First),
            ("support.refused", "@refused_at", Stamp::At),
            ("support.refused", "@refused_by", Stamp::Actor),
            ("support.ended", "@ended_at", Stamp::At),
        ],
        // Any operator may end it.
        ignored: &[("support.ended", "operator")],
        renamed: &[("support.confirmed", "operator", "@confirmer_name")],
        is_newer: true,
        columns: &[
            ID,
            told("operator_id", "@operator", Shape::Id),
            told("operator", "operator", Shape::Text),
            told("reason", "reason", Shape::Text),
            told("ticket", "ticket", Shape::Text),
            told("areas", "areas", Shape::Areas),
            told("minutes", "minutes", Shape::Int),
            told("may_write", "may_write", Shape::Flag),
            told("without_owner", "without_owner", Shape::Flag),
            told("asked_at", "@asked_at", Shape::Instant),
            untold("lapses_at"),
            told("confirmed_at", "@confirmed_at", Shape::Instant),
            told("confirmer_id", "@confirmer", Shape::Id),
            told("confirmer", "@confirmer_name", Shape::Text),
            told("opens_at", "opens_at", Shape::Instant),
            told("granted_at", "@granted_at", Shape::Instant),
            told("granted_by", "@granted_by", Shape::Id),
            told("ends_at", "ends_at", Shape::Instant),
            told("opened_at", "@opened_at", Shape::Instant),
            untold("used_at"),
            told("refused_at", "@refused_at", Shape::Instant),
            told("refused_by", "@refused_by", Shape::Id),
            told("ended_at", "@ended_at", Shape::Instant),
            told("ended_by", "ended_by", Shape::Word),
        ],
    },
];

impl How {
    /// The fact that proves it.
    pub(super) const fn fact(self) -> Option<&'static str> {
        match self {
            Self::Told(fact, _) | Self::ToldLater(fact, _) | Self::Elsewhere(fact) => Some(fact),
            Self::Key | Self::Untold => None,
        }
    }
}

impl Sheet {
    /// The number of the column that a fact of an event of this kind tells, if one does.
    pub(super) fn told_by(&self, kind: &str, fact: &str) -> Option<u8> {
        // What begins so is said by an event itself, and by no field.
        if self.ignored.contains(&(kind, fact)) || fact.starts_with('@') {
            return None;
        }
        let is_renamed = |(of, name, _): &&(&str, &str, &str)| *of == kind && *name == fact;
        let renamed = self.renamed.iter().find(is_renamed);
        self.column_of(renamed.map_or(fact, |(_, _, other)| other))
    }

    /// The number of the column that shows a fact.
    pub(super) fn column_of(&self, fact: &str) -> Option<u8> {
        let index = self.columns.iter().position(|column| column.how.fact() == Some(fact));
        index.and_then(|index| u8::try_from(index).ok())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_kind_of_event_is_of_one_table_or_of_none() {
        let mut kinds = BTreeSet::new();
        let of_sheets = SHEETS.iter().flat_map(|sheet| [sheet.made, sheet.changed, sheet.ended]);
        for kind in of_sheets.flatten().chain(OTHER_KINDS) {
            assert!(kinds.insert(kind), "{kind} twice");
        }
        assert!(kinds.contains(&LATE_KIND));
    }

    #[test]
    fn each_fact_is_shown_by_one_column() {
        for sheet in SHEETS {
            let facts: Vec<_> =
                sheet.columns.iter().filter_map(|column| column.how.fact()).collect();
            assert_eq!(facts.iter().collect::<BTreeSet<_>>().len(), facts.len(), "{}", sheet.table);
            for (kind, fact, _) in sheet.stamps {
                assert!(facts.contains(fact), "{kind} {fact}");
                assert!(sheet.made.contains(kind) || sheet.changed.contains(kind), "{kind}");
            }
            for (kind, _, fact) in sheet.renamed {
                assert!(facts.contains(fact) && sheet.changed.contains(kind), "{kind} {fact}");
            }
            // Columns are bits of 64 where it is counted which are not proven.
            assert!(sheet.columns.len() <= 64, "{}", sheet.table);
        }
    }
}

//! Schemas and their steps.
//!
//! A step is one file with type words in braces, rendered per engine and split into statements.
//! Steps are only ever added; a database written by a newer release is refused.

use crate::StoreError;

/// Which of the two schemas a database has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// People, sessions, placement.
    Directory,
    /// One workspace.
    Workspace,
    /// The steps of a test.
    #[cfg(test)]
    Steps(&'static [&'static str]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

const DIRECTORY: &[&str] = &[
    include_str!("../migrations/directory/0001_init.sql"),
    include_str!("../migrations/directory/0002_devices.sql"),
    include_str!("../migrations/directory/0003_second_factors.sql"),
    include_str!("../migrations/directory/0004_passwords.sql"),
    include_str!("../migrations/directory/0005_wrong_seconds.sql"),
    include_str!("../migrations/directory/0006_passkeys.sql"),
    include_str!("../migrations/directory/0007_providers.sql"),
    include_str!("../migrations/directory/0008_guessing.sql"),
    include_str!("../migrations/directory/0009_addresses.sql"),
    include_str!("../migrations/directory/0010_joining.sql"),
    include_str!("../migrations/directory/0011_resets_and_tallies.sql"),
    include_str!("../migrations/directory/0013_grants.sql"),
    include_str!("../migrations/directory/0014_marks.sql"),
    include_str!("../migrations/directory/0015_ledger.sql"),
    include_str!("../migrations/directory/0016_witnesses.sql"),
    include_str!("../migrations/directory/0017_operators.sql"),
    concat!(
        include_str!("../migrations/directory/0018_record.sql"),
        include_str!("../migrations/ledger_stays.sql")
    ),
    include_str!("../migrations/directory/0019_ledger_rules.sql"),
];
const WORKSPACE: &[&str] = &[
    include_str!("../migrations/workspace/0001_init.sql"),
    include_str!("../migrations/workspace/0002_roles.sql"),
    include_str!("../migrations/workspace/0003_sign_in_policy.sql"),
    include_str!("../migrations/workspace/0004_token_networks.sql"),
    include_str!("../migrations/workspace/0005_more_ways_in.sql"),
    include_str!("../migrations/workspace/0006_providers.sql"),
    include_str!("../migrations/workspace/0007_rights.sql"),
    include_str!("../migrations/workspace/0008_joining.sql"),
    include_str!("../migrations/workspace/0010_sessions_and_programs.sql"),
    include_str!("../migrations/workspace/0011_ledger.sql"),
    include_str!("../migrations/workspace/0012_support.sql"),
    concat!(
        include_str!("../migrations/workspace/0013_record.sql"),
        include_str!("../migrations/ledger_stays.sql")
    ),
    include_str!("../migrations/workspace/0014_tallies.sql"),
];

impl Schema {
    fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Directory => DIRECTORY,
            Self::Workspace => WORKSPACE,
            #[cfg(test)]
            Self::Steps(steps) => steps,
        }
    }

    /// The newest version this program knows; versions count steps from 1.
    pub fn newest(self) -> i64 {
        i64::try_from(self.steps().len()).unwrap_or(i64::MAX)
    }

    /// The statements that lead from `version` to the newest, rendered.
    ///
    /// Errors: [`StoreError::NewerSchema`].
    pub(crate) fn statements_from(
        self,
        version: i64,
        dialect: Dialect,
    ) -> Result<Vec<String>, StoreError> {
        if version > self.newest() {
            return Err(StoreError::NewerSchema { found: version, known: self.newest() });
        }
        let done = usize::try_from(version)
            .map_err(|_| StoreError::Bug(format!("schema version {version}")))?;
        Ok(self.steps().iter().skip(done).flat_map(|step| render(step, dialect)).collect())
    }
}

/// What PostgreSQL does where a rule refuses a change; a schema has one of them.
const REFUSAL: &str = "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'what was recorded stays' USING ERRCODE = 'check_violation'; END $$";

/// Splits a step into statements and replaces the words in braces, which may hold semicolons.
fn render(step: &str, dialect: Dialect) -> Vec<String> {
    let words: [(&str, &str); 10] = match dialect {
        Dialect::Sqlite => [
            ("{id}", "BLOB"),
            ("{int}", "INTEGER"),
            ("{bytes}", "BLOB"),
            ("{text}", "TEXT"),
            ("{strict}", " STRICT"),
            ("{no_device}", "zeroblob(32)"),
            // Rows of a file are numbered as they come.
            ("{numbered}", ""),
            ("{number}", "rowid"),
            ("{refusal}", ""),
            ("{refuse}", "BEGIN SELECT RAISE(ABORT, 'what was recorded stays'); END"),
        ],
        Dialect::Postgres => [
            ("{id}", "uuid"),
            ("{int}", "bigint"),
            ("{bytes}", "bytea"),
            ("{text}", "text"),
            ("{strict}", ""),
            ("{no_device}", "decode(repeat('00', 32), 'hex')"),
            ("{numbered}", ", number bigint GENERATED ALWAYS AS IDENTITY UNIQUE"),
            ("{number}", "number"),
            ("{refusal}", REFUSAL),
            ("{refuse}", "EXECUTE FUNCTION refuse_change()"),
        ],
    };
    let text: String = step
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .collect::<Vec<_>>()
        .join("\n");
    let rendered = |statement: &str| {
        words.iter().fold(statement.trim().to_owned(), |text, (word, sql)| text.replace(word, sql))
    };
    text.split(';').map(rendered).filter(|statement| !statement.is_empty()).collect()
}

#[cfg(test)]
mod tests;

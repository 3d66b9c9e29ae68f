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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

const DIRECTORY: &[&str] = &[include_str!("../migrations/directory/0001_init.sql")];
const WORKSPACE: &[&str] = &[include_str!("../migrations/workspace/0001_init.sql")];

impl Schema {
    fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Directory => DIRECTORY,
            Self::Workspace => WORKSPACE,
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

/// Splits a step into statements and replaces the type words.
fn render(step: &str, dialect: Dialect) -> Vec<String> {
    let words: [(&str, &str); 5] = match dialect {
        Dialect::Sqlite => [
            ("{id}", "BLOB"),
            ("{int}", "INTEGER"),
            ("{bytes}", "BLOB"),
            ("{text}", "TEXT"),
            ("{strict}", " STRICT"),
        ],
        Dialect::Postgres => [
            ("{id}", "uuid"),
            ("{int}", "bigint"),
            ("{bytes}", "bytea"),
            ("{text}", "text"),
            ("{strict}", ""),
        ],
    };
    let text: String = step
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .collect::<Vec<_>>()
        .join("\n");
    let text = words.iter().fold(text, |text, (word, sql)| text.replace(word, sql));
    text.split(';').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_word_is_rendered() {
        for schema in [Schema::Directory, Schema::Workspace] {
            for dialect in [Dialect::Sqlite, Dialect::Postgres] {
                let statements = schema.statements_from(0, dialect).unwrap();
                assert!(statements.len() > 10);
                assert!(statements.iter().all(|s| !s.contains('{')), "{statements:?}");
            }
        }
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let newer = Schema::Workspace.newest() + 1;
        let refused = Schema::Workspace.statements_from(newer, Dialect::Sqlite);
        assert!(matches!(refused, Err(StoreError::NewerSchema { .. })));
    }
}

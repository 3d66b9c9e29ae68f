//! Steps: rendered, done once in their order, all or none, also when several begin at once.

mod workspace;

use std::path::Path;

use testkit::postgres::cluster;

use super::*;
use crate::{
    postgres::{Address, Pool, create_place, drop_place, migrate_place},
    sqlite::{make_file, open_writer, snapshot_into},
};

/// A release, the one after it, and one whose second step goes wrong halfway.
const FIRST: Schema = Schema::Steps(&[THINGS]);
const SECOND: Schema = Schema::Steps(&[THINGS, SIZES]);
const BROKEN: Schema = Schema::Steps(&[THINGS, HALF]);

const THINGS: &str = "
    -- Comments; are no statements.
    CREATE TABLE things (id {int} PRIMARY KEY, name {text} NOT NULL){strict};
    CREATE UNIQUE INDEX things_name ON things (name);";

const SIZES: &str = "
    ALTER TABLE things ADD COLUMN size {int} NOT NULL DEFAULT 7;
    CREATE TABLE more (id {int} PRIMARY KEY REFERENCES things (id), what {bytes}){strict};
    INSERT INTO more (id) SELECT id FROM things;";

const HALF: &str = "
    CREATE TABLE half (id {int} PRIMARY KEY){strict};
    INSERT INTO nowhere (id) VALUES (1);";

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

/// A file of the first release with a row in it.
fn old_file(path: &Path) {
    make_file(path, FIRST).unwrap();
    let connection = open_writer(path, FIRST).unwrap();
    connection.execute_batch("INSERT INTO things (id, name) VALUES (1, 'kept')").unwrap();
}

fn number(path: &Path, sql: &str) -> i64 {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn an_older_file_is_brought_up_to_date_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    old_file(&path);
    assert_eq!(number(&path, "PRAGMA user_version"), 1);
    for _ in 0..2 {
        drop(open_writer(&path, SECOND).unwrap());
        assert_eq!(number(&path, "PRAGMA user_version"), 2);
        assert_eq!(number(&path, "SELECT size FROM things WHERE name = 'kept'"), 7);
        assert_eq!(number(&path, "SELECT count(*) FROM more"), 1);
    }
    // The older release leaves it alone.
    let refused = open_writer(&path, FIRST);
    assert!(matches!(refused, Err(StoreError::NewerSchema { found: 2, known: 1 })), "{refused:?}");
    assert_eq!(number(&path, "SELECT count(*) FROM things"), 1);
    // A new file gets all steps, and the store's own table once.
    let path = folder.path().join("new.db");
    make_file(&path, SECOND).unwrap();
    drop(open_writer(&path, SECOND).unwrap());
    assert_eq!(number(&path, "PRAGMA user_version"), 2);
    assert_eq!(number(&path, "SELECT count(*) FROM commit_mark"), 1);
}

#[test]
fn a_step_that_goes_wrong_leaves_a_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    old_file(&path);
    assert!(open_writer(&path, BROKEN).is_err());
    assert_eq!(number(&path, "PRAGMA user_version"), 1);
    assert_eq!(number(&path, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
    drop(open_writer(&path, SECOND).unwrap());
    assert_eq!(number(&path, "SELECT size FROM things"), 7);
}

/// What emptied it must not get an empty schema on top: an owner would find a workspace without rows.
#[test]
fn a_file_that_was_emptied_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emptied.db");
    for content in [&[][..], b"not a database, though as long as one has to be at least; and more"]
    {
        std::fs::write(&path, content).unwrap();
        let refused = open_writer(&path, FIRST).unwrap_err();
        assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
        assert!(refused.to_string().contains("emptied.db"), "{refused}");
        assert_eq!(std::fs::read(&path).unwrap(), content, "nothing is written into it");
        let copy = folder.path().join("copy.db");
        assert!(snapshot_into(&path, &copy).is_err(), "nor is it taken for something to keep");
    }
    // What an interrupted making left is no obstacle, and no part of what is made.
    std::fs::write(folder.path().join("new.draft"), b"half").unwrap();
    std::fs::write(folder.path().join("new.draft-wal"), b"half").unwrap();
    let path = folder.path().join("new.db");
    make_file(&path, SECOND).unwrap();
    assert_eq!(number(&path, "SELECT count(*) FROM commit_mark"), 1);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "the two files: {left:?}");
}

/// As the server and a command of the operator beside it.
#[test]
fn several_bring_one_file_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..10 {
        let path = folder.path().join(format!("{round}.db"));
        old_file(&path);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| drop(open_writer(&path, SECOND).unwrap()));
            }
        });
        assert_eq!(number(&path, "PRAGMA user_version"), 2);
        assert_eq!(number(&path, "SELECT count(*) FROM more"), 1);
    }
}

/// A name on the cluster of the tests that nobody else has, for as long as the folder is there.
fn random_name(name: &str, folder: &tempfile::TempDir) -> String {
    let random = folder.path().file_name().unwrap().to_str().unwrap().to_lowercase();
    format!("migrate_{name}_{}", random.trim_start_matches(".tmp"))
}

/// A pool on the cluster of the tests, and a place on it that nobody else has.
fn on_postgres(name: &str, test: impl Fn(&Pool, &str)) {
    let pool = Pool::new(Address::new(cluster().url(), None).unwrap(), 8);
    let folder = tempfile::tempdir().unwrap();
    let place = random_name(name, &folder);
    test(&pool, &place);
    pool.with_line(|line| drop_place(line, &place)).unwrap();
}

fn answer(pool: &Pool, sql: &str) -> String {
    pool.with_line(|line| line.ask(sql)).unwrap().first().cloned().unwrap_or_default()
}

/// A place of the first release with a row in it.
fn old_place(pool: &Pool, place: &str) {
    pool.with_line(|line| {
        create_place(line, place, FIRST)?;
        line.ask(&format!("INSERT INTO \"{place}\".things (id, name) VALUES (1, 'kept')"))
    })
    .unwrap();
}

#[test]
fn an_older_schema_is_brought_up_to_date_once() {
    on_postgres("old", |pool, place| {
        let version = format!("SELECT version FROM \"{place}\".schema_version");
        old_place(pool, place);
        assert_eq!(answer(pool, &version), "1");
        for _ in 0..2 {
            pool.with_line(|line| migrate_place(line, place, SECOND)).unwrap();
            assert_eq!(answer(pool, &version), "2");
            assert_eq!(answer(pool, &format!("SELECT size FROM \"{place}\".things")), "7");
            assert_eq!(answer(pool, &format!("SELECT count(*) FROM \"{place}\".more")), "1");
        }
        let refused = pool.with_line(|line| migrate_place(line, place, FIRST));
        assert!(matches!(refused, Err(StoreError::NewerSchema { found: 2, known: 1 })));
        // What it made belongs to the schema's own role.
        let owner = format!(
            "SELECT tableowner FROM pg_tables WHERE schemaname = '{place}' AND tablename = 'more'"
        );
        assert_eq!(answer(pool, &owner), place);
    });
}

#[test]
fn a_step_that_goes_wrong_leaves_a_schema_as_it_was() {
    on_postgres("broken", |pool, place| {
        old_place(pool, place);
        assert!(pool.with_line(|line| migrate_place(line, place, BROKEN)).is_err());
        let version = format!("SELECT version FROM \"{place}\".schema_version");
        assert_eq!(answer(pool, &version), "1");
        assert_eq!(answer(pool, &format!("SELECT to_regclass('{place}.half')::text")), "");
        pool.with_line(|line| migrate_place(line, place, SECOND)).unwrap();
        assert_eq!(answer(pool, &version), "2");
    });
}

/// As several nodes that start at once, or several requests that are the first.
#[test]
fn several_make_one_schema_and_bring_it_up_to_date() {
    on_postgres("several", |pool, place| {
        for schema in [FIRST, SECOND] {
            std::thread::scope(|scope| {
                for _ in 0..6 {
                    scope.spawn(|| {
                        pool.with_line(|line| create_place(line, place, schema)).unwrap();
                    });
                }
            });
        }
        assert_eq!(answer(pool, &format!("SELECT version FROM \"{place}\".schema_version")), "2");
    });
}

/// The workspace as its first release made it.
const INIT: Schema = Schema::Steps(&[include_str!("../../migrations/workspace/0001_init.sql")]);

/// What the first release wrote stays what it was, and the roles that came later can be given.
const MEMBER: &str = "INSERT INTO members (id, user_id, role, key_id, name_sealed, address_sealed,
    sealed_rev, zone, week_start, locale, clock_format, joined_at, version)
    VALUES ({1}, {1}, 'manager', 1, {b}, {b}, 1, 'UTC', 'monday', 'en-GB', '24h', 1, 1)";
const INVITATION: &str = "INSERT INTO invitations (id, role, address_sealed, address_index,
    sealed_rev, token_hash, invited_by, created_at, expires_at, version)
    VALUES ({1}, 'admin', {b}, {b}, 1, {b}, {1}, 1, 2, 1)";
const ROLES: &str = "SELECT m.role || ' ' || i.role FROM members m, invitations i
    WHERE m.role_id IS NULL AND i.client_id IS NULL";
/// Each with whether it is let in.
const GIVEN: [(&str, bool); 5] = [
    ("UPDATE members SET role = 'auditor'", true),
    ("UPDATE invitations SET role = 'accountant'", true),
    ("UPDATE members SET role = 'client'", false),
    ("UPDATE invitations SET role = 'own'", false),
    ("UPDATE members SET role = 'emperor'", false),
];

#[test]
fn roles_of_the_first_release_stay_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    make_file(&path, INIT).unwrap();
    let old = open_writer(&path, INIT).unwrap();
    let id = "X'01930000000070008000000000000001'";
    for sql in [MEMBER, INVITATION] {
        old.execute_batch(&sql.replace("{1}", id).replace("{b}", "X'00'")).unwrap();
    }
    drop(old);
    let new = open_writer(&path, Schema::Workspace).unwrap();
    let roles: String = new.query_row(ROLES, [], |row| row.get(0)).unwrap();
    assert_eq!(roles, "manager admin");
    for (sql, is_let_in) in GIVEN {
        assert_eq!(new.execute_batch(sql).is_ok(), is_let_in, "{sql}");
    }
}

#[test]
fn roles_of_the_first_release_stay_in_a_schema() {
    on_postgres("roles", |pool, place| {
        pool.with_line(|line| create_place(line, place, INIT)).unwrap();
        let ask = |sql: &str| {
            pool.with_line(|line| line.ask(&format!("SET search_path = \"{place}\"; {sql}")))
        };
        for sql in [MEMBER, INVITATION] {
            let id = "'01930000-0000-7000-8000-000000000001'";
            ask(&sql.replace("{1}", id).replace("{b}", r"'\x00'")).unwrap();
        }
        pool.with_line(|line| migrate_place(line, place, Schema::Workspace)).unwrap();
        assert_eq!(ask(ROLES).unwrap(), ["manager admin"]);
        for (sql, is_let_in) in GIVEN {
            assert_eq!(ask(sql).is_ok(), is_let_in, "{sql}");
        }
    });
}

/// The directory as its first release made it, with somebody who is remembered in a browser.
const DIRECTORY_INIT: Schema =
    Schema::Steps(&[include_str!("../../migrations/directory/0001_init.sql")]);
const OLD_ROWS: [&str; 6] = [
    "INSERT INTO people (id, address_index, address_sealed, sealed_rev, key_id, created_at)
     VALUES ({1}, {b}, {b}, 1, 1, 1)",
    "INSERT INTO workspaces (id, state, created_at) VALUES ({1}, 'ready', 1)",
    "INSERT INTO memberships (user_id, workspace_id, member_id, joined_at)
     VALUES ({1}, {1}, {1}, 1)",
    "INSERT INTO remembered (id, selector, user_id, validator_hash, rotated_at, created_at,
                             expires_at)
     VALUES ({1}, {b}, {1}, {b}, 1, 1, 2)",
    "INSERT INTO sessions (id, secret_hash, user_id, method, created_at, seen_at, expires_at,
                           family_id)
     VALUES ({1}, {b}, {1}, 'link-mail', 1, 1, 2, {1})",
    "INSERT INTO sessions (id, secret_hash, user_id, method, created_at, seen_at, expires_at,
                           family_id)
     VALUES ({2}, {c}, {1}, 'remembered', 1, 1, 2, {1})",
];
/// What later releases ask of these rows: how their sessions were opened, and what they have.
const OLD_SESSIONS: &str = "SELECT MIN(s.first_factor) || ' ' || MAX(s.first_factor) || ' '
        || MIN(r.first_factor) || ' ' || CAST(COUNT(s.second_factor) AS {text})
    FROM people p JOIN sessions s ON s.user_id = p.id JOIN remembered r ON r.id = s.family_id
         JOIN memberships m ON m.user_id = p.id JOIN workspaces w ON w.id = m.workspace_id
    WHERE p.second_mail_at IS NULL AND s.device_sealed IS NULL AND m.removed_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM authenticators) AND NOT EXISTS (SELECT 1 FROM passwords)";
const OLD_SESSIONS_ARE: &str = "link-mail link-mail link-mail 0";

#[test]
fn a_directory_of_the_first_release_stays_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    make_file(&path, DIRECTORY_INIT).unwrap();
    let old = open_writer(&path, DIRECTORY_INIT).unwrap();
    for sql in OLD_ROWS {
        let sql = sql.replace("{1}", "X'01930000000070008000000000000001'");
        let sql = sql.replace("{2}", "X'01930000000070008000000000000002'");
        old.execute_batch(&sql.replace("{b}", "X'00'").replace("{c}", "X'01'")).unwrap();
    }
    drop(old);
    let new = open_writer(&path, Schema::Directory).unwrap();
    let sql = OLD_SESSIONS.replace("{text}", "TEXT");
    let found: String = new.query_row(&sql, [], |row| row.get(0)).unwrap();
    assert_eq!(found, OLD_SESSIONS_ARE);
}

#[test]
fn a_directory_of_the_first_release_stays_in_a_schema() {
    on_postgres("directory", |pool, place| {
        pool.with_line(|line| create_place(line, place, DIRECTORY_INIT)).unwrap();
        let ask = |sql: &str| {
            pool.with_line(|line| line.ask(&format!("SET search_path = \"{place}\"; {sql}")))
        };
        for sql in OLD_ROWS {
            let sql = sql.replace("{1}", "'01930000-0000-7000-8000-000000000001'");
            let sql = sql.replace("{2}", "'01930000-0000-7000-8000-000000000002'");
            ask(&sql.replace("{b}", r"'\x00'").replace("{c}", r"'\x01'")).unwrap();
        }
        pool.with_line(|line| migrate_place(line, place, Schema::Directory)).unwrap();
        let sql = OLD_SESSIONS.replace("{text}", "text");
        assert_eq!(ask(&sql).unwrap(), [OLD_SESSIONS_ARE]);
    });
}

/// The settings that a workspace of the first release gets by later steps let everybody in as before,
/// and what was booked and who was on what is there.
const WORKSPACE_ROWS: [&str; 3] = [
    "INSERT INTO workspace (id, name_sealed, sealed_rev, text_key, names_key, currency, bare_number,
                            second_timer, overlap_rule, week_start, zone, names_revision, created_at,
                            version)
     VALUES ({1}, {b}, 1, 1, 2, 'EUR', 'minutes', 'stops_running', 'allowed', 'monday', 'UTC', 1, 1,
             1)",
    MEMBER,
    "INSERT INTO api_tokens (id, member_id, name_sealed, sealed_rev, secret_hash, scope, created_at,
                             expires_at)
     VALUES ({1}, {1}, {b}, 1, {b}, 'full', 1, 2)",
];
const WORKSPACE_IS: &str = "SELECT w.currency || ' ' || w.second_factor || ' '
        || CAST(w.allows_mail + w.allows_passwords + w.allows_passkeys + w.allows_providers AS {text})
        || ' ' || CAST(w.policy_version AS {text}) || ' ' || CAST(w.policy_changed_at AS {text})
        || ' ' || t.scope
    FROM workspace w, members m JOIN api_tokens t ON t.member_id = m.id
    WHERE w.networks_sealed IS NULL AND t.networks_sealed IS NULL";

#[test]
fn a_workspace_of_the_first_release_lets_in_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    make_file(&path, INIT).unwrap();
    let old = open_writer(&path, INIT).unwrap();
    for sql in WORKSPACE_ROWS {
        let sql = sql.replace("{1}", "X'01930000000070008000000000000001'");
        old.execute_batch(&sql.replace("{b}", "X'00'")).unwrap();
    }
    drop(old);
    let new = open_writer(&path, Schema::Workspace).unwrap();
    let sql = WORKSPACE_IS.replace("{text}", "TEXT");
    let found: String = new.query_row(&sql, [], |row| row.get(0)).unwrap();
    assert_eq!(found, "EUR optional 4 1 0 full");
    on_postgres("workspace", |pool, place| {
        pool.with_line(|line| create_place(line, place, INIT)).unwrap();
        let ask = |sql: &str| {
            pool.with_line(|line| line.ask(&format!("SET search_path = \"{place}\"; {sql}")))
        };
        for sql in WORKSPACE_ROWS {
            let sql = sql.replace("{1}", "'01930000-0000-7000-8000-000000000001'");
            ask(&sql.replace("{b}", r"'\x00'")).unwrap();
        }
        pool.with_line(|line| migrate_place(line, place, Schema::Workspace)).unwrap();
        assert_eq!(ask(&WORKSPACE_IS.replace("{text}", "text")).unwrap(), [found.as_str()]);
    });
}

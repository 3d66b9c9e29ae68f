//! The rooms: which crate may import which, held against `cargo metadata`.
//!
//! The table is that of `ARCHITECTURE.md`. A new crate, and a new import of a pure one, is written
//! down here first: that is the moment to think about it.

use anyhow::{Context, Result};
use serde_json::Value;

use super::Problem;

struct Room {
    name: &'static str,
    /// Crates of this workspace.
    workspace: &'static [&'static str],
    /// Crates from outside: only these. `None`: all but the ones that belong to other rooms.
    outside: Option<&'static [&'static str]>,
}

const ROOMS: &[Room] = &[
    Room {
        name: "domain",
        workspace: &[],
        outside: Some(&["jiff", "ipnet", "thiserror", "uuid", "idna", "unicode-normalization"]),
    },
    Room {
        name: "wire",
        workspace: &[],
        outside: Some(&["jiff", "serde", "serde_json", "utoipa", "uuid"]),
    },
    Room {
        name: "vault",
        workspace: &[],
        outside: Some(&[
            "argon2",
            "aws-lc-rs",
            "base64",
            "chacha20poly1305",
            "getrandom",
            "secrecy",
            "serde",
            "serde_json",
            "subtle",
            "thiserror",
            "uuid",
            "webauthn-rs",
            "zeroize",
        ]),
    },
    Room { name: "ledger", workspace: &[], outside: Some(&["aws-lc-rs", "base64", "thiserror"]) },
    Room {
        name: "store",
        workspace: &["domain"],
        outside: Some(&[
            "lru",
            "postgres",
            "rusqlite",
            "rustls",
            "thiserror",
            "tokio",
            "tokio-rustls",
            "tracing",
            "uuid",
            "webpki-roots",
        ]),
    },
    Room { name: "app", workspace: &["domain", "ledger", "store", "vault"], outside: None },
    Room {
        name: "server",
        workspace: &["app", "domain", "ledger", "wire", "store", "vault"],
        outside: None,
    },
    Room { name: "client", workspace: &["domain", "ledger", "wire"], outside: None },
    Room {
        name: "testkit",
        workspace: &["app", "client", "domain", "ledger", "server", "store", "vault", "wire"],
        outside: None,
    },
    Room { name: "xtask", workspace: &[], outside: None },
    Room { name: "sys", workspace: &[], outside: Some(&["libc"]) },
];

/// Crates from outside that belong to a room: nobody else may import them.
const OWNED: &[(&str, &[&str])] = &[
    ("rusqlite", &["store", "testkit"]),
    ("libsqlite3-sys", &["store", "testkit"]),
    ("postgres", &["store", "testkit"]),
    ("tokio-postgres", &["store", "testkit"]),
    ("aws-lc-rs", &["vault", "ledger"]),
    ("argon2", &["vault"]),
    ("chacha20poly1305", &["vault"]),
    ("webauthn-rs", &["vault"]),
    ("passkey", &["testkit"]),
    ("axum", &["server", "testkit"]),
    ("axum-server", &["server"]),
    ("hyper", &["server", "testkit"]),
    ("hyper-util", &["server", "testkit"]),
    ("tower", &["server", "testkit"]),
    ("tower-http", &["server"]),
    ("askama", &["server"]),
    ("utoipa-axum", &["server"]),
    ("lettre", &["server"]),
    ("clap", &["server", "client"]),
    ("ureq", &["client", "server", "testkit"]),
    ("openidconnect", &["server"]),
    ("reqwest", &[]),
    ("serde", &["wire", "vault", "server", "client", "testkit"]),
    ("libc", &["sys"]),
];

/// `metadata` is the answer of `cargo metadata --no-deps`.
pub(crate) fn check(metadata: &Value) -> Result<Vec<Problem>> {
    let packages = metadata.get("packages").and_then(Value::as_array).context("no packages")?;
    let names: Vec<&str> = packages.iter().filter_map(|package| text(package, "name")).collect();
    let mut problems = Vec::new();
    for package in packages {
        let name = text(package, "name").context("a package without a name")?;
        let mut problem = |what: String| problems.push(Problem::new(name, 0, what));
        let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
            problem("this crate is not in the table of rooms".to_owned());
            continue;
        };
        let imports = package.get("dependencies").and_then(Value::as_array);
        for import in imports.context("a package without dependencies")? {
            let wanted = text(import, "name").context("a dependency without a name")?;
            let for_tests = text(import, "kind") == Some("dev");
            if names.contains(&wanted) {
                let testkit = for_tests && wanted == "testkit";
                if !testkit && !room.workspace.contains(&wanted) {
                    problem(format!("may not import {wanted}"));
                }
                continue;
            }
            let owner = OWNED.iter().find(|(owned, _)| *owned == wanted).map(|(_, rooms)| rooms);
            if for_tests {
                // Tests may serialise and seal as they like, but drivers stay where they are.
                if matches!(wanted, "rusqlite" | "postgres" | "tokio-postgres")
                    && owner.is_some_and(|rooms| !rooms.contains(&name))
                {
                    problem(format!("may not import {wanted}, not even for tests"));
                }
            } else if owner.is_some_and(|rooms| !rooms.contains(&name)) {
                problem(format!("may not import {wanted}, which belongs to another room"));
            } else if room.outside.is_some_and(|allowed| !allowed.contains(&wanted)) {
                problem(format!("may not import {wanted}: it is not in the table of rooms"));
            }
        }
    }
    Ok(problems)
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The problems of a workspace in which `name` imports `import`.
    fn imports(name: &str, import: &str, kind: Option<&str>) -> Vec<String> {
        let package = |name: &str| json!({ "name": name, "dependencies": [] });
        let mut packages: Vec<Value> = ROOMS.iter().map(|room| package(room.name)).collect();
        packages.retain(|package| text(package, "name") != Some(name));
        packages.push(json!({
            "name": name,
            "dependencies": [{ "name": import, "kind": kind }],
        }));
        check(&json!({ "packages": packages })).unwrap().into_iter().map(|p| p.what).collect()
    }

    #[test]
    fn what_the_table_forbids() {
        let table = [
            ("domain", "tokio"),
            ("domain", "serde"),
            ("domain", "tracing"),
            ("domain", "store"),
            ("wire", "domain"),
            ("vault", "rusqlite"),
            ("vault", "app"),
            ("store", "vault"),
            ("app", "wire"),
            ("app", "axum"),
            ("app", "serde"),
            ("app", "rusqlite"),
            ("server", "postgres"),
            ("server", "client"),
            ("client", "app"),
            ("client", "store"),
            ("app", "testkit"),
            ("xtask", "domain"),
            ("garage", "anyhow"),
        ];
        for (name, import) in table {
            assert_eq!(imports(name, import, None).len(), 1, "{name} imports {import}");
        }
        assert_eq!(imports("app", "postgres", Some("dev")).len(), 1);
        assert_eq!(imports("store", "vault", Some("dev")).len(), 1);
    }

    #[test]
    fn what_it_allows() {
        for (name, import, kind) in [
            ("domain", "jiff", None),
            ("domain", "proptest", Some("dev")),
            ("app", "store", None),
            ("app", "testkit", Some("dev")),
            ("store", "rusqlite", None),
            ("server", "axum", None),
            ("testkit", "postgres", None),
        ] {
            assert_eq!(imports(name, import, kind), Vec::<String>::new(), "{name} {import}");
        }
    }
}

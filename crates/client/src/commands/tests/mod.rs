//! Stories: what a person types, what they see, and what the server has afterwards.

mod decisions;
mod making;
mod offline;
mod signing_in;
mod tracking;

use serde_json::{Value, json};

use super::*;
use crate::testing::{FakeServer, Mode, TestMachine, server};

/// A person at a machine.
struct Person {
    server: FakeServer,
    machine: TestMachine,
    environment: Environment,
    _folder: tempfile::TempDir,
}

/// What came of a command.
struct Said {
    out: String,
    notes: String,
    failure: Option<Failure>,
}

impl Said {
    fn code(&self) -> u8 {
        self.failure.as_ref().map_or(0, Failure::exit_code)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

impl Person {
    /// Friday noon in Berlin.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            server: server(),
            machine: TestMachine::at("2026-11-20T11:00:00Z"),
            environment: Environment {
                config_folder: folder.path().join("config"),
                state_folder: folder.path().join("state"),
                machine_name: "kitchen".to_owned(),
                ..Environment::default()
            },
            _folder: folder,
        }
    }

    /// Who has been in contact before.
    fn known() -> Self {
        let person = Self::new();
        assert_eq!(person.types(&["status"]).code(), 0);
        person
    }

    #[expect(clippy::unused_self, reason = "whose they are")]
    fn credentials(&self) -> Credentials {
        Credentials {
            url: "https://time.example.org".to_owned(),
            token: "tp1_a".to_owned(),
            workspace_id: None,
            ca_file: None,
        }
    }

    fn types(&self, words: &[&str]) -> Said {
        let all = ["tp"].iter().chain(words);
        let arguments = <Arguments as clap::Parser>::try_parse_from(all).unwrap();
        let (mut out, mut notes) = (Vec::new(), Vec::new());
        let mut output = Output {
            is_json: arguments.json,
            has_colours: false,
            out: &mut out,
            notes: &mut notes,
        };
        let done = run_with(
            arguments.command,
            &self.environment,
            &self.machine,
            self.credentials(),
            &self.server,
            &mut output,
        );
        Said {
            out: String::from_utf8(out).unwrap(),
            notes: String::from_utf8(notes).unwrap(),
            failure: done.err(),
        }
    }
}

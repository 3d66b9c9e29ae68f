//! `tp` in the hands of those who track no time, or see more than they change.

use std::{io::Write, path::PathBuf, process::Command, process::Stdio};

use app::{
    Actor, Credential,
    actor::Scope,
    client::add_client,
    token::{CreateToken, create_token},
    workspace::Newcomer,
};
use domain::{
    day::Zone,
    ids::{MemberId, UserId, WorkspaceId},
    period::WeekStart,
    permission::{Assignment, Role},
    preference::{ClockFormat, Locale},
    text::{EmailAddress, Name},
};
use serde_json::json;

use crate::{
    cases::fresh_id,
    operator::both,
    process::Place,
    tp::{Said, program},
};

/// Somebody's machine, signed in with a token of theirs.
struct Machine {
    home: PathBuf,
    url: String,
    token: String,
}

impl Machine {
    fn types(&self, words: &[&str]) -> Said {
        let mut command = Command::new(program());
        command.arg("--json").args(words).env_clear().env("TP_CONFIG_DIR", &self.home);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(self.token.as_bytes()).unwrap();
        Said::of(child.wait_with_output().unwrap())
    }

    fn logs_in(&self) -> Said {
        self.types(&["login", &self.url, "--token"])
    }
}

/// A full token of somebody who has this role.
fn token(place: &Place, workspace: WorkspaceId, role: Role) -> String {
    place.with_app(async |app| {
        let (user, member) = (UserId::from_uuid(fresh_id()), MemberId::from_uuid(fresh_id()));
        let owner = app.find_first_owner(workspace).await.unwrap().unwrap();
        let owner = Actor::new(Credential::System(owner), app.new_request());
        let role = match role {
            Role::Client => {
                let name = Name::parse("Northwind").unwrap();
                let made = app.write(owner, workspace, move |op| add_client(op, None, &name, None));
                Assignment::guest(made.await.unwrap().into_inner().id)
            }
            role => role.into(),
        };
        let newcomer = Newcomer {
            user,
            member,
            name: Name::parse("A visitor").unwrap(),
            address: EmailAddress::parse(&format!("{}@example.com", fresh_id())).unwrap(),
            zone: Zone::parse("Europe/Berlin").unwrap(),
            week_start: WeekStart::Monday,
            locale: Locale::EnGb,
            clock_format: ClockFormat::H24,
        };
        app.admit(app.new_request(), workspace, newcomer, role).await.unwrap();
        let actor = Actor::new(Credential::System(member), app.new_request());
        let made = app.write(actor, workspace, |op| {
            let command = CreateToken {
                id: None,
                name: Name::parse("tp").unwrap(),
                scope: Scope::Full,
                expires_in_days: 30,
                networks: Vec::new(),
                body: None,
            };
            create_token(op, command)
        });
        made.await.unwrap().secret.expose().clone()
    })
}

/// Refused with a sentence that says why.
fn refused(said: Said, part: &str) {
    assert!(said.notes.contains(part), "{part}: {said:?}");
    assert_eq!(said.failure(), "1 forbidden");
}

#[test]
fn who_may_not_is_told_why() {
    both(|place| {
        let owner = place.furnish();
        let tokens = [Role::Client, Role::Auditor, Role::Accountant]
            .map(|role| token(&place, owner.workspace, role));
        let server = place.start(&[]);
        let entry = json!({ "note": "of the owner", "day": "2026-11-19", "duration_s": 60 });
        let path = format!("/workspaces/{}/time-entries", owner.workspace);
        let made = server.line().api(&owner.token, "POST", &path, Some(&entry)).unwrap();
        let entry = made.json()["id"].as_str().unwrap().to_owned();
        let url = format!("http://localhost:{}", server.port);
        let mut homes =
            ["client", "auditor", "accountant"].iter().map(|who| place.home().join(who));
        let [client, auditor, accountant] =
            tokens.map(|token| Machine { home: homes.next().unwrap(), url: url.clone(), token });

        refused(client.logs_in(), "What you see is in the browser");

        assert_eq!(auditor.logs_in().done()["member_name"], "A visitor");
        refused(auditor.types(&["start", "something"]), "Your role in this workspace");
        refused(auditor.types(&["add", "0:30 something"]), "Your role in this workspace");
        assert_eq!(auditor.types(&["status"]).done()["timer"], json!(null));
        auditor.types(&["log"]).done();

        accountant.logs_in().done();
        assert_eq!(accountant.types(&["add", "0:30 invoices"]).done()["duration_s"], 1_800);
        let edit = accountant.types(&["edit", &entry, "--note", "mine"]);
        refused(edit, "Your role in this workspace");
    });
}

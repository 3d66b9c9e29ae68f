//! Confirm a program that asked for a token (`tp login`).

use app::identity::{Grant, approve_grant, deny_grant, find_grant};
use axum::extract::{Query, State};
use domain::ids::WorkspaceId;
use serde::Deserialize;

use super::failed;
use crate::{
    identity::view::{DevicePage, DeviceProgram},
    page::{Field, Select},
    state::Server,
    web::{PageError, PageResult, SignedIn, Typed, name_of, open_workspaces, page},
};

/// How long the program's token works, in days.
const LIVES: [(&str, &str); 4] =
    [("7", "A week"), ("30", "30 days"), ("90", "90 days"), ("366", "A year")];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Code {
    user_code: String,
}

pub(super) async fn show(
    State(server): State<Server>,
    member: SignedIn,
    Query(query): Query<Code>,
) -> PageResult {
    let typed = query.user_code.trim().to_owned();
    let mut shown = DevicePage {
        layout: member.visit.plain("device", "Confirm a program"),
        user_code: Field::new(typed.clone()),
        ..DevicePage::default()
    };
    if typed.is_empty() {
        return Ok(page(&shown));
    }
    let found = server
        .app
        .read_directory(member.actor.request, move |op| find_grant(op, &typed))
        .await
        .map_err(|error| failed(&member.visit, error))?;
    match found {
        Some(grant) => shown.program = Some(program(&server, &member, &grant).await?),
        None => {
            let sentence = "No program waits with this code. Look whether it is written as it stands \
                            in your program; after ten minutes it shows a new one.";
            sentence.clone_into(&mut shown.user_code.error);
        }
    }
    Ok(page(&shown))
}

async fn program(
    server: &Server,
    member: &SignedIn,
    grant: &Grant,
) -> Result<DeviceProgram, PageError> {
    let open = open_workspaces(server, member).await;
    let open = open.map_err(|error| failed(&member.visit, error))?;
    let choices = open.into_iter().map(|(workspace, name)| (workspace.to_string(), name));
    let minutes = (member.visit.now().as_second() - grant.created_at.as_second()) / 60;
    let asked = match minutes {
        ..=0 => "just now".to_owned(),
        1 => "a minute ago".to_owned(),
        minutes => format!("{minutes} minutes ago"),
    };
    Ok(DeviceProgram {
        name: grant.name.as_str().to_owned(),
        workspaces: Select::of(choices, ""),
        lives: Select::of(LIVES, "90"),
        asked,
    })
}

pub(super) async fn decide(
    State(server): State<Server>,
    member: SignedIn,
    form: Typed,
) -> PageResult {
    let user = member.session.user;
    let code = form.get("user_code").to_owned();
    let is_allowed = form.get("answer") == "allow";
    let days = form.get("expires_in_days").parse().unwrap_or(0);
    let workspace: Option<WorkspaceId> = form.get("workspace").parse().ok();
    if is_allowed {
        // The program gets a token that may do all that its owner may.
        member.require_proof(&form)?;
    }
    // Only a workspace that the person can open.
    if let Some(workspace) = workspace.filter(|_| is_allowed) {
        name_of(&server, &member, workspace).await.map_err(|error| failed(&member.visit, error))?;
    }
    server
        .app
        .write_directory(member.actor.request, move |op| match (is_allowed, workspace) {
            (true, Some(workspace)) => approve_grant(op, &code, user, workspace, days),
            (true, None) => Err(app::Error::NotFound),
            (false, _) => deny_grant(op, &code, user),
        })
        .await
        .map_err(|error| failed(&member.visit, error))?;
    let done = if is_allowed { "The program is in" } else { "The program was refused" };
    Ok(page(&DevicePage {
        layout: member.visit.plain("device", done),
        done: done.to_owned(),
        ..DevicePage::default()
    }))
}

//! The workspace that an operator names.

use anyhow::{Context, bail};
use app::{
    Actor, App, Credential,
    identity::{WorkspaceState, list_workspaces},
    operator::find_run_book,
};
use domain::{ids::WorkspaceId, text::fold};

/// The program, in the name of the workspace's first owner.
///
/// Errors: a workspace without an owner.
pub(super) async fn system(app: &App, workspace: WorkspaceId) -> anyhow::Result<Actor> {
    let owner = app.find_first_owner(workspace).await?;
    let owner = owner.with_context(|| format!("The workspace {workspace} has no owner."))?;
    Ok(Actor::new(Credential::System(owner), app.new_request()))
}

/// The workspace with this id, or the only one with this name: written so, or else whatever its
/// capitals. Names are read while a run-book is open: they are words of those workspaces.
pub(super) async fn find(app: &App, wanted: &str) -> anyhow::Result<WorkspaceId> {
    let known = app.read_directory(app.new_request(), list_workspaces).await?;
    let ready = known.into_iter().filter(|(_, state)| *state == WorkspaceState::Ready);
    let ready: Vec<_> = ready.map(|(workspace, _)| workspace).collect();
    let is_wanted = |id: &&WorkspaceId| id.to_string().eq_ignore_ascii_case(wanted.trim());
    if let Some(workspace) = ready.iter().find(is_wanted) {
        return Ok(*workspace);
    }
    if app.read_directory(app.new_request(), find_run_book).await?.is_none() {
        bail!(
            "No workspace has the id {wanted:?}. Name one by its id, or open a run-book first: without \
             one, names are not read."
        );
    }
    find_by_name(app, wanted, ready).await
}

async fn find_by_name(
    app: &App,
    wanted: &str,
    ready: Vec<WorkspaceId>,
) -> anyhow::Result<WorkspaceId> {
    let (mut names, mut nameless) = (Vec::new(), Vec::new());
    for workspace in ready {
        match name_of(app, workspace).await {
            Ok(name) => names.push((workspace, name)),
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(%workspace, error, "the workspace's name cannot be read");
                nameless.push(workspace);
            }
        }
    }
    match named(&names, wanted.trim()).as_slice() {
        [(workspace, _)] => Ok(*workspace),
        [] if names.is_empty() && nameless.is_empty() => bail!("There is no workspace yet."),
        found => bail!(
            "{} is called {wanted:?}. Name one by its id:\n{}",
            if found.is_empty() { "No workspace" } else { "More than one workspace" },
            listed(&names, &nameless)
        ),
    }
}

async fn name_of(app: &App, workspace: WorkspaceId) -> anyhow::Result<String> {
    let actor = system(app, workspace).await?;
    Ok(app.read(actor, workspace, |op| Ok(op.names()?.workspace.clone())).await?)
}

fn listed(names: &[(WorkspaceId, String)], nameless: &[WorkspaceId]) -> String {
    let named = names.iter().map(|(id, name)| format!("  {id}  {name}"));
    let others = nameless.iter().map(|id| format!("  {id}  (its name cannot be read)"));
    named.chain(others).collect::<Vec<_>>().join("\n")
}

fn named<'a>(names: &'a [(WorkspaceId, String)], wanted: &str) -> Vec<&'a (WorkspaceId, String)> {
    let written: Vec<_> = names.iter().filter(|(_, name)| name == wanted).collect();
    if !written.is_empty() {
        return written;
    }
    let wanted = fold(wanted);
    names.iter().filter(|(_, name)| fold(name) == wanted).collect()
}

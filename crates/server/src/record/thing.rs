//! Pages of what happened to one thing, beside the thing itself.

use app::{
    Error, Op,
    record::{
        ThingHistory, client_history, member_history, project_history, role_history,
        settings_history, tag_history, task_history, team_history,
    },
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};

use super::{
    view::ThingPage,
    words::{history_row, what_was_done_to_it},
};
use crate::{
    page::Place,
    state::Server,
    web::{Frame, PageResult, SignedIn, page_with},
};

/// Routes of the histories of things.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/projects/{id}/history", get(project))
        .route("/w/{workspace}/tasks/{id}/history", get(task))
        .route("/w/{workspace}/clients/{id}/history", get(client))
        .route("/w/{workspace}/tags/{id}/history", get(tag))
        .route("/w/{workspace}/teams/{id}/history", get(team))
        .route("/w/{workspace}/roles/{id}/history", get(role))
        .route("/w/{workspace}/people/{id}/history", get(person))
        .route("/w/{workspace}/settings/history", get(settings))
}

type OfThing = Path<(String, String)>;

/// What a page says of a kind of thing.
struct About {
    kind: &'static str,
    place: Place,
    /// Where the thing is, below the workspace.
    back: String,
}

async fn project(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfThing,
) -> PageResult {
    let about = About { kind: "Project", place: Place::Projects, back: format!("projects/{id}") };
    let id = member.id(&id)?;
    show(&server, &member, about, move |op| project_history(op, id)).await
}

async fn task(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfThing,
) -> PageResult {
    let about = About { kind: "Task", place: Place::Projects, back: "projects".to_owned() };
    let id = member.id(&id)?;
    show(&server, &member, about, move |op| task_history(op, id)).await
}

async fn client(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfThing,
) -> PageResult {
    let about = About { kind: "Client", place: Place::Clients, back: "clients".to_owned() };
    let id = member.id(&id)?;
    show(&server, &member, about, move |op| client_history(op, id)).await
}

async fn tag(State(server): State<Server>, member: SignedIn, Path((_, id)): OfThing) -> PageResult {
    let about = About { kind: "Tag", place: Place::Tags, back: "tags".to_owned() };
    let id = member.id(&id)?;
    show(&server, &member, about, move |op| tag_history(op, id)).await
}

async fn team(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfThing,
) -> PageResult {
    let about = About { kind: "Team", place: Place::Teams, back: format!("teams/{id}") };
    let id = member.id(&id)?;
    show(&server, &member, about, move |op| team_history(op, id)).await
}

async fn role(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfThing,
) -> PageResult {
    let about = About { kind: "Role", place: Place::Roles, back: "roles".to_owned() };
    let id = member.id(&id)?;
    show(&server, &member, about, move |op| role_history(op, id)).await
}

async fn person(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfThing,
) -> PageResult {
    let about = About { kind: "Member", place: Place::People, back: "people".to_owned() };
    let id = member.id(&id)?;
    show(&server, &member, about, move |op| member_history(op, id)).await
}

async fn settings(State(server): State<Server>, member: SignedIn) -> PageResult {
    let about = About { kind: "Settings of", place: Place::Settings, back: "settings".to_owned() };
    show(&server, &member, about, settings_history).await
}

async fn show(
    server: &Server,
    member: &SignedIn,
    about: About,
    mut read: impl FnMut(&mut Op) -> Result<ThingHistory, Error> + Send + 'static,
) -> PageResult {
    let (frame, history) = member
        .read(server, move |op| {
            let history = read(op)?;
            Ok((Frame::read(op)?, page(op, history)))
        })
        .await?;
    let layout = frame.layout(server, member, about.place, "history", "History").await?;
    let layout = layout.live_with_record();
    let page = ThingPage { layout, kind: about.kind, back: about.back, ..history };
    Ok(page_with(StatusCode::OK, &page))
}

fn page(op: &Op, history: ThingHistory) -> ThingPage {
    let events = history.events.into_iter();
    ThingPage {
        name: history.name,
        events: events.map(|event| history_row(op, event, what_was_done_to_it)).collect(),
        ..ThingPage::default()
    }
}

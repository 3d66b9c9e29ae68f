//! The trash in the API. Things are restored where they were: `/clients/{id}/restore` and so on.

use app::{
    paging::newest_first,
    trash::{Trashed, list_trashed},
};
use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{page::Page, problem::Problem, trash::TrashedThing};

use crate::{
    api::page,
    error::ApiError,
    extract::{Caller, PageQuery, Paging},
    state::Server,
};

/// Routes of the trash.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Deleted clients, projects, tasks and tags that one may restore, the latest deleted first. They go
/// for good after 30 days, unless something refers to them. Deleted entries are at
/// `/time-entries/trash`.
#[utoipa::path(get, path = "/workspaces/{workspace}/trash", operation_id = "listTrash",
    tag = "trash", params(("workspace" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<TrashedThing>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    Paging(asked): Paging,
) -> Result<Json<Page<TrashedThing>>, ApiError> {
    let paged = caller.read(&server, move |op| {
        let things = list_trashed(op)?;
        newest_first(op, &asked, things, |thing| (thing.deleted_at, thing.id.uuid()))
    });
    Ok(page(paged.await?, to_wire))
}

fn to_wire(thing: Trashed) -> TrashedThing {
    TrashedThing {
        kind: thing.id.kind().to_owned(),
        id: thing.id.uuid(),
        name: thing.name,
        of: thing.of,
        deleted_at: thing.deleted_at,
        purged_at: thing.purged_at,
    }
}

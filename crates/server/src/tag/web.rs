//! The page of tags.

use app::{
    Error, Op,
    names::Tag,
    tag::{ChangeTag, add_tag, change_tag, delete_tag, list_tags, restore_tag},
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use domain::{
    ids::TagId,
    permission::{Relation, Right},
};

use super::view::{TagRow, TagsPage};
use crate::{
    page::{Field, Place},
    state::Server,
    web::{Flash, Frame, PageResult, Refused, SignedIn, Typed, page_with},
};

/// Routes of the page of tags.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/tags", get(list).post(add))
        .route("/w/{workspace}/tags/{id}", post(save))
        .route("/w/{workspace}/tags/{id}/archive", post(archive))
        .route("/w/{workspace}/tags/{id}/restore", post(restore))
        .route("/w/{workspace}/tags/{id}/delete", post(delete))
}

type One = Path<(String, String)>;

async fn list(State(server): State<Server>, member: SignedIn) -> PageResult {
    show(&server, &member, None).await
}

/// Shows the page; what was refused stands in its form again, that of a tag or the one to add.
async fn show(
    server: &Server,
    member: &SignedIn,
    refused: Option<(Option<TagId>, Refused)>,
) -> PageResult {
    let (frame, mut page) = member.read(server, |op| Ok((Frame::read(op)?, body(op)?))).await?;
    let mut status = StatusCode::OK;
    if let Some((target, refused)) = refused {
        status = refused.status;
        put_back(&mut page, target, &refused);
    }
    let layout = frame.layout(server, member, Place::Tags, "tags", "Tags").await?;
    Ok(page_with(status, &TagsPage { layout, ..page }))
}

fn body(op: &mut Op) -> Result<TagsPage, Error> {
    let tags = list_tags(op)?;
    let (live, archived): (Vec<_>, Vec<_>) = tags.iter().partition(|tag| tag.archived_at.is_none());
    Ok(TagsPage {
        tags: live.into_iter().chain(archived).map(row).collect(),
        can_edit: op.may(Right::ManageTags, Relation::Workspace),
        ..TagsPage::default()
    })
}

fn row(tag: &Tag) -> TagRow {
    TagRow {
        id: tag.id.to_string(),
        name: Field::new(tag.name.clone()),
        remark: String::new(),
        version: tag.version.to_string(),
        is_archived: tag.archived_at.is_some(),
        is_open: false,
    }
}

fn put_back(page: &mut TagsPage, target: Option<TagId>, refused: &Refused) {
    let Some(id) = target else {
        page.add = refused.field("name");
        return;
    };
    let id = id.to_string();
    for row in page.tags.iter_mut().filter(|row| row.id == id) {
        row.name = refused.only_field("name", &row.name.value);
        row.is_open = true;
    }
}

async fn add(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let name = form.get("name").to_owned();
    let added = server
        .app
        .write(member.actor, member.workspace, move |op| {
            add_tag(op, None, &app::input::name("name", &name)?, None)
        })
        .await;
    match added {
        Ok(_) => Ok(member.back("tags", Some(Flash::Added))),
        Err(error) => {
            show(&server, &member, Some((None, Refused::new(&member, form, error)?))).await
        }
    }
}

async fn save(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let typed = form.clone();
    let saved = server
        .app
        .write(member.actor, member.workspace, move |op| {
            let change = ChangeTag {
                name: Some(app::input::name("name", typed.get("name"))?),
                expected_version: typed.version(),
                ..ChangeTag::default()
            };
            change_tag(op, id, change)
        })
        .await;
    match saved {
        Ok(_) => Ok(member.back("tags", Some(Flash::Saved))),
        Err(error) => {
            show(&server, &member, Some((Some(id), Refused::new(&member, form, error)?))).await
        }
    }
}

async fn archive(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    _form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let change = ChangeTag { archived: Some(true), ..ChangeTag::default() };
    member.write(&server, move |op| change_tag(op, id, change.clone())).await?;
    Ok(member.back("tags", Some(Flash::Archived)))
}

/// Out of the archive, or out of the trash.
async fn restore(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    _form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let change = ChangeTag { archived: Some(false), ..ChangeTag::default() };
    member
        .write(&server, move |op| match change_tag(op, id, change.clone()) {
            Err(Error::NotFound) => restore_tag(op, id),
            outcome => outcome,
        })
        .await?;
    Ok(member.back("tags", Some(Flash::Restored)))
}

async fn delete(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id: TagId = member.id(&id)?;
    let deleted =
        server.app.write(member.actor, member.workspace, move |op| delete_tag(op, id, None)).await;
    match deleted {
        Ok(()) => Ok(member.back("tags", Some(Flash::TagDeleted(id.uuid())))),
        Err(error) => {
            show(&server, &member, Some((Some(id), Refused::new(&member, form, error)?))).await
        }
    }
}

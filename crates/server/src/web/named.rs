//! Pages of things that are little more than a name: clients and tags. Each is listed, added, renamed,
//! archived, deleted and restored; what differs is said by [`Listed`], the words of each page are in
//! its template, and the rules are below ([`app`]).

use app::{ChangeNamed, Error, Op};
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use domain::{ids::Id, text::Name};

use super::{Flash, Frame, PageResult, Refused, SignedIn, Typed, page_with};
use crate::{
    page::{Field, Layout, NamedList, NamedRow, Place},
    state::Server,
};

/// What a page of named things is about.
pub(crate) trait Listed: 'static {
    /// Its ids.
    type Id: Id + std::str::FromStr + Send;
    /// Its page: the frame and the list.
    type Page: Template;

    /// What one is called: `client`.
    const KIND: &'static str;
    /// The page's address below the workspace: `clients`.
    const PATH: &'static str;
    const PLACE: Place;
    const TITLE: &'static str;

    fn page(layout: Layout, list: NamedList) -> Self::Page;
    /// All of them, by name.
    fn rows(op: &mut Op) -> Result<Vec<NamedRow>, Error>;
    fn can_edit(op: &Op) -> bool;
    /// Refuses who may not add one, or change this one: what is wrong with a form is told to those alone
    /// who may send it.
    fn require(op: &mut Op, id: Option<Self::Id>) -> Result<(), Error>;
    fn add(op: &mut Op, name: &Name) -> Result<(), Error>;
    fn change(op: &mut Op, id: Self::Id, change: ChangeNamed) -> Result<(), Error>;
    /// Takes one out of the trash.
    fn restore(op: &mut Op, id: Self::Id) -> Result<(), Error>;
    fn delete(op: &mut Op, id: Self::Id) -> Result<(), Error>;
    /// What is said of one that was deleted.
    fn deleted(id: Self::Id) -> Flash;
}

/// Routes of a page of named things.
pub(crate) fn routes<T: Listed>() -> Router<Server> {
    let at = |rest: &str| format!("/w/{{workspace}}/{}{rest}", T::PATH);
    Router::new()
        .route(&at(""), get(list::<T>).post(add::<T>))
        .route(&at("/{id}"), post(save::<T>))
        .route(&at("/{id}/archive"), post(archive::<T>))
        .route(&at("/{id}/restore"), post(restore::<T>))
        .route(&at("/{id}/delete"), post(delete::<T>))
}

type One = Path<(String, String)>;

async fn list<T: Listed>(State(server): State<Server>, member: SignedIn) -> PageResult {
    show::<T>(&server, &member, None).await
}

/// Shows the page; what was refused stands in its form again, that of a thing or the one to add.
async fn show<T: Listed>(
    server: &Server,
    member: &SignedIn,
    refused: Option<(Option<T::Id>, Refused)>,
) -> PageResult {
    let (frame, mut list) =
        member.read(server, |op| Ok((Frame::read(op)?, read_list::<T>(op)?))).await?;
    let mut status = StatusCode::OK;
    if let Some((target, refused)) = refused {
        status = refused.status;
        put_back(&mut list, target.map(|id| id.to_string()), &refused);
    }
    let layout = frame.layout(server, member, T::PLACE, T::PATH, T::TITLE).await?;
    Ok(page_with(status, &T::page(layout, list)))
}

/// Archived ones last.
fn read_list<T: Listed>(op: &mut Op) -> Result<NamedList, Error> {
    let mut rows = T::rows(op)?;
    rows.sort_by_key(|row| row.is_archived);
    Ok(NamedList {
        kind: T::KIND,
        path: T::PATH,
        rows,
        can_edit: T::can_edit(op),
        add: Field::default(),
    })
}

fn put_back(list: &mut NamedList, target: Option<String>, refused: &Refused) {
    let Some(id) = target else {
        list.add = refused.field("name");
        return;
    };
    for row in list.rows.iter_mut().filter(|row| row.id == id) {
        row.name = refused.only_field("name", &row.name.value);
        row.is_open = true;
    }
}

/// Back to the page, or the page again with what was refused.
async fn answer<T: Listed>(
    server: &Server,
    member: &SignedIn,
    outcome: Result<Flash, Error>,
    target: Option<T::Id>,
    form: Typed,
) -> PageResult {
    match outcome {
        Ok(flash) => Ok(member.back(T::PATH, Some(flash))),
        Err(error) => {
            let refused = Refused::new(member, form, error)?;
            show::<T>(server, member, Some((target, refused))).await
        }
    }
}

async fn add<T: Listed>(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let name = form.get("name").to_owned();
    let added = member
        .try_write(&server, move |op| {
            T::require(op, None)?;
            T::add(op, &app::input::name("name", &name)?)
        })
        .await;
    answer::<T>(&server, &member, added.map(|()| Flash::Added), None, form).await
}

async fn save<T: Listed>(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id: T::Id = member.id(&id)?;
    let typed = form.clone();
    let saved = member
        .try_write(&server, move |op| {
            T::require(op, Some(id))?;
            let name = Some(app::input::name("name", typed.get("name"))?);
            let change = ChangeNamed { name, archived: None, expected_version: typed.version() };
            T::change(op, id, change)
        })
        .await;
    answer::<T>(&server, &member, saved.map(|()| Flash::Saved), Some(id), form).await
}

async fn archive<T: Listed>(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    _form: Typed,
) -> PageResult {
    let id: T::Id = member.id(&id)?;
    let archived = ChangeNamed { archived: Some(true), ..ChangeNamed::default() };
    member.write(&server, move |op| T::change(op, id, archived.clone())).await?;
    Ok(member.back(T::PATH, Some(Flash::Archived)))
}

/// Out of the archive, or out of the trash.
async fn restore<T: Listed>(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    _form: Typed,
) -> PageResult {
    let id: T::Id = member.id(&id)?;
    let live = ChangeNamed { archived: Some(false), ..ChangeNamed::default() };
    let back = move |op: &mut Op| match T::change(op, id, live.clone()) {
        Err(Error::NotFound) => T::restore(op, id),
        outcome => outcome,
    };
    member.write(&server, back).await?;
    Ok(member.back(T::PATH, Some(Flash::Restored)))
}

async fn delete<T: Listed>(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id: T::Id = member.id(&id)?;
    let deleted = member.try_write(&server, move |op| T::delete(op, id)).await;
    answer::<T>(&server, &member, deleted.map(|()| T::deleted(id)), Some(id), form).await
}

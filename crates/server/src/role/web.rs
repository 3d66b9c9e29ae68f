//! The page of roles.

use app::{
    Error, Op,
    names::OwnRole,
    role::{AddRole, ChangeRole, add_role, change_own_role, delete_role, get_role, list_roles},
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use domain::{
    ids::RoleId,
    permission::{Grant, Grants, OF_OWNERS, Relation, Right, Role, Standing},
};

use super::view::{OwnRoleRow, RightChoice, RightLine, RoleForm, RolesPage};
use crate::{
    page::{Field, Place},
    state::Server,
    web::{Flash, Frame, PageResult, Refused, SignedIn, Typed, page_with},
};

/// Routes of the page of roles.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/roles", get(list).post(add))
        .route("/w/{workspace}/roles/{id}", post(save))
        .route("/w/{workspace}/roles/{id}/delete", post(delete))
}

type One = Path<(String, String)>;

/// The columns of the table; a guest's is a sentence of its own.
const COLUMNS: [Role; 6] =
    [Role::Member, Role::Manager, Role::Accountant, Role::Auditor, Role::Admin, Role::Owner];

async fn list(State(server): State<Server>, member: SignedIn) -> PageResult {
    show(&server, &member, None).await
}

/// Shows the page; what was refused stands in its form again, that of a role or the one to make one.
async fn show(
    server: &Server,
    member: &SignedIn,
    refused: Option<(Option<RoleId>, Refused)>,
) -> PageResult {
    let (frame, mut page) = member.read(server, |op| Ok((Frame::read(op)?, body(op)?))).await?;
    let mut status = StatusCode::OK;
    if let Some((target, refused)) = refused {
        status = refused.status;
        put_back(&mut page, target, &refused);
    }
    let layout = frame.layout(server, member, Place::Roles, "roles", "Roles").await?;
    Ok(page_with(status, &RolesPage { layout, ..page }))
}

fn body(op: &mut Op) -> Result<RolesPage, Error> {
    let roles = list_roles(op)?;
    let can_edit = op.may(Right::ManageRoles, Relation::Workspace);
    let own = roles.into_iter().map(|role| own_row(op, role, can_edit));
    let own = own.collect::<Result<_, _>>()?;
    let built_in = COLUMNS.iter().chain([&Role::Client]);
    let lines = Grant::ALL.iter().map(|grant| RightLine {
        sentence: grant.sentence().to_owned(),
        marks: COLUMNS.map(|role| Standing::from(role).covers(of(*grant))).to_vec(),
    });
    let of_owners = OF_OWNERS.iter().map(|(right, sentence)| RightLine {
        sentence: (*sentence).to_owned(),
        marks: COLUMNS.map(|role| Standing::from(role).allows_somewhere(*right)).to_vec(),
    });
    Ok(RolesPage {
        built_in: built_in
            .map(|role| (role.title().to_owned(), role.sentence().to_owned()))
            .collect(),
        columns: COLUMNS.iter().map(|role| role.title().to_owned()).collect(),
        lines: lines.chain(of_owners).collect(),
        own,
        add: can_edit.then(|| form(op, None)),
        ..RolesPage::default()
    })
}

fn of(grant: Grant) -> Standing {
    Standing::of(Grants::of([grant]))
}

fn own_row(op: &mut Op, role: OwnRole, can_edit: bool) -> Result<OwnRoleRow, Error> {
    let names = op.names()?;
    let has = names.members.values();
    let has = has.filter(|it| it.own_role == Some(role.id) && it.removed_at.is_none()).count();
    let people = match has {
        0 => "nobody has it".to_owned(),
        1 => "1 person".to_owned(),
        many => format!("{many} people"),
    };
    let rights = match role.grants.iter().count() {
        1 => "1 right".to_owned(),
        many => format!("{many} rights"),
    };
    let may_change = can_edit && op.me().standing.covers(Standing::of(role.grants));
    Ok(OwnRoleRow {
        id: role.id.to_string(),
        name: role.name.clone(),
        remark: format!("{people} · {rights}"),
        sentences: role.grants.iter().map(|grant| grant.sentence().to_owned()).collect(),
        form: may_change.then(|| form(op, Some(&role))),
        is_open: false,
    })
}

/// With the rights that the asking member has to give.
fn form(op: &Op, role: Option<&OwnRole>) -> RoleForm {
    let mine = op.me().standing;
    let grants = role.map(|role| role.grants).unwrap_or_default();
    let rights = Grant::ALL.iter().filter(|grant| mine.covers(of(**grant)));
    RoleForm {
        name: Field::new(role.map(|role| role.name.clone()).unwrap_or_default()),
        version: role.map(|role| role.version.to_string()).unwrap_or_default(),
        rights: rights
            .map(|grant| RightChoice {
                word: grant.as_str().to_owned(),
                sentence: grant.sentence().to_owned(),
                is_chosen: grants.has(*grant),
            })
            .collect(),
        error: String::new(),
    }
}

fn put_back(page: &mut RolesPage, target: Option<RoleId>, refused: &Refused) {
    let form = match target {
        None => {
            page.is_add_open = true;
            page.add.as_mut()
        }
        Some(id) => {
            let id = id.to_string();
            let row = page.own.iter_mut().find(|row| row.id == id);
            row.and_then(|row| {
                row.is_open = true;
                row.form.as_mut()
            })
        }
    };
    let Some(form) = form else { return };
    let chosen: Vec<&str> = refused.typed().all("right").collect();
    for right in &mut form.rights {
        right.is_chosen = chosen.contains(&right.word.as_str());
    }
    form.name = refused.field("name");
    if form.name.error.is_empty() {
        form.error = refused.sentence();
    }
}

fn read_rights(form: &Typed) -> Result<Grants, Error> {
    let grants = form.all("right").map(|word| app::input::choice::<Grant>("right", word));
    Ok(Grants::of(grants.collect::<Result<Vec<_>, _>>()?))
}

async fn add(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let typed = form.clone();
    let added = member
        .try_write(&server, move |op| {
            op.require(Right::ManageRoles, Relation::Workspace)?;
            let name = app::input::name("name", typed.get("name"))?;
            add_role(op, AddRole { id: None, name, grants: read_rights(&typed)?, body: None })
        })
        .await;
    match added {
        Ok(_) => Ok(member.back("roles", Some(Flash::Added))),
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
    let saved = member
        .try_write(&server, move |op| {
            get_role(op, id)?;
            op.require(Right::ManageRoles, Relation::Workspace)?;
            let change = ChangeRole {
                name: Some(app::input::name("name", typed.get("name"))?),
                grants: Some(read_rights(&typed)?),
                expected_version: typed.version(),
            };
            change_own_role(op, id, change)
        })
        .await;
    match saved {
        Ok(_) => Ok(member.back("roles", Some(Flash::Saved))),
        Err(error) => {
            show(&server, &member, Some((Some(id), Refused::new(&member, form, error)?))).await
        }
    }
}

async fn delete(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let deleted = member.try_write(&server, move |op| delete_role(op, id, None)).await;
    match deleted {
        Ok(()) => Ok(member.back("roles", Some(Flash::Deleted))),
        Err(error) => {
            show(&server, &member, Some((Some(id), Refused::new(&member, form, error)?))).await
        }
    }
}

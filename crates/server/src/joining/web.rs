//! The form of the rule, and joining by it for who is signed in.

use app::{
    Error, Fields, JoinByRule, Joinable, Op,
    joining::{ChangeJoinRule, ReadJoinRule, get_join_rule},
};
use axum::{Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use domain::{
    permission::{Relation, Right},
    preference::Locale,
};

use super::rule::{consequences, lines, part};
use crate::{
    identity::view::JoinPage,
    page::{Field, Place, WorkspaceLink},
    sign_in_policy::web::show_with,
    state::Server,
    web::{
        Flash, Frame, Overtaken, PageError, PageResult, Refused, SignedIn, Typed, collect,
        open_workspaces, page, page_with, redirect, stale, zones,
    },
};

/// Routes of the rule and of joining.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/sign-in-policy/joining", get(show).post(save))
        .route("/workspaces/{workspace}/join", get(ask).post(join))
}

/// The form stands on the page of the sign-in policy.
async fn show(State(server): State<Server>, member: SignedIn) -> PageResult {
    member.read(&server, get_join_rule).await?;
    Ok(member.back("sign-in-policy", None))
}

/// In two steps: what it does, then the same once more to save it.
async fn save(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let change = match read(&form) {
        Ok(change) => change,
        Err(error) => return refuse(&server, &member, form, error).await,
    };
    if !form.is_ticked("confirmed") {
        return preview(&server, &member, form, change).await;
    }
    match server.app.change_join_rule(member.actor, member.workspace, change).await {
        Ok(_) => Ok(member.back("sign-in-policy", Some(Flash::Saved))),
        Err(Error::Stale(_)) => show_both(&server, &member, form).await,
        Err(error) => refuse(&server, &member, form, error).await,
    }
}

fn read(form: &Typed) -> Result<ChangeJoinRule, Error> {
    let mut wrong = Vec::new();
    let domains = app::input::mail_domains("domains", form.get("domains"));
    let domains = collect(&mut wrong, domains);
    let role = collect(&mut wrong, app::input::assignment_word(form.get("role")));
    if wrong.is_empty() {
        Ok(ChangeJoinRule { domains, role, expected_version: form.version() })
    } else {
        Err(Error::Invalid(Fields(wrong)))
    }
}

async fn preview(
    server: &Server,
    member: &SignedIn,
    form: Typed,
    change: ChangeJoinRule,
) -> PageResult {
    let looked = server.app.look_at_join_rule(member.actor, member.workspace, change).await;
    let (before, after) = match looked {
        Ok(looked) => looked,
        Err(Error::Stale(_)) => return show_both(server, member, form).await,
        Err(error) => return refuse(server, member, form, error).await,
    };
    let (mut shown, role) =
        member.read(server, move |op| Ok((part(op)?, op.names()?.role_name(after.role)))).await?;
    shown.domains = Field::new(lines(&after));
    shown.role.choose(form.get("role"));
    shown.consequences = consequences(&before.rule, &after, &role);
    show_with(server, member, StatusCode::OK, shown).await
}

/// The form again, with what is wrong.
async fn refuse(server: &Server, member: &SignedIn, form: Typed, error: Error) -> PageResult {
    let refused = Refused::new(member, form, error)?;
    let may_send = |op: &mut Op| {
        // What is wrong with a form is told to those alone who may send it.
        op.require(Right::NarrowSignIn, Relation::Workspace)?;
        part(op)
    };
    let mut shown = member.read(server, may_send).await?;
    refused.typed().get("version").clone_into(&mut shown.version);
    shown.domains = refused.field("domains");
    refused.choose(&mut shown.role, "role");
    if shown.role.error.is_empty() {
        shown.role.error = refused.error("role_id");
    }
    shown.error = refused.whole();
    show_with(server, member, refused.status, shown).await
}

/// Somebody was faster: both texts.
async fn show_both(server: &Server, member: &SignedIn, form: Typed) -> PageResult {
    let typed = form.clone();
    let (frame, both) = member
        .read(server, move |op| {
            let stored = get_join_rule(op)?;
            let role = op.names()?.role_name(stored.rule.role);
            let given = app::input::assignment_word(typed.get("role"));
            let given = given.map_or_else(
                |_| Ok(String::new()),
                |given| Ok::<_, Error>(op.names()?.role_name(given)),
            );
            Ok((Frame::read(op)?, overtaken(&stored, &typed, role, given?)))
        })
        .await?;
    stale(server, member, frame, Place::SignIn, &form, both).await
}

fn overtaken(stored: &ReadJoinRule, typed: &Typed, role: String, given: String) -> Overtaken {
    let both = Overtaken {
        about: "Who may join by themselves".to_owned(),
        path: "sign-in-policy/joining".to_owned(),
        version: stored.version,
        differences: Vec::new(),
    };
    both.with("Mail domains", typed.get("domains").trim().to_owned(), lines(&stored.rule)).with(
        "They join as",
        given,
        role,
    )
}

/// What may be joined, as links.
pub(crate) async fn joinable(
    server: &Server,
    member: &SignedIn,
) -> Result<Vec<WorkspaceLink>, PageError> {
    let found = server.app.list_joinable_by(member.actor.request, member.session).await;
    let link = |found: Joinable| WorkspaceLink {
        href: format!("/workspaces/{}/join", found.workspace),
        name: found.name,
        is_current: false,
    };
    Ok(found.map_err(|error| member.fail(error))?.into_iter().map(link).collect())
}

async fn ask(State(server): State<Server>, member: SignedIn) -> PageResult {
    let mut empty = join_page(&server, &member, &Typed::default(), &[]).await?;
    empty.name = Field::new(own_name(&server, &member).await);
    empty.is_zone_proposed = true;
    Ok(page(&empty))
}

/// As somebody is called where they are a member already.
async fn own_name(server: &Server, member: &SignedIn) -> String {
    let open = open_workspaces(server, member).await.unwrap_or_default();
    let Some((workspace, _)) = open.into_iter().next() else { return String::new() };
    let read = server.app.read(member.actor, workspace, |op| {
        let names = op.names()?;
        Ok(names.members.get(&op.me().member).map(|me| me.name.clone()))
    });
    // It is only proposed.
    read.await.ok().flatten().unwrap_or_default()
}

async fn join_page(
    server: &Server,
    member: &SignedIn,
    form: &Typed,
    wrong: &[app::FieldError],
) -> Result<JoinPage, PageError> {
    let (session, workspace) = (member.session, member.workspace);
    let found = server.app.look_at_joinable(member.actor.request, session, workspace).await;
    let found = found.map_err(|error| member.fail(error))?;
    let zone = form.some("zone").unwrap_or(found.zone.as_str()).to_owned();
    Ok(JoinPage {
        layout: member.visit.plain("join", "Join"),
        action: format!("/workspaces/{workspace}/join"),
        zone: field("zone", &zone, wrong),
        name: field("name", form.get("name"), wrong),
        zones: zones(),
        ..JoinPage::of(&found)
    })
}

fn field(name: &'static str, value: &str, wrong: &[app::FieldError]) -> Field {
    let error = wrong.iter().find(|error| error.field == name);
    Field::new(value).with_error(error.map_or("", |error| error.message.as_str()))
}

async fn join(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let mut wrong = Vec::new();
    let name = collect(&mut wrong, app::input::name("name", form.get("name")));
    let zone = collect(&mut wrong, app::input::zone("zone", form.get("zone").trim()));
    let (Some(name), Some(zone)) = (name, zone) else {
        let again = join_page(&server, &member, &form, &wrong).await?;
        return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &again));
    };
    let workspace = member.workspace;
    let command = JoinByRule { workspace, name, zone, locale: Locale::EnGb };
    let joined = server.app.join_by_rule(member.actor.request, member.session, command).await;
    joined.map_err(|error| member.fail(error))?;
    Ok(redirect(&format!("{}/today", member.root()), None).into_response())
}

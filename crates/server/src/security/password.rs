//! One's password: set, changed, taken away, and let work again after strangers guessed too often.

use app::{
    DirectoryOp, Error, Op, Refusal,
    identity::{
        get_address,
        password::{
            ChangePassword, GUIDANCE, PasswordState, Rating, Secret, allow_password_again,
            find_password, rate, remove_password,
        },
        second::{Enrolled, get_enrolled},
    },
    member::get_me,
};
use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use domain::password::{Expected, LEAST_ALONE, LEAST_WITH_SECOND};
use serde_json::json;

use super::web::{Asking, done, read_page};
use crate::{
    identity::web::password::{QUEUE_WAIT_S, later},
    state::Server,
    wall,
    web::{Flash, PageError, PageResult, Refused, SignedIn, Typed, page_with, redirect},
};

/// Changes are counted by the hour.
const HOUR_S: i64 = 3_600;

/// One's password.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether one thing is shown")]
pub struct PasswordSection {
    /// Whether there is one.
    pub has_one: bool,
    /// Since when it is this one: `20 November`.
    pub since: String,
    /// Whether it works only in known browsers.
    pub is_off_elsewhere: bool,
    /// Whether one can be chosen now.
    pub shows_form: bool,
    /// Whether the one there is is asked for.
    pub asks_current: bool,
    /// Whether it has to be shown first that it is its person.
    pub offers_begin: bool,
    /// The button for that.
    pub begin: String,
    /// How long a new one is, and how to find a good one.
    pub hint: String,
    /// Whether to sign out everywhere else.
    pub end_others: bool,
    /// A sentence about the whole; empty when nothing is wrong.
    pub error: String,
    /// What is wrong with the one there is.
    pub current_error: String,
    /// What is wrong with the new one.
    pub new_error: String,
}

/// Routes of the section.
pub(super) fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/security/password", post(save))
        .route("/w/{workspace}/security/password/begin", post(begin))
        .route("/w/{workspace}/security/password/remove", post(remove))
        .route("/w/{workspace}/security/password/allow", post(allow))
        .route("/w/{workspace}/security/password/strength", post(strength))
}

/// What the directory knows of one's password.
pub(super) struct Found {
    password: Option<PasswordState>,
    enrolled: Enrolled,
    is_proven: bool,
}

/// One's password, and whether one has just shown who one is.
pub(super) fn find(
    op: &mut DirectoryOp,
    asking: Asking,
    enrolled: Enrolled,
) -> Result<Found, Error> {
    let password = find_password(op, asking.session.user)?;
    Ok(Found { password, enrolled, is_proven: asking.is_proven })
}

/// The section, in the words of the person's own days.
pub(super) fn section(op: &Op, found: &Found) -> PasswordSection {
    let has_one = found.password.is_some();
    let since = found.password.map(|password| wall::moment(op.me(), op.now(), password.changed_at));
    let least = if found.enrolled.has_app() { LEAST_WITH_SECOND } else { LEAST_ALONE };
    let begin = if has_one { "Show by a code that it is you" } else { "Set a password" };
    PasswordSection {
        has_one,
        since: since.unwrap_or_default(),
        is_off_elsewhere: found.password.is_some_and(|password| password.is_off_elsewhere),
        shows_form: has_one || found.is_proven,
        asks_current: has_one && !found.is_proven,
        offers_begin: !found.is_proven,
        begin: begin.to_owned(),
        hint: format!("At least {least} characters. {GUIDANCE}"),
        end_others: has_one,
        ..PasswordSection::default()
    }
}

/// Shows first that it is its person; then the form is on the page.
async fn begin(member: SignedIn, form: Typed) -> PageResult {
    member.require_proof(&form)?;
    Ok(redirect(&format!("{}/security#password", member.root()), None))
}

/// Names that others know of the person here.
async fn expected(server: &Server, member: &SignedIn) -> Result<Expected, PageError> {
    let names = member.read(server, |op| {
        let mine = get_me(op)?.name;
        Ok(Expected::default().with_name(&mine).with_name(&op.names()?.workspace))
    });
    names.await
}

async fn save(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let secret = |name| Secret::new(form.get(name).to_owned());
    let current = Some(form.get("current_password")).filter(|typed| !typed.is_empty());
    let command = ChangePassword {
        user: member.session.user,
        session: member.session.id,
        login: member.session.login(),
        is_proven: member.is_proven(),
        current: current.map(|typed| Secret::new(typed.to_owned())),
        new: secret("new_password"),
        expected: expected(&server, &member).await?,
        end_others: form.is_ticked("end_others"),
        origin: member.visit.origin().clone(),
    };
    match server.app.change_password(member.actor.request, command).await {
        Ok(()) => Ok(member.back("security", Some(Flash::Saved))),
        Err(error) => show_refused(&server, &member, form, error).await,
    }
}

async fn show_refused(server: &Server, member: &SignedIn, form: Typed, error: Error) -> PageResult {
    let end_others = form.is_ticked("end_others");
    let wait_s = wait_of(&error);
    let refused = Refused::new(member, form, error)?;
    let mut page = read_page(server, member).await?;
    page.password.shows_form = true;
    page.password.end_others = end_others;
    page.password.error = refused.whole();
    page.password.current_error = refused.error("current");
    page.password.new_error = refused.error("new");
    Ok(match wait_s {
        Some(wait_s) => later(&page, wait_s),
        None => page_with(refused.status, &page),
    })
}

/// After how long to come again, where it was too often and not wrong.
fn wait_of(error: &Error) -> Option<i64> {
    match error {
        Error::Refused(Refusal::TooManyChecks) => Some(QUEUE_WAIT_S),
        Error::Refused(Refusal::TooManyChanges) => Some(HOUR_S),
        _ => None,
    }
}

async fn remove(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let (user, is_proven) = (member.session.user, member.is_proven());
    let origin = member.visit.origin().clone();
    let removed = server.app.write_directory(member.actor.request, move |op| {
        remove_password(op, user, is_proven, &origin)
    });
    done(&member, &form, removed.await, Flash::Saved)
}

async fn allow(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let (user, is_proven) = (member.session.user, member.is_proven());
    let allowed = server
        .app
        .write_directory(member.actor.request, move |op| allow_password_again(op, user, is_proven));
    done(&member, &form, allowed.await, Flash::Saved)
}

/// How good a password is that is being typed.
async fn strength(
    State(server): State<Server>,
    member: SignedIn,
    form: Typed,
) -> Result<Response, PageError> {
    let expected = expected(&server, &member).await?;
    let user = member.session.user;
    let known = server.app.read_directory(member.actor.request, move |op| {
        Ok((get_address(op, user)?, get_enrolled(op, user)?))
    });
    let (address, enrolled) = known.await.map_err(|error| member.fail(error))?;
    let typed = Secret::new(form.get("new_password").to_owned());
    let rated =
        tokio::task::spawn_blocking(move || rate(typed.expose(), &expected, &address, &enrolled));
    let rated = rated.await.map_err(|_| member.fail(Error::bug("rating a password panicked")))?;
    Ok(told(&rated))
}

/// A rating, for the script that asked for it.
pub(crate) fn told(rated: &Rating) -> Response {
    let answer = json!({
        "strength": rated.strength,
        "refusal": rated.refusal,
        "advice": rated.advice,
    });
    Json(answer).into_response()
}

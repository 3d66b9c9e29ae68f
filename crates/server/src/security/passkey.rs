//! One's passkeys: added, called something else, removed; and when one is asked for.

use app::{
    DirectoryOp, Error, Op,
    identity::{
        Enrolled, Passkey, PasskeyMade, Session, add_passkey, list_passkeys, policy::MOST_PASSKEYS,
        remove_passkey, rename_passkey, set_passkey_always,
    },
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};
use domain::ids::PasskeyId;

use super::{
    second::codes_page,
    view::SecurityPage,
    web::{Asking, done, gone_is_done},
};
use crate::{
    identity::web::{ANSWER, question},
    page::Field,
    state::Server,
    wall,
    web::{Flash, PageError, PageResult, Refused, SignedIn, Typed, page_with, redirect},
};

/// One's passkeys.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether one thing is shown")]
pub struct PasskeySection {
    /// Whether browsers know passkeys at our address.
    pub is_possible: bool,
    /// Oldest first.
    pub passkeys: Vec<PasskeyRow>,
    /// Whether one can be added now.
    pub shows_form: bool,
    /// Whether it has to be shown first that it is its person.
    pub offers_begin: bool,
    /// The button for that.
    pub begin: &'static str,
    /// When one is asked for; empty where there is none.
    pub asked: &'static str,
    /// The button that changes that; empty where it cannot be changed.
    pub change: &'static str,
    /// Whether that button asks for one always.
    pub wants_always: bool,
    /// Field `name` of a new one.
    pub name: Field,
    /// A sentence about a new one; empty when nothing is wrong.
    pub error: String,
}

/// A passkey.
#[derive(Debug, Clone, Default)]
pub struct PasskeyRow {
    /// Its id.
    pub id: String,
    /// As its person calls it.
    pub name: String,
    /// `since 20 November, last used today at 13:05`.
    pub remark: String,
    /// Field `name`, to call it something else.
    pub new_name: Field,
    /// Whether that is open, as it was refused.
    pub is_open: bool,
}

/// Routes of the section.
pub(super) fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/security/passkeys", post(add))
        .route("/w/{workspace}/security/passkeys/begin", post(begin))
        .route("/w/{workspace}/security/passkeys/options", post(ask))
        .route("/w/{workspace}/security/passkeys/always", post(set_always))
        .route("/w/{workspace}/security/passkeys/{id}", post(rename))
        .route("/w/{workspace}/security/passkeys/{id}/remove", post(remove))
}

/// What the directory knows of one's passkeys.
pub(super) struct Found {
    passkeys: Vec<Passkey>,
    enrolled: Enrolled,
    session: Session,
    is_proven: bool,
    is_possible: bool,
}

/// One's passkeys.
pub(super) fn find(
    op: &mut DirectoryOp,
    asking: Asking,
    enrolled: Enrolled,
) -> Result<Found, Error> {
    let Asking { session, is_proven, has_passkeys: is_possible } = asking;
    let passkeys = list_passkeys(op, session.user)?;
    Ok(Found { passkeys, enrolled, session, is_proven, is_possible })
}

/// The section, in the words of the person's own days and clock.
pub(super) fn section(op: &Op, found: &Found) -> PasskeySection {
    let has_room = found.enrolled.passkeys < MOST_PASSKEYS;
    let (asked, change) = asked(&found.enrolled);
    let has_strong = found.enrolled.has_strong();
    PasskeySection {
        is_possible: found.is_possible,
        passkeys: found.passkeys.iter().map(|passkey| row(op, passkey)).collect(),
        shows_form: found.is_possible && found.is_proven && has_room,
        offers_begin: found.is_possible && !found.is_proven,
        begin: match (has_strong, found.session.shown.is_strong()) {
            (true, false) => "Show that it is you",
            (true, true) => "Add one more",
            _ => "Add a passkey",
        },
        asked,
        change,
        wants_always: !found.enrolled.passkey_always,
        name: Field::new(if found.passkeys.is_empty() { "My device" } else { "" }),
        error: String::new(),
    }
}

fn row(op: &Op, passkey: &Passkey) -> PasskeyRow {
    let me = op.me();
    let since = wall::day(me, passkey.created_at);
    let used = passkey.used_at.map(|at| wall::moment(me, op.now(), at));
    let used = used.map_or_else(String::new, |at| format!(", last used {at}"));
    let elsewhere = passkey.made_for.as_deref();
    let elsewhere =
        elsewhere.map_or_else(String::new, |host| format!(". Works at {host} only, and not here"));
    PasskeyRow {
        id: passkey.id.to_string(),
        name: passkey.name.as_str().to_owned(),
        remark: format!("since {since}{used}{elsewhere}"),
        new_name: Field::new(passkey.name.as_str()),
        is_open: false,
    }
}

/// When a passkey is asked for after another way in, and the button that changes it.
fn asked(enrolled: &Enrolled) -> (&'static str, &'static str) {
    if enrolled.passkeys == 0 {
        return ("", "");
    }
    if enrolled.has_app() {
        let text = "When you sign in in another way, a passkey or a code of your app is asked for.";
        return (text, "");
    }
    match (enrolled.passkey_always, enrolled.has_mail) {
        (true, _) => (
            "When you sign in in another way, a passkey is asked for as well, or a recovery code.",
            "Ask for it no more",
        ),
        (false, true) => (
            "When you sign in with your password, a passkey is asked for as well, or a recovery code; \
             after a mail it is not.",
            "Ask for it always",
        ),
        (false, false) => (
            "You can still sign in in other ways without it: whoever reads your mailbox can too.",
            "Ask for it always",
        ),
    }
}

/// Shows first that it is its person; then the form is on the page.
async fn begin(member: SignedIn, form: Typed) -> PageResult {
    member.require_proof(&form)?;
    Ok(redirect(&format!("{}/security#passkeys", member.root()), None))
}

/// The question for the script.
async fn ask(
    State(server): State<Server>,
    member: SignedIn,
    _form: Typed,
) -> Result<Response, PageError> {
    let hash = member.session_hash()?;
    let asked = server.app.begin_passkey(member.actor.request, member.session, hash).await;
    question(&member.visit, asked)
}

async fn add(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let name = match app::input::name("name", form.get("name")) {
        Ok(name) => name,
        Err(error) => return refuse(&server, &member, form, error).await,
    };
    let (session, hash) = (member.session, member.session_hash()?);
    let (answer, origin) = (form.get(ANSWER).to_owned(), member.visit.origin().clone());
    let added = server
        .app
        .write_directory(member.actor.request, move |op| {
            add_passkey(op, &session, &hash, (&name, &answer), &origin)
        })
        .await;
    match added {
        Ok(PasskeyMade::Added(codes)) if codes.is_empty() => {
            Ok(member.back("security", Some(Flash::Added)))
        }
        Ok(PasskeyMade::Added(codes)) => codes_page(&server, &member, &codes, false).await,
        Ok(PasskeyMade::Refused(refusal)) => refuse(&server, &member, form, refusal.into()).await,
        Err(error) => refuse(&server, &member, form, error).await,
    }
}

/// The page of one's security again, with what was typed and why it was refused.
async fn refuse(server: &Server, member: &SignedIn, form: Typed, error: Error) -> PageResult {
    let refused = Refused::new(member, form, error)?;
    let mut page = super::web::read_page(server, member).await?;
    page.passkey.name = refused.field("name");
    page.passkey.error = refused.whole();
    Ok(page_with(refused.status, &page))
}

async fn rename(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): Path<(String, String)>,
    form: Typed,
) -> PageResult {
    let id: PasskeyId = member.id(&id)?;
    let renamed = match app::input::name("name", form.get("name")) {
        Ok(name) => {
            let session = member.session;
            let rename = move |op: &mut app::DirectoryOp| rename_passkey(op, &session, id, &name);
            server.app.write_directory(member.actor.request, rename).await
        }
        Err(error) => Err(error),
    };
    match renamed {
        Ok(()) => Ok(member.back("security", Some(Flash::Saved))),
        Err(Error::NotFound) => Err(member.fail(Error::NotFound)),
        Err(error) => {
            let refused = Refused::new(&member, form, error)?;
            let mut page = super::web::read_page(&server, &member).await?;
            reopen(&mut page, id, &refused);
            Ok(page_with(refused.status, &page))
        }
    }
}

fn reopen(page: &mut SecurityPage, id: PasskeyId, refused: &Refused) {
    let id = id.to_string();
    if let Some(row) = page.passkey.passkeys.iter_mut().find(|row| row.id == id) {
        row.new_name = refused.only_field("name", "");
        row.is_open = true;
    }
}

async fn remove(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): Path<(String, String)>,
    form: Typed,
) -> PageResult {
    let id: PasskeyId = member.id(&id)?;
    let (session, origin) = (member.session, member.visit.origin().clone());
    let removed = server.app.write_directory(member.actor.request, move |op| {
        gone_is_done(remove_passkey(op, &session, id, &origin))
    });
    done(&member, &form, removed.await, Flash::Deleted)
}

async fn set_always(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let (session, is_wanted) = (member.session, form.is_ticked("on"));
    let origin = member.visit.origin().clone();
    let set = server.app.write_directory(member.actor.request, move |op| {
        set_passkey_always(op, &session, is_wanted, &origin)
    });
    done(&member, &form, set.await, Flash::Saved)
}

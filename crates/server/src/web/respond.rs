//! Answers: pages, redirects, errors as pages.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use domain::sign_in_policy::Unmet;

use super::{Flash, Typed, Visit, form::forged, policy};
use crate::{
    error::{Failure, kept_out_heading},
    extract::RequestInfo,
    identity::{
        kept::is_between,
        view::{Kept, PROOF_TITLE, ProofPage, SignInPage},
    },
    page::{ErrorPage, Field, Plain, capital},
    router::Code,
    state::Server,
};

/// What page handlers return.
pub type PageResult = Result<Response, PageError>;

/// Renders a page.
pub fn page(template: &impl Template) -> Response {
    page_with(StatusCode::OK, template)
}

/// Renders a page with a status: a form that was refused comes back with 422.
pub(crate) fn page_with(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a template did not render");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Goes on to another page after a form was carried out, and tells it what was done: in its
/// address, since a script may ask for the page more than once.
pub fn redirect(to: &str, flash: Option<Flash>) -> Response {
    let to = match flash {
        None => to.to_owned(),
        Some(flash) => {
            let mark = if to.contains('?') { '&' } else { '?' };
            format!("{to}{mark}done={}", flash.write())
        }
    };
    let place = HeaderValue::from_str(&to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

/// An error as a page of its own.
pub struct PageError {
    visit: Visit,
    failure: Failure,
    /// The form that was not carried out: nothing that was typed is lost.
    waits: Option<Box<Waits>>,
}

/// A form, and what it waits for.
enum Waits {
    /// To be sent again once the server works.
    Again(Kept),
    /// For nothing: what it is about is gone, or may not be changed. What was typed can be read.
    Never(Kept),
    /// For a fresh proof.
    Proof(Kept),
    /// For its person to look at it: it is of another session.
    Look(Kept),
    /// For somebody to sign in, at the address that was typed.
    SignIn(Kept, String),
}

/// The title of the page of a form that waits for its person.
pub(crate) const SIGNED_IN: &str = "Signed in";

impl PageError {
    /// Puts an error on a page.
    pub fn new(visit: &Visit, failure: impl Into<Failure>) -> Self {
        let failure = failure.into();
        let is_for_now = failure.status == StatusCode::SERVICE_UNAVAILABLE;
        let wait = if is_for_now { Waits::Again } else { Waits::Never };
        let waits = visit.form().map(|form| Box::new(wait(Kept::new(visit.address(), form))));
        Self { visit: visit.clone(), failure, waits }
    }

    /// Asks for a fresh proof, and keeps the form that was refused for it.
    pub(crate) fn proof(visit: &Visit, form: &Typed) -> Self {
        let waits = Some(Box::new(Waits::Proof(Kept::new(visit.address(), form))));
        Self { waits, ..Self::new(visit, app::Error::NeedsProof) }
    }

    /// Refuses a form of another session, and keeps it: somebody has signed in anew meanwhile, in
    /// another tab or by the link in a mail.
    pub(crate) fn forged(visit: &Visit, form: &Typed, token: &str) -> Self {
        let refused = Self::new(visit, forged());
        let Some(kept) = Kept::left(visit.address(), form, token) else { return refused };
        let waits = if visit.session().is_none() && is_between(visit.address()) {
            Waits::SignIn(kept, form.get("email").to_owned())
        } else if kept.is_mute() {
            return refused;
        } else {
            Waits::Look(kept)
        };
        Self { waits: Some(Box::new(waits)), ..refused }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let code = Code(self.failure.code);
        let mut response = self.into_page();
        response.extensions_mut().insert(code);
        response
    }
}

impl PageError {
    fn into_page(self) -> Response {
        let Self { visit, failure, waits } = self;
        match waits.map(|waits| *waits) {
            Some(Waits::Proof(kept)) => {
                let strong = visit.session().map(|session| session.strong).unwrap_or_default();
                let layout = visit.plain("proof", PROOF_TITLE);
                let asking = ProofPage::asking(layout, &kept, strong);
                page_with(failure.status, &asking)
            }
            Some(Waits::Look(kept)) => {
                let left = ProofPage::left(visit.plain("signed-in", SIGNED_IN), &kept);
                page_with(failure.status, &left)
            }
            Some(Waits::SignIn(kept, email)) => {
                let layout = visit.plain("sign-in", "Sign in");
                let (next, kept) = (kept.page(), kept.carried());
                let asking = SignInPage {
                    layout,
                    next,
                    kept,
                    email: Field::new(email),
                    has_passkeys: visit.has_passkeys(),
                    ..SignInPage::default()
                };
                page_with(failure.status, &asking)
            }
            waits => {
                let csrf = visit.form().map(|form| form.get("csrf").to_owned());
                let mut layout = visit.plain("error", &failure.title);
                // Where nobody can be looked up, the form's own token is the right one.
                layout.csrf = csrf.filter(|csrf| !csrf.is_empty()).unwrap_or(layout.csrf);
                // A form that was refused is not sent again by itself: its page is where one goes on.
                let again = match &waits {
                    Some(Waits::Never(kept) | Waits::Again(kept)) => kept.page(),
                    _ => visit.address().to_owned(),
                };
                let mut page = error_page(layout, &failure, visit.info(), waits, again);
                if let Some(support) = visit.support() {
                    support.tell(&failure, &mut page);
                }
                answer(&failure, page)
            }
        }
    }
}

fn error_page(
    layout: Plain,
    failure: &Failure,
    info: RequestInfo,
    waits: Option<Waits>,
    again: String,
) -> ErrorPage {
    let mut page = ErrorPage::of(failure.status.as_u16(), layout, &info.id.to_string());
    if failure.status == StatusCode::SERVICE_UNAVAILABLE {
        page.text.clone_from(&failure.title);
        if failure.code == "outcome_unknown" {
            "This may be saved, or not".clone_into(&mut page.heading);
            if let Some(Waits::Again(kept)) = &waits {
                page.look = kept.page();
            }
        } else {
            page.text.push_str(" Try again in a moment.");
        }
    }
    match waits {
        Some(Waits::Again(kept)) => {
            kept.action().clone_into(&mut page.action);
            page.typed = kept.typed();
            page.fields = kept.fields().to_vec();
        }
        Some(Waits::Never(kept)) => {
            page.typed = kept.typed();
            if failure.status == StatusCode::NOT_FOUND && !page.typed.is_empty() {
                "This is not there any more".clone_into(&mut page.heading);
                "Somebody may have deleted it meanwhile. Nothing was saved."
                    .clone_into(&mut page.text);
            }
        }
        _ => {}
    }
    let missing = failure.missing();
    if missing.is_some_and(|missing| missing != Unmet::Network) {
        // What another workspace lets in puts nothing right in the account.
        let has_remedy = missing != Some(Unmet::OtherProvider);
        if has_remedy
            && let Some(workspace) =
                again.strip_prefix("/w/").and_then(|rest| rest.split('/').next())
        {
            page.remedy = format!("/w/{workspace}/security");
        }
        page.again = again;
    }
    // Refusals have their own words; statuses without any have the page's, and so has a page that is
    // not there for the method: people do not know of methods.
    let is_method = failure.status == StatusCode::METHOD_NOT_ALLOWED;
    if let Some(missing) = missing {
        kept_out_heading(missing).clone_into(&mut page.heading);
        page.text = capital(app::unmet_sentence(missing));
    } else if (failure.code.contains('.') && !is_method) || !failure.fields.is_empty() {
        page.heading.clone_from(&failure.title);
        let sentences = failure.fields.iter().map(|field| field.message.as_str());
        page.text = sentences.chain(failure.detail.as_deref()).collect::<Vec<_>>().join(" ");
    }
    page
}

/// The page as it is sent; its title is its heading.
fn answer(failure: &Failure, mut page: ErrorPage) -> Response {
    page.heading.trim_end_matches('.').clone_into(&mut page.layout.title);
    let mut response = page_with(failure.status, &page);
    if let Some(seconds) = failure.retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// An error as a page for a request that never became a visit: refused before it reached the pages, or
/// lost in a panic.
pub(crate) fn page_to_nobody(server: &Server, failure: &Failure, info: RequestInfo) -> Response {
    let nonce = policy::nonce(server);
    let layout = Plain {
        title: failure.title.clone(),
        page: "error",
        assets: crate::assets::folder(),
        nonce: nonce.clone(),
        ..Plain::default()
    };
    let mut response = answer(failure, error_page(layout, failure, info, None, String::new()));
    response.extensions_mut().insert(Code(failure.code));
    policy::set(response.headers_mut(), &nonce);
    response
}

#[cfg(test)]
mod tests {
    use domain::ids::RequestId;
    use http_body_util::BodyExt;

    use super::*;

    /// What a page of an error over a form says.
    async fn said(code: &'static str, title: &str) -> String {
        let failure = Failure::new(StatusCode::SERVICE_UNAVAILABLE, code, title);
        let form = Typed::of(vec![("text".to_owned(), "1:30 Plan".to_owned())]);
        let kept = Kept::new("/w/x/quick-entry", &form);
        let info = RequestInfo { id: RequestId::from_bytes([1; 16]), peer: None };
        let waits = Some(Waits::Again(kept));
        let page = error_page(Plain::default(), &failure, info, waits, String::new());
        let page = answer(&failure, page);
        let body = page.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn where_nobody_knows_whether_it_was_saved_one_looks_first() {
        let unknown = said("outcome_unknown", "Look whether it was saved.").await;
        assert!(unknown.contains("<h1>This may be saved, or not</h1>"), "{unknown}");
        let [look, again] =
            ["href=\"/w/x/today\" target=\"_blank\"", "It is not there: send it again"];
        assert!(unknown.find(look).unwrap() < unknown.find(again).unwrap(), "{unknown}");
        assert!(!unknown.contains("Try again"), "{unknown}");
        let full = said("disk_full", "The server’s disk is full. Nothing was saved.").await;
        assert!(full.contains("Try again") && !full.contains("_blank"), "{full}");
    }
}

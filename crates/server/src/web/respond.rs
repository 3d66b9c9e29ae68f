//! Answers: pages, redirects, errors as pages.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::{Flash, Typed, Visit, policy};
use crate::{
    error::Failure,
    extract::RequestInfo,
    identity::view::{Kept, PROOF_TITLE, ProofPage},
    page::{ErrorPage, Plain},
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
    /// The form to be sent again once a fresh proof was given, or the server works again.
    kept: Option<Box<Kept>>,
}

impl PageError {
    /// Puts an error on a page.
    pub fn new(visit: &Visit, failure: impl Into<Failure>) -> Self {
        let failure = failure.into();
        let is_for_now = failure.status == StatusCode::SERVICE_UNAVAILABLE;
        let form = visit.form().filter(|_| is_for_now);
        let kept = form.map(|form| Box::new(Kept::new(visit.path(), form)));
        Self { visit: visit.clone(), failure, kept }
    }

    /// Asks for a fresh proof, and keeps the form that was refused for it.
    pub(crate) fn proof(visit: &Visit, form: &Typed) -> Self {
        let kept = Kept::new(visit.path(), form);
        Self { kept: Some(Box::new(kept)), ..Self::new(visit, app::Error::NeedsProof) }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let Self { visit, failure, kept } = self;
        match kept {
            Some(kept) if failure.status == StatusCode::FORBIDDEN => {
                let asking = ProofPage::asking(visit.plain("proof", PROOF_TITLE), &kept);
                page_with(failure.status, &asking)
            }
            kept => {
                let csrf = visit.form().map(|form| form.get("csrf").to_owned());
                let mut layout = visit.plain("error", &failure.title);
                // Where nobody can be looked up, the form's own token is the right one.
                layout.csrf = csrf.filter(|csrf| !csrf.is_empty()).unwrap_or(layout.csrf);
                error_page(layout, &failure, visit.info(), kept)
            }
        }
    }
}

fn error_page(
    layout: Plain,
    failure: &Failure,
    info: RequestInfo,
    kept: Option<Box<Kept>>,
) -> Response {
    let mut page = ErrorPage::of(failure.status.as_u16(), layout, &info.id.to_string());
    if failure.status == StatusCode::SERVICE_UNAVAILABLE {
        page.text.clone_from(&failure.title);
        if failure.code != "outcome_unknown" {
            page.text.push_str(" Try again in a moment.");
        }
    }
    if let Some(kept) = kept {
        kept.action().clone_into(&mut page.action);
        page.typed = kept.typed();
        page.fields = kept.fields().to_vec();
    }
    // Refusals have their own words; statuses without any have the page's, and so has a page that is
    // not there for the method: people do not know of methods.
    let is_method = failure.status == StatusCode::METHOD_NOT_ALLOWED;
    if (failure.code.contains('.') && !is_method) || !failure.fields.is_empty() {
        page.heading.clone_from(&failure.title);
        let sentences = failure.fields.iter().map(|field| field.message.as_str());
        page.text = sentences.collect::<Vec<_>>().join(" ");
    }
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
    let mut response = error_page(layout, failure, info, None);
    policy::set(response.headers_mut(), &nonce);
    response
}

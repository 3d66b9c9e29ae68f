//! Answers: pages, redirects, errors as pages.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::{Flash, Typed, Visit};
use crate::{
    error::Failure,
    identity::view::{Kept, PROOF_TITLE, ProofPage},
    page::ErrorPage,
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
    /// The form to be sent again once a fresh proof was given.
    kept: Option<Box<Kept>>,
}

impl PageError {
    /// Puts an error on a page.
    pub fn new(visit: &Visit, failure: impl Into<Failure>) -> Self {
        Self { visit: visit.clone(), failure: failure.into(), kept: None }
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
        let status = failure.status;
        if let Some(kept) = kept {
            return page_with(status, &ProofPage::asking(visit.plain("proof", PROOF_TITLE), *kept));
        }
        let id = visit.info().id.to_string();
        let mut page = ErrorPage::of(status.as_u16(), visit.plain("error", &failure.title), &id);
        // Refusals have their own words; statuses without any have the page's.
        if failure.code.contains('.') || !failure.fields.is_empty() {
            page.heading.clone_from(&failure.title);
            let sentences = failure.fields.iter().map(|field| field.message.as_str());
            page.text = sentences.collect::<Vec<_>>().join(" ");
        }
        let mut response = page_with(status, &page);
        if let Some(seconds) = failure.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

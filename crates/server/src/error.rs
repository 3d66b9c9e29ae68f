//! The only map from the application's errors to HTTP.
//!
//! The API gets a problem (RFC 9457) with a stable code, pages a sentence; internal text goes to
//! the log once, here, with the request id.

use app::{Error, Refusal, Trouble};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::sign_in_policy::Unmet;
use wire::problem::{FieldProblem, Problem};

use crate::{log::SECURITY, router::Code};

/// An error on its way to the client.
#[derive(Debug)]
pub struct Failure {
    /// The status.
    pub status: StatusCode,
    /// A stable code.
    pub code: &'static str,
    /// A sentence for people.
    pub title: String,
    /// More words.
    pub detail: Option<String>,
    /// Fields that are wrong.
    pub fields: Vec<FieldProblem>,
    /// Seconds to wait before trying again.
    pub retry_after_s: Option<u32>,
}

impl Failure {
    /// An error of the edge itself.
    pub fn new(status: StatusCode, code: &'static str, title: impl Into<String>) -> Self {
        let title = title.into();
        Self { status, code, title, detail: None, fields: Vec::new(), retry_after_s: None }
    }

    /// With more words.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// What the sign-in policy of a workspace misses, where it keeps somebody out.
    pub(crate) fn missing(&self) -> Option<Unmet> {
        Unmet::ALL.iter().copied().find(|missing| code(*missing) == self.code)
    }

    /// The same answer for what is not there and what is not yours.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here.")
    }

    /// No session, or no token that works.
    pub fn signed_out() -> Self {
        let title = "Sign in, or give a token that is valid.";
        Self::new(StatusCode::UNAUTHORIZED, "signed_out", title)
    }

    /// Asked too often.
    pub fn too_many(wait_s: i64) -> Self {
        let title = "This was asked for too often. Try again later.";
        let mut failure = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", title);
        failure.retry_after_s = u32::try_from(wait_s).ok();
        failure
    }

    fn unavailable(code: &'static str, title: &str) -> Self {
        let mut failure = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, title);
        failure.retry_after_s = Some(5);
        failure
    }

    /// As a problem document.
    pub fn into_problem(self, request_id: String) -> Problem {
        Problem {
            kind: crate::problems::address(self.code),
            title: self.title,
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            detail: self.detail,
            request_id,
            errors: self.fields,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refused(&refusal),
            Error::NotFound => Self::not_found(),
            Error::Forbidden => {
                Self::new(StatusCode::FORBIDDEN, "forbidden", "You may not do this.")
            }
            Error::NeedsProof => {
                let title = "Show first that it is you: this asks for a fresh code.";
                Self::new(StatusCode::FORBIDDEN, "proof.needed", title)
            }
            Error::KeptOut(unmet) => kept_out(unmet),
            Error::SignedOut => Self::signed_out(),
            Error::Invalid(fields) => invalid(fields),
            Error::Stale(version) => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "stale",
                "This has changed since you read it.",
            )
            .with_detail(format!("It is at version {version} now.")),
            Error::IdTaken => {
                let title = "This id is taken by something made from another request.";
                Self::new(StatusCode::CONFLICT, "id.taken", title)
            }
            Error::Store(_) => store_failure(&error),
            Error::Damaged(detail) => damaged(&detail),
            Error::Bug(detail) => bug(&detail),
        }
    }
}

/// What each thing that a sign-in policy can miss is called.
const fn code(missing: Unmet) -> &'static str {
    match missing {
        Unmet::Network => "sign_in.network",
        Unmet::MailForbidden => "sign_in.mail_forbidden",
        Unmet::PasswordForbidden => "sign_in.password_forbidden",
        Unmet::PasskeyForbidden => "sign_in.passkey_forbidden",
        Unmet::ProviderForbidden => "sign_in.provider_forbidden",
        Unmet::OtherProvider => "sign_in.other_provider",
        Unmet::SecondFactor => "sign_in.second_factor",
        Unmet::StrongSecondFactor => "sign_in.strong_second_factor",
        Unmet::Remembered => "sign_in.remembered",
        Unmet::TooOld => "sign_in.too_old",
    }
}

/// What the sign-in policy of a workspace misses.
fn kept_out(unmet: Unmet) -> Failure {
    let title = format!("{}: {}", kept_out_heading(unmet), app::unmet_sentence(unmet));
    Failure::new(StatusCode::FORBIDDEN, code(unmet), title)
}

/// What is said first of what a sign-in policy misses.
pub(crate) const fn kept_out_heading(unmet: Unmet) -> &'static str {
    match unmet {
        // Also said of one's own account, and of workspaces that one knows nothing of.
        Unmet::OtherProvider => "This is not open to you here",
        _ => "This workspace keeps you out for now",
    }
}

fn damaged(detail: &str) -> Failure {
    tracing::error!(target: SECURITY, detail, "damaged");
    let title = "A part of what was asked for is damaged, or its key is missing. The server's log says \
                 which; a copy may have it.";
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "damaged", title)
}

/// What the database's own trouble is for a client.
fn store_failure(error: &Error) -> Failure {
    let detail = error.to_string();
    match error.trouble() {
        Trouble::Full => {
            tracing::error!(detail, "disk full");
            Failure::unavailable("disk_full", "The server’s disk is full. Nothing was saved.")
        }
        Trouble::Unavailable => {
            tracing::error!(detail, "database unavailable");
            let title = "The database cannot be reached. Nothing was saved.";
            Failure::unavailable("unavailable", title)
        }
        Trouble::OutcomeUnknown => {
            tracing::error!(detail, "outcome unknown");
            let title = "The connection to the database broke while saving. Look whether it was \
                         saved before you try again.";
            Failure::unavailable("outcome_unknown", title)
        }
        Trouble::None => bug(&detail),
    }
}

fn bug(detail: &str) -> Failure {
    tracing::error!(detail, "bug");
    let title = "Something is wrong on our side. It has been written down.";
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", title)
}

fn refused(refusal: &Refusal) -> Failure {
    let status = match refusal {
        Refusal::TooManyMails
        | Refusal::TooManyChecks
        | Refusal::TooManyChanges
        | Refusal::TooManyQuestions => StatusCode::TOO_MANY_REQUESTS,
        Refusal::CursorNotValid => StatusCode::BAD_REQUEST,
        Refusal::TokenNetwork
        | Refusal::OwnersNarrow
        | Refusal::NarrowsInSession
        | Refusal::SupportNotOpen
        | Refusal::SupportSeesNot => StatusCode::FORBIDDEN,
        _ => StatusCode::CONFLICT,
    };
    Failure::new(status, refusal.code(), refusal.sentence())
}

fn invalid(fields: app::Fields) -> Failure {
    let title = "Some fields are not right.";
    let mut failure = Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", title);
    failure.fields = fields
        .0
        .into_iter()
        .map(|field| FieldProblem {
            field: field.field.to_owned(),
            code: field.code.to_owned(),
            message: field.message,
        })
        .collect();
    failure
}

/// An error of the API, answered as `application/problem+json`.
#[derive(Debug)]
pub struct ApiError {
    failure: Failure,
    request_id: String,
}

impl ApiError {
    /// Puts the request's id with the failure.
    pub fn new(failure: impl Into<Failure>, request_id: impl ToString) -> Self {
        Self { failure: failure.into(), request_id: request_id.to_string() }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Failure { status, code, retry_after_s: retry, .. } = self.failure;
        let problem = self.failure.into_problem(self.request_id);
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Code(code));
        response
    }
}

//! The second step of signing in: a code of the app, a recovery code, or a code by mail.

use axum::response::{IntoResponse, Response};

use crate::web::{Cookie, Visit, redirect};

/// Where the second factor is asked for.
pub(super) const SECOND: &str = "/sign-in/second";

/// On to the second step, and afterwards to `next`. `secret` is for the login cookie of a browser that
/// has none.
pub(super) fn ask_for_second(visit: &Visit, secret: Option<&str>, next: &str) -> Response {
    let mut response = redirect(SECOND, None).into_response();
    let headers = response.headers_mut();
    if let Some(secret) = secret {
        visit.set_cookie(headers, Cookie::Login, secret, Some(86_400));
    }
    visit.set_next(headers, next);
    response
}

//! The policy of pages, which lets a page run its own scripts only, and where browsers tell what it has
//! stopped ([`crate::policy_report`]).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{policy_report::PATH, state::Server};

const REPORTING_ENDPOINTS: HeaderName = HeaderName::from_static("reporting-endpoints");

/// A nonce for the scripts of one answer.
pub(crate) fn nonce(server: &Server) -> String {
    let mut bytes = [0; 18];
    server.app.random().fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Sets the policy of a page with this nonce. Browsers that know `report-to` pass over `report-uri`.
pub(crate) fn set(headers: &mut HeaderMap, nonce: &str) {
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'; object-src 'none'; report-uri {PATH}; report-to csp"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if let Ok(endpoints) = HeaderValue::from_str(&format!("csp=\"{PATH}\"")) {
        headers.insert(REPORTING_ENDPOINTS, endpoints);
    }
}

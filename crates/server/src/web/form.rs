//! Forms: what was typed, with the token against forged requests checked.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
};

use super::{PageError, PageRefused, Visit};
use crate::{
    error::Failure,
    extract::{broken, is_late},
};

/// What was typed into a form. A field that is not there counts as empty, as browsers leave out
/// boxes that are not ticked.
#[derive(Clone, Default)]
pub struct Typed(Vec<(String, String)>);

/// Versions count from 1.
const NO_VERSION: i64 = 0;

impl Typed {
    /// A field, or nothing.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value.as_str())
    }

    /// A field that says something, without the white space around it.
    pub fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name).trim()).filter(|value| !value.is_empty())
    }

    /// All values of a field that can be sent several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The version a thing was read at, by which an edit over a newer one is noticed. What is no version
    /// is one that no thing has, so that the edit is refused and not made unseen.
    pub fn version(&self) -> Option<i64> {
        self.some("version").map(|text| text.parse().unwrap_or(NO_VERSION))
    }

    /// Everything but the token against forged requests.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter().filter(|(name, _)| name != "csrf");
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a box is ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        !matches!(self.get(name), "" | "false" | "0")
    }
}

impl<S: Send + Sync> FromRequest<S> for Typed {
    type Rejection = PageRefused;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageRefused> {
        let visit = request.extensions().get::<Visit>().cloned().ok_or(PageRefused::Lost)?;
        let header = request.headers().get("x-csrf-token").and_then(|value| value.to_str().ok());
        let header = header.map(str::to_owned);
        let fail = |failure| PageRefused::Page(PageError::new(&visit, failure));
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            fail(match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Failure::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "body.too_large",
                    "This is too much at once. Go back: what you typed is still there. Send less.",
                ),
                _ if is_late(&rejection) => Failure::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "body.too_slow",
                    "The form did not arrive in time.",
                ),
                _ => broken(),
            })
        })?;
        let unreadable = || {
            let title = "The form could not be read.";
            fail(Failure::new(StatusCode::BAD_REQUEST, "form.unreadable", title))
        };
        if !is_text(&bytes) {
            return Err(unreadable());
        }
        let typed: Vec<(String, String)> =
            serde_urlencoded::from_bytes(&bytes).map_err(|_| unreadable())?;
        let typed = Self(typed);
        let token = header.as_deref().unwrap_or_else(|| typed.get("csrf"));
        if !is_same(login_of(token), login_of(visit.csrf())) {
            return Err(PageRefused::Page(PageError::forged(&visit, &typed, token)));
        }
        visit.keep_form(&typed);
        Ok(typed)
    }
}

/// A form of our own pages that cannot be carried out, whoever is signed in: it is shown again and
/// nothing else, so its token is not asked for.
pub(crate) struct Unsent(pub(crate) Typed);

impl<S: Send + Sync> FromRequest<S> for Unsent {
    type Rejection = StatusCode;

    async fn from_request(request: Request, state: &S) -> Result<Self, StatusCode> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection| rejection.status())?;
        let typed: Option<Vec<(String, String)>> =
            serde_urlencoded::from_bytes(&bytes).ok().filter(|_| is_text(&bytes));
        Ok(Self(Typed(typed.unwrap_or_default())))
    }
}

/// Keeps a form that comes while nobody can be looked up.
pub(super) async fn keep_unread(visit: &Visit, request: Request) {
    if request.method() != axum::http::Method::POST {
        return;
    }
    if let Ok(Unsent(form)) = Unsent::from_request(request, &()).await {
        visit.keep_form(&form);
    }
}

/// Whether a form says text: its reader would put U+FFFD where it does not.
fn is_text(form: &[u8]) -> bool {
    let mut bytes = Vec::with_capacity(form.len());
    let mut rest = form;
    while let Some((first, after)) = rest.split_first() {
        let hex = |at: usize| after.get(at).and_then(|b| char::from(*b).to_digit(16));
        let coded = match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => u8::try_from(high * 16 + low).ok(),
            _ => None,
        };
        bytes.push(coded.unwrap_or(*first));
        rest = if coded.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    str::from_utf8(&bytes).is_ok()
}

/// A form of another session, or of another site.
pub(crate) fn forged() -> Failure {
    Failure::new(
        StatusCode::FORBIDDEN,
        "form.forged",
        "This form belongs to another session. Load the page again, then send it.",
    )
}

/// What of a token belongs to one login: this alone lets a form through.
fn login_of(token: &str) -> &str {
    token.split('.').next().unwrap_or_default()
}

/// Whose a token is; empty before somebody has signed in.
pub(crate) fn person_of(token: &str) -> &str {
    token.split_once('.').map_or("", |(_, person)| person)
}

/// Compares without telling by time where two tokens differ.
pub(crate) fn is_same(given: &str, expected: &str) -> bool {
    given.len() == expected.len()
        && given.bytes().zip(expected.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
impl Typed {
    /// A form of these fields.
    pub(crate) fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::is_text;

    #[test]
    fn only_utf_8_is_text() {
        for form in ["", "a=b", "note=%C3%A9&x=1", "note=caf\u{e9}", "note=50%", "note=%zz%4"] {
            assert!(is_text(form.as_bytes()), "{form}");
        }
        for form in ["note=%FF", "note=%C3", "note=%ED%A0%80", "%FF=x", "note=%C3&x=%A9"] {
            assert!(!is_text(form.as_bytes()), "{form}");
        }
        assert!(!is_text(b"note=\xff"));
    }
}

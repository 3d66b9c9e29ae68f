//! What somebody outside sees of an answer, but for what each has of its own: to be compared whole.

use crate::{line, support};

/// Status, headers in their order, and body. The values that differ between any two are blanked; their
/// names, their lengths and everything around them are not.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Seen {
    /// Of a running server's answer; `own` is what the request had of its own, such as the address.
    pub(crate) fn over_line(answer: &line::Answer, own: &[&str]) -> Self {
        Self::new(answer.status, answer.headers.clone(), &answer.text(), own)
    }

    /// Of an answer of the router.
    pub(crate) fn of(answer: &support::Answer, own: &[&str]) -> Self {
        let headers = answer.headers.iter().map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        Self::new(answer.status.as_u16(), headers.collect(), &answer.text(), own)
    }

    fn new(status: u16, headers: Vec<(String, String)>, body: &str, own: &[&str]) -> Self {
        let policy = headers.iter().find(|(name, _)| name == "content-security-policy");
        let nonce = policy.and_then(|(_, value)| Some(value.split("'nonce-").nth(1)?.to_owned()));
        let nonce = nonce.and_then(|rest| Some(rest.split('\'').next()?.to_owned()));
        let mut own = own.to_vec();
        own.extend(nonce.as_deref());
        let headers = headers.into_iter().map(|(name, value)| {
            let value = match name.as_str() {
                "x-request-id" | "date" => blank(value.len()),
                "set-cookie" => without_value(&value),
                _ => without(&value, &own),
            };
            (name, value)
        });
        Self { status, headers: headers.collect(), body: without(body, &own) }
    }
}

fn blank(length: usize) -> String {
    format!("[{length}]")
}

fn without(text: &str, own: &[&str]) -> String {
    let own = own.iter().filter(|word| !word.is_empty());
    own.fold(text.to_owned(), |text, word| text.replace(word, &blank(word.len())))
}

/// A cookie's name and attributes, and how long its value is.
fn without_value(set: &str) -> String {
    let (name, rest) = set.split_once('=').unwrap();
    let (value, attributes) = rest.split_once(';').unwrap_or((rest, ""));
    format!("{name}={};{attributes}", blank(value.len()))
}

#[test]
fn a_cookie_a_source_or_a_word_more_is_seen() {
    let answer = |headers: &[(&str, &str)], body: &str| {
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        let answer = line::Answer { status: 200, headers: headers.collect(), body: body.into() };
        Seen::over_line(&answer, &["ann@x.example"])
    };
    let policy = |nonce: &str| format!("default-src 'none'; script-src 'nonce-{nonce}'");
    let (one, other) = (policy("AbCd"), policy("EfGh"));
    let first =
        answer(&[("content-security-policy", &one)], "to ann@x.example <script nonce=AbCd>");
    let same =
        answer(&[("content-security-policy", &other)], "to ann@x.example <script nonce=EfGh>");
    assert_eq!(first, same);
    let wider = format!("{one} 'self'");
    assert_ne!(
        first,
        answer(&[("content-security-policy", &wider)], "to ann@x.example <script nonce=AbCd>")
    );
    assert_ne!(
        first,
        answer(&[("content-security-policy", &one)], "to ann@x.example! <script nonce=AbCd>")
    );
    let cookie = |value| answer(&[("set-cookie", value)], "");
    assert_eq!(cookie("dev=one; Path=/"), cookie("dev=two; Path=/"));
    assert_ne!(cookie("dev=one; Path=/"), cookie("dev=three; Path=/"));
    assert_ne!(cookie("dev=one; Path=/"), cookie("sid=one; Path=/"));
    assert_ne!(cookie("dev=one; Path=/"), answer(&[], ""));
}

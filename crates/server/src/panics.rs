//! Panics, told to the log by where they happened.
//!
//! The words of a panic can hold what somebody typed (a slice of a text in the wrong place repeats the
//! text), so only those that stand in the program itself are written down.

use std::{any::Any, backtrace::Backtrace, panic};

/// For a panic whose words were made while the program ran.
const UNTOLD: &str = "its words are left out: they may hold what somebody typed";

/// Tells the log of every panic, in the place of the usual message on the terminal.
pub(crate) fn log_without_words() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // Empty unless RUST_BACKTRACE asks for it; it names functions, never values.
        let backtrace = Backtrace::capture();
        tracing::error!(place, words = words(panic.payload()), %backtrace, "panic");
    }));
}

/// Panics with the words that a request brings, where a test has asked for that: what becomes of them in the
/// log is looked at. Not in a release.
#[cfg(debug_assertions)]
pub(crate) async fn on_demand(server: &crate::state::Server, headers: &axum::http::HeaderMap) {
    if !server.config.test_panics {
        return;
    }
    let said = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let Some(typed) = said("x-test-panic") else { return };
    #[expect(clippy::panic, reason = "what it is for")]
    let lost = move || -> app::Error { panic!("a panic about {typed}") };
    if said("x-test-panic-place").is_some() {
        let write =
            server.app.write_directory(server.app.new_request(), move |_| Err::<(), _>(lost()));
        // Here it comes as an error, or goes on.
        drop(write.await);
    } else {
        lost();
    }
}

/// What a panic says of itself that can be written down.
pub(crate) fn words(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or(UNTOLD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_not_among_the_words() {
        let typed = String::from("caf\u{e9} planted");
        let cut = panic::catch_unwind(|| typed[..4].len()).unwrap_err();
        assert!(cut.downcast_ref::<String>().is_some_and(|words| words.contains("planted")));
        assert_eq!(words(&*cut), UNTOLD);
        let bug = panic::catch_unwind(|| panic!("words of ours")).unwrap_err();
        assert_eq!(words(&*bug), "words of ours");
    }
}

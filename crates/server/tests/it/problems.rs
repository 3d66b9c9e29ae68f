//! What the `type` of a problem leads to.

use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::support::{Answer, Api, one};

/// The tables of problems and of fields.
const DOCUMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md"));

async fn get(api: &Api, path: &str) -> Answer {
    let request = Request::builder().uri(path).header("host", "localhost");
    let request = request.body(Body::empty()).unwrap();
    let response = api.router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

#[test]
fn the_type_of_a_problem_is_an_address_that_says_what_it_means() {
    one(async |api| {
        let problem = api.ask("owner", "POST", "/timer/stop").send().await;
        assert_eq!(problem.outcome(), "409 timer.not_running");
        let kind = problem.json()["type"].as_str().unwrap().to_owned();
        assert_eq!(kind, "/errors/timer.not_running");
        let words = get(&api, &kind).await;
        assert_eq!(words.text(), "timer.not_running (409)\n\nNo timer runs.\n");
        assert_eq!(words.header("content-type"), "text/plain; charset=utf-8");
        for unknown in ["/errors/wombat", "/errors/timer", "/errors/%60x%60", "/errors/empty"] {
            assert_eq!(get(&api, unknown).await.outcome(), "404 not_found", "{unknown}");
        }
    });
}

#[test]
fn every_code_is_described_by_the_server() {
    one(async |api| {
        assert_eq!(get(&api, "/errors").await.text(), DOCUMENT);
        let mut count = 0;
        for row in DOCUMENT.lines().filter_map(|line| line.strip_prefix("| ")) {
            let cells: Vec<_> = row.split(" | ").collect();
            let [status, codes, _] = cells.as_slice() else { continue };
            for code in codes.split(", ").filter_map(|code| code.strip_prefix('`')) {
                let code = code.trim_end_matches('`');
                let words = get(&api, &format!("/errors/{code}")).await;
                assert_eq!(words.status, 200, "{code}");
                assert!(words.text().starts_with(code) && status.parse::<u16>().is_ok(), "{code}");
                count += 1;
            }
        }
        assert!(count > 40, "{count}");
    });
}

//! Ids of another workspace take as long as ids that nothing has: whoever asks learns nothing by the clock.

use std::time::{Duration, Instant};

use crate::{
    cases::{Where, case, fresh_id},
    process::rounds,
    statistics::find_difference,
    support::{Answer, Api, both, document, operations},
};

const ROUTES: [&str; 5] = ["getClient", "getProject", "getTask", "getTag", "getTimeEntry"];

/// In the soak 2,000 pairs of each route, whose times are compared; else a few, whose answers are.
#[test]
fn foreign_ids_take_as_long_as_unknown_ones() {
    both(async |api| {
        let operations = operations(&document());
        let (mut foreign, mut unknown) = (Vec::new(), Vec::new());
        for id in ROUTES {
            let operation = operations.iter().find(|operation| operation.id == id).unwrap();
            let theirs = case(&api, Where::Elsewhere, id, "stranger").await.id;
            let path = operation.path.strip_prefix("/workspaces/{workspace}").unwrap();
            // One of each: what is asked for again and again is warmer than what never was.
            let nothing = fresh_id();
            for round in 0..rounds(3, 2_000) {
                // Whoever comes first may find things warmed up or not: each does in turn.
                let ids = if round % 2 == 0 { [theirs, nothing] } else { [nothing, theirs] };
                let mut answers = Vec::new();
                for id in ids {
                    let (answer, time) = ask(&api, &path.replace("{id}", &id.to_string())).await;
                    if id == theirs { &mut foreign } else { &mut unknown }.push(time);
                    answers.push(answer);
                }
                assert_eq!(told(&answers[0]), told(&answers[1]), "{id}");
            }
        }
        assert_eq!(find_difference("ids of another workspace", foreign, unknown, 1), None);
    });
}

async fn ask(api: &Api, path: &str) -> (Answer, Duration) {
    let ask = api.ask("owner", "GET", path);
    let begun = Instant::now();
    let answer = ask.send().await;
    (answer, begun.elapsed())
}

/// What an answer tells: its status, the names of its headers, and its length.
fn told(answer: &Answer) -> (u16, Vec<String>, usize) {
    assert_eq!(answer.outcome(), "404 not_found");
    let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
    names.sort();
    (answer.status.as_u16(), names, answer.body.len())
}

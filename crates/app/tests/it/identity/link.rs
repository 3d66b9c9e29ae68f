//! Links that the server prints.

use app::{
    Error, Refusal,
    identity::{Purpose, consume_link, create_link, look_at_one_time_link},
};
use testkit::{World, both};

use super::desk::{Desk, HOUR};

async fn make(desk: &Desk, purpose: Purpose) -> String {
    let link = desk.ok(move |op| create_link(op, purpose, HOUR)).await;
    link.expose().clone()
}

async fn look(desk: &Desk, token: &str) -> Option<Purpose> {
    let token = token.to_owned();
    desk.ok(move |op| look_at_one_time_link(op, &token)).await
}

async fn consume(desk: &Desk, token: &str) -> Result<Purpose, Error> {
    let token = token.to_owned();
    desk.run(move |op| consume_link(op, &token)).await
}

fn is_refused(outcome: &Result<Purpose, Error>) -> bool {
    matches!(outcome, Err(Error::Refused(Refusal::LinkNotValid)))
}

#[test]
fn a_link_is_looked_at_often_and_used_once() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person("ann@example.org").await;
        for purpose in [Purpose::Setup, Purpose::Enter(ann)] {
            let token = make(&desk, purpose).await;
            for _ in 0..3 {
                assert_eq!(look(&desk, &token).await, Some(purpose));
            }
            assert_eq!(consume(&desk, &token).await.unwrap(), purpose);
            assert_eq!(look(&desk, &token).await, None);
            assert!(is_refused(&consume(&desk, &token).await));
        }
        assert!(is_refused(&consume(&desk, "").await));
        assert!(is_refused(&consume(&desk, &"A".repeat(43)).await));
    });
}

#[test]
fn a_newer_link_replaces_its_like() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let (ann, bob) =
            (desk.person("ann@example.org").await, desk.person("bob@example.org").await);
        let older = make(&desk, Purpose::Enter(ann)).await;
        let (setup, bobs) =
            (make(&desk, Purpose::Setup).await, make(&desk, Purpose::Enter(bob)).await);
        let newer = make(&desk, Purpose::Enter(ann)).await;
        assert_eq!(look(&desk, &older).await, None);
        for (token, purpose) in
            [(&newer, Purpose::Enter(ann)), (&setup, Purpose::Setup), (&bobs, Purpose::Enter(bob))]
        {
            assert_eq!(look(&desk, token).await, Some(purpose));
        }
    });
}

#[test]
fn a_link_ends_and_no_clock_brings_it_back() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let token = make(&desk, Purpose::Setup).await;
        desk.wait_s(HOUR);
        assert_eq!(look(&desk, &token).await, None);
        assert!(is_refused(&consume(&desk, &token).await));
        desk.ok(app::identity::sweep).await;
        desk.wait_s(-HOUR);
        assert!(is_refused(&consume(&desk, &token).await));
        let token = make(&desk, Purpose::Setup).await;
        desk.wait_s(-24 * HOUR);
        assert!(is_refused(&consume(&desk, &token).await));
    });
}

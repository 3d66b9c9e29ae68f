//! What is past is deleted, and nothing else.

use app::identity::{Purpose, create_link, end_session, start_grant, sweep};
use domain::text::Name;
use testkit::{World, both};

use super::desk::{DAY, Desk, MINUTE, opened};

#[test]
fn old_rows_go_and_open_ones_stay() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person("ann@example.org").await;
        let browser = desk.browser("192.0.2.1");
        let (code, _) = desk.ask_and_read(&browser, "ann@example.org").await;
        let session = opened(desk.enter(&browser, &code).await);
        desk.ask(&browser, "nobody@example.org").await;
        assert!(desk.post().await.is_empty());
        desk.ok(|op| create_link(op, Purpose::Setup, DAY).map(drop)).await;
        desk.ok(|op| start_grant(op, &Name::parse("tp").unwrap()).map(drop)).await;
        let all = "SELECT (SELECT COUNT(*) FROM login_attempts), (SELECT COUNT(*) FROM outbox),
                          (SELECT COUNT(*) FROM device_grants), (SELECT COUNT(*) FROM sessions),
                          (SELECT COUNT(*) FROM one_time_links)";
        let counts = async || {
            let rows = desk.query(all).await;
            [0, 1, 2, 3, 4].map(|at| rows[0].get::<i64>(at).unwrap())
        };
        assert_eq!(counts().await, [2, 2, 1, 1, 1]);
        desk.ok(sweep).await;
        assert_eq!(counts().await, [2, 2, 1, 1, 1]);
        let id = session.id;
        desk.ok(move |op| end_session(op, id)).await;
        desk.wait_s(DAY + 10 * MINUTE);
        desk.ok(sweep).await;
        assert_eq!(counts().await, [0, 0, 0, 1, 1]);
        desk.wait_s(7 * DAY);
        desk.ok(sweep).await;
        assert_eq!(counts().await, [0; 5]);
    });
}

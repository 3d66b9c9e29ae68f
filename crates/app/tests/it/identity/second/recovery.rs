//! Recovery codes.

use app::identity::{
    Origin, Second, SecondTried, get_enrolled, make_recovery_codes, sign_in_with_second,
};
use testkit::{World, both};

use super::{let_in, session_of, with_app};
use crate::identity::desk::HOUR;

#[test]
fn a_recovery_code_works_once_and_is_told() {
    both(async |world: World| {
        let ann = with_app(world).await;
        let browser = ann.at_the_second().await;
        let typed = ann.recovery[3].to_lowercase().replace('-', " ");
        let session = let_in(ann.try_second(&browser, &typed).await);
        let shown = session_of(&ann.desk, &session).await.unwrap().shown;
        assert_eq!(shown.second, Some(Second::RecoveryCode));
        let post = ann.desk.post().await;
        assert_eq!(post.len(), 1);
        assert!(post[0].letter.body().contains("9 are left"), "{}", post[0].letter.body());
        let user = ann.user;
        assert_eq!(ann.desk.ok(move |op| get_enrolled(op, user)).await.recovery_codes, 9);
        let browser = ann.at_the_second().await;
        let again = ann.try_second(&browser, &ann.recovery[3]).await;
        assert!(matches!(again, SecondTried::Wrong { left: 4 }));

        // Twenty at once: one.
        let mut racing = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let browser = ann.at_the_second().await;
            let (app, code) = (ann.desk.world.app.clone(), ann.recovery[4].clone());
            racing.spawn(async move {
                app.write_directory(app.new_request(), move |op| {
                    sign_in_with_second(op, &browser.cookie, &code, &Origin::default())
                })
                .await
                .unwrap()
            });
        }
        let outcomes = racing.join_all().await;
        let opened = outcomes.iter().filter(|o| matches!(o, SecondTried::Opened(_))).count();
        assert_eq!(opened, 1);

        // New ones replace them all.
        let fresh = session_of(&ann.desk, &session).await.unwrap();
        let renewed =
            ann.desk.ok(move |op| make_recovery_codes(op, &fresh, &Origin::default())).await;
        assert_eq!(renewed.len(), 10);
        ann.desk.wait_s(HOUR + 1);
        let browser = ann.at_the_second().await;
        let old = ann.try_second(&browser, &ann.recovery[5]).await;
        assert!(matches!(old, SecondTried::Wrong { .. }));
        let_in(ann.try_second(&browser, renewed[0].expose()).await);
    });
}

//! Many at once: what may happen once happens once, and nobody meets an error.

use app::{
    App, DirectoryOp, Error,
    identity::{
        self, Collected, LetterKind, Method, OpenSession, Origin, Purpose, Remembered, RequestCode,
        SignIn, approve_grant, claim_due_letters, consume_link, create_link, enqueue, letters,
        list_memberships, look_at_grant, open_session, start_grant, try_code, use_remember,
        use_up_grant,
    },
};
use domain::text::{EmailAddress, Name};
use testkit::{World, both};

use super::desk::{BASE, Desk, another};

const ANN: &str = "ann@example.org";

/// Runs the same thing so many times at once.
async fn at_once<T, F>(app: &App, times: usize, work: F) -> Vec<Result<T, Error>>
where
    T: Send + 'static,
    F: Fn(&mut DirectoryOp) -> Result<T, Error> + Clone + Send + 'static,
{
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..times {
        let (app, work) = (app.clone(), work.clone());
        racing.spawn(async move { app.write_directory(app.new_request(), work).await });
    }
    racing.join_all().await
}

fn count<T>(outcomes: Vec<Result<T, Error>>, is_one: impl Fn(&T) -> bool) -> usize {
    let outcomes: Vec<T> = outcomes.into_iter().map(Result::unwrap).collect();
    outcomes.iter().filter(|outcome| is_one(outcome)).count()
}

#[test]
fn wrong_codes_at_once_are_all_counted() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        let browser = desk.browser("192.0.2.1");
        let (code, _) = desk.ask_and_read(&browser, ANN).await;
        let (wrong, cookie) = (another(&code), browser.cookie);
        let tried = at_once(&desk.world.app, 20, move |op| {
            try_code(op, &cookie, &wrong, &Origin::default())
        })
        .await;
        let counted = count(tried, |tried| matches!(tried, identity::Tried::Wrong { .. }));
        assert_eq!(counted, 4);
        let sum = "SELECT CAST(SUM(wrong_codes) AS BIGINT) FROM login_attempts";
        assert_eq!(desk.count(sum).await, 5);
        assert!(matches!(desk.enter(&browser, &code).await, SignIn::NotValid));
    });
}

#[test]
fn a_browser_that_asks_many_times_at_once_has_one_open_attempt() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        let command = RequestCode {
            address: EmailAddress::parse(ANN).unwrap(),
            cookie_hash: desk.browser("").cookie,
            network: "192.0.2.1".to_owned(),
            is_known_device: false,
            remember: false,
            base_url: BASE.to_owned(),
            is_proof: false,
        };
        let asked =
            at_once(&desk.world.app, 12, move |op| identity::request_code(op, &command)).await;
        assert_eq!(count(asked, |is_mailed| *is_mailed), 5);
        assert_eq!(desk.post().await.len(), 5);
        let open = "SELECT COUNT(*) FROM login_attempts
                    WHERE used_at IS NULL AND dead_at IS NULL";
        assert_eq!(desk.count(open).await, 1);
    });
}

#[test]
fn tabs_at_once_rotate_once() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let user = desk.person(ANN).await;
        let session = desk
            .ok(move |op| {
                let open =
                    OpenSession { user, method: Method::MailCode, second: None, remember: true };
                open_session(op, open, &Origin::default())
            })
            .await;
        let cookie = session.remember.as_ref().unwrap().expose().clone();
        let opened =
            at_once(&desk.world.app, 10, move |op| use_remember(op, &cookie, &Origin::default()))
                .await;
        let mut rotated = 0;
        for outcome in opened {
            match outcome.unwrap() {
                Remembered::Opened(session) => rotated += usize::from(session.remember.is_some()),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(rotated, 1);
        assert!(desk.post().await.is_empty());
    });
}

#[test]
fn links_grants_and_letters_are_handed_out_once() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let app = &desk.world.app;

        let link = desk.ok(move |op| create_link(op, Purpose::Enter(ann), 60)).await;
        let token = link.expose().clone();
        let used = at_once(app, 20, move |op| consume_link(op, &token)).await;
        assert_eq!(used.iter().filter(|used| used.is_ok()).count(), 1);
        assert!(used.iter().all(|used| matches!(used, Ok(_) | Err(Error::Refused(_)))));

        let workspace = desk.ok(move |op| list_memberships(op, ann)).await[0].workspace;
        let grant = desk.ok(|op| start_grant(op, &Name::parse("tp").unwrap())).await;
        let code = grant.user_code.expose().clone();
        desk.ok(move |op| approve_grant(op, &code, ann, workspace, 90)).await;
        let device = grant.device_code.expose().clone();
        let looked = desk.ok(move |op| look_at_grant(op, &device)).await;
        let Collected::Approved(approved) = looked else { panic!("{looked:?}") };
        let used = at_once(app, 20, move |op| use_up_grant(op, approved.grant, ann)).await;
        assert_eq!(used.iter().filter(|used| used.is_ok()).count(), 1);

        desk.ok(|op| {
            let letter = letters::proof_code(&EmailAddress::parse(ANN).unwrap(), "ABCDEFGH")?;
            (0..30).try_for_each(|_| enqueue(op, LetterKind::RememberTheft, &letter))
        })
        .await;
        let claimed = at_once(app, 10, |op| claim_due_letters(op, 5)).await;
        let mut ids: Vec<_> = claimed
            .into_iter()
            .flat_map(|letters| letters.unwrap().letters.into_iter().map(|letter| letter.id))
            .collect();
        assert_eq!(ids.len(), 30);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 30);
    });
}

//! Whose account at a provider is which person's, and what it opens. What a provider says is checked in the
//! tests of the server.

use app::identity::{
    Method, Origin, SignIn, find_session, hash_secret,
    provider::{
        Account, Arrival, Arrived, Logout, Which, arrive, connect, disconnect, list_links, log_out,
    },
};
use domain::{
    ids::{ProviderId, UserId, WorkspaceId},
    text::EmailAddress,
};
use testkit::{World, both};

use super::{
    desk::{BASE, Browser, Desk, opened, second_code},
    passkey::{ANN, open, with_passkey},
};

const NETWORK: &str = "192.0.2.1";

fn account(provider: Which) -> Account {
    Account { provider, subject: "248289761001".to_owned() }
}

fn here() -> Origin {
    Origin { base_url: BASE.to_owned(), ..Origin::default() }
}

async fn connected(desk: &Desk, user: UserId, provider: Which) {
    let new = open(desk, user, Method::MailCode).await;
    let hash = hash_secret(new.secret.expose()).unwrap();
    desk.ok(move |op| {
        let session = find_session(op, &hash)?.unwrap();
        connect(op, &session, &account(provider), &here())
    })
    .await;
}

async fn come(desk: &Desk, browser: &Browser, provider: Which) -> Arrived {
    let arrival = Arrival {
        account: account(provider),
        address: Some(EmailAddress::parse(ANN).unwrap()),
        has_second: false,
        host: "id.example".to_owned(),
        cookie_hash: browser.cookie,
        origin: here(),
        network: browser.network.clone(),
        is_known_device: false,
    };
    desk.ok(move |op| arrive(op, &arrival)).await
}

/// The id of a provider is chosen by who sets it up: it may be one that the operator has.
#[test]
fn a_link_is_one_to_the_provider_of_its_owner_alone() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let id: ProviderId = desk.id();
        let theirs = Which { id, workspace: Some(desk.id::<WorkspaceId>()) };
        let operators = Which { id, workspace: None };
        connected(&desk, ann, theirs).await;
        // The same id and the same account, of another owner: nobody is known by it.
        for other in [operators, Which { id, workspace: Some(desk.id::<WorkspaceId>()) }] {
            let arrived = come(&desk, &desk.browser(NETWORK), other).await;
            assert!(matches!(arrived, Arrived::Confirm(_)), "{arrived:?}");
        }

        connected(&desk, ann, operators).await;
        let Arrived::In(entered) = come(&desk, &desk.browser(NETWORK), operators).await else {
            panic!("the operator's is connected")
        };
        let session = opened(entered);
        assert_eq!(session.provider, Some(operators));
        // The event says by which provider, and not whose: it is told to all workspaces of the person.
        let events = "SELECT facts FROM directory_events WHERE kind = 'session.opened'";
        let events = desk.query(events).await;
        let holds = |bytes: [u8; 16]| {
            let facts = events.iter().map(|row| row.get::<Vec<u8>>(0).unwrap());
            facts.filter(|facts| facts.windows(16).any(|found| found == bytes)).count()
        };
        assert_eq!(holds(id.as_bytes()), 1);
        assert_eq!(holds(theirs.workspace.unwrap().as_bytes()), 0);
        let hash = hash_secret(session.secret.expose()).unwrap();
        let end = desk.world.now().as_microsecond() + 60_000_000;
        let told = |provider, token: &str| Logout {
            account: account(provider),
            token: token.to_owned(),
            expires_at_us: end,
        };
        let (theirs, operators) = (told(theirs, "t1"), told(operators, "t1"));
        assert_eq!(desk.ok(move |op| log_out(op, &theirs)).await, Some(0));
        assert!(desk.ok(move |op| find_session(op, &hash)).await.is_some(), "not theirs to end");
        assert_eq!(desk.ok(move |op| log_out(op, &operators)).await, Some(1));
        assert!(desk.ok(move |op| find_session(op, &hash)).await.is_none());
    });
}

/// Whoever reads a mailbox gets no lasting way in past a factor that does not hang on it.
#[test]
fn a_code_by_mail_joins_nothing_to_whoever_has_a_passkey() {
    both(async |world: World| {
        let ann = with_passkey(world, super::passkey::laptop()).await;
        let (desk, user) = (&ann.desk, ann.user);
        let operators = Which { id: desk.id(), workspace: None };
        let browser = desk.browser(NETWORK);
        let arrived = come(desk, &browser, operators).await;
        assert!(matches!(arrived, Arrived::Confirm(_)), "{arrived:?}");
        let code = second_code(desk.all_post().await.last().unwrap());
        let entered = desk.enter(&browser, &code).await;
        let SignIn::Opened(session) = entered else { panic!("{entered:?}") };
        let hash = hash_secret(session.secret.expose()).unwrap();
        let found = desk.ok(move |op| find_session(op, &hash)).await.unwrap();
        assert_eq!(found.shown.first, Method::MailCode, "as by any code");
        assert!(desk.ok(move |op| list_links(op, user)).await.is_empty());
    });
}

/// What is recorded of a provider is what it said, not what somebody did to their own account.
#[test]
fn an_account_that_is_disconnected_has_logged_nobody_out() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let operators = Which { id: desk.id(), workspace: None };
        connected(&desk, ann, operators).await;
        let enter = async || {
            let Arrived::In(entered) = come(&desk, &desk.browser(NETWORK), operators).await else {
                panic!("it is connected")
            };
            hash_secret(opened(entered).secret.expose()).unwrap()
        };
        let ended = "SELECT COUNT(*) FROM directory_events WHERE kind = 'session.ended'";
        let logged_out = "SELECT COUNT(*) FROM directory_events WHERE kind = 'provider.logged_out'";

        let theirs = enter().await;
        let own = hash_secret(open(&desk, ann, Method::MailCode).await.secret.expose()).unwrap();
        desk.ok(move |op| {
            let (session, links) = (find_session(op, &own)?.unwrap(), list_links(op, ann)?);
            disconnect(op, &session, links[0].id, &here())
        })
        .await;
        assert!(desk.ok(move |op| find_session(op, &theirs)).await.is_none());
        assert_eq!((desk.count(ended).await, desk.count(logged_out).await), (1, 0));

        connected(&desk, ann, operators).await;
        let theirs = enter().await;
        let expires_at_us = desk.world.now().as_microsecond() + 60_000_000;
        let told = Logout { account: account(operators), token: "t1".to_owned(), expires_at_us };
        assert_eq!(desk.ok(move |op| log_out(op, &told)).await, Some(1));
        assert!(desk.ok(move |op| find_session(op, &theirs)).await.is_none());
        assert_eq!((desk.count(ended).await, desk.count(logged_out).await), (2, 1));
    });
}

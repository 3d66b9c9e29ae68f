//! Letters that tell a person what happened to their account.

use app::identity::{
    self, ClaimedLetter, Happening, LetterKind, Method, OpenSession, Origin, letters, open_session,
};
use domain::{day::Zone, ids::UserId, text::EmailAddress};
use testkit::{World, both};

use super::desk::{BASE, DAY, Desk, HOUR, another};

const ANN: &str = "ann@example.org";

fn from(network: &str) -> Origin {
    Origin {
        device: Some("Firefox on Linux".to_owned()),
        network: Some(network.to_owned()),
        base_url: BASE.to_owned(),
        ..Origin::default()
    }
}

async fn sign_in(desk: &Desk, user: UserId, method: Method, origin: &Origin) -> Vec<ClaimedLetter> {
    let origin = origin.clone();
    let open = OpenSession { user, method, second: None, remember: false };
    desk.ok(move |op| open_session(op, open, &origin)).await;
    desk.all_post().await
}

#[test]
fn a_new_device_is_told_of_but_not_the_first_one_nor_a_known_one() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let home = from("203.0.113.7");
        // A link that the server printed says nothing of who has opened it.
        assert!(sign_in(&desk, ann, Method::PrintedLink, &home).await.is_empty());
        assert!(sign_in(&desk, ann, Method::MailCode, &home).await.is_empty(), "the first one");
        let post = sign_in(&desk, ann, Method::MailLink, &home).await;
        assert_eq!(post.len(), 1, "another browser");
        assert_eq!(post[0].kind, LetterKind::SecurityNotice);
        assert_eq!(post[0].letter.to().as_str(), ANN);
        assert_eq!(post[0].letter.subject(), "New sign-in to Timeproof");
        for line in [
            "    When:     20 November 2026, 12:00 (UTC)",
            "    Device:   Firefox on Linux",
            "    Network:  203.0.113.7",
            "    https://time.example/security",
        ] {
            assert!(post[0].letter.body().lines().any(|found| found == line), "{line}");
        }
        let mark = desk.ok(move |op| identity::mark_known_device(op, ann)).await;
        let known = Origin { mark: Some(mark.expose().clone()), ..home.clone() };
        assert!(sign_in(&desk, ann, Method::MailCode, &known).await.is_empty());
        // The mark of somebody else, or of nobody, is none.
        let bob = desk.person("bob@example.org").await;
        let bobs = desk.ok(move |op| identity::mark_known_device(op, bob)).await;
        for mark in [bobs.expose().as_str(), "", "nonsense"] {
            let foreign = Origin { mark: Some(mark.to_owned()), ..home.clone() };
            assert_eq!(sign_in(&desk, ann, Method::MailCode, &foreign).await.len(), 1, "{mark:?}");
        }
        // Who was away for so long that their sessions are swept is told again.
        let carol = desk.person("carol@example.org").await;
        desk.wait_s(8 * DAY);
        assert_eq!(sign_in(&desk, carol, Method::MailCode, &home).await.len(), 1);
    });
}

#[test]
fn a_sign_in_after_wrong_codes_from_a_new_network_is_told_of_as_suspicious() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let (home, away) = (from("203.0.113.7"), from("198.51.100.9"));
        sign_in(&desk, ann, Method::MailCode, &home).await;
        let stranger = desk.browser("198.51.100.9");
        let (code, _) = desk.ask_and_read(&stranger, ANN).await;
        for _ in 0..3 {
            desk.enter(&stranger, &another(&code)).await;
        }
        let subject = async |origin: &Origin| {
            let post = sign_in(&desk, ann, Method::MailCode, origin).await;
            assert_eq!(post.len(), 1);
            post[0].letter.subject().to_owned()
        };
        assert_eq!(subject(&home).await, "New sign-in to Timeproof", "from where they always are");
        assert_eq!(subject(&away).await, "Please look: an unusual sign-in to Timeproof");
        desk.wait_s(2 * HOUR);
        assert_eq!(subject(&from("198.51.100.10")).await, "New sign-in to Timeproof");
    });
}

#[test]
fn notices_say_what_happened_and_what_to_do() {
    let to = EmailAddress::parse(ANN).unwrap();
    let at = "2026-11-20T12:00:00Z".parse().unwrap();
    let zone = Zone::parse("Europe/Berlin").unwrap();
    let happenings = [
        Happening::NewDevice,
        Happening::SuspiciousSignIn { wrong_codes: 3 },
        Happening::SignInCopied,
        Happening::TokenMade {
            name: "Backup".to_owned(),
            workspace: "Larch & Sons".to_owned(),
            scope: app::actor::Scope::Track,
            expires_at: at,
        },
    ];
    let mut subjects = std::collections::BTreeSet::new();
    for happening in happenings {
        let origin = from("203.0.113.7");
        let letter = letters::security_notice(&to, &happening, at, &zone, &origin).unwrap();
        let body = letter.body();
        assert!(body.contains("20 November 2026, 13:00 (Europe/Berlin)"), "{body}");
        assert!(body.contains("https://time.example/security\n"), "{body}");
        assert!(body.lines().all(|line| line.chars().count() <= 100), "{body}");
        assert!(!letter.subject().contains("Backup"), "nothing that was typed");
        subjects.insert(letter.subject().to_owned());
        let nowhere = Origin::default();
        let letter = letters::security_notice(&to, &happening, at, &zone, &nowhere).unwrap();
        assert!(letter.body().contains("An unknown browser"), "{}", letter.body());
        assert!(letter.body().contains("the page “My security”"), "{}", letter.body());
    }
    assert_eq!(subjects.len(), 4, "each has a subject of its own");
}

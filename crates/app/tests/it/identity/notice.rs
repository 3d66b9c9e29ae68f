//! Letters that tell a person what happened to their account.

use app::identity::{
    self, AddressStep, ClaimedLetter, Crossed, FactorChange, Happening, LetterKind, LockedOut,
    Method, OpenSession, Origin, PasskeyNews, ResetStep, letters, open_session,
};
use domain::{day::Zone, ids::UserId, text::EmailAddress};
use testkit::{World, both};

use super::{
    desk::{BASE, DAY, Desk, HOUR, another},
    password::GOOD,
};

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
        // A link that the server printed says nothing of who has opened it: the next browser is news.
        let dora = desk.person("dora@example.org").await;
        assert!(sign_in(&desk, dora, Method::PrintedLink, &home).await.is_empty());
        assert_eq!(sign_in(&desk, dora, Method::MailCode, &home).await.len(), 1);
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
        assert_eq!(subject(&away).await, UNUSUAL);
        desk.wait_s(25 * HOUR);
        assert_eq!(subject(&from("198.51.100.10")).await, "New sign-in to Timeproof");
    });
}

fn happenings() -> Vec<Happening> {
    use FactorChange::{
        AppAdded, AppRemoved, CodeUsed, CodesMade, MailStep, PasswordChanged, PasswordRemoved,
        PasswordSet, Provider,
    };
    let at = "2026-12-20T12:00:00Z".parse().unwrap();
    let phone = || "My phone".to_owned();
    let link = || format!("{BASE}/stop-address/Zm9vYmFyYmF6cXV4");
    let changes = [
        PasswordSet,
        PasswordChanged,
        PasswordRemoved,
        AppAdded { name: phone() },
        AppRemoved { name: phone(), is_app_left: true, is_passkey_left: false },
        AppRemoved { name: phone(), is_app_left: false, is_passkey_left: true },
        AppRemoved { name: phone(), is_app_left: false, is_passkey_left: false },
        CodesMade,
        CodeUsed { left: 7 },
        CodeUsed { left: 1 },
        CodeUsed { left: 0 },
        MailStep { is_on: true },
        MailStep { is_on: false },
        Provider { is_on: true },
        Provider { is_on: false },
    ];
    let locked = [Crossed::Waits, Crossed::Off, Crossed::Device].map(|crossed| {
        [
            LockedOut::Password(crossed),
            LockedOut::Second(crossed),
            LockedOut::MailedSecond(crossed),
            LockedOut::Codes(crossed),
        ]
    });
    let rest = [
        Happening::NewDevice,
        Happening::SuspiciousSignIn { wrong_tries: 3 },
        Happening::SignInCopied,
        Happening::TokenMade {
            name: "Backup".to_owned(),
            workspace: "Larch & Sons".to_owned(),
            scope: app::actor::Scope::Track,
            expires_at: at,
        },
        Happening::Passkey(PasskeyNews::Added(phone())),
        Happening::Passkey(PasskeyNews::Removed(phone())),
        Happening::Passkey(PasskeyNews::Copied(phone())),
        Happening::Passkey(PasskeyNews::Always(true)),
        Happening::Passkey(PasskeyNews::Always(false)),
        Happening::Address(AddressStep::Asked { link: link() }),
        Happening::Address(AddressStep::GivenUp { link: link() }),
        Happening::Address(AddressStep::Changed),
        Happening::Address(AddressStep::Stopped { was_changed: false }),
        Happening::Address(AddressStep::Stopped { was_changed: true }),
        Happening::Address(AddressStep::TakenBack),
        Happening::Reset(ResetStep::Stopped),
        Happening::Reset(ResetStep::Dropped),
        Happening::Reset(ResetStep::Done),
    ];
    let changes = changes.into_iter().map(Happening::Changed);
    let locked = locked.into_iter().flatten().map(Happening::LockedOut);
    rest.into_iter().chain(changes).chain(locked).collect()
}

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/identity/letters.golden.txt");

/// All of them in a file, for a person to read.
#[test]
fn letters_about_an_account_have_one_shape() {
    let to = EmailAddress::parse(ANN).unwrap();
    let at = "2026-11-20T12:00:00Z".parse().unwrap();
    let zone = Zone::parse("Europe/Berlin").unwrap();
    let mut golden = String::new();
    for happening in happenings() {
        let origin = from("203.0.113.7");
        let letter = letters::security_notice(&to, &happening, at, &zone, &origin).unwrap();
        let body = letter.body();
        assert!(body.contains("    When:     20 November 2026, 13:00 (Europe/Berlin)"), "{body}");
        assert!(body.contains("    Device:   Firefox on Linux"), "{body}");
        assert!(body.contains("    Network:  203.0.113.7"), "{body}");
        assert!(body.contains("https://time.example/"), "{body}");
        assert!(body.lines().all(|line| line.chars().count() <= 100), "{body}");
        for typed in ["Backup", "Larch", "phone"] {
            assert!(!letter.subject().contains(typed), "nothing that was typed");
        }
        let rule = "-".repeat(72);
        golden.extend(["Subject: ", letter.subject(), "\n\n", body, "\n", &rule, "\n\n"]);
        let nowhere = Origin::default();
        let letter = letters::security_notice(&to, &happening, at, &zone, &nowhere).unwrap();
        assert!(letter.body().contains("An unknown browser"), "{}", letter.body());
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(GOLDEN, &golden).unwrap();
    }
    let stored = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    assert!(stored == golden, "letters changed: UPDATE_GOLDEN=1, review the diff\n{golden}");
}

/// Every act that changes how somebody signs in is told at once, in their zone, with device and network.
#[test]
fn what_changes_about_a_sign_in_is_told_in_the_same_transaction() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let zone = Zone::parse("America/New_York").unwrap();
        desk.ok(move |op| identity::set_zone(op, ann, &zone)).await;
        let home = from("203.0.113.7");
        let open =
            OpenSession { user: ann, method: Method::MailCode, second: None, remember: false };
        let session = desk
            .ok(move |op| {
                let new = open_session(op, open, &home)?;
                identity::find_session(op, &identity::hash_secret(new.secret.expose()).unwrap())
            })
            .await
            .unwrap();
        desk.all_post().await;
        let away = from("198.51.100.9");
        let origin = away.clone();
        desk.ok(move |op| identity::set_mail_second(op, &session, true, &origin)).await;
        let post = desk.all_post().await;
        assert_eq!(post.len(), 1);
        let body = post[0].letter.body();
        assert!(body.contains("20 November 2026, 07:00 (America/New_York)"), "{body}");
        assert!(body.contains("    Network:  198.51.100.9"), "where it was done from: {body}");
        // A sign-in is told in it too.
        let post = sign_in(&desk, ann, Method::MailLink, &away).await;
        assert!(post[0].letter.body().contains("(America/New_York)"), "{}", post[0].letter.body());
    });
}

/// Of wrong passwords too, within a day, but for what the person has mistyped themselves.
#[test]
fn a_sign_in_after_wrong_passwords_is_told_of_as_suspicious() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.with_password(ANN, GOOD).await.user;
        desk.all_post().await;
        let subject = async |network: &str| {
            let post = sign_in(&desk, ann, Method::MailCode, &from(network)).await;
            post[0].letter.subject().to_owned()
        };
        for guesses in [2, 1] {
            for _ in 0..guesses {
                desk.knock(&desk.stranger("192.0.2.9"), ANN, "not her password").await;
            }
            let network = format!("198.51.100.{guesses}");
            let expected = if guesses == 1 { UNUSUAL } else { "New sign-in to Timeproof" };
            assert_eq!(subject(&network).await, expected);
        }
        desk.wait_s(23 * HOUR);
        assert_eq!(subject("198.51.100.77").await, UNUSUAL, "23 hours later");
        desk.wait_s(2 * HOUR);
        assert_eq!(subject("198.51.100.78").await, "New sign-in to Timeproof", "a day later");
    });
}

const UNUSUAL: &str = "Please look: an unusual sign-in to Timeproof";

/// Whoever types wrong codes at the second step has the first factor.
#[test]
fn a_sign_in_after_wrong_second_steps_is_told_of_as_suspicious() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let open =
            OpenSession { user: ann, method: Method::MailCode, second: None, remember: false };
        let session = desk
            .ok(move |op| {
                let new = open_session(op, open, &Origin::default())?;
                identity::find_session(op, &identity::hash_secret(new.secret.expose()).unwrap())
            })
            .await
            .unwrap();
        desk.ok(move |op| identity::set_mail_second(op, &session, true, &Origin::default())).await;
        let stranger = desk.browser("192.0.2.9").cookie;
        desk.ok(move |op| {
            let method = Method::Password;
            let passed =
                identity::Passed { user: ann, method, remember: false, cookie_hash: stranger };
            identity::enter(op, passed, &Origin::default())
        })
        .await;
        for _ in 0..3 {
            let typed = "ABCD-EFGH";
            desk.ok(move |op| {
                identity::sign_in_with_second(op, &stranger, typed, &Origin::default())
            })
            .await;
        }
        desk.all_post().await;
        let post = sign_in(&desk, ann, Method::MailLink, &from("198.51.100.9")).await;
        assert_eq!(post[0].letter.subject(), UNUSUAL);
        assert!(post[0].letter.body().contains("3 wrong codes or passwords"));
    });
}

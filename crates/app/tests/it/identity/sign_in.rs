//! Codes and links by mail.

use app::identity::{
    self, LinkFound, Origin, RequestCode, SignIn, disable_person, find_session, hash_secret,
    is_known_browser, look_at_link, mark_known_device,
};
use domain::text::EmailAddress;
use testkit::{World, both};

use super::desk::{BASE, Desk, HOUR, MINUTE, another, opened, read_letter};

const ANN: &str = "ann@example.org";

#[test]
fn ott_01_08_a_code_works_once_in_the_tab_that_asked() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let browser = desk.browser("192.0.2.1");
        let (code, link) = desk.ask_and_read(&browser, ANN).await;
        // 7: another browser's cookie, and one of another attempt, open nothing.
        let other = desk.browser("192.0.2.2");
        assert!(matches!(desk.enter(&other, &code).await, SignIn::NotValid));
        desk.ask(&other, ANN).await;
        assert!(matches!(desk.enter(&other, &code).await, SignIn::Wrong { left: 4 }));
        // As people type it.
        let typed = format!(" {} ", code.to_lowercase());
        let session = opened(desk.enter(&browser, &typed).await);
        assert_eq!(session.user, ann);
        assert!(session.remember.is_none());
        // 8: neither the code nor its link works again.
        assert!(matches!(desk.enter(&browser, &code).await, SignIn::NotValid));
        let again = desk.follow(Some(&browser), &link).await;
        assert!(matches!(again, SignIn::NotValid));
        // 33 and 35: a new secret, and how it came about.
        let hash = hash_secret(session.secret.expose()).unwrap();
        let found = desk.ok(move |op| find_session(op, &hash)).await.unwrap();
        assert_eq!((found.id, found.user), (session.id, ann));
        assert_eq!(found.method.as_str(), "otp-mail");
    });
}

#[test]
fn ott_02_03_a_link_works_in_the_browser_that_asked_only() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        let browser = desk.browser("192.0.2.1");
        let (_, link) = desk.ask_and_read(&browser, ANN).await;
        let other = desk.browser("192.0.2.1");
        // 3 and 5: no other browser, and no look, uses it up.
        for _ in 0..3 {
            let refused = desk.follow(Some(&other), &link).await;
            assert!(matches!(refused, SignIn::OtherBrowser));
            let refused = desk.follow(None, &link).await;
            assert!(matches!(refused, SignIn::OtherBrowser));
            let token = link.clone();
            let cookie = browser.cookie;
            let looks = desk
                .ok(move |op| {
                    Ok([
                        look_at_link(op, Some(&cookie), &token)?,
                        look_at_link(op, None, &token)?,
                        look_at_link(op, Some(&cookie), "AAAA")?,
                        look_at_link(op, Some(&cookie), "AAAAAAAAAAAAAAAAAAAAAA")?,
                        look_at_link(op, Some(&cookie), "not base64!")?,
                    ])
                })
                .await;
            assert_eq!(looks[0], LinkFound::Here);
            assert_eq!(looks[1], LinkFound::OtherBrowser);
            assert!(looks[2..].iter().all(|look| *look == LinkFound::NotValid));
        }
        let session = opened(desk.follow(Some(&browser), &link).await);
        assert_eq!(session.user, ann);
        let method = desk.query("SELECT method FROM sessions").await;
        assert_eq!(method[0].get::<String>(0).unwrap(), "link-mail");
        // Used up, it is the same in every browser.
        let again = desk.follow(Some(&other), &link).await;
        assert!(matches!(again, SignIn::NotValid));
    });
}

#[test]
fn ott_09_fifty_at_once_open_one_session() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        let browser = desk.browser("192.0.2.1");
        let (code, link) = desk.ask_and_read(&browser, ANN).await;
        let mut racing = tokio::task::JoinSet::new();
        for at in 0..50 {
            let (app, cookie) = (desk.world.app.clone(), browser.cookie);
            let (code, link) = (code.clone(), link.clone());
            racing.spawn(async move {
                app.write_directory(app.new_request(), move |op| {
                    if at % 2 == 0 {
                        identity::sign_in_with_code(op, &cookie, &code, &Origin::default())
                    } else {
                        identity::sign_in_with_link(op, Some(&cookie), &link, &Origin::default())
                    }
                })
                .await
            });
        }
        let outcomes = racing.join_all().await;
        let opened =
            outcomes.iter().filter(|outcome| matches!(outcome, Ok(SignIn::Opened(_)))).count();
        assert_eq!(opened, 1);
        for outcome in &outcomes {
            assert!(matches!(outcome, Ok(SignIn::Opened(_) | SignIn::NotValid)), "{outcome:?}");
        }
        assert_eq!(desk.count("SELECT COUNT(*) FROM sessions").await, 1);
    });
}

#[test]
fn ott_10_11_12_ten_minutes_and_no_clock_brings_it_back() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        let browser = desk.browser("192.0.2.1");
        let (code, _) = desk.ask_and_read(&browser, ANN).await;
        desk.wait_s(9 * MINUTE + 59);
        opened(desk.enter(&browser, &code).await);

        let (code, link) = desk.ask_and_read(&browser, ANN).await;
        desk.wait_s(10 * MINUTE + 1);
        assert!(matches!(desk.enter(&browser, &code).await, SignIn::NotValid));
        desk.wait_s(-5 * MINUTE);
        assert!(matches!(desk.enter(&browser, &code).await, SignIn::NotValid));
        let late = desk.follow(Some(&browser), &link).await;
        assert!(matches!(late, SignIn::NotValid));

        // Set back a day, ten minutes do not become a day.
        let (code, _) = desk.ask_and_read(&browser, ANN).await;
        desk.wait_s(-24 * HOUR);
        assert!(matches!(desk.enter(&browser, &code).await, SignIn::NotValid));
        desk.wait_s(24 * HOUR);
        assert!(matches!(desk.enter(&browser, &code).await, SignIn::NotValid));
    });
}

#[test]
fn ott_13_a_newer_one_replaces_those_of_its_browser_only() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        let (one, two) = (desk.browser("192.0.2.1"), desk.browser("192.0.2.1"));
        let (older, older_link) = desk.ask_and_read(&one, ANN).await;
        let (elsewhere, _) = desk.ask_and_read(&two, ANN).await;
        let (newer, _) = desk.ask_and_read(&one, ANN).await;
        assert!(matches!(desk.enter(&one, &older).await, SignIn::Wrong { left: 4 }));
        let replaced = desk.follow(Some(&one), &older_link).await;
        assert!(matches!(replaced, SignIn::NotValid));
        opened(desk.enter(&one, &newer).await);
        opened(desk.enter(&two, &elsewhere).await);
    });
}

#[test]
fn ott_14_15_the_fifth_wrong_code_kills() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        let browser = desk.browser("192.0.2.1");
        let (code, link) = desk.ask_and_read(&browser, ANN).await;
        let wrong = another(&code);
        // What cannot be a code costs nothing.
        for typed in ["", "1234", "ABCD-EFGH-J", "UUUU-UUUU", "ÄÖÜß-ÄÖÜß"] {
            let answer = desk.enter(&browser, typed).await;
            assert!(matches!(answer, SignIn::Wrong { left: 5 }), "{typed}");
        }
        for left in [4, 3, 2, 1] {
            let answer = desk.enter(&browser, &wrong).await;
            assert!(matches!(answer, SignIn::Wrong { left: l } if l == left));
        }
        assert!(matches!(desk.enter(&browser, &wrong).await, SignIn::NotValid));
        assert!(matches!(desk.enter(&browser, &code).await, SignIn::NotValid));
        let dead = desk.follow(Some(&browser), &link).await;
        assert!(matches!(dead, SignIn::NotValid));
        let failed = "SELECT COUNT(*) FROM directory_events WHERE kind = 'login.failed'";
        assert_eq!(desk.count(failed).await, 1);
        // A new one works.
        let (code, _) = desk.ask_and_read(&browser, ANN).await;
        opened(desk.enter(&browser, &code).await);
    });
}

#[test]
fn ott_16_wrong_codes_add_up_over_an_account() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        let mut known = desk.browser("192.0.2.9");
        known.is_known = true;
        let (known_code, _) = desk.ask_and_read(&known, ANN).await;
        // Four wrong ones in each of three browsers kill none of them; a fourth attempt (one of the
        // three asks again) brings the sum to fifteen before it has had five itself.
        let browsers: Vec<_> = (0..3).map(|_| desk.browser("192.0.2.1")).collect();
        let mut codes = Vec::new();
        for browser in &browsers {
            let (code, _) = desk.ask_and_read(browser, ANN).await;
            for left in [4, 3, 2, 1] {
                let answer = desk.enter(browser, &another(&code)).await;
                assert!(matches!(answer, SignIn::Wrong { left: l } if l == left));
            }
            codes.push(code);
        }
        let (fresh, _) = desk.ask_and_read(&browsers[0], ANN).await;
        for left in [2, 1] {
            let answer = desk.enter(&browsers[0], &another(&fresh)).await;
            assert!(matches!(answer, SignIn::Wrong { left: l } if l == left));
        }
        let answer = desk.enter(&browsers[0], &another(&fresh)).await;
        assert!(matches!(answer, SignIn::NotValid));
        for (browser, code) in
            [(&browsers[0], &fresh), (&browsers[1], &codes[1]), (&browsers[2], &codes[2])]
        {
            assert!(matches!(desk.enter(browser, code).await, SignIn::NotValid));
        }
        // More guesses need another hour, but a known device is not touched.
        desk.ask(&browsers[0], ANN).await;
        assert!(desk.post().await.is_empty());
        opened(desk.enter(&known, &known_code).await);
        desk.wait_s(HOUR + 1);
        let (code, _) = desk.ask_and_read(&browsers[0], ANN).await;
        opened(desk.enter(&browsers[0], &code).await);
    });
}

#[test]
fn ott_17_19_the_sixth_mail_of_an_hour_is_not_sent() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        desk.person("bob@example.org").await;
        let browser = desk.browser("192.0.2.1");
        for _ in 0..4 {
            desk.ask_and_read(&browser, ANN).await;
        }
        let (fifth, _) = desk.ask_and_read(&browser, ANN).await;
        desk.ask(&browser, ANN).await;
        assert!(desk.post().await.is_empty(), "the sixth");
        // The account alone is over its quota: not others, and not its owner's known device.
        desk.ask_and_read(&desk.browser("192.0.2.1"), "bob@example.org").await;
        let mut known = desk.browser("192.0.2.1");
        known.is_known = true;
        for _ in 0..5 {
            desk.ask_and_read(&known, ANN).await;
        }
        desk.ask(&known, ANN).await;
        assert!(desk.post().await.is_empty(), "the sixth of a known device");
        // What was mailed last still works.
        opened(desk.enter(&browser, &fifth).await);
        desk.wait_s(HOUR + 1);
        desk.ask_and_read(&browser, ANN).await;
    });
}

#[test]
fn ott_18_19_the_twenty_first_of_a_network_is_not_sent() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        // Twenty from one network, to addresses nobody has: the quota does not tell them apart.
        for at in 0..20 {
            let browser = desk.browser("2001:db8::/64");
            desk.ask(&browser, &format!("nobody-{at}@example.org")).await;
        }
        assert!(desk.post().await.is_empty());
        desk.ask(&desk.browser("2001:db8::/64"), ANN).await;
        assert!(desk.post().await.is_empty(), "the twenty-first");
        let rows = "SELECT COUNT(*) FROM login_attempts";
        assert_eq!(desk.count(rows).await, 20, "nothing more is written");
        // Her own browser has her own quota, and no more.
        let mut known = desk.browser("2001:db8::/64");
        known.is_known = true;
        for _ in 0..5 {
            desk.ask_and_read(&known, ANN).await;
        }
        for _ in 0..3 {
            desk.ask(&known, ANN).await;
        }
        assert!(desk.post().await.is_empty(), "the sixth of a known browser");
        assert_eq!(desk.count(rows).await, 25, "nothing more is written");
        desk.ask_and_read(&desk.browser("2001:db8:0:1::/64"), ANN).await;
    });
}

#[test]
fn a_fourth_browser_waits_and_kills_nobodys_code() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        let mut codes = Vec::new();
        for _ in 0..3 {
            let browser = desk.browser("192.0.2.1");
            let (code, _) = desk.ask_and_read(&browser, ANN).await;
            codes.push((browser, code));
        }
        let fourth = desk.browser("192.0.2.1");
        desk.ask(&fourth, ANN).await;
        assert!(desk.post().await.is_empty());
        assert!(matches!(desk.enter(&fourth, "ABCD-EFGH").await, SignIn::NotValid));
        for (browser, code) in &codes {
            opened(desk.enter(browser, code).await);
        }
        desk.ask_and_read(&fourth, ANN).await;
    });
}

#[test]
fn ott_20_25_unknown_disabled_and_placeless_people_look_the_same() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        let disabled = desk.person("off@example.org").await;
        desk.ok(move |op| disable_person(op, disabled)).await;
        desk.outsider("one@example.org").await;
        // Addresses of one length, so that the rows have to be of one length too.
        for (nth, address) in
            (1..).zip([ANN, "who@example.org", "off@example.org", "one@example.org"])
        {
            let browser = desk.browser("192.0.2.1");
            desk.ask(&browser, address).await;
            let post = desk.post().await;
            assert_eq!(post.len(), usize::from(address == ANN), "{address}");
            // The same tries as anybody else.
            for left in [4, 3, 2, 1] {
                let answer = desk.enter(&browser, "0000-0000").await;
                assert!(matches!(answer, SignIn::Wrong { left: l } if l == left));
            }
            let answer = desk.enter(&browser, "0000-0000").await;
            assert!(matches!(answer, SignIn::NotValid));
            // The same rows of the same size.
            let rows = desk
                .query(
                    "SELECT (SELECT COUNT(*) FROM login_attempts), (SELECT COUNT(*) FROM outbox),
                            (SELECT COUNT(*) FROM directory_events WHERE kind = 'login.failed'),
                            (SELECT COUNT(DISTINCT LENGTH(letter_sealed)) FROM outbox),
                            (SELECT COUNT(DISTINCT LENGTH(facts)) FROM directory_events
                             WHERE kind = 'login.failed')",
                )
                .await;
            let counts: [i64; 5] = [0, 1, 2, 3, 4].map(|at| rows[0].get(at).unwrap());
            assert_eq!(counts, [nth, nth, nth, 1, 1], "{address}");
        }
        // Disabled between mail and code.
        let browser = desk.browser("192.0.2.2");
        let bob = desk.person("bob@example.org").await;
        let (code, _) = desk.ask_and_read(&browser, "bob@example.org").await;
        desk.ok(move |op| disable_person(op, bob)).await;
        assert!(matches!(desk.enter(&browser, &code).await, SignIn::NotValid));
    });
}

#[test]
fn ott_26_31_no_secret_in_subjects_or_in_the_database() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person("zanzibar.quokka@example.org").await;
        let browser = desk.browser("198.51.100.77");
        desk.ask_remembering(&browser, "zanzibar.quokka@example.org", true).await;
        let post = desk.post().await;
        let (code, link) = read_letter(&post[0]);
        let subject = post[0].letter.subject().to_owned();
        let session = opened(desk.enter(&browser, &code).await);
        let remember = session.remember.as_ref().unwrap().expose().clone();
        let validator = remember.split_once('.').unwrap().1.to_owned();
        assert!(!subject.contains(&code) && !subject.contains(&link));
        let plain = code.replace('-', "");
        let database = desk.bytes().await;
        for secret in [
            code.as_str(),
            &plain,
            &link,
            session.secret.expose(),
            &remember,
            &validator,
            "zanzibar",
            "quokka",
            "198.51.100.77",
            "sign-in/link",
        ] {
            assert!(!contains(&database, secret.as_bytes()), "{secret}");
        }
        for secret in [link.as_str(), session.secret.expose(), &validator] {
            let bytes = vault::decode_base64url(secret).unwrap();
            assert!(!contains(&database, &bytes), "{secret} as bytes");
        }
        // The search does find what is there.
        assert!(contains(&database, b"otp-mail"));
    });
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|part| part == needle)
}

#[test]
fn ott_38_spellings_of_an_address_are_one_account_or_two_never_mixed() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person("Ann.Lee@B\u{fc}cher.example").await;
        let plus = desk.person("ann.lee+work@b\u{fc}cher.example").await;
        let other = desk.person("ann.lee@bucher.example").await;
        assert_ne!(ann, plus);
        assert_ne!(ann, other);
        for (typed, who) in [
            ("ann.lee@b\u{fc}cher.example", ann),
            ("ANN.LEE@XN--BCHER-KVA.example", ann),
            ("ann.lee@bu\u{308}cher.example", ann),
            ("Ann.Lee+Work@b\u{fc}cher.example", plus),
            ("ann.lee@BUCHER.example", other),
        ] {
            let browser = desk.browser(typed);
            let (code, _) = desk.ask_and_read(&browser, typed).await;
            assert_eq!(opened(desk.enter(&browser, &code).await).user, who, "{typed}");
            assert_eq!(desk.outsider(typed).await, who, "{typed}");
        }
        // Not the same letter: Cyrillic а.
        let browser = desk.browser("192.0.2.1");
        desk.ask(&browser, "\u{430}nn.lee@b\u{fc}cher.example").await;
        assert!(desk.post().await.is_empty());
    });
}

#[test]
fn the_link_of_a_mail_begins_with_the_configured_address() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person(ANN).await;
        let command = RequestCode {
            address: EmailAddress::parse(ANN).unwrap(),
            cookie_hash: desk.browser("").cookie,
            network: "192.0.2.1".to_owned(),
            is_known_device: false,
            remember: false,
            base_url: format!("{BASE}/"),
            is_proof: false,
        };
        desk.ok(move |op| identity::request_code(op, &command)).await;
        let post = desk.post().await;
        assert_eq!(post[0].letter.to().as_str(), ANN);
        assert_eq!(read_letter(&post[0]).1.len(), 22);
    });
}

#[test]
fn a_known_device_is_known_for_its_own_account_for_a_year() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let ann = desk.person(ANN).await;
        desk.person("bob@example.org").await;
        let mark = desk.ok(move |op| mark_known_device(op, ann)).await;
        let mark = mark.expose().clone();
        assert!(mark.len() < 80);
        let known = async |address: &str, mark: &str| {
            let (address, mark) = (EmailAddress::parse(address).unwrap(), mark.to_owned());
            desk.ok(move |op| is_known_browser(op, &address, &mark)).await
        };
        assert!(known("ANN@example.org", &mark).await);
        assert!(!known("bob@example.org", &mark).await);
        for forged in ["", "AAAA", &mark[1..], &"A".repeat(mark.len())] {
            assert!(!known(ANN, forged).await, "{forged}");
        }
        desk.wait_s(364 * 24 * HOUR);
        assert!(known(ANN, &mark).await);
        desk.wait_s(2 * 24 * HOUR);
        assert!(!known(ANN, &mark).await);
    });
}

/// A browser that a family shares: each of the last five who signed in there is known, and none twice.
#[test]
fn a_browser_knows_five_people() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let mut people = Vec::new();
        for at in 0..6 {
            people.push(desk.person(&format!("p{at}@example.org")).await);
        }
        let sign_in = async |user, mark: &str| {
            let origin = Origin { mark: Some(mark.to_owned()), ..Origin::default() };
            let opening = identity::OpenSession {
                user,
                method: identity::Method::MailCode,
                second: None,
                remember: false,
            };
            let marked = desk.ok(move |op| {
                let session = identity::open_session(op, opening, &origin)?;
                identity::mark_browser(op, &session, &origin)
            });
            marked.await.unwrap().expose().clone()
        };
        let known = async |mark: &str| {
            let mut known = String::new();
            for at in 0..6 {
                let address = EmailAddress::parse(&format!("p{at}@example.org")).unwrap();
                let mark = mark.to_owned();
                let is_known =
                    desk.ok(move |op| identity::is_known_browser(op, &address, &mark)).await;
                known.push(if is_known { 'y' } else { '-' });
            }
            known
        };
        let mut marks = String::new();
        for (at, expected) in [
            (0, "y-----"),
            (1, "yy----"),
            (0, "yy----"),
            (2, "yyy---"),
            (3, "yyyy--"),
            (4, "yyyyy-"),
        ] {
            marks = sign_in(people[at], &marks).await;
            assert_eq!(known(&marks).await, expected, "{at}");
        }
        assert_eq!(marks.split('.').count(), 5, "one each");
        // The sixth drives out who signed in longest ago.
        marks = sign_in(people[5], &marks).await;
        assert_eq!(known(&marks).await, "y-yyyy");
        assert!(marks.len() < 1_024 && marks.split('.').count() == 5, "{}", marks.len());
        // Nor does anybody make us check more, or keep what is none.
        let more = format!("{}.{marks}", ["A"; 5].join("."));
        assert_eq!(known(&more).await, "------");
        let long = "A".repeat(4_000);
        let kept = sign_in(people[0], &format!("{long}.{long}")).await;
        assert!(kept.len() < 100, "{}", kept.len());
    });
}

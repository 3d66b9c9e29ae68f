use proptest::prelude::*;

use super::*;

fn scrubber() -> Scrubber {
    Scrubber::new(Box::new(|address| {
        address.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }))
}

fn scrub(text: &str) -> String {
    scrubber().scrub(text).into_owned()
}

#[test]
fn what_looks_like_a_secret_is_left_out() {
    for (text, expected) in [
        // Cards, as people and forms write them.
        ("paid with 4111111111111111 today", "paid with … today"),
        ("4111 1111 1111 1111", "…"),
        ("5555-5555-5555-4444", "…"),
        ("3782 822463 10005", "…"),
        ("card=4111+1111+1111+1111&x=1", "card=…&x=1"),
        ("4111%201111%201111%201111", "…"),
        ("4111111111111111123", "…"),
        ("6011000990139424.", "…."),
        // Tokens.
        ("tp1_0193b1e07c2a7f3e8a1b2c3d4e5f6071_AAAA", "…"),
        ("got Xb3kPq0ZtR8uWm2vYs5nLc", "got …"),
        ("cookie q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA", "cookie …"),
        ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "…"),
        // Codes.
        ("the code K7QM-3XTA is wrong", "the code … is wrong"),
        ("K7QM3XTA", "…"),
        ("k7qm-3xta", "…"),
        ("KXQMAXTA", "…"),
        ("K7QM-3XTA-99ZZ-ABCD", "…"),
        ("code 492817!", "code …!"),
        ("492 817", "…"),
        // What a text itself calls a secret.
        ("Authorization: Bearer abc.def", "Authorization: …"),
        ("authorization: Basic dXNlcjpwYXNz\nHost: x1", "authorization: …␊Host: x1"),
        ("bearer abc~1", "bearer …"),
        ("Cookie: a=1; b=2\r\nHost: x", "Cookie: …␍␊Host: x"),
        ("Set-Cookie: sid=1; Path=/", "Set-Cookie: …"),
        ("password=hunter2&name=x", "password=…&name=x"),
        ("Login { password: \"a \\\"b\\\" c\", name: 1 }", "Login { password: \"…\", name: 1 }"),
        ("\"client_secret\": \"x y\"}", "\"client_secret\": \"…\"}"),
        (r#"{\"password\":\"hunter2\",\"name\":1}"#, r#"{\"password\":\"…\",\"name\":1}"#),
        (r#""{\\\"secret\\\": \\\"a\\b\\\"}""#, r#""{\\\"secret\\\": \\\"…\\\"}""#),
        ("password=<hunter2", "password=…"),
        ("password: <hunter2>", "password: …"),
        ("password=a;b,c)d", "password=…"),
        ("password%3Dhunter2&x=1", "password=…&x=1"),
        ("Cookie: a=\"1\"; b=2", "Cookie: …"),
        ("token: a\"b c", "token: …"),
        ("password=\"open", "password=\"…"),
        ("password=<mail:012345678", "password=…"),
        ("postgres://ann:pw@db.example:5432/x", "postgres://…@db.example:5432/x"),
        ("smtps://ann%40x.example:p@mail.example", "smtps://…@mail.example"),
    ] {
        assert_eq!(scrub(text), expected, "{text}");
    }
}

#[test]
fn what_is_none_stays() {
    for text in [
        "letter sent",
        "0193b1e0-7c2a-7f3e-8a1b-2c3d4e5f6071",
        "workspaces/0193b1e0-7c2a-7f3e-8a1b-2c3d4e5f6071.db: disk I/O error 10",
        "timeproof_w_0193b1e07c2a7f3e8a1b2c3d4e5f6071",
        "crates/app/src/timer/start.rs:120:33",
        "connection to 127.0.0.1:54321 refused (os error 111)",
        "a job has failed: UNIQUE constraint failed: members.name_index",
        "the token is not valid, and the password is wrong",
        "POST /sign-in/code answered 422 in 1234 ms",
        "basic words",
        "read-only file system",
        "2026-11-23T06:05:50Z",
        "1790000000",
        "server::identity::web::sign_in_with_a_code",
        "UnexpectedEndOfFileFromPeer",
        "the mail server offers no STARTTLS; smtps:// is TLS from the first byte",
    ] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn an_address_is_the_same_hash_wherever_it_stands() {
    let hash = scrub("ann@example.org");
    assert!(hash.starts_with("<mail:") && hash.len() == "<mail:0123456789>".len(), "{hash}");
    for (text, expected) in [
        ("550 no mailbox ann@example.org here", format!("550 no mailbox {hash} here")),
        ("<ANN@Example.org>", format!("<{hash}>")),
        ("email=ann%40example.org&x=1", format!("email={hash}&x=1")),
        ("'ann@example.org'", format!("'{hash}'")),
    ] {
        assert_eq!(scrub(text), expected, "{text}");
    }
    assert_ne!(scrub("ben@example.org"), hash);
    for text in ["\"john doe\"@example.org", "jörg@bücher.example", "a1b2c3d4@example.org", "x@y"]
    {
        assert!(scrub(text).starts_with("<mail:"), "{text}: {}", scrub(text));
        assert!(scrub(text).ends_with('>'), "{text}: {}", scrub(text));
    }
    assert_eq!(scrub("token: ann@example.org"), "token: …");
}

#[test]
fn no_line_begins_within_another() {
    let text = scrub("a\r\nb\u{1b}[2Jc\u{2028}d\u{202e}e\u{85}\u{0}\t");
    assert_eq!(text, "a␍␊b␛[2Jc\u{fffd}d\u{fffd}e\u{fffd}␀␉");
}

#[test]
fn a_long_text_is_cut_before_a_word() {
    let text = scrub(&format!("{} K7QM3XTAK7QM3XTA", "ab1 ".repeat(LONGEST / 4 - 1)));
    assert!(text.ends_with("ab1 …"), "{}", &text[text.len() - 30..]);
    assert_eq!(scrub(&"x1".repeat(LONGEST)), "…");
}

/// Ten times the text takes about ten times as long: what is looked at is counted in characters, and
/// no rule looks at one again and again. Texts that would make it so:
#[test]
fn no_text_takes_long() {
    for part in ["%40", "@", "token=", "://", "://@", "a@", "1 ", "4111 ", "\"@", "-", "Bearer "] {
        let text = part.repeat(LONGEST / part.len());
        let twice = scrub(&scrub(&text));
        assert_eq!(scrub(&text), twice, "{part}");
    }
}

/// Pieces of which secrets and their neighbours consist.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("4111111111111111".to_owned()),
        Just("4111 1111 1111 1111".to_owned()),
        Just("ann@example.org".to_owned()),
        Just("%40".to_owned()),
        Just("K7QM-3XTA".to_owned()),
        Just("ABCDEFGH".to_owned()),
        Just("tp1_x".to_owned()),
        Just("password".to_owned()),
        Just("Cookie".to_owned()),
        Just("Bearer".to_owned()),
        Just("://".to_owned()),
        Just("0193b1e0-7c2a-7f3e-8a1b-2c3d4e5f6071".to_owned()),
        Just("Xb3kPq0ZtR8uWm2vYs5nLc".to_owned()),
        "[0-9]{1,8}",
        "[-_ :=@%&'\"./,;<>\\\\\n\r\u{1b}…é+]",
        "[a-zA-Z0-9]{1,9}",
        "\\PC{0,4}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn to_scrub_twice_changes_nothing(text in pieces()) {
        let once = scrub(&text);
        prop_assert_eq!(scrub(&once), once);
    }

    #[test]
    fn any_text_is_taken(text in any::<String>()) {
        let once = scrub(&text);
        prop_assert!(!once.chars().any(char::is_control));
        prop_assert_eq!(scrub(&once), once);
    }

    #[test]
    fn every_secret_of_ours_is_left_out(
        token in "[A-Z][a-z][0-9][A-Za-z0-9_-]{40}",
        link in "[A-Z][a-z][0-9][A-Za-z0-9_-]{19}",
        code in "[0-9A-HJKMNP-TV-Z]{3}[A-HJKMNP-TV-Z]-[0-9A-HJKMNP-TV-Z]{4}",
        before in "[ ,;(\"'<>=/?&.]",
        after in "[ ,;)\"'<>/?&.!]",
    ) {
        for secret in [&token, &link, &code, &code.replace('-', "")] {
            let text = scrub(&format!("words{before}{secret}{after}words"));
            prop_assert_eq!(text, format!("words{before}…{after}words"));
        }
    }

    #[test]
    fn every_card_is_left_out(digits in "[2-6][0-9]{11,17}", gap in "[-. ]?", size in 3_usize..7) {
        let check = (0..10).find(|check| cards::is_card(&format!("{digits}{check}"))).unwrap();
        let number = format!("{digits}{check}");
        let groups: Vec<&str> = (0..number.len())
            .step_by(size)
            .map(|at| &number[at..number.len().min(at + size)])
            .collect();
        let text = format!("paid: {} by card", groups.join(&gap));
        prop_assert_eq!(scrub(&text), "paid: … by card");
    }
}

//! The checks T-PW that are rules alone; their numbers stand in the names.

use proptest::prelude::*;

use super::*;

/// A sentence that nobody else has.
const GOOD: &str = "violet harbour 7 owls";

fn nothing_common(_: &str) -> bool {
    false
}

fn check(text: &str, least: usize) -> Result<(), PasswordError> {
    let common = |word: &str| ["password", "iloveyou", "correcthorsebatterystaple"].contains(&word);
    Password::read(text)?.check(least, &Expected::default(), common)
}

fn check_for(expected: &Expected, text: &str) -> Result<(), PasswordError> {
    Password::read(text)?.check(LEAST_WITH_SECOND, expected, nothing_common)
}

#[test]
fn pw_01_02_fourteen_characters_are_too_few_and_fifteen_enough() {
    let too_short = PasswordError::TooShort { least: 15, actual: 14 };
    assert_eq!(check("violet harbour", LEAST_ALONE), Err(too_short));
    assert_eq!(check("violet harbours", LEAST_ALONE), Ok(()));
}

#[test]
fn pw_03_04_beside_a_second_factor_seven_are_too_few_and_eight_enough() {
    let too_short = PasswordError::TooShort { least: 8, actual: 7 };
    assert_eq!(check("viol7et", LEAST_WITH_SECOND), Err(too_short));
    assert_eq!(check("viol7ets", LEAST_WITH_SECOND), Ok(()));
}

#[test]
fn pw_05_code_points_are_counted() {
    let emoji = "🍇🍈🍉🍊🍋🍌🍍🥭🍎🍐🍑🍒🍓🫐🥝";
    assert_eq!(Password::read(emoji).unwrap().count(), 15);
    assert_eq!(check("🍇🐬🍉🚲🍋🎻🍍🥭🧭🍐🦉🍒🧱🫐🥝", LEAST_ALONE), Ok(()));
}

#[test]
fn pw_06_07_08_long_ones_are_as_good() {
    for length in [64, 128, 256] {
        let words = "quiet lamps over 9 wet roofs, and a heron that minds the canal until ";
        let long: String = words.chars().cycle().take(length).collect();
        let long = format!("{}{GOOD}", &long[..length - GOOD.len()]);
        assert_eq!(long.chars().count(), length);
        assert_eq!(check(&long, LEAST_ALONE), Ok(()), "{length}");
    }
}

#[test]
fn pw_09_more_than_a_kibibyte_is_refused() {
    assert!(Password::read(&"a".repeat(MOST_BYTES)).is_ok());
    assert_eq!(Password::read(&"a".repeat(MOST_BYTES + 1)), Err(PasswordError::TooLong));
    assert_eq!(Password::read(&"🍇".repeat(257)), Err(PasswordError::TooLong));
    // Letters that NFC takes apart.
    let grows = "\u{fb2c}".repeat(341);
    assert!(grows.len() <= MOST_BYTES);
    assert_eq!(Password::read(&grows), Err(PasswordError::TooLong));
}

#[test]
fn pw_12_spaces_at_the_ends_are_kept() {
    assert_eq!(Password::read("  two  ").unwrap().as_str(), "  two  ");
    assert_eq!(Password::read(""), Err(PasswordError::Empty));
}

#[test]
fn pw_13_14_equal_in_nfc_and_not_in_nfkc_alone() {
    assert_eq!(Password::read("Cafe\u{301}"), Password::read("Caf\u{e9}"));
    assert_ne!(Password::read("\u{fb01}n"), Password::read("fin"));
}

#[test]
fn pw_15_16_17_every_printing_character_and_no_rule_of_which() {
    // All 95, none beside its neighbour.
    let ascii: String =
        (0..95_u32).map(|n| char::from(b' ' + u8::try_from(n * 37 % 95).unwrap())).collect();
    assert!((b' '..=b'~').all(|c| ascii.contains(char::from(c))));
    assert_eq!(check(&ascii, LEAST_ALONE), Ok(()));
    for text in
        ["только маленькие буквы", "紫の港に七羽の梟がいて夜空を見る", "violet harbour owls", GOOD]
    {
        assert_eq!(check(text, LEAST_ALONE), Ok(()), "{text}");
    }
}

#[test]
fn pw_18_19_common_ones_are_refused_in_capitals_and_twice_too() {
    for text in [
        "password",
        "PassWord",
        "passwordpassword",
        "CorrectHorseBatteryStaple",
        "iloveyouiloveyou",
        "correct horse battery staple",
        "Correct-Horse_battery.staple",
    ] {
        assert_eq!(check(text, LEAST_WITH_SECOND), Err(PasswordError::Common), "{text}");
    }
}

#[test]
fn pw_20_patterns_are_refused() {
    for text in [
        "aaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "xyzzyxyzzyxyzzyx",
        "112112112112121",
        "🍇🍇🍇🍇🍇🍇🍇🍇🍇🍇🍇🍇🍇🍇🍇",
    ] {
        assert_eq!(check(text, LEAST_ALONE), Err(PasswordError::Repetitive), "{text}");
    }
    for text in [
        "abcdefghijklmno",
        "987654321098765",
        "qwertyuiopasdfgh",
        "QwertyuiopAsdfgh",
        "abcdefgh12345678",
        "aaaaabbbbbcccccddddd",
        "mnbvcxzlkjhgfdsa",
    ] {
        assert_eq!(check(text, LEAST_ALONE), Err(PasswordError::Sequential), "{text}");
    }
    for text in ["abba plays 1974 in brighton", "my 12345 red stones sing", GOOD] {
        assert_eq!(check(text, LEAST_ALONE), Ok(()), "{text}");
    }
}

#[test]
fn pw_21_names_that_are_known_are_not_a_password() {
    let address = EmailAddress::parse("ann.lee@northwind.example").unwrap();
    let expected = Expected::default()
        .with_name("Timeproof")
        .with_name("Café NORD")
        .with_name("Ann Lee")
        .with_address(&address);
    for text in [
        "Timeproof2026!",
        "timeproof timeproof 1",
        "annlee@northwind.example",
        "Ann.Lee@northwind.example 1999",
        "caf\u{e9} nord ann lee",
        "Northwind-Timeproof",
    ] {
        assert_eq!(check_for(&expected, text), Err(PasswordError::Expected), "{text}");
    }
    for text in ["timeproof has 7 purple owls", "Ann keeps 3 herons"] {
        assert_eq!(check_for(&expected, text), Ok(()), "{text}");
    }
    // Short names are in too many words.
    let short = Expected::default().with_name("Al");
    assert_eq!(short.words().count(), 0);
}

#[test]
fn nothing_of_it_is_printed() {
    let password = Password::read(GOOD).unwrap();
    assert_eq!(format!("{password:?}"), "Password(…)");
    assert_eq!(format!("{:?}", Expected::default().with_name("Ann")), "Expected(1 words)");
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in ".{0,300}") {
        if let Ok(password) = Password::read(&text) {
            let expected = Expected::default().with_name(&text);
            let _ = password.check(LEAST_ALONE, &expected, nothing_common);
            prop_assert_eq!(Password::read(password.as_str()), Ok(password));
        }
    }
}

//! The table of examples in `docs/quick-entry.md`, the refusals, and print-then-read.

use jiff::civil::{date, time};
use proptest::prelude::*;

use super::*;

/// A Friday.
const TODAY: Date = date(2026, 11, 20);

fn context() -> Context {
    Context { today: TODAY, bare_number: BareNumber::Minutes }
}

fn read(text: &str) -> QuickEntry {
    parse_quick_entry(text, &context()).unwrap()
}

fn refusal(text: &str) -> QuickEntryError {
    parse_quick_entry(text, &context()).unwrap_err()
}

fn range(start: Time, end: Time) -> QuickTime {
    QuickTime::Range { start, end, next_day: end <= start }
}

fn at(hour: i8, minute: i8) -> Time {
    time(hour, minute, 0, 0)
}

#[test]
fn the_full_line_in_any_order() {
    let expected = QuickEntry {
        note: "standup".to_owned(),
        target: Some(TargetText { path: vec!["northwind".to_owned(), "planning".to_owned()] }),
        tags: vec!["meeting".to_owned()],
        billable: Some(true),
        time: Some(QuickTime::Duration(5400)),
        day: None,
    };
    for text in [
        "1:30 standup @northwind/planning #meeting $",
        "$ #meeting @northwind/planning standup 1:30",
        "  @northwind/planning\t$ 1h30 standup #meeting #meeting $ ",
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
    assert_eq!(read(""), QuickEntry::default());
}

#[test]
fn durations() {
    for (text, seconds, note) in [
        ("90 standup", 5400, "standup"),
        ("standup 90", 5400, "standup"),
        ("90", 5400, ""),
        ("standup 1.5", 5400, "standup"),
        ("1 h 30 min standup", 5400, "standup"),
        ("standup 2 h now", 7200, "standup now"),
        ("1h 30 people", 3600, "30 people"),
        ("PT45M call", 2700, "call"),
        ("0m nothing", 0, "nothing"),
    ] {
        let entry = read(text);
        assert_eq!(entry.time, Some(QuickTime::Duration(seconds)), "{text}");
        assert_eq!(entry.note, note, "{text}");
    }
    let hours = Context { bare_number: BareNumber::Hours, ..context() };
    let entry = parse_quick_entry("2 standup", &hours).unwrap();
    assert_eq!(entry.time, Some(QuickTime::Duration(7200)));
}

#[test]
fn what_is_not_a_time_stays_text() {
    for text in [
        "met 3 people today-ish",
        "ticket 4711",
        "rooms 9-10 booked",
        "v1.5 released",
        "call 555-1234 again",
        "a 15\" screen",
        "see rooms 9 - 10 again",
        "- well",
        "mail ann@example.org twice",
        "costs $5 each",
        "@ # ## #* ok",
        "C:/temp",
    ] {
        let entry = read(text);
        assert_eq!(entry, QuickEntry { note: text.to_owned(), ..QuickEntry::default() });
    }
}

#[test]
fn ranges() {
    for (text, start, end) in [
        ("9-10:30 x", at(9, 0), at(10, 30)),
        ("x 9:00-10:30 y", at(9, 0), at(10, 30)),
        ("x 9am-10:30am y", at(9, 0), at(10, 30)),
        ("9:00–10:30", at(9, 0), at(10, 30)),
        ("9:00—10:30", at(9, 0), at(10, 30)),
        ("x 9:00 - 10:30 y", at(9, 0), at(10, 30)),
        ("9-10", at(9, 0), at(10, 0)),
        ("9-5pm", at(9, 0), at(17, 0)),
        ("11-1pm", at(11, 0), at(13, 0)),
        ("1-3pm", at(13, 0), at(15, 0)),
        ("9am-5", at(9, 0), at(17, 0)),
        ("9am-17", at(9, 0), at(17, 0)),
        ("12pm-1", at(12, 0), at(13, 0)),
        ("11pm-12am", at(23, 0), at(0, 0)),
        ("22:00-1:30", at(22, 0), at(1, 30)),
        ("22-24", at(22, 0), at(0, 0)),
        ("0:00-24:00", at(0, 0), at(0, 0)),
        ("9:00:15-9:30:45", time(9, 0, 15, 0), time(9, 30, 45, 0)),
    ] {
        assert_eq!(read(text).time, Some(range(start, end)), "{text}");
    }
    assert_eq!(read("9:00- x").time, Some(QuickTime::From { start: at(9, 0) }));
    assert_eq!(read("x 9am- y").time, Some(QuickTime::From { start: at(9, 0) }));
    assert_eq!(read("x 9- y").time, None);
}

#[test]
fn days() {
    for (text, day) in [
        ("today", TODAY),
        ("Yesterday", date(2026, 11, 19)),
        ("fri", TODAY),
        ("thu", date(2026, 11, 19)),
        ("SATURDAY", date(2026, 11, 14)),
        ("mon", date(2026, 11, 16)),
        ("2026-11-25", date(2026, 11, 25)),
        ("thu yesterday", date(2026, 11, 19)),
    ] {
        assert_eq!(read(text).day, Some(day), "{text}");
    }
}

#[test]
fn targets_and_tags() {
    let path = |text: &str| read(text).target.unwrap().path;
    assert_eq!(path("@planning"), ["planning"]);
    assert_eq!(path("@a/b/c"), ["a", "b", "c"]);
    assert_eq!(path("@\"Northwind Ltd\"/planning x"), ["Northwind Ltd", "planning"]);
    assert_eq!(path("@a/\"b/c\""), ["a", "b/c"]);
    assert_eq!(path("@a\\/b"), ["a/b"]);
    let entry = read("#a #\"big tag\" #c*");
    assert_eq!(entry.tags, ["a", "big tag", "c"]);
    assert_eq!(entry.billable, Some(false));
    assert_eq!(read("#c\\*").tags, ["c*"]);
    assert_eq!(read("!$").billable, Some(false));
}

#[test]
fn escapes() {
    for (text, note) in [
        ("\\@home \\#1 \\$ \\1:30 \\monday", "@home #1 $ 1:30 monday"),
        ("\"@home  and #1\" x", "@home  and #1 x"),
        ("\"a \\\" b\"", "a \" b"),
        ("a\\\\b", "a\\b"),
        ("a \\ b \\", "a \\ b \\"),
        ("\"\" x", "x"),
        ("\"2026-11-20\"", "2026-11-20"),
        ("\"1\" h", "1 h"),
    ] {
        let entry = read(text);
        assert_eq!(entry, QuickEntry { note: note.to_owned(), ..QuickEntry::default() }, "{text}");
    }
}

/// The examples at the end of `docs/quick-entry.md` that no other test has, by canonical text.
#[test]
fn examples_of_the_document() {
    for (text, canonical) in [
        ("22:00-1:30 release", "22:00-01:30 release"),
        ("9:00- planning", "09:00- planning"),
        ("thu call PT45M", "0:45 2026-11-19 call"),
        ("standup with Ann", "standup with Ann"),
        ("#meeting*", "#meeting !$"),
        ("\\@home \\monday \\1:30", "\\@home \\monday \\1:30"),
        ("\"@home  and #1\"", "\"@home  and #1\""),
        ("see rooms 9-10 again", "see rooms \\9-10 again"),
    ] {
        assert_eq!(read(text).to_text(), canonical);
    }
}

#[test]
fn refusals_name_their_places() {
    use QuickEntryError::{
        DurationTooLong, EmptyRange, EmptySegment, EmptyTag, NegativeDuration, NoSuchDay, TooLong,
        TooManySegments, TwoBillables, TwoDays, TwoTargets, TwoTimes, UnclosedQuote,
    };
    for (text, expected) in [
        ("1:30 a 2h", TwoTimes { first: 0, second: 7 }),
        ("1h 30", TwoTimes { first: 0, second: 3 }),
        ("9-10:30 1h", TwoTimes { first: 0, second: 8 }),
        ("@a x @b", TwoTargets { first: 0, second: 5 }),
        ("mon tue", TwoDays { first: 0, second: 4 }),
        ("$ #a*", TwoBillables { first: 0, second: 2 }),
        ("x -15m y", NegativeDuration { position: 2 }),
        ("-15", NegativeDuration { position: 0 }),
        ("x 745h", DurationTooLong { position: 2, limit_s: 2_678_400 }),
        ("99999999999999999999h", DurationTooLong { position: 0, limit_s: 2_678_400 }),
        ("9:00-9:00", EmptyRange { position: 0 }),
        ("x 2026-02-30", NoSuchDay { position: 2 }),
        ("1969-12-31", NoSuchDay { position: 0 }),
        ("@a/", EmptySegment { position: 0 }),
        ("x @/a", EmptySegment { position: 2 }),
        ("@\"\"", EmptySegment { position: 0 }),
        ("@a/b/c/d", TooManySegments { position: 0, limit: 3 }),
        ("#\"\"", EmptyTag { position: 0 }),
        ("x \"y", UnclosedQuote { position: 2 }),
        ("é @\"Northwind Lt", UnclosedQuote { position: 3 }),
    ] {
        assert_eq!(refusal(text), expected, "{text}");
    }
    assert_eq!(refusal(&"é".repeat(501)), TooLong { limit: 500, actual: 501 });
}

#[test]
fn canonical_text() {
    let entry = read("$ standup #meeting yesterday 90m @\"Northwind Ltd\"/planning for 3 \\@home");
    assert_eq!(
        entry.to_text(),
        "1:30 2026-11-19 standup for \\3 \\@home @\"Northwind Ltd\"/planning #meeting $"
    );
}

#[test]
fn echoes() {
    for (text, expected) in [
        ("x", ""),
        ("90m", "= 1 h 30 min"),
        ("22:00-1:30", "= 3 h 30 min"),
        ("0:00-24:00", "= 24 h"),
        ("9:00-", "from 09:00"),
    ] {
        assert_eq!(echo(&read(text)), expected);
    }
}

#[test]
fn completion() {
    use CompletionKind::{Project, Tag};
    let found =
        |text: &str, cursor| complete_at(text, cursor).map(|c| (c.kind, c.prefix, c.start, c.end));
    let some = |kind, prefix: &str, start, end| Some((kind, prefix.to_owned(), start, end));
    assert_eq!(found("é @no/pl x", 8), some(Project, "no/pl", 2, 8));
    assert_eq!(found("@north", 3), some(Project, "no", 0, 6));
    assert_eq!(found("@", 1), some(Project, "", 0, 1));
    assert_eq!(found("@", 0), None);
    assert_eq!(found("x #", 3), some(Tag, "", 2, 3));
    assert_eq!(found("@\"North W x", 9), some(Project, "North W", 0, 9));
    assert_eq!(found("\\@a", 3), None);
    assert_eq!(found("a@b", 3), None);
    assert_eq!(found("@a ", 3), None);
    assert_eq!(found("", 99), None);
}

fn any_time() -> impl Strategy<Value = Time> {
    (0_i8..24, 0_i8..60, prop_oneof![Just(0_i8), 0_i8..60]).prop_map(|(h, m, s)| time(h, m, s, 0))
}

fn any_quick_time() -> impl Strategy<Value = QuickTime> {
    prop_oneof![
        (0..=crate::duration::MAX_ENTRY_S).prop_map(QuickTime::Duration),
        any_time().prop_map(|start| QuickTime::From { start }),
        (any_time(), any_time())
            .prop_filter("a range is not empty", |(a, b)| a != b || *a == Time::midnight())
            .prop_map(|(start, end)| QuickTime::Range { start, end, next_day: end <= start }),
    ]
}

/// Notes made of what is most easily misread, and of anything.
fn any_note() -> impl Strategy<Value = String> {
    let tricky = proptest::sample::select(vec![
        "standup",
        "@home",
        "#1",
        "$",
        "!$",
        "90",
        "1:30",
        "h",
        "min",
        "9-10",
        "mon",
        "2026-11-20",
        "-",
        "\"",
        "\\",
        "\\\"",
        "pt1h",
        "a\"b",
        "9:00",
        "–",
        "@",
        "#",
        "!",
        "-5",
        ".5",
        "Today",
    ]);
    prop_oneof![
        proptest::collection::vec(tricky, 0..6).prop_map(|words| words.join(" ")),
        proptest::collection::vec(any::<char>(), 0..40)
            .prop_map(|chars| chars.into_iter().collect()),
    ]
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}",
        proptest::collection::vec(any::<char>(), 1..8)
            .prop_map(|chars| chars.into_iter().collect::<String>()),
        "[a-b/\"*#@\\\\ ]{1,5}"
    ]
}

prop_compose! {
    fn any_entry()(
        note in any_note(),
        path in proptest::option::of(proptest::collection::vec(any_name(), 1..=3)),
        tags in proptest::collection::btree_set(any_name(), 0..4),
        billable in any::<Option<bool>>(),
        time in proptest::option::of(any_quick_time()),
        day in proptest::option::of(0_i64..84_000),
    ) -> QuickEntry {
        QuickEntry {
            note,
            target: path.map(|path| TargetText { path }),
            tags: tags.into_iter().collect(),
            billable,
            time,
            day: day.map(|d| day::date_of(d).unwrap()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn what_is_printed_is_read_back(entry in any_entry()) {
        let text = entry.to_text();
        prop_assert_eq!(parse_quick_entry(&text, &context()), Ok(entry), "{}", text);
    }

    #[test]
    fn whatever_is_read_is_printed_and_read_back(
        text in prop_oneof![
            "[@#$!\"\\\\/*0-9:.,hmap \\-]{0,30}",
            proptest::collection::vec(any::<char>(), 0..60).prop_map(|c| c.into_iter().collect::<String>()),
        ],
        cursor in 0_usize..70,
    ) {
        complete_at(&text, cursor);
        if let Ok(entry) = parse_quick_entry(&text, &context()) {
            let printed = entry.to_text();
            let hours = Context { today: date(2000, 1, 1), bare_number: BareNumber::Hours };
            prop_assert_eq!(parse_quick_entry(&printed, &hours), Ok(entry), "{}", printed);
        }
    }
}

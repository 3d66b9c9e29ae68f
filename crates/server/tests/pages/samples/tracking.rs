//! The timer, the days, the entries; with the words of the asking test in them.

use server::{
    page::{
        Chip, Choice, ChoiceGroup, Difference, Field, Layout, Place, Select, StalePage, Toast,
        chart::{Day, WeekChart},
    },
    record::view::{HistoryChange, HistoryEvent},
    time_entry::view::{
        EditEntryPage, EntryForm, EntryTime, HistoryPage, TagChoice, TrashPage, TrashedEntry,
        TrashedThing,
    },
    timer::view::{Counting, DayCard, EntryRow, Recent, Running, TimerBar, TodayPage},
};

use super::{NOW, html, layout};

const RUNNING_SINCE: &str = "2026-11-21T12:05:00Z";

fn running(note: &str) -> TimerBar {
    TimerBar {
        running: Some(Running {
            id: "e1".to_owned(),
            note: note.to_owned(),
            tags: vec!["review".to_owned()],
            project: Some(Chip::new("Northwind ▸ Planning", 8)),
            started_at: RUNNING_SINCE.to_owned(),
            since: "13:05".to_owned(),
            elapsed: "1:12:48".to_owned(),
            start: Field::new("2026-11-21T13:05:00"),
            zone: String::new(),
            is_open: false,
            is_long: String::new(),
            end: Field::default(),
        }),
        ..TimerBar::default()
    }
}

fn group(label: &str, project: &str, choices: &[(&str, &str)], selected: &str) -> ChoiceGroup {
    let choices = choices.iter().map(|(value, label)| Choice {
        value: (*value).to_owned(),
        label: (*label).to_owned(),
        is_selected: *value == selected,
    });
    ChoiceGroup { label: label.to_owned(), project: project.to_owned(), choices: choices.collect() }
}

fn form(dom_id: &str, note: &str, time: EntryTime) -> EntryForm {
    let is_new = dom_id == "entry-new";
    let selected = if is_new { "" } else { "p1" };
    let tag = |id: &str, name: &str| TagChoice {
        id: id.to_owned(),
        name: name.to_owned(),
        is_chosen: id == "t1" && !is_new,
    };
    EntryForm {
        id: if is_new { String::new() } else { "e2".to_owned() },
        dom_id: dom_id.to_owned(),
        version: if is_new { "" } else { "3" }.to_owned(),
        note: Field::new(note),
        projects: Select {
            groups: vec![
                group("Northwind", "", &[("p1", "Planning"), ("p2", "Dashboards")], selected),
                group("Harbour Foods", "", &[("p3", "Care plan")], selected),
                group("", "", &[("p4", "Internal")], selected),
            ],
            error: String::new(),
        },
        tasks: Select {
            groups: vec![
                group("Planning", "p1", &[("k1", "Design"), ("k2", "Review")], "k2"),
                group("Care plan", "p3", &[("k3", "Mail")], ""),
            ],
            error: String::new(),
        },
        tags: vec![
            tag("t1", "review"),
            tag("t2", "meeting"),
            tag("t3", "support"),
            tag("t4", "on site"),
        ],
        is_billable: true,
        billable: Select::of([("", "As the project says"), ("true", "Billable")], ""),
        length_hint: "1:30, 1.5 or 9-10:30; 90 is 1 h 30 min".to_owned(),
        time,
        ..EntryForm::default()
    }
}

fn interval() -> EntryTime {
    EntryTime::Interval {
        start: Field::new("2026-11-21T10:40"),
        stop: Field::new("2026-11-21T12:10"),
        split: Field::new("2026-11-21T11:25"),
    }
}

fn either() -> EntryTime {
    EntryTime::Either {
        day: Field::new("2026-11-21"),
        start: Field::default(),
        stop: Field::default(),
        duration: Field::default(),
    }
}

type RowOf<'a> = (&'a str, &'a str, &'a [&'a str], Option<(&'a str, u8)>, &'a str, &'a str);

fn row((id, note, tags, project, span, duration): RowOf<'_>) -> EntryRow {
    EntryRow {
        id: id.to_owned(),
        note: note.to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        project: project.map(|(label, hue)| Chip::new(label, hue)),
        span: span.to_owned(),
        duration: duration.to_owned(),
        is_billable: project.is_some_and(|(_, hue)| hue != 12),
        again_id: format!("n{id}"),
        ..EntryRow::default()
    }
}

pub(super) fn today(words: &str) -> TodayPage {
    let planning = Some(("Northwind ▸ Planning", 8));
    let counting = |base_s| Some(Counting { started_at: RUNNING_SINCE.to_owned(), base_s });
    let first = EntryRow {
        counting: counting(0),
        ..row(("e1", words, &["review"], planning, "13:05 – now", "1:12"))
    };
    let invoice = ("Timeproof ▸ Billing · Templates", 6);
    let mail = EntryRow {
        remark: "overlaps".to_owned(),
        ..row((
            "e4",
            "Answer support mail",
            &["support", "unbilled"],
            Some(("Harbour Foods ▸ Care plan", 2)),
            "9:02 – 10:16",
            "1:14",
        ))
    };
    let day = |day: &str, title: &str, total: &str, counting, entries| DayCard {
        day: day.to_owned(),
        title: title.to_owned(),
        total: total.to_owned(),
        counting,
        entries,
    };
    let week = [
        ("Mon", 27_300, "7:35"),
        ("Tue", 29_100, "8:05"),
        ("Wed", 6_900, "1:55"),
        ("Thu", 0, "0:00"),
        ("Fri", 21_300, "5:55"),
        ("Sat", 15_060, "4:11"),
        ("Sun", 0, "0:00"),
    ];
    let week = week.map(|(label, seconds, value)| Day {
        label: label.to_owned(),
        day: format!("{label}, this week"),
        value: value.to_owned(),
        seconds,
        is_today: label == "Sat",
    });
    let recent = |id: &str, label: &str, hue| Recent {
        id: id.to_owned(),
        label: label.to_owned(),
        hue,
        again_id: format!("r{id}"),
    };
    TodayPage {
        layout: Layout { timer: running(words), ..layout("Today", "today", Place::Today) },
        heading: "Saturday, 21 November".to_owned(),
        so_far: "4 h 11 min".to_owned(),
        so_far_counting: counting(10_740),
        usual: "You usually have 5 h 20 min by now.".to_owned(),
        by_hand: form("entry-new", "", either()),
        days: vec![
            day(
                "2026-11-21",
                "Today",
                "4:11",
                counting(10_740),
                vec![
                    first,
                    row((
                        "e2",
                        "Invoice template: tax lines",
                        &[],
                        Some(invoice),
                        "10:40 – 12:10",
                        "1:30",
                    )),
                    row((
                        "e3",
                        "Stand-up",
                        &["meeting"],
                        Some(("Internal", 12)),
                        "10:15 – 10:30",
                        "0:15",
                    )),
                    mail,
                ],
            ),
            day(
                "2026-11-20",
                "Yesterday",
                "5:55",
                None,
                vec![
                    row((
                        "e5",
                        "Pair on the import for Toggl",
                        &["pairing"],
                        Some(("Timeproof ▸ Imports", 6)),
                        "15:20 – 17:05",
                        "1:45",
                    )),
                    row((
                        "e6",
                        "Workshop with the finance team, with all the questions that came up",
                        &["meeting", "on site"],
                        planning,
                        "11:00 – 14:30",
                        "3:30",
                    )),
                    row(("e7", "", &[], None, "", "0:40")),
                ],
            ),
        ],
        week: WeekChart::new(week.to_vec()),
        week_total: "27:41".to_owned(),
        recent: vec![
            recent("e3", "Stand-up", 12),
            recent("e5", "Pair on the import for Toggl", 6),
            recent("e7", "Read", 0),
        ],
        earlier_url: "/w/northwind/today?before=2026-11-14".to_owned(),
        ..TodayPage::default()
    }
}

pub(super) fn tracking(words: &str) -> Vec<(&'static str, String)> {
    let mut stopped = today(words);
    stopped.layout.timer = TimerBar {
        line: Field::new(words).with_error("There is no tag #retro yet."),
        offer: "the tag “retro”".to_owned(),
        ..TimerBar::default()
    };
    stopped.layout.toast = Some(Toast {
        text: "Entry deleted.".to_owned(),
        undo_url: "/w/northwind/entries/e9/restore".to_owned(),
    });
    stopped.is_by_hand_open = true;
    let mut wrong = form("entry-e2", words, interval());
    wrong.note = wrong.note.with_error("A note has at most 2,000 characters.");
    wrong.time = EntryTime::Interval {
        start: Field::new("2026-11-21T10:40"),
        stop: Field::new("2026-11-21T09:10").with_error("The end is before the start."),
        split: Field::new("2026-11-21T11:25"),
    };
    let change = |field: &str, before: &str, after: &str| HistoryChange {
        field: field.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    };
    let event = |actor: &str, what: &str, at: &str, changes| HistoryEvent {
        id: "e1".to_owned(),
        place: "7".to_owned(),
        actor: actor.to_owned(),
        what: what.to_owned(),
        at: at.to_owned(),
        instant: NOW.to_owned(),
        changes,
    };
    let history = HistoryPage {
        layout: layout("History", "history", Place::Today),
        id: "e2".to_owned(),
        about: format!("{words} · Timeproof ▸ Billing · 21 November"),
        events: vec![
            event(
                "Ann van der Berg",
                "started the timer",
                "21 Nov 2026, 10:40",
                vec![change("Note", "", words)],
            ),
            event(
                "Ann van der Berg",
                "stopped the timer",
                "21 Nov 2026, 12:10",
                vec![change("End", "", "12:10")],
            ),
            event(
                "Olu Ade",
                "changed it",
                "21 Nov 2026, 12:30",
                vec![
                    change("Project", "Internal", "Timeproof ▸ Billing"),
                    change("Tags", "review", ""),
                ],
            ),
        ],
        ..HistoryPage::default()
    };
    let trashed = TrashedEntry {
        id: "e9".to_owned(),
        note: words.to_owned(),
        project: Some(Chip::new("Northwind ▸ Planning", 8)),
        when: "20 Nov, 13:05 – 14:10".to_owned(),
        duration: "1:05".to_owned(),
        remark: "goes for good on 20 December".to_owned(),
    };
    let stale = StalePage {
        layout: layout("Somebody was faster", "stale", Place::Today),
        about: format!("{words}, 21 November"),
        who: "Olu Ade changed it at 12:30.".to_owned(),
        differences: vec![Difference {
            field: "Note".to_owned(),
            yours: words.to_owned(),
            theirs: "Invoice template".to_owned(),
        }],
        action: "/w/northwind/entries/e2".to_owned(),
        fields: vec![("note".to_owned(), words.to_owned()), ("version".to_owned(), "4".to_owned())],
        back: "/w/northwind/today".to_owned(),
    };
    vec![
        ("today", html(&today(words))),
        ("today-stopped", html(&stopped)),
        (
            "entry",
            html(&EditEntryPage {
                layout: layout("Edit entry", "entry", Place::Today),
                heading: "Edit entry".to_owned(),
                whose: String::new(),
                back: "/w/northwind/today".to_owned(),
                form: form("entry-e2", words, interval()),
            }),
        ),
        (
            "entry-wrong",
            html(&EditEntryPage {
                layout: layout("Edit entry", "entry", Place::Today),
                heading: "Edit entry".to_owned(),
                whose: "Olu Ade’s time".to_owned(),
                back: "/w/northwind/today".to_owned(),
                form: wrong,
            }),
        ),
        ("history", html(&history)),
        (
            "trash",
            html(&TrashPage {
                layout: layout("Trash", "trash", Place::Trash),
                entries: vec![trashed],
                things: vec![TrashedThing {
                    id: "p9".to_owned(),
                    kind: "project",
                    name: words.to_owned(),
                    of: "Northwind".to_owned(),
                    remark: "goes for good on 20 December".to_owned(),
                }],
                older_url: "/w/1/trash?cursor=x".to_owned(),
                ..TrashPage::default()
            }),
        ),
        ("stale", html(&stale)),
    ]
}

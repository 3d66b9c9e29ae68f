//! The record; with the words of the asking test in it.

use server::{
    page::{Choice, ChoiceGroup, Field, Place, Select},
    record::view::{HistoryChange, HistoryEvent, LogHead, RecordDay, RecordPage, RecordRow},
};

use super::{NOW, html, layout};

fn select(label: &str) -> Select {
    let choice = Choice { value: "1".to_owned(), label: label.to_owned(), is_selected: true };
    Select {
        groups: vec![ChoiceGroup { choices: vec![choice], ..ChoiceGroup::default() }],
        error: String::new(),
    }
}

fn row(id: &str, what: &str, thing: &str, about: &str, changes: Vec<HistoryChange>) -> RecordRow {
    RecordRow {
        event: HistoryEvent {
            id: id.to_owned(),
            place: if id == "e1" { String::new() } else { "1234".to_owned() },
            actor: "Ann van der Berg (by a program)".to_owned(),
            what: what.to_owned(),
            at: "21 Nov 2026, 12:30".to_owned(),
            instant: NOW.to_owned(),
            changes,
        },
        thing: thing.to_owned(),
        href: if thing.is_empty() { String::new() } else { "/w/northwind/people/1".to_owned() },
        unnamed: "no name",
        about: about.to_owned(),
        only_url: "/w/northwind/record?object=1".to_owned(),
    }
}

pub(super) fn record(words: &str) -> (&'static str, String) {
    let change = |field: &str, before: &str, after: &str| HistoryChange {
        field: field.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    };
    let rows = vec![
        row("e1", "changed the role of", "Olu Ade", "", vec![change("Role", "member", "manager")]),
        row("e2", "changed time", words, "Olu Ade", vec![change("Note", words, "")]),
        row("e3", "changed how people may sign in", "", "", Vec::new()),
    ];
    let page = RecordPage {
        layout: layout("Record", "record", Place::Record),
        members: select("Olu Ade"),
        sides: select("Who did it"),
        parts: select("Time"),
        things: select(words),
        log: Some(LogHead {
            size: "1235".to_owned(),
            at: "21 Nov 2026, 12:30:07".to_owned(),
            instant: NOW.to_owned(),
        }),
        first: Field::new("2026-11-01"),
        last: Field::new("2026-10-01").with_error("Write a day, such as 2026-11-21."),
        days: vec![RecordDay {
            day: "2026-11-21".to_owned(),
            title: "Saturday, 21 November".to_owned(),
            rows,
        }],
        older_url: "/w/northwind/record?cursor=x".to_owned(),
        newest_url: "/w/northwind/record".to_owned(),
        is_newest: true,
    };
    ("record", html(&page))
}

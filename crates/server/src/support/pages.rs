//! The pages that a support session may open, with the thing each is about: what is not in this table is
//! not opened, whatever was given. What a page shows of it is asked right by right below.

use std::collections::BTreeMap;

use app::{
    report::GroupBy,
    support::{Asked, Seen},
};
use axum::http::{Method, Uri};
use domain::{
    period::Preset,
    record::{Part, Side},
    support::{Area, Areas},
};
use uuid::Uuid;

/// A page for support.
#[derive(Debug, Clone, Copy)]
pub(super) struct SupportPage {
    /// The pattern of its address, as the router has it.
    pub(super) pattern: &'static str,
    /// What the `{id}` in it is; none for a list.
    kind: Option<&'static str>,
    /// How it is asked for.
    method: Asks,
    /// What it is, in words: `the list of projects`. The name of the thing follows, where it has one.
    words: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    Get,
    Post,
}

const fn list(pattern: &'static str, words: &'static str) -> SupportPage {
    SupportPage { pattern, kind: None, method: Asks::Get, words }
}

const fn one(pattern: &'static str, kind: &'static str, words: &'static str) -> SupportPage {
    SupportPage { pattern, kind: Some(kind), method: Asks::Get, words }
}

const fn make(pattern: &'static str, words: &'static str) -> SupportPage {
    SupportPage { pattern, kind: None, method: Asks::Post, words }
}

const fn change(pattern: &'static str, kind: &'static str, words: &'static str) -> SupportPage {
    SupportPage { pattern, kind: Some(kind), method: Asks::Post, words }
}

/// Everybody's entries, or those of one member that it is asked for.
const TIME: &str = "/w/{workspace}/time";

/// Nothing of accounts, tokens, sign-ins, profiles and files.
pub(super) const PAGES: &[SupportPage] = &[
    list(TIME, "everybody’s time"),
    one("/w/{workspace}/entries/{id}", "time_entry", "the time entry"),
    one("/w/{workspace}/entries/{id}/edit", "time_entry", "the form of the time entry"),
    one("/w/{workspace}/entries/{id}/history", "time_entry", "the history of the time entry"),
    list("/w/{workspace}/reports", "the reports"),
    list("/w/{workspace}/projects", "the list of projects"),
    one("/w/{workspace}/projects/{id}", "project", "the project"),
    one("/w/{workspace}/projects/{id}/history", "project", "the history of the project"),
    one("/w/{workspace}/tasks/{id}/history", "task", "the history of the task"),
    list("/w/{workspace}/clients", "the list of clients"),
    one("/w/{workspace}/clients/{id}/history", "client", "the history of the client"),
    list("/w/{workspace}/tags", "the list of tags"),
    one("/w/{workspace}/tags/{id}/history", "tag", "the history of the tag"),
    list("/w/{workspace}/people", "the list of people"),
    one("/w/{workspace}/people/{id}/history", "member", "the history of the member"),
    list("/w/{workspace}/teams", "the list of teams"),
    one("/w/{workspace}/teams/{id}", "team", "the team"),
    one("/w/{workspace}/teams/{id}/history", "team", "the history of the team"),
    list("/w/{workspace}/roles", "the roles"),
    one("/w/{workspace}/roles/{id}/history", "role", "the history of the role"),
    list("/w/{workspace}/settings", "the settings"),
    list("/w/{workspace}/settings/history", "the history of the settings"),
    list("/w/{workspace}/record", "the record"),
    // Where it was given to change something.
    change("/w/{workspace}/entries/{id}", "time_entry", "the form that changes the time entry"),
    change(
        "/w/{workspace}/entries/{id}/split",
        "time_entry",
        "the form that splits the time entry",
    ),
    change(
        "/w/{workspace}/entries/{id}/delete",
        "time_entry",
        "the form that deletes the time entry",
    ),
    change(
        "/w/{workspace}/entries/{id}/restore",
        "time_entry",
        "the form that restores the time entry",
    ),
    make("/w/{workspace}/projects", "the form that adds a project"),
    change("/w/{workspace}/projects/{id}", "project", "the form that changes the project"),
    change("/w/{workspace}/projects/{id}/archive", "project", "the form that archives the project"),
    change("/w/{workspace}/projects/{id}/restore", "project", "the form that restores the project"),
    change("/w/{workspace}/projects/{id}/delete", "project", "the form that deletes the project"),
    change(
        "/w/{workspace}/projects/{id}/tasks",
        "project",
        "the form that adds a task to the project",
    ),
    change("/w/{workspace}/tasks/{id}", "task", "the form that changes the task"),
    change("/w/{workspace}/tasks/{id}/archive", "task", "the form that archives the task"),
    change("/w/{workspace}/tasks/{id}/restore", "task", "the form that restores the task"),
    change("/w/{workspace}/tasks/{id}/delete", "task", "the form that deletes the task"),
    make("/w/{workspace}/clients", "the form that adds a client"),
    change("/w/{workspace}/clients/{id}", "client", "the form that changes the client"),
    change("/w/{workspace}/clients/{id}/archive", "client", "the form that archives the client"),
    change("/w/{workspace}/clients/{id}/restore", "client", "the form that restores the client"),
    change("/w/{workspace}/clients/{id}/delete", "client", "the form that deletes the client"),
    make("/w/{workspace}/tags", "the form that adds a tag"),
    change("/w/{workspace}/tags/{id}", "tag", "the form that changes the tag"),
    change("/w/{workspace}/tags/{id}/archive", "tag", "the form that archives the tag"),
    change("/w/{workspace}/tags/{id}/restore", "tag", "the form that restores the tag"),
    change("/w/{workspace}/tags/{id}/delete", "tag", "the form that deletes the tag"),
];

/// The page of the table for a request, if there is one.
pub(super) fn find(method: &Method, pattern: &str) -> Option<SupportPage> {
    let asks = match *method {
        Method::GET | Method::HEAD => Asks::Get,
        Method::POST => Asks::Post,
        _ => return None,
    };
    PAGES.iter().copied().find(|page| page.pattern == pattern && page.method == asks)
}

/// The first page that an area has.
pub(super) fn first_page(areas: Areas) -> &'static str {
    let page = |area| match area {
        Area::Time => Some("time"),
        Area::Reports => Some("reports"),
        Area::Projects => Some("projects"),
        Area::People => Some("people"),
        Area::Settings => Some("settings"),
        Area::Record => Some("record"),
        Area::Export => None,
    };
    // What is exported is exported at the server; a browser has nothing to show of it.
    areas.iter().find_map(page).unwrap_or("time")
}

/// A page as the record tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ToldPage {
    /// `looked at`, or `sent`.
    pub(crate) verb: &'static str,
    /// `the list of projects`, `the history of the project`.
    pub(crate) words: &'static str,
    /// Whether it can be asked for one member's part of it.
    pub(crate) is_of_somebody: bool,
}

/// What the page with this pattern is called; none for one that this version does not have. What can be
/// looked at and sent was looked at: what a form did is an event of its own.
pub(crate) fn told_page(pattern: &str) -> Option<ToldPage> {
    let page = PAGES.iter().find(|page| page.pattern == pattern)?;
    let verb = match page.method {
        Asks::Get => "looked at",
        Asks::Post => "sent",
    };
    Some(ToldPage { verb, words: page.words, is_of_somebody: pattern == TIME })
}

impl SupportPage {
    /// Of which area it is, where there is one: what was not given would look as if there were nothing. A
    /// history is of the record, and of a thing; its operation asks for both.
    pub(super) fn area(self) -> Option<Area> {
        let rest = self.pattern.strip_prefix("/w/{workspace}/")?;
        if rest.ends_with("/history") {
            return None;
        }
        match rest.split('/').next()? {
            "time" | "entries" => Some(Area::Time),
            "reports" => Some(Area::Reports),
            "projects" | "tasks" | "clients" | "tags" => Some(Area::Projects),
            "people" | "teams" | "roles" => Some(Area::People),
            "settings" => Some(Area::Settings),
            "record" => Some(Area::Record),
            _ => None,
        }
    }

    /// How it stands in the record: `id` is that of the path.
    pub(super) fn seen(self, id: Option<Uuid>, uri: &Uri) -> Seen {
        Seen { page: self.pattern, object: self.kind.zip(id), asked: asked(uri) }
    }
}

/// What these pages can be asked for by their address.
const NAMES: [&str; 10] =
    ["member", "side", "object", "project", "part", "first", "last", "preset", "group", "cursor"];

/// What the pages' own links carry that asks for nothing: where a form leads back to, and what was done.
const OWN: [&str; 2] = ["back", "done"];

/// In the place of whatever else stands in the address: no page here reads it.
const MORE: &str = "more";

/// What the address asks for, as the pages read it: of a name that stands twice the last one counts, and
/// nothing is asked for by an empty one.
fn asked(uri: &Uri) -> Vec<(&'static str, Asked)> {
    let query = uri.query().unwrap_or_default();
    // What cannot be read asks for nothing: the page refuses it.
    let pairs: BTreeMap<String, String> = serde_urlencoded::from_str(query).unwrap_or_default();
    let of = |name: &'static str| {
        let value = pairs.get(name).filter(|value| !value.is_empty())?;
        Some((name, told(value)))
    };
    let is_known = |name: &str| NAMES.contains(&name) || OWN.contains(&name);
    let is_more = pairs.keys().any(|name| !is_known(name));
    NAMES.iter().filter_map(|name| of(name)).chain(is_more.then_some((MORE, Asked::Text))).collect()
}

fn told(value: &str) -> Asked {
    if let Ok(id) = Uuid::try_parse(value) {
        return Asked::Id(id);
    }
    if let Ok(day) = value.parse() {
        return Asked::Day(day);
    }
    word(value).map_or(Asked::Text, Asked::Word)
}

/// A word of the program's own that can stand there. Anything else was typed, and is not told.
fn word(value: &str) -> Option<&'static str> {
    let part = value.parse::<Part>().ok().map(Part::as_str);
    part.or_else(|| value.parse::<Side>().ok().map(Side::as_str))
        .or_else(|| value.parse::<GroupBy>().ok().map(GroupBy::as_str))
        .or_else(|| value.parse::<Preset>().ok().map(Preset::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Vec<(&'static str, Asked)> {
        asked(&format!("/w/x/time?{query}").parse().unwrap())
    }

    #[test]
    fn what_was_typed_is_said_to_be_there_and_not_told() {
        assert_eq!(
            of("member=&first=2026-11-01&last="),
            [("first", Asked::Day("2026-11-01".parse().unwrap()))]
        );
        assert_eq!(of("project=the+secret+plan"), [("project", Asked::Text)]);
        let id = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
        let uuid = Uuid::try_parse(id).unwrap();
        assert_eq!(
            of(&format!("member={id}&part=work")),
            [("member", Asked::Id(uuid)), ("part", Asked::Word("work"))]
        );
        assert_eq!(
            of("q=whatever&group=member,project&preset=last-8-weeks"),
            [
                ("preset", Asked::Word("last-8-weeks")),
                ("group", Asked::Word("member,project")),
                ("more", Asked::Text)
            ]
        );
        assert_eq!(of(&format!("object={id}")), [("object", Asked::Id(uuid))]);
        // As the pages read it.
        assert_eq!(of("part=work&part=time"), [("part", Asked::Word("time"))]);
        assert_eq!(of("first=2026-11-01&first="), []);
        assert_eq!(of(""), []);
        // The links of the pages themselves ask for nothing.
        assert_eq!(of("back=time&done=saved"), []);
    }

    #[test]
    fn each_page_is_of_an_area_or_a_history() {
        for page in PAGES {
            assert!(page.area().is_some() || page.pattern.ends_with("/history"), "{page:?}");
        }
    }

    #[test]
    fn each_page_is_told_in_words() {
        for page in PAGES {
            let told = told_page(page.pattern).unwrap();
            let is_said = told.words.chars().all(|c| c.is_alphabetic() || " ’".contains(c));
            assert!(is_said && told.words.contains(' '), "{told:?}");
        }
        let history = told_page("/w/{workspace}/tags/{id}/history").unwrap();
        assert_eq!((history.verb, history.words), ("looked at", "the history of the tag"));
        assert_eq!(told_page("/w/{workspace}/tags/{id}/delete").unwrap().verb, "sent");
        assert_eq!(told_page("/w/{workspace}/tags").unwrap().verb, "looked at");
        assert_eq!(told_page("/w/{workspace}/tokens"), None);
    }

    #[test]
    fn what_is_not_in_the_table_is_not_opened() {
        let find = |method: &str, pattern| find(&method.parse().unwrap(), pattern).is_some();
        assert!(find("GET", "/w/{workspace}/time"));
        for (method, pattern) in [
            ("POST", "/w/{workspace}/time"),
            ("DELETE", "/w/{workspace}/time"),
            ("GET", "/w/{workspace}/tokens"),
            ("GET", "/w/{workspace}/security"),
            ("GET", "/w/{workspace}/sign-in-policy"),
            ("GET", "/w/{workspace}/providers"),
            ("GET", "/w/{workspace}/profile"),
            ("GET", "/w/{workspace}/reports.csv"),
            ("POST", "/w/{workspace}/settings"),
            ("POST", "/w/{workspace}/people/{id}"),
            ("POST", "/w/{workspace}/roles"),
            ("POST", "/w/{workspace}/support/{id}/grant"),
        ] {
            assert!(!find(method, pattern), "{method} {pattern}");
        }
    }
}

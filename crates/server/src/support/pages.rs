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
    support::Area,
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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    Get,
    Post,
}

const fn list(pattern: &'static str) -> SupportPage {
    SupportPage { pattern, kind: None, method: Asks::Get }
}

const fn one(pattern: &'static str, kind: &'static str) -> SupportPage {
    SupportPage { pattern, kind: Some(kind), method: Asks::Get }
}

const fn make(pattern: &'static str) -> SupportPage {
    SupportPage { pattern, kind: None, method: Asks::Post }
}

const fn change(pattern: &'static str, kind: &'static str) -> SupportPage {
    SupportPage { pattern, kind: Some(kind), method: Asks::Post }
}

/// Nothing of accounts, tokens, sign-ins, profiles and files.
pub(super) const PAGES: &[SupportPage] = &[
    list("/w/{workspace}/time"),
    one("/w/{workspace}/entries/{id}", "time_entry"),
    one("/w/{workspace}/entries/{id}/edit", "time_entry"),
    one("/w/{workspace}/entries/{id}/history", "time_entry"),
    list("/w/{workspace}/reports"),
    list("/w/{workspace}/projects"),
    one("/w/{workspace}/projects/{id}", "project"),
    one("/w/{workspace}/projects/{id}/history", "project"),
    one("/w/{workspace}/tasks/{id}/history", "task"),
    list("/w/{workspace}/clients"),
    one("/w/{workspace}/clients/{id}/history", "client"),
    list("/w/{workspace}/tags"),
    one("/w/{workspace}/tags/{id}/history", "tag"),
    list("/w/{workspace}/people"),
    one("/w/{workspace}/people/{id}/history", "member"),
    list("/w/{workspace}/teams"),
    one("/w/{workspace}/teams/{id}", "team"),
    one("/w/{workspace}/teams/{id}/history", "team"),
    list("/w/{workspace}/roles"),
    one("/w/{workspace}/roles/{id}/history", "role"),
    list("/w/{workspace}/settings"),
    list("/w/{workspace}/settings/history"),
    list("/w/{workspace}/record"),
    // Where it was given to change something.
    change("/w/{workspace}/entries/{id}", "time_entry"),
    change("/w/{workspace}/entries/{id}/split", "time_entry"),
    change("/w/{workspace}/entries/{id}/delete", "time_entry"),
    change("/w/{workspace}/entries/{id}/restore", "time_entry"),
    make("/w/{workspace}/projects"),
    change("/w/{workspace}/projects/{id}", "project"),
    change("/w/{workspace}/projects/{id}/archive", "project"),
    change("/w/{workspace}/projects/{id}/restore", "project"),
    change("/w/{workspace}/projects/{id}/delete", "project"),
    change("/w/{workspace}/projects/{id}/tasks", "project"),
    change("/w/{workspace}/tasks/{id}", "task"),
    change("/w/{workspace}/tasks/{id}/archive", "task"),
    change("/w/{workspace}/tasks/{id}/restore", "task"),
    change("/w/{workspace}/tasks/{id}/delete", "task"),
    make("/w/{workspace}/clients"),
    change("/w/{workspace}/clients/{id}", "client"),
    change("/w/{workspace}/clients/{id}/archive", "client"),
    change("/w/{workspace}/clients/{id}/restore", "client"),
    change("/w/{workspace}/clients/{id}/delete", "client"),
    make("/w/{workspace}/tags"),
    change("/w/{workspace}/tags/{id}", "tag"),
    change("/w/{workspace}/tags/{id}/archive", "tag"),
    change("/w/{workspace}/tags/{id}/restore", "tag"),
    change("/w/{workspace}/tags/{id}/delete", "tag"),
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
    let is_more = pairs.keys().any(|name| !NAMES.contains(&name.as_str()));
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
    }

    #[test]
    fn each_page_is_of_an_area_or_a_history() {
        for page in PAGES {
            assert!(page.area().is_some() || page.pattern.ends_with("/history"), "{page:?}");
        }
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

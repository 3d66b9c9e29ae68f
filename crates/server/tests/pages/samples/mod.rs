//! Sample data for every page.

mod joining;
mod places;
mod plain;
mod record;
mod security;
mod tracking;

use askama::Template;
use server::{
    assets,
    page::{Layout, Me, Place, Select, Shown, WorkspaceLink, initials, navigation},
};

/// Every page, by name.
pub(crate) fn all() -> Vec<(&'static str, String)> {
    let mut pages = places::signed_in();
    pages.extend(security::own());
    pages.extend(tracking::tracking("Review the quarterly forecast"));
    pages.push(record::record("Review the quarterly forecast"));
    pages.extend(plain::plain());
    pages.extend(joining::joining());
    pages
}

/// The pages that show words people typed.
pub(crate) fn with_words(words: &str) -> Vec<(&'static str, String)> {
    let mut pages = tracking::tracking(words);
    pages.push(record::record(words));
    pages
}

fn html(page: &impl Template) -> String {
    page.render().unwrap()
}

const NOW: &str = "2026-11-21T13:17:48.000Z";

fn layout(title: &str, page: &'static str, place: Place) -> Layout {
    let root = "/w/northwind";
    let shown = Shown {
        clients: true,
        settings: true,
        time: true,
        today: true,
        projects: true,
        tags: true,
        teams: true,
        roles: true,
        sign_in: true,
        record: true,
        reports: true,
        people: true,
        account: true,
        security: true,
    };
    let link = |name: &str, is_current| WorkspaceLink {
        name: name.to_owned(),
        href: "/w/northwind/today".to_owned(),
        is_current,
    };
    Layout {
        title: title.to_owned(),
        page,
        root: root.to_owned(),
        home: format!("{root}/today"),
        has_account: true,
        has_history: true,
        assets: assets::folder(),
        nonce: "bm9uY2U".to_owned(),
        csrf: "token".to_owned(),
        now: NOW.to_owned(),
        live_url: format!("{root}/live"),
        workspace: "Larch & Sons".to_owned(),
        workspaces: vec![link("Larch & Sons", true), link("Harbour Studio", false)],
        navigation: navigation(root, place, shown),
        me: Me {
            name: "Ann van der Berg".to_owned(),
            initials: initials("Ann van der Berg"),
            hue: 9,
        },
        ..Layout::default()
    }
}

fn zones() -> Vec<String> {
    ["Europe/Berlin", "Europe/Paris", "America/New_York", "UTC"].map(str::to_owned).to_vec()
}

fn week_start() -> Select {
    Select::of([("monday", "Monday"), ("sunday", "Sunday"), ("saturday", "Saturday")], "monday")
}

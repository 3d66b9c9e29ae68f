//! Sample data for every page. One list, since it is read as one: a page and what it shows.

use askama::Template;
use server::{
    assets,
    client::view::{ClientRow, ClientsPage},
    identity::view::{
        CodePage, ConfirmLinkPage, DevicePage, DeviceProgram, JoinPage, SetUpPage, SignInPage,
        SignedOutPage,
    },
    member::view::{InvitationRow, InviteForm, MemberRow, PeoplePage},
    page::{
        Chip, Choice, ChoiceGroup, Difference, ErrorPage, Field, HueChoice, Layout, Me, Notice,
        Place, Plain, Select, Shown, StalePage, Toast, Tone, WorkspaceLink,
        chart::{Column, Day, StackedChart, WeekChart, percent},
        initials, navigation,
    },
    profile::view::{ProfilePage, SessionRow},
    project::view::{
        ProjectForm, ProjectGroup, ProjectMemberRow, ProjectMembers, ProjectPage, ProjectRow,
        ProjectsPage,
    },
    report::view::{Preset, ReportPage, ReportRow},
    tag::view::{TagRow, TagsPage},
    task::view::TaskRow,
    time_entry::view::{
        EditEntryPage, EntryForm, EntryTime, HistoryChange, HistoryEvent, HistoryPage, TagChoice,
        TrashPage, TrashedEntry,
    },
    timer::view::{Counting, DayCard, EntryRow, Recent, Running, TimerBar, TodayPage},
    token::view::{TokenRow, TokensPage},
    workspace::view::{ChooseWorkspacePage, SettingsPage},
};

/// Every page, by name.
pub(crate) fn all() -> Vec<(&'static str, String)> {
    let mut pages = signed_in();
    pages.extend(tracking("Review the quarterly forecast"));
    pages.extend(plain());
    pages
}

/// The pages that show words people typed.
pub(crate) fn with_words(words: &str) -> Vec<(&'static str, String)> {
    tracking(words)
}

fn html(page: &impl Template) -> String {
    page.render().unwrap()
}

const NOW: &str = "2026-11-21T13:17:48.000Z";
const RUNNING_SINCE: &str = "2026-11-21T12:05:00Z";

fn layout(title: &str, page: &'static str, place: Place) -> Layout {
    let root = "/w/northwind";
    let shown = Shown {
        clients: true,
        settings: true,
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
            is_open: false,
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
    ChoiceGroup {
        label: label.to_owned(),
        project: project.to_owned(),
        choices: choices.collect(),
    }
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
        id: if is_new {
            String::new()
        } else {
            "e2".to_owned()
        },
        dom_id: dom_id.to_owned(),
        version: if is_new { "" } else { "3" }.to_owned(),
        note: Field::new(note),
        projects: Select {
            groups: vec![
                group(
                    "Northwind",
                    "",
                    &[("p1", "Planning"), ("p2", "Dashboards")],
                    selected,
                ),
                group("Harbour Foods", "", &[("p3", "Care plan")], selected),
                group("", "", &[("p4", "Internal")], selected),
            ],
            error: String::new(),
        },
        tasks: Select {
            groups: vec![
                group(
                    "Planning",
                    "p1",
                    &[("k1", "Design"), ("k2", "Review")],
                    "k2",
                ),
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

type RowOf<'a> = (
    &'a str,
    &'a str,
    &'a [&'a str],
    Option<(&'a str, u8)>,
    &'a str,
    &'a str,
);

fn row((id, note, tags, project, span, duration): RowOf<'_>) -> EntryRow {
    EntryRow {
        id: id.to_owned(),
        note: note.to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        project: project.map(|(label, hue)| Chip::new(label, hue)),
        span: span.to_owned(),
        duration: duration.to_owned(),
        is_billable: project.is_some_and(|(_, hue)| hue != 12),
        ..EntryRow::default()
    }
}

fn today(words: &str) -> TodayPage {
    let planning = Some(("Northwind ▸ Planning", 8));
    let counting = |base_s| {
        Some(Counting {
            started_at: RUNNING_SINCE.to_owned(),
            base_s,
        })
    };
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
    };
    TodayPage {
        layout: Layout {
            timer: running(words),
            ..layout("Today", "today", Place::Today)
        },
        heading: "Saturday, 21 November".to_owned(),
        summary: "4 h 11 min so far.".to_owned(),
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

fn tracking(words: &str) -> Vec<(&'static str, String)> {
    let mut stopped = today(words);
    stopped.layout.timer = TimerBar {
        line: Field::new(words).with_error("There is no tag #retro yet."),
        offer: "Make #retro and go on".to_owned(),
        running: None,
    };
    stopped.layout.toast = Some(Toast {
        text: "Entry deleted.".to_owned(),
        undo_url: "/w/northwind/entries/e9/restore".to_owned(),
    });
    stopped.is_by_hand_open = true;
    let mut wrong = form("entry-e2", words, interval());
    wrong.note = wrong
        .note
        .with_error("A note has at most 2,000 characters.");
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
        fields: vec![
            ("note".to_owned(), words.to_owned()),
            ("version".to_owned(), "4".to_owned()),
        ],
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
                form: form("entry-e2", words, interval()),
            }),
        ),
        (
            "entry-wrong",
            html(&EditEntryPage {
                layout: layout("Edit entry", "entry", Place::Today),
                heading: "Edit entry".to_owned(),
                whose: "Olu Ade’s time".to_owned(),
                form: wrong,
            }),
        ),
        ("history", html(&history)),
        (
            "trash",
            html(&TrashPage {
                layout: layout("Trash", "trash", Place::Trash),
                entries: vec![trashed],
            }),
        ),
        ("stale", html(&stale)),
    ]
}

fn report() -> ReportPage {
    let weeks = [
        "28 Sep", "5 Oct", "12 Oct", "19 Oct", "26 Oct", "2 Nov", "9 Nov", "16 Nov",
    ];
    let hours = [20, 24, 18, 26, 22, 28, 25, 17];
    let columns = weeks.iter().zip(hours).map(|(label, h)| Column {
        label: (*label).to_owned(),
        name: format!("Week of {label}"),
        value: format!("{}:00", h + 19),
        parts: vec![
            (8, h * 3600),
            (6, 10 * 3600),
            (2, (h - 12) * 3600),
            (12, 3 * 3600),
        ],
    });
    let legend = vec![
        Chip::new("Northwind", 8),
        Chip::new("Timeproof", 6),
        Chip::new("Harbour Foods", 2),
        Chip::new("Internal", 12),
    ];
    let row = |name: &str, hue, is_part, seconds: i64, billable: &str| ReportRow {
        name: name.to_owned(),
        hue,
        is_part,
        total: format!("{}:{:02}", seconds / 3600, seconds / 60 % 60),
        share: format!("{} %", percent(seconds, 1_354_200)),
        percent: percent(seconds, 1_354_200),
        billable: billable.to_owned(),
    };
    let preset = |label: &str, is_current| Preset {
        label: label.to_owned(),
        href: "/w/northwind/reports?first=2026-11-16&last=2026-11-22".to_owned(),
        is_current,
    };
    ReportPage {
        layout: Layout {
            timer: TimerBar::default(),
            ..layout("Reports", "report", Place::Reports)
        },
        heading: "Hours by client".to_owned(),
        summary: "28 September – 22 November 2026 · everyone · days of each entry’s own zone"
            .to_owned(),
        presets: vec![
            preset("This week", false),
            preset("Last week", false),
            preset("This month", false),
            preset("Last month", false),
            preset("Last 8 weeks", true),
        ],
        first: Field::new("2026-09-28"),
        last: Field::new("2026-11-22"),
        group: Select::of(
            [
                ("client,project", "Client ▸ Project"),
                ("member,project", "Person ▸ Project"),
            ],
            "client,project",
        ),
        total: "376:10".to_owned(),
        billable: "318:45".to_owned(),
        billable_share: "85 %".to_owned(),
        chart: StackedChart::new(columns.collect(), legend),
        chart_title: "Hours a week".to_owned(),
        group_title: "Client ▸ Project".to_owned(),
        rows: vec![
            row("Northwind", 8, false, 648_000, "176:30"),
            row("Planning", 8, true, 436_800, "121:20"),
            row("Dashboards", 8, true, 211_200, "55:10"),
            row("Timeproof", 6, false, 342_900, "71:15"),
            row("Billing", 6, true, 342_900, "71:15"),
            row("Harbour Foods", 2, false, 185_400, "48:00"),
            row("Care plan", 2, true, 185_400, "48:00"),
            row("No client", 0, false, 90_000, "–"),
            row("Internal", 12, true, 90_000, "–"),
        ],
        csv_url: "/w/northwind/reports.csv?first=2026-09-28&last=2026-11-22".to_owned(),
    }
}

fn project_form(version: &str) -> ProjectForm {
    ProjectForm {
        version: version.to_owned(),
        name: Field::new(if version.is_empty() { "" } else { "Planning" }),
        clients: Select::of([("c1", "Northwind"), ("c2", "Harbour Foods")], "c1"),
        hue: HueChoice(8),
        is_billable: true,
        is_open: false,
        ..ProjectForm::default()
    }
}

fn projects() -> ProjectsPage {
    let row = |id: &str, name: &str, hue, remark: &str, is_closed| ProjectRow {
        id: id.to_owned(),
        name: name.to_owned(),
        hue,
        remark: remark.to_owned(),
        is_billable: hue != 12,
        is_closed,
    };
    let group = |client: &str, projects| ProjectGroup {
        client: client.to_owned(),
        projects,
    };
    ProjectsPage {
        layout: layout("Projects", "projects", Place::Projects),
        groups: vec![
            group(
                "Northwind",
                vec![
                    row("p1", "Planning", 8, "4 tasks · Olu Ade manages it", true),
                    row("p2", "Dashboards", 9, "2 tasks", false),
                ],
            ),
            group(
                "Harbour Foods",
                vec![row("p3", "Care plan", 2, "1 task", false)],
            ),
            group("No client", vec![row("p4", "Internal", 12, "", false)]),
        ],
        archived: vec![row("p5", "Website 2024", 4, "Northwind", false)],
        add: Some(project_form("")),
        is_add_open: false,
    }
}

fn project() -> ProjectPage {
    let task = |id: &str, name: &str, is_archived| TaskRow {
        id: id.to_owned(),
        name: Field::new(name),
        version: "1".to_owned(),
        is_archived,
        is_open: false,
    };
    let member = |id: &str, name: &str, hue, is_manager| ProjectMemberRow {
        id: id.to_owned(),
        name: name.to_owned(),
        initials: initials(name),
        hue,
        is_manager,
    };
    ProjectPage {
        layout: layout("Planning", "project", Place::Projects),
        id: "p1".to_owned(),
        name: "Planning".to_owned(),
        client: "Northwind".to_owned(),
        hue: 8,
        is_archived: false,
        form: Some(project_form("2")),
        tasks: vec![
            task("k1", "Design", false),
            TaskRow {
                is_open: true,
                name: Field::new("Review").with_error("There is a task of this name already."),
                ..task("k2", "Review", false)
            },
            task("k3", "Kick-off", true),
        ],
        can_edit_tasks: true,
        add_task: Field::default(),
        members: Some(ProjectMembers {
            members: vec![
                member("m2", "Olu Ade", 5, true),
                member("m1", "Ann van der Berg", 9, false),
            ],
            others: Select::of([("m3", "Kim Lee"), ("m4", "Rosa Díaz")], ""),
            can_edit: true,
        }),
    }
}

fn people() -> PeoplePage {
    let roles = |selected| {
        Select::of(
            [
                ("owner", "Owner"),
                ("admin", "Admin"),
                ("manager", "Manager"),
                ("member", "Member"),
            ],
            selected,
        )
    };
    let member = |id: &str, name: &str, hue, email: &str, role: &str, is_open| MemberRow {
        id: id.to_owned(),
        name: name.to_owned(),
        initials: initials(name),
        hue,
        email: email.to_owned(),
        role: role.to_owned(),
        is_me: hue == 9,
        roles: Some(roles("manager")),
        version: "1".to_owned(),
        can_remove: true,
        is_open,
    };
    PeoplePage {
        layout: layout("People", "people", Place::People),
        members: vec![
            member(
                "m1",
                "Ann van der Berg",
                9,
                "ann@example.org",
                "Owner",
                false,
            ),
            member("m2", "Olu Ade", 5, "olu@example.org", "Manager", true),
            MemberRow {
                roles: None,
                can_remove: false,
                ..member("m3", "Kim Lee", 3, "kim@example.org", "Member", false)
            },
        ],
        invitations: vec![InvitationRow {
            id: "i1".to_owned(),
            email: "rosa@example.org".to_owned(),
            remark: "Member · invited by Ann van der Berg · until 28 November".to_owned(),
        }],
        invite: Some(InviteForm {
            email: Field::new("rosa").with_error("An e-mail address has an @ in it."),
            role: roles("member"),
            mail_note: "No mail server is set up: mail goes to the terminal of the server."
                .to_owned(),
        }),
    }
}

fn zones() -> Vec<String> {
    ["Europe/Berlin", "Europe/Paris", "America/New_York", "UTC"]
        .map(str::to_owned)
        .to_vec()
}

fn week_start() -> Select {
    Select::of(
        [
            ("monday", "Monday"),
            ("sunday", "Sunday"),
            ("saturday", "Saturday"),
        ],
        "monday",
    )
}

fn settings() -> SettingsPage {
    SettingsPage {
        layout: Layout {
            notices: vec![Notice {
                tone: Tone::Good,
                text: "Saved.".to_owned(),
            }],
            ..layout("Settings", "settings", Place::Settings)
        },
        can_edit: true,
        version: "1".to_owned(),
        error: String::new(),
        name: Field::new("Larch & Sons"),
        currency: Select::of([("EUR", "EUR"), ("USD", "USD")], "EUR"),
        bare_number: Select::of([("minutes", "Minutes"), ("hours", "Hours")], "minutes"),
        second_timer: Select::of(
            [
                ("stops_running", "Stops the one that runs"),
                ("is_refused", "Is refused"),
            ],
            "stops_running",
        ),
        overlaps: Select::of(
            [
                ("allowed", "Are allowed and shown"),
                ("forbidden", "Are refused"),
            ],
            "allowed",
        ),
        week_start: week_start(),
        zone: Field::new("Europe/Atlantis").with_error("There is no such time zone."),
        zones: zones(),
    }
}

fn profile() -> ProfilePage {
    let session = |id: &str, name: &str, remark: &str, is_current| SessionRow {
        id: id.to_owned(),
        name: name.to_owned(),
        remark: remark.to_owned(),
        is_current,
    };
    ProfilePage {
        layout: layout("My profile", "profile", Place::Profile),
        version: "1".to_owned(),
        error: String::new(),
        email: "ann@example.org".to_owned(),
        name: Field::new("Ann van der Berg"),
        zone: Field::new("Europe/Berlin"),
        zones: zones(),
        week_start: week_start(),
        locale: Select::of([("en-GB", "English (UK)"), ("de", "Deutsch")], "en-GB"),
        clock_format: Select::of([("24h", "13:05"), ("12h", "1:05 pm")], "24h"),
        sessions: vec![
            session(
                "s1",
                "Firefox on Linux",
                "since 20 November, seen just now",
                true,
            ),
            session(
                "s2",
                "Safari on iPhone",
                "since 3 November, seen yesterday",
                false,
            ),
        ],
    }
}

fn tokens() -> TokensPage {
    let token = |id: &str, name: &str, remark: &str, is_expired| TokenRow {
        id: id.to_owned(),
        name: name.to_owned(),
        scope: "reads, and changes my own time".to_owned(),
        remark: remark.to_owned(),
        is_expired,
    };
    TokensPage {
        layout: layout("API tokens", "tokens", Place::Tokens),
        tokens: vec![
            token(
                "a1",
                "tp on kitchen-laptop",
                "until 21 February 2027 · last used today",
                false,
            ),
            token(
                "a2",
                "Nightly export",
                "until 1 November 2026 · never used",
                true,
            ),
        ],
        secret: "tpt_0193f2c4e1aa7c33b1d2_Yb3nXr0c7pQe2uVw9sKd4mZt6aLhGf1J".to_owned(),
        name: Field::default(),
        scope: Select::of(
            [
                ("read", "Read"),
                ("track", "Read, and change my own time"),
                ("full", "Do all that I may"),
            ],
            "track",
        ),
        expires: Select::of(
            [
                ("30", "In 30 days"),
                ("90", "In 90 days"),
                ("366", "In a year"),
            ],
            "90",
        ),
    }
}

fn signed_in() -> Vec<(&'static str, String)> {
    let named = |id: &str, name: &str, is_archived, is_open| ClientRow {
        id: id.to_owned(),
        name: Field::new(name),
        remark: "3 projects".to_owned(),
        version: "1".to_owned(),
        is_archived,
        is_open,
    };
    let tag = |id: &str, name: &str| TagRow {
        id: id.to_owned(),
        name: Field::new(name),
        remark: "on 41 entries".to_owned(),
        version: "1".to_owned(),
        ..TagRow::default()
    };
    let new = TodayPage {
        days: vec![DayCard {
            day: "2026-11-21".to_owned(),
            title: "Today".to_owned(),
            total: "0:00".to_owned(),
            ..DayCard::default()
        }],
        layout: layout("Today", "today", Place::Today),
        recent: Vec::new(),
        week: WeekChart::new(vec![
            Day {
                label: "Mon".to_owned(),
                day: "Monday, this week".to_owned(),
                ..Day::default()
            };
            7
        ]),
        week_total: "0:00".to_owned(),
        summary: "Nothing yet today.".to_owned(),
        is_new: true,
        earlier_url: String::new(),
        ..today("")
    };
    vec![
        ("today-new", html(&new)),
        ("reports", html(&report())),
        (
            "reports-empty",
            html(&ReportPage {
                rows: Vec::new(),
                total: "0:00".to_owned(),
                billable: "0:00".to_owned(),
                billable_share: String::new(),
                ..report()
            }),
        ),
        ("projects", html(&projects())),
        (
            "projects-new",
            html(&ProjectsPage {
                groups: Vec::new(),
                archived: Vec::new(),
                is_add_open: true,
                ..projects()
            }),
        ),
        ("project", html(&project())),
        (
            "clients",
            html(&ClientsPage {
                layout: layout("Clients", "clients", Place::Clients),
                clients: vec![
                    named("c1", "Harbour Foods", false, false),
                    named("c2", "Northwind", false, true),
                    named("c3", "Old Mill", true, false),
                ],
                can_edit: true,
                add: Field::new("Northwind").with_error("There is a client of this name already."),
            }),
        ),
        (
            "tags",
            html(&TagsPage {
                layout: layout("Tags", "tags", Place::Tags),
                tags: vec![tag("t1", "meeting"), tag("t2", "review")],
                can_edit: false,
                add: Field::default(),
            }),
        ),
        (
            "tags-new",
            html(&TagsPage {
                layout: layout("Tags", "tags", Place::Tags),
                tags: Vec::new(),
                can_edit: true,
                add: Field::default(),
            }),
        ),
        ("people", html(&people())),
        ("settings", html(&settings())),
        ("profile", html(&profile())),
        ("tokens", html(&tokens())),
        (
            "trash-empty",
            html(&TrashPage {
                layout: layout("Trash", "trash", Place::Trash),
                entries: Vec::new(),
            }),
        ),
    ]
}

fn plain_layout(title: &str, page: &'static str) -> Plain {
    Plain {
        title: title.to_owned(),
        page,
        assets: assets::folder(),
        nonce: "bm9uY2U".to_owned(),
        csrf: "token".to_owned(),
        notices: Vec::new(),
    }
}

fn plain() -> Vec<(&'static str, String)> {
    let mail_note = "No mail server is set up: the mail is in the terminal of the server, and in \
                     data/mail for 24 hours.";
    let device = |program: Option<DeviceProgram>, done: &str| DevicePage {
        layout: plain_layout("Confirm a program", "device"),
        user_code: Field::new("WDJB-MJHT"),
        program,
        done: done.to_owned(),
    };
    let link = |name: &str| WorkspaceLink {
        name: name.to_owned(),
        href: "/w/1/today".to_owned(),
        is_current: false,
    };
    let error = |status| {
        let page = ErrorPage::of(status, plain_layout("", ""), "0193f2c4-e1aa");
        html(&page)
    };
    vec![
        (
            "sign-in",
            html(&SignInPage {
                layout: plain_layout("Sign in", "sign-in"),
                next: "/w/1/today".to_owned(),
                email: Field::new("ann").with_error("An e-mail address has an @ in it."),
                remember: true,
            }),
        ),
        (
            "code",
            html(&CodePage {
                layout: plain_layout("Code", "code"),
                email: "ann@example.org".to_owned(),
                code: Field::default(),
                mail_note: mail_note.to_owned(),
            }),
        ),
        (
            "confirm-link",
            html(&ConfirmLinkPage {
                layout: plain_layout("Sign in", "confirm-link"),
                heading: "Sign in as ann@example.org".to_owned(),
                text: "The link works once, and only in this browser window.".to_owned(),
                action: "/sign-in/link".to_owned(),
                token: "secret".to_owned(),
                button: "Sign in".to_owned(),
            }),
        ),
        (
            "set-up",
            html(&SetUpPage {
                layout: plain_layout("Set up", "set-up"),
                action: "/set-up".to_owned(),
                token: "secret".to_owned(),
                zone: Field::new("Europe/Berlin"),
                zones: zones(),
                week_start: week_start(),
                ..SetUpPage::default()
            }),
        ),
        (
            "join",
            html(&JoinPage {
                layout: plain_layout("Join", "join"),
                action: "/join".to_owned(),
                token: "secret".to_owned(),
                workspace: "Larch & Sons".to_owned(),
                text: "Ann van der Berg invited you as a member.".to_owned(),
                email: "rosa@example.org".to_owned(),
                zone: Field::new("Europe/Madrid"),
                zones: zones(),
                ..JoinPage::default()
            }),
        ),
        ("device", html(&device(None, ""))),
        (
            "device-confirm",
            html(&device(
                Some(DeviceProgram {
                    name: "tp on kitchen-laptop".to_owned(),
                    workspaces: Select::of([("1", "Larch & Sons"), ("2", "Harbour Studio")], "1"),
                    asked: "a minute ago".to_owned(),
                }),
                "",
            )),
        ),
        ("device-done", html(&device(None, "It is in"))),
        (
            "choose",
            html(&ChooseWorkspacePage {
                layout: plain_layout("Choose a workspace", "choose"),
                workspaces: vec![link("Larch & Sons"), link("Harbour Studio")],
            }),
        ),
        (
            "signed-out",
            html(&SignedOutPage {
                layout: plain_layout("Signed out", "signed-out"),
            }),
        ),
        ("error-404", error(404)),
        ("error-403", error(403)),
        ("error-429", error(429)),
        ("error-503", error(503)),
    ]
}

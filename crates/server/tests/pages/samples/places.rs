//! Reports, projects and all that is looked after. My security and API tokens are in `security`.

use server::{
    client::view::ClientsPage,
    member::view::{InvitationRow, InviteForm, MemberRow, PeoplePage},
    page::{
        Chip, Field, HueChoice, Layout, NamedList, NamedRow, Notice, Place, Select, Tone,
        chart::{Column, Day, StackedChart, WeekChart, percent},
        initials,
    },
    profile::view::ProfilePage,
    project::view::{
        ProjectForm, ProjectGroup, ProjectMemberRow, ProjectMembers, ProjectPage, ProjectRow,
        ProjectsPage,
    },
    provider::view::{ProviderForm, ProviderRow, ProvidersPage},
    report::view::{Preset, ReportPage, ReportRow},
    role::view::{OwnRoleRow, RightChoice, RightLine, RoleForm, RolesPage},
    sign_in_policy::view::{PolicyPage, WayBox},
    support::view::{SupportBar, SupportPage, SupportRow},
    tag::view::TagsPage,
    task::view::TaskRow,
    team::view::{TeamMemberRow, TeamPage, TeamRow, TeamsPage},
    time_entry::view::TrashPage,
    timer::view::{DayCard, TimerBar, TodayPage},
    workspace::view::SettingsPage,
};

use super::{html, layout, tracking::today, week_start, zones};

fn report() -> ReportPage {
    let weeks = ["28 Sep", "5 Oct", "12 Oct", "19 Oct", "26 Oct", "2 Nov", "9 Nov", "16 Nov"];
    let hours = [20, 24, 18, 26, 22, 28, 25, 17];
    let columns = weeks.iter().zip(hours).map(|(label, h)| Column {
        label: (*label).to_owned(),
        name: format!("Week of {label}"),
        value: format!("{}:00", h + 19),
        parts: vec![(8, h * 3600), (6, 10 * 3600), (2, (h - 12) * 3600), (12, 3 * 3600)],
    });
    let legend = vec![
        Chip::new("Northwind", 8),
        Chip::new("Timeproof", 6),
        Chip::new("Harbour Foods", 2),
        Chip::new("Internal", 12),
    ];
    let row = |name: &str, hue, is_part, seconds: i64, billable: &str| ReportRow {
        name: name.to_owned(),
        href: if is_part { "/w/northwind/time?project=p1".to_owned() } else { String::new() },
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
            [("client,project", "Client ▸ Project"), ("member,project", "Person ▸ Project")],
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
    let group = |client: &str, projects| ProjectGroup { client: client.to_owned(), projects };
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
            group("Harbour Foods", vec![row("p3", "Care plan", 2, "1 task", false)]),
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
        can_manage: true,
    };
    ProjectPage {
        layout: layout("Planning", "project", Place::Projects),
        id: "p1".to_owned(),
        name: "Planning".to_owned(),
        client: "Northwind".to_owned(),
        hue: 8,
        is_archived: false,
        sees_time: true,
        form: Some(project_form("2")),
        tasks: Some(vec![
            task("k1", "Design", false),
            TaskRow {
                is_open: true,
                name: Field::new("Review").with_error("There is a task of this name already."),
                ..task("k2", "Review", false)
            },
            task("k3", "Kick-off", true),
        ]),
        can_edit_tasks: true,
        add_task: Field::default(),
        members: Some(ProjectMembers {
            members: vec![
                member("m2", "Olu Ade", 5, true),
                member("m1", "Ann van der Berg", 9, false),
            ],
            others: Select::of([("m3", "Kim Lee"), ("m4", "Rosa Díaz")], ""),
            can_edit: true,
            ..ProjectMembers::default()
        }),
    }
}

fn people() -> PeoplePage {
    let roles = |selected| {
        Select::of(
            [("owner", "Owner"), ("admin", "Admin"), ("manager", "Manager"), ("member", "Member")],
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
        can_reset: is_open,
        reset_due: if is_open { "23 Nov 2026 at 18:41".to_owned() } else { String::new() },
        can_see_tokens: is_open,
        is_open,
    };
    PeoplePage {
        layout: layout("People", "people", Place::People),
        error: "Somebody must stay who owns the workspace.".to_owned(),
        roles: vec![
            ("Member".to_owned(), "Tracks and sees their own time.".to_owned()),
            ("Auditor".to_owned(), "Sees all time, reports and history.".to_owned()),
        ],
        members: vec![
            member("m1", "Ann van der Berg", 9, "ann@example.org", "Owner", false),
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
            can_change: true,
        }],
        invite: Some(InviteForm {
            email: Field::new("rosa").with_error("An e-mail address has an @ in it."),
            role: roles("member"),
            mail_note: "No mail server is set up: mail goes to the terminal of the server."
                .to_owned(),
        }),
    }
}

/// One of each, with the banner of what is open.
fn support() -> SupportPage {
    let row = |id: &str, state: &str| SupportRow {
        id: id.to_owned(),
        operator: "Mara".to_owned(),
        reason: "The report of October is wrong".to_owned(),
        ticket: "HELP-7".to_owned(),
        areas: "Reports, Projects, clients and tags".to_owned(),
        may: "Time, projects, clients, tasks and tags, as far as they see them",
        asks_to_write: true,
        asked_at: "today at 13:05".to_owned(),
        state: state.to_owned(),
        seen: "14 pages".to_owned(),
        without_owner: "It is said that no owner can be reached; Noor has confirmed it.".to_owned(),
        minutes: Field::new("90").with_error("Give 1 to 60 minutes."),
        most: "60".to_owned(),
    };
    let bar = SupportBar {
        text: "Support (Mara) can see this workspace until 14:05.".to_owned(),
        end_url: "/w/northwind/support/s2/end".to_owned(),
        more_url: "/w/northwind/support".to_owned(),
    };
    let layout = layout("Support access", "support", Place::Support);
    SupportPage {
        layout: Layout { support: vec![bar], ..layout },
        decides: true,
        asked: vec![row("s1", "Waits for an owner until 28 Nov 2026 at 13:05.")],
        open: vec![row("s2", "Open until today at 14:05.")],
        past: vec![
            row("s3", "Ended by an owner, today at 12:10."),
            row("s4", "Refused by Olu Ade, today at 11:10."),
        ],
    }
}

fn sign_in_policy() -> PolicyPage {
    let rules = [
        ("optional", "Everybody decides for themselves"),
        ("required", "Everybody needs one, by mail will do after a password"),
    ];
    PolicyPage {
        layout: layout("Sign-in", "sign-in-policy", Place::SignIn),
        version: "3".to_owned(),
        ways: vec![
            WayBox {
                name: "allows_mail",
                label: "Codes and links by mail",
                hint: "Each works once, for ten minutes. As strong as the mailbox.",
                is_ticked: true,
            },
            WayBox { name: "allows_passkeys", label: "Passkeys", ..WayBox::default() },
        ],
        second_factor: Select::of(rules, "required"),
        allows_remembering: true,
        longest_session: Select::of([("30_days", "30 days"), ("12_hours", "12 hours")], "12_hours"),
        networks: Field::new("203.0.113.0/24\n2001:db8::/32\noffice")
            .with_error("“office” is no range of addresses. Write such as 203.0.113.0/24."),
        here: "You come from 203.0.113.7.".to_owned(),
        yourself: "This keeps you out yourself, as soon as it is saved: you signed in without a second factor. You \
             come no further than “My security” until you have put that right there."
            .to_owned(),
        consequences: vec![
            "3 of 12 people have neither an authenticator app nor a passkey for this address yet. They are asked to set \
             one up before they come in. What a provider asks for is not counted."
                .to_owned(),
            "2 of 14 open sign-ins do not meet this, and are kept out with their next step."
                .to_owned(),
        ],
        joining: super::joining::part(),
        ..PolicyPage::default()
    }
}

fn providers() -> ProvidersPage {
    let form = |version: &str| ProviderForm {
        version: version.to_owned(),
        label: Field::new("Larch ID"),
        client_id: Field::new("timeproof"),
        asks_second: true,
        classes: Field::new("gold silver"),
        ..ProviderForm::default()
    };
    let row = ProviderRow {
        id: "p1".to_owned(),
        label: "Larch ID".to_owned(),
        issuer: "https://id.larch-and-sons.example.com/realms/everybody-who-works-here".to_owned(),
        logout: "https://time.example.com/sign-in/provider/01a1f8d3-ea00-7bf8-be0f-d351f61dadea/p1/logout".to_owned(),
        form: Some(form("3")),
        is_open: true,
    };
    let seen = ProviderRow { id: "p2".to_owned(), form: None, ..row.clone() };
    ProvidersPage {
        layout: layout("Providers", "providers", Place::SignIn),
        providers: vec![row, seen],
        add: Some(ProviderForm {
            label: Field::new(""),
            issuer: Field::new("id.example.com")
                .with_error("Write the issuer as the provider does, such as https://accounts.google.com."),
            secret_error: "Paste the client secret that the provider shows.".to_owned(),
            ..form("")
        }),
        is_add_open: true,
        problem: String::new(),
        callback: "https://time.example.com/sign-in/provider/01a1f8d3-ea00-7bf8-be0f-d351f61dadea/callback".to_owned(),
    }
}

fn teams() -> TeamsPage {
    let row = |id: &str, name: &str, remark: &str, is_archived| TeamRow {
        id: id.to_owned(),
        name: name.to_owned(),
        remark: remark.to_owned(),
        is_archived,
    };
    TeamsPage {
        layout: layout("Teams", "teams", Place::Teams),
        teams: vec![
            row("t1", "Design", "3 people · managed by Olu Ade", false),
            row("t2", "Trade fair crew", "nobody in it yet", true),
        ],
        can_edit: true,
        add: Field::new("Design").with_error("This name is taken. Choose another."),
    }
}

fn team() -> TeamPage {
    let member = |id: &str, name: &str, hue, is_manager| TeamMemberRow {
        id: id.to_owned(),
        name: name.to_owned(),
        initials: initials(name),
        hue,
        is_manager,
        can_manage: true,
        time_url: if is_manager { String::new() } else { "/w/1/time?member=m3".to_owned() },
    };
    TeamPage {
        layout: layout("Design", "team", Place::Teams),
        id: "t1".to_owned(),
        title: "Design".to_owned(),
        name: Field::new("Design"),
        version: "1".to_owned(),
        is_archived: true,
        can_edit: true,
        members: vec![
            member("m2", "Olu Ade", 5, true),
            member("m3", "Kim Lee-Wolfeschlegelsteinhausenbergerdorff", 3, false),
        ],
        others: Select::of([("m4", "Rosa Díaz")], ""),
        is_manager: true,
        error: "Who manages a team needs the role of a manager.".to_owned(),
    }
}

fn roles() -> RolesPage {
    let right = |word: &str, sentence: &str, is_chosen| RightChoice {
        word: word.to_owned(),
        sentence: sentence.to_owned(),
        is_chosen,
    };
    let rights = vec![
        right("track_time", "Track their own time, and change it", true),
        right("read_all_reports", "See and take away reports over everything", true),
        right("manage_teams", "Make teams, and say who is in them and who manages them", false),
    ];
    let form = RoleForm {
        name: Field::new("Bookkeeper"),
        version: "2".to_owned(),
        rights: rights.clone(),
        error: "Somebody has this role, or is invited to it. Give them another one first."
            .to_owned(),
    };
    let line = |sentence: &str, marks: [bool; 6]| RightLine {
        sentence: sentence.to_owned(),
        marks: marks.to_vec(),
    };
    RolesPage {
        layout: layout("Roles", "roles", Place::Roles),
        built_in: vec![
            ("Member".to_owned(), "Tracks and sees their own time.".to_owned()),
            ("Owner".to_owned(), "Also makes owners, and decides about keys.".to_owned()),
        ],
        columns: ["Member", "Manager", "Accountant", "Auditor", "Admin", "Owner"]
            .map(ToOwned::to_owned)
            .to_vec(),
        lines: vec![
            line("Track their own time, and change it", [true, true, true, false, true, true]),
            line("See everybody’s time", [false, false, true, true, true, true]),
        ],
        own: vec![
            OwnRoleRow {
                id: "r1".to_owned(),
                name: "Bookkeeper".to_owned(),
                remark: "1 person · 2 rights".to_owned(),
                form: Some(form),
                is_open: true,
                ..OwnRoleRow::default()
            },
            OwnRoleRow {
                id: "r2".to_owned(),
                name: "Adviser".to_owned(),
                remark: "nobody has it · 1 right".to_owned(),
                sentences: vec!["See all clients and projects".to_owned()],
                is_open: true,
                ..OwnRoleRow::default()
            },
        ],
        add: Some(RoleForm {
            name: Field::new("").with_error("Please fill this in."),
            rights,
            ..RoleForm::default()
        }),
        is_add_open: true,
    }
}

fn settings() -> SettingsPage {
    SettingsPage {
        layout: Layout {
            notices: vec![Notice { tone: Tone::Good, text: "Saved.".to_owned() }],
            ..layout("Settings", "settings", Place::Settings)
        },
        can_edit: true,
        version: "1".to_owned(),
        error: String::new(),
        name: Field::new("Larch & Sons"),
        currency: Select::of([("EUR", "EUR"), ("USD", "USD")], "EUR"),
        bare_number: Select::of([("minutes", "Minutes"), ("hours", "Hours")], "minutes"),
        second_timer: Select::of(
            [("stops_running", "Stops the one that runs"), ("is_refused", "Is refused")],
            "stops_running",
        ),
        overlaps: Select::of(
            [("allowed", "Are allowed and shown"), ("forbidden", "Are refused")],
            "allowed",
        ),
        week_start: week_start(),
        zone: Field::new("Europe/Atlantis").with_error("There is no such time zone."),
        zones: zones(),
    }
}

fn profile() -> ProfilePage {
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
    }
}

fn tags(rows: Vec<NamedRow>, can_edit: bool) -> NamedList {
    NamedList { kind: "tag", path: "tags", rows, can_edit, add: Field::default() }
}

pub(super) fn signed_in() -> Vec<(&'static str, String)> {
    let named = |id: &str, name: &str, is_archived, is_open| NamedRow {
        id: id.to_owned(),
        name: Field::new(name),
        remark: "3 projects".to_owned(),
        version: "1".to_owned(),
        is_archived,
        is_open,
    };
    let tag = |id: &str, name: &str| NamedRow {
        id: id.to_owned(),
        name: Field::new(name),
        remark: "on 41 entries".to_owned(),
        version: "1".to_owned(),
        ..NamedRow::default()
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
        so_far: "0 min".to_owned(),
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
                named: NamedList {
                    kind: "client",
                    path: "clients",
                    rows: vec![
                        named("c1", "Harbour Foods", false, false),
                        named("c2", "Northwind", false, true),
                        named("c3", "Old Mill", true, false),
                    ],
                    can_edit: true,
                    add: Field::new("Northwind")
                        .with_error("There is a client of this name already."),
                },
            }),
        ),
        (
            "tags",
            html(&TagsPage {
                layout: layout("Tags", "tags", Place::Tags),
                named: tags(vec![tag("t1", "meeting"), tag("t2", "review")], false),
            }),
        ),
        (
            "tags-new",
            html(&TagsPage {
                layout: layout("Tags", "tags", Place::Tags),
                named: tags(Vec::new(), true),
            }),
        ),
        ("people", html(&people())),
        ("teams", html(&teams())),
        ("team", html(&team())),
        ("roles", html(&roles())),
        ("settings", html(&settings())),
        ("sign-in-policy", html(&sign_in_policy())),
        ("support", html(&support())),
        ("providers", html(&providers())),
        ("profile", html(&profile())),
        (
            "trash-empty",
            html(&TrashPage {
                layout: layout("Trash", "trash", Place::Trash),
                ..TrashPage::default()
            }),
        ),
    ]
}

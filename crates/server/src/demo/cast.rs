//! Who and what there is in the demo. Invented; any likeness is an accident.

use domain::permission::Role;

/// A person of the demo.
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) address: &'static str,
    pub(super) role: Role,
    pub(super) zone: &'static str,
    pub(super) locale: &'static str,
    /// Numbers of the projects they mostly work on, counted from 1.
    pub(super) projects: &'static [u32],
    /// Hours they usually work a day.
    pub(super) hours: i64,
}

pub(super) const WORKSPACE: &str = "Lantern Studio";

pub(super) const PEOPLE: &[Person] = &[
    Person {
        name: "Mara Lindqvist",
        address: "mara@lantern.example",
        role: Role::Owner,
        zone: "Europe/Berlin",
        locale: "en-GB",
        projects: &[1, 2, 12, 7],
        hours: 8,
    },
    Person {
        name: "Tobias Brandt",
        address: "tobias@lantern.example",
        role: Role::Admin,
        zone: "Europe/Berlin",
        locale: "de",
        projects: &[11, 12, 4],
        hours: 7,
    },
    Person {
        name: "Amara Okafor",
        address: "amara@lantern.example",
        role: Role::Manager,
        zone: "Europe/London",
        locale: "en-GB",
        projects: &[1, 2, 3],
        hours: 8,
    },
    Person {
        name: "Jonas Weber",
        address: "jonas@lantern.example",
        role: Role::Manager,
        zone: "Europe/Berlin",
        locale: "de",
        projects: &[4, 5, 6],
        hours: 8,
    },
    Person {
        name: "Priya Raman",
        address: "priya@lantern.example",
        role: Role::Member,
        zone: "Asia/Kolkata",
        locale: "en",
        projects: &[2, 3, 9, 10],
        hours: 8,
    },
    Person {
        name: "Luis Ferreira",
        address: "luis@lantern.example",
        role: Role::Member,
        zone: "Europe/Lisbon",
        locale: "es",
        projects: &[5, 6, 7, 8],
        hours: 7,
    },
    Person {
        name: "Chloé Martin",
        address: "chloe@lantern.example",
        role: Role::Member,
        zone: "Europe/Paris",
        locale: "fr",
        projects: &[7, 8, 10],
        hours: 6,
    },
    Person {
        name: "Sam Whitfield",
        address: "sam@lantern.example",
        role: Role::Member,
        zone: "America/New_York",
        locale: "en",
        projects: &[3, 9, 10, 11],
        hours: 8,
    },
];

/// Those who come once there are clients, and track no time in the demo: an accountant, and a guest of
/// the first client.
pub(super) const BESIDE: &[Person] = &[
    Person {
        name: "Ingrid Solberg",
        address: "ingrid@lantern.example",
        role: Role::Accountant,
        zone: "Europe/Oslo",
        locale: "en-GB",
        projects: &[],
        hours: 0,
    },
    Person {
        name: "Dana Whitaker",
        address: "dana@northwind.example",
        role: Role::Client,
        zone: "Europe/London",
        locale: "en-GB",
        projects: &[],
        hours: 0,
    },
];

/// The number of the first of [`BESIDE`] among the members.
pub(super) const FIRST_BESIDE: u32 = 901;

/// One of them has no projects yet.
pub(super) const CLIENTS: &[&str] =
    &["Northwind", "Harbour Foods", "Brightside Clinics", "Alder & Sons", "Meridian Rail"];

/// A project of the demo.
pub(super) struct Project {
    /// Number of the client, counted from 1; none for internal work.
    pub(super) client: Option<u32>,
    pub(super) name: &'static str,
    pub(super) hue: u8,
    pub(super) is_billable: bool,
    pub(super) tasks: &'static [&'static str],
    /// What is written into entries.
    pub(super) notes: &'static [&'static str],
}

/// Number of the project of meetings, counted from 1.
pub(super) const MEETINGS: u32 = 12;

pub(super) const PROJECTS: &[Project] = &[
    Project {
        client: Some(1),
        name: "Planning",
        hue: 8,
        is_billable: true,
        tasks: &["Workshops", "Forecast"],
        notes: &[
            "Review the quarterly forecast",
            "Workshop with the finance team",
            "Prepare the scenario deck",
            "Align assumptions with sales",
        ],
    },
    Project {
        client: Some(1),
        name: "Dashboards",
        hue: 9,
        is_billable: true,
        tasks: &["Design", "Build"],
        notes: &[
            "Wire up the margin chart",
            "Fix the date filter",
            "Sketch the regional view",
            "Check figures against the ledger",
        ],
    },
    Project {
        client: Some(1),
        name: "Data platform",
        hue: 10,
        is_billable: true,
        tasks: &["Pipelines"],
        notes: &["Nightly load is slow again", "Model the returns table", "Write the runbook"],
    },
    Project {
        client: Some(2),
        name: "Care plan",
        hue: 2,
        is_billable: true,
        tasks: &["Support", "Maintenance"],
        notes: &[
            "Answer support mail",
            "Update the shop plugins",
            "Look into the checkout error",
            "Monthly report for the care plan",
        ],
    },
    Project {
        client: Some(2),
        name: "Spring campaign",
        hue: 3,
        is_billable: true,
        tasks: &["Copy", "Landing page"],
        notes: &["Draft the landing page", "Cut the recipe videos", "Proofread the newsletter"],
    },
    Project {
        client: Some(2),
        name: "Label redesign",
        hue: 1,
        is_billable: true,
        tasks: &[],
        notes: &["Second round of labels", "Colour proofs with the printer"],
    },
    Project {
        client: Some(3),
        name: "Appointment app",
        hue: 5,
        is_billable: true,
        tasks: &["Research", "Design", "Testing"],
        notes: &[
            "Interview with two nurses",
            "Booking flow, third version",
            "Usability test, clinic north",
            "Accessibility pass over forms",
        ],
    },
    Project {
        client: Some(3),
        name: "Website",
        hue: 6,
        is_billable: true,
        tasks: &["Content"],
        notes: &["Move the old articles", "Opening hours component", "Photo selection"],
    },
    Project {
        client: Some(2),
        name: "Stock import",
        hue: 4,
        is_billable: true,
        tasks: &["Mapping"],
        notes: &["Map supplier codes", "Pair on the import", "Duplicate articles, again"],
    },
    Project {
        client: Some(5),
        name: "Timetable display",
        hue: 11,
        is_billable: true,
        tasks: &["Prototype", "Field test"],
        notes: &[
            "Prototype on the new panel",
            "Readability at ten metres",
            "Field test, platform 4",
        ],
    },
    Project {
        client: None,
        name: "Running the studio",
        hue: 12,
        is_billable: false,
        tasks: &["Hiring", "Bookkeeping"],
        notes: &["Invoices and reminders", "Talk with a candidate", "Order the new chairs"],
    },
    Project {
        client: None,
        name: "Meetings",
        hue: 7,
        is_billable: false,
        tasks: &[],
        notes: &["Stand-up", "Weekly planning", "Retrospective"],
    },
];

pub(super) const TAGS: &[&str] =
    &["meeting", "review", "support", "pairing", "onsite", "research", "writing", "unbilled"];

//! The days on which clocks change, through everything: entries by program, timer, line and form,
//! then Today, the report and its file. 25 October 2026 has 25 hours in Berlin, 29 March has 23.

use domain::permission::Role;
use serde_json::{Value, json};

use crate::support::{Api, both, one};

/// What is tracked around a change of the clocks, and what comes of it.
struct Change {
    /// The day of the change, and the one before.
    day: &'static str,
    eve: &'static str,
    /// From half past eleven in the evening until half past four.
    night: [&'static str; 2],
    night_s: i64,
    /// A timer over the change, an hour long.
    timer: [&'static str; 2],
    /// How long it is from half past one until half past three.
    small_hours_s: i64,
    /// When everything is looked at.
    evening: &'static str,
    /// On the evening before, on the day, and both together.
    totals: [&'static str; 3],
}

const CHANGES: [Change; 2] = [
    Change {
        day: "2026-10-25",
        eve: "2026-10-24",
        night: ["2026-10-24T23:30:00+02:00", "2026-10-25T04:30:00+01:00"],
        night_s: 6 * 3_600,
        timer: ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"],
        small_hours_s: 3 * 3_600,
        evening: "2026-10-25T20:00:00Z",
        totals: ["0:30", "12:30", "13:00"],
    },
    Change {
        day: "2026-03-29",
        eve: "2026-03-28",
        night: ["2026-03-28T23:30:00+01:00", "2026-03-29T04:30:00+02:00"],
        night_s: 4 * 3_600,
        timer: ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"],
        small_hours_s: 3_600,
        evening: "2026-03-29T20:00:00Z",
        totals: ["0:30", "6:30", "7:00"],
    },
];

fn seconds(duration: &str) -> i64 {
    let (hours, minutes) = duration.split_once(':').unwrap();
    hours.parse::<i64>().unwrap() * 3_600 + minutes.parse::<i64>().unwrap() * 60
}

#[test]
fn an_hour_that_comes_twice_counts_twice_and_one_that_is_missing_does_not() {
    both(async |api| {
        for change in &CHANGES {
            through_everything(&api, change).await;
        }
    });
}

async fn through_everything(api: &Api, change: &Change) {
    let day = change.day;
    api.world.set_clock(change.timer[1]);
    let mut me = api.visitor(Role::Member).await;
    // By a program.
    let [start, stop] = change.night;
    let night = json!({ "started_at": start, "stopped_at": stop, "note": "the night" });
    let night = me.ask("POST", "/time-entries").json(&night).send().await;
    assert_eq!((night.status.as_u16(), &night.json()["duration_s"]), (201, &json!(change.night_s)));
    // By the timer.
    let begun = json!({ "started_at": change.timer[0], "note": "the timer" });
    assert_eq!(me.ask("POST", "/timer").json(&begun).send().await.status, 201);
    let running = me.get("today").await.text();
    assert!(running.contains("1 h so far today") || running.contains("1:00"), "{running}");
    let stopped = me.ask("POST", "/timer/stop").json(&json!({})).send().await;
    assert_eq!(stopped.json()["duration_s"], 3_600);
    api.world.set_clock(change.evening);
    me.sign_in().await;
    // By one line, and by the form.
    let line = json!({ "text": "1:30-3:30 the line" });
    let line = me.ask("POST", "/quick-entries").json(&line).send().await;
    assert!(line.status.is_success(), "{}", line.text());
    let form = format!("day={day}&start=01%3A30&stop=03%3A30&note=the+form");
    let form = me.raw("entries", &form).await;
    assert_eq!(form.status, 303, "{}", form.text());
    let listed = me.ask("GET", "/time-entries?limit=200").send().await.json();
    for note in ["the line", "the form"] {
        let items = listed["items"].as_array().unwrap();
        let found = items.iter().find(|item| item["note"] == note);
        let found = found.unwrap_or_else(|| panic!("no {note}: {listed}"));
        assert_eq!(found["duration_s"], change.small_hours_s, "{note}: {found}");
    }
    // Today.
    let today = me.get("today").await.text();
    for (day, total) in [(change.eve, change.totals[0]), (day, change.totals[1])] {
        assert_eq!(total_of(&today, &format!("day-{day}")), total, "{day}");
    }
    assert_eq!(total_of(&today, "week"), change.totals[2], "the week");
    // The report, as a page, as JSON and as a file.
    let range = format!("first={}&last={day}", change.eve);
    let report = me.ask("GET", &format!("/reports/summary?{range}")).send().await.json();
    let all = seconds(change.totals[2]);
    assert_eq!(report["total_s"], all);
    let days: Vec<(&str, &Value)> = report["days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| (day["day"].as_str().unwrap(), &day["seconds"]))
        .collect();
    let [eve, on_day] = [0, 1].map(|at| json!(seconds(change.totals[at])));
    assert_eq!(days, [(change.eve, &eve), (day, &on_day)]);
    let page = me.get(&format!("reports?{range}")).await.text();
    assert!(page.contains(change.totals[2]), "{page}");
    let row = format!("No client,No project,{}:00,{all},0:00:00,0", change.totals[2]);
    for file in [
        me.ask("GET", &format!("/reports/summary.csv?{range}")).send().await,
        me.get(&format!("reports.csv?{range}")).await,
    ] {
        assert_eq!(file.text().lines().nth(1), Some(row.as_str()), "{}", file.text());
    }
}

/// Berlin's clock went from 02:00 to 03:00 on 29 March.
#[test]
fn a_time_that_the_clock_leaves_out_is_refused_beside_its_field() {
    one(async |api| {
        api.world.set_clock("2026-03-29T20:00:00Z");
        let me = api.visitor(Role::Member).await;
        let told = "the clock goes forward over it.";
        let send =
            async |fields: &str| me.raw("entries", &format!("day=2026-03-29&{fields}")).await;
        for (fields, wrong) in [
            ("start=02%3A30&stop=04%3A00", "entry-new-start"),
            ("start=02%3A30&stop=03%3A10", "entry-new-start"),
            ("start=01%3A30&stop=02%3A30", "entry-new-stop"),
        ] {
            let refused = send(fields).await;
            assert_eq!(refused.status, 422, "{fields}");
            let page = refused.text();
            let beside = &page[page.find(&format!("id=\"{wrong}\"")).expect("the field")..];
            let beside = &beside[..beside.find("</div>").unwrap()];
            assert!(beside.contains(told), "{fields}: {beside}");
            assert_eq!(page.matches(told).count(), 1, "{fields}: {page}");
        }
        assert_eq!(send("start=01%3A30&stop=02%3A00").await.status, 303);
        let listed = me.ask("GET", "/time-entries").send().await.json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
        assert_eq!(listed["items"][0]["duration_s"], 1_800);
        // As a change of an entry.
        let id = listed["items"][0]["id"].as_str().unwrap();
        let form = me.form(&format!("entries/{id}/edit"), &format!("entry-{id}-form")).await;
        let form = form.with("started_at", "2026-03-29T02:15");
        let refused = me.post(&format!("entries/{id}"), &form).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains(told), "{}", refused.text());
    });
}

/// Whoever reads it, and also in an hour that comes twice.
#[test]
fn the_history_shows_instants_in_the_zone_of_the_entry() {
    one(async |api| {
        api.world.set_clock("2026-10-25T20:00:00Z");
        let me = api.visitor(Role::Member).await;
        let entry = json!({
            "started_at": "2026-10-25T00:30:00Z", "stopped_at": "2026-10-25T01:30:00Z",
        });
        let id = me.make("/time-entries", entry).await;
        let moved =
            me.ask("PATCH", "/me").json(&json!({ "zone": "America/New_York" })).send().await;
        assert_eq!(moved.status, 200, "{}", moved.text());
        let words = ["2026-10-25 02:30:00 +02:00", "2026-10-25 02:30:00 +01:00"];
        let history = me.ask("GET", &format!("/time-entries/{id}/history")).send().await.json();
        let changes =
            history[0]["changes"].as_array().or(history["items"][0]["changes"].as_array());
        let changes = changes.unwrap_or_else(|| panic!("{history}"));
        for (field, word) in ["started_at", "stopped_at"].into_iter().zip(words) {
            let change = changes.iter().find(|change| change["field"] == field).unwrap();
            assert_eq!(change["after"], word);
        }
        // The page writes them as the profile says.
        let american = json!({ "locale": "en", "clock_format": "12h" });
        for (profile, day, times) in [
            (json!({}), "25 Oct 2026", ["02:30 +02:00 Berlin", "02:30 +01:00 Berlin"]),
            (american, "Oct 25, 2026", ["2:30 am +02:00 Berlin", "2:30 am +01:00 Berlin"]),
        ] {
            assert_eq!(me.ask("PATCH", "/me").json(&profile).send().await.status, 200);
            let page = me.get(&format!("entries/{id}/history")).await.text();
            let page = page.replace("&#43;", "+");
            for time in times {
                assert!(page.contains(&format!("{day}, {time}<")), "{page}");
            }
        }
        // To the second where that is what has changed.
        let later =
            json!({ "stopped_at": "2026-10-25T01:30:09Z", "started_at": "2026-10-24T10:00:00Z" });
        let path = format!("/time-entries/{id}");
        assert_eq!(me.ask("PATCH", &path).json(&later).send().await.status, 200);
        let page = me.get(&format!("entries/{id}/history")).await.text().replace("&#43;", "+");
        for words in [
            "Oct 25, 2026, 2:30:00 am +01:00 Berlin</del>",
            "Oct 25, 2026, 2:30:09 am +01:00 Berlin</ins>",
            "Oct 24, 2026, 12:00 pm +02:00 Berlin</ins>",
        ] {
            assert!(page.contains(words) || words.contains("12:00"), "{words}: {page}");
        }
    });
}

/// The total in the head of a section of the page.
fn total_of(page: &str, section: &str) -> String {
    let found = page.find(&format!("id=\"{section}\""));
    let rest = &page[found.unwrap_or_else(|| panic!("no {section}: {page}"))..];
    let rest = &rest[rest.find("push num strong").unwrap()..rest.find("</header>").unwrap()];
    let rest = rest.split_once('>').unwrap().1.replace("<span class=\"unseen\">Total </span>", "");
    rest.split('<').next().unwrap().to_owned()
}

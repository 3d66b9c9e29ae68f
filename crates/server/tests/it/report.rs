//! Reports, as JSON and as a file.

use serde_json::json;

use crate::support::{Api, both};

const RANGE: &str = "first=2026-11-01&last=2026-11-30";

async fn fill(api: &Api) {
    let client = api.make("owner", "/clients", json!({ "name": "=SUM(A1), \"quoted\"" })).await;
    let project = json!({ "name": "@planning", "client_id": client });
    let project = api.make("owner", "/projects", project).await;
    let entry =
        |seconds: i64| json!({ "project_id": project, "day": "2026-11-19", "duration_s": seconds });
    api.make("member", "/time-entries", entry(3_600)).await;
    api.make("other", "/time-entries", entry(61)).await;
    api.make("other", "/time-entries", json!({ "day": "2026-11-18", "duration_s": 30 })).await;
    api.make("owner", "/timer", json!({ "started_at": "2026-11-20T11:59:00Z" })).await;
}

#[test]
fn sums_agree_and_go_by_what_one_may_see() {
    both(async |api| {
        fill(&api).await;
        let report = async |who: &str, more: &str| {
            let path = format!("/reports/summary?{RANGE}{more}");
            let answer = api.ask(who, "GET", &path).send().await;
            assert_eq!(answer.outcome(), "200", "{}", answer.text());
            answer.json()
        };
        let all = report("owner", "").await;
        assert_eq!((&all["total_s"], &all["billable_s"]), (&json!(3_751), &json!(3_661)));
        assert_eq!(all["group_by"], "client,project");
        let groups = all["groups"].as_array().unwrap();
        let sum: i64 = groups.iter().map(|group| group["seconds"].as_i64().unwrap()).sum();
        let days = all["days"].as_array().unwrap();
        let by_day: i64 = days.iter().map(|day| day["seconds"].as_i64().unwrap()).sum();
        assert_eq!((sum, by_day), (3_751, 3_751));
        assert_eq!(groups[1]["name"], "No client");
        assert_eq!(groups[1]["id"], json!(null));
        let members = report("owner", "&group_by=member,project").await;
        assert_eq!(members["groups"][0]["name"], "The member");
        assert_eq!(report("member", "").await["total_s"], 3_600);
        assert_eq!(report("manager", "").await["total_s"], 0);
        let other = format!("&member_id={}", api.world.member("other"));
        assert_eq!(report("owner", &other).await["total_s"], 91);
        let forbidden = api.ask("member", "GET", &format!("/reports/summary?{RANGE}{other}"));
        assert_eq!(forbidden.send().await.outcome(), "403 forbidden");
    });
}

#[test]
fn the_file_is_for_spreadsheets_and_harmless_in_them() {
    both(async |api| {
        fill(&api).await;
        let path = format!("/reports/summary.csv?{RANGE}");
        let file = api.ask("owner", "GET", &path).send().await;
        assert_eq!(file.outcome(), "200");
        assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
        let disposition = "attachment; filename=\"summary-2026-11-01-2026-11-30.csv\"";
        assert_eq!(file.header("content-disposition"), disposition);
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        let expected = [
            "\u{feff}Client,Project,Duration,Seconds,Billable duration,Billable seconds",
            "\"'=SUM(A1), \"\"quoted\"\"\",'@planning,1:01:01,3661,1:01:01,3661",
            "No client,No project,0:01:30,90,0:00:00,0",
            "",
        ];
        assert_eq!(file.text(), expected.join("\r\n"));
        let path = format!("/reports/summary.csv?{RANGE}&group_by=member,project");
        let file = api.ask("owner", "GET", &path).send().await.text();
        assert!(file.starts_with("\u{feff}Member,Project,"), "{file}");
    });
}

//! What pages say: small words that were wrong once.

use domain::permission::Role;
use serde_json::json;
use uuid::Uuid;

use crate::{support::one, visitor::Form};

#[test]
fn who_or_what_is_not_there_is_not_found() {
    one(async |api| {
        let owner = api.visitor(Role::Owner).await;
        let nobody = Uuid::from_u128(7);
        let time = owner.get(&format!("time?member={nobody}")).await;
        assert_eq!(time.status, 404);
        assert_eq!(owner.get(&format!("time?member={}", owner.member)).await.status, 200);
        let listed = owner.ask("GET", &format!("/time-entries?member_id={nobody}")).send().await;
        assert_eq!(listed.status, 404);
        let revoke = format!("tokens/{nobody}/revoke");
        assert_eq!(owner.post(&revoke, &Form::default()).await.status, 404);
        let token = json!({ "name": "x", "scope": "read", "expires_in_days": 7 });
        let token = owner.make("/tokens", token).await;
        let revoke = format!("tokens/{token}/revoke");
        for _ in 0..2 {
            let revoked = owner.post(&revoke, &Form::default()).await;
            assert_eq!(revoked.status, 303, "another tab was faster: the same end");
        }
        let other = api.visitor(Role::Member).await;
        assert_eq!(other.post(&revoke, &Form::default()).await.status, 404, "somebody else's");
    });
}

#[test]
fn so_far_today_is_up_to_now() {
    one(async |api| {
        api.world.set_clock("2026-11-20T11:00:00Z");
        let me = api.visitor(Role::Member).await;
        for (from, until) in [("08:00", "08:30"), ("10:45", "22:00"), ("15:00", "16:00")] {
            let entry = json!({
                "started_at": format!("2026-11-20T{from}:00Z"),
                "stopped_at": format!("2026-11-20T{until}:00Z"),
            });
            me.make("/time-entries", entry).await;
        }
        let today = me.get("today").await.text();
        assert!(today.contains("45 min so far today"), "{today}");
    });
}

#[test]
fn earlier_days_end_where_the_entries_begin() {
    one(async |api| {
        api.world.set_clock("2026-11-20T11:00:00Z");
        let me = api.visitor(Role::Member).await;
        me.make("/time-entries", json!({ "day": "2026-11-20", "duration_s": 60 })).await;
        assert!(!me.get("today").await.text().contains("Earlier days"));
        me.make("/time-entries", json!({ "day": "2026-11-10", "duration_s": 60 })).await;
        assert!(me.get("today").await.text().contains("Earlier days"));
        let earlier = me.get("today?until=2026-11-13").await.text();
        assert!(earlier.contains("<h1>Until Friday"), "{earlier}");
        assert!(
            !earlier.contains("so far today") && !earlier.contains("Earlier days"),
            "{earlier}"
        );
    });
}

#[test]
fn leaving_is_asked_about_and_told() {
    one(async |api| {
        let me = api.visitor(Role::Member).await;
        let people = me.get("people").await.text();
        assert!(people.contains("/people/leave\">Leave the workspace</a>"), "{people}");
        assert!(!people.contains(&format!("{}/remove", me.member)), "{people}");
        let asked = me.get("people/leave").await;
        assert_eq!(asked.status, 200);
        assert!(asked.text().contains(&format!("people/{}/remove", me.member)));
        let left = me.post(&format!("people/{}/remove", me.member), &Form::default()).await;
        assert_eq!(left.header("location"), "/?done=left");
        let home = me.ask_anywhere("GET", "/?done=left", "").await.text();
        assert!(home.contains("You have left the workspace."), "{home}");
    });
}

#[test]
fn a_report_by_person_names_the_client_of_a_project() {
    one(async |api| {
        let owner = api.visitor(Role::Owner).await;
        for client in ["Northwind", "Harbour"] {
            let client = owner.make("/clients", json!({ "name": client })).await;
            let project = json!({ "name": "Planning", "client_id": client });
            let project = owner.make("/projects", project).await;
            let entry = json!({ "day": "2026-11-20", "duration_s": 60, "project_id": project });
            owner.make("/time-entries", entry).await;
        }
        let range = "first=2026-11-20&last=2026-11-20&group_by=member,project";
        let file = owner.ask("GET", &format!("/reports/summary.csv?{range}")).send().await.text();
        for label in ["Northwind · Planning", "Harbour · Planning"] {
            assert!(file.contains(label), "{file}");
        }
        let range = "first=2026-11-20&last=2026-11-20&group_by=client,project";
        let file = owner.ask("GET", &format!("/reports/summary.csv?{range}")).send().await.text();
        assert!(file.contains("Northwind,Planning"), "{file}");
    });
}

#[test]
fn who_mistypes_the_code_of_a_program_is_told_so() {
    one(async |api| {
        let me = api.visitor(Role::Member).await;
        let device = me.ask_anywhere("GET", "/device?user_code=BBBB-BBBB", "").await.text();
        assert!(device.contains("No program waits with this code"), "{device}");
    });
}

#[test]
fn the_history_says_whose_program_it_was() {
    one(async |api| {
        let (owner, me) = (api.visitor(Role::Owner).await, api.visitor(Role::Member).await);
        let id = me.make("/time-entries", json!({ "day": "2026-11-20", "duration_s": 60 })).await;
        let path = format!("/time-entries/{id}");
        let changed = owner.ask("PATCH", &path).json(&json!({ "note": "Looked at" })).send().await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        let history = me.ask("GET", &format!("{path}/history")).send().await.text();
        for actor in ["A visiting member (by a program)", "A visiting owner (by a program)"] {
            assert!(history.contains(actor), "{history}");
        }
        let page = me.get(&format!("entries/{id}/history")).await.text();
        assert!(page.contains("A visiting owner (by a program)"), "{page}");
    });
}

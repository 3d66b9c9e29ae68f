//! Roles and teams by pages: a guest's few pages, a role made of ticks, a team and its manager.

use domain::{
    ids::ClientId,
    permission::{Assignment, Role},
};
use serde_json::json;

use crate::{
    cases::{Where, hour_on, unique},
    support::both,
};

#[test]
fn a_guest_comes_to_the_reports_of_their_client_and_to_nothing_else() {
    both(async |api| {
        let client = api.make("owner", "/clients", json!({ "name": "Northwind" })).await;
        let mine = json!({ "name": "Planning", "client_id": client });
        let mine = api.make("owner", "/projects", mine).await;
        let foreign = api.make("owner", "/projects", json!({ "name": "Secret plans" })).await;
        for project in [mine, foreign] {
            api.make("member", "/time-entries", hour_on(project)).await;
        }
        let guest = api.visitor(Assignment::guest(ClientId::from_uuid(client))).await;
        let today = guest.get("today").await;
        assert_eq!(today.status, 303);
        assert!(today.header("location").ends_with("/reports"), "{}", today.header("location"));
        for page in ["reports?preset=this-month", "reports?group=client,project", "reports.csv"] {
            let report = guest.get(page).await;
            assert_eq!(report.status, 200, "{page}: {}", report.text());
            assert!(!report.text().contains("Secret plans"), "{page}");
        }
        for page in ["reports?group=member,project", "reports.csv?group=member,project"] {
            let report = guest.get(page).await;
            assert_eq!(report.status, 403, "{page}");
            assert!(!report.text().contains("The member"), "{page}: {}", report.text());
        }
        let text = guest.get("reports").await.text();
        assert!(!text.contains("Person ▸ Project"), "it is not offered");
        assert!(text.contains("Planning") && text.contains("all time on your projects"), "{text}");
        for place in ["today", "projects", "tags", "teams", "roles", "time", "settings", "trash"] {
            assert!(!text.contains(&format!("/{place}\" ")), "{place} is offered");
        }
        assert!(!text.contains("id=\"timer-line\""), "no bar to track by");
        let people = guest.get("people").await.text();
        assert!(people.contains("A visiting client") && !people.contains("The owner"), "{people}");
        for (page, status) in [
            ("time", 404),
            ("tags", 403),
            ("teams", 403),
            ("roles", 403),
            ("settings", 403),
            ("trash", 403),
            ("entries/new", 404),
        ] {
            assert_eq!(guest.get(page).await.status, status, "{page}");
        }
        assert_eq!(guest.get(&format!("projects/{foreign}")).await.status, 404);
    });
}

#[test]
fn a_role_is_made_of_ticks_given_in_place_and_not_deleted_while_somebody_has_it() {
    both(async |api| {
        let owner = api.visitor(Role::Owner).await;
        let other = api.visitor(Role::Member).await;
        let name = unique("Bookkeeper");
        let body = format!("name={}&right=track_time&right=read_all_time", name.replace(' ', "+"));
        let made = owner.raw("roles", &body).await;
        assert_eq!(made.status, 303, "{}", made.text());
        let again = owner.raw("roles", &body).await;
        assert_eq!(again.status, 422, "the name is taken");
        assert!(again.text().contains("This name is taken"), "{}", again.text());
        let listed = api.ask("owner", "GET", "/roles").send().await.json();
        let role = listed["items"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(listed["items"][0]["rights"], json!(["track_time", "read_all_time"]));

        // Who may not make roles sees them, and no form.
        let seen = other.get("roles").await.text();
        assert!(seen.contains(&name) && !seen.contains("role-add-form"), "{seen}");
        assert_eq!(other.raw("roles", "name=Mine&right=manage_teams").await.status, 403);

        assert_eq!(other.get("time").await.status, 404);
        let (path, id) = (format!("people/{}", other.member), other.member);
        let form = owner.form("people", &format!("member-{id}-form")).await;
        let form = form.with("role", &format!("own:{role}"));
        let given = owner.post(&path, &form).await;
        assert_eq!(given.status, 303, "{}", given.text());
        assert_eq!(other.get("time").await.status, 200, "in force on the next request");
        assert!(owner.get("people").await.text().contains(&name));

        let delete = format!("roles/{role}/delete");
        let refused = owner.raw(&delete, "").await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("Somebody has this role"), "{}", refused.text());
        let form = owner.form("roles", &format!("role-{role}-form")).await;
        assert_eq!(form.0.iter().filter(|(name, _)| name == "right").count(), 2, "{form:?}");
        let changed = owner.post(&format!("roles/{role}"), &form.with("right", "track_time")).await;
        assert_eq!(changed.status, 303, "{}", changed.text());
        assert_eq!(other.get("time").await.status, 404);
        let form = owner.form("people", &format!("member-{id}-form")).await.with("role", "member");
        assert_eq!(owner.post(&path, &form).await.status, 303);
        assert_eq!(owner.raw(&delete, "").await.status, 303);
    });
}

#[test]
fn a_team_is_made_filled_and_led() {
    both(async |api| {
        let admin = api.visitor(Role::Admin).await;
        let manager = api.visitor(Role::Manager).await;
        let project = api.project(Where::Here).await;
        let entry = hour_on(project);
        api.make("member", "/time-entries", entry).await;
        let made = admin.raw("teams", "name=Design").await;
        assert_eq!(made.status, 303, "{}", made.text());
        let team = made.header("location").split("/teams/").nth(1).unwrap();
        let team = team.split(['?', '#']).next().unwrap().to_owned();
        let page = format!("teams/{team}");
        let member = api.world.member("member");
        assert_eq!(manager.get("time").await.status, 404, "nothing of others yet");
        for (who, manages) in [(member, "false"), (manager.member, "true")] {
            let body = format!("member={who}&manager={manages}");
            let put = admin.raw(&format!("{page}/members"), &body).await;
            assert_eq!(put.status, 303, "{}", put.text());
        }
        let refused = admin.raw(&format!("{page}/members"), "member=&manager=false").await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("Choose a person."));
        let seen = manager.get(&page).await.text();
        assert!(seen.contains("manages it") && !seen.contains("team-form"), "{seen}");
        assert!(seen.contains(&format!("time?member={member}")), "{seen}");
        for path in ["time".to_owned(), format!("time?member={member}")] {
            let time = manager.get(&path).await;
            assert_eq!(time.status, 200, "{path}");
            assert!(time.text().contains("An hour"), "{path}: {}", time.text());
        }
        for act in ["archive", "restore"] {
            assert_eq!(admin.raw(&format!("{page}/{act}"), "").await.status, 303);
            let expected = if act == "archive" { 404 } else { 200 };
            assert_eq!(manager.get("time").await.status, expected, "{act}");
        }
        assert_eq!(manager.raw(&format!("{page}/delete"), "").await.status, 403);
        let taken = admin.raw(&format!("{page}/members/{member}/remove"), "").await;
        assert_eq!(taken.status, 303);
        assert_eq!(manager.get("time").await.status, 404);
        assert_eq!(admin.raw(&format!("{page}/delete"), "").await.status, 303);
        assert_eq!(admin.get(&page).await.status, 404);
    });
}

#[test]
fn somebody_is_invited_in_a_role_with_what_it_needs() {
    both(async |api| {
        let client = api.make("owner", "/clients", json!({ "name": unique("Client") })).await;
        for (role, expected) in [
            (json!({ "role": "accountant" }), "201"),
            (json!({ "role": "client", "client_id": client }), "201"),
            (json!({ "role": "client" }), "422 invalid client_id.not_fitting"),
            (json!({ "role": "own" }), "422 invalid role_id.not_fitting"),
            (json!({ "role": "member", "client_id": client }), "422 invalid client_id.not_fitting"),
            (json!({ "role": "own", "role_id": client }), "422 invalid role_id.not_found"),
        ] {
            let mut body = role.clone();
            body["email"] = json!(format!("{}@example.com", unique("guest").replace(' ', "")));
            let made = api.ask("owner", "POST", "/invitations").json(&body).send().await;
            assert_eq!(made.outcome(), expected, "{role}: {}", made.text());
            if expected == "201" {
                assert_eq!(made.json()["client_id"], role["client_id"]);
            }
        }
    });
}

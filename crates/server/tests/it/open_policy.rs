//! `timeproof open-policy`, beside a server that runs, on both engines.

use serde_json::{Value, json};

use crate::{
    live::{keep_others_out, save_by_link, signed_in},
    operator::{both, complained, said},
};

#[test]
fn owners_who_are_kept_out_are_let_in_again_and_told() {
    both(|place| {
        let owner = place.furnish();
        let mut server = place.start(&[]);
        let mut browser = signed_in(&mut server, &owner);
        let today = format!("/w/{}/today", owner.workspace);
        complained(&place.run(&["open-policy", "A workspace"]), "keeps nobody out");
        let path = format!("/workspaces/{}/sign-in-policy", owner.workspace);
        keep_others_out(&place, &server, &owner);
        assert_eq!(browser.get(&today).status, 403);

        complained(&place.run(&["open-policy", "Another one"]), "No workspace is called");
        let opened = said(&place.run(&["open-policy", "A workspace"]), "Opened: ");
        assert!(opened.contains(&owner.workspace.to_string()), "{opened}");
        assert!(opened.ends_with("Its owner is told by mail."), "{opened}");
        assert_eq!(browser.get(&today).status, 200, "with the next request");
        let policy = server.line().api(&owner.token, "GET", &path, None).unwrap().json();
        assert_eq!((&policy["networks"], &policy["version"]), (&json!([]), &json!(3)));
        // The record says who did it, and it was no owner.
        let path = format!("/workspaces/{}/record", owner.workspace);
        let record = server.line().api(&owner.token, "GET", &path, None).unwrap().json();
        let changed = |event: &&Value| event["kind"] == "sign_in_policy.changed";
        let events: Vec<_> = record["items"].as_array().unwrap().iter().filter(changed).collect();
        let who: Vec<_> = events.iter().map(|event| event["actor"].as_str().unwrap()).collect();
        assert_eq!(who, ["The operator", "The owner"]);
    });
}

/// The link comes in past every rule about ways, and so shows no way by which its person comes again;
/// everything else the owner has to meet.
#[test]
fn who_came_by_a_printed_link_keeps_nobody_out_whom_it_could_be() {
    both(|place| {
        let owner = place.furnish();
        let server = place.start(&[]);
        for (policy, said) in [
            (&[][..], "a link from the server"),
            (&[("allows_mail", "true"), ("networks", "10.0.0.0/8")], "Add the address"),
        ] {
            let refused = save_by_link(&place, &server, &owner, policy);
            assert_eq!(refused.status, 422, "{}", refused.text());
            assert!(refused.text().contains(said), "{said}: {}", refused.text());
        }
        let path = format!("/workspaces/{}/sign-in-policy", owner.workspace);
        let policy = server.line().api(&owner.token, "GET", &path, None).unwrap().json();
        assert_eq!((&policy["allows_mail"], &policy["version"]), (&json!(true), &json!(1)));
    });
}

/// Links of commands lead to the server that runs, wherever it listens.
#[test]
fn links_of_commands_lead_to_the_server_beside_them() {
    both(|place| {
        place.furnish();
        let server = place.start(&[]);
        let said = place.run(&["link", "owner@example.com"]).said;
        let begins = format!("Sign in: http://localhost:{}/enter/", server.port);
        assert!(said.starts_with(&begins), "{said}");
    });
}

//! `timeproof open-policy`, beside a server that runs, on both engines.

use serde_json::json;

use crate::{
    live::{ask_for_second, save_by_link, signed_in},
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
        ask_for_second(&place, &server, &owner);
        assert_eq!(browser.get(&today).status, 403);

        complained(&place.run(&["open-policy", "Another one"]), "No workspace is called");
        let opened = said(&place.run(&["open-policy", "A workspace"]), "Opened: ");
        assert!(opened.contains(&owner.workspace.to_string()), "{opened}");
        assert!(opened.ends_with("Its owner is told by mail."), "{opened}");
        assert_eq!(browser.get(&today).status, 200, "with the next request");
        let policy = server.line().api(&owner.token, "GET", &path, None).unwrap().json();
        let expected = (&json!("optional"), &json!(3));
        assert_eq!((&policy["second_factor"], &policy["version"]), expected);
    });
}

/// The link comes in past every rule, and so shows no way by which its person comes again.
#[test]
fn who_came_by_a_printed_link_cannot_forbid_mail() {
    both(|place| {
        let owner = place.furnish();
        let server = place.start(&[]);
        let refused = save_by_link(&place, &server, &owner, &[]);
        assert_eq!(refused.status, 422, "{}", refused.text());
        let path = format!("/workspaces/{}/sign-in-policy", owner.workspace);
        let policy = server.line().api(&owner.token, "GET", &path, None).unwrap().json();
        assert_eq!((&policy["allows_mail"], &policy["version"]), (&json!(true), &json!(1)));
    });
}

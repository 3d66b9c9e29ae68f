//! One person in two workspaces: the second is set up by a printed link, and they switch.

use crate::{
    browser::Browser,
    process::{Place, path_of},
};

const OWNER: [&str; 3] = ["First workspace", "The owner", "owner@example.com"];

#[test]
fn one_person_switches_between_two_workspaces() {
    for place in [Place::sqlite(), Place::postgres(testkit::postgres::cluster().url())] {
        let mut server = place.start(&[]);
        let mut browser = Browser::new(&server);
        let first = browser.set_up(&mut server, OWNER);
        let print = || {
            let ended = place.run(&["link", "--new-workspace"]);
            assert_eq!(ended.code, Some(0), "{ended:?}");
            ended.said.trim().strip_prefix("Set up: ").unwrap().to_owned()
        };
        // Alone, there is nothing to choose.
        let today = format!("{first}/today");
        assert_eq!(browser.get("/").header("location"), today);
        assert!(!browser.get(&today).text().contains("switch workspace"));

        // Somebody who is signed in stays so; the form knows their address.
        let link = print();
        let path = browser.get(&path_of(&link)).header("location").to_owned();
        assert!(browser.get(&path).text().contains("value=\"owner@example.com\""));
        let second = browser.set_up_by(&link, ["Second workspace", OWNER[1], OWNER[2]]);
        assert_eq!(browser.get(&second).status, 200);
        assert_ne!(second, today);

        // The page of all, and the menu of each.
        let all = browser.get("/");
        assert_eq!(all.status, 200);
        for (name, path) in [("First workspace", &today), ("Second workspace", &second)] {
            assert!(all.text().contains(&format!("href=\"{path}\">{name}")), "{}", all.text());
        }
        for (here, there) in [(&today, &second), (&second, &today)] {
            let page = browser.get(here).text();
            assert!(page.contains(": switch workspace"));
            assert!(page.contains(&format!("href=\"{there}\"><span>")), "{page}");
            assert!(page.contains(&format!("href=\"{here}\" aria-current=\"true\"")), "{page}");
        }
        // What is written in one is not in the other.
        browser.get(&second);
        let tags = second.replace("/today", "/tags");
        assert_eq!(browser.post(&tags, &[("name", "only-here")]).status, 303);
        assert!(browser.get(&tags).text().contains("only-here"));
        assert!(!browser.get(&format!("{first}/tags")).text().contains("only-here"));

        // The link proves who may have a workspace, not who types: a stranger who names the owner
        // is sent to sign in.
        let mut stranger = Browser::new(&server);
        let to = stranger.set_up_by(&print(), ["Third", "Mallory", OWNER[2]]);
        assert!(to.starts_with("/sign-in?next="), "{to}");
        assert!(stranger.value("sid").is_none());
        // Somebody new comes in.
        let mut fresh = Browser::new(&server);
        let fourth = fresh.set_up_by(&print(), ["Fourth", "Ben", "ben@example.com"]);
        assert_eq!(fresh.get(&fourth).status, 200);
        assert_eq!(fresh.get(&today).status, 404);
        // One link makes one workspace.
        let used = print();
        fresh.set_up_by(&used, ["Fifth", "Ben", "ben@example.com"]);
        assert_ne!(fresh.get(&path_of(&used)).status, 303);
        let both = place.run(&["link", "--new-workspace", "ben@example.com"]);
        assert_eq!(both.code, Some(2), "{both:?}");
    }
}

/// A set-up link proves no address. Who used one in somebody's name is out, once that person comes
/// and is let into a workspace of others.
#[test]
fn a_borrowed_name_is_given_back_when_its_person_joins() {
    for place in [Place::sqlite(), Place::postgres(testkit::postgres::cluster().url())] {
        let mut server = place.start(&[]);
        let mut owner = Browser::new(&server);
        let first = owner.set_up(&mut server, OWNER);
        let link = place.run(&["link", "--new-workspace"]).said;
        let link = link.trim().strip_prefix("Set up: ").unwrap();
        let mut mallory = Browser::new(&server);
        let second = mallory.set_up_by(link, ["Second", "Mallory", "victim@example.com"]);
        assert_eq!(mallory.get(&second).status, 200);

        let invited = [("email", "victim@example.com"), ("role", "member")];
        owner.get(&format!("{first}/people"));
        assert_eq!(owner.post(&format!("{first}/invitations"), &invited).status, 303);
        let path = server.letter().path();
        let mut victim = Browser::new(&server);
        victim.get(&path);
        let joined = victim.post(&path, &[("name", "The victim"), ("zone", "Europe/Paris")]);
        assert_eq!(joined.status, 303, "{}", joined.text());
        let today = format!("{first}/today");
        // The address has an account: whose mailbox it is shows it, and the others are out already.
        assert_eq!(victim.get(&today).status, 303);
        victim.sign_in(&mut server, "victim@example.com");
        assert_eq!(victim.get(&today).status, 200);
        assert_eq!(mallory.get(&today).status, 303, "signed out");
        assert_eq!(mallory.get(&second).status, 303, "signed out");
    }
}

//! One's account over pages: the address one signs in with, and My security outside of any workspace.

use app::{
    SetUpWorkspace,
    identity::{
        ClaimedLetter, Origin, claim_due_letters, list_memberships, list_sessions, mark_sent,
    },
};
use domain::{
    day::Zone,
    period::WeekStart,
    preference::{Currency, Locale},
    text::{EmailAddress, Name},
};
use serde_json::json;

use crate::{
    process::code_in,
    support::{Answer, Api, both, set_policy},
    visit::{Browser, MINUTE, directory, somebody, wait_s},
};

const ANN: &str = "ann@example.org";
const NEW: &str = "ann@new.example";

/// All letters that are due, which are sent then.
async fn post(api: &Api) -> Vec<ClaimedLetter> {
    directory(api, |op| {
        let letters = claim_due_letters(op, 50)?.letters;
        letters.iter().try_for_each(|letter| mark_sent(op, letter.id))?;
        Ok(letters)
    })
    .await
}

fn to<'a>(letters: &'a [ClaimedLetter], address: &str) -> &'a str {
    let found = letters.iter().find(|letter| letter.letter.to().as_str() == address);
    found.unwrap_or_else(|| panic!("no letter to {address}: {}", letters.len())).letter.body()
}

/// The path of a link in a letter.
fn path(body: &str, page: &str) -> String {
    let mut links = body.lines().filter_map(|line| line.trim().split_once(&format!("/{page}/")));
    format!("/{page}/{}", links.next().unwrap_or_else(|| panic!("no {page}: {body}")).1)
}

fn founding(address: &str) -> SetUpWorkspace {
    let name = |text: &str| Name::parse(text).unwrap();
    SetUpWorkspace {
        name: name("Another workspace"),
        owner_name: name("Ann Lee"),
        owner_address: EmailAddress::parse(address).unwrap(),
        zone: Zone::parse("Europe/Berlin").unwrap(),
        week_start: WeekStart::Monday,
        locale: Locale::EnGb,
        currency: Currency::EUR,
        origin: Origin::default(),
    }
}

/// Somebody who has just signed in.
async fn signed_in<'a>(api: &'a Api, address: &str) -> (Browser<'a>, domain::ids::UserId) {
    let user = somebody(api, address).await;
    let mut browser = Browser::new(api);
    browser.sign_in(user, false).await;
    post(api).await;
    (browser, user)
}

/// Asks for another address on the page.
async fn ask(browser: &mut Browser<'_>, root: &str, new: &str) -> Answer {
    browser.get(&format!("{root}/security")).await;
    browser.post(&format!("{root}/security/address"), &[("email", new)]).await
}

#[test]
fn pw_33_the_address_is_changed_by_a_code_and_both_mailboxes_are_told() {
    both(async |api| {
        let (mut browser, user) = signed_in(&api, ANN).await;
        let root = browser.page("").trim_end_matches('/').to_owned();
        wait_s(&api, 20 * MINUTE);
        let asked = ask(&mut browser, &root, NEW).await;
        assert_eq!(asked.status, 403);
        let words = "You are about to change the address you sign in with to ann@new.example";
        assert!(asked.text().contains(words), "{}", asked.text());
        assert!(post(&api).await.is_empty(), "nothing goes out before the proof");

        let (mut browser, _) = signed_in(&api, "bob@example.org").await;
        drop(browser);
        browser = Browser::new(&api);
        browser.sign_in(user, false).await;
        post(&api).await;
        let refused = ask(&mut browser, &root, "ann").await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("id=\"new-email-wrong\""), "{}", refused.text());
        let asked = ask(&mut browser, &root, NEW).await;
        assert_eq!(asked.status, 303, "{}", asked.text());
        let letters = post(&api).await;
        assert_eq!(letters.len(), 2);
        let code = code_in(to(&letters, NEW));
        let stop = path(to(&letters, ANN), "stop-address");
        let page = browser.get(&format!("{root}/security")).await.text();
        assert!(page.contains(&format!("on its way to <b class=\"strong\">{NEW}</b>")), "{page}");

        let confirm = format!("{root}/security/address/code");
        let wrong = browser.post(&confirm, &[("code", "0000-0000")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text().contains("This code is wrong. 4 tries are left."), "{}", wrong.text());
        let done = browser.post(&confirm, &[("code", &code)]).await;
        assert_eq!(done.status, 303, "{}", done.text());
        let page = browser.get(&format!("{root}/security")).await.text();
        assert!(
            page.contains(&format!("You sign in with <b class=\"strong\">{NEW}</b>")),
            "{page}"
        );
        assert!(page.contains("that can be taken back until"), "{page}");
        let people = browser.get(&format!("{root}/profile")).await.text();
        assert!(people.contains(NEW), "the workspace knows it too: {people}");
        let letters = post(&api).await;
        assert_eq!(path(to(&letters, ANN), "stop-address"), stop, "the same link again");
        assert!(to(&letters, NEW).contains("has this address now"));

        // From the mailbox before, in a browser that nobody is signed in to; looking uses nothing.
        let mut elsewhere = Browser::new(&api);
        for _ in 0..3 {
            let looked = elsewhere.get(&stop).await;
            assert_eq!(looked.status, 200);
            assert!(looked.text().contains("Put your address back"), "{}", looked.text());
        }
        assert_eq!(browser.who().await, Some(user));
        let stopped = elsewhere.post(&stop, &[]).await;
        assert_eq!(stopped.status, 200, "{}", stopped.text());
        assert_eq!(browser.who().await, None, "all browsers are signed out");
        assert_eq!(elsewhere.get(&stop).await.status, 409, "once");
        let letters = post(&api).await;
        assert!(to(&letters, ANN).contains("has this address again"));
        assert!(to(&letters, NEW).contains("was taken back"));
    });
}

#[test]
fn the_link_of_the_new_mailbox_works_in_the_session_that_asked() {
    both(async |api| {
        let (mut browser, user) = signed_in(&api, ANN).await;
        let root = browser.page("").trim_end_matches('/').to_owned();
        assert_eq!(ask(&mut browser, &root, NEW).await.status, 303);
        let letters = post(&api).await;
        let link = path(to(&letters, NEW), "confirm-address");
        let mut stranger = Browser::new(&api);
        let asked = stranger.get(&link).await;
        assert_eq!(asked.status, 303, "sign in first");
        assert!(asked.header("location").starts_with("/sign-in?next=%2Fconfirm-address"));
        let mut other = Browser::new(&api);
        other.sign_in(user, false).await;
        let elsewhere = other.get(&link).await;
        assert_eq!(elsewhere.status, 409);
        assert!(elsewhere.text().contains("where you asked for it"), "{}", elsewhere.text());
        for _ in 0..2 {
            let looked = browser.get(&link).await;
            assert!(looked.text().contains(NEW), "{}", looked.text());
        }
        let done = browser.post(&link, &[]).await;
        assert_eq!((done.status.as_u16(), done.header("location")), (303, "/security"));
        let page = browser.get(&format!("{root}/security")).await.text();
        assert!(
            page.contains(&format!("You sign in with <b class=\"strong\">{NEW}</b>")),
            "{page}"
        );
        assert_eq!(browser.post(&link, &[]).await.status, 409);
        assert!(other.who().await.is_some(), "other sessions go on");
    });
}

#[test]
fn an_address_somebody_has_is_answered_as_one_nobody_has() {
    both(async |api| {
        let (mut browser, _) = signed_in(&api, ANN).await;
        somebody(&api, "bob@example.org").await;
        let root = browser.page("").trim_end_matches('/').to_owned();
        let mut answers = Vec::new();
        for new in ["bob@example.org", "eve@example.org"] {
            let asked = ask(&mut browser, &root, new).await;
            let page = browser.get(&format!("{root}/security")).await.text();
            let part = page.split("id=\"address\"").nth(1).unwrap().split("</section>").next();
            answers.push((asked.status, part.unwrap().replace(new, "X").replace("bob@", "")));
            let wrong =
                browser.post(&format!("{root}/security/address/code"), &[("code", "1")]).await;
            assert_eq!(wrong.status, 422);
        }
        let strip = |text: &str| {
            let csrf = text.split("name=\"csrf\" value=\"").nth(1).unwrap();
            text.replace(csrf.split('"').next().unwrap(), "")
        };
        assert_eq!(answers[0].0, answers[1].0);
        assert_eq!(strip(&answers[0].1), strip(&answers[1].1));
        let letters = post(&api).await;
        assert!(to(&letters, "bob@example.org").contains("They were not\ntold so."));
        assert!(!to(&letters, "bob@example.org").contains("http"));
    });
}

#[test]
fn my_security_leads_to_the_first_workspace_that_lets_one_in() {
    both(async |api| {
        let (mut browser, user) = signed_in(&api, ANN).await;
        let here = api.world.workspace;
        let found = browser.get("/security").await;
        assert_eq!(found.header("location"), format!("/w/{here}/security"));
        // Kept out by what they have shown: they put it right at the door, unless another one lets them in.
        let strict = json!({ "second_factor": "strong" });
        set_policy(&api, &strict).await;
        let found = browser.get("/security").await;
        assert_eq!(found.header("location"), format!("/w/{here}/security"), "its door");
        let app = &api.world.app;
        let command = founding(ANN);
        let (second, _, _) = app.set_up_workspace(app.new_request(), command).await.unwrap();
        let found = browser.get("/security").await;
        assert_eq!(found.header("location"), format!("/w/{second}/security"));
        assert_eq!(browser.get(&format!("/w/{second}/security")).await.status, 200);
        assert_eq!(browser.who().await, Some(user));
    });
}

#[test]
fn who_is_let_in_nowhere_has_their_account_all_the_same() {
    both(async |api| {
        let (mut removed, user) = signed_in(&api, ANN).await;
        let (mut kept_out, outsider) = signed_in(&api, "bob@example.org").await;
        // One is removed, the other asks from an address that is not allowed.
        let member = directory(&api, move |op| list_memberships(op, user)).await[0].member;
        let gone = api.ask("owner", "DELETE", &format!("/members/{member}")).send().await;
        assert_eq!(gone.status, 204, "{}", gone.text());
        let networks = json!({ "networks": ["203.0.113.0/24"] });
        set_policy(&api, &networks).await;
        for (browser, user, address) in
            [(&mut removed, user, ANN), (&mut kept_out, outsider, "bob@example.org")]
        {
            browser.sign_in(user, false).await;
            let mut other = Browser::new(&api);
            other.sign_in(user, true).await;
            post(&api).await;
            let own = browser.get("/security").await;
            assert_eq!(own.status, 200, "{address}: {}", own.text());
            let text = own.text();
            assert!(text.contains(address) && text.contains("this browser"), "{text}");
            assert!(!text.contains("/w/"), "nothing of a workspace: {text}");
            let sessions = directory(&api, move |op| list_sessions(op, user)).await;
            let another = sessions.iter().find(|found| found.family.is_some()).unwrap().id;
            let end = format!("/security/sessions/{another}/end");
            assert!(text.contains(&end), "{text}");
            let ended = browser.post(&end, &[]).await;
            assert_eq!(ended.status, 303, "{}", ended.text());
            assert!(ended.header("location").starts_with("/security"));
            assert_eq!(other.who().await, None);
            let new = format!("new-{address}");
            assert_eq!(ask(browser, "", &new).await.status, 303);
            let letters = post(&api).await;
            let code = code_in(to(&letters, &new));
            let done = browser.post("/security/address/code", &[("code", &code)]).await;
            assert_eq!(done.status, 303, "{}", done.text());
            assert!(browser.get("/security").await.text().contains(&new));
            // A while later it asks for a proof, and comes back to the page.
            wait_s(&api, 20 * MINUTE);
            let asked = ask(browser, "", address).await;
            assert_eq!(asked.status, 403);
            assert!(
                asked.text().contains("change the address you sign in with"),
                "{}",
                asked.text()
            );
            let out = browser.post("/security/sessions/end-all", &[]).await;
            assert_eq!((out.status.as_u16(), out.header("location")), (303, "/signed-out"));
            assert_eq!(browser.who().await, None);
        }
    });
}

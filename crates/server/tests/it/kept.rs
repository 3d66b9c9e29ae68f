//! Forms that wait: for a fresh proof, or for somebody to sign in again. What was typed is there
//! afterwards, and no step is a dead end.

use crate::{
    process::code_in,
    support::{Answer, both},
    visit::{Browser, HOUR, letter, somebody, wait_s},
    visitor::Form,
};

/// The form with this id on a page, with fields filled.
fn filled<'a>(form: &'a Form, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let is_there = |name: &str| more.iter().any(|(filled, _)| *filled == name);
    let fields = form.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    fields.filter(|(name, _)| !is_there(name)).chain(more.iter().copied()).collect()
}

fn form(page: &Answer, id: &str) -> Form {
    Form::of(&page.text(), id).unwrap_or_else(|| panic!("no {id}: {}", page.text()))
}

#[test]
fn a_proof_can_have_another_code_and_be_loaded_again() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let mut browser = Browser::new(&api);
        browser.sign_in_by_mail(&api, "ann@example.org", true).await;
        wait_s(&api, 2 * HOUR);
        let tokens = browser.page("tokens");
        assert_eq!(browser.get(&tokens).await.status, 200);
        let typed = [("name", "Backup"), ("scope", "full"), ("expires_in_days", "30")];
        let deed = "make the API token “Backup”, which may do all that you may";
        let asked = browser.post(&tokens, &typed).await;
        assert_eq!(asked.status, 403);
        assert!(asked.text().contains(&format!("You are about to {deed}")), "{}", asked.text());
        let sent = browser.post("/proof", &filled(&form(&asked, "proof-form"), &[])).await;
        assert!(sent.text().contains(deed), "{}", sent.text());
        let first = code_in(&letter(&api).await);
        // The mail does not come: another one.
        let sent = browser.post("/proof", &filled(&form(&sent, "again-form"), &[])).await;
        assert_eq!(sent.status, 200);
        let second = code_in(&letter(&api).await);
        assert_ne!(first, second);
        let entered = form(&sent, "proof-form");
        let wrong = browser.post("/proof/code", &filled(&entered, &[("code", "BBBB-BBBB")])).await;
        assert_eq!(wrong.status, 422);
        assert!(Form::of(&wrong.text(), "again-form").is_some(), "{}", wrong.text());
        // Loaded again, the page goes on: it is shown already who they are.
        for _ in 0..2 {
            let proven = browser.post("/proof/code", &filled(&entered, &[("code", &second)])).await;
            assert_eq!(proven.status, 200, "{}", proven.text());
            assert!(
                proven.text().contains(&format!("With this button you {deed}")),
                "{}",
                proven.text()
            );
            assert!(Form::of(&proven.text(), "again-form").is_none());
            let last = form(&proven, "proof-form");
            assert_eq!(last.get("name"), "Backup");
        }
        let proven = browser.post("/proof", &filled(&entered, &[])).await;
        let made = browser.post(&tokens, &filled(&form(&proven, "proof-form"), &[])).await;
        assert_eq!(made.status, 200);
        assert!(made.text().contains("shown this once"), "{}", made.text());
    });
}

#[test]
fn a_proof_names_whom_it_is_about() {
    let kept = |action: &str| {
        let form = [("role", "admin")];
        let form = serde_urlencoded::to_string(form).unwrap();
        [("action".to_owned(), action.to_owned()), ("kept".to_owned(), form)]
    };
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut browser = Browser::new(&api);
        browser.sign_in_by_mail(&api, "ann@example.org", false).await;
        assert_eq!(browser.who().await, Some(ann));
        let people = browser.page("people");
        let people = browser.get(&people).await.text();
        let me = people.split("id=\"member-").nth(1).unwrap();
        let me = me.split('"').next().unwrap().to_owned();
        for (path, words) in [
            (format!("people/{me}"), "With this button you make A newcomer an admin."),
            (format!("people/{me}/remove"), "you remove A newcomer from the workspace."),
            (format!("people/{}", uuid::Uuid::nil()), "you make a member an admin."),
            ("settings".to_owned(), "you change the settings of the workspace."),
        ] {
            let fields = kept(&browser.page(&path));
            let fields = fields.each_ref().map(|(name, value)| (name.as_str(), value.as_str()));
            let shown = browser.post("/proof", &fields).await;
            assert!(shown.text().contains(words), "{path}: {}", shown.text());
        }
    });
}

/// Without scripts: with them, the page stays as it is and says that its session has ended.
#[test]
fn a_form_that_comes_after_the_session_is_kept_until_somebody_has_signed_in() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let mut browser = Browser::new(&api);
        browser.sign_in_by_mail(&api, "ann@example.org", false).await;
        let (today, quick) = (browser.page("today"), browser.page("quick-entry"));
        assert_eq!(browser.get(&today).await.status, 200);
        wait_s(&api, HOUR + 1);
        let typed = [("text", "1:30 Review the “plan”")];
        let sent = browser.post(&quick, &typed).await;
        assert_eq!(sent.status, 307, "the browser sends the form there");
        let asked = browser.post(sent.header("location"), &typed).await;
        assert_eq!(asked.status, 200);
        assert!(asked.text().contains("You are signed out here"), "{}", asked.text());
        let sign_in = form(&asked, "sign-in-form");
        assert_eq!(sign_in.get("next"), today);
        // Neither a bad address nor a wrong code loses it.
        let bad = browser.post("/sign-in", &filled(&sign_in, &[("email", "ann")])).await;
        assert_eq!(bad.status, 422);
        let sign_in = form(&bad, "sign-in-form");
        let asked =
            browser.post("/sign-in", &filled(&sign_in, &[("email", "ann@example.org")])).await;
        let enter = form(&asked, "code-form");
        let wrong = browser.post("/sign-in/code", &filled(&enter, &[("code", "BBBB-BBBB")])).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text().contains("ann@example.org"), "the address stays: {}", wrong.text());
        let code = code_in(&letter(&api).await);
        let enter = form(&wrong, "code-form");
        let entered = browser.post("/sign-in/code", &filled(&enter, &[("code", &code)])).await;
        assert_eq!(entered.status, 200);
        assert!(entered.text().contains("You are signed in"), "{}", entered.text());
        assert!(entered.text().contains("1:30 Review the “plan”"), "it is to be seen");
        let kept = form(&entered, "proof-form");
        assert_eq!(browser.post(&quick, &filled(&kept, &[])).await.status, 303);
        let shown = browser.get(&today).await;
        assert!(shown.text().contains("Review the “plan”"), "{}", shown.text());
    });
}

/// From elsewhere nothing is shown that was sent.
#[test]
fn a_kept_form_goes_nowhere_else() {
    both(async |api| {
        let mut browser = Browser::new(&api);
        for action in ["//elsewhere.example/x", "https://elsewhere.example/x", "/\\elsewhere"] {
            let query = serde_urlencoded::to_string([("action", action)]).unwrap();
            let asked = browser.post(&format!("/sign-in/first?{query}"), &[("text", "x")]).await;
            let sign_in = form(&asked, "sign-in-form");
            assert_eq!((sign_in.get("action"), sign_in.get("next")), ("/", "/"), "{action}");
        }
    });
}

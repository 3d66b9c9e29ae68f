//! Forms that wait: for a fresh proof, or for somebody to sign in again. What was typed is there
//! afterwards, and no step is a dead end.

use crate::{
    cases::fresh_id,
    process::code_in,
    support::{Answer, Api, both},
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

/// What is typed into it.
const LINE: &str = "1:30 Review the “plan”";

/// Sends a line after the session has ended: the page for signing in, which keeps the line.
async fn too_late(api: &Api) -> (Browser<'_>, Answer) {
    somebody(api, "ann@example.org").await;
    let mut browser = Browser::new(api);
    browser.sign_in_by_mail(api, "ann@example.org", false).await;
    let (today, quick) = (browser.page("today"), browser.page("quick-entry"));
    assert_eq!(browser.get(&today).await.status, 200);
    wait_s(api, HOUR + 1);
    let typed = [("text", LINE)];
    let sent = browser.post(&quick, &typed).await;
    assert_eq!(sent.status, 307, "the browser sends the form there");
    let asked = browser.post(sent.header("location"), &typed).await;
    assert_eq!(asked.status, 200);
    assert!(asked.text().contains("You are signed out here"), "{}", asked.text());
    (browser, asked)
}

/// Without scripts: with them, the page stays as it is and says that its session has ended.
#[test]
fn a_form_that_comes_after_the_session_is_kept_until_somebody_has_signed_in() {
    both(async |api| {
        let (mut browser, asked) = too_late(&api).await;
        let (today, quick) = (browser.page("today"), browser.page("quick-entry"));
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
        assert!(entered.text().contains(LINE), "it is to be seen");
        let kept = form(&entered, "proof-form");
        assert_eq!(browser.post(&quick, &filled(&kept, &[])).await.status, 303);
        let shown = browser.get(&today).await;
        assert!(shown.text().contains("Review the “plan”"), "{}", shown.text());
    });
}

/// Signed in by the link in the mail, the page that keeps the form is of a session that is no more: it
/// shows what it keeps, and sends it with one press.
#[test]
fn a_kept_form_outlives_signing_in_by_the_link() {
    both(async |api| {
        let (mut browser, sign_in_page) = too_late(&api).await;
        let (today, quick) = (browser.page("today"), browser.page("quick-entry"));
        let address = [("email", "ann@example.org")];
        let sign_in = filled_form(&sign_in_page, "sign-in-form", &address);
        let fields = filled_form(&sign_in_page, "entered-form", &[]);
        let again = browser.post("/sign-in/first?action=/sign-in", &borrowed(&fields)).await;
        assert!(again.text().contains("You are signed out here"), "not yet: {}", again.text());
        let asked = browser.post("/sign-in", &borrowed(&sign_in)).await;
        let of_the_page = browser.jar.csrf.clone();
        let letter = letter(&api).await;
        let link = letter.split_whitespace().find(|word| word.contains("/sign-in/link/")).unwrap();
        let link = &link[link.find("/sign-in/link/").unwrap()..];
        assert_eq!(browser.get(link).await.status, 200);
        assert_eq!(browser.post(link, &[]).await.status, 303);
        // Back in the old tab: by its own button, also from the very beginning.
        for page in [&sign_in_page, &asked] {
            let fields = filled_form(page, "entered-form", &[]);
            let left = browser.post("/sign-in/first?action=/sign-in", &borrowed(&fields)).await;
            assert_eq!(left.status, 200, "{}", left.text());
            assert_eq!(form(&left, "proof-form").get("text"), LINE);
        }
        // Or by the code that is used up, by another code, or by the address.
        let enter = filled_form(&asked, "code-form", &[("code", &code_in(&letter))]);
        let again = filled_form(&asked, "again-form", &[]);
        for (path, fields) in
            [("/sign-in/code", &enter), ("/sign-in", &again), ("/sign-in", &sign_in)]
        {
            browser.jar.csrf.clone_from(&of_the_page);
            let kept = browser.post(path, &borrowed(fields)).await;
            assert_eq!(kept.status, 403, "{path}: {}", kept.text());
            assert!(kept.text().contains("You are signed in"), "{path}: {}", kept.text());
            assert!(kept.text().contains("1:30 Review the “plan”"), "{path}: {}", kept.text());
            let form = form(&kept, "proof-form");
            assert!(kept.text().contains(&format!("action=\"{quick}\"")), "{path}");
            assert_eq!(form.get("text"), LINE, "{path}");
        }
        assert!(!browser.get(&today).await.text().contains("Review"), "nothing is sent by itself");
        browser.jar.csrf.clone_from(&of_the_page);
        let kept = browser.post("/sign-in/code", &borrowed(&enter)).await;
        assert_eq!(
            browser.post(&quick, &filled(&form(&kept, "proof-form"), &[])).await.status,
            303
        );
        assert!(browser.get(&today).await.text().contains("Review the “plan”"));
    });
}

/// Nothing more can be entered for it, and the address need not be typed again.
#[test]
fn a_code_that_is_used_up_leaves_no_dead_field() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let mut browser = Browser::new(&api);
        browser.get("/sign-in").await;
        let mut page = browser.post("/sign-in", &[("email", "ann@example.org")]).await;
        for left in (0..5).rev() {
            let fields = filled_form(&page, "code-form", &[("code", "BBBB-BBBB")]);
            page = browser.post("/sign-in/code", &borrowed(&fields)).await;
            assert_eq!(page.status, 422);
            assert_eq!(Form::of(&page.text(), "code-form").is_some(), left > 0, "{}", page.text());
        }
        assert!(page.text().contains("This code no longer works"), "{}", page.text());
        let again = filled_form(&page, "again-form", &[]);
        let sent = browser.post("/sign-in", &borrowed(&again)).await;
        assert!(sent.text().contains("ann@example.org"), "{}", sent.text());
        assert!(Form::of(&sent.text(), "code-form").is_some(), "{}", sent.text());
    });
}

/// An old page, after its person has signed in anew in another tab: the same for them, and for nobody
/// else.
#[test]
fn a_page_of_an_ended_session_keeps_its_form_for_its_person() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let bob = somebody(&api, "bob@example.org").await;
        let mut browser = Browser::new(&api);
        browser.sign_in(ann, false).await;
        let (today, quick) = (browser.page("today"), browser.page("quick-entry"));
        browser.get(&today).await;
        let old = browser.jar.csrf.clone();
        let invite = [("email", "rosa@example.org"), ("role", "admin")];
        let member = format!("people/{}", api.world.member("other"));
        let cases = [
            (quick.clone(), vec![("text", "1:30 Plan")], "not saved yet", "1:30 Plan"),
            (
                browser.page("invitations"),
                invite.to_vec(),
                "With this button you invite rosa@example.org as an admin.",
                "rosa@example.org",
            ),
            (browser.page("timer/stop"), vec![], "With this button you stop the timer.", ""),
        ];
        for (path, fields, words, typed) in &cases {
            browser.sign_in(ann, false).await;
            browser.jar.csrf.clone_from(&old);
            let kept = browser.post(path, fields).await;
            assert_eq!(kept.status, 403, "{path}: {}", kept.text());
            assert!(kept.text().contains(words), "{path}: {}", kept.text());
            assert!(kept.text().contains(typed), "{path}: {}", kept.text());
            let form = form(&kept, "proof-form");
            assert_eq!(&filled(&form, &[]), fields, "{path}");
            // Somebody else sees what was typed, and cannot send it.
            browser.sign_in(bob, false).await;
            browser.jar.csrf.clone_from(&old);
            let shown = browser.post(path, fields).await;
            assert_eq!(shown.status, 403, "{path}: {}", shown.text());
            assert!(shown.text().contains("You are signed in as somebody else"), "{path}");
            assert!(shown.text().contains(typed), "{path}: {}", shown.text());
            assert!(Form::of(&shown.text(), "proof-form").is_none(), "{path}");
        }
        // Whom it is about would not be seen; and a token of nobody's is nobody's.
        for (path, csrf) in [(browser.page(&member), old.as_str()), (quick.clone(), "x")] {
            browser.sign_in(ann, false).await;
            browser.jar.csrf = csrf.to_owned();
            let refused = browser.post(&path, &[("role", "admin"), ("text", "1:30 Plan")]).await;
            assert_eq!(refused.status, 403, "{path}");
            assert!(refused.text().contains("This form belongs to another session"), "{path}");
            assert!(refused.text().contains("1:30 Plan"), "{path}");
            assert!(Form::of(&refused.text(), "proof-form").is_none(), "{path}");
        }
        assert!(!browser.get(&today).await.text().contains("Plan"), "nothing was sent");
        // Nor does the mark of a person let a form through.
        let other = browser.jar.csrf.split_once('.').unwrap().1.to_owned();
        browser.jar.csrf = format!("{}.{other}", "A".repeat(43));
        assert_eq!(browser.post(&quick, &[("text", "1:30 Plan")]).await.status, 403);
    });
}

fn filled_form(page: &Answer, id: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let form = form(page, id);
    let fields = filled(&form, more).into_iter();
    fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
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

/// Somebody else has deleted the entry meanwhile: without JavaScript its form is gone from the window.
#[test]
fn what_was_typed_into_what_is_gone_can_still_be_read() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut browser = Browser::new(&api);
        browser.sign_in(ann, false).await;
        let path = browser.page(&format!("entries/{}", fresh_id()));
        assert_eq!(browser.get(&browser.page("today")).await.status, 200);
        let gone = browser.post(&path, &[("note", "An hour of words"), ("version", "1")]).await;
        assert_eq!(gone.status, 404);
        for words in ["This is not there any more", "What you typed:", "An hour of words"] {
            assert!(gone.text().contains(words), "{words}: {}", gone.text());
        }
        assert!(Form::of(&gone.text(), "again-form").is_none(), "there is nothing to send it to");
    });
}

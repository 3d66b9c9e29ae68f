//! The second step over pages: set up, signing in with it, a fresh proof by it, recovery codes, and the
//! link that stops a reset. Clocks, counts and races are in the tests of `app`.

use app::identity::{
    add_membership, claim_due_letters, find_open_reset, insert_workspace, list_memberships,
    mark_sent, mark_workspace_ready, remove_membership,
};
use domain::{
    ids::{MemberId, UserId, WorkspaceId},
    permission::Role,
};

use crate::{
    cases::Where,
    process::code_in,
    support::{Answer, Api, both},
    visit::{Browser, HOUR, MINUTE, directory, letter, somebody, wait_s},
    visitor::Form,
};

pub(crate) const ANN: &str = "ann@example.org";

/// Somebody who has an authenticator app.
pub(crate) struct App {
    seed: Vec<u8>,
    pub(crate) recovery: Vec<String>,
}

impl App {
    pub(crate) fn code(&self, api: &Api) -> String {
        let step = vault::totp_step(api.world.now().as_second());
        vault::totp_code(&self.seed, step).expose().clone()
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split(start)
        .nth(1)
        .unwrap_or_else(|| panic!("no {start}: {text}"))
        .split(end)
        .next()
        .unwrap()
}

/// RFC 4648, as apps read it.
pub(crate) fn from_base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut pending, mut bits) = (Vec::new(), 0_u32, 0);
    for c in text.chars().filter(|c| *c != ' ') {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap();
        pending = pending << 5 | u32::try_from(value).unwrap();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(pending >> bits & 0xff).unwrap());
        }
    }
    bytes
}

pub(crate) fn form(page: &Answer, id: &str) -> Form {
    Form::of(&page.text(), id).unwrap_or_else(|| panic!("no {id}: {}", page.text()))
}

fn filled<'a>(form: &'a Form, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let is_there = |name: &str| more.iter().any(|(filled, _)| *filled == name);
    let fields = form.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    fields.filter(|(name, _)| !is_there(name)).chain(more.iter().copied()).collect()
}

async fn no_more_letters(api: &Api) {
    directory(api, |op| {
        let letters = claim_due_letters(op, 50)?.letters;
        letters.iter().try_for_each(|letter| mark_sent(op, letter.id))
    })
    .await;
}

impl Browser<'_> {
    /// Sets an app up on the pages, as a person does who is signed in.
    pub(crate) async fn set_up_app(&mut self, api: &Api) -> App {
        let security = self.page("security");
        assert_eq!(self.get(&security).await.status, 200);
        let begun = self.post(&self.page("security/apps"), &[("name", "My phone")]).await;
        assert_eq!(begun.status, 303, "{}", begun.text());
        let page_of_app = begun.header("location").to_owned();
        let shown = self.get(&page_of_app).await;
        assert_eq!(shown.status, 200);
        let text = shown.text();
        assert!(text.contains("<svg id=\"app-qr\"") && !text.contains("style="), "{text}");
        let secret = between(&text, "id=\"app-secret\">", "<");
        let seed = from_base32(secret);
        assert_eq!(seed.len(), 20);
        assert!(text.contains("otpauth://totp/Timeproof:ann%40example.org?secret="), "{text}");
        let refused = self.post(&page_of_app, &[("code", "12345")]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("This is not the code of this app"), "{}", refused.text());
        let mut app = App { seed, recovery: Vec::new() };
        let on = self.post(&page_of_app, &[("code", &app.code(api))]).await;
        assert_eq!(on.status, 200, "{}", on.text());
        let list = on.text();
        let list = between(&list, "id=\"code-list\">", "</ol>");
        app.recovery = list.split("<code>").skip(1).map(|code| code[..19].to_owned()).collect();
        assert_eq!(app.recovery.len(), 10);
        // Shown once: the page of the app leads back.
        assert_eq!(self.get(&page_of_app).await.status, 303);
        no_more_letters(api).await;
        wait_s(api, MINUTE);
        app
    }

    /// Shows the first factor: the page of the second step.
    async fn first_step(&mut self, api: &Api, more: &[(&str, &str)]) -> Answer {
        self.get("/sign-in").await;
        let asked = self.post("/sign-in", &[&[("email", ANN)], more].concat()).await;
        assert_eq!(asked.status, 200, "{}", asked.text());
        let code = code_in(&letter(api).await);
        let fields = form(&asked, "code-form");
        let answer = self.post("/sign-in/code", &filled(&fields, &[("code", &code)])).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.text().contains("authenticator app"), "{}", answer.text());
        assert!(!self.has("sid-8420") && !self.has("rm-8420"), "nobody is in yet");
        answer
    }
}

pub(crate) async fn with_app(api: &Api) -> (Browser<'_>, App) {
    somebody(api, ANN).await;
    let mut browser = Browser::new(api);
    browser.sign_in_by_mail(api, ANN, false).await;
    let app = browser.set_up_app(api).await;
    (browser, app)
}

#[test]
fn signing_in_takes_both_steps() {
    both(async |api| {
        let (mut first, app) = with_app(&api).await;
        let security = first.get(&first.page("security")).await.text();
        assert!(security.contains("10 of 10 are left"), "{security}");
        let mut browser = Browser::new(&api);
        let tags = browser.page("tags");
        let asked = browser.first_step(&api, &[("next", &tags), ("remember", "1")]).await;
        // The page can be opened anew, and the form be sent wrongly.
        assert_eq!(browser.get("/sign-in/second").await.status, 200);
        let fields = form(&asked, "second-form");
        let wrong = browser.post("/sign-in/second", &filled(&fields, &[("code", "000000")])).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text().contains("4 tries are left"), "{}", wrong.text());
        assert!(browser.who().await.is_none());
        let code = app.code(&api);
        let entered = browser.post("/sign-in/second", &filled(&fields, &[("code", &code)])).await;
        assert_eq!((entered.status.as_u16(), entered.header("location")), (303, tags.as_str()));
        assert!(browser.has("sid-8420") && browser.has("rm-8420"));
        assert_eq!(browser.get(&tags).await.status, 200);
        // Nothing waits there any more, and the code is used up.
        assert!(browser.get("/sign-in/second").await.text().contains("This step is over"));
        let mut again = Browser::new(&api);
        again.first_step(&api, &[]).await;
        assert_eq!(again.post("/sign-in/second", &[("code", &code)]).await.status, 422);
        // A recovery code does as well, and the person is told.
        let entered = again.post("/sign-in/second", &[("code", &app.recovery[0])]).await;
        assert_eq!(entered.status, 303, "{}", entered.text());
        assert!(letter(&api).await.contains("9 are left"));
    });
}

#[test]
fn a_browser_that_showed_nothing_is_asked_for_nothing() {
    both(async |api| {
        let (_, app) = with_app(&api).await;
        let mut browser = Browser::new(&api);
        let seen = browser.get("/sign-in/second").await;
        assert!(seen.text().contains("This step is over"), "{}", seen.text());
        browser.get("/sign-in").await;
        let tried = browser.post("/sign-in/second", &[("code", &app.code(&api))]).await;
        assert_eq!(tried.status, 422);
        assert!(browser.who().await.is_none());
        // The cookie of one who has is what counts.
        let mut asking = Browser::new(&api);
        asking.first_step(&api, &[]).await;
        browser.get("/sign-in").await;
        let tried = browser.post("/sign-in/second", &[("code", &app.code(&api))]).await;
        assert_eq!(tried.status, 422);
    });
}

/// A form that comes after the session has ended goes through both steps.
#[test]
fn what_was_typed_is_kept_over_both_steps() {
    both(async |api| {
        let (mut browser, app) = with_app(&api).await;
        let (today, quick) = (browser.page("today"), browser.page("quick-entry"));
        assert_eq!(browser.get(&today).await.status, 200);
        wait_s(&api, HOUR + 1);
        let typed = [("text", "1:30 Review")];
        let sent = browser.post(&quick, &typed).await;
        let asked = browser.post(sent.header("location"), &typed).await;
        let fields = form(&asked, "sign-in-form");
        let asked = browser.post("/sign-in", &filled(&fields, &[("email", ANN)])).await;
        let code = code_in(&letter(&api).await);
        let fields = form(&asked, "code-form");
        let second = browser.post("/sign-in/code", &filled(&fields, &[("code", &code)])).await;
        assert!(second.text().contains("What you typed is kept"), "{}", second.text());
        let fields = form(&second, "second-form");
        let wrong = browser.post("/sign-in/second", &filled(&fields, &[("code", "000000")])).await;
        let fields = form(&wrong, "second-form");
        let code = app.code(&api);
        let left = browser.post("/sign-in/second", &filled(&fields, &[("code", &code)])).await;
        assert_eq!(left.status, 200, "{}", left.text());
        assert!(left.text().contains("1:30 Review"), "{}", left.text());
        let last = form(&left, "proof-form");
        assert_eq!(browser.post(&quick, &filled(&last, &[])).await.status, 303);
        assert!(browser.get(&today).await.text().contains("Review"));
    });
}

/// 36: where there is an app, a mail is no fresh proof.
#[test]
fn a_fresh_proof_asks_for_the_app() {
    both(async |api| {
        let (mut browser, app) = with_app(&api).await;
        wait_s(&api, 20 * MINUTE);
        let tokens = browser.page("tokens");
        assert_eq!(browser.get(&tokens).await.status, 200);
        let typed = [("name", "Backup"), ("scope", "full"), ("expires_in_days", "30")];
        let asked = browser.post(&tokens, &typed).await;
        assert_eq!(asked.status, 403);
        assert!(asked.text().contains("your authenticator app shows"), "{}", asked.text());
        let fields = form(&asked, "proof-form");
        // Asked for a mail all the same, there is none.
        let mailed = browser.post("/proof", &filled(&fields, &[])).await;
        assert!(mailed.text().contains("your authenticator app shows"), "{}", mailed.text());
        let letters = directory(&api, |op| claim_due_letters(op, 50)).await.letters;
        assert!(letters.is_empty(), "{letters:?}");
        let wrong = browser.post("/proof/code", &filled(&fields, &[("code", "000000")])).await;
        assert_eq!(wrong.status, 422);
        let before = browser.cookie("sid-8420").unwrap().to_owned();
        let code = app.code(&api);
        let proven = browser.post("/proof/code", &filled(&fields, &[("code", &code)])).await;
        assert_eq!(proven.status, 200, "{}", proven.text());
        assert_ne!(browser.cookie("sid-8420"), Some(before.as_str()), "a new session id");
        let made = browser.post(&tokens, &filled(&form(&proven, "proof-form"), &[])).await;
        assert!(made.text().contains("shown this once"), "{}", made.text());

        // Removing the app asks for one too, and says what it is about.
        wait_s(&api, 20 * MINUTE);
        let security = browser.get(&browser.page("security")).await.text();
        let id = between(&security, "id=\"app-", "\"").to_owned();
        let remove = browser.page(&format!("security/apps/{id}/remove"));
        let asked = browser.post(&remove, &[]).await;
        assert_eq!(asked.status, 403);
        assert!(asked.text().contains("remove an authenticator app"), "{}", asked.text());
        let fields = form(&asked, "proof-form");
        let code = app.recovery[1].clone();
        let proven = browser.post("/proof/code", &filled(&fields, &[("code", &code)])).await;
        let done = browser.post(&remove, &filled(&form(&proven, "proof-form"), &[])).await;
        assert_eq!(done.status, 303, "{}", done.text());
        let security = browser.get(&browser.page("security")).await.text();
        assert!(security.contains("Set up an authenticator app"), "{security}");
        // From now on a mail is enough again.
        no_more_letters(&api).await;
        Browser::new(&api).sign_in_by_mail(&api, ANN, false).await;
    });
}

#[test]
fn another_person_sees_and_changes_nothing_of_it() {
    both(async |api| {
        let (mut ann, _) = with_app(&api).await;
        let security = ann.get(&ann.page("security")).await.text();
        let id = between(&security, "id=\"app-", "\"").to_owned();
        somebody(&api, "bob@example.org").await;
        let mut bob = Browser::new(&api);
        bob.sign_in_by_mail(&api, "bob@example.org", false).await;
        bob.get(&bob.page("security")).await;
        let nobody = crate::cases::fresh_id().to_string();
        for path in ["security/apps/ID", "security/apps/ID/remove"] {
            let mut answers = Vec::new();
            for id in [&id, &nobody] {
                let answer = bob.post(&bob.page(&path.replace("ID", id)), &[("code", "1")]).await;
                answers.push((answer.status, answer.header("location").to_owned()));
            }
            assert_eq!(answers[0], answers[1], "{path}");
        }
        assert_eq!(bob.get(&bob.page(&format!("security/apps/{id}"))).await.status, 303);
        let security = ann.get(&ann.page("security")).await.text();
        assert!(security.contains(&id));
    });
}

#[test]
fn the_link_that_stops_a_reset_shows_a_button_first() {
    both(async |api| {
        let (mut ann, _) = with_app(&api).await;
        let user = ann.who().await.unwrap();
        let app = &api.world.app;
        let base = "http://localhost:8420".to_owned();
        app.announce_factor_reset(app.new_request(), user, base).await.unwrap();
        let letters = directory(&api, |op| claim_due_letters(op, 50)).await.letters;
        let mine = letters.iter().find(|letter| letter.letter.to().as_str() == ANN).unwrap();
        let link = mine.letter.body().lines().find(|line| line.starts_with("http")).unwrap();
        let path = link.strip_prefix("http://localhost:8420").unwrap().to_owned();
        let security = ann.get(&ann.page("security")).await.text();
        assert!(security.contains("Your second step is about to be removed ("), "{security}");
        let mut anybody = Browser::new(&api);
        for _ in 0..2 {
            let shown = anybody.get(&path).await;
            assert_eq!(shown.status, 200);
            assert!(shown.text().contains("Keep it"), "{}", shown.text());
        }
        let stopped = anybody.post(&path, &[]).await;
        assert_eq!(stopped.status, 200, "{}", stopped.text());
        assert!(stopped.text().contains("The second step stays"));
        assert!(anybody.get(&path).await.status.is_client_error());
        assert!(anybody.post(&path, &[]).await.status.is_client_error());
        let security = ann.get(&ann.page("security")).await.text();
        assert!(!security.contains("Your second step is about to be removed ("), "{security}");
    });
}

/// A browser of a stranger who has the first factor types wrong codes until none is looked at; then the
/// page says what helps, and that does.
#[test]
fn wrong_codes_make_strangers_wait_and_the_page_says_what_helps() {
    both(async |api| {
        let (mut mine, app) = with_app(&api).await;
        no_more_letters(&api).await;
        let mut stranger = Browser::new(&api);
        stranger.first_step(&api, &[]).await;
        for _ in 0..5 {
            stranger.post("/sign-in/second", &[("code", "000000")]).await;
        }
        no_more_letters(&api).await;
        let mut stranger = Browser::new(&api);
        stranger.first_step(&api, &[]).await;
        let refused = stranger.post("/sign-in/second", &[("code", &app.code(&api))]).await;
        assert_eq!(refused.status, 429);
        let wait: i64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=31).contains(&wait), "{wait}");
        let text = refused.text();
        assert!(text.contains("seconds, or use a recovery code"), "{text}");
        assert!(!text.contains("Wait an hour"), "{text}");
        // A hundred, and no wait helps.
        let write = store::Statement::new(
            "test.hundred",
            "UPDATE lockouts SET total = 100 WHERE kind = 'app-code' AND total > 0",
        );
        let directory_of = api.world.app.store().directory();
        let written: Result<_, store::StoreError> =
            directory_of.write(move |tx| tx.execute(&write, &[])).await;
        written.unwrap();
        let security = mine.page("security");
        let page = mine.get(&security).await.text();
        assert!(page.contains("Let the app work everywhere again"), "{page}");
        wait_s(&api, 2 * HOUR);
        let mut stranger = Browser::new(&api);
        stranger.first_step(&api, &[]).await;
        let refused = stranger.post("/sign-in/second", &[("code", &app.code(&api))]).await;
        assert_eq!(refused.status, 429);
        assert!(refused.text().contains("Use a recovery code here"), "{}", refused.text());
        let entered = stranger.post("/sign-in/second", &[("code", &app.recovery[0])]).await;
        assert_eq!(entered.status, 303, "{}", entered.text());
        let page = stranger.get(&security).await.text();
        assert!(!page.contains("Let the app work everywhere again"), "it works again: {page}");
    });
}

/// The member of somebody in the workspace of the tests.
pub(crate) async fn member_of(api: &Api, user: UserId) -> (WorkspaceId, MemberId) {
    let found = directory(api, move |op| list_memberships(op, user)).await;
    let here = found.iter().find(|found| found.workspace == api.world.workspace).unwrap();
    (here.workspace, here.member)
}

#[test]
fn an_owner_has_the_second_step_of_another_taken_away_with_a_day_of_notice() {
    both(async |api| {
        let (ann, _) = with_app(&api).await;
        let user = ann.who().await.unwrap();
        let (workspace, member) = member_of(&api, user).await;
        let path = format!("people/{member}/reset-factors");
        let owner = api.visitor(Role::Owner).await;
        for role in [Role::Admin, Role::Manager, Role::Member] {
            let refused = api.visitor(role).await.raw(&path, "").await;
            assert!([403, 404].contains(&refused.status.as_u16()), "{role}: {}", refused.text());
        }
        let own = format!("people/{}/reset-factors", owner.member);
        assert_eq!(owner.raw(&own, "").await.status, 403, "one's own");
        let without = api.visitor(Role::Member).await;
        directory(&api, {
            let (user, member) = (without.user, without.member);
            move |op| add_membership(op, user, workspace, member)
        })
        .await;
        let without = format!("people/{}/reset-factors", without.member);
        let refused = owner.raw(&without, "").await;
        assert!(refused.text().contains("no second step of sign-in"), "{}", refused.text());

        let shown = owner.get("people").await.text();
        assert!(shown.contains(&path), "the owner is offered it: {shown}");
        // Whoever owns one workspace of somebody does not weaken the others.
        let elsewhere = api.world.elsewhere;
        let there = MemberId::from_uuid(api.newcomer_who(Where::Elsewhere, user).await);
        directory(&api, move |op| {
            insert_workspace(op, elsewhere)?;
            mark_workspace_ready(op, elsewhere)?;
            add_membership(op, user, elsewhere, there)
        })
        .await;
        let refused = owner.raw(&path, "").await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("a workspace that is not yours"), "{}", refused.text());
        directory(&api, move |op| remove_membership(op, user, elsewhere)).await;

        let announced = owner.raw(&path, "").await;
        assert_eq!(announced.status, 303, "{}", announced.text());
        let letters = directory(&api, |op| claim_due_letters(op, 50)).await.letters;
        let told = |to: &str| letters.iter().any(|letter| letter.letter.to().as_str() == to);
        assert!(told(ANN), "the person");
        let by = letters.iter().find(|letter| letter.letter.body().contains("asked for it"));
        assert!(by.unwrap().letter.body().contains("visitor"), "who asked stands in it");
        let again = owner.raw(&path, "").await;
        assert_eq!(again.status, 303, "done again, it changes nothing");

        // It is seen by every owner, and by nobody else, and any of them stops it.
        let stop = format!("people/{member}/stop-reset");
        let second = api.visitor(Role::Owner).await;
        let shown = second.get("people").await.text();
        assert!(shown.contains(&stop) && !shown.contains(&path), "{shown}");
        for role in [Role::Admin, Role::Manager, Role::Member] {
            let other = api.visitor(role).await;
            assert!(
                !other.get("people").await.text().contains("Reset of the second step"),
                "{role}"
            );
            let refused = other.raw(&stop, "").await;
            assert!([403, 404].contains(&refused.status.as_u16()), "{role}: {}", refused.text());
        }
        for _ in 0..2 {
            assert_eq!(second.raw(&stop, "").await.status, 303, "also twice");
        }
        assert_eq!(directory(&api, move |op| find_open_reset(op, user)).await, None);
        assert!(!owner.get("people").await.text().contains(&stop));
        let again = owner.raw(&path, "").await;
        assert_eq!(again.status, 422, "no owner asks again for a week: {}", again.text());
    });
}

//! What the provider of a workspace opens: that workspace, and nothing else.

use app::{
    identity::{add_membership, insert_workspace, mark_workspace_ready},
    workspace::Newcomer,
};
use domain::{
    ids::{MemberId, UserId},
    period::WeekStart,
    permission::Role,
    preference::{ClockFormat, Locale},
};
use serde_json::json;

use super::{Scene, settings};
use crate::{
    cases::fresh_id,
    support::{Api, both, set_policy},
    visit::{Browser, directory, somebody},
};

/// Makes somebody a member of the other workspace too.
async fn belongs_elsewhere(api: &Api, user: UserId) {
    let (app, workspace) = (&api.world.app, api.world.elsewhere);
    let member = MemberId::from_uuid(fresh_id());
    let newcomer = Newcomer {
        user,
        member,
        name: app::input::name("name", "Ann Elsewhere").unwrap(),
        address: app::input::address("email", "ann@example.org").unwrap(),
        zone: app::input::zone("zone", "UTC").unwrap(),
        week_start: WeekStart::Monday,
        locale: Locale::EnGb,
        clock_format: ClockFormat::H24,
    };
    app.admit(app.new_request(), workspace, newcomer, Role::Owner).await.unwrap();
    directory(api, move |op| {
        insert_workspace(op, workspace)?;
        mark_workspace_ready(op, workspace)?;
        add_membership(op, user, workspace, member)
    })
    .await;
}

#[test]
fn the_provider_of_a_workspace_opens_no_other_and_no_account() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        belongs_elsewhere(&api, ann).await;
        let scene = Scene::open(api).await;
        let mut browser = Browser::new(&scene.api);
        scene.connect(&mut browser).await;
        let mut browser = Browser::new(&scene.api);
        assert_eq!(scene.try_it(&mut browser).await.status, 303);
        assert_eq!(browser.who().await, Some(ann));
        let today = browser.page("today");
        let here = browser.get(&today).await;
        assert_eq!(here.status, 200);
        let elsewhere = scene.api.world.elsewhere.to_string();
        assert!(!here.text().contains(&elsewhere), "it is not told where else somebody belongs");

        // Theirs and none: the same door.
        let nowhere = fresh_id();
        let mut seen = Vec::new();
        for workspace in [elsewhere.as_str(), &nowhere.to_string()] {
            let answer = browser.get(&format!("/w/{workspace}/today")).await;
            assert_eq!(answer.status, 403, "{}", answer.text());
            assert!(answer.text().contains("Sign in another way"), "{}", answer.text());
            assert!(!answer.text().contains("/security"), "{}", answer.text());
            seen.push(
                answer.text().replace(workspace, "…").split("nonce").next().unwrap().to_owned(),
            );
        }
        assert_eq!(seen[0], seen[1]);
        // The account is not open, neither to look at nor to change, and no fresh sign-in makes it so.
        for path in ["security", "security/password"] {
            let path = browser.page(path);
            let posted =
                browser.post(&path, &[("new_password", "correct horse battery staple")]).await;
            assert!([403, 405].contains(&posted.status.as_u16()), "{path}: {}", posted.text());
        }
        let security = browser.get(&browser.page("security")).await;
        assert_eq!(security.status, 403, "{}", security.text());
        assert_eq!(browser.get("/security").await.status, 403);

        // With a factor of one's own it is.
        browser.get(&today).await;
        let asked = browser.post("/proof", &[]).await;
        assert_eq!(asked.status, 200, "{}", asked.text());
        let code = scene
            .letters()
            .await
            .iter()
            .find(|letter| letter.contains("to go on with"))
            .map(|letter| crate::process::code_in(letter));
        let proven = browser.post("/proof/code", &[("code", &code.unwrap())]).await;
        assert_eq!(proven.status, 200, "{}", proven.text());
        let security = browser.get(&browser.page("security")).await;
        assert_eq!(security.status, 200, "{}", security.text());
        // And still no other workspace.
        assert_eq!(browser.get(&format!("/w/{elsewhere}/today")).await.status, 403);
    });
}

#[test]
fn a_workspace_that_forbids_providers_or_removes_one_keeps_its_sessions_out() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        let mut browser = Browser::new(&scene.api);
        scene.connect(&mut browser).await;
        let today = browser.page("today");
        assert_eq!(browser.get(&today).await.status, 200);
        let set = async |allows: bool| {
            let change = json!({ "allows_providers": allows });
            set_policy(&scene.api, &change).await;
        };
        set(false).await;
        assert_eq!(browser.get(&today).await.status, 403);
        let mut stranger = Browser::new(&scene.api);
        let page = stranger.get(&format!("/sign-in?next={today}")).await.text();
        assert!(!page.contains("Example ID"), "{page}");
        set(true).await;
        assert_eq!(browser.get(&today).await.status, 200);
        let path = format!("/providers/{}", scene.provider);
        let removed = scene.api.ask("owner", "DELETE", &path).send().await;
        assert_eq!(removed.status, 204, "{}", removed.text());
        let out = browser.get(&today).await;
        assert_eq!(out.status, 403, "{}", out.text());
        assert_eq!(stranger.get(&scene.start()).await.status, 404);
    });
}

#[test]
fn somebody_who_is_no_member_is_not_let_in_by_a_workspace_s_provider() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut scene = Scene::open(api).await;
        // The other workspace's owner claims her address: she is none of theirs.
        let (elsewhere, here) = (scene.api.world.elsewhere, scene.provider);
        scene.provider = scene.add(elsewhere, "stranger", settings(false, "")).await;
        let mut browser = Browser::new(&scene.api);
        let start = format!("/sign-in/provider/{elsewhere}/{}", scene.provider);
        let sent = super::sent(&super::press(&mut browser, &start, "/").await);
        let code = scene.issuer.code(&sent);
        let back =
            format!("/sign-in/provider/{elsewhere}/callback?code={code}&state={}", sent.state);
        assert_eq!(browser.get(&back).await.status, 200, "as for everybody");
        assert!(scene.letters().await.is_empty(), "no mail by which somebody could be led on");
        // A removed member is not let in any more.
        scene.provider = here;
        scene.connect(&mut Browser::new(&scene.api)).await;
        let workspace = scene.api.world.workspace;
        directory(&scene.api, move |op| app::identity::remove_membership(op, ann, workspace)).await;
        let mut browser = Browser::new(&scene.api);
        let kept_out = scene.try_it(&mut browser).await;
        assert_eq!(kept_out.status, 403);
        // As it is: the account is not unknown.
        assert!(kept_out.text().contains("not let in here any more"), "{}", kept_out.text());
        assert_eq!(browser.who().await, None);
    });
}

#[test]
fn the_operator_s_provider_opens_every_workspace_and_goes_with_the_file() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        belongs_elsewhere(&api, ann).await;
        let mut scene = Scene::open(api).await;
        let secret = scene.file("secret");
        std::fs::write(&secret, "a secret\n").unwrap();
        let entry = format!(
            "[[provider]]\nlabel = \"Company\"\nissuer = \"{}\"\nclient_id = \"timeproof\"\n\
             secret_file = \"{}\"\n",
            scene.issuer.url,
            secret.display()
        );
        scene.serve(&entry);
        let mut browser = Browser::new(&scene.api);
        let page = browser.get("/sign-in").await.text();
        assert!(page.contains("Sign in with Company"), "{page}");
        let path =
            page.split("action=\"").find(|rest| rest.starts_with("/sign-in/provider/instance/"));
        let path = path.unwrap().split('"').next().unwrap().to_owned();
        let go = async |browser: &mut Browser<'_>| {
            let sent = super::sent(&super::press(browser, &path, "/").await);
            assert!(sent.redirect_uri.ends_with("/sign-in/provider/instance/callback"));
            let code = scene.issuer.code(&sent);
            let back =
                format!("/sign-in/provider/instance/callback?code={code}&state={}", sent.state);
            browser.get(&back).await
        };
        assert_eq!(go(&mut browser).await.status, 200);
        let code = scene.code().await;
        assert_eq!(browser.post("/sign-in/code", &[("code", &code)]).await.status, 303);
        let mut browser = Browser::new(&scene.api);
        assert_eq!(go(&mut browser).await.status, 303);
        let (today, elsewhere) = (browser.page("today"), scene.api.world.elsewhere);
        assert_eq!(browser.get(&today).await.status, 200);
        assert_eq!(browser.get(&format!("/w/{elsewhere}/today")).await.status, 200);
        // My security can be seen; to change it takes a factor of one's own.
        let security = browser.page("security");
        assert_eq!(browser.get(&security).await.status, 200);
        let apps = browser.page("security/apps");
        let refused = browser.post(&apps, &[("name", "Phone")]).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
        // Taken out of the file, it opens nothing.
        let cookies = browser.jar.clone();
        scene.serve("");
        let mut browser = Browser::new(&scene.api);
        browser.jar = cookies;
        assert_eq!(browser.get(&today).await.status, 403);
    });
}

#[test]
fn an_account_is_connected_and_disconnected_under_my_security() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let scene = Scene::open(api).await;
        // The address there is another one: nothing but the person joins the two.
        scene.issuer.set(|acts| acts.patch = json!({ "email": "ann@elsewhere.example" }));
        let mut browser = Browser::new(&scene.api);
        browser.sign_in(ann, false).await;
        let security = browser.page("security");
        let page = browser.get(&security).await.text();
        assert!(page.contains("Connect Example ID"), "{page}");
        let workspace = scene.api.world.workspace.to_string();
        let id = scene.provider.to_string();
        let connect = browser.page("security/providers");
        let fields = [("place", workspace.as_str()), ("id", id.as_str())];
        let go = browser.post(&connect, &fields).await;
        let sent = super::sent(&go);
        // The token of the form stands in no address.
        assert!(!go.text().contains("connect="), "{}", go.text());
        assert!(!go.header("refresh").contains(&browser.jar.csrf));
        // Those of other workspaces are not connected here.
        let elsewhere = scene.api.world.elsewhere.to_string();
        let other = [("place", elsewhere.as_str()), ("id", id.as_str())];
        assert_eq!(browser.post(&connect, &other).await.status, 404);
        let back = scene.come(&mut browser, &sent).await;
        assert_eq!(back.status, 303, "{}", back.text());
        assert!(back.header("location").starts_with(&security));
        assert!(browser.get(&security).await.text().contains("not used yet"));
        let mut other = Browser::new(&scene.api);
        assert_eq!(scene.try_it(&mut other).await.status, 303);
        assert_eq!(other.who().await, Some(ann));

        // Somebody else cannot take the account.
        let bob = somebody(&scene.api, "bob@example.org").await;
        let mut thief = Browser::new(&scene.api);
        thief.sign_in(bob, false).await;
        thief.get(&security).await;
        let sent = super::sent(&thief.post(&connect, &fields).await);
        let refused = scene.come(&mut thief, &sent).await;
        assert!(refused.text().contains("belongs to somebody else"), "{}", refused.text());

        // Disconnected, it opens nothing, and what it had opened ends. Long after a sign-in it asks.
        let page = browser.get(&security).await.text();
        let link = page.split("id=\"link-").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let path = browser.page(&format!("security/providers/{link}/disconnect"));
        assert_eq!(thief.post(&path, &[]).await.status, 404, "not theirs");
        assert_eq!(other.post(&path, &[]).await.status, 403, "not by the provider itself");
        let done = browser.post(&path, &[]).await;
        assert_eq!(done.status, 303, "{}", done.text());
        assert_eq!(other.who().await, None);
        scene.letters().await;
        let asked = scene.try_it(&mut Browser::new(&scene.api)).await;
        assert_eq!(asked.status, 200, "{}", asked.text());
    });
}

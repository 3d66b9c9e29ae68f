//! Personal access tokens.

use app::{
    Actor, Credential,
    actor::{Came, Scope},
    member::get_me,
    tag::list_tags,
    token::{
        CreateToken, CreatedToken, create_token, is_touch_due, list_tokens, list_tokens_of,
        parse_token, revoke_token, touch_token,
    },
};
use domain::{ids::TokenId, sign_in_policy::parse_networks};
use testkit::{World, both};

use crate::{
    assert_roles, steps,
    steps::{name, outcome, read, write},
};

fn command(scope: Scope, days: i64) -> CreateToken {
    CreateToken {
        id: None,
        name: name("tp on kitchen-laptop"),
        scope,
        expires_in_days: days,
        networks: Vec::new(),
        body: None,
    }
}

async fn create(world: &World, who: &str, scope: Scope) -> CreatedToken {
    write(world, who, move |op| create_token(op, command(scope, 30))).await.unwrap()
}

fn bearer(world: &World, created: &CreatedToken) -> Actor {
    let (workspace, hash) = parse_token(created.secret.expose()).unwrap();
    assert_eq!(workspace, world.workspace);
    Actor::new(Credential::Token(hash), world.app.new_request())
}

#[test]
fn a_token_opens_its_workspace_until_it_ends() {
    both(async |world: World| {
        let created = create(&world, "member", Scope::Read).await;
        assert!(!format!("{created:?}").contains("tp1_"), "no secret in debug output");
        let me = bearer(&world, &created);
        let profile = world.app.read(me, world.workspace, get_me).await.unwrap();
        assert_eq!(profile.id, world.member("member"));
        let elsewhere = world.app.read(me, world.elsewhere, get_me).await;
        assert_eq!(outcome(&elsewhere), "signed out");
        world.set_clock("2026-12-20T11:59:59Z");
        assert_eq!(outcome(&world.app.read(me, world.workspace, get_me).await), "ok");
        world.set_clock("2026-12-20T12:00:00Z");
        assert_eq!(outcome(&world.app.read(me, world.workspace, get_me).await), "signed out");
    });
}

#[test]
fn scopes_and_lives() {
    both(async |world: World| {
        for (days, expected) in [
            (0, "invalid expires_in_days"),
            (1, "ok"),
            (366, "ok"),
            (367, "invalid expires_in_days"),
        ] {
            let created =
                write(&world, "member", move |op| create_token(op, command(Scope::Read, days)));
            assert_eq!(outcome(&created.await), expected, "{days}");
        }
        for (scope, may_create) in
            [(Scope::Read, "forbidden"), (Scope::Track, "forbidden"), (Scope::Full, "ok")]
        {
            let me = bearer(&world, &create(&world, "admin", scope).await);
            assert_eq!(outcome(&world.app.read(me, world.workspace, list_tags).await), "ok");
            let more = world
                .app
                .write(me, world.workspace, |op| create_token(op, command(Scope::Full, 1)));
            assert_eq!(outcome(&more.await), may_create, "{}", scope.as_str());
            let add = world.app.write(me, world.workspace, move |op| {
                app::client::add_client(op, None, &name(scope.as_str()), None)
            });
            assert_eq!(outcome(&add.await), may_create, "{}", scope.as_str());
        }
    });
}

#[test]
fn the_same_request_twice_shows_no_secret_again() {
    both(async |world: World| {
        let id = TokenId::from_bytes([5; 16]);
        let create = async |body: u8| {
            let created = write(&world, "member", move |op| {
                let (id, body) = (Some(id), Some([body; 32]));
                create_token(
                    op,
                    CreateToken { id, networks: Vec::new(), body, ..command(Scope::Read, 1) },
                )
            });
            outcome(&created.await)
        };
        assert_eq!(create(1).await, "ok");
        assert_eq!(create(1).await, "token.shown_once");
        assert_eq!(create(2).await, "id taken");
    });
}

#[test]
fn who_sees_and_revokes_whose() {
    both(async |world: World| {
        let created = create(&world, "member", Scope::Full).await;
        let (id, me) = (created.token.id, bearer(&world, &created));
        let member = world.member("member");
        let list = async |who| read(&world, who, move |op| list_tokens_of(op, member)).await;
        assert_roles!(
            "owner: ok, admin: ok, manager: forbidden, member: ok, stranger: not found",
            list
        );
        assert_eq!(list("admin").await.unwrap(), [created.token]);
        assert!(read(&world, "admin", list_tokens).await.unwrap().is_empty());
        let revoke = async |who| write(&world, who, move |op| revoke_token(op, id)).await;
        assert_eq!(outcome(&revoke("other").await), "not found");
        assert_eq!(outcome(&revoke("manager").await), "not found");
        assert_eq!(outcome(&revoke("admin").await), "ok");
        assert_eq!(outcome(&revoke("admin").await), "not found");
        assert_eq!(outcome(&world.app.read(me, world.workspace, get_me).await), "signed out");
        assert!(read(&world, "member", list_tokens).await.unwrap().is_empty());
        // One may revoke the token one asks with.
        let created = create(&world, "member", Scope::Full).await;
        let (id, me) = (created.token.id, bearer(&world, &created));
        world.app.write(me, world.workspace, move |op| revoke_token(op, id)).await.unwrap();
        assert_eq!(outcome(&world.app.read(me, world.workspace, get_me).await), "signed out");
    });
}

#[test]
fn the_last_use_is_noted_once_an_hour() {
    both(async |world: World| {
        let me = bearer(&world, &create(&world, "member", Scope::Read).await);
        let is_due = async || world.app.read(me, world.workspace, is_touch_due).await.unwrap();
        let touch = async || {
            world
                .app
                .write(me, world.workspace, |op| touch_token(op, Some("203.0.113.7")))
                .await
                .unwrap();
        };
        let last = async || {
            let tokens = read(&world, "member", list_tokens).await.unwrap();
            tokens[0].last_used_at.map(|at| at.to_string())
        };
        assert!(is_due().await);
        touch().await;
        assert_eq!(last().await.as_deref(), Some("2026-11-20T12:00:00Z"));
        world.set_clock("2026-11-20T12:59:59Z");
        assert!(!is_due().await);
        touch().await;
        assert_eq!(last().await.as_deref(), Some("2026-11-20T12:00:00Z"));
        world.set_clock("2026-11-20T13:00:00Z");
        assert!(is_due().await);
        touch().await;
        assert_eq!(last().await.as_deref(), Some("2026-11-20T13:00:00Z"));
        assert!(!steps::read(&world, "member", is_touch_due).await.unwrap());
    });
}

#[test]
fn a_token_works_from_its_own_addresses_only() {
    both(async |world: World| {
        let limited = || {
            let networks =
                app::input::networks("networks", "203.0.113.0/24, 2001:db8::/32").unwrap();
            CreateToken { networks, ..command(Scope::Full, 30) }
        };
        let created = write(&world, "member", move |op| create_token(op, limited())).await.unwrap();
        let ask = async |from: Option<&str>| {
            let came = Came { from: from.map(|from| from.parse().unwrap()), ..Came::default() };
            let me = Actor { came, ..bearer(&world, &created) };
            outcome(&world.app.read(me, world.workspace, get_me).await)
        };
        for (from, expected) in [
            (Some("203.0.113.9"), "ok"),
            (Some("::ffff:203.0.113.9"), "ok"),
            (Some("2001:db8:1::1"), "ok"),
            (Some("203.0.114.1"), "token.network"),
            (Some("2001:db9::1"), "token.network"),
            (None, "token.network"),
        ] {
            assert_eq!(ask(from).await, expected, "{from:?}");
        }
        let listed = read(&world, "member", list_tokens).await.unwrap();
        let networks: Vec<_> = listed[0].networks.iter().map(ToString::to_string).collect();
        assert_eq!(networks, ["203.0.113.0/24", "2001:db8::/32"]);
        // From where it was last used, each time anew.
        for (at, network) in
            [("2026-11-20T13:00:00Z", "203.0.113.9"), ("2026-11-20T15:00:00Z", "2001:db8:1::/64")]
        {
            world.set_clock(at);
            let came = Came { from: Some("203.0.113.9".parse().unwrap()), ..Came::default() };
            let me = Actor { came, ..bearer(&world, &created) };
            let touch =
                world.app.write(me, world.workspace, move |op| touch_token(op, Some(network)));
            touch.await.unwrap();
            let listed = read(&world, "member", list_tokens).await.unwrap();
            assert_eq!(listed[0].last_network.as_deref(), Some(network));
        }
        // One without a list works from everywhere.
        let open = create(&world, "member", Scope::Read).await;
        let found = world.app.read(bearer(&world, &open), world.workspace, get_me).await;
        assert_eq!(outcome(&found), "ok");
    });
}

#[test]
fn a_token_makes_none_that_is_wider_than_itself() {
    both(async |world: World| {
        let limited = CreateToken {
            networks: parse_networks("192.0.2.0/24").unwrap(),
            ..command(Scope::Full, 30)
        };
        let made = write(&world, "member", move |op| create_token(op, limited.clone())).await;
        let came = Came { from: Some("192.0.2.7".parse().unwrap()), ..Came::default() };
        let token = Actor { came, ..bearer(&world, &made.unwrap()) };
        let try_it = async |days, networks: &str| {
            let networks = parse_networks(networks).unwrap();
            let more = CreateToken { networks, ..command(Scope::Full, days) };
            let made =
                world.app.write(token, world.workspace, move |op| create_token(op, more.clone()));
            outcome(&made.await)
        };
        assert_eq!(try_it(30, "192.0.2.0/25").await, "ok");
        assert_eq!(try_it(30, "").await, "invalid networks");
        assert_eq!(try_it(30, "192.0.0.0/16").await, "invalid networks");
        assert_eq!(try_it(31, "192.0.2.0/24").await, "invalid expires_in_days");
        world.set_clock("2026-11-21T12:00:00Z");
        assert_eq!(try_it(30, "192.0.2.0/24").await, "invalid expires_in_days");
    });
}

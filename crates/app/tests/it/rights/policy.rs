//! Who can keep owners out, and how they come in again.

use app::{
    Actor, Credential, Error,
    actor::{Came, Scope},
    identity::{LetterKind, claim_due_letters},
    sign_in_policy::{ChangePolicy, change_policy, get_policy},
    token::{create_token, parse_token},
    workspace::get_workspace,
};
use domain::{
    permission::{Assignment, Grant},
    sign_in_policy::{
        FirstFactor, SecondFactor, SecondFactorRule, SignInPolicy, Way, Ways, parse_networks,
    },
};
use testkit::{World, both};

use super::{give, own_role};
use crate::{
    acts::furnished,
    steps::{new_token, outcome, write},
};

fn came(actor: Actor, from: &str) -> Actor {
    let factors = Some((FirstFactor::Password, Some(SecondFactor::Totp)));
    Actor { came: Came { factors, from: Some(from.parse().unwrap()), ..Came::default() }, ..actor }
}

fn only(networks: &str) -> SignInPolicy {
    SignInPolicy { networks: parse_networks(networks).unwrap(), ..SignInPolicy::default() }
}

#[test]
fn owners_alone_make_the_policy_stricter() {
    both(async |world: World| {
        let role = own_role(&world, "Doors", &[Grant::ManageSignIn]).await;
        give(&world, "other", Assignment::own(role)).await;
        let change = async |who: &str, policy: SignInPolicy| {
            let actor = came(world.actor(who), "192.0.2.7");
            let change = ChangePolicy { policy, expected_version: None, actor };
            let changed = world
                .app
                .write(actor, world.workspace, move |op| change_policy(op, change.clone()));
            outcome(&changed.await)
        };
        let strong =
            SignInPolicy { second_factor: SecondFactorRule::Strong, ..SignInPolicy::default() };
        let no_mail =
            SignInPolicy { ways: Ways::all().with(Way::Mail, false), ..SignInPolicy::default() };
        let stricter = [only("192.0.2.0/24"), strong.clone(), no_mail];
        for who in ["admin", "other"] {
            for policy in &stricter {
                let refused = change(who, policy.clone()).await;
                assert_eq!(refused, "sign_in_policy.owners_only", "{who} {policy:?}");
            }
            assert_eq!(change(who, SignInPolicy::default()).await, "ok", "{who}: as it is");
        }
        assert_eq!(change("owner", only("192.0.2.0/24")).await, "ok");
        assert_eq!(change("admin", only("192.0.2.7")).await, "sign_in_policy.owners_only");
        // To let more in is theirs.
        assert_eq!(change("admin", only("192.0.0.0/16")).await, "ok");
        assert_eq!(change("admin", strong).await, "sign_in_policy.owners_only", "one for another");
        assert_eq!(change("other", SignInPolicy::default()).await, "ok");
    });
}

#[test]
fn the_operator_opens_the_door_to_owners_who_are_kept_out() {
    both(async |world: World| {
        let (stage, owner, workspace) = furnished(world).await;
        let app = stage.app();
        let there = came(stage.actor(owner), "192.0.2.7");
        let change =
            ChangePolicy { policy: only("192.0.2.0/24"), expected_version: None, actor: there };
        let saved = app.write(there, workspace, move |op| change_policy(op, change.clone()));
        saved.await.unwrap();
        let away = came(stage.actor(owner), "198.51.100.1");
        let kept_out = app.read(away, workspace, get_workspace).await;
        assert!(matches!(kept_out, Err(Error::KeptOut(_))), "{kept_out:?}");
        stage.directory(|op| claim_due_letters(op, 50)).await;

        assert_eq!(app.open_policy(app.new_request(), workspace).await.unwrap(), Some(1));
        assert_eq!(outcome(&app.read(away, workspace, get_workspace).await), "ok");
        let policy = app.read(away, workspace, get_policy).await.unwrap();
        assert_eq!((policy.policy, policy.version), (SignInPolicy::default(), 3));
        let letters = stage.directory(|op| claim_due_letters(op, 50)).await.letters;
        let told: Vec<_> =
            letters.iter().filter(|letter| letter.kind == LetterKind::SecurityNotice).collect();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].letter.to().as_str(), "owner@example.org");
        assert!(told[0].letter.body().contains("A workspace"));
        // It is recorded; and where nothing is shut, nothing is done.
        let system = app.find_first_owner(workspace).await.unwrap().unwrap();
        let system = Actor::new(Credential::System(system), app.new_request());
        let kinds = app.read(system, workspace, |op| Ok(op.workspace())).await.unwrap();
        let statement = store::Statement::new(
            "test.kinds",
            "SELECT kind FROM events WHERE kind = 'sign_in_policy.changed' AND actor_kind = 'system'",
        );
        let database = app.store().workspace(kinds).await.unwrap();
        let found: Result<usize, store::StoreError> =
            database.read(move |tx| Ok(tx.query(&statement, &[])?.len())).await;
        assert_eq!(found.unwrap(), 1);
        assert_eq!(app.open_policy(app.new_request(), workspace).await.unwrap(), None);
        assert!(stage.directory(|op| claim_due_letters(op, 50)).await.letters.is_empty());
    });
}

/// A program shows nothing of how its person would come in: it could shut them out.
#[test]
fn no_token_makes_the_policy_stricter() {
    both(async |world: World| {
        let made = write(&world, "owner", |op| create_token(op, new_token(Scope::Full))).await;
        let (_, hash) = parse_token(made.unwrap().secret.expose()).unwrap();
        let program =
            came(Actor::new(Credential::Token(hash), world.app.new_request()), "192.0.2.7");
        let owner = came(world.actor("owner"), "192.0.2.7");
        let change = async |actor: Actor, policy: SignInPolicy| {
            let change = ChangePolicy { policy, expected_version: None, actor };
            let changed = world
                .app
                .write(actor, world.workspace, move |op| change_policy(op, change.clone()));
            outcome(&changed.await)
        };
        let strong =
            SignInPolicy { second_factor: SecondFactorRule::Strong, ..SignInPolicy::default() };
        let no_mail =
            SignInPolicy { ways: Ways::all().with(Way::Mail, false), ..SignInPolicy::default() };
        for policy in [only("192.0.2.0/24"), strong.clone(), no_mail] {
            let refused = change(program, policy.clone()).await;
            assert_eq!(refused, "sign_in_policy.session_only", "{policy:?}");
        }
        assert_eq!(change(owner, strong.clone()).await, "ok");
        // As it is, and back, a program does: an owner can find the door open, and never shut.
        assert_eq!(change(program, strong).await, "ok");
        assert_eq!(change(program, SignInPolicy::default()).await, "ok");
    });
}

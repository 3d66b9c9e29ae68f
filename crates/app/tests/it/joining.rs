//! Joining by mail domain: who sets the rule, whom it lets in, and what ends that.

mod door;
mod rule;
mod scene;

use app::{
    Error,
    identity::{LetterKind, disable_person, remove_membership},
};
use scene::{Scene, outcome_of};
use testkit::both;

/// The main path, and that a link works once.
#[test]
fn somebody_unknown_joins_by_the_link_of_their_letter() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("example.org").await;
        let letters = scene.ask("grace@example.org").await;
        let kinds: Vec<_> = letters.iter().map(|letter| letter.kind).collect();
        assert_eq!(kinds, [LetterKind::JoinOffer]);
        let body = letters[0].letter.body();
        assert!(!body.contains("A workspace"), "it names no workspace: {body}");
        let token = Scene::link_of(&letters);
        let offered = scene.offered(&token).await;
        assert_eq!(offered, [("A workspace".to_owned(), "member".to_owned())]);
        let link = Scene::link_into(scene.workspace, &token);
        assert_eq!(outcome_of(&scene.join(&link).await), "ok");
        let grace = scene.stage.user("grace@example.org").await.unwrap();
        assert_eq!(scene.stage.workspaces(grace).await, [scene.workspace]);
        assert_eq!(scene.role_of(grace).await, "member");
        // It stands in the record that nobody invited them, and the owner is told.
        assert!(scene.joined_by_rule(grace).await);
        let told = scene.letters_of(LetterKind::Joined).await;
        assert_eq!(told, ["owner@example.org"]);
        // Not a second time; and from now on they get a code as everybody.
        assert_eq!(outcome_of(&scene.join(&link).await), "link.not_valid");
        assert!(scene.offered(&token).await.is_empty());
        let letters = scene.ask("grace@example.org").await;
        let kinds: Vec<_> = letters.iter().map(|letter| letter.kind).collect();
        assert_eq!(kinds, [LetterKind::SignInCode]);
    });
}

#[test]
fn two_uses_of_a_link_at_once_make_one_member() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("example.org").await;
        let token = scene.offer("grace@example.org").await;
        let link = Scene::link_into(scene.workspace, &token);
        let (one, two) = tokio::join!(scene.join(&link), scene.join(&link));
        let mut outcomes = [outcome_of(&one), outcome_of(&two)];
        outcomes.sort();
        assert_eq!(outcomes[1], "ok", "{outcomes:?}");
        assert!(["join.not_possible", "link.not_valid"].contains(&outcomes[0].as_str()));
        assert_eq!(scene.count_joins().await, 1);
        assert_eq!(scene.letters_of(LetterKind::Joined).await.len(), 1);
    });
}

/// Cut short at each step, and after the sweeper: whoever is a member finds the workspace, the owner has
/// been told once, and who is none joins by the same link.
#[test]
fn a_joining_cut_short_is_finished_or_begun_anew() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("example.org").await;
        let steps = app::STEPS.into_iter().filter(|step| step.starts_with("join."));
        for (number, step) in steps.enumerate() {
            let address = format!("guest{number}@example.org");
            let token = scene.offer(&address).await;
            let link = Scene::link_into(scene.workspace, &token);
            scene.stage.cut(step, scene.join(&link)).await;
            scene.stage.sweep().await;
            let user = scene.stage.user(&address).await.unwrap();
            let is_in = ["join.entered", "join.finished"].contains(&step);
            assert_eq!(scene.stage.workspaces(user).await.len(), usize::from(is_in), "{step}");
            let again = outcome_of(&scene.join(&link).await);
            let expected = if is_in { "join.not_possible link.not_valid" } else { "ok" };
            assert!(expected.contains(&again), "{step}: {again}");
            assert_eq!(scene.stage.workspaces(user).await.len(), 1, "{step}");
            scene.stage.sweep().await;
            assert_eq!(scene.letters_of(LetterKind::Joined).await.len(), 1, "{step}");
        }
    });
}

/// What the sign-in page does and writes is the same, whoever asks.
#[test]
fn asking_writes_the_same_for_every_address() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("acme.example").await;
        let known = scene.show("known@acme.example").await;
        scene.enter_directory(known.user).await;
        let mut seen = Vec::new();
        for address in ["known@acme.example", "whoma@acme.example", "whoma@else.example"] {
            scene.ask(address).await;
            seen.push(scene.count_rows().await);
        }
        let grown = |at: usize| -> Vec<i64> {
            seen[at + 1].iter().zip(&seen[at]).map(|(after, before)| after - before).collect()
        };
        // An attempt, a letter, an offer; and of the offers none is longer than another.
        assert_eq!(grown(0), [1, 1, 1, 0]);
        assert_eq!(grown(1), [1, 1, 1, 0]);
    });
}

#[test]
fn nothing_of_a_domain_or_an_address_is_readable() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("zanzibar-quokka.example").await;
        let token = scene.offer("grace@zanzibar-quokka.example").await;
        let bytes = scene.bytes().await;
        for secret in ["zanzibar", "quokka", "grace@", token.as_str()] {
            let is_there = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!is_there, "{secret}");
        }
    });
}

#[test]
fn a_person_known_elsewhere_joins_while_signed_in() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("example.org").await;
        // Known here, with a mailbox that a code has shown to be theirs.
        let session = scene.show("known@example.org").await;
        let found = scene.app().list_joinable_by(scene.request(), session).await.unwrap();
        assert_eq!(found.len(), 1);
        let elsewhere = scene.stage.world.elsewhere;
        let foreign = scene.join_signed_in(session, elsewhere).await;
        assert!(matches!(foreign, Err(Error::NotFound)), "{foreign:?}");
        assert_eq!(outcome_of(&scene.join_signed_in(session, scene.workspace).await), "ok");
        assert_eq!(scene.role_of(session.user).await, "member");
        assert!(scene.joined_by_rule(session.user).await);
        // Twice is nothing.
        let again = scene.join_signed_in(session, scene.workspace).await;
        assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
        let found = scene.app().list_joinable_by(scene.request(), session).await.unwrap();
        assert!(found.is_empty());
    });
}

/// Whoever is not known to read the mailbox joins nothing by it: by the operator's link, or by the provider
/// of another workspace.
#[test]
fn a_session_that_shows_no_mailbox_joins_nothing() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("example.org").await;
        let session = scene.show("known@example.org").await;
        for other in [scene::printed(session), scene::by_provider_of(session, scene.workspace)] {
            let found = scene.app().list_joinable_by(scene.request(), other).await.unwrap();
            assert!(found.is_empty());
            let joined = scene.join_signed_in(other, scene.workspace).await;
            assert!(matches!(joined, Err(Error::NotFound)), "{joined:?}");
        }
        // Nor one whose address was only typed.
        let typed = scene.typed("typed@example.org").await;
        let found = scene.app().list_joinable_by(scene.request(), typed).await.unwrap();
        assert!(found.is_empty());
    });
}

/// Who was sent away has a session and a password still, and reads the mailbox no longer.
#[test]
fn a_mailbox_that_was_shown_long_ago_joins_nothing() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("example.org").await;
        let session = scene.show("known@example.org").await;
        let offered = async |session| {
            scene.app().list_joinable_by(scene.request(), session).await.unwrap().len()
        };
        assert_eq!(offered(session).await, 1);
        // By a password, on the same day.
        let by_password = scene.session_of(session.user).await;
        assert_eq!(offered(by_password).await, 0);
        let later = scene.stage.world.now() + jiff::SignedDuration::from_hours(25);
        scene.stage.world.clock.set(later);
        assert_eq!(offered(session).await, 0);
        // Nor where something else has made it a session of now.
        let mut proven = session;
        (proven.created_at, proven.shown_at) = (later, later);
        assert_eq!(offered(proven).await, 0);
        let joined = scene.join_signed_in(proven, scene.workspace).await;
        assert!(matches!(joined, Err(Error::NotFound)), "{joined:?}");
        let again = scene.show("known@example.org").await;
        assert_eq!(offered(again).await, 1);
    });
}

#[test]
fn who_was_removed_or_disabled_comes_back_by_an_invitation_alone() {
    both(async |world| {
        let scene = Scene::open(world).await;
        scene.allow("example.org").await;
        let (grace, link) = scene.joined("grace@example.org").await;
        let other = scene.offer("ben@example.org").await;
        let other = Scene::link_into(scene.workspace, &other);
        let member = scene.member_of(grace).await;
        let owner = scene.stage.actor(scene.owner);
        scene.app().remove_member(owner, scene.workspace, member).await.unwrap();
        // No letter, nothing offered, and no link of before.
        assert!(scene.ask("grace@example.org").await.is_empty());
        let session = scene.session_of(grace).await;
        let found = scene.app().list_joinable_by(scene.request(), session).await.unwrap();
        assert!(found.is_empty());
        assert_eq!(outcome_of(&scene.join(&link).await), "link.not_valid");
        // Also where the directory has forgotten it: the workspace knows.
        let workspace = scene.workspace;
        scene.stage.directory(move |op| remove_membership(op, grace, workspace)).await;
        assert!(scene.ask("grace@example.org").await.is_empty());
        // Somebody who is disabled between the letter and the link.
        let ben = scene.outsider("ben@example.org").await;
        scene.stage.directory(move |op| disable_person(op, ben)).await;
        assert_ne!(outcome_of(&scene.join(&other).await), "ok");
        assert!(scene.ask("ben@example.org").await.is_empty());
        assert!(scene.stage.workspaces(ben).await.is_empty());
    });
}

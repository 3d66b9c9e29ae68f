//! The address before, for as long as it is held: nobody else gets it, and it hears of what changes.

use super::*;
/// Whoever has taken an account over connects their own to it next: the mailbox before is to hear of that.
#[test]
fn a_new_account_at_a_provider_is_told_to_the_mailbox_before_too() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let session = ann.session().await;
        let (code, _, _) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        ann.post().await;
        let connected = move |op: &mut app::DirectoryOp| {
            let provider = Which { id: op.new_id(), workspace: None };
            connect(op, &session, &Account { provider, subject: "ann".to_owned() }, &here())?;
            Ok(list_links(op, session.user)?[0].id)
        };
        let link = ann.stage.directory(connected).await;
        let both_are_told = async |what: &str| {
            let post = ann.post().await;
            let mut told: Vec<_> = post.iter().map(|one| one.letter.to().as_str()).collect();
            told.sort_unstable();
            assert_eq!(told, [NEW, ANN]);
            for ClaimedLetter { letter, .. } in &post {
                assert_eq!(letter.subject(), what);
                assert!(letter.body().contains("    Network:  203.0.113.7"), "{}", letter.body());
            }
        };
        both_are_told("An account was connected with your sign-in to Timeproof").await;
        ann.stage.directory(move |op| disconnect(op, &session, link, &here())).await;
        both_are_told("An account was disconnected from your sign-in to Timeproof").await;
    });
}

#[test]
fn an_address_that_was_given_up_is_held_for_three_days() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let bob = ann.stage.guest(ann.user, ann.workspace, "bob@example.org").await;
        ann.stage.invite(ann.user, ann.workspace, "carol@example.org").await;
        ann.post().await;
        let session = ann.session().await;
        let (code, _, _) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        ann.post().await;
        // Nobody is made of it, and nobody moves to it, with the same answer as ever.
        let app = ann.stage.app();
        let made = app.find_or_create_person(app.new_request(), address(ANN)).await;
        assert_eq!(outcome(&made), "address.held");
        let bobs = ann.session_of(bob).await;
        assert_eq!(ann.ask(&bobs, ANN).await.unwrap(), AskedAddress::Sent);
        let post = ann.post().await;
        let tried = post.iter().find(|letter| letter.letter.to().as_str() == ANN).unwrap();
        assert!(!tried.letter.body().contains(BASE));
        // Its own person may come back to it.
        let session = ann.session().await;
        let (code, _, _) = ann.asked_again(&session, ANN).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        assert_eq!(ann.address().await, ANN);
        ann.wait_s(73 * HOUR);
        let made = app.find_or_create_person(app.new_request(), address(NEW)).await.unwrap();
        assert_ne!(made, ann.user, "and afterwards it is anybody's");
    });
}

/// What was written while the clock was ahead would be held for as long as it was ahead.
#[test]
fn an_address_given_up_by_a_clock_that_was_ahead_is_held_no_longer() {
    both(async |world| {
        let ann = Mover::new(world).await;
        ann.wait_s(1_000 * HOUR);
        let session = ann.session().await;
        let (code, _, _) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        ann.wait_s(-1_000 * HOUR);
        ann.post().await;
        let session = ann.session().await;
        let connected = move |op: &mut app::DirectoryOp| {
            let provider = Which { id: op.new_id(), workspace: None };
            connect(op, &session, &Account { provider, subject: "ann".to_owned() }, &here())
        };
        ann.stage.directory(connected).await;
        let post = ann.post().await;
        let told: Vec<_> = post.iter().map(|one| one.letter.to().as_str()).collect();
        assert_eq!(told, [NEW], "the mailbox before hears no more");
        let app = ann.stage.app();
        let made = app.find_or_create_person(app.new_request(), address(ANN)).await.unwrap();
        assert_ne!(made, ann.user, "it is anybody's");
    });
}

/// A known browser is a person's: it goes with them, and not with what they gave up.
#[test]
fn the_mark_of_a_browser_is_of_its_person_and_not_of_an_address() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let session = ann.session().await;
        let user = ann.user;
        let mark = ann.stage.directory(move |op| identity::mark_known_device(op, user)).await;
        let is_known = async |at: &'static str| {
            let mark = mark.expose().clone();
            ann.stage.directory(move |op| identity::is_known_browser(op, &address(at), &mark)).await
        };
        assert_eq!([is_known(ANN).await, is_known(NEW).await], [true, false]);
        let (code, _, _) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        assert_eq!([is_known(ANN).await, is_known(NEW).await], [false, true]);
        // Who gets the address shares nothing with it.
        ann.wait_s(73 * HOUR);
        let app = ann.stage.app();
        let other = app.find_or_create_person(app.new_request(), address(ANN)).await.unwrap();
        assert_ne!(other, user);
        assert_eq!([is_known(ANN).await, is_known(NEW).await], [false, true]);
    });
}

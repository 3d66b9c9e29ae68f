//! Stopping a change of address by the link in the mailbox before, and what goes with it.

use super::*;
#[test]
fn the_link_of_the_mailbox_before_stops_it_and_takes_it_back() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let user = ann.user;
        let session = ann.session().await;
        let (code, _, stop) = ann.asked(&session, NEW).await;
        for is_changed in [false, true] {
            let (session, code, stop) = if is_changed {
                let session = ann.session().await;
                let (code, _, stop) = ann.asked(&session, NEW).await;
                assert!(is_done(&ann.confirm(&session, Confirm::Code(code.clone())).await));
                ann.post().await;
                ann.wait_s(72 * HOUR - 60);
                (session, code, stop)
            } else {
                (session, code.clone(), stop.clone())
            };
            for _ in 0..2 {
                let looked = stop.clone();
                let found = ann.stage.directory(move |op| look_at_stop(op, &looked)).await.unwrap();
                assert_eq!((found.address.as_str(), found.is_changed), (ANN, is_changed));
            }
            ann.stop(&stop).await.unwrap();
            assert_eq!(ann.address().await, ANN);
            let sessions = ann.stage.directory(move |op| list_sessions(op, user)).await;
            assert_eq!(sessions.is_empty(), is_changed, "all browsers are signed out of a change");
            let post = ann.post().await;
            assert_eq!(post.len(), if is_changed { 2 } else { 1 }, "{is_changed}");
            assert_eq!(post.last().unwrap().letter.to().as_str(), ANN);
            assert_eq!(outcome(&ann.stop(&stop).await), "link.not_valid", "once");
            let late = ann.confirm(&session, Confirm::Code(code)).await;
            assert_eq!(words(&late), "not valid");
        }
        // After its three days the link is nothing, whatever the clock does.
        let session = ann.session().await;
        let (code, _, stop) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        ann.wait_s(72 * HOUR);
        assert_eq!(outcome(&ann.stop(&stop).await), "link.not_valid");
        ann.stage.directory(sweep).await;
        ann.wait_s(-HOUR);
        assert_eq!(outcome(&ann.stop(&stop).await), "link.not_valid");
        assert_eq!(ann.address().await, NEW);
    });
}

/// Who had the address meanwhile signed in somewhere: no browser is known from before.
#[test]
fn a_change_that_is_taken_back_ends_the_marks_of_browsers() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let (user, session) = (ann.user, ann.session().await);
        let mark =
            async || ann.stage.directory(move |op| identity::mark_known_device(op, user)).await;
        let is_known = async |mark: &identity::password::Secret<String>| {
            let mark = mark.expose().clone();
            let known = move |op: &mut app::DirectoryOp| {
                identity::is_known_browser(op, &address(ANN), &mark)
            };
            ann.stage.directory(known).await
        };
        let (code, _, stop) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        let before = mark().await;
        ann.wait_s(60);
        ann.stop(&stop).await.unwrap();
        let after = mark().await;
        assert_eq!([is_known(&before).await, is_known(&after).await], [false, true]);
    });
}

#[test]
fn the_older_link_wins_over_the_links_of_mailboxes_after_it() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let session = ann.session().await;
        let (code, _, first) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        ann.post().await;
        ann.wait_s(60);
        let (code, _, second) = ann.asked_again(&session, "ann@third.example").await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        ann.post().await;
        assert_eq!(ann.address().await, "ann@third.example");
        ann.stop(&second).await.unwrap();
        assert_eq!(ann.address().await, NEW);
        ann.stop(&first).await.unwrap();
        assert_eq!(ann.address().await, ANN);
        // The other way round, nothing is left for the mailboxes after it.
        let session = ann.session().await;
        let (code, _, first) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        ann.post().await;
        let (code, _, second) = ann.asked_again(&session, "ann@third.example").await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        ann.stop(&first).await.unwrap();
        assert_eq!(ann.address().await, ANN);
        assert_eq!(outcome(&ann.stop(&second).await), "link.not_valid");
    });
}

#[test]
fn what_was_set_up_since_goes_with_the_change() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let session = ann.session().await;
        let (code, _, stop) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        ann.post().await;
        let id = ann.start_app(session).await;
        ann.confirm_app(session, id).await;
        // Told at the new address, and at the one that is held.
        let told: Vec<_> =
            ann.post().await.iter().map(|letter| letter.letter.to().as_str().to_owned()).collect();
        assert_eq!(told, [NEW, ANN]);
        ann.stop(&stop).await.unwrap();
        let user = ann.user;
        let enrolled = ann.stage.directory(move |op| identity::get_enrolled(op, user)).await;
        assert!(!enrolled.has_any(), "a stranger's app does not stay");
        ann.post().await;
        let code = ann.sign_in_code(ANN, [4; 32]).await.unwrap();
        assert!(matches!(ann.enter([4; 32], &code).await, SignIn::Opened(_)));
    });
}

#[test]
fn accounts_at_providers_that_are_newer_go_with_the_change() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let (user, session) = (ann.user, ann.session().await);
        let join = async |subject: &'static str| {
            ann.stage
                .directory(move |op| {
                    let provider = Which { id: op.new_id(), workspace: None };
                    let account = Account { provider, subject: subject.to_owned() };
                    connect(op, &session, &account, &here())?;
                    Ok(provider)
                })
                .await
        };
        let old = join("ann").await;
        ann.post().await;
        ann.wait_s(60);
        let (code, _, stop) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        join("mallory").await;
        ann.stop(&stop).await.unwrap();
        let links = ann.stage.directory(move |op| list_links(op, user)).await;
        let left: Vec<_> = links.iter().map(|link| link.provider).collect();
        assert_eq!(left, [old], "what was there before stays");
    });
}

#[test]
fn who_is_one_step_from_being_in_gets_no_further_once_it_is_stopped() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let session = ann.session().await;
        let id = ann.start_app(session).await;
        ann.confirm_app(session, id).await;
        ann.wait_s(60);
        ann.post().await;
        let (code, _, stop) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        ann.post().await;
        let code = ann.sign_in_code(NEW, [6; 32]).await.unwrap();
        assert!(matches!(ann.enter([6; 32], &code).await, SignIn::SecondAsked));
        ann.stop(&stop).await.unwrap();
        let waiting = ann.stage.directory(|op| identity::find_waiting(op, &[6; 32])).await;
        assert!(waiting.is_none());
        let user = ann.user;
        let enrolled = ann.stage.directory(move |op| identity::get_enrolled(op, user)).await;
        assert!(enrolled.has_any(), "an app from before stays");
    });
}

#[test]
fn an_app_begun_before_and_not_confirmed_by_then_goes_with_the_change() {
    both(async |world| {
        let ann = Mover::new(world).await;
        for is_confirmed in [true, false] {
            let session = ann.session().await;
            let id = ann.start_app(session).await;
            ann.wait_s(60);
            let (code, _, stop) = ann.asked(&session, NEW).await;
            assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
            if is_confirmed {
                ann.confirm_app(session, id).await;
                ann.post().await;
            }
            ann.stop(&stop).await.unwrap();
            let user = ann.user;
            let enrolled = ann.stage.directory(move |op| identity::get_enrolled(op, user)).await;
            assert!(!enrolled.has_any(), "{is_confirmed}");
            ann.post().await;
            let (app, session) = (ann.stage.app(), ann.session().await);
            let read = move |op: &mut app::DirectoryOp| identity::get_pending(op, &session, id);
            let pending = app.write_directory(app.new_request(), read).await;
            assert!(matches!(pending, Err(Error::NotFound)), "{is_confirmed}");
        }
    });
}

#[test]
fn stopped_while_it_is_confirmed_it_is_stopped() {
    both(async |world| {
        let ann = Mover::new(world).await;
        for round in 0..5 {
            let session = ann.session().await;
            let (code, _, stop) = ann.asked(&session, NEW).await;
            let (confirmed, stopped) =
                tokio::join!(ann.confirm(&session, Confirm::Code(code)), ann.stop(&stop));
            stopped.unwrap();
            ann.post().await;
            assert!(["done", "not valid"].contains(&words(&confirmed).as_str()), "{round}");
            ann.stage.sweep().await;
            assert_eq!(ann.address().await, ANN, "{round}");
            let user = ann.user;
            let sessions = ann.stage.directory(move |op| list_sessions(op, user)).await;
            assert_eq!(sessions.is_empty(), is_done(&confirmed), "{round}");
            ann.end_all().await;
            ann.wait_s(2 * HOUR);
        }
    });
}

/// What somebody left has no power: whoever reads that mailbox days later signs nobody out by it.
#[test]
fn a_change_that_was_never_carried_out_is_only_withdrawn() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let session = ann.session().await;
        let (code, link, stop) = ann.asked(&session, NEW).await;
        let id = ann.start_app(session).await;
        ann.confirm_app(session, id).await;
        ann.post().await;
        // Left, or replaced by another one that was left too.
        ann.stage.directory(move |op| leave_address_change(op, &session)).await;
        let (_, _, later) = ann.asked(&session, "ann@other.example").await;
        ann.stop(&stop).await.unwrap();
        let user = ann.user;
        let sessions = ann.stage.directory(move |op| list_sessions(op, user)).await;
        assert_eq!(sessions.len(), 1, "nobody is signed out");
        let enrolled = ann.stage.directory(move |op| identity::get_enrolled(op, user)).await;
        assert!(enrolled.has_any(), "nothing is removed");
        let post = ann.post().await;
        assert_eq!(post.len(), 1);
        let body = post[0].letter.body();
        assert!(body.contains("nothing else has"), "{body}");
        // It is over, with those after it.
        assert_eq!(outcome(&ann.stop(&stop).await), "link.not_valid");
        assert_eq!(outcome(&ann.stop(&later).await), "link.not_valid");
        for by in [Confirm::Code(code), Confirm::Link(link)] {
            assert_eq!(words(&ann.confirm(&session, by).await), "not valid");
        }
        assert_eq!(ann.address().await, ANN);
    });
}

/// Whoever changed an address and changed it back has set things up meanwhile.
#[test]
fn one_that_was_carried_out_and_undone_is_taken_back_all_the_same() {
    both(async |world| {
        let ann = Mover::new(world).await;
        let session = ann.session().await;
        let (code, _, stop) = ann.asked(&session, NEW).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        ann.post().await;
        let id = ann.start_app(session).await;
        ann.confirm_app(session, id).await;
        ann.post().await;
        let (code, _, _) = ann.asked_again(&session, ANN).await;
        assert!(is_done(&ann.confirm(&session, Confirm::Code(code)).await));
        ann.post().await;
        ann.stop(&stop).await.unwrap();
        assert_eq!(ann.address().await, ANN);
        let user = ann.user;
        let enrolled = ann.stage.directory(move |op| identity::get_enrolled(op, user)).await;
        assert!(!enrolled.has_any());
    });
}

//! Keeping passkeys: how many, which count, and what goes with the last one.

use super::*;
#[test]
fn removing_one_signs_out_everywhere_else_and_the_last_one_takes_the_codes_along() {
    both(async |world: World| {
        let ann = with_passkey(world, laptop()).await;
        let (desk, user) = (&ann.desk, ann.user);
        let mut phone = laptop();
        desk.wait_s(1);
        add(desk, &ann.session, "My phone", &mut phone).await;
        let session = session_of(desk, &ann.session).await.unwrap();
        desk.ok(move |op| set_passkey_always(op, &session, true, &Origin::default())).await;
        let elsewhere = let_in(sign_in(desk, &mut phone).await);
        let id = first_id(desk, user).await;
        // Somebody else's is not there.
        let bob = desk.person("bob@example.org").await;
        let bobs = open(desk, bob, Method::MailCode).await;
        let bobs = session_of(desk, &bobs).await.unwrap();
        let removed = desk.run(move |op| remove_passkey(op, &bobs, id, &Origin::default())).await;
        assert!(matches!(removed, Err(Error::NotFound)));
        let name = Name::parse("Mine now").unwrap();
        let renamed = desk.run(move |op| rename_passkey(op, &bobs, id, &name)).await;
        assert!(matches!(renamed, Err(Error::NotFound)));

        desk.all_post().await;
        let mut laptop = ann.device.clone();
        desk.ok(move |op| remove_passkey(op, &session, id, &Origin::default())).await;
        let again = desk.run(move |op| remove_passkey(op, &session, id, &Origin::default())).await;
        assert!(matches!(again, Err(Error::NotFound)));
        assert!(session_of(desk, &elsewhere).await.is_none());
        assert!(session_of(desk, &ann.session).await.is_some());
        assert_eq!(refusal(sign_in(desk, &mut laptop).await), Refusal::PasskeyUnknown);
        let left = enrolled(desk, user).await;
        assert_eq!((left.passkeys, left.recovery_codes, left.passkey_always), (1, 10, true));
        let post = desk.all_post().await;
        assert!(post[0].letter.body().contains("My laptop"), "{}", post[0].letter.body());

        let name = Name::parse("The old phone").unwrap();
        let id = first_id(desk, user).await;
        desk.ok(move |op| rename_passkey(op, &session, id, &name)).await;
        let listed = desk.ok(move |op| list_passkeys(op, user)).await;
        assert_eq!(listed[0].name.as_str(), "The old phone");
        desk.ok(move |op| remove_passkey(op, &session, id, &Origin::default())).await;
        let left = enrolled(desk, user).await;
        assert_eq!((left.passkeys, left.recovery_codes, left.passkey_always), (0, 0, false));
        assert_eq!(session_of(desk, &ann.session).await.unwrap().shown.second, None);
        let none = desk.run(move |op| make_recovery_codes(op, &session, &Origin::default())).await;
        assert!(matches!(none, Err(Error::Refused(Refusal::NoAuthenticator))));
        let none =
            desk.run(move |op| set_passkey_always(op, &session, true, &Origin::default())).await;
        assert!(matches!(none, Err(Error::Refused(Refusal::NoPasskey))));
        for (kind, times) in [("factor.added", 2), ("factor.removed", 2), ("factor.renamed", 1)] {
            assert_eq!(events(desk, kind).await, times, "{kind}");
        }
    });
}

#[test]
fn nobody_adds_one_twice_and_nobody_has_more_than_twenty() {
    both(async |world: World| {
        let ann = with_passkey(world, laptop()).await;
        let desk = &ann.desk;
        let options = ask_to_add(desk, &ann.session).await.unwrap();
        let mut same = ann.device.clone();
        assert!(same.try_create(&options).is_err(), "its device says so");
        // An answer that was made up for it: what is not attested is not signed.
        let mut phone = laptop();
        let made = phone.create(&options);
        add_answer(desk, &ann.session, "Phone", &made).await.unwrap();
        let replayed = add_answer(desk, &ann.session, "Phone", &made).await;
        assert!(matches!(replayed, Err(Error::Refused(Refusal::PasskeyNotValid))));
        let forged = for_question(&made, &ask_to_add(desk, &ann.session).await.unwrap());
        let known = add_answer(desk, &ann.session, "Phone", &forged).await;
        assert!(matches!(known, Err(Error::Refused(Refusal::PasskeyKnown))), "{known:?}");
        let bob = desk.person("bob@example.org").await;
        let bobs = open(desk, bob, Method::MailCode).await;
        let forged = for_question(&made, &ask_to_add(desk, &bobs).await.unwrap());
        let known = add_answer(desk, &bobs, "Phone", &forged).await;
        assert!(matches!(known, Err(Error::Refused(Refusal::PasskeyKnown))), "{known:?}");
        // A wrong answer uses its question up, whatever is wrong with it: the right one comes too late.
        for wrong in [
            "{}".to_owned(),
            for_question(
                &laptop().create(&ask_to_add(desk, &ann.session).await.unwrap()),
                &ask_to_add(desk, &ann.session).await.unwrap(),
            ),
        ] {
            let options = ask_to_add(desk, &ann.session).await.unwrap();
            let right = laptop().create(&options);
            for answer in [wrong, right] {
                let refused = add_answer(desk, &ann.session, "Phone", &answer).await;
                assert!(matches!(refused, Err(Error::Refused(Refusal::PasskeyNotValid))));
            }
        }
        assert_eq!(enrolled(desk, ann.user).await.passkeys, 2);

        for n in 3..=19 {
            add(desk, &ann.session, &format!("Key {n}"), &mut laptop()).await;
        }
        // Two more at once, where there is one place left.
        let other = let_in(sign_in(desk, &mut phone).await);
        let sessions = [&ann.session, &other];
        let mut answers = Vec::new();
        for new in sessions {
            answers.push(laptop().create(&ask_to_add(desk, new).await.unwrap()));
        }
        let mut tries = Vec::new();
        for (new, answer) in sessions.into_iter().zip(answers) {
            let (session, key) = (session_of(desk, new).await.unwrap(), hash(new));
            let app = desk.world.app.clone();
            tries.push(tokio::spawn(async move {
                let name = Name::parse("The last one").unwrap();
                app.write_directory(app.new_request(), move |op| {
                    add_passkey(op, &session, &key, (&name, &answer), &Origin::default())
                })
                .await
            }));
        }
        let mut added = 0;
        for tried in tries {
            match tried.await.unwrap() {
                Ok(PasskeyMade::Added(_)) => added += 1,
                Ok(PasskeyMade::Refused(Refusal::TooManyPasskeys)) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(added, 1);
        assert_eq!(enrolled(desk, ann.user).await.passkeys, 20);
        let more = ask_to_add(desk, &ann.session).await;
        assert!(matches!(more, Err(Error::Refused(Refusal::TooManyPasskeys))));
    });
}

#[test]
fn those_made_for_another_address_count_for_nothing() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        let user = ann.user;
        let session = session_of(&ann.desk, &ann.session).await.unwrap();
        ann.desk.ok(move |op| set_passkey_always(op, &session, true, &Origin::default())).await;
        write(&ann.desk, "UPDATE passkeys SET domain = 'old.example'", Vec::new()).await;
        assert!(matches!(ann.by_mail().await.1, SignIn::Opened(_)));
        let listed = ann.desk.ok(move |op| list_passkeys(op, user)).await;
        assert_eq!(listed[0].made_for.as_deref(), Some("old.example"));
        assert!(!enrolled(&ann.desk, user).await.has_strong());
        assert_eq!(refusal(sign_in(&ann.desk, &mut ann.device).await), Refusal::PasskeyUnknown);
    });
}

#[test]
fn the_disabled_and_whose_factors_were_reset_have_none() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        let user = ann.user;
        ann.desk.ok(move |op| identity::disable_person(op, user)).await;
        assert_eq!(refusal(sign_in(&ann.desk, &mut ann.device).await), Refusal::PasskeyUnknown);
        ann.desk.ok(move |op| identity::enable_person(op, user)).await;
        let_in(sign_in(&ann.desk, &mut ann.device).await);

        // The operator's way back covers who has nothing but passkeys.
        let directory_app = &ann.desk.world.app;
        write(
            &ann.desk,
            "INSERT INTO factor_resets (id, user_id, created_at, due_at)
             SELECT id, id, created_at, created_at FROM people WHERE id = $1",
            vec![user.into()],
        )
        .await;
        directory_app.run_due_resets(BASE).await.unwrap();
        let left = enrolled(&ann.desk, user).await;
        assert_eq!((left.passkeys, left.recovery_codes), (0, 0));
        assert_eq!(refusal(sign_in(&ann.desk, &mut ann.device).await), Refusal::PasskeyUnknown);
        assert!(!ann.desk.all_post().await.is_empty());
    });
}

#[test]
fn neither_names_nor_devices_lie_in_the_database() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        let browser = ann.desk.browser(NETWORK);
        let signed = ann.device.sign(&question(&ann.desk, &browser).await);
        let_in(answer(&ann.desk, &browser, &signed).await);
        let claim: Value = serde_json::from_str(&signed).unwrap();
        let text = claim["id"].as_str().unwrap();
        let raw = vault::decode_base64url(text).unwrap();
        let bytes = ann.desk.bytes().await;
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(b"My laptop") && !holds(text.as_bytes()) && !holds(&raw));
        assert!(!holds(ANN.as_bytes()) && !holds(NETWORK.as_bytes()));
    });
}

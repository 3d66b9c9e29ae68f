//! Passkeys as a second step and as a fresh proof.

use super::*;
#[test]
fn whoever_has_a_passkey_does_not_prove_who_they_are_by_a_mail() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        let by_mail = open(&ann.desk, ann.user, Method::MailCode).await;
        let session = session_of(&ann.desk, &by_mail).await.unwrap();
        assert!(!session.is_proven(ann.desk.world.now()), "a mail is not enough");
        let id = first_id(&ann.desk, ann.user).await;
        let removed = ann.desk.run(move |op| remove_passkey(op, &session, id, &Origin::default()));
        assert!(matches!(removed.await, Err(Error::NeedsProof)));
        let asked = ask_to_add(&ann.desk, &by_mail).await;
        assert!(matches!(asked, Err(Error::NeedsProof)), "{asked:?}");
        let set =
            ann.desk.run(move |op| set_passkey_always(op, &session, true, &Origin::default()));
        assert!(matches!(set.await, Err(Error::NeedsProof)));
        // Nor by a code from a mail as proof.
        let hash_of = hash(&by_mail);
        let proven = ann
            .desk
            .ok(move |op| {
                identity::prove_session(
                    op,
                    session.id,
                    session.user,
                    Second::MailCode,
                    &Origin::default(),
                )
            })
            .await;
        assert_ne!(hash(&proven), hash_of);
        let session = session_of(&ann.desk, &proven).await.unwrap();
        assert!(!session.is_proven(ann.desk.world.now()));

        let fresh = ann.prove(&proven).await;
        assert!(session_of(&ann.desk, &proven).await.is_none(), "a new secret");
        let session = session_of(&ann.desk, &fresh).await.unwrap();
        assert!(session.is_proven(ann.desk.world.now()));
        assert_eq!(session.shown.second, Some(Second::Passkey));
        ann.desk.wait_s(16 * MINUTE);
        let session = session_of(&ann.desk, &fresh).await.unwrap();
        assert!(!session.is_proven(ann.desk.world.now()));
        // A recovery code stands in.
        let code = ann.recovery[0].clone();
        let tried = ann
            .desk
            .ok(move |op| identity::prove_with_code(op, &session, &code, &Origin::default()));
        assert!(matches!(tried.await, identity::ProofTried::Proven(_)));
    });
}

#[test]
fn it_is_a_second_step_where_its_person_or_an_app_says_so() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        let user = ann.user;
        assert!(matches!(ann.by_mail().await.1, SignIn::Opened(_)), "not by itself");
        // A step by mail gives way to it.
        let session = session_of(&ann.desk, &ann.session).await.unwrap();
        ann.desk.ok(move |op| set_mail_second(op, &session, true, &Origin::default())).await;
        ann.desk.all_post().await;
        let browser = ann.desk.browser(NETWORK);
        let passed =
            Passed { user, method: Method::Password, remember: false, cookie_hash: browser.cookie };
        let entered = ann.desk.ok(move |op| identity::enter(op, passed, &Origin::default())).await;
        assert!(matches!(entered, SignIn::SecondAsked));
        assert!(ann.desk.all_post().await.is_empty(), "no mail");
        let cookie = browser.cookie;
        assert!(!ann.desk.ok(move |op| mail_second_code(op, &cookie)).await);
        ann.desk.ok(move |op| set_mail_second(op, &session, false, &Origin::default())).await;

        let elsewhere = open(&ann.desk, user, Method::MailCode).await;
        let always = |is_on| {
            move |op: &mut app::DirectoryOp| {
                set_passkey_always(op, &session, is_on, &Origin::default())
            }
        };
        ann.desk.ok(always(true)).await;
        assert!(session_of(&ann.desk, &elsewhere).await.is_none(), "it has shown less");
        let (browser, entered) = ann.by_mail().await;
        assert!(matches!(entered, SignIn::SecondAsked));
        let cookie = browser.cookie;
        let waiting = ann.desk.ok(move |op| find_waiting(op, &cookie)).await.unwrap();
        assert_eq!(
            (waiting.is_by_mail(), waiting.strong.has_app, waiting.strong.has_passkey),
            (false, false, true)
        );
        let asked = ann.desk.ok(move |op| begin_passkey_step(op, &cookie)).await;
        // Somebody else's passkey is not it, whatever its browser was asked.
        let bob = ann.desk.person("bob@example.org").await;
        let bobs = open(&ann.desk, bob, Method::MailCode).await;
        let mut phone = laptop();
        add(&ann.desk, &bobs, "Phone", &mut phone).await;
        let mut free: Value = serde_json::from_str(&asked).unwrap();
        free["publicKey"]["allowCredentials"] = Value::Array(Vec::new());
        let theirs = phone.sign(&free.to_string());
        let second = async |desk: &Desk, answer: String| {
            desk.ok(move |op| sign_in_with_passkey_second(op, &cookie, &answer, &Origin::default()))
                .await
        };
        let refused = second(&ann.desk, theirs).await.unwrap_err();
        assert_eq!(refused, Refusal::PasskeyUnknown);
        let asked = ann.desk.ok(move |op| begin_passkey_step(op, &cookie)).await;
        let right = ann.device.sign(&asked);
        let SecondTried::Opened(session) = second(&ann.desk, right.clone()).await.unwrap() else {
            panic!("not let in");
        };
        let shown = session_of(&ann.desk, &session).await.unwrap().shown;
        assert_eq!(shown, Factors { first: Method::MailCode, second: Some(Second::Passkey) });
        let again = second(&ann.desk, right).await;
        assert!(matches!(again, Ok(SecondTried::NotValid)), "once");
        let nobody = ann.desk.browser(NETWORK).cookie;
        let asked = ann.desk.run(move |op| begin_passkey_step(op, &nobody)).await;
        assert!(matches!(asked, Err(Error::Refused(Refusal::PasskeyNotValid))));

        // A recovery code stands in, and a passkey by itself is never followed by a step.
        let (browser, _) = ann.by_mail().await;
        let (cookie, code) = (browser.cookie, ann.recovery[1].clone());
        let tried =
            ann.desk.ok(move |op| sign_in_with_second(op, &cookie, &code, &Origin::default()));
        assert!(matches!(tried.await, SecondTried::Opened(_)));
        let_in(sign_in(&ann.desk, &mut ann.device).await);
        ann.desk.ok(always(false)).await;
        ann.desk.ok(always(false)).await;
        assert!(matches!(ann.by_mail().await.1, SignIn::Opened(_)));
        assert_eq!(events(&ann.desk, "factor.changed").await, 2);
    });
}

#[test]
fn it_lets_the_password_work_again_that_strangers_have_guessed_at() {
    both(async |world: World| {
        let mut ann = with_passkey(world, laptop()).await;
        write(
            &ann.desk,
            "INSERT INTO lockouts (account_index, kind, device, failures, total, refused, free_at,
                                   seen_at)
             SELECT address_index, 'password', $1, 100, 100, 0, 0, 0 FROM people WHERE id = $2",
            vec![[0; 32].into(), ann.user.into()],
        )
        .await;
        write(
            &ann.desk,
            "INSERT INTO lockouts (account_index, kind, device, failures, total, refused, free_at,
                                   seen_at)
             SELECT address_index, 'app-code', $1, 100, 100, 0, 0, 0 FROM people WHERE id = $2",
            vec![[0; 32].into(), ann.user.into()],
        )
        .await;
        let_in(sign_in(&ann.desk, &mut ann.device).await);
        assert_eq!(ann.desk.count("SELECT COUNT(*) FROM lockouts").await, 0);
        assert_eq!(events(&ann.desk, "second.unlocked").await, 1);
        assert_eq!(events(&ann.desk, "password.unlocked").await, 1);
        // What is wrong counts nothing.
        let browser = ann.desk.browser(NETWORK);
        for _ in 0..20 {
            question(&ann.desk, &browser).await;
            refusal(answer(&ann.desk, &browser, "{}").await);
        }
        assert_eq!(ann.desk.count("SELECT COUNT(*) FROM lockouts").await, 0);
        assert_eq!(events(&ann.desk, "login.failed").await, 0);
    });
}

/// Before a policy asks for a strong factor, it is counted who has none: a passkey is one.
#[test]
fn whoever_has_a_passkey_is_ready_for_a_strong_second_factor() {
    both(async |world: World| {
        let ann = with_passkey(world, laptop()).await;
        let (desk, user) = (&ann.desk, ann.user);
        let (workspace, member) = (desk.world.workspace, desk.id());
        let bob = desk.person("bob@example.org").await;
        let other = desk.id();
        desk.ok(move |op| {
            identity::insert_workspace(op, workspace)?;
            identity::mark_workspace_ready(op, workspace)?;
            identity::add_membership(op, user, workspace, member)?;
            identity::add_membership(op, bob, workspace, other)
        })
        .await;
        let (app, owner) = (&desk.world.app, desk.world.actor("owner"));
        let policy = domain::sign_in_policy::SignInPolicy {
            second_factor: domain::sign_in_policy::SecondFactorRule::Strong,
            ..domain::sign_in_policy::SignInPolicy::default()
        };
        let found = app.look_at_consequences(owner, workspace, policy).await.unwrap();
        assert_eq!((found.people, found.without_second), (2, 1), "Bob alone");
    });
}

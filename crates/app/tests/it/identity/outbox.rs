//! The outbox.

use app::identity::{
    ClaimedLetter, Failure, Letter, LetterKind, claim_due_letters, enqueue, has_due_letters,
    letters, mark_failed, mark_sent, sweep,
};
use domain::text::{EmailAddress, Name};
use testkit::{World, both};

use super::desk::{DAY, Desk, HOUR};

fn letter() -> Letter {
    letters::proof_code(&EmailAddress::parse("ann@example.org").unwrap(), "ABCDEFGH").unwrap()
}

async fn put(desk: &Desk) {
    desk.ok(|op| enqueue(op, LetterKind::RememberTheft, &letter())).await;
}

async fn claim(desk: &Desk) -> Vec<ClaimedLetter> {
    desk.ok(|op| claim_due_letters(op, 10)).await.letters
}

#[test]
fn ott_37_a_letter_cannot_begin_another_header() {
    let to = EmailAddress::parse("ann@example.org").unwrap();
    for subject in ["a\r\nBcc: eve@example.org", "a\nb", "a\rb", "a\0b", "a\u{2028}b"] {
        assert!(Letter::new(to.clone(), subject, "text").is_err(), "{subject:?}");
    }
    assert!(Letter::new(to.clone(), "a", "text\r\n.\r\n").is_err());
    assert!(Letter::new(to, "a", "text\nmore\n").is_ok());
    for address in ["a@b.de\r\nBcc: eve@example.org", "a\n@b.de", "a@b.de,eve@example.org"] {
        assert!(EmailAddress::parse(address).is_err(), "{address:?}");
    }
    assert!(Name::parse("Ann\r\nBcc: eve@example.org").is_err());
}

#[test]
fn letters_say_what_they_have_to() {
    let to = EmailAddress::parse("ann@example.org").unwrap();
    let code = letters::sign_in_code(&to, "ABCDEFGH", "https://time.example/", "token").unwrap();
    assert!(code.body().contains("    ABCD-EFGH\n"));
    assert!(code.body().contains("\nhttps://time.example/sign-in/link/token\n"));
    assert!(!code.subject().contains("ABCD"));
    let (inviter, workspace) = (Name::parse("Bo").unwrap(), Name::parse("Atelier").unwrap());
    let invited =
        letters::invitation(&to, &inviter, &workspace, "http://localhost:8080", "token").unwrap();
    assert!(invited.body().contains("http://localhost:8080/join/token\n"));
    assert!(invited.body().contains("Bo would like"));
    assert!(!invited.subject().contains("Atelier"));
    for letter in [code, invited, letters::proof_code(&to, "ABCDEFGH").unwrap()] {
        assert!(letter.body().lines().all(|line| line.len() <= 100));
        assert!(letter.body().ends_with(".\n"));
        assert!(!format!("{letter:?}").contains("ABCD"));
    }
}

#[test]
fn a_letter_is_claimed_by_one_and_again_when_it_was_forgotten() {
    both(async |world: World| {
        let desk = Desk::new(world);
        put(&desk).await;
        let first = claim(&desk).await;
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].letter, letter());
        assert!(claim(&desk).await.is_empty());
        desk.wait_s(119);
        assert!(claim(&desk).await.is_empty());
        desk.wait_s(1);
        assert_eq!(claim(&desk).await.len(), 1);
        let id = first[0].id;
        desk.ok(move |op| mark_sent(op, id)).await;
        desk.wait_s(HOUR);
        assert!(claim(&desk).await.is_empty());
        desk.wait_s(DAY);
        desk.ok(sweep).await;
        assert_eq!(desk.count("SELECT COUNT(*) FROM outbox").await, 0);
    });
}

#[test]
fn a_letter_is_tried_for_a_day_with_growing_waits() {
    both(async |world: World| {
        let desk = Desk::new(world);
        put(&desk).await;
        let mut waits = Vec::new();
        let mut tries = 0;
        let begun = desk.world.now();
        loop {
            let claimed = claim(&desk).await;
            let Some(letter) = claimed.first() else { break };
            assert_eq!(letter.failures, tries);
            tries += 1;
            let id = letter.id;
            desk.ok(move |op| mark_failed(op, id, Failure::Temporary)).await;
            let wait = (10 << (tries - 1).min(9)).min(HOUR);
            waits.push(wait);
            desk.wait_s(wait - 1);
            assert!(claim(&desk).await.is_empty());
            desk.wait_s(1);
        }
        assert_eq!(waits[..4], [10, 20, 40, 80]);
        assert_eq!(waits[20], HOUR);
        let lasted = desk.world.now().as_second() - begun.as_second();
        assert!((DAY - HOUR..=DAY + HOUR).contains(&lasted), "{lasted}");
        let given_up = "SELECT COUNT(*) FROM outbox WHERE given_up_at IS NOT NULL";
        assert_eq!(desk.count(given_up).await, 1);

        put(&desk).await;
        let id = claim(&desk).await[0].id;
        desk.ok(move |op| mark_failed(op, id, Failure::Permanent)).await;
        desk.wait_s(HOUR);
        assert!(claim(&desk).await.is_empty());
    });
}

/// What nobody gets goes the same way through the outbox.
#[test]
fn what_is_pretended_is_claimed_and_marked_as_a_letter_is() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.ask(&desk.browser("192.0.2.1"), "nobody@example.org").await;
        let claimed = desk.ok(|op| claim_due_letters(op, 10)).await;
        assert!(claimed.letters.is_empty());
        let [pretended] = &claimed.pretended[..] else { panic!("{claimed:?}") };
        let (id, letter) = (pretended.id, &pretended.letter);
        assert_eq!((letter.subject().trim(), letter.body().trim()), ("", ""));
        assert!(!desk.ok(has_due_letters).await, "claimed for two minutes");
        desk.wait_s(120);
        assert!(desk.ok(has_due_letters).await);
        desk.ok(move |op| mark_sent(op, id)).await;
        assert!(!desk.ok(has_due_letters).await);
    });
}

#[test]
fn a_code_is_not_sent_when_it_is_worthless() {
    both(async |world: World| {
        let desk = Desk::new(world);
        desk.person("ann@example.org").await;
        desk.ask(&desk.browser("192.0.2.1"), "ann@example.org").await;
        desk.wait_s(600);
        assert!(desk.post().await.is_empty());
    });
}

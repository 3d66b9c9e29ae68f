//! Passwords over HTTP: the checks of T-PW (security.md) that are about pages, by their numbers, and what
//! a stranger learns. Rules and hashing are tested in `domain` and `vault`, operations in `app`.

use app::identity::{claim_due_letters, mark_sent};
use serde_json::Value;

use crate::{
    alike::Seen,
    cases::number,
    support::{Answer, Api, both},
    visit::{Browser, HOUR, MINUTE, directory, somebody, wait_s},
    visitor::Form,
};

pub(crate) const GOOD: &str = "violet harbour 7 owls";
pub(crate) const OTHER: &str = "quiet lamps over wet roofs";

impl Browser<'_> {
    /// Opens the sign-in page and sends its form.
    async fn knock(&mut self, address: &str, password: &str) -> Answer {
        self.get("/sign-in").await;
        let typed = [("email", address), ("password", password), ("way", "password")];
        self.post("/sign-in", &typed).await
    }

    /// Sets a password on the page My security, in a session that was just opened.
    async fn set_password(&mut self, password: &str) -> Answer {
        let security = self.page("security");
        self.get(&security).await;
        self.post(&format!("{security}/password"), &[("new_password", password)]).await
    }
}

/// Somebody with a password, and the browser in which they set it.
pub(crate) async fn with_password<'a>(api: &'a Api, address: &str) -> Browser<'a> {
    somebody(api, address).await;
    let mut browser = Browser::new(api);
    browser.sign_in_by_mail(api, address, false).await;
    let set = browser.set_password(GOOD).await;
    assert_eq!(set.status, 303, "{}", set.text());
    assert_told(api, "you can sign in to Timeproof with a password").await;
    browser
}

/// Among the letters that are due one says this; all of them are sent.
async fn assert_told(api: &Api, words: &str) {
    let bodies = directory(api, |op| {
        let letters = claim_due_letters(op, 10)?.letters;
        letters.iter().try_for_each(|letter| mark_sent(op, letter.id))?;
        Ok(letters.iter().map(|letter| letter.letter.body().to_owned()).collect::<Vec<_>>())
    })
    .await;
    assert!(bodies.iter().any(|body| body.contains(words)), "{words}: {bodies:?}");
}

/// The tag of the field with this id.
fn tag<'a>(page: &'a str, id: &str) -> &'a str {
    let at = page.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}: {page}"));
    let start = page[..at].rfind('<').unwrap();
    &page[start..start + page[start..].find('>').unwrap()]
}

#[test]
fn pw_24_25_26_27_28_the_fields_are_such_that_managers_can_fill_them() {
    both(async |api| {
        let mut browser = Browser::new(&api);
        let door = browser.get("/sign-in").await.text();
        assert!(tag(&door, "email").contains("autocomplete=\"username"));
        let field = tag(&door, "password").to_owned();
        assert!(field.contains("type=\"password\"") && field.contains("\"current-password\""));
        let mut mine = with_password(&api, "ann@example.org").await;
        wait_s(&api, 20 * MINUTE);
        let security = mine.page("security");
        let page = mine.get(&security).await.text();
        let new = tag(&page, "new-password").to_owned();
        assert!(new.contains("type=\"password\"") && new.contains("\"new-password\""));
        assert!(tag(&page, "current-password").contains("\"current-password\""));
        for field in [&field, &new] {
            // Nothing is cut off, and pasting is nobody's business.
            assert!(!field.contains("maxlength") && !field.contains("onpaste"), "{field}");
            assert!(field.contains("value=\"\""), "{field}");
        }
        assert!(page.contains("data-behaviour=\"show-password\""));
        assert!(page.contains("autocomplete=\"username\" hidden"));
        for word in ["security question", "reminder", "Password hint"] {
            assert!(!page.contains(word) && !door.contains(word), "{word}");
        }
    });
}

#[test]
fn pw_22_23_31_one_is_chosen_changed_and_removed_on_the_page() {
    both(async |api| {
        let ann = "ann@example.org";
        let mut mine = with_password(&api, ann).await;
        let security = mine.page("security");
        // 22 and 23: the reason and the guidance stand beside the field; nothing typed comes back.
        let refused = mine.set_password("passwordpassword").await;
        assert_eq!(refused.status, 422);
        let text = refused.text();
        assert!(text.contains("Many people have this password"), "{text}");
        assert!(text.contains("Four or five words"), "{text}");
        assert!(!text.contains("passwordpassword"), "{text}");
        // 31: later the one there is is asked for, or a fresh proof.
        wait_s(&api, 20 * MINUTE);
        let asked = mine.set_password(OTHER).await;
        assert_eq!(asked.status, 403);
        assert!(asked.text().contains("You are about to choose a password"), "{}", asked.text());
        assert!(!asked.text().contains(OTHER), "no page carries it on");
        let change = |current| {
            [("current_password", current), ("new_password", OTHER), ("end_others", "true")]
        };
        mine.get(&security).await;
        let wrong = mine.post(&format!("{security}/password"), &change("nonsense")).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text().contains("This is not your password."), "{}", wrong.text());
        let changed = mine.post(&format!("{security}/password"), &change(GOOD)).await;
        assert_eq!(changed.status, 303, "{}", changed.text());
        assert_told(&api, "your password for Timeproof was changed").await;
        let mut elsewhere = Browser::new(&api);
        assert_eq!(elsewhere.knock(ann, GOOD).await.status, 422);
        assert_eq!(elsewhere.knock(ann, OTHER).await.status, 303);
        // It is taken away with a proof, which a password is none.
        elsewhere.get(&security).await;
        let removed = elsewhere.post(&format!("{security}/password/remove"), &[]).await;
        assert_eq!(removed.status, 403, "{}", removed.text());
        assert!(removed.text().contains("remove your password"), "{}", removed.text());
        let mut fresh = Browser::new(&api);
        fresh.sign_in_by_mail(&api, ann, false).await;
        fresh.get(&security).await;
        let removed = fresh.post(&format!("{security}/password/remove"), &[]).await;
        assert_eq!(removed.status, 303, "{}", removed.text());
        assert_told(&api, "your password for Timeproof was removed").await;
        assert_eq!(Browser::new(&api).knock(ann, OTHER).await.status, 422);
    });
}

#[test]
fn a_form_that_waits_is_there_after_signing_in_with_a_password() {
    both(async |api| {
        let ann = "ann@example.org";
        let mut mine = with_password(&api, ann).await;
        let today = mine.page("today");
        mine.get(&today).await;
        wait_s(&api, 2 * HOUR);
        // The session is over; the browser follows the answer to the page that keeps the form.
        let action = mine.page("quick-entry");
        let left = mine.post(&action, &[("text", "1h Kept words")]).await;
        assert_eq!(left.status, 307);
        let place = left.header("location").to_owned();
        let kept = mine.post(&place, &[("text", "1h Kept words")]).await;
        let form = Form::of(&kept.text(), "sign-in-form").unwrap();
        let carried: Vec<(&str, &str)> = form
            .0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !["email", "password", "way"].contains(name))
            .collect();
        let with = |password| {
            let typed = [("email", ann), ("password", password), ("way", "password")];
            carried.iter().copied().chain(typed).collect::<Vec<_>>()
        };
        let wrong = mine.post("/sign-in", &with("nonsense")).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text().contains("What you typed is kept on this page."), "{}", wrong.text());
        let entered = mine.post("/sign-in", &with(GOOD)).await;
        assert_eq!(entered.status, 200, "{}", entered.text());
        assert!(entered.text().contains("1h Kept words"), "{}", entered.text());
        assert!(mine.who().await.is_some());
    });
}

#[test]
fn pw_30_a_flagged_one_is_replaced_at_the_door() {
    both(async |api| {
        let ann = "ann@example.org";
        let user = with_password(&api, ann).await.who().await.unwrap();
        directory(&api, move |op| app::identity::password::flag_password(op, user)).await;
        let mut browser = Browser::new(&api);
        let asked = browser.knock(ann, GOOD).await;
        assert_eq!(asked.status, 200);
        let text = asked.text();
        assert!(text.contains("Choose another password"), "{text}");
        assert!(!text.contains(GOOD) && browser.who().await.is_none());
        let send =
            |current, new| [("email", ann), ("current_password", current), ("new_password", new)];
        let same = browser.post("/sign-in/password", &send(GOOD, GOOD)).await;
        assert_eq!(same.status, 422);
        assert!(same.text().contains("This is the password you have"), "{}", same.text());
        let wrong = browser.post("/sign-in/password", &send("nonsense", OTHER)).await;
        assert_eq!(wrong.status, 422);
        let entered = browser.post("/sign-in/password", &send(GOOD, OTHER)).await;
        assert_eq!(entered.status, 303, "{}", entered.text());
        assert_eq!(browser.who().await, Some(user));
    });
}

#[test]
fn strength_is_told_while_it_is_typed() {
    both(async |api| {
        let mut mine = with_password(&api, "ann@example.org").await;
        let security = mine.page("security");
        mine.get(&security).await;
        let rate = async |password: &str| -> Value {
            let mut browser = mine.clone();
            let typed = [("new_password", password)];
            let rated = browser.post(&format!("{security}/password/strength"), &typed).await;
            assert_eq!(rated.status, 200, "{}", rated.text());
            rated.json()
        };
        let weak = rate("passwordpassword").await;
        assert!(weak["strength"].as_u64().unwrap() <= 1);
        assert!(weak["refusal"].as_str().unwrap().starts_with("Many people"), "{weak}");
        let short = rate("x9!").await;
        assert!(short["refusal"].as_str().unwrap().starts_with("15 characters"), "{short}");
        let expected = rate("ann@example.org timeproof").await;
        assert!(expected["refusal"].is_string(), "{expected}");
        let good = rate(GOOD).await;
        assert_eq!((&good["strength"], &good["refusal"]), (&3.into(), &Value::Null), "{good}");
    });
}

/// Known, without a password, disabled, unknown: one wrong guess after the other, into the lock-out and
/// with the right password in it.
#[test]
fn enum_every_address_is_answered_alike() {
    both(async |api| {
        with_password(&api, "known@example.org").await;
        let disabled = with_password(&api, "ended@example.org").await.who().await.unwrap();
        directory(&api, move |op| app::identity::disable_person(op, disabled)).await;
        somebody(&api, "empty@example.org").await;
        let mut seen: Vec<Vec<_>> = Vec::new();
        // Equally long, so that the length of the page is.
        for who in ["known", "empty", "ended", "never"] {
            let address = format!("{who}@example.org");
            let mut answers = Vec::new();
            for round in 0..8 {
                let mut browser = Browser::new(&api);
                let password = if round > 5 { GOOD } else { "a wrong password" };
                let answer = browser.knock(&address, password).await;
                assert_eq!(answer.status, 422, "{who} {round}: {}", answer.text());
                let csrf = browser.jar.csrf.clone();
                answers.push(Seen::of(&answer, &[&address, &csrf]));
            }
            seen.push(answers);
        }
        for (who, answers) in seen.iter().enumerate().skip(1) {
            for (round, (answer, first)) in answers.iter().zip(&seen[0]).enumerate() {
                assert_eq!(answer, first, "{who} {round}");
            }
        }
    });
}

/// The other doors that take an address: the change of a password that is due, and a code by mail; of
/// people without and with a second factor, of disabled ones and of nobody.
#[test]
fn enum_the_other_doors_answer_alike_too() {
    both(async |api| {
        with_password(&api, "known@example.org").await;
        let second = with_password(&api, "twice@example.org").await.who().await.unwrap();
        let update = store::Statement::new(
            "test.second",
            "UPDATE people SET second_mail_at = 1 WHERE id = $1",
        );
        let directory_of = api.world.app.store().directory();
        let written: Result<_, store::StoreError> =
            directory_of.write(move |tx| tx.execute(&update, &[second.into()])).await;
        written.unwrap();
        let disabled = with_password(&api, "ended@example.org").await.who().await.unwrap();
        directory(&api, move |op| app::identity::disable_person(op, disabled)).await;
        let mut seen = Vec::new();
        for who in ["known", "twice", "ended", "never"] {
            let address = format!("{who}@example.org");
            let mut answers = Vec::new();
            for round in 0..7 {
                let mut browser = Browser::new(&api);
                browser.get("/sign-in").await;
                let change = [
                    ("email", address.as_str()),
                    ("current_password", "a wrong password"),
                    ("new_password", OTHER),
                ];
                let changed = browser.post("/sign-in/password", &change).await;
                assert_eq!(changed.status, 422, "{who} {round}");
                let typed = [("email", address.as_str()), ("way", "code")];
                let asked = browser.post("/sign-in", &typed).await;
                assert_eq!(asked.status, 200, "{who} {round}");
                let csrf = browser.jar.csrf.clone();
                answers
                    .extend([changed, asked].map(|answer| Seen::of(&answer, &[&address, &csrf])));
            }
            seen.push(answers);
        }
        for (who, answers) in seen.iter().enumerate().skip(1) {
            assert_eq!(answers, &seen[0], "{who}");
        }
    });
}

#[test]
fn brute_a_network_is_told_to_wait_and_others_are_not() {
    both(async |api| {
        with_password(&api, "ann@example.org").await;
        let from = |network: &str| {
            let mut browser = Browser::new(&api);
            browser.way = Some(("127.0.0.1:1".parse().unwrap(), network.to_owned()));
            browser
        };
        let mut refused = 0;
        for _ in 0..62 {
            let address = format!("person{}@example.org", number());
            let answer = from("203.0.113.9").knock(&address, GOOD).await;
            if answer.status == 429 {
                refused += 1;
                assert!(answer.header("retry-after").parse::<u32>().unwrap() <= 3_601);
                assert!(answer.text().contains("came from your network"), "{}", answer.text());
            } else {
                assert_eq!(answer.status, 422);
            }
        }
        assert_eq!(refused, 2);
    });
}

/// A field that is sent along.
fn hidden(page: &str, name: &str) -> Option<String> {
    let tag = page.split('<').find(|tag| tag.contains(&format!("name=\"{name}\"")))?;
    Some(tag.split("value=\"").nth(1)?.split('"').next()?.to_owned())
}

/// During an attack on many accounts: the page says what to do, the same to everybody, and takes a
/// password with which the work was done.
#[test]
fn brute_many_accounts_guessed_at_ask_unknown_browsers_for_work() {
    both(async |api| {
        let ann = "ann@example.org";
        let mut mine = with_password(&api, ann).await;
        let door = Browser::new(&api).get("/sign-in").await.text();
        assert!(hidden(&door, "puzzle").is_none(), "at most times there is none");
        for n in 0..61_u8 {
            let mut browser = Browser::new(&api);
            let peer = format!("203.0.113.{n}:1");
            browser.way = Some((peer.parse().unwrap(), "192.0.2.1".to_owned()));
            assert_eq!(browser.knock(&format!("who{n}@example.org"), GOOD).await.status, 422);
        }
        api.world.app.watch_guesses().await.unwrap();
        let mut seen = Vec::new();
        for who in ["ann", "bob"] {
            let mut browser = Browser::new(&api);
            let address = format!("{who}@example.org");
            let answer = browser.knock(&address, GOOD).await;
            assert_eq!(answer.status, 429);
            assert_eq!(answer.header("retry-after"), "1");
            let text = answer.text();
            assert!(text.contains("yours was not looked at") && !text.contains(GOOD), "{text}");
            assert!(
                text.contains("Without scripts, passwords") && text.contains("value=\"code\""),
                "{text}"
            );
            let puzzle = hidden(&text, "puzzle").unwrap();
            seen.push(Seen::of(&answer, &[&address, &browser.jar.csrf, &puzzle]));
        }
        assert_eq!(seen[0], seen[1]);
        // Where its person has signed in before, nothing is asked for.
        mine.get("/sign-in").await;
        mine.post("/sign-out", &[]).await;
        assert_eq!(mine.knock(ann, GOOD).await.status, 303);
        // The work is done in the browser that was asked for it.
        let mut browser = Browser::new(&api);
        let door = browser.get("/sign-in").await.text();
        let puzzle = hidden(&door, "puzzle").unwrap();
        assert!(tag(&door, "sign-in-form").contains("data-behaviour=\"puzzle\""));
        let seed = &puzzle[puzzle.len() - 24..];
        let numbers: Vec<String> =
            (0..8).map(|part| vault::puzzle::solve(seed, part, 15).to_string()).collect();
        let numbers = numbers.join(",");
        let typed = [
            ("email", ann),
            ("password", GOOD),
            ("way", "password"),
            ("puzzle", &puzzle),
            ("numbers", &numbers),
        ];
        let mut other = Browser::new(&api);
        other.get("/sign-in").await;
        assert_eq!(other.post("/sign-in", &typed).await.status, 429);
        assert_eq!(browser.post("/sign-in", &typed).await.status, 303);
        // A code by mail is there as always.
        let mut browser = Browser::new(&api);
        browser.sign_in_by_mail(&api, ann, false).await;
        assert!(browser.who().await.is_some());
    });
}

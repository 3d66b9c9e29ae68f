//! The alarm about many accounts that are guessed at, and the work that it asks of unknown browsers.

use app::identity::{Puzzle, Solution, password::PasswordTried, sweep};
use store::Statement;
use testkit::{World, both};
use vault::puzzle::solve;

use super::{
    desk::{DAY, Desk, HOUR, MINUTE},
    password::{ANN, Browser, GOOD, NOBODY, OTHER},
};

const FORM: &str = "the form token of a browser";

impl Desk {
    /// One wrong password at each of so many accounts, from all over the world.
    async fn stuff(&self, from: usize, times: usize) {
        for n in from..from + times {
            let browser = self.stranger(&format!("203.{}.{}.1", n / 250, n % 250));
            self.knock(&browser, &format!("person{n}@example.org"), OTHER).await;
        }
    }

    async fn watch(&self) {
        self.world.app.watch_guesses().await.unwrap();
    }

    fn puzzle(&self) -> Puzzle {
        self.world.app.new_puzzle(FORM).unwrap()
    }

    async fn knock_with(&self, browser: &Browser, solution: Solution) -> PasswordTried {
        let mut attempt = self.attempt(browser, ANN, GOOD);
        attempt.solution = solution;
        let app = &self.world.app;
        app.sign_in_with_password(app.new_request(), attempt).await.unwrap()
    }

    /// Wrong passwords of every hour of the last week, and those without work.
    async fn was_usual(&self, an_hour: i64, unworked: i64) {
        let minute = self.world.now().as_second() / 60;
        let insert = Statement::new(
            "test.tally",
            "INSERT INTO guess_tallies (minute, wrong, unworked) VALUES ($1, $2, $3)",
        );
        for hour in 1..=7 * 24 {
            let values = [(minute - hour * 60).into(), an_hour.into(), unworked.into()];
            let (insert, directory) = (insert, self.world.app.store().directory());
            let written: Result<_, store::StoreError> =
                directory.write(move |tx| tx.execute(&insert, &values)).await;
            written.unwrap();
        }
    }
}

fn solved(puzzle: &Puzzle, browser: &str) -> Solution {
    let seed = &puzzle.text[puzzle.text.len() - 24..];
    let numbers: Vec<String> =
        (0..puzzle.parts).map(|part| solve(seed, part, puzzle.bits).to_string()).collect();
    Solution {
        browser: browser.to_owned(),
        puzzle: puzzle.text.clone(),
        numbers: numbers.join(","),
    }
}

#[test]
fn brute_more_than_sixty_wrong_ones_in_five_minutes_ask_for_work_and_it_ends_by_itself() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let home = desk.with_password(ANN, GOOD).await;
        let known = desk.known(home.user).await;
        let app = desk.world.app.clone();
        desk.stuff(0, 60).await;
        desk.watch().await;
        assert!(!app.is_challenging(), "as many as an office may mistype");
        desk.stuff(60, 1).await;
        assert!(!app.is_challenging(), "nothing is handed in by a request");
        desk.watch().await;
        assert!(app.is_challenging());
        assert_eq!(desk.kinds("stuffing.begun").await, 1);

        // The right password, a wrong one and one of nobody: the same, and none is looked at.
        let stranger = desk.stranger("192.0.2.1");
        let before = desk.looked_at().await;
        for (address, password) in [(ANN, GOOD), (ANN, OTHER), (NOBODY, GOOD)] {
            let tried = desk.knock(&stranger, address, password).await;
            assert!(matches!(tried, PasswordTried::NeedsWork), "{tried:?}");
        }
        assert_eq!(desk.looked_at().await, before);
        assert!(desk.is_let_in(&known, ANN, GOOD).await, "known browsers go on");

        // Solved: once, in its browser, in time.
        let puzzle = desk.puzzle();
        let right = solved(&puzzle, FORM);
        let wrong = [
            Solution { browser: "another browser".to_owned(), ..right.clone() },
            Solution { numbers: "0,0,0,0,0,0,0,0".to_owned(), ..right.clone() },
            Solution {
                numbers: right.numbers.rsplit_once(',').unwrap().0.to_owned(),
                ..right.clone()
            },
            Solution { puzzle: "AAAA".to_owned(), ..right.clone() },
            Solution::default(),
        ];
        for solution in wrong {
            let tried = desk.knock_with(&stranger, solution).await;
            assert!(matches!(tried, PasswordTried::NeedsWork), "{tried:?}");
        }
        let tried = desk.knock_with(&stranger, right.clone()).await;
        assert!(matches!(tried, PasswordTried::Passed(..)), "{tried:?}");
        let again = desk.knock_with(&stranger, right).await;
        assert!(matches!(again, PasswordTried::NeedsWork), "{again:?}");
        let late = solved(&desk.puzzle(), FORM);
        desk.wait_s(10 * MINUTE);
        let late = desk.knock_with(&stranger, late).await;
        assert!(matches!(late, PasswordTried::NeedsWork), "{late:?}");

        // What was not looked at counts on, for as long as it comes in such numbers.
        desk.stuff(100, 61).await;
        desk.watch().await;
        desk.wait_s(14 * MINUTE);
        desk.watch().await;
        assert!(app.is_challenging());
        desk.wait_s(2 * MINUTE);
        assert!(!app.is_challenging());
        desk.watch().await;
        assert!(desk.is_let_in(&stranger, ANN, GOOD).await);
        desk.wait_s(9 * DAY);
        desk.ok(sweep).await;
        for table in ["SELECT COUNT(*) FROM guess_tallies", "SELECT COUNT(*) FROM spent_puzzles"] {
            assert_eq!(desk.count(table).await, 0);
        }
    });
}

#[test]
fn brute_what_is_usual_is_the_median_hour_of_a_week() {
    both(async |world: World| {
        let desk = Desk::new(world);
        // Ten in five minutes are usual here, so two hundred are none too many.
        desk.was_usual(120, 0).await;
        desk.stuff(0, 200).await;
        desk.watch().await;
        assert!(!desk.world.app.is_challenging());
        desk.stuff(200, 1).await;
        desk.watch().await;
        assert!(desk.world.app.is_challenging());
        // Another node hears of it, and a restart does not end it.
        let other = desk.world.another_app().await;
        assert!(!other.is_challenging());
        other.watch_guesses().await.unwrap();
        assert!(other.is_challenging());
        // A clock that was ahead does not leave it on.
        desk.wait_s(-HOUR);
        assert!(!desk.world.app.is_challenging());
    });
}

/// What costs nothing to send holds an alarm on only as far as each network goes.
#[test]
fn brute_one_network_without_work_does_not_hold_the_alarm_on() {
    both(async |world: World| {
        let desk = Desk::new(world);
        let app = desk.world.app.clone();
        desk.stuff(0, 61).await;
        desk.watch().await;
        assert!(app.is_challenging());
        desk.wait_s(14 * MINUTE);
        let machine = desk.stranger("198.51.100.7");
        let before = desk.looked_at().await;
        for _ in 0..90 {
            let tried = desk.knock(&machine, ANN, OTHER).await;
            assert!(matches!(tried, PasswordTried::NeedsWork), "{tried:?}");
        }
        desk.watch().await;
        let row = &desk.query("SELECT wrong, unworked FROM guess_tallies ORDER BY minute").await[1];
        let counted: [i64; 2] = [row.get(0).unwrap(), row.get(1).unwrap()];
        assert_eq!(counted, [0, 60], "those beyond count for nothing");
        assert_eq!(desk.looked_at().await, before, "and take no guesses from anybody");
        desk.wait_s(2 * MINUTE);
        assert!(!app.is_challenging(), "sixty from one network are no attack");
        // Its guesses with work, and those of others there, are left.
        let tried = desk.knock(&machine, ANN, OTHER).await;
        assert!(matches!(tried, PasswordTried::Wrong), "{tried:?}");
    });
}

#[test]
fn brute_no_attack_becomes_usual() {
    both(async |world: World| {
        let desk = Desk::new(world);
        // A week of attacks without work is no part of what is usual.
        desk.was_usual(0, 100_000).await;
        desk.stuff(0, 61).await;
        desk.watch().await;
        assert!(desk.world.app.is_challenging());
    });
    both(async |world: World| {
        let desk = Desk::new(world);
        // With work it is, and then more than four hundred are an attack all the same.
        desk.was_usual(100_000, 0).await;
        desk.stuff(0, 400).await;
        desk.watch().await;
        assert!(!desk.world.app.is_challenging());
        desk.stuff(400, 1).await;
        desk.watch().await;
        assert!(desk.world.app.is_challenging());
    });
}

//! How good a password is, told while it is typed.

use domain::password::{Expected, Password};
use domain::text::EmailAddress;
use vault::Secret;
use zxcvbn::zxcvbn;

use super::{
    blocklist::is_common,
    rules::{expected_of, least, sentence},
};
use crate::{App, Error, identity::second::Enrolled};

/// What can be said of a password that is being typed. It decides nothing: what is refused is refused
/// when it is sent, by the same rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rating {
    /// From 0, guessed at once, to 4, not to be guessed.
    pub strength: u8,
    /// Why it would be refused; none when it may be chosen.
    pub refusal: Option<String>,
    /// What would make it better; may be empty.
    pub advice: String,
}

/// Rates a password. Takes a few milliseconds of computing.
pub fn rate(
    typed: &str,
    expected: &Expected,
    address: &EmailAddress,
    enrolled: &Enrolled,
) -> Rating {
    let expected = expected_of(expected, address);
    let words: Vec<&str> = expected.words().collect();
    let estimate = zxcvbn(typed, &words);
    let checked = Password::read(typed)
        .and_then(|password| password.check(least(enrolled), &expected, is_common));
    let refusal = checked.err().map(sentence);
    // What is refused is never called good.
    let most = if refusal.is_some() { 1 } else { 4 };
    let strength = strength(estimate.guesses()).min(most);
    let advice = estimate.feedback().and_then(zxcvbn::feedback::Feedback::warning);
    Rating {
        strength,
        advice: advice.map(|warning| warning.to_string()).unwrap_or_default(),
        refusal,
    }
}

impl App {
    /// Rates a password of somebody who is not signed in yet, by what they typed alone: the same for every
    /// address. It waits in the queue of the checks, so that whoever sends thousands takes no more of the
    /// machine by it.
    ///
    /// Errors: [`Refusal::TooManyChecks`](crate::Refusal) when that is full.
    pub async fn rate_at_door(
        &self,
        typed: Secret<String>,
        address: EmailAddress,
    ) -> Result<Rating, Error> {
        let place = self.enter_queue()?;
        let none = (Expected::default(), Enrolled::default());
        place.work(move || Ok(rate(typed.expose(), &none.0, &address, &none.1))).await
    }
}

/// How many guesses a password takes, in words: the steps are further apart than those of the estimate,
/// which knows few names and places. A name, a year and a sign take it 10^12 guesses, four words that do
/// not belong together or fifteen characters as they fall 10^15.
const STEPS: [u64; 4] = [10_000, 100_000_000, 1_000_000_000_000_000, 1_000_000_000_000_000_000];

fn strength(guesses: u64) -> u8 {
    (0..).zip(STEPS).find(|(_, step)| guesses < *step).map_or(4, |(strength, _)| strength)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody whose password is all that is asked for.
    fn rated(typed: &str) -> Rating {
        let address = EmailAddress::parse("ines.moreau@lantern.example").unwrap();
        let expected = Expected::default().with_name("Ines Moreau").with_name("Lantern");
        rate(typed, &expected, &address, &Enrolled::default())
    }

    /// What everybody would try for somebody is never green, refused or not.
    #[test]
    fn names_years_and_common_words_with_signs_are_not_called_strong() {
        for typed in [
            "Timeproof2026!",
            "Timeproof2026!!!",
            "Password123!",
            "Password123!Password",
            "Passwordpassword123!",
            "InesMoreau1987!!",
            "Ines.Moreau.1987",
            "MartinSchmidt2026!",
            "Michael.Jackson.1958",
            "Summer2026!Winter",
            "Liverpool2026!Champions",
            "Lantern2026Lantern!",
            "Company-Password-2026",
            "November-2026-November",
            "qwertyuiop123456789",
        ] {
            let Rating { strength, refusal, .. } = rated(typed);
            assert!(strength <= 2, "{typed}: {strength}");
            assert!(refusal.is_none() || strength <= 1, "{typed}: {strength}, {refusal:?}");
        }
    }

    #[test]
    fn words_that_do_not_belong_together_and_what_a_program_made_up_are_strong() {
        for typed in [
            "violet harbour 7 owls",
            "kitchen lamp seven rivers",
            "x7#Kp9!vQz2$LmW4",
            "q9Vt2mXw8Rk1Zp5",
        ] {
            let Rating { strength, refusal, .. } = rated(typed);
            assert!(strength >= 3 && refusal.is_none(), "{typed}: {strength}, {refusal:?}");
        }
    }

    #[test]
    fn each_step_begins_with_its_number() {
        assert_eq!(
            [0, 9_999, 10_000, 99_999_999, 100_000_000, u64::MAX].map(strength),
            [0, 0, 1, 1, 2, 4]
        );
        assert_eq!([STEPS[2] - 1, STEPS[2], STEPS[3]].map(strength), [2, 3, 4]);
    }
}

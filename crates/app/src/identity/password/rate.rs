//! How good a password is, told while it is typed.

use domain::password::{Expected, Password};
use domain::text::EmailAddress;
use vault::Secret;
use zxcvbn::{Score, zxcvbn};

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
    let advice = estimate.feedback().and_then(zxcvbn::feedback::Feedback::warning);
    Rating {
        strength: strength(estimate.score()).min(most),
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

fn strength(score: Score) -> u8 {
    match score {
        Score::Zero => 0,
        Score::One => 1,
        Score::Two => 2,
        Score::Three => 3,
        _ => 4,
    }
}

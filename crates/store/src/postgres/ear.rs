//! Words between the nodes that share a PostgreSQL: `NOTIFY`, outside of any operation's transaction,
//! since it makes commits wait for each other.

use std::time::{Duration, Instant};

use super::{address::Address, line::Line};
use crate::StoreError;

/// A line that hears what other nodes say, and this one.
pub struct Ear {
    line: Line,
    asked: Instant,
}

/// A line that only listens would not notice that nobody is at its other end.
const ASK_EVERY: Duration = Duration::from_secs(15);

impl Ear {
    pub(crate) fn open(address: &Address, channel: &str) -> Result<Self, StoreError> {
        let mut line = Line::connect(address)?;
        line.batch(&format!("LISTEN \"{channel}\""))?;
        Ok(Self { line, asked: Instant::now() })
    }

    /// The words that come within `wait`: none, or those that came together. Blocks.
    ///
    /// Errors: [`StoreError::Unavailable`] when the line is lost; words may have been missed then.
    pub fn hear(&mut self, wait: Duration) -> Result<Vec<String>, StoreError> {
        if self.asked.elapsed() >= ASK_EVERY {
            self.line.ask("SELECT 1")?;
            self.asked = Instant::now();
        }
        self.line.hear(wait)
    }
}

/// Says words of letters, digits, spaces and hyphens to all who listen.
pub(crate) fn tell(line: &mut Line, channel: &str, words: &[String]) -> Result<(), StoreError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == ' ' || c == '-';
    if let Some(word) = words.iter().find(|word| !word.chars().all(is_plain)) {
        return Err(StoreError::Bug(format!("no word for other nodes: {word:?}")));
    }
    let told: Vec<_> =
        words.iter().map(|word| format!("pg_notify('{channel}', '{word}')")).collect();
    if told.is_empty() {
        Ok(())
    } else {
        line.ask(&format!("SELECT {}", told.join(", "))).map(drop)
    }
}

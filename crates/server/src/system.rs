//! The system's clock: the only place that reads it.

use app::clock::Clock;
use jiff::Timestamp;

/// The wall clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the entry point where the clock is read")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

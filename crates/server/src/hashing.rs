//! What checking a password costs on this machine, and how many are checked at once.

use std::{
    sync::Arc,
    thread::available_parallelism,
    time::{Duration, Instant},
};

use app::identity::password::{Cost, Costs, Hashing, LONGEST_QUEUE, calibrate, work};

/// More at once would leave nothing of a small machine for everybody else.
const MOST_BY_ITSELF: usize = 2;

/// How passwords are hashed here; the cost is measured when the instance's first one is.
pub(crate) fn hashing(at_once: Option<usize>) -> Hashing {
    let cores = available_parallelism().map_or(1, std::num::NonZero::get);
    Hashing {
        at_once: at_once.unwrap_or(cores.min(MOST_BY_ITSELF)),
        queue: LONGEST_QUEUE,
        costs: Costs::Measured(Arc::new(measure)),
    }
}

/// The cost of a check on this machine. Takes a second or so, once in the life of an instance.
pub fn measure() -> Cost {
    // The quicker of two: something else may have had the machine meanwhile.
    calibrate(|cost| time(cost).min(time(cost)))
}

/// How long one check of this cost takes; for ever where there is not so much memory.
pub fn time(cost: Cost) -> Duration {
    let started = Instant::now();
    match work(cost) {
        Ok(()) => started.elapsed(),
        Err(_) => Duration::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pw_34_what_is_measured_here_is_no_less_than_the_floor() {
        assert!(measure().is_enough());
        assert!((1..=2).contains(&hashing(None).at_once));
        assert_eq!(hashing(Some(3)).at_once, 3);
    }
}

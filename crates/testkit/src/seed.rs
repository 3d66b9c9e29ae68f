//! The seed of a test run: printed, and taken from `TIMEPROOF_TEST_SEED` to repeat one.

use std::sync::OnceLock;

/// The seed of this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

/// The seed of this run, printed once.
#[expect(clippy::disallowed_methods, reason = "tests read their seed and the clock here alone")]
pub fn seed() -> Seed {
    static SEED: OnceLock<u64> = OnceLock::new();
    Seed(*SEED.get_or_init(|| {
        let given = std::env::var("TIMEPROOF_TEST_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            now.map_or(1, |since| u64::from(since.subsec_nanos()))
        });
        println!("TIMEPROOF_TEST_SEED={seed}");
        seed
    }))
}

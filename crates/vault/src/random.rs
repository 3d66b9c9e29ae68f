//! Randomness as a parameter: production draws from the operating system, tests repeat a seed.

use std::fmt;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::hmac;

/// Where random bytes come from.
pub trait Random: Send + Sync {
    /// Fills all of `out`. Cannot fail: see [`SystemRandom`] for what happens when it would.
    fn fill(&self, out: &mut [u8]);
}

/// The random bytes of the operating system (`getrandom`, `ChaCha20` in Linux's kernel).
///
/// The generator of aws-lc-rs would do as well, but each thread's first draw from it measures the
/// jitter of the processor for some 25 to 50 ms, and later ones cost more than the system call.
///
/// A machine that cannot give random bytes can neither draw a key nor a nonce, and going on with
/// bytes that are not random would be silent ruin. After a few attempts the process therefore
/// says why on standard error and aborts.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl SystemRandom {
    /// The same as the unit value.
    pub const fn new() -> Self {
        Self
    }
}

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) {
        const ATTEMPTS: u32 = 3;
        for _ in 0..ATTEMPTS {
            if getrandom::fill(out).is_ok() {
                return;
            }
        }
        let _ = writeln!(
            std::io::stderr(),
            "timeproof: the system's random number generator failed; stopping, because keys and \
             nonces that are not random would protect nothing"
        );
        std::process::abort();
    }
}

/// A repeatable stream of bytes for demo ids and tests. **Never for keys, nonces or tokens.**
///
/// HMAC-SHA-256 of a counter, under the seed: anybody who knows or guesses the 64-bit seed knows
/// every byte. Calls share one stream, so what a caller gets depends on the calls before.
pub struct SeededRandom {
    key: hmac::Key,
    stream: Mutex<Stream>,
}

#[derive(Default)]
struct Stream {
    counter: u64,
    /// What is left of the last block, next byte last.
    left: Vec<u8>,
}

impl SeededRandom {
    /// A stream that is the same for the same seed, on every platform and in every version.
    pub fn new(seed: u64) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &seed.to_be_bytes()),
            stream: Mutex::default(),
        }
    }
}

impl Random for SeededRandom {
    fn fill(&self, out: &mut [u8]) {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in out {
            *byte = loop {
                if let Some(next) = stream.left.pop() {
                    break next;
                }
                let block = hmac::sign(&self.key, &stream.counter.to_be_bytes());
                stream.counter = stream.counter.wrapping_add(1);
                stream.left.extend(block.as_ref().iter().rev());
            };
        }
    }
}

impl fmt::Debug for SeededRandom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeededRandom(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_does_not_depend_on_how_it_is_cut() {
        let (whole, pieces) = (SeededRandom::new(7), SeededRandom::new(7));
        let mut expected = [0; 100];
        whole.fill(&mut expected);
        let mut got = Vec::new();
        for size in [1, 31, 32, 0, 36] {
            let mut piece = vec![0; size];
            pieces.fill(&mut piece);
            got.extend(piece);
        }
        assert_eq!(got, expected);
    }

    #[test]
    fn seeds_differ() {
        let (mut one, mut two) = ([0; 32], [0; 32]);
        SeededRandom::new(1).fill(&mut one);
        SeededRandom::new(2).fill(&mut two);
        assert_ne!(one, two);
    }

    #[test]
    fn the_system_gives_different_bytes() {
        let (mut one, mut two) = ([0; 32], [0; 32]);
        SystemRandom.fill(&mut one);
        SystemRandom.fill(&mut two);
        assert_ne!(one, two);
    }
}

//! A puzzle that takes work to solve and none to check: find a number that makes a hash begin with zeros.
//!
//! The text is `seed.part.number`, with the seed as 24 characters, so that all of it is one block of
//! SHA-256 and every try costs the same.

use aws_lc_rs::digest;

/// Bytes of a seed.
pub const SEED_BYTES: usize = 24;

/// How many zero bits the hash of a try begins with.
pub fn zero_bits(seed: &str, part: u32, number: u32) -> u32 {
    let hash = digest::digest(&digest::SHA256, format!("{seed}.{part}.{number}").as_bytes());
    let mut zeros = 0;
    for byte in hash.as_ref() {
        zeros += byte.leading_zeros();
        if *byte != 0 {
            break;
        }
    }
    zeros
}

/// Finds a number for a part. For tests and programs of ours: browsers have their own.
pub fn solve(seed: &str, part: u32, bits: u32) -> u32 {
    (0..u32::MAX).find(|number| zero_bits(seed, part, *number) >= bits).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `sha256sum` has it: `printf %s AAAAAAAAAAAAAAAAAAAAAAAA.0.25 | sha256sum`.
    #[test]
    fn the_number_that_is_found_is_the_first_with_so_many_zeros() {
        let seed = "A".repeat(SEED_BYTES);
        let found = solve(&seed, 0, 8);
        assert!(zero_bits(&seed, 0, found) >= 8);
        assert!((0..found).all(|number| zero_bits(&seed, 0, number) < 8));
        assert_ne!(found, solve(&seed, 1, 8), "each part has its own");
    }
}

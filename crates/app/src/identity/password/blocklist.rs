//! The list of passwords that many people have, as a filter.
//!
//! 474,743 passwords of eight characters and more, from the million most common ones of OWASP's SecLists
//! (`cargo xtask blocklist` makes the file anew, and says from which package). It holds fingerprints and
//! no passwords. What is on the list is always found; of other texts one in 65,536 is taken for one that
//! is on it, whose owner then chooses another.
//!
//! The list is licensed CC BY-SA 3.0; none of its text is in the file.

use std::sync::LazyLock;

use xorf::{BinaryFuse16, Descriptor, Filter as _};

static FILTER: LazyLock<Option<BinaryFuse16>> =
    LazyLock::new(|| read(include_bytes!("common.fuse16")));

/// Whether a password in small letters is on the list.
pub(super) fn is_common(small: &str) -> bool {
    // The file is part of the program, and a test reads it.
    FILTER.as_ref().is_none_or(|filter| filter.contains(&key(small)))
}

/// FNV-1a of 64 bits, as `xtask/src/blocklist.rs` has it.
fn key(password: &str) -> u64 {
    password.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The descriptor's numbers and the fingerprints, all little-endian.
fn read(bytes: &[u8]) -> Option<BinaryFuse16> {
    let (seed, rest) = bytes.split_first_chunk::<8>()?;
    let (segment_length, rest) = rest.split_first_chunk::<4>()?;
    let (segment_length_mask, rest) = rest.split_first_chunk::<4>()?;
    let (segment_count_length, rest) = rest.split_first_chunk::<4>()?;
    let (pairs, []) = rest.as_chunks::<2>() else { return None };
    let descriptor = Descriptor {
        seed: u64::from_le_bytes(*seed),
        segment_length: u32::from_le_bytes(*segment_length),
        segment_length_mask: u32::from_le_bytes(*segment_length_mask),
        segment_count_length: u32::from_le_bytes(*segment_count_length),
    };
    let fingerprints = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    Some(BinaryFuse16 { descriptor, fingerprints })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read() {
        let filter = FILTER.as_ref().unwrap();
        assert!(filter.len() > 474_743);
        assert!(read(b"cut off").is_none());
    }

    #[test]
    fn pw_18_19_common_and_breached_ones_are_found() {
        // Of the first 3,000 of the list, and of its end.
        for common in [
            "password",
            "12345678",
            "iloveyou",
            "sunshine",
            "football",
            "superman",
            "trustno1",
            "password1",
            "1q2w3e4r5t",
            "starwars",
            "qwerty123",
            "liverpool",
            "mercedes",
            "corvette",
        ] {
            assert!(is_common(common), "{common}");
        }
    }

    /// The first 3,000 of the list that have eight characters and more, by their hashes: the list itself
    /// is not kept here.
    #[test]
    fn pw_18_the_three_thousand_most_common_ones_are_all_found() {
        let filter = FILTER.as_ref().unwrap();
        let (first, rest) = include_bytes!("common.first").as_chunks::<8>();
        assert_eq!((first.len(), rest.len()), (3_000, 0));
        let keys: Vec<u64> = first.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
        assert!(keys.iter().all(|key| filter.contains(key)));
        // They are what texts are hashed to.
        for (place, common) in [(0, "password"), (1, "12345678"), (3, "baseball")] {
            assert_eq!(keys[place], key(common), "{common}");
            assert!(is_common(common));
        }
    }

    #[test]
    fn hardly_any_other_is_taken_for_one() {
        let wrong = (0..100_000).filter(|n| is_common(&format!("harbour {n} owls")));
        assert!(wrong.count() < 12, "one in 65,536 is expected");
        let wrong = (0..10_000).filter(|n| is_common(&phrase(*n)));
        assert!(wrong.count() < 3, "one is expected in every sixth ten thousand");
        assert!(!is_common("violet harbour 7 owls"));
    }

    /// Four words of letters as they fall.
    fn phrase(number: u64) -> String {
        let word = |part: u64| -> String {
            let mut random = key(&format!("{number} {part}"));
            let mut letter = || {
                random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
                char::from(b'a' + u8::try_from((random >> 40) % 26).unwrap())
            };
            (0..6).map(|_| letter()).collect()
        };
        [word(0), word(1), word(2), word(3)].join(" ")
    }
}

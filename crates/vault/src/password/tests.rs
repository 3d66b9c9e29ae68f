//! The checks T-PW that are hashing alone; their numbers stand in the names.

use std::collections::BTreeMap;

use super::*;
use crate::keyring::KeyId;
use crate::random::SystemRandom;

const ANN: [u8; 16] = [1; 16];
const BEN: [u8; 16] = [2; 16];

fn pepper(byte: u8) -> MacKey {
    MacKey::new(KeyId::new(1).unwrap(), &[byte; 32])
}

fn cheap() -> Cost {
    Cost::new(Params::MIN_M_COST, 1).unwrap()
}

fn hashed(password: &str) -> String {
    hash(&pepper(1), ANN, password, cheap(), &SystemRandom).unwrap()
}

#[test]
fn a_password_opens_its_own_hash_and_no_other() {
    let stored = hashed("violet harbour 7 owls");
    let opens = |key, person, text: &str| verify(&pepper(key), person, text, &stored).unwrap();
    assert!(opens(1, ANN, "violet harbour 7 owls"));
    assert!(!opens(1, ANN, "violet harbour 7 owl"));
    assert!(!opens(1, BEN, "violet harbour 7 owls"), "moved to somebody else");
}

#[test]
fn pw_10_11_nothing_is_cut_off() {
    for length in [64, 72, 128, 256, 1024] {
        let long = "x".repeat(length);
        let stored = hashed(&long);
        assert!(verify(&pepper(1), ANN, &long, &stored).unwrap());
        let other = format!("{}y", &long[1..]);
        assert!(!verify(&pepper(1), ANN, &other, &stored).unwrap(), "{length}");
        assert!(!verify(&pepper(1), ANN, &format!("{long}x"), &stored).unwrap(), "{length}");
    }
}

#[test]
fn pw_34_the_cost_is_never_below_the_floor() {
    for took in [0, 10, 149, 200, 400, 5_000] {
        let cost = calibrate(|_| Duration::from_millis(took));
        assert!(cost.is_enough(), "{took}: {cost:?}");
    }
    assert_eq!(Cost::FLOOR, Cost::new(19_456, 2).unwrap());
    assert!(!cheap().is_enough());
    let stored = hash(&pepper(1), ANN, "x", Cost::FLOOR, &SystemRandom).unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    assert_eq!(cost_of(&stored).unwrap(), Cost::FLOOR);
}

#[test]
fn calibrating_aims_at_a_fifth_of_a_second() {
    // A machine that takes 5 µs for each KiB and pass.
    let machine = |nanoseconds: u64| {
        move |cost: Cost| {
            let work = u64::from(cost.memory_kib()) * u64::from(cost.passes());
            Duration::from_nanos(work * nanoseconds)
        }
    };
    let table: BTreeMap<u64, (u32, u32)> = [
        (1, (65_536, 3)),
        (2, (40_960, 2)),
        (3, (32_768, 2)),
        (4, (19_456, 2)),
        (100, (19_456, 2)),
    ]
    .into_iter()
    .collect();
    for (speed, (memory, passes)) in table {
        let cost = calibrate(machine(speed * 1_000));
        assert_eq!((cost.memory_kib(), cost.passes()), (memory, passes), "{speed}");
    }
    let fast = calibrate(|_| Duration::from_millis(1));
    assert_eq!(fast, Cost::new(Cost::MOST_MEMORY_KIB, Cost::MOST_PASSES).unwrap());
}

#[test]
fn pw_35_every_salt_is_its_own() {
    let stored: Vec<String> = (0..20).map(|_| hashed("violet harbour 7 owls")).collect();
    let salts: std::collections::BTreeSet<&str> =
        stored.iter().map(|phc| phc.split('$').nth(4).unwrap()).collect();
    assert_eq!(salts.len(), 20);
    assert!(salts.iter().all(|salt| salt.len() == 22), "16 bytes in base64");
}

#[test]
fn pw_36_useless_without_the_pepper() {
    let stored = hashed("violet harbour 7 owls");
    assert!(!verify(&pepper(2), ANN, "violet harbour 7 owls", &stored).unwrap());
    // What somebody finds who has the database and the password: Argon2id of it is another one.
    let hash = read(&stored).unwrap();
    let bare = Argon2::default().verify_password(b"violet harbour 7 owls", &hash);
    assert!(bare.is_err());
}

#[test]
fn a_damaged_hash_is_an_error_and_no_wrong_password() {
    let stored = hashed("x");
    let key = pepper(1);
    for text in [
        "",
        "x",
        "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ",
        &stored.replace("argon2id", "argon2i"),
        &stored.replace("p=1", "p=2"),
        &stored.replace("m=8,", "m=4194304,"),
    ] {
        assert!(verify(&key, ANN, "x", text).is_err(), "{text}");
    }
}

#[test]
fn pretending_finds_nothing_and_fails_at_nothing() {
    pretend(&pepper(1), "x", cheap()).unwrap();
}

#[test]
fn costs_have_bounds() {
    assert_eq!(Cost::new(Cost::MOST_MEMORY_KIB + 1, 2), None);
    assert_eq!(Cost::new(19_456, 0), None);
    assert_eq!(Cost::new(19_456, Cost::MOST_PASSES + 1), None);
    assert_eq!(Cost::new(7, 1), None);
}

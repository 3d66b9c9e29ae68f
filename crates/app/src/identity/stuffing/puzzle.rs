//! The work that a browser does before a password of it is looked at.
//!
//! A puzzle is made without writing anything, as many as pages ask for: it holds the instant it was made
//! and random bytes, and their keyed hash together with the browser's form token. Only one that was
//! solved is written down, so that it is taken once.

use store::Statement;
use vault::{
    decode_base64url, encode_base64url,
    puzzle::{SEED_BYTES, zero_bits},
};

use crate::{
    App, DirectoryOp, Error,
    identity::policy::{CLOCK_SKEW_US, PUZZLE_BITS, PUZZLE_LIFE_US, PUZZLE_PARTS},
};

const LABEL: &str = "puzzle";
const RANDOM_BYTES: usize = 16;
const HEAD_BYTES: usize = 8 + RANDOM_BYTES;

/// What a browser is to solve: for each part a number, such that the SHA-256 of `seed.part.number` begins
/// with so many zero bits, where the seed is the end of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Puzzle {
    /// To be sent back with the solution.
    pub text: String,
    /// How many parts, counted from 0.
    pub parts: u32,
    /// How many zero bits each.
    pub bits: u32,
}

/// What a browser sends with a password.
#[derive(Debug, Clone, Default)]
pub struct Solution {
    /// The form token of the browser: a puzzle is good in one only.
    pub browser: String,
    /// The text of the puzzle; may be empty.
    pub puzzle: String,
    /// A number for each part, with commas between.
    pub numbers: String,
}

impl App {
    /// A puzzle for the browser with this form token.
    ///
    /// Errors: [`Error::Bug`] from the vault.
    pub fn new_puzzle(&self, browser: &str) -> Result<Puzzle, Error> {
        let mut random = [0; RANDOM_BYTES];
        self.random().fill(&mut random);
        let now = self.clock().now().as_microsecond();
        let head = [now.to_be_bytes().as_slice(), &random].concat();
        let mac = self.puzzle_mac(&head, browser)?;
        let text = encode_base64url(&[head.as_slice(), &mac].concat());
        Ok(Puzzle { text, parts: PUZZLE_PARTS, bits: PUZZLE_BITS })
    }

    fn puzzle_mac(&self, head: &[u8], browser: &str) -> Result<[u8; 32], Error> {
        let instance = *self.instance().get().ok_or_else(|| Error::bug("no instance is open"))?;
        let key = self.vault().mac_key(instance.cookies)?;
        Ok(key.mac(LABEL, &[head, browser.as_bytes()].concat()))
    }

    /// The keyed hash of a puzzle that was solved in its browser and in time.
    pub(in crate::identity) fn check_solution(
        &self,
        solution: &Solution,
    ) -> Result<Option<[u8; 32]>, Error> {
        let Ok(bytes) = decode_base64url(&solution.puzzle) else { return Ok(None) };
        let Some((head, mac)) = bytes.split_at_checked(HEAD_BYTES) else { return Ok(None) };
        let Some((made_at, _)) = head.split_first_chunk::<8>() else { return Ok(None) };
        let expected = self.puzzle_mac(head, &solution.browser)?;
        let age = self.clock().now().as_microsecond().saturating_sub(i64::from_be_bytes(*made_at));
        // Hashes under a key: how far they agree tells nothing.
        let is_ours = mac == expected && (-CLOCK_SKEW_US..PUZZLE_LIFE_US).contains(&age);
        Ok((is_ours && is_solved(solution)).then_some(expected))
    }
}

fn is_solved(solution: &Solution) -> bool {
    let Some(start) = solution.puzzle.len().checked_sub(SEED_BYTES) else { return false };
    let Some(seed) = solution.puzzle.get(start..) else { return false };
    let numbers: Vec<Option<u32>> =
        solution.numbers.split(',').map(|number| number.parse().ok()).collect();
    let are_all_there = u32::try_from(numbers.len()) == Ok(PUZZLE_PARTS);
    let is_right = |(part, number): (u32, &Option<u32>)| {
        number.is_some_and(|number| zero_bits(seed, part, number) >= PUZZLE_BITS)
    };
    are_all_there && (0..).zip(&numbers).all(is_right)
}

/// Takes a puzzle that was solved; whether it was not taken before.
pub(in crate::identity) fn spend(op: &mut DirectoryOp, puzzle: [u8; 32]) -> Result<bool, Error> {
    let until = op.now_us() + PUZZLE_LIFE_US + CLOCK_SKEW_US;
    Ok(op.execute(&SPEND, &[puzzle.into(), until.into()])? == 1)
}

const SPEND: Statement = Statement::new(
    "puzzle.spend",
    "INSERT INTO spent_puzzles (puzzle_mac, kept_until) VALUES ($1, $2)
     ON CONFLICT (puzzle_mac) DO NOTHING",
);

pub(super) const STATEMENTS: &[Statement] = &[SPEND];

//! Ids of the demo: fixed by kind, seed and number, so that the examples of the API work on it.

use uuid::Uuid;

/// Kinds of things in the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Workspace,
    User,
    Member,
    Client,
    Project,
    Task,
    Tag,
    TimeEntry,
    Invitation,
    Token,
    Team,
    Role,
    Provider,
}

/// The seed of the demo that `timeproof demo` makes.
pub const SEED: u16 = 1;

/// The id of the `number`-th thing of a kind, counted from 1: a valid UUIDv7 of a fixed moment.
pub const fn id(kind: Kind, seed: u16, number: u32) -> Uuid {
    let kind: u128 = match kind {
        Kind::Workspace => 1,
        Kind::User => 2,
        Kind::Member => 3,
        Kind::Client => 4,
        Kind::Project => 5,
        Kind::Task => 6,
        Kind::Tag => 7,
        Kind::TimeEntry => 8,
        Kind::Invitation => 9,
        Kind::Token => 10,
        Kind::Team => 11,
        Kind::Role => 12,
        Kind::Provider => 13,
    };
    let moment: u128 = 0x0193_0000_0000 << 80;
    let version: u128 = 7 << 76;
    let variant: u128 = 2 << 62;
    #[expect(clippy::as_conversions, reason = "widening in a const fn, where `From` is not const")]
    let (seed, number) = (seed as u128, number as u128);
    Uuid::from_u128(moment | version | kind << 64 | variant | seed << 40 | number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_and_differ() {
        let id_one = id(Kind::Project, SEED, 1);
        assert_eq!(id_one.get_version_num(), 7);
        assert_eq!(id_one.get_variant(), uuid::Variant::RFC4122);
        assert_ne!(id_one, id(Kind::Project, SEED, 2));
        assert_ne!(id_one, id(Kind::Task, SEED, 1));
    }
}

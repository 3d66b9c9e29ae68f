//! The keyring: all wrapped keys, outside the databases and their backups.
//!
//! A [`Keyring`] is one copy; [`Vault`](crate::Vault) writes every key to every copy before it
//! gives out the id, and heals a copy that lags behind. [`FolderKeyring`] is a copy in a folder.
//!
//! A copy keeps **no history**: erasing a person or a workspace means that a key is gone here and
//! that the root key moves to a new epoch, so an old copy of the keyring opens nothing. For the
//! same reason a keyring never goes into a backup of data.

mod folder;
mod record;

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::random::Random;

pub use folder::FolderKeyring;

/// Names a key, in the keyring and in the first bytes of every ciphertext.
///
/// Drawn at random from 1 to 2^63 − 1, so that it fits a signed column and tells nothing of the
/// order in which keys were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(i64);

impl KeyId {
    /// The id with this number; nothing for zero and below.
    pub const fn new(number: i64) -> Option<Self> {
        if number > 0 { Some(Self(number)) } else { None }
    }

    /// The number, at least 1.
    pub const fn get(self) -> i64 {
        self.0
    }

    pub(crate) fn draw(random: &dyn Random) -> Self {
        loop {
            let mut bytes = [0; 8];
            random.fill(&mut bytes);
            if let Some(id) = Self::new(i64::from_be_bytes(bytes) & i64::MAX) {
                return id;
            }
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a key is for. The numbers are stored: never change or reuse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Seals what a workspace shares: names of projects, clients, tags.
    WorkspaceText,
    /// Hashes names within a workspace, for uniqueness.
    WorkspaceNames,
    /// Seals what a member wrote or what describes them within a workspace.
    Member,
    /// Seals what describes a person across workspaces.
    Person,
    /// Seals text of the directory that belongs to no workspace and no person.
    DirectoryText,
    /// Hashes e-mail addresses for look-up in the directory.
    AddressIndex,
    /// Hashes one-time login codes.
    LoginCodes,
    /// Hashes what cookies carry.
    Cookies,
    /// Hashes e-mail addresses within one workspace, so that the same person cannot be matched
    /// across workspaces.
    WorkspaceAddresses,
    /// Seals the inner layer of a person's secrets that are sealed twice ([`twice`](crate::twice)).
    PersonSecrets,
    /// Hashes passwords before Argon2id does: the pepper.
    Passwords,
    /// Seals the inner layer of a workspace's secrets that are sealed twice ([`twice`](crate::twice)).
    WorkspaceSecrets,
    /// Signs the heads of logs, and nothing else: the seed of an Ed25519 key.
    LogSigning,
    /// Neither seals nor hashes: shows at start that the root key is the right one. Made by
    /// [`Vault::open`](crate::Vault::open) alone.
    Canary,
}

impl KeyKind {
    /// Every kind there is.
    pub const ALL: [Self; 14] = [
        Self::WorkspaceText,
        Self::WorkspaceNames,
        Self::Member,
        Self::Person,
        Self::DirectoryText,
        Self::AddressIndex,
        Self::LoginCodes,
        Self::Cookies,
        Self::WorkspaceAddresses,
        Self::PersonSecrets,
        Self::Passwords,
        Self::WorkspaceSecrets,
        Self::LogSigning,
        Self::Canary,
    ];

    /// The stored number.
    pub const fn number(self) -> u8 {
        match self {
            Self::WorkspaceText => 1,
            Self::WorkspaceNames => 2,
            Self::Member => 3,
            Self::Person => 4,
            Self::DirectoryText => 5,
            Self::AddressIndex => 6,
            Self::LoginCodes => 7,
            Self::Cookies => 8,
            Self::WorkspaceAddresses => 9,
            Self::PersonSecrets => 10,
            Self::Passwords => 11,
            Self::LogSigning => 12,
            Self::WorkspaceSecrets => 13,
            Self::Canary => 255,
        }
    }

    /// The kind with this stored number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// Whether keys of this kind seal text.
    pub const fn seals(self) -> bool {
        matches!(self, Self::WorkspaceText | Self::Member | Self::Person | Self::DirectoryText)
    }

    /// Whether keys of this kind seal the inner layer of what is sealed twice. They seal nothing else,
    /// so the two layers never have the same key.
    pub const fn seals_within(self) -> bool {
        matches!(self, Self::PersonSecrets | Self::WorkspaceSecrets)
    }

    /// Whether keys of this kind sign.
    pub const fn signs(self) -> bool {
        matches!(self, Self::LogSigning)
    }

    /// Whether keys of this kind hash.
    pub const fn hashes(self) -> bool {
        matches!(
            self,
            Self::WorkspaceNames
                | Self::AddressIndex
                | Self::LoginCodes
                | Self::Cookies
                | Self::WorkspaceAddresses
                | Self::Passwords
        )
    }
}

/// A key as the keyring holds it: worthless without the root key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Its name.
    pub id: KeyId,
    /// What it is for.
    pub kind: KeyKind,
    /// The workspace, member or person it belongs to; zeros for the instance's own.
    pub owner: [u8; 16],
    /// The key under AES-256-KWP.
    pub wrapped: [u8; 40],
    /// Says which key, id, kind and owner belong together; see `docs/adr/0002-sealing.md`.
    pub commitment: [u8; 32],
}

/// One copy of all wrapped keys. Calls block until the bytes are on disk.
pub trait Keyring: Send + Sync {
    /// Where this copy lies, for logs and the trust page.
    fn describe(&self) -> String;

    /// Every key, oldest first.
    fn load(&self) -> Result<Vec<WrappedKey>, KeyringError>;

    /// Adds keys. Returns only when a power cut cannot undo it; after an error none, some or all
    /// of them may be found by the next [`Keyring::load`].
    fn append(&self, keys: &[WrappedKey]) -> Result<(), KeyringError>;
}

/// Why a copy of the keyring cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The file system refused.
    #[error("could not {action} {}", path.display())]
    Io {
        /// What was tried: a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
    /// Group or others have access to the folder.
    #[error("the keyring folder {} has mode {mode:04o}, so other users can get at it; run `chmod 700` on it", path.display())]
    OthersHaveAccess {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The manifest, or the head of a segment, is not one this version understands.
    #[error("{}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: &'static str,
    },
    /// Bytes changed or are missing where keys follow that were written later: not a torn write.
    #[error(
        "{} is damaged at byte {offset}; if another copy of the keyring is whole, move this folder \
         away and start again: it is filled anew from the other",
        path.display()
    )]
    Damaged {
        /// The segment file.
        path: PathBuf,
        /// Where the first damaged bytes begin.
        offset: u64,
    },
    /// An intact entry that this version has no meaning for.
    #[error("{} holds a key of a newer version of Timeproof at byte {offset}", path.display())]
    FromNewerVersion {
        /// The segment file.
        path: PathBuf,
        /// Where the entry begins.
        offset: u64,
    },
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn ids_are_positive() {
        assert_eq!(KeyId::new(0), None);
        assert_eq!(KeyId::new(-1), None);
        assert_eq!(KeyId::new(i64::MIN), None);
        assert_eq!(KeyId::new(1).map(KeyId::get), Some(1));
        let drawn: HashSet<_> = (0..1000).map(|_| KeyId::draw(&SystemRandom)).collect();
        assert_eq!(drawn.len(), 1000);
        assert!(drawn.iter().all(|id| id.get() > 0));
    }

    #[test]
    fn stored_numbers_never_change() {
        let mut numbers: Vec<_> = KeyKind::ALL.into_iter().map(KeyKind::number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 255]);
        for number in 0..=255 {
            let kind = KeyKind::from_number(number);
            assert_eq!(kind.is_some(), numbers.contains(&number));
            assert!(kind.is_none_or(|kind| kind.number() == number));
        }
    }

    #[test]
    fn every_kind_has_one_use_but_the_canary() {
        for kind in KeyKind::ALL {
            let uses = [kind.seals(), kind.seals_within(), kind.signs(), kind.hashes()];
            let count = uses.into_iter().filter(|is_one| *is_one).count();
            assert_eq!(count, usize::from(kind != KeyKind::Canary), "{kind:?}");
        }
    }
}

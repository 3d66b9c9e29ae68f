//! Keys with names, as C2SP `signed-note` and `tlog-cosignature` have them: Ed25519 (RFC 8032) for a log,
//! and the same with a time for a witness.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::{hash, note::Signature, text};

/// How many bytes a seed and a public key have.
pub const KEY_BYTES: usize = 32;

const SIGNATURE_BYTES: usize = 64;
const TIME_BYTES: usize = 8;

/// What a key states with its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A log: that this is its text.
    Log,
    /// A witness: that at a time this was the largest head of the log that it has seen, and that all it
    /// saw before are consistent with it.
    Witness,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => 0x01,
            Self::Witness => 0x04,
        }
    }

    const fn of(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Log),
            0x04 => Some(Self::Witness),
            _ => None,
        }
    }
}

/// A public key: whose signatures are believed.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    kind: Kind,
    public: [u8; KEY_BYTES],
}

/// A key that signs. It shows its name and its public half alone.
pub struct Signer {
    verifier: Verifier,
    pair: Ed25519KeyPair,
}

/// Why there is no such key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Names are not empty, and have no spaces, control characters or plus.
    #[error("a key's name is not empty and has no spaces and no plus")]
    Name,
    /// It is not a key's text.
    #[error("this is not the text of a key")]
    Text,
    /// The id in the text is not that of the name and key beside it.
    #[error("the id in the key's text is not that of the key")]
    Id,
    /// The seed makes no key.
    #[error("the seed makes no key")]
    Seed,
}

impl Verifier {
    /// A key by its name.
    ///
    /// Errors: [`KeyError::Name`].
    pub fn new(name: &str, kind: Kind, public: [u8; KEY_BYTES]) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        Ok(Self { name: name.to_owned(), kind, public })
    }

    /// Reads `name+id+key`, as its `Display` writes it: the id in hexadecimal, the key in base64.
    ///
    /// Errors: [`KeyError`].
    pub fn parse(line: &str) -> Result<Self, KeyError> {
        // Base64 has the plus as well: the first two divide.
        let mut parts = line.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Text);
        };
        let bytes = text::decode(key).ok_or(KeyError::Text)?;
        let (&kind, public) = bytes.split_first().ok_or(KeyError::Text)?;
        let kind = Kind::of(kind).ok_or(KeyError::Text)?;
        let verifier = Self::new(name, kind, public.try_into().map_err(|_| KeyError::Text)?)?;
        if id == hexadecimal(verifier.id()) { Ok(verifier) } else { Err(KeyError::Id) }
    }

    /// The same key by another name: what signs several logs does it by the name of each.
    ///
    /// Errors: [`KeyError::Name`].
    pub fn renamed(&self, name: &str) -> Result<Self, KeyError> {
        Self::new(name, self.kind, self.public)
    }

    /// The name in its signatures.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it states.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether two keys are one signer: of one name, or of one public half under two.
    pub fn is_same_signer(&self, other: &Self) -> bool {
        self.name == other.name || (self.kind, self.public) == (other.kind, other.public)
    }

    /// The short id in its signatures. It finds the key, and proves nothing.
    pub fn id(&self) -> [u8; 4] {
        let parts = [self.name.as_bytes(), b"\n", &[self.kind.byte()], &self.public];
        let [a, b, c, d, ..] = hash::of(&parts).0;
        [a, b, c, d]
    }

    /// Whether a signature names this key.
    pub fn is_named_by(&self, signature: &Signature) -> bool {
        signature.name() == self.name && signature.key_id() == self.id()
    }

    /// Checks a signature of this key over a note's text. At which time it was made, in seconds since
    /// 1970 (UTC), where it is a witness's.
    ///
    /// Errors: [`BadSignature`].
    pub fn check(&self, text: &str, signature: &Signature) -> Result<Option<u64>, BadSignature> {
        if !self.is_named_by(signature) {
            return Err(BadSignature);
        }
        let bytes = signature.bytes();
        let (time, signed, bytes) = match self.kind {
            Kind::Log => (None, text.to_owned(), bytes),
            Kind::Witness => {
                let (time, bytes) = bytes.split_first_chunk::<TIME_BYTES>().ok_or(BadSignature)?;
                let time = u64::from_be_bytes(*time);
                if i64::try_from(time).is_err() {
                    return Err(BadSignature);
                }
                (Some(time), cosigned(time, text), bytes)
            }
        };
        if bytes.len() != SIGNATURE_BYTES {
            return Err(BadSignature);
        }
        let key = UnparsedPublicKey::new(&ED25519, &self.public);
        key.verify(signed.as_bytes(), bytes).map_err(|_| BadSignature)?;
        Ok(time)
    }
}

/// A signature that is not that key's over that text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature of a known key is not over this text")]
pub struct BadSignature;

/// `name+id+key`, to be given to who is to believe it.
impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.kind.byte()], self.public.as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hexadecimal(self.id()), text::encode(&key))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verifier({self})")
    }
}

impl Signer {
    /// The key of a seed of 32 random bytes.
    ///
    /// Errors: [`KeyError::Name`], [`KeyError::Seed`].
    pub fn new(name: &str, kind: Kind, seed: &[u8; KEY_BYTES]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Seed)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| KeyError::Seed)?;
        Ok(Self { verifier: Verifier::new(name, kind, public)?, pair })
    }

    /// Its public half.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Signs a note's text; a witness at this time, in seconds since 1970 (UTC).
    pub fn sign(&self, text: &str, time: u64) -> Signature {
        let bytes = match self.verifier.kind {
            Kind::Log => self.pair.sign(text.as_bytes()).as_ref().to_vec(),
            Kind::Witness => {
                let signed = self.pair.sign(cosigned(time, text).as_bytes());
                [time.to_be_bytes().as_slice(), signed.as_ref()].concat()
            }
        };
        Signature::new(&self.verifier, bytes)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.verifier)
    }
}

/// What a witness signs for a note's text (C2SP `tlog-cosignature`, Ed25519).
fn cosigned(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

fn hexadecimal(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

/// Whether a key may have this name.
pub(crate) fn is_name(name: &str) -> bool {
    let is_fit = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    !name.is_empty() && name.chars().all(is_fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of the example in the documentation of Go's `golang.org/x/mod/sumdb/note`, which wrote the
    /// format down first.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn the_published_key_is_read_and_written() {
        let key = Verifier::parse(PETER).unwrap();
        assert_eq!((key.name(), key.kind()), ("PeterNeumann", Kind::Log));
        assert_eq!(key.to_string(), PETER);
        let renamed = key.renamed("Paul").unwrap();
        assert_eq!((renamed.name(), renamed.renamed("PeterNeumann")), ("Paul", Ok(key.clone())));
        assert_ne!(renamed.id(), key.id());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let other_id = PETER.replace("c74f20a3", "c74f20a4");
        assert_eq!(Verifier::parse(&other_id), Err(KeyError::Id));
        assert_eq!(Verifier::parse(&PETER.replace("c74f20a3", "C74F20A3")), Err(KeyError::Id));
        assert_eq!(Verifier::parse(&PETER.replace("Peter", "Paul")), Err(KeyError::Id));
        for wrong in ["", "a+b", "a+00000000+", "a+00000000+AQ==", "a+00000000+!!!!", &PETER[..60]]
        {
            assert_eq!(Verifier::parse(wrong), Err(KeyError::Text), "{wrong}");
        }
        for wrong in ["", "a b", "a\tb", "a+b", "a\u{2003}b", "a\u{7}"] {
            assert_eq!(Verifier::new(wrong, Kind::Log, [1; 32]), Err(KeyError::Name), "{wrong:?}");
        }
    }

    #[test]
    fn a_key_signs_its_own_text_by_its_own_name_and_as_what_it_is() {
        let log = Signer::new("log.example", Kind::Log, &[7; 32]).unwrap();
        let witness = Signer::new("log.example", Kind::Witness, &[7; 32]).unwrap();
        assert_ne!(log.verifier().id(), witness.verifier().id());
        let by_log = log.sign("text\n", 5);
        let by_witness = witness.sign("text\n", 1_679_315_147);
        assert_eq!(log.verifier().check("text\n", &by_log), Ok(None));
        assert_eq!(witness.verifier().check("text\n", &by_witness), Ok(Some(1_679_315_147)));
        let mut late = by_witness.bytes().to_vec();
        late[7] ^= 1;
        let late = Signature::new(witness.verifier(), late);
        let far = [&[0x80, 0, 0, 0, 0, 0, 0, 0], &by_witness.bytes()[8..]].concat();
        let far = Signature::new(witness.verifier(), far);
        for (key, text, signature) in [
            (&log, "text", &by_log),
            (&log, "text\n", &by_witness),
            (&witness, "text\n", &by_log),
            (&witness, "text\n", &late),
            (&witness, "text\n", &far),
        ] {
            assert_eq!(key.verifier().check(text, signature), Err(BadSignature));
        }
        let shown = format!("{log:?}");
        assert!(!shown.contains("7, 7") && shown.contains("log.example"), "{shown}");
    }
}

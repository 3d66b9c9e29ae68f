//! Texts a person types, validated once at the edge and then carried as types.
//!
//! [`Name`] is one line that names a thing, [`Note`] is what was done, [`EmailAddress`] is where
//! to write. All of them are personal: their `Debug` prints the length only and there is no
//! `Display`, so that a stray `{:?}` in a log line tells nothing. Use `as_str` on purpose.
//!
//! Limits are counted in characters (Unicode scalar values) for names and notes, in bytes for
//! addresses. Positions in errors count characters from 0 in the text as it was typed.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is left after trimming, or nothing that can be seen.
    #[error("empty")]
    Empty,
    /// More than `limit` characters (bytes for an address).
    #[error("{actual} long, the limit is {limit}")]
    TooLong {
        /// The most that is accepted.
        limit: usize,
        /// What was given, after trimming.
        actual: usize,
    },
    /// A control character, or an invisible one that changes how the rest is shown.
    #[error("control character at {position}")]
    ControlCharacter {
        /// Characters before it.
        position: usize,
    },
    /// Not an e-mail address we can write to.
    #[error("invalid {part:?}")]
    Invalid {
        /// What is wrong with it.
        part: AddressPart,
    },
}

/// The part of an e-mail address that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressPart {
    /// There is not exactly one `@`.
    AtSign,
    /// What stands before the `@`.
    Local,
    /// What stands after the `@`.
    Domain,
}

/// The name of a workspace, member, client, project, task, tag, token: one line that can be seen.
///
/// 1 to 120 characters after trimming, otherwise kept as typed.
///
/// ```
/// use domain::text::Name;
/// let name = Name::parse("  Caf\u{e9}  NORD ")?;
/// assert_eq!(name.as_str(), "Caf\u{e9}  NORD");
/// assert_eq!(name.folded(), "caf\u{e9} nord");
/// # Ok::<(), domain::text::TextError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// The most characters a name has.
    pub const MAX_CHARS: usize = 120;

    /// Trims and validates.
    ///
    /// Errors: [`TextError::Empty`] also for a text of invisible characters only,
    /// [`TextError::TooLong`], [`TextError::ControlCharacter`] also for line breaks.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let trimmed = text.trim();
        refuse_controls(text, trimmed, |_| false)?;
        if trimmed.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
            return Err(TextError::Empty);
        }
        refuse_longer(trimmed, Self::MAX_CHARS)?;
        Ok(Self(trimmed.to_owned()))
    }

    /// The name as typed, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as typed, trimmed.
    pub fn into_string(self) -> String {
        self.0
    }

    /// The key under which names are unique and looked up: see [`fold`].
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

/// What was done, in the words of the person who did it.
///
/// 0 to 2000 characters after trimming. Line breaks and tabs are kept; `CR LF`, which browsers
/// send from a text area, becomes `LF` before counting.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Note(String);

impl Note {
    /// The most characters a note has.
    pub const MAX_CHARS: usize = 2000;

    /// Trims and validates.
    ///
    /// Errors: [`TextError::TooLong`], [`TextError::ControlCharacter`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.replace("\r\n", "\n");
        let trimmed = text.trim();
        refuse_controls(&text, trimmed, |c| matches!(c, '\n' | '\t'))?;
        refuse_longer(trimmed, Self::MAX_CHARS)?;
        Ok(Self(trimmed.to_owned()))
    }

    /// The note as typed, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The note as typed, trimmed.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// An address to write e-mail to, at most 254 bytes.
///
/// A subset of what the standards allow, on purpose: no quoted local part, no comments, no address
/// literals, and a domain with a dot unless it is `localhost`. Letters outside ASCII are accepted
/// on both sides. Nothing that could end a header line or begin a second address gets through.
///
/// Equality compares what was typed; two addresses are the same mailbox when
/// [`normalised`](Self::normalised) is equal.
///
/// Source: RFC 5321, sections 4.1.2 and 4.5.3.1; RFC 6531, section 3.3; UTS 46.
///
/// ```
/// use domain::text::EmailAddress;
/// let address = EmailAddress::parse("Ann.Lee@B\u{fc}cher.Example")?;
/// assert_eq!(address.as_str(), "Ann.Lee@B\u{fc}cher.Example");
/// assert_eq!(address.normalised(), "ann.lee@xn--bcher-kva.example");
/// # Ok::<(), domain::text::TextError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    typed: String,
    normalised: String,
}

impl EmailAddress {
    /// The most bytes an address has, as typed and normalised.
    pub const MAX_BYTES: usize = 254;
    /// The most bytes the part before the `@` has.
    pub const MAX_LOCAL_BYTES: usize = 64;

    /// Cuts spaces at both ends (nothing else) and validates.
    ///
    /// Errors: any [`TextError`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let typed = text.trim_matches(' ');
        if typed.is_empty() {
            return Err(TextError::Empty);
        }
        refuse_more_bytes(typed)?;
        refuse_controls(text, typed, |_| false)?;
        let (local, domain) =
            typed.split_once('@').ok_or(TextError::Invalid { part: AddressPart::AtSign })?;
        if domain.contains('@') {
            return Err(TextError::Invalid { part: AddressPart::AtSign });
        }
        let normalised = format!("{}@{}", normalised_local(local)?, ascii_domain(domain)?);
        refuse_more_bytes(&normalised)?;
        Ok(Self { typed: typed.to_owned(), normalised })
    }

    /// The address as typed, for display and for the envelope.
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// The key under which addresses are compared: local part in NFC and lower case, `@`, domain
    /// in ASCII (IDNA) and lower case.
    ///
    /// The standard lets a server tell `Ann` from `ann`; in practice none does, and two accounts
    /// that differ only so would be a trap.
    pub fn normalised(&self) -> &str {
        &self.normalised
    }

    /// What stands behind the `@`, as it is compared.
    pub fn domain(&self) -> &str {
        self.normalised.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

macro_rules! text_traits {
    ($($name:ident),+) => {$(
        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                Self::parse(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} chars)"), self.as_str().chars().count())
            }
        }
    )+};
}
text_traits!(Name, Note, EmailAddress);

/// The form in which names are compared: NFKC, case folded, invisible characters dropped, runs of
/// white space one space, trimmed.
///
/// Case folding is lower case, with `ß` as `ss` and both forms of the small sigma as one. It does
/// not depend on a language: the Turkish dotless i stays itself. Folding twice changes nothing.
pub fn fold(text: &str) -> String {
    let mut folded = fold_once(text);
    // Composition after lower-casing can, for a handful of characters, allow another step.
    for _ in 0..FOLD_STEPS {
        let again = fold_once(&folded);
        if again == folded {
            break;
        }
        folded = again;
    }
    folded
}

const FOLD_STEPS: usize = 4;

fn fold_once(text: &str) -> String {
    let lower: String = text.nfkc().flat_map(char::to_lowercase).collect();
    let lower = lower.replace('ς', "σ").replace('ß', "ss");
    let visible: String = lower.chars().filter(|c| !is_invisible(*c)).nfkc().collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Refuses control characters in `trimmed`, a part of `text`, except those `allowed`.
fn refuse_controls(
    text: &str,
    trimmed: &str,
    allowed: impl Fn(char) -> bool,
) -> Result<(), TextError> {
    let Some(index) = trimmed.chars().position(|c| is_control(c) && !allowed(c)) else {
        return Ok(());
    };
    let cut = text.find(trimmed).and_then(|at| text.get(..at)).map_or(0, |s| s.chars().count());
    Err(TextError::ControlCharacter { position: cut + index })
}

fn refuse_longer(text: &str, limit: usize) -> Result<(), TextError> {
    let actual = text.chars().count();
    if actual > limit { Err(TextError::TooLong { limit, actual }) } else { Ok(()) }
}

fn refuse_more_bytes(address: &str) -> Result<(), TextError> {
    let (limit, actual) = (EmailAddress::MAX_BYTES, address.len());
    if actual > limit { Err(TextError::TooLong { limit, actual }) } else { Ok(()) }
}

/// Control characters, other line breaks, and the invisible ones that reorder or hide text.
///
/// Source: Unicode Technical Report 36, section 2.10 (bidirectional text spoofing).
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{200b}'
            | '\u{feff}'
        )
}

/// Characters that show nothing by themselves.
///
/// Joiners and variation selectors are allowed in names, since emoji and several scripts need
/// them, but a name needs something else beside them.
///
/// Source: Unicode, property `Default_Ignorable_Code_Point`, and the blank Braille pattern.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The part before the `@`: atoms joined by single dots, in NFC and lower case.
fn normalised_local(local: &str) -> Result<String, TextError> {
    let composed: String = local.nfc().collect();
    let is_atom = |atom: &str| !atom.is_empty() && atom.chars().all(is_atom_char);
    if local.len() > EmailAddress::MAX_LOCAL_BYTES || !composed.split('.').all(is_atom) {
        return Err(TextError::Invalid { part: AddressPart::Local });
    }
    Ok(composed.to_lowercase().nfc().collect())
}

/// Source: RFC 5322, section 3.2.3, `atext`, with letters and digits of all scripts.
fn is_atom_char(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

/// A domain of mail in ASCII and lower case.
pub(crate) fn ascii_domain(domain: &str) -> Result<String, TextError> {
    let invalid = TextError::Invalid { part: AddressPart::Domain };
    if domain.chars().any(|c| is_invisible(c) || c.is_whitespace()) {
        return Err(invalid);
    }
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| invalid)?;
    if ascii == "localhost" {
        return Ok(ascii);
    }
    // A last label of digits only is an IPv4 address, never a domain (RFC 3696, section 2).
    match ascii.rsplit_once('.') {
        Some((rest, last)) if !rest.is_empty() && !last.bytes().all(|b| b.is_ascii_digit()) => {
            Ok(ascii)
        }
        _ => Err(invalid),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names() {
        assert_eq!(Name::parse(" a ").unwrap().as_str(), "a");
        assert_eq!(Name::parse(" \t\n"), Err(TextError::Empty));
        assert_eq!(Name::parse("\u{ad}\u{200d} \u{3164}"), Err(TextError::Empty));
        assert_eq!(Name::parse("  a\nb"), Err(TextError::ControlCharacter { position: 3 }));
        assert_eq!(Name::parse("a\u{202e}b"), Err(TextError::ControlCharacter { position: 1 }));
        assert_eq!(Name::parse("\u{feff}"), Err(TextError::ControlCharacter { position: 0 }));
        assert!(Name::parse(&"é".repeat(120)).is_ok());
        assert_eq!(
            Name::parse(&"é".repeat(121)),
            Err(TextError::TooLong { limit: 120, actual: 121 })
        );
        assert!(Name::parse("👩\u{200d}💻").is_ok(), "a joined emoji is a name");
    }

    #[test]
    fn names_that_look_the_same_fold_the_same() {
        for (a, b) in [
            ("Northwind", "NORTHWIND"),
            ("cafe\u{301}", "CAFÉ"),
            ("ﬁnance", "Finance"),
            ("a  b", "a\u{a0}b"),
            ("Straße", "STRASSE"),
            ("ΟΔΟΣ", "οδος"),
            ("plan\u{ad}ning", "planning"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        assert_ne!(fold("Ann"), fold("Anna"));
    }

    #[test]
    fn notes() {
        assert_eq!(Note::parse("").unwrap(), Note::default());
        assert_eq!(Note::parse(" a\r\nb\tc \r\n").unwrap().as_str(), "a\nb\tc");
        assert_eq!(Note::parse("a\rb"), Err(TextError::ControlCharacter { position: 1 }));
        assert_eq!(Note::parse("a\0"), Err(TextError::ControlCharacter { position: 1 }));
        assert_eq!(Note::parse("a\u{2066}"), Err(TextError::ControlCharacter { position: 1 }));
        assert!(Note::parse(&"x".repeat(2000)).is_ok());
        assert!(Note::parse(&"x".repeat(2001)).is_err());
    }

    #[test]
    fn addresses_accepted() {
        for (typed, normalised) in [
            ("a@b.de", "a@b.de"),
            (" a@b.de ", "a@b.de"),
            ("ROOT@localhost", "root@localhost"),
            ("o'neil+time@Example.COM", "o'neil+time@example.com"),
            ("jose\u{301}@example.org", "jos\u{e9}@example.org"),
            ("a@例え.jp", "a@xn--r8jz45g.jp"),
        ] {
            let address = EmailAddress::parse(typed).unwrap();
            assert_eq!(address.as_str(), typed.trim());
            assert_eq!(address.normalised(), normalised);
        }
    }

    #[test]
    fn addresses_refused() {
        for text in [
            "",
            " ",
            "a",
            "@",
            "a@",
            "@b.de",
            "a@b",
            "a@@b.de",
            "a@b@c.de",
            "a b@c.de",
            "a@b .de",
            "a,b@c.de",
            "a@b.de,c@d.de",
            "\"a b\"@c.de",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            ".a@b.de",
            "a.@b.de",
            "a..b@c.de",
            "a@b..de",
            "a@.de",
            "a@b.de.",
            "a@-b.de",
            "a@b_c.de",
            "<a@b.de>",
            "a@b.de\r\n",
            "a@b.de\nBcc: c@d.de",
            "a;b@c.de",
            "a:b@c.de",
            "a\\b@c.de",
            "a@b\u{ad}.de",
            "a\u{202e}@b.de",
            "a\u{a0}@b.de",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
        let long_local = format!("{}@b.de", "a".repeat(65));
        assert!(EmailAddress::parse(&long_local).is_err());
        let long = format!("a@{}.de", vec!["b".repeat(60); 5].join("."));
        assert_eq!(
            EmailAddress::parse(&long),
            Err(TextError::TooLong { limit: 254, actual: long.len() })
        );
    }

    #[test]
    fn debug_tells_nothing() {
        assert_eq!(format!("{:?}", Name::parse("Northwind").unwrap()), "Name(9 chars)");
        let address = EmailAddress::parse("ann@example.org").unwrap();
        assert_eq!(format!("{address:?}"), "EmailAddress(15 chars)");
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in any::<String>()) {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }

        #[test]
        fn a_name_parses_to_itself_and_folds_to_something(text in any::<String>()) {
            if let Ok(name) = Name::parse(&text) {
                prop_assert_eq!(&Name::parse(name.as_str()).unwrap(), &name);
                prop_assert!(!name.folded().is_empty());
            }
        }

        #[test]
        fn normalising_an_address_is_idempotent(local in "[a-zA-Zäöüé.+-]{1,20}", domain in "[a-zA-Zäöü]{1,9}\\.[a-z]{2,5}") {
            if let Ok(address) = EmailAddress::parse(&format!("{local}@{domain}")) {
                let again = EmailAddress::parse(address.normalised()).unwrap();
                prop_assert_eq!(again.normalised(), address.normalised());
            }
        }
    }
}

//! Enums whose values have one stable text each, used in settings, addresses and the API.

/// A text that is none of the values of `choice`.
///
/// It does not carry the text: it may be anything a person typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a value of {choice}")]
pub struct UnknownChoice {
    /// The name of the enum, for example `"WeekStart"`.
    pub choice: &'static str,
}

/// What people and programs choose by a word.
pub trait Choice: std::str::FromStr {
    /// Every word, in the order of declaration.
    fn words() -> Vec<&'static str>;
}

/// Declares an enum with `ALL`, `as_str`, `Display` and an exact, case-sensitive `FromStr`.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        $name:ident { $($(#[$variant_meta:meta])* $variant:ident => $text:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_meta])* $variant,)+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable text: stored, sent and parsed, never translated.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownChoice;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::UnknownChoice { choice: stringify!($name) }),
                }
            }
        }

        impl $crate::Choice for $name {
            fn words() -> Vec<&'static str> {
                Self::ALL.iter().copied().map(Self::as_str).collect()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use choice;

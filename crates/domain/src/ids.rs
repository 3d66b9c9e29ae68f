//! Ids: one newtype over [`Uuid`] for each kind of thing, so that they cannot be mixed up.
//!
//! Ids are UUIDs of version 7, made by the application from the clock and random bytes it was
//! handed ([`uuid_v7`]); this crate draws neither. Ids sort by the millisecond they were made in.

use jiff::Timestamp;
use uuid::Uuid;

/// What all ids have in common, for code that works with any of them.
pub trait Id: Copy + Eq + Ord + std::hash::Hash + std::fmt::Display {
    /// Wraps `uuid` without looking at its version.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The UUID inside.
    fn uuid(self) -> Uuid;
}

/// A text that is not a UUID in the hyphenated form of 36 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a hyphenated UUID")]
pub struct IdError;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident,)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps `uuid` without looking at its version.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// Reads the 16 bytes in network order.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes in network order.
            pub const fn as_bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }
        }

        impl Id for $name {
            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self.0.as_hyphenated(), f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.as_hyphenated())
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            /// Accepts the hyphenated form only, in either case: an id has one spelling in
            /// addresses, so braces, `urn:uuid:` and the form without hyphens are refused.
            fn from_str(text: &str) -> Result<Self, IdError> {
                if text.len() != HYPHENATED_LENGTH {
                    return Err(IdError);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| IdError)
            }
        }
    )+};
}

/// Length in characters of `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`; no other form has it.
const HYPHENATED_LENGTH: usize = 36;

ids! {
    /// A workspace (a tenant).
    WorkspaceId,
    /// A person who signs in.
    UserId,
    /// A user in a workspace.
    MemberId,
    /// Who pays for projects.
    ClientId,
    /// A project.
    ProjectId,
    /// A task of a project.
    TaskId,
    /// A tag.
    TagId,
    /// A team of members.
    TeamId,
    /// A role that a workspace has built itself.
    RoleId,
    /// A time entry: one interval.
    TimeEntryId,
    /// An audit event.
    EventId,
    /// An API token.
    TokenId,
    /// An invitation to a workspace.
    InvitationId,
    /// One request; the same on a retry.
    RequestId,
    /// One attempt at something that may be tried again.
    AttemptId,
    /// A sign-in that waits for the second factor.
    SecondStepId,
    /// An authenticator app.
    AuthenticatorId,
    /// A passkey.
    PasskeyId,
    /// A question that a passkey is to answer.
    PasskeyChallengeId,
    /// A reset of somebody's second factors.
    FactorResetId,
    /// A change of somebody's e-mail address.
    AddressChangeId,
    /// What was mailed to somebody who may join by themselves.
    OfferId,
    /// A provider of sign-ins.
    ProviderId,
    /// Somebody's account at a provider, joined to the person.
    ProviderLinkId,
    /// A sign-in on its way to a provider and back.
    JourneyId,
    /// A signed-in browser.
    SessionId,
    /// A remembered browser: the sessions that one remember-me cookie has opened.
    FamilyId,
    /// A program's request to be let in, confirmed by a person in the browser.
    GrantId,
    /// A mail in the outbox.
    LetterId,
    /// An act over two databases that has begun.
    IntentionId,
    /// Support access to one workspace: asked for, given, ended.
    SupportId,
    /// Somebody who runs the instance.
    OperatorId,
    /// What an operator does for a while on workspaces, with a reason.
    RunBookId,
}

/// A UUID of version 7: 48 bits of Unix milliseconds, then 74 of the 80 random bits.
///
/// Instants before 1970 count as 1970. Two ids of one millisecond are in no order.
///
/// Source: RFC 9562, section 5.7.
///
/// ```
/// let at: jiff::Timestamp = "2022-02-22T19:22:22Z".parse()?;
/// let id = domain::ids::uuid_v7(at, [0xff; 10]);
/// assert_eq!(id.to_string(), "017f22e2-79b0-7fff-bfff-ffffffffffff");
/// # Ok::<(), jiff::Error>(())
/// ```
pub fn uuid_v7(at: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// The last 8 hexadecimal digits, for people to tell two things apart on a screen.
///
/// The end is random, where the beginning is the time and the same for neighbours. Not an id:
/// never look anything up by it.
pub fn short(id: impl Id) -> String {
    id.uuid().as_simple().to_string().chars().skip(24).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_round_trip() {
        let text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
        let id: ProjectId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(format!("{id:?}"), format!("ProjectId({text})"));
        assert_eq!(ProjectId::from_bytes(id.as_bytes()), id);
        assert_eq!(ProjectId::from_uuid(id.uuid()), id);
        assert_eq!(text.to_uppercase().parse::<ProjectId>().unwrap().to_string(), text);
        assert_eq!(short(id), "0c07398f");
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "017f22e279b07cc398c4dc0c0c07398f",
            "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
            "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        ] {
            assert_eq!(text.parse::<ProjectId>(), Err(IdError), "{text}");
        }
    }

    #[test]
    fn version_7_sorts_by_time_and_survives_odd_clocks() {
        let early = uuid_v7("2026-11-20T10:00:00.001Z".parse().unwrap(), [0xff; 10]);
        let late = uuid_v7("2026-11-20T10:00:00.002Z".parse().unwrap(), [0; 10]);
        assert!(early < late);
        assert_eq!(late.get_version_num(), 7);
        assert_eq!(late.get_variant(), uuid::Variant::RFC4122);
        assert_eq!(uuid_v7(Timestamp::MIN, [0; 10]).get_version_num(), 7);
    }
}

//! How people may come into a workspace: its sign-in policy, and what each way in is worth to it.
//!
//! A person signs in to the instance, and belongs to workspaces with policies of their own. So the
//! policy is asked where somebody enters a workspace, at each request, with the way they have signed
//! in: [`SignInPolicy::check`]. The whole of it is printed into
//! `docs/ways-in.md`, ways in × policies.
//!
//! Deliberately absent: who is signed in, and how that was found out.
//!
//! Sources: NIST SP 800-63B-4, 3.1.3.1 (a mailbox is no second factor; offered all the same, since
//! people expect it, and never where a policy asks for a strong one).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::choice::choice;

choice! {
    /// How somebody has shown who they are, first: the methods of a session by their words.
    FirstFactor {
        /// A code from a mail.
        MailCode => "otp-mail",
        /// A link from a mail.
        MailLink => "link-mail",
        /// A password.
        Password => "pwd",
        /// A passkey, which asks for the person by itself: two factors in one.
        Passkey => "passkey",
        /// A provider of sign-ins (OpenID Connect).
        Provider => "provider",
        /// The link of an invitation, which came by mail.
        Invitation => "link-invitation",
        /// A link printed by the operator: the way back when nothing else is left.
        PrintedLink => "link-printed",
    }
}

choice! {
    /// With what somebody has shown it a second time.
    SecondFactor {
        /// A code of an authenticator app (RFC 6238).
        Totp => "totp",
        /// A recovery code.
        RecoveryCode => "recovery-code",
        /// A code from a mail, after a password: weak, since the mailbox is also the way to a new
        /// password.
        MailCode => "otp-mail",
        /// A passkey, after something else.
        Passkey => "passkey",
        /// What the provider of the sign-in asked for besides, where it says so and the workspace
        /// believes it.
        Provider => "provider",
    }
}

choice! {
    /// A way in that a workspace allows or forbids.
    Way {
        /// Codes and links from mails.
        Mail => "mail",
        /// Passwords.
        Passwords => "passwords",
        /// Passkeys.
        Passkeys => "passkeys",
        /// Providers of sign-ins.
        Providers => "providers",
    }
}

impl FirstFactor {
    /// The way it belongs to; none for the operator's link, which nobody forbids.
    pub const fn way(self) -> Option<Way> {
        match self {
            Self::MailCode | Self::MailLink | Self::Invitation => Some(Way::Mail),
            Self::Password => Some(Way::Passwords),
            Self::Passkey => Some(Way::Passkeys),
            Self::Provider => Some(Way::Providers),
            Self::PrintedLink => None,
        }
    }
}

impl Way {
    const fn bit(self) -> u8 {
        match self {
            Self::Mail => 1,
            Self::Passwords => 2,
            Self::Passkeys => 4,
            Self::Providers => 8,
        }
    }

    /// What a policy misses that forbids it.
    pub const fn forbidden(self) -> Unmet {
        match self {
            Self::Mail => Unmet::MailForbidden,
            Self::Passwords => Unmet::PasswordForbidden,
            Self::Passkeys => Unmet::PasskeyForbidden,
            Self::Providers => Unmet::ProviderForbidden,
        }
    }
}

/// A set of ways in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ways(u8);

impl Ways {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// All of them.
    pub fn all() -> Self {
        Way::ALL.iter().fold(Self::NONE, |ways, way| ways.with(*way, true))
    }

    /// Whether it is one of them.
    pub const fn allows(self, way: Way) -> bool {
        self.0 & way.bit() != 0
    }

    /// The same with or without one.
    #[must_use]
    pub const fn with(self, way: Way, is_allowed: bool) -> Self {
        if is_allowed { Self(self.0 | way.bit()) } else { Self(self.0 & !way.bit()) }
    }
}

impl std::fmt::Debug for Ways {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(Way::ALL.iter().filter(|way| self.allows(**way))).finish()
    }
}

choice! {
    /// Whether a workspace asks for a second factor.
    SecondFactorRule {
        /// Each person decides. The default.
        Optional => "optional",
        /// Everybody needs one; a code by mail after a password will do.
        Required => "required",
        /// Everybody needs one that does not hang on their mailbox.
        Strong => "strong",
    }
}

impl SecondFactorRule {
    /// How much it asks for, in order.
    const fn rank(self) -> u8 {
        match self {
            Self::Optional => 0,
            Self::Required => 1,
            Self::Strong => 2,
        }
    }
}

choice! {
    /// How long after somebody has shown who they are their session comes in.
    LongestSession {
        /// As long as the instance lets any go on. The default.
        ThirtyDays => "30_days",
        /// A week.
        SevenDays => "7_days",
        /// A day.
        Day => "24_hours",
        /// Half a day.
        HalfDay => "12_hours",
    }
}

impl LongestSession {
    /// In seconds; none where only the instance ends sessions.
    ///
    /// Source: NIST SP 800-63B-4, 2.1.3 and 2.2.3 (30 days at AAL1, 24 hours at AAL2), which holds for
    /// every session.
    pub const fn seconds(self) -> Option<i64> {
        match self {
            Self::ThirtyDays => None,
            Self::SevenDays => Some(7 * 24 * 3_600),
            Self::Day => Some(24 * 3_600),
            Self::HalfDay => Some(12 * 3_600),
        }
    }
}

/// Since when somebody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Seconds since they have shown who they are.
    pub age_s: i64,
    /// Whether their browser has signed in by itself since.
    pub is_remembered: bool,
}

/// A workspace's sign-in policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInPolicy {
    /// What lets in, by itself or with a second factor.
    pub ways: Ways,
    /// Whether a second factor is asked for.
    pub second_factor: SecondFactorRule,
    /// From where sign-ins and tokens work; empty means from everywhere.
    pub networks: Vec<IpNet>,
    /// Whether a browser that signs in by itself comes in.
    pub allows_remembering: bool,
    /// How long a session comes in.
    pub longest_session: LongestSession,
}

impl Default for SignInPolicy {
    fn default() -> Self {
        Self {
            ways: Ways::all(),
            second_factor: SecondFactorRule::Optional,
            networks: Vec::new(),
            allows_remembering: true,
            longest_session: LongestSession::ThirtyDays,
        }
    }
}

choice! {
    /// What a policy misses.
    Unmet {
        /// The request comes from somewhere else than the policy allows.
        Network => "network",
        /// The policy forbids codes and links from mails.
        MailForbidden => "mail_forbidden",
        /// The policy forbids passwords.
        PasswordForbidden => "password_forbidden",
        /// The policy forbids passkeys.
        PasskeyForbidden => "passkey_forbidden",
        /// The policy forbids providers of sign-ins.
        ProviderForbidden => "provider_forbidden",
        /// The provider that opened the session is not one of this workspace: what it says counts
        /// where it was set up.
        OtherProvider => "other_provider",
        /// The policy asks for a second factor.
        SecondFactor => "second_factor",
        /// The policy asks for a second factor that does not hang on the mailbox.
        StrongSecondFactor => "strong_second_factor",
        /// The policy takes no browser that has signed in by itself.
        Remembered => "remembered",
        /// The policy asks for a younger sign-in.
        TooOld => "too_old",
    }
}

impl SignInPolicy {
    /// The most ranges of addresses that a policy names.
    pub const MOST_NETWORKS: usize = 50;

    /// Whether somebody who has signed in this way may enter, from this address.
    ///
    /// Errors: the first thing that is missing, in the order of [`Unmet`].
    ///
    /// ```
    /// use domain::sign_in_policy::{FirstFactor, SignInPolicy, Unmet, Way, Ways};
    /// let ways = Ways::all().with(Way::Mail, false);
    /// let policy = SignInPolicy { ways, ..SignInPolicy::default() };
    /// assert_eq!(policy.check(FirstFactor::MailCode, None, None), Err(Unmet::MailForbidden));
    /// assert_eq!(policy.check(FirstFactor::Password, None, None), Ok(()));
    /// ```
    pub fn check(
        &self,
        first: FirstFactor,
        second: Option<SecondFactor>,
        from: Option<IpAddr>,
    ) -> Result<(), Unmet> {
        self.check_network(from)?;
        if let Some(way) = first.way()
            && !self.ways.allows(way)
        {
            return Err(way.forbidden());
        }
        let is_enough = match self.second_factor {
            SecondFactorRule::Optional => true,
            SecondFactorRule::Required => is_second(first, second),
            SecondFactorRule::Strong => is_strong(first, second),
        };
        match self.second_factor {
            _ if is_enough => Ok(()),
            SecondFactorRule::Strong => Err(Unmet::StrongSecondFactor),
            _ => Err(Unmet::SecondFactor),
        }
    }

    /// Whether somebody who is signed in since then may enter. Of one of whom that is not known, nothing
    /// is believed.
    ///
    /// Errors: [`Unmet::Remembered`], [`Unmet::TooOld`].
    ///
    /// ```
    /// use domain::sign_in_policy::{LongestSession, Shown, SignInPolicy, Unmet};
    /// let longest_session = LongestSession::HalfDay;
    /// let policy = SignInPolicy { longest_session, ..SignInPolicy::default() };
    /// let shown = |hours: i64| Some(Shown { age_s: hours * 3_600, is_remembered: false });
    /// assert_eq!(policy.check_age(shown(11)), Ok(()));
    /// assert_eq!(policy.check_age(shown(12)), Err(Unmet::TooOld));
    /// ```
    pub fn check_age(&self, shown: Option<Shown>) -> Result<(), Unmet> {
        if !self.allows_remembering && shown.is_none_or(|shown| shown.is_remembered) {
            return Err(Unmet::Remembered);
        }
        match (self.longest_session.seconds(), shown) {
            (None, _) => Ok(()),
            (Some(most), Some(shown)) if shown.age_s < most => Ok(()),
            _ => Err(Unmet::TooOld),
        }
    }

    /// Whether requests may come from this address. One whose address is not known comes from none
    /// of the ranges.
    ///
    /// Errors: [`Unmet::Network`].
    pub fn check_network(&self, from: Option<IpAddr>) -> Result<(), Unmet> {
        let is_inside = |from: IpAddr| self.networks.iter().any(|net| contains(net, from));
        if self.networks.is_empty() || from.is_some_and(is_inside) {
            Ok(())
        } else {
            Err(Unmet::Network)
        }
    }

    /// Whether a request from some address of a network could come from one of the ranges.
    pub fn touches(&self, network: &IpNet) -> bool {
        let meets = |net: &IpNet| net.contains(network) || network.contains(net);
        self.networks.is_empty() || self.networks.iter().any(meets)
    }

    /// Whether it keeps out anybody whom another one lets in: a way in less, more asked for at the second
    /// step, an address that is left out, browsers that are not remembered, or shorter sessions.
    ///
    /// ```
    /// use domain::sign_in_policy::{SignInPolicy, Way, parse_networks};
    /// let open = SignInPolicy::default();
    /// let no_mail = SignInPolicy { ways: open.ways.with(Way::Mail, false), ..open.clone() };
    /// assert!(no_mail.is_stricter_than(&open) && !open.is_stricter_than(&no_mail));
    /// ```
    pub fn is_stricter_than(&self, other: &Self) -> bool {
        let forbids = |way: &Way| other.ways.allows(*way) && !self.ways.allows(*way);
        Way::ALL.iter().any(forbids)
            || self.second_factor.rank() > other.second_factor.rank()
            || (other.allows_remembering && !self.allows_remembering)
            // The longest comes first.
            || self.longest_session > other.longest_session
            || self.leaves_out_addresses_of(other)
    }

    fn leaves_out_addresses_of(&self, other: &Self) -> bool {
        if self.networks.is_empty() || other.networks.is_empty() {
            return !self.networks.is_empty();
        }
        // Two halves of a range are the range.
        let mine = IpNet::aggregate(&self.networks);
        let is_kept = |net: &IpNet| mine.iter().any(|mine| mine.contains(net));
        !other.networks.iter().all(is_kept)
    }

    /// Whether nobody could come in any more but by the operator's link.
    pub fn locks_everybody_out(&self) -> bool {
        self.ways == Ways::NONE
    }
}

/// Whether the two are two: a mail after a mail is one factor twice.
fn is_second(first: FirstFactor, second: Option<SecondFactor>) -> bool {
    is_strong(first, second)
        || (first == FirstFactor::Password && second == Some(SecondFactor::MailCode))
}

/// Whether something was shown that does not hang on the mailbox. A passkey is what one has and asks for
/// what one knows or is (SP 800-63B-4, 3.1.7); what a provider asked for counts for its own sign-ins.
fn is_strong(first: FirstFactor, second: Option<SecondFactor>) -> bool {
    let is_shown_besides = match second {
        Some(SecondFactor::Totp | SecondFactor::RecoveryCode | SecondFactor::Passkey) => true,
        Some(SecondFactor::Provider) => first == FirstFactor::Provider,
        Some(SecondFactor::MailCode) | None => false,
    };
    is_shown_besides || first == FirstFactor::Passkey
}

/// Whether an address lies in a range; an IPv4 address written as IPv6 is the same address.
fn contains(net: &IpNet, address: IpAddr) -> bool {
    net.contains(&address.to_canonical())
}

/// Why a list of address ranges cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworksError {
    /// This one is neither an address nor a range.
    #[error("not an address range: {0}")]
    Unreadable(String),
    /// There are more than [`SignInPolicy::MOST_NETWORKS`].
    #[error("too many address ranges")]
    TooMany,
}

/// Reads address ranges in CIDR notation (RFC 4632, RFC 4291), separated by spaces, commas or lines; an
/// address alone is a range of one. Each is cut to its network, and none is kept twice.
///
/// Errors: [`NetworksError`], with the first that cannot be read.
///
/// ```
/// use domain::sign_in_policy::parse_networks;
/// let networks = parse_networks("10.0.0.7/8, 2001:db8::1\n10.0.0.0/8").unwrap();
/// let texts: Vec<_> = networks.iter().map(ToString::to_string).collect();
/// assert_eq!(texts, ["10.0.0.0/8", "2001:db8::1/128"]);
/// ```
pub fn parse_networks(text: &str) -> Result<Vec<IpNet>, NetworksError> {
    let mut networks: Vec<IpNet> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || c == ',' || c == ';') {
        if word.is_empty() {
            continue;
        }
        let network = parse_network(word)
            .ok_or_else(|| NetworksError::Unreadable(word.chars().take(60).collect()))?;
        if !networks.contains(&network) {
            networks.push(network);
        }
    }
    if networks.len() > SignInPolicy::MOST_NETWORKS {
        return Err(NetworksError::TooMany);
    }
    Ok(networks)
}

fn parse_network(word: &str) -> Option<IpNet> {
    let network = match word.parse::<IpNet>() {
        Ok(network) => network.trunc(),
        Err(_) => IpNet::from(word.parse::<IpAddr>().ok()?),
    };
    // A range of IPv4 addresses that is written as IPv6 would never be met.
    match network {
        IpNet::V6(v6) if v6.prefix_len() >= 96 => match v6.network().to_ipv4_mapped() {
            Some(v4) => IpNet::new(v4.into(), v6.prefix_len() - 96).ok(),
            None => Some(network),
        },
        network => Some(network),
    }
}

#[cfg(test)]
mod tests;

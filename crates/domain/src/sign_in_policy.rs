//! How people may come into a workspace: its sign-in policy, and what each way in is worth to it.
//!
//! A person signs in to the instance, and belongs to workspaces with policies of their own. So the
//! policy is asked where somebody enters a workspace, at each request, with the way they have signed
//! in: [`SignInPolicy::check`]. The whole of it is printed in `sign_in_policy.golden.txt` (and in
//! `docs/ways-in.md`), ways in × policies.
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

/// A workspace's sign-in policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInPolicy {
    /// Whether codes and links from mails let in, by themselves or with a second factor.
    pub allows_mail: bool,
    /// Whether passwords let in, by themselves or with a second factor.
    pub allows_passwords: bool,
    /// Whether a second factor is asked for.
    pub second_factor: SecondFactorRule,
    /// From where sign-ins and tokens work; empty means from everywhere.
    pub networks: Vec<IpNet>,
}

impl Default for SignInPolicy {
    fn default() -> Self {
        Self {
            allows_mail: true,
            allows_passwords: true,
            second_factor: SecondFactorRule::Optional,
            networks: Vec::new(),
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
        /// The policy asks for a second factor.
        SecondFactor => "second_factor",
        /// The policy asks for a second factor that does not hang on the mailbox.
        StrongSecondFactor => "strong_second_factor",
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
    /// use domain::sign_in_policy::{FirstFactor, SecondFactor, SignInPolicy, Unmet};
    /// let policy = SignInPolicy { allows_mail: false, ..SignInPolicy::default() };
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
        match first {
            FirstFactor::MailCode | FirstFactor::MailLink | FirstFactor::Invitation
                if !self.allows_mail =>
            {
                return Err(Unmet::MailForbidden);
            }
            FirstFactor::Password if !self.allows_passwords => {
                return Err(Unmet::PasswordForbidden);
            }
            _ => {}
        }
        let is_enough = match self.second_factor {
            SecondFactorRule::Optional => true,
            SecondFactorRule::Required => is_second(first, second),
            SecondFactorRule::Strong => {
                matches!(second, Some(SecondFactor::Totp | SecondFactor::RecoveryCode))
            }
        };
        match self.second_factor {
            _ if is_enough => Ok(()),
            SecondFactorRule::Strong => Err(Unmet::StrongSecondFactor),
            _ => Err(Unmet::SecondFactor),
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

    /// Whether nobody could come in any more but by the operator's link.
    pub fn locks_everybody_out(&self) -> bool {
        !self.allows_mail && !self.allows_passwords
    }
}

/// Whether the two are two: a mail after a mail is one factor twice.
fn is_second(first: FirstFactor, second: Option<SecondFactor>) -> bool {
    match second {
        None => false,
        Some(SecondFactor::MailCode) => first == FirstFactor::Password,
        Some(SecondFactor::Totp | SecondFactor::RecoveryCode) => true,
    }
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

//! Who may join a workspace by themselves: people with an address at one of its mail domains.
//!
//! Deliberately absent: whose address is at which domain, and who owns the workspace.

use std::fmt;

use crate::{
    permission::{Assignment, Role, Standing},
    text::{EmailAddress, ascii_domain},
};

/// Hosts whose addresses anybody can get.
const PUBLIC_HOSTS: &str = include_str!("joining/public_hosts.txt");

/// What stands behind the `@` of an address, in ASCII (IDNA) and lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailDomain(String);

impl MailDomain {
    /// Reads a domain, with or without an `@` before it; none where no address could be at it.
    ///
    /// ```
    /// use domain::joining::MailDomain;
    /// let domain = MailDomain::parse("@B\u{fc}cher.Example").unwrap();
    /// assert_eq!((domain.as_str(), domain.shown()), ("xn--bcher-kva.example", "b\u{fc}cher.example".into()));
    /// assert_eq!(MailDomain::parse("acme"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('@').unwrap_or(text);
        // What is behind the `@` of no address of the longest kind is no domain of mail.
        let is_short = text.len() < EmailAddress::MAX_BYTES;
        let ascii = ascii_domain(text).ok().filter(|_| is_short)?;
        (ascii.len() < EmailAddress::MAX_BYTES).then_some(Self(ascii))
    }

    /// The domain of an address.
    pub fn of(address: &EmailAddress) -> Self {
        Self(address.domain().to_owned())
    }

    /// As it is compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As people write it.
    pub fn shown(&self) -> String {
        idna::domain_to_unicode(&self.0).0
    }

    /// Whether anybody can get an address at it, so that nobody's own people are there.
    pub fn is_public(&self) -> bool {
        PUBLIC_HOSTS.lines().any(|line| line == self.0)
    }
}

/// A domain says where somebody works.
impl fmt::Debug for MailDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailDomain({} bytes)", self.0.len())
    }
}

/// Who may join a workspace by themselves, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRule {
    /// At which domains their addresses are; none: nobody joins without an invitation.
    pub domains: Vec<MailDomain>,
    /// What they are then.
    pub role: Assignment,
}

impl Default for JoinRule {
    fn default() -> Self {
        Self { domains: Vec::new(), role: Role::Member.into() }
    }
}

impl JoinRule {
    /// The most domains that a rule names.
    pub const MOST_DOMAINS: usize = 20;
    /// How many people join by it within a day.
    pub const MOST_A_DAY: i64 = 200;

    /// Whether it lets in who has this address.
    pub fn names(&self, address: &EmailAddress) -> bool {
        !is_tagged(address) && self.domains.contains(&MailDomain::of(address))
    }
}

/// Whether an address is one of many of its mailbox: what stands before the `@` has a `+` in it. Who was
/// removed would come back by the next one.
///
/// ```
/// use domain::{joining::is_tagged, text::EmailAddress};
/// let is_tagged = |text| is_tagged(&EmailAddress::parse(text).unwrap());
/// assert!(is_tagged("bob+x@acme.example"));
/// assert!(!is_tagged("bob@acme.example"));
/// ```
pub fn is_tagged(address: &EmailAddress) -> bool {
    let text = address.as_str();
    text.rsplit_once('@').is_some_and(|(mailbox, _)| mailbox.contains('+'))
}

/// Whether a role may be given to who was not invited: it gives nothing that a member lacks, and makes
/// nobody a guest.
///
/// ```
/// use domain::{joining::is_given_unasked, permission::{Role, Standing}};
/// assert!(is_given_unasked(Role::Member, Role::Member.into()));
/// assert!(!is_given_unasked(Role::Manager, Role::Manager.into()));
/// assert!(!is_given_unasked(Role::Client, Role::Client.into()));
/// ```
pub fn is_given_unasked(role: Role, standing: Standing) -> bool {
    matches!(role, Role::Member | Role::Own) && Standing::from(Role::Member).covers(standing)
}

/// Why a list of domains cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DomainsError {
    /// This is no domain that addresses are at.
    #[error("not a mail domain: {0}")]
    Unreadable(String),
    /// Anybody can get an address at this one.
    #[error("a public mail host: {0}")]
    Public(String),
    /// There are more than [`JoinRule::MOST_DOMAINS`].
    #[error("too many mail domains")]
    TooMany,
}

/// Reads domains separated by spaces, commas or lines. They come in alphabetical order, none twice.
///
/// Errors: [`DomainsError`], with the first that is refused.
///
/// ```
/// use domain::joining::parse_domains;
/// let domains = parse_domains("acme.example, @Acme.Example\nabc.example").unwrap();
/// let texts: Vec<_> = domains.iter().map(|domain| domain.as_str()).collect();
/// assert_eq!(texts, ["abc.example", "acme.example"]);
/// ```
pub fn parse_domains(text: &str) -> Result<Vec<MailDomain>, DomainsError> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
    let mut domains: Vec<MailDomain> =
        words.filter(|word| !word.is_empty()).map(parse_accepted).collect::<Result<_, _>>()?;
    domains.sort();
    domains.dedup();
    if domains.len() > JoinRule::MOST_DOMAINS {
        return Err(DomainsError::TooMany);
    }
    Ok(domains)
}

fn parse_accepted(word: &str) -> Result<MailDomain, DomainsError> {
    let domain = MailDomain::parse(word)
        .ok_or_else(|| DomainsError::Unreadable(word.chars().take(60).collect()))?;
    if domain.is_public() { Err(DomainsError::Public(domain.shown())) } else { Ok(domain) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::permission::{Grant, Grants};

    #[test]
    fn the_list_of_public_hosts_can_be_looked_up() {
        let hosts: Vec<_> = PUBLIC_HOSTS.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(hosts.len() >= 200, "{}", hosts.len());
        assert!(hosts.is_sorted_by(|a, b| a < b), "sorted, and none twice");
        for host in hosts {
            let domain = MailDomain::parse(host).unwrap();
            assert_eq!(domain.as_str(), host);
            assert!(domain.is_public(), "{host}");
        }
        for host in ["acme.example", "mail.gmail.com", "gmail", "gmail.com.example", "localhost"] {
            assert!(!MailDomain::parse(host).is_some_and(|domain| domain.is_public()), "{host}");
        }
    }

    #[test]
    fn lists_of_domains() {
        let refused = |text: &str| parse_domains(text).unwrap_err();
        assert_eq!(parse_domains(" \n"), Ok(Vec::new()));
        assert_eq!(refused("acme"), DomainsError::Unreadable("acme".into()));
        assert_eq!(
            refused("ann@acme.example"),
            DomainsError::Unreadable("ann@acme.example".into())
        );
        assert_eq!(refused("10.0.0.1"), DomainsError::Unreadable("10.0.0.1".into()));
        assert_eq!(refused("acme.example GMail.com"), DomainsError::Public("gmail.com".into()));
        let list = |most: usize| {
            (0..most).map(|at| format!("a{at}.example")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(parse_domains(&list(20)).unwrap().len(), 20);
        assert_eq!(refused(&list(21)), DomainsError::TooMany);
    }

    #[test]
    fn a_rule_means_the_domain_and_none_below_it() {
        let domains = parse_domains("acme.example b\u{fc}cher.example").unwrap();
        let rule = JoinRule { domains, ..JoinRule::default() };
        for (address, expected) in [
            ("grace@acme.example", true),
            ("Grace@ACME.example", true),
            ("grace@xn--bcher-kva.example", true),
            ("grace@sub.acme.example", false),
            ("grace+x@acme.example", false),
            ("+@acme.example", false),
            ("grace@notacme.example", false),
            ("grace@example", false),
            ("acme.example@other.example", false),
        ] {
            let named = EmailAddress::parse(address).is_ok_and(|address| rule.names(&address));
            assert_eq!(named, expected, "{address}");
        }
    }

    #[test]
    fn nobody_gets_more_than_a_member_unasked() {
        for role in Role::ALL {
            let is_given = is_given_unasked(*role, (*role).into());
            assert_eq!(is_given, matches!(role, Role::Member | Role::Own), "{role}");
        }
        for grant in Grant::ALL {
            let standing = Standing::of(Grants::of([*grant]));
            let is_given = is_given_unasked(Role::Own, standing);
            assert_eq!(is_given, Standing::from(Role::Member).covers(standing), "{grant}");
        }
        assert!(is_given_unasked(Role::Own, Standing::of(Grants::of([Grant::TrackTime]))));
        assert!(!is_given_unasked(Role::Own, Standing::of(Grants::of([Grant::InviteMembers]))));
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_panics_and_what_is_read_reads_the_same(text in "\\PC{0,60}") {
            for domain in parse_domains(&text).unwrap_or_default() {
                let (shown, ascii) = (domain.shown(), domain.as_str().to_owned());
                prop_assert_eq!(MailDomain::parse(&shown), Some(domain.clone()));
                prop_assert_eq!(MailDomain::parse(&ascii), Some(domain));
            }
        }
    }
}

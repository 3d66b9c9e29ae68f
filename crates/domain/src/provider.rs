//! Providers of sign-ins (OpenID Connect): how their addresses are written, and what counts as a second
//! factor of theirs.
//!
//! Deliberately absent: HTTP, and whose provider it is.
//!
//! Sources: OpenID Connect Discovery 1.0, 3 (the issuer is an https address without query and fragment);
//! RFC 8176 (authentication method references).

use std::net::IpAddr;

/// The longest issuer, in bytes.
pub const LONGEST_ISSUER: usize = 255;

/// The address that names a provider, exactly as the provider writes it: with or without a slash at its
/// end are two providers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Issuer(String);

/// Why an issuer is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// It is no address with a host, or has a name, a query or a fragment in it.
    #[error("not the address of an issuer")]
    Unreadable,
    /// It goes through the network in the clear.
    #[error("not https")]
    InTheClear,
}

impl Issuer {
    /// Reads an issuer. `http` is read for this machine alone; whether it is used is the operator's to
    /// say.
    ///
    /// Errors: [`IssuerError`].
    ///
    /// ```
    /// use domain::provider::{Issuer, IssuerError};
    /// assert!(Issuer::parse("https://accounts.google.com").is_ok());
    /// assert_eq!(Issuer::parse("http://id.example"), Err(IssuerError::InTheClear));
    /// assert_eq!(Issuer::parse("https://me@id.example"), Err(IssuerError::Unreadable));
    /// ```
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").ok_or(IssuerError::Unreadable)?;
        let authority = rest.split('/').next().unwrap_or_default();
        let is_plain = text.len() <= LONGEST_ISSUER
            && text.bytes().all(|byte| byte.is_ascii_graphic())
            && !text.contains(['?', '#', '\\', '@', '"', '<', '>', '%']);
        if !is_plain || !is_authority(authority) {
            return Err(IssuerError::Unreadable);
        }
        match scheme {
            "https" => Ok(Self(text.to_owned())),
            "http" if is_loopback(host(authority)) => Ok(Self(text.to_owned())),
            "http" => Err(IssuerError::InTheClear),
            _ => Err(IssuerError::Unreadable),
        }
    }

    /// As the provider writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host, with the port where it names one.
    pub fn authority(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }
}

fn is_authority(authority: &str) -> bool {
    let host = host(authority);
    let port = authority.strip_prefix(host).unwrap_or("");
    let has_port = port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    !host.is_empty() && (port.is_empty() || has_port)
}

/// The host of `host:port`; an address of IPv6 with its brackets.
fn host(authority: &str) -> &str {
    if authority.starts_with('[') {
        let end = authority.find(']').map_or(0, |end| end + 1);
        return authority.get(..end).unwrap_or_default();
    }
    authority.split(':').next().unwrap_or_default()
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>();
    address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

/// Words of `amr` that say that more than one factor was shown, or one that is two by itself.
const SECOND_METHODS: [&str; 6] = ["mfa", "otp", "hwk", "swk", "sc", "pop"];

/// Whether what a provider says of a sign-in counts as a second factor: one of its methods is, or its
/// class is one of those that were asked for.
///
/// ```
/// use domain::provider::shows_second;
/// assert!(shows_second(&["pwd", "otp"], None, ""));
/// assert!(!shows_second(&["pwd"], Some("1"), "2 3"));
/// assert!(shows_second(&[], Some("3"), "2 3"));
/// ```
pub fn shows_second(methods: &[&str], class: Option<&str>, asked_classes: &str) -> bool {
    let is_asked = |class: &str| asked_classes.split_ascii_whitespace().any(|asked| asked == class);
    methods.iter().any(|method| SECOND_METHODS.contains(method)) || class.is_some_and(is_asked)
}

/// Whether an address of the network is one that everybody can reach: what somebody in a workspace sets
/// up must not be asked on this machine, in its network, or where a cloud keeps its secrets.
///
/// ```
/// use domain::provider::is_public;
/// assert!(is_public("93.184.215.14".parse().unwrap()));
/// for inside in ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::ffff:192.168.0.1", "fd00::1"] {
///     assert!(!is_public(inside.parse().unwrap()), "{inside}");
/// }
/// ```
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let is_special = match a {
                0 | 10 | 127 => true,
                100 => (64..128).contains(&b),
                169 => b == 254,
                172 => (16..32).contains(&b),
                192 => b == 168 || (b == 0 && (c == 0 || c == 2)) || (b == 88 && c == 99),
                198 => b == 18 || b == 19 || (b == 51 && c == 100),
                203 => b == 0 && c == 113,
                _ => a >= 224,
            };
            !is_special
        }
        // Of IPv6, what is handed out to everybody (2000::/3), without what leads into IPv4 again.
        IpAddr::V6(v6) => {
            let [a, b, ..] = v6.segments();
            let is_global = a & 0xe000 == 0x2000;
            let leads_elsewhere = a == 0x2002
                || (a == 0x2001 && (b < 0x0200 || b == 0x0db8))
                || (a == 0x3fff && b < 0x1000);
            is_global && !leads_elsewhere
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_an_address_and_nothing_more() {
        for fine in [
            "https://id.example",
            "https://id.example/",
            "https://id.example:8443/realms/a",
            "http://127.0.0.1:4000",
            "http://[::1]:4000/x",
            "http://localhost",
        ] {
            assert_eq!(
                Issuer::parse(fine).map(|issuer| issuer.as_str().to_owned()).as_deref(),
                Ok(fine)
            );
        }
        for wrong in [
            "",
            "id.example",
            "https://",
            "https://:443",
            "https://id.example?x",
            "https://id.example/#x",
            "https://a@id.example",
            "https://id.example:99999",
            "ftp://id.example",
            "javascript://id.example",
            "https://id .example",
            "https://id.example\\x",
        ] {
            assert!(Issuer::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Issuer::parse("http://10.0.0.1"), Err(IssuerError::InTheClear));
        let long = format!("https://id.example/{}", "x".repeat(LONGEST_ISSUER));
        assert_eq!(Issuer::parse(&long), Err(IssuerError::Unreadable));
        assert_eq!(
            Issuer::parse("https://id.example:8443/a").unwrap().authority(),
            "id.example:8443"
        );
    }

    #[test]
    fn addresses_that_not_everybody_reaches_are_not_public() {
        let inside = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.1.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for address in inside {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in
            ["1.1.1.1", "100.63.0.1", "172.32.0.1", "192.1.0.1", "2606:4700::1111", "2a00::1"]
        {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}

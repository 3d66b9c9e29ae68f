//! A token that a token makes is no wider than its maker: else whoever finds one that is limited makes
//! themselves one that is not, and keeps it when the first is revoked or ends.

use ipnet::IpNet;
use jiff::Timestamp;

use super::list::get_token;
use crate::{Error, Op, actor::Via};

/// Refuses a life and address ranges that are more than those of the asking token; anybody else may ask
/// for what they want.
///
/// Errors: [`Error::Invalid`] for `expires_in_days` and `networks`.
pub(super) fn require_within(
    op: &mut Op,
    expires_at: Timestamp,
    networks: &[IpNet],
) -> Result<(), Error> {
    let Via::Token(maker, _) = op.me().via else {
        return Ok(());
    };
    let maker = get_token(op, maker)?;
    if expires_at > maker.expires_at {
        let message = "A token makes none that works longer than itself.";
        return Err(Error::invalid("expires_in_days", "wider", message));
    }
    if !is_within(&maker.networks, networks) {
        let message = "A token makes none that works from more addresses than itself.";
        return Err(Error::invalid("networks", "wider", message));
    }
    Ok(())
}

/// Whether each range lies in one of the outer ones; no ranges are everywhere.
fn is_within(outer: &[IpNet], inner: &[IpNet]) -> bool {
    let lies = |net: &IpNet| outer.iter().any(|outer| outer.contains(net));
    outer.is_empty() || (!inner.is_empty() && inner.iter().all(lies))
}

#[cfg(test)]
mod tests {
    use domain::sign_in_policy::parse_networks;

    use super::*;

    #[test]
    fn ranges_lie_in_ranges() {
        let is_within = |outer: &str, inner: &str| {
            is_within(&parse_networks(outer).unwrap(), &parse_networks(inner).unwrap())
        };
        assert!(is_within("", "") && is_within("", "10.0.0.0/8"));
        assert!(is_within("10.0.0.0/8 2001:db8::/32", "10.1.0.0/16 2001:db8:1::/48"));
        assert!(is_within("10.0.0.0/8", "10.0.0.0/8") && is_within("10.0.0.0/8", "10.0.0.7"));
        assert!(!is_within("10.0.0.0/8", ""), "everywhere is more");
        assert!(!is_within("10.0.0.0/16", "10.0.0.0/8") && !is_within("10.0.0.0/8", "11.0.0.1"));
        assert!(!is_within("0.0.0.0/0", "::/0"));
    }
}

//! From where a token works: a list of address ranges, beside that of the workspace's sign-in policy.

use std::net::IpAddr;

use domain::{
    ids::TokenId,
    sign_in_policy::{SignInPolicy, parse_networks},
};
use ipnet::IpNet;
use vault::KeyId;

use crate::{Actor, Error, Op, Refusal, actor::Via, field};

/// Keeps a token out that comes from elsewhere.
///
/// Errors: [`Refusal::TokenNetwork`].
pub(crate) fn let_in(op: &Op, actor: Actor) -> Result<(), Error> {
    let (Via::Token(id, _), Some(sealed)) = (op.me().via, &op.me().token_networks) else {
        return Ok(());
    };
    check(&open(op, id, sealed)?, actor.came.from)
}

fn check(networks: &[IpNet], from: Option<IpAddr>) -> Result<(), Error> {
    let policy = SignInPolicy { networks: networks.to_vec(), ..SignInPolicy::default() };
    policy.check_network(from).map_err(|_| Refusal::TokenNetwork.into())
}

/// As they are kept; nothing where there are none.
pub(super) fn seal(
    op: &Op,
    key: KeyId,
    id: TokenId,
    networks: &[IpNet],
) -> Result<Option<Vec<u8>>, Error> {
    if networks.is_empty() {
        return Ok(None);
    }
    op.seal(key, field::TOKEN_NETWORKS, id, 1, &lines(networks)).map(Some)
}

/// Reads what [`seal`] has written.
pub(super) fn open(op: &Op, id: TokenId, sealed: &[u8]) -> Result<Vec<IpNet>, Error> {
    let text = op.open(field::TOKEN_NETWORKS, id, 1, sealed)?;
    parse_networks(&text).map_err(|error| Error::bug(format!("stored address ranges: {error}")))
}

/// One a line.
pub(super) fn lines(networks: &[IpNet]) -> String {
    let lines: Vec<_> = networks.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

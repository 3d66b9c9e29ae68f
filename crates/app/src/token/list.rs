//! Look tokens up.

use domain::{
    ids::{MemberId, TokenId},
    permission::{Relation, Right},
};
use ipnet::IpNet;
use jiff::Timestamp;
use store::{Row, Statement};

use super::networks;
use crate::{
    Error, Names, Op,
    actor::Scope,
    field,
    op::{instant, instant_or_none},
};

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose.
    pub member: MemberId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Timestamp>,
    /// From which network that was: an IPv4 address, or the /64 of an IPv6 one.
    pub last_network: Option<String>,
    /// From which address ranges it works; none means from everywhere.
    pub networks: Vec<IpNet>,
    /// Whether it was made for a program that its member let in.
    pub is_program: bool,
}

/// The asking member's tokens that are not revoked, newest first; expired ones too.
///
/// Errors: [`Error::Forbidden`] for a token without that scope.
pub fn list_tokens(op: &mut Op) -> Result<Vec<Token>, Error> {
    let me = op.me().member;
    op.require(Right::ManageOwnTokens, Relation::Own)?;
    list(op, me)
}

/// Somebody's tokens that are not revoked, newest first; expired ones too.
///
/// Errors: [`Error::NotFound`] for somebody who is not here; [`Error::Forbidden`], also for one who has
/// rights that the asking member lacks.
pub fn list_tokens_of(op: &mut Op, member: MemberId) -> Result<Vec<Token>, Error> {
    if member == op.me().member {
        return list_tokens(op);
    }
    crate::member::get_member(op, member)?;
    if !may_manage(op, member)? {
        return Err(Error::Forbidden);
    }
    list(op, member)
}

/// A token that is not revoked, one's own or that of somebody who has no rights that the asking member
/// lacks.
///
/// Errors: [`Error::NotFound`].
pub fn get_token(op: &mut Op, id: TokenId) -> Result<Token, Error> {
    let row = op.optional(&FIND, &[id.into()])?.ok_or(Error::NotFound)?;
    let token = read(op, &row)?;
    let may_see = if token.member == op.me().member {
        op.may(Right::ManageOwnTokens, Relation::Own)
    } else {
        may_manage(op, token.member)?
    };
    may_see.then_some(token).ok_or(Error::NotFound)
}

/// Whether the asking member may see and revoke the tokens of this one, who is another.
///
/// Errors: [`Error::Store`].
pub fn may_list_tokens_of(op: &mut Op, member: MemberId) -> Result<bool, Error> {
    Ok(member != op.me().member && may_manage(op, member)?)
}

/// Whether the asking member may see and revoke the tokens of another one. Nobody takes away what they
/// lack: an admin does not touch those of an owner.
pub(super) fn may_manage(op: &mut Op, member: MemberId) -> Result<bool, Error> {
    let names = op.names()?;
    Ok(may_manage_of(op, &names, member))
}

/// The same, where the names are at hand.
pub(crate) fn may_manage_of(op: &Op, names: &Names, member: MemberId) -> bool {
    let Some(of) = names.members.get(&member) else { return false };
    let relation = names.relation_of_members(op.me().member, member);
    let covers = op.me().standing.covers(names.standing(of.assignment()));
    covers && op.may(Right::RevokeTokens, relation)
}

/// Whose a token is or was, also of one that is revoked.
///
/// Errors: [`Error::Store`].
pub(crate) fn owner_of(op: &mut Op, id: TokenId) -> Result<Option<MemberId>, Error> {
    let row = op.optional(&FIND_OWNER, &[id.into()])?;
    row.map(|row| Ok(row.get(0)?)).transpose()
}

fn list(op: &mut Op, member: MemberId) -> Result<Vec<Token>, Error> {
    let rows = op.query(&LIST, &[member.into()])?;
    rows.iter().map(|row| read(op, row)).collect()
}

fn read(op: &Op, row: &Row) -> Result<Token, Error> {
    let (id, rev): (TokenId, i64) = (row.get(0)?, row.get(3)?);
    let networks: Option<Vec<u8>> = row.get(8)?;
    let last_network: Option<Vec<u8>> = row.get(9)?;
    let last_rev = row.get::<Option<i64>>(10)?.unwrap_or(0);
    let scope = Scope::parse(&row.get::<String>(4)?);
    Ok(Token {
        id,
        member: row.get(1)?,
        name: op.open(field::TOKEN_NAME, id, rev, &row.get::<Vec<u8>>(2)?)?,
        scope: scope.ok_or_else(|| Error::bug("token scope"))?,
        created_at: instant(row, 5)?,
        expires_at: instant(row, 6)?,
        last_used_at: instant_or_none(row, 7)?,
        last_network: last_network
            .map(|sealed| op.open(field::TOKEN_LAST_NETWORK, id, last_rev, &sealed))
            .transpose()?,
        networks: networks
            .map(|sealed| networks::open(op, id, &sealed))
            .transpose()?
            .unwrap_or_default(),
        is_program: row.get(11)?,
    })
}

macro_rules! tokens {
    ($where:literal) => {
        concat!(
            "SELECT id, member_id, name_sealed, sealed_rev, scope, created_at, expires_at,
                    last_used_at, networks_sealed, last_network_sealed, last_network_rev,
                    is_program
             FROM api_tokens WHERE revoked_at IS NULL AND ",
            $where
        )
    };
}

/// Index `api_tokens_member`; ids rise with time.
const LIST: Statement = Statement::new("token.list", tokens!("member_id = $1 ORDER BY id DESC"));

const FIND: Statement = Statement::new("token.find", tokens!("id = $1"));

const FIND_OWNER: Statement =
    Statement::new("token.find_owner", "SELECT member_id FROM api_tokens WHERE id = $1");

pub(super) const STATEMENTS: &[Statement] = &[LIST, FIND, FIND_OWNER];

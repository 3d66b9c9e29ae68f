//! Make a token.

use domain::{
    ids::TokenId,
    permission::{Relation, Right},
    text::Name,
};
use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use store::Statement;
use vault::{Secret, draw_token, hash_token};

use super::{
    Token,
    networks::{self, lines},
    text::{SECRET_BYTES, write_token},
    within::require_within,
};
use crate::{
    Error, Op, Refusal,
    actor::Scope,
    audit,
    audit::{Event, Kind},
    field,
    proof::{self, Grave},
};

/// The longest life of a token.
pub const MOST_DAYS: i64 = 366;

/// Makes a token for the asking member.
#[derive(Debug, Clone)]
pub struct CreateToken {
    /// Its id, where the caller chose it.
    pub id: Option<TokenId>,
    /// What it is for.
    pub name: Name,
    /// What it may do.
    pub scope: Scope,
    /// 1 to 366.
    pub expires_in_days: i64,
    /// From which address ranges it works; none means from everywhere.
    pub networks: Vec<IpNet>,
    /// A keyed hash of the request, to recognise it when it is sent again.
    pub body: Option<[u8; 32]>,
}

/// A token just made.
pub struct CreatedToken {
    /// The token.
    pub token: Token,
    /// Its text; this is the only time it exists outside the member's hands.
    pub secret: Secret<String>,
}

/// Refuses a life that no token has.
///
/// Errors: [`Error::Invalid`] for `expires_in_days`.
pub(crate) fn check_days(days: i64) -> Result<(), Error> {
    if (1..=MOST_DAYS).contains(&days) {
        return Ok(());
    }
    let message = format!("Choose from 1 to {MOST_DAYS} days.");
    Err(Error::invalid("expires_in_days", "out_of_range", message))
}

/// Makes a token.
///
/// Errors: [`Error::Invalid`] for `expires_in_days`, and where a token asks for one that is wider than
/// itself; [`Refusal::TokenShownOnce`] when the same
/// request made it before; [`Error::IdTaken`]; [`Error::Forbidden`] for a token without that scope;
/// [`Error::NeedsProof`].
/// Audit: `token.created`.
pub fn create_token(op: &mut Op, command: CreateToken) -> Result<CreatedToken, Error> {
    create(op, command, false)
}

/// The same for a program that its member has let in.
pub(crate) fn create_program_token(
    op: &mut Op,
    command: CreateToken,
) -> Result<CreatedToken, Error> {
    create(op, command, true)
}

fn create(op: &mut Op, command: CreateToken, is_program: bool) -> Result<CreatedToken, Error> {
    op.require(Right::ManageOwnTokens, Relation::Own)?;
    proof::require(op, Grave::MakeToken(command.scope))?;
    check_days(command.expires_in_days)?;
    let life = SignedDuration::from_hours(24 * command.expires_in_days);
    let expires_at = op.now_s().saturating_add(life);
    let expires_at = expires_at.map_err(|_| Error::bug("the end of a token is out of range"))?;
    require_within(op, expires_at, &command.networks)?;
    let id = command.id.unwrap_or_else(|| op.new_id());
    let (member, key) = (op.me().member, op.me().key);
    let token = Token {
        id,
        member,
        name: command.name.into_string(),
        scope: command.scope,
        created_at: op.now(),
        expires_at,
        last_used_at: None,
        last_network: None,
        networks: command.networks,
        is_program,
    };
    let secret = draw_token(op.random(), SECRET_BYTES);
    let name = op.seal(key, field::TOKEN_NAME, id, 1, &token.name)?;
    let networks = networks::seal(op, key, id, &token.networks)?;
    let inserted = op.execute(
        &INSERT,
        &[
            id.into(),
            member.into(),
            name.into(),
            hash_token(secret.expose()).into(),
            token.scope.as_str().into(),
            token.created_at.as_microsecond().into(),
            token.expires_at.as_microsecond().into(),
            networks.into(),
            is_program.into(),
        ],
    )?;
    if inserted == 0 {
        let is_same = command.body.is_some() && audit::body_of(op, "token", id)? == command.body;
        return Err(if is_same { Refusal::TokenShownOnce.into() } else { Error::IdTaken });
    }
    let subject = op.names()?.subject(member)?;
    let event = Event::new(Kind::TokenCreated, "token", id)
        .about(subject)
        .text("name", None, Some(&token.name))
        .fact("scope", None::<&str>, token.scope.as_str())
        .fact("expires_at", None::<Timestamp>, token.expires_at)
        .text(
            "networks",
            None,
            (!token.networks.is_empty()).then(|| lines(&token.networks)).as_deref(),
        )
        .made_from(command.body);
    op.record(event)?;
    let secret = write_token(op.workspace(), &secret);
    Ok(CreatedToken { token, secret })
}

const INSERT: Statement = Statement::new(
    "token.insert",
    "INSERT INTO api_tokens (id, member_id, name_sealed, sealed_rev, secret_hash, scope, created_at,
                             expires_at, networks_sealed, is_program)
     VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT];

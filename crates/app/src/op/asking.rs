//! Who asks, and the settings of where they are: read in one look-up.

use domain::{
    day::Zone,
    duration::BareNumber,
    ids::{MemberId, TokenId, UserId},
    period::WeekStart,
    permission::Role,
    preference::{ClockFormat, Currency, Locale, Overlaps, SecondTimer},
};
use jiff::Timestamp;
use store::{Row, Statement, Tx};
use vault::KeyId;

use super::column::{key, word, zone};
use crate::{
    Credential, Error,
    actor::{Scope, Via},
    sign_in_policy::StoredPolicy,
};

/// The asking member.
#[derive(Debug, Clone)]
pub struct Me {
    /// The member.
    pub member: MemberId,
    /// The person.
    pub user: UserId,
    /// Their role.
    pub role: Role,
    /// How they came in.
    pub via: Via,
    /// Where their days begin.
    pub zone: Zone,
    /// When their weeks begin.
    pub week_start: WeekStart,
    /// How their days and numbers are written.
    pub locale: Locale,
    /// How their clock is written.
    pub clock_format: ClockFormat,
    /// The key of what they wrote.
    pub key: KeyId,
    /// From where the token works, sealed; none for what may come from everywhere.
    pub(crate) token_networks: Option<Vec<u8>>,
}

/// The workspace's settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What a bare number means.
    pub bare_number: BareNumber,
    /// What a second timer does.
    pub second_timer: SecondTimer,
    /// Whether entries of one member may overlap.
    pub overlaps: Overlaps,
    /// For new members.
    pub week_start: WeekStart,
    /// For new members.
    pub zone: Zone,
    /// ISO 4217.
    pub currency: Currency,
    /// Raised by every change.
    pub version: i64,
    pub(crate) text_key: KeyId,
    pub(crate) names_key: KeyId,
    pub(crate) names_revision: i64,
    pub(crate) name_sealed: Vec<u8>,
    pub(crate) sealed_rev: i64,
    /// How people may come in.
    pub(crate) policy: StoredPolicy,
}

/// Reads the asking member and the settings in one look-up.
pub(super) fn find_actor(
    tx: &mut Tx<'_>,
    credential: Credential,
    now: Timestamp,
) -> Result<(Me, Settings), Error> {
    let row = match credential {
        Credential::Session(user)
        | Credential::UnprovenSession(user)
        | Credential::Approval(user) => tx.optional(&FIND_BY_USER, &[user.into()])?,
        Credential::System(member) => tx.optional(&FIND_BY_MEMBER, &[member.into()])?,
        Credential::Token(hash) => {
            tx.optional(&FIND_BY_TOKEN, &[hash.into(), now.as_microsecond().into()])?
        }
    };
    // Somebody else's workspace and one that is not there are the same answer; a token that has
    // ended is told so, since its owner must know to make a new one.
    let row = row.ok_or(match credential {
        Credential::Token(_) => Error::SignedOut,
        _ => Error::NotFound,
    })?;
    let via = match credential {
        Credential::Session(_) | Credential::Approval(_) => Via::Session,
        Credential::UnprovenSession(_) => Via::UnprovenSession,
        Credential::System(_) => Via::System,
        Credential::Token(_) => {
            let scope = Scope::parse(&row.get::<String>(26)?);
            Via::Token(row.get::<TokenId>(25)?, scope.ok_or_else(|| Error::bug("token scope"))?)
        }
    };
    Ok((me(&row, via)?, settings(&row)?))
}

fn me(row: &Row, via: Via) -> Result<Me, Error> {
    Ok(Me {
        member: row.get(0)?,
        user: row.get(1)?,
        role: word(row, 2)?,
        key: key(row.get(3)?)?,
        zone: zone(row, 4)?,
        week_start: word(row, 5)?,
        locale: word(row, 6)?,
        clock_format: word(row, 7)?,
        token_networks: match via {
            Via::Token(..) => row.get(27)?,
            _ => None,
        },
        via,
    })
}

fn settings(row: &Row) -> Result<Settings, Error> {
    Ok(Settings {
        bare_number: word(row, 8)?,
        second_timer: word(row, 9)?,
        overlaps: word(row, 10)?,
        week_start: word(row, 11)?,
        zone: zone(row, 12)?,
        currency: word(row, 13)?,
        version: row.get(14)?,
        text_key: key(row.get(15)?)?,
        names_key: key(row.get(16)?)?,
        names_revision: row.get(17)?,
        name_sealed: row.get(18)?,
        sealed_rev: row.get(19)?,
        policy: StoredPolicy {
            allows_mail: row.get(20)?,
            allows_passwords: row.get(21)?,
            second_factor: word(row, 22)?,
            networks_sealed: row.get(23)?,
            version: row.get(24)?,
        },
    })
}

macro_rules! actor_columns {
    ($more:literal, $from:literal) => {
        concat!(
            "SELECT m.id, m.user_id, m.role, m.key_id, m.zone, m.week_start, m.locale,
                    m.clock_format, w.bare_number, w.second_timer, w.overlap_rule, w.week_start,
                    w.zone, w.currency, w.version, w.text_key, w.names_key, w.names_revision,
                    w.name_sealed, w.sealed_rev, w.allows_mail, w.allows_passwords,
                    w.second_factor, w.networks_sealed, w.policy_version",
            $more,
            $from
        )
    };
}

const FIND_BY_USER: Statement = Statement::new(
    "op.find_by_user",
    actor_columns!(
        "",
        " FROM members m CROSS JOIN workspace w WHERE m.user_id = $1 AND m.removed_at IS NULL"
    ),
);

const FIND_BY_MEMBER: Statement = Statement::new(
    "op.find_by_member",
    actor_columns!(
        "",
        " FROM members m CROSS JOIN workspace w WHERE m.id = $1 AND m.removed_at IS NULL"
    ),
);

const FIND_BY_TOKEN: Statement = Statement::new(
    "op.find_by_token",
    actor_columns!(
        ", t.id, t.scope, t.networks_sealed",
        " FROM api_tokens t JOIN members m ON m.id = t.member_id CROSS JOIN workspace w
          WHERE t.secret_hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2
            AND m.removed_at IS NULL"
    ),
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_BY_USER, FIND_BY_MEMBER, FIND_BY_TOKEN];

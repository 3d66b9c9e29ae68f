//! Who asks, and the settings of where they are: read in one look-up.

use domain::{
    day::Zone,
    duration::BareNumber,
    ids::{ClientId, MemberId, RoleId, TokenId, UserId},
    period::WeekStart,
    permission::{Assignment, Grants, Role, Standing},
    preference::{ClockFormat, Currency, Locale, Overlaps, SecondTimer},
    sign_in_policy::{Way, Ways},
    support::{self, Areas},
};
use jiff::Timestamp;
use store::{Row, Statement, Tx};
use vault::KeyId;

use super::column::{key, word, zone};
use crate::{
    Credential, Error, Refusal,
    actor::{MayWrite, Scope, Via},
    identity::policy::CLOCK_SKEW_US,
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
    /// Which of the workspace's own, if it is one.
    pub own_role: Option<RoleId>,
    /// Whose guest they are, if they are one.
    pub client: Option<ClientId>,
    /// What it lets them do.
    pub standing: Standing,
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

impl Me {
    /// Their role, with what it needs.
    pub fn assignment(&self) -> Assignment {
        Assignment { role: self.role, own: self.own_role, client: self.client }
    }
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

impl Settings {
    /// The ways in that the sign-in policy allows.
    pub const fn ways(&self) -> Ways {
        self.policy.ways
    }
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
        Credential::Support(hash) => {
            let now = now.as_microsecond();
            let values = [hash.into(), now.into(), (now + CLOCK_SKEW_US).into()];
            tx.optional(&FIND_BY_SUPPORT, &values)?
        }
    };
    // Somebody else's workspace and one that is not there are the same answer; a token that has
    // ended is told so, since its owner must know to make a new one.
    let row = row.ok_or(match credential {
        Credential::Token(_) => Error::SignedOut,
        Credential::Support(_) => Refusal::SupportNotOpen.into(),
        _ => Error::NotFound,
    })?;
    let via = match credential {
        Credential::Session(_) | Credential::Approval(_) => Via::Session,
        Credential::UnprovenSession(_) => Via::UnprovenSession,
        Credential::System(_) => Via::System,
        Credential::Token(_) => {
            let scope = Scope::parse(&row.get::<String>(33)?);
            Via::Token(row.get::<TokenId>(32)?, scope.ok_or_else(|| Error::bug("token scope"))?)
        }
        Credential::Support(_) => {
            let areas = Areas::from_bits(row.get(32)?);
            Via::Support(row.get(0)?, areas, MayWrite(row.get(33)?))
        }
    };
    Ok((me(&row, via)?, settings(&row)?))
}

/// What somebody may: by their role, or what support can be let into at all.
fn standing_of(via: Via, role: Role, grants: Grants) -> Standing {
    match via {
        Via::Support(_, _, MayWrite(may_write)) => support::standing(may_write),
        _ => Standing::new(role, grants),
    }
}

fn me(row: &Row, via: Via) -> Result<Me, Error> {
    let role: Role = word(row, 2)?;
    // A role of the workspace's own that is not there gives nothing.
    let grants = row.get::<Option<i64>>(22)?.map_or(Grants::default(), Grants::from_bits);
    Ok(Me {
        member: row.get(0)?,
        user: row.get(1)?,
        role,
        own_role: row.get(20)?,
        client: row.get(21)?,
        standing: standing_of(via, role, grants),
        key: key(row.get(3)?)?,
        zone: zone(row, 4)?,
        week_start: word(row, 5)?,
        locale: word(row, 6)?,
        clock_format: word(row, 7)?,
        token_networks: match via {
            Via::Token(..) => row.get(34)?,
            _ => None,
        },
        via,
    })
}

/// The ways in that a policy allows, from four columns: mail, passwords, passkeys, providers.
pub(crate) fn policy_ways(row: &Row, columns: [usize; 4]) -> Result<Ways, Error> {
    [Way::Mail, Way::Passwords, Way::Passkeys, Way::Providers]
        .into_iter()
        .zip(columns)
        .try_fold(Ways::NONE, |ways, (way, column)| Ok(ways.with(way, row.get(column)?)))
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
            ways: policy_ways(row, [23, 24, 28, 29])?,
            second_factor: word(row, 25)?,
            networks_sealed: row.get(26)?,
            allows_remembering: row.get(30)?,
            longest_session: word(row, 31)?,
            version: row.get(27)?,
        },
    })
}

macro_rules! actor_columns {
    ($more:literal, $from:literal) => {
        concat!(
            "SELECT m.id, m.user_id, m.role, m.key_id, m.zone, m.week_start, m.locale,
                    m.clock_format, w.bare_number, w.second_timer, w.overlap_rule, w.week_start,
                    w.zone, w.currency, w.version, w.text_key, w.names_key, w.names_revision,
                    w.name_sealed, w.sealed_rev, m.role_id, m.client_id, r.rights,
                    w.allows_mail, w.allows_passwords, w.second_factor, w.networks_sealed,
                    w.policy_version, w.allows_passkeys, w.allows_providers,
                    w.allows_remembering, w.longest_session",
            $more,
            $from
        )
    };
}

const FIND_BY_USER: Statement = Statement::new(
    "op.find_by_user",
    actor_columns!(
        "",
        " FROM members m CROSS JOIN workspace w LEFT JOIN roles r ON r.id = m.role_id
           WHERE m.user_id = $1 AND m.removed_at IS NULL"
    ),
);

const FIND_BY_MEMBER: Statement = Statement::new(
    "op.find_by_member",
    actor_columns!(
        "",
        " FROM members m CROSS JOIN workspace w LEFT JOIN roles r ON r.id = m.role_id
           WHERE m.id = $1 AND m.removed_at IS NULL"
    ),
);

const FIND_BY_TOKEN: Statement = Statement::new(
    "op.find_by_token",
    actor_columns!(
        ", t.id, t.scope, t.networks_sealed",
        " FROM api_tokens t JOIN members m ON m.id = t.member_id CROSS JOIN workspace w
            LEFT JOIN roles r ON r.id = m.role_id
          WHERE t.secret_hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2
            AND m.removed_at IS NULL"
    ),
);

/// The unique index of `secret_hash`. Support is nobody's member: it stands there under the number of
/// what was given to it, without a person, in the zone of the workspace. What was used later than now
/// was used before the clock was set back.
const FIND_BY_SUPPORT: Statement = Statement::new(
    "op.find_by_support",
    "SELECT s.id, s.id, 'own', w.text_key, w.zone, w.week_start, 'en-GB',
            '24h', w.bare_number, w.second_timer, w.overlap_rule, w.week_start,
            w.zone, w.currency, w.version, w.text_key, w.names_key, w.names_revision,
            w.name_sealed, w.sealed_rev, m.role_id, m.client_id, r.rights,
            w.allows_mail, w.allows_passwords, w.second_factor, w.networks_sealed,
            w.policy_version, w.allows_passkeys, w.allows_providers,
            w.allows_remembering, w.longest_session, s.areas, s.may_write
     FROM support_requests s CROSS JOIN workspace w
          LEFT JOIN members m ON m.id = s.id LEFT JOIN roles r ON r.id = m.role_id
     WHERE s.secret_hash = $1 AND s.ended_at IS NULL AND s.ends_at > $2 AND s.used_at <= $3
       AND s.granted_at <= $3",
);

pub(super) const STATEMENTS: &[Statement] =
    &[FIND_BY_USER, FIND_BY_MEMBER, FIND_BY_TOKEN, FIND_BY_SUPPORT];

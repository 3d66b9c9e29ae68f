//! Let a person in: the member row that everything of theirs hangs on.

use domain::{
    day::Zone,
    ids::{ClientId, MemberId, RequestId, RoleId, UserId, WorkspaceId},
    period::WeekStart,
    permission::Assignment,
    preference::{ClockFormat, Locale},
    text::{EmailAddress, Name},
};
use store::Statement;
use vault::KeyKind;

use crate::{
    Actor, App, Credential, Error, Op,
    audit::{Event, Fact, Kind, Subject},
    field,
    op::{Threshold, key},
};

/// A person about to become a member.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// The person.
    pub user: UserId,
    /// The member they become.
    pub member: MemberId,
    /// Their name here.
    pub name: Name,
    /// Their address.
    pub address: EmailAddress,
    /// Where their days begin.
    pub zone: Zone,
    /// When their weeks begin.
    pub week_start: WeekStart,
    /// How their days are written.
    pub locale: Locale,
    /// How their clock is written.
    pub clock_format: ClockFormat,
}

impl App {
    /// Makes a person a member with a role, without an invitation: the demo's seed and tests.
    /// People join by invitation: see `invitation`.
    ///
    /// Errors: [`Error::Store`]. Audit: `member.joined`.
    pub async fn admit(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        newcomer: Newcomer,
        role: impl Into<Assignment>,
    ) -> Result<(), Error> {
        let role = role.into();
        self.ensure_keys(&[(KeyKind::Member, newcomer.member.as_bytes())]).await?;
        let actor = Actor::new(Credential::System(newcomer.member), request);
        self.cross_threshold(workspace, move |threshold| {
            if !insert_member(threshold, &newcomer, role)? {
                return Ok(());
            }
            threshold.enter(actor, |op| {
                record_joining(op, &newcomer, role)?;
                op.touch_names()
            })
        })
        .await
    }
}

/// Inserts the member; whether it was not there before. A person who was removed and comes back is
/// the same member again.
pub(crate) fn insert_member(
    threshold: &mut Threshold,
    newcomer: &Newcomer,
    role: Assignment,
) -> Result<bool, Error> {
    let key = threshold.key(KeyKind::Member, newcomer.member.as_bytes())?;
    let seal = |field, text: &str| threshold.seal(key, field, newcomer.member, 1, text);
    let name = seal(field::MEMBER_NAME, newcomer.name.as_str())?;
    let address = seal(field::MEMBER_ADDRESS, newcomer.address.as_str())?;
    let inserted = threshold.execute(
        &INSERT,
        &[
            newcomer.member.into(),
            newcomer.user.into(),
            role.role.as_str().into(),
            key.get().into(),
            name.into(),
            address.into(),
            newcomer.zone.as_str().into(),
            newcomer.week_start.as_str().into(),
            newcomer.locale.as_str().into(),
            newcomer.clock_format.as_str().into(),
            threshold.now().as_microsecond().into(),
            role.own.into(),
            role.client.into(),
        ],
    )?;
    Ok(inserted == 1)
}

impl Threshold<'_, '_> {
    /// The member that a person is, or was.
    pub(crate) fn member_of(&mut self, user: UserId) -> Result<Option<MemberId>, Error> {
        let row = self.optional(&FIND_MEMBER, &[user.into()])?;
        row.map(|row| Ok(row.get(0)?)).transpose()
    }

    /// The member that a person is now.
    pub(crate) fn active_member_of(&mut self, user: UserId) -> Result<Option<MemberId>, Error> {
        let row = self.optional(&FIND_ACTIVE_MEMBER, &[user.into()])?;
        row.map(|row| Ok(row.get(0)?)).transpose()
    }

    /// Lets a member who was removed in again, with a new role and with the name, address and zone
    /// they give now.
    pub(crate) fn let_in_again(
        &mut self,
        member: MemberId,
        newcomer: &Newcomer,
        role: Assignment,
    ) -> Result<(), Error> {
        let Some(row) = self.optional(&FIND_GONE, &[member.into()])? else {
            return Ok(());
        };
        let (key, rev) = (key(row.get(0)?)?, row.get::<i64>(1)? + 1);
        let seal = |field, text: &str| self.seal(key, field, member, rev, text);
        let name = seal(field::MEMBER_NAME, newcomer.name.as_str())?;
        let address = seal(field::MEMBER_ADDRESS, newcomer.address.as_str())?;
        let values = [
            member.into(),
            role.role.as_str().into(),
            self.now().as_microsecond().into(),
            name.into(),
            address.into(),
            rev.into(),
            newcomer.zone.as_str().into(),
            role.own.into(),
            role.client.into(),
        ];
        self.execute(&LET_IN_AGAIN, &values)?;
        Ok(())
    }
}

/// Records that a person joined.
pub(crate) fn record_joining(
    op: &mut Op,
    newcomer: &Newcomer,
    role: Assignment,
) -> Result<(), Error> {
    let event = joining(op, newcomer, role)?;
    op.record(event)
}

/// Records that a person joined without an invitation, by the rule about mail domains.
pub(crate) fn record_joining_by_rule(
    op: &mut Op,
    newcomer: &Newcomer,
    role: Assignment,
) -> Result<(), Error> {
    let event = joining(op, newcomer, role)?.fact("by_rule", false, true);
    op.record(event)
}

/// The settings are those of the row: who comes back keeps some of theirs.
fn joining(op: &mut Op, newcomer: &Newcomer, role: Assignment) -> Result<Event, Error> {
    let row = op.optional(&FIND_SETTINGS, &[newcomer.member.into()])?;
    let row = row.ok_or_else(|| Error::bug("a member who has joined and has no row"))?;
    let word = |index| row.get::<String>(index).map(Fact::Word);
    let user: UserId = row.get(0)?;
    let subject = Subject { member: newcomer.member, key: op.me().key };
    Ok(Event::new(Kind::MemberJoined, "member", newcomer.member)
        .about(subject)
        .fact("role", Fact::None, role.role.as_str())
        .fact("own_role", Fact::None, role.own.map(RoleId::uuid))
        .fact("client", Fact::None, role.client.map(ClientId::uuid))
        .text("name", None, Some(newcomer.name.as_str()))
        .text("address", None, Some(newcomer.address.as_str()))
        .fact("user", Fact::None, user.uuid())
        .fact("zone", Fact::None, word(1)?)
        .fact("week_start", Fact::None, word(2)?)
        .fact("locale", Fact::None, word(3)?)
        .fact("clock_format", Fact::None, word(4)?))
}

const INSERT: Statement = Statement::new(
    "member.insert",
    "INSERT INTO members (id, user_id, role, key_id, name_sealed, address_sealed, sealed_rev, zone,
                          week_start, locale, clock_format, joined_at, version, role_id, client_id)
     VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, 1, $12, $13)
     ON CONFLICT DO NOTHING",
);

const FIND_SETTINGS: Statement = Statement::new(
    "member.find_settings",
    "SELECT user_id, zone, week_start, locale, clock_format FROM members WHERE id = $1",
);

const FIND_MEMBER: Statement =
    Statement::new("member.find_of_user", "SELECT id FROM members WHERE user_id = $1");

const FIND_ACTIVE_MEMBER: Statement = Statement::new(
    "member.find_active_of_user",
    "SELECT id FROM members WHERE user_id = $1 AND removed_at IS NULL",
);

const FIND_GONE: Statement = Statement::new(
    "member.find_gone",
    "SELECT key_id, sealed_rev FROM members WHERE id = $1 AND removed_at IS NOT NULL",
);

const LET_IN_AGAIN: Statement = Statement::new(
    "member.let_in_again",
    "UPDATE members SET removed_at = NULL, role = $2, joined_at = $3, name_sealed = $4,
                        address_sealed = $5, sealed_rev = $6, zone = $7, role_id = $8, client_id = $9,
                        version = version + 1
     WHERE id = $1 AND removed_at IS NOT NULL",
);

pub(super) const STATEMENTS: &[Statement] =
    &[INSERT, FIND_SETTINGS, FIND_MEMBER, FIND_ACTIVE_MEMBER, FIND_GONE, LET_IN_AGAIN];

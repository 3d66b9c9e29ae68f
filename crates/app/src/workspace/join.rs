//! Let a person in: the member row that everything of theirs hangs on.

use domain::{
    day::Zone,
    ids::{MemberId, RequestId, UserId, WorkspaceId},
    period::WeekStart,
    permission::Role,
    preference::{ClockFormat, Locale},
    text::{EmailAddress, Name},
};
use store::Statement;
use vault::{KeyKind, Place};

use crate::{
    Actor, App, Credential, Error, Op,
    app::Threshold,
    audit::{Event, Fact, Kind, Subject},
    field,
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
        role: Role,
    ) -> Result<(), Error> {
        self.ensure_keys(&[(KeyKind::Member, newcomer.member.as_bytes())])
            .await?;
        let actor = Actor {
            credential: Credential::System(newcomer.member),
            request,
        };
        self.cross_threshold(workspace, move |threshold| {
            if !insert_member(threshold, &newcomer, role)? {
                return Ok(());
            }
            let mut op = threshold.enter(actor)?;
            record_joining(&mut op, &newcomer, role)?;
            op.touch_names()
        })
        .await
    }
}

/// Inserts the member; whether it was not there before. A person who was removed and comes back is
/// the same member again.
pub(crate) fn insert_member(
    threshold: &mut Threshold,
    newcomer: &Newcomer,
    role: Role,
) -> Result<bool, Error> {
    let key = threshold.key(KeyKind::Member, newcomer.member.as_bytes())?;
    let workspace = threshold.workspace().as_bytes();
    let row = *newcomer.member.uuid().as_bytes();
    let place = |field| Place {
        workspace,
        field,
        row,
        sealed_rev: 1,
    };
    let vault = threshold.vault();
    let name = vault.seal_text(key, &place(field::MEMBER_NAME), newcomer.name.as_str())?;
    let address = vault.seal_text(
        key,
        &place(field::MEMBER_ADDRESS),
        newcomer.address.as_str(),
    )?;
    let inserted = threshold.tx.execute(
        &INSERT,
        &[
            newcomer.member.into(),
            newcomer.user.into(),
            role.as_str().into(),
            key.get().into(),
            name.into(),
            address.into(),
            newcomer.zone.as_str().into(),
            newcomer.week_start.as_str().into(),
            newcomer.locale.as_str().into(),
            newcomer.clock_format.as_str().into(),
            threshold.now().as_microsecond().into(),
        ],
    )?;
    Ok(inserted == 1)
}

/// Records that a person joined.
pub(crate) fn record_joining(op: &mut Op, newcomer: &Newcomer, role: Role) -> Result<(), Error> {
    let subject = Subject {
        member: newcomer.member,
        key: op.me().key,
    };
    let event = Event::new(Kind::MemberJoined, "member", newcomer.member)
        .about(subject)
        .fact("role", Fact::None, role.as_str())
        .text("name", None, Some(newcomer.name.as_str()))
        .text("address", None, Some(newcomer.address.as_str()));
    op.record(event)
}

const INSERT: Statement = Statement::new(
    "member.insert",
    "INSERT INTO members (id, user_id, role, key_id, name_sealed, address_sealed, sealed_rev, zone,
                          week_start, locale, clock_format, joined_at, version)
     VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, 1)
     ON CONFLICT DO NOTHING",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT];

//! Found a workspace: its keys, its database, its settings and its first owner.

use domain::{
    day::Zone,
    ids::{RequestId, WorkspaceId},
    period::WeekStart,
    permission::Role,
    preference::Currency,
    text::Name,
};
use store::Statement;
use vault::KeyKind;

use super::{Newcomer, join::insert_member};
use crate::{
    Actor, App, Credential, Error, Op,
    audit::{Event, Fact, Kind},
    field,
};

/// A workspace to be founded.
#[derive(Debug, Clone)]
pub struct FoundWorkspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name.
    pub name: Name,
    /// For new members.
    pub zone: Zone,
    /// For new members.
    pub week_start: WeekStart,
    /// ISO 4217.
    pub currency: Currency,
    /// Its first owner; the role is not looked at.
    pub owner: Newcomer,
}

impl App {
    /// Makes the workspace's keys (durable in every copy of the keyring first), its database, its
    /// settings and its owner. Done again with the same ids, it changes nothing.
    ///
    /// The directory's part of the act is [`App::set_up_workspace`].
    ///
    /// Errors: [`Error::Store`]; [`Error::Bug`] from the vault. Audit: `workspace.created`,
    /// `member.joined`.
    pub async fn found_workspace(
        &self,
        request: RequestId,
        found: FoundWorkspace,
    ) -> Result<(), Error> {
        let workspace = found.id.as_bytes();
        let keys = [
            (KeyKind::WorkspaceText, workspace),
            (KeyKind::WorkspaceNames, workspace),
            (KeyKind::WorkspaceAddresses, workspace),
            (KeyKind::Member, found.owner.member.as_bytes()),
        ];
        self.ensure_keys(&keys).await?;
        self.passed("set_up.keys").await;
        self.store().create_workspace(found.id).await?;
        self.passed("set_up.database").await;
        let actor = Actor::new(Credential::System(found.owner.member), request);
        self.cross_threshold(found.id, move |threshold| {
            let text_key = threshold.key(KeyKind::WorkspaceText, workspace)?;
            let names_key = threshold.key(KeyKind::WorkspaceNames, workspace)?;
            let name = found.name.as_str();
            let name = threshold.seal(text_key, field::WORKSPACE_NAME, found.id, 1, name)?;
            let inserted = threshold.execute(
                &INSERT,
                &[
                    found.id.into(),
                    name.into(),
                    text_key.get().into(),
                    names_key.get().into(),
                    found.currency.as_str().into(),
                    found.week_start.as_str().into(),
                    found.zone.as_str().into(),
                    threshold.now().as_microsecond().into(),
                ],
            )?;
            if inserted == 0 {
                return Ok(());
            }
            insert_member(threshold, &found.owner, Role::Owner.into())?;
            threshold.enter(actor, |op| record_founding(op, &found))
        })
        .await
    }
}

/// What [`INSERT`] has written.
fn record_founding(op: &mut Op, found: &FoundWorkspace) -> Result<(), Error> {
    let event = Event::new(Kind::WorkspaceCreated, "workspace", found.id)
        .text("name", None, Some(found.name.as_str()))
        .fact("currency", Fact::None, found.currency.as_str())
        .fact("bare_number", Fact::None, "minutes")
        .fact("second_timer", Fact::None, "stops_running")
        .fact("overlaps", Fact::None, "allowed")
        .fact("week_start", Fact::None, found.week_start.as_str())
        .fact("zone", Fact::None, found.zone.as_str());
    op.record(event)?;
    super::join::record_joining(op, &found.owner, Role::Owner.into())
}

/// The starting settings: bare numbers are minutes, a second timer stops the first, overlaps are
/// allowed and shown (features.md, section 1).
const INSERT: Statement = Statement::new(
    "workspace.insert",
    "INSERT INTO workspace (id, name_sealed, sealed_rev, text_key, names_key, currency, bare_number,
                            second_timer, overlap_rule, week_start, zone, names_revision, created_at,
                            version)
     VALUES ($1, $2, 1, $3, $4, $5, 'minutes', 'stops_running', 'allowed', $6, $7, 1, $8, 1)
     ON CONFLICT DO NOTHING",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT];

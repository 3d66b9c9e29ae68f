//! The workspace as its members see it, and its settings.

use domain::{
    day::Zone,
    duration::BareNumber,
    ids::{MemberId, WorkspaceId},
    period::WeekStart,
    permission::{Assignment, Relation, Right},
    preference::{Currency, Overlaps, SecondTimer},
    text::Name,
};
use store::Statement;

use crate::{
    Error, Op, Settings,
    audit::{Event, Kind},
    field,
    named::check_version,
    proof::{self, Grave},
};

/// A workspace as the asking member sees it.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// Its settings, with its version.
    pub settings: Settings,
    /// The asking member.
    pub member: MemberId,
    /// Their role.
    pub role: Assignment,
}

/// Changes the workspace; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ChangeWorkspace {
    /// A new name.
    pub name: Option<Name>,
    /// Another currency; amounts are not converted.
    pub currency: Option<Currency>,
    /// What a bare number means.
    pub bare_number: Option<BareNumber>,
    /// What a second timer does.
    pub second_timer: Option<SecondTimer>,
    /// Whether entries may overlap; those that do already stay.
    pub overlaps: Option<Overlaps>,
    /// For new members.
    pub week_start: Option<WeekStart>,
    /// For new members.
    pub zone: Option<Zone>,
    /// The version it was read at; refused when it has changed since.
    pub expected_version: Option<i64>,
}

/// The workspace.
///
/// Errors: [`Error::Forbidden`] for a token without that scope.
pub fn get_workspace(op: &mut Op) -> Result<Workspace, Error> {
    op.require(Right::ReadSettings, Relation::Workspace)?;
    Ok(Workspace {
        id: op.workspace(),
        name: op.names()?.workspace.clone(),
        settings: op.settings().clone(),
        member: op.me().member,
        role: op.me().assignment(),
    })
}

/// Changes the workspace's name and settings; in force for everyone with the next request.
///
/// Errors: [`Error::Forbidden`]; [`Error::NeedsProof`]; [`Error::Stale`]. Audit: `workspace.changed`; nothing when it is so
/// already.
pub fn change_workspace(op: &mut Op, change: ChangeWorkspace) -> Result<Workspace, Error> {
    let before = get_workspace(op)?;
    op.require(Right::ChangeSettings, Relation::Workspace)?;
    proof::require(op, Grave::ChangeSettings)?;
    let old = &before.settings;
    check_version(change.expected_version, old.version)?;
    let name = change.name.map_or(before.name.clone(), Name::into_string);
    let sealed_rev = old.sealed_rev + i64::from(name != before.name);
    let new = Settings {
        currency: change.currency.unwrap_or(old.currency),
        bare_number: change.bare_number.unwrap_or(old.bare_number),
        second_timer: change.second_timer.unwrap_or(old.second_timer),
        overlaps: change.overlaps.unwrap_or(old.overlaps),
        week_start: change.week_start.unwrap_or(old.week_start),
        zone: change.zone.unwrap_or(old.zone.clone()),
        version: old.version + 1,
        sealed_rev,
        name_sealed: op.seal(old.text_key, field::WORKSPACE_NAME, before.id, sealed_rev, &name)?,
        ..old.clone()
    };
    let event = Event::new(Kind::WorkspaceChanged, "workspace", before.id)
        .text("name", Some(&before.name), Some(&name))
        .fact("currency", old.currency.as_str(), new.currency.as_str())
        .fact("bare_number", old.bare_number.as_str(), new.bare_number.as_str())
        .fact("second_timer", old.second_timer.as_str(), new.second_timer.as_str())
        .fact("overlaps", old.overlaps.as_str(), new.overlaps.as_str())
        .fact("week_start", old.week_start.as_str(), new.week_start.as_str())
        .fact("zone", old.zone.as_str(), new.zone.as_str());
    if !event.has_changes() {
        return Ok(before);
    }
    update(op, &new)?;
    op.replace_settings(new);
    op.touch_names()?;
    op.record(event)?;
    get_workspace(op)
}

fn update(op: &mut Op, new: &Settings) -> Result<(), Error> {
    let before = new.version - 1;
    let values = [
        new.name_sealed.clone().into(),
        new.sealed_rev.into(),
        new.currency.as_str().into(),
        new.bare_number.as_str().into(),
        new.second_timer.as_str().into(),
        new.overlaps.as_str().into(),
        new.week_start.as_str().into(),
        new.zone.as_str().into(),
        new.version.into(),
        before.into(),
    ];
    if op.execute(&UPDATE, &values)? == 0 {
        return Err(Error::Stale(before));
    }
    Ok(())
}

const UPDATE: Statement = Statement::new(
    "workspace.update",
    "UPDATE workspace SET name_sealed = $1, sealed_rev = $2, currency = $3, bare_number = $4,
                          second_timer = $5, overlap_rule = $6, week_start = $7, zone = $8,
                          version = $9
     WHERE version = $10",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE];

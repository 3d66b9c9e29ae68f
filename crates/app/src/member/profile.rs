//! One's own profile: name, zone, week, language and clock.

use domain::{
    day::Zone,
    ids::{MemberId, UserId},
    period::WeekStart,
    permission::{Assignment, Relation, Right},
    preference::{ClockFormat, Locale},
    text::{EmailAddress, Name},
};
use store::Statement;

use crate::{
    Error, Op,
    audit::{Event, Kind},
    field,
    named::check_version,
    names::Member,
};

/// The asking member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Their id.
    pub id: MemberId,
    /// The person.
    pub user: UserId,
    /// Their name in this workspace.
    pub name: String,
    /// Their e-mail address.
    pub address: String,
    /// Their role.
    pub role: Assignment,
    /// Where their days begin.
    pub zone: Zone,
    /// When their weeks begin.
    pub week_start: WeekStart,
    /// How their days and numbers are written.
    pub locale: Locale,
    /// How their clock is written.
    pub clock_format: ClockFormat,
    /// Raised by every change.
    pub version: i64,
}

/// Changes one's profile; what is `None` stays. Entries keep the zone they were made in.
#[derive(Debug, Clone, Default)]
pub struct ChangeMe {
    /// A new name.
    pub name: Option<Name>,
    /// A new zone.
    pub zone: Option<Zone>,
    /// A new first day of the week.
    pub week_start: Option<WeekStart>,
    /// Another language.
    pub locale: Option<Locale>,
    /// Another clock.
    pub clock_format: Option<ClockFormat>,
    /// The version it was read at; refused when it has changed since.
    pub expected_version: Option<i64>,
}

/// The asking member's profile.
///
/// Errors: [`Error::Store`].
pub fn get_me(op: &mut Op) -> Result<Profile, Error> {
    let member = me(op)?;
    let me = op.me();
    Ok(Profile {
        id: member.id,
        user: member.user,
        role: member.assignment(),
        name: member.name,
        address: member.address,
        zone: me.zone.clone(),
        week_start: me.week_start,
        locale: me.locale,
        clock_format: me.clock_format,
        version: member.version,
    })
}

/// Changes the asking member's profile.
///
/// Errors: [`Error::Forbidden`] for a token without that scope; [`Error::Stale`]. Audit:
/// `member.changed`; nothing when it is so already.
pub fn change_me(op: &mut Op, change: ChangeMe) -> Result<Profile, Error> {
    op.require(Right::EditOwnProfile, Relation::Own)?;
    let before = get_me(op)?;
    check_version(change.expected_version, before.version)?;
    let after = Profile {
        name: change.name.map_or(before.name.clone(), Name::into_string),
        zone: change.zone.unwrap_or(before.zone.clone()),
        week_start: change.week_start.unwrap_or(before.week_start),
        locale: change.locale.unwrap_or(before.locale),
        clock_format: change.clock_format.unwrap_or(before.clock_format),
        version: before.version + 1,
        ..before.clone()
    };
    let subject = op.names()?.subject(before.id)?;
    let event = Event::new(Kind::MemberChanged, "member", before.id)
        .about(subject)
        .text("name", Some(&before.name), Some(&after.name))
        .fact("zone", before.zone.as_str(), after.zone.as_str())
        .fact("week_start", before.week_start.as_str(), after.week_start.as_str())
        .fact("locale", before.locale.as_str(), after.locale.as_str())
        .fact("clock_format", before.clock_format.as_str(), after.clock_format.as_str());
    if !event.has_changes() {
        return Ok(before);
    }
    store(op, &before, &after)?;
    op.touch_names()?;
    op.record(event)?;
    Ok(after)
}

/// Puts the asking member's address to what the directory says it is: its part of a change of address.
///
/// Errors: [`Error::Store`]. Audit: `member.changed`; nothing when it is so already.
pub(crate) fn readdress_here(op: &mut Op, address: &EmailAddress) -> Result<(), Error> {
    let before = get_me(op)?;
    let after = Profile {
        address: address.as_str().to_owned(),
        version: before.version + 1,
        ..before.clone()
    };
    if before.address == after.address {
        return Ok(());
    }
    let subject = op.names()?.subject(before.id)?;
    let event = Event::new(Kind::MemberChanged, "member", before.id).about(subject).text(
        "address",
        Some(&before.address),
        Some(&after.address),
    );
    store(op, &before, &after)?;
    op.touch_names()?;
    op.record(event)
}

/// Name and address share `sealed_rev`, so both are sealed anew when one of them changes.
fn store(op: &mut Op, before: &Profile, after: &Profile) -> Result<(), Error> {
    let member = me(op)?;
    let (id, key) = (member.id, member.key);
    let is_resealed = before.name != after.name || before.address != after.address;
    let rev = member.sealed_rev + i64::from(is_resealed);
    let name = op.seal(key, field::MEMBER_NAME, id, rev, &after.name)?;
    let address = op.seal(key, field::MEMBER_ADDRESS, id, rev, &after.address)?;
    let values = [
        id.into(),
        name.into(),
        address.into(),
        rev.into(),
        after.zone.as_str().into(),
        after.week_start.as_str().into(),
        after.locale.as_str().into(),
        after.clock_format.as_str().into(),
        after.version.into(),
        before.version.into(),
    ];
    if op.execute(&UPDATE, &values)? == 0 {
        return Err(Error::Stale(before.version));
    }
    Ok(())
}

fn me(op: &mut Op) -> Result<Member, Error> {
    let names = op.names()?;
    let member = names.members.get(&op.me().member);
    member.cloned().ok_or_else(|| Error::bug("the asking member is not among the members"))
}

const UPDATE: Statement = Statement::new(
    "member.update_profile",
    "UPDATE members SET name_sealed = $2, address_sealed = $3, sealed_rev = $4, zone = $5,
                        week_start = $6, locale = $7, clock_format = $8, version = $9
     WHERE id = $1 AND version = $10",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE];

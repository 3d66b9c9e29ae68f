//! Look at the rule in the name of somebody who is not a member.

use domain::{
    day::Zone,
    ids::{RoleId, UserId},
    joining::{JoinRule, MailDomain, is_given_unasked},
    period::WeekStart,
    permission::{Assignment, Grants, Role, Standing},
    text::EmailAddress,
};
use store::{Row, Statement};

use super::change::read_domains;
use crate::{
    Error, field,
    op::{Threshold, optional_word, word, zone},
};

/// The rule, with what its page shows to who joins.
#[derive(Clone)]
pub(crate) struct FoundRule {
    /// What it says.
    pub(crate) rule: JoinRule,
    /// Whether its role may be given so: not where it was widened since, or deleted.
    is_given: bool,
    /// Raised by every change.
    pub(crate) version: i64,
    /// Who owns the workspace.
    pub(crate) owners: Vec<UserId>,
    /// The workspace's name.
    pub(crate) workspace: String,
    /// The role in words: one of the workspace's own by its name.
    pub(crate) role_name: String,
    /// Where days begin for new members.
    pub(crate) zone: Zone,
    /// When weeks begin for new members.
    pub(crate) week_start: WeekStart,
}

impl FoundRule {
    /// Whether it lets in who has this address.
    pub(crate) fn lets_in(&self, address: &EmailAddress) -> bool {
        self.is_given && self.rule.names(address)
    }
}

/// Looks at the rule.
///
/// Errors: [`Error::Store`].
pub(crate) fn look_at_rule(threshold: &mut Threshold) -> Result<FoundRule, Error> {
    let row = threshold.one(&FIND, &[])?;
    let (here, name) = (threshold.workspace(), row.get::<Vec<u8>>(8)?);
    let workspace = threshold.open(field::WORKSPACE_NAME, here, row.get(9)?, &name)?;
    let own: Option<RoleId> = row.get(3)?;
    let role: Role = optional_word(&row, 2)?.unwrap_or(Role::Member);
    let role_name = match (own, row.get::<Option<Vec<u8>>>(6)?) {
        (Some(id), Some(name)) => threshold.open(field::ROLE_NAME, id, row.get(7)?, &name)?,
        _ => role.as_str().to_owned(),
    };
    let rule = JoinRule {
        domains: read_stored(threshold, &row)?,
        role: Assignment { role, own, client: None },
    };
    let owner = |row: &Row| Ok(row.get(0)?);
    let owners: Result<_, Error> = threshold.query(&LIST_OWNERS, &[])?.iter().map(owner).collect();
    Ok(FoundRule {
        rule,
        is_given: is_given(&row, role)?,
        version: row.get::<Option<i64>>(1)?.unwrap_or(1),
        owners: owners?,
        workspace,
        role_name,
        zone: zone(&row, 10)?,
        week_start: word(&row, 11)?,
    })
}

fn read_stored(threshold: &Threshold, row: &Row) -> Result<Vec<MailDomain>, Error> {
    let Some(sealed) = row.get::<Option<Vec<u8>>>(0)? else { return Ok(Vec::new()) };
    let here = threshold.workspace();
    read_domains(&threshold.open(field::JOIN_DOMAINS, here, row.get(1)?, &sealed)?)
}

fn is_given(row: &Row, role: Role) -> Result<bool, Error> {
    let grants = row.get::<Option<i64>>(4)?.map_or(Grants::default(), Grants::from_bits);
    let is_deleted = row.get::<Option<i64>>(5)?.is_some();
    Ok(is_given_unasked(role, Standing::new(role, grants)) && !is_deleted)
}

const FIND: Statement = Statement::new(
    "join_rule.look",
    "SELECT j.domains_sealed, j.version, j.role, j.role_id, r.rights, r.deleted_at, r.name_sealed,
            r.sealed_rev, w.name_sealed, w.sealed_rev, w.zone, w.week_start
     FROM workspace w LEFT JOIN join_rule j ON j.id = 1 LEFT JOIN roles r ON r.id = j.role_id",
);

const LIST_OWNERS: Statement = Statement::new(
    "join_rule.list_owners",
    "SELECT user_id FROM members WHERE role = 'owner' AND removed_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, LIST_OWNERS];

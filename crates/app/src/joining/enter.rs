//! Come in by the rule: the workspace's part of the act.

use domain::{ids::UserId, joining::JoinRule, permission::Assignment};
use store::Statement;

use super::look::look_at_rule;
use crate::{
    Error, Refusal,
    op::Threshold,
    workspace::{Newcomer, insert_member},
};

/// What was looked at before somebody came in by it.
#[derive(Debug, Clone)]
pub(crate) struct ByRule {
    /// The rule's version.
    pub(crate) version: i64,
    /// Owners at the newcomer's domain, who have shown that their mailbox is theirs.
    pub(crate) owners: Vec<UserId>,
}

/// Makes somebody a member by the rule, as it says; one who was here before is not let in again.
///
/// Errors: [`Refusal::NoJoining`] where the rule does not let them in any more; [`Refusal::TooManyJoined`].
pub(crate) fn enter_by_rule(
    threshold: &mut Threshold,
    by: &ByRule,
    newcomer: &Newcomer,
) -> Result<Assignment, Error> {
    let found = look_at_rule(threshold)?;
    let has_owner = by.owners.iter().any(|owner| found.owners.contains(owner));
    let is_let_in = found.version == by.version && found.lets_in(&newcomer.address);
    if !is_let_in || !has_owner || threshold.member_of(newcomer.user)?.is_some() {
        return Err(Refusal::NoJoining.into());
    }
    let role = found.rule.role;
    if !insert_member(threshold, newcomer, role)? {
        return Err(Refusal::NoJoining.into());
    }
    take_place(threshold, newcomer)?;
    Ok(role)
}

/// Takes the next place of the day; the table has only so many, and each once.
fn take_place(threshold: &mut Threshold, newcomer: &Newcomer) -> Result<(), Error> {
    let day = threshold.now().as_second().div_euclid(86_400);
    let taken: i64 = threshold.one(&COUNT, &[day.into()])?.get(0)?;
    if taken >= JoinRule::MOST_A_DAY {
        return Err(Refusal::TooManyJoined.into());
    }
    let values = [day.into(), (taken + 1).into(), newcomer.member.into()];
    threshold.execute(&TAKE, &values)?;
    Ok(())
}

/// The primary key.
const COUNT: Statement = Statement::new(
    "join_rule.count_joins",
    "SELECT COALESCE(MAX(place), 0) FROM rule_joins WHERE day = $1",
);

const TAKE: Statement = Statement::new(
    "join_rule.take_place",
    "INSERT INTO rule_joins (day, place, member_id) VALUES ($1, $2, $3)",
);

pub(super) const STATEMENTS: &[Statement] = &[COUNT, TAKE];

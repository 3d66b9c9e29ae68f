//! The rule as the page shows it, and what a change would do, in sentences.

use app::{
    Error, Op,
    joining::{ReadJoinRule, get_join_rule},
};
use domain::{
    joining::{JoinRule, MailDomain, is_given_unasked},
    permission::{Assignment, Relation, Right, Role},
};

use super::view::JoiningPart;
use crate::page::{Choice, ChoiceGroup, Field, Select};

/// What the page shows of the rule.
pub(crate) fn part(op: &mut Op) -> Result<JoiningPart, Error> {
    let read = get_join_rule(op)?;
    let role_name = op.names()?.role_name(read.rule.role);
    Ok(JoiningPart {
        can_edit: op.may(Right::NarrowSignIn, Relation::Workspace),
        version: read.version.to_string(),
        now: now(&read, &role_name),
        domains: Field::new(lines(&read.rule)),
        role: roles(op, read.rule.role)?,
        ..JoiningPart::default()
    })
}

/// The domains as people write them, one a line.
pub(super) fn lines(rule: &JoinRule) -> String {
    rule.domains.iter().map(MailDomain::shown).collect::<Vec<_>>().join("\n")
}

fn now(read: &ReadJoinRule, role: &str) -> String {
    if read.rule.domains.is_empty() {
        return "Nobody joins without an invitation.".to_owned();
    }
    if !read.is_in_force {
        return "Nobody joins without an invitation for now: the role of this rule is deleted, or \
                gives more than members have. Choose another one."
            .to_owned();
    }
    let at = listed(&read.rule.domains);
    format!("People with an address at {at} can join as {role} without being asked.")
}

/// The roles that the rule can name. One that it can name no more is not among them.
fn roles(op: &mut Op, chosen: Assignment) -> Result<Select, Error> {
    let names = op.names()?;
    let own = names.roles.values().filter(|role| role.deleted_at.is_none());
    let mut own: Vec<_> = own
        .filter(|role| is_given_unasked(Role::Own, names.standing(Assignment::own(role.id))))
        .collect();
    own.sort_by_cached_key(|role| (domain::text::fold(&role.name), role.id));
    let own = own.into_iter().map(|role| Choice {
        value: format!("own:{}", role.id),
        label: role.name.clone(),
        is_selected: chosen.own == Some(role.id),
    });
    let member = Choice {
        value: Role::Member.as_str().to_owned(),
        label: Role::Member.title().to_owned(),
        is_selected: chosen.role == Role::Member,
    };
    let choices = std::iter::once(member).chain(own).collect();
    let group = ChoiceGroup { choices, ..ChoiceGroup::default() };
    Ok(Select { groups: vec![group], error: String::new() })
}

/// What a change does, in sentences; always one.
pub(super) fn consequences(before: &JoinRule, after: &JoinRule, role: &str) -> Vec<String> {
    let mut told = Vec::new();
    if before == after {
        told.push("Nothing changes.".to_owned());
        return told;
    }
    if after.domains.is_empty() {
        told.push("Nobody can join without an invitation.".to_owned());
    } else {
        let at = listed(&after.domains);
        told.push(format!(
            "People with an address at {at} can join as {role} without being asked. All who may \
             invite people are told by mail when somebody does."
        ));
    }
    let is_gone = |domain: &&MailDomain| !after.domains.contains(domain);
    let gone: Vec<_> = before.domains.iter().filter(is_gone).cloned().collect();
    if !gone.is_empty() {
        let at = listed(&gone);
        told.push(format!(
            "People with an address at {at} can join no more. Who has joined stays."
        ));
    }
    if !before.domains.is_empty() {
        told.push("Links to join that were mailed until now work no more.".to_owned());
    }
    told
}

/// `a.example, b.example or c.example`.
fn listed(domains: &[MailDomain]) -> String {
    let shown: Vec<_> = domains.iter().map(MailDomain::shown).collect();
    match shown.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        all => all.concat(),
    }
}

#[cfg(test)]
mod tests {
    use domain::joining::parse_domains;

    use super::*;

    #[test]
    fn what_a_change_does_is_told() {
        let rule = |domains: &str| JoinRule {
            domains: parse_domains(domains).unwrap(),
            ..JoinRule::default()
        };
        let told = |before: &str, after: &str| {
            consequences(&rule(before), &rule(after), "Member").join(" | ")
        };
        assert_eq!(told("a.example", "a.example"), "Nothing changes.");
        assert_eq!(
            told("", "acme.example b.example c.example"),
            "People with an address at acme.example, b.example or c.example can join as Member \
             without being asked. All who may invite people are told by mail when somebody does."
        );
        assert_eq!(
            told("a.example b.example", ""),
            "Nobody can join without an invitation. | People with an address at a.example or \
             b.example can join no more. Who has joined stays. | Links to join that were mailed \
             until now work no more."
        );
    }
}

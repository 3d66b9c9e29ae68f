//! Read the rule about mail domains, and change it: the workspace's part of the act.

use domain::{
    ids::{RoleId, UserId},
    joining::{JoinRule, MailDomain, is_given_unasked},
    permission::{Assignment, Relation, Right},
};
use store::{Row, Statement};

use crate::{
    Error, Op,
    audit::{Event, Kind},
    field,
    member::{checked_standing, list_owners},
    named::check_version,
    op::word,
    proof::{self, Grave},
};

/// The rule as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadJoinRule {
    /// What it says.
    pub rule: JoinRule,
    /// Raised by every change; 1 where there never was one.
    pub version: i64,
    /// Whether its role may still be given so: it is there, and gives no more than a member may.
    pub is_in_force: bool,
}

/// Another rule.
#[derive(Debug, Clone)]
pub struct ChangeJoinRule {
    /// At which domains; all of them. What is `None` stays.
    pub domains: Option<Vec<MailDomain>>,
    /// As what. What is `None` stays.
    pub role: Option<Assignment>,
    /// The version it was read at; refused when it has changed since.
    pub expected_version: Option<i64>,
}

/// Who may sign in, and has shown that a mailbox at this domain is theirs.
pub(crate) type ShownDomains = [(UserId, MailDomain)];

/// The rule.
///
/// Errors: [`Error::Forbidden`].
pub fn get_join_rule(op: &mut Op) -> Result<ReadJoinRule, Error> {
    op.require(Right::ManageSignIn, Relation::Workspace)?;
    let Some(row) = op.optional(&FIND, &[])? else {
        return Ok(ReadJoinRule { rule: JoinRule::default(), version: 1, is_in_force: true });
    };
    let role = Assignment { role: word(&row, 2)?, own: row.get(3)?, client: None };
    let rule = JoinRule { domains: open_domains(op, &row)?, role };
    Ok(ReadJoinRule { rule, version: row.get(1)?, is_in_force: may_give(op, role)? })
}

fn open_domains(op: &Op, row: &Row) -> Result<Vec<MailDomain>, Error> {
    let Some(sealed) = row.get::<Option<Vec<u8>>>(0)? else { return Ok(Vec::new()) };
    let text = op.open(field::JOIN_DOMAINS, op.workspace(), row.get(1)?, &sealed)?;
    read_domains(&text)
}

/// Reads what [`written`] wrote. A host that became public since is still what it was.
pub(super) fn read_domains(text: &str) -> Result<Vec<MailDomain>, Error> {
    let domain = |line| MailDomain::parse(line).ok_or_else(|| Error::bug("a stored mail domain"));
    text.lines().map(domain).collect()
}

/// Its domains, one a line.
fn written(rule: &JoinRule) -> String {
    let lines: Vec<_> = rule.domains.iter().map(MailDomain::as_str).collect();
    lines.join("\n")
}

/// Whether a role may be given to who was not invited, and is there.
fn may_give(op: &mut Op, role: Assignment) -> Result<bool, Error> {
    match checked_standing(op, role) {
        Ok(standing) => Ok(is_given_unasked(role.role, standing)),
        Err(Error::Invalid(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Changes the rule. `shown` is what the directory knows of the owners.
///
/// Errors: those of [`check_join_rule`]; [`Error::NeedsProof`]. Audit: `join_rule.changed`; nothing when
/// it is so already.
pub(crate) fn change_join_rule(
    op: &mut Op,
    change: &ChangeJoinRule,
    shown: &ShownDomains,
) -> Result<ReadJoinRule, Error> {
    let (before, rule) = check_join_rule(op, change, shown)?;
    proof::require(op, Grave::ChangeSignIn)?;
    if rule == before.rule {
        return Ok(before);
    }
    let version = before.version + 1;
    write(op, &rule, version)?;
    let (old, new) = (written(&before.rule), written(&rule));
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let was = before.rule.role;
    let event = Event::new(Kind::JoinRuleChanged, "workspace", op.workspace())
        .fact("role", was.role.as_str(), rule.role.role.as_str())
        .fact("own_role", was.own.map(RoleId::uuid), rule.role.own.map(RoleId::uuid))
        .text("domains", some(&old).as_deref(), some(&new).as_deref());
    op.record(event)?;
    Ok(ReadJoinRule { rule, version, is_in_force: true })
}

/// Whether the rule could be changed so, without doing it: the rule as it is, and as it would be.
///
/// Errors: [`Error::Forbidden`] for who is no owner; [`Error::Stale`]; [`Error::Invalid`] for a domain at
/// which no owner has shown a mailbox of theirs, and for a role that is not there or gives more than a
/// member may.
pub(crate) fn check_join_rule(
    op: &mut Op,
    change: &ChangeJoinRule,
    shown: &ShownDomains,
) -> Result<(ReadJoinRule, JoinRule), Error> {
    let before = get_join_rule(op)?;
    // It lets people in whom nobody has looked at, so it is for who could also keep them out.
    op.require(Right::NarrowSignIn, Relation::Workspace)?;
    check_version(change.expected_version, before.version)?;
    let domains = change.domains.clone().unwrap_or_else(|| before.rule.domains.clone());
    let rule = JoinRule { domains, role: change.role.unwrap_or(before.rule.role) };
    check_role(op, rule.role)?;
    check_owners(op, &rule, shown)?;
    Ok((before, rule))
}

fn check_role(op: &mut Op, role: Assignment) -> Result<(), Error> {
    let standing = checked_standing(op, role)?;
    if is_given_unasked(role.role, standing) {
        return Ok(());
    }
    let message = "Who joins by themselves is a member, or has a role made here that gives no more \
                   than members have.";
    Err(Error::invalid("role", "gives_more", message))
}

/// Nobody opens the workspace to people of whom no owner is one.
fn check_owners(op: &mut Op, rule: &JoinRule, shown: &ShownDomains) -> Result<(), Error> {
    let owners = list_owners(op)?;
    let is_at = |domain: &MailDomain| {
        shown.iter().any(|(user, theirs)| theirs == domain && owners.contains(user))
    };
    match rule.domains.iter().find(|domain| !is_at(domain)) {
        None => Ok(()),
        Some(domain) => {
            let shown = domain.shown();
            let message = format!(
                "No owner signs in with an address at {shown}, and has shown by a mail that it is \
                 theirs. Sign in with a code from a mail there first."
            );
            Err(Error::invalid("domains", "no_owner", message))
        }
    }
}

fn write(op: &mut Op, rule: &JoinRule, version: i64) -> Result<(), Error> {
    let sealed = match written(rule).as_str() {
        "" => None,
        text => {
            let (key, workspace) = (op.settings().text_key, op.workspace());
            Some(op.seal(key, field::JOIN_DOMAINS, workspace, version, text)?)
        }
    };
    let values = [
        sealed.into(),
        rule.role.role.as_str().into(),
        rule.role.own.into(),
        version.into(),
        (version - 1).into(),
    ];
    if op.execute(&PUT, &values)? == 0 {
        return Err(Error::Stale(version - 1));
    }
    Ok(())
}

const FIND: Statement = Statement::new(
    "join_rule.find",
    "SELECT domains_sealed, version, role, role_id FROM join_rule WHERE id = 1",
);

const PUT: Statement = Statement::new(
    "join_rule.put",
    "INSERT INTO join_rule (id, domains_sealed, role, role_id, version)
     VALUES (1, $1, $2, $3, $4)
     ON CONFLICT (id) DO UPDATE
         SET domains_sealed = excluded.domains_sealed, role = excluded.role,
             role_id = excluded.role_id, version = excluded.version
         WHERE join_rule.version = $5",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, PUT];

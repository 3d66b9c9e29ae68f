//! Whom it is told that somebody has joined by the rule, so that nobody comes in unseen.

use domain::{
    ids::{MemberId, UserId},
    permission::Right,
};
use store::{Row, Statement};

use crate::{Error, Op, member::get_me};

/// What is told of somebody who joined, and to whom.
#[derive(Clone)]
pub(crate) struct Tidings {
    /// Who joined.
    pub(crate) member: MemberId,
    /// Their name, as they wrote it.
    pub(crate) name: String,
    /// The address they joined by.
    pub(crate) address: String,
    /// The workspace's name.
    pub(crate) workspace: String,
    /// Whether it is the first of that day that is told of no more by itself.
    pub(crate) is_last: bool,
    /// Owners, and who else may invite people.
    pub(crate) readers: Vec<UserId>,
}

/// So many letters a day each of them gets; then one more, which says so.
const MOST_TOLD: i64 = 20;

/// What is to be told of the acting member; nothing where they did not join by the rule, or where so many
/// have on that day that it is told no more.
///
/// Errors: [`Error::Store`].
pub(crate) fn find_tidings(op: &mut Op) -> Result<Option<Tidings>, Error> {
    let member = op.me().member;
    let place = |row: Row| row.get::<i64>(0);
    let place = op.optional(&FIND_PLACE, &[member.into()])?.map(place).transpose()?;
    let Some(place) = place.filter(|place| *place <= MOST_TOLD + 1) else { return Ok(None) };
    let names = op.names()?;
    let me = names.members.get(&member).ok_or(Error::NotFound)?;
    let here = names.members.values().filter(|it| it.removed_at.is_none() && it.id != member);
    let readers = here
        .filter(|it| names.standing(it.assignment()).allows_somewhere(Right::InviteMembers))
        .map(|it| it.user);
    let mut readers: Vec<UserId> = readers.collect();
    readers.sort();
    Ok(Some(Tidings {
        member,
        name: me.name.clone(),
        address: get_me(op)?.address,
        workspace: names.workspace.clone(),
        is_last: place > MOST_TOLD,
        readers,
    }))
}

/// The unique index of `member_id`.
const FIND_PLACE: Statement =
    Statement::new("join_rule.find_place", "SELECT place FROM rule_joins WHERE member_id = $1");

pub(super) const STATEMENTS: &[Statement] = &[FIND_PLACE];

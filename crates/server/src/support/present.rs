//! Support access in words.

use app::{
    Error, Op,
    actor::Via,
    support::{Ended, LiveSupport, State, Support, live_support},
};
use domain::{
    permission::{Relation, Right},
    support::Area,
};

use super::view::{SupportBar, SupportRow};
use crate::{commands::counted, page::Field, wall};

/// What stands above a page for the one who asks.
///
/// Errors: [`Error::Store`].
pub(crate) fn bars(op: &mut Op) -> Result<Vec<SupportBar>, Error> {
    if op.missing().is_some() {
        return Ok(Vec::new());
    }
    let live = live_support(op)?;
    Ok(live.iter().map(|one| bar(op, one)).collect())
}

fn bar(op: &Op, live: &LiveSupport) -> SupportBar {
    let root = format!("/w/{}/support", op.workspace());
    let is_support = matches!(op.me().via, Via::Support(..));
    let ends = is_support || op.may(Right::GrantSupport, Relation::Workspace);
    let who = &live.operator;
    let text = match live.ends_at.map(|at| wall::time(op.me(), &op.me().zone, at)) {
        None => format!("{who}, who runs this server, asks to look into this workspace."),
        Some(until) if is_support && live.may_write => {
            format!(
                "You look into this workspace as support ({who}) until {until}, and may change it."
            )
        }
        Some(until) if is_support => {
            format!("You look into this workspace as support ({who}) until {until}, to read only.")
        }
        Some(until) if live.may_write => {
            format!("Support ({who}) can see and change this workspace until {until}.")
        }
        Some(until) => format!("Support ({who}) can see this workspace until {until}."),
    };
    let ends = ends && live.ends_at.is_some();
    SupportBar {
        text,
        end_url: if ends { format!("{root}/{}/end", live.id) } else { String::new() },
        more_url: if is_support { String::new() } else { root },
    }
}

/// One of the list.
pub(super) fn row(op: &mut Op, support: &Support) -> Result<SupportRow, Error> {
    let names = op.names()?;
    let (me, now) = (op.me(), op.now());
    let moment = |at| wall::moment(me, now, at);
    let of = |id| names.members.get(&id).map_or("an owner", |member| member.name.as_str());
    let state = match support.state(now) {
        State::Asked => format!("Waits for an owner until {}.", moment(support.lapses_at)),
        State::Waits(at) => {
            format!("Can be opened from {} on, unless an owner refuses.", moment(at))
        }
        State::Ready => "Can be opened, unless an owner refuses.".to_owned(),
        State::Open(until) => format!("Open until {}.", moment(until)),
        State::Lapsed => "Nobody decided within a week.".to_owned(),
        State::Refused => support
            .refused
            .map_or_else(String::new, |(by, at)| format!("Refused by {}, {}.", of(by), moment(at))),
        State::Ended => ended(support, &moment),
    };
    let given = support.granted.and_then(|given| Some((given.by?, given.at)));
    let given = given.map(|(by, at)| format!(" Given by {}, {}.", of(by), moment(at)));
    Ok(SupportRow {
        id: support.id.to_string(),
        operator: support.operator.name.clone(),
        reason: support.reason.clone(),
        ticket: support.ticket.clone(),
        areas: support.areas.iter().map(Area::title).collect::<Vec<_>>().join(", "),
        may: if support.may_write { "To read and to change" } else { "To read only" },
        asks_to_write: support.may_write,
        asked_at: moment(support.asked_at),
        state: state + &given.unwrap_or_default(),
        seen: if support.seen == 0 { String::new() } else { counted(support.seen, "page") },
        without_owner: without_owner(support),
        minutes: Field::new(support.minutes.to_string()),
        most: support.minutes.to_string(),
    })
}

fn ended(support: &Support, moment: &impl Fn(jiff::Timestamp) -> String) -> String {
    let by_itself = support.granted.map(|given| (Ended::Time, given.ends_at));
    match support.ended.or(by_itself) {
        Some((Ended::Owner, at)) => format!("Ended by an owner, {}.", moment(at)),
        Some((Ended::Operator, at)) => format!("Ended at the server, {}.", moment(at)),
        Some((Ended::Support, at)) => format!("Ended by support itself, {}.", moment(at)),
        Some((Ended::Time, at)) => format!("Its time was over, {}.", moment(at)),
        None => String::new(),
    }
}

fn without_owner(support: &Support) -> String {
    match (&support.confirmed, support.without_owner) {
        (Some(confirmed), _) => {
            format!("It is said that no owner can be reached; {} has confirmed it.", confirmed.by)
        }
        (None, true) => {
            "It is said that no owner can be reached; a second one of those who run the \
                         server would have to confirm it."
                .to_owned()
        }
        (None, false) => String::new(),
    }
}

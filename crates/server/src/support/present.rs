//! Support access in words.

use app::{
    Error, Me, Op,
    actor::Via,
    support::{Ended, LiveSupport, OwnSupport, State, Support, live_support},
};
use domain::{
    ids::WorkspaceId,
    permission::{Relation, Right},
    support::{Area, Areas},
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
    let mut live = live_support(op)?;
    // Who looks now comes before who asks to.
    live.sort_by_key(|one| one.ends_at.is_none());
    let mut bars = Vec::new();
    for bar in live.iter().map(|one| bar(op, one)) {
        // Who asks for two things is said to ask once.
        if !bars.contains(&bar) {
            bars.push(bar);
        }
    }
    Ok(bars)
}

fn bar(op: &Op, live: &LiveSupport) -> SupportBar {
    let root = format!("/w/{}/support", op.workspace());
    if matches!(op.me().via, Via::Support(..)) {
        return bar_of_support(op.workspace(), op.me(), live);
    }
    let (me, who) = (op.me(), &live.operator);
    let text = match (live.ends_at.map(|at| wall::time(me, &me.zone, at)), live.opens_at) {
        (None, None) => format!("{who}, who runs this server, asks to look into this workspace."),
        (None, Some(at)) => format!(
            "{who}, who runs this server, looks into this workspace from {} on, unless an owner refuses.",
            wall::moment(me, op.now(), at)
        ),
        (Some(until), _) if live.may_write => {
            format!("Support ({who}) can see and change this workspace until {until}.")
        }
        (Some(until), _) => format!("Support ({who}) can see this workspace until {until}."),
    };
    let ends = op.may(Right::GrantSupport, Relation::Workspace) && live.ends_at.is_some();
    SupportBar {
        text,
        end_url: if ends { format!("{root}/{}/end", live.id) } else { String::new() },
        more_url: root,
    }
}

/// What stands above a page of a support session that shows nothing of the workspace.
pub(super) fn own_bar(workspace: WorkspaceId, own: &OwnSupport) -> SupportBar {
    bar_of_support(workspace, &own.me, &own.live)
}

fn bar_of_support(workspace: WorkspaceId, me: &Me, live: &LiveSupport) -> SupportBar {
    let until = live.ends_at.map(|at| format!(" until {}", wall::time(me, &me.zone, at)));
    let may = if live.may_write { "and may change it" } else { "to read only" };
    SupportBar {
        text: format!(
            "You look into this workspace as support ({}){}, {may}.",
            live.operator,
            until.unwrap_or_default()
        ),
        end_url: format!("/w/{workspace}/support/{}/end", live.id),
        more_url: String::new(),
    }
}

/// What support reaches.
pub(crate) fn areas_words(areas: Areas) -> String {
    areas.iter().map(Area::title).collect::<Vec<_>>().join("; ")
}

/// What was given to a support session, in a sentence.
pub(super) fn given(own: &OwnSupport) -> String {
    let who = if own.by_owner { "The owner let you see" } else { "You were let see" };
    let areas = areas_words(own.areas);
    let may = if own.live.may_write { "and change some of it" } else { "to read only" };
    format!("{who}: {areas}, {may}.")
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
        areas: areas_words(support.areas),
        may: if support.may_write {
            "Time, projects, clients, tasks and tags, as far as they see them"
        } else {
            "Nothing"
        },
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

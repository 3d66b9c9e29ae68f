//! Count what the log of a workspace has got since the last time, and note what is too much.
//!
//! Counts and place are written in one transaction, so that each event counts once. Two nodes may do it at
//! once: the place moves for one of them.

use std::collections::BTreeMap;

use domain::{
    anomaly::{Before, DAYS, Measure, Whose},
    ids::{EventId, WorkspaceId, uuid_v7},
};
use store::{Row, Statement};
use uuid::Uuid;

use super::{
    measure::{measures, who},
    utc_day,
};
use crate::{
    App, Error,
    audit::{Kind, act_of},
    op::{Threshold, word},
};

/// Events that are counted in one transaction.
const BATCH: i64 = 2_000;

/// What is counted: what, of whom, on which day.
type Counted = (Measure, Uuid, i64);

/// By what is counted, the kind of who it is and how often.
type Counts = BTreeMap<Counted, (&'static str, i64)>;

/// Up to where it is counted.
#[derive(Debug, Clone, Copy)]
struct Place {
    position: i64,
    day: i64,
}

impl App {
    /// Counts all that is new in the log of a workspace.
    pub(super) async fn tally(&self, workspace: WorkspaceId) -> Result<(), Error> {
        // Looking costs no flush of the disk.
        while self.look_over_threshold(workspace, has_grown).await? {
            let first = self.first_counted();
            if !self.at_threshold(workspace, move |op| tally(op, first)).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Before it no event counts any more: ids begin with the time.
    fn first_counted(&self) -> EventId {
        let from = self.clock().now() - jiff::SignedDuration::from_hours(24 * DAYS);
        EventId::from_uuid(uuid_v7(from, [0; 10]))
    }
}

fn has_grown(op: &mut Threshold) -> Result<bool, Error> {
    let next: i64 = op.one(&FIND_NEXT, &[])?.get(0)?;
    Ok(find_place(op)?.map_or(next > 0, |place| place.position < next))
}

fn find_place(op: &mut Threshold) -> Result<Option<Place>, Error> {
    let Some(row) = op.optional(&FIND_PLACE, &[])? else { return Ok(None) };
    Ok(Some(Place { position: row.get(0)?, day: row.get(1)? }))
}

/// Counts a batch; whether there may be more.
fn tally(op: &mut Threshold, first: EventId) -> Result<bool, Error> {
    let Some(place) = find_place(op)? else {
        let position: i64 = op.one(&FIND_FIRST, &[first.into()])?.get(0)?;
        op.execute_of_ledger(&BEGIN, &[position.into()])?;
        return Ok(true);
    };
    let rows = op.query(&LIST, &[place.position.into(), BATCH.into()])?;
    let Some(last) = rows.last() else { return Ok(false) };
    let next = last.get::<i64>(0)? + 1;
    let mut day = place.day;
    for row in &rows {
        day = day.max(day_of(row)?);
    }
    let moved = [place.position.into(), next.into(), day.into()];
    if op.execute_of_ledger(&MOVE, &moved)? == 0 {
        // Another node counts them.
        return Ok(true);
    }
    let mut counts = Counts::new();
    for row in &rows {
        count(op, row, &mut counts)?;
    }
    if day > place.day {
        op.execute_of_ledger(&FORGET, &[(day - DAYS - 1).into()])?;
        op.execute_of_ledger(&FORGET_LOOKS, &[(day - 1).into()])?;
    }
    for (counted, (kind, times)) in counts {
        keep(op, counted, kind, times)?;
    }
    Ok(i64::try_from(rows.len()) == Ok(BATCH))
}

fn day_of(row: &Row) -> Result<i64, Error> {
    Ok(utc_day(row.get(1)?))
}

/// Counts an event.
fn count(op: &mut Threshold, row: &Row, counts: &mut Counts) -> Result<(), Error> {
    let (day, kind): (i64, Kind) = (day_of(row)?, word(row, 4)?);
    let (actor, subject): (String, Option<Uuid>) = (row.get(2)?, row.get(5)?);
    let Some(who) = who(kind, (&actor, row.get(3)?), subject) else { return Ok(()) };
    let act = match kind {
        Kind::DirectoryAct => {
            let act = act_of(&row.get::<Vec<u8>>(6)?)?.parse();
            Some(act.map_err(|()| Error::bug("an act that nobody knows"))?)
        }
        _ => None,
    };
    for measure in measures(kind, act) {
        if *measure == Measure::Looks && !is_first_look(op, day, who.1, subject)? {
            continue;
        }
        for (kind, who) in [who, ("workspace", op.workspace().uuid())] {
            counts.entry((*measure, who, day)).or_insert((kind, 0)).1 += 1;
        }
    }
    Ok(())
}

/// Whether it is the first time on a day that somebody looks at somebody's time.
fn is_first_look(
    op: &mut Threshold,
    day: i64,
    who: Uuid,
    subject: Option<Uuid>,
) -> Result<bool, Error> {
    let Some(subject) = subject else { return Ok(false) };
    Ok(op.execute_of_ledger(&LOOK, &[day.into(), who.into(), subject.into()])? == 1)
}

/// Adds to a count, and notes the limit once it is beyond.
fn keep(
    op: &mut Threshold,
    (measure, who, day): Counted,
    kind: &str,
    times: i64,
) -> Result<(), Error> {
    let whose = if kind == "workspace" { Whose::All } else { Whose::One };
    if !measure.is_of(whose) {
        return Ok(());
    }
    let key = [measure.as_str().into(), who.into(), day.into()];
    let [of, whom, on] = key.clone();
    op.execute_of_ledger(&ADD, &[of, whom, on, kind.into(), times.into()])?;
    let row = op.one(&FIND_COUNT, &key)?;
    let (count, is_noted): (i64, bool) = (row.get(0)?, row.get::<Option<i64>>(1)?.is_some());
    let floor = measure.limit(whose, Before::default(), Before::default()).map(i64::from);
    // Most are far below what could be unusual: then nothing is looked up.
    if is_noted || floor.is_none_or(|floor| count <= floor) {
        return Ok(());
    }
    let own = [measure.as_str().into(), who.into(), (day - DAYS).into(), day.into()];
    let own = before(&op.one(&SUM_OWN, &own)?)?;
    let others = [measure.as_str().into(), (day - DAYS).into(), day.into()];
    let others = before(&op.one(&SUM_OTHERS, &others)?)?;
    let limit = measure.limit(whose, own, others).map(i64::from);
    if let Some(limit) = limit.filter(|limit| count > *limit) {
        let [of, whom, on] = key;
        op.execute_of_ledger(&NOTE, &[of, whom, on, limit.into()])?;
    }
    Ok(())
}

fn before(row: &Row) -> Result<Before, Error> {
    let number = |at| Ok::<_, Error>(u32::try_from(row.get::<i64>(at)?).unwrap_or(u32::MAX));
    Ok(Before { busiest: number(0)?, days: number(1)? })
}

const FIND_NEXT: Statement =
    Statement::new("anomaly.find_next", "SELECT COALESCE(MAX(position) + 1, 0) FROM ledger_leaves");

const FIND_PLACE: Statement =
    Statement::new("anomaly.find_place", "SELECT position, day FROM tally_place WHERE id = 1");

/// By the primary key of the events, from a time on.
const FIND_FIRST: Statement = Statement::new(
    "anomaly.find_first",
    "SELECT COALESCE(
         (SELECT MIN(l.position) FROM events e JOIN ledger_leaves l ON l.event_id = e.id
          WHERE e.id >= $1),
         (SELECT MAX(position) + 1 FROM ledger_leaves), 0)",
);

const BEGIN: Statement = Statement::new(
    "anomaly.begin",
    "INSERT INTO tally_place (id, position, day) VALUES (1, $1, 0) ON CONFLICT DO NOTHING",
);

const MOVE: Statement = Statement::new(
    "anomaly.move",
    "UPDATE tally_place SET position = $2, day = $3 WHERE id = 1 AND position = $1",
);

/// By the primary keys.
const LIST: Statement = Statement::new(
    "anomaly.list",
    "SELECT l.position, e.at, e.actor_kind, e.actor_id, e.kind, e.subject_id, e.facts
     FROM ledger_leaves l JOIN events e ON e.id = l.event_id
     WHERE l.position >= $1 ORDER BY l.position LIMIT $2",
);

const LOOK: Statement = Statement::new(
    "anomaly.look",
    "INSERT INTO tally_looks (day, who, subject_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
);

const ADD: Statement = Statement::new(
    "anomaly.add",
    "INSERT INTO tallies (measure, who, day, who_kind, count) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (measure, who, day) DO UPDATE SET count = tallies.count + excluded.count",
);

const FIND_COUNT: Statement = Statement::new(
    "anomaly.find_count",
    "SELECT count, most FROM tallies WHERE measure = $1 AND who = $2 AND day = $3",
);

/// By the primary key.
const SUM_OWN: Statement = Statement::new(
    "anomaly.sum_own",
    "SELECT COALESCE(MAX(count), 0), COUNT(*) FROM tallies
     WHERE measure = $1 AND who = $2 AND day >= $3 AND day < $4",
);

/// By the first column of the primary key: only where somebody is beyond the floor.
const SUM_OTHERS: Statement = Statement::new(
    "anomaly.sum_others",
    "SELECT COALESCE(MAX(count), 0), COUNT(*) FROM tallies
     WHERE measure = $1 AND day >= $2 AND day < $3 AND who_kind <> 'workspace'",
);

const NOTE: Statement = Statement::new(
    "anomaly.note",
    "UPDATE tallies SET most = $4 WHERE measure = $1 AND who = $2 AND day = $3",
);

const FORGET: Statement = Statement::new(
    "anomaly.forget",
    "DELETE FROM tallies WHERE day < $1 AND (most IS NULL OR told_at IS NOT NULL)",
);

const FORGET_LOOKS: Statement =
    Statement::new("anomaly.forget_looks", "DELETE FROM tally_looks WHERE day < $1");

pub(super) const STATEMENTS: &[Statement] = &[
    FIND_NEXT,
    FIND_PLACE,
    FIND_FIRST,
    BEGIN,
    MOVE,
    LIST,
    LOOK,
    ADD,
    FIND_COUNT,
    SUM_OWN,
    SUM_OTHERS,
    NOTE,
    FORGET,
    FORGET_LOOKS,
];

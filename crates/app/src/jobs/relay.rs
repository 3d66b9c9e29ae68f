//! Relay what happened in the directory into the workspaces of the person concerned.
//!
//! | | directory | workspace |
//! |---|---|---|
//! | t0 | reads events that were not relayed | |
//! | t1 | | writes each, under the directory event's own id, unless it is there |
//! | t2 | marks the events as relayed | |
//!
//! A crash between t1 and t2 relays the same events again, and finds them there.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{EventId, MemberId, RequestId, UserId, WorkspaceId};
use store::{Row, Statement};
use uuid::Uuid;

use crate::{
    App, DirectoryOp, Error,
    audit::{Kind, relayed_facts, workspace_of},
    op::Threshold,
};

/// Events read at a time.
const BATCH: i64 = 200;

/// An event of the directory.
#[derive(Clone)]
struct Act {
    id: EventId,
    at: i64,
    kind: String,
    user: Option<UserId>,
    request: RequestId,
    facts: Vec<u8>,
}

/// Where an event belongs.
#[derive(Clone)]
struct Relayed {
    act: Act,
    member: MemberId,
}

impl App {
    /// Whether an event of the directory waits to be relayed.
    ///
    /// Errors: [`Error::Store`].
    pub async fn has_unrelayed_events(&self) -> Result<bool, Error> {
        let looked = self.read_directory(self.new_request(), |op| {
            Ok(!list(op, EventId::from_uuid(Uuid::nil()), 1)?.is_empty())
        });
        looked.await
    }

    /// Writes each event of a person into every workspace they belonged to when it happened, as
    /// `directory.act`, once; how many events were relayed.
    ///
    /// A workspace that cannot be written keeps the others waiting neither for these events nor for
    /// later ones; its error is the answer once all the others are done.
    ///
    /// Errors: [`Error::Store`]; what is left is relayed by the next run.
    pub async fn relay_directory_events(&self) -> Result<usize, Error> {
        let mut after = EventId::from_uuid(Uuid::nil());
        let (mut count, mut outcome) = (0, Ok(()));
        loop {
            let request = self.new_request();
            let (mut acts, places) = self
                .read_directory(request, move |op| {
                    let acts = list(op, after, BATCH)?;
                    let places = place(op, &acts)?;
                    Ok((acts, places))
                })
                .await?;
            let Some(last) = acts.last() else {
                return outcome.map(|()| count);
            };
            after = last.id;
            let (left, error) = self.relay(places).await;
            outcome = outcome.and(error);
            acts.retain(|act| !left.contains(&act.id));
            count += acts.len();
            if !acts.is_empty() {
                self.write_directory(request, move |op| mark(op, &acts)).await?;
            }
        }
    }

    /// Writes events where they belong; those that did not arrive everywhere, and why.
    async fn relay(
        &self,
        places: BTreeMap<WorkspaceId, Vec<Relayed>>,
    ) -> (BTreeSet<EventId>, Result<(), Error>) {
        let (mut left, mut outcome) = (BTreeSet::new(), Ok(()));
        for (workspace, relayed) in places {
            let ids: Vec<EventId> = relayed.iter().map(|relayed| relayed.act.id).collect();
            let was_open = self.store().is_open(workspace);
            let written = self.cross_threshold(workspace, move |threshold| {
                relayed.iter().try_for_each(|relayed| insert(threshold, relayed))
            });
            match written.await {
                // A workspace that was never ready has no history to complete.
                Ok(()) | Err(Error::NotFound) => {}
                Err(error) => {
                    tracing::error!(%workspace, %error, "events of the directory cannot be relayed");
                    left.extend(ids);
                    outcome = Err(error);
                }
            }
            if !was_open && let Err(error) = self.close(workspace).await {
                outcome = Err(error);
            }
        }
        (left, outcome)
    }
}

fn list(op: &mut DirectoryOp, after: EventId, most: i64) -> Result<Vec<Act>, Error> {
    let read = |row: &Row| {
        Ok(Act {
            id: row.get(0)?,
            at: row.get(1)?,
            kind: row.get(2)?,
            user: row.get(3)?,
            request: row.get(4)?,
            facts: row.get(5)?,
        })
    };
    op.query(&LIST, &[after.into(), most.into()])?.iter().map(read).collect()
}

/// The workspaces of each event's person, as of its instant.
fn place(op: &mut DirectoryOp, acts: &[Act]) -> Result<BTreeMap<WorkspaceId, Vec<Relayed>>, Error> {
    let mut places: BTreeMap<WorkspaceId, Vec<Relayed>> = BTreeMap::new();
    for act in acts {
        let Some(user) = act.user else { continue };
        // What was done of one workspace is not the business of the others.
        let of_one = workspace_of(&act.facts)?;
        for row in op.query(&LIST_PLACES, &[user.into(), act.at.into()])? {
            let workspace: WorkspaceId = row.get(0)?;
            if of_one.is_some_and(|one| one != workspace.uuid()) {
                continue;
            }
            let relayed = Relayed { act: act.clone(), member: row.get(1)? };
            places.entry(workspace).or_default().push(relayed);
        }
    }
    Ok(places)
}

fn insert(threshold: &mut Threshold, relayed: &Relayed) -> Result<(), Error> {
    let Relayed { act, member } = relayed;
    let values = [
        act.id.into(),
        act.at.into(),
        Kind::DirectoryAct.as_str().into(),
        (*member).into(),
        act.request.into(),
        relayed_facts(&act.kind, &act.facts)?.into(),
    ];
    threshold.execute_event(&INSERT, &values, act.id)
}

fn mark(op: &mut DirectoryOp, acts: &[Act]) -> Result<(), Error> {
    let now = op.now_us();
    for act in acts {
        op.execute(&MARK, &[act.id.into(), now.into()])?;
    }
    Ok(())
}

/// Index `directory_events_unrelayed`.
const LIST: Statement = Statement::new(
    "relay.list",
    "SELECT id, at, kind, user_id, request_id, facts FROM directory_events
     WHERE relayed_at IS NULL AND id > $1 ORDER BY id LIMIT $2",
);

/// The primary key of `memberships`. Who joined and left again before the relay ran, and joined
/// once more, is placed by their newest membership only.
const LIST_PLACES: Statement = Statement::new(
    "relay.list_places",
    "SELECT m.workspace_id, m.member_id
     FROM memberships m JOIN workspaces w ON w.id = m.workspace_id
     WHERE m.user_id = $1 AND m.joined_at <= $2 AND (m.removed_at IS NULL OR m.removed_at >= $2)
       AND w.state = 'ready'",
);

const INSERT: Statement = Statement::new(
    "relay.insert",
    "INSERT INTO events (id, at, actor_kind, kind, object_kind, object_id, subject_id, request_id,
                         facts)
     VALUES ($1, $2, 'system', $3, 'member', $4, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
);

const MARK: Statement = Statement::new(
    "relay.mark",
    "UPDATE directory_events SET relayed_at = $2 WHERE id = $1 AND relayed_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST, LIST_PLACES, INSERT, MARK];

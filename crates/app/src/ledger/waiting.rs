//! Which workspaces may have events without a leaf, and whose heads the instance's log may lack.
//!
//! It is in memory alone, and told after the commit. What is lost with it is found again by looking into
//! all workspaces, at the start and each hour.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::ids::WorkspaceId;
use jiff::{SignedDuration, Timestamp};

use super::Head;
use crate::live::Change;

/// How often all workspaces are looked into.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// How often a workspace was told of: what was told since must not be settled with it.
pub(super) type Mark = u64;

/// See the module. Shared by all who write.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<State>);

#[derive(Default)]
struct State {
    workspaces: BTreeMap<WorkspaceId, Workspace>,
    told: Mark,
    heads: BTreeMap<WorkspaceId, Head>,
    looked_at: Option<Timestamp>,
}

#[derive(Default)]
struct Workspace {
    told: Mark,
    not_before: Option<Timestamp>,
}

impl Waiting {
    /// Something was recorded in a workspace.
    pub(crate) fn tell(&self, workspace: WorkspaceId) {
        let mut state = self.lock();
        state.told += 1;
        let told = state.told;
        state.workspaces.entry(workspace).or_default().told = told;
    }

    /// Something may have been recorded anywhere.
    pub(crate) fn tell_all(&self) {
        self.lock().looked_at = None;
    }

    /// Another node has changed something.
    pub(crate) fn hear(&self, change: Change) {
        match change {
            Change::Workspace { workspace, .. } | Change::Recorded { workspace } => {
                self.tell(workspace);
            }
            Change::Missed => self.tell_all(),
            Change::Signed { .. } | Change::Sessions { .. } | Change::Outbox => {}
        }
    }

    /// Whether it is time to look into all workspaces; then the look has begun. A clock that was set back
    /// is no reason to wait.
    pub(super) fn begin_look(&self, now: Timestamp) -> bool {
        let mut state = self.lock();
        let is_recent = |at: Timestamp| at <= now && now.duration_since(at) < LOOK_EVERY;
        if state.looked_at.is_some_and(is_recent) {
            return false;
        }
        state.looked_at = Some(now);
        true
    }

    /// Those that may have something to do now.
    pub(super) fn due(&self, now: Timestamp) -> Vec<(WorkspaceId, Mark)> {
        let state = self.lock();
        let is_due =
            |one: &Workspace| one.not_before.is_none_or(|at| at <= now || at > now + LOOK_EVERY);
        let due = state.workspaces.iter().filter(|(_, one)| is_due(one));
        due.map(|(workspace, one)| (*workspace, one.told)).collect()
    }

    /// A workspace has no event without a leaf, as of when it was marked so.
    pub(super) fn settle(&self, workspace: WorkspaceId, mark: Mark) {
        let mut state = self.lock();
        if state.workspaces.get(&workspace).is_some_and(|one| one.told == mark) {
            state.workspaces.remove(&workspace);
        }
    }

    /// A workspace that cannot be sequenced keeps no other waiting.
    pub(super) fn leave_alone(&self, workspace: WorkspaceId, until: Timestamp) {
        if let Some(one) = self.lock().workspaces.get_mut(&workspace) {
            one.not_before = Some(until);
        }
    }

    /// The log of a workspace has this head.
    pub(super) fn tell_head(&self, workspace: WorkspaceId, head: Head) {
        let mut state = self.lock();
        let is_later = |known: &Head| (known.epoch, known.size) < (head.epoch, head.size);
        if state.heads.get(&workspace).is_none_or(is_later) {
            state.heads.insert(workspace, head);
        }
    }

    /// Heads that the instance's log may lack.
    pub(super) fn heads(&self) -> BTreeMap<WorkspaceId, Head> {
        self.lock().heads.clone()
    }

    /// The instance's log has these heads.
    pub(super) fn settle_heads(&self, kept: &BTreeMap<WorkspaceId, Head>) {
        self.lock().heads.retain(|workspace, head| kept.get(workspace) != Some(head));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_told_meanwhile_is_not_settled() {
        let (waiting, now) = (Waiting::default(), at("2026-11-20T12:00:00Z"));
        let workspace = WorkspaceId::from_uuid(Uuid::from_u128(1));
        waiting.tell(workspace);
        let [(_, mark)] = waiting.due(now)[..] else { panic!("one") };
        waiting.tell(workspace);
        waiting.settle(workspace, mark);
        let [(_, mark)] = waiting.due(now)[..] else { panic!("still one") };
        waiting.settle(workspace, mark);
        assert_eq!(waiting.due(now), []);
        // A mark of before is not that of one that is told of anew.
        waiting.tell(workspace);
        waiting.settle(workspace, mark);
        assert_eq!(waiting.due(now).len(), 1);
    }

    #[test]
    fn one_that_fails_is_left_alone_for_a_while() {
        let (waiting, now) = (Waiting::default(), at("2026-11-20T12:00:00Z"));
        let workspace = WorkspaceId::from_uuid(Uuid::from_u128(1));
        waiting.tell(workspace);
        waiting.leave_alone(workspace, now + SignedDuration::from_secs(30));
        assert_eq!(waiting.due(now), []);
        assert_eq!(waiting.due(at("2026-11-20T12:00:30Z")).len(), 1);
        assert_eq!(waiting.due(at("2026-11-20T10:00:00Z")).len(), 1, "a clock that was set back");
    }

    #[test]
    fn all_are_looked_into_at_the_start_each_hour_and_when_something_was_missed() {
        let (waiting, now) = (Waiting::default(), at("2026-11-20T12:00:00Z"));
        assert!(waiting.begin_look(now));
        assert!(!waiting.begin_look(at("2026-11-20T12:59:59Z")));
        assert!(waiting.begin_look(at("2026-11-20T13:00:00Z")));
        assert!(waiting.begin_look(now), "a clock that was set back");
        waiting.hear(Change::Outbox);
        assert!(!waiting.begin_look(now));
        waiting.hear(Change::Missed);
        assert!(waiting.begin_look(now));
    }
}

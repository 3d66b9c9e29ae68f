//! Where a test can stop an act for good, as a crash would.

use crate::App;

/// The steps of all acts, in order: the name of the act, then what has just become durable.
pub const STEPS: [&str; 28] = [
    "set_up.person",
    "set_up.intended",
    "set_up.keys",
    "set_up.database",
    "set_up.founded",
    "set_up.finished",
    "invite.intended",
    "invite.written",
    "invite.finished",
    "join.person",
    "join.keys",
    "join.intended",
    "join.entered",
    "join.finished",
    "join_rule.intended",
    "join_rule.written",
    "join_rule.finished",
    "remove.intended",
    "remove.gone",
    "address.changed",
    "address.followed",
    "address.stopped",
    "collect.made",
    "collect.finished",
    "token.made",
    "password.hashed",
    "sweep.seen",
    "copy.workspaces",
];

/// Asked after each step; an act for which it says yes never goes on.
pub(crate) type Stop = Box<dyn Fn(&'static str) -> bool + Send + Sync>;

impl App {
    /// Lets a test stop acts. Only the first call counts; servers make none.
    pub fn stop_acts(&self, stop: impl Fn(&'static str) -> bool + Send + Sync + 'static) {
        drop(self.stop().set(Box::new(stop)));
    }

    /// A step is durable.
    pub(crate) async fn passed(&self, step: &'static str) {
        debug_assert!(STEPS.contains(&step), "{step} is not in the list");
        if self.stop().get().is_some_and(|stop| stop(step)) {
            std::future::pending::<()>().await;
        }
    }
}

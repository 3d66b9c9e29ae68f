//! What happens that concerns security, for a log that is kept for longer than others.
//!
//! An operation notes it while it runs, and it is told once its transaction is committed: what is rolled
//! back, or run again, leaves no line. The line holds ids and words of the program alone. What is told here
//! is mostly what is recorded as an event too; events are the proof, and these lines are for whoever watches
//! a server from outside.

use domain::ids::{RequestId, UserId, WorkspaceId};
use uuid::Uuid;

use crate::{App, Error, audit::Fact};

/// The target of these lines, and of all others about security.
pub const TARGET: &str = "security";

/// What an address is hashed with in a log: an address that is met twice is met as the same.
pub type AddressHash = Box<dyn Fn(&str) -> u64 + Send + Sync>;

/// Something that happened.
#[derive(Debug)]
pub(crate) struct Happened {
    /// The stable word: of an event, or of a refusal.
    pub(crate) what: &'static str,
    pub(crate) request: RequestId,
    pub(crate) workspace: Option<WorkspaceId>,
    /// Who did it: `member`, `token` or `system`, and which.
    pub(crate) actor: Option<(&'static str, Uuid)>,
    /// To whose account.
    pub(crate) user: Option<UserId>,
    /// To what.
    pub(crate) object: Option<(&'static str, Uuid)>,
    /// More about it.
    pub(crate) facts: String,
}

impl Happened {
    /// Something in the directory.
    pub(crate) fn to(what: &'static str, request: RequestId, user: Option<UserId>) -> Self {
        let (workspace, actor, object) = (None, None, None);
        Self { what, request, workspace, actor, user, object, facts: String::new() }
    }

    /// Writes it into the log.
    pub(crate) fn tell(&self) {
        let (actor_kind, actor) = self.actor.unzip();
        let (object_kind, object) = self.object.unzip();
        tracing::info!(
            target: TARGET,
            what = self.what,
            request_id = %self.request,
            workspace = self.workspace.map(tracing::field::display),
            actor_kind,
            actor = actor.map(tracing::field::display),
            user = self.user.map(tracing::field::display),
            object_kind,
            object = object.map(tracing::field::display),
            facts = (!self.facts.is_empty()).then_some(self.facts.as_str()),
            "happened"
        );
    }
}

/// Facts in words: `method=password second=app`. What is not there is left out.
pub(crate) fn words(facts: &[(&'static str, Fact)]) -> String {
    let words = facts.iter().filter_map(|(field, fact)| match fact {
        Fact::None => None,
        Fact::Int(value) => Some(format!("{field}={value}")),
        Fact::Id(id) => Some(format!("{field}={id}")),
        Fact::Word(word) => Some(format!("{field}={word}")),
    });
    words.collect::<Vec<_>>().join(" ")
}

impl App {
    /// How addresses are hashed in the log of this instance.
    ///
    /// Errors: an instance that was not opened; a key that is not there.
    pub fn address_hash(&self) -> Result<AddressHash, Error> {
        let instance = self.instance().get().ok_or_else(|| Error::bug("no instance is open"))?;
        let key = self.vault().mac_key(instance.addresses)?;
        Ok(Box::new(move |address| {
            let hash = key.mac("log", address.as_bytes());
            hash.first_chunk().copied().map_or(0, u64::from_be_bytes)
        }))
    }
}

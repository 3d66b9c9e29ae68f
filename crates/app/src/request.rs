//! A request: its id, and from where it comes.

use std::sync::Arc;

use domain::ids::RequestId;

use crate::identity::Origin;

/// A request to the directory. One whose origin nobody tells (an operator's command, a job) is made
/// from its id alone.
#[derive(Debug, Clone)]
pub struct Request {
    /// For the log and the events.
    pub id: RequestId,
    /// From where it comes.
    pub origin: Arc<Origin>,
}

impl From<RequestId> for Request {
    fn from(id: RequestId) -> Self {
        Self { id, origin: Arc::default() }
    }
}

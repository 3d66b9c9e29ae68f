//! What every handler can reach.

use std::sync::Arc;

use app::App;

use crate::config::Config;

/// The state of the server: cheap to clone.
#[derive(Clone)]
pub struct Server {
    /// The application.
    pub app: App,
    /// How it was started.
    pub config: Arc<Config>,
}

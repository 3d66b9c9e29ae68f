//! One's own profile.

pub mod api;
pub mod view;
pub mod web;

use app::{identity::set_zone, member::Profile};
use domain::ids::RequestId;

use crate::state::Server;

/// Has letters about the account written in the zone that its person has just chosen. The profile is
/// saved: where this cannot be, they go on in the zone before.
async fn keep_zone(server: &Server, request: RequestId, profile: &Profile) {
    let (user, zone) = (profile.user, profile.zone.clone());
    let kept = server.app.write_directory(request, move |op| set_zone(op, user, &zone)).await;
    if let Err(error) = kept {
        tracing::warn!(request_id = %request, %error, "the zone of letters is the one before");
    }
}

//! What all pages need: who is there, forms, answers, the frame.

mod choices;
mod cookies;
mod flash;
mod form;
mod frame;
mod gate;
mod member;
pub(crate) mod named;
pub(crate) mod policy;
mod refused;
mod respond;
mod stale;
mod visit;

pub use flash::Flash;
pub use form::Typed;
pub use frame::Frame;
pub use gate::gate;
pub use member::{PageRefused, SignedIn, Visitor};
pub use respond::{PageError, PageResult, page, redirect};
pub use visit::Visit;

pub(crate) use app::identity::session_token;
pub(crate) use choices::{collect, week_start_word, week_starts, zones};
pub(crate) use cookies::Cookie;
pub(crate) use form::{Unsent, forged, is_same, person_of};
pub(crate) use frame::{chip, hue_of_member, name_of, open_workspaces, rfc3339, tag_names};
pub(crate) use refused::{Refused, field_of};
pub(crate) use respond::{SIGNED_IN, page_to_nobody, page_with};
pub(crate) use stale::{Overtaken, stale};

//! What handlers take from a request, with errors as problems.

mod caller;
mod etag;
mod json;
mod making;
mod origin;
mod paging;
mod query;
mod request_id;

pub use caller::Caller;
pub(crate) use caller::bearer;
pub use etag::{IfMatch, not_modified, versioned};
pub use json::JsonBody;
pub use making::{Made, Making};
pub use paging::{PageQuery, Paging};
pub use query::{Parameters, PathIds};
pub use request_id::RequestInfo;

pub(crate) use json::{broken, is_late, too_large};
pub(crate) use making::{LONGEST_KEY, typed_id};
pub(crate) use origin::{RequestOrigin, network_words, origin};
pub(crate) use request_id::of as request_info;

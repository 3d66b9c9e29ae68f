//! What a person is told by mail when their second factors change.

use domain::{ids::UserId, text::Name};

use super::Enrolled;
use crate::{
    DirectoryOp, Error,
    identity::{
        Origin,
        notice::{FactorChange, Happening, LockedOut, tell},
    },
};

pub(super) fn added(
    op: &mut DirectoryOp,
    user: UserId,
    name: &Name,
    origin: &Origin,
) -> Result<(), Error> {
    changed(op, user, FactorChange::AppAdded { name: name.as_str().to_owned() }, origin)
}

pub(super) fn removed(
    op: &mut DirectoryOp,
    user: UserId,
    name: &Name,
    left: Enrolled,
    origin: &Origin,
) -> Result<(), Error> {
    let name = name.as_str().to_owned();
    let (is_app_left, is_passkey_left) = (left.has_app(), left.passkeys > 0);
    changed(op, user, FactorChange::AppRemoved { name, is_app_left, is_passkey_left }, origin)
}

pub(super) fn changed(
    op: &mut DirectoryOp,
    user: UserId,
    change: FactorChange,
    origin: &Origin,
) -> Result<(), Error> {
    tell(op, user, &Happening::Changed(change), origin)
}

/// Too many wrong codes came after the first step: so whoever typed them has that one.
pub(super) fn locked(
    op: &mut DirectoryOp,
    user: UserId,
    locked: LockedOut,
    origin: &Origin,
) -> Result<(), Error> {
    tell(op, user, &Happening::LockedOut(locked), origin)
}

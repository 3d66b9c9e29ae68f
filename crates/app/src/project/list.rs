//! Look projects up.

use domain::ids::ProjectId;

use crate::{Error, Op, names::Project};

/// Projects the asking member may see and that are not in the trash, by the names of their clients
/// (those without one first) and their own; archived ones too.
///
/// Errors: [`Error::Store`].
pub fn list_projects(op: &mut Op) -> Result<Vec<Project>, Error> {
    let names = op.names()?;
    Ok(names.visible_projects(op).into_iter().cloned().collect())
}

/// A project the asking member may see and that is not in the trash.
///
/// Errors: [`Error::NotFound`].
pub fn get_project(op: &mut Op, id: ProjectId) -> Result<Project, Error> {
    let names = op.names()?;
    names.visible_project(op, id).cloned()
}

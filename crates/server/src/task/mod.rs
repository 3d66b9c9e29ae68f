//! Tasks of projects.

pub mod view;

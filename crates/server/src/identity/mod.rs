//! Signing in, setting up, joining, confirming a program.

pub mod view;

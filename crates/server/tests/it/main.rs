//! The server through its whole router, and as a process: stories, tables, the document that
//! describes the API, and hard tests.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::type_complexity,
    clippy::too_many_lines,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, prints its figures, and keeps its tables in one piece"
)]

mod account;
mod alike;
mod bad_input;
mod break_glass;
mod browser;
mod brute;
mod cases;
mod choices;
mod create;
mod disable;
mod document;
mod doors;
mod dst;
mod edit;
mod entry_pages;
mod enumeration;
mod examples;
mod faults;
mod fixation;
mod folder;
mod foreign_account;
mod foreign_forms;
mod foreign_pages;
mod foreign_time;
mod forged;
mod forms;
mod grant;
mod headers;
mod hostile;
mod in_force;
mod jar;
mod kept;
mod kill;
mod ledger;
mod line;
mod list;
mod live;
mod logs;
mod mail;
mod oidc;
mod open_policy;
mod operator;
mod ott;
mod page_input;
mod page_roles;
mod paging;
mod passkey;
mod plaintext;
mod policy;
mod problems;
mod process;
mod pw;
mod pw_rules;
mod quota;
mod race;
mod record;
mod remembered;
mod report;
mod restore;
mod role_fields;
mod role_pages;
mod roles;
mod said;
mod scopes;
mod second;
mod serving;
mod sign_in_policy;
mod slow;
mod statistics;
mod stopping;
mod support;
mod thing_history;
mod tls;
mod token;
mod tp;
mod tp_roles;
mod verify;
mod visit;
mod visitor;
mod witness;
mod workspaces;

//! Every statement of the program.

use store::Statement;

/// The statements of all features, for the tests that prepare each on both engines and look at the
/// plans of those that read large tables.
pub fn statements() -> Vec<Statement> {
    [
        crate::anomaly::statements(),
        crate::audit::statements(),
        crate::client::statements(),
        crate::export::statements(),
        crate::identity::statements(),
        crate::invitation::statements(),
        crate::jobs::statements(),
        crate::joining::statements(),
        crate::ledger::statements(),
        crate::member::statements(),
        crate::names::STATEMENTS.to_vec(),
        crate::op::statements(),
        crate::operator::statements(),
        crate::project::statements(),
        crate::provider::statements(),
        crate::record::statements(),
        crate::report::statements(),
        crate::role::statements(),
        crate::sign_in_policy::statements(),
        crate::support::statements(),
        crate::tag::statements(),
        crate::task::statements(),
        crate::team::statements(),
        crate::time_entry::statements(),
        crate::timer::statements(),
        crate::token::statements(),
        crate::workspace::statements(),
    ]
    .concat()
}

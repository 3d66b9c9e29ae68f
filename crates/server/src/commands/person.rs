//! `timeproof disable EMAIL` and `timeproof enable EMAIL`: whether somebody can sign in; `timeproof
//! renew-password EMAIL`: with another password.

use anyhow::{Context, bail};
use app::{
    App,
    identity::{Person, enable_person, find_person, password::flag_password},
};

use super::{counted, require_data, say, serve};
use crate::config::Config;

/// Keeps somebody out and ends what they have open, whether a server runs on this data or not.
///
/// Errors: an address nobody has; a database that cannot be opened.
pub fn disable(config: &Config, email: &str) -> anyhow::Result<()> {
    with_person(config, email, async |app, person| {
        let disabled = app.disable(app.new_request(), person.user).await;
        let disabled = disabled.context(
            "They cannot sign in any more, but some of their API tokens may still work. Give the \
             command again",
        )?;
        let sessions = counted(disabled.sessions, "session");
        let tokens = counted(disabled.tokens, "API token");
        say(&format!("Disabled: {email} ({sessions} and {tokens} ended)"));
        Ok(())
    })
}

/// Lets somebody in again.
///
/// Errors: as [`disable`].
pub fn enable(config: &Config, email: &str) -> anyhow::Result<()> {
    with_person(config, email, async |app, person| {
        let user = person.user;
        app.write_directory(app.new_request(), move |op| enable_person(op, user)).await?;
        say(&format!("Enabled: {email}. They sign in as before; their API tokens stay revoked."));
        Ok(())
    })
}

/// Has somebody choose another password at their next sign-in with the one they have.
///
/// Errors: as [`disable`].
pub fn renew_password(config: &Config, email: &str) -> anyhow::Result<()> {
    with_person(config, email, async |app, person| {
        let user = person.user;
        let has_one = app.write_directory(app.new_request(), move |op| flag_password(op, user));
        if has_one.await? {
            say(&format!("{email} chooses another password at the next sign-in with theirs."));
        } else {
            say(&format!("{email} has no password."));
        }
        Ok(())
    })
}

pub(super) fn with_person(
    config: &Config,
    email: &str,
    work: impl AsyncFnOnce(App, Person) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    serve::prepare(config)?;
    require_data(config)?;
    serve::block_on(async {
        let app = serve::open(config).await?;
        let person = find(&app, email).await?;
        work(app, person).await
    })
}

/// The person with an address, as an operator typed it.
///
/// Errors: a text that is no address; one that nobody has.
pub(super) async fn find(app: &App, email: &str) -> anyhow::Result<Person> {
    let Ok(address) = app::input::address("email", email) else {
        bail!("{email:?} is not an e-mail address.");
    };
    let found = app.read_directory(app.new_request(), move |op| find_person(op, &address)).await?;
    found.with_context(|| {
        format!(
            "Nobody has the address {email} here. Look whether --data (or --database-url) names the \
             right place, and how the address was written when the person was invited."
        )
    })
}

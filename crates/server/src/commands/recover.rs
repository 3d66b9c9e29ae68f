//! `timeproof recover EMAIL`: the way back of somebody who has lost every second factor.

use anyhow::bail;
use app::identity::get_enrolled;

use super::{person, say};
use crate::{config::Config, data_folder};

/// Announces that somebody's second factors are taken away a day from now, whether a server runs on
/// this data or not. The running server carries it out.
///
/// Errors: an address nobody has; a person without a second factor; a database that cannot be opened.
pub fn run(config: &Config, email: &str) -> anyhow::Result<()> {
    let base_url = data_folder::address(config)?;
    person::with_person(config, email, async |app, person| {
        let user = person.user;
        let enrolled = app.read_directory(app.new_request(), move |op| get_enrolled(op, user));
        if !enrolled.await?.has_any() {
            bail!(
                "{email} has no second factor: a code by mail signs them in. For when mail fails: \
                 timeproof link {email}"
            );
        }
        let reset = app.announce_factor_reset(app.new_request(), user, base_url).await?;
        let due_at = reset.due_at.strftime("%Y-%m-%d %H:%M UTC");
        if reset.is_new {
            say(&format!(
                "Announced: the second factors of {email} are removed at {due_at}, unless they or an \
                 owner of one of their workspaces stop it. All of them are told by mail now. The \
                 server has to run at that time; if it does not, it is done once it runs again."
            ));
        } else {
            say(&format!(
                "It was announced before: the second factors of {email} are removed at {due_at}."
            ));
        }
        Ok(())
    })
}

//! `timeproof link`: a fresh link to set up or to sign in with, for when mail fails.

use anyhow::bail;
use app::{
    App, Error,
    identity::{Purpose, WorkspaceState, create_link, letters::enter_link, list_workspaces},
};

use super::{person, require_data, run_book::reached, say, serve};
use crate::{config::Config, data_folder};

/// A set-up link works this long.
const SET_UP_LIFE_S: i64 = 86_400;

/// A sign-in link works this long: whoever reads it on the terminal is in.
const SIGN_IN_LIFE_S: i64 = 1_800;

/// Prints a link, whether a server runs on this data or not.
///
/// Errors: an address nobody has; a person who was disabled; no run-book that is open; a database that cannot be opened.
pub fn run(config: &Config, email: Option<&str>, new_workspace: bool) -> anyhow::Result<()> {
    serve::prepare(config)?;
    require_data(config)?;
    serve::block_on(async {
        let app = serve::open(config).await?;
        let base_url = data_folder::address(config)?;
        let line = match email {
            Some(email) => sign_in(&app, &base_url, email).await?,
            None if new_workspace => {
                format!("Set up: {}", set_up_link(&app, &base_url).await?)
            }
            None => match set_up(&app, &base_url).await? {
                Some(link) => format!("Set up: {link}"),
                None => bail!(
                    "There is a workspace already. Name the person who wants to sign in: timeproof \
                     link EMAIL. For one more workspace: timeproof link --new-workspace."
                ),
            },
        };
        say(&line);
        Ok(())
    })
}

/// A link to set up the first workspace with; none when there is one. Older ones stop working.
///
/// Errors: [`Error::Store`].
pub(super) async fn set_up(app: &App, base_url: &str) -> Result<Option<String>, Error> {
    let request = app.new_request();
    let known = app.read_directory(request, list_workspaces).await?;
    if known.iter().any(|(_, state)| *state == WorkspaceState::Ready) {
        return Ok(None);
    }
    set_up_link(app, base_url).await.map(Some)
}

/// A link to set a workspace up with, whether there are others or not. Older ones stop working.
async fn set_up_link(app: &App, base_url: &str) -> Result<String, Error> {
    let token = app
        .write_directory(app.new_request(), |op| create_link(op, Purpose::Setup, SET_UP_LIFE_S))
        .await?;
    Ok(enter_link(base_url, token.expose()))
}

async fn sign_in(app: &App, base_url: &str, email: &str) -> anyhow::Result<String> {
    let person = person::find(app, email).await?;
    if person.disabled_at.is_some() {
        bail!(
            "The person with the address {email} has been disabled and cannot sign in. To let them \
             in again: timeproof enable {email}"
        );
    }
    // Whoever has the link is that person, in every workspace of theirs.
    reached(app.reach_person(app.new_request(), person.user, "link").await, "")?;
    let token = app
        .write_directory(app.new_request(), move |op| {
            create_link(op, Purpose::Enter(person.user), SIGN_IN_LIFE_S)
        })
        .await?;
    Ok(format!("Sign in: {}", enter_link(base_url, token.expose())))
}

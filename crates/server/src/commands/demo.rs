//! `timeproof demo`: the server on realistic data, in a folder of its own.

use anyhow::{Context, bail};
use app::{
    App,
    identity::{Purpose, create_link, letters::enter_link},
};

use super::{say, serve};
use crate::{config::Config, demo};

/// The demo's sign-in link works this long.
const LINK_LIFE_S: i64 = 86_400;

/// Makes the demo at its first start, prints a fresh link and token, and serves.
///
/// Errors: as [`serve::run`]; data that is not the demo's.
pub fn run(mut config: Config) -> anyhow::Result<()> {
    config.data.get_or_insert_with(|| "demo-data".into());
    serve::prepare(&config)?;
    serve::block_on(async {
        let claim = serve::claim(&config)?;
        let app = serve::open(&config).await?;
        let seed = wire::demo::SEED;
        require_demo(&app, &config, seed).await?;
        let owner = demo::prepare(&app, seed).await.context("the demo's data")?;
        let link = app
            .write_directory(app.new_request(), move |op| {
                create_link(op, Purpose::Enter(owner.user), LINK_LIFE_S)
            })
            .await?;
        let token = demo::fresh_token(&app, owner, seed).await?;
        let base_url = config.base_url();
        let link = enter_link(&base_url, link.expose());
        let ready = || {
            say(&format!("Listening on {base_url}"));
            say(&format!("Sign in: {link}"));
            say(&format!("API token: {token}"));
        };
        serve::serve(config, app, claim, ready).await
    })
}

/// Refuses to bring invented people, and a link that anybody can ask for, among real ones.
async fn require_demo(app: &App, config: &Config, seed: u16) -> anyhow::Result<()> {
    if demo::is_alone(app, seed).await? {
        return Ok(());
    }
    if config.database_url.is_some() {
        bail!(
            "This PostgreSQL holds workspaces that are not the demo's. Give the demo a \
             --database-prefix and a folder (--data) of its own, or leave --database-url out. To \
             serve what is there, leave the word demo out."
        );
    }
    bail!(
        "The folder {} holds workspaces that are not the demo's. The demo lies in a folder of its \
         own: leave --data and TIMEPROOF_DATA out, or name an empty folder. To serve what is there, \
         leave the word demo out.",
        config.data().display()
    )
}

//! `timeproof demo`: the server on realistic data, in a folder of its own.

use anyhow::Context;
use app::identity::{Purpose, create_link, letters::enter_link};

use super::{say, serve};
use crate::{config::Config, demo};

/// The demo's sign-in link works this long.
const LINK_LIFE_S: i64 = 86_400;

/// Makes the demo at its first start, prints a fresh link and token, and serves.
///
/// Errors: as [`serve::run`].
pub fn run(mut config: Config) -> anyhow::Result<()> {
    config.data.get_or_insert_with(|| "demo-data".into());
    serve::prepare(&config)?;
    serve::runtime()?.block_on(async {
        let app = serve::open(&config).await?;
        let seed = wire::demo::SEED;
        let owner = demo::prepare(&app, seed).await.context("the demo's data")?;
        let link = app
            .write_directory(app.new_request(), move |op| {
                create_link(op, Purpose::Enter(owner), LINK_LIFE_S)
            })
            .await?;
        let token = demo::fresh_token(&app, seed).await?;
        let base_url = config.base_url();
        let link = enter_link(&base_url, link.expose());
        let ready = || {
            say(&format!("Listening on {base_url}"));
            say(&format!("Sign in: {link}"));
            say(&format!("API token: {token}"));
        };
        serve::serve(config, app, ready).await
    })
}

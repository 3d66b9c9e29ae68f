//! The page of API tokens.

use app::{
    Error, Op,
    actor::Scope,
    token::{CreateToken, list_tokens, revoke_token, was_revoked},
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use domain::ids::TokenId;

use super::{
    row::{Whose, row},
    view::TokensPage,
};
use crate::{
    page::{Place, Select},
    state::Server,
    web::{Flash, Frame, PageResult, Refused, SignedIn, Typed, page_with},
};

/// Lives to choose from, in days.
const LIVES: [(&str, &str); 4] = [
    ("7", "After a week"),
    ("30", "After 30 days"),
    ("90", "After 90 days"),
    ("365", "After a year"),
];

/// Routes of the page of tokens.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/tokens", get(list).post(make))
        .route("/w/{workspace}/tokens/{id}/revoke", post(revoke))
}

async fn list(State(server): State<Server>, member: SignedIn) -> PageResult {
    show(&server, &member, String::new(), None).await
}

/// Shows the page, with the secret of a token just made; what was refused stands in its form again.
async fn show(
    server: &Server,
    member: &SignedIn,
    secret: String,
    refused: Option<Refused>,
) -> PageResult {
    let (frame, mut page) = member.read(server, |op| Ok((Frame::read(op)?, body(op)?))).await?;
    let mut status = StatusCode::OK;
    if let Some(refused) = refused {
        status = refused.status;
        page.name = refused.field("name");
        page.networks = refused.field("networks");
        refused.choose(&mut page.scope, "scope");
        refused.choose(&mut page.expires, "expires_in_days");
    }
    let layout = frame.layout(server, member, Place::Tokens, "tokens", "API tokens").await?;
    Ok(page_with(status, &TokensPage { layout, secret, ..page }))
}

fn body(op: &mut Op) -> Result<TokensPage, Error> {
    let tokens = list_tokens(op)?;
    let scopes = [
        (Scope::Read.as_str(), "Read what I may read"),
        (Scope::Track.as_str(), "Read, and change my time"),
        (Scope::Full.as_str(), "Do all that I may"),
    ];
    Ok(TokensPage {
        tokens: tokens.into_iter().map(|token| row(op, token, Whose::Mine)).collect(),
        scope: Select::of(scopes, Scope::Track.as_str()),
        expires: Select::of(LIVES, "90"),
        ..TokensPage::default()
    })
}

/// Makes a token, and shows it this once: the answer to the form is the page itself.
async fn make(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let typed = form.clone();
    let made =
        server.app.make_token(member.actor, member.workspace, member.visit.origin(), move |_| {
            read(&typed)
        });
    match made.await {
        Ok(made) => show(&server, &member, made.secret.expose().clone(), None).await,
        Err(error) => {
            let refused = Refused::new(&member, form, error)?;
            show(&server, &member, String::new(), Some(refused)).await
        }
    }
}

fn read(form: &Typed) -> Result<CreateToken, Error> {
    Ok(CreateToken {
        id: None,
        name: app::input::name("name", form.get("name"))?,
        scope: app::input::choice("scope", form.get("scope"))?,
        expires_in_days: form.get("expires_in_days").parse().unwrap_or(0),
        networks: app::input::networks("networks", form.get("networks"))?,
        body: None,
    })
}

async fn revoke(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): Path<(String, String)>,
    _form: Typed,
) -> PageResult {
    let id: TokenId = member.id(&id)?;
    member
        .write(&server, move |op| match revoke_token(op, id) {
            // Another tab was faster: the same end.
            Err(Error::NotFound) if was_revoked(op, id, op.me().member)? => Ok(()),
            revoked => revoked,
        })
        .await?;
    Ok(member.back("tokens", Some(Flash::TokenRevoked)))
}

//! The page of somebody else's API tokens: for who may see and revoke them.

use app::{
    Error, Op,
    token::{get_token, list_tokens_of, revoke_token, was_revoked},
};
use axum::{
    Router,
    extract::{Path, State},
    routing::{get, post},
};
use domain::ids::{MemberId, TokenId};

use super::{
    row::{Whose, row},
    view::TokensOfPage,
};
use crate::{
    page::Place,
    state::Server,
    web::{Flash, Frame, PageResult, SignedIn, Typed, page, redirect},
};

/// Routes of the page.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/people/{member}/tokens", get(list))
        .route("/w/{workspace}/people/{member}/tokens/{id}/revoke", post(revoke))
}

async fn list(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id: MemberId = member.id(&id)?;
    let (frame, shown) =
        member.read(&server, move |op| Ok((Frame::read(op)?, body(op, id)?))).await?;
    let title = format!("API tokens of {}", shown.name);
    let layout = frame.layout(&server, &member, Place::People, "tokens-of", &title).await?;
    Ok(page(&TokensOfPage { layout, ..shown }))
}

fn body(op: &mut Op, of: MemberId) -> Result<TokensOfPage, Error> {
    let tokens = list_tokens_of(op, of)?;
    let names = op.names()?;
    let found = names.members.get(&of).ok_or(Error::NotFound)?;
    Ok(TokensOfPage {
        id: of.to_string(),
        name: found.name.clone(),
        tokens: tokens.into_iter().map(|token| row(op, token, Whose::Theirs)).collect(),
        ..TokensOfPage::default()
    })
}

async fn revoke(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, of, id)): Path<(String, String, String)>,
    form: Typed,
) -> PageResult {
    let (of, id): (MemberId, TokenId) = (member.id(&of)?, member.id(&id)?);
    let revoked = member.try_write(&server, move |op| match get_token(op, id) {
        Ok(token) if token.member == of => revoke_token(op, id),
        // Another tab was faster: the same end.
        Err(Error::NotFound) if was_revoked(op, id, of)? => Ok(()),
        Ok(_) => Err(Error::NotFound),
        Err(error) => Err(error),
    });
    match revoked.await {
        Ok(()) => {
            let back = format!("{}/people/{of}/tokens", member.root());
            Ok(redirect(&back, Some(Flash::TokenRevoked)))
        }
        Err(Error::NeedsProof) => Err(member.ask_for_proof(&form)),
        Err(error) => Err(member.fail(error)),
    }
}

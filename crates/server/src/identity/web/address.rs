//! The links of a change of address: the one that the new mailbox got carries it out in the session that
//! asked, and the one of the mailbox before stops it from anywhere. A GET uses up neither.

use app::{
    AddressChanged,
    identity::{Confirm, LookedAddress, look_at_address_link, look_at_stop},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
};

use super::{failed, link::not_valid};
use crate::{
    error::Failure,
    identity::view::ConfirmLinkPage,
    security::address::{TAKEN, confirmed},
    state::Server,
    web::{PageError, PageResult, SignedIn, Typed, Visitor, page, redirect},
};

/// What helps whose link to a new address does not work.
const CONFIRMS: &str = "The link to a new address works once, for ten minutes. Look under “My security” which \
                        address you have, and ask for the change again there.";

/// What helps whose link that stops a change does not.
const STOPS: &str = "The change was stopped already, or its three days are over. Sign in and look under “My \
                     security”; if somebody else has your account, ask who runs the server.";

/// Shows what the button does; mail scanners open links too.
pub(super) async fn show_new(
    State(server): State<Server>,
    member: SignedIn,
    Path(token): Path<String>,
) -> PageResult {
    let (session, looked) = (member.session, token.clone());
    let found = server
        .app
        .read_directory(member.actor.request, move |op| look_at_address_link(op, &session, &looked))
        .await
        .map_err(|error| member.fail(error))?;
    let new = match found {
        LookedAddress::Here(new) => new,
        LookedAddress::OtherBrowser => return Err(other_browser(&member)),
        LookedAddress::NotValid => return Err(not_valid(&member.visit, CONFIRMS)),
    };
    let heading = "Your new address";
    Ok(page(&ConfirmLinkPage {
        layout: member.visit.plain("confirm-address", heading),
        heading: heading.to_owned(),
        text: format!(
            "With this button you sign in with {} from now on. The address before is told, and can \
             take it back for three days.",
            new.as_str()
        ),
        action: format!("/confirm-address/{token}"),
        token,
        button: "Use this address".to_owned(),
    }))
}

pub(super) async fn use_new(
    State(server): State<Server>,
    member: SignedIn,
    Path(token): Path<String>,
    _form: Typed,
) -> PageResult {
    match confirmed(&server, &member, Confirm::Link(token)).await? {
        AddressChanged::Done => Ok(redirect("/security", None)),
        AddressChanged::OtherBrowser => Err(other_browser(&member)),
        AddressChanged::Wrong { .. } | AddressChanged::NotValid => {
            Err(not_valid(&member.visit, CONFIRMS))
        }
        AddressChanged::Taken => {
            Err(member.fail(Failure::new(StatusCode::CONFLICT, "address.held", TAKEN)))
        }
    }
}

fn other_browser(member: &SignedIn) -> PageError {
    let title = "Type the code on the page “My security” where you asked for it. The link in the mail \
                 only works in that browser; the code in the same mail does it there.";
    member.fail(Failure::new(StatusCode::CONFLICT, "link.other_browser", title))
}

/// Shows what the button does.
pub(super) async fn show_stop(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path(token): Path<String>,
) -> PageResult {
    let looked = token.clone();
    let found = server
        .app
        .read_directory(visit.info().id, move |op| look_at_stop(op, &looked))
        .await
        .map_err(|error| failed(&visit, error))?
        .ok_or_else(|| not_valid(&visit, STOPS))?;
    let (heading, button) = if found.is_changed {
        ("Put your address back", "Put it back and sign out everywhere")
    } else {
        ("Keep your address", "Keep it")
    };
    let address = found.address.as_str();
    let until = found.until.strftime("%Y-%m-%d %H:%M UTC");
    let text = if found.is_changed {
        format!(
            "With this button {address} signs in to its account as before. All browsers are signed out, \
             and a password, an authenticator app, a passkey, recovery codes, an account elsewhere or an \
             API token made since somebody asked for another address is removed. This works until {until}."
        )
    } else {
        format!(
            "With this button {address} stays the address of its account, and the change that somebody \
             asked for is withdrawn. Nothing else changes. This works until {until}."
        )
    };
    Ok(page(&ConfirmLinkPage {
        layout: visit.plain("stop-address", heading),
        heading: heading.to_owned(),
        text,
        action: format!("/stop-address/{token}"),
        token,
        button: button.to_owned(),
    }))
}

pub(super) async fn stop(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path(token): Path<String>,
    _form: Typed,
) -> PageResult {
    let origin = visit.origin().clone();
    match server.app.stop_address_change(visit.info().id, token, origin).await {
        Ok(()) => {}
        Err(app::Error::Refused(app::Refusal::LinkNotValid)) => {
            return Err(not_valid(&visit, STOPS));
        }
        Err(error) => return Err(failed(&visit, error)),
    }
    let heading = "Your address is as it was";
    // Whether it was taken back or withdrawn stands in the letter: the link is used up, and tells no more.
    Ok(page(&ConfirmLinkPage {
        layout: visit.plain("stop-address", heading),
        heading: heading.to_owned(),
        text: "If it was not you who asked for another address, somebody was signed in as you: sign in, sign \
               out everywhere else, and look through “My security” and your API tokens. A mail on its way \
               to you says what was removed."
            .to_owned(),
        ..ConfirmLinkPage::default()
    }))
}

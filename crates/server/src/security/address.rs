//! The address one signs in with: changed by a code that the new one gets.

use app::{
    AddressChanged, Error, Refusal,
    identity::{
        AddressState, AskAddress, AskedAddress, Confirm, ask_address_change, leave_address_change,
    },
};
use axum::{Router, extract::State, http::StatusCode, routing::post};
use jiff::Timestamp;

use super::web::{Shown, back, read};
use crate::{
    identity::web::network_of,
    page::Field,
    state::Server,
    wall::{self, Reader},
    web::{Flash, PageError, PageResult, SignedIn, Typed, collect},
};

/// The address one signs in with.
#[derive(Debug, Clone, Default)]
pub struct AddressSection {
    /// Below which the forms are.
    pub root: String,
    /// The address.
    pub email: String,
    /// Since when it is this one and until when that can be taken back; empty where it is so for long.
    pub remark: String,
    /// Field `email` of a new one.
    pub new: Field,
    /// The new one that waits for its code; empty where none does.
    pub waiting: String,
    /// Until when it waits: `today at 13:15`.
    pub until: String,
    /// Field `code`.
    pub code: Field,
    /// Where mail goes while developing; empty when it is sent.
    pub mail_note: String,
}

/// Routes of the section, in a workspace and outside of one.
pub(super) fn routes() -> Router<Server> {
    ["/w/{workspace}/security", "/security"].into_iter().fold(Router::new(), |routes, root| {
        routes
            .route(&format!("{root}/address"), post(ask))
            .route(&format!("{root}/address/code"), post(confirm))
            .route(&format!("{root}/address/leave"), post(leave))
    })
}

/// The section, in the words of the person's own days and clock.
pub(super) fn section(
    reader: &impl Reader,
    now: Timestamp,
    found: &AddressState,
    root: &str,
) -> AddressSection {
    let moment = |at| wall::moment(reader, now, at);
    let remark = match (found.changed_at, found.stop_until) {
        (Some(changed), Some(until)) => format!(
            "It is this one since {}. With the link in the mail that went to the one before, that can \
             be taken back until {}.",
            moment(changed),
            moment(until)
        ),
        _ => String::new(),
    };
    let waiting = found.waiting.as_ref();
    AddressSection {
        root: root.to_owned(),
        email: found.address.as_str().to_owned(),
        remark,
        waiting: waiting.map(|(new, _)| new.as_str().to_owned()).unwrap_or_default(),
        until: waiting.map(|(_, until)| moment(*until)).unwrap_or_default(),
        ..AddressSection::default()
    }
}

/// Mails a code to the new address.
async fn ask(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let mut wrong = Vec::new();
    let typed = app::input::address("email", form.get("email").trim());
    let Some(new) = collect(&mut wrong, typed) else {
        let sentence = wrong.first().map(|wrong| wrong.message.clone()).unwrap_or_default();
        return refuse_new(&server, &member, &form, sentence).await;
    };
    let network = network_of(&member.visit);
    let command = AskAddress { new, network, base_url: server.config.base_url() };
    let (session, origin) = (member.session, member.visit.origin().clone());
    let asked = server.app.write_directory(member.actor.request, move |op| {
        ask_address_change(op, &session, &command, &origin)
    });
    match asked.await {
        Ok(AskedAddress::Sent) => Ok(back(&member, None)),
        Ok(AskedAddress::TooOften) => {
            let mut shown = read(&server, &member).await?;
            shown.address_mut().new =
                Field::new(form.get("email")).with_error(Refusal::TooManyMails.sentence());
            Ok(shown.respond(StatusCode::TOO_MANY_REQUESTS))
        }
        Err(Error::NeedsProof) => Err(member.ask_for_proof(&form)),
        Err(Error::Invalid(fields)) => {
            let sentence = fields.0.first().map(|wrong| wrong.message.clone()).unwrap_or_default();
            refuse_new(&server, &member, &form, sentence).await
        }
        Err(error) => Err(member.fail(error)),
    }
}

/// The page again, with what is wrong with the new address.
async fn refuse_new(
    server: &Server,
    member: &SignedIn,
    form: &Typed,
    sentence: String,
) -> PageResult {
    let mut shown = read(server, member).await?;
    shown.address_mut().new = Field::new(form.get("email")).with_error(sentence);
    Ok(shown.respond(StatusCode::UNPROCESSABLE_ENTITY))
}

/// Tries the code.
async fn confirm(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let by = Confirm::Code(form.get("code").to_owned());
    let sentence = match confirmed(&server, &member, by).await? {
        AddressChanged::Done => return Ok(back(&member, Some(Flash::Saved))),
        AddressChanged::Wrong { left } => Refusal::CodeWrong { left }.sentence(),
        AddressChanged::OtherBrowser | AddressChanged::NotValid => Refusal::CodeNotValid.sentence(),
        AddressChanged::Taken => TAKEN.to_owned(),
    };
    let mut shown: Shown = read(&server, &member).await?;
    let address = shown.address_mut();
    if address.waiting.is_empty() {
        address.new = Field::default().with_error(sentence);
    } else {
        address.code = Field::new(form.get("code")).with_error(sentence);
    }
    Ok(shown.respond(StatusCode::UNPROCESSABLE_ENTITY))
}

/// For who has shown that the mailbox is theirs.
pub(crate) const TAKEN: &str =
    "Somebody else signs in with this address by now. Yours is as it was.";

/// Tries a code or a link of the new mailbox.
pub(crate) async fn confirmed(
    server: &Server,
    member: &SignedIn,
    by: Confirm,
) -> Result<AddressChanged, PageError> {
    let (session, origin) = (member.session, member.visit.origin().clone());
    let confirmed = server.app.confirm_address(member.actor.request, session, by, origin).await;
    confirmed.map_err(|error| member.fail(error))
}

async fn leave(State(server): State<Server>, member: SignedIn, _form: Typed) -> PageResult {
    let session = member.session;
    let left = server
        .app
        .write_directory(member.actor.request, move |op| leave_address_change(op, &session));
    left.await.map_err(|error| member.fail(error))?;
    Ok(back(&member, None))
}

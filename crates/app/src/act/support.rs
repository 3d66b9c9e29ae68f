//! Support access over two databases: the operator is known to the directory, what they ask for lies in
//! the workspace, and its owners are told by mail.
//!
//! They are told first: a letter about a request that then failed is better than a request that nobody
//! heard of. Cut short, the operator gives the command again.

use domain::{
    ids::{RequestId, SupportId, UserId, WorkspaceId},
    support::Areas,
    text::Name,
};
use jiff::Timestamp;
use vault::Secret;

use crate::{
    Actor, App, Credential, DirectoryOp, Error, Op, Refusal,
    identity::{Act, LetterKind, enqueue, get_address, hash_secret, letters::SupportNews},
    member::list_owners,
    support::{
        AskSupport, EnteredSupport, Operator, State, Support, ask_support, check_ask,
        check_confirm, confirm_support, end_as_operator, enter_support, expire_support,
        find_support, has_expired, make_link,
    },
};

/// A link to be printed.
pub struct SupportLink {
    /// The secret in it; the workspace's id goes before it.
    pub secret: Secret<String>,
    /// What it opens.
    pub support: Support,
}

/// A support session just opened; its secret is shown this once.
pub struct NewSupportSession {
    /// What was given.
    pub id: SupportId,
    /// For the cookie.
    pub secret: Secret<String>,
    /// What it reaches.
    pub areas: Areas,
    /// When it ends in any case.
    pub ends_at: Timestamp,
}

impl App {
    /// Asks for support access to a workspace, and tells its owners.
    ///
    /// Errors: as [`ask_support`]; [`Error::NotFound`] for a workspace without an owner.
    /// Audit: `support.told` in the directory for each owner, `support.asked` in the workspace.
    pub async fn ask_support(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        ask: AskSupport,
        base_url: &str,
    ) -> Result<Support, Error> {
        let news = SupportNews::Asked { without_owner: ask.without_owner };
        let actor = self.as_system(request, workspace).await?;
        // What is refused is refused before anybody is told of it.
        let asked = ask.clone();
        self.read(actor, workspace, move |op| check_ask(op, &asked)).await?;
        let text = (ask.operator.name.clone(), ask.reason.clone(), ask.ticket.clone());
        self.tell_owners(request, workspace, news, text, base_url).await?;
        self.write(actor, workspace, move |op| ask_support(op, &ask)).await
    }

    /// Confirms a request as the second operator, where no owner can be reached, and tells the owners.
    ///
    /// Errors: [`Error::NotFound`]; [`Refusal::SameOperator`]; [`Refusal::SupportDecided`].
    /// Audit: `support.told` in the directory, `support.confirmed` in the workspace.
    pub async fn confirm_support(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        id: SupportId,
        by: Operator,
        base_url: &str,
    ) -> Result<Support, Error> {
        let actor = self.as_system(request, workspace).await?;
        let who = by.id;
        self.read(actor, workspace, move |op| check_confirm(op, id, who)).await?;
        self.tell_of(request, workspace, id, SupportNews::Confirmed, base_url).await?;
        self.write(actor, workspace, move |op| confirm_support(op, id, &by)).await
    }

    /// Makes a link that opens support access once. Where no owner gave it, they are told first.
    ///
    /// Errors: as [`make_link`]. Audit: `support.link_made`; `support.told` in the directory.
    pub async fn make_support_link(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        id: SupportId,
        who: Operator,
        base_url: &str,
    ) -> Result<SupportLink, Error> {
        let actor = self.as_system(request, workspace).await?;
        let before = self.read(actor, workspace, move |op| find_support(op, id)).await?;
        let is_ready = before.state(self.clock().now()) == State::Ready;
        let is_told = is_ready && before.operator.id == who.id;
        if is_told {
            self.tell_of(request, workspace, id, SupportNews::Opened, base_url).await?;
        }
        let made = self.write(actor, workspace, move |op| make_link(op, id, &who, is_told)).await?;
        let (secret, support) = made;
        Ok(SupportLink { secret, support })
    }

    /// Uses the link of a workspace up: the session it opens is support's.
    ///
    /// Errors: [`Refusal::LinkNotValid`]. Audit: `support.opened`.
    pub async fn enter_support(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        secret: &str,
    ) -> Result<NewSupportSession, Error> {
        let link = hash_secret(secret).ok_or(Refusal::LinkNotValid)?;
        let not_valid = |error| match error {
            Error::NotFound => Refusal::LinkNotValid.into(),
            error => error,
        };
        let actor = self.as_system(request, workspace).await.map_err(not_valid)?;
        let entered = self.write(actor, workspace, move |op| enter_support(op, &link)).await?;
        let EnteredSupport { id, secret, areas, ends_at } = entered;
        Ok(NewSupportSession { id, secret, areas, ends_at })
    }

    /// Ends support access at the server; whether it was open.
    ///
    /// Errors: [`Error::NotFound`]. Audit: `support.ended`.
    pub async fn end_support(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        id: SupportId,
        who: Operator,
    ) -> Result<bool, Error> {
        let actor = self.as_system(request, workspace).await?;
        self.write(actor, workspace, move |op| end_as_operator(op, id, &who)).await
    }

    /// Writes down in a workspace that the time of support access is over, where nothing says so yet; how
    /// often.
    ///
    /// Errors: [`Error::NotFound`] for a workspace without an owner; [`Error::Store`].
    /// Audit: `support.ended`.
    pub async fn expire_support(&self, workspace: WorkspaceId) -> Result<usize, Error> {
        let actor = self.as_system(self.new_request(), workspace).await?;
        // Mostly there is none; then no disk is flushed.
        if !self.read(actor, workspace, has_expired).await? {
            return Ok(0);
        }
        self.write(actor, workspace, expire_support).await
    }

    async fn as_system(&self, request: RequestId, workspace: WorkspaceId) -> Result<Actor, Error> {
        let owner = self.find_first_owner(workspace).await?.ok_or(Error::NotFound)?;
        Ok(Actor::new(Credential::System(owner), request))
    }

    async fn tell_of(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        id: SupportId,
        news: SupportNews,
        base_url: &str,
    ) -> Result<(), Error> {
        let actor = self.as_system(request, workspace).await?;
        let asked = self.read(actor, workspace, move |op| find_support(op, id)).await?;
        let reason = crate::input::name("reason", &asked.reason)?;
        let ticket = crate::input::name("ticket", &asked.ticket)?;
        let text = (asked.operator.name, reason, ticket);
        self.tell_owners(request, workspace, news, text, base_url).await
    }

    async fn tell_owners(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        news: SupportNews,
        (operator, reason, ticket): (String, Name, Name),
        base_url: &str,
    ) -> Result<(), Error> {
        let actor = self.as_system(request, workspace).await?;
        let look = |op: &mut Op| Ok((op.names()?.workspace.clone(), list_owners(op)?));
        let (name, owners) = self.read(actor, workspace, look).await?;
        let page = format!("{}/w/{workspace}/support", base_url.trim_end_matches('/'));
        let told = Told { workspace, name, news, operator, reason, ticket, page };
        self.write_directory(request, move |op| tell(op, &told, &owners)).await
    }
}

/// What the owners are told.
struct Told {
    workspace: WorkspaceId,
    name: String,
    news: SupportNews,
    operator: String,
    reason: Name,
    ticket: Name,
    page: String,
}

fn tell(op: &mut DirectoryOp, told: &Told, owners: &[UserId]) -> Result<(), Error> {
    for owner in owners {
        let to = match get_address(op, *owner) {
            // Whom the directory does not know cannot be told.
            Err(Error::NotFound) => continue,
            to => to?,
        };
        let words =
            [told.name.as_str(), &told.operator, told.reason.as_str(), told.ticket.as_str()];
        let letter = told.news.letter(&to, words, &told.page)?;
        enqueue(op, LetterKind::SecurityNotice, &letter)?;
        let facts = [("workspace", told.workspace.uuid().into())];
        op.record_act(Act::SupportTold, Some(*owner), &facts)?;
    }
    Ok(())
}

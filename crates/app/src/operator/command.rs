//! What every command of the operator begins with that reaches a workspace: an open run-book, or what an
//! owner has given. It stands in the workspace's record and in the instance's log before the command does
//! anything: a line about a command that then failed is better than a command without a line.

use domain::{
    ids::{RequestId, SupportId, UserId, WorkspaceId},
    support::Area,
};

use super::{Operator, RunBook, find_run_book};
use crate::{
    Actor, App, Credential, DirectoryOp, Error, Op, Refusal,
    audit::{Event, Kind},
    identity::{Act, list_memberships},
    support::find_open_for,
};

/// By what a command reaches a workspace.
#[derive(Debug, Clone)]
struct Reach {
    command: &'static str,
    operator: Operator,
    reason: String,
    ticket: String,
    /// What an owner gave; none for a run-book.
    support: Option<SupportId>,
    run_book: Option<RunBook>,
}

impl Reach {
    fn event(&self, workspace: WorkspaceId) -> Event {
        Event::new(Kind::OperatorCommand, "workspace", workspace)
            .by_operator(self.operator.id)
            .fact("command", None::<i64>, self.command)
            .text("operator", None, Some(&self.operator.name))
            .text("reason", None, Some(&self.reason))
            .text("ticket", None, Some(&self.ticket))
            .fact("support", None::<i64>, self.support.map(SupportId::uuid))
            .fact("run_book", None::<i64>, self.run_book.as_ref().map(|book| book.id.uuid()))
    }
}

impl App {
    /// Lets a command of the operator reach a workspace, and records it there: while a run-book is open,
    /// or an owner has given this area to the operator who gives the command.
    ///
    /// Errors: [`Refusal::NoRunBook`]; [`Error::NotFound`] for a workspace without an owner.
    /// Audit: `operator.command`, in the directory and in the workspace.
    pub async fn reach_workspace(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        command: &'static str,
        given: Option<(Area, Operator)>,
    ) -> Result<(), Error> {
        let owner = self.find_first_owner(workspace).await?.ok_or(Error::NotFound)?;
        let actor = Actor::new(Credential::System(owner), request);
        if let Some(reach) = self.run_book(request, command).await? {
            self.tell_directory(request, &reach, Some(workspace)).await?;
            let record = move |op: &mut Op| op.record(reach.event(workspace));
            return self.write(actor, workspace, record).await;
        }
        let (area, who) = given.ok_or(Refusal::NoRunBook)?;
        let who = who.id;
        let find =
            move |op: &mut Op| find_open_for(op, area, who)?.ok_or(Refusal::NoRunBook.into());
        let support = self.read(actor, workspace, find).await?;
        let reach = Reach {
            command,
            operator: support.operator,
            reason: support.reason,
            ticket: support.ticket,
            support: Some(support.id),
            run_book: None,
        };
        self.tell_directory(request, &reach, Some(workspace)).await?;
        // It may have been ended meanwhile.
        let record = move |op: &mut Op| {
            find(op)?;
            op.record(reach.event(workspace))
        };
        self.write(actor, workspace, record).await
    }

    /// The same for a person, in every workspace of theirs.
    ///
    /// Errors: [`Refusal::NoRunBook`]. Audit: `operator.command`, in the directory and in each workspace.
    pub async fn reach_person(
        &self,
        request: RequestId,
        user: UserId,
        command: &'static str,
    ) -> Result<(), Error> {
        let reach = self.run_book(request, command).await?.ok_or(Refusal::NoRunBook)?;
        self.tell_directory(request, &reach, None).await?;
        let of = self.read_directory(request, move |op| list_memberships(op, user)).await?;
        for membership in of {
            let (workspace, reach) = (membership.workspace, reach.clone());
            let Some(owner) = self.find_first_owner(workspace).await? else { continue };
            let actor = Actor::new(Credential::System(owner), request);
            self.write(actor, workspace, move |op: &mut Op| op.record(reach.event(workspace)))
                .await?;
        }
        Ok(())
    }

    async fn run_book(
        &self,
        request: RequestId,
        command: &'static str,
    ) -> Result<Option<Reach>, Error> {
        let book = self.read_directory(request, find_run_book).await?;
        Ok(book.map(|book| Reach {
            command,
            operator: book.operator.clone(),
            reason: book.reason.clone(),
            ticket: book.ticket.clone(),
            support: None,
            run_book: Some(book),
        }))
    }

    async fn tell_directory(
        &self,
        request: RequestId,
        reach: &Reach,
        workspace: Option<WorkspaceId>,
    ) -> Result<(), Error> {
        let facts = [
            ("command", reach.command.into()),
            ("operator", reach.operator.id.uuid().into()),
            ("run_book", reach.run_book.as_ref().map(|book| book.id.uuid()).into()),
            ("support", reach.support.map(SupportId::uuid).into()),
            ("workspace", workspace.map(WorkspaceId::uuid).into()),
        ];
        self.write_directory(request, move |op: &mut DirectoryOp| {
            op.record_act(Act::OperatorCommand, None, &facts)
        })
        .await
    }
}

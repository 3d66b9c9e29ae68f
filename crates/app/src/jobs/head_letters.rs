//! Mail the heads of the ledger to the owners of each workspace, once a week: a head in a mailbox is one that
//! nobody changes who has the server.
//!
//! A workspace is noted when it is first seen, and its first letter comes a week later. Two nodes may run
//! it: the one that notes the letter sends it.

use std::collections::BTreeMap;

use domain::{
    ids::{UserId, WorkspaceId},
    text::Name,
};
use store::Statement;

use crate::{
    Actor, App, Credential, DirectoryOp, Error, Op,
    identity::{LetterKind, WorkspaceState, enqueue, get_address, letters, list_workspaces},
    ledger::{checkpoint, instance_checkpoint},
    member::list_owners,
};

/// How often.
const EVERY_US: i64 = 7 * 86_400 * 1_000_000;

/// What the owners of a workspace are told.
#[derive(Clone)]
struct News {
    workspace: WorkspaceId,
    name: Name,
    owners: Vec<UserId>,
    head: String,
}

impl App {
    /// Mails each workspace's newest head, and that of the instance, to its owners, where it is time; how
    /// many letters.
    ///
    /// A workspace that cannot be read keeps no other waiting; its error is the answer once all others are
    /// done.
    ///
    /// Errors: [`Error::Store`].
    pub async fn mail_heads(&self) -> Result<usize, Error> {
        let due = self.write_directory(self.new_request(), list_due).await?;
        let (mut count, mut outcome) = (0, Ok(()));
        for workspace in due {
            match self.mail_head(workspace).await {
                Ok(letters) => count += letters,
                // One without a head yet, or that is not there any more, has nothing to tell.
                Err(Error::NotFound) => {}
                Err(error) => {
                    tracing::error!(%workspace, %error, "the head of a ledger is not mailed");
                    outcome = Err(error);
                }
            }
        }
        outcome.map(|()| count)
    }

    async fn mail_head(&self, workspace: WorkspaceId) -> Result<usize, Error> {
        let was_open = self.store().is_open(workspace);
        let news = self.news_of(workspace).await;
        if !was_open {
            self.close(workspace).await?;
        }
        let news = news?;
        self.write_directory(self.new_request(), move |op| tell(op, &news)).await
    }

    async fn news_of(&self, workspace: WorkspaceId) -> Result<News, Error> {
        let owner = self.find_first_owner(workspace).await?.ok_or(Error::NotFound)?;
        let actor = Actor::new(Credential::System(owner), self.new_request());
        let look = move |op: &mut Op| {
            let name = crate::input::name("name", &op.names()?.workspace)?;
            Ok(News { workspace, name, owners: list_owners(op)?, head: checkpoint(op)? })
        };
        self.read(actor, workspace, look).await
    }
}

/// The workspaces whose owners have waited a week; those that are new begin to.
fn list_due(op: &mut DirectoryOp) -> Result<Vec<WorkspaceId>, Error> {
    let now = op.now_us();
    let mut sent = BTreeMap::new();
    for row in op.query(&LIST, &[])? {
        sent.insert(row.get::<WorkspaceId>(0)?, row.get::<i64>(1)?);
    }
    let mut due = Vec::new();
    for (workspace, state) in list_workspaces(op)? {
        match sent.get(&workspace) {
            _ if state != WorkspaceState::Ready => {}
            None => {
                op.execute(&BEGIN, &[workspace.into(), now.into()])?;
            }
            // One that was sent later than now was sent before the clock was set back.
            Some(at) if *at <= now - EVERY_US || *at > now => due.push(workspace),
            Some(_) => {}
        }
    }
    Ok(due)
}

/// Audit: none; nothing of anybody's changes.
fn tell(op: &mut DirectoryOp, news: &News) -> Result<usize, Error> {
    let now = op.now_us();
    let values = [news.workspace.into(), now.into(), (now - EVERY_US).into()];
    if op.execute(&NOTE, &values)? == 0 {
        return Ok(0);
    }
    let instance = match instance_checkpoint(op) {
        Err(Error::NotFound) => String::new(),
        head => head?,
    };
    let mut told = 0;
    for owner in &news.owners {
        let to = match get_address(op, *owner) {
            // Whom the directory does not know cannot be told.
            Err(Error::NotFound) => continue,
            to => to?,
        };
        let letter = letters::ledger_heads(&to, &news.name, &news.head, &instance)?;
        enqueue(op, LetterKind::SecurityNotice, &letter)?;
        told += 1;
    }
    Ok(told)
}

const LIST: Statement =
    Statement::new("head_letters.list", "SELECT workspace_id, sent_at FROM ledger_letters");

const BEGIN: Statement = Statement::new(
    "head_letters.begin",
    "INSERT INTO ledger_letters (workspace_id, sent_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
);

const NOTE: Statement = Statement::new(
    "head_letters.note",
    "UPDATE ledger_letters SET sent_at = $2
     WHERE workspace_id = $1 AND (sent_at <= $3 OR sent_at > $2)",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST, BEGIN, NOTE];

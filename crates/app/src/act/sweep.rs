//! Finish or undo acts that stopped between two databases.

use domain::ids::{MemberId, UserId, WorkspaceId};

use super::{
    by_rule::tell,
    invite::LetterOf,
    kind,
    set_up::{read_link, refuse_disabled, use_up},
};
use crate::{
    App, Error,
    identity::{
        Intention, add_membership,
        address::{READDRESS, TAKE_BACK},
        claim_due_intentions, delete_intention, end_printed_sessions, mark_workspace_ready,
        remove_membership,
    },
    invitation::is_open,
};

/// Intentions claimed at a time.
const BATCH: i64 = 50;

impl App {
    /// Looks at acts that began more than two minutes ago and never ended; how many it settled.
    ///
    /// Errors: [`Error::Store`], once all that can be settled is; what is left is settled by a later
    /// sweep.
    pub async fn sweep_intentions(&self) -> Result<usize, Error> {
        let request = self.new_request();
        let due = self.write_directory(request, |op| claim_due_intentions(op, BATCH)).await?;
        let mut settled = 0;
        let mut outcome = Ok(());
        for intention in due {
            let (id, kind) = (intention.id, &intention.kind);
            tracing::info!(intention = %id, kind, "settling an act");
            match self.settle(&intention).await {
                Ok(()) => settled += 1,
                // One act that cannot be settled must not keep the younger ones waiting.
                Err(error) => {
                    tracing::error!(intention = %id, kind, %error, "an act cannot be settled");
                    outcome = Err(error);
                }
            }
        }
        outcome.map(|()| settled)
    }

    async fn settle(&self, intention: &Intention) -> Result<(), Error> {
        match intention.kind.as_str() {
            kind::SET_UP => self.settle_set_up(intention).await,
            kind::INVITE => self.settle_invite(intention).await,
            kind::JOIN | kind::REMOVE => self.settle_membership(intention).await,
            kind::JOIN_RULE => self.settle_join_rule(intention).await,
            READDRESS => self.settle_readdress(intention).await,
            TAKE_BACK => self.settle_take_back(intention).await,
            other => Err(Error::bug(format!("an intention of kind {other:?}"))),
        }
    }

    /// A workspace that has its owner is opened to them, and its link used up as the act would have
    /// done; one that has no owner, or one who was disabled since, or whose link somebody else has used,
    /// is undone.
    async fn settle_set_up(&self, intention: &Intention) -> Result<(), Error> {
        let user = intention.user.ok_or_else(|| Error::bug("a set-up for nobody"))?;
        let [_, link] = super::fields(&intention.payload)?;
        let link = read_link(link)?;
        let (workspace, id) = (intention.workspace, intention.id);
        let request = self.new_request();
        let Some(member) = self.member_now(workspace, user).await? else {
            return self.undo_set_up(request, workspace, id).await;
        };
        let finished = self
            .write_directory(request, move |op| {
                link.map_or(Ok(()), |link| use_up(op, &link))?;
                refuse_disabled(op, user)?;
                mark_workspace_ready(op, workspace)?;
                add_membership(op, user, workspace, member)?;
                delete_intention(op, id)
            })
            .await;
        match finished {
            Err(Error::Refused(_) | Error::Invalid(_)) => {
                self.undo_set_up(request, workspace, id).await
            }
            finished => finished,
        }
    }

    /// An invitation that was written gets its mail.
    async fn settle_invite(&self, intention: &Intention) -> Result<(), Error> {
        let (letter, inviter, name) = LetterOf::read(&intention.payload)?;
        let id = intention.id;
        let hash = letter.token_hash;
        let looked = self
            .look_over_threshold(intention.workspace, move |threshold| is_open(threshold, &hash));
        let is_written = match looked.await {
            Err(Error::NotFound) => false,
            outcome => outcome?,
        };
        self.write_directory(self.new_request(), move |op| {
            if is_written {
                letter.enqueue(op, &inviter, &name)?;
            }
            delete_intention(op, id)
        })
        .await
    }

    /// Whether a person can open a workspace is what the workspace says.
    async fn settle_membership(&self, intention: &Intention) -> Result<(), Error> {
        let user: UserId = intention.user.ok_or_else(|| Error::bug("a membership of nobody"))?;
        let [text] = super::fields(&intention.payload)?;
        let _begun_as: MemberId = super::parse(text)?;
        let id = intention.id;
        self.settle_member(intention.workspace, user).await?;
        // Their address may have changed while they joined.
        self.settle_address(intention.workspace, user).await?;
        let tidings = self.tidings_now(intention.workspace, user).await?;
        let workspace = intention.workspace;
        self.write_directory(self.new_request(), move |op| {
            tidings.iter().try_for_each(|tidings| tell(op, workspace, tidings))?;
            delete_intention(op, id)
        })
        .await
    }

    /// At which domains people may join a workspace is what the workspace says.
    async fn settle_join_rule(&self, intention: &Intention) -> Result<(), Error> {
        let id = intention.id;
        self.settle_join_domains(intention.workspace).await?;
        self.write_directory(self.new_request(), move |op| delete_intention(op, id)).await
    }

    /// Which address a person has is what the directory says.
    async fn settle_readdress(&self, intention: &Intention) -> Result<(), Error> {
        let user = intention.user.ok_or_else(|| Error::bug("an address of nobody"))?;
        let id = intention.id;
        self.settle_address(intention.workspace, user).await?;
        self.write_directory(self.new_request(), move |op| delete_intention(op, id)).await
    }

    /// A change of address was taken back: what was made since goes here too.
    async fn settle_take_back(&self, intention: &Intention) -> Result<(), Error> {
        let user = intention.user.ok_or_else(|| Error::bug("an address of nobody"))?;
        let [since] = super::fields(&intention.payload)?;
        self.revoke_tokens_since(intention.workspace, user, super::parse(since)?).await?;
        self.settle_readdress(intention).await
    }

    /// Has the directory say what the workspace says of a person.
    pub(super) async fn settle_member(
        &self,
        workspace: WorkspaceId,
        user: UserId,
    ) -> Result<(), Error> {
        let mut member = self.member_now(workspace, user).await?;
        loop {
            self.passed("sweep.seen").await;
            self.write_directory(self.new_request(), move |op| match member {
                Some(member) => {
                    end_printed_sessions(op, user)?;
                    add_membership(op, user, workspace, member)
                }
                None => remove_membership(op, user, workspace),
            })
            .await?;
            // Somebody may have been removed, or have joined, between the look and the write. The
            // intention stays until both databases say the same.
            let now = self.member_now(workspace, user).await?;
            if now == member {
                return Ok(());
            }
            member = now;
        }
    }
}

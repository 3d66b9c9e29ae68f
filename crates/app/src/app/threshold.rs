//! The entry points of what is done in a workspace by nobody of it: letting somebody in, and what the program
//! itself writes there.

use domain::ids::WorkspaceId;

use super::App;
use crate::{Error, live::Change, op::Threshold, security::Happened};

impl App {
    /// Runs the act of letting somebody in, who is not a member yet and so has no [`Op`].
    pub(crate) async fn cross_threshold<T, F>(
        &self,
        workspace: WorkspaceId,
        act: F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Threshold) -> Result<T, Error> + Send + 'static,
    {
        let value = self.at_threshold(workspace, act).await?;
        self.inner.waiting.tell(workspace);
        self.inner.live.send(Change::Recorded { workspace });
        Ok(value)
    }

    /// As [`App::cross_threshold`], for what records nothing.
    pub(crate) async fn at_threshold<T, F>(
        &self,
        workspace: WorkspaceId,
        mut act: F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Threshold) -> Result<T, Error> + Send + 'static,
    {
        let database = self.workspace(workspace).await?;
        let mut tries = self.tries();
        let written = database
            .write(move |tx| {
                let (parts, draws) = tries.next_in(workspace, true);
                let mut threshold = Threshold::new(tx, parts, draws);
                let value = act(&mut threshold)?;
                threshold.finish()?;
                Ok::<_, Error>((value, tries.draws.take_happened()))
            })
            .await;
        let (value, happened) = self.tell_unknown(workspace, written)?;
        happened.iter().for_each(Happened::tell);
        Ok(value)
    }

    /// Looks at a workspace in the name of somebody who is not a member.
    pub(crate) async fn look_over_threshold<T, F>(
        &self,
        workspace: WorkspaceId,
        mut look: F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Threshold) -> Result<T, Error> + Send + 'static,
    {
        let database = self.workspace(workspace).await?;
        let mut tries = self.tries();
        database
            .read(move |tx| {
                let (parts, draws) = tries.next_in(workspace, false);
                look(&mut Threshold::new(tx, parts, draws))
            })
            .await
    }
}

//! What providers are called where somebody sees by which they are signed in: `Kitchen ID of The kitchen`.

use std::collections::{BTreeSet, HashMap};

use app::{identity::provider::Which, provider::Named};
use domain::ids::WorkspaceId;

use crate::{
    state::Server,
    web::{PageError, SignedIn},
};

/// What providers are called.
#[derive(Default)]
pub(super) struct ProviderNames {
    of_operator: HashMap<Which, String>,
    of_workspaces: HashMap<WorkspaceId, Named>,
}

impl ProviderNames {
    /// Reads what those of these workspaces and the operator's are called. A session that the provider of a workspace has opened hears nothing of
    /// other workspaces: it is not told where else its person belongs.
    pub(super) async fn read(
        server: &Server,
        member: &SignedIn,
        asked: impl IntoIterator<Item = WorkspaceId>,
    ) -> Result<Self, PageError> {
        let only = member.session.provider.and_then(|provider| provider.workspace);
        let is_told = |workspace: &WorkspaceId| only.is_none_or(|only| only == *workspace);
        let workspaces: BTreeSet<WorkspaceId> = asked.into_iter().filter(is_told).collect();
        let mut of_workspaces = HashMap::new();
        for workspace in workspaces {
            let named = server.app.name_providers(workspace).await;
            if let Some(named) = named.map_err(|error| member.fail(error))? {
                of_workspaces.insert(workspace, named);
            }
        }
        let of_operator = server
            .providers
            .of_operator()
            .map(|provider| (Which { id: provider.id, workspace: None }, provider.label.clone()));
        Ok(Self { of_operator: of_operator.collect(), of_workspaces })
    }

    /// One of them, such as `Kitchen ID of The kitchen`; none for one that was removed, or is not to be
    /// told of.
    pub(super) fn get(&self, which: Which) -> Option<String> {
        let Some(workspace) = which.workspace else {
            return self.of_operator.get(&which).cloned();
        };
        let Named { place, labels } = self.of_workspaces.get(&workspace)?;
        let (_, label) = labels.iter().find(|(id, _)| *id == which.id)?;
        Some(format!("{label} of {place}"))
    }

    /// The providers of a workspace and of the operator, with their labels.
    pub(super) fn offered(&self, workspace: WorkspaceId) -> Vec<(Which, String)> {
        let own = self.of_workspaces.get(&workspace).into_iter().flat_map(|named| &named.labels);
        let own =
            own.map(|(id, label)| (Which { id: *id, workspace: Some(workspace) }, label.clone()));
        let of_operator = self.of_operator.iter().map(|(which, label)| (*which, label.clone()));
        let mut of_operator: Vec<_> = of_operator.collect();
        of_operator.sort_by(|(_, one), (_, other)| one.cmp(other));
        own.chain(of_operator).collect()
    }
}

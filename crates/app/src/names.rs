//! Clients, projects, tasks, tags and members with their names opened, kept in memory per workspace.
//!
//! These tables are small and read by nearly every request, and their names can only be sorted and
//! completed once opened. The cache is keyed by a revision that every change of them raises in its
//! own transaction, so what an operation reads is what its transaction sees.

mod load;

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{
    ids::{ClientId, MemberId, ProjectId, RoleId, TagId, TaskId, TeamId, UserId, WorkspaceId},
    permission::{Assignment, Grants, Relation, Right, Role, Standing},
};
use jiff::Timestamp;
use lru::LruCache;
use vault::KeyId;

use crate::{Error, Op, audit::Subject};
pub(crate) use load::STATEMENTS;

/// Workspaces whose names are kept.
const MOST_WORKSPACES: usize = 1_000;

/// The small tables of a workspace, names opened, deleted rows included.
#[derive(Debug, Default)]
pub struct Names {
    /// The workspace's own name.
    pub workspace: String,
    /// Who pays.
    pub clients: HashMap<ClientId, Client>,
    /// What time is booked on.
    pub projects: HashMap<ProjectId, Project>,
    /// Parts of projects.
    pub tasks: HashMap<TaskId, Task>,
    /// Labels.
    pub tags: HashMap<TagId, Tag>,
    /// People, removed ones too.
    pub members: HashMap<MemberId, Member>,
    /// Roles of the workspace's own.
    pub roles: HashMap<RoleId, OwnRole>,
    /// Teams.
    pub teams: HashMap<TeamId, Team>,
}

/// A client.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// Its name.
    pub name: String,
    /// Since when it is archived.
    pub archived_at: Option<Timestamp>,
    /// Since when it is in the trash.
    pub deleted_at: Option<Timestamp>,
    /// Raised by every change.
    pub version: i64,
    pub(crate) sealed_rev: i64,
}

/// A project.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Who pays.
    pub client: Option<ClientId>,
    /// Its name.
    pub name: String,
    /// Its colour, 1 to 12.
    pub hue: i64,
    /// Whether new entries are billable.
    pub is_billable: bool,
    /// Whether everyone may book on it.
    pub is_open: bool,
    /// Since when it is archived.
    pub archived_at: Option<Timestamp>,
    /// Since when it is in the trash.
    pub deleted_at: Option<Timestamp>,
    /// Raised by every change.
    pub version: i64,
    /// Who is on it, and whether they manage it.
    pub members: HashMap<MemberId, bool>,
    /// Guests for its client.
    pub(crate) guests: Vec<MemberId>,
    pub(crate) sealed_rev: i64,
}

/// A task of a project.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Its project.
    pub project: ProjectId,
    /// Its name.
    pub name: String,
    /// Since when it is archived.
    pub archived_at: Option<Timestamp>,
    /// Since when it is in the trash.
    pub deleted_at: Option<Timestamp>,
    /// Raised by every change.
    pub version: i64,
    pub(crate) sealed_rev: i64,
}

/// A tag.
#[derive(Debug, Clone)]
pub struct Tag {
    /// Its id.
    pub id: TagId,
    /// Its name.
    pub name: String,
    /// Since when it is archived.
    pub archived_at: Option<Timestamp>,
    /// Since when it is in the trash.
    pub deleted_at: Option<Timestamp>,
    /// Raised by every change.
    pub version: i64,
    pub(crate) sealed_rev: i64,
}

/// A member, or one who was.
#[derive(Debug, Clone)]
pub struct Member {
    /// Their id.
    pub id: MemberId,
    /// The person.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub address: String,
    /// Their role.
    pub role: Role,
    /// Which of the workspace's own, if it is one.
    pub own_role: Option<RoleId>,
    /// Whose guest they are, if they are one.
    pub client: Option<ClientId>,
    /// When they joined.
    pub joined_at: Timestamp,
    /// When they were removed.
    pub removed_at: Option<Timestamp>,
    /// Raised by every change.
    pub version: i64,
    pub(crate) key: KeyId,
    pub(crate) sealed_rev: i64,
}

/// A role that the workspace has built itself.
#[derive(Debug, Clone)]
pub struct OwnRole {
    /// Its id.
    pub id: RoleId,
    /// Its name.
    pub name: String,
    /// What it is built of.
    pub grants: Grants,
    /// Since when it is deleted.
    pub deleted_at: Option<Timestamp>,
    /// Raised by every change.
    pub version: i64,
    pub(crate) sealed_rev: i64,
}

/// A team of members.
#[derive(Debug, Clone)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// Since when it is archived.
    pub archived_at: Option<Timestamp>,
    /// Raised by every change.
    pub version: i64,
    /// Who is in it, and whether they manage it.
    pub members: HashMap<MemberId, bool>,
    pub(crate) sealed_rev: i64,
}

impl Member {
    /// Their role, with what it needs.
    pub fn assignment(&self) -> Assignment {
        Assignment { role: self.role, own: self.own_role, client: self.client }
    }
}

impl Team {
    /// Whether a member manages it; nobody manages one that is archived.
    pub fn is_managed_by(&self, member: MemberId) -> bool {
        self.archived_at.is_none() && self.members.get(&member) == Some(&true)
    }
}

impl Project {
    /// How the project stands to a member.
    pub fn relation(&self, member: MemberId) -> Relation {
        if self.guests.contains(&member) {
            return Relation::ClientProject;
        }
        match self.members.get(&member) {
            Some(true) => Relation::ManagedProject,
            Some(false) => Relation::BookableProject,
            None if self.is_open => Relation::BookableProject,
            None => Relation::Other,
        }
    }

    /// Whether it can take new time.
    pub fn is_live(&self) -> bool {
        self.archived_at.is_none() && self.deleted_at.is_none()
    }
}

impl Names {
    /// A project that is not deleted and that the asking member may see.
    ///
    /// Errors: [`Error::NotFound`].
    pub fn visible_project(&self, op: &Op, id: ProjectId) -> Result<&Project, Error> {
        let me = op.me().member;
        self.projects
            .get(&id)
            .filter(|project| project.deleted_at.is_none())
            .filter(|project| op.may(Right::ReadProjects, project.relation(me)))
            .ok_or(Error::NotFound)
    }

    /// Projects the asking member may see, not deleted: archived ones last, by client name and name.
    pub fn visible_projects(&self, op: &Op) -> Vec<&Project> {
        let me = op.me().member;
        let mut projects: Vec<_> = self
            .projects
            .values()
            .filter(|project| project.deleted_at.is_none())
            .filter(|project| op.may(Right::ReadProjects, project.relation(me)))
            .collect();
        projects.sort_by_cached_key(|project| {
            let client = project.client.and_then(|id| self.clients.get(&id));
            let is_archived = project.archived_at.is_some();
            (is_archived, client.map(|client| fold(&client.name)), fold(&project.name), project.id)
        });
        projects
    }

    /// `Client · Project`, or the project's name alone.
    pub fn project_label(&self, project: &Project) -> String {
        match project.client.and_then(|id| self.clients.get(&id)) {
            Some(client) => format!("{} · {}", client.name, project.name),
            None => project.name.clone(),
        }
    }

    /// How a member stands to another one.
    pub fn relation_of_members(&self, asking: MemberId, member: MemberId) -> Relation {
        if asking == member {
            return Relation::Own;
        }
        let leads = |team: &Team| team.is_managed_by(asking) && team.members.contains_key(&member);
        if self.teams.values().any(leads) { Relation::ManagedMember } else { Relation::Other }
    }

    /// What a role lets its holder do; a role of the workspace's own that is not there, nothing.
    pub fn standing(&self, given: Assignment) -> Standing {
        let grants = given.own.and_then(|id| self.roles.get(&id)).map(|role| role.grants);
        Standing::new(given.role, grants.unwrap_or_default())
    }

    /// A role in a word or by its name: `Admin`, `Bookkeeper`.
    pub fn role_name(&self, given: Assignment) -> String {
        let own = given.own.and_then(|id| self.roles.get(&id));
        own.map_or_else(|| given.role.title().to_owned(), |role| role.name.clone())
    }

    /// The member and key that events about a member's things are sealed for.
    pub(crate) fn subject(&self, member: MemberId) -> Result<Subject, Error> {
        let member = self.members.get(&member).ok_or(Error::NotFound)?;
        Ok(Subject { member: member.id, key: member.key })
    }
}

/// How names are ordered and compared for people.
pub(crate) fn fold(name: &str) -> String {
    domain::text::fold(name)
}

/// Names of recently used workspaces.
pub(crate) struct NamesCache {
    recent: Mutex<LruCache<WorkspaceId, (i64, Arc<Names>)>>,
}

impl Default for NamesCache {
    fn default() -> Self {
        let most = NonZeroUsize::new(MOST_WORKSPACES).unwrap_or(NonZeroUsize::MIN);
        Self { recent: Mutex::new(LruCache::new(most)) }
    }
}

impl NamesCache {
    pub(crate) fn find(&self, workspace: WorkspaceId, revision: i64) -> Option<Arc<Names>> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let (found, names) = recent.get(&workspace)?;
        (*found == revision).then(|| Arc::clone(names))
    }

    pub(crate) fn put(&self, workspace: WorkspaceId, revision: i64, names: Arc<Names>) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.put(workspace, (revision, names));
    }
}

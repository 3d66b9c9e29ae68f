//! What was last known of the workspace: who I am, its settings, its names, the timer, the newest
//! entries. With it a line can be read without a connection.
//!
//! It may be old, and nothing depends on it being new: whatever it says is asked again when an entry
//! is sent.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use domain::day::{Zone, local_day};
use domain::duration::BareNumber;
use domain::period::WeekStart;
use domain::permission::{Relation, Right, Role, allowed};
use wire::client::Client;
use wire::member::Me;
use wire::project::Project;
use wire::tag::Tag;
use wire::task::Task;
use wire::time_entry::TimeEntry;
use wire::workspace::Workspace;

use crate::api::{Api, CallError};
use crate::config::Credentials;
use crate::failure::Failure;
use crate::files;

/// Names older than this are asked for again.
const NAMES_LAST_S: i64 = 600;

/// How many entries are kept.
const MOST_RECENT: usize = 50;

/// What was last known.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cache {
    pub(crate) workspace: Workspace,
    pub(crate) me: Me,
    /// The timer as the server last told.
    pub(crate) timer: Option<TimeEntry>,
    /// When `workspace`, `me` and `timer` were told.
    pub(crate) asked_at: Timestamp,
    /// How far the server's clock was ahead of this machine's at the last contact.
    #[serde(default)]
    pub(crate) ahead_ms: i64,
    #[serde(default)]
    pub(crate) names: Names,
    /// The newest entries seen, newest first.
    #[serde(default)]
    pub(crate) recent: Vec<TimeEntry>,
}

/// What things are called.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Names {
    pub(crate) asked_at: Option<Timestamp>,
    pub(crate) clients: Vec<Client>,
    pub(crate) projects: Vec<Project>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) tags: Vec<Tag>,
}

impl Cache {
    /// What was known of this server with this token; a file that cannot be read is not there.
    pub(crate) fn load(folder: &Path, credentials: &Credentials) -> Result<Option<Self>, Failure> {
        let text = files::read(&folder.join(name(credentials)))?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    pub(crate) fn save(&self, folder: &Path, credentials: &Credentials) -> Result<(), Failure> {
        let text = serde_json::to_string(self).map_err(anyhow::Error::from)?;
        Ok(files::write_shared(folder, &name(credentials), text.as_bytes())?)
    }

    /// Where it lies.
    pub(crate) fn path(folder: &Path, credentials: &Credentials) -> PathBuf {
        folder.join(name(credentials))
    }

    /// Asks for everything that is told at each contact.
    pub(crate) fn ask(
        api: &Api<'_>,
        wanted: Option<Uuid>,
        before: Option<Self>,
        now: Timestamp,
    ) -> Result<Self, CallError> {
        let mut workspaces = api.workspaces()?;
        let place = workspaces
            .iter()
            .position(|workspace| wanted.is_none_or(|wanted| workspace.id == wanted));
        let Some(place) = place else {
            return Err(CallError::SignedOut);
        };
        let workspace = workspaces.swap_remove(place);
        let me = api.me(workspace.id)?;
        let timer = api.timer(workspace.id)?;
        let ahead_ms = before.as_ref().map_or(0, |before| before.ahead_ms);
        let same = before.filter(|before| before.me.id == me.id);
        let (names, recent) = same.map(|same| (same.names, same.recent)).unwrap_or_default();
        let mut cache = Self { workspace, me, timer, asked_at: now, ahead_ms, names, recent };
        let age_s = cache.names.asked_at.map(|at| now.as_second() - at.as_second());
        if age_s.is_none_or(|age_s| !(0..=NAMES_LAST_S).contains(&age_s)) {
            cache.ask_names(api, now)?;
        }
        Ok(cache)
    }

    /// Asks for the names.
    pub(crate) fn ask_names(&mut self, api: &Api<'_>, now: Timestamp) -> Result<(), CallError> {
        let workspace = self.workspace.id;
        self.names = Names {
            clients: api.clients(workspace)?,
            projects: api.projects(workspace)?,
            tasks: api.tasks(workspace)?,
            tags: api.tags(workspace)?,
            asked_at: Some(now),
        };
        Ok(())
    }

    /// Why the path of a line means nothing, and who can change that. A role that is not known here
    /// may least.
    pub(crate) fn why_unknown(&self, path: &[String]) -> String {
        let role = self.me.role.parse().unwrap_or(Role::Member);
        let way = if allowed(role, Right::ManageProjects, Relation::Workspace) {
            "--create-project makes it."
        } else {
            "An admin can make it."
        };
        self.names.why_unknown(path, Some(way))
    }

    /// Keeps an entry that the server has told.
    pub(crate) fn remember(&mut self, entry: &TimeEntry) {
        self.recent.retain(|known| known.id != entry.id);
        self.recent.push(entry.clone());
        self.recent.sort_by_key(|known| {
            let start = known.started_at.unwrap_or(known.created_at);
            std::cmp::Reverse((known.day, start, known.id))
        });
        self.recent.truncate(MOST_RECENT);
        if entry.running {
            self.timer = Some(entry.clone());
        } else if self.timer.as_ref().is_some_and(|timer| timer.id == entry.id) {
            self.timer = None;
        }
    }

    /// The member's zone. An unknown one, of a server newer than this program, counts as UTC.
    pub(crate) fn zone(&self) -> Zone {
        Zone::parse(&self.me.zone).unwrap_or(Zone::UTC)
    }

    /// Today in the member's zone.
    pub(crate) fn today(&self, now: Timestamp) -> jiff::civil::Date {
        local_day(now, &self.zone())
    }

    pub(crate) fn bare_number(&self) -> BareNumber {
        self.workspace.bare_number.parse().unwrap_or(BareNumber::Minutes)
    }

    pub(crate) fn week_start(&self) -> WeekStart {
        self.me.week_start.parse().unwrap_or(WeekStart::Monday)
    }
}

/// One file for each server and token. Neither can be read from its name, and a collision only
/// means that the server is asked again: FNV-1a is a name here, not a seal.
fn name(credentials: &Credentials) -> String {
    let text = format!("{}\n{}", credentials.url, credentials.token);
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("known-{hash:016x}.json")
}

//! The frame of a signed-in page, read with the page's own data in one consistent state.

use app::{
    Actor, DirectoryOp, Error, Names, Op,
    actor::{Came, CameBy, Via},
    identity::{list_memberships, may_join_somewhere},
    time_entry::TimeEntry,
    timer::running_entry,
};
use domain::{
    duration::format_clock,
    ids::{TimeEntryId, WorkspaceId},
    permission::{Relation, Right},
    sign_in_policy::{Unmet, Way, Ways},
};
use jiff::Timestamp;

use super::{PageError, SignedIn};
use crate::{
    page::{
        Chip, Field, Layout, Me, Notice, Place, Shown, Tone, WorkspaceLink, initials, navigation,
    },
    state::Server,
    support::{self, view::SupportBar},
    time_entry::{listing::may_see_others, present::other_zone},
    timer::view::{Running, TimerBar},
    wall,
};

/// What the frame needs, read inside an operation.
#[derive(Debug, Clone)]
pub struct Frame {
    workspace: String,
    me: Me,
    shown: Shown,
    sees_history: bool,
    has_history: bool,
    timer: TimerBar,
    notices: Vec<Notice>,
    support: Vec<SupportBar>,
    /// Whether the page is told of changes: not at the door, where the stream is refused.
    hears: bool,
}

/// Who is shown at the foot of the page; support is no member, and has the name of what it is.
fn me(op: &Op, names: &Names) -> Result<Me, Error> {
    let id = op.me().member;
    let name = match op.me().via {
        Via::Support(..) => "Support".to_owned(),
        _ => names.members.get(&id).ok_or(Error::NotFound)?.name.clone(),
    };
    Ok(Me { initials: initials(&name), hue: hue_of_member(id.uuid()), name })
}

/// Where one can go. At the door, which one sees for one's own account alone, every other page refuses.
fn shown(op: &Op, names: &Names) -> Shown {
    if op.missing().is_some() {
        return Shown { security: true, ..Shown::default() };
    }
    let is_support = matches!(op.me().via, Via::Support(..));
    Shown {
        clients: op.may(Right::ManageClients, Relation::Workspace),
        settings: op.may(Right::ReadSettings, Relation::Workspace),
        time: may_see_others(op, names),
        sign_in: op.may(Right::ManageSignIn, Relation::Workspace),
        today: op.may(Right::TrackTime, Relation::Own),
        projects: op.may(Right::ReadProjects, Relation::BookableProject),
        tags: op.may(Right::ReadTags, Relation::Workspace),
        teams: op.may(Right::ReadTeams, Relation::Workspace),
        roles: op.may(Right::ReadRoles, Relation::Workspace),
        record: op.may(Right::ReadRecord, Relation::Workspace),
        reports: op.may_somewhere(Right::ReadReports),
        people: !is_support || op.may(Right::ReadMembers, Relation::Workspace),
        account: !is_support,
        security: !is_support,
    }
}

/// A timer that has run so long may have been forgotten.
const LONG_S: i64 = 12 * 3600;

impl Frame {
    /// Reads it.
    ///
    /// Errors: [`Error::Store`].
    pub fn read(op: &mut Op) -> Result<Self, Error> {
        let names = op.names()?;
        let support = support::bars(op)?;
        let me = me(op, &names)?;
        let shown = shown(op, &names);
        let running = if op.missing().is_none() { running_entry(op)? } else { None };
        let running = running.map(|entry| running_view(op, &names, &entry));
        let new_id = op.new_id::<TimeEntryId>().to_string();
        let timer = TimerBar { new_id, running, is_hidden: !shown.today, ..TimerBar::default() };
        let ways = op.settings().ways();
        let notices = op.missing().map(|missing| at_the_door(missing, ways)).into_iter().collect();
        let sees_history = op.may(Right::ReadHistory, Relation::Workspace);
        let has_history = op.may_somewhere(Right::ReadHistory);
        let workspace = names.workspace.clone();
        let hears = op.missing().is_none();
        Ok(Self { workspace, me, shown, sees_history, has_history, timer, notices, support, hears })
    }

    /// With a sentence above the page.
    #[must_use]
    pub fn with_notice(mut self, notice: Option<Notice>) -> Self {
        self.notices.extend(notice);
        self
    }

    /// With the end that was refused.
    #[must_use]
    pub fn with_end(mut self, typed: &str, error: String) -> Self {
        if let Some(running) = &mut self.timer.running {
            running.end = Field::new(typed).with_error(error);
        }
        self
    }

    /// With the line that was refused, and what is wrong with it.
    #[must_use]
    pub fn with_line(mut self, typed: &str, error: String, offer: String) -> Self {
        self.timer.line = Field::new(typed).with_error(error);
        self.timer.offer = offer;
        self
    }

    /// With the start that was refused.
    #[must_use]
    pub fn with_start(mut self, typed: &str, error: String) -> Self {
        if let Some(running) = &mut self.timer.running {
            running.start = Field::new(typed).with_error(error);
            running.is_open = true;
        }
        self
    }

    /// Puts the frame around a page.
    ///
    /// Errors: a page that says what went wrong.
    pub async fn layout(
        self,
        server: &Server,
        member: &SignedIn,
        place: Place,
        page: &'static str,
        title: &str,
    ) -> Result<Layout, PageError> {
        let root = member.root();
        let visit = &member.visit;
        let places = places_of(server, member).await.map_err(|error| member.fail(error))?;
        let navigation = navigation(&root, place, self.shown);
        let first = navigation.first().and_then(|group| group.entries.first());
        let home = match first {
            Some(first) if !self.shown.account => first.href.clone(),
            _ => format!("{root}/today"),
        };
        let workspaces = links(server, member, places.own, &self.workspace).await;
        Ok(Layout {
            title: title.to_owned(),
            page,
            assets: crate::assets::folder(),
            nonce: visit.nonce().to_owned(),
            csrf: visit.csrf().to_owned(),
            now: rfc3339(visit.now()),
            live_url: if self.hears { format!("{root}/live") } else { String::new() },
            workspaces,
            can_join: places.can_join,
            workspace: self.workspace,
            sees_history: self.sees_history,
            has_history: self.has_history,
            sees_record: self.shown.record,
            navigation,
            home,
            me: self.me,
            notices: self.notices,
            support: bars_on(place, self.support),
            has_account: self.shown.security,
            toast: visit.flash().map(|flash| flash.toast(&root)),
            timer: self.timer,
            root,
        })
    }
}

/// What stands above a page of support: on its own page nothing leads there.
fn bars_on(place: Place, bars: Vec<SupportBar>) -> Vec<SupportBar> {
    if place != Place::Support {
        return bars;
    }
    bars.into_iter().map(|bar| SupportBar { more_url: String::new(), ..bar }).collect()
}

/// What stands above the one page that somebody sees whom the sign-in policy keeps out.
fn at_the_door(missing: Unmet, ways: Ways) -> Notice {
    let how = match missing {
        Unmet::Network
        | Unmet::PasswordForbidden
        | Unmet::PasskeyForbidden
        | Unmet::ProviderForbidden
        | Unmet::OtherProvider => "Sign in another way.",
        Unmet::MailForbidden => match (ways.allows(Way::Passwords), ways.allows(Way::Passkeys)) {
            (true, true) => {
                "Choose a password here or add a passkey, then sign out and in with it."
            }
            (true, false) => "Choose a password here, then sign out and in with it.",
            (false, true) => "Add a passkey here, then sign out and in with it.",
            (false, false) => "Sign in with your provider.",
        },
        Unmet::Remembered | Unmet::TooOld => "Sign out, and in again.",
        Unmet::SecondFactor | Unmet::StrongSecondFactor => {
            "Set up an authenticator app here, or add a passkey or show one: then you are in."
        }
    };
    let sentence = app::unmet_sentence(missing);
    let text = format!("This workspace keeps you out for now: {sentence} {how}");
    Notice { tone: Tone::Warn, text }
}

/// A member's colour: the same everywhere, from their id.
pub(crate) fn hue_of_member(id: uuid::Uuid) -> u8 {
    let [.., last] = id.into_bytes();
    last % 12 + 1
}

/// An instant as scripts read it.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    at.to_string()
}

/// What an entry is booked on, as a chip: client, project and task.
pub(crate) fn chip(names: &Names, entry: &TimeEntry) -> Option<Chip> {
    let project = names.projects.get(&entry.project?)?;
    let label = names.project_label(project);
    let task = entry.task.and_then(|task| names.tasks.get(&task));
    let label = match task {
        Some(task) => format!("{label} · {}", task.name),
        None => label,
    };
    Some(Chip::new(label, u8::try_from(project.hue).unwrap_or(12)))
}

/// The names of an entry's tags, in alphabetical order.
pub(crate) fn tag_names(names: &Names, entry: &TimeEntry) -> Vec<String> {
    let mut tags: Vec<_> = entry
        .tags
        .iter()
        .filter_map(|tag| names.tags.get(tag))
        .map(|tag| tag.name.clone())
        .collect();
    tags.sort();
    tags
}

fn running_view(op: &Op, names: &Names, entry: &TimeEntry) -> Running {
    let start = entry.start().unwrap_or(op.now());
    Running {
        id: entry.id.to_string(),
        note: entry.note.clone(),
        tags: tag_names(names, entry),
        project: chip(names, entry),
        started_at: rfc3339(start),
        since: wall::time(op.me(), &entry.zone, start),
        elapsed: format_clock(entry.seconds(op.now())),
        start: Field::new(wall::input(&entry.zone, start)),
        zone: other_zone(op, &entry.zone),
        is_open: false,
        is_long: long_words(entry.seconds(op.now())),
        end: Field::default(),
    }
}

/// What is said of a timer that may have been forgotten.
fn long_words(seconds: i64) -> String {
    if seconds < LONG_S {
        return String::new();
    }
    let (hours, days) = (seconds / 3600, seconds / 86_400);
    if days < 3 {
        format!("This timer has been running for {hours} hours.")
    } else {
        format!("This timer has been running for {days} days.")
    }
}

/// The workspaces this person can switch to; nothing to read when there is only this one.
async fn links(
    server: &Server,
    member: &SignedIn,
    own: Vec<WorkspaceId>,
    current: &str,
) -> Vec<WorkspaceLink> {
    let mut links = Vec::new();
    for workspace in own {
        let is_current = workspace == member.workspace;
        let name = if is_current {
            Some(current.to_owned())
        } else {
            name_if_open(server, member, workspace).await
        };
        let href = format!("/w/{workspace}/today");
        links.extend(name.map(|name| WorkspaceLink { name, href, is_current }));
    }
    links
}

/// The workspaces that a person belongs to, with the names of those that can be opened now.
pub(crate) async fn open_workspaces(
    server: &Server,
    member: &SignedIn,
) -> Result<Vec<(WorkspaceId, String)>, Error> {
    let mut open = Vec::new();
    for workspace in places_of(server, member).await?.own {
        let name = name_if_open(server, member, workspace).await;
        open.extend(name.map(|name| (workspace, name)));
    }
    Ok(open)
}

/// Where somebody can go, as far as the directory knows.
struct Places {
    /// Where they belong.
    own: Vec<WorkspaceId>,
    /// Whether there are others that they may join by themselves.
    can_join: bool,
}

async fn places_of(server: &Server, member: &SignedIn) -> Result<Places, Error> {
    if member.support.is_some() {
        return Ok(Places { own: Vec::new(), can_join: false });
    }
    let session = member.session;
    let look = move |op: &mut DirectoryOp| {
        Ok((list_memberships(op, session.user)?, may_join_somewhere(op, &session)?))
    };
    let (own, can_join) = server.app.read_directory(member.actor.request, look).await?;
    let opens = |workspace: &WorkspaceId| match member.actor.came.provider {
        // To the provider of a workspace the others are nobody's business.
        Some(CameBy::Workspace(of, _)) => of == *workspace,
        _ => true,
    };
    let own = own.into_iter().map(|membership| membership.workspace).filter(opens).collect();
    Ok(Places { own, can_join })
}

/// One that cannot be opened now is not offered, and keeps nobody from the others.
async fn name_if_open(
    server: &Server,
    member: &SignedIn,
    workspace: WorkspaceId,
) -> Option<String> {
    match name_of(server, member, workspace).await {
        Ok(name) => Some(name),
        Err(Error::NotFound) => None,
        Err(Error::KeptOut(_)) => Some(name_at_the_door(server, member, workspace).await),
        Err(error) => {
            let request_id = member.actor.request;
            tracing::error!(%request_id, %workspace, %error, "a workspace cannot be opened");
            None
        }
    }
}

/// The name of a workspace whose sign-in policy keeps them out: its door says what is missing.
async fn name_at_the_door(server: &Server, member: &SignedIn, workspace: WorkspaceId) -> String {
    let came = Came { stays_at_door: true, ..member.actor.came };
    let actor = Actor { came, ..member.actor };
    let name = server.app.read(actor, workspace, |op| Ok(op.names()?.workspace.clone())).await;
    name.unwrap_or_else(|_| "A workspace that keeps you out".to_owned())
}

/// The name of a workspace that the member can open.
pub(crate) async fn name_of(
    server: &Server,
    member: &SignedIn,
    workspace: WorkspaceId,
) -> Result<String, Error> {
    server.app.read(member.actor, workspace, |op| Ok(op.names()?.workspace.clone())).await
}

//! A world whose acts can be stopped at a step, or have something happen meanwhile.

use std::sync::{Arc, Mutex};

use app::{
    Actor, App, Credential, DirectoryOp, Error, Invite, JoinWorkspace, SetUpWorkspace,
    identity::{
        LetterKind, Origin, Purpose, WorkspaceState, claim_due_letters, create_link, find_person,
        list_memberships, list_workspaces, mark_sent,
    },
};
use domain::{
    day::Zone,
    ids::{UserId, WorkspaceId},
    period::WeekStart,
    permission::Role,
    preference::{Currency, Locale},
    text::EmailAddress,
};
use jiff::SignedDuration;
use testkit::World;
use tokio::sync::Notify;

use crate::steps::name;

pub(crate) fn command(address: &str) -> SetUpWorkspace {
    SetUpWorkspace {
        name: name("A workspace"),
        owner_name: name("An owner"),
        owner_address: EmailAddress::parse(address).unwrap(),
        zone: Zone::parse("Europe/Berlin").unwrap(),
        week_start: WeekStart::Monday,
        locale: Locale::EnGb,
        currency: Currency::EUR,
        origin: Origin::default(),
    }
}

type Meanwhile = Box<dyn FnOnce() + Send>;

/// A world whose acts can be stopped.
pub(crate) struct Stage {
    pub(crate) world: World,
    /// What happens while an act passes a step.
    meanwhile: Arc<Mutex<Option<(&'static str, Meanwhile)>>>,
    armed: Arc<Mutex<Option<&'static str>>>,
    reached: Arc<Notify>,
}

impl Stage {
    pub(crate) fn new(world: World) -> Self {
        let armed = Arc::new(Mutex::new(None));
        let reached = Arc::new(Notify::new());
        let (at, notify) = (Arc::clone(&armed), Arc::clone(&reached));
        let meanwhile: Arc<Mutex<Option<(&'static str, Meanwhile)>>> = Arc::default();
        let during = Arc::clone(&meanwhile);
        world.app.stop_acts(move |step| {
            let work = during.lock().unwrap().take_if(|(here, _)| *here == step);
            if let Some((_, work)) = work {
                work();
            }
            let is_here = *at.lock().unwrap() == Some(step);
            if is_here {
                notify.notify_one();
            }
            is_here
        });
        Self { world, meanwhile, armed, reached }
    }

    /// Lets something else happen, once, while an act passes a step.
    pub(crate) fn during<F: Future<Output = ()> + Send + 'static>(
        &self,
        step: &'static str,
        work: impl FnOnce() -> F + Send + 'static,
    ) {
        let runtime = tokio::runtime::Handle::current();
        let work = Box::new(move || {
            let work = runtime.spawn(work());
            tokio::task::block_in_place(|| runtime.block_on(work).unwrap());
        });
        *self.meanwhile.lock().unwrap() = Some((step, work));
    }

    pub(crate) fn app(&self) -> &App {
        &self.world.app
    }

    /// Lets an act go as far as a step, and no further.
    pub(crate) async fn cut<T>(&self, step: &'static str, act: impl Future<Output = T>) {
        *self.armed.lock().unwrap() = Some(step);
        tokio::select! {
            _ = act => panic!("{step} was not passed"),
            () = self.reached.notified() => {}
        }
        *self.armed.lock().unwrap() = None;
    }

    /// Somewhat later, the sweeper comes; twice, as it may.
    pub(crate) async fn sweep(&self) {
        let later = self.world.now() + SignedDuration::from_mins(3);
        self.world.clock.set(later);
        self.app().sweep_intentions().await.unwrap();
        assert_eq!(self.app().sweep_intentions().await.unwrap(), 0);
    }

    pub(crate) async fn directory<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut DirectoryOp) -> Result<T, Error> + Send + 'static,
    ) -> T {
        self.app().write_directory(self.app().new_request(), work).await.unwrap()
    }

    pub(crate) async fn set_up_link(&self) -> String {
        let link = self.directory(|op| create_link(op, Purpose::Setup, 86_400)).await;
        link.expose().clone()
    }

    pub(crate) async fn set_up(&self, link: &str, address: &str) -> Result<WorkspaceId, Error> {
        let command = command(address);
        let done = self.app().set_up_by_link(self.app().new_request(), link.to_owned(), command);
        done.await.map(|done| done.workspace)
    }

    pub(crate) fn actor(&self, user: UserId) -> Actor {
        Actor::new(Credential::Session(user), self.app().new_request())
    }

    pub(crate) async fn invite(&self, owner: UserId, workspace: WorkspaceId, address: &str) {
        let command = invitation(address);
        self.app().invite(self.actor(owner), workspace, command).await.unwrap();
    }

    pub(super) async fn join(&self, token: &str) -> Result<WorkspaceId, Error> {
        let joined = self.app().join(self.app().new_request(), joining(token)).await;
        joined.map(|joined| joined.workspace)
    }

    /// The tokens of the invitations that were mailed since the last look.
    pub(crate) async fn mailed(&self, address: &str) -> Vec<String> {
        mailed(self.app(), address).await
    }

    pub(crate) async fn user(&self, address: &str) -> Option<UserId> {
        let address = EmailAddress::parse(address).unwrap();
        let found = self.directory(move |op| find_person(op, &address)).await;
        found.map(|person| person.user)
    }

    /// The workspaces a person finds; asserts that these are the ones that let them in.
    pub(crate) async fn workspaces(&self, user: UserId) -> Vec<WorkspaceId> {
        let memberships = self.directory(move |op| list_memberships(op, user)).await;
        let found: Vec<_> = memberships.iter().map(|membership| membership.workspace).collect();
        let all = self.directory(list_workspaces).await;
        for (workspace, state) in all {
            assert_eq!(state, WorkspaceState::Ready, "no workspace is half made");
            let entered = self.app().read(self.actor(user), workspace, |op| Ok(op.me().member));
            match entered.await {
                Ok(member) => {
                    let ours = |found: &&app::identity::Membership| found.workspace == workspace;
                    let membership = memberships.iter().find(ours);
                    let membership = membership.expect("a member finds the workspace");
                    assert_eq!(membership.member, member);
                }
                Err(Error::NotFound) => {
                    assert!(!found.contains(&workspace), "a membership without a member");
                }
                Err(error) => panic!("{error}"),
            }
        }
        found
    }

    /// A member who joined, with their address.
    pub(crate) async fn guest(
        &self,
        owner: UserId,
        workspace: WorkspaceId,
        address: &str,
    ) -> UserId {
        self.invite(owner, workspace, address).await;
        let tokens = self.mailed(address).await;
        self.join(&tokens[0]).await.unwrap();
        self.user(address).await.unwrap()
    }
}

pub(super) fn invitation(address: &str) -> Invite {
    Invite {
        id: None,
        address: EmailAddress::parse(address).unwrap(),
        role: Role::Member.into(),
        base_url: "https://time.example".to_owned(),
        request_body: None,
    }
}

pub(crate) fn joining(token: &str) -> JoinWorkspace {
    JoinWorkspace {
        token: token.to_owned(),
        name: name("A guest"),
        zone: Zone::parse("Europe/Paris").unwrap(),
        locale: Locale::EnGb,
        cookie_hash: [7; 32],
        origin: Origin::default(),
    }
}

/// The tokens of the invitations that were mailed since the last look.
pub(super) async fn mailed(app: &App, address: &str) -> Vec<String> {
    let letters = app.write_directory(app.new_request(), |op| {
        let letters = claim_due_letters(op, 50)?.letters;
        for letter in &letters {
            mark_sent(op, letter.id)?;
        }
        Ok(letters)
    });
    let letters = letters.await.unwrap();
    let letters = letters.iter().filter(|letter| letter.kind == LetterKind::Invitation);
    let ours = letters.filter(|letter| letter.letter.to().as_str() == address);
    let lines = ours.map(|letter| {
        let link = letter.letter.body().lines().find_map(|line| line.trim().split_once("/join/"));
        link.unwrap().1.to_owned()
    });
    lines.collect()
}

/// A world with one workspace that was set up.
pub(crate) async fn furnished(world: World) -> (Stage, UserId, WorkspaceId) {
    let stage = Stage::new(world);
    let link = stage.set_up_link().await;
    let workspace = stage.set_up(&link, "owner@example.org").await.unwrap();
    let owner = stage.user("owner@example.org").await.unwrap();
    (stage, owner, workspace)
}

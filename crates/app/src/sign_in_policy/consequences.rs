//! What a policy would do to the people of a workspace, before it is saved.

use std::str::FromStr;

use domain::{
    ids::{SessionId, WorkspaceId},
    permission::{Relation, Right},
    sign_in_policy::{
        FirstFactor, SecondFactor, SecondFactorRule, SignInPolicy, Unmet, Way, parse_networks,
    },
};
use store::{Row, Statement};

use super::enter::check_session;
use crate::{
    Actor, App, DirectoryOp, Error,
    actor::Since,
    identity::{Method, Origin, passkey::domain as passkey_domain, policy::SESSION_IDLE_US},
    op::{instant, instant_or_none, optional_word, word},
    token,
};

/// What a policy would do, in numbers of people, of open sign-ins and of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consequences {
    /// People who can sign in here.
    pub people: i64,
    /// Those who have nothing that the rule about second factors takes: what a provider asks for is not
    /// known before.
    pub without_second: i64,
    /// Those who have none of the ways in that would be left; nobody, where mail is one of them.
    pub without_way: i64,
    /// What keeps out the one who asks, as they came in; none where they would come in.
    pub yourself: Option<Unmet>,
    /// Open sign-ins of these people.
    pub sessions: i64,
    /// Those of them that would be kept out by how they were opened.
    pub kept_out: i64,
    /// Those of the others that a browser has opened by itself, where that is not taken.
    pub by_themselves: i64,
    /// Those of the others that are too old.
    pub too_old: i64,
    /// Those of the others that were opened at other addresses.
    pub elsewhere: i64,
    /// API tokens that work.
    pub tokens: i64,
    /// Those that were last used from other addresses, or work there only.
    pub tokens_elsewhere: i64,
}

impl App {
    /// What a policy would do.
    ///
    /// Errors: [`Error::Forbidden`]; [`Error::Store`].
    pub async fn look_at_consequences(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        policy: SignInPolicy,
    ) -> Result<Consequences, Error> {
        let asked = policy.clone();
        let look = self.read(actor, workspace, move |op| {
            op.require(Right::ManageSignIn, Relation::Workspace)?;
            let yourself = check_session(&asked, actor.came, op.now()).err();
            Ok((yourself, token::count_elsewhere(op, &asked)?))
        });
        let (yourself, (tokens, tokens_elsewhere)) = look.await?;
        let count = move |op: &mut DirectoryOp| count(op, workspace, &policy);
        let found = self.read_directory(actor.request, count).await?;
        Ok(Consequences { yourself, tokens, tokens_elsewhere, ..found })
    }
}

fn count(
    op: &mut DirectoryOp,
    workspace: WorkspaceId,
    policy: &SignInPolicy,
) -> Result<Consequences, Error> {
    let mut found = Consequences::default();
    let here = passkey_domain(op);
    for row in op.query(&LIST_PEOPLE, &[workspace.into(), here.into()])? {
        found.add_person(policy, &Has::read(&row)?);
    }
    let now = op.now_us();
    let values = [workspace.into(), now.into(), (now - SESSION_IDLE_US).into()];
    for row in op.query(&LIST_SESSIONS, &values)? {
        let met = check_row(op, &row, policy)?;
        found.add_session(met);
    }
    Ok(found)
}

/// What somebody has to sign in with, besides their mailbox.
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own")]
struct Has {
    password: bool,
    app: bool,
    passkey: bool,
    provider: bool,
    mail_step: bool,
}

impl Has {
    fn read(row: &Row) -> Result<Self, Error> {
        let has = |column| Ok::<_, Error>(row.get::<i64>(column)? > 0);
        Ok(Self {
            password: has(0)?,
            app: has(1)?,
            passkey: has(2)?,
            provider: has(3)?,
            mail_step: row.get::<Option<i64>>(4)?.is_some(),
        })
    }

    /// Whether it has what the rule takes. A code by mail counts after a password.
    fn has_second(&self, policy: &SignInPolicy) -> bool {
        let is_strong = self.app || self.passkey;
        let by_mail = self.mail_step && self.password && policy.ways.allows(Way::Passwords);
        match policy.second_factor {
            SecondFactorRule::Optional => true,
            SecondFactorRule::Required => is_strong || by_mail,
            SecondFactorRule::Strong => is_strong,
        }
    }

    fn has_way(&self, policy: &SignInPolicy) -> bool {
        Way::ALL.iter().filter(|way| policy.ways.allows(**way)).any(|way| match way {
            Way::Mail => true,
            Way::Passwords => self.password,
            Way::Passkeys => self.passkey,
            Way::Providers => self.provider,
        })
    }
}

impl Consequences {
    fn add_person(&mut self, policy: &SignInPolicy, has: &Has) {
        self.people += 1;
        self.without_second += i64::from(!has.has_second(policy));
        self.without_way += i64::from(!has.has_way(policy));
    }

    fn add_session(&mut self, met: Result<(), Unmet>) {
        self.sessions += 1;
        match met {
            Ok(()) => {}
            Err(Unmet::Network) => self.elsewhere += 1,
            Err(Unmet::Remembered) => self.by_themselves += 1,
            Err(Unmet::TooOld) => self.too_old += 1,
            Err(_) => self.kept_out += 1,
        }
    }
}

/// Whether a session would come in: by how it was opened, since when, and from where.
fn check_row(
    op: &DirectoryOp,
    row: &Row,
    policy: &SignInPolicy,
) -> Result<Result<(), Unmet>, Error> {
    let first: String = row.get(1)?;
    let second: Option<SecondFactor> = optional_word(row, 2)?;
    let first = FirstFactor::from_str(&first)
        .map_err(|_| Error::bug(format!("unknown first factor {first:?}")))?;
    let anywhere = SignInPolicy { networks: Vec::new(), ..policy.clone() };
    if let Err(unmet) = anywhere.check(first, second, None) {
        return Ok(Err(unmet));
    }
    let (method, opened): (Method, _) = (word(row, 3)?, instant(row, 4)?);
    let is_remembered = method == Method::Remembered;
    let at = if is_remembered { instant_or_none(row, 5)?.unwrap_or(opened) } else { opened };
    let shown = Since { at, is_remembered }.shown(op.now());
    if let Err(unmet) = policy.check_age(Some(shown)) {
        return Ok(Err(unmet));
    }
    let id: SessionId = row.get(0)?;
    let network = Origin::read(op, row, id, 6)?.network;
    let is_outside = network.is_some_and(|network| is_outside(policy, &network));
    Ok(if is_outside { Err(Unmet::Network) } else { Ok(()) })
}

/// Whether no address of a network, as it was noted, is one that the policy names. What cannot be read
/// is not counted.
pub(crate) fn is_outside(policy: &SignInPolicy, network: &str) -> bool {
    let networks = parse_networks(network).unwrap_or_default();
    !networks.is_empty() && !networks.iter().any(|network| policy.touches(network))
}

/// Indexes `memberships_workspace`, `authenticators_user`, `passkeys_user` and `provider_links_user`.
const LIST_PEOPLE: Statement = Statement::new(
    "sign_in_policy.list_people",
    "SELECT (SELECT COUNT(*) FROM passwords w WHERE w.user_id = p.id),
            (SELECT COUNT(*) FROM authenticators a
             WHERE a.user_id = p.id AND a.confirmed_at IS NOT NULL),
            (SELECT COUNT(*) FROM passkeys k WHERE k.user_id = p.id AND k.domain = $2),
            (SELECT COUNT(*) FROM provider_links l
             WHERE l.user_id = p.id AND (l.workspace_id IS NULL OR l.workspace_id = $1)),
            p.second_mail_at
     FROM memberships m JOIN people p ON p.id = m.user_id
     WHERE m.workspace_id = $1 AND m.removed_at IS NULL AND p.disabled_at IS NULL",
);

/// Indexes `memberships_workspace` and `sessions_user`.
const LIST_SESSIONS: Statement = Statement::new(
    "sign_in_policy.list_sessions",
    "SELECT s.id, s.first_factor, s.second_factor, s.method, s.created_at,
            (SELECT r.created_at FROM remembered r WHERE r.id = s.family_id),
            s.device_sealed, s.network_sealed, s.sealed_rev
     FROM memberships m JOIN sessions s ON s.user_id = m.user_id
     WHERE m.workspace_id = $1 AND m.removed_at IS NULL
       AND s.ended_at IS NULL AND s.expires_at > $2 AND s.seen_at > $3",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST_PEOPLE, LIST_SESSIONS];

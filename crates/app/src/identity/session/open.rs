//! Open a session.

use domain::ids::{FamilyId, SessionId, UserId};
use jiff::Timestamp;
use store::Statement;
use vault::{Secret, draw_token, encode_base64url};

use super::{Factors, Method, Origin, Second};
use crate::{
    DirectoryOp, Error,
    identity::{
        act::Act,
        lockout,
        notice::tell_of_sign_in,
        person::index_of,
        policy::{REMEMBER_LIFE_US, SESSION_LIFE_US},
        provider::Which,
        secret::Drawn,
    },
    op::to_instant,
};

/// Bytes by which a remembered browser is found.
pub(super) const SELECTOR_BYTES: usize = 16;

/// Whose session, and how they signed in.
#[derive(Debug, Clone, Copy)]
pub struct OpenSession {
    /// Who.
    pub user: UserId,
    /// How.
    pub method: Method,
    /// What they have shown besides.
    pub second: Option<Second>,
    /// Whether the browser is to be remembered.
    pub remember: bool,
}

/// A session just opened. Its secrets are shown this once.
pub struct NewSession {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// Which provider has opened it, if one has.
    pub provider: Option<Which>,
    /// For the session cookie: 43 characters of base64url.
    pub secret: Secret<String>,
    /// For the remember-me cookie: `selector.validator`, 66 characters. None when the browser is
    /// not remembered, and when it keeps the cookie it has.
    pub remember: Option<Secret<String>>,
    /// When the session ends in any case.
    pub expires_at: Timestamp,
    /// When the browser is forgotten, for the life of the remember-me cookie.
    pub remembered_until: Option<Timestamp>,
}

/// Opens a session, always with a new secret. `origin` is where the person is.
///
/// The person is told by mail when the browser is none of theirs (see [`Happening`](crate::identity::Happening)).
///
/// Errors: [`Error::SignedOut`] when the person is disabled or gone. Audit: `session.opened`.
pub fn open_session(
    op: &mut DirectoryOp,
    command: OpenSession,
    origin: &Origin,
) -> Result<NewSession, Error> {
    open_by(op, command, None, origin)
}

/// The same by a provider, where one has said who it is: that decides what the session opens.
pub(in crate::identity) fn open_by(
    op: &mut DirectoryOp,
    command: OpenSession,
    provider: Option<Which>,
    origin: &Origin,
) -> Result<NewSession, Error> {
    let OpenSession { user, method, second, remember } = command;
    let shown = Factors { first: method, second };
    if op.optional(&FIND_ENABLED, &[user.into()])?.is_none() {
        return Err(Error::SignedOut);
    }
    tell_of_sign_in(op, user, origin)?;
    // What a provider says shows nothing of the person's own: whoever owns it would have their guesses.
    if provider.is_none() {
        let account = index_of(op, user)?;
        lockout::begin_anew(op, account)?;
    }
    let opening = Opening { user, method, shown, family: None, provider };
    if !remember {
        return insert_session(op, opening, origin);
    }
    let family: FamilyId = op.new_id();
    let selector = draw_token(op.random(), SELECTOR_BYTES);
    let validator = Drawn::new(op);
    let expires_at = op.now_us() + REMEMBER_LIFE_US;
    let [device, network, sealed_rev] = origin.seal(op, family, 1)?;
    op.execute(
        &INSERT_REMEMBERED,
        &[
            family.into(),
            selector.expose().clone().into(),
            user.into(),
            validator.hash.into(),
            op.now_us().into(),
            expires_at.into(),
            device,
            network,
            sealed_rev,
            method.as_str().into(),
            second.map(Second::as_str).into(),
        ],
    )?;
    let cookie = cookie_text(selector.expose(), &validator);
    let session = insert_session(op, Opening { family: Some(family), ..opening }, origin)?;
    Ok(NewSession {
        remember: Some(cookie),
        remembered_until: Some(to_instant(expires_at)?),
        ..session
    })
}

/// What is written of a session.
#[derive(Clone, Copy)]
pub(super) struct Opening {
    pub(super) user: UserId,
    pub(super) method: Method,
    pub(super) shown: Factors,
    /// The remembered browser.
    pub(super) family: Option<FamilyId>,
    pub(super) provider: Option<Which>,
}

pub(super) fn insert_session(
    op: &mut DirectoryOp,
    opening: Opening,
    origin: &Origin,
) -> Result<NewSession, Error> {
    let Opening { user, method, shown, family, provider } = opening;
    let id: SessionId = op.new_id();
    let secret = Drawn::new(op);
    let now = op.now_us();
    let expires_at = now + SESSION_LIFE_US;
    let [device, network, sealed_rev] = origin.seal(op, id, 1)?;
    op.execute(
        &INSERT,
        &[
            id.into(),
            secret.hash.into(),
            user.into(),
            method.as_str().into(),
            now.into(),
            expires_at.into(),
            family.into(),
            device,
            network,
            sealed_rev,
            shown.first.as_str().into(),
            shown.second.map(Second::as_str).into(),
            provider.map(|which| which.id).into(),
            provider.and_then(|which| which.workspace).into(),
        ],
    )?;
    let facts = [
        ("session", id.uuid().into()),
        ("method", method.as_str().into()),
        ("second", shown.second.map(Second::as_str).into()),
        ("family", family.map(FamilyId::uuid).into()),
        // Not whose: it is told to all workspaces of the person.
        ("provider", provider.map(|which| which.id.uuid()).into()),
    ];
    op.record_act(Act::SessionOpened, Some(user), &facts)?;
    Ok(NewSession {
        id,
        user,
        provider,
        secret: secret.text,
        remember: None,
        expires_at: to_instant(expires_at)?,
        remembered_until: None,
    })
}

/// `selector.validator`, both base64url.
pub(super) fn cookie_text(selector: &[u8], validator: &Drawn) -> Secret<String> {
    Secret::new(format!("{}.{}", encode_base64url(selector), validator.text.expose()))
}

const FIND_ENABLED: Statement = Statement::new(
    "session.find_enabled",
    "SELECT id FROM people WHERE id = $1 AND disabled_at IS NULL",
);

const INSERT: Statement = Statement::new(
    "session.insert",
    "INSERT INTO sessions
         (id, secret_hash, user_id, method, created_at, seen_at, expires_at, family_id,
          device_sealed, network_sealed, sealed_rev, first_factor, second_factor, provider_id,
          provider_workspace_id)
     VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
);

const INSERT_REMEMBERED: Statement = Statement::new(
    "session.insert_remembered",
    "INSERT INTO remembered
         (id, selector, user_id, validator_hash, rotated_at, created_at, expires_at,
          device_sealed, network_sealed, sealed_rev, first_factor, second_factor)
     VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11)",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_ENABLED, INSERT, INSERT_REMEMBERED];

//! Sign in with a code from a mail.

use app::{
    DirectoryOp, Error,
    identity::{
        NewSession, Origin, RequestCode, SignIn, find_session, hash_secret, is_known_browser,
        is_over_quota, mark_browser, provider::Which, request_code, sign_in_with_code,
    },
    provider::Provider,
};
use axum::{
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{ids::WorkspaceId, sign_in_policy::Way, text::EmailAddress};
use serde::Deserialize;

use super::{enter, failed, next_path, password, second};
use crate::{
    error::Failure,
    identity::{
        provider::start_path,
        view::{CodePage, Kept, OfferedWays, ProofPage, ProviderWay, SignInPage},
    },
    page::{Field, Plain},
    state::Server,
    web::{
        Cookie, PageError, PageResult, SIGNED_IN, Typed, Unsent, Visit, Visitor, page, page_with,
        redirect, session_token,
    },
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Next {
    pub(super) next: String,
}

pub(super) async fn show(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Query(query): Query<Next>,
) -> PageResult {
    let next = next_path(&query.next).to_owned();
    if visit.session().is_some() {
        return Ok(redirect(&next, None));
    }
    let asking = sign_in_page(&visit, next, Vec::new());
    Ok(page(&offering(&server, &visit, asking).await?))
}

fn sign_in_page(visit: &Visit, next: String, kept: Vec<(String, String)>) -> SignInPage {
    let layout = visit.plain("sign-in", "Sign in");
    let has_passkeys = visit.has_passkeys();
    SignInPage { layout, next, kept, has_passkeys, ..SignInPage::default() }
}

/// The page with the ways in that the workspace allows to which it leads.
pub(super) async fn offering(
    server: &Server,
    visit: &Visit,
    asking: SignInPage,
) -> Result<SignInPage, PageError> {
    let asking = SignInPage { puzzle: password::puzzle(server, visit)?, ..asking };
    let Some(workspace) = workspace_of(&asking.next) else {
        let providers = offered_providers(server, &[], None);
        return Ok(SignInPage { providers, ..asking });
    };
    let failed = |error| failed(visit, error);
    let allowed = server.app.find_ways_in(workspace).await.map_err(failed)?;
    let ways = OfferedWays::new(allowed);
    if !allowed.allows(Way::Providers) {
        return Ok(SignInPage { ways, ..asking });
    }
    let own = server.app.look_at_providers(workspace).await.map_err(failed)?;
    let providers = offered_providers(server, &own, Some(workspace));
    Ok(SignInPage { ways, providers, ..asking })
}

/// The operator's providers, and those of the workspace that the page leads to.
fn offered_providers(
    server: &Server,
    own: &[Provider],
    workspace: Option<WorkspaceId>,
) -> Vec<ProviderWay> {
    let of_operator = server.providers.of_operator().map(|provider| (provider, None));
    let of_workspace = own.iter().map(|provider| (provider, workspace));
    let way = |(provider, workspace): (&Provider, Option<WorkspaceId>)| {
        let path = start_path(Which { id: provider.id, workspace });
        ProviderWay { label: provider.label.clone(), path }
    };
    of_workspace.chain(of_operator).map(way).collect()
}

/// The page that asks for the code by which somebody confirms whose account at a provider it is.
pub(super) fn confirm_page(server: &Server, visit: &Visit, email: &str, next: &str) -> Response {
    let form = CodeForm { next: next.to_owned(), ..CodeForm::default() };
    let sent = code_page(server, visit, form, Field::default());
    let confirms = email.to_owned();
    let mut response = page(&CodePage { confirms, ..sent });
    if next != "/" {
        visit.set_next(response.headers_mut(), next);
    }
    response
}

/// The workspace that a path leads to.
fn workspace_of(path: &str) -> Option<WorkspaceId> {
    let id = path.strip_prefix("/w/")?.split(['/', '?', '#']).next()?;
    id.parse().ok()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Action {
    action: String,
}

/// Keeps a form that was sent while nobody was signed in any more, until somebody is.
pub(super) async fn keep(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Query(query): Query<Action>,
    Unsent(form): Unsent,
) -> PageResult {
    let kept = Kept::left(&query.action, &form, form.get("csrf"));
    let kept = kept.unwrap_or_else(|| Kept::new(&query.action, &Typed::default()));
    if visit.session().is_some() {
        return Ok(page(&ProofPage::left(visit.plain("signed-in", SIGNED_IN), &kept)));
    }
    let asking = sign_in_page(&visit, kept.page(), kept.carried());
    Ok(page(&offering(&server, &visit, asking).await?))
}

/// The fields of a form that waits, to be carried on.
pub(super) fn carried(form: &Typed) -> Vec<(String, String)> {
    Kept::read(form).map(|kept| kept.carried()).unwrap_or_default()
}

/// Asks for a code. The answer is the same whether or not anybody has the address.
pub(super) async fn ask(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    form: Typed,
) -> PageResult {
    let next = next_path(form.get("next")).to_owned();
    let remember = form.is_ticked("remember");
    let typed = form.get("email").to_owned();
    let uses_password = form.get("way") != "code" && !form.get("password").is_empty();
    let address = match app::input::address("email", &typed) {
        Ok(address) => address,
        Err(app::Error::Invalid(fields)) => {
            let error = fields.0.first().map(|f| f.message.clone()).unwrap_or_default();
            let email = Field::new(typed).with_error(error);
            let again = SignInPage { email, uses_password, ..again(&visit, &form) };
            let again = offering(&server, &visit, again).await?;
            return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &again));
        }
        Err(error) => return Err(failed(&visit, error)),
    };
    if uses_password {
        return password::try_it(&server, &visit, address, &form).await;
    }
    let asked = Asked {
        address,
        cookie_hash: login_hash(&visit)?,
        device: visit.cookie(Cookie::Device).unwrap_or_default().to_owned(),
        remember,
        is_proof: false,
    };
    send_code(&server, &visit, asked).await?;
    let form = CodeForm { email: typed, next: next.clone(), remember, kept: carried(&form) };
    let sent = code_page(&server, &visit, form, Field::default());
    let mut response = page(&sent).into_response();
    if next != "/" {
        visit.set_next(response.headers_mut(), &next);
    }
    Ok(response)
}

/// The page as it was sent, with what it carries on.
pub(super) fn again(visit: &Visit, form: &Typed) -> SignInPage {
    let next = next_path(form.get("next")).to_owned();
    let email = Field::new(form.get("email"));
    let remember = form.is_ticked("remember");
    SignInPage { email, remember, ..sign_in_page(visit, next, carried(form)) }
}

/// Who asks for a code.
pub(super) struct Asked {
    pub(super) address: EmailAddress,
    /// What binds the code to the browser.
    pub(super) cookie_hash: [u8; 32],
    /// The mark of a browser in which somebody has signed in before; may be empty.
    pub(super) device: String,
    pub(super) remember: bool,
    /// Whether it is somebody signed in, who shows anew who they are.
    pub(super) is_proof: bool,
}

/// Mails a code, if somebody may have one; whether they have not asked too often. Before a sign-in that
/// is told to nobody.
pub(super) async fn send_code(
    server: &Server,
    visit: &Visit,
    asked: Asked,
) -> Result<bool, PageError> {
    let Asked { address, cookie_hash, device, remember, is_proof } = asked;
    let (request, base_url) = (visit.info().id, server.config.base_url());
    let network = network_of(visit);
    let is_known_device = false;
    let command = RequestCode {
        address,
        cookie_hash,
        network,
        is_known_device,
        remember,
        base_url,
        is_proof,
    };
    let known = move |op: &mut DirectoryOp, command: &RequestCode| {
        let is_known_device = is_proof || is_known_browser(op, &command.address, &device)?;
        Ok::<_, Error>(RequestCode { is_known_device, ..command.clone() })
    };
    // Who asks too often gets nothing, and costs no flush of the disk.
    let (looked, look) = (command.clone(), known.clone());
    let is_over = server.app.read_directory(request, move |op| {
        let command = look(op, &looked)?;
        is_over_quota(op, &command)
    });
    if is_over.await.map_err(|error| failed(visit, error))? {
        return Ok(false);
    }
    let asked = server.app.write_directory(request, move |op| {
        let command = known(op, &command)?;
        request_code(op, &command)
    });
    asked.await.map_err(|error| failed(visit, error))
}

/// Where the browser is, as its guesses and its mails are counted.
pub(crate) fn network_of(visit: &Visit) -> String {
    let network = crate::net::network(visit.info().peer);
    network.map_or_else(|| "unknown".to_owned(), |network| network.to_string())
}

/// The hash of the secret that binds a sign-in to this browser.
pub(super) fn login_hash(visit: &Visit) -> Result<[u8; 32], PageError> {
    let secret = visit.cookie(Cookie::Login).and_then(hash_secret);
    secret.ok_or_else(|| {
        let title = "Your browser did not send the cookie of this page. Allow cookies for this \
                     site, then begin again.";
        PageError::new(visit, Failure::new(StatusCode::BAD_REQUEST, "sign_in.no_cookie", title))
    })
}

/// What binds the second step to this browser: its login cookie, or a new one with the secret to be set
/// as such.
pub(super) fn login_or_new(
    server: &Server,
    visit: &Visit,
) -> Result<([u8; 32], Option<String>), PageError> {
    if let Some(hash) = visit.cookie(Cookie::Login).and_then(hash_secret) {
        return Ok((hash, None));
    }
    let secret = server.app.draw_secret().expose().clone();
    let hash = hash_secret(&secret);
    let hash = hash.ok_or_else(|| failed(visit, app::Error::bug("a drawn secret is none")))?;
    Ok((hash, Some(secret)))
}

pub(super) async fn show_code(State(server): State<Server>, Visitor(visit): Visitor) -> PageResult {
    Ok(page(&code_page(&server, &visit, CodeForm::default(), Field::default())))
}

/// What the page of the code carries on from the one before.
#[derive(Default)]
struct CodeForm {
    email: String,
    next: String,
    remember: bool,
    kept: Vec<(String, String)>,
}

impl CodeForm {
    fn read(form: &Typed) -> Self {
        Self {
            email: form.get("email").to_owned(),
            next: form.some("next").map(next_path).unwrap_or_default().to_owned(),
            remember: form.is_ticked("remember"),
            kept: carried(form),
        }
    }
}

fn code_page(server: &Server, visit: &Visit, form: CodeForm, code: Field) -> CodePage {
    let CodeForm { email, next, remember, kept } = form;
    let layout = visit.plain("code", "Look into your mail");
    let mail_note = mail_note(server);
    CodePage { layout, email, kept, next, remember, code, mail_note, ..CodePage::default() }
}

/// Where mail goes while no server is configured for it.
pub(crate) fn mail_note(server: &Server) -> String {
    if server.config.has_smtp() {
        return String::new();
    }
    "No mail server is configured: the mail is in the server’s terminal, and in the “mail” folder of \
     its data."
        .to_owned()
}

/// Tries a code.
pub(super) async fn try_code(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    form: Typed,
) -> PageResult {
    let cookie_hash = login_hash(&visit)?;
    let typed = form.get("code").to_owned();
    let (code, origin) = (typed.clone(), visit.origin().clone());
    let tried = server
        .app
        .write_directory(visit.info().id, move |op| {
            let tried = sign_in_with_code(op, &cookie_hash, &code, &origin)?;
            with_mark(op, tried, &origin)
        })
        .await
        .map_err(|error| failed(&visit, error))?;
    let (sentence, is_used_up) = match tried {
        (SignIn::Opened(session), mark) => {
            let entered = signed_in(&server, &visit, &session, mark).await;
            return match Kept::read(&form) {
                None => Ok(entered),
                Some(kept) => send_now(&server, &visit, &session, &kept, entered).await,
            };
        }
        (SignIn::SecondAsked, _) => return second::ask(&server, &visit, &form).await,
        (SignIn::Wrong { left }, _) => (app::Refusal::CodeWrong { left }.sentence(), left == 0),
        (SignIn::CodesOff, _) => (app::Refusal::CodesOff.sentence(), false),
        (SignIn::OtherBrowser | SignIn::NotValid, _) => {
            (app::Refusal::CodeNotValid.sentence(), true)
        }
    };
    let code = Field::new(typed).with_error(sentence);
    let again = code_page(&server, &visit, CodeForm::read(&form), code);
    let again = CodePage { is_used_up, ..again };
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &again))
}

/// Instead of the page that one comes to after signing in: the form that waited, with the cookies and
/// the token of the session just opened.
pub(super) async fn send_now(
    server: &Server,
    visit: &Visit,
    session: &NewSession,
    kept: &Kept,
    entered: Response,
) -> PageResult {
    let hash = hash_secret(session.secret.expose())
        .ok_or_else(|| failed(visit, app::Error::bug("the secret of a session cannot be read")))?;
    let csrf = server.app.read_directory(visit.info().id, move |op| {
        let session = find_session(op, &hash)?.ok_or(app::Error::SignedOut)?;
        session_token(op, &session)
    });
    let csrf = csrf.await.map_err(|error| failed(visit, error))?;
    let layout = Plain { csrf, ..visit.plain("signed-in", SIGNED_IN) };
    let mut response = page(&ProofPage::left(layout, kept));
    for cookie in entered.headers().get_all(header::SET_COOKIE) {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    Ok(response)
}

/// The mark of the browser in which somebody has signed in, made in the same transaction: when it
/// cannot be made, the code is not used up.
pub(super) fn with_mark(
    op: &mut DirectoryOp,
    tried: SignIn,
    origin: &Origin,
) -> Result<Marked, app::Error> {
    let mark = match &tried {
        SignIn::Opened(session) => mark_browser(op, session, origin)?,
        _ => None,
    };
    Ok((tried, mark.map(|mark| mark.expose().clone())))
}

/// What became of signing in, and the mark of the browser.
pub(super) type Marked = (SignIn, Option<String>);

/// Marks the browser as known, sets the session's cookies and goes on. The login cookie has done
/// its work: the next sign-in gets a new one.
pub(super) async fn signed_in(
    server: &Server,
    visit: &Visit,
    session: &app::identity::NewSession,
    mark: Option<String>,
) -> Response {
    let next = visit.cookie(Cookie::Next).map(next_from_cookie).unwrap_or_default();
    let mut response = enter(server, visit, session, next_path(&next)).await;
    let headers = response.headers_mut();
    if let Some(mark) = mark {
        visit.set_cookie(headers, Cookie::Device, &mark, Some(31_536_000));
    }
    visit.remove_cookie(headers, Cookie::Login);
    visit.remove_cookie(headers, Cookie::Next);
    response
}

fn next_from_cookie(text: &str) -> String {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).unwrap_or_default();
    pairs.into_iter().next().map(|(_, path)| path).unwrap_or_default()
}

//! The page of providers of sign-ins.

use app::{
    Error, Fields,
    identity::provider::Which,
    provider::{
        AddProvider, ChangeProvider, MOST_PROVIDERS, NewSettings, Provider, Typed as TypedSettings,
        add_provider, change_provider, get_provider, list_providers, read_issuer, read_secret,
        read_settings, remove_provider,
    },
};
use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::{get, post},
};
use domain::{
    ids::ProviderId,
    permission::{Relation, Right},
};
use serde::Deserialize;

use super::view::{ProviderForm, ProviderRow, ProvidersPage};
use crate::{
    identity::provider::{callback_path, configured::PRESETS, logout_path},
    page::{Field, Place},
    state::Server,
    web::{Flash, Frame, PageResult, Refused, SignedIn, Typed, collect, page_with},
};

/// Routes of the page of providers.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/providers", get(list).post(add))
        .route("/w/{workspace}/providers/{id}", post(save))
        .route("/w/{workspace}/providers/{id}/delete", post(delete))
}

type One = Path<(String, String)>;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    preset: String,
}

async fn list(
    State(server): State<Server>,
    member: SignedIn,
    Query(asked): Query<Asked>,
) -> PageResult {
    show(&server, &member, &asked.preset, None).await
}

/// Shows the page; what was refused stands in its form again.
async fn show(
    server: &Server,
    member: &SignedIn,
    preset: &str,
    refused: Option<(Option<ProviderId>, Refused)>,
) -> PageResult {
    let is_refused = refused.is_some();
    let (frame, found, may_change) = member
        .read(server, move |op| {
            if is_refused {
                // What is wrong with a form is told to those alone who may send it.
                op.require(Right::NarrowSignIn, Relation::Workspace)?;
            }
            let may_change = op.may(Right::NarrowSignIn, Relation::Workspace);
            Ok((Frame::read(op)?, list_providers(op)?, may_change))
        })
        .await?;
    let mut page = body(server, member, &found, preset);
    if !may_change {
        page.add = None;
        page.providers.iter_mut().for_each(|row| row.form = None);
    }
    let mut status = StatusCode::OK;
    if let Some((target, refused)) = refused {
        status = refused.status;
        put_back(&mut page, target, &refused);
    }
    let layout = frame.layout(server, member, Place::SignIn, "providers", "Providers").await?;
    Ok(page_with(status, &ProvidersPage { layout, ..page }))
}

fn body(server: &Server, member: &SignedIn, found: &[Provider], preset: &str) -> ProvidersPage {
    let base_url = server.config.base_url();
    let which = |id| Which { id, workspace: Some(member.workspace) };
    let rows = found.iter().map(|provider| ProviderRow {
        id: provider.id.to_string(),
        label: provider.label.clone(),
        issuer: provider.issuer.as_str().to_owned(),
        logout: format!("{base_url}{}", logout_path(which(provider.id))),
        form: Some(form(provider)),
        is_open: false,
    });
    let preset = PRESETS.iter().find(|(name, ..)| *name == preset);
    let (label, issuer) = preset.map_or(("", ""), |(_, label, issuer)| (label, issuer));
    let add = ProviderForm {
        label: Field::new(label),
        issuer: Field::new(issuer),
        ..ProviderForm::default()
    };
    ProvidersPage {
        providers: rows.collect(),
        add: (found.len() < MOST_PROVIDERS).then_some(add),
        is_add_open: preset.is_some() || found.is_empty(),
        callback: format!("{base_url}{}", callback_path(which(ProviderId::from_bytes([0; 16])))),
        ..ProvidersPage::default()
    }
}

fn form(provider: &Provider) -> ProviderForm {
    ProviderForm {
        version: provider.version.to_string(),
        label: Field::new(provider.label.clone()),
        client_id: Field::new(provider.client_id.clone()),
        asks_second: provider.asks_second,
        classes: Field::new(provider.classes.clone()),
        ..ProviderForm::default()
    }
}

fn put_back(page: &mut ProvidersPage, target: Option<ProviderId>, refused: &Refused) {
    let form = match target {
        None => {
            page.is_add_open = true;
            page.add.as_mut()
        }
        Some(id) => {
            let id = id.to_string();
            let row = page.providers.iter_mut().find(|row| row.id == id);
            row.and_then(|row| {
                row.is_open = true;
                row.form.as_mut()
            })
        }
    };
    let Some(form) = form else {
        // There is no room for one more, or it was removed meanwhile.
        page.problem = refused.sentence();
        return;
    };
    form.label = refused.field("label");
    form.issuer = refused.field("issuer");
    form.client_id = refused.field("client_id");
    form.secret_error = refused.error("client_secret");
    form.asks_second = refused.typed().is_ticked("asks_second_factor");
    form.classes = refused.field("classes");
    form.error = refused.whole();
}

async fn add(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let new = match read_new(&form) {
        Ok(new) => new,
        Err(error) => return refuse(&server, &member, None, form, error).await,
    };
    let prepared = server.app.prepare_provider_secrets(member.actor, member.workspace).await;
    prepared.map_err(|error| member.fail(error))?;
    match member.try_write(&server, move |op| add_provider(op, &new)).await {
        Ok(_) => Ok(member.back("providers", Some(Flash::Added))),
        Err(error) => refuse(&server, &member, None, form, error).await,
    }
}

async fn save(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id: ProviderId = member.id(&id)?;
    // What is not there is told before what is wrong with it.
    member.read(&server, move |op| get_provider(op, id)).await?;
    let change = match read_change(&form, id) {
        Ok(change) => change,
        Err(error) => return refuse(&server, &member, Some(id), form, error).await,
    };
    match member.try_write(&server, move |op| change_provider(op, &change)).await {
        Ok(_) => Ok(member.back("providers", Some(Flash::Saved))),
        Err(error) => refuse(&server, &member, Some(id), form, error).await,
    }
}

async fn delete(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id: ProviderId = member.id(&id)?;
    let version = form.version();
    match member.try_write(&server, move |op| remove_provider(op, id, version)).await {
        Ok(()) => Ok(member.back("providers", Some(Flash::Deleted))),
        Err(error) => refuse(&server, &member, Some(id), form, error).await,
    }
}

async fn refuse(
    server: &Server,
    member: &SignedIn,
    target: Option<ProviderId>,
    form: Typed,
    error: Error,
) -> PageResult {
    let refused = Refused::new(member, form, error)?;
    show(server, member, "", Some((target, refused))).await
}

fn settings(form: &Typed) -> Result<NewSettings, Error> {
    read_settings(TypedSettings {
        label: form.get("label"),
        client_id: form.get("client_id"),
        asks_second: form.is_ticked("asks_second_factor"),
        classes: form.get("classes"),
    })
}

fn read_new(form: &Typed) -> Result<AddProvider, Error> {
    let mut wrong = Vec::new();
    let settings = collect(&mut wrong, settings(form));
    let issuer = collect(&mut wrong, read_issuer(form.get("issuer")));
    let secret = collect(&mut wrong, read_secret(form.get("client_secret")));
    match (settings, issuer, secret) {
        (Some(settings), Some(issuer), Some(secret)) => {
            Ok(AddProvider { id: None, issuer, settings, secret, body: None })
        }
        _ => Err(Error::Invalid(Fields(wrong))),
    }
}

fn read_change(form: &Typed, id: ProviderId) -> Result<ChangeProvider, Error> {
    let mut wrong = Vec::new();
    let settings = collect(&mut wrong, settings(form));
    let secret = form.some("client_secret").map(read_secret).transpose();
    match (settings, collect(&mut wrong, secret)) {
        (Some(settings), Some(secret)) => {
            Ok(ChangeProvider { id, settings, secret, expected_version: form.version() })
        }
        _ => Err(Error::Invalid(Fields(wrong))),
    }
}

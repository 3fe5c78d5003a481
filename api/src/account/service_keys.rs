//! API keys of services: owners make them and take them over, staff see and revoke them (SESS-07, C-40).

use crate::{
    App,
    account::views::{NewServiceKeyView, ServiceKeyView, api_key_row},
    caller::Caller,
    extract::{ApiForm, ApiQuery, Checks, Form, OptionalJson, PathId},
    http::views::{PageView, link, paging, refused},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply},
};
use crate::{
    account::api_keys::{in_microseconds, not_there, scopes, shown_once, used},
    account::proof_body::ProofBody,
};
use axum::{
    extract::State,
    http::{StatusCode, Uri},
};
use chrono::{DateTime, Utc};
use commands::{NewServiceKey, ServiceKeyStanding};
use domain::{ApiKeyId, api_key::ApiKey, values::ServiceName};
use futures::future::try_join_all;
use projections::{API_KEYS, Page, api_keys::query::ApiKeyRow};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateServiceKeyBody {
    /// 3 to 64 of `a-z 0-9 -`, a letter first. A service has up to 20 keys, so that one can replace another.
    #[schema(
        example = "badge-engine",
        min_length = 3,
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    service: String,
    /// At least one. They never change.
    #[schema(example = json!(["events:write"]), min_items = 1)]
    scopes: Vec<String>,
    /// At most a year from now; after 90 days if left out.
    expires_at: Option<DateTime<Utc>>,
    /// Without it the session's own login must be a moment old (five minutes, `ANNALS_FRESH_LOGIN`).
    #[schema(format = Password)]
    current_password: Option<String>,
}

impl Form for CreateServiceKeyBody {
    fn check(&self, checks: &mut Checks) {
        checks.value("service", ServiceName::parse(&self.service));
        scopes(checks, &self.scopes, true);
    }
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ServiceKeysQuery {
    /// Of this one only.
    #[param(
        example = "badge-engine",
        min_length = 3,
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    service: Option<String>,
    /// From `next` or `previous`: what comes and goes meanwhile makes nothing appear twice or not at all.
    cursor: Option<String>,
    /// By number instead, from 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    page_size: Option<u32>,
}

/// Lists the API keys of services, newest first, including expired and revoked ones. Staff only.
#[utoipa::path(get, path = "", tag = "key", params(ServiceKeysQuery),
    responses((status = 200, body = PageView<ServiceKeyView>)))]
pub async fn list_service_keys(
    State(app): State<App>,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<ServiceKeysQuery>,
) -> ApiResult<Reply<PageView<ServiceKeyView>>> {
    let wanted = paging(query.cursor.as_deref(), query.page, query.page_size)?;
    let service = query.service.as_deref().map(ServiceName::parse).transpose();
    let service = service.map_err(|error| refused("service", &error.to_string()))?;
    let fresh = app.catch_up(at_least, &[API_KEYS]).await?;
    let page = app.queries().list_service_keys(service.as_ref().map(ServiceName::as_str), wanted).await?;
    let (now, seen) = (app.now(), used(&app, &page).await?);
    let standings = page.results.iter().map(|row| app.commands().accounts.service_key_standing(row.key_id));
    let standings = try_join_all(standings).await?;
    let Page { count, next, previous, results } = page;
    let results = results.into_iter().zip(standings).collect();
    let show = |(row, standing): (ApiKeyRow, ServiceKeyStanding)| {
        let seen = seen.get(&row.key_id).copied();
        ServiceKeyView::new(row, standing, seen, now)
    };
    let page = PageView::new(Page { count, next, previous, results }, &uri, link, show);
    Ok(Reply::ok(page).fresh(fresh))
}

/// Creates an API key for a service. Its creator is responsible for it: it is disabled when they are no longer an
/// owner. The reply shows it; nothing and nobody can show it again. Owners only; asks for the password, or a login a
/// moment ago.
#[utoipa::path(post, path = "", tag = "key", request_body = CreateServiceKeyBody,
    responses((status = 201, body = NewServiceKeyView), (status = 403, description = "The caller is no owner"), (status = 409, description = "The service has 20 already")))]
pub async fn create_service_key(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    ApiForm(body): ApiForm<CreateServiceKeyBody>,
) -> ApiResult<Reply<NewServiceKeyView>> {
    let mut checks = Checks::default();
    let service = checks.value("service", ServiceName::parse(&body.service));
    let scopes = scopes(&mut checks, &body.scopes, true);
    checks.finish()?;
    let Some(service) = service else {
        return Err(Problem::internal("a checked form without its values"));
    };
    let new = NewServiceKey { service, scopes, expires_at: in_microseconds(body.expires_at) };
    let proof = body.current_password.map(SecretString::from);
    let made = app.commands().accounts.create_service_key(new, proof, &caller.command).await?;
    let settled = app.settle(made.done.receipt.position, &[API_KEYS], prefer).await;
    let about = after(&app, made.id, &made.done.state).await?;
    Ok(Reply::new(StatusCode::CREATED, NewServiceKeyView { about, key: shown_once(&made)? }).fresh(settled))
}

/// Returns an API key of a service. Staff only.
#[utoipa::path(get, path = "", tag = "key", params(("id" = Uuid, Path)),
    responses((status = 200, body = ServiceKeyView), (status = 404, description = "Not there, or a person's")))]
pub async fn find_service_key(
    State(app): State<App>,
    at_least: MinPosition,
    PathId(id): PathId<ApiKeyId>,
) -> ApiResult<Reply<ServiceKeyView>> {
    let fresh = app.catch_up(at_least, &[API_KEYS]).await?;
    Ok(Reply::ok(shown(&app, id).await?).fresh(fresh))
}

async fn shown(app: &App, id: ApiKeyId) -> ApiResult<ServiceKeyView> {
    let row = app.queries().find_api_key(id).await?.filter(|row| row.service.is_some());
    view(app, row.ok_or_else(|| Problem::of(&kind::API_KEY_NOT_FOUND))?).await
}

/// A key as a command left it.
async fn after(app: &App, id: ApiKeyId, key: &ApiKey) -> ApiResult<ServiceKeyView> {
    view(app, api_key_row(id, key)).await
}

async fn view(app: &App, row: ApiKeyRow) -> ApiResult<ServiceKeyView> {
    let id = row.key_id;
    let standing = app.commands().accounts.service_key_standing(id).await?;
    let seen = app.activity().api_keys().of(&[id]).await?.remove(&id);
    Ok(ServiceKeyView::new(row, standing, seen, app.now()))
}

/// Revokes an API key of a service for good: no node accepts it after this reply. Repeated, it changes nothing. Staff
/// only.
#[utoipa::path(delete, path = "", tag = "key", params(("id" = Uuid, Path)),
    responses((status = 200, body = ServiceKeyView), (status = 404, description = "Not there, or a person's")))]
pub async fn revoke_service_key(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<ApiKeyId>,
) -> ApiResult<Reply<ServiceKeyView>> {
    let done = app.commands().accounts.revoke_service_key(id, &caller.command).await.map_err(not_there)?;
    let settled = app.settle(done.receipt.position, &[API_KEYS], prefer).await;
    Ok(Reply::ok(after(&app, id, &done.state).await?).fresh(settled))
}

/// Makes the calling owner responsible for a service's key, or confirms it after a password reset: a disabled key works
/// again. Repeated, it changes nothing. Owners only; asks for the password, or a login a moment ago.
#[utoipa::path(post, path = "", tag = "key", params(("id" = Uuid, Path)), request_body = Option<ProofBody>,
    responses((status = 200, body = ServiceKeyView), (status = 403, description = "The caller is no owner"),
        (status = 404, description = "Not there, or a person's"), (status = 409, description = "The key was revoked")))]
pub async fn take_over_service_key(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<ApiKeyId>,
    OptionalJson(body): OptionalJson<ProofBody>,
) -> ApiResult<Reply<ServiceKeyView>> {
    let proof = ProofBody::password(body);
    let done =
        app.commands().accounts.take_over_service_key(id, proof, &caller.command).await.map_err(not_there)?;
    let settled = app.settle(done.receipt.position, &[API_KEYS], prefer).await;
    Ok(Reply::ok(after(&app, id, &done.state).await?).fresh(settled))
}

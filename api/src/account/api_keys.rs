//! The caller's API keys (KEY-01), and what a key is to itself (SESS-07).

use crate::{
    App,
    account::views::{ApiKeyView, NewApiKeyView, OwnKeyView, api_key_row},
    caller::Caller,
    extract::{ApiForm, ApiJson, ApiQuery, Checks, Form, PathId},
    http::views::{PageQuery, PageView, link},
    key_access::Keyed,
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply},
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
};
use chrono::{DateTime, SubsecRound, Utc};
use commands::{CommandError, MadeApiKey, NewApiKey};
use domain::{
    ApiKeyId,
    values::{ApiKeyName, Scope},
};
use projections::{API_KEYS, Activity, Page, api_keys::query::ApiKeyRow};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKeyBody {
    /// For its owner: 1 to 100 characters.
    #[schema(example = "photo backup", min_length = 1, max_length = 100)]
    name: String,
    /// At least one. They never change.
    #[schema(example = json!(["profile:read"]), min_items = 1)]
    scopes: Vec<String>,
    /// At most a year from now; after 90 days if left out.
    expires_at: Option<DateTime<Utc>>,
    /// Without it the session's own login must be a moment old (five minutes, `ANNALS_FRESH_LOGIN`).
    #[schema(format = Password)]
    current_password: Option<String>,
}

impl Form for CreateApiKeyBody {
    fn check(&self, checks: &mut Checks) {
        checks.value("name", ApiKeyName::parse(&self.name));
        scopes(checks, &self.scopes, false);
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameApiKeyBody {
    /// For its owner: 1 to 100 characters.
    #[schema(example = "photo backup", min_length = 1, max_length = 100)]
    name: String,
}

/// What the API key that asks is: whose, and what it may do.
#[utoipa::path(get, path = "", tag = "key", responses((status = 200, body = OwnKeyView)))]
pub async fn own_key(Keyed(key): Keyed) -> Json<OwnKeyView> {
    Json(key.into())
}

/// Lists the caller's API keys, newest first, including expired and revoked ones.
#[utoipa::path(get, path = "", tag = "key", params(PageQuery), responses((status = 200, body = PageView<ApiKeyView>)))]
pub async fn list_api_keys(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Reply<PageView<ApiKeyView>>> {
    let wanted = query.paging()?;
    let fresh = app.catch_up(at_least, &[API_KEYS]).await?;
    let page = app.queries().list_api_keys(caller.user, wanted).await?;
    let (now, seen) = (app.now(), used(&app, &page).await?);
    let show = |row: ApiKeyRow| {
        let seen = seen.get(&row.key_id).copied();
        ApiKeyView::new(row, seen, now)
    };
    Ok(Reply::ok(PageView::new(page, &uri, link, show)).fresh(fresh))
}

/// When the keys of a page were used.
pub(super) async fn used<C>(app: &App, page: &Page<ApiKeyRow, C>) -> ApiResult<HashMap<ApiKeyId, Activity>> {
    let keys: Vec<ApiKeyId> = page.results.iter().map(|row| row.key_id).collect();
    Ok(app.activity().api_keys().of(&keys).await?)
}

/// Makes an API key. The reply shows it; nothing and nobody can show it again. Asks for the password, or a login a
/// moment ago.
#[utoipa::path(post, path = "", tag = "key", request_body = CreateApiKeyBody,
    responses((status = 201, body = NewApiKeyView), (status = 403, description = "The password is needed, or wrong"),
        (status = 409, description = "There are 20 already")))]
pub async fn create_api_key(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    ApiForm(body): ApiForm<CreateApiKeyBody>,
) -> ApiResult<Reply<NewApiKeyView>> {
    let mut checks = Checks::default();
    let name = checks.value("name", ApiKeyName::parse(&body.name));
    let scopes = scopes(&mut checks, &body.scopes, false);
    checks.finish()?;
    let Some(name) = name else { return Err(Problem::internal("a checked form without its values")) };
    let new = NewApiKey { name, scopes, expires_at: in_microseconds(body.expires_at) };
    let proof = body.current_password.map(SecretString::from);
    let made = app.commands().accounts.create_api_key(new, proof, &caller.command).await?;
    let settled = app.settle(made.done.receipt.position, &[API_KEYS], prefer).await;
    let about = ApiKeyView::new(api_key_row(made.id, &made.done.state), None, app.now());
    Ok(Reply::new(StatusCode::CREATED, NewApiKeyView { about, key: shown_once(&made)? }).fresh(settled))
}

/// The key, to whoever made it; a repeat gets it no more.
pub(super) fn shown_once(made: &MadeApiKey) -> ApiResult<String> {
    let secret = made.secret.as_ref().ok_or_else(|| Problem::of(&kind::SECRET_SHOWN_ONCE))?;
    Ok(secret.expose_secret().to_owned())
}

/// The precision of the log.
pub(crate) fn in_microseconds(time: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    time.map(|time| time.trunc_subsecs(6))
}

/// What is named, of keys of services or of people; of what is unknown the reply says which one it is, and what there is.
pub(super) fn scopes(checks: &mut Checks, names: &[String], of_services: bool) -> BTreeSet<Scope> {
    let known = names.iter().enumerate().filter_map(|(place, name)| match name.parse() {
        Ok(scope) => Some(scope),
        Err(_) => {
            let offered = Scope::ALL.iter().filter(|scope| scope.is_for_services() == of_services);
            let offered: Vec<String> = offered.map(|scope| format!("`{}`", scope.name())).collect();
            let detail = format!("expected one of {}", offered.join(", "));
            checks.at(format!("/scopes/{place}"), "scope-unknown", detail);
            None
        }
    });
    known.collect()
}

/// Returns one of the caller's API keys.
#[utoipa::path(get, path = "", tag = "key", params(("id" = Uuid, Path)),
    responses((status = 200, body = ApiKeyView), (status = 404, description = "Not there, or not the caller's")))]
pub async fn find_api_key(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    PathId(id): PathId<ApiKeyId>,
) -> ApiResult<Reply<ApiKeyView>> {
    let fresh = app.catch_up(at_least, &[API_KEYS]).await?;
    let row = app.queries().find_api_key(id).await?.filter(|row| row.user_id == Some(caller.user));
    let row = row.ok_or_else(|| Problem::of(&kind::API_KEY_NOT_FOUND))?;
    Ok(Reply::ok(shown(&app, row).await?).fresh(fresh))
}

async fn shown(app: &App, row: ApiKeyRow) -> ApiResult<ApiKeyView> {
    let seen = app.activity().api_keys().of(&[row.key_id]).await?.remove(&row.key_id);
    Ok(ApiKeyView::new(row, seen, app.now()))
}

/// Renames one of the caller's API keys.
#[utoipa::path(patch, path = "", tag = "key", params(("id" = Uuid, Path)), request_body = RenameApiKeyBody,
    responses((status = 200, body = ApiKeyView), (status = 404, description = "Not there, or not the caller's")))]
pub async fn rename_api_key(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<ApiKeyId>,
    ApiJson(body): ApiJson<RenameApiKeyBody>,
) -> ApiResult<Reply<ApiKeyView>> {
    let mut checks = Checks::default();
    let name = checks.value("name", ApiKeyName::parse(&body.name));
    checks.finish()?;
    let Some(name) = name else { return Err(Problem::internal("a checked form without its values")) };
    let done = app.commands().accounts.rename_api_key(id, name, &caller.command).await.map_err(not_there)?;
    let settled = app.settle(done.receipt.position, &[API_KEYS], prefer).await;
    Ok(Reply::ok(shown(&app, api_key_row(id, &done.state)).await?).fresh(settled))
}

/// Revokes one of the caller's API keys for good: no node accepts it after this reply. Repeated, it changes nothing.
#[utoipa::path(delete, path = "", tag = "key", params(("id" = Uuid, Path)),
    responses((status = 200, body = ApiKeyView), (status = 404, description = "Not there, or not the caller's")))]
pub async fn revoke_api_key(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<ApiKeyId>,
) -> ApiResult<Reply<ApiKeyView>> {
    let done = app.commands().accounts.revoke_api_key(id, &caller.command).await.map_err(not_there)?;
    let settled = app.settle(done.receipt.position, &[API_KEYS], prefer).await;
    Ok(Reply::ok(shown(&app, api_key_row(id, &done.state)).await?).fresh(settled))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmApiKeyBody {
    #[schema(format = Password)]
    current_password: String,
}

/// Confirms one of the caller's API keys with the password: it works again after a password reset. One that is awake
/// stays so.
#[utoipa::path(post, path = "", tag = "key", params(("id" = Uuid, Path)), request_body = ConfirmApiKeyBody,
    responses((status = 200, body = ApiKeyView), (status = 403, description = "The password is wrong"),
        (status = 404, description = "Not there, or not the caller's"), (status = 409, description = "It was revoked")))]
pub async fn confirm_api_key(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<ApiKeyId>,
    ApiJson(body): ApiJson<ConfirmApiKeyBody>,
) -> ApiResult<Reply<ApiKeyView>> {
    let password = body.current_password.into();
    let done =
        app.commands().accounts.confirm_api_key(id, password, &caller.command).await.map_err(not_there)?;
    let settled = app.settle(done.receipt.position, &[API_KEYS], prefer).await;
    Ok(Reply::ok(shown(&app, api_key_row(id, &done.state)).await?).fresh(settled))
}

/// The keys that were woken.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConfirmedKeysView {
    confirmed: Vec<Uuid>,
}

/// Confirms all of the caller's API keys with the password: all disabled keys work again.
#[utoipa::path(post, path = "", tag = "key", request_body = ConfirmApiKeyBody,
    responses((status = 200, body = ConfirmedKeysView), (status = 403, description = "The password is wrong")))]
pub async fn confirm_api_keys(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    ApiJson(body): ApiJson<ConfirmApiKeyBody>,
) -> ApiResult<Reply<ConfirmedKeysView>> {
    let done =
        app.commands().accounts.confirm_api_keys(body.current_password.into(), &caller.command).await?;
    let settled = app.settle(done.position, &[API_KEYS], prefer).await;
    let confirmed = done.keys.iter().map(|key| key.uuid()).collect();
    Ok(Reply::ok(ConfirmedKeysView { confirmed }).fresh(settled))
}

/// As for reading it.
pub(super) fn not_there(error: CommandError) -> Problem {
    match error {
        CommandError::NotFound => Problem::of(&kind::API_KEY_NOT_FOUND),
        error => Problem::from(error),
    }
}

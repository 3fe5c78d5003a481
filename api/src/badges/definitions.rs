//! Badge definitions (BDG-01, ADM-03): read by everybody who is signed in, written by staff.

use crate::{
    App,
    badges::views::BadgeView,
    caller::Caller,
    etag::IfMatch,
    extract::{ApiForm, ApiJson, ApiQuery, PathText},
    http::views::{PageView, link, paging, refused},
    kept::Kept,
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply, Tagged},
};
use crate::{badges::badge_body::BadgeBody, people::person::viewer};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use chrono::{DateTime, Utc};
use commands::{CommandError, Done};
use domain::{
    BadgeId,
    badge::{Badge, BadgeStatus, criteria},
    values::{BadgeSlug, Rarity},
};
use projections::{
    BADGES,
    badges::query::{BadgeFilter, BadgeRow},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::LazyLock;
use utoipa::IntoParams;

/// All that are given must hold.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BadgesQuery {
    #[param(example = "achievement", max_length = 50)]
    category: Option<String>,
    /// `common`, `rare`, `epic` or `legendary`.
    #[param(example = "common")]
    rarity: Option<String>,
    is_active: Option<bool>,
    /// Part of the name or of the description, in any case and without regard to accents.
    #[param(max_length = 100)]
    search: Option<String>,
    /// From `next` or `previous`: what comes and goes meanwhile makes nothing appear twice or not at all.
    cursor: Option<String>,
    /// By number instead, from 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    page_size: Option<u32>,
}

impl BadgesQuery {
    fn filter(self, with_drafts: bool, now: DateTime<Utc>) -> ApiResult<BadgeFilter> {
        let rarity = |name: String| {
            let known = Rarity::ALL.into_iter().find(|rarity| rarity.name() == name);
            known.ok_or_else(|| refused("rarity", "common, rare, epic or legendary"))
        };
        let short = |text: &String| text.chars().count() <= 100;
        if self.search.as_ref().is_some_and(|text| !short(text)) {
            return Err(refused("search", "at most 100 characters"));
        }
        Ok(BadgeFilter {
            category: self.category,
            rarity: self.rarity.map(rarity).transpose()?,
            is_active: self.is_active,
            search: self.search,
            with_drafts,
            now,
        })
    }
}

/// Lists the badges by category and name, including retired ones; for staff, drafts too.
#[utoipa::path(get, path = "", tag = "badge", params(BadgesQuery),
    responses((status = 200, body = PageView<BadgeView>)))]
pub async fn list_badges(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<BadgesQuery>,
) -> ApiResult<Reply<PageView<BadgeView>>> {
    let wanted = paging(query.cursor.as_deref(), query.page, query.page_size)?;
    let filter = query.filter(viewer(&app, &caller).await?.is_staff, app.now())?;
    let fresh = app.catch_up(at_least, &[BADGES]).await?;
    let page = app.queries().list_badges(&filter, wanted).await?;
    Ok(Reply::ok(PageView::new(page, &uri, link, BadgeView::from)).fresh(fresh))
}

/// Returns a badge by its id or slug.
#[utoipa::path(get, path = "", tag = "badge", params(("id" = String, Path, description = "Id or slug")),
    responses((status = 200, body = BadgeView), (status = 404, description = "There is no such badge")))]
pub async fn find_badge(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    headers: HeaderMap,
    PathText(name): PathText,
) -> ApiResult<Tagged<BadgeView>> {
    let fresh = app.catch_up(at_least, &[BADGES]).await?;
    let row = find(&app, &name).await?;
    if row.status == BadgeStatus::Draft && !viewer(&app, &caller).await?.is_staff {
        return Err(not_there());
    }
    Ok(Reply::ok(()).fresh(fresh).tagged(row.version, row.into()).unless_known(&headers))
}

/// Returns the JSON Schema (2020-12) of `criteria`.
#[utoipa::path(get, path = "", tag = "badge", responses((status = 200, description = "JSON Schema")))]
pub async fn criteria_schema(asked: HeaderMap) -> Response {
    static KEPT: LazyLock<Kept> =
        LazyLock::new(|| Kept::new("application/schema+json", "public, max-age=3600", criteria::SCHEMA));
    KEPT.reply(&asked)
}

/// Defines a badge; with `is_active: false` it is a draft. Staff only.
#[utoipa::path(post, path = "", tag = "badge", request_body = BadgeBody,
    responses((status = 201, body = BadgeView), (status = 409, description = "The name is taken")))]
pub async fn define_badge(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    ApiForm(body): ApiForm<BadgeBody>,
) -> ApiResult<Tagged<BadgeView>> {
    let (new, active) = body.new_badge()?;
    let done = app.commands().badges.define(new, active, &caller.command).await?;
    shown(&app, &done, StatusCode::CREATED, prefer).await
}

/// Changes the given fields of a badge. Each change of the criterion is a version of it. Staff only.
#[utoipa::path(method(put, patch), path = "", tag = "badge", params(("id" = String, Path, description = "Id or slug")),
    request_body = BadgeBody,
    responses((status = 200, body = BadgeView), (status = 404, description = "There is no such badge"),
        (status = 412, description = "Changed since `If-Match`")))]
pub async fn change_badge(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    if_match: IfMatch,
    PathText(name): PathText,
    ApiJson(body): ApiJson<Map<String, Value>>,
) -> ApiResult<Tagged<BadgeView>> {
    let row = find(&app, &name).await?;
    if_match.check(row.version)?;
    let id = row.badge_id;
    let (patch, active) = BadgeBody::changes(body, &row.into())?;
    let done = app.commands().badges.revise(id, patch, active, if_match.0, &caller.command).await;
    shown(&app, &done.map_err(absent)?, StatusCode::OK, prefer).await
}

/// Retires a badge: nobody can earn it any more, people who have it keep it, and its name stays reserved. Repeated, it
/// changes nothing; `is_active: true` brings it back. Staff only.
#[utoipa::path(delete, path = "", tag = "badge", params(("id" = String, Path, description = "Id or slug")),
    responses((status = 200, body = BadgeView), (status = 404, description = "There is no such badge"),
        (status = 412, description = "Changed since `If-Match`")))]
pub async fn retire_badge(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    if_match: IfMatch,
    PathText(name): PathText,
) -> ApiResult<Tagged<BadgeView>> {
    let id = app.commands().badges.find(&name).await?;
    let done = app.commands().badges.retire(id, if_match.0, &caller.command).await.map_err(absent)?;
    shown(&app, &done, StatusCode::OK, prefer).await
}

/// By id or slug. One that the read model does not show yet is waited for, bounded.
async fn find(app: &App, name: &str) -> ApiResult<BadgeRow> {
    let row = match (name.parse::<BadgeId>(), BadgeSlug::derived(name)) {
        (Ok(id), _) => app.queries().find_badge(id, app.now()).await?,
        (Err(_), Some(slug)) => app.queries().find_badge_by_slug(slug.as_str(), app.now()).await?,
        (Err(_), None) => None,
    };
    row.ok_or_else(not_there)
}

/// A badge after a command, as far as the read model is there; what it does not show yet is told by the command.
async fn shown(
    app: &App,
    done: &Done<Badge>,
    status: StatusCode,
    prefer: Prefer,
) -> ApiResult<Tagged<BadgeView>> {
    let settled = app.settle(done.receipt.position, &[BADGES], prefer).await;
    let (id, version) = (BadgeId::from_uuid(done.receipt.id), done.receipt.version);
    let known = app.queries().find_badge(id, app.now()).await?;
    let row = match known {
        Some(row) if row.version >= version => row,
        known => BadgeRow::of(id, &done.state, version, (known.as_ref(), app.now())).ok_or_else(not_there)?,
    };
    Ok(Reply::new(status, ()).fresh(settled).tagged(row.version, row.into()))
}

fn absent(error: CommandError) -> Problem {
    match error {
        CommandError::NotFound => not_there(),
        error => error.into(),
    }
}

fn not_there() -> Problem {
    Problem::of(&kind::BADGE_NOT_FOUND)
}

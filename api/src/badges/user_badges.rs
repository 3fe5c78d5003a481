//! Awards (BDG-02, BDG-20): given by staff and services, featured by the person.

use crate::{
    App,
    badges::views::UserBadgeView,
    caller::{Caller, Sender},
    extract::{ApiForm, ApiJson, ApiQuery, OptionalJson, PathId},
    http::views::{PageView, link, paging},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply},
};
use crate::{
    audit::witness::{seen, seen_by},
    badges::award_body::{AwardBody, AwardChange, AwardChangeBody, RevocationBody, reason},
    people::person::{may_list_people, viewer},
};
use axum::{
    extract::State,
    http::{StatusCode, Uri},
};
use commands::{CommandError, Done};
use domain::{AwardId, UserId, award::Award};
use projections::{
    BADGES, Name, PROFILE_PAGES, SOCIAL_GRAPH, Sight, USER_SETTINGS, Viewer,
    badges::query::{AwardFilter, UserBadge},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;
use uuid::Uuid;

/// What a person's badges, and who may see them, are read from.
const READS: [Name; 4] = [BADGES, PROFILE_PAGES, USER_SETTINGS, SOCIAL_GRAPH];

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserBadgesQuery {
    /// Whose; the caller's own, if absent.
    user: Option<Uuid>,
    /// Of this badge only: its id, slug or name.
    #[param(example = "first_post")]
    badge: Option<String>,
    is_featured: Option<bool>,
    /// From `next` or `previous`: what comes and goes meanwhile makes nothing appear twice or not at all.
    cursor: Option<String>,
    /// By number instead, from 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    page_size: Option<u32>,
}

/// Revocations ask for a reason: here, or in the body.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RevocationQuery {
    #[param(max_length = 500)]
    reason: Option<String>,
}

/// Lists a person's badges, the latest first; for the person and for staff, revoked ones too.
#[utoipa::path(get, path = "", tag = "badge", params(UserBadgesQuery),
    responses((status = 200, body = PageView<UserBadgeView>),
        (status = 403, description = "The list is not shown to the caller"),
        (status = 404, description = "There is no such person, or no such badge")))]
pub async fn list_user_badges(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<UserBadgesQuery>,
) -> ApiResult<Reply<PageView<UserBadgeView>>> {
    let wanted = paging(query.cursor.as_deref(), query.page, query.page_size)?;
    let user = query.user.map_or(caller.user, UserId::from_uuid);
    let fresh = app.catch_up(at_least, &READS).await?;
    let viewer = viewer(&app, &caller).await?;
    if user != caller.user {
        may_list_people(&app, &caller).await?;
    }
    let sight = sight(&app, viewer, user).await?.ok_or_else(|| Problem::of(&kind::ACCOUNT_NOT_FOUND))?;
    if sight < Sight::Profile {
        return Err(Problem::of(&kind::LIST_PRIVATE));
    }
    let whole = sight == Sight::Everything;
    let badge = match &query.badge {
        Some(name) => Some(app.commands().badges.find(name).await?),
        None => None,
    };
    let filter = AwardFilter { user, badge, is_featured: query.is_featured, with_revoked: whole };
    let page = app.queries().list_awards(&filter, wanted).await?;
    seen_by(&app, &caller, viewer, vec![user]).await?;
    let show = |row| UserBadgeView::new(row, whole);
    Ok(Reply::ok(PageView::new(page, &uri, link, show)).fresh(fresh))
}

/// An award.
#[utoipa::path(get, path = "", tag = "badge", params(("id" = Uuid, Path)),
    responses((status = 200, body = UserBadgeView), (status = 404, description = "Not there, or not for the caller")))]
pub async fn find_user_badge(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    PathId(id): PathId<AwardId>,
) -> ApiResult<Reply<UserBadgeView>> {
    let fresh = app.catch_up(at_least, &READS).await?;
    let viewer = viewer(&app, &caller).await?;
    let (row, whole) = visible(&app, viewer, id).await?;
    seen_by(&app, &caller, viewer, vec![row.award.user_id]).await?;
    Ok(Reply::ok(UserBadgeView::new(row, whole)).fresh(fresh))
}

/// Awards a badge to a person. Staff may, and services with the scope `badges:award`. 200 if the person has it: it then
/// stays as it was.
#[utoipa::path(post, path = "", tag = "badge", request_body = AwardBody,
    responses((status = 201, body = UserBadgeView), (status = 200, body = UserBadgeView, description = "It was so already"),
        (status = 404, description = "There is no such person, or no such badge"),
        (status = 409, description = "The badge is not to be had now, or staff have taken it away")))]
pub async fn award_badge(
    State(app): State<App>,
    sender: Sender,
    prefer: Prefer,
    ApiForm(body): ApiForm<AwardBody>,
) -> ApiResult<Reply<UserBadgeView>> {
    // Whoever may not give badges learns nothing of them.
    let staff = matches!(sender.command.principal, commands::Principal::User { role, .. } if role.is_staff());
    if sender.user.is_some() && !staff {
        return Err(Problem::of(&kind::STAFF_ONLY));
    }
    let new = body.read(&app).await?;
    let done = app.commands().badges.award(new, &sender.command).await.map_err(nobody)?;
    let new = !done.events.is_empty() || done.receipt.replayed;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    let settled = app.settle(done.receipt.position, &[BADGES], prefer).await;
    let row = shown(&app, &done).await?;
    if sender.user.is_some() {
        seen(&app, &sender.command, vec![row.award.user_id]).await?;
    }
    Ok(Reply::new(status, UserBadgeView::new(row, sender.user.is_some())).fresh(settled))
}

/// Changes an award: its person features it (at most six), staff write notes.
#[utoipa::path(method(put, patch), path = "", tag = "badge", params(("id" = Uuid, Path)), request_body = AwardChangeBody,
    responses((status = 200, body = UserBadgeView), (status = 404, description = "Not there, or not for the caller"),
        (status = 409, description = "Six badges are featured already")))]
pub async fn change_user_badge(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<AwardId>,
    ApiJson(body): ApiJson<Map<String, Value>>,
) -> ApiResult<Reply<UserBadgeView>> {
    let viewer = viewer(&app, &caller).await?;
    let (row, whole) = visible(&app, viewer, id).await?;
    let is_own = row.award.user_id == caller.user;
    let (user, current) = (row.award.user_id, UserBadgeView::new(row, whole));
    let AwardChange { is_featured, notes } = AwardChangeBody::read(body, &current)?;
    let mut position = app.queries().watcher().head().await?;
    if let Some(notes) = notes {
        if !viewer.is_staff {
            return Err(Problem::of(&kind::STAFF_ONLY));
        }
        caller.with_token()?;
        position =
            app.commands().badges.note(id, notes, &caller.command).await.map_err(gone)?.receipt.position;
    }
    if let Some(featured) = is_featured {
        if !is_own {
            return Err(Problem::of(&kind::FORBIDDEN).detail("only the holder of a badge can feature it"));
        }
        position = app
            .commands()
            .badges
            .feature(id, featured, &caller.command)
            .await
            .map_err(gone)?
            .receipt
            .position;
    }
    let settled = app.settle(position, &READS, prefer).await;
    let (row, whole) = visible(&app, viewer, id).await?;
    seen_by(&app, &caller, viewer, vec![user]).await?;
    Ok(Reply::ok(UserBadgeView::new(row, whole)).fresh(settled))
}

/// Revokes a badge for a reason, until staff award it again. Repeated, it changes nothing. Staff only.
#[utoipa::path(delete, path = "", tag = "badge", params(("id" = Uuid, Path), RevocationQuery),
    request_body = Option<RevocationBody>,
    responses((status = 200, body = UserBadgeView), (status = 404, description = "There is no such award")))]
pub async fn revoke_user_badge(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<AwardId>,
    ApiQuery(query): ApiQuery<RevocationQuery>,
    OptionalJson(body): OptionalJson<RevocationBody>,
) -> ApiResult<Reply<UserBadgeView>> {
    let reason = reason(body, query.reason)?;
    let done = app.commands().badges.revoke(id, reason, &caller.command).await.map_err(gone)?;
    decided(&app, &caller, &done, prefer).await
}

/// Lets a person earn a revoked badge again; it awards nothing. Staff only.
#[utoipa::path(post, path = "", tag = "badge", params(("id" = Uuid, Path)),
    responses((status = 200, body = UserBadgeView), (status = 404, description = "There is no such award")))]
pub async fn lift_revocation(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<AwardId>,
) -> ApiResult<Reply<UserBadgeView>> {
    let done = app.commands().badges.lift(id, &caller.command).await.map_err(gone)?;
    decided(&app, &caller, &done, prefer).await
}

/// What staff did to an award.
async fn decided(
    app: &App,
    caller: &Caller,
    done: &Done<Award>,
    prefer: Prefer,
) -> ApiResult<Reply<UserBadgeView>> {
    let settled = app.settle(done.receipt.position, &[BADGES], prefer).await;
    let row = shown(app, done).await?;
    seen(app, &caller.command, vec![row.award.user_id]).await?;
    Ok(Reply::ok(UserBadgeView::new(row, true)).fresh(settled))
}

/// An award after a command. What the read model does not show in time was done all the same.
async fn shown(app: &App, done: &Done<Award>) -> ApiResult<UserBadge> {
    let id = AwardId::from_uuid(done.receipt.id);
    let is_new = |row: &UserBadge| row.award.version >= done.receipt.version;
    if let Some(row) = app.queries().find_award(id).await?.filter(is_new) {
        return Ok(row);
    }
    app.catch_up(MinPosition(Some(done.receipt.position)), &[BADGES]).await?;
    let late =
        || Problem::of(&kind::UNAVAILABLE).retry_after(1).detail("the change is done, but not visible yet");
    app.queries().find_award(id).await?.filter(is_new).ok_or_else(late)
}

/// An award that the viewer may see, and whether all of it.
async fn visible(app: &App, viewer: Viewer, id: AwardId) -> ApiResult<(UserBadge, bool)> {
    let row = app.queries().find_award(id).await?.ok_or_else(not_there)?;
    let sight = sight(app, viewer, row.award.user_id).await?;
    let whole = sight == Some(Sight::Everything);
    if whole || (sight == Some(Sight::Profile) && row.award.is_held()) {
        return Ok((row, whole));
    }
    Err(not_there())
}

/// How much of a person the viewer sees, if there is such a person for them.
async fn sight(app: &App, viewer: Viewer, user: UserId) -> ApiResult<Option<Sight>> {
    if user == viewer.user {
        return Ok(Some(Sight::Everything));
    }
    let person = app.queries().find_person(viewer, user).await?;
    Ok(person.and_then(|person| person.sight(viewer)))
}

/// An erased person is as absent as one who never was.
fn nobody(error: CommandError) -> Problem {
    match error {
        CommandError::NotFound => Problem::of(&kind::ACCOUNT_NOT_FOUND),
        error => error.into(),
    }
}

fn gone(error: CommandError) -> Problem {
    match error {
        CommandError::NotFound => not_there(),
        error => error.into(),
    }
}

fn not_there() -> Problem {
    Problem::of(&kind::AWARD_NOT_FOUND)
}

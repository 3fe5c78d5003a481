//! The notification centre: what the caller is told of, and what of it they have read (NTF-01).
//!
//! Nothing here is seen by anybody else, staff included.

use crate::{
    App,
    caller::Caller,
    extract::{ApiQuery, OptionalJson, PathId},
    http::views::{PageView, refused, size},
    notices::views::{NotificationView, NotificationsView, UnreadView},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply},
};
use crate::{badges::public_badges::page_url, people::person::up_to_date};
use axum::{extract::State, http::Uri};
use domain::EventId;
use projections::{
    BADGES, NOTIFICATIONS, Name, Order, Seek, Stretch,
    notifications::query::{Notification, NotificationFilter},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A notification, and how its badge looks.
const READS: [Name; 2] = [NOTIFICATIONS, BADGES];

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NotificationsQuery {
    /// Only what is unread, or only what is read; absent: both.
    unread: Option<bool>,
    /// From `next` or `previous` of another page.
    #[param(pattern = "^(after|before)-[0-9]{1,18}$")]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    page_size: Option<u32>,
}

impl NotificationsQuery {
    fn stretch(&self) -> ApiResult<Stretch> {
        let seek = self.cursor.as_deref().map(str::parse).transpose();
        let seek = seek.map_err(|_| refused("cursor", "use a cursor from `next` or `previous`"))?;
        Ok(Stretch { order: Order::NewestFirst, seek, limit: size("page_size", self.page_size)? })
    }
}

/// Up to which notification everything is read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadRequest {
    /// The id of a notification, that included; absent: all that there are.
    through: Option<Uuid>,
}

/// What the caller is told of, newest first, and how much of it is unread.
#[utoipa::path(get, path = "", tag = "notification", params(NotificationsQuery),
    responses((status = 200, body = NotificationsView)))]
pub async fn list_notifications(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<NotificationsQuery>,
) -> ApiResult<Reply<NotificationsView>> {
    let stretch = query.stretch()?;
    let fresh = app.catch_up(at_least, &READS).await?;
    let filter = NotificationFilter { user: caller.user, unread: query.unread };
    let page = app.queries().list_notifications(filter, stretch).await?;
    let unread_count = app.queries().count_unread_notifications(caller.user).await?;
    let link = |seek: Seek| ("cursor", seek.to_string());
    let page = PageView::new(page, &uri, link, |notification| shown(&app, notification));
    Ok(Reply::ok(NotificationsView { page, unread_count }).fresh(fresh))
}

/// Returns one of the caller's notifications.
#[utoipa::path(get, path = "", tag = "notification", params(("id" = Uuid, Path)),
    responses((status = 200, body = NotificationView), (status = 404, description = "Not there, or not the caller's")))]
pub async fn find_notification(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    PathId(id): PathId<EventId>,
) -> ApiResult<Reply<NotificationView>> {
    let fresh = app.catch_up(at_least, &READS).await?;
    let found = own(&app, &caller, id).await?.ok_or_else(not_there)?;
    Ok(Reply::ok(shown(&app, found)).fresh(fresh))
}

/// Marks a notification as read; one that is read already stays as it is.
#[utoipa::path(post, path = "", tag = "notification", params(("id" = Uuid, Path)),
    responses((status = 200, body = NotificationView), (status = 404, description = "Not there, or not the caller's")))]
pub async fn read_notification(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<EventId>,
) -> ApiResult<Reply<NotificationView>> {
    let known = known(&app, &caller, id).await?;
    let this = (id, position(&known));
    let done = app.commands().notices.read_notification(caller.user, this, &caller.command).await?;
    let settled = app.settle(done.receipt.position, &[NOTIFICATIONS], prefer).await;
    let mut read = own(&app, &caller, id).await?.unwrap_or(known);
    // It is read, whether or not the read model shows it yet.
    read.row.read_at.get_or_insert_with(|| app.now());
    Ok(Reply::ok(shown(&app, read)).fresh(settled))
}

/// Marks all notifications up to a given one as read, or all of them.
#[utoipa::path(post, path = "", tag = "notification", request_body = Option<ReadRequest>,
    responses((status = 200, body = UnreadView), (status = 404, description = "`through` is not there, or not the caller's")))]
pub async fn read_notifications(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    OptionalJson(body): OptionalJson<ReadRequest>,
) -> ApiResult<Reply<UnreadView>> {
    let last = match body.and_then(|body| body.through) {
        Some(id) => Some(known(&app, &caller, EventId::from_uuid(id)).await?),
        None => newest(&app, &caller).await?,
    };
    let through = last.as_ref().map_or(0, position);
    let done = app.commands().notices.read_notifications(caller.user, through, &caller.command).await?;
    let settled = app.settle(done.receipt.position, &[NOTIFICATIONS], prefer).await;
    let unread_count = app.queries().count_unread_notifications(caller.user).await?;
    Ok(Reply::ok(UnreadView { unread_count }).fresh(settled))
}

async fn own(app: &App, caller: &Caller, id: EventId) -> ApiResult<Option<Notification>> {
    let found = app.queries().find_notification(id).await?;
    Ok(found.filter(|notification| notification.row.user_id == caller.user))
}

/// The caller's notification of this id, also one of this moment. The read model only tells what never changes: whose it
/// is, and its position.
async fn known(app: &App, caller: &Caller, id: EventId) -> ApiResult<Notification> {
    if let Some(found) = own(app, caller, id).await? {
        return Ok(found);
    }
    up_to_date(app, &[NOTIFICATIONS]).await?;
    own(app, caller, id).await?.ok_or_else(not_there)
}

async fn newest(app: &App, caller: &Caller) -> ApiResult<Option<Notification>> {
    up_to_date(app, &[NOTIFICATIONS]).await?;
    let filter = NotificationFilter { user: caller.user, unread: None };
    let first = Stretch { order: Order::NewestFirst, seek: None, limit: 1 };
    Ok(app.queries().list_notifications(filter, first).await?.results.into_iter().next())
}

/// No position is below zero.
fn position(notification: &Notification) -> u64 {
    notification.row.position.unsigned_abs()
}

fn shown(app: &App, notification: Notification) -> NotificationView {
    let url = page_url(app, notification.row.award_id);
    NotificationView::new(notification, url)
}

fn not_there() -> Problem {
    Problem::of(&kind::NOTIFICATION_NOT_FOUND)
}

//! Events of a person (EVT-01): one's own, or anybody's for staff.

use crate::{
    App,
    audit::views::UserEventView,
    caller::Caller,
    extract::ApiQuery,
    http::views::{PageView, refused, size},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Reply},
};
use crate::{audit::history::known_time, audit::witness::viewed};
use axum::{extract::State, http::Uri};
use chrono::{DateTime, Utc};
use domain::{Subject, UserId, access_log::View};
use projections::{
    ACCOUNTS, Order, Seek, Stretch, USER_EVENTS,
    user_events::{
        EventWord, Severity,
        query::{UserEventFilter, UserEventRow},
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// All that are given must hold.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserEventsQuery {
    /// Whose. For staff anybody's, and everybody's if absent; for others the caller's own.
    user: Option<Uuid>,
    #[param(example = "login")]
    event_type: Option<String>,
    /// `low`, `medium`, `high` or `critical`.
    #[param(example = "medium")]
    severity: Option<String>,
    success: Option<bool>,
    requires_review: Option<bool>,
    /// Recorded at or after (RFC 3339).
    from: Option<DateTime<Utc>>,
    /// Recorded before (RFC 3339).
    to: Option<DateTime<Utc>>,
    /// From `next` or `previous` of another page.
    #[param(pattern = "^(after|before)-[0-9]{1,18}$")]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    page_size: Option<u32>,
}

impl UserEventsQuery {
    fn stretch(&self) -> ApiResult<Stretch> {
        let seek = self.cursor.as_deref().map(str::parse).transpose();
        let seek = seek.map_err(|_| refused("cursor", "use a cursor from `next` or `previous`"))?;
        Ok(Stretch { order: Order::NewestFirst, seek, limit: size("page_size", self.page_size)? })
    }

    /// But for whose.
    fn filter(self) -> ApiResult<UserEventFilter> {
        Ok(UserEventFilter {
            user: None,
            event_type: self.event_type.map(|text| word(&text)).transpose()?,
            severity: self.severity.map(|text| severity(&text)).transpose()?,
            success: self.success,
            requires_review: self.requires_review,
            since: known_time("from", self.from)?,
            until: known_time("to", self.to)?,
        })
    }
}

fn word(text: &str) -> ApiResult<EventWord> {
    let known = EventWord::ALL.iter().copied().find(|word| word.name() == text);
    known.ok_or_else(|| refused("event_type", "there is no event of this type"))
}

fn severity(text: &str) -> ApiResult<Severity> {
    let known = Severity::ALL.into_iter().find(|severity| severity.name() == text);
    known.ok_or_else(|| refused("severity", "low, medium, high or critical"))
}

/// What the caller did, or what was done to the account, newest first; for staff anybody's.
#[utoipa::path(get, path = "", tag = "audit", params(UserEventsQuery),
    responses((status = 200, body = PageView<UserEventView>),
        (status = 403, description = "Another's are for staff")))]
pub async fn list_user_events(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<UserEventsQuery>,
) -> ApiResult<Reply<PageView<UserEventView>>> {
    let stretch = query.stretch()?;
    let user = query.user.map(UserId::from_uuid);
    let filter = query.filter()?;
    let fresh = app.catch_up(at_least, &[ACCOUNTS, USER_EVENTS]).await?;
    let (user, show) = visible(&app, &caller, user).await?;
    let filter = UserEventFilter { user, ..filter };
    let page = app.queries().list_user_events(&filter, stretch).await?;
    if filter.user != Some(caller.user) {
        let people = page.results.iter().map(|row| row.user_id).chain(filter.user);
        viewed(&app, &caller.command, View::Events, people.map(Subject::of)).await?;
    }
    let link = |seek: Seek| ("cursor", seek.to_string());
    Ok(Reply::ok(PageView::new(page, &uri, link, show)).fresh(fresh))
}

type Show = fn(UserEventRow) -> UserEventView;

/// Whose events are shown, none is everybody's; and how. One's own are shown as to anybody, whatever one's role.
async fn visible(app: &App, caller: &Caller, asked: Option<UserId>) -> ApiResult<(Option<UserId>, Show)> {
    if asked == Some(caller.user) {
        return Ok((asked, UserEventView::for_person));
    }
    // A key has no role, whoever's it is.
    let staff = caller.session.is_some() && is_staff(app, caller.user).await?;
    match (staff, asked) {
        (true, asked) => Ok((asked, UserEventView::for_staff)),
        (false, None) => Ok((Some(caller.user), UserEventView::for_person)),
        (false, Some(_)) => Err(Problem::of(&kind::STAFF_ONLY)),
    }
}

/// By now, whatever the token says.
pub(crate) async fn is_staff(app: &App, user: UserId) -> ApiResult<bool> {
    let account = app.queries().find_account(user).await?;
    Ok(account.is_some_and(|account| account.is_verified && account.role.is_staff()))
}

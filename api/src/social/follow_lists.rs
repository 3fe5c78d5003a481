//! Lists of follows, as they are or as they were, for whoever may see them (SOC-02).

use crate::{
    App,
    caller::Caller,
    extract::ApiQuery,
    http::views::{PageView, link, paging},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Reply},
    social::views::FollowView,
};
use crate::{
    audit::history::known_time,
    audit::witness::seen_by,
    people::person::{may_list_people, viewer},
};
use axum::{extract::State, http::Uri};
use chrono::{DateTime, Utc};
use domain::{UserId, values::FollowStatus};
use projections::{
    PROFILE_PAGES, SOCIAL_GRAPH, Sight, USER_SETTINGS, Viewer,
    social_graph::lists::{Direction, FollowFilter},
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Which list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ListName {
    /// Who follows the person.
    Followers,
    /// Whom the person follows.
    #[default]
    Following,
    /// Who waits for the person's answer.
    Requests,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FollowsQuery {
    /// `followers`, `following` or `requests` (to follow the person, waiting for an answer).
    #[param(value_type = Option<String>, example = "followers")]
    direction: Option<ListName>,
    /// Whose; the caller's own, if absent.
    user: Option<Uuid>,
    /// `pending`, `accepted` or `rejected`: by default `accepted`, for requests `pending`.
    #[param(value_type = Option<String>, example = "accepted")]
    status: Option<FollowStatus>,
    /// The list as it was then (RFC 3339).
    as_of: Option<DateTime<Utc>>,
    /// From `next` or `previous`: what comes and goes meanwhile makes nothing appear twice or not at all.
    cursor: Option<String>,
    /// By number instead, from 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    page_size: Option<u32>,
}

impl FollowsQuery {
    fn list(&self) -> ListName {
        self.direction.unwrap_or_default()
    }

    fn filter(&self, caller: &Caller, now: DateTime<Utc>) -> ApiResult<FollowFilter> {
        let (direction, usual) = match self.list() {
            ListName::Followers => (Direction::Followers, FollowStatus::Accepted),
            ListName::Following => (Direction::Following, FollowStatus::Accepted),
            ListName::Requests => (Direction::Followers, FollowStatus::Pending),
        };
        Ok(FollowFilter {
            user: self.user.map_or(caller.user, UserId::from_uuid),
            direction,
            status: self.status.unwrap_or(usual),
            as_of: known_time("as_of", self.as_of)?,
            viewer: caller.user,
            now,
        })
    }
}

/// Lists a person's followers, the people they follow, or the requests to follow them; the newest request first. People
/// whom a block keeps apart from the caller are not in it.
#[utoipa::path(get, path = "", tag = "social", params(FollowsQuery),
    responses((status = 200, body = PageView<FollowView>),
        (status = 403, description = "The list is not shown to the caller"),
        (status = 404, description = "There is no such person")))]
pub async fn list_follows(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<FollowsQuery>,
) -> ApiResult<Reply<PageView<FollowView>>> {
    let wanted = paging(query.cursor.as_deref(), query.page, query.page_size)?;
    let filter = query.filter(&caller, app.now())?;
    let fresh = app.catch_up(at_least, &[SOCIAL_GRAPH, PROFILE_PAGES, USER_SETTINGS]).await?;
    let viewer = match filter.user == caller.user {
        true => None,
        false => Some(may_see(&app, &caller, &filter).await?),
    };
    let page = app.queries().list_follows(&filter, wanted).await?;
    if let Some(viewer) = viewer {
        let ends = page.results.iter().flat_map(|row| [row.follower, row.followed]);
        let people = ends.chain([filter.user]).filter(|person| *person != caller.user);
        seen_by(&app, &caller, viewer, people.collect()).await?;
    }
    Ok(Reply::ok(PageView::new(page, &uri, link, FollowView::from)).fresh(fresh))
}

/// Another's accepted follows are for whoever sees the whole profile.
async fn may_see(app: &App, caller: &Caller, filter: &FollowFilter) -> ApiResult<Viewer> {
    may_list_people(app, caller).await?;
    let viewer = viewer(app, caller).await?;
    let absent = || Problem::of(&kind::ACCOUNT_NOT_FOUND);
    let person = app.queries().find_person(viewer, filter.user).await?.ok_or_else(absent)?;
    let sight = person.sight(viewer).ok_or_else(absent)?;
    let shown = filter.status == FollowStatus::Accepted && sight >= Sight::Profile;
    if shown { Ok(viewer) } else { Err(Problem::of(&kind::LIST_PRIVATE)) }
}

//! All awards together: the leaderboard (BDG-19), and what staff want to know (BDG-18).

use crate::{
    App,
    badges::views::{BadgeAnalyticsView, LeaderboardView},
    caller::Caller,
    extract::ApiQuery,
    http::views::refused,
    problem::ApiResult,
    reply::{MinPosition, Reply},
};
use crate::{audit::witness, people::person::viewer};
use axum::extract::State;
use projections::{
    ACCOUNTS, BADGES, Name, PROFILE_PAGES, SOCIAL_GRAPH, USER_SETTINGS, badges::standings::BoardTimeframe,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// What the leaderboard is read from.
const LEADERS: [Name; 4] = [BADGES, PROFILE_PAGES, USER_SETTINGS, SOCIAL_GRAPH];

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LeaderboardQuery {
    /// `all_time`, or `30d`: what was earned in the last 30 days.
    #[param(example = "all_time")]
    timeframe: Option<String>,
}

/// Lists the fifty people with the most points from badges, then with the most badges.
///
/// Only people whose profile is public are on it, and nobody who is suspended, leaving or apart from the caller by a
/// block.
#[utoipa::path(get, path = "", tag = "badge", params(LeaderboardQuery),
    responses((status = 200, body = LeaderboardView)))]
pub async fn leaderboard(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    ApiQuery(query): ApiQuery<LeaderboardQuery>,
) -> ApiResult<Reply<LeaderboardView>> {
    let (name, timeframe) = match query.timeframe.as_deref() {
        None | Some("all_time") => ("all_time", BoardTimeframe::AllTime),
        Some("30d") => ("30d", BoardTimeframe::Month),
        Some(_) => return Err(refused("timeframe", "all_time or 30d")),
    };
    let fresh = app.catch_up(at_least, &LEADERS).await?;
    let places = app.queries().list_leaders(viewer(&app, &caller).await?, timeframe).await?;
    Ok(Reply::ok(LeaderboardView::new(name, places)).fresh(fresh))
}

/// Returns statistics of all badges and awards. Staff only.
#[utoipa::path(get, path = "", tag = "badge", responses((status = 200, body = BadgeAnalyticsView)))]
pub async fn analytics(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
) -> ApiResult<Reply<BadgeAnalyticsView>> {
    let fresh = app.catch_up(at_least, &[BADGES, ACCOUNTS]).await?;
    let found = app.queries().find_badge_analytics(app.now()).await?;
    let people = found.recent_awards.iter().map(|recent| recent.award.user_id).collect();
    witness::seen(&app, &caller.command, people).await?;
    Ok(Reply::ok(found.into()).fresh(fresh))
}

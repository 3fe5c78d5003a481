//! A follow: asked for, found, answered, ended (SOC-01 to SOC-04).

use crate::people::person::{absent, acts, made, named_in, up_to_date, whole};
use crate::{
    App,
    caller::Caller,
    extract::{ApiForm, Checks, Form, PathId},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply},
    social::views::FollowView,
};
use axum::{extract::State, http::StatusCode};
use commands::Done;
use domain::{FollowId, UserId, follow::Follow};
use projections::{SOCIAL_GRAPH, social_graph::query::FollowRow};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whom to follow: one of `following`, `followed` and `user_id`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowRequest {
    /// The caller, if given at all.
    follower: Option<Uuid>,
    following: Option<Uuid>,
    /// Same as `following`.
    followed: Option<Uuid>,
    /// Same as `following`.
    user_id: Option<Uuid>,
}

impl FollowRequest {
    fn person(&self, checks: &mut Checks) -> Option<UserId> {
        let names = [("following", self.following), ("followed", self.followed), ("user_id", self.user_id)];
        named_in(checks, names)
    }
}

impl Form for FollowRequest {
    fn check(&self, checks: &mut Checks) {
        self.person(checks);
    }
}

/// Follows a person, or requests it: `status` is `accepted` or `pending`, depending on the person's profile. 200 if it
/// is so already.
#[utoipa::path(post, path = "", tag = "social", request_body = FollowRequest,
    responses((status = 201, body = FollowView), (status = 200, body = FollowView, description = "It was so already"),
        (status = 404, description = "There is no such person"),
        (status = 409, description = "The caller has blocked this person")))]
pub async fn follow(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    ApiForm(body): ApiForm<FollowRequest>,
) -> ApiResult<Reply<FollowView>> {
    acts("follower", body.follower, &caller)?;
    let mut checks = Checks::default();
    let person = body.person(&mut checks);
    let person = whole(checks, person)?;
    let done = app.commands().social.follow(person, &caller.command).await.map_err(absent)?;
    reply(&app, made(&done), &done, (caller.user, person), prefer).await
}

/// Returns one follow by or of the caller, also one that has ended.
#[utoipa::path(get, path = "", tag = "social", params(("id" = Uuid, Path)),
    responses((status = 200, body = FollowView), (status = 404, description = "Not there, or not the caller's")))]
pub async fn find_follow(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    PathId(id): PathId<FollowId>,
) -> ApiResult<Reply<FollowView>> {
    let fresh = app.catch_up(at_least, &[SOCIAL_GRAPH]).await?;
    Ok(Reply::ok(FollowView::from(find(&app, &caller, id).await?)).fresh(fresh))
}

/// Ends a follow: the follower unfollows or cancels the request, or the followed person removes the follower.
#[utoipa::path(delete, path = "", tag = "social", params(("id" = Uuid, Path)),
    responses((status = 200, body = FollowView), (status = 404, description = "Not there, or not the caller's")))]
pub async fn end_follow(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<FollowId>,
) -> ApiResult<Reply<FollowView>> {
    let FollowRow { follower, followed, .. } = find(&app, &caller, id).await?;
    let done = match follower == caller.user {
        true => app.commands().social.unfollow(followed, &caller.command).await,
        false => app.commands().social.remove_follower(follower, &caller.command).await,
    };
    reply(&app, StatusCode::OK, &done.map_err(absent)?, (follower, followed), prefer).await
}

/// Accepts a request to follow the caller.
#[utoipa::path(post, path = "", tag = "social", params(("id" = Uuid, Path)),
    responses((status = 200, body = FollowView), (status = 404, description = "Not there, or not to the caller"),
        (status = 409, description = "It does not wait for an answer")))]
pub async fn approve_follow(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<FollowId>,
) -> ApiResult<Reply<FollowView>> {
    let follower = follower_of(&app, &caller, id).await?;
    let done = app.commands().social.accept_follow(follower, &caller.command).await.map_err(absent)?;
    reply(&app, StatusCode::OK, &done, (follower, caller.user), prefer).await
}

/// Rejects a request to follow the caller. The person may ask again.
#[utoipa::path(post, path = "", tag = "social", params(("id" = Uuid, Path)),
    responses((status = 200, body = FollowView), (status = 404, description = "Not there, or not to the caller"),
        (status = 409, description = "It does not wait for an answer")))]
pub async fn reject_follow(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<FollowId>,
) -> ApiResult<Reply<FollowView>> {
    let follower = follower_of(&app, &caller, id).await?;
    let done = app.commands().social.reject_follow(follower, &caller.command).await.map_err(absent)?;
    reply(&app, StatusCode::OK, &done, (follower, caller.user), prefer).await
}

async fn reply(
    app: &App,
    status: StatusCode,
    done: &Done<Follow>,
    (follower, followed): (UserId, UserId),
    prefer: Prefer,
) -> ApiResult<Reply<FollowView>> {
    let settled = app.settle(done.receipt.position, &[SOCIAL_GRAPH], prefer).await;
    let view = FollowView::of(&done.state, follower, followed);
    let view = view.ok_or_else(|| Problem::internal("a pair without the follow that was asked for"))?;
    Ok(Reply::new(status, view).fresh(settled))
}

/// Who asked to follow the caller.
async fn follower_of(app: &App, caller: &Caller, id: FollowId) -> ApiResult<UserId> {
    let row = find(app, caller, id).await?;
    if row.followed == caller.user { Ok(row.follower) } else { Err(not_there()) }
}

/// A follow by or of the caller, unless a block keeps the two apart.
///
/// The read model only tells whose follow an id is, which never changes; what may be done is decided on the log.
async fn find(app: &App, caller: &Caller, id: FollowId) -> ApiResult<FollowRow> {
    let mut row = app.queries().find_follow(id).await?;
    if row.is_none() {
        up_to_date(app, &[SOCIAL_GRAPH]).await?;
        row = app.queries().find_follow(id).await?;
    }
    let row = row.filter(|row| [row.follower, row.followed].contains(&caller.user)).ok_or_else(not_there)?;
    let standing = app.queries().find_standing(row.follower, row.followed).await?;
    if standing.apart { Err(not_there()) } else { Ok(row) }
}

fn not_there() -> Problem {
    Problem::of(&kind::FOLLOW_NOT_FOUND)
}

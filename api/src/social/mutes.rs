//! The caller's mutes: of whom they want to hear nothing. Nothing here is seen by anybody else.

use crate::people::person::{absent, acts, made, named_in, up_to_date, whole};
use crate::{
    App,
    caller::Caller,
    extract::{ApiForm, ApiQuery, Checks, Form, PathId},
    http::views::{MessageView, PageQuery, PageView, link},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply},
    social::views::MuteView,
};
use axum::{extract::State, http::Uri};
use domain::{MuteId, UserId};
use projections::SOCIAL_GRAPH;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whom to mute: `muted` or `user_id`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MuteRequest {
    /// The caller, if given at all.
    muter: Option<Uuid>,
    muted: Option<Uuid>,
    /// Same as `muted`.
    user_id: Option<Uuid>,
}

impl MuteRequest {
    fn person(&self, checks: &mut Checks) -> Option<UserId> {
        named_in(checks, [("muted", self.muted), ("user_id", self.user_id)])
    }
}

impl Form for MuteRequest {
    fn check(&self, checks: &mut Checks) {
        self.person(checks);
    }
}

/// Lists the people whom the caller has muted, newest first.
#[utoipa::path(get, path = "", tag = "social", params(PageQuery), responses((status = 200, body = PageView<MuteView>)))]
pub async fn list_mutes(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Reply<PageView<MuteView>>> {
    let wanted = query.paging()?;
    let fresh = app.catch_up(at_least, &[SOCIAL_GRAPH]).await?;
    let page = app.queries().list_mutes(caller.user, wanted).await?;
    Ok(Reply::ok(PageView::new(page, &uri, link, MuteView::from)).fresh(fresh))
}

/// Mutes a person. Follows stay as they are, and the person is not told. 200 if it is so already.
#[utoipa::path(post, path = "", tag = "social", request_body = MuteRequest,
    responses((status = 201, body = MuteView), (status = 200, body = MuteView, description = "It was so already"),
        (status = 404, description = "There is no such person")))]
pub async fn mute(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    ApiForm(body): ApiForm<MuteRequest>,
) -> ApiResult<Reply<MuteView>> {
    acts("muter", body.muter, &caller)?;
    let mut checks = Checks::default();
    let person = body.person(&mut checks);
    let person = whole(checks, person)?;
    let done = app.commands().social.mute(person, &caller.command).await.map_err(absent)?;
    let settled = app.settle(done.receipt.position, &[SOCIAL_GRAPH], prefer).await;
    let view = MuteView::of(&done.state, caller.user, person).ok_or_else(not_there)?;
    Ok(Reply::new(made(&done), view).fresh(settled))
}

/// Removes a mute.
#[utoipa::path(delete, path = "", tag = "social", params(("id" = Uuid, Path)),
    responses((status = 200, body = MessageView), (status = 404, description = "Not there, or not the caller's")))]
pub async fn unmute(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<MuteId>,
) -> ApiResult<Reply<MessageView>> {
    let person = muted(&app, &caller, id).await?;
    let done = app.commands().social.unmute(person, &caller.command).await.map_err(absent)?;
    let settled = app.settle(done.receipt.position, &[SOCIAL_GRAPH], prefer).await;
    Ok(Reply::ok(MessageView::new("Mute removed")).fresh(settled))
}

/// Whom the caller's mute of this id is about; the read model only tells what never changes.
async fn muted(app: &App, caller: &Caller, id: MuteId) -> ApiResult<UserId> {
    let mut row = app.queries().find_mute(id).await?;
    if row.is_none() {
        up_to_date(app, &[SOCIAL_GRAPH]).await?;
        row = app.queries().find_mute(id).await?;
    }
    row.filter(|row| row.muter == caller.user).map(|row| row.muted).ok_or_else(not_there)
}

fn not_there() -> Problem {
    Problem::of(&kind::MUTE_NOT_FOUND)
}

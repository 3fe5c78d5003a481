//! The caller's blocks (SOC-05). Nothing here is seen by anybody else.

use crate::people::person::{absent, acts, made, named_in, up_to_date, whole};
use crate::{
    App,
    caller::Caller,
    extract::{ApiForm, ApiQuery, Checks, Form, PathId},
    http::views::{MessageView, PageQuery, PageView, link},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply},
    social::views::BlockView,
};
use axum::{extract::State, http::Uri};
use domain::{BlockId, UserId, values::BlockReason};
use projections::SOCIAL_GRAPH;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whom to block: `blocked` or `user_id`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockRequest {
    /// The caller, if given at all.
    blocker: Option<Uuid>,
    blocked: Option<Uuid>,
    /// Same as `blocked`.
    user_id: Option<Uuid>,
    /// For the caller alone: 1 to 500 characters.
    reason: Option<String>,
}

impl Form for BlockRequest {
    fn check(&self, checks: &mut Checks) {
        self.person(checks);
        self.reason(checks);
    }
}

impl BlockRequest {
    fn person(&self, checks: &mut Checks) -> Option<UserId> {
        named_in(checks, [("blocked", self.blocked), ("user_id", self.user_id)])
    }

    /// A blank reason is none, as forms send it.
    fn reason(&self, checks: &mut Checks) -> Option<BlockReason> {
        let text = self.reason.as_deref().filter(|text| !text.trim().is_empty())?;
        checks.value("reason", BlockReason::parse(text))
    }
}

/// Lists the people whom the caller blocks, newest first.
#[utoipa::path(get, path = "", tag = "social", params(PageQuery), responses((status = 200, body = PageView<BlockView>)))]
pub async fn list_blocks(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Reply<PageView<BlockView>>> {
    let wanted = query.paging()?;
    let fresh = app.catch_up(at_least, &[SOCIAL_GRAPH]).await?;
    let page = app.queries().list_blocks(caller.user, wanted).await?;
    Ok(Reply::ok(PageView::new(page, &uri, link, BlockView::from)).fresh(fresh))
}

/// Blocks a person: ends follows and requests both ways, and hides the two from each other. The person is not told.
/// 200 if it is so already; the reason then stays what it was.
#[utoipa::path(post, path = "", tag = "social", request_body = BlockRequest,
    responses((status = 201, body = BlockView), (status = 200, body = BlockView, description = "It was so already"),
        (status = 404, description = "There is no such person")))]
pub async fn block(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    ApiForm(body): ApiForm<BlockRequest>,
) -> ApiResult<Reply<BlockView>> {
    acts("blocker", body.blocker, &caller)?;
    let mut checks = Checks::default();
    let (person, reason) = (body.person(&mut checks), body.reason(&mut checks));
    let person = whole(checks, person)?;
    let done = app.commands().social.block(person, reason, &caller.command).await.map_err(absent)?;
    let settled = app.settle(done.receipt.position, &[SOCIAL_GRAPH], prefer).await;
    let view = BlockView::of(&done.state, caller.user, person).ok_or_else(not_there)?;
    Ok(Reply::new(made(&done), view).fresh(settled))
}

/// Removes a block. What it ended stays ended.
#[utoipa::path(delete, path = "", tag = "social", params(("id" = Uuid, Path)),
    responses((status = 200, body = MessageView), (status = 404, description = "Not there, or not the caller's")))]
pub async fn unblock(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<BlockId>,
) -> ApiResult<Reply<MessageView>> {
    let person = blocked(&app, &caller, id).await?;
    let done = app.commands().social.unblock(person, &caller.command).await.map_err(absent)?;
    let settled = app.settle(done.receipt.position, &[SOCIAL_GRAPH], prefer).await;
    Ok(Reply::ok(MessageView::new("Block removed")).fresh(settled))
}

/// Whom the caller's block of this id is about; the read model only tells what never changes.
async fn blocked(app: &App, caller: &Caller, id: BlockId) -> ApiResult<UserId> {
    let mut row = app.queries().find_block(id).await?;
    if row.is_none() {
        up_to_date(app, &[SOCIAL_GRAPH]).await?;
        row = app.queries().find_block(id).await?;
    }
    row.filter(|row| row.blocker == caller.user).map(|row| row.blocked).ok_or_else(not_there)
}

fn not_there() -> Problem {
    Problem::of(&kind::BLOCK_NOT_FOUND)
}

//! Accounts are given up, and that they are gone is certified (USR-05, C-39).

use crate::{
    App,
    account::views::{DeletionView, ErasureView},
    caller::Caller,
    extract::{ApiJson, ApiQuery, OptionalJson, PathId},
    http::views::{MessageView, PageQuery, PageView, link},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply},
};
use crate::{account::proof_body::ProofBody, people::person::absent};
use axum::{
    extract::State,
    http::{StatusCode, Uri},
};
use domain::UserId;
use projections::{ACCOUNTS, BADGES, ERASURES, Name, PROFILE_PAGES, SESSIONS, SOCIAL_GRAPH};

/// Where somebody's going and coming back shows.
const SHOWN: [Name; 6] = [ACCOUNTS, SESSIONS, PROFILE_PAGES, ERASURES, SOCIAL_GRAPH, BADGES];

/// Requests the deletion of the caller's account. Its sessions end and it is hidden at once; it is erased after the
/// grace (14 days unless configured), until when a login with `cancel_deletion` keeps it. Asks for the password, or a
/// login a moment ago.
#[utoipa::path(delete, path = "", tag = "account", request_body = Option<ProofBody>,
    responses((status = 202, body = DeletionView), (status = 403, description = "The password is needed, or wrong"),
        (status = 409, description = "An owner's account stays")))]
pub async fn delete_own(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    OptionalJson(body): OptionalJson<ProofBody>,
) -> ApiResult<Reply<DeletionView>> {
    delete(&app, &caller, caller.user, (body, prefer)).await
}

/// As `DELETE /api/me`, for clients whose `DELETE` carries no body.
#[utoipa::path(post, path = "", tag = "account", request_body = ProofBody,
    responses((status = 202, body = DeletionView), (status = 403, description = "The password is needed, or wrong"),
        (status = 409, description = "An owner's account stays")))]
pub async fn request_own_deletion(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    ApiJson(body): ApiJson<ProofBody>,
) -> ApiResult<Reply<DeletionView>> {
    delete(&app, &caller, caller.user, (Some(body), prefer)).await
}

/// Deletes an account: the caller's own as `DELETE /api/me` does; staff delete another's, which is erased at once.
/// Accounts of staff are deleted by owners only.
#[utoipa::path(delete, path = "", tag = "account", params(("id" = Uuid, Path)), request_body = Option<ProofBody>,
    responses((status = 202, body = DeletionView), (status = 403, description = "Own: the password is needed, or wrong"),
        (status = 404, description = "There is no such account"),
        (status = 409, description = "An owner's account stays")))]
pub async fn delete_user(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<UserId>,
    OptionalJson(body): OptionalJson<ProofBody>,
) -> ApiResult<Reply<DeletionView>> {
    delete(&app, &caller, id, (body, prefer)).await
}

/// Cancels a requested deletion if nothing is erased yet.
#[utoipa::path(post, path = "", tag = "administration", params(("id" = Uuid, Path)),
    responses((status = 200, body = MessageView), (status = 404, description = "There is no such account")))]
pub async fn cancel_deletion(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<UserId>,
) -> ApiResult<Reply<MessageView>> {
    let done = app.commands().accounts.cancel_deletion(id, &caller.command).await.map_err(absent)?;
    let settled = app.settle(done.receipt.position, &SHOWN, prefer).await;
    Ok(Reply::ok(MessageView::new("The deletion was cancelled")).fresh(settled))
}

/// Lists every account whose deletion was requested, the latest request first: ids and times only.
#[utoipa::path(get, path = "", tag = "administration", params(PageQuery),
    responses((status = 200, body = PageView<ErasureView>)))]
pub async fn list_erasures(
    State(app): State<App>,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Reply<PageView<ErasureView>>> {
    let wanted = query.paging()?;
    let fresh = app.catch_up(at_least, &[ERASURES]).await?;
    let page = app.queries().list_erasures(wanted).await?;
    Ok(Reply::ok(PageView::new(page, &uri, link, ErasureView::from)).fresh(fresh))
}

/// Returns the state of a person's deletion; after the erasure, the certificate.
#[utoipa::path(get, path = "", tag = "administration", params(("id" = Uuid, Path)),
    responses((status = 200, body = ErasureView), (status = 404, description = "Nobody asked for it")))]
pub async fn find_erasure(
    State(app): State<App>,
    at_least: MinPosition,
    PathId(id): PathId<UserId>,
) -> ApiResult<Reply<ErasureView>> {
    let fresh = app.catch_up(at_least, &[ERASURES]).await?;
    let erasure = app.queries().find_erasure(id).await?;
    let erasure = erasure.ok_or_else(|| Problem::of(&kind::ERASURE_NOT_FOUND))?;
    Ok(Reply::ok(erasure.into()).fresh(fresh))
}

async fn delete(
    app: &App,
    caller: &Caller,
    user: UserId,
    (proof, prefer): (Option<ProofBody>, Prefer),
) -> ApiResult<Reply<DeletionView>> {
    let proof = ProofBody::password(proof);
    let done =
        app.commands().accounts.request_deletion(user, proof, &caller.command).await.map_err(absent)?;
    let settled = app.settle(done.receipt.position, &SHOWN, prefer).await;
    let view = DeletionView::of(user, &done.state).ok_or_else(|| Problem::of(&kind::ACCOUNT_NOT_FOUND))?;
    Ok(Reply::new(StatusCode::ACCEPTED, view).fresh(settled))
}

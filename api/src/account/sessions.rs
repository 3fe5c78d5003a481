//! The caller's own sessions (SESS-06).

use crate::account::proof_body::ProofBody;
use crate::{
    App,
    account::views::SessionView,
    caller::Caller,
    extract::{ApiJson, ApiQuery, OptionalJson, PathId},
    http::views::{MessageView, PageQuery, PageView, link},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply},
};
use axum::{extract::State, http::Uri};
use chrono::{DateTime, Utc};
use commands::CommandError;
use domain::{SessionId, UserId};
use projections::{ACCOUNTS, Paging, SESSION_GATE, SESSIONS};

/// Lists the caller's sessions, newest first, including ended ones.
#[utoipa::path(get, path = "", tag = "session", params(PageQuery), responses((status = 200, body = PageView<SessionView>)))]
pub async fn list_sessions(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Reply<PageView<SessionView>>> {
    let wanted = query.paging()?;
    let fresh = app.catch_up(at_least, &[SESSIONS]).await?;
    let page = page_of(&app, caller.user, caller.session, &uri, wanted).await?;
    Ok(Reply::ok(page).fresh(fresh))
}

/// A page of a person's sessions; `current` is the one that asks.
pub(super) async fn page_of(
    app: &App,
    user: UserId,
    current: Option<SessionId>,
    uri: &Uri,
    wanted: Paging<DateTime<Utc>>,
) -> ApiResult<PageView<SessionView>> {
    let page = app.queries().list_sessions(user, wanted).await?;
    let now = app.now();
    let sessions: Vec<SessionId> = page.results.iter().map(|row| row.session_id).collect();
    let seen = app.activity().of(&sessions).await?;
    Ok(PageView::new(page, uri, link, |row| {
        let seen = seen.get(&row.session_id).copied();
        SessionView::new(row, seen, current, now)
    }))
}

/// Returns one of the caller's sessions.
#[utoipa::path(get, path = "", tag = "session", params(("id" = Uuid, Path)),
    responses((status = 200, body = SessionView), (status = 404, description = "Not there, or not the caller's")))]
pub async fn find_session(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    PathId(id): PathId<SessionId>,
) -> ApiResult<Reply<SessionView>> {
    let fresh = app.catch_up(at_least, &[SESSIONS]).await?;
    let row = app.queries().find_session(id).await?.filter(|row| row.user_id == caller.user);
    let row = row.ok_or_else(|| Problem::of(&kind::SESSION_NOT_FOUND))?;
    let seen = app.activity().of(&[id]).await?.remove(&id);
    Ok(Reply::ok(SessionView::new(row, seen, caller.session, app.now())).fresh(fresh))
}

/// Ends one of the caller's sessions; its access tokens are rejected from now on. Another than the one that asks: with
/// the password, or a login a moment ago; it also drops a change of address that waits for its code.
#[utoipa::path(delete, path = "", tag = "session", params(("id" = Uuid, Path)), request_body = Option<ProofBody>,
    responses((status = 200, body = MessageView), (status = 403, description = "The password is needed, or wrong"),
        (status = 404, description = "Not there, or not the caller's")))]
pub async fn end_session(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<SessionId>,
    OptionalJson(body): OptionalJson<ProofBody>,
) -> ApiResult<Reply<MessageView>> {
    end_one(&app, &caller, id, (body, prefer)).await
}

/// As `DELETE /api/sessions/{id}`, for clients whose `DELETE` carries no body.
#[utoipa::path(post, path = "", tag = "session", params(("id" = Uuid, Path)), request_body = ProofBody,
    responses((status = 200, body = MessageView), (status = 403, description = "The password is needed, or wrong"),
        (status = 404, description = "Not there, or not the caller's")))]
pub async fn end_session_by_post(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<SessionId>,
    ApiJson(body): ApiJson<ProofBody>,
) -> ApiResult<Reply<MessageView>> {
    end_one(&app, &caller, id, (Some(body), prefer)).await
}

async fn end_one(
    app: &App,
    caller: &Caller,
    id: SessionId,
    (proof, prefer): (Option<ProofBody>, Prefer),
) -> ApiResult<Reply<MessageView>> {
    if caller.session != Some(id) {
        caller.with_token()?;
    }
    let proof = ProofBody::password(proof);
    let done = app.commands().accounts.end_session(id, proof, &caller.command).await.map_err(not_there)?;
    let settled = app.settle(done.receipt.position, &[ACCOUNTS, SESSIONS, SESSION_GATE], prefer).await;
    Ok(Reply::ok(MessageView::new("Session ended")).fresh(settled))
}

/// As for reading it.
fn not_there(error: CommandError) -> Problem {
    match error {
        CommandError::NotFound => Problem::of(&kind::SESSION_NOT_FOUND),
        error => Problem::from(error),
    }
}

/// Ends all other sessions of the caller, and cancels every pending code and token of the account. Asks for the
/// password, or a login a moment ago.
#[utoipa::path(delete, path = "", tag = "session", request_body = Option<ProofBody>,
    responses((status = 200, body = MessageView), (status = 403, description = "The password is needed, or wrong")))]
pub async fn end_other_sessions(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    OptionalJson(body): OptionalJson<ProofBody>,
) -> ApiResult<Reply<MessageView>> {
    end_others(&app, &caller, (body, prefer)).await
}

/// As `DELETE /api/sessions`, for clients whose `DELETE` carries no body.
#[utoipa::path(post, path = "", tag = "session", request_body = ProofBody,
    responses((status = 200, body = MessageView), (status = 403, description = "The password is needed, or wrong")))]
pub async fn end_other_sessions_by_post(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    ApiJson(body): ApiJson<ProofBody>,
) -> ApiResult<Reply<MessageView>> {
    end_others(&app, &caller, (Some(body), prefer)).await
}

async fn end_others(
    app: &App,
    caller: &Caller,
    (proof, prefer): (Option<ProofBody>, Prefer),
) -> ApiResult<Reply<MessageView>> {
    let done =
        app.commands().accounts.end_other_sessions(ProofBody::password(proof), &caller.command).await?;
    let settled = app.settle(done.receipt.position, &[ACCOUNTS, SESSIONS, SESSION_GATE], prefer).await;
    Ok(Reply::ok(MessageView::new("Other sessions ended")).fresh(settled))
}

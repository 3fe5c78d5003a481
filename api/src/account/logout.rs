//! Logout (AUTH-03): the session ends, and with it all its tokens, at once.

use crate::{
    App,
    caller::Caller,
    cookies,
    extract::OptionalJson,
    http::views::MessageView,
    problem::ApiResult,
    reply::{Prefer, Reply},
};
use axum::extract::State;
use projections::{SESSION_GATE, SESSIONS};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogoutBody {
    /// Ends the session of this token too, where it is another one.
    #[serde(default, alias = "refresh")]
    #[schema(format = Password)]
    refresh_token: Option<String>,
}

/// Ends the session of this request and deletes its cookie. The body may be left out.
#[utoipa::path(post, path = "", tag = "session", request_body = Option<LogoutBody>,
    responses((status = 200, body = MessageView)))]
pub async fn logout(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    OptionalJson(body): OptionalJson<LogoutBody>,
) -> ApiResult<Reply<MessageView>> {
    if let Some(token) = body.and_then(|body| body.refresh_token) {
        // Ending twice is ending once: the key belongs to the end of the acting session.
        let unkeyed = commands::Caller { idempotency: None, ..caller.command.clone() };
        app.commands().accounts.logout_by_refresh_token(&SecretString::from(token), &unkeyed).await?;
    }
    let done = app.commands().accounts.logout(&caller.command).await?;
    let settled = app.settle(done.receipt.position, &[SESSIONS, SESSION_GATE], prefer).await;
    Ok(Reply::ok(MessageView::new("Logged out")).fresh(settled).cookie(cookies::cleared()))
}

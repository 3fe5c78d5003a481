//! A change of the e-mail address is stopped by whoever reads the mail of the present one (AUTH-05).

use crate::{
    App,
    caller::Visitor,
    extract::ApiJson,
    http::views::MessageView,
    problem::ApiResult,
    reply::{Prefer, Reply},
};
use axum::extract::State;
use projections::{ACCOUNTS, API_KEYS, SESSION_GATE, SESSIONS};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopBody {
    /// From the mail; good for as long as the change waits.
    #[schema(format = Password)]
    token: String,
}

/// Stops a change of address that its person did not request: every session ends, and API keys are disabled. The same
/// token again changes nothing.
#[utoipa::path(post, path = "", tag = "account", request_body = StopBody,
    responses((status = 200, body = MessageView), (status = 422, description = "No such change waits any more")))]
pub async fn stop_email_change(
    State(app): State<App>,
    visitor: Visitor,
    prefer: Prefer,
    ApiJson(body): ApiJson<StopBody>,
) -> ApiResult<Reply<MessageView>> {
    let done =
        app.commands().accounts.stop_email_change(&SecretString::from(body.token), &visitor.command).await?;
    let read_models = [ACCOUNTS, SESSIONS, SESSION_GATE, API_KEYS];
    let settled = app.settle(done.receipt.position, &read_models, prefer).await;
    let message = "The change of address is stopped, and all sessions have ended; set a new password now, \
                   by a mail that `/api/auth/forgot-password` sends";
    Ok(Reply::ok(MessageView::new(message)).fresh(settled))
}

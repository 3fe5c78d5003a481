//! A refresh token is exchanged for its successor (SESS-02).

use super::issue;
use crate::{
    App,
    caller::Visitor,
    extract::ApiJson,
    problem::{ApiResult, Problem},
    reply::{Prefer, Reply},
    views::TokensView,
};
use axum::extract::State;
use commands::{CommandError, accounts::AccountError};
use projections::{SESSION_GATE, SESSIONS};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshBody {
    /// `refresh` is accepted too.
    #[serde(alias = "refresh")]
    #[schema(format = Password)]
    refresh_token: String,
}

/// Exchanges a refresh token for its successor and a new access token.
///
/// Each is good once. A reply that was lost may be asked for again within 30 s;
/// any other repetition is taken for a theft and ends the session.
#[utoipa::path(post, path = "", tag = "session", request_body = RefreshBody,
    responses((status = 200, body = TokensView), (status = 401, description = "The refresh token does not count")))]
pub async fn refresh(
    State(app): State<App>,
    visitor: Visitor,
    prefer: Prefer,
    ApiJson(body): ApiJson<RefreshBody>,
) -> ApiResult<Reply<TokensView>> {
    let token = SecretString::from(body.refresh_token);
    let session = match app.accounts().refresh(&token, &visitor.command).await {
        Ok(session) => session,
        Err(error) => return Err(refused(&app, error).await),
    };
    let settled = app.settle(session.receipt.position, &[SESSIONS], prefer).await;
    Ok(Reply::ok(issue::tokens(&app, session)?).fresh(settled))
}

/// A spent token ends the session: by the time of the reply, this node refuses its access tokens, too.
async fn refused(app: &App, error: CommandError) -> Problem {
    if matches!(error.reason(), Some(AccountError::RefreshTokenReused))
        && let Ok(head) = app.queries().watcher().head().await
    {
        let bound = app.options().fresh_within;
        app.queries().watcher().wait_for(&[SESSION_GATE], head, bound).await;
    }
    error.into()
}

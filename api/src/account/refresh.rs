//! A session goes on: by a refresh token, which is exchanged for its successor (SESS-02), or by the session cookie.

use crate::account::issue;
use crate::{
    App,
    account::views::TokensView,
    caller::{self, Visitor},
    cookies::csrf::OwnPage,
    credentials::Credentials,
    edge::Context,
    extract::OptionalJson,
    problem::{ApiResult, FieldError, Problem},
    reply::{Prefer, Reply},
};
use axum::{
    extract::State,
    http::{HeaderMap, Method, StatusCode},
};
use commands::{AccountError, CommandError, SessionTokens};
use projections::{SESSION_GATE, SESSIONS};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshBody {
    /// `refresh` is accepted too. Left out by a browser that has the session cookie.
    #[serde(default, alias = "refresh")]
    #[schema(format = Password)]
    refresh_token: Option<String>,
}

/// Exchanges a refresh token for its successor and a new access token.
///
/// Each is good once. Its reply may be asked for again, however often, within 30 s and as long as the successor is
/// unused; any other repetition is taken for a theft and ends the session.
/// Without a refresh token, the session cookie and `X-CSRF-Token` give an access token and prolong the session; its
/// refresh token stays what it is.
#[utoipa::path(post, path = "", tag = "session", request_body = Option<RefreshBody>,
    params(("X-CSRF-Token" = Option<String>, Header, description = "With the session cookie")),
    responses((status = 200, body = TokensView), (status = 401, description = "The refresh token or the cookie does not count"),
        (status = 403, description = "The cookie comes without its `X-CSRF-Token`")))]
pub async fn refresh(
    State(app): State<App>,
    visitor: Visitor,
    (prefer, page): (Prefer, OwnPage),
    (method, headers, context): (Method, HeaderMap, Context),
    OptionalJson(body): OptionalJson<RefreshBody>,
) -> ApiResult<Reply<TokensView>> {
    let session = match body.and_then(|body| body.refresh_token) {
        Some(token) => by_token(&app, &token.into(), &visitor).await?,
        None => by_cookie(&app, Credentials::new(&method, &headers, &context), visitor).await?,
    };
    let settled = app.settle(session.receipt.position, &[SESSIONS], prefer).await;
    Ok(issue::tokens(&app, StatusCode::OK, session, page)?.fresh(settled))
}

async fn by_token(app: &App, token: &SecretString, visitor: &Visitor) -> ApiResult<SessionTokens> {
    match app.commands().accounts.refresh(token, &visitor.command).await {
        Ok(session) => Ok(session),
        Err(error) => Err(refused(app, error).await),
    }
}

/// Whatever else is sent along: who has no refresh token is who the cookie says.
async fn by_cookie(app: &App, sent: Credentials<'_>, visitor: Visitor) -> ApiResult<SessionTokens> {
    let missing = || {
        let detail = "this field is required if there is no session cookie";
        Problem::invalid(vec![FieldError::new("/refresh_token", "missing", detail)])
    };
    let signed = sent.by_cookie(app).await?.ok_or_else(missing)?;
    let caller = commands::Caller { principal: caller::principal(Some(&signed)), ..visitor.command };
    Ok(app.commands().accounts.prolong(&caller).await?)
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

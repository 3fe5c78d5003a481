//! Access tokens and API keys judged for other services (SESS-03), in the shape of OAuth 2.0 token introspection (RFC 7662).

use crate::{
    App,
    access::session_lives,
    edge::RawBody,
    extract::ApiJson,
    problem::{ApiResult, FieldError, Problem},
    tokens::Claims,
};
use axum::{
    Form, Json,
    body::Body,
    extract::{FromRequest, Request, State},
    http::header,
};
use commands::{CommandError, LiveApiKey, key_text::MARK};
use domain::{UserId, values::Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyTokenBody {
    /// An access token, or an API key.
    #[schema(format = Password)]
    token: String,
    /// As RFC 7662 has it; access tokens and API keys are judged, whatever it says.
    #[serde(rename = "token_type_hint")]
    #[expect(dead_code, reason = "accepted so that clients of RFC 7662 need not leave it out")]
    hint: Option<String>,
}

/// What an access token or an API key is worth. All but the first two fields are absent unless it is valid
/// (RFC 7662, section 2.2), and those that only the other one of the two has.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct TokenVerdict {
    valid: bool,
    /// Same as `valid`, in the words of RFC 7662.
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Bearer")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "jane")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    /// The user; absent for a service's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<Uuid>,
    /// The session of an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<Uuid>,
    /// Of the account by now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "normal")]
    role: Option<Role>,
    /// The account's session epoch when the session started.
    #[serde(skip_serializing_if = "Option::is_none")]
    sep: Option<u32>,
    /// A contact of the account is verified by now.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<bool>,
    /// The scopes of an API key, parted by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "profile:read settings:read")]
    scope: Option<String>,
    /// The service of an API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "badge-engine")]
    client_id: Option<String>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// Of a key its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<Uuid>,
}

/// Checks an access token (its signature, its expiry, and whether its session is still active) or an API key.
///
/// Takes JSON or a form, as RFC 7662 has it. What is wrong with a token that is not active is not told.
#[utoipa::path(post, path = "", tag = "session",
    request_body(content((VerifyTokenBody = "application/json"),
        (VerifyTokenBody = "application/x-www-form-urlencoded"))),
    responses((status = 200, body = TokenVerdict, description = "Also for a token that is not valid")))]
pub async fn verify_token(
    State(app): State<App>,
    Introspected(body): Introspected,
) -> ApiResult<Json<TokenVerdict>> {
    if body.token.starts_with(MARK) {
        return of_key(&app, &body.token).await.map(Json);
    }
    let Ok(claims) = app.tokens().read(&body.token, app.now()) else { return Ok(Json::default()) };
    if !session_lives(&app, &claims).await? {
        return Ok(Json::default());
    }
    // None: the read model has not heard of it yet.
    let account = app.queries().find_account(claims.sub).await?;
    let (role, verified) = account
        .as_ref()
        .map_or((claims.role, claims.verified), |account| (account.role, account.is_verified));
    let username = account.and_then(|account| account.username);
    Ok(Json(TokenVerdict { username, role: Some(role), verified: Some(verified), ..claims.into() }))
}

/// Whoever may sign in again tomorrow has no active key today.
async fn of_key(app: &App, text: &str) -> ApiResult<TokenVerdict> {
    let key = match app.commands().accounts.check_api_key(text).await {
        Ok(key) => key,
        Err(CommandError::Rejected(_)) => return Ok(TokenVerdict::default()),
        Err(error) => return Err(error.into()),
    };
    let account = match key.holder.user() {
        Some(user) => app.queries().find_account(user).await?,
        None => None,
    };
    Ok(TokenVerdict { username: account.and_then(|account| account.username), ..key.into() })
}

impl TokenVerdict {
    /// The rest is the token's own.
    fn active() -> Self {
        Self { valid: true, active: true, token_type: Some("Bearer"), ..Self::default() }
    }
}

impl From<Claims> for TokenVerdict {
    fn from(claims: Claims) -> Self {
        Self {
            iss: Some(claims.iss),
            aud: Some(claims.aud),
            sub: Some(claims.sub.uuid()),
            sid: Some(claims.sid.uuid()),
            role: Some(claims.role),
            sep: Some(claims.sep),
            verified: Some(claims.verified),
            iat: Some(claims.iat),
            exp: Some(claims.exp),
            jti: Some(claims.jti),
            ..Self::active()
        }
    }
}

impl From<LiveApiKey> for TokenVerdict {
    fn from(key: LiveApiKey) -> Self {
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.name()).collect();
        Self {
            sub: key.holder.user().map(UserId::uuid),
            client_id: key.holder.service().map(str::to_owned),
            scope: Some(scopes.join(" ")),
            iat: Some(key.created_at.timestamp()),
            exp: Some(key.expires_at.timestamp()),
            jti: Some(key.id.uuid()),
            ..Self::active()
        }
    }
}

/// The body as JSON or as a form.
pub struct Introspected(VerifyTokenBody);

impl<S: Send + Sync> FromRequest<S> for Introspected {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let declared = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = declared.and_then(|declared| declared.split(';').next()).unwrap_or_default();
        if !essence.trim().eq_ignore_ascii_case(FORM) {
            return ApiJson::from_request(request, state).await.map(|ApiJson(body)| Self(body));
        }
        let (parts, _) = request.into_parts();
        let bytes = parts.extensions.get().map(|RawBody(bytes)| bytes.clone()).unwrap_or_default();
        let form = Form::from_request(Request::from_parts(parts, Body::from(bytes)), state).await;
        form.map(|Form(body)| Self(body)).map_err(|_| {
            let detail = "expected `token` and optionally `token_type_hint`, each once";
            Problem::invalid(vec![FieldError::new("", "invalid", detail)])
        })
    }
}

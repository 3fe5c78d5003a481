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
use domain::UserId;
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};
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

/// What an access token or an API key is worth. All but the first two members are absent unless it is valid (RFC 7662, section 2.2).
#[derive(Debug, Serialize)]
pub struct TokenVerdict {
    valid: bool,
    /// Same as `valid`, in the words of RFC 7662.
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// `role` and `verified` are what the account is by now, the others what the token says.
    #[serde(flatten)]
    claims: Option<Claims>,
    /// Of an API key.
    #[serde(flatten)]
    key: Option<KeyClaims>,
}

/// By hand: a derived one would ask for all claims of a token and all of a key at once.
impl PartialSchema for TokenVerdict {
    fn schema() -> RefOr<Schema> {
        const MEMBERS: [(&str, Type, &str); 15] = [
            ("valid", Type::Boolean, "It counts now"),
            ("active", Type::Boolean, "Same as `valid`, in the words of RFC 7662"),
            ("token_type", Type::String, "`Bearer`"),
            ("username", Type::String, "Of the account"),
            ("iss", Type::String, "Issuer"),
            ("aud", Type::String, "Audience"),
            ("sub", Type::String, "Whose it is: a user id; absent for a service's key"),
            ("sid", Type::String, "Of a token: its session"),
            ("role", Type::String, "Of a token: what the account is by now"),
            ("sep", Type::Integer, "Of a token: the session epoch that it was made in"),
            ("verified", Type::Boolean, "Of a token: what the account is by now"),
            ("iat", Type::Integer, "Made at, in seconds since 1970"),
            ("exp", Type::Integer, "Counts until, in seconds since 1970"),
            ("jti", Type::String, "Its id"),
            ("client_id", Type::String, "Of a service's key: the service"),
        ];
        let member = |kind: Type, description: &str| {
            ObjectBuilder::new().schema_type(kind).description(Some(description))
        };
        let scope = member(Type::String, "Of a key: its scopes, parted by spaces");
        let whole = ObjectBuilder::new().required("valid").required("active").property("scope", scope);
        let whole = MEMBERS
            .into_iter()
            .fold(whole, |whole, (name, kind, description)| whole.property(name, member(kind, description)));
        whole.description(Some("All but `valid` and `active` is absent unless it is valid.")).into()
    }
}

impl ToSchema for TokenVerdict {}

/// What an API key is, in the words of RFC 7662.
#[derive(Debug, Serialize)]
pub struct KeyClaims {
    /// The key's id.
    jti: Uuid,
    /// Its person.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<Uuid>,
    /// Its service.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// Its scopes, parted by spaces.
    scope: String,
    /// Seconds since 1970.
    iat: i64,
    exp: i64,
}

impl From<LiveApiKey> for KeyClaims {
    fn from(key: LiveApiKey) -> Self {
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.name()).collect();
        Self {
            jti: key.id.uuid(),
            sub: key.holder.user().map(UserId::uuid),
            client_id: key.holder.service().map(str::to_owned),
            scope: scopes.join(" "),
            iat: key.created_at.timestamp(),
            exp: key.expires_at.timestamp(),
        }
    }
}

/// Judges an access token: its signature, its expiry, and whether its session still lives; or an API key.
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
    let Ok(claims) = app.tokens().read(&body.token, app.now()) else { return Ok(inactive()) };
    if !session_lives(&app, &claims).await? {
        return Ok(inactive());
    }
    // None: the read model has not heard of it yet.
    let account = app.queries().find_account(claims.sub).await?;
    let claims = match &account {
        Some(account) => Claims { role: account.role, verified: account.is_verified, ..claims },
        None => claims,
    };
    Ok(Json(TokenVerdict {
        valid: true,
        active: true,
        token_type: Some("Bearer"),
        username: account.and_then(|account| account.username),
        claims: Some(claims),
        key: None,
    }))
}

/// Whoever may sign in again tomorrow has no active key today.
async fn of_key(app: &App, text: &str) -> ApiResult<TokenVerdict> {
    let key = match app.accounts().check_api_key(text).await {
        Ok(key) => key,
        Err(CommandError::Rejected(_)) => return Ok(TokenVerdict::INACTIVE),
        Err(error) => return Err(error.into()),
    };
    let account = match key.holder.user() {
        Some(user) => app.queries().find_account(user).await?,
        None => None,
    };
    Ok(TokenVerdict {
        valid: true,
        active: true,
        token_type: Some("Bearer"),
        username: account.and_then(|account| account.username),
        claims: None,
        key: Some(KeyClaims::from(key)),
    })
}

const fn inactive() -> Json<TokenVerdict> {
    Json(TokenVerdict::INACTIVE)
}

impl TokenVerdict {
    const INACTIVE: Self =
        Self { valid: false, active: false, token_type: None, username: None, claims: None, key: None };
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
            let detail = "expected `token` and, if at all, `token_type_hint`, each once";
            Problem::invalid(vec![FieldError::new("", "invalid", detail)])
        })
    }
}

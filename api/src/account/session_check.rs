//! Is the session still there, and until when (SESS-04); it shall stay (SESS-05, C-42).

use crate::{
    App,
    access::Signed,
    extract::OptionalJson,
    problem::{ApiResult, Problem, catalogue as kind},
};
use axum::{Extension, Json, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The session that asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionStateView {
    /// Always true: a session that is not is refused with 401.
    valid: bool,
    /// Same as `valid`.
    active: bool,
    session_id: Uuid,
    user_id: Uuid,
    started_at: DateTime<Utc>,
    /// Its last request, or the issue of the access token or cookie that was sent.
    last_active: DateTime<Utc>,
    /// Requests that it made, counted up to now by this node, and up to a minute ago by others.
    pages_visited: i64,
    /// From when on its access tokens are refused unless something happens before.
    expires_at: DateTime<Utc>,
    /// Its end, whatever happens before.
    absolute_expires_at: DateTime<Utc>,
    /// The end of the access token or cookie that was sent.
    access_expires_at: DateTime<Utc>,
}

/// Tells whether the session is valid, when it was last active and when it expires.
///
/// Asking is no sign of life: a page may ask again and again without keeping its session alive.
#[utoipa::path(get, path = "", tag = "session", responses((status = 200, body = SessionStateView)))]
pub async fn check(
    State(app): State<App>,
    Extension(signed): Extension<Signed>,
) -> ApiResult<Json<SessionStateView>> {
    state(&app, &signed).await.map(Json)
}

/// Nothing is to be said.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshSessionBody {}

/// Keeps the session from becoming idle, as any other request does. The body may be left out.
///
/// It makes no new tokens: `X-Renewed-Access` brings one when the present one has little life left, and
/// `/api/auth/refresh` exchanges the refresh token.
#[utoipa::path(post, path = "", tag = "session", request_body = Option<RefreshSessionBody>,
    responses((status = 200, body = SessionStateView)))]
pub async fn refresh(
    State(app): State<App>,
    Extension(signed): Extension<Signed>,
    _body: OptionalJson<RefreshSessionBody>,
) -> ApiResult<Json<SessionStateView>> {
    state(&app, &signed).await.map(Json)
}

async fn state(app: &App, signed: &Signed) -> ApiResult<SessionStateView> {
    let row = app.queries().find_session(signed.session).await?;
    let row = row.ok_or_else(|| Problem::of(&kind::SESSION_NOT_FOUND))?;
    let seen = app.activity().of(&[signed.session]).await?.remove(&signed.session);
    let last_active = seen.map_or(signed.issued_at, |seen| seen.last_active.max(signed.issued_at));
    let absolute = row.expires_at.min(row.refresh_expires_at);
    let idle = app.activity().idle_limit().and_then(|limit| last_active.checked_add_signed(limit));
    Ok(SessionStateView {
        valid: true,
        active: true,
        session_id: signed.session.uuid(),
        user_id: signed.user.uuid(),
        started_at: row.started_at,
        last_active,
        pages_visited: seen.map_or(0, |seen| seen.pages_visited),
        expires_at: idle.map_or(absolute, |idle| idle.min(absolute)),
        absolute_expires_at: row.expires_at,
        access_expires_at: signed.expires_at,
    })
}

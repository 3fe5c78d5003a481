//! The public keys of access tokens, for services that verify them by themselves (C-09, INT-04).

use crate::{
    App, etag,
    problem::{ApiResult, Problem},
    tokens::{Jwk, keys::KEY_SET_MAX_AGE},
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

/// Returns the public keys that verify access tokens, as a JWK set (RFC 7517). Empty where they are signed with HS256.
///
/// A key is listed at least five minutes before it signs, and until its last token has expired:
/// keep the set for as long as `Cache-Control` says, and ask again for a `kid` that it lacks.
#[utoipa::path(get, path = "", tag = "session",
    responses((status = 200, body = JwkSet, content_type = "application/jwk-set+json"),
        (status = 304, description = "The set that the client has is the present one")))]
pub async fn keys(State(app): State<App>, asked: HeaderMap) -> ApiResult<Response> {
    let set = JwkSet { keys: app.tokens().jwks(app.now()) };
    let body = serde_json::to_vec(&set).map_err(Problem::internal)?;
    let tag = etag::tag(0, &body);
    let kept = [
        (header::CACHE_CONTROL, format!("public, max-age={}", KEY_SET_MAX_AGE.as_secs())),
        (header::ETAG, tag.clone()),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin".to_owned()),
    ];
    Ok(if etag::is_known(&asked, &tag) {
        (StatusCode::NOT_MODIFIED, kept).into_response()
    } else {
        (kept, [(header::CONTENT_TYPE, "application/jwk-set+json")], body).into_response()
    })
}

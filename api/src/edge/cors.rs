//! Which pages may call the API from a browser, and which headers they may send and see (SEC-04, Fetch standard).

use super::front::Origins;
use crate::{bots, cookies::csrf, quota, renewal::RENEWED_ACCESS};
use axum::http::{HeaderName, Method, header};
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser may keep the answer to a preflight.
const KEPT: Duration = Duration::from_secs(600);

const SENT: [HeaderName; 13] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    HeaderName::from_static("prefer"),
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("annals-min-position"),
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("traceparent"),
    super::REQUEST_ID,
    csrf::HEADER,
    csrf::DJANGOS,
    bots::PROOF,
];

const SEEN: [HeaderName; 10] = [
    header::ETAG,
    header::LOCATION,
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("annals-position"),
    HeaderName::from_static("annals-fresh"),
    super::REQUEST_ID,
    quota::LIMIT,
    quota::POLICY,
    RENEWED_ACCESS,
];

/// None: no page of another origin may.
pub fn layer(origins: &Origins) -> Option<CorsLayer> {
    if origins.list().is_empty() {
        return None;
    }
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.list().to_vec()))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(SENT)
        .expose_headers(SEEN)
        .max_age(KEPT);
    Some(layer)
}

//! Reads the body once, bounded in size and time, and keeps its bytes beside the request.

use super::{Edge, RawBody};
use crate::problem::{Problem, catalogue as kind};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::LengthLimitError;
use std::error::Error;

/// The bytes are needed twice: by the handler, and for the fingerprint of an `Idempotency-Key`.
pub async fn read_body(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let declared = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match read(&edge, declared.and_then(|text| text.parse().ok()), body).await {
        Ok(bytes) => {
            parts.extensions.insert(RawBody(bytes));
            next.run(Request::from_parts(parts, Body::empty())).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn read(edge: &Edge, declared: Option<u64>, body: Body) -> Result<Bytes, Problem> {
    let limit = edge.options().body_limit;
    if declared.is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    match tokio::time::timeout(edge.options().body_timeout, to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_limit(&error) => Err(too_large(limit)),
        Ok(Err(_)) => Err(Problem::of(&kind::MALFORMED_BODY).detail("the body broke off")),
        Err(_) => Err(Problem::of(&kind::REQUEST_TIMEOUT)),
    }
}

fn is_limit(error: &axum::Error) -> bool {
    error.source().is_some_and(|source| source.is::<LengthLimitError>())
}

fn too_large(limit: usize) -> Problem {
    Problem::of(&kind::BODY_TOO_LARGE).detail(format!("at most {limit} bytes"))
}

//! Reads the body once, bounded in size and time, and keeps its bytes beside the request.

use super::{Edge, RawBody};
use crate::problem::{Problem, catalogue as kind};
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;

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
    match tokio::time::timeout(edge.options().body_timeout, collect(body, limit)).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => Err(too_large(limit)),
        Ok(Err(_)) => Err(Problem::of(&kind::MALFORMED_BODY).detail("the body is incomplete")),
        Err(_) => Err(Problem::of(&kind::REQUEST_TIMEOUT)),
    }
}

/// None if it is too large; the rest is not read here.
async fn collect(mut body: Body, limit: usize) -> Result<Option<Bytes>, axum::Error> {
    let mut kept = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if kept.len() + data.len() > limit {
            return Ok(None);
        }
        kept.extend_from_slice(&data);
    }
    Ok(Some(kept.into()))
}

fn too_large(limit: usize) -> Problem {
    Problem::of(&kind::BODY_TOO_LARGE).detail(format!("at most {limit} bytes"))
}

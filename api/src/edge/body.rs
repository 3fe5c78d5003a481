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

/// Bytes beyond the limit that are read all the same, see [`collect`].
const DRAINED: usize = 4 << 20;

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
    if declared.is_some_and(|length| length > (limit + DRAINED) as u64) {
        return Err(too_large(limit));
    }
    match tokio::time::timeout(edge.options().body_timeout, collect(body, limit)).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => Err(too_large(limit)),
        Ok(Err(_)) => Err(Problem::of(&kind::MALFORMED_BODY).detail("the body broke off")),
        Err(_) => Err(Problem::of(&kind::REQUEST_TIMEOUT)),
    }
}

/// None if it is too large. The rest is read and thrown away, up to a bound: a client that is still sending when the
/// connection closes may never see the reply.
async fn collect(mut body: Body, limit: usize) -> Result<Option<Bytes>, axum::Error> {
    let mut kept = Vec::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        seen += data.len();
        if seen <= limit {
            kept.extend_from_slice(&data);
        } else if seen > limit + DRAINED {
            break;
        }
    }
    Ok((seen <= limit).then(|| kept.into()))
}

fn too_large(limit: usize) -> Problem {
    Problem::of(&kind::BODY_TOO_LARGE).detail(format!("at most {limit} bytes"))
}

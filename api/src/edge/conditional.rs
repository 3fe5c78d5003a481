//! Conditional reads (RFC 9110, section 13): whatever is read as JSON and has no tag of its own gets one of its bytes,
//! and is not sent to whoever has it already.

use crate::etag;
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

const API: &str = "/api/";
const JSON: &str = "application/json";

pub async fn answer(request: Request, next: Next) -> Response {
    let asked = request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect::<Vec<_>>();
    let read = request.method() == Method::GET && request.uri().path().starts_with(API);
    let response = next.run(request).await;
    if read && is_untagged_json(&response) { tagged(response, &asked).await } else { response }
}

/// A stream never ends, and is no JSON.
fn is_untagged_json(response: &Response) -> bool {
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == JSON);
    response.status() == StatusCode::OK && is_json && !response.headers().contains_key(header::ETAG)
}

async fn tagged(response: Response, asked: &[HeaderValue]) -> Response {
    let (mut parts, body) = response.into_parts();
    // It is in memory already: no limit is needed.
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = etag::of_bytes(&bytes);
    parts.headers.extend(etag::value(&tag).map(|tag| (header::ETAG, tag)));
    if !etag::names(asked, &tag) {
        return Response::from_parts(parts, Body::from(bytes));
    }
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Json, Router, middleware::from_fn, routing::get};
    use serde_json::json;
    use tower::ServiceExt;

    async fn ask(path: &str, known: Option<&str>) -> Response {
        let router = Router::new()
            .route("/api/things", get(async || Json(json!([1, 2]))))
            .route("/api/tagged", get(async || ([(header::ETAG, "\"v1.x\"")], Json(json!({})))))
            .route("/api/text", get(async || "text"))
            .route("/elsewhere", get(async || Json(json!([]))))
            .layer(from_fn(answer));
        let request = known.into_iter().fold(Request::get(path), |r, tag| r.header("if-none-match", tag));
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    fn tag(response: &Response) -> Option<&str> {
        response.headers().get(header::ETAG)?.to_str().ok()
    }

    #[tokio::test]
    async fn list_that_is_known_is_not_sent_again() {
        let first = ask("/api/things", None).await;
        let tag_of_it = tag(&first).unwrap().to_owned();
        assert_eq!(first.status(), StatusCode::OK);

        let again = ask("/api/things", Some(&format!("\"other\", W/{tag_of_it}"))).await;

        assert_eq!((again.status(), tag(&again)), (StatusCode::NOT_MODIFIED, Some(tag_of_it.as_str())));
        assert!(!again.headers().contains_key(header::CONTENT_TYPE));
        assert!(to_bytes(again.into_body(), 10).await.unwrap().is_empty());
        assert_eq!(ask("/api/things", Some("\"other\"")).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn tags_of_versions_stay_and_what_is_no_json_of_the_api_has_none() {
        assert_eq!(tag(&ask("/api/tagged", Some("*")).await), Some("\"v1.x\""));
        assert_eq!(tag(&ask("/api/text", None).await), None);
        assert_eq!(tag(&ask("/elsewhere", None).await), None);
    }
}

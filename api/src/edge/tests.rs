//! What stands around every handler, proved without any account.

use super::*;
use crate::normalize::Normalized;
use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    routing::{get, post},
};
use commands::{FixedClock, SeededMint};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;
use tower::ServiceExt;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Greeting {
    name: String,
}

async fn greet(crate::extract::ApiJson(body): crate::extract::ApiJson<Greeting>) -> String {
    body.name
}

async fn broken() -> &'static str {
    panic!("row 7 of jane@example.com")
}

async fn slow() {
    tokio::time::sleep(Duration::from_secs(3_600)).await;
}

fn edge(front: front::Front) -> Edge {
    let mut options = HttpOptions::new(vec![1; 32].into());
    options.front = front;
    options.body_limit = 100;
    options.body_timeout = Duration::from_millis(20);
    options.request_timeout = Duration::from_millis(200);
    let clock = FixedClock::new(DateTime::from_timestamp(1_700_000_000, 0).unwrap());
    Edge::new(options, Arc::new(clock), Arc::new(SeededMint::new(1)))
}

fn service() -> Normalized<Router> {
    service_with(front::Front::default())
}

pub fn service_with(front: front::Front) -> Normalized<Router> {
    let edge = edge(front);
    let router = Router::new()
        .route("/api/greet", post(greet).layer(from_fn_with_state(edge.clone(), read_body)))
        .route("/api/plain", get(|| async { "plain" }).post(|| async { "posted" }))
        .route("/api/broken", get(broken))
        .route("/api/slow", get(slow))
        .route("/api/bare", get(|| async { (StatusCode::CONFLICT, "library says no") }))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed);
    Normalized(around(router, &edge))
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    /// The slug, of a reply that must be a whole problem document.
    fn problem(&self) -> String {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        let document: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(document["status"], self.status.as_u16());
        assert_eq!(document["request_id"], self.headers["x-request-id"].to_str().unwrap());
        document["type"].as_str().unwrap().trim_start_matches("/problems/").to_owned()
    }
}

async fn send(mut request: Request) -> Answer {
    request.headers_mut().insert(header::HOST, HeaderValue::from_static("a.example"));
    let response = service().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

async fn call(method: &str, uri: &str, body: impl Into<Body>) -> Answer {
    let json = (header::CONTENT_TYPE, "application/json");
    send(Request::builder().method(method).uri(uri).header(json.0, json.1).body(body.into()).unwrap()).await
}

#[tokio::test]
async fn every_spelling_of_a_path_answers_without_a_redirect() {
    for path in ["/api/greet", "/api/greet/", "/api/v1/greet", "/api/v1/greet/"] {
        let answer = call("POST", path, r#"{"name": "Jane"}"#).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "Jane"), "{path}");
    }
}

#[tokio::test]
async fn whatever_goes_wrong_is_a_problem_document() {
    let long = format!(r#"{{"name": "{}"}}"#, "x".repeat(200));
    for (method, uri, body, slug) in [
        ("GET", "/nowhere", "", "not-found"),
        ("DELETE", "/api/plain", "", "method-not-allowed"),
        ("POST", "/api/greet", "{", "malformed-body"),
        ("POST", "/api/greet", "{}", "validation-failed"),
        ("POST", "/api/greet", long.as_str(), "body-too-large"),
        ("GET", "/api/broken", "", "internal"),
        ("GET", "/api/slow", "", "unavailable"),
        ("GET", "/api/bare", "", "conflict"),
    ] {
        assert_eq!(call(method, uri, body.to_owned()).await.problem(), slug, "{method} {uri}");
    }
}

#[tokio::test]
async fn refused_method_lists_those_that_are_offered() {
    let answer = call("DELETE", "/api/plain", "").await;

    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers[header::ALLOW], "GET,HEAD,POST");
}

#[tokio::test]
async fn panic_says_nothing_of_its_cause() {
    let answer = call("GET", "/api/broken", "").await;

    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.body.contains("row 7"), "{}", answer.body);
}

#[tokio::test]
async fn body_that_does_not_arrive_is_a_timeout() {
    let never = futures::stream::pending::<Result<axum::body::Bytes, std::io::Error>>();

    assert_eq!(call("POST", "/api/greet", Body::from_stream(never)).await.problem(), "request-timeout");
}

#[tokio::test]
async fn body_without_a_length_is_bounded_too() {
    let chunks = futures::stream::iter((0..50).map(|_| Ok::<_, std::io::Error>("0123456789")));

    assert_eq!(call("POST", "/api/greet", Body::from_stream(chunks)).await.problem(), "body-too-large");
}

#[tokio::test]
async fn undeclared_body_is_unsupported() {
    let request = Request::post("/api/greet").body(Body::from(r#"{"name": "Jane"}"#)).unwrap();

    assert_eq!(send(request).await.problem(), "unsupported-media-type");
}

#[tokio::test]
async fn request_id_is_echoed_or_minted() {
    let named = Request::get("/api/plain").header("x-request-id", "abc-1").body(Body::empty()).unwrap();

    assert_eq!(send(named).await.headers["x-request-id"], "abc-1");
    let minted = call("GET", "/api/plain", "").await;
    assert!(Uuid::parse_str(minted.headers["x-request-id"].to_str().unwrap()).is_ok());
}

#[tokio::test]
async fn every_reply_is_hardened_and_kept_by_nobody() {
    for uri in ["/api/plain", "/nowhere", "/api/broken"] {
        let headers = call("GET", uri, "").await.headers;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(headers[name], value, "{uri}");
        }
    }
}

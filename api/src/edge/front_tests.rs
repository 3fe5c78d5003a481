//! Hosts, HTTPS and origins, as clients see them (SEC-04).

use super::{front::Front, tests::service_with, *};
use crate::renewal::RENEWED_ACCESS;
use axum::{
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, StatusCode, header},
};
use std::net::SocketAddr;
use tower::ServiceExt;

const PROXY: &str = "10.0.0.1";
const STRANGER: &str = "8.8.8.8";

fn front() -> Front {
    Front {
        proxies: PROXY.parse().unwrap(),
        hosts: "api.example.com".parse().unwrap(),
        origins: "https://app.example.com".parse().unwrap(),
        ssl_redirect: true,
        hsts_seconds: 31_536_000,
    }
}

async fn send(
    front: Front,
    peer: &str,
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
    let (parts, body) = service_with(front).oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

const SECURE: [(&str, &str); 2] = [("host", "api.example.com"), ("x-forwarded-proto", "https")];

#[tokio::test]
async fn https_through_the_proxy_is_answered_with_hsts() {
    let (status, headers, body) = send(front(), PROXY, "GET", "/api/plain", &SECURE).await;

    assert_eq!((status, body.as_str()), (StatusCode::OK, "plain"));
    assert_eq!(headers[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
}

#[tokio::test]
async fn plain_http_is_redirected_whoever_says_otherwise_without_being_trusted() {
    for (peer, headers) in [(PROXY, &SECURE[..1]), (STRANGER, &SECURE[..])] {
        let (status, sent, _) = send(front(), peer, "GET", "/api/plain?a=b", headers).await;

        assert_eq!(status, StatusCode::MOVED_PERMANENTLY, "{peer}");
        assert_eq!(sent[header::LOCATION], "https://api.example.com/api/plain?a=b");
        assert!(!sent.contains_key(header::STRICT_TRANSPORT_SECURITY), "not over plain HTTP");
    }
    let (status, ..) = send(front(), STRANGER, "POST", "/api/plain", &SECURE[..1]).await;
    assert_eq!(status, StatusCode::PERMANENT_REDIRECT, "a command stays a command");
}

#[tokio::test]
async fn other_hosts_are_misdirected_and_never_redirected_to() {
    for (host, peer) in [("evil.example", PROXY), ("evil.example", STRANGER), ("10.0.0.9:8000", PROXY)] {
        let headers = [("host", host), ("x-forwarded-proto", "https")];
        let (status, sent, body) = send(front(), peer, "GET", "/api/plain", &headers).await;

        assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{host}");
        assert!(
            body.contains("/problems/misdirected-request") && !sent.contains_key(header::LOCATION),
            "{body}"
        );
    }
    for headers in [&[][..], &[("host", "a"), ("host", "b")], &[("host", "api.example.com/x")]] {
        let (status, _, body) = send(front(), PROXY, "GET", "/api/plain", headers).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{headers:?}");
        assert!(body.contains("/problems/malformed-header"), "{body}");
    }
}

#[tokio::test]
async fn forwarded_host_of_a_trusted_proxy_counts() {
    let headers = [("host", "inner:8000"), ("x-forwarded-host", "api.example.com"), SECURE[1]];

    assert_eq!(send(front(), PROXY, "GET", "/api/plain", &headers).await.0, StatusCode::OK);
    assert_eq!(
        send(front(), STRANGER, "GET", "/api/plain", &headers).await.0,
        StatusCode::MISDIRECTED_REQUEST
    );
}

#[tokio::test]
async fn probes_come_to_any_name_over_plain_http() {
    let (status, ..) = send(front(), STRANGER, "GET", "/health/here", &[("host", "10.0.0.9")]).await;

    assert_eq!(status, StatusCode::NOT_FOUND, "neither redirected nor refused");
}

#[tokio::test]
async fn listed_origin_may_read_and_act_and_others_may_not() {
    let ours = [SECURE[0], SECURE[1], ("origin", "https://app.example.com")];
    for uri in ["/api/plain", "/nowhere"] {
        let (_, headers, _) = send(front(), PROXY, "GET", uri, &ours).await;
        assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "https://app.example.com", "{uri}");
        assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
        let exposed = headers[header::ACCESS_CONTROL_EXPOSE_HEADERS].to_str().unwrap();
        assert!(exposed.split(',').any(|name| name.trim() == RENEWED_ACCESS.as_str()), "{exposed}");
        assert!(headers.get_all(header::VARY).iter().any(|vary| vary.to_str().unwrap().contains("origin")));
    }
    for origin in
        ["https://app.example.com.evil.com", "http://app.example.com", "null", "https://example.com"]
    {
        let theirs = [SECURE[0], SECURE[1], ("origin", origin)];
        let (status, headers, _) = send(front(), PROXY, "GET", "/api/plain", &theirs).await;
        assert_eq!(status, StatusCode::OK);
        assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), "{origin}");
    }
}

#[tokio::test]
async fn preflight_allows_what_the_contract_needs() {
    let asked = [
        SECURE[0],
        SECURE[1],
        ("origin", "https://app.example.com"),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization,idempotency-key"),
    ];

    let (status, headers, _) = send(front(), PROXY, "OPTIONS", "/api/plain", &asked).await;

    assert_eq!(status, StatusCode::OK);
    let text = |name| headers[name].to_str().unwrap().to_ascii_lowercase();
    assert!(text(header::ACCESS_CONTROL_ALLOW_METHODS).contains("patch"));
    let allowed = text(header::ACCESS_CONTROL_ALLOW_HEADERS);
    for name in ["authorization", "content-type", "idempotency-key", "if-match", "annals-min-position"] {
        assert!(allowed.contains(name), "{allowed}");
    }
    assert!(!allowed.contains('*'));
}

#[tokio::test]
async fn without_settings_nothing_is_refused_redirected_or_shared() {
    let headers =
        [("host", "whatever"), ("origin", "https://app.example.com"), ("x-forwarded-proto", "https")];

    let (status, sent, _) = send(Front::default(), STRANGER, "GET", "/api/plain", &headers).await;

    assert_eq!(status, StatusCode::OK);
    assert!(!sent.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    assert!(!sent.contains_key(header::STRICT_TRANSPORT_SECURITY));
}

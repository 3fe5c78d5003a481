//! Hosts, HTTPS and origins, as clients see them (SEC-04).

use super::{
    front::{Front, Hsts},
    tests::service_with,
    *,
};
use crate::renewal::RENEWED_ACCESS;
use axum::{
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, StatusCode, Version, header},
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
        https_only: true,
        hsts: Hsts { seconds: 31_536_000, subdomains: true, preload: false },
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
    assert_eq!(headers[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000; includeSubDomains");
}

#[tokio::test]
async fn plain_http_to_the_api_is_refused_whoever_says_otherwise_without_being_trusted() {
    let token = [SECURE[0], ("authorization", "Bearer a.b.c")];
    let cookie = [SECURE[0], ("cookie", "__Host-annals_session=x")];
    for (peer, method, uri, headers) in [
        (PROXY, "GET", "/api/plain?a=b", &SECURE[..1]),
        (STRANGER, "GET", "/api/plain", &SECURE[..]),
        (STRANGER, "GET", "/api/v1/plain/", &SECURE[..1]),
        (STRANGER, "POST", "/api/plain", &SECURE[..1]),
        (STRANGER, "POST", "/docs", &SECURE[..1]),
        (STRANGER, "GET", "/docs", &token[..]),
        (STRANGER, "GET", "/api/openapi.json", &cookie[..]),
        (STRANGER, "GET", "/admin/django_celery_beat/", &SECURE[..1]),
    ] {
        let (status, sent, body) = send(front(), peer, method, uri, headers).await;

        assert_eq!(status, StatusCode::FORBIDDEN, "{method} {uri}");
        assert!(body.contains("/problems/https-only"), "{body}");
        assert!(!sent.contains_key(header::LOCATION), "{method} {uri}");
        assert!(!sent.contains_key(header::STRICT_TRANSPORT_SECURITY), "not over plain HTTP");
    }
}

#[tokio::test]
async fn pages_and_documents_lead_from_plain_http_to_https() {
    for uri in ["/docs", "/docs/swagger-ui.css?a=b", "/api/openapi.json", "/api/asyncapi.json", "/problems/x"]
    {
        let (status, sent, _) = send(front(), STRANGER, "GET", uri, &SECURE).await;

        assert_eq!(status, StatusCode::MOVED_PERMANENTLY, "{uri}");
        assert_eq!(sent[header::LOCATION].to_str().unwrap(), format!("https://api.example.com{uri}"));
    }
}

#[tokio::test]
async fn request_without_one_good_host_is_refused_whatever_is_set_and_asked_for() {
    let two = [("host", "api.example.com"), ("host", "api.example.com")];
    let bad: [&[(&str, &str)]; 6] = [
        &[],
        &two,
        &[("host", "")],
        &[("host", "user@api.example.com")],
        &[("host", "api.example.com:8x")],
        &[("host", "api.example.com, evil.example")],
    ];
    for headers in bad {
        for uri in ["/api/plain", "http://api.example.com/api/plain", "/health/here", "/nowhere"] {
            for front in [front(), Front::default()] {
                let (status, _, body) = send(front, STRANGER, "GET", uri, headers).await;
                assert_eq!(status, StatusCode::BAD_REQUEST, "{uri} {headers:?}");
                assert!(body.contains("/problems/malformed-header"), "{body}");
            }
        }
    }
    let (status, ..) =
        send(Front::default(), STRANGER, "GET", "http://u@a/api/plain", &[("host", "a")]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "the target names a user");
}

#[tokio::test]
async fn head_of_more_than_32_kib_is_refused() {
    let ask = async |bytes: usize| {
        let long = "x".repeat(bytes);
        send(Front::default(), STRANGER, "GET", "/api/plain", &[("host", "a"), ("x-long", &long)]).await
    };

    assert_eq!(ask(32 * 1024 - 50).await.0, StatusCode::OK);
    let (status, _, body) = ask(32 * 1024).await;
    assert_eq!(status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    assert!(body.contains("/problems/head-too-large"), "{body}");
}

#[tokio::test]
async fn probe_in_http_1_0_needs_no_host() {
    let ask = async |front: Front, uri: &str| {
        let request = Request::builder().version(Version::HTTP_10).uri(uri).body(Body::empty()).unwrap();
        service_with(front).oneshot(request).await.unwrap().status()
    };

    assert_eq!(ask(front(), "/health/here").await, StatusCode::NOT_FOUND);
    assert_eq!(ask(Front::default(), "/api/plain").await, StatusCode::OK);
    assert_eq!(ask(front(), "/api/plain").await, StatusCode::BAD_REQUEST, "names count here");
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
        for name in [RENEWED_ACCESS.as_str(), "ratelimit", "ratelimit-policy", "retry-after"] {
            assert!(exposed.split(',').any(|shown| shown.trim() == name), "{name}: {exposed}");
        }
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
    for name in [
        "authorization",
        "content-type",
        "idempotency-key",
        "if-match",
        "annals-min-position",
        "last-event-id",
    ] {
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

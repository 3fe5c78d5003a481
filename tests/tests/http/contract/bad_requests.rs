//! Requests that are wrong before their body is: methods, paths, ids, headers, and bytes that are no HTTP.
//! A change that ignores a member says so in the manual.

use crate::client::{Api, answer};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn unknown_methods_and_paths_are_problems() {
    let api = Api::shared().await;
    for (method, path, status, slug) in [
        ("BREW", "/api/auth/login", 405, "method-not-allowed"),
        ("GET", "/api/auth/login", 405, "method-not-allowed"),
        ("DELETE", "/api/settings", 405, "method-not-allowed"),
        ("PROPFIND", "/health/live", 405, "method-not-allowed"),
        ("TRACE", "/api/me", 405, "method-not-allowed"),
        ("TRACE", "/docs", 405, "method-not-allowed"),
        ("GET", "/api", 404, "not-found"),
        ("GET", "/api/v1", 404, "not-found"),
        ("GET", "/api/v1/v1/me", 404, "not-found"),
        ("GET", "/api//me", 404, "not-found"),
        ("GET", "/api/me//", 404, "not-found"),
        ("GET", "/docs/%2e%2e/%2e%2e/etc/passwd", 404, "not-found"),
        ("GET", "/docs/%ff", 400, "bad-request"),
        ("GET", "/problems/%ff", 404, "not-found"),
    ] {
        let reply = answer(api.request(method, path)).await;
        assert_eq!(reply.refusal(), (status, slug.to_owned()), "{method} {path}");
        assert_eq!(reply.header("allow").is_some(), status == 405, "{method} {path}");
    }
}

#[tokio::test]
async fn ids_that_are_none_are_not_found() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    for id in ["x", "0", "%ff", "%00", "..%2f..", "01890a5dac96774bbcceb302099a8057x", &"9".repeat(8_000)] {
        for method in ["GET", "DELETE"] {
            let reply =
                answer(api.request(method, &format!("/api/sessions/{id}")).bearer_auth(&person.access)).await;
            assert_eq!(reply.status, 404, "{method} {id}: {}", reply.body);
            reply.problem();
        }
    }
}

#[tokio::test]
async fn long_headers_and_paths_are_borne() {
    let api = Api::shared().await;
    let long = "x".repeat(16_000);
    let path = answer(api.request("GET", &format!("/api/{long}"))).await;
    assert_eq!(path.refusal(), (404, "not-found".to_owned()));
    let query = answer(api.request("GET", &format!("/health/live?{long}"))).await;
    assert_eq!(query.status, 200);
    for name in ["x-request-id", "user-agent", "traceparent", "accept-language", "cookie", "x-forwarded-for"]
    {
        let reply = api.request("POST", "/api/auth/login").header(name, &long);
        let reply =
            answer(reply.json(&json!({ "username": "nobody-at-all", "password": "a long walk" }))).await;
        assert_eq!(reply.refusal(), (401, "login-failed".to_owned()), "{name}");
        assert!(reply.header("x-request-id").unwrap().len() < 200, "{name}");
    }
    let agent = api
        .request("POST", "/api/auth/login")
        .header("user-agent", reqwest::header::HeaderValue::from_bytes(b"\xff\xfe").unwrap());
    let reply = answer(agent.json(&json!({ "username": "nobody-at-all", "password": "a long walk" }))).await;
    assert_eq!(reply.refusal(), (401, "login-failed".to_owned()));
}

/// Bytes as they are, over a connection of their own.
async fn raw(api: &Api, bytes: &[u8]) -> String {
    let mut connection = TcpStream::connect(api.url("").trim_start_matches("http://")).await.unwrap();
    let _ = connection.write_all(bytes).await;
    let _ = connection.shutdown().await;
    let mut reply = Vec::new();
    let _ = connection.read_to_end(&mut reply).await;
    String::from_utf8_lossy(&reply).into_owned()
}

#[tokio::test]
async fn what_is_no_http_harms_nobody() {
    let api = Api::shared().await;
    let headers: String = (0..300).map(|n| format!("x-{n}: y\r\n")).collect();
    let huge = "x".repeat(600_000);
    for text in [
        "\u{16}\u{3}\u{1}hello".to_owned(),
        "GET /\r\n\r\n".to_owned(),
        "GET /health/live HTTP/9.9\r\n\r\n".to_owned(),
        format!("GET /health/live HTTP/1.1\r\nhost: x\r\n{headers}\r\n"),
        format!("GET /{huge} HTTP/1.1\r\nhost: x\r\n\r\n"),
        format!("GET /health/live HTTP/1.1\r\nhost: x\r\nx: {huge}\r\n\r\n"),
        "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n".to_owned(),
        "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n".to_owned(),
        "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n".to_owned(),
        "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
    ] {
        let reply = raw(&api, text.as_bytes()).await;
        let start = text.chars().take(60).collect::<String>();
        assert!(!reply.starts_with("HTTP/1.1 5") && !reply.contains("panic"), "{start}: {reply}");
        assert_eq!(answer(api.request("GET", "/health/live")).await.status, 200, "{start}");
    }
}

#[tokio::test]
async fn what_a_change_ignores_is_documented_and_all_else_is_refused() {
    let api = Api::shared().await;
    let jane = api.verified("normal").await;
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/http.md")).unwrap();
    let ignored = manual.split("are ignored:").nth(1).unwrap().split("\n\n").next().unwrap();
    let (profile, account) = (format!("/api/profiles/{}", jane.username), format!("/api/users/{}", jane.id));
    for path in ["/api/me", "/api/users/profile", "/api/settings", &profile, &account] {
        let shown = api.get(path, &jane.access).await.ok();
        for (member, value) in shown.as_object().unwrap() {
            let other = match value {
                Value::String(text) => json!(format!("{text}x")),
                Value::Number(_) => json!(77),
                Value::Bool(is) => json!(!is),
                _ => json!("x"),
            };
            let reply = api.send("PUT", path, &jane.access, json!({ member: other })).await;
            if reply.status < 400 && reply.json()[member] == *value {
                assert!(ignored.contains(&format!("`{member}`")), "{path}: {member} is ignored in silence");
            }
        }
    }
}

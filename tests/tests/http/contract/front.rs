//! Behind a proxy, by the variables of the seeds (SEC-04, CFG-01).

use crate::client::{Api, PASSWORD, new_name};
use annals_tests::program::{Program, new_directory};
use reqwest::{Client, redirect::Policy};
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn host_scheme_and_address_are_those_that_the_trusted_proxy_saw() {
    let settings = [
        ("ALLOWED_HOSTS", "api.example.com,127.0.0.1"),
        ("CORS_ALLOWED_ORIGINS", "https://app.example.com"),
        ("SECURE_SSL_REDIRECT", "True"),
        ("SECURE_HSTS_SECONDS", "31536000"),
        ("SECURE_HSTS_INCLUDE_SUBDOMAINS", "True"),
        ("ANNALS_TRUSTED_PROXIES", "127.0.0.0/8"),
    ];
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &settings).await));
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let (username, email) = new_name();
    api.create_user(&username, &email, "normal", PASSWORD).await;

    let plain = client.get(api.url("/api/me/")).send().await.unwrap();
    assert_eq!((plain.status().as_u16(), plain.headers().get("location")), (403, None));
    assert!(plain.text().await.unwrap().contains("/problems/https-only"));
    let page = client.get(api.url("/docs/")).send().await.unwrap();
    assert_eq!(page.status(), 301);
    assert!(page.headers()["location"].to_str().unwrap().starts_with("https://127.0.0.1:"));
    let other = client.get(api.url("/api/me")).header("host", "evil.example").send().await.unwrap();
    assert_eq!(other.status(), 421);
    assert_eq!(client.get(api.url("/health/live")).send().await.unwrap().status(), 200);

    let login = client
        .post(api.url("/api/auth/login"))
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "api.example.com")
        .header("x-forwarded-for", "6.6.6.6, 203.0.113.7:5678")
        .header("origin", "https://app.example.com")
        .json(&json!({ "username": username, "password": PASSWORD }))
        .send()
        .await
        .unwrap();
    assert_eq!(login.status(), 200);
    assert_eq!(login.headers()["strict-transport-security"], "max-age=31536000; includeSubDomains");
    assert_eq!(login.headers()["access-control-allow-origin"], "https://app.example.com");
    let tokens: serde_json::Value = login.json().await.unwrap();
    let session = format!("/api/sessions/{}", tokens["session_id"].as_str().unwrap());
    let shown = client
        .get(api.url(&session))
        .header("x-forwarded-proto", "https")
        .bearer_auth(tokens["access_token"].as_str().unwrap());
    let shown: serde_json::Value = shown.send().await.unwrap().json().await.unwrap();
    assert_eq!(shown["ip_address"], "203.0.113.7", "what the client wrote itself does not count");
    api.into_program().stop().await;
}

//! Access tokens that were not issued here, or no longer count.

use crate::client::{Api, Person, SIGNING_KEY, answer};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

fn claims(person: &Person) -> Value {
    let payload = person.access.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn signed(algorithm: Algorithm, claims: &Value, key: &str) -> String {
    let _ = jsonwebtoken::crypto::CryptoProvider::install_default(
        &jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER,
    );
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(key.as_bytes())).unwrap()
}

fn with(claims: &Value, member: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[member] = value;
    claims
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(header), part(claims))
}

#[tokio::test]
async fn forged_tokens_are_refused_everywhere() {
    let api = Api::shared().await;
    let (person, owner) = (api.verified("normal").await, api.verified("owner").await);
    let own = claims(&person);
    let parts: Vec<&str> = person.access.split('.').collect();
    let other: Vec<&str> = owner.access.split('.').collect();
    api.get("/api/me", &signed(Algorithm::HS256, &own, SIGNING_KEY)).await.ok();
    let forged = [
        unsigned(&json!({ "alg": "none", "typ": "JWT" }), &own),
        unsigned(&json!({ "alg": "NONE" }), &own),
        signed(Algorithm::HS256, &own, "another key of more than 32 bytes, too"),
        signed(Algorithm::HS384, &own, SIGNING_KEY),
        signed(Algorithm::HS512, &own, SIGNING_KEY),
        signed(Algorithm::HS256, &with(&own, "iss", json!("elsewhere")), SIGNING_KEY),
        signed(Algorithm::HS256, &with(&own, "aud", json!("elsewhere")), SIGNING_KEY),
        signed(Algorithm::HS256, &with(&own, "sub", json!("nobody")), SIGNING_KEY),
        signed(Algorithm::HS256, &with(&own, "exp", json!("soon")), SIGNING_KEY),
        signed(Algorithm::HS256, &json!({}), SIGNING_KEY),
        format!("{}.{}.{}", parts[0], other[1], parts[2]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        "garbage".to_owned(),
        "..".to_owned(),
        "x".repeat(8_000),
    ];
    for token in &forged {
        for path in ["/api/me", "/api/sessions", "/api/users/profile", "/api/admin/audit"] {
            let reply = api.get(path, token).await;
            assert_eq!(reply.refusal(), (401, "token-invalid".to_owned()), "{path} {token}");
            assert!(reply.header("www-authenticate").unwrap().contains("invalid_token"));
        }
        let verdict = api.post("/api/auth/jwt/verify", json!({ "token": token })).await.ok();
        assert_eq!(verdict["valid"], false, "{token}");
    }
}

#[tokio::test]
async fn expired_token_says_so() {
    let api = Api::shared().await;
    let own = claims(&api.verified("normal").await);
    for exp in [0, 1_000_000_000, own["iat"].as_i64().unwrap() - 1] {
        let token = signed(Algorithm::HS256, &with(&own, "exp", json!(exp)), SIGNING_KEY);
        assert_eq!(api.get("/api/me", &token).await.refusal(), (401, "token-expired".to_owned()), "{exp}");
    }
}

#[tokio::test]
async fn what_a_token_says_of_the_role_does_not_make_staff() {
    let api = Api::shared().await;
    let own = claims(&api.verified("normal").await);

    let token = signed(Algorithm::HS256, &with(&own, "role", json!("owner")), SIGNING_KEY);
    assert_eq!(api.get("/api/admin/audit", &token).await.refusal(), (403, "staff-only".to_owned()));
}

#[tokio::test]
async fn headers_that_are_no_bearer_token_are_no_credentials() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    for value in ["", "Bearer", "Basic amFuZTpwdw==", "Token x", person.access.as_str()] {
        let reply = answer(api.request("GET", "/api/me").header("authorization", value)).await;
        assert_eq!(reply.refusal(), (401, "credentials-missing".to_owned()), "{value}");
    }
    let twice = api.request("GET", "/api/me").bearer_auth(&person.access).bearer_auth(&person.access);
    assert_eq!(answer(twice).await.status, 401);
}

#[tokio::test]
async fn dead_token_does_not_keep_anyone_from_logging_in() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    api.send("POST", "/api/auth/logout", &person.access, json!({})).await.ok();
    for token in [person.access.as_str(), "garbage"] {
        let login = json!({ "username": person.username, "password": crate::client::PASSWORD });
        api.send("POST", "/api/auth/login", token, login).await.ok();
    }
}

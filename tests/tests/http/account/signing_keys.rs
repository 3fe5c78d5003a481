//! EdDSA and ES256: what is issued, published, verified by others, and rotated (C-09, INT-04).

use crate::client::{Api, Person, answer};
use annals_tests::program::{Program, new_directory};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

async fn program(algorithm: &str) -> Api {
    let program = Program::start_in(new_directory(), &[("JWT_ALGORITHM", algorithm)]).await;
    Api::of(Arc::new(program))
}

async fn keys(api: &Api) -> Vec<Value> {
    let set = answer(api.request("GET", "/.well-known/jwks.json")).await.ok();
    set["keys"].as_array().unwrap().clone()
}

/// As a service would that has only the published keys.
fn verified(keys: &[Value], token: &str) -> Option<Value> {
    let _ = jsonwebtoken::crypto::CryptoProvider::install_default(
        &jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER,
    );
    let kid = decode_header(token).ok()?.kid?;
    let jwk = keys.iter().find(|key| key["kid"] == kid)?;
    let mut validation = Validation::new(jwk["alg"].as_str()?.parse().ok()?);
    validation.set_audience(&["annals"]);
    let key = DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).ok()?).ok()?;
    Some(decode::<Value>(token, &key, &validation).ok()?.claims)
}

async fn rotate(api: &Api, arguments: &[&str]) {
    let arguments = [&["keys", "rotate"], arguments].concat();
    let output = api.command(&arguments).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

async fn until_there_are(api: &Api, count: usize, but: &str) -> Vec<Value> {
    for _ in 0..1_000 {
        let keys = keys(api).await;
        if keys.len() == count && keys.iter().all(|key| key["kid"] != but) {
            return keys;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{count} keys without {but:?} were not published");
}

async fn forgeries_are_refused(api: &Api, person: &Person, jwk: &Value) {
    let parts: Vec<&str> = person.access.split('.').collect();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let kid = jwk["kid"].as_str().unwrap().to_owned();
    let public = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap();
    let mut confused = Header::new(Algorithm::HS256);
    confused.kid = Some(kid.clone());
    let none = URL_SAFE_NO_PAD.encode(json!({ "alg": "none", "kid": kid }).to_string());
    for token in [
        encode(&confused, &claims, &EncodingKey::from_secret(&public)).unwrap(),
        encode(&confused, &claims, &EncodingKey::from_secret(jwk["x"].as_str().unwrap().as_bytes())).unwrap(),
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
    ] {
        assert_eq!(api.get("/api/me", &token).await.refusal(), (401, "token-invalid".to_owned()), "{token}");
    }
}

#[tokio::test]
async fn tokens_are_verified_by_the_published_keys_through_a_rotation_and_a_restart() {
    for (algorithm, kty) in [("EdDSA", "OKP"), ("ES256", "EC")] {
        rotated(program(algorithm).await, algorithm, kty).await;
    }
}

async fn rotated(api: Api, algorithm: &str, kty: &str) {
    let person = api.verified("normal").await;
    let first = keys(&api).await;
    assert_eq!((first.len(), &first[0]["kty"], &first[0]["alg"]), (1, &json!(kty), &json!(algorithm)));
    assert!(first[0].get("d").is_none(), "only the public half");
    assert_eq!(verified(&first, &person.access).unwrap()["sub"], person.id);
    for _ in 0..3 {
        api.get("/api/me", &person.access).await.ok();
    }
    forgeries_are_refused(&api, &person, &first[0]).await;

    rotate(&api, &[]).await;
    let both = until_there_are(&api, 2, "").await;
    assert_eq!(both[0], first[0]);
    let again = api.post("/api/auth/refresh", json!({ "refresh_token": person.refresh })).await.ok();
    let access = again["access_token"].as_str().unwrap();
    assert_eq!(decode_header(access).unwrap().kid.unwrap(), first[0]["kid"], "the new key waits its turn");

    let api = Api::of(Arc::new(api.into_program().restart().await));
    assert_eq!(keys(&api).await, both);
    api.get("/api/me", access).await.ok();
    api.into_program().stop().await;
}

#[tokio::test]
async fn leaked_key_counts_no_more_and_refresh_tokens_go_on() {
    let api = program("EdDSA").await;
    let person = api.verified("normal").await;
    let leaked = keys(&api).await.remove(0);

    rotate(&api, &["--leaked"]).await;
    let new = until_there_are(&api, 1, leaked["kid"].as_str().unwrap()).await;

    assert_eq!(api.get("/api/me", &person.access).await.refusal(), (401, "token-invalid".to_owned()));
    let again = api.post("/api/auth/refresh", json!({ "refresh_token": person.refresh })).await.ok();
    assert!(verified(&new, again["access_token"].as_str().unwrap()).is_some());
    api.into_program().stop().await;
}

#[tokio::test]
async fn key_set_may_be_kept_for_a_while_and_is_empty_with_hs256() {
    let api = Api::shared().await;
    for path in ["/.well-known/jwks.json", "/.well-known/jwks.json/"] {
        let reply = answer(api.request("GET", path)).await;

        assert_eq!(reply.ok(), json!({ "keys": [] }));
        assert_eq!(reply.header("content-type"), Some("application/jwk-set+json"));
        assert_eq!(reply.header("cache-control"), Some("public, max-age=300"));
        let tag = reply.header("etag").unwrap();
        let known = answer(api.request("GET", path).header("if-none-match", tag)).await;
        assert_eq!((known.status, known.body.as_str()), (304, ""));
        assert_eq!(known.header("cache-control"), Some("public, max-age=300"));
    }
}

#[tokio::test]
async fn hs256_has_no_keys_to_rotate() {
    let api = Api::shared().await;

    let output = api.command(&["keys", "rotate"]).output().await.unwrap();

    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("JWT_ALGORITHM"), "{said}");
}

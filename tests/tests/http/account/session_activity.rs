//! What a session's requests leave behind: it stays, and its access token is renewed (SESS-04, SESS-05, SESS-08).

use crate::{
    account::accounts::spellings,
    client::{Answer, Api, Person, SIGNING_KEY, answer},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The person's token as if it had been issued so many seconds ago, for so many seconds.
pub fn aged(person: &Person, age: i64, lifetime: i64) -> String {
    let _ = jsonwebtoken::crypto::CryptoProvider::install_default(
        &jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER,
    );
    let mut claims = claims(&person.access);
    let issued = claims["iat"].as_i64().unwrap() - age;
    (claims["iat"], claims["exp"]) = (json!(issued), json!(issued + lifetime));
    claims["proved_at"] = json!(claims["proved_at"].as_i64().unwrap() - age);
    encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(SIGNING_KEY.as_bytes()))
        .unwrap()
}

fn renewed(answer: &Answer) -> Option<String> {
    answer.header("x-renewed-access").map(str::to_owned)
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn check_tells_the_state_of_the_session_and_is_no_sign_of_life() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    for path in spellings("/api/auth/session/check") {
        let state = api.get(&path, &person.access).await.ok();
        assert_eq!((&state["valid"], &state["session_id"]), (&json!(true), &json!(person.session)), "{path}");
        assert_eq!(state["pages_visited"], 0, "{path}");
        let (last, until) = (time(&state["last_active"]), time(&state["expires_at"]));
        assert_eq!(until - last, TimeDelta::minutes(30));
        assert!(time(&state["absolute_expires_at"]) - last > TimeDelta::days(29));
        assert_eq!(
            answer(api.request("GET", &path)).await.refusal(),
            (401, "credentials-missing".to_owned())
        );
    }
}

#[tokio::test]
async fn refresh_moves_the_end_and_requests_are_counted() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let check = async || api.get("/api/auth/session/check", &person.access).await.ok();
    let before = check().await;
    let mut pages = 0;
    for path in spellings("/api/auth/session/refresh") {
        let state = answer(api.request("POST", &path).bearer_auth(&person.access)).await.ok();
        assert!(time(&state["expires_at"]) > time(&before["expires_at"]), "{path}");
        pages += 1;
        assert_eq!(state["pages_visited"], pages, "{path}");
        let odd = api.send("POST", &path, &person.access, json!({ "minutes": 5 })).await;
        assert_eq!(odd.refusal(), (422, "validation-failed".to_owned()));
        pages += 1;
    }
    assert_eq!(check().await["pages_visited"], pages);
    let shown = api.get(&format!("/api/sessions/{}", person.session), &person.access).await.ok();
    assert_eq!(shown["pages_visited"], pages + 1);
    assert!(time(&shown["last_active"]) >= time(&check().await["started_at"]));
}

#[tokio::test]
async fn idle_session_is_refused_as_ended_and_the_refresh_token_wakes_it() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let old = aged(&person, 3_000, 3_600);
    for path in ["/api/me", "/api/auth/session/check", "/api/sessions"] {
        assert_eq!(api.get(path, &old).await.refusal(), (401, "session-ended".to_owned()), "{path}");
    }
    let refused = answer(api.request("POST", "/api/auth/session/refresh").bearer_auth(&old)).await;
    assert_eq!(refused.refusal(), (401, "session-ended".to_owned()));
    let verdict = api.post("/api/auth/jwt/verify", json!({ "token": old })).await.ok();
    assert_eq!(verdict["active"], false);

    let again = api.post("/api/auth/refresh", json!({ "refresh_token": person.refresh })).await.ok();
    api.get("/api/me", again["access_token"].as_str().unwrap()).await.ok();

    api.get("/api/me", &old).await.ok();
}

#[tokio::test]
async fn activity_outlives_the_program() {
    let api = Api::alone().await;
    let person = api.verified("normal").await;
    for _ in 0..3 {
        api.get("/api/me", &person.access).await.ok();
    }
    let mut program = api.into_program();
    assert!(program.interrupt().await.success());

    let api = Api::of(std::sync::Arc::new(program.restart().await));
    let state = api.get("/api/auth/session/check", &person.access).await.ok();
    assert_eq!(state["pages_visited"], 3);
    api.into_program().stop().await;
}

#[tokio::test]
async fn access_token_is_renewed_in_the_last_third_of_its_life() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    for (age, lifetime, due) in [(0, 900, false), (590, 900, false), (610, 900, true), (880, 900, true)] {
        let reply = api.get("/api/me", &aged(&person, age, lifetime)).await;
        reply.ok();
        assert_eq!(renewed(&reply).is_some(), due, "{age}");
    }
    let old = aged(&person, 700, 900);
    let new = renewed(&api.get("/api/me", &old).await).unwrap();
    let (before, after) = (claims(&old), claims(&new));
    assert_eq!((&after["sub"], &after["sid"]), (&before["sub"], &before["sid"]));
    assert_eq!(after["exp"].as_i64().unwrap() - after["iat"].as_i64().unwrap(), 900);
    assert_ne!(after["jti"], before["jti"]);
    assert_eq!(renewed(&api.get("/api/me", &new).await), None);
    assert!(renewed(&api.get("/api/sessions/nobody", &old).await).is_some(), "the token was good");
    assert_eq!(renewed(&api.get("/api/admin/audit", &old).await), None, "it may not act here");
}

#[tokio::test]
async fn nothing_is_renewed_for_polls_or_for_a_session_that_just_ended() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let old = aged(&person, 700, 900);
    for path in ["/api/auth/session/check", "/api/openapi.json", "/health/live"] {
        assert_eq!(renewed(&api.get(path, &old).await), None, "{path}");
    }
    let verify = api.send("POST", "/api/auth/jwt/verify", &old, json!({ "token": old })).await;
    assert_eq!(renewed(&verify), None);

    let logout = answer(api.request("POST", "/api/auth/logout").bearer_auth(&old)).await;

    assert_eq!((logout.status, renewed(&logout)), (200, None));
}

#[tokio::test]
async fn renewed_token_says_what_the_account_is_by_now() {
    let api = Api::shared().await;
    let person = api.unverified().await;
    let code = api.code(&person.email, 1).await;
    api.post("/api/auth/verify", json!({ "username": person.username, "code": code })).await.ok();

    let new = renewed(&api.get("/api/me", &aged(&person, 700, 900)).await).unwrap();

    assert_eq!(
        (&claims(&person.access)["verified"], &claims(&new)["verified"]),
        (&json!(false), &json!(true))
    );
}

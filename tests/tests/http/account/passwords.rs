//! Passwords forgotten, reset and changed at every path (AUTH-06, AUTH-07); and writes that are repeated or late.

use crate::{
    account::accounts::spellings,
    client::{Answer, Api, PASSWORD, answer, new_name},
};
use serde_json::{Value, json};

const NEW: &str = "the tide comes in twice";

#[tokio::test]
async fn forgotten_password_is_reset_by_the_mailed_token_once() {
    let api = Api::shared().await;
    let asks =
        spellings("/api/auth/forgot-password").into_iter().chain(spellings("/api/accounts/password_reset"));
    let resets =
        spellings("/api/auth/reset-password").into_iter().chain(spellings("/api/accounts/password_reset"));
    for (ask, reset) in asks.zip(resets) {
        let person = api.verified("normal").await;
        assert_eq!(api.post(&ask, json!({ "email": "nobody@example.com" })).await.status, 202);
        assert_eq!(api.post(&ask, json!({ "email": person.email })).await.status, 202, "{ask}");
        let token = api.reset_token(&person.email, 1).await;
        let weak = api.post(&reset, json!({ "token": token, "new_password": "short" })).await;
        assert_eq!((weak.status, weak.field_error().0), (422, "/new_password".to_owned()), "{reset}");

        let body = json!({ "token": token, "new_password": NEW });
        api.post(&reset, body.clone()).await.ok();

        assert_eq!(api.get("/api/me", &person.access).await.status, 401, "all sessions end");
        let login = |password: &str| {
            api.post("/api/auth/login", json!({ "username": person.username, "password": password }))
        };
        login(NEW).await.ok();
        assert_eq!(login(PASSWORD).await.status, 401);
        assert_eq!(api.post(&reset, body).await.refusal(), (422, "code-refused".to_owned()), "{reset}");
        let bad = api.post(&reset, json!({ "token": "x", "new_password": NEW })).await;
        assert_eq!(bad.refusal(), (422, "code-refused".to_owned()));
    }
}

/// Whether a password contains somebody's name tells the name.
#[tokio::test]
async fn superseded_token_is_refused_before_anything_is_said_of_the_new_password() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let asked = api.post("/api/auth/forgot-password", json!({ "email": person.email })).await;
    assert_eq!(asked.status, 202);
    let token = api.reset_token(&person.email, 1).await;
    let named = json!({ "token": token, "new_password": format!("{} walks at dusk", person.username) });
    let pending = api.post("/api/auth/reset-password", named.clone()).await;
    assert_eq!(pending.field_error().0, "/new_password");
    let change = json!({ "current_password": PASSWORD, "new_password": NEW });
    api.send("POST", "/api/auth/password/change", &person.access, change).await.ok();

    let superseded = api.post("/api/auth/reset-password", named).await;

    assert_eq!(superseded.refusal(), (422, "code-refused".to_owned()));
}

#[tokio::test]
async fn changed_password_ends_the_other_sessions() {
    let api = Api::shared().await;
    for path in spellings("/api/auth/password/change") {
        let person = api.verified("normal").await;
        let other = api.log_in(&person.username, &person.email).await;
        let change = |current: &str, new: &str| {
            let body = json!({ "current_password": current, "new_password": new });
            let (api, path, access) = (api.clone(), path.clone(), person.access.clone());
            async move { api.send("POST", &path, &access, body).await }
        };
        assert_eq!(change("wrong and long", NEW).await.refusal(), (403, "password-wrong".to_owned()));
        assert_eq!(change(PASSWORD, "short").await.field_error().0, "/new_password");

        let changed = change(PASSWORD, NEW).await.ok();

        api.get("/api/me", changed["access_token"].as_str().unwrap()).await.ok();
        assert_eq!(
            api.get("/api/me", &other.access).await.refusal(),
            (401, "session-ended".to_owned()),
            "{path}"
        );
        let unverified = api.unverified().await;
        let refused = api.send(
            "POST",
            &path,
            &unverified.access,
            json!({ "current_password": PASSWORD, "new_password": NEW }),
        );
        assert_eq!(refused.await.refusal(), (403, "contact-unverified".to_owned()));
    }
}

async fn patch(api: &Api, access: &str, headers: &[(&str, &str)], body: Value) -> Answer {
    let request = api.request("PATCH", "/api/users/profile").bearer_auth(access).json(&body);
    answer(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

#[tokio::test]
async fn repeated_key_happens_once_and_another_request_under_it_is_refused() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let key = [("idempotency-key", "order 66")];

    let first = patch(&api, &person.access, &key, json!({ "city": "Porto" })).await;
    patch(&api, &person.access, &[], json!({ "city": "Faro" })).await.ok();
    let again = patch(&api, &person.access, &key, json!({ "city": "Porto" })).await;
    let other = patch(&api, &person.access, &key, json!({ "city": "Lisbon" })).await;

    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(again.position(), first.position());
    assert_eq!(api.get("/api/users/profile", &person.access).await.ok()["city"], "Faro");
    assert_eq!(other.refusal(), (422, "idempotency-mismatch".to_owned()));
    let neighbour = api.verified("normal").await;
    let theirs = patch(&api, &neighbour.access, &key, json!({ "city": "Lisbon" })).await;
    assert_eq!(theirs.ok()["city"], "Lisbon", "keys belong to whom they are from");
    let bad = patch(&api, &person.access, &[("idempotency-key", "")], json!({})).await;
    assert_eq!(bad.refusal(), (400, "malformed-header".to_owned()));
}

#[tokio::test]
async fn repeated_registration_and_login_make_nothing_twice() {
    let api = Api::shared().await;
    let (username, email) = new_name();
    let form = json!({ "username": username, "email": email, "password": PASSWORD });
    let post = |path: &str, body: &Value| {
        answer(api.request("POST", path).header("idempotency-key", format!("k-{username}-{path}")).json(body))
    };

    let first = post("/api/auth/register", &form).await;
    let again = post("/api/auth/register", &form).await;

    assert_eq!(first.is(201)["id"], again.is(201)["id"]);
    let code = api.code(&email, 1).await;
    api.post("/api/auth/verify", json!({ "username": username, "code": code })).await.ok();
    let login = json!({ "username": username, "password": PASSWORD });
    let access = post("/api/auth/login", &login).await.ok()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(post("/api/auth/login", &login).await.refusal(), (409, "secret-shown-once".to_owned()));
    assert_eq!(api.get("/api/sessions", &access).await.ok()["count"], 1);
}

#[tokio::test]
async fn change_of_an_old_version_is_refused() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    for path in ["/api/users/profile", "/api/accounts/profile", "/api/me"] {
        let tag = api.get(path, &person.access).await.header("etag").unwrap().to_owned();
        let put = |bio: &str, tag: &str| {
            let request = api.request("PUT", path).bearer_auth(&person.access).json(&json!({ "bio": bio }));
            answer(request.header("if-match", tag))
        };

        let changed = put(&format!("first {path}"), &tag).await;
        let late = put(&format!("second {path}"), &tag).await;

        assert_eq!(late.refusal(), (412, "precondition-failed".to_owned()), "{path}");
        changed.ok();
        put(&format!("third {path}"), changed.header("etag").unwrap()).await.ok();
        put(&format!("fourth {path}"), "*").await.ok();
        assert_eq!(put("fifth", "\"somebody else's\"").await.status, 412);
    }
}

#[tokio::test]
async fn writers_read_what_they_wrote() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    for n in 0..20 {
        let city = format!("Town {n}");
        let changed =
            patch(&api, &person.access, &[("prefer", "respond-async")], json!({ "city": city })).await;
        assert_eq!((changed.status, changed.header("annals-fresh")), (200, Some("false")));
        let read = api.request("GET", "/api/users/profile").bearer_auth(&person.access);
        let read = answer(read.header("annals-min-position", changed.position())).await;
        assert_eq!((read.ok()["city"].as_str(), read.header("annals-fresh")), (Some(city.as_str()), None));
    }
    let waited = patch(&api, &person.access, &[], json!({ "city": "Porto" })).await;
    assert_eq!((waited.ok()["city"].as_str(), waited.header("annals-fresh")), (Some("Porto"), None));
}

#[tokio::test]
async fn positions_beyond_the_log_are_refused_everywhere() {
    let api = Api::shared().await;
    let staff = api.verified("owner").await;
    for path in ["/api/me", "/api/users/profile", "/api/sessions", "/api/admin/audit", "/api/audit/events"] {
        for (position, slug) in
            [("999999999", "position-ahead"), ("-1", "malformed-header"), ("x", "malformed-header")]
        {
            let request =
                api.request("GET", path).bearer_auth(&staff.access).header("annals-min-position", position);
            assert_eq!(answer(request).await.refusal(), (400, slug.to_owned()), "{path}");
        }
    }
}

//! Keys of services: made by staff, good for what services do and for nothing of people's (SESS-07, C-40).

use crate::{
    api_keys::text,
    client::{Answer, Api, Person, answer},
};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

static NAMES: AtomicU32 = AtomicU32::new(0);

impl Api {
    pub async fn ask_for_service_key(&self, staff: &Person, service: &str, scopes: &[&str]) -> Answer {
        let body = json!({ "service": service, "scopes": scopes });
        self.send("POST", "/api/admin/service-keys", &staff.access, body).await
    }
}

/// A service that nobody knows yet.
pub fn new_service() -> String {
    format!("service-{}", NAMES.fetch_add(1, Ordering::Relaxed))
}

#[tokio::test]
async fn service_key_is_made_listed_and_revoked_by_staff() {
    let api = Api::shared().await;
    let (admin, owner) = (api.verified("admin").await, api.verified("owner").await);
    let service = new_service();

    let made = api.ask_for_service_key(&admin, &service, &["events:write"]).await.is(201);

    let (id, key) = (text(&made["id"]), text(&made["key"]));
    assert!(key.starts_with("annals_svc_") && key.starts_with(&text(&made["prefix"])), "{key}");
    let own = api.get("/api/auth/key", &key).await.ok();
    assert_eq!(
        (&own["kind"], &own["service"], &own["user_id"]),
        (&json!("service"), &json!(service), &Value::Null)
    );
    assert_eq!(own["scopes"], json!(["events:write"]));
    let verdict = api.post("/api/auth/jwt/verify", json!({ "token": key })).await.ok();
    assert_eq!((&verdict["client_id"], &verdict["scope"]), (&json!(service), &json!("events:write")));
    let listed = api.get(&format!("/api/admin/service-keys?service={service}"), &owner.access).await.ok();
    assert_eq!(listed["count"], 1);
    let row = &listed["results"][0];
    assert_eq!((&row["id"], &row["created_by"]), (&json!(id), &json!(admin.id)));
    assert!(row["last_used_at"].is_string() && row["key"].is_null(), "{row}");
    let path = format!("/api/admin/service-keys/{id}");
    for _ in 0..2 {
        let revoked = answer(api.request("DELETE", &path).bearer_auth(&owner.access)).await.ok();
        assert_eq!((&revoked["status"], &revoked["created_by"]), (&json!("revoked"), &json!(admin.id)));
        assert_eq!(api.get("/api/auth/key", &key).await.refusal(), (401, "api-key-revoked".to_owned()));
    }
    assert_eq!(api.get(&path, &admin.access).await.ok()["status"], "revoked");
}

#[tokio::test]
async fn service_is_nobody_and_persons_keys_are_not_among_its() {
    let api = Api::shared().await;
    let (admin, person) = (api.verified("admin").await, api.verified("normal").await);
    let made = api.ask_for_service_key(&admin, &new_service(), &["badges:award"]).await.is(201);
    let key = text(&made["key"]);

    for path in ["/api/me", "/api/users/profile", "/api/events", "/api/profiles", "/api/admin/audit"] {
        assert_eq!(api.get(path, &key).await.refusal(), (403, "scope-missing".to_owned()), "{path}");
    }
    assert_eq!(api.get("/api/admin/erasures", &key).await.refusal(), (403, "session-required".to_owned()));
    let (own, _) = api.key_of(&person, &["account:read"]).await;
    let path = format!("/api/admin/service-keys/{own}");
    for method in ["GET", "DELETE"] {
        let reply = answer(api.request(method, &path).bearer_auth(&admin.access)).await;
        assert_eq!(reply.refusal(), (404, "api-key-not-found".to_owned()), "{method}");
    }
    let listed = api.get("/api/admin/service-keys?page_size=100", &admin.access).await.ok();
    assert!(listed["results"].as_array().unwrap().iter().all(|row| row["id"] != json!(own)));
}

#[tokio::test]
async fn what_a_service_key_shall_be_is_checked() {
    let api = Api::shared().await;
    let admin = api.verified("admin").await;
    for (service, scopes, pointer, code) in [
        ("Badge Engine", vec!["badges:award"], "/service", "service-invalid"),
        ("ab", vec!["badges:award"], "/service", "service-invalid"),
        ("badge-engine", vec![], "/scopes", "scopes-missing"),
        ("badge-engine", vec!["profile:read"], "/scopes", "scope-unsuitable"),
        ("badge-engine", vec!["everything"], "/scopes", "scope-unknown"),
    ] {
        let reply = api.ask_for_service_key(&admin, service, &scopes).await;
        assert_eq!(reply.status, 422, "{reply:?}");
        assert_eq!(reply.field_error(), (pointer.to_owned(), code.to_owned()), "{service} {scopes:?}");
    }
}

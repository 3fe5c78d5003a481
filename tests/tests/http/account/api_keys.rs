//! Keys of people: made, used within their scopes, renamed, revoked (KEY-01, SESS-07).

use crate::client::{Answer, Api, Person, answer};
use futures::future::join_all;
use serde_json::{Value, json};

pub const SCOPES: [&str; 12] = [
    "account:read",
    "profile:read",
    "profile:write",
    "social:read",
    "social:write",
    "settings:read",
    "settings:write",
    "notifications:read",
    "notifications:write",
    "portfolio:read",
    "portfolio:write",
    "events:read",
];

impl Api {
    pub async fn ask_for_key(&self, person: &Person, scopes: &[&str]) -> Answer {
        let body = json!({ "name": "heron feeder", "scopes": scopes });
        self.send("POST", "/api/me/api-keys", &person.access, body).await
    }

    /// A new key of a person: its id and itself.
    pub async fn key_of(&self, person: &Person, scopes: &[&str]) -> (String, String) {
        let made = self.ask_for_key(person, scopes).await.is(201);
        (text(&made["id"]), text(&made["key"]))
    }

    pub async fn revoke_key(&self, person: &Person, id: &str) -> Answer {
        let path = format!("/api/me/api-keys/{id}");
        answer(self.request("DELETE", &path).bearer_auth(&person.access)).await
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn refused(status: u16, slug: &str) -> (u16, String) {
    (status, slug.to_owned())
}

#[tokio::test]
async fn key_acts_for_its_person_within_its_scopes_and_is_shown_once() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;

    let made = api.ask_for_key(&person, &["profile:read"]).await.is(201);

    let (id, key) = (text(&made["id"]), text(&made["key"]));
    assert_eq!((made["status"].as_str(), &made["scopes"]), (Some("active"), &json!(["profile:read"])));
    assert!(
        key.len() == 61 && key.starts_with("annals_key_") && key.starts_with(&text(&made["prefix"])),
        "{key}"
    );
    for value in [format!("Bearer {key}"), format!("token {key}")] {
        let reply = answer(api.request("GET", "/api/users/profile").header("authorization", value)).await;
        assert_eq!(reply.ok()["id"], person.id);
        assert_eq!(reply.header("x-renewed-access"), None);
    }
    let missing = api.send("PATCH", "/api/users/profile", &key, json!({ "city": "Ulm" })).await;
    assert_eq!(missing.refusal(), refused(403, "scope-missing"));
    assert!(missing.header("www-authenticate").unwrap().contains("scope=\"profile:write\""));
    assert_eq!(api.get("/api/me/api-keys", &key).await.refusal(), refused(403, "session-required"));
    for path in [format!("/api/me/api-keys/{id}"), "/api/me/api-keys".to_owned()] {
        let shown = api.get(&path, &person.access).await;
        let row = if path.ends_with(&id) { shown.ok() } else { shown.ok()["results"][0].clone() };
        assert_eq!(
            (&row["id"], &row["name"], &row["key"]),
            (&made["id"], &json!("heron feeder"), &Value::Null)
        );
        assert!(row["last_used_at"].as_str() >= row["created_at"].as_str(), "{row}");
        assert!(!shown.body.contains(&key));
    }
}

#[tokio::test]
async fn what_a_key_does_is_its_persons_doing_and_names_the_key() {
    let api = Api::shared().await;
    let [person, other] = api.people().await;
    let reader = api.verified("owner").await;
    let (id, key) = api.key_of(&person, &["profile:write", "social:write", "settings:write"]).await;

    let changed = api.send("PATCH", "/api/users/profile", &key, json!({ "city": "Ulm" })).await;
    api.send("PATCH", "/api/settings", &key, json!({ "theme": "dark" })).await.ok();
    api.send("POST", "/api/follows", &key, json!({ "user_id": other.id })).await.is(201);
    let stranger =
        api.send("PATCH", &format!("/api/profiles/{}", other.id), &key, json!({ "city": "Ulm" })).await;

    assert_eq!(changed.ok()["city"], "Ulm");
    assert_eq!(stranger.refusal(), refused(403, "forbidden"));
    let trail = format!("/api/audit/events?from={}&limit=1", changed.position());
    let event = api.get(&trail, &reader.access).await.ok()["results"][0].clone();
    assert_eq!(event["metadata"]["actor"], format!("user:{}", person.id), "{event}");
    assert_eq!(
        (&event["metadata"]["api_key_id"], &event["metadata"]["session_id"]),
        (&json!(id), &Value::Null)
    );
}

#[tokio::test]
async fn keys_of_staff_are_not_staff() {
    let api = Api::shared().await;
    let (owner, person) = (api.verified("owner").await, api.verified("normal").await);
    let private = json!({ "is_private": true, "bio": "for followers only" });
    api.send("PATCH", "/api/users/profile", &person.access, private).await.ok();
    let (_, key) = api.key_of(&owner, &SCOPES).await;

    let seen = api.get(&format!("/api/profiles/{}", person.id), &key).await;
    assert_eq!(seen.ok()["bio"], Value::Null, "as anybody sees it");
    let profile = format!("/api/profiles/{}", person.id);
    let change = api.send("PATCH", &profile, &key, json!({ "city": "Ulm" })).await;
    assert_eq!(change.refusal(), refused(403, "forbidden"));
    let events = api.get(&format!("/api/events?user={}", person.id), &key).await;
    assert_eq!(events.refusal(), refused(403, "staff-only"));
    let own = api.get("/api/events", &key).await.ok();
    assert!(own["results"].as_array().unwrap().iter().all(|event| event["user"] == json!(owner.id)), "{own}");
    let by_role = api.get("/api/users?role=owner", &key).await;
    assert!(by_role.status >= 400, "{by_role:?}");
}

#[tokio::test]
async fn key_is_renamed_and_revoked_by_its_person_alone() {
    let api = Api::shared().await;
    let (person, owner) = (api.verified("normal").await, api.verified("owner").await);
    let (id, key) = api.key_of(&person, &["account:read"]).await;
    let path = format!("/api/me/api-keys/{id}");
    for other in [&owner, &api.verified("normal").await] {
        for (method, body) in
            [("GET", json!(null)), ("PATCH", json!({ "name": "mine" })), ("DELETE", json!(null))]
        {
            let request = api.request(method, &path).bearer_auth(&other.access);
            let request = if method == "PATCH" { request.json(&body) } else { request };
            assert_eq!(answer(request).await.refusal(), refused(404, "api-key-not-found"), "{method}");
        }
    }
    let service =
        answer(api.request("DELETE", &format!("/api/admin/service-keys/{id}")).bearer_auth(&owner.access));
    assert_eq!(service.await.refusal(), refused(404, "api-key-not-found"));

    let renamed = api.send("PATCH", &path, &person.access, json!({ "name": " swan feeder " })).await.ok();
    assert_eq!(renamed["name"], "swan feeder");
    api.get("/api/me", &key).await.ok();
    for _ in 0..2 {
        let revoked = api.revoke_key(&person, &id).await.ok();
        assert_eq!(revoked["status"], "revoked");
        assert_eq!(api.get("/api/me", &key).await.refusal(), refused(401, "api-key-revoked"));
    }
    let late = api.send("PATCH", &path, &person.access, json!({ "name": "goose feeder" })).await;
    assert_eq!(late.refusal(), refused(409, "api-key-over"));
    assert_eq!(api.get(&path, &person.access).await.ok()["name"], "swan feeder");
}

#[tokio::test]
async fn of_any_number_asked_for_at_once_a_person_gets_twenty() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;

    let replies = join_all((0..30).map(|_| api.ask_for_key(&person, &["account:read"]))).await;

    let made: Vec<Value> = replies.iter().filter(|r| r.status == 201).map(Answer::json).collect();
    assert_eq!(made.len(), 20);
    for refusal in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!(refusal.refusal(), refused(409, "too-many-api-keys"));
    }
    let listed = api.get("/api/me/api-keys?page_size=100", &person.access).await.ok();
    assert_eq!(listed["count"], 20);
    api.revoke_key(&person, &text(&made[7]["id"])).await.ok();
    api.key_of(&person, &["account:read"]).await;
    assert_eq!(
        api.ask_for_key(&person, &["account:read"]).await.refusal(),
        refused(409, "too-many-api-keys")
    );
}

#[tokio::test]
async fn repeated_request_makes_no_second_key_and_shows_none() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let ask = async || {
        let body = json!({ "name": "once", "scopes": ["account:read"] });
        let request = api.request("POST", "/api/me/api-keys").bearer_auth(&person.access);
        answer(request.header("idempotency-key", "one key").json(&body)).await
    };

    ask().await.is(201);

    assert_eq!(ask().await.refusal(), refused(409, "secret-shown-once"));
    assert_eq!(api.get("/api/me/api-keys", &person.access).await.ok()["count"], 1);
}

#[tokio::test]
async fn what_a_key_shall_be_is_checked_member_by_member() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let form = |change: Value| {
        let mut form = json!({ "name": "x", "scopes": ["account:read"] });
        form.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        form
    };
    for (change, pointer, code) in [
        (json!({ "name": "  " }), "/name", "text-invalid"),
        (json!({ "name": "x".repeat(101) }), "/name", "text-invalid"),
        (json!({ "name": "a\nb" }), "/name", "text-invalid"),
        (json!({ "scopes": [] }), "/scopes", "scopes-missing"),
        (json!({ "scopes": ["account:read", "account:own"] }), "/scopes/1", "scope-unknown"),
        (json!({ "scopes": ["account:read", "badges:award"] }), "/scopes", "scope-unsuitable"),
        (json!({ "scopes": "account:read" }), "/scopes", "wrong-type"),
        (json!({ "expires_at": "2020-01-01T00:00:00Z" }), "/expires_at", "expiry-invalid"),
        (json!({ "expires_at": "2999-01-01T00:00:00Z" }), "/expires_at", "expiry-invalid"),
        (json!({ "expires_at": "tomorrow" }), "/expires_at", "invalid"),
        (json!({ "secret": "x" }), "/secret", "unknown-field"),
    ] {
        let reply = api.send("POST", "/api/me/api-keys", &person.access, form(change.clone())).await;
        assert_eq!(reply.status, 422, "{change}: {reply:?}");
        assert_eq!(reply.field_error(), (pointer.to_owned(), code.to_owned()), "{change}");
    }
    let unverified = api.unverified().await;
    assert_eq!(
        api.ask_for_key(&unverified, &["account:read"]).await.refusal(),
        refused(403, "contact-unverified")
    );
    assert_eq!(api.get("/api/me/api-keys", &person.access).await.ok()["count"], 0);
}

#[tokio::test]
async fn forged_and_foreign_keys_are_nobodys() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let (_, key) = api.key_of(&person, &SCOPES).await;
    let last = if key.ends_with('0') { "1" } else { "0" };
    for forged in [
        format!("{}{last}", &key[..key.len() - 1]),
        key.replace("annals_key_", "annals_svc_"),
        key[..key.len() - 1].to_owned(),
        format!("{key}0"),
        "annals_".to_owned(),
        "annals_key_".to_owned(),
        format!("annals_key_{}", "0".repeat(50)),
        key.to_uppercase().replace("ANNALS_KEY_", "annals_key_"),
    ] {
        let reply = api.get("/api/me", &forged).await;
        assert_eq!(reply.refusal(), refused(401, "api-key-invalid"), "{forged}");
        assert!(reply.header("www-authenticate").unwrap().contains("invalid_token"));
    }
    let twice = api.request("GET", "/api/me").bearer_auth(&key).bearer_auth(&key);
    assert_eq!(answer(twice).await.refusal(), refused(401, "credentials-missing"));
    let basic = api.request("GET", "/api/me").header("authorization", format!("Basic {key}"));
    assert_eq!(answer(basic).await.refusal(), refused(401, "credentials-missing"));
}

#[tokio::test]
async fn introspection_and_the_key_itself_tell_what_it_is() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let (id, key) = api.key_of(&person, &["profile:read", "settings:read"]).await;
    let verdict = async |token: &str| api.post("/api/auth/jwt/verify", json!({ "token": token })).await.ok();

    let active = verdict(&key).await;
    let own = api.get("/api/auth/key", &key).await.ok();

    assert_eq!((&active["active"], &active["valid"]), (&json!(true), &json!(true)));
    assert_eq!((&active["sub"], &active["jti"]), (&json!(person.id), &json!(id)));
    assert_eq!(
        (&active["scope"], &active["username"]),
        (&json!("profile:read settings:read"), &json!(person.username))
    );
    assert_eq!(active["exp"].as_i64().unwrap() - active["iat"].as_i64().unwrap(), 90 * 86_400);
    assert_eq!(
        (&own["id"], &own["kind"], &own["user_id"]),
        (&json!(id), &json!("person"), &json!(person.id))
    );
    assert_eq!(
        (&own["name"], &own["scopes"]),
        (&json!("heron feeder"), &json!(["profile:read", "settings:read"]))
    );
    let session = api.get("/api/auth/key", &person.access).await;
    assert_eq!(session.refusal(), refused(403, "api-key-required"));
    api.revoke_key(&person, &id).await.ok();
    assert_eq!(verdict(&key).await, json!({ "valid": false, "active": false }));
    assert_eq!(verdict("annals_key_x").await, json!({ "valid": false, "active": false }));
}

#[tokio::test]
async fn who_owns_a_key_is_told_by_mail() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;

    let (_, key) = api.key_of(&person, &["account:read"]).await;

    let mail = api.mail(&person.email, 1).await;
    assert!(mail.contains("An API key was made for your account"), "{mail}");
    assert!(!mail.contains(&key));
}

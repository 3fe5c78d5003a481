//! Keys that read: a service what staff read, on record under its key, and a person's program the person's events.

use crate::{
    account::api_keys::text,
    account::service_keys::new_service,
    audit::event_stream::Stream,
    client::{Api, Person, answer},
};
use serde_json::{Value, json};

impl Api {
    /// Every record of what a service was sent, newest first.
    async fn fetches(&self, staff: &Person, service: &str) -> Vec<Value> {
        let newest = self.send("PATCH", "/api/settings", &staff.access, json!({})).await.position();
        let path = "/api/admin/audit?action=personal_data_fetched&category=admin&page_size=100";
        let request = self.request("GET", path).bearer_auth(&staff.access);
        let page = answer(request.header("annals-min-position", newest)).await.ok();
        let entries = page["results"].as_array().unwrap().iter();
        entries.filter(|entry| entry["new_values"]["service"] == service).cloned().collect()
    }
}

#[tokio::test]
async fn what_a_service_reads_is_recorded_first_under_its_key() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("owner").await, api.verified("normal").await);
    let service = new_service();
    let made = api.ask_for_service_key(&admin, &service, &["users:read", "audit:read"]).await.is(201);
    let (id, key) = (text(&made["id"]), text(&made["key"]));

    let account = api.get(&format!("/api/admin/users/{}", jane.id), &key).await.ok();

    assert_eq!(account["email"], jane.email, "as staff see it");
    let fetches = api.fetches(&admin, &service).await;
    let [fetch] = &fetches[..] else { panic!("{fetches:?}") };
    let values = &fetch["new_values"];
    assert_eq!((&values["api_key"], &values["view"]), (&json!(id), &json!("accounts")));
    assert_eq!(values["subjects"], json!([jane.id]));
    assert_eq!(fetch["actor"], format!("service:{service}"));
    for (path, view) in [
        (format!("/api/admin/users?search={}", jane.username), "accounts"),
        (format!("/api/admin/audit?entity_type=user&entity_id={}", jane.id), "audit"),
        (format!("/api/audit/events?aggregate_type=user&aggregate_id={}", jane.id), "events"),
    ] {
        let page = api.get(&path, &key).await.ok();
        assert!(!page["results"].as_array().unwrap().is_empty(), "{path}");
        let newest = api.fetches(&admin, &service).await[0].clone();
        assert_eq!(newest["new_values"]["view"], view, "{path}");
        assert!(newest["new_values"]["subjects"].as_array().unwrap().contains(&json!(jane.id)), "{newest}");
    }
    let before = api.fetches(&admin, &service).await.len();
    let nobody = api.get("/api/admin/users?search=nobody-is-called-so", &key).await.ok();
    assert_eq!((nobody["count"].as_i64(), api.fetches(&admin, &service).await.len()), (Some(0), before));
}

#[tokio::test]
async fn service_reads_with_its_scope_and_changes_nothing() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("owner").await, api.verified("normal").await);
    let made = api.ask_for_service_key(&admin, &new_service(), &["users:read"]).await.is(201);
    let key = text(&made["key"]);

    for path in ["/api/admin/audit", "/api/audit/events", "/api/users", "/api/events/stream"] {
        assert_eq!(api.get(path, &key).await.refusal(), (403, "scope-missing".to_owned()), "{path}");
    }
    let account = format!("/api/admin/users/{}", jane.id);
    for (method, path) in [
        ("GET", format!("{account}/sessions")),
        ("POST", format!("{account}/suspend")),
        ("PUT", account.clone()),
        ("DELETE", account.clone()),
    ] {
        let reply = api.send(method, &path, &key, json!({})).await;
        assert_eq!(reply.refusal(), (403, "session-required".to_owned()), "{method} {path}");
    }
    let unsuitable = api.ask_for_key(&admin, &["users:read"]).await;
    assert_eq!(unsuitable.field_error(), ("/scopes".to_owned(), "scope-unsuitable".to_owned()));
    let path = format!("/api/admin/service-keys/{}", text(&made["id"]));
    answer(api.request("DELETE", &path).bearer_auth(&admin.access)).await.ok();
    assert_eq!(api.get(&account, &key).await.refusal(), (401, "api-key-revoked".to_owned()));
}

#[tokio::test]
async fn key_follows_its_persons_events_until_it_is_revoked() {
    let api = Api::shared().await;
    let (owner, jane) = (api.verified("owner").await, api.verified("normal").await);
    let (id, key) = api.key_of(&owner, &["events:read"]).await;
    let (_, without) = api.key_of(&owner, &["profile:read"]).await;
    assert_eq!(api.get("/api/events/stream", &without).await.refusal(), (403, "scope-missing".to_owned()));
    let (mut stream, begun) = Stream::open_with(&api, &key, None).await;

    api.send("PATCH", "/api/settings", &jane.access, json!({ "theme": "dark" })).await.ok();
    api.send("PATCH", "/api/settings", &owner.access, json!({ "theme": "dark" })).await.ok();

    let block = stream.block().await.unwrap();
    assert_eq!(block.event.as_deref(), Some("settings_updated"), "an owner's key has no role: {block:?}");
    assert_eq!(block.data["user"], owner.id.as_str());
    let (mut again, _) = Stream::open_with(&api, &key, Some(begun)).await;
    assert_eq!(again.block().await.unwrap(), block);
    api.revoke_key(&owner, &id).await.ok();
    stream.ends().await;
    again.ends().await;
}

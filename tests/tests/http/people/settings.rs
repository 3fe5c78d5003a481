//! Settings and preferences, read and changed at every path (SET-01, SET-02, C-17).

use crate::{
    account::accounts::spellings,
    client::{Api, answer},
};
use serde_json::{Value, json};

const SETTINGS: &str = "/api/settings";

fn defaults() -> Value {
    json!({
        "email_notifications": true, "sms_notifications": false, "push_notifications": true,
        "warranty_expiry_notifications": true, "maintenance_reminder_notifications": true,
        "notification_frequency": "immediate", "profile_visibility": "public", "language": "en",
        "theme": "system", "timezone": "UTC", "mature_content": false, "auto_play_videos": true,
    })
}

fn choices() -> Value {
    json!({
        "email_notifications": false, "sms_notifications": true, "push_notifications": false,
        "warranty_expiry_notifications": false, "maintenance_reminder_notifications": false,
        "notification_frequency": "weekly", "profile_visibility": "followers", "language": "pt-BR",
        "theme": "dark", "timezone": "Europe/Lisbon", "mature_content": true, "auto_play_videos": false,
    })
}

/// Every member of `expected` stands in `shown`.
fn holds(shown: &Value, expected: &Value) {
    for (member, value) in expected.as_object().unwrap() {
        assert_eq!(&shown[member], value, "{member}");
    }
}

#[tokio::test]
async fn settings_are_there_from_the_first_day_and_changed_at_every_path() {
    let api = Api::shared().await;
    for path in spellings(SETTINGS) {
        let person = api.verified("normal").await;
        let first = api.get(&path, &person.access).await.ok();
        holds(&first, &defaults());
        assert_eq!((&first["user"], &first["created_at"]), (&json!(person.id), &first["updated_at"]));

        for method in ["PATCH", "PUT"] {
            let set = api.send(method, &path, &person.access, choices()).await.ok();
            holds(&set, &choices());
            assert_eq!(api.get(&path, &person.access).await.ok(), set, "{method} {path}");
            let cleared = json!({ "theme": null, "language": "", "timezone": null });
            let cleared = api.send(method, &path, &person.access, cleared).await.ok();
            assert_eq!((&cleared["theme"], &cleared["language"]), (&json!("system"), &json!("en")));
            assert_eq!((&cleared["timezone"], &cleared["mature_content"]), (&json!("UTC"), &json!(true)));
        }
        assert_eq!(answer(api.request("GET", &path)).await.status, 401);
        assert_eq!(answer(api.request("PATCH", &path).json(&choices())).await.status, 401);
    }
}

#[tokio::test]
async fn settings_accept_their_own_representation_and_refuse_what_they_cannot_be() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let set = api.send("PUT", SETTINGS, &person.access, choices()).await.ok();

    assert_eq!(api.send("PUT", SETTINGS, &person.access, set.clone()).await.ok(), set);
    for (member, value) in [
        ("theme", json!("pink")),
        ("language", json!("en_US")),
        ("timezone", json!("Europe/Atlantis")),
        ("notification_frequency", json!("yearly")),
        ("profile_visibility", json!("friends")),
        ("email_notifications", json!("yes")),
        ("user", json!("somebody else")),
        ("created_at", json!("2020-01-01T00:00:00Z")),
        ("nickname", json!("j")),
    ] {
        let refused = api.send("PATCH", SETTINGS, &person.access, json!({ member: value })).await;
        assert_eq!(
            (refused.status, refused.field_error().0),
            (422, format!("/{member}")),
            "{}",
            refused.body
        );
    }
    assert_eq!(api.get(SETTINGS, &person.access).await.ok(), set);
}

#[tokio::test]
async fn settings_have_an_entity_tag_and_happen_once() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let read = api.get(SETTINGS, &person.access).await;
    let before = read.header("etag").unwrap().to_owned();
    let send = async |tag: &str, key: &str, body: Value| {
        let request = api.request("PATCH", SETTINGS).bearer_auth(&person.access).json(&body);
        answer(request.header("if-match", tag).header("idempotency-key", key)).await
    };

    let known = api.request("GET", SETTINGS).bearer_auth(&person.access).header("if-none-match", &before);
    assert_eq!(answer(known).await.status, 304);
    let dark = send(&before, "dark", json!({ "theme": "dark" })).await;
    assert_eq!(dark.ok()["theme"], "dark");
    let late = send(&before, "light", json!({ "theme": "light" })).await;
    assert_eq!(late.refusal(), (412, "precondition-failed".to_owned()));
    let again = send(&before, "dark", json!({ "theme": "dark" })).await;
    assert_eq!((again.ok(), again.position()), (dark.ok(), dark.position()), "a repeat");
    let other = send(&before, "dark", json!({ "theme": "light" })).await;
    assert_eq!(other.refusal(), (422, "idempotency-mismatch".to_owned()));
}

#[tokio::test]
async fn preferences_of_an_account_are_its_settings_and_keep_what_they_do_not_know() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let me = api.get("/api/me", &person.access).await.ok();
    holds(&me["preferences"], &defaults());
    assert_eq!(me["preferences"]["extra"], json!({}));
    let put = async |body: Value| api.send("PUT", "/api/me", &person.access, body).await;

    let given = json!({ "theme": "dark", "beta": { "panels": [1, null] }, "extra": { "size": 1.5 } });
    let set = put(json!({ "name": "Jane Doe", "preferences": given })).await.ok();

    let extra = json!({ "beta": { "panels": [1, null] }, "size": 1.5 });
    assert_eq!((&set["name"], &set["preferences"]["theme"]), (&json!("Jane Doe"), &json!("dark")));
    assert_eq!(set["preferences"]["extra"], extra);
    assert_eq!(api.get(SETTINGS, &person.access).await.ok()["theme"], "dark");
    assert_eq!(put(set.clone()).await.ok()["updated_at"], set["updated_at"], "its own representation");
    let taken = put(json!({ "preferences": { "size": null, "theme": null } })).await.ok();
    assert_eq!(taken["preferences"]["extra"], json!({ "beta": { "panels": [1, null] } }));
    assert_eq!(taken["preferences"]["theme"], "system");
    let cleared = put(json!({ "preferences": null })).await.ok();
    assert_eq!(cleared["preferences"], me["preferences"]);
}

#[tokio::test]
async fn preferences_that_cannot_be_kept_change_nothing() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    for (preferences, pointer) in [
        (json!({ "language": "?" }), "/preferences/language"),
        (json!({ "big": "x".repeat(20_000) }), "/preferences/extra"),
        (json!({ "~p": person.id }), "/preferences/extra"),
        (json!({ "deep": [{ "~p": person.id, "sealed": "v1.x" }] }), "/preferences/extra"),
        (json!({ "extra": [] }), "/preferences/extra"),
        (json!([]), "/preferences"),
    ] {
        let body = json!({ "name": "Jane Doe", "preferences": preferences });
        let refused = api.send("PUT", "/api/me", &person.access, body).await;
        assert_eq!((refused.status, refused.field_error().0), (422, pointer.to_owned()), "{}", refused.body);
    }
    let me = api.get("/api/me", &person.access).await.ok();
    assert_eq!((&me["name"], &me["preferences"]["extra"]), (&Value::Null, &json!({})));
}

#[tokio::test]
async fn profile_visibility_decides_who_sees_a_persons_follows() {
    let api = Api::shared().await;
    let [jane, john, joan] = api.people().await;
    api.follow(&john, &jane.id).await.is(201);
    let list = format!("/api/follows?direction=followers&user={}", jane.id);
    for (visibility, seen) in [("public", [200, 200]), ("followers", [200, 403]), ("private", [403, 403])] {
        let body = json!({ "profile_visibility": visibility });
        api.send("PATCH", SETTINGS, &jane.access, body).await.ok();
        for (person, status) in [&john, &joan].into_iter().zip(seen) {
            assert_eq!(api.get(&list, &person.access).await.status, status, "{visibility}");
        }
        assert_eq!(api.get(&list, &jane.access).await.status, 200, "{visibility}: her own");
    }
}

#[tokio::test]
async fn replies_that_depend_on_the_caller_say_so() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let vary = |answer: &crate::client::Answer| {
        answer.headers.get_all("vary").iter().any(|value| value.as_bytes() == b"Authorization, Cookie")
    };
    for path in ["/api/me", SETTINGS, "/api/follows", "/api/blocks", "/api/mutes", "/api/sessions"] {
        assert!(vary(&api.get(path, &person.access).await), "{path}");
        assert!(vary(&answer(api.request("GET", path)).await), "{path}: refused");
    }
    assert!(!vary(&answer(api.request("GET", "/.well-known/jwks.json")).await));
}

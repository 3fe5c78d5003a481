//! A person's skills, from the first to the last (PFO-04, PFO-08).

use crate::{
    account::accounts::spellings,
    client::{Answer, Api, Person, answer},
    social::follows::id,
};
use serde_json::{Value, json};

const SKILLS: &str = "/api/skills";

impl Api {
    async fn skill(&self, person: &Person, name: &str, category: &str) -> Answer {
        self.send("POST", SKILLS, &person.access, json!({ "name": name, "category": category })).await
    }
}

fn one(skill: &Value) -> String {
    format!("{SKILLS}/{}", id(skill))
}

#[tokio::test]
async fn skill_is_added_read_changed_and_removed_at_every_path() {
    let api = Api::shared().await;
    for path in spellings(SKILLS) {
        let jane = api.verified("normal").await;
        let body = json!({ "name": " Rust ", "category": "Language" });
        let added = api.send("POST", &path, &jane.access, body).await.is(201);
        let holds = (&added["name"], &added["category"], &added["user"]);
        assert_eq!(holds, (&json!("Rust"), &json!("Language"), &json!(jane.id)));
        assert_eq!(added["created_at"], added["updated_at"]);
        let second = api.skill(&jane, "Make", "Tool").await.is(201);
        let page = api.get(&path, &jane.access).await.ok();
        assert_eq!((&page["count"], &page["results"]), (&json!(2), &json!([second, added])), "newest first");
        for one in spellings(&one(&added)) {
            assert_eq!(api.get(&one, &jane.access).await.ok()["id"], added["id"], "{one}");
            let patched = api.send("PATCH", &one, &jane.access, json!({ "category": "Soft" })).await.ok();
            assert_eq!((&patched["name"], &patched["category"]), (&json!("Rust"), &json!("Soft")));
            let mut whole = patched.clone();
            assert_eq!(api.send("PUT", &one, &jane.access, whole.clone()).await.ok(), patched, "as it is");
            whole["category"] = json!("Language");
            assert_eq!(api.send("PUT", &one, &jane.access, whole).await.ok()["category"], "Language");
        }
        let removed = api.act("DELETE", &one(&added), &jane).await.ok();
        assert_eq!((&removed["id"], removed["removed_at"].is_string()), (&added["id"], true));
        assert_eq!(api.act("DELETE", &one(&added), &jane).await.ok(), removed, "once more");
        let gone = (404, "skill-not-found".to_owned());
        assert_eq!(api.get(&one(&added), &jane.access).await.refusal(), gone);
        let late = api.send("PATCH", &one(&added), &jane.access, json!({ "name": "Go" })).await;
        assert_eq!(late.refusal(), gone);
        assert_eq!(api.get(&path, &jane.access).await.ok()["results"], json!([second]));
        assert_eq!(answer(api.request("GET", &path)).await.status, 401);
    }
}

#[tokio::test]
async fn name_is_used_once_and_free_again_when_its_skill_goes() {
    let api = Api::shared().await;
    let (jane, john) = (api.verified("normal").await, api.verified("normal").await);
    let rust = api.skill(&jane, "Rust", "Language").await.is(201);
    let make = api.skill(&jane, "Make", "Tool").await.is(201);
    let used = (409, "name-in-use".to_owned());

    assert_eq!(api.skill(&jane, "  RUST", "Tool").await.refusal(), used);
    let renamed = api.send("PATCH", &one(&make), &jane.access, json!({ "name": "rust" })).await;
    assert_eq!(renamed.refusal(), used);
    assert_eq!(renamed.field_error().0, "/name");
    api.skill(&john, "Rust", "Language").await.is(201);
    let own = api.send("PATCH", &one(&rust), &jane.access, json!({ "name": "RUST" })).await.ok();
    assert_eq!(own["name"], "RUST");
    api.act("DELETE", &one(&rust), &jane).await.ok();
    api.skill(&jane, "Rust", "Language").await.is(201);
}

#[tokio::test]
async fn what_a_skill_cannot_be_is_told_by_its_pointer() {
    let api = Api::shared().await;
    let jane = api.verified("normal").await;
    let skill = one(&api.skill(&jane, "Rust", "Language").await.is(201));
    for (member, value) in [
        ("name", json!("")),
        ("name", json!("x".repeat(65))),
        ("name", json!(null)),
        ("category", json!("language")),
        ("category", json!(null)),
        ("user", json!("somebody else")),
        ("created_at", json!("2020-01-01T00:00:00Z")),
        ("level", json!(3)),
    ] {
        let refused = api.send("PATCH", &skill, &jane.access, json!({ member: value })).await;
        assert_eq!((refused.status, refused.field_error().0), (422, format!("/{member}")), "{value}");
    }
    let empty = api.send("POST", SKILLS, &jane.access, json!({})).await;
    assert_eq!(empty.status, 422, "{empty:?}");
}

#[tokio::test]
async fn skills_are_their_persons_alone() {
    let api = Api::shared().await;
    let jane = api.verified("normal").await;
    let skill = one(&api.skill(&jane, "Rust", "Language").await.is(201));
    for role in ["normal", "admin", "owner"] {
        let other = api.verified(role).await;
        let gone = (404, "skill-not-found".to_owned());
        assert_eq!(api.get(&skill, &other.access).await.refusal(), gone);
        for method in ["PUT", "PATCH"] {
            let change = api.send(method, &skill, &other.access, json!({ "name": "Go" })).await;
            assert_eq!(change.refusal(), gone, "{method}");
        }
        assert_eq!(api.act("DELETE", &skill, &other).await.refusal(), gone);
        assert_eq!(api.get(SKILLS, &other.access).await.ok()["count"], 0);
    }
    let unverified = api.unverified().await;
    assert_eq!(api.skill(&unverified, "Rust", "Language").await.status, 403);
}

#[tokio::test]
async fn repeated_request_does_it_once() {
    let api = Api::shared().await;
    let jane = api.verified("normal").await;
    let send = async |method: &str, path: &str, tag: &str, key: &str, body: Value| {
        let request = api.request(method, path).bearer_auth(&jane.access).json(&body);
        let request = if tag.is_empty() { request } else { request.header("if-match", tag) };
        answer(request.header("idempotency-key", key)).await
    };
    let rust = json!({ "name": "Rust", "category": "Language" });

    let added = send("POST", SKILLS, "", "add", rust.clone()).await;
    assert_eq!(send("POST", SKILLS, "", "add", rust).await.is(201), added.is(201));
    let (path, first) = (one(&added.json()), added.header("etag").unwrap().to_owned());
    let go = json!({ "name": "Go" });
    let changed = send("PATCH", &path, &first, "change", go.clone()).await;
    assert_eq!(changed.ok()["name"], "Go");
    assert_eq!(send("PATCH", &path, &first, "change", go).await.ok(), changed.ok(), "a repeat");
    let late = send("PATCH", &path, &first, "late", json!({ "name": "C" })).await;
    assert_eq!(late.refusal(), (412, "precondition-failed".to_owned()));
    let stale = api.request("DELETE", &path).bearer_auth(&jane.access).header("if-match", &first);
    assert_eq!(answer(stale).await.status, 412);
    let tag = changed.header("etag").unwrap();
    let known = api.request("GET", &path).bearer_auth(&jane.access).header("if-none-match", tag);
    assert_eq!(answer(known).await.status, 304);
}

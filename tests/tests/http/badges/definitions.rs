//! What there is to be had: the catalogue, and what staff make of it (BDG-01, BDG-09 to BDG-13, BDG-17, ADM-03).

use crate::{
    account::accounts::spellings,
    client::{Answer, Api, Person, answer, new_name},
};
use serde_json::{Value, json};

/// A name that no badge has.
pub fn new_badge_name() -> String {
    format!("Badge of {}", new_name().0)
}

pub fn definition(name: &str) -> Value {
    json!({ "name": name, "description": "Do it", "category": "achievement", "icon": "fas fa-star",
        "color": "#ffd700" })
}

pub fn with(mut body: Value, members: Value) -> Value {
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

impl Api {
    pub async fn define(&self, staff: &Person, body: Value) -> Answer {
        self.send("POST", "/api/badges/", &staff.access, body).await
    }

    pub async fn badge(&self, staff: &Person, members: Value) -> Value {
        self.define(staff, with(definition(&new_badge_name()), members)).await.is(201)
    }
}

fn slugs(page: &Value) -> Vec<&str> {
    page["results"].as_array().unwrap().iter().map(|badge| badge["slug"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn new_installation_has_the_fourteen_badges_of_the_catalogue() {
    let api = Api::shared().await;
    let jane = api.verified("normal").await;
    for path in spellings("/api/badges") {
        let special = api.get(&format!("{path}?category=special"), &jane.access).await.ok();
        let found = slugs(&special);
        for slug in ["beta_tester", "bug_hunter", "community_leader", "content_creator"] {
            assert!(found.contains(&slug), "{slug} in {found:?}");
        }
    }
    let all = api.get("/api/badges/?page_size=100", &jane.access).await.ok();
    for slug in [
        "first_post",
        "popular_creator",
        "community_helper",
        "consistent_contributor",
        "expert_reviewer",
        "early_adopter",
        "social_butterfly",
        "comment_champion",
        "like_enthusiast",
        "daily_visitor",
    ] {
        assert!(slugs(&all).contains(&slug), "{slug}");
    }
    let first = api.get("/api/badges/first_post/", &jane.access).await.ok();
    assert_eq!(
        (&first["name"], &first["points"], &first["icon"], &first["color"], &first["rarity"]),
        (&json!("First Post"), &json!(25), &json!("fas fa-star"), &json!("#FFD700"), &json!("common"))
    );
    assert_eq!(first["criteria"]["type"], "counter");
    assert_eq!(
        (&first["is_active"], &first["status"], &first["version"]),
        (&json!(true), &json!("active"), &json!(1))
    );
    let id = first["id"].as_str().unwrap();
    for name in [id, "first-post", "FIRST_POST"] {
        assert_eq!(api.get(&format!("/api/badges/{name}"), &jane.access).await.ok()["id"], id, "{name}");
    }
}

#[tokio::test]
async fn names_that_leave_the_same_slug_are_badges_of_their_own() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let letter = new_badge_name();
    let names = ["", "++", "#", " !"].map(|sign| format!("{letter}{sign}"));

    let made = futures::future::join_all(names.iter().map(|name| api.define(&admin, definition(name)))).await;

    let made: Vec<Value> = made.iter().map(|made| made.is(201)).collect();
    let slugs: std::collections::BTreeSet<&str> =
        made.iter().map(|badge| badge["slug"].as_str().unwrap()).collect();
    let slug = slugs.first().unwrap();
    let numbered = ["", "_2", "_3", "_4"].map(|number| format!("{slug}{number}"));
    assert_eq!(
        slugs.into_iter().collect::<Vec<_>>(),
        numbered.iter().map(String::as_str).collect::<Vec<_>>()
    );
    for (name, badge) in names.iter().zip(&made) {
        let body = json!({ "user": jane.id, "badge": name });
        let award = api.send("POST", "/api/user-badges", &admin.access, body).await.is(201);
        assert_eq!(award["badge"]["id"], badge["id"], "{name}");
        let again = api.define(&admin, definition(&name.to_uppercase())).await;
        assert_eq!(again.refusal(), (409, "badge-name-taken".to_owned()), "{name}");
    }
}

#[tokio::test]
async fn badge_is_defined_read_changed_and_retired() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let name = new_badge_name();
    let season = json!({ "tier": "gold", "series": "Winter", "available_until": "2030-01-01T00:00:00Z",
        "criteria": { "type": "counter", "field": "posts_count", "threshold": 100 }, "rarity": "epic", "points": 200 });

    let made = api.define(&admin, with(definition(&name), season)).await;
    let tag = made.header("etag").unwrap().to_owned();
    let made = made.is(201);

    let path = format!("/api/badges/{}/", made["slug"].as_str().unwrap());
    assert_eq!(
        (&made["name"], &made["color"], &made["earned_count"]),
        (&json!(name), &json!("#FFD700"), &json!(0))
    );
    assert_eq!(
        (&made["tier"], &made["series"], &made["points"]),
        (&json!("gold"), &json!("Winter"), &json!(200))
    );
    let read = api.get(&path, &jane.access).await;
    assert_eq!((read.header("etag"), &read.ok()), (Some(tag.as_str()), &made));
    assert_eq!(
        api.send("PUT", &path, &admin.access, made.clone()).await.ok(),
        made,
        "its own GET changes nothing"
    );

    let changes = json!({ "points": 150, "tier": null, "criteria": { "type": "counter", "field": "posts_count", "threshold": 50 } });
    let request = api.request("PATCH", &path).bearer_auth(&admin.access).header("if-match", &tag);
    let changed = answer(request.json(&changes)).await.ok();
    assert_eq!(
        (&changed["points"], &changed["tier"], &changed["version"]),
        (&json!(150), &Value::Null, &json!(2))
    );
    assert_eq!(changed["slug"], made["slug"]);
    let late = api.request("PATCH", &path).bearer_auth(&admin.access).header("if-match", &tag);
    assert_eq!(
        answer(late.json(&json!({ "points": 160 }))).await.refusal(),
        (412, "precondition-failed".into())
    );

    for _ in 0..2 {
        let retired = answer(api.request("DELETE", &path).bearer_auth(&admin.access)).await.ok();
        assert_eq!((&retired["status"], &retired["is_active"]), (&json!("retired"), &json!(false)));
    }
    assert_eq!(api.get(&path, &jane.access).await.ok()["status"], "retired");
    let back = api.send("PATCH", &path, &admin.access, json!({ "is_active": true })).await.ok();
    assert_eq!((&back["status"], &back["version"]), (&json!("active"), &json!(2)));
}

#[tokio::test]
async fn name_is_taken_whatever_its_case_and_also_once_the_badge_is_retired() {
    let api = Api::shared().await;
    let admin = api.verified("admin").await;
    let name = new_badge_name();
    let made = api.define(&admin, definition(&name)).await.is(201);
    let path = format!("/api/badges/{}", made["id"].as_str().unwrap());
    answer(api.request("DELETE", &path).bearer_auth(&admin.access)).await.ok();

    let again = api.define(&admin, definition(&name.to_uppercase())).await;

    assert_eq!(again.refusal(), (409, "badge-name-taken".to_owned()));
    assert_eq!(api.define(&admin, definition("first POST")).await.refusal().0, 409);
}

#[tokio::test]
async fn what_is_wrong_with_a_badge_is_told_where_it_is() {
    let api = Api::shared().await;
    let admin = api.verified("admin").await;
    for (members, pointer, code) in [
        (json!({ "points": 30 }), "/points", "points-out-of-band"),
        (json!({ "rarity": "rare" }), "/points", "points-out-of-band"),
        (json!({ "points": -1 }), "/points", "invalid"),
        (json!({ "color": "red" }), "/color", "color-invalid"),
        (json!({ "icon": "<b>" }), "/icon", "icon-invalid"),
        (json!({ "category": "1" }), "/category", "category-invalid"),
        (json!({ "name": null }), "/name", "missing"),
        (json!({ "rarity": "mythic" }), "/rarity", "unknown-value"),
        (json!({ "image": "http://example.com/x.png" }), "/image", "url-invalid"),
        (
            json!({ "available_from": "2030-01-02T00:00:00Z", "available_until": "2030-01-01T00:00:00Z" }),
            "/available_until",
            "availability-invalid",
        ),
        (json!({ "available_from": "+99999-01-01T00:00:00Z" }), "/available_from", "invalid"),
        (json!({ "criteria": { "type": "luck" } }), "/criteria/type", "criteria-invalid"),
        (
            json!({ "criteria": { "type": "counter", "field": "posts_count" } }),
            "/criteria/threshold",
            "criteria-invalid",
        ),
        (
            json!({ "criteria": { "type": "multi_criteria", "requirements": [
            { "field": "posts_count", "operator": "!=", "value": 1 }] } }),
            "/criteria/requirements/0/operator",
            "criteria-invalid",
        ),
        (json!({ "criteria": 7 }), "/criteria", "criteria-invalid"),
        (json!({ "slug": "x" }), "/slug", "unknown-field"),
    ] {
        let reply = api.define(&admin, with(definition(&new_badge_name()), members.clone())).await;
        assert_eq!(reply.status, 422, "{members}: {reply:?}");
        assert_eq!(reply.field_error(), (pointer.to_owned(), code.to_owned()), "{members}: {reply:?}");
    }
    let reply = api.define(&admin, with(definition(&new_badge_name()), json!({ "rarity": "rare" }))).await;
    assert!(reply.body.contains("50 to 100"), "the allowed range: {reply:?}");
    let badge = api.badge(&admin, json!({})).await;
    let path = format!("/api/badges/{}", badge["id"].as_str().unwrap());
    for (members, pointer, code) in [
        (json!({ "slug": "other" }), "/slug", "read-only"),
        (json!({ "points": 100 }), "/points", "points-out-of-band"),
        (json!({ "name": null }), "/name", "missing"),
        (json!({ "shape": "round" }), "/shape", "unknown-field"),
    ] {
        let reply = api.send("PATCH", &path, &admin.access, members.clone()).await;
        assert_eq!(
            (reply.status, reply.field_error()),
            (422, (pointer.to_owned(), code.to_owned())),
            "{members}"
        );
    }
}

#[tokio::test]
async fn list_is_narrowed_by_what_staff_look_for() {
    let api = Api::shared().await;
    let (admin, jane) = (api.verified("admin").await, api.verified("normal").await);
    let (word, category) = (new_name().0, new_name().0);
    let members =
        |more: Value| with(json!({ "category": category, "description": format!("Find {word} here") }), more);
    let draft = api.badge(&admin, members(json!({ "is_active": false }))).await;
    let epic = api.badge(&admin, members(json!({ "rarity": "epic", "points": 150 }))).await;
    let listed = async |person: &Person, query: &str| {
        let path = format!("/api/badges/?category={category}&{query}");
        let page = api.get(&path, &person.access).await.ok();
        slugs(&page).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let (draft, epic) = (draft["slug"].as_str().unwrap(), epic["slug"].as_str().unwrap());

    assert_eq!(listed(&admin, "").await.len(), 2);
    assert_eq!(listed(&admin, "rarity=epic").await, [epic]);
    assert_eq!(listed(&admin, "is_active=false").await, [draft]);
    assert_eq!(listed(&admin, "is_active=true").await, [epic]);
    assert_eq!(listed(&admin, &format!("search={}", word.to_uppercase())).await.len(), 2);
    assert!(listed(&admin, "search=100%25").await.is_empty(), "a percent sign is one");
    assert_eq!(listed(&jane, "").await, [epic], "drafts are staff's");
    let path = format!("/api/badges/{draft}");
    assert_eq!(api.get(&path, &jane.access).await.refusal(), (404, "badge-not-found".to_owned()));
    assert_eq!(api.get(&path, &admin.access).await.ok()["status"], "draft");
    for (query, parameter) in [("rarity=mythic", "?rarity"), ("page=0", "?page"), ("colour=red", "?colour")] {
        let reply = api.get(&format!("/api/badges?{query}"), &jane.access).await;
        assert_eq!((reply.status, reply.field_error().0.as_str()), (400, parameter), "{query}");
    }
}

#[tokio::test]
async fn schema_of_criteria_is_public_and_is_the_one_that_is_applied() {
    let api = Api::shared().await;
    let schema = answer(api.request("GET", "/api/badges/criteria-schema/")).await;

    assert_eq!(schema.header("content-type"), Some("application/schema+json"));
    let schema = schema.ok();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    for name in ["nothing", "01890a5d-ac96-774b-bcce-b302099a8057", "%F0%9F%8F%85"] {
        let jane = api.verified("normal").await;
        let reply = api.get(&format!("/api/badges/{name}"), &jane.access).await;
        assert_eq!(reply.refusal(), (404, "badge-not-found".to_owned()), "{name}");
    }
}

//! Lists of follows, and who sees them (SOC-02).

use crate::{
    client::{Api, Person},
    social::follows::{NOBODY, id},
};
use serde_json::{Value, json};

fn names<'a>(list: &'a Value, member: &str) -> Vec<&'a str> {
    list["results"].as_array().unwrap().iter().map(|row| row[member].as_str().unwrap()).collect()
}

async fn list(api: &Api, viewer: &Person, query: &str) -> Value {
    api.get(&format!("/api/follows?{query}"), &viewer.access).await.ok()
}

#[tokio::test]
async fn lists_go_both_ways_newest_first_by_pages() {
    let api = Api::shared().await;
    let [jane, john, joan, jack] = api.people().await;
    for person in [&john, &joan, &jack] {
        api.follow(person, &jane.id).await.is(201);
    }
    api.follow(&jane, &john.id).await.is(201);

    let followers = list(&api, &jane, "direction=followers").await;
    assert_eq!(names(&followers, "follower"), [&jack.id, &joan.id, &john.id]);
    assert_eq!((&followers["count"], &followers["next"]), (&json!(3), &Value::Null));
    assert_eq!(names(&list(&api, &jane, "").await, "followed"), [&john.id]);
    let page = list(&api, &jane, "direction=followers&page=2&page_size=2").await;
    assert_eq!((names(&page, "follower"), page["previous"].is_string()), (vec![john.id.as_str()], true));
    let of_another = list(&api, &joan, &format!("direction=followers&user={}", jane.id)).await;
    assert_eq!(of_another["results"], followers["results"]);
}

#[tokio::test]
async fn requests_and_rejections_are_between_the_two() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    api.set(&jane, json!({ "follow_policy": "approve" })).await;
    let follow = id(&api.follow(&john, &jane.id).await.is(201));

    assert_eq!(names(&list(&api, &jane, "direction=requests").await, "follower"), [&john.id]);
    assert_eq!(list(&api, &jane, "direction=followers").await["count"], 0);
    assert_eq!(names(&list(&api, &john, "status=pending").await, "followed"), [&jane.id]);
    for query in ["direction=requests", "direction=followers&status=pending", "status=rejected"] {
        let reply = api.get(&format!("/api/follows?user={}&{query}", jane.id), &john.access).await;
        assert_eq!(reply.refusal(), (403, "list-private".to_owned()), "{query}");
    }

    api.act("POST", &format!("/api/follows/{follow}/reject"), &jane).await.ok();

    assert_eq!(list(&api, &jane, "direction=requests").await["count"], 0);
    assert_eq!(names(&list(&api, &john, "status=rejected").await, "followed"), [&jane.id]);
}

#[tokio::test]
async fn private_lists_are_for_the_owner_and_accepted_followers() {
    let api = Api::shared().await;
    let [jane, john, joan] = api.people().await;
    api.follow(&john, &jane.id).await.is(201);
    api.set(&jane, json!({ "is_private": true })).await;
    api.follow(&joan, &jane.id).await.is(201);

    for direction in ["followers", "following"] {
        let path = format!("/api/follows?user={}&direction={direction}", jane.id);
        api.get(&path, &john.access).await.ok();
        api.get(&path, &jane.access).await.ok();
        assert_eq!(api.get(&path, &joan.access).await.refusal(), (403, "list-private".to_owned()));
    }
}

#[tokio::test]
async fn people_kept_apart_by_a_block_are_not_in_each_others_lists() {
    let api = Api::shared().await;
    let [jane, john, joan] = api.people().await;
    for person in [&john, &joan] {
        api.follow(person, &jane.id).await.is(201);
    }
    let followers = format!("direction=followers&user={}", jane.id);
    assert_eq!(list(&api, &john, &followers).await["count"], 2);

    api.block(&joan, &john.id).await.is(201);

    for (viewer, shown) in [(&john, &john), (&joan, &joan)] {
        let list = list(&api, viewer, &followers).await;
        assert_eq!((names(&list, "follower"), &list["count"]), (vec![shown.id.as_str()], &json!(1)));
    }
    assert_eq!(list(&api, &jane, "direction=followers").await["count"], 2);
}

#[tokio::test]
async fn list_is_shown_as_it_was() {
    let api = Api::shared().await;
    let [jane, john, joan] = api.people().await;
    let first = api.follow(&john, &jane.id).await.is(201);
    let second = api.follow(&joan, &jane.id).await.is(201);
    api.act("DELETE", &format!("/api/follows/{}", id(&first)), &john).await.ok();
    let then = second["created_at"].as_str().unwrap();

    // The log's time is a little later than the command's.
    let as_of = chrono::DateTime::parse_from_rfc3339(then).unwrap() - chrono::TimeDelta::microseconds(1);
    let as_of = as_of.to_utc().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let was = list(&api, &jane, &format!("direction=followers&as_of={as_of}")).await;
    assert_eq!(names(&was, "follower"), [&john.id]);
    assert_eq!(names(&list(&api, &jane, "direction=followers").await, "follower"), [&joan.id]);
    let before = list(&api, &jane, "direction=followers&as_of=2020-01-01T00:00:00Z").await;
    assert_eq!(before["count"], 0);
}

#[tokio::test]
async fn what_can_not_be_listed_is_said() {
    let api = Api::shared().await;
    let [jane] = api.people().await;
    for (query, parameter) in [
        ("direction=up", "?direction"),
        ("status=gone", "?status"),
        ("as_of=yesterday", "?as_of"),
        ("as_of=-9999-01-01T00:00:00Z", "?as_of"),
        ("user=x", "?user"),
        ("page=0", "?page"),
        ("page_size=101", "?page_size"),
    ] {
        let reply = api.get(&format!("/api/follows?{query}"), &jane.access).await;
        assert_eq!(reply.refusal(), (400, "malformed-query".to_owned()), "{query}");
        assert!(reply.field_error().0.starts_with('?'), "{query}: {parameter}");
    }
    let nobody = api.get(&format!("/api/follows?user={NOBODY}"), &jane.access).await;
    assert_eq!(nobody.refusal(), (404, "account-not-found".to_owned()));
    assert_eq!(api.request("GET", "/api/follows").send().await.unwrap().status(), 401);
}

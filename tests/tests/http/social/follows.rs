//! Follows, blocks and mutes at every path and with every refusal (SOC-01 to SOC-06).

use crate::{
    account::accounts::spellings,
    client::{Answer, Api, Person, answer},
};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::Duration;

/// Nobody's id.
pub const NOBODY: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

impl Api {
    pub async fn people<const N: usize>(&self) -> [Person; N] {
        let mut people = Vec::new();
        for _ in 0..N {
            people.push(self.verified("normal").await);
        }
        people.try_into().unwrap()
    }

    pub async fn follow(&self, follower: &Person, followed: &str) -> Answer {
        self.send("POST", "/api/follows", &follower.access, json!({ "user_id": followed })).await
    }

    pub async fn block(&self, blocker: &Person, blocked: &str) -> Answer {
        self.send("POST", "/api/blocks", &blocker.access, json!({ "user_id": blocked })).await
    }

    pub async fn set(&self, person: &Person, profile: Value) -> Value {
        self.send("PATCH", "/api/users/profile", &person.access, profile).await.ok()
    }

    pub async fn act(&self, method: &str, path: &str, person: &Person) -> Answer {
        answer(self.request(method, path).bearer_auth(&person.access)).await
    }

    async fn counts(&self, person: &Person) -> (i64, i64) {
        let profile = self.get("/api/users/profile", &person.access).await.ok();
        (profile["follower_count"].as_i64().unwrap(), profile["following_count"].as_i64().unwrap())
    }
}

pub fn id(reply: &Value) -> String {
    reply["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn follow_is_made_by_any_name_of_the_other_and_read_at_once() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    for path in spellings("/api/follows") {
        for member in ["following", "followed", "user_id"] {
            let body = json!({ "follower": jane.id, member: john.id });
            let made = api.send("POST", &path, &jane.access, body.clone()).await.is(201);
            assert_eq!((&made["status"], &made["is_deleted"]), (&json!("accepted"), &json!(false)), "{path}");
            assert_eq!((&made["follower"], &made["following"]), (&json!(jane.id), &json!(john.id)));
            assert_eq!(made["followed"], made["following"]);
            assert_eq!((api.counts(&jane).await, api.counts(&john).await), ((0, 1), (1, 0)));
            assert_eq!(api.send("POST", &path, &jane.access, body).await.ok(), made, "again");

            let one = format!("{}/{}", path.trim_end_matches('/'), id(&made));
            assert_eq!(api.get(&one, &jane.access).await.ok(), made);
            assert_eq!(api.get(&one, &john.access).await.ok(), made);
            let ended = api.act("DELETE", &one, &jane).await.ok();
            assert_eq!((&ended["id"], &ended["is_deleted"]), (&made["id"], &json!(true)));
            assert_eq!(api.get(&one, &jane.access).await.ok(), ended);
            assert_eq!(api.act("DELETE", &one, &jane).await.ok(), ended, "again");
            assert_eq!((api.counts(&jane).await, api.counts(&john).await), ((0, 0), (0, 0)));
        }
    }
}

#[tokio::test]
async fn what_nobody_may_follow_is_refused_precisely() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    let unverified = api.unverified().await;
    api.set(&john, json!({ "follow_policy": "nobody" })).await;
    let post = async |person: &Person, body| api.send("POST", "/api/follows", &person.access, body).await;

    for (person, followed, refusal) in [
        (&jane, jane.id.as_str(), (422, "self-follow")),
        (&jane, NOBODY, (404, "account-not-found")),
        (&jane, &john.id, (403, "follows-declined")),
        (&unverified, &john.id, (403, "contact-unverified")),
    ] {
        assert_eq!(api.follow(person, followed).await.refusal(), (refusal.0, refusal.1.to_owned()));
    }
    let other = post(&jane, json!({ "follower": john.id, "following": jane.id })).await;
    assert_eq!(other.refusal(), (403, "forbidden".to_owned()));
    assert_eq!(other.field_error(), ("/follower".to_owned(), "not-the-caller".to_owned()));
    for (body, error) in [
        (json!({}), ("/following", "missing")),
        (json!({ "following": jane.id, "followed": john.id }), ("/following", "contradiction")),
        (json!({ "following": "x" }), ("/following", "invalid")),
        (json!({ "following": john.id, "x": 1 }), ("/x", "unknown-field")),
    ] {
        let reply = post(&jane, body).await;
        assert_eq!(reply.refusal(), (422, "validation-failed".to_owned()));
        assert_eq!(reply.field_error(), (error.0.to_owned(), error.1.to_owned()));
    }
    assert_eq!(api.post("/api/follows", json!({})).await.status, 401);
}

#[tokio::test]
async fn follow_of_others_is_not_there() {
    let api = Api::shared().await;
    let [jane, john, joan] = api.people().await;
    let follow = id(&api.follow(&jane, &john.id).await.is(201));
    for (person, id) in [(&joan, follow.as_str()), (&jane, NOBODY)] {
        for (method, below) in [("GET", ""), ("DELETE", ""), ("POST", "/approve"), ("POST", "/reject")] {
            let reply = api.act(method, &format!("/api/follows/{id}{below}"), person).await;
            assert_eq!(reply.refusal(), (404, "follow-not-found".to_owned()), "{method}{below}");
        }
    }
    // The follower does not answer for the followed.
    for below in ["approve", "reject"] {
        let reply = api.act("POST", &format!("/api/follows/{follow}/{below}"), &jane).await;
        assert_eq!(reply.refusal(), (404, "follow-not-found".to_owned()));
    }
    assert_eq!(api.get("/api/follows/x", &jane.access).await.status, 404);
}

#[tokio::test]
async fn private_profile_answers_requests_and_removes_followers() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    api.set(&john, json!({ "is_private": true })).await;
    let made = api.follow(&jane, &john.id).await.is(201);
    assert_eq!((&made["status"], api.counts(&john).await), (&json!("pending"), (0, 0)));
    let one = format!("/api/follows/{}", id(&made));

    let rejected = api.act("POST", &format!("{one}/reject/"), &john).await.ok();
    assert_eq!(rejected["status"], "rejected");
    assert_eq!(api.act("POST", &format!("{one}/reject"), &john).await.ok(), rejected, "again");
    let late = api.act("POST", &format!("{one}/approve"), &john).await;
    assert_eq!(late.refusal(), (409, "follow-not-pending".to_owned()));

    assert_eq!(api.follow(&jane, &john.id).await.is(201)["status"], "pending");
    let accepted = api.act("POST", &format!("{one}/approve/"), &john).await.ok();
    assert_eq!((&accepted["status"], api.counts(&john).await), (&json!("accepted"), (1, 0)));
    assert_eq!(api.act("POST", &format!("{one}/approve"), &john).await.ok(), accepted, "again");
    let late = api.act("POST", &format!("{one}/reject"), &john).await;
    assert_eq!(late.refusal(), (409, "follow-not-pending".to_owned()));

    assert_eq!(api.act("DELETE", &one, &john).await.ok()["is_deleted"], true);
    assert_eq!((api.counts(&jane).await, api.counts(&john).await), ((0, 0), (0, 0)));
}

#[tokio::test]
async fn going_public_accepts_what_waits_and_going_private_keeps_followers() {
    let api = Api::shared().await;
    let [jane, john, joan] = api.people().await;
    api.set(&john, json!({ "is_private": true })).await;
    for person in [&jane, &joan] {
        assert_eq!(api.follow(person, &john.id).await.is(201)["status"], "pending");
    }

    let shown = api.set(&john, json!({ "follow_policy": "anyone" })).await;

    assert_eq!((&shown["is_private"], &shown["follow_policy"]), (&json!(true), &json!("anyone")));
    for _ in 0..500 {
        if api.counts(&john).await == (2, 0) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(api.counts(&john).await, (2, 0));
    api.set(&john, json!({ "follow_policy": null })).await;
    assert_eq!(api.counts(&john).await, (2, 0));
}

#[tokio::test]
async fn block_ends_everything_between_two_and_unblocking_restores_nothing() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    let follow = id(&api.follow(&jane, &john.id).await.is(201));
    api.follow(&john, &jane.id).await.is(201);
    let one = format!("/api/follows/{follow}");

    let block = api.block(&john, &jane.id).await.is(201);

    assert_eq!((&block["blocker"], &block["blocked"]), (&json!(john.id), &json!(jane.id)));
    assert_eq!(api.block(&john, &jane.id).await.ok(), block, "again");
    assert_eq!((api.counts(&jane).await, api.counts(&john).await), ((0, 0), (0, 0)));
    for person in [&jane, &john] {
        assert_eq!(api.get(&one, &person.access).await.refusal(), (404, "follow-not-found".to_owned()));
    }
    assert_eq!(api.follow(&john, &jane.id).await.refusal(), (409, "blocked-by-you".to_owned()));
    for path in spellings("/api/blocks") {
        let list = api.get(&path, &john.access).await.ok();
        assert_eq!((&list["results"], &list["count"]), (&json!([block]), &json!(1)), "{path}");
        assert_eq!(api.get(&path, &jane.access).await.ok()["results"], json!([]));
    }
    let of_others = api.act("DELETE", &format!("/api/blocks/{}", id(&block)), &jane).await;
    assert_eq!(of_others.refusal(), (404, "block-not-found".to_owned()));

    for _ in 0..2 {
        api.act("DELETE", &format!("/api/blocks/{}/", id(&block)), &john).await.ok();
    }

    assert_eq!(api.get("/api/blocks", &john.access).await.ok()["count"], 0);
    assert_eq!(api.get(&one, &jane.access).await.ok()["is_deleted"], true);
    assert_eq!(api.follow(&jane, &john.id).await.is(201)["id"], follow.as_str());
}

/// All that a reply says but for the request's own id and where the log stands.
fn said(reply: &Answer) -> (u16, Value) {
    let mut body = reply.json();
    body.as_object_mut().unwrap().remove("request_id");
    (reply.status, body)
}

#[tokio::test]
async fn blocked_person_can_not_tell_the_blocker_from_nobody() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    api.follow(&john, &jane.id).await.is(201);
    api.block(&john, &jane.id).await.is(201);

    for path in ["/api/follows", "/api/blocks", "/api/mutes"] {
        let of = async |other: &str| {
            said(&api.send("POST", path, &jane.access, json!({ "user_id": other })).await)
        };
        assert_eq!(of(&john.id).await, of(NOBODY).await, "{path}");
        assert_eq!(of(&john.id).await.0, 404, "{path}");
    }
    for direction in ["followers", "following", "requests"] {
        let of = async |other: &str| {
            said(&api.get(&format!("/api/follows?direction={direction}&user={other}"), &jane.access).await)
        };
        assert_eq!(of(&john.id).await, of(NOBODY).await, "{direction}");
    }
}

#[tokio::test]
async fn neither_oneself_nor_staff_is_blocked_and_a_reason_is_sealed() {
    let api = Api::alone().await;
    let [jane, john] = api.people().await;
    let staff = api.verified("admin").await;
    let post = async |body| api.send("POST", "/api/blocks", &jane.access, body).await;

    assert_eq!(api.block(&jane, &jane.id).await.refusal(), (422, "self-block".to_owned()));
    assert_eq!(api.block(&jane, &staff.id).await.refusal(), (403, "staff-not-blockable".to_owned()));
    let other = post(json!({ "blocker": john.id, "blocked": staff.id })).await;
    assert_eq!(other.refusal(), (403, "forbidden".to_owned()));
    let long = post(json!({ "blocked": john.id, "reason": "x".repeat(501) })).await;
    assert_eq!(long.field_error(), ("/reason".to_owned(), "text-invalid".to_owned()));
    let made = post(json!({ "blocked": john.id, "reason": " hums Wagner " })).await.is(201);
    assert_eq!(made["reason"], "hums Wagner");
    assert_eq!(api.get("/api/blocks", &jane.access).await.ok()["results"][0]["reason"], "hums Wagner");
    let pool = PgPool::connect(api.status().await["postgres"].as_str().unwrap()).await.unwrap();
    let sql = "SELECT payload::text FROM es.events WHERE event_type = 'user_blocked'";
    let stored: String = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
    assert!(stored.contains("sealed") && !stored.contains("Wagner"), "{stored}");
    api.act("DELETE", &format!("/api/blocks/{}", id(&made)), &jane).await.ok();
    let kept: i64 =
        sqlx::query_scalar("SELECT count(reason) FROM p_social_graph.blocks").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 0, "the reason goes with the block");
    pool.close().await;
    api.into_program().stop().await;
}

#[tokio::test]
async fn mutes_are_ones_own_and_change_nothing_else() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    api.follow(&jane, &john.id).await.is(201);
    for path in spellings("/api/mutes") {
        for member in ["muted", "user_id"] {
            let body = json!({ "muter": jane.id, member: john.id });
            let made = api.send("POST", &path, &jane.access, body.clone()).await.is(201);
            assert_eq!(api.send("POST", &path, &jane.access, body).await.ok(), made, "{path}");
            let list = api.get(&path, &jane.access).await.ok();
            assert_eq!((&list["results"], &list["count"]), (&json!([made]), &json!(1)), "{path}");
            let one = format!("{}/{}", path.trim_end_matches('/'), id(&made));
            let other = api.act("DELETE", &one, &john).await;
            assert_eq!(other.refusal(), (404, "mute-not-found".to_owned()));
            api.act("DELETE", &one, &jane).await.ok();
            assert_eq!(api.get(&path, &jane.access).await.ok()["count"], 0);
        }
    }
    assert_eq!(api.counts(&john).await, (1, 0));
    let own = api.send("POST", "/api/mutes", &jane.access, json!({ "muted": jane.id })).await;
    assert_eq!(own.refusal(), (422, "self-mute".to_owned()));
}

#[tokio::test]
async fn repeated_request_with_a_key_happens_once() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    let request = async || {
        let body = json!({ "following": john.id });
        let request = api.request("POST", "/api/follows").bearer_auth(&jane.access).json(&body);
        answer(request.header("idempotency-key", jane.id.as_str())).await
    };
    let made = request().await.is(201);

    api.act("DELETE", &format!("/api/follows/{}", id(&made)), &jane).await.ok();
    let again = request().await.is(201);

    assert_eq!((&again["id"], &again["is_deleted"]), (&made["id"], &json!(true)));
}

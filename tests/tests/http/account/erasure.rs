//! Accounts are given up: at once by staff, after a grace by their owners, and then nobody finds them any more.

use crate::{
    client::{Api, PASSWORD, Person},
    operations::planted::{
        NEW_EMAIL, NEW_PASSWORD, PERSONAL, PROJECTIONS, Story, USERNAME, connect, files, hidden, rows, story,
    },
};
use serde_json::{Value, json};
use std::{fs, time::Duration};
use tokio::time::sleep;

/// The certificate, for which the job is waited for.
async fn certified(api: &Api, id: &str, staff: &Person) -> Value {
    for _ in 0..600 {
        let erasure = api.get(&format!("/api/admin/erasures/{id}"), &staff.access).await.ok();
        if erasure["status"] == "certified" {
            return erasure;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{id} was not erased")
}

async fn delete(api: &Api, path: &str, by: &Person) -> crate::client::Answer {
    crate::client::answer(api.request("DELETE", path).bearer_auth(&by.access)).await
}

/// Someone whom the person of the story knows in every way.
async fn befriend(api: &Api, story: &Story) -> Person {
    let friend = api.verified("normal").await;
    let follow = |id: &str| json!({ "user_id": id });
    api.send("POST", "/api/follows", &friend.access, follow(&story.id)).await.is(201);
    api.send("POST", "/api/follows", &story.access, follow(&friend.id)).await.is(201);
    api.send("POST", "/api/mutes", &friend.access, json!({ "user_id": story.id })).await.is(201);
    assert_eq!(counts(api, &friend).await, (1, 1));
    friend
}

async fn counts(api: &Api, person: &Person) -> (i64, i64) {
    let me = api.get("/api/users/profile", &person.access).await.ok();
    (me["follower_count"].as_i64().unwrap(), me["following_count"].as_i64().unwrap())
}

#[tokio::test]
async fn erased_person_is_found_nowhere_and_the_certificate_says_so() {
    let api = Api::alone().await;
    let (story, staff) = (story(&api).await, api.verified("owner").await);
    let friend = befriend(&api, &story).await;

    let deleted = delete(&api, &format!("/api/admin/users/{}", story.id), &staff).await;

    assert_eq!(deleted.is(202)["user_id"], story.id);
    let certificate = certified(&api, &story.id, &staff).await;
    for time in ["erased_at", "destroyed_at", "live_until", "backups_until", "certified_at"] {
        assert!(certificate[time].is_string(), "{time}: {certificate}");
    }
    assert!(certificate["backups_until"].as_str() > certificate["live_until"].as_str());
    assert_eq!(counts(&api, &friend).await, (0, 0), "others' counts are right");
    assert_eq!(api.get("/api/mutes", &friend.access).await.ok()["count"], 0);
    is_nowhere(&api, &story, &staff).await;
    for name in PROJECTIONS {
        let output = api.command(&["rebuild", name]).output().await.unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(counts(&api, &friend).await, (0, 0), "also after a replay");
    is_nowhere(&api, &story, &staff).await;
    nobody_is_left(&api, &story, &friend).await;
    api.into_program().stop().await;
}

async fn is_nowhere(api: &Api, story: &Story, staff: &Person) {
    let pool = connect(api, "annals").await;
    hidden(&PERSONAL, &rows(&pool, "^(es|workers|projections|telemetry|edge|public|p_.*)$").await);
    pool.close().await;
    let keys = connect(api, "annals_keys").await;
    let kept: Vec<Option<Vec<u8>>> =
        sqlx::query_scalar("SELECT wrapped FROM keys.subjects WHERE subject = $1::uuid")
            .bind(&story.id)
            .fetch_all(&keys)
            .await
            .unwrap();
    assert_eq!(kept, [None], "a tombstone");
    keys.close().await;
    hidden(&PERSONAL, &files(&api.data_dir.join("nats")));
    let logs = ["postgres.log", "nats.log"].map(|file| {
        (file.to_owned(), fs::read_to_string(api.data_dir.join("run").join(file)).unwrap_or_default())
    });
    hidden(&PERSONAL, &logs);
    hidden(&PERSONAL, &[("program.log".to_owned(), api.log())]);
    let mut shown = Vec::new();
    for path in [
        format!("/api/admin/audit?entity_id={}&page_size=100", story.id),
        "/api/admin/audit?page_size=100".to_owned(),
        "/api/audit/events?limit=100".to_owned(),
        "/api/admin/erasures".to_owned(),
    ] {
        let reply = api.get(&path, &staff.access).await;
        reply.ok();
        shown.push((path, reply.body));
    }
    hidden(&PERSONAL, &shown);
}

async fn nobody_is_left(api: &Api, story: &Story, friend: &Person) {
    for identifier in [USERNAME, NEW_EMAIL] {
        let login = json!({ "identifier": identifier, "password": NEW_PASSWORD });
        assert_eq!(api.post("/api/auth/login", login).await.refusal(), (401, "login-failed".to_owned()));
    }
    let follow = api.send("POST", "/api/follows", &friend.access, json!({ "user_id": story.id })).await;
    assert_eq!(follow.refusal(), (404, "account-not-found".to_owned()));
    api.create_user(USERNAME, NEW_EMAIL, "normal", PASSWORD).await;
    let heir = api.log_in(USERNAME, NEW_EMAIL).await;
    assert_ne!(heir.id, story.id, "the name is free for somebody else");
}

#[tokio::test]
async fn who_deletes_the_own_account_may_come_back_during_the_grace() {
    let api = Api::shared().await;
    let (jane, owner) = (api.verified("normal").await, api.verified("owner").await);

    let asked = delete(&api, &format!("/api/users/{}", jane.id), &jane).await.is(202);

    assert!(asked["erase_after"].as_str() > asked["requested_at"].as_str(), "{asked}");
    assert_eq!(api.get("/api/me", &jane.access).await.status, 401, "every session has ended");
    let login = json!({ "username": jane.username, "password": PASSWORD });
    let refused = api.post("/api/auth/login", login.clone()).await;
    assert_eq!(refused.refusal(), (403, "deletion-requested".to_owned()));
    assert!(refused.body.contains("cancel_deletion"), "it says how to come back: {}", refused.body);
    let wrong = json!({ "username": jane.username, "password": "not her password", "cancel_deletion": true });
    assert_eq!(api.post("/api/auth/login", wrong).await.refusal(), (401, "login-failed".to_owned()));
    let erasure = format!("/api/admin/erasures/{}", jane.id);
    assert_eq!(api.get(&erasure, &owner.access).await.ok()["status"], "requested");

    let back = json!({ "username": jane.username, "password": PASSWORD, "cancel_deletion": true });
    let tokens = api.post("/api/auth/login", back).await.ok();

    assert_eq!(api.get("/api/me", tokens["access_token"].as_str().unwrap()).await.ok()["id"], jane.id);
    assert_eq!(api.get(&erasure, &owner.access).await.ok()["status"], "cancelled");
    api.post("/api/auth/login", login).await.ok();
}

#[tokio::test]
async fn staff_take_a_deletion_back_for_who_can_not_log_in() {
    let api = Api::shared().await;
    let (jane, owner) = (api.verified("normal").await, api.verified("owner").await);
    delete(&api, "/api/me", &jane).await.is(202);
    let cancel = format!("/api/admin/users/{}/cancel-deletion", jane.id);

    let cancelled = crate::client::answer(api.request("POST", &cancel).bearer_auth(&owner.access)).await;

    cancelled.ok();
    api.log_in(&jane.username, &jane.email).await;
}

#[tokio::test]
async fn who_may_delete_whom() {
    let api = Api::shared().await;
    let (jane, john) = (api.verified("normal").await, api.verified("normal").await);
    let (admin, other, owner) =
        (api.verified("admin").await, api.verified("admin").await, api.verified("owner").await);
    let user = |person: &Person| format!("/api/users/{}", person.id);

    for (path, by, refusal) in [
        (user(&john), &jane, (403, "staff-only")),
        (format!("/api/admin/users/{}", john.id), &jane, (403, "staff-only")),
        (user(&other), &admin, (403, "owner-only")),
        (user(&owner), &owner, (409, "owner-stays")),
        ("/api/me".to_owned(), &owner, (409, "owner-stays")),
        ("/api/users/00000000-0000-0000-0000-000000000001".to_owned(), &owner, (404, "account-not-found")),
    ] {
        let reply = delete(&api, &path, by).await;
        assert_eq!(reply.refusal(), (refusal.0, refusal.1.to_owned()), "{path}");
    }
    assert_eq!(
        api.get(&format!("/api/admin/erasures/{}", john.id), &owner.access).await.refusal(),
        (404, "erasure-not-found".to_owned())
    );
    delete(&api, &user(&other), &owner).await.is(202);
    certified(&api, &other.id, &owner).await;
    assert_eq!(delete(&api, &user(&other), &owner).await.refusal(), (404, "account-not-found".to_owned()));
}

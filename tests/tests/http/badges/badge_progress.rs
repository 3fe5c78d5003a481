//! Badges that explain themselves: how near, why, and who would (BDG-03, BDG-14, BDG-15, C-23).

use crate::{
    account::api_keys::text,
    client::{Answer, Api, Person, answer},
};
use annals_tests::program::Program;
use serde_json::{Value, json};
use std::{fs, time::Duration};
use tokio::time::{Instant, sleep};

/// Awards are made by jobs, in their own time.
async fn awarded(api: &Api, person: &Person, slug: &str) -> Value {
    let since = Instant::now();
    loop {
        let path = format!("/api/user-badges/?user={}&page_size=100", person.id);
        let listed = api.get(&path, &person.access).await.ok();
        let of = |row: &&Value| row["badge"]["slug"] == slug;
        if let Some(row) = listed["results"].as_array().unwrap().iter().find(of) {
            return row.clone();
        }
        assert!(since.elapsed() < Duration::from_secs(60), "{slug} is not awarded: {listed}");
        sleep(Duration::from_millis(50)).await;
    }
}

async fn posts(api: &Api, service: &str, person: &Person, name: &str) -> Value {
    let post = json!({ "id": name, "user": person.id, "event_type": "post_create", "object": name,
        "occurred_at": "2026-03-01T12:00:00Z" });
    api.tell(service, post).await.is(201)
}

#[tokio::test]
async fn post_earns_its_badge_and_the_badge_tells_why() {
    let api = Api::shared().await;
    let (jane, john, admin) =
        (api.verified("normal").await, api.verified("normal").await, api.verified("admin").await);
    let service = api.content_service().await;

    posts(&api, &service, &jane, "one").await;
    let award = awarded(&api, &jane, "first_post").await;

    assert_eq!(award["earned_at"], "2026-03-01T12:00:00Z");
    let path = format!("/api/user-badges/{}/evidence/", text(&award["id"]));
    let evidence = api.get(&path, &jane.access).await.ok();
    assert_eq!((&evidence["evidence_total"], &evidence["awarded_by"]), (&json!(1), &json!("system")));
    assert_eq!(evidence["evidence"][0]["said"], "post_create");
    assert_eq!(evidence["evidence"][0]["position"], evidence["completed_by"]);
    assert_eq!(evidence["as_it_was"]["progress"], 100);
    assert_eq!(evidence["history"][0]["event_type"], "badge_awarded");
    assert!(text(&evidence["defined_at"]) > text(&evidence["earned_at"]), "{evidence}");
    assert_eq!(api.get(&path, &john.access).await.refusal(), (404, "award-not-found".to_owned()));
    assert_eq!(api.get(&path, &admin.access).await.ok()["id"], award["id"]);
    let events = api.get("/api/events?event_type=badge_earned", &jane.access).await.ok();
    assert!(events["count"].as_i64().unwrap_or(2) >= 1, "{events}");
    let wallet = api.get("/api/users/wallet", &jane.access).await.ok();
    assert!(wallet["points"].as_i64().unwrap() >= 25, "{wallet}");
}

#[tokio::test]
async fn progress_is_told_to_the_person_and_to_staff() {
    let api = Api::shared().await;
    let (jane, john, admin) =
        (api.verified("normal").await, api.verified("normal").await, api.verified("admin").await);
    let service = api.content_service().await;
    for n in 0..5 {
        let comment = json!({ "id": format!("{n}"), "user": jane.id, "event_type": "comment" });
        api.tell(&service, comment).await.is(201);
    }
    let last = api.tell(&service, json!({ "id": "5", "user": jane.id, "event_type": "comment" })).await;
    let path = format!("/api/users/{}/badge-progress/", jane.id);
    let caught_up = |token: &str| {
        api.request("GET", &path).bearer_auth(token).header("annals-min-position", last.position())
    };

    let told = answer(caught_up(&jane.access)).await.ok();

    let badges = told["eligible_badges"].as_array().unwrap();
    let champion = badges.iter().find(|row| row["badge"]["slug"] == "comment_champion").unwrap();
    assert_eq!((&champion["progress"], &champion["total_requirements"]), (&json!(1), &json!(1)));
    assert_eq!(champion["next_milestone"], "Need 494 more comments");
    let percents: Vec<i64> = badges.iter().map(|row| row["progress"].as_i64().unwrap()).collect();
    assert!(percents.is_sorted_by(|one, other| one >= other), "{percents:?}");
    assert_eq!(answer(caught_up(&admin.access)).await.status, 200);
    assert_eq!(answer(caught_up(&john.access)).await.refusal(), (404, "account-not-found".to_owned()));
    let nobody = "/api/users/01987f3a-5b10-7c3e-9d3f-2f61a7c1d0e5/badge-progress";
    assert_eq!(api.get(nobody, &admin.access).await.refusal(), (404, "account-not-found".to_owned()));
}

async fn preview(api: &Api, staff: &Person, body: Value) -> Answer {
    api.send("POST", "/api/badges/preview", &staff.access, body).await
}

#[tokio::test]
async fn draft_is_tried_against_all_of_history_and_changes_nothing() {
    let api = Api::shared().await;
    let (jane, admin) = (api.verified("normal").await, api.verified("admin").await);
    let service = api.content_service().await;
    posts(&api, &service, &jane, "a").await;
    let second = posts(&api, &service, &jane, "b").await;
    assert_eq!(second["status"], "recorded");
    let two = json!({ "criteria": { "type": "counter", "field": "posts_count", "threshold": 2 } });
    awarded(&api, &jane, "first_post").await;

    let tried = preview(&api, &admin, two.clone()).await.ok();

    let earners = tried["earners"].as_array().unwrap();
    let own = earners.iter().find(|row| row["user"] == json!(jane.id)).unwrap();
    assert_eq!(own["earned_at"], "2026-03-01T12:00:00Z");
    assert!(tried["earned"].as_u64().unwrap() >= 1 && tried["facts"].as_u64().unwrap() >= 2, "{tried}");
    let days = tried["over_time"].as_array().unwrap();
    assert!(days.iter().any(|row| row["day"] == "2026-03-01"), "{tried}");
    let later = json!({ "criteria": two["criteria"], "available_from": "2100-01-01T00:00:00Z" });
    assert_eq!(preview(&api, &admin, later).await.ok()["earned"], 0);
    let bad = json!({ "criteria": { "type": "counter", "field": "post_count", "threshold": -1 } });
    let refused = preview(&api, &admin, bad).await;
    assert_eq!(refused.status, 422);
    let errors = refused.json()["errors"].as_array().unwrap().clone();
    let pointers: Vec<&str> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/criteria/field", "/criteria/threshold"]);
    let plain = preview(&api, &jane, two).await;
    assert_eq!(plain.refusal(), (403, "staff-only".to_owned()));
}

#[tokio::test]
async fn long_preview_tells_how_far_it_is() {
    let api = Api::shared().await;
    let admin = api.verified("admin").await;
    let body = json!({ "criteria": { "type": "consecutive_days", "action": "login", "days": 3 } });
    let request = api.request("POST", "/api/badges/preview").bearer_auth(&admin.access).json(&body);

    let told = request.header("accept", "text/event-stream").send().await.unwrap().text().await.unwrap();

    let (progress, end) = (told.find("event: progress"), told.find("event: preview"));
    assert!(progress.is_some() && progress < end && told.contains("\"earned\":"), "{told}");
}

#[tokio::test]
async fn draft_is_tried_at_the_command_line() {
    let program = Program::start().await;
    let file = std::env::temp_dir().join(format!("annals-draft-{}.json", std::process::id()));
    fs::write(&file, r#"{"criteria": {"type": "counter", "field": "is_verified", "threshold": 1}}"#).unwrap();
    program.create_user("jane", "jane@example.com", "normal", "a long walk at dusk").await;
    let run = async |arguments: &[&str]| program.command(arguments).output().await.unwrap();
    let path = file.to_string_lossy();

    let since = Instant::now();
    let tried = loop {
        let output = run(&["badges", "preview", &path, "--json"]).await;
        assert!(output.status.success(), "{output:?}");
        let tried: Value = serde_json::from_slice(&output.stdout).unwrap();
        // The read model follows in its own time.
        if tried["earned"] == 1 || since.elapsed() > Duration::from_secs(60) {
            break tried;
        }
    };

    assert_eq!((&tried["earned"], &tried["earners"][0]["position"].is_u64()), (&json!(1), &true), "{tried}");
    fs::write(&file, r#"{"type": "counter", "field": "nothing", "threshold": 1}"#).unwrap();
    let refused = run(&["badges", "preview", &path]).await;
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("/field"));
    fs::remove_file(&file).unwrap();
    program.stop().await;
}

//! Refreshes that meet: tabs and retries share one successor, and a copy that comes later ends the session (C-08).

use crate::client::{Answer, Api, Person};
use futures::future::join_all;
use serde_json::{Value, json};
use sqlx::PgPool;

/// How many ask at once, in turn.
const CROWDS: [usize; 10] = [2, 3, 4, 5, 6, 8, 10, 15, 25, 50];
const RUNS: usize = 200;
/// Runs after which the former token comes back.
const THEFTS: usize = 10;

async fn refresh(api: &Api, token: &str) -> Answer {
    api.post("/api/auth/refresh", json!({ "refresh_token": token })).await
}

fn text(reply: &Value, name: &str) -> String {
    reply[name].as_str().expect(name).to_owned()
}

/// The one successor that all of a crowd are given; each of its access tokens counts.
async fn successor(api: &Api, crowd: usize, token: &str) -> String {
    let replies = join_all((0..crowd).map(|_| refresh(api, token))).await;
    let replies: Vec<Value> = replies.iter().map(Answer::ok).collect();
    let next = text(&replies[0], "refresh_token");
    assert_ne!(next, token);
    for reply in &replies {
        assert_eq!(text(reply, "refresh_token"), next, "{crowd} at once");
    }
    api.get("/api/me", &text(&replies[crowd - 1], "access_token")).await.ok();
    next
}

/// Events of the person's session.
async fn count(api: &Api, person: &Person, kind: &str) -> i64 {
    let pool = PgPool::connect(api.status().await["postgres"].as_str().unwrap()).await.unwrap();
    let count = "SELECT count(*) FROM es.events WHERE aggregate_id = $1 AND event_type = $2";
    let count = sqlx::query_scalar(count).bind(&person.session).bind(kind).fetch_one(&pool).await.unwrap();
    pool.close().await;
    count
}

async fn is_over(api: &Api, person: &Person, token: &str) {
    assert_eq!(refresh(api, token).await.refusal(), (401, "refresh-refused".to_owned()));
    assert_eq!(api.get("/api/me", &person.access).await.refusal(), (401, "session-ended".to_owned()));
}

#[tokio::test]
async fn any_number_of_refreshes_at_once_get_one_successor() {
    let api = Api::shared().await;
    let person = api.verified("normal").await;
    let mut token = person.refresh.clone();

    for run in 0..RUNS {
        token = successor(&api, CROWDS[run % CROWDS.len()], &token).await;
    }

    let own = format!("/api/sessions/{}", person.session);
    assert_eq!(api.get(&own, &person.access).await.ok()["is_active"], true);
    let runs = i64::try_from(RUNS).unwrap();
    assert_eq!(count(&api, &person, "session_rotated").await, runs);
    assert_eq!(count(&api, &person, "rotation_repeated").await, runs, "each crowd is put down once");
}

#[tokio::test]
async fn former_token_that_comes_back_after_its_successor_was_used_ends_the_session() {
    let api = Api::shared().await;
    let account = api.verified("normal").await;
    for crowd in CROWDS.iter().take(THEFTS) {
        let person = api.log_in(&account.username, &account.email).await;
        let next = successor(&api, *crowd, &person.refresh).await;
        let last = text(&refresh(&api, &next).await.ok(), "refresh_token");

        assert_eq!(refresh(&api, &person.refresh).await.refusal(), (401, "refresh-refused".to_owned()));

        is_over(&api, &person, &last).await;
    }
}

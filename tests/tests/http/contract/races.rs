//! Requests that meet: one username for 200, and a refresh against the end of its session.

use crate::client::{Answer, Api, PASSWORD, Person, answer, new_name};
use futures::{StreamExt, TryFutureExt, future::join_all, stream};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::Duration;

const CONTENDERS: usize = 200;
const PAIRS: usize = 1_000;
const ACCOUNTS: usize = 20;
/// Pairs that are under way at once.
const AT_ONCE: usize = 32;

async fn count(pool: &PgPool, what: &str) -> i64 {
    sqlx::query_scalar(&format!("SELECT count(*) FROM {what}")).fetch_one(pool).await.unwrap()
}

/// As often as the program is too busy to hash another password.
async fn register(api: &Api, username: &str, email: &str) -> Answer {
    let form = json!({ "username": username, "email": email, "password": PASSWORD });
    loop {
        let reply = api.post("/api/auth/register", form.clone()).await;
        if reply.status != 503 {
            return reply;
        }
        assert_eq!(reply.problem(), "busy");
        let wait = reply.header("retry-after").expect("how long to wait").parse().unwrap();
        tokio::time::sleep(Duration::from_secs(wait)).await;
    }
}

#[tokio::test]
async fn one_username_for_two_hundred_gives_one_account_and_leaves_nothing_claimed() {
    let api = Api::alone().await;
    let pool = PgPool::connect(&api.supervisor_url("annals")).await.unwrap();
    let email = |n: usize| format!("contender{n}@example.com");
    let spelling = |n: usize| if n.is_multiple_of(2) { "Wanted" } else { "wanted" };

    let replies = join_all((0..CONTENDERS).map(|n| {
        let api = api.clone();
        async move { register(&api, spelling(n), &email(n)).await }
    }))
    .await;

    let winners: Vec<usize> = (0..CONTENDERS).filter(|n| replies[*n].status == 201).collect();
    assert_eq!(winners.len(), 1, "{:?}", replies.iter().map(|reply| reply.status).collect::<Vec<_>>());
    for loser in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!(loser.refusal(), (409, "username-taken".to_owned()));
    }
    let winner = "(SELECT aggregate_id::uuid FROM es.events WHERE event_type = 'user_registered')";
    assert_eq!(count(&pool, "es.claims WHERE kind IN ('username', 'email', 'phone')").await, 1);
    assert_eq!(count(&pool, &format!("es.secrets WHERE owner <> {winner}")).await, 0);
    assert_eq!(count(&pool, "es.events WHERE event_type = 'user_registered'").await, 1);
    assert_eq!(count(&pool, "es.events WHERE aggregate_type = 'profile'").await, 1);

    // A loser's address is free, and so is everything else of theirs.
    let loser = email((winners[0] + 1) % CONTENDERS);
    register(&api, "contented", &loser).await.is(201);
    let code = api.code(&loser, 1).await;
    api.post("/api/auth/verify", json!({ "username": "contented", "code": code })).await.ok();
    let login = json!({ "email": loser, "password": PASSWORD });
    api.post("/api/auth/login", login).await.ok();
    pool.close().await;
    api.into_program().stop().await;
}

#[tokio::test]
async fn a_registration_repeated_while_it_runs_is_answered_alike() {
    let api = Api::shared().await;
    let (username, email) = new_name();
    let form = json!({ "username": username, "email": email, "password": PASSWORD });
    let request = || {
        let request = api.request("POST", "/api/auth/register").header("idempotency-key", username.as_str());
        answer(request.json(&form))
    };

    let replies = join_all((0..6).map(|_| request())).await;

    let ids: Vec<Value> = replies.into_iter().map(|reply| reply.is(201)["id"].clone()).collect();
    assert!(ids[0].is_string() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn one_address_is_verified_by_one_account() {
    let api = Api::shared().await;
    let (_, email) = new_name();
    let mut people: Vec<(String, String)> = Vec::new();
    for n in 1..=8 {
        let (username, _) = new_name();
        register(&api, &username, &email).await.is(201);
        people.push((username, api.code(&email, n).await));
    }

    let replies = join_all(people.iter().map(|(username, code)| {
        let body = json!({ "username": username, "code": code });
        api.post("/api/auth/verify", body)
    }))
    .await;

    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1, "{replies:?}");
    for loser in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(loser.refusal(), (409, "email-taken".to_owned()));
    }
}

async fn refresh(api: &Api, token: &str) -> Answer {
    api.post("/api/auth/refresh", json!({ "refresh_token": token })).await
}

fn text(reply: &Value, name: &str) -> String {
    reply[name].as_str().expect(name).to_owned()
}

async fn is_dead(api: &Api, access: &str, who: &str) {
    let me = api.get("/api/auth/me", access).await;
    assert_eq!(me.refusal(), (401, "session-ended".to_owned()), "{who}: a live token after the revoke");
    let verdict = api.post("/api/auth/jwt/verify", json!({ "token": access })).await;
    assert_eq!(verdict.ok()["valid"], false, "{who}");
}

/// Ends a session in one of three ways; `other` is another session of the same account.
async fn revoke(api: &Api, nth: usize, person: &Person, other: &Person) -> Answer {
    let own = format!("/api/sessions/{}", person.session);
    let request = match nth % 3 {
        0 => api.request("POST", "/api/auth/logout").bearer_auth(&person.access),
        1 => api.request("DELETE", &own).bearer_auth(&person.access),
        _ => api.request("DELETE", &own).bearer_auth(&other.access),
    };
    answer(request).await
}

async fn race(api: &Api, nth: usize, person: &Person, other: &Person) -> bool {
    let revoking = async {
        let revoked = revoke(api, nth, person, other).await;
        assert_eq!(revoked.status, 200, "{}", revoked.body);
        is_dead(api, &person.access, "at once").await;
    };
    let (refreshed, ()) = tokio::join!(refresh(api, &person.refresh), revoking);

    is_dead(api, &person.access, "the first").await;
    let won = refreshed.status == 200;
    if won {
        let tokens = refreshed.json();
        is_dead(api, &text(&tokens, "access_token"), "the refreshed").await;
        let again = refresh(api, &text(&tokens, "refresh_token")).await;
        assert_eq!(again.refusal(), (401, "refresh-refused".to_owned()));
    } else {
        assert_eq!(refreshed.refusal(), (401, "refresh-refused".to_owned()));
    }
    let repeated = refresh(api, &person.refresh).await;
    assert_eq!(repeated.refusal(), (401, "refresh-refused".to_owned()));
    won
}

#[tokio::test]
async fn no_token_lives_after_its_session_was_revoked_during_a_refresh() {
    let api = Api::alone().await;
    let mut keepers = Vec::new();
    for _ in 0..ACCOUNTS {
        keepers.push(api.verified("normal").await);
    }

    let outcomes: Vec<bool> = stream::iter(0..PAIRS)
        .map(|nth| {
            let (api, keeper) = (api.clone(), keepers[nth % ACCOUNTS].clone());
            let pair = async move {
                let person = api.log_in(&keeper.username, &keeper.email).await;
                race(&api, nth, &person, &keeper).await
            };
            tokio::spawn(pair).unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;

    let won = outcomes.iter().filter(|won| **won).count();
    assert_eq!(outcomes.len(), PAIRS);
    assert!(won > 0 && won < PAIRS, "the refresh was first {won} times of {PAIRS}: nothing raced");
    for keeper in &keepers {
        api.get("/api/auth/me", &keeper.access).await.ok();
    }
    api.into_program().stop().await;
}

#[tokio::test]
async fn changed_password_ends_sessions_that_are_just_being_refreshed() {
    let api = Api::shared().await;
    for _ in 0..10 {
        let acting = api.verified("normal").await;
        let other = api.log_in(&acting.username, &acting.email).await;
        let body = json!({ "current_password": PASSWORD, "new_password": "the tide comes in twice" });

        let (refreshed, changed) = tokio::join!(
            refresh(&api, &other.refresh),
            api.send("POST", "/api/auth/password/change", &acting.access, body)
        );

        let changed = changed.ok();
        is_dead(&api, &other.access, "the other session").await;
        if refreshed.status == 200 {
            is_dead(&api, &text(&refreshed.json(), "access_token"), "the refreshed").await;
            let again = refresh(&api, &text(&refreshed.json(), "refresh_token")).await;
            assert_eq!(again.refusal(), (401, "refresh-refused".to_owned()));
        }
        api.get("/api/me", &text(&changed, "access_token")).await.ok();
    }
}

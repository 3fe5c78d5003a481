//! How long copied tokens count, and how many sessions of one account live at once (C-42, SESS-06, SESS-08, AUTH-07).

use crate::{
    account::cookies::Page,
    account::session_activity::aged,
    client::{Answer, Api, PASSWORD, PATIENT, Person, answer},
};
use annals_tests::program::{Program, new_directory};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::join_all;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::sync::Arc;

const NEW: &str = "the tide comes in twice";
const RUNS: usize = 200;

fn proved_at(token: &str) -> i64 {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<Value>(&payload).unwrap()["proved_at"].as_i64().unwrap()
}

fn renewed(answer: &Answer) -> Option<String> {
    answer.header("x-renewed-access").map(str::to_owned)
}

fn text(reply: &Value, name: &str) -> String {
    reply[name].as_str().unwrap_or_else(|| panic!("{name} in {reply}")).to_owned()
}

/// A login as it is answered, and the person with its tokens.
async fn login(
    api: &Api,
    person: &Person,
    with: impl Fn(RequestBuilder) -> RequestBuilder,
) -> (Answer, Person) {
    let body = json!({ "username": person.username, "password": PASSWORD });
    let reply = answer(with(api.request("POST", "/api/auth/login").json(&body))).await;
    let tokens = reply.ok();
    let again = Person {
        access: text(&tokens, "access_token"),
        refresh: text(&tokens, "refresh_token"),
        session: text(&tokens, "session_id"),
        ..person.clone()
    };
    (reply, again)
}

async fn lives(api: &Api, person: &Person) -> bool {
    let reply = api.get("/api/auth/session/check", &person.access).await;
    if reply.status != 200 {
        assert_eq!(reply.refusal(), (401, "session-ended".to_owned()));
    }
    reply.status == 200
}

async fn end_cause(api: &Api, ended: &Person, by: &Person) -> Value {
    api.get(&format!("/api/sessions/{}", ended.session), &by.access).await.ok()["end_cause"].clone()
}

#[tokio::test]
async fn access_token_is_renewed_for_two_lifetimes_and_then_beside_its_own_cookie_only() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;
    let (reply, jane) = login(&api, &jane, |request| request).await;
    let (page, others) = (Page::of(&reply), api.page(&john).await);
    api.get("/api/me", &jane.access).await.ok();
    let (fresh, late) = (aged(&jane, 1_780, 2_000), aged(&jane, 1_810, 2_000));

    let new = renewed(&api.get("/api/me", &fresh).await).expect("within two lifetimes of the login");
    assert_eq!(proved_at(&new), proved_at(&fresh), "a renewed token is no younger proof");
    let refused = api.get("/api/me", &late).await;
    assert_eq!((refused.status, renewed(&refused)), (200, None), "it counts as long as it said");

    let stolen = answer(others.asks(api.request("GET", "/api/me")).bearer_auth(&late)).await;
    assert_eq!(renewed(&stolen), None, "another's cookie");
    let broken = api.request("GET", "/api/me").header("cookie", "__Host-annals_session=x");
    assert_eq!(renewed(&answer(broken.bearer_auth(&late)).await), None);
    let own = answer(page.asks(api.request("GET", "/api/me")).bearer_auth(&late)).await;
    let new = renewed(&own).expect("beside its own cookie");
    assert!(proved_at(&new) >= proved_at(&jane.access), "the cookie is proof");
    let refreshed = api.post("/api/auth/refresh", json!({ "refresh_token": jane.refresh })).await.ok();
    assert!(proved_at(&text(&refreshed, "access_token")) >= proved_at(&jane.access));
}

#[tokio::test]
async fn changed_password_leaves_nothing_of_what_the_acting_session_had() {
    let api = Api::shared().await;
    let jane = api.verified("normal").await;
    let (reply, acting) = login(&api, &jane, |request| request).await;
    let page = Page::of(&reply);
    let body = json!({ "current_password": PASSWORD, "new_password": NEW });
    let change = || {
        let request = api.request("POST", "/api/auth/password/change").bearer_auth(&acting.access);
        answer(request.header("idempotency-key", acting.session.as_str()).json(&body))
    };

    let changed = change().await;

    let tokens = changed.ok();
    assert!(text(&tokens, "message").contains("changed"));
    assert_eq!((&tokens["user_id"], &tokens["verified"]), (&json!(jane.id), &json!(true)));
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert!(!lives(&api, &acting).await && !lives(&api, &jane).await);
    for former in [&acting, &jane] {
        let refresh = api.post("/api/auth/refresh", json!({ "refresh_token": former.refresh })).await;
        assert_eq!(refresh.refusal(), (401, "refresh-refused".to_owned()));
    }
    let by_cookie = answer(page.asks(api.request("GET", "/api/me"))).await;
    assert_eq!(by_cookie.refusal(), (401, "session-ended".to_owned()));
    let (access, page) = (text(&tokens, "access_token"), Page::of(&changed));
    api.get("/api/me", &access).await.ok();
    answer(page.asks(api.request("GET", "/api/me"))).await.ok();
    let csrf = page.asks(api.request("PATCH", "/api/settings")).header("x-csrf-token", &page.csrf);
    answer(csrf.json(&json!({ "theme": "dark" }))).await.ok();
    let listed = api.get("/api/sessions", &access).await.ok();
    let active = listed["results"].as_array().unwrap().iter().filter(|row| row["is_active"] == true);
    assert_eq!(active.count(), 1, "{listed}");
    let refresh = json!({ "refresh_token": text(&tokens, "refresh_token") });
    api.post("/api/auth/refresh", refresh).await.ok();
    assert_eq!(change().await.refusal(), (401, "session-ended".to_owned()), "a repeat shows no tokens");
}

#[tokio::test]
async fn login_ends_the_session_of_its_own_account_that_it_comes_with() {
    let api = Api::shared().await;
    let [jane, john] = api.people().await;

    let (reply, second) = login(&api, &jane, |request| request.bearer_auth(&jane.access)).await;
    assert!(!lives(&api, &jane).await && lives(&api, &second).await);
    assert_eq!(end_cause(&api, &jane, &second).await, "replaced");

    let page = Page::of(&reply);
    let (_, third) = login(&api, &jane, |request| page.asks(request)).await;
    assert!(!lives(&api, &second).await && lives(&api, &third).await, "by its cookie");

    let (_, fourth) = login(&api, &jane, |request| request.bearer_auth(&john.access)).await;
    assert!(lives(&api, &john).await, "another's session is theirs");
    assert!(lives(&api, &third).await && lives(&api, &fourth).await, "nothing came with it");
}

#[tokio::test]
async fn twenty_first_session_ends_the_oldest() {
    let api = Api::shared().await;
    let first = api.verified("normal").await;
    let mut later = Vec::new();
    for _ in 0..19 {
        later.push(api.log_in(&first.username, &first.email).await);
    }
    assert!(lives(&api, &first).await);

    later.push(api.log_in(&first.username, &first.email).await);

    assert!(!lives(&api, &first).await);
    let refresh = api.post("/api/auth/refresh", json!({ "refresh_token": first.refresh })).await;
    assert_eq!(refresh.refusal(), (401, "refresh-refused".to_owned()));
    assert_eq!(end_cause(&api, &first, &later[0]).await, "too_many");
    for other in &later {
        assert!(lives(&api, other).await);
    }
    let [ended, kept] = [&later[5], &later[0]];
    answer(api.request("POST", "/api/auth/logout").bearer_auth(&ended.access)).await.ok();
    api.log_in(&first.username, &first.email).await;
    assert!(lives(&api, kept).await, "what is over gives up its place first");
}

#[tokio::test]
async fn logins_at_once_leave_no_more_sessions_than_there_may_be() {
    let settings = [("ANNALS_MAX_SESSIONS", "2"), PATIENT];
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &settings).await));
    let person = api.verified("normal").await;
    let mut before = vec![person.clone()];

    for run in 0..RUNS {
        let crowd = join_all((0..3).map(|_| api.log_in(&person.username, &person.email))).await;

        let all: Vec<&Person> = before.iter().chain(&crowd).collect();
        let living = join_all(all.iter().map(|person| lives(&api, person))).await;
        assert_eq!(living.iter().filter(|lives| **lives).count(), 2, "run {run}: {living:?}");
        before =
            all.into_iter().zip(living).filter(|(_, lives)| *lives).map(|(one, _)| one.clone()).collect();
    }
    api.into_program().stop().await;
}

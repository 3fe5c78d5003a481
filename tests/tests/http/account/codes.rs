//! Codes and resets that strangers ask for and guess at: nobody's right code dies of it, and nobody is flooded (AUTH-09,
//! AUTH-06, RL-03).

use crate::client::{Answer, Api, PASSWORD, PATIENT, answer, new_name};
use annals_tests::program::{Program, new_directory};
use futures::StreamExt;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::sync::Arc;

const VERIFY: &str = "/api/auth/verify";

/// A program with these limits.
async fn limited(limits: &[(&str, &str)]) -> Api {
    let settings = [&[PATIENT], limits].concat();
    Api::of(Arc::new(Program::start_in(new_directory(), &settings).await))
}

/// A registration without a session: its names, its token and its code.
struct Registration {
    username: String,
    email: String,
    token: String,
    code: String,
}

impl Api {
    async fn registration(&self) -> Registration {
        let (username, email) = new_name();
        let form = json!({ "username": username, "email": email, "password": PASSWORD });
        let made = self.post("/api/auth/register", form).await.is(201);
        let token = made["request_token"].as_str().unwrap().to_owned();
        let code = self.code(&email, 1).await;
        Registration { username, email, token, code }
    }
}

fn wrong(code: &str) -> &'static str {
    if code == "000000" { "111111" } else { "000000" }
}

/// What a problem says, but for the request's own id.
fn said(reply: &Answer) -> (u16, Value) {
    let mut document = reply.json();
    document.as_object_mut().unwrap().remove("request_id");
    (reply.status, document)
}

#[tokio::test]
async fn strangers_wrong_codes_leave_the_tries_of_whoever_registered() {
    let api = Api::shared().await;
    for named in ["username", "email"] {
        let person = api.registration().await;
        let name = if named == "email" { &person.email } else { &person.username };
        let stranger = async |code: &str| api.post(VERIFY, json!({ named: name, "code": code })).await;
        for _ in 0..6 {
            assert_eq!(stranger(wrong(&person.code)).await.refusal(), (422, "code-refused".to_owned()));
        }
        assert_eq!(
            stranger(&person.code).await.refusal(),
            (422, "code-refused".to_owned()),
            "their tries are over"
        );
        let forged = json!({ named: name, "code": person.code, "request_token": "x" });
        assert_eq!(api.post(VERIFY, forged).await.refusal(), (422, "code-refused".to_owned()));

        let own = json!({ named: name, "code": person.code, "request_token": person.token });

        assert_eq!(api.post(VERIFY, own).await.ok()["is_verified"], true, "{named}");
    }
    let person = api.unverified().await;
    let code = api.code(&person.email, 1).await;
    for _ in 0..6 {
        api.post(VERIFY, json!({ "username": person.username, "code": wrong(&code) })).await;
    }
    api.send("POST", VERIFY, &person.access, json!({ "code": code })).await.ok();
}

#[tokio::test]
async fn token_of_ones_own_registration_does_not_verify_a_strangers() {
    let api = Api::shared().await;
    let person = api.registration().await;
    let form = json!({ "username": new_name().0, "email": person.email, "password": "a walk of a squatter" });
    api.post("/api/auth/register", form).await.is(201);
    let squatters = api.code(&person.email, 2).await;
    let typed = |code: &str| {
        let own = json!({ "email": person.email, "code": code, "request_token": person.token });
        async { api.post(VERIFY, own).await }
    };

    assert_eq!(typed(&squatters).await.refusal(), (422, "code-refused".to_owned()));

    assert_eq!(typed(&person.code).await.ok()["is_verified"], true);
    let login = json!({ "email": person.email, "password": PASSWORD });
    api.post("/api/auth/login", login).await.ok();
}

#[tokio::test]
async fn five_wrong_codes_of_whoever_registered_are_five() {
    let api = Api::shared().await;
    let person = api.registration().await;
    let own = async |code: &str| {
        let body = json!({ "username": person.username, "code": code, "request_token": person.token });
        api.post(VERIFY, body).await
    };
    for _ in 0..5 {
        assert_eq!(own(wrong(&person.code)).await.status, 422);
    }
    assert_eq!(own(&person.code).await.refusal(), (422, "code-refused".to_owned()));
}

#[tokio::test]
async fn sixth_answer_and_that_of_nobody_say_what_the_first_said() {
    let api = Api::shared().await;
    let person = api.registration().await;
    let ask =
        async |name: &str, code: &str| said(&api.post(VERIFY, json!({ "email": name, "code": code })).await);
    let first = ask(&person.email, wrong(&person.code)).await;
    for _ in 0..5 {
        assert_eq!(ask(&person.email, wrong(&person.code)).await, first);
    }
    assert_eq!(ask(&person.email, &person.code).await, first, "the right one, too late");
    assert_eq!(ask("nobody-at-all@example.com", &person.code).await, first);
    let verified = api.verified("normal").await;
    assert_eq!(ask(&verified.email, "000000").await, first);
}

#[tokio::test]
async fn wrong_codes_are_counted_per_network_and_right_ones_are_not() {
    let api = limited(&[("ANNALS_THROTTLE_CODE_TRY", "3/3600")]).await;
    for _ in 0..4 {
        let person = api.registration().await;
        api.post(VERIFY, json!({ "email": person.email, "code": person.code })).await.ok();
    }
    let guess = async |n: u32| {
        api.post(VERIFY, json!({ "email": format!("somebody{n}@example.com"), "code": "000000" })).await
    };
    for n in 0..3 {
        assert_eq!(guess(n).await.status, 422);
    }
    let refused = guess(3).await;
    assert_eq!(refused.refusal(), (429, "too-many-requests".to_owned()));
    assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    let person = api.unverified().await;
    let body = json!({ "code": api.code(&person.email, 1).await });
    assert_eq!(
        api.send("POST", VERIFY, &person.access, body).await.status,
        429,
        "whoever guesses from there"
    );
    api.into_program().stop().await;
}

#[tokio::test]
async fn an_address_gets_so_many_codes_a_day_whoever_asks() {
    let api = limited(&[("ANNALS_THROTTLE_CODE_MAIL", "2/3600")]).await;
    let (_, email) = new_name();
    for _ in 0..4 {
        let form = json!({ "username": new_name().0, "email": email.to_uppercase(), "password": PASSWORD });
        assert!(api.post("/api/auth/register", form).await.is(201)["request_token"].is_string());
    }
    let person = api.registration().await;
    assert_eq!(api.mails(&person.email), 1, "another address");
    api.mail(&email.to_uppercase(), 2).await;
    assert_eq!(api.mails(&email.to_uppercase()), 2);
    let verified = api.verified("normal").await;
    let change = json!({ "email": email, "current_password": PASSWORD });
    let refused = api.send("PUT", "/api/me", &verified.access, change).await;
    assert_eq!(refused.refusal(), (429, "too-many-requests".to_owned()));
    api.into_program().stop().await;
}

#[tokio::test]
async fn an_address_that_waits_gets_so_many_resets_a_day_whatever_names_it() {
    let limits = [("ANNALS_THROTTLE_CODE_MAIL", "2/3600"), ("ANNALS_THROTTLE_RESET_ADDRESS", "20/1")];
    let api = limited(&limits).await;
    let (_, email) = new_name();
    let forgot = async |name: &str| {
        api.post("/api/auth/forgot-password", json!({ "email": name })).await.is(202);
    };
    for _ in 0..5 {
        let username = new_name().0;
        let form = json!({ "username": username, "email": email, "password": PASSWORD });
        api.post("/api/auth/register", form).await.is(201);
        forgot(&username).await;
    }
    api.mail(&email, 4).await;
    let verified = api.verified("normal").await;
    forgot(&verified.email).await;
    api.reset_token(&verified.email, 1).await;
    assert_eq!(api.mails(&email), 4, "two codes and two resets");
    api.into_program().stop().await;
}

#[tokio::test]
async fn strangers_who_ask_for_resets_take_nothing_from_the_owner() {
    let limits = [("ANNALS_THROTTLE_RESET_ACCOUNT", "6/600"), ("ANNALS_THROTTLE_RESET_ADDRESS", "20/1")];
    let api = limited(&limits).await;
    let person = api.verified("normal").await;
    let forgot = async || api.post("/api/auth/forgot-password", json!({ "email": person.email })).await;
    let reset = async |token: String| {
        api.post("/api/auth/reset-password", json!({ "token": token, "new_password": PASSWORD })).await
    };
    for _ in 0..8 {
        forgot().await.is(202);
    }
    reset(api.reset_token(&person.email, 1).await).await.ok();
    // The notice of the new password is the second mail.
    api.mail(&person.email, 2).await;
    assert_eq!(api.mails(&person.email), 2, "one token was out");

    forgot().await.is(202);

    reset(api.reset_token(&person.email, 3).await).await.ok();
    api.into_program().stop().await;
}

#[tokio::test]
async fn one_code_is_used_once_however_often_it_is_sent_at_the_same_time() {
    let api = Api::shared().await;
    let person = api.registration().await;
    let body = json!({ "email": person.email, "code": person.code });
    let replies =
        futures::future::join_all((0..8).map(|_| answer(api.request("POST", VERIFY).json(&body)))).await;
    assert!(replies.iter().all(|reply| reply.status == 200), "{replies:?}");
    let login = json!({ "email": person.email, "password": PASSWORD });
    api.post("/api/auth/login", login).await.ok();
}

#[tokio::test]
async fn whoever_registers_with_a_foreign_address_hides_nobody_and_gets_no_more_tries_by_it() {
    const OTHERS: usize = 25;
    let api = limited(&[("ANNALS_THROTTLE_CODE_MAIL", "6/3600")]).await;
    let pool = PgPool::connect(&api.supervisor_url("annals")).await.unwrap();
    let person = api.registration().await;
    let made = futures::stream::iter((0..OTHERS).map(|n| {
        let (api, email) = (api.clone(), person.email.clone());
        async move {
            let form = json!({ "username": format!("other{n}"), "email": email, "password": PASSWORD });
            api.post("/api/auth/register", form).await.is(201)
        }
    }));
    made.buffer_unordered(4).collect::<Vec<_>>().await;
    let count = async |event: &str| {
        let sql = "SELECT count(*) FROM es.events WHERE event_type = $1";
        sqlx::query_scalar::<_, i64>(sql).bind(event).fetch_one(&pool).await.unwrap()
    };
    assert_eq!(count("challenge_issued").await, 6, "who is beyond the limit has no code to be guessed");
    for guess in 0..100 {
        let body = json!({ "email": person.email, "code": format!("x{guess:05}") });
        assert_eq!(api.post(VERIFY, body).await.status, 422);
    }
    let own = json!({ "email": person.email, "code": person.code, "request_token": person.token });

    assert_eq!(api.post(VERIFY, own).await.ok()["is_verified"], true);

    assert_eq!(count("challenge_failed").await, 6 * 5);
    pool.close().await;
    api.into_program().stop().await;
}

//! Programs that pretend to be people, and those that do not (AUTH-12).

use crate::client::{Answer, Api, PASSWORD, answer, new_name};
use annals_tests::program::{Program, new_directory};
use aws_lc_rs::digest::{SHA256, digest};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::sync::Arc;

const CRAWLER: &str = "ExampleBot/2.1 (+https://example.com/bot)";

async fn program(settings: &[(&str, &str)]) -> Api {
    let settings = [&[("ANNALS_BOT_DIFFICULTY", "10")], settings].concat();
    Api::of(Arc::new(Program::start_in(new_directory(), &settings).await))
}

fn form() -> Value {
    let (username, email) = new_name();
    json!({ "username": username, "email": email, "password": PASSWORD })
}

fn register(api: &Api, agent: &str) -> RequestBuilder {
    api.request("POST", "/api/auth/register").header("user-agent", agent).json(&form())
}

fn refused(slug: &str) -> (u16, String) {
    (403, slug.to_owned())
}

/// The answer to the puzzle of a refusal.
fn solved(refusal: &Answer) -> String {
    assert_eq!(refusal.refusal(), refused("proof-needed"));
    let challenge = refusal.json()["challenge"].clone();
    assert_eq!((&challenge["algorithm"], &challenge["difficulty"]), (&json!("sha-256"), &json!(10)));
    let token = challenge["token"].as_str().unwrap();
    let mut answers = (0_u64..).map(|number| format!("{token}.{number}"));
    let good = |answer: &String| {
        let hash = digest(&SHA256, answer.as_bytes());
        u16::from_be_bytes([hash.as_ref()[0], hash.as_ref()[1]]).leading_zeros() >= 10
    };
    answers.find(good).unwrap()
}

/// What is on record of suspicions, in order.
async fn suspected(api: &Api) -> Vec<Value> {
    let owner = api.verified("owner").await;
    let trail = api.get("/api/audit/events?limit=100", &owner.access).await.ok();
    let events = trail["results"].as_array().unwrap().iter();
    let events = events.filter(|event| event["event_type"] == "bot_suspected");
    events.map(|event| event["payload"].clone()).collect()
}

async fn suspicions(api: &Api) -> Vec<(Value, Value)> {
    let events = suspected(api).await.into_iter();
    events.map(|event| (event["act"].clone(), event["outcome"].clone())).collect()
}

#[tokio::test]
async fn crawler_has_to_work_once_for_each_act_and_a_refused_one_is_on_record_once() {
    let api = program(&[]).await;
    let refusal = answer(register(&api, CRAWLER)).await;
    let proof = solved(&refusal);

    let login = api.request("POST", "/api/auth/login").header("user-agent", CRAWLER);
    let login =
        login.header("annals-proof", &proof).json(&json!({ "username": "jane", "password": PASSWORD }));
    assert_eq!(answer(login).await.refusal(), refused("proof-needed"), "another act");
    answer(register(&api, CRAWLER).header("annals-proof", &proof)).await.is(201);
    let again = answer(register(&api, CRAWLER).header("annals-proof", &proof)).await;
    assert_eq!(again.refusal(), refused("proof-needed"), "it was spent");
    for proof in ["", "x", "a.1", &format!("{proof}1"), proof.split('.').next().unwrap()] {
        let reply = answer(register(&api, CRAWLER).header("annals-proof", proof)).await;
        assert_eq!(reply.refusal(), refused("proof-needed"), "{proof}");
    }

    let challenged = |act| (json!(act), json!("challenged"));
    assert_eq!(suspicions(&api).await, [challenged("register"), challenged("login")]);
    api.into_program().stop().await;
}

#[tokio::test]
async fn who_fills_in_the_hidden_field_is_refused_and_who_leaves_it_empty_is_not() {
    let api = program(&[]).await;
    let with = |field: Value| {
        let mut form = form();
        form["fax_number"] = field;
        form
    };

    for path in ["/api/auth/register", "/api/auth/jwt/register", "/api/accounts/register"] {
        let reply = api.post(path, with(json!("+49 30 1234"))).await;
        assert_eq!(reply.refusal(), refused("bot-refused"), "{path}");
        api.post(path, with(json!(""))).await.is(201);
    }
    let login = json!({ "username": "jane", "password": PASSWORD, "fax_number": "1" });
    assert_eq!(api.post("/api/auth/login", login).await.refusal(), refused("bot-refused"));
    let reset = json!({ "email": "jane@example.com", "fax_number": "1" });
    assert_eq!(api.post("/api/auth/forgot-password", reset.clone()).await.refusal(), refused("bot-refused"));
    assert_eq!(api.post("/api/accounts/password_reset", reset).await.refusal(), refused("bot-refused"));
    let acts: Vec<Value> = suspicions(&api).await.into_iter().map(|(act, _)| act).collect();
    let expected = ["register", "register_with_tokens", "login", "forgot_password", "password_reset"];
    assert_eq!(acts, expected);
    api.into_program().stop().await;
}

#[tokio::test]
async fn haste_alone_is_no_sin_and_haste_without_a_name_is() {
    let api = program(&[("ANNALS_THROTTLE_HASTE", "3/3600")]).await;
    for _ in 0..6 {
        answer(register(&api, "curl/8.5.0")).await.is(201);
    }

    let nameless = api.request("POST", "/api/auth/register").json(&form());
    let proof = solved(&answer(nameless).await);
    let nameless = api.request("POST", "/api/auth/register").json(&form()).header("annals-proof", proof);
    answer(nameless).await.is(201);
    api.into_program().stop().await;
}

/// A form with a token for this purpose.
async fn form_of(api: &Api, purpose: &str) -> Value {
    let token = answer(api.request("GET", &format!("/api/auth/form?for={purpose}"))).await.ok();
    let mut form = form();
    form["form_token"] = token["form_token"].clone();
    form
}

#[tokio::test]
async fn form_that_comes_back_too_soon_is_a_sign_and_one_without_a_token_is_none() {
    let api = program(&[("ANNALS_BOT_FORM_SECONDS", "600")]).await;
    let send = async |agent: Option<&str>, form: &Value| {
        let request = api.request("POST", "/api/auth/register").json(form);
        answer(match agent {
            Some(agent) => request.header("user-agent", agent),
            None => request,
        })
        .await
    };

    send(Some("curl/8.5.0"), &form_of(&api, "register").await).await.is(201);
    send(None, &form()).await.is(201);
    assert_eq!(send(None, &form_of(&api, "register").await).await.refusal(), refused("proof-needed"));

    let trail = suspected(&api).await;
    assert_eq!(trail[0]["signals"], json!(["no_agent", "fast_form"]), "{trail:?}");
    let unknown = answer(api.request("GET", "/api/auth/form?for=fun")).await;
    assert_eq!((unknown.status, unknown.field_error().0.as_str()), (400, "?for"));
    api.into_program().stop().await;
}

#[tokio::test]
async fn token_of_a_form_counts_once_for_its_purpose() {
    let api = program(&[("ANNALS_BOT_FORM_SECONDS", "0"), ("ANNALS_BOT_SIGNALS", "observe")]).await;
    let told = async |form: &Value, path: &str| {
        let crawler = api.request("POST", path).header("user-agent", CRAWLER).json(form);
        assert!(answer(crawler).await.status < 500);
    };
    let used = form_of(&api, "register").await;
    told(&used, "/api/auth/register").await;
    let again =
        json!({ "email": "jane@example.com", "form_token": form_of(&api, "login").await["form_token"] });
    told(&again, "/api/auth/forgot-password").await;
    let mut twice = form();
    twice["form_token"] = used["form_token"].clone();
    told(&twice, "/api/auth/jwt/register").await;
    let made_up = json!({ "username": "jane", "password": PASSWORD, "form_token": 7 });
    told(&made_up, "/api/auth/login").await;

    let signals: Vec<Value> =
        suspected(&api).await.into_iter().map(|event| event["signals"].clone()).collect();
    let (sound, stale) = (json!(["known_agent"]), json!(["known_agent", "stale_form"]));
    assert_eq!(signals, [sound, stale.clone(), stale.clone(), stale]);
    api.into_program().stop().await;
}

#[tokio::test]
async fn operators_may_only_watch_or_look_away() {
    for (mode, outcomes) in [("observe", vec![(json!("register"), json!("observed"))]), ("off", vec![])] {
        let api = program(&[("ANNALS_BOT_SIGNALS", mode)]).await;
        let mut filled = form();
        filled["fax_number"] = json!("1");
        for body in [form(), filled] {
            let request = api.request("POST", "/api/auth/register").header("user-agent", CRAWLER);
            answer(request.json(&body)).await.is(201);
        }
        assert_eq!(suspicions(&api).await, outcomes, "{mode}");
        api.into_program().stop().await;
    }
}

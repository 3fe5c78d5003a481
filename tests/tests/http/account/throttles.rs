//! How often strangers may try, over several nodes (RL-01 to RL-04).

use crate::client::{Answer, Api, PASSWORD, answer, new_name};
use annals_tests::{
    Db, Lab,
    program::{Program, new_directory},
};
use futures::future::join_all;
use serde_json::json;
use std::{net::IpAddr, sync::Arc};

const NODES: usize = 3;
const AT_ONCE: usize = 30;

/// Programs on one log.
pub async fn nodes(limits: &[(&'static str, &str)]) -> (Db, Vec<Api>) {
    let db = Lab::db().await;
    let mut settings = db.program_settings(Lab::get().await);
    settings.extend(limits.iter().map(|(name, limit)| (*name, (*limit).to_owned())));
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let programs = join_all((0..NODES).map(|_| Program::start_in(new_directory(), &settings))).await;
    (db, programs.into_iter().map(|program| Api::of(Arc::new(program))).collect())
}

pub async fn stop(nodes: Vec<Api>) {
    join_all(nodes.into_iter().map(|api| api.into_program().stop())).await;
}

/// The requests that were let through; all others were told when to come again.
fn let_through(replies: &[Answer]) -> usize {
    let refused = replies.iter().filter(|reply| reply.status == 429);
    let refused = refused.map(|reply| {
        assert_eq!(reply.problem(), "too-many-requests");
        assert!(reply.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    });
    replies.len() - refused.count()
}

#[tokio::test]
async fn a_throttle_of_five_lets_exactly_five_through_on_three_nodes() {
    let limits = [
        ("ANNALS_THROTTLE_LOGIN_ACCOUNT", "5/3600"),
        ("ANNALS_THROTTLE_RESET_ADDRESS", "5/3600"),
        ("ANNALS_THROTTLE_REGISTRATION", "5/3600"),
        ("ANNALS_THROTTLE_REQUESTS", "200/3600"),
    ];
    let (_db, nodes) = nodes(&limits).await;
    let bodies = |path: &str, n: usize| match path {
        "/api/auth/login" => json!({ "username": "somebody", "password": "a wrong walk at dusk" }),
        "/api/auth/forgot-password" => json!({ "email": format!("nobody{n}@example.com") }),
        _ => {
            json!({ "username": format!("many{n}"), "email": format!("many{n}@example.com"), "password": PASSWORD })
        }
    };
    for path in ["/api/auth/login", "/api/auth/forgot-password", "/api/auth/register"] {
        let replies = join_all((0..AT_ONCE).map(|n| nodes[n % NODES].post(path, bodies(path, n)))).await;

        assert_eq!(
            let_through(&replies),
            5,
            "{path}: {:?}",
            replies.iter().map(|r| r.status).collect::<Vec<_>>()
        );
    }
    stop(nodes).await;
}

#[tokio::test]
async fn requests_are_counted_over_all_nodes_and_say_how_many_are_left() {
    let (_db, nodes) = nodes(&[("ANNALS_THROTTLE_REQUESTS", "5/3600")]).await;
    let (username, email) = new_name();
    nodes[0].create_user(&username, &email, "normal", PASSWORD).await;

    // One of the network's five is the login.
    let person = nodes[0].log_in(&username, &email).await;
    let replies = join_all((0..AT_ONCE).map(|n| nodes[n % NODES].get("/api/me", &person.access))).await;

    assert_eq!(let_through(&replies), 5, "of the user's own");
    let left = replies.iter().filter(|reply| reply.status == 200);
    for reply in left {
        assert_eq!(reply.header("ratelimit-policy").unwrap(), "\"requests\";q=5;w=18000");
        assert!(reply.header("ratelimit").unwrap().starts_with("\"requests\";r="));
    }
    let anonymous = nodes[1].request("GET", "/api/openapi.json");
    assert_eq!(answer(anonymous).await.status, 200, "another principal");
    for path in ["/health/live", "/health/ready", "/docs"] {
        for _ in 0..6 {
            let reply = answer(nodes[1].request("GET", path)).await;
            assert_eq!(reply.status, 200, "{path}");
        }
    }
    stop(nodes).await;
}

/// A login from another loopback address.
async fn log_in_from(last: u8, api: &Api, username: &str, password: &str) -> u16 {
    let client = reqwest::Client::builder().local_address(IpAddr::from([127, 0, 0, last])).build().unwrap();
    let body = json!({ "username": username, "password": password });
    answer(client.post(api.url("/api/auth/login")).json(&body)).await.status
}

#[tokio::test]
async fn account_has_as_many_guesses_by_all_of_its_names_as_by_one() {
    const WRONG: &str = "a wrong walk at dusk";
    let (_db, nodes) = nodes(&[("ANNALS_THROTTLE_LOGIN_ACCOUNT", "4/3600")]).await;
    let (username, email) = new_name();
    nodes[0].create_user(&username, &email, "normal", PASSWORD).await;
    for name in [&username, &email, &username, &email] {
        assert_eq!(log_in_from(2, &nodes[0], name, WRONG).await, 401);
    }

    // All are spent: the right password is not looked at, and the answer is that of an address that nobody has.
    for name in [&username, &email, &"nobody@example.com".to_owned()] {
        assert_eq!(log_in_from(2, &nodes[1], name, PASSWORD).await, 401, "{name}");
    }
    assert_eq!(log_in_from(3, &nodes[0], &email, PASSWORD).await, 200, "from elsewhere it is looked at");
    // Who signed in from here before is told why.
    for name in [&username, &username, &username, &email] {
        assert_eq!(log_in_from(3, &nodes[0], name, WRONG).await, 401);
    }
    assert_eq!(log_in_from(3, &nodes[1], &email, PASSWORD).await, 429);
    stop(nodes).await;
}

#[tokio::test]
async fn strangers_cannot_lock_out_who_signed_in_before() {
    const WRONG: &str = "a wrong walk at dusk";
    let limits = [("ANNALS_THROTTLE_LOGIN_ACCOUNT", "2/3600"), ("ANNALS_THROTTLE_LOGIN_ANYWHERE", "3/3600")];
    let (_db, nodes) = nodes(&limits).await;
    let (username, email) = new_name();
    nodes[0].create_user(&username, &email, "normal", PASSWORD).await;
    // What succeeds does not count, however often.
    for node in nodes.iter().cycle().take(6) {
        node.log_in(&username, &email).await;
    }

    let (shouted, api) = (username.to_uppercase(), &nodes[1]);
    for (stranger, status) in [(2, 401), (2, 401), (2, 429), (3, 401), (4, 429), (5, 429)] {
        assert_eq!(log_in_from(stranger, api, &shouted, WRONG).await, status, "127.0.0.{stranger}");
    }
    assert_eq!(log_in_from(6, api, &username, PASSWORD).await, 429, "a network that nobody knows");
    assert_eq!(log_in_from(1, &nodes[2], &username, PASSWORD).await, 200, "the person's own");
    stop(nodes).await;
}

/// A counter of the program's own, over all its labels but these.
async fn counted(api: &Api, counter: &str, bucket: &str) -> f64 {
    let own = api.status().await["metrics"].as_str().unwrap().to_owned();
    let text = reqwest::get(&own).await.unwrap().text().await.unwrap();
    let label = format!("{counter}{{bucket=\"{bucket}\"}} ");
    text.lines().find_map(|line| line.strip_prefix(&label)).map_or(0.0, |number| number.parse().unwrap())
}

async fn wrong_login(api: &Api) -> Answer {
    let body = json!({ "username": "somebody", "password": "a wrong walk at dusk" });
    api.post("/api/auth/login", body).await
}

#[tokio::test]
async fn refused_logins_at_once_look_at_the_bucket_once_or_twice_each() {
    const CROWD: usize = 100;
    let settings = [("ANNALS_THROTTLE_LOGIN_ACCOUNT", "5/3600")];
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &settings).await));
    for _ in 0..5 {
        assert_eq!(wrong_login(&api).await.status, 401);
    }
    let (looks, throttled) = ("annals_throttle_looks_total", "annals_throttled_total");
    let before =
        (counted(&api, looks, "login account").await, counted(&api, throttled, "login account").await);
    assert_eq!(before, (5.0, 0.0));

    let replies = join_all((0..CROWD).map(|_| wrong_login(&api))).await;

    assert_eq!(let_through(&replies), 0);
    assert_eq!(counted(&api, throttled, "login account").await, 100.0);
    let looked = counted(&api, looks, "login account").await - before.0;
    // The first in the queue goes on looking until its second is over.
    assert!((100.0..=210.0).contains(&looked), "{looked} looks of {CROWD}");
    api.into_program().stop().await;
}

#[tokio::test]
async fn every_refusal_of_a_throttle_is_counted_under_its_bucket() {
    let limits = [
        ("ANNALS_THROTTLE_RESET_ADDRESS", "1/3600"),
        ("ANNALS_THROTTLE_REGISTRATION", "1/3600"),
        ("ANNALS_THROTTLE_CODE_TRY", "1/3600"),
    ];
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &limits).await));
    let token = answer(api.request("GET", "/api/auth/form?for=login")).await.ok()["form_token"].clone();
    for _ in 0..3 {
        let (username, email) = new_name();
        let form = json!({ "username": username, "email": email, "password": PASSWORD });
        api.post("/api/auth/register", form).await;
        api.post("/api/auth/forgot-password", json!({ "email": email })).await;
        api.post("/api/auth/verify", json!({ "email": email, "code": "000000" })).await;
        let login = json!({ "username": username, "password": PASSWORD, "form_token": token });
        api.post("/api/auth/login", login).await;
    }

    for bucket in ["registration", "reset address", "code try", "form"] {
        assert_eq!(counted(&api, "annals_throttled_total", bucket).await, 2.0, "{bucket}");
    }
    api.into_program().stop().await;
}

#[tokio::test]
async fn attempts_that_a_throttle_refuses_are_on_record_once_for_each_act() {
    let limits = [
        ("ANNALS_THROTTLE_LOGIN_ACCOUNT", "2/3600"),
        ("ANNALS_THROTTLE_RESET_ADDRESS", "1/3600"),
        ("ANNALS_THROTTLE_REGISTRATION", "1/3600"),
        ("ANNALS_THROTTLE_CODE_TRY", "1/3600"),
    ];
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &limits).await));
    let owner = api.verified("owner").await;
    let recorded = async || {
        let login = json!({ "username": owner.username, "password": PASSWORD });
        let position = api.post("/api/auth/login", login).await.position();
        let request = api.request("GET", "/api/admin/audit?action=bot_suspected").bearer_auth(&owner.access);
        let page = answer(request.header("annals-min-position", position)).await.ok();
        let events = page["results"].as_array().unwrap().clone().into_iter();
        events.map(|event| event["new_values"].clone()).collect::<Vec<_>>()
    };
    for status in [401, 401, 429] {
        assert_eq!(wrong_login(&api).await.status, status);
    }
    let first = recorded().await;
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!((&first[0]["act"], &first[0]["outcome"]), (&json!("login"), &json!("blocked")));
    assert_eq!(first[0]["signals"], json!(["velocity"]));

    for _ in 0..3 {
        assert_eq!(wrong_login(&api).await.status, 429);
        let (username, email) = new_name();
        let form = json!({ "username": username, "email": email, "password": PASSWORD });
        api.post("/api/auth/register", form).await;
        api.post("/api/auth/forgot-password", json!({ "email": email })).await;
        api.post("/api/auth/verify", json!({ "email": email, "code": "000000" })).await;
    }

    let mut acts: Vec<_> = recorded().await.iter().map(|event| event["act"].to_string()).collect();
    acts.sort();
    assert_eq!(acts, ["\"forgot_password\"", "\"login\"", "\"register\"", "\"verify_contact\""]);
    api.into_program().stop().await;
}

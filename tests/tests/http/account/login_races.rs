//! Logins that meet each other, or another change of the account: none is refused for it (AUTH-02, RL-01).

use crate::{
    account::throttles::{nodes, stop},
    client::{Answer, Api, PASSWORD, PATIENT, Person, answer},
};
use annals_tests::program::{Program, new_directory};
use futures::future::join_all;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

const RUNS: usize = 200;
const CROWD: usize = 8;
const CROWDS: usize = 25;
const THRONG: usize = 30;
const IN_TIME: Duration = Duration::from_secs(60);
/// The defaults; tests have none otherwise.
const LIMITS: [(&str, &str); 3] = [
    ("ANNALS_THROTTLE_LOGIN_ADDRESS", "30/20"),
    ("ANNALS_THROTTLE_LOGIN_ACCOUNT", "5/60"),
    ("ANNALS_THROTTLE_LOGIN_ANYWHERE", "100/36"),
];

async fn login(api: &Api, username: &str, password: &str) -> Answer {
    api.post("/api/auth/login", json!({ "username": username, "password": password })).await
}

fn statuses(replies: &[Answer]) -> Vec<u16> {
    replies.iter().map(|reply| reply.status).collect()
}

#[tokio::test]
async fn right_logins_that_run_together_are_not_too_many_and_wrong_ones_are() {
    let settings = [&LIMITS[..], &[PATIENT]].concat();
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &settings).await));
    let person = api.verified("normal").await;
    for run in 0..CROWDS {
        let replies = join_all((0..CROWD).map(|_| login(&api, &person.username, PASSWORD))).await;
        assert_eq!(statuses(&replies), [200; CROWD], "run {run}");
    }

    let wrong = join_all((0..CROWD + 4).map(|_| login(&api, &person.username, "a wrong walk at dusk"))).await;

    let guessed = wrong.iter().filter(|reply| reply.status == 401).count();
    assert_eq!(guessed, 5, "{:?}", statuses(&wrong));
    assert!(wrong.iter().filter(|reply| reply.status != 401).all(|reply| reply.status == 429));
    assert_eq!(login(&api, &person.username, PASSWORD).await.status, 429, "no guess is given back");
    api.into_program().stop().await;
}

#[tokio::test]
async fn right_logins_on_several_nodes_are_not_too_many() {
    let (_db, nodes) = nodes(&LIMITS).await;
    let person = nodes[0].verified("normal").await;

    for run in 0..5 {
        let logins = (0..CROWD).map(|n| login(&nodes[n % nodes.len()], &person.username, PASSWORD));
        assert_eq!(statuses(&join_all(logins).await), [200; CROWD], "run {run}");
    }
    stop(nodes).await;
}

#[tokio::test]
async fn thirty_right_logins_of_one_account_beside_its_changed_profile_are_all_let_in() {
    let settings = [&LIMITS[..], &[PATIENT]].concat();
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &settings).await));
    let (owner, person) = (api.verified("owner").await, api.verified("normal").await);
    let path = format!("/api/profiles/{}", person.id);
    for run in 0..3 {
        let logins = join_all((0..THRONG).map(|n| {
            let typed = if n % 2 == 0 { &person.username } else { &person.email };
            login(&api, typed, PASSWORD)
        }));
        let changes = join_all((0..THRONG).map(|n| {
            let bio = json!({ "bio": format!("run {run}, change {n}") });
            api.send("PATCH", &path, &owner.access, bio)
        }));

        let both = async { tokio::join!(logins, changes) };
        let (logins, changed) = timeout(IN_TIME, both).await.expect("in time");

        assert_eq!(statuses(&logins), [200; THRONG], "run {run}");
        assert!(statuses(&changed).contains(&200), "run {run}");
    }
    api.into_program().stop().await;
}

/// Changes the account in one of five ways.
async fn change(api: &Api, run: usize, owner: &Person, person: &Person, token: &str) -> Answer {
    let id = &person.id;
    let (method, path, body) = match run % 5 {
        0 => {
            let role = if (run / 5).is_multiple_of(2) { "professional" } else { "normal" };
            ("POST", format!("/api/admin/users/{id}/role"), json!({ "role": role }))
        }
        1 => ("POST", format!("/api/admin/users/{id}/end-sessions"), json!({})),
        2 => ("PATCH", format!("/api/profiles/{id}"), json!({ "bio": format!("run {run}") })),
        3 => {
            let theme = if (run / 5).is_multiple_of(2) { "dark" } else { "light" };
            let request = api.request("PATCH", "/api/settings").bearer_auth(token);
            return answer(request.json(&json!({ "theme": theme }))).await;
        }
        _ => return login(api, &person.username, PASSWORD).await,
    };
    api.send(method, &path, &owner.access, body).await
}

#[tokio::test]
async fn login_beside_another_change_of_the_account_is_decided_again() {
    let api = Api::shared().await;
    let (owner, person) = (api.verified("owner").await, api.verified("normal").await);
    for run in 0..RUNS {
        // Other changes have ended the sessions that were there.
        let token = match run % 5 {
            3 => login(&api, &person.username, PASSWORD).await.ok()["access_token"].clone(),
            _ => Value::String(String::new()),
        };

        let (one, other, changed) = tokio::join!(
            login(&api, &person.username, PASSWORD),
            login(&api, &person.email, PASSWORD),
            change(&api, run, &owner, &person, token.as_str().unwrap())
        );

        for reply in [&one, &other, &changed] {
            assert_eq!(reply.status, 200, "run {run}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn password_is_one_however_a_keyboard_composes_it_and_holds_no_word_of_the_deployment() {
    let settings = [
        ("ANNALS_PUBLIC_URL", "https://accounts.acme-club.example"),
        ("ANNALS_PASSWORD_CONTEXT_WORDS", "Sparkling, Tiny"),
        PATIENT,
    ];
    let api = Api::of(Arc::new(Program::start_in(new_directory(), &settings).await));
    let (composed, decomposed) = ("Zo\u{eb} walks at dusk", "Zoe\u{308} walks\u{a0}at dusk");
    api.create_user("zoe", "zoe@example.com", "normal", decomposed).await;
    for typed in [composed, decomposed] {
        login(&api, "zoe", typed).await.ok();
    }
    assert_eq!(login(&api, "zoe", "Zoe walks at dusk").await.status, 401);
    let long = "x".repeat(20_000);
    assert_eq!(login(&api, "zoe", &long).await.refusal(), (401, "login-failed".to_owned()));

    for (n, (password, code)) in [
        ("the annals of 2026", Some("password-contains-context")),
        ("S.p.a.r.k.l.i.n.g", Some("password-contains-context")),
        ("my Acme Club walks", Some("password-contains-context")),
        ("e\u{301}e\u{301}e\u{301}e\u{301}", Some("password-too-short")),
        (&long, Some("password-too-long")),
        ("tiny walks at dusk", None),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({ "username": format!("new{n}"), "email": format!("new{n}@example.com"), "password": password });
        let reply = api.post("/api/auth/register", body).await;
        match code {
            Some(code) => assert_eq!(reply.field_error(), ("/password".to_owned(), code.to_owned()), "{n}"),
            None => drop(reply.is(201)),
        }
    }
    api.into_program().stop().await;
}

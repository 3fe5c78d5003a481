//! All three of the server's own keys are replaced, one node after another, while both nodes are used.

use crate::client::{Answer, Api, PASSWORD, Person, answer, new_name};
use annals_tests::{
    Db, Lab,
    program::{Program, new_directory},
};
use serde_json::json;
use std::{process::Stdio, sync::Arc};
use tokio::io::{AsyncBufReadExt, BufReader};

const KINDS: [(&str, &str); 3] = [("MASTER", "1"), ("INDEX", "2"), ("CODES", "3")];

/// What a node is told at a stage: 0 the old keys, 1 the new ones beside them, 2 exchanged, 3 the new ones.
fn settings(db: &Db, lab: &Lab, stage: usize) -> Vec<(String, String)> {
    let mut settings: Vec<(String, String)> =
        db.program_settings(lab).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    settings.retain(|(name, _)| KINDS.iter().all(|(kind, _)| *name != format!("ANNALS_{kind}_KEY")));
    for (kind, number) in KINDS {
        let (old, new) = (format!("0{number}").repeat(32), format!("a{number}").repeat(32));
        let (present, other) = match stage {
            0 => (old, None),
            1 => (old, Some(new)),
            2 => (new, Some(old)),
            _ => (new, None),
        };
        settings.push((format!("ANNALS_{kind}_KEY"), present));
        settings.extend(other.map(|other| (format!("ANNALS_{kind}_KEY_OTHER"), other)));
    }
    settings
}

async fn node(db: &Db, lab: &Lab, stage: usize) -> Api {
    let mut program = Program::spawn(new_directory(), settings(db, lab, stage), &[]);
    program.wait_until_ready().await;
    Api::of(Arc::new(program))
}

/// What goes on at each node, whatever the other one knows. The session's tokens are turned over at each.
async fn goes_on(nodes: &[Api], jane: &mut Person, key: Option<&str>, step: &str) {
    for node in nodes {
        let tokens = node.post("/api/auth/refresh", json!({ "refresh_token": jane.refresh })).await.ok();
        jane.access = tokens["access_token"].as_str().unwrap().to_owned();
        jane.refresh = tokens["refresh_token"].as_str().unwrap().to_owned();
        let me = node.get("/api/me", &jane.access).await.ok();
        assert_eq!(me["email"], json!(jane.email), "{step}: sealed values are opened");
        let (_, other) = new_name();
        let taken = json!({ "username": jane.username, "email": other, "password": PASSWORD });
        let taken = node.post("/api/auth/register", taken).await;
        assert_eq!(taken.refusal(), (409, "username-taken".to_owned()), "{step}");
        node.post("/api/auth/login", json!({ "identifier": jane.email, "password": PASSWORD })).await.ok();
        if let Some(key) = key {
            node.get("/api/auth/key", key).await.ok();
        }
    }
    // The same request at both nodes is one.
    let request = |node: &Api, key: &str| {
        let request = node.request("PATCH", "/api/users/profile").bearer_auth(&jane.access);
        request.header("idempotency-key", key.to_owned()).json(&json!({ "title": step }))
    };
    let first: Answer = answer(request(&nodes[0], step)).await;
    let again = answer(request(&nodes[1], step)).await;
    first.ok();
    assert_eq!((again.status, again.position()), (200, first.position()), "{step}: {}", again.body);
}

/// Runs a command and kills it once it has said something; then to its end.
async fn killed_and_again(node: &Api, command: &str) {
    let mut child = node.command(&["keys", command]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.next_line().await.unwrap();
    child.kill().await.unwrap();
    let done = node.command(&["keys", command]).output().await.unwrap();
    assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
}

#[tokio::test]
async fn keys_are_replaced_on_two_nodes_while_everything_goes_on() {
    let (lab, db) = (Lab::get().await, Lab::db().await);
    let mut nodes = vec![node(&db, lab, 0).await, node(&db, lab, 0).await];
    let mut jane = nodes[0].verified("normal").await;
    let (_, key) = nodes[0].key_of(&jane, &["profile:read"]).await;
    goes_on(&nodes, &mut jane, Some(&key), "before").await;

    for stage in 1..=3 {
        for n in 0..2 {
            let former = std::mem::replace(&mut nodes[n], node(&db, lab, stage).await);
            former.into_program().stop().await;
            // With the former codes key goes what it gave out; sessions were turned over since.
            let key = (stage < 3).then_some(key.as_str());
            goes_on(&nodes, &mut jane, key, &format!("stage {stage}, node {n}")).await;
            let (username, email) = new_name();
            nodes[n].create_user(&username, &email, "normal", PASSWORD).await;
            let taken = json!({ "username": username, "email": "x@example.com", "password": PASSWORD });
            let taken = nodes[1 - n].post("/api/auth/register", taken).await;
            assert_eq!(taken.refusal(), (409, "username-taken".to_owned()), "stage {stage}, node {n}");
        }
        if stage == 2 {
            killed_and_again(&nodes[0], "rotate-master").await;
            killed_and_again(&nodes[1], "rotate-index").await;
            goes_on(&nodes, &mut jane, Some(&key), "brought over").await;
        }
    }

    assert_eq!(nodes[0].get("/api/auth/key", &key).await.refusal(), (401, "api-key-invalid".to_owned()));
    let none = nodes[0].command(&["keys", "rotate-index"]).output().await.unwrap();
    assert!(String::from_utf8_lossy(&none.stderr).contains("ANNALS_INDEX_KEY_OTHER"));
    for node in nodes {
        node.into_program().stop().await;
    }
}

#[tokio::test]
async fn embedded_program_replaces_its_keys_between_two_starts() {
    let api = Api::alone().await;
    let mut jane = api.verified("normal").await;
    let skill = json!({ "name": "Rust", "category": "Language" });
    api.send("POST", "/api/skills", &jane.access, skill.clone()).await.is(201);
    let running = api.command(&["keys", "replace", "master"]).output().await.unwrap();
    assert!(String::from_utf8_lossy(&running.stderr).contains("stop it first"));
    let mut program = api.into_program();
    program.interrupt().await;
    let run = async |program: &Program, arguments: &[&str]| {
        let done = program.command(arguments).output().await.unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    };
    for key in ["master", "index", "codes"] {
        run(&program, &["keys", "replace", key]).await;
    }

    let mut program = program.restart().await;
    for command in ["rotate-master", "rotate-index"] {
        run(&program, &["keys", command]).await;
    }
    let api = Api::of(Arc::new(program));
    let tokens = api.post("/api/auth/refresh", json!({ "refresh_token": jane.refresh })).await.ok();
    jane.refresh = tokens["refresh_token"].as_str().unwrap().to_owned();
    program = api.into_program();
    program.interrupt().await;
    for key in ["master", "index", "codes"] {
        run(&program, &["keys", "retire", key]).await;
    }

    let api = Api::of(Arc::new(program.restart().await));
    let tokens = api.post("/api/auth/refresh", json!({ "refresh_token": jane.refresh })).await.ok();
    let access = tokens["access_token"].as_str().unwrap();
    let me = api.get("/api/me", access).await.ok();
    assert_eq!(me["email"], json!(jane.email));
    let twice = api.send("POST", "/api/skills", access, skill).await;
    assert_eq!(twice.refusal(), (409, "name-in-use".to_owned()), "what a name takes came along");
    api.into_program().stop().await;
}

//! Several nodes on one log, and a NATS server that is gone.

use crate::client::{Api, PASSWORD, new_name};
use annals::embedded::{Embedded, Options, User};
use annals_tests::{
    Lab,
    program::{Program, new_directory},
};
use futures::future::join_all;
use serde_json::json;
use std::{sync::Arc, time::Duration};

/// How long an ended session may be taken for a live one (design of the session gate).
const AT_MOST: Duration = Duration::from_secs(1);

#[tokio::test]
async fn ended_session_is_refused_on_another_node_within_a_second_without_nats() {
    let (lab, directory) = (Lab::get().await, new_directory());
    let nats = Embedded::start(Options { nats_open: true, ..Options::new(&directory) }).await.unwrap();
    let db = Lab::db().await;
    let mut settings = db.program_settings(lab);
    for (name, value) in &mut settings {
        match *name {
            "NATS_URL" => *value = nats.nats_url(User::Roles),
            "ANNALS_NATS_RELAY_URL" => *value = nats.nats_url(User::Relay),
            _ => {}
        }
    }
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let nodes = join_all((0..2).map(|_| Program::start_in(new_directory(), &settings))).await;
    let nodes: Vec<Api> = nodes.into_iter().map(|program| Api::of(Arc::new(program))).collect();
    let (username, email) = new_name();
    nodes[0].create_user(&username, &email, "normal", PASSWORD).await;
    nats.suspend_supervision(true);
    nats.kill_nats();
    let people = [nodes[0].log_in(&username, &email).await, nodes[0].log_in(&username, &email).await];

    for person in &people {
        nodes[1].get("/api/auth/session/check", &person.access).await.ok();
        nodes[0].send("POST", "/api/auth/logout", &person.access, json!({})).await;
        tokio::time::sleep(AT_MOST).await;
        let reply = nodes[1].get("/api/auth/session/check", &person.access).await;
        assert_eq!(reply.refusal(), (401, "session-ended".to_owned()));
    }

    join_all(nodes.into_iter().map(|api| api.into_program().stop())).await;
    nats.stop().await;
    std::fs::remove_dir_all(directory).ok();
}

//! Keys on several nodes: what one node has acknowledged, every other knows.

use crate::{
    account::api_keys::text,
    account::throttles::{nodes, stop},
    client::{PASSWORD, answer, new_name},
};
use futures::future::join_all;
use serde_json::json;

const ROUNDS: usize = 30;

#[tokio::test]
async fn revoked_key_is_refused_by_every_node_once_the_revocation_is_acknowledged() {
    let (_db, nodes) = nodes(&[]).await;
    let (username, email) = new_name();
    nodes[0].create_user(&username, &email, "normal", PASSWORD).await;
    let person = nodes[0].log_in(&username, &email).await;
    for round in 0..ROUNDS {
        let (id, key) = nodes[round % nodes.len()].key_of(&person, &["account:read"]).await;
        // Every node has seen it, and has it in memory.
        for reply in join_all(nodes.iter().map(|node| node.get("/api/me", &key))).await {
            reply.ok();
        }
        let path = format!("/api/me/api-keys/{id}");
        let revoking = &nodes[(round + 1) % nodes.len()];
        let revoke =
            revoking.request("DELETE", &path).header("prefer", "respond-async").bearer_auth(&person.access);
        let (revoked, meanwhile) =
            tokio::join!(answer(revoke), join_all(nodes.iter().map(|node| node.get("/api/me", &key))));

        revoked.ok();
        for reply in join_all(nodes.iter().map(|node| node.get("/api/me", &key))).await {
            assert_eq!(reply.refusal(), (401, "api-key-revoked".to_owned()), "round {round}");
        }
        assert!(meanwhile.iter().all(|reply| matches!(reply.status, 200 | 401)), "{meanwhile:?}");
    }
    stop(nodes).await;
}

#[tokio::test]
async fn key_counts_only_while_its_person_may_sign_in() {
    let (_db, nodes) = nodes(&[]).await;
    let (username, email) = new_name();
    nodes[0].create_user(&username, &email, "normal", PASSWORD).await;
    let (name, address) = new_name();
    nodes[0].create_user(&name, &address, "owner", PASSWORD).await;
    let (person, owner) = (nodes[0].log_in(&username, &email).await, nodes[0].log_in(&name, &address).await);
    let (_, key) = nodes[0].key_of(&person, &["account:read"]).await;
    let act = async |act: &str, body| {
        let path = format!("/api/admin/users/{}/{act}", person.id);
        nodes[1].send("POST", &path, &owner.access, body).await.ok();
    };
    let everywhere = async || join_all(nodes.iter().map(|node| node.get("/api/me", &key))).await;
    let dormant = async |why: &str| {
        for reply in everywhere().await {
            assert_eq!(reply.refusal(), (401, "api-key-dormant".to_owned()), "{why}");
        }
    };
    let awake = async || {
        for reply in everywhere().await {
            reply.ok();
        }
    };
    awake().await;

    act("suspend", json!({ "reason": "spam" })).await;
    dormant("suspended").await;
    act("reinstate", json!({})).await;
    awake().await;
    // A new role and the end of all sessions are none of a key's business: it has no role and no session.
    act("role", json!({ "role": "moderator" })).await;
    act("end-sessions", json!({})).await;
    awake().await;
    let again = nodes[0].log_in(&username, &email).await;
    answer(nodes[2].request("DELETE", "/api/me").bearer_auth(&again.access)).await.is(202);
    dormant("to be deleted").await;
    let stay = json!({ "username": username, "password": PASSWORD, "cancel_deletion": true });
    nodes[1].post("/api/auth/login", stay).await.ok();
    awake().await;
    stop(nodes).await;
}

#[tokio::test]
async fn each_key_has_requests_of_its_own_over_all_nodes() {
    let (_db, nodes) = nodes(&[("ANNALS_THROTTLE_REQUESTS", "6/3600")]).await;
    let (username, email) = new_name();
    nodes[0].create_user(&username, &email, "normal", PASSWORD).await;
    let person = nodes[0].log_in(&username, &email).await;
    let (_, one) = nodes[0].key_of(&person, &["account:read"]).await;
    let made = nodes[1].ask_for_key(&person, &["account:read"]).await;
    let other = text(&made.is(201)["key"]);

    let replies = join_all((0..30).map(|n| nodes[n % nodes.len()].get("/api/me", &one))).await;

    let through: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!(through.len(), 6, "{:?}", replies.iter().map(|reply| reply.status).collect::<Vec<_>>());
    for reply in through {
        assert_eq!(reply.header("ratelimit-policy").unwrap(), "\"requests\";q=6;w=21600");
        assert!(reply.header("ratelimit").unwrap().starts_with("\"requests\";r="));
    }
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(reply.refusal(), (429, "too-many-requests".to_owned()));
    }
    nodes[2].get("/api/me", &other).await.ok();
    nodes[2].get("/api/me", &person.access).await.ok();
    stop(nodes).await;
}

//! Every route for every kind of API key, from one table (ADM-06, SESS-07).
//!
//! What has no scope in the table is not for keys, or for anyone whatever they send along.

use crate::{
    account::api_keys::{SCOPES, text},
    client::Api,
    contract::authorization::{call, refusal},
    contract::route_table::{
        Class,
        Key::{self, Any, No, With},
        TABLE,
    },
};
use serde_json::json;

/// A key, and its scopes if it counts.
struct Shown {
    name: String,
    key: String,
    scopes: Result<Vec<&'static str>, &'static str>,
}

async fn keys(api: &Api) -> Vec<Shown> {
    let (owner, person, suspended) =
        (api.verified("owner").await, api.verified("normal").await, api.verified("normal").await);
    let mut keys = Vec::new();
    let whole = |name: &str, key| Shown { name: name.to_owned(), key, scopes: Ok(SCOPES.to_vec()) };
    keys.push(whole("of a person, with every scope", api.key_of(&person, &SCOPES).await.1));
    keys.push(whole("of an owner, with every scope", api.key_of(&owner, &SCOPES).await.1));
    for scope in SCOPES {
        let (_, key) = api.key_of(&person, &[scope]).await;
        keys.push(Shown { name: format!("with {scope}"), key, scopes: Ok(vec![scope]) });
    }
    let service = ["events:write", "badges:award", "users:read", "audit:read"];
    for scopes in [&service[..], &service[..2], &service[2..3], &service[3..]] {
        let made = api.ask_for_service_key(&owner, "some-scopes", scopes).await.is(201);
        let name = format!("of a service with {scopes:?}");
        keys.push(Shown { name, key: text(&made["key"]), scopes: Ok(scopes.to_vec()) });
    }
    let (id, key) = api.key_of(&person, &SCOPES).await;
    api.revoke_key(&person, &id).await.ok();
    keys.push(Shown { name: "revoked".into(), key, scopes: Err("api-key-revoked") });
    let (_, key) = api.key_of(&suspended, &SCOPES).await;
    let path = format!("/api/admin/users/{}/suspend", suspended.id);
    api.send("POST", &path, &owner.access, json!({ "reason": "spam" })).await.ok();
    keys.push(Shown { name: "of somebody suspended".into(), key, scopes: Err("api-key-dormant") });
    keys.push(Shown { name: "forged".into(), key: "annals_key_x".into(), scopes: Err("api-key-invalid") });
    keys
}

fn expected(class: Class, takes: Key, key: &Shown) -> Option<(u16, String)> {
    let refusal = match (class, takes, &key.scopes) {
        (Class::Open, ..) => return None,
        (_, _, Err(dead)) => (401, *dead),
        (_, No, Ok(_)) => (403, "session-required"),
        (_, Any, Ok(_)) => return None,
        (_, With(scope), Ok(scopes)) if scopes.contains(&scope) => return None,
        (_, With(_), Ok(_)) => (403, "scope-missing"),
    };
    Some((refusal.0, refusal.1.to_owned()))
}

#[tokio::test]
async fn every_key_gets_as_far_as_its_scopes() {
    let api = Api::shared().await;
    let keys = keys(&api).await;
    let mut wrong = Vec::new();
    for (method, path, class, takes) in TABLE {
        for key in &keys {
            let reply = call(&api, method, path, &key.key).await;
            assert!(reply.status < 500, "{method} {path} {}: {reply:?}", key.name);
            if refusal(&reply) != expected(*class, *takes, key) {
                wrong.push(format!("{} {method} {path}: {} {}", key.name, reply.status, reply.body));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

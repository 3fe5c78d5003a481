//! Every route for every kind of API key, from one table (ADM-06, SESS-07).
//!
//! What is not in the table is not for keys, or for anyone whatever they send along.

use crate::{
    account::api_keys::{SCOPES, text},
    client::Api,
    contract::authorization::{call, refusal},
    contract::route_table::{Class, TABLE},
};
use serde_json::json;
use std::collections::BTreeSet;

/// The routes that take a key, and the scope that each asks for.
const KEYED: &[(&str, &str, &str)] = &[
    ("GET", "/api/accounts/profile", "profile:read"),
    ("PUT", "/api/accounts/profile", "profile:write"),
    ("PATCH", "/api/accounts/profile", "profile:write"),
    ("GET", "/api/admin/audit", "audit:read"),
    ("GET", "/api/admin/users", "users:read"),
    ("GET", "/api/admin/users/{id}", "users:read"),
    ("GET", "/api/audit/events", "audit:read"),
    ("GET", "/api/auth/jwt/user-info", "account:read"),
    ("GET", "/api/auth/key", ""),
    ("GET", "/api/auth/me", "account:read"),
    ("GET", "/api/auth/user", "account:read"),
    ("GET", "/api/badges", "social:read"),
    ("GET", "/api/badges/leaderboard", "social:read"),
    ("GET", "/api/badges/{id}", "social:read"),
    ("GET", "/api/blocks", "social:read"),
    ("POST", "/api/blocks", "social:write"),
    ("DELETE", "/api/blocks/{id}", "social:write"),
    ("GET", "/api/events", "events:read"),
    ("GET", "/api/users/{id}/badge-progress", "events:read"),
    ("GET", "/api/user-badges/{id}/evidence", "events:read"),
    ("POST", "/api/events", "events:write"),
    ("POST", "/api/events/batch", "events:write"),
    ("GET", "/api/events/stream", "events:read"),
    ("GET", "/api/follows", "social:read"),
    ("POST", "/api/follows", "social:write"),
    ("GET", "/api/follows/{id}", "social:read"),
    ("DELETE", "/api/follows/{id}", "social:write"),
    ("POST", "/api/follows/{id}/approve", "social:write"),
    ("POST", "/api/follows/{id}/reject", "social:write"),
    ("GET", "/api/me", "account:read"),
    ("GET", "/api/me/notifications", "notifications:read"),
    ("POST", "/api/me/notifications/read", "notifications:write"),
    ("GET", "/api/me/notifications/{id}", "notifications:read"),
    ("POST", "/api/me/notifications/{id}/read", "notifications:write"),
    ("GET", "/api/mutes", "social:read"),
    ("POST", "/api/mutes", "social:write"),
    ("DELETE", "/api/mutes/{id}", "social:write"),
    ("GET", "/api/notifications", "notifications:read"),
    ("POST", "/api/notifications/read", "notifications:write"),
    ("GET", "/api/notifications/{id}", "notifications:read"),
    ("POST", "/api/notifications/{id}/read", "notifications:write"),
    ("GET", "/api/profiles", "social:read"),
    ("POST", "/api/profiles", "profile:write"),
    ("GET", "/api/profiles/{id}", "social:read"),
    ("PUT", "/api/profiles/{id}", "profile:write"),
    ("PATCH", "/api/profiles/{id}", "profile:write"),
    ("DELETE", "/api/profiles/{id}", "profile:write"),
    ("GET", "/api/settings", "settings:read"),
    ("PUT", "/api/settings", "settings:write"),
    ("PATCH", "/api/settings", "settings:write"),
    ("GET", "/api/user-badges", "social:read"),
    ("POST", "/api/user-badges", "badges:award"),
    ("GET", "/api/user-badges/{id}", "social:read"),
    ("GET", "/api/users", "social:read"),
    ("GET", "/api/users/profile", "profile:read"),
    ("PUT", "/api/users/profile", "profile:write"),
    ("PATCH", "/api/users/profile", "profile:write"),
    ("GET", "/api/users/wallet", "account:read"),
    ("GET", "/api/users/wallet/entries", "account:read"),
    ("GET", "/api/users/{id}", "social:read"),
];

/// A key, and its scopes if it counts.
struct Key {
    name: String,
    key: String,
    scopes: Result<Vec<&'static str>, &'static str>,
}

async fn keys(api: &Api) -> Vec<Key> {
    let (owner, person, suspended) =
        (api.verified("owner").await, api.verified("normal").await, api.verified("normal").await);
    let mut keys = Vec::new();
    let whole = |name: &str, key| Key { name: name.to_owned(), key, scopes: Ok(SCOPES.to_vec()) };
    keys.push(whole("of a person, with every scope", api.key_of(&person, &SCOPES).await.1));
    keys.push(whole("of an owner, with every scope", api.key_of(&owner, &SCOPES).await.1));
    for scope in SCOPES {
        let (_, key) = api.key_of(&person, &[scope]).await;
        keys.push(Key { name: format!("with {scope}"), key, scopes: Ok(vec![scope]) });
    }
    let service = ["events:write", "badges:award", "users:read", "audit:read"];
    for scopes in [&service[..], &service[..2], &service[2..3], &service[3..]] {
        let made = api.ask_for_service_key(&owner, "some-scopes", scopes).await.is(201);
        let name = format!("of a service with {scopes:?}");
        keys.push(Key { name, key: text(&made["key"]), scopes: Ok(scopes.to_vec()) });
    }
    let (id, key) = api.key_of(&person, &SCOPES).await;
    api.revoke_key(&person, &id).await.ok();
    keys.push(Key { name: "revoked".into(), key, scopes: Err("api-key-revoked") });
    let (_, key) = api.key_of(&suspended, &SCOPES).await;
    let path = format!("/api/admin/users/{}/suspend", suspended.id);
    api.send("POST", &path, &owner.access, json!({ "reason": "spam" })).await.ok();
    keys.push(Key { name: "of somebody suspended".into(), key, scopes: Err("api-key-dormant") });
    keys.push(Key { name: "forged".into(), key: "annals_key_x".into(), scopes: Err("api-key-invalid") });
    keys
}

fn expected(class: Class, scope: Option<&str>, key: &Key) -> Option<(u16, String)> {
    let refusal = match (class, scope, &key.scopes) {
        (Class::Open, ..) => return None,
        (_, _, Err(dead)) => (401, *dead),
        (_, None, Ok(_)) => (403, "session-required"),
        (_, Some(scope), Ok(scopes)) if scope.is_empty() || scopes.contains(&scope) => return None,
        (_, Some(_), Ok(_)) => (403, "scope-missing"),
    };
    Some((refusal.0, refusal.1.to_owned()))
}

#[tokio::test]
async fn every_key_gets_as_far_as_its_scopes() {
    let api = Api::shared().await;
    let routes: BTreeSet<_> = TABLE.iter().map(|(method, path, _)| (*method, *path)).collect();
    assert!(
        KEYED.iter().all(|(method, path, _)| routes.contains(&(*method, *path))),
        "a row without a route"
    );
    let keys = keys(&api).await;
    let mut wrong = Vec::new();
    for (method, path, class) in TABLE {
        let row = KEYED.iter().find(|(of, at, _)| (of, at) == (method, path));
        for key in &keys {
            let reply = call(&api, method, path, &key.key).await;
            assert!(reply.status < 500, "{method} {path} {}: {reply:?}", key.name);
            if refusal(&reply) != expected(*class, row.map(|(_, _, scope)| *scope), key) {
                wrong.push(format!("{} {method} {path}: {} {}", key.name, reply.status, reply.body));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

//! The AsyncAPI document: what is published over NATS, as the composition root describes it, and the event stream over
//! HTTP beside it.

use crate::cookies;
use serde_json::{Value, json};

/// The whole document, from the one of what the bus publishes.
pub fn text(published: Value) -> String {
    format!("{:#}\n", with_stream(published))
}

fn with_stream(mut document: Value) -> Value {
    let of = |schema: &str| {
        json!({
            "contentType": "application/json",
            "payload": { "$ref": format!("/api/openapi.json#/components/schemas/{schema}") },
        })
    };
    let parts = [
        (
            "/servers/http",
            json!({
                "host": "127.0.0.1:8000",
                "protocol": "sse",
                "description": "Server-sent events over HTTP. `id` is the position: who comes back with `Last-Event-ID` \
                    misses nothing. `/api/openapi.json` says how to ask for them.",
                "security": [
                    { "$ref": "#/components/securitySchemes/bearer" },
                    { "$ref": "#/components/securitySchemes/cookie" },
                ],
            }),
        ),
        (
            "/channels/stream",
            json!({
                "address": "/api/events/stream",
                "servers": [{ "$ref": "#/servers/http" }],
                "messages": {
                    "own": { "$ref": "#/components/messages/stream.own" },
                    "staff": { "$ref": "#/components/messages/stream.staff" },
                },
            }),
        ),
        ("/operations/stream", json!({ "action": "send", "channel": { "$ref": "#/channels/stream" } })),
        ("/components/messages/stream.own", of("UserEventView")),
        ("/components/messages/stream.staff", of("EventView")),
        ("/components/securitySchemes/bearer", json!({ "type": "http", "scheme": "bearer" })),
        (
            "/components/securitySchemes/cookie",
            json!({ "type": "httpApiKey", "in": "cookie", "name": cookies::NAME }),
        ),
    ];
    for (pointer, part) in parts {
        let Some((parent, name)) = pointer.rsplit_once('/') else { continue };
        if let Some(Value::Object(members)) = document.pointer_mut(parent) {
            members.insert(name.to_owned(), part);
        }
    }
    document
}

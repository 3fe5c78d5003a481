//! What is published, as an AsyncAPI 3.0 document: a channel per aggregate, a message per event that this binary writes.
//!
//! A payload is described by its `type` and a stored sample: which fields there are besides is for `docs/events.md`.

use crate::{
    Names,
    wire::{self, BODY_LIMIT},
};
use domain::{
    aggregate::EventKind,
    catalogue::{CATALOGUE, SAMPLES},
};
use serde_json::{Map, Value, json};

const DESCRIPTION: &str = "Every event of the log, once and in the order of its positions. \
    The stream is kept by JetStream: a durable consumer of one's own reads it from any position on, and survives \
    being cut off. Readers may not publish. A true message verifies: `annals-hmac` is a lower-case hex HMAC-SHA-256 over \
    position (8 bytes, big endian), event id (16 bytes) and body, under the key of the log.";

/// The document of the stream with these names. Where the servers are is the installation's to say:
/// `annals status --json`.
pub fn document(names: &Names) -> Value {
    let aggregates = || CATALOGUE.iter().zip(SAMPLES).filter(|(kinds, _)| !kinds.is_empty());
    let named = |part: fn(&EventKind) -> &'static str, make: &dyn Fn(&[EventKind]) -> Value| -> Map<_, _> {
        aggregates().map(|(kinds, _)| (part(&kinds[0]).to_owned(), make(kinds))).collect()
    };
    let messages: Map<String, Value> = aggregates()
        .flat_map(|(kinds, samples)| kinds.iter().zip(*samples))
        .map(|(kind, sample)| (message_name(kind), message(kind, sample)))
        .collect();
    json!({
        "asyncapi": "3.0.0",
        "info": { "title": "Annals", "version": env!("CARGO_PKG_VERSION"), "description": DESCRIPTION },
        "defaultContentType": "application/json",
        "servers": { "nats": {
            "host": "127.0.0.1:4222",
            "protocol": "nats",
            "description": format!("JetStream, stream `{}`. `annals status --json` tells the address.", names.stream),
            "security": [{ "$ref": "#/components/securitySchemes/reader" }],
        } },
        "channels": named(|kind| kind.aggregate, &|kinds| channel(names, kinds)),
        "operations": named(|kind| kind.aggregate, &operation),
        "components": {
            "messages": messages,
            "schemas": { "Headers": headers(), "Event": event(), "Personal": personal() },
            "securitySchemes": { "reader": { "type": "userPassword", "description": "May subscribe and consume." } },
        },
    })
}

/// `user_registered` of `user` and of another aggregate are two messages.
fn message_name(kind: &EventKind) -> String {
    format!("{}.{}.v{}", kind.aggregate, kind.event_type, kind.version)
}

fn channel(names: &Names, kinds: &[EventKind]) -> Value {
    let aggregate = kinds[0].aggregate;
    let messages: Map<String, Value> = kinds
        .iter()
        .map(|kind| {
            let name = message_name(kind);
            let reference = json!({ "$ref": format!("#/components/messages/{name}") });
            (name, reference)
        })
        .collect();
    json!({
        "address": format!("{}.{aggregate}.{{event}}", names.prefix),
        "servers": [{ "$ref": "#/servers/nats" }],
        "parameters": { "event": { "enum": kinds.iter().map(|kind| kind.event_type).collect::<Vec<_>>() } },
        "messages": messages,
    })
}

fn operation(kinds: &[EventKind]) -> Value {
    json!({ "action": "send", "channel": { "$ref": format!("#/channels/{}", kinds[0].aggregate) } })
}

fn message(kind: &EventKind, sample: &str) -> Value {
    let EventKind { aggregate, event_type, version } = kind;
    let payload: Value = serde_json::from_str(sample).unwrap_or_default();
    let body = json!({
        "aggregate_type": { "const": aggregate },
        "event_type": { "const": event_type },
        "event_version": { "const": version },
        "payload": {
            "type": "object",
            "required": ["type"],
            "properties": { "type": { "const": event_type } },
            "examples": [payload],
        },
    });
    json!({
        "name": format!("annals.{aggregate}.{event_type}.v{version}"),
        "headers": { "$ref": "#/components/schemas/Headers" },
        "payload": { "allOf": [{ "$ref": "#/components/schemas/Event" }, { "type": "object", "properties": body }] },
    })
}

fn headers() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    json!({
        "type": "object",
        "required": ["ce-specversion", "ce-id", "ce-type", "ce-source", "ce-time", wire::POSITION, wire::LOG, wire::HMAC],
        "properties": {
            "ce-specversion": { "const": "1.0" },
            "ce-id": { "type": "string", "format": "uuid" },
            "ce-type": text("`annals.<aggregate>.<event type>.v<version>`"),
            "ce-source": text("`/annals/<log id>`"),
            "ce-subject": text("The id of the aggregate"),
            "ce-time": { "type": "string", "format": "date-time", "description": "When it happened" },
            "content-type": { "const": "application/json" },
            "traceparent": text("W3C Trace Context of the request"),
            wire::POSITION: { "type": "string", "pattern": "^[1-9][0-9]*$" },
            wire::LOG: text("`<log id>:<epoch>`; positions are comparable within one epoch"),
            wire::HMAC: { "type": "string", "pattern": "^[0-9a-f]{64}$" },
            wire::BODY: {
                "const": wire::IN_LOG,
                "description": format!("The body was over {} KiB and is left out: read it by its position", BODY_LIMIT / 1024),
            },
        },
    })
}

fn event() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "required": ["position", "event_id", "aggregate_type", "aggregate_id", "sequence", "event_type", "event_version",
            "recorded_at", "payload", "metadata"],
        "properties": {
            "position": { "type": "integer", "minimum": 1, "description": "In the log: dense, in the order of commits" },
            "event_id": { "type": "string", "format": "uuid" },
            "aggregate_type": text,
            "aggregate_id": text,
            "sequence": { "type": "integer", "minimum": 1, "description": "In the stream of the aggregate: dense" },
            "event_type": text,
            "event_version": text,
            "recorded_at": { "type": "string", "format": "date-time" },
            "payload": {
                "type": "object",
                "description": "Personal values are sealed: see `Personal`",
            },
            "metadata": {
                "type": "object",
                "additionalProperties": text,
                "description": "Who did it, within which request, caused by what; personal entries are sealed",
            },
        },
    })
}

/// As it stands where a payload says something about a person.
fn personal() -> Value {
    json!({
        "type": "object",
        "required": ["~p"],
        "properties": {
            "~p": { "type": "string", "format": "uuid", "description": "The subject whose key seals it" },
            "sealed": { "type": "string" },
            "erased": { "const": true, "description": "The key is destroyed" },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_a_message_of_a_channel_that_its_subject_fits() {
        let document = document(&Names { prefix: "other.events".into(), ..Names::default() });

        for kind in CATALOGUE.iter().flat_map(|kinds| kinds.iter()) {
            let (name, channel) = (message_name(kind), &document["channels"][kind.aggregate]);
            assert_eq!(channel["address"], format!("other.events.{}.{{event}}", kind.aggregate));
            assert!(
                channel["parameters"]["event"]["enum"].as_array().unwrap().contains(&json!(kind.event_type))
            );
            assert!(channel["messages"].as_object().unwrap().contains_key(&name), "{name}");
            let payload =
                &document["components"]["messages"][&name]["payload"]["allOf"][1]["properties"]["payload"];
            assert_eq!(payload["examples"][0]["type"], kind.event_type);
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document(&Names::default());
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(document.pointer(reference).is_some(), "{reference}");
        }
    }
}

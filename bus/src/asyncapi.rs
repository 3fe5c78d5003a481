//! What is published, as an AsyncAPI 3.0 document: a channel per aggregate, a message per event that this binary writes;
//! and beside that the way in for services.
//!
//! A payload is described by its `type` and a stored sample: which fields there are besides is for `docs/events.md`.

use crate::{
    Names, ingest,
    wire::{self, BODY_LIMIT},
};
use domain::{
    aggregate::EventKind,
    catalogue::{CATALOGUE, FORMER, SAMPLES},
};
use serde_json::{Map, Value, json};

const DESCRIPTION: &str = "Every event of the log, once and in the order of its positions. \
    The stream is kept by JetStream: a durable consumer of one's own reads it from any position on, and survives \
    being cut off. Readers may not publish. A true message verifies: `annals-hmac` is a lower-case hex HMAC-SHA-256 over \
    position (8 bytes, big endian), event id (16 bytes) and body, under the key of the log.";

/// Instructions for senders.
const INGEST: &str = "A service publishes what people do to its own subject, and waits for JetStream's acknowledgement. \
    The body is that of `POST /api/events` or of its batch. A deed is named by `id`, a single one else by `Nats-Msg-Id`; \
    it is recorded once under its name, by whichever way it comes. JetStream compares `Nats-Msg-Id` of all services for \
    100 ms: choose them unique everywhere. Deeds of one person are recorded in the order of their messages. \
    64 KiB a message.";
const REJECTED: &str = "What was refused for good, as it came, for 14 days. Of a batch the rest is recorded; sent again \
    as a whole, that is recognised.";

/// The document of the stream with these names. Where the servers are is the installation's to say:
/// `annals status --json`.
pub fn document(names: &Names, way_in: &ingest::Names) -> Value {
    let aggregates = || CATALOGUE.iter().filter(|kinds| !kinds.is_empty());
    let named = |part: fn(&EventKind) -> &'static str, make: &dyn Fn(&[EventKind]) -> Value| -> Map<_, _> {
        aggregates().map(|kinds| (part(&kinds[0]).to_owned(), make(kinds))).collect()
    };
    let messages: Map<String, Value> = CATALOGUE
        .iter()
        .zip(SAMPLES)
        .flat_map(|(kinds, samples)| kinds.iter().zip(samples.iter().copied()))
        .chain(former())
        .map(|(kind, sample)| (message_name(kind), message(kind, sample)))
        .collect();
    let mut document = json!({
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
            "securitySchemes": {
                "reader": { "type": "userPassword", "description": "May subscribe and consume." },
                "sender": { "type": "userPassword", "description": "May publish what people do." },
            },
        },
    });
    for (part, more) in ingest_parts(way_in) {
        if let (Some(Value::Object(members)), Value::Object(more)) = (document.pointer_mut(part), more) {
            members.extend(more);
        }
    }
    document
}

/// The two channels of the way in. Their bodies are described where HTTP's are.
fn ingest_parts(names: &ingest::Names) -> [(&'static str, Value); 4] {
    let deeds = ["DeedRequest", "DeedsRequest"];
    let deeds = deeds.map(|name| json!({ "$ref": format!("/api/openapi.json#/components/schemas/{name}") }));
    let channel = |address: String, message: &str| {
        json!({
            "address": address,
            "servers": [{ "$ref": "#/servers/nats_ingest" }],
            "parameters": { "service": { "description": "The name of a service, as of its API keys" } },
            "messages": { message: { "$ref": format!("#/components/messages/{message}") } },
        })
    };
    let text = |description: &str| json!({ "type": "string", "description": description });
    [
        (
            "/servers",
            json!({ "nats_ingest": {
            "host": "127.0.0.1:4222",
            "protocol": "nats",
            "description": format!("JetStream, stream `{}`. `annals status --json` tells the address.", names.stream),
            "security": [{ "$ref": "#/components/securitySchemes/sender" }],
        } }),
        ),
        (
            "/channels",
            json!({
                "ingest": channel(names.activity("{service}"), "ingest.deeds"),
                "rejected": channel(names.rejected("{service}"), "ingest.rejected"),
            }),
        ),
        (
            "/operations",
            json!({
                "ingest": { "action": "receive", "channel": { "$ref": "#/channels/ingest" }, "description": INGEST },
                "rejected": { "action": "send", "channel": { "$ref": "#/channels/rejected" }, "description": REJECTED },
            }),
        ),
        (
            "/components/messages",
            json!({
                "ingest.deeds": {
                    "name": "deeds",
                    "headers": { "type": "object", "properties": { "Nats-Msg-Id": text("The name of a deed that has none") } },
                    "payload": { "oneOf": deeds },
                },
                "ingest.rejected": {
                    "name": "rejected",
                    "headers": { "type": "object", "required": [ingest::PROBLEM, ingest::DETAIL], "properties": {
                        ingest::PROBLEM: text("The code of the first thing that is wrong"),
                        ingest::DETAIL: text("All that is wrong, with pointers into the body"),
                        ingest::ID: text("The `Nats-Msg-Id` with which it came"),
                    } },
                    "payload": { "description": "The body as it came, whatever it is" },
                },
            }),
        ),
    ]
}

/// Versions that are not written any more: a consumer that reads the stream from its beginning meets them.
fn former() -> impl Iterator<Item = (&'static EventKind, &'static str)> {
    FORMER.iter().flat_map(|former| former.iter()).map(|former| (&former.kind, former.sample))
}

/// `user_registered` of `user` and of another aggregate are two messages.
fn message_name(kind: &EventKind) -> String {
    format!("{}.{}.v{}", kind.aggregate, kind.event_type, kind.version)
}

fn channel(names: &Names, kinds: &[EventKind]) -> Value {
    let aggregate = kinds[0].aggregate;
    let messages: Map<String, Value> = kinds
        .iter()
        .chain(former().map(|(kind, _)| kind).filter(|kind| kind.aggregate == aggregate))
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

/// The form of a personal value in a payload.
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
        let document =
            document(&Names { prefix: "other.events".into(), ..Names::default() }, &ingest::Names::default());

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
        let document = document(&Names::default(), &ingest::Names::default());
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(document.pointer(reference).is_some(), "{reference}");
        }
    }
}

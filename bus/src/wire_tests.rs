//! Given an event, then its message; given a message that was tampered with, then the reason why it is not believed.

use super::*;
use serde_json::value::RawValue;
use uuid::Uuid;

const CLUSTER_KEY: [u8; 32] = [7; 32];
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn log_id() -> LogId {
    LogId { id: Uuid::from_u128(0xabc), epoch: 2 }
}

fn key() -> LogKey {
    LogKey::new(&CLUSTER_KEY, log_id())
}

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

fn event(payload: &str, metadata: &str) -> Recorded {
    Recorded {
        position: 41,
        event_id: EventId::from_uuid(Uuid::from_u128(0x5)),
        aggregate_type: "user".into(),
        aggregate_id: Uuid::from_u128(0x9).to_string(),
        sequence: 3,
        event_type: "email_changed".into(),
        event_version: "2".into(),
        recorded_at: "2026-01-15T12:00:00.123456Z".parse().unwrap(),
        payload: raw(payload),
        metadata: raw(metadata),
    }
}

fn plain() -> Recorded {
    event(r#"{"a": 1,  "b":"é"}"#, r#"{"occurred_at":"2026-01-15T11:00:00.000000Z"}"#)
}

fn message(event: &Recorded) -> Outgoing {
    encode(event, &Names::default(), &key(), BODY_LIMIT)
}

fn read(message: &Outgoing) -> Result<Received, Rejected> {
    decode(Some(&message.headers), &message.body, &key())
}

#[test]
fn event_survives_the_wire_verbatim() {
    let event = plain();

    let Ok(Received::Event(read)) = read(&message(&event)) else { panic!("not an event") };

    assert_eq!(read.payload.get(), event.payload.get());
    assert_eq!(read.metadata.get(), event.metadata.get());
    assert_eq!((read.position, read.recorded_at), (event.position, event.recorded_at));
}

#[test]
fn subject_names_aggregate_and_event() {
    assert_eq!(message(&plain()).subject, "annals.events.user.email_changed");
}

#[test]
fn headers_are_those_of_a_cloud_event() {
    let event = event("{}", &format!(r#"{{"traceparent":"{TRACEPARENT}"}}"#));
    let headers = message(&event).headers;

    let expected = [
        ("ce-specversion", "1.0"),
        ("ce-id", "00000000-0000-0000-0000-000000000005"),
        ("ce-type", "annals.user.email_changed.v2"),
        ("ce-source", "/annals/00000000-0000-0000-0000-000000000abc"),
        ("ce-subject", "00000000-0000-0000-0000-000000000009"),
        ("ce-time", "2026-01-15T12:00:00.123456Z"),
        ("content-type", "application/json"),
        ("traceparent", TRACEPARENT),
        ("annals-position", "41"),
        ("annals-log", "00000000-0000-0000-0000-000000000abc:2"),
    ];
    for (name, value) in expected {
        assert_eq!(header(Some(&headers), name), Some(value), "{name}");
    }
}

#[test]
fn time_of_a_cloud_event_is_when_it_happened() {
    assert_eq!(header(Some(&message(&plain()).headers), "ce-time"), Some("2026-01-15T11:00:00.000000Z"));
}

#[test]
fn traceparent_of_another_form_is_left_out() {
    for hostile in ["x\\r\\nannals-position: 7", "00-XYZ-00f067aa0ba902b7-01", ""] {
        let event = event("{}", &format!(r#"{{"traceparent":"{hostile}"}}"#));
        assert_eq!(header(Some(&message(&event).headers), "traceparent"), None, "{hostile}");
    }
}

#[test]
fn names_that_are_no_tokens_do_not_break_the_message() {
    let mut event = plain();
    event.event_type = "a b.c\r\n".into();
    event.aggregate_id = "x\r\ny".into();

    let message = message(&event);

    assert_eq!(message.subject, "annals.events.user.a_b_c__");
    assert!(matches!(read(&message), Ok(Received::Event(_))));
}

#[test]
fn oversized_body_is_left_out_and_still_verified() {
    let event = event(&format!("\"{}\"", "x".repeat(BODY_LIMIT)), "{}");

    let mut message = message(&event);

    assert!(message.body.is_empty());
    assert_eq!(header(Some(&message.headers), BODY), Some("log"));
    assert!(matches!(read(&message), Ok(Received::InLog { position: 41, .. })));
    message.headers.insert(POSITION, "42");
    assert_eq!(read(&message).unwrap_err(), Rejected::Forged);
}

#[test]
fn hmac_is_over_position_event_id_and_body_under_the_logs_key() {
    let message = message(&plain());
    let cluster = hmac::Key::new(hmac::HMAC_SHA256, &CLUSTER_KEY);
    let own = hmac::sign(&cluster, b"annals bus 00000000-0000-0000-0000-000000000abc:2");
    let own = hmac::Key::new(hmac::HMAC_SHA256, own.as_ref());
    let mut signed = 41_i64.to_be_bytes().to_vec();
    signed.extend(Uuid::from_u128(0x5).as_bytes());
    signed.extend(&message.body[..]);

    let tag: String = hmac::sign(&own, &signed).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();

    assert_eq!(header(Some(&message.headers), HMAC), Some(tag.as_str()));
}

#[test]
fn any_changed_part_is_forged() {
    let changes: [fn(&mut Outgoing); 5] = [
        |m| m.headers.insert(POSITION, "42"),
        |m| m.headers.insert(ID, Uuid::from_u128(6).to_string()),
        |m| m.headers.insert(HMAC, "00".repeat(32)),
        |m| m.headers.insert(HMAC, "no hex"),
        |m| {
            m.body =
                Bytes::from(m.body.iter().map(|b| if *b == b'1' { b'2' } else { *b }).collect::<Vec<_>>())
        },
    ];
    for change in changes {
        let mut message = message(&plain());
        change(&mut message);
        assert_eq!(read(&message).unwrap_err(), Rejected::Forged);
    }
}

#[test]
fn message_of_another_epoch_is_refused_even_with_its_header_changed() {
    let before = LogKey::new(&CLUSTER_KEY, LogId { epoch: 1, ..log_id() });
    let mut message = encode(&plain(), &Names::default(), &before, BODY_LIMIT);

    assert_eq!(read(&message).unwrap_err(), Rejected::OtherLog);
    message.headers.insert(LOG, log_id().to_string());
    assert_eq!(read(&message).unwrap_err(), Rejected::Forged);
}

#[test]
fn message_without_our_headers_is_refused() {
    assert_eq!(decode(None, b"{}", &key()).unwrap_err(), Rejected::Headers);
    assert_eq!(decode(Some(&HeaderMap::new()), b"{}", &key()).unwrap_err(), Rejected::Headers);
}

#[test]
fn signed_body_that_is_no_event_or_another_one_is_refused() {
    let mut message = message(&plain());
    let other = Recorded { position: 40, ..plain() }.to_wire().unwrap();
    for (body, why) in [(b"[]".to_vec(), Rejected::Body), (other, Rejected::Disagreement)] {
        message.headers.insert(HMAC, key().sign(41, plain().event_id, &body));
        message.body = body.into();
        assert_eq!(read(&message).unwrap_err(), why);
    }
}

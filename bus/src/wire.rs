//! The message of an event: body, headers, and how a receiver tells a true one from an invented one.
//!
//! The body is the whole recorded event as one JSON object ([`Recorded::to_wire`]). The headers are CloudEvents 1.0 in
//! binary mode, for other people's programs, and three of our own: position, log and HMAC. Only what the HMAC covers
//! is believed.

use crate::names::{Names, token};
use async_nats::{HeaderMap, HeaderValue};
use aws_lc_rs::hmac;
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::EventId;
use serde::Deserialize;
use std::borrow::Cow;
use store::{LogId, Recorded};
use thiserror::Error;

/// The event's position in the log, decimal.
pub const POSITION: &str = "annals-position";
/// `<log id>:<epoch>`.
pub const LOG: &str = "annals-log";
/// Lower-case hex HMAC-SHA-256 over position (8 bytes, big endian) ‖ event id (16 bytes) ‖ body, see [`LogKey`].
pub const HMAC: &str = "annals-hmac";
/// `log` if the body was left out and has to be read from the log by position.
pub const BODY: &str = "annals-body";

const ID: &str = "ce-id";
pub(crate) const IN_LOG: &str = "log";

/// Bodies over this many bytes are left out.
pub const BODY_LIMIT: usize = 256 * 1024;

/// The key of one log's messages, derived from the cluster key and the log's id and epoch: a true message of another
/// log, or of this log before a restore, does not verify.
pub struct LogKey {
    log: LogId,
    name: String,
    key: hmac::Key,
}

impl LogKey {
    pub fn new(cluster_key: &[u8; 32], log: LogId) -> Self {
        let cluster = hmac::Key::new(hmac::HMAC_SHA256, cluster_key);
        let own = hmac::sign(&cluster, format!("annals bus {log}").as_bytes());
        Self { log, name: log.to_string(), key: hmac::Key::new(hmac::HMAC_SHA256, own.as_ref()) }
    }

    pub fn log(&self) -> LogId {
        self.log
    }

    fn sign(&self, position: i64, event: EventId, body: &[u8]) -> String {
        hex(hmac::sign(&self.key, &signed(position, event, body)).as_ref())
    }

    fn verifies(&self, tag: &str, position: i64, event: EventId, body: &[u8]) -> bool {
        unhex(tag).is_some_and(|tag| hmac::verify(&self.key, &signed(position, event, body), &tag).is_ok())
    }
}

/// A message to publish.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub subject: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// The content of a verified message.
#[derive(Debug)]
pub enum Received {
    Event(Recorded),
    /// The event at this position is to be read from the log.
    InLog {
        position: i64,
        event_id: EventId,
    },
}

impl Received {
    pub fn position(&self) -> i64 {
        match self {
            Self::Event(event) => event.position,
            Self::InLog { position, .. } => *position,
        }
    }

    pub fn event_id(&self) -> EventId {
        match self {
            Self::Event(event) => event.event_id,
            Self::InLog { event_id, .. } => *event_id,
        }
    }
}

/// Why a message is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Rejected {
    #[error("a header is missing or malformed")]
    Headers,
    #[error("it is of another log or epoch")]
    OtherLog,
    #[error("its HMAC is wrong")]
    Forged,
    #[error("its body is no event")]
    Body,
    #[error("headers and body disagree")]
    Disagreement,
}

impl Rejected {
    /// For metrics.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Headers => "headers",
            Self::OtherLog => "other_log",
            Self::Forged => "forged",
            Self::Body => "body",
            Self::Disagreement => "disagreement",
        }
    }
}

/// The message of an event. A body over `limit` bytes is left out.
pub fn encode(event: &Recorded, names: &Names, key: &LogKey, limit: usize) -> Outgoing {
    let body = event.to_wire().ok().filter(|body| body.len() <= limit);
    let mut headers = cloud_event(event, key);
    if body.is_none() {
        headers.insert(BODY, IN_LOG);
    }
    let body = Bytes::from(body.unwrap_or_default());
    headers.insert(POSITION, event.position.to_string());
    headers.insert(LOG, key.name.clone());
    headers.insert(HMAC, key.sign(event.position, event.event_id, &body));
    Outgoing { subject: names.subject(event), headers, body }
}

/// Checks a message and reads it.
pub fn decode(headers: Option<&HeaderMap>, body: &[u8], key: &LogKey) -> Result<Received, Rejected> {
    let position = position(headers).ok_or(Rejected::Headers)?;
    let event_id = header(headers, ID).and_then(|id| id.parse().ok()).ok_or(Rejected::Headers)?;
    if header(headers, LOG).ok_or(Rejected::Headers)? != key.name {
        return Err(Rejected::OtherLog);
    }
    if !key.verifies(header(headers, HMAC).ok_or(Rejected::Headers)?, position, event_id, body) {
        return Err(Rejected::Forged);
    }
    if body.is_empty() && header(headers, BODY) == Some(IN_LOG) {
        return Ok(Received::InLog { position, event_id });
    }
    let event = Recorded::from_wire(body).map_err(|_| Rejected::Body)?;
    if event.position != position || event.event_id != event_id {
        return Err(Rejected::Disagreement);
    }
    Ok(Received::Event(event))
}

/// The position that a message claims, before anything is verified.
pub fn position(headers: Option<&HeaderMap>) -> Option<i64> {
    header(headers, POSITION)?.parse().ok()
}

/// The log that a message claims to be of.
pub fn log(headers: Option<&HeaderMap>) -> Option<LogId> {
    let (id, epoch) = header(headers, LOG)?.split_once(':')?;
    Some(LogId { id: id.parse().ok()?, epoch: epoch.parse().ok()? })
}

fn header<'a>(headers: Option<&'a HeaderMap>, name: &str) -> Option<&'a str> {
    Some(headers?.get(name)?.as_str())
}

/// The metadata that is also sent as a header.
#[derive(Default, Deserialize)]
struct Context<'a> {
    #[serde(borrow)]
    occurred_at: Option<Cow<'a, str>>,
    #[serde(borrow)]
    traceparent: Option<Cow<'a, str>>,
}

/// CloudEvents 1.0, binary mode of its NATS binding. `time` is when it happened, not when it was recorded.
fn cloud_event(event: &Recorded, key: &LogKey) -> HeaderMap {
    let context: Context<'_> = serde_json::from_str(event.metadata.get()).unwrap_or_default();
    let occurred_at = context.occurred_at.and_then(|at| at.parse::<DateTime<Utc>>().ok());
    let time = occurred_at.unwrap_or(event.recorded_at);
    let mut headers = HeaderMap::new();
    headers.insert("ce-specversion", "1.0");
    headers.insert(ID, event.event_id.to_string());
    headers.insert("ce-type", event_type(event));
    headers.insert("ce-source", format!("/annals/{}", key.log.id));
    headers.insert("ce-time", time.to_rfc3339_opts(SecondsFormat::Micros, true));
    headers.insert("content-type", "application/json");
    if let Ok(subject) = event.aggregate_id.parse::<HeaderValue>() {
        headers.insert("ce-subject", subject);
    }
    // It came from a client: only what has the form of one may become a header.
    if let Some(traceparent) = context.traceparent.filter(|t| is_traceparent(t)) {
        headers.insert("traceparent", traceparent.as_ref());
    }
    headers
}

fn event_type(event: &Recorded) -> String {
    let [aggregate, event_type, version] =
        [&event.aggregate_type, &event.event_type, &event.event_version].map(|name| token(name));
    format!("annals.{aggregate}.{event_type}.v{version}")
}

/// W3C Trace Context, version 00: `00-<32 hex>-<16 hex>-<2 hex>`.
fn is_traceparent(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([2, 32, 16, 2]) && text.bytes().all(|b| b == b'-' || matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn signed(position: i64, event: EventId, body: &[u8]) -> Vec<u8> {
    [&position.to_be_bytes()[..], event.uuid().as_bytes(), body].concat()
}

fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pair = |pair: &[u8]| Some(value(*pair.first()?)? << 4 | value(*pair.get(1)?)?);
    text.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;

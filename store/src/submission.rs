//! The input of an append: everything that a decided command changes, completely or not at all.

use crate::{cache::Cached, metadata::Metadata};
use chrono::{DateTime, Utc};
use domain::{EventId, EventKind, SecretId, Subject, aggregate::ClaimKind};
use serde_json::value::RawValue;
use std::sync::Arc;
use uuid::Uuid;

/// A stream by type and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamRef {
    pub aggregate_type: &'static str,
    pub id: Uuid,
}

/// One command's whole effect on the log.
#[derive(Default)]
pub struct Submission {
    pub writes: Vec<StreamWrite>,
    /// Versions that the decision stood on without writing: checked in the same append.
    pub reads: Vec<(StreamRef, i64)>,
    pub claims: Vec<ClaimChange>,
    pub secrets: Vec<SecretChange>,
    pub idempotency: Option<IdempotencyKey>,
    pub metadata: Metadata,
}

/// Events for one stream, on top of the version that was decided on.
pub struct StreamWrite {
    pub stream: StreamRef,
    /// 0 for a stream that does not exist yet.
    pub version: i64,
    pub events: Vec<NewEvent>,
    /// The state after these events, for the cache; it enters it only once they are durable.
    pub(crate) state: Option<Arc<dyn Cached>>,
}

impl StreamWrite {
    pub fn new(stream: StreamRef, version: i64, events: Vec<NewEvent>) -> Self {
        Self { stream, version, events, state: None }
    }

    /// Remembers the state that these events lead to.
    #[must_use]
    pub fn with_state<A: domain::EventSourced>(mut self, state: A) -> Self {
        self.state = Some(Arc::new(state));
        self
    }
}

/// An event to append. Ids are minted before the append, so that a repeated call recognises its own work.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub event_id: EventId,
    pub kind: EventKind,
    /// With readable personal values; the store seals them.
    pub payload: Box<RawValue>,
}

#[derive(Clone, Debug)]
pub struct ClaimChange {
    pub kind: ClaimKind,
    /// Normalised by the domain (case-folded name or address).
    pub value: String,
    pub owner: Uuid,
    /// False gives it back.
    pub take: bool,
}

pub enum SecretChange {
    Put { id: SecretId, owner: Subject, bytes: Vec<u8> },
    Delete(SecretId),
}

/// The client's key for this request, within its principal.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    pub principal: String,
    pub key: String,
    /// HMAC of method, route and body: the same key with another one is refused.
    pub fingerprint: [u8; 32],
    /// The source of the reply to a repeat; ids and versions, never personal data or secrets.
    pub receipt: String,
}

/// The answer to a submission that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The position of the command's last event; the head of the log for one without events.
    pub position: i64,
    pub recorded_at: Option<DateTime<Utc>>,
    /// The receipt stored by the first request of this idempotency key, if this one is a repeat.
    pub replayed: Option<String>,
}

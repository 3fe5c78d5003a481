//! An event as it stands in the log, and its form on the wire.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::{AnyEvent, DecodeError, EventId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::HashMap;
use uuid::Uuid;

/// Which log, and which life of it: positions are comparable only within one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LogId {
    pub id: Uuid,
    /// Raised after a restore.
    pub epoch: i32,
}

impl std::fmt::Display for LogId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.id, self.epoch)
    }
}

/// One event of the log. Personal values are sealed; `payload` and `metadata` are the log's own text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recorded {
    /// Dense and in commit order over all streams, from 1.
    pub position: i64,
    pub event_id: EventId,
    pub aggregate_type: String,
    pub aggregate_id: String,
    /// Dense within the stream, from 1.
    pub sequence: i64,
    pub event_type: String,
    pub event_version: String,
    #[serde(with = "instant")]
    pub recorded_at: DateTime<Utc>,
    pub payload: Box<RawValue>,
    /// A flat JSON object of strings (cqrs-es's own metadata type).
    pub metadata: Box<RawValue>,
}

impl Recorded {
    /// The event without opening what is sealed in it.
    pub fn decode(&self) -> Result<AnyEvent, DecodeError> {
        AnyEvent::decode(&self.aggregate_type, &self.event_type, &self.event_version, self.payload.get())
    }

    /// The metadata's entries; sealed ones stay sealed.
    pub fn metadata(&self) -> HashMap<String, String> {
        serde_json::from_str(self.metadata.get()).unwrap_or_default()
    }

    /// The body that goes over NATS: this event as one JSON object.
    pub fn to_wire(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    pub fn from_wire(body: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }
}

/// RFC 3339 with microseconds: PostgreSQL's own resolution, so that both ways give the same instant.
mod instant {
    use super::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Micros, true))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text).map(|at| at.to_utc()).map_err(D::Error::custom)
    }
}

//! The event trail itself, straight from the log and opened for a reader who may see it (AUD-03).

use super::flat;
use crate::{
    page::{Page, Seek},
    queries::{Queries, QueryError},
};
use chrono::{DateTime, Utc};
use domain::{EventId, Subject};
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::PgPool;
use std::collections::{BTreeMap, BTreeSet};
use store::{Opener, Reader, Recorded};

/// What of the metadata is sealed.
const PERSONAL_ENTRIES: [&str; 2] = ["ip", "user_agent"];

/// Which events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrailScope {
    All,
    Stream { aggregate_type: String, aggregate_id: String },
}

/// An event of the log. Personal values are opened, or read [`ERASED`](super::flat::ERASED).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrailEvent {
    pub position: i64,
    pub event_id: EventId,
    pub recorded_at: DateTime<Utc>,
    pub aggregate_type: String,
    pub aggregate_id: String,
    pub sequence: i64,
    pub event_type: String,
    pub event_version: String,
    pub payload: Map<String, Value>,
    pub metadata: BTreeMap<String, String>,
    /// Whose personal values stand here in clear.
    #[serde(skip)]
    pub subjects: BTreeSet<Subject>,
}

impl TrailEvent {
    /// With a word in the place of every personal value.
    ///
    /// # Errors
    /// The event is not as the log holds events.
    pub fn concealed(event: &Recorded) -> Result<Self, QueryError> {
        let payload = flat::conceal(serde_json::from_str(event.payload.get())?);
        let conceal = |(name, value): (String, String)| match PERSONAL_ENTRIES.contains(&name.as_str()) {
            true => (name, flat::SEALED.to_owned()),
            false => (name, value),
        };
        Ok(Self {
            position: event.position,
            event_id: event.event_id,
            recorded_at: event.recorded_at,
            aggregate_type: event.aggregate_type.clone(),
            aggregate_id: event.aggregate_id.clone(),
            sequence: event.sequence,
            event_type: event.event_type.clone(),
            event_version: event.event_version.clone(),
            payload: flat::flatten_payload(&event.aggregate_type, payload),
            metadata: event.metadata().into_iter().map(conceal).collect(),
            subjects: BTreeSet::new(),
        })
    }
}

impl Queries {
    /// The log's events after a position, oldest first; not counted.
    pub async fn list_events(
        &self,
        scope: &TrailScope,
        after: i64,
        limit: u32,
    ) -> Result<Page<TrailEvent, Seek>, QueryError> {
        let wanted = i64::from(limit) + 1;
        let mut recorded = match scope {
            TrailScope::All => self.reader.after(after, wanted).await?,
            TrailScope::Stream { aggregate_type, aggregate_id } => {
                of_stream(&self.pool, &self.reader, (aggregate_type, aggregate_id), after, wanted).await?
            }
        };
        let more = recorded.len() > limit as usize;
        recorded.truncate(limit as usize);
        let next = recorded.last().filter(|_| more).map(|event| Seek::After(event.position));
        let mut results = Vec::with_capacity(recorded.len());
        for event in recorded {
            results.push(open(&self.opener, event).await?);
        }
        Ok(Page { count: None, next, previous: None, results })
    }
}

/// The audit log knows where in the stream to begin; where it lags, what is too early is skipped here.
async fn of_stream(
    pool: &PgPool,
    reader: &Reader,
    (aggregate_type, aggregate_id): (&str, &str),
    after: i64,
    wanted: i64,
) -> Result<Vec<Recorded>, QueryError> {
    let mut sequence: i64 = sqlx::query_scalar(
        "SELECT coalesce((SELECT sequence FROM audit_log
          WHERE entity_type = $1 AND entity_id = $2 AND position <= $3 ORDER BY position DESC LIMIT 1), 0)",
    )
    .bind(aggregate_type)
    .bind(aggregate_id)
    .bind(after)
    .fetch_one(pool)
    .await?;
    let mut found = Vec::new();
    loop {
        let events = reader.stream(aggregate_type, aggregate_id, sequence, wanted).await?;
        let Some(last) = events.last() else { return Ok(found) };
        sequence = last.sequence;
        found.extend(events.into_iter().filter(|event| event.position > after));
        if found.len() as i64 >= wanted {
            found.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
            return Ok(found);
        }
    }
}

async fn open(opener: &Opener, event: Recorded) -> Result<TrailEvent, QueryError> {
    let payload = serde_json::from_str(&opener.open(&event).await?)?;
    let mut subjects = BTreeSet::new();
    flat::subjects(&payload, &mut subjects);
    let mut metadata = BTreeMap::new();
    for (name, entry) in event.metadata() {
        let opened = opener.open_entry(&event, &entry).await?;
        subjects.extend(flat::subject_of_entry(&entry).filter(|_| opened.is_some()));
        metadata.insert(name, opened.unwrap_or_else(|| flat::ERASED.to_owned()));
    }
    Ok(TrailEvent {
        payload: flat::flatten_payload(&event.aggregate_type, payload),
        metadata,
        subjects,
        position: event.position,
        event_id: event.event_id,
        recorded_at: event.recorded_at,
        aggregate_type: event.aggregate_type,
        aggregate_id: event.aggregate_id,
        sequence: event.sequence,
        event_type: event.event_type,
        event_version: event.event_version,
    })
}

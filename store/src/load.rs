//! Folding a stream into its state.

use crate::{
    cache::{Entry, StateCache},
    error::StoreError,
    recorded::Recorded,
    seal::Opener,
    sessions::Sessions,
    submission::StreamRef,
};
use domain::{EventSet, EventSourced};
use serde_json::value::RawValue;
use sqlx::{Row, postgres::PgRow};
use std::sync::Arc;
use uuid::Uuid;

/// A state and the version it stands at.
#[derive(Clone)]
pub struct Loaded<A> {
    pub state: A,
    /// Events in the stream; 0 if there is none.
    pub version: i64,
    /// False if it came from the cache and newer events may exist.
    pub fresh: bool,
}

pub(crate) struct Loader<'a> {
    pub sessions: &'a Sessions,
    pub cache: &'a StateCache,
    pub opener: &'a Opener,
}

impl Loader<'_> {
    pub(crate) async fn load<A: EventSourced>(&self, id: Uuid) -> Result<Loaded<A>, StoreError> {
        let stream = StreamRef { aggregate_type: A::TYPE, id };
        if let Some((entry, state)) = self.cached::<A>(stream) {
            return Ok(Loaded { state, version: entry.version, fresh: false });
        }
        self.read_on(stream, A::default(), 0, 0).await
    }

    /// The state with everything that is committed by now, reading only what the cache does not hold.
    pub(crate) async fn load_fresh<A: EventSourced>(&self, id: Uuid) -> Result<Loaded<A>, StoreError> {
        let stream = StreamRef { aggregate_type: A::TYPE, id };
        match self.cached::<A>(stream) {
            Some((entry, state)) => self.read_on(stream, state, entry.version, entry.weight).await,
            None => self.read_on(stream, A::default(), 0, 0).await,
        }
    }

    fn cached<A: EventSourced>(&self, stream: StreamRef) -> Option<(Entry, A)> {
        let entry = self.cache.get(stream)?;
        let state = entry.state.as_any().downcast_ref::<A>()?.clone();
        Some((entry, state))
    }

    async fn read_on<A: EventSourced>(
        &self,
        stream: StreamRef,
        mut state: A,
        from: i64,
        weight: u32,
    ) -> Result<Loaded<A>, StoreError> {
        let query = sqlx::query(
            "SELECT sequence, event_type, event_version, payload::text AS payload FROM es.events
              WHERE aggregate_type = $1 AND aggregate_id = $2 AND sequence > $3 ORDER BY sequence",
        )
        .bind(A::TYPE)
        .bind(stream.id.to_string())
        .bind(from);
        let rows = self.sessions.fetch_all(query).await?;
        let (mut version, mut grown) = (from, 0);
        for row in &rows {
            version += 1;
            grown += self.fold(stream, version, row, &mut state).await?;
        }
        if version > from {
            // Only committed rows were read, so that the cache never holds what could be rolled back.
            let entry = Entry::new(Arc::new(state.clone()), (from, version), weight, grown);
            self.cache.put(stream, entry);
        }
        Ok(Loaded { state, version, fresh: true })
    }

    async fn fold<A: EventSourced>(
        &self,
        stream: StreamRef,
        version: i64,
        row: &PgRow,
        state: &mut A,
    ) -> Result<usize, StoreError> {
        let sequence: i64 = row.get("sequence");
        // A unique index forbids repeats, so any difference is a hole: the state would be wrong without a
        // trace.
        if sequence != version {
            return Err(StoreError::Corrupt(format!("{} {} lacks event {version}", A::TYPE, stream.id)));
        }
        let payload: String = row.get("payload");
        let opened = self.opener.open_json(A::TYPE, &stream.id.to_string(), sequence, &payload).await?;
        state.apply(A::Event::decode(row.get("event_type"), row.get("event_version"), &opened)?);
        Ok(payload.len())
    }
}

/// A row of `es.events` with `payload` and `metadata` selected as text.
pub(crate) fn recorded(row: &PgRow) -> Result<Recorded, StoreError> {
    let raw = |column: &str| {
        RawValue::from_string(row.get(column)).map_err(|e| StoreError::Corrupt(format!("{column}: {e}")))
    };
    Ok(Recorded {
        position: row.get("position"),
        event_id: domain::EventId::from_uuid(row.get("event_id")),
        aggregate_type: row.get("aggregate_type"),
        aggregate_id: row.get("aggregate_id"),
        sequence: row.get("sequence"),
        event_type: row.get("event_type"),
        event_version: row.get("event_version"),
        recorded_at: row.get("recorded_at"),
        payload: raw("payload")?,
        metadata: raw("metadata")?,
    })
}

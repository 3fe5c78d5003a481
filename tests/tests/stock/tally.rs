//! The smallest aggregate that shows how often an event was applied.

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) total: u32,
}

/// Adds one, in as many events as asked for.
pub(super) struct Add {
    pub(super) events: u32,
    pub(super) note: &'static str,
}

impl Add {
    pub(super) fn one() -> Self {
        Self { events: 1, note: "" }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum TallyEvent {
    Added { note: String },
}

impl DomainEvent for TallyEvent {
    fn event_type(&self) -> String {
        "added".to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a tally refuses nothing")]
pub(super) struct Refused;

impl Aggregate for Tally {
    const TYPE: &'static str = "tally";
    type Command = Add;
    type Event = TallyEvent;
    type Error = Refused;
    type Services = ();

    async fn handle(&mut self, command: Add, (): &(), sink: &EventSink<Self>) -> Result<(), Refused> {
        for _ in 0..command.events {
            sink.write(TallyEvent::Added { note: command.note.to_owned() }, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: TallyEvent) {
        let TallyEvent::Added { .. } = event;
        self.total += 1;
    }
}

/// Sequences of one stream as they are stored.
pub(super) async fn sequences(pool: &PgPool, id: &str) -> Vec<i64> {
    sqlx::query_scalar("SELECT sequence FROM events WHERE aggregate_id = $1 ORDER BY sequence")
        .bind(id)
        .fetch_all(pool)
        .await
        .unwrap()
}

/// An event that no command wrote.
pub(super) async fn insert(pool: &PgPool, id: &str, sequence: i64, payload: &str, metadata: &str) {
    sqlx::query("INSERT INTO events VALUES ('tally', $1, $2, 'added', '1', $3::json, $4::json)")
        .bind(id)
        .bind(sequence)
        .bind(payload)
        .bind(metadata)
        .execute(pool)
        .await
        .unwrap();
}

//! Reading the log in order. A hole between positions stops the reader loudly: it would be a bug, never a race.

use crate::{error::StoreError, load::recorded, recorded::Recorded};
use sqlx::{PgPool, Row};

/// Reads events by position. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    pool: PgPool,
}

const COLUMNS: &str = "position, event_id, aggregate_type, aggregate_id, sequence, event_type, event_version, \
                       recorded_at, payload::text AS payload, metadata::text AS metadata";

impl Reader {
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// The last committed position; 0 for an empty log.
    pub async fn head(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT coalesce(max(position), 0) AS head FROM es.events")
            .fetch_one(&self.pool)
            .await?;
        Ok(row.get("head"))
    }

    /// Up to `limit` events after `position`, contiguous.
    pub async fn after(&self, position: i64, limit: i64) -> Result<Vec<Recorded>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM es.events WHERE position > $1 ORDER BY position LIMIT $2");
        let rows = sqlx::query(&sql).bind(position).bind(limit).fetch_all(&self.pool).await?;
        let events = rows.iter().map(recorded).collect::<Result<Vec<_>, _>>()?;
        for (expected, event) in (position + 1..).zip(&events) {
            if event.position != expected {
                return Err(StoreError::Corrupt(format!(
                    "position {expected} is missing before {}",
                    event.position
                )));
            }
        }
        Ok(events)
    }

    /// The events at these positions that there are, in order.
    pub async fn at(&self, positions: &[i64]) -> Result<Vec<Recorded>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM es.events WHERE position = ANY ($1) ORDER BY position");
        let rows = sqlx::query(&sql).bind(positions).fetch_all(&self.pool).await?;
        rows.iter().map(recorded).collect()
    }

    /// One stream's events after `sequence`, in order.
    pub async fn stream(
        &self,
        aggregate_type: &str,
        aggregate_id: &str,
        sequence: i64,
        limit: i64,
    ) -> Result<Vec<Recorded>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM es.events
              WHERE aggregate_type = $1 AND aggregate_id = $2 AND sequence > $3 ORDER BY sequence LIMIT $4"
        );
        let rows = sqlx::query(&sql)
            .bind(aggregate_type)
            .bind(aggregate_id)
            .bind(sequence)
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(recorded).collect()
    }
}

//! The job queue for operators: what they see, and how they retry parked jobs.

use super::JobId;
use chrono::{DateTime, Utc};
use sqlx::{PgPool, Row, postgres::PgRow};

/// The operators' side of the queue. Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    pool: PgPool,
}

/// A job that waits for an operator.
#[derive(Clone, Debug)]
pub struct ParkedJob {
    pub id: JobId,
    pub kind: String,
    pub reactor: String,
    /// The id of the event that caused it, and its place in the log.
    pub source: String,
    pub position: Option<i64>,
    /// The id of what it is about.
    pub target: String,
    pub attempts: i32,
    /// Why it was parked.
    pub code: String,
    pub parked_at: DateTime<Utc>,
}

/// The unfinished jobs of one kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    pub kind: String,
    pub queued: i64,
    pub running: i64,
    pub parked: i64,
    /// How long the longest-due queued job has been waiting for a worker.
    pub lag_seconds: f64,
}

impl Jobs {
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// The parked jobs, longest parked first; at most `limit`, after the given one.
    pub async fn list_parked(
        &self,
        after: Option<&ParkedJob>,
        limit: i64,
    ) -> Result<Vec<ParkedJob>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT id, kind, reactor, source, position, target, attempts, last_error, finished_at
               FROM workers.jobs
              WHERE state = 'parked' AND ($1::timestamptz IS NULL OR (finished_at, id) > ($1, $2))
              ORDER BY finished_at, id LIMIT $3",
        )
        .bind(after.map(|job| job.parked_at))
        .bind(after.map(|job| job.id.uuid()))
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.iter().map(parked).collect())
    }

    /// Queues a parked job again, with all its attempts. False if it is not parked.
    pub async fn retry(&self, id: JobId) -> Result<bool, sqlx::Error> {
        self.unpark(
            "UPDATE workers.jobs SET state = 'queued', attempts = 0, next_at = clock_timestamp(), finished_at = NULL
              WHERE id = $1 AND state = 'parked'",
            id,
        )
        .await
    }

    /// Gives a parked job up: it counts as done, without its effect. False if it is not parked.
    pub async fn release(&self, id: JobId) -> Result<bool, sqlx::Error> {
        self.unpark(
            "UPDATE workers.jobs SET state = 'done', outcome = 'released', finished_at = clock_timestamp()
              WHERE id = $1 AND state = 'parked'",
            id,
        )
        .await
    }

    async fn unpark(&self, sql: &str, id: JobId) -> Result<bool, sqlx::Error> {
        Ok(sqlx::query(sql).bind(id.uuid()).execute(&self.pool).await?.rows_affected() == 1)
    }

    /// The backlog by kind. Its cost is the backlog's, however many jobs were ever done.
    pub async fn counts(&self) -> Result<Vec<Counts>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT kind, count(*) FILTER (WHERE state = 'queued') AS queued,
                    count(*) FILTER (WHERE state = 'running') AS running,
                    count(*) FILTER (WHERE state = 'parked') AS parked,
                    coalesce(greatest(0, extract(epoch FROM
                        clock_timestamp() - min(next_at) FILTER (WHERE state = 'queued'))), 0)::float8 AS lag
               FROM workers.jobs WHERE state IN ('queued', 'running') OR state = 'parked'
              GROUP BY kind ORDER BY kind",
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.iter().map(counts).collect())
    }

    /// Where each reactor stands in the log.
    pub async fn positions(&self) -> Result<Vec<(String, i64)>, sqlx::Error> {
        let rows = sqlx::query("SELECT name, position FROM workers.reactors ORDER BY name");
        Ok(rows
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|row| (row.get("name"), row.get("position")))
            .collect())
    }

    /// Deletes jobs done more than 30 days ago; at most 10,000 a call. Returns how many.
    /// Their reactors' cursors are long past the events, so that nothing queues them again.
    pub async fn forget_done(&self) -> Result<u64, sqlx::Error> {
        let done = sqlx::query(
            "DELETE FROM workers.jobs WHERE id IN (SELECT id FROM workers.jobs
              WHERE state = 'done' AND finished_at < now() - interval '30 days' LIMIT 10000)",
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }
}

fn parked(row: &PgRow) -> ParkedJob {
    ParkedJob {
        id: JobId::from_uuid(row.get("id")),
        kind: row.get("kind"),
        reactor: row.get("reactor"),
        source: row.get("source"),
        position: row.get("position"),
        target: row.get("target"),
        attempts: row.get("attempts"),
        code: row.get::<Option<String>, _>("last_error").unwrap_or_default(),
        parked_at: row.get("finished_at"),
    }
}

fn counts(row: &PgRow) -> Counts {
    Counts {
        kind: row.get("kind"),
        queued: row.get("queued"),
        running: row.get("running"),
        parked: row.get("parked"),
        lag_seconds: row.get("lag"),
    }
}

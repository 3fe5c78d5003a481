//! The table `workers.jobs`, as reactors and workers use it.
//!
//! All times are the database's: leases of several nodes are measured by one clock.

use super::{Job, JobId, NewJob};
use chrono::{DateTime, Utc};
use sqlx::{
    PgPool, Postgres, Row,
    postgres::{PgArguments, PgRow},
    query::Query,
};
use std::{sync::Arc, time::Duration};
use store::Sessions;
use uuid::Uuid;

/// Statements at the same time: they are short.
const CONNECTIONS: u32 = 4;

/// The queue. Cheap to clone. Its sessions must commit synchronously, see [`Queue::commits_asynchronously`].
#[derive(Clone)]
pub struct Queue {
    sessions: Arc<Sessions>,
}

/// A job and the event that caused it.
#[derive(Clone, Debug)]
pub(crate) struct QueuedJob {
    pub job: NewJob,
    pub source: String,
    pub position: i64,
}

/// What became of a reactor's step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The cursor moved, and so many jobs were new.
    Moved { added: i64 },
    /// The cursor was elsewhere: another runner is at work. Nothing was inserted.
    Lost,
}

impl Queue {
    /// On connections of its own, made as those of the pool.
    pub fn new(pool: &PgPool) -> Self {
        Self { sessions: Arc::new(Sessions::new(pool, CONNECTIONS)) }
    }

    /// The position after which a reactor reads; one that never ran starts at the head of the log.
    pub(crate) async fn cursor(&self, reactor: &str) -> Result<i64, sqlx::Error> {
        // The row of a known reactor is read, not written: a start must not wait for a step of another node.
        let known = sqlx::query("SELECT position FROM workers.reactors WHERE name = $1").bind(reactor);
        if let [row] = &self.sessions.fetch_all(known).await?[..] {
            return Ok(row.get("position"));
        }
        let begin = sqlx::query(
            "INSERT INTO workers.reactors AS r SELECT $1, coalesce(max(position), 0) FROM es.events
             ON CONFLICT (name) DO UPDATE SET position = r.position RETURNING position",
        )
        .bind(reactor);
        Ok(self.fetch_one(begin).await?.get("position"))
    }

    /// Moves a reactor's cursor and inserts its jobs: one statement, one commit, both or neither.
    pub(crate) async fn step(
        &self,
        reactor: &str,
        from: i64,
        to: i64,
        jobs: &[QueuedJob],
    ) -> Result<Step, sqlx::Error> {
        let id = |j: &QueuedJob| JobId::of(reactor, &j.source, &j.job.target).uuid();
        let step = sqlx::query(
            "WITH moved AS (
                 UPDATE workers.reactors SET position = $3 WHERE name = $1 AND position = $2 RETURNING name),
             added AS (
                 INSERT INTO workers.jobs (id, kind, reactor, source, position, target, payload, next_at)
                 SELECT j.id, j.kind, moved.name, j.source, j.position, j.target, j.payload::json,
                        greatest(clock_timestamp(), j.not_before)
                   FROM moved, unnest($4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[],
                                      $10::timestamptz[])
                     AS j (id, kind, source, position, target, payload, not_before)
                 ON CONFLICT DO NOTHING RETURNING 1)
             SELECT (SELECT count(*) FROM moved) AS moved, (SELECT count(*) FROM added) AS added",
        )
        .bind(reactor)
        .bind(from)
        .bind(to)
        .bind(jobs.iter().map(id).collect::<Vec<Uuid>>())
        .bind(jobs.iter().map(|j| j.job.kind).collect::<Vec<_>>())
        .bind(jobs.iter().map(|j| j.source.as_str()).collect::<Vec<_>>())
        .bind(jobs.iter().map(|j| j.position).collect::<Vec<_>>())
        .bind(jobs.iter().map(|j| j.job.target.as_str()).collect::<Vec<_>>())
        .bind(jobs.iter().map(|j| j.job.payload.to_string()).collect::<Vec<_>>())
        .bind(jobs.iter().map(|j| j.job.not_before).collect::<Vec<Option<DateTime<Utc>>>>());
        let row = self.fetch_one(step).await?;
        let moved: i64 = row.get("moved");
        Ok(if moved == 0 { Step::Lost } else { Step::Moved { added: row.get("added") } })
    }

    /// Takes up to `limit` due jobs of these kinds for the length of a lease. No other worker gets them meanwhile.
    pub async fn take(&self, kinds: &[&str], limit: usize, lease: Duration) -> Result<Vec<Job>, sqlx::Error> {
        let take = sqlx::query(
            // Materialized: as the inner side of a join the limited, locking scan could run more than once.
            "WITH due AS MATERIALIZED (
                 SELECT id FROM workers.jobs
                  WHERE state IN ('queued', 'running') AND next_at <= clock_timestamp() AND kind = ANY ($1)
                  ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED)
             UPDATE workers.jobs AS job
                SET state = 'running', attempts = attempts + 1, lease = lease + 1,
                    next_at = clock_timestamp() + make_interval(secs => $3)
               FROM due WHERE job.id = due.id
             RETURNING job.id, job.kind, job.payload, job.attempts, job.lease",
        )
        .bind(kinds)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(lease.as_secs_f64());
        let rows = self.sessions.fetch_all(take).await?;
        Ok(rows.iter().map(taken).collect())
    }

    /// Prolongs a lease. False: it had run out, and another worker has the job.
    pub async fn renew(&self, job: &Job, lease: Duration) -> Result<bool, sqlx::Error> {
        let query = sqlx::query(
            "UPDATE workers.jobs SET next_at = clock_timestamp() + make_interval(secs => $3)
              WHERE id = $1 AND lease = $2 AND state = 'running'",
        )
        .bind(job.id.uuid())
        .bind(job.lease)
        .bind(lease.as_secs_f64());
        Ok(self.sessions.execute(query).await?.rows_affected() == 1)
    }

    /// Records that a job is done. False: another worker has it by now.
    pub async fn finish(&self, job: &Job, outcome: &str) -> Result<bool, sqlx::Error> {
        let query = sqlx::query(
            "UPDATE workers.jobs SET state = 'done', outcome = $3, finished_at = clock_timestamp()
              WHERE id = $1 AND lease = $2 AND state = 'running'",
        )
        .bind(job.id.uuid())
        .bind(job.lease)
        .bind(outcome);
        Ok(self.sessions.execute(query).await?.rows_affected() == 1)
    }

    /// Gives a job back, to be taken again after `delay`.
    pub async fn put_back(&self, job: &Job, delay: Duration, code: &str) -> Result<bool, sqlx::Error> {
        let query = sqlx::query(
            "UPDATE workers.jobs SET state = 'queued', last_error = $3,
                    next_at = clock_timestamp() + make_interval(secs => $4)
              WHERE id = $1 AND lease = $2 AND state = 'running'",
        )
        .bind(job.id.uuid())
        .bind(job.lease)
        .bind(code)
        .bind(delay.as_secs_f64());
        Ok(self.sessions.execute(query).await?.rows_affected() == 1)
    }

    /// Sets a job aside until an operator decides.
    pub async fn park(&self, job: &Job, code: &str) -> Result<bool, sqlx::Error> {
        let query = sqlx::query(
            "UPDATE workers.jobs SET state = 'parked', last_error = $3, finished_at = clock_timestamp()
              WHERE id = $1 AND lease = $2 AND state = 'running'",
        )
        .bind(job.id.uuid())
        .bind(job.lease)
        .bind(code);
        Ok(self.sessions.execute(query).await?.rows_affected() == 1)
    }

    /// True where a crash of PostgreSQL could lose a job or repeat a done one.
    pub(crate) async fn commits_asynchronously(&self) -> Result<bool, sqlx::Error> {
        let asked = sqlx::query("SELECT current_setting('synchronous_commit') AS set");
        Ok(self.fetch_one(asked).await?.get::<String, _>("set") == "off")
    }

    async fn fetch_one(&self, query: Query<'_, Postgres, PgArguments>) -> Result<PgRow, sqlx::Error> {
        self.sessions.fetch_all(query).await?.pop().ok_or(sqlx::Error::RowNotFound)
    }
}

fn taken(row: &PgRow) -> Job {
    Job {
        id: JobId::from_uuid(row.get("id")),
        kind: row.get("kind"),
        payload: row.get("payload"),
        attempt: u32::try_from(row.get::<i32, _>("attempts")).unwrap_or(u32::MAX),
        lease: row.get("lease"),
    }
}

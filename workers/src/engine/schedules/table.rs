//! The table `workers.schedules`, as the scheduler, staff and operators use it.

use super::{Cron, REACTOR, Task};
use crate::jobs::JobId;
use chrono::{DateTime, Utc};
use sqlx::{PgPool, Row, postgres::PgRow};

/// The schedules. Cheap to clone.
#[derive(Clone)]
pub struct Schedules {
    pool: PgPool,
}

/// One schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub name: String,
    /// The kind of job that a run is.
    pub task: String,
    /// UTC.
    pub cron: String,
    pub enabled: bool,
    /// When the last run was due or asked for.
    pub last_run: Option<DateTime<Utc>>,
    /// `queued`, `running`, how it ended, or `parked: <why>`; none of a run of more than 30 days ago.
    pub last_outcome: Option<String>,
    /// None while it is not enabled, or if the pattern is one of a newer program.
    pub next_run: Option<DateTime<Utc>>,
    /// Due times after this count.
    pub(super) since: DateTime<Utc>,
}

/// What is to be changed; absent: it stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub cron: Option<Cron>,
    pub enabled: Option<bool>,
}

const SELECT: &str = "SELECT s.name, s.task, s.cron, s.enabled, s.since, s.last_run,
        CASE j.state WHEN 'done' THEN j.outcome WHEN 'parked' THEN 'parked: ' || coalesce(j.last_error, '')
             ELSE j.state END AS last_outcome
   FROM workers.schedules AS s LEFT JOIN workers.jobs AS j ON j.id = s.last_job";

impl Schedules {
    pub const fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Adds the tasks that are new; those that are there stay as they are.
    pub(crate) async fn seed(&self, tasks: &[Task], now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        let part = |part: fn(&Task) -> &'static str| tasks.iter().map(part).collect::<Vec<_>>();
        sqlx::query(
            "INSERT INTO workers.schedules (name, task, cron, enabled, since)
             SELECT t.name, t.task, t.cron, true, $4 FROM unnest($1::text[], $2::text[], $3::text[]) AS t (name, task, cron)
             ON CONFLICT (name) DO NOTHING",
        )
        .bind(part(|task| task.name))
        .bind(part(|task| task.kind))
        .bind(part(|task| task.cron))
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// All of them, by name.
    pub async fn list(&self) -> Result<Vec<Schedule>, sqlx::Error> {
        let rows = sqlx::query(&format!("{SELECT} ORDER BY s.name")).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(schedule).collect())
    }

    pub async fn find(&self, name: &str) -> Result<Option<Schedule>, sqlx::Error> {
        let row =
            sqlx::query(&format!("{SELECT} WHERE s.name = $1")).bind(name).fetch_optional(&self.pool).await?;
        Ok(row.as_ref().map(schedule))
    }

    /// Changes one at once: from `now` on the new times count. None if there is no such schedule.
    pub async fn change(
        &self,
        name: &str,
        change: &Change,
        now: DateTime<Utc>,
    ) -> Result<Option<Schedule>, sqlx::Error> {
        sqlx::query(
            // What was due before the edit by the new pattern, or while it was off, is not made up for.
            "UPDATE workers.schedules
                SET cron = coalesce($2, cron), enabled = coalesce($3, enabled), since = greatest(since, $4)
              WHERE name = $1 AND (cron IS DISTINCT FROM coalesce($2, cron)
                                   OR enabled IS DISTINCT FROM coalesce($3, enabled))",
        )
        .bind(name)
        .bind(change.cron.as_ref().map(Cron::as_str))
        .bind(change.enabled)
        .bind(now)
        .execute(&self.pool)
        .await?;
        self.find(name).await
    }

    /// Queues a run that somebody asks for, whether it is enabled or not; if the last one is not finished, that one is
    /// meant. None if there is no such schedule.
    pub async fn run(&self, name: &str, now: DateTime<Utc>) -> Result<Option<JobId>, sqlx::Error> {
        let source = format!("asked {}", now.to_rfc3339());
        let queued = sqlx::query(&format!(
            "WITH schedule AS (SELECT name, task FROM workers.schedules WHERE name = $1 FOR UPDATE),
             {QUEUED},
             noted AS (UPDATE workers.schedules AS s SET last_run = $5, last_job = queued.id FROM queued WHERE s.name = $1)
             SELECT id FROM queued",
        ))
        .bind(name)
        .bind(REACTOR)
        .bind(&source)
        .bind(JobId::of(REACTOR, &source, name).uuid())
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        if let Some(row) = queued {
            return Ok(Some(JobId::from_uuid(row.get("id"))));
        }
        let last = sqlx::query("SELECT last_job FROM workers.schedules WHERE name = $1").bind(name);
        let last = last.fetch_optional(&self.pool).await?;
        Ok(last.and_then(|row| row.get::<Option<_>, _>("last_job")).map(JobId::from_uuid))
    }

    /// Queues the run of this due time, unless another scheduler did, somebody changed the schedule, or the last run is
    /// not finished; true if it is new.
    pub(super) async fn queue(&self, schedule: &Schedule, due: DateTime<Utc>) -> Result<bool, sqlx::Error> {
        let source = due.to_rfc3339();
        let queued = sqlx::query(&format!(
            "WITH schedule AS (
                 SELECT name, task FROM workers.schedules
                  WHERE name = $1 AND enabled AND since = $6 AND cron = $7 FOR UPDATE),
             {QUEUED},
             noted AS (
                 UPDATE workers.schedules AS s SET since = $5, last_run = $5, last_job = queued.id
                   FROM queued WHERE s.name = $1)
             SELECT id FROM queued",
        ))
        .bind(&schedule.name)
        .bind(REACTOR)
        .bind(&source)
        .bind(JobId::of(REACTOR, &source, &schedule.name).uuid())
        .bind(due)
        .bind(schedule.since)
        .bind(&schedule.cron)
        .fetch_optional(&self.pool)
        .await?;
        Ok(queued.is_some())
    }
}

/// The job of a run, if none of the schedule's is unfinished: $2 is the reactor, $3 the source, $4 the id.
const QUEUED: &str = "queued AS (
    INSERT INTO workers.jobs (id, kind, reactor, source, target, payload)
    SELECT $4, task, $2, $3, name, json_build_object('schedule', name) FROM schedule
     WHERE NOT EXISTS (SELECT FROM workers.jobs AS j
                        WHERE j.reactor = $2 AND j.target = schedule.name AND j.state IN ('queued', 'running'))
    ON CONFLICT DO NOTHING RETURNING id)";

fn schedule(row: &PgRow) -> Schedule {
    let (cron, enabled): (String, bool) = (row.get("cron"), row.get("enabled"));
    let since: DateTime<Utc> = row.get("since");
    let next_run = Cron::kept(&cron).ok().filter(|_| enabled).and_then(|cron| cron.next(since));
    Schedule {
        name: row.get("name"),
        task: row.get("task"),
        cron,
        enabled,
        last_run: row.get("last_run"),
        last_outcome: row.get("last_outcome"),
        next_run,
        since,
    }
}

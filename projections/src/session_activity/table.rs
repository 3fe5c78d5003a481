//! The table `telemetry.session_activity`, which nodes add to.

use super::{Activity, memory::Seen};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{SessionId, UserId};
use sqlx::{PgPool, Row, postgres::types::PgInterval};
use std::collections::HashMap;
use uuid::Uuid;

/// Rows of one statement.
const ROWS: usize = 5_000;

pub(super) async fn find(
    pool: &PgPool,
    sessions: &[SessionId],
) -> Result<HashMap<SessionId, Activity>, sqlx::Error> {
    let ids: Vec<Uuid> = sessions.iter().map(|session| session.uuid()).collect();
    let rows = sqlx::query(
        "SELECT session_id, last_active_at, pages_visited FROM telemetry.session_activity
          WHERE session_id = ANY ($1)",
    )
    .bind(ids)
    .fetch_all(pool)
    .await?;
    let of_row = |row: &sqlx::postgres::PgRow| {
        let activity =
            Activity { last_active: row.get("last_active_at"), pages_visited: row.get("pages_visited") };
        (SessionId::from_uuid(row.get("session_id")), activity)
    };
    Ok(rows.iter().map(of_row).collect())
}

/// All or nothing. After a lost connection it may have happened all the same: requests are then counted twice.
pub(super) async fn add(pool: &PgPool, batch: &[(SessionId, Seen)]) -> Result<(), sqlx::Error> {
    if batch.is_empty() {
        return Ok(());
    }
    let mut tx = pool.begin().await?;
    for rows in batch.chunks(ROWS) {
        let sessions: Vec<Uuid> = rows.iter().map(|(session, _)| session.uuid()).collect();
        let users: Vec<Uuid> = rows.iter().map(|(_, seen)| seen.user.uuid()).collect();
        let last: Vec<DateTime<Utc>> = rows.iter().map(|(_, seen)| seen.last_active).collect();
        let pages: Vec<i64> = rows.iter().map(|(_, seen)| seen.unwritten).collect();
        sqlx::query(
            "INSERT INTO telemetry.session_activity AS known (session_id, user_id, last_active_at, pages_visited)
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bigint[])
             ON CONFLICT (session_id) DO UPDATE SET
                 last_active_at = greatest(known.last_active_at, excluded.last_active_at),
                 pages_visited = known.pages_visited + excluded.pages_visited",
        )
        .bind(sessions)
        .bind(users)
        .bind(last)
        .bind(pages)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await
}

/// What was last active longer ago than this.
pub(super) async fn forget(pool: &PgPool, kept: TimeDelta) -> Result<(), sqlx::Error> {
    let days = i32::try_from(kept.num_days()).unwrap_or(i32::MAX);
    sqlx::query("DELETE FROM telemetry.session_activity WHERE last_active_at < clock_timestamp() - $1")
        .bind(PgInterval { days, ..PgInterval::default() })
        .execute(pool)
        .await
        .map(drop)
}

pub(crate) async fn forget_person(pool: &PgPool, person: UserId) -> Result<(), sqlx::Error> {
    let deleted = sqlx::query("DELETE FROM telemetry.session_activity WHERE user_id = $1");
    deleted.bind(person.uuid()).execute(pool).await.map(drop)
}

//! The tables of `telemetry` that nodes add to: one row per session, one per API key.

use super::{Activity, memory::Seen};
use crate::job_queries::{JobQueries, NotTold};
use chrono::{DateTime, TimeDelta, Utc};
use domain::UserId;
use sqlx::{PgPool, Row, postgres::types::PgInterval};
use std::collections::HashMap;
use uuid::Uuid;

/// Rows of one statement.
const ROWS: usize = 5_000;

/// A table, and what it calls its columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub name: &'static str,
    id: &'static str,
    last: &'static str,
    count: &'static str,
}

pub(super) const SESSIONS: Table = Table {
    name: "telemetry.session_activity",
    id: "session_id",
    last: "last_active_at",
    count: "pages_visited",
};
pub(super) const API_KEYS: Table =
    Table { name: "telemetry.api_key_use", id: "key_id", last: "last_used_at", count: "uses" };

pub(super) async fn find(
    pool: &PgPool,
    table: Table,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Activity>, sqlx::Error> {
    let Table { name, id, last, count } = table;
    let sql = format!("SELECT {id} AS id, {last} AS last, {count} AS n FROM {name} WHERE {id} = ANY ($1)");
    let rows = sqlx::query(&sql).bind(ids).fetch_all(pool).await?;
    let of_row = |row: &sqlx::postgres::PgRow| {
        (row.get("id"), Activity { last_active: row.get("last"), pages_visited: row.get("n") })
    };
    Ok(rows.iter().map(of_row).collect())
}

/// All or nothing. After a lost connection it may have happened all the same: requests are then counted twice.
pub(super) async fn add(pool: &PgPool, table: Table, batch: &[(Uuid, Seen)]) -> Result<(), sqlx::Error> {
    if batch.is_empty() {
        return Ok(());
    }
    let Table { name, id, last, count } = table;
    let sql = format!(
        "INSERT INTO {name} AS known ({id}, user_id, {last}, {count})
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bigint[])
         ON CONFLICT ({id}) DO UPDATE SET
             {last} = greatest(known.{last}, excluded.{last}), {count} = known.{count} + excluded.{count}"
    );
    let mut tx = pool.begin().await?;
    for rows in batch.chunks(ROWS) {
        let ids: Vec<Uuid> = rows.iter().map(|(id, _)| *id).collect();
        let users: Vec<Option<Uuid>> = rows.iter().map(|(_, seen)| seen.user.map(UserId::uuid)).collect();
        let last: Vec<DateTime<Utc>> = rows.iter().map(|(_, seen)| seen.last_active).collect();
        let counts: Vec<i64> = rows.iter().map(|(_, seen)| seen.unwritten).collect();
        sqlx::query(&sql).bind(ids).bind(users).bind(last).bind(counts).execute(&mut *tx).await?;
    }
    tx.commit().await
}

/// What was last seen longer ago than this.
pub(super) async fn forget(pool: &PgPool, table: Table, kept: TimeDelta) -> Result<(), sqlx::Error> {
    let Table { name, last, .. } = table;
    let days = i32::try_from(kept.num_days()).unwrap_or(i32::MAX);
    sqlx::query(&format!("DELETE FROM {name} WHERE {last} < clock_timestamp() - $1"))
        .bind(PgInterval { days, ..PgInterval::default() })
        .execute(pool)
        .await
        .map(drop)
}

impl JobQueries {
    /// Forgets when a person's sessions and keys were last active. What another node counted within the last minute it
    /// may still add; it is forgotten by its age.
    pub async fn forget_activity(&self, person: UserId) -> Result<(), NotTold> {
        for Table { name, .. } in [SESSIONS, API_KEYS] {
            let deleted = format!("DELETE FROM {name} WHERE user_id = $1");
            sqlx::query(&deleted).bind(person.uuid()).execute(&self.beside).await?;
        }
        Ok(())
    }
}

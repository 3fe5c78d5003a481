//! Reads of `user_events`.

use super::{EventWord, Severity, Told};
use crate::{
    page::{COUNTED_TO, Page, Seek, Stretch},
    queries::{Queries, QueryError},
    rows,
};
use chrono::{DateTime, Utc};
use domain::{BadgeId, EventId, SessionId, UserId};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Postgres, QueryBuilder};
use std::collections::HashMap;
use store::Recorded;

/// What a person did, or what was done to their account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserEventRow {
    /// In the log.
    pub position: i64,
    pub event_id: EventId,
    pub user_id: UserId,
    /// Of the request that caused it.
    pub session_id: Option<SessionId>,
    /// The request was the person's own: nobody is told of a session of somebody else.
    pub own: bool,
    pub event_type: EventWord,
    pub severity: Severity,
    /// A stable code; none: it succeeded.
    pub failure: Option<String>,
    pub target_user: Option<UserId>,
    pub requires_review: bool,
    pub recorded_at: DateTime<Utc>,
    /// The badge that was earned, its name and its points then.
    pub badge_id: Option<BadgeId>,
    pub badge_name: Option<String>,
    pub points: Option<i64>,
}

impl UserEventRow {
    /// `metadata` is the event's.
    pub fn new(recorded: &Recorded, metadata: &HashMap<String, String>, told: Told) -> Self {
        let actor = metadata.get("actor").and_then(|actor| actor.strip_prefix("user:"));
        let own = actor.is_some_and(|id| id.parse() == Ok(told.user));
        let requires_review = told.requires_review();
        let (badge_id, badge_name, points) = match told.badge {
            Some(earned) => (Some(earned.badge), Some(earned.name), Some(i64::from(earned.points))),
            None => (None, None, None),
        };
        Self {
            position: recorded.position,
            event_id: recorded.event_id,
            user_id: told.user,
            session_id: metadata.get("session_id").and_then(|id| id.parse().ok()),
            own,
            event_type: told.word,
            severity: told.word.severity(),
            failure: told.failure.map(str::to_owned),
            target_user: told.target,
            requires_review,
            recorded_at: recorded.recorded_at,
            badge_id,
            badge_name,
            points,
        }
    }
}

/// All that are given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserEventFilter {
    pub user: Option<UserId>,
    pub event_type: Option<EventWord>,
    pub severity: Option<Severity>,
    pub success: Option<bool>,
    pub requires_review: Option<bool>,
    /// By the time of recording.
    pub since: Option<DateTime<Utc>>,
    /// Exclusive.
    pub until: Option<DateTime<Utc>>,
}

impl UserEventFilter {
    /// ` WHERE …`, built from what is given, so that each question gets the plan of its own index.
    fn push_to(&self, sql: &mut QueryBuilder<'_, Postgres>) {
        sql.push(" WHERE true");
        if let Some(user) = self.user {
            sql.push(" AND user_id = ").push_bind(user.uuid());
        }
        if let Some(word) = self.event_type {
            sql.push(" AND event_type = ").push_bind(word.name());
        }
        if let Some(severity) = self.severity {
            sql.push(" AND severity = ").push_bind(severity.name());
        }
        match self.success {
            Some(true) => drop(sql.push(" AND failure IS NULL")),
            Some(false) => drop(sql.push(" AND failure IS NOT NULL")),
            None => {}
        }
        match self.requires_review {
            Some(true) => drop(sql.push(" AND requires_review")),
            Some(false) => drop(sql.push(" AND NOT requires_review")),
            None => {}
        }
        // Times become positions first: rows in the order of positions are then read from the right place.
        for (condition, time) in [(" AND position >= ", self.since), (" AND position < ", self.until)] {
            if let Some(time) = time {
                sql.push(condition)
                    .push("coalesce((SELECT e.position FROM user_events e WHERE e.recorded_at >= ")
                    .push_bind(time)
                    .push(" ORDER BY e.recorded_at, e.position LIMIT 1), 9223372036854775807)");
            }
        }
    }
}

impl Queries {
    /// What people did, or what was done to their accounts.
    pub async fn list_user_events(
        &self,
        filter: &UserEventFilter,
        stretch: Stretch,
    ) -> Result<Page<UserEventRow, Seek>, QueryError> {
        let counted = count(&self.pool, filter).await?;
        let rows = select(&self.pool, filter, stretch).await?;
        Ok(stretch.page(counted, rows, |row| row.position))
    }
}

async fn count(pool: &PgPool, filter: &UserEventFilter) -> Result<i64, QueryError> {
    let mut sql = QueryBuilder::<Postgres>::new("SELECT count(*) FROM (SELECT 1 FROM user_events");
    filter.push_to(&mut sql);
    sql.push(" LIMIT ").push_bind(COUNTED_TO + 1).push(") AS counted");
    Ok(sql.build_query_scalar().fetch_one(pool).await?)
}

async fn select(
    pool: &PgPool,
    filter: &UserEventFilter,
    stretch: Stretch,
) -> Result<Vec<UserEventRow>, QueryError> {
    let mut sql = QueryBuilder::<Postgres>::new("SELECT row_to_json(u)::text FROM user_events u");
    filter.push_to(&mut sql);
    if let Some(bound) = stretch.bound() {
        sql.push(if stretch.rising() { " AND position > " } else { " AND position < " }).push_bind(bound);
    }
    sql.push(if stretch.rising() { " ORDER BY position" } else { " ORDER BY position DESC" });
    sql.push(" LIMIT ").push_bind(i64::from(stretch.limit) + 1);
    rows::parse(sql.build_query_scalar().fetch_all(pool).await?)
}

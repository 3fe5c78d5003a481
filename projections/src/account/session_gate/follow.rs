//! Fills the gate's memory: what ended lately from the read model, what ends from then on from the log.

use super::Known;
use crate::{
    projection::Name,
    queries::QueryError,
    registry::{SESSION_GATE, SESSIONS},
    watcher::Watcher,
};
use bus::{Feed, Follower};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{SessionId, UserId};
use sqlx::{PgPool, Row};
use std::{sync::Arc, time::Duration};
use store::{Reader, Recorded};
use tokio::time::sleep;
use uuid::Uuid;

const BATCH: usize = 1_000;
const RETRY: Duration = Duration::from_millis(200);

pub(super) struct Following {
    pub known: Arc<Known>,
    pub pool: PgPool,
    pub reader: Reader,
    pub feed: Feed,
    pub watcher: Watcher,
    pub lifetime: Duration,
}

impl Following {
    /// Until it is dropped, or meets an event that it does not know: from then on the log is asked.
    pub(super) async fn run(self) {
        let cursor = self.begin().await;
        let mut follower = Follower::from(&self.feed, cursor);
        // The read model holds what ended up to the cursor: the feed's word counts from here on.
        self.known.freshness.set(follower.freshness()).ok();
        self.watcher.publish([SESSION_GATE], cursor);
        loop {
            match follower.next(BATCH).await {
                Ok(events) if self.note(&events) => {
                    self.watcher.publish([SESSION_GATE], follower.position());
                }
                Ok(_) => return,
                Err(error) => {
                    tracing::warn!(%error, "the session gate cannot follow the log");
                    sleep(RETRY).await;
                }
            }
        }
    }

    /// False: an event that only a newer program knows. The feed is not confirmed any more, and so not trusted.
    fn note(&self, events: &[Recorded]) -> bool {
        let lifetime = TimeDelta::from_std(self.lifetime).unwrap_or(TimeDelta::MAX);
        let mut known = true;
        self.known.memory.send_modify(|memory| {
            for event in events {
                if let Err(error) = memory.note(event) {
                    tracing::error!(%error, "the session gate stops following");
                    known = false;
                    return;
                }
            }
            memory.sweep(lifetime);
        });
        known
    }

    async fn begin(&self) -> i64 {
        loop {
            match self.read_model().await {
                Ok(cursor) => return cursor,
                Err(error) => {
                    tracing::debug!(%error, "the session gate waits for the read model of sessions");
                    sleep(RETRY).await;
                }
            }
        }
    }

    /// The cursor is read first: rows may then be ahead of it, never behind, and an end that is noted twice is one.
    async fn read_model(&self) -> Result<i64, QueryError> {
        let cursor = self.cursor(SESSIONS).await?;
        let now = self.log_time().await?;
        let lifetime = TimeDelta::from_std(self.lifetime).unwrap_or(TimeDelta::MAX);
        let since = now.checked_sub_signed(lifetime).unwrap_or_default();
        let ended = sqlx::query("SELECT session_id FROM sessions WHERE end_recorded_at >= $1")
            .bind(since)
            .fetch_all(&self.pool)
            .await?;
        let epochs = sqlx::query("SELECT user_id, epoch, kept FROM session_epochs WHERE recorded_at >= $1")
            .bind(since)
            .fetch_all(&self.pool)
            .await?;
        self.known.memory.send_modify(|memory| {
            for row in &ended {
                memory.end(SessionId::from_uuid(row.get("session_id")), now);
            }
            for row in &epochs {
                let epoch = u32::try_from(row.get::<i64, _>("epoch")).unwrap_or(u32::MAX);
                let kept = row.get::<Option<Uuid>, _>("kept").map(SessionId::from_uuid);
                memory.raise(UserId::from_uuid(row.get("user_id")), epoch, kept, now);
            }
            memory.begin_at(cursor, now);
        });
        Ok(cursor)
    }

    async fn cursor(&self, name: Name) -> Result<i64, QueryError> {
        let sql = "SELECT position FROM projections.cursors WHERE projection = $1";
        Ok(sqlx::query_scalar(sql).bind(name.as_str()).fetch_one(&self.pool).await?)
    }

    /// When the last event was recorded: never ahead of the time of day.
    async fn log_time(&self) -> Result<DateTime<Utc>, QueryError> {
        let head = self.reader.head().await?;
        let last = self.reader.after((head - 1).max(0), 1).await?;
        Ok(last.first().map(|event| event.recorded_at).unwrap_or_default())
    }
}

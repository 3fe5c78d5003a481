//! When each session last gave a sign of life, and how often: telemetry, neither in the log nor a projection (C-22).
//!
//! Each node counts in memory and writes once a minute, so that a request costs no write (MW-01, MW-04).
//! What other nodes saw is therefore known here up to a minute late, and a killed program loses as much.
//! The idle limit (C-42) is decided here, see [`SessionActivity::is_idle`].

mod memory;
mod table;

pub(crate) use table::forget_person;

use crate::queries::QueryError;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{SessionId, UserId};
use memory::Memory;
use sqlx::PgPool;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::Store;
use tokio_util::sync::CancellationToken;

/// Between two writes: no session's row is written more often.
const WRITE_EVERY: Duration = Duration::from_secs(60);
/// How long after its last sign of life a session's telemetry is forgotten.
const KEPT: TimeDelta = TimeDelta::days(90);
/// Between two looks for what is to be forgotten.
const FORGET_EVERY: u32 = 60;

/// What is known of a session's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    pub last_active: DateTime<Utc>,
    /// Requests that it made.
    pub pages_visited: i64,
}

/// One per process. Cheap to clone.
#[derive(Clone)]
pub struct SessionActivity(Arc<Inner>);

struct Inner {
    memory: Mutex<Memory>,
    pool: PgPool,
    idle: Option<TimeDelta>,
}

impl SessionActivity {
    /// `idle`: how long a session may be silent; none: for ever.
    pub fn new(store: &Store, idle: Option<TimeDelta>) -> Self {
        let pool = store.pool().clone();
        Self(Arc::new(Inner { memory: Mutex::new(Memory::default()), pool, idle }))
    }

    /// How long a session may be silent.
    pub fn idle_limit(&self) -> Option<TimeDelta> {
        self.0.idle
    }

    /// The session made a request.
    pub fn visit(&self, session: SessionId, user: UserId, now: DateTime<Utc>) {
        if !self.memory().visit(session, user, now) {
            metrics::counter!("annals_session_activity_dropped_total").increment(1);
        }
    }

    /// Whether a session has been silent for longer than the limit. That its token was issued is a sign of life, too.
    ///
    /// Never too early, although other nodes write up to a minute late: where only their word counts, the limit is
    /// that minute longer. Young tokens are answered without a look at the table.
    ///
    /// # Errors
    /// The table cannot be read: the token must not be accepted.
    pub async fn is_idle(
        &self,
        session: SessionId,
        token_issued: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, QueryError> {
        let Some(limit) = self.0.idle else { return Ok(false) };
        let silent_since = now.checked_sub_signed(limit).unwrap_or_default();
        let here = self.memory().find(session).map(|seen| seen.last_active);
        if token_issued > silent_since || here.is_some_and(|last| last > silent_since) {
            return Ok(false);
        }
        let late = TimeDelta::from_std(WRITE_EVERY).unwrap_or_default();
        let written = table::find(&self.0.pool, &[session]).await?;
        Ok(written.get(&session).is_none_or(|there| there.last_active + late <= silent_since))
    }

    /// What is known of these sessions, this node's latest included; those that nobody saw are absent.
    ///
    /// # Errors
    /// The table cannot be read.
    pub async fn of(&self, sessions: &[SessionId]) -> Result<HashMap<SessionId, Activity>, QueryError> {
        let mut known = table::find(&self.0.pool, sessions).await?;
        let memory = self.memory();
        for session in sessions {
            let Some(here) = memory.find(*session) else { continue };
            let there = known.get(session).copied();
            let last_active = there.map_or(here.last_active, |there| there.last_active.max(here.last_active));
            let pages_visited = here.unwritten + there.map_or(0, |there| there.pages_visited);
            known.insert(*session, Activity { last_active, pages_visited });
        }
        Ok(known)
    }

    /// Writes what was seen, every minute and once more at the end.
    pub async fn run(self, stop: CancellationToken) {
        let mut rounds = 0_u32;
        while stop.run_until_cancelled(tokio::time::sleep(WRITE_EVERY)).await.is_some() {
            self.write_or_warn().await;
            rounds = rounds.wrapping_add(1);
            if rounds.is_multiple_of(FORGET_EVERY)
                && let Err(error) = table::forget(&self.0.pool, KEPT).await
            {
                tracing::warn!(%error, "old activity of sessions stays");
            }
        }
        self.write_or_warn().await;
    }

    async fn write_or_warn(&self) {
        if let Err(error) = self.write().await {
            tracing::warn!(%error, "the activity of sessions is kept for the next write");
        }
    }

    /// Writes what was seen since the last write, and says of how many sessions.
    ///
    /// # Errors
    /// What could not be written stays for the next time.
    pub async fn write(&self) -> Result<usize, QueryError> {
        let batch = self.memory().take();
        let written = table::add(&self.0.pool, &batch).await;
        if written.is_err() {
            self.memory().put_back(&batch);
        }
        Ok(written.map(|()| batch.len())?)
    }

    /// A panic elsewhere cannot have left it half changed.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! When each session last gave a sign of life, and how often; the same of API keys: telemetry, neither in the log nor
//! a projection (C-22).
//!
//! Each node counts in memory and writes once a minute, so that a request costs no write (MW-01, MW-04).
//! What other nodes saw is therefore known here up to a minute late, and a killed program loses as much.
//! The idle limit (C-42) is decided here, see [`SessionActivity::is_idle`].

mod ledger;
mod memory;
mod table;

pub use ledger::Ledger;

use crate::queries::QueryError;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{ApiKeyId, SessionId, UserId};
use std::{collections::HashMap, sync::Arc, time::Duration};
use store::Store;
use tokio_util::sync::CancellationToken;

/// Between two writes: no session's row is written more often.
const WRITE_EVERY: Duration = Duration::from_secs(60);
/// How long after its last sign of life a session's telemetry is forgotten.
const KEPT: TimeDelta = TimeDelta::days(90);
/// The same of a key, which lives for a year at most.
const KEY_KEPT: TimeDelta = TimeDelta::days(400);
/// Between two looks for what is to be forgotten.
const FORGET_EVERY: u32 = 60;

/// What is known of a session's life, or of a key's use.
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
    sessions: Ledger<SessionId>,
    api_keys: Ledger<ApiKeyId>,
    idle: Option<TimeDelta>,
}

impl SessionActivity {
    /// `idle`: how long a session may be silent; none: for ever.
    pub fn new(store: &Store, idle: Option<TimeDelta>) -> Self {
        let pool = || store.pool().clone();
        let sessions = Ledger::new(pool(), table::SESSIONS);
        let api_keys = Ledger::new(pool(), table::API_KEYS);
        Self(Arc::new(Inner { sessions, api_keys, idle }))
    }

    /// How long a session may be silent.
    pub fn idle_limit(&self) -> Option<TimeDelta> {
        self.0.idle
    }

    /// When API keys were used.
    pub fn api_keys(&self) -> &Ledger<ApiKeyId> {
        &self.0.api_keys
    }

    /// The session made a request.
    pub fn visit(&self, session: SessionId, user: UserId, now: DateTime<Utc>) {
        self.0.sessions.visit(session, Some(user), now);
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
        let here = self.0.sessions.seen_here(session);
        if token_issued > silent_since || here.is_some_and(|last| last > silent_since) {
            return Ok(false);
        }
        let late = TimeDelta::from_std(WRITE_EVERY).unwrap_or_default();
        let written = self.0.sessions.written(session).await?;
        Ok(written.is_none_or(|there| there.last_active + late <= silent_since))
    }

    /// What is known of these sessions, this node's latest included; those that nobody saw are absent.
    ///
    /// # Errors
    /// The table cannot be read.
    pub async fn of(&self, sessions: &[SessionId]) -> Result<HashMap<SessionId, Activity>, QueryError> {
        self.0.sessions.of(sessions).await
    }

    /// Writes what was seen, every minute and once more at the end.
    pub async fn run(self, stop: CancellationToken) {
        let Inner { sessions, api_keys, .. } = &*self.0;
        let mut rounds = 0_u32;
        while stop.run_until_cancelled(tokio::time::sleep(WRITE_EVERY)).await.is_some() {
            sessions.write_or_warn().await;
            api_keys.write_or_warn().await;
            rounds = rounds.wrapping_add(1);
            if rounds.is_multiple_of(FORGET_EVERY) {
                sessions.forget_or_warn(KEPT).await;
                api_keys.forget_or_warn(KEY_KEPT).await;
            }
        }
        sessions.write_or_warn().await;
        api_keys.write_or_warn().await;
    }

    /// Writes what was seen of sessions since the last write, and says of how many.
    ///
    /// # Errors
    /// What could not be written stays for the next time.
    pub async fn write(&self) -> Result<usize, QueryError> {
        self.0.sessions.write().await
    }
}

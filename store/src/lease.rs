//! An advisory lock that leaves one of several processes at a piece of work.
//!
//! It only avoids waste: whatever must happen once is fenced where it is written. The session that holds it is ended
//! by the server after [`SILENCE`] without a word, so that a process that stands still does not keep the lock.

use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};
use std::{sync::Arc, time::Duration};
use tokio::{
    task::AbortHandle,
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

const ASK_EVERY: Duration = Duration::from_millis(500);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// PostgreSQL's `idle_session_timeout`.
const SILENCE: &str = "3s";

/// Held until it is dropped, or lost.
pub struct Lease {
    lost: CancellationToken,
    keeper: AbortHandle,
}

impl Lease {
    /// None: another process has it.
    pub async fn try_take(pool: &PgPool, key: i64) -> Result<Option<Self>, sqlx::Error> {
        // A session of its own: it ends with the lease, and does not count against the pool's readers.
        let options = Arc::unwrap_or_clone(pool.connect_options())
            .application_name("annals lease")
            .options([("idle_session_timeout", SILENCE)]);
        let mut session = options.connect().await?;
        let taken: bool =
            sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(key).fetch_one(&mut session).await?;
        if !taken {
            session.close().await?;
            return Ok(None);
        }
        let lost = CancellationToken::new();
        let keeper = tokio::spawn(keep(session, lost.clone())).abort_handle();
        Ok(Some(Self { lost, keeper }))
    }

    /// Waits for it.
    pub async fn take(pool: &PgPool, key: i64) -> Result<Self, sqlx::Error> {
        loop {
            if let Some(lease) = Self::try_take(pool, key).await? {
                return Ok(lease);
            }
            sleep(ASK_EVERY).await;
        }
    }

    /// Returns when the session is gone, and the lock with it.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

async fn keep(mut session: PgConnection, lost: CancellationToken) {
    let mut ask = interval(ASK_EVERY);
    ask.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ask.tick().await;
        if !matches!(timeout(ANSWER_WITHIN, session.ping()).await, Ok(Ok(()))) {
            lost.cancel();
            return;
        }
    }
}

//! The advisory lock that leaves one relay of several active.
//!
//! It only avoids waste: a holder that lost it without noticing is stopped by NATS (see [`crate::relay`]).

use crate::error::BusError;
use sqlx::{PgConnection, PgPool};
use std::time::Duration;
use store::StoreError;
use tokio::time::{sleep, timeout};

/// `annals` and a number, as one of PostgreSQL's 64-bit lock keys. `es.append` has another.
const KEY: i64 = 0x616e_6e61_6c73_0001;
const ASK_EVERY: Duration = Duration::from_millis(500);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Held as long as its session lives.
pub(crate) struct Lease(PgConnection);

impl Lease {
    /// Returns once this process holds the lock.
    pub(crate) async fn take(pool: &PgPool) -> Result<Self, BusError> {
        // Detached: the session must end with the lease, and must not count against the pool's readers.
        let mut session = pool.acquire().await?.detach();
        while !try_lock(&mut session).await? {
            sleep(ASK_EVERY).await;
        }
        Ok(Self(session))
    }

    /// Returns when the session is gone, and the lock with it.
    pub(crate) async fn lost(&mut self) -> BusError {
        loop {
            sleep(ASK_EVERY).await;
            match timeout(ANSWER_WITHIN, sqlx::query("SELECT 1").execute(&mut self.0)).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return error.into(),
                Err(_) => return StoreError::Unavailable(sqlx::Error::PoolTimedOut).into(),
            }
        }
    }
}

async fn try_lock(session: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(KEY).fetch_one(session).await
}

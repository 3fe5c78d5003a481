//! The advisory lock that keeps all but one runner from working in vain. Nothing rests on it: cursors do the fencing.

use sqlx::{Connection, PgConnection, PgPool};
use std::time::Duration;

const LOCK: i64 = 7_310_868_735_422_850;

/// How often a runner without the lock tries again.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Held by a session of its own, so that it ends with the process.
pub(super) struct Lease(Option<PgConnection>);

impl Lease {
    /// For a runner that works without.
    pub(super) const fn none() -> Self {
        Self(None)
    }

    /// None: another process has it.
    pub(super) async fn take(pool: &PgPool) -> Result<Option<Self>, sqlx::Error> {
        let mut connection = PgConnection::connect_with(&pool.connect_options()).await?;
        let taken: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut connection)
            .await?;
        if taken {
            return Ok(Some(Self(Some(connection))));
        }
        connection.close().await?;
        Ok(None)
    }

    pub(super) async fn check(&mut self) -> Result<(), sqlx::Error> {
        match &mut self.0 {
            Some(connection) => connection.ping().await,
            None => Ok(()),
        }
    }
}

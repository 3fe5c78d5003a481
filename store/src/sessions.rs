//! Connections that stay out of their pool while they are in use: a pool asks the server about each one that it gets
//! back, which costs as much as a small statement.

use crate::connect::pool_options;
use sqlx::{
    PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgArguments, PgQueryResult, PgRow},
    query::Query,
};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// One that rested for longer may be dead by now: the pool gets it back and asks.
const RESTED: Duration = Duration::from_secs(1);

/// A bounded number of sessions, each opened when it is first needed.
pub struct Sessions {
    pool: PgPool,
    /// One for each connection of the pool: whoever has one finds a connection here or there.
    permits: Semaphore,
    rested: Mutex<Vec<(PoolConnection<Postgres>, Instant)>>,
}

impl Sessions {
    /// At most `size` at the same time, of a pool of their own.
    pub fn new(pool: &PgPool, size: u32) -> Self {
        let options = pool.connect_options().as_ref().clone();
        Self {
            pool: pool_options(size).connect_lazy_with(options),
            permits: Semaphore::new(size as usize),
            rested: Mutex::default(),
        }
    }

    /// All rows of a statement's answer.
    ///
    /// # Errors
    /// Those of the statement, and when no connection is to be had.
    pub async fn fetch_all(
        &self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        let (_permit, mut connection) = self.take().await?;
        let rows = query.fetch_all(&mut *connection).await?;
        self.keep(connection);
        Ok(rows)
    }

    /// The result of a statement.
    ///
    /// # Errors
    /// As [`Self::fetch_all`].
    pub async fn execute(
        &self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<PgQueryResult, sqlx::Error> {
        let (_permit, mut connection) = self.take().await?;
        let done = query.execute(&mut *connection).await?;
        self.keep(connection);
        Ok(done)
    }

    /// Dropped instead of kept, as where a statement fails or is given up, it is the pool's to look at.
    async fn take(&self) -> Result<(SemaphorePermit<'_>, PoolConnection<Postgres>), sqlx::Error> {
        let permit = self.permits.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
        let newest = self.rested.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match newest {
            Some((connection, since)) if since.elapsed() < RESTED => connection,
            older => {
                drop(older);
                // Boxed, because it is rare and large: whoever may load a stream would hold room for it.
                Box::pin(self.pool.acquire()).await?
            }
        };
        Ok((permit, connection))
    }

    /// The whole answer was read.
    fn keep(&self, connection: PoolConnection<Postgres>) {
        self.rested.lock().unwrap_or_else(PoisonError::into_inner).push((connection, Instant::now()));
    }
}

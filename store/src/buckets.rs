//! Token buckets that all nodes share (GCRA). Exact: a permit is one statement on one row.
//!
//! Their names are HMACs, so that the table tells nobody who tried what. They live beside the log, not in it.

use crate::{error::StoreError, store::Store};
use std::time::Duration;

/// `burst` permits at once, and one more after each `every`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub burst: u32,
    pub every: Duration,
}

/// The answer to a request for permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    Granted {
        /// Permits that are left now.
        left: u32,
    },
    Refused {
        /// When the same question may succeed.
        retry_after: Duration,
    },
}

const TAKE: &str = "
    INSERT INTO edge.buckets AS held (key, full_at) VALUES ($1, clock_timestamp() + $2 * interval '1 microsecond')
    ON CONFLICT (key) DO UPDATE
       SET full_at = greatest(held.full_at, clock_timestamp()) + $2 * interval '1 microsecond'
     WHERE greatest(held.full_at, clock_timestamp()) + $2 * interval '1 microsecond'
           <= clock_timestamp() + $3 * interval '1 microsecond'
    RETURNING (extract(epoch FROM full_at - clock_timestamp()) * 1000000)::bigint";

const WAIT: &str = "
    SELECT (extract(epoch FROM full_at - clock_timestamp()) * 1000000)::bigint + $2 - $3
      FROM edge.buckets WHERE key = $1";

impl Store {
    /// Takes `permits`, at most `limit.burst`, from the bucket of `whom`: all of them or none.
    pub async fn take_permits(
        &self,
        bucket: &str,
        whom: &str,
        limit: Limit,
        permits: u32,
    ) -> Result<Permit, StoreError> {
        let key = self.index().bucket(bucket, whom);
        let (cost, size) = (micros(limit.every * permits), micros(limit.every * limit.burst));
        let full_in: Option<i64> =
            sqlx::query_scalar(TAKE).bind(&key).bind(cost).bind(size).fetch_optional(self.pool()).await?;
        if let Some(full_in) = full_in {
            let left = (size - full_in).max(0) / micros(limit.every).max(1);
            return Ok(Permit::Granted { left: u32::try_from(left).unwrap_or(u32::MAX) });
        }
        let wait: Option<i64> =
            sqlx::query_scalar(WAIT).bind(&key).bind(cost).bind(size).fetch_optional(self.pool()).await?;
        let wait = u64::try_from(wait.unwrap_or(0)).unwrap_or(0);
        Ok(Permit::Refused { retry_after: Duration::from_micros(wait) })
    }

    /// Whether a permit is available now. It takes none.
    pub async fn has_permit(&self, bucket: &str, whom: &str, limit: Limit) -> Result<bool, StoreError> {
        let sql = "SELECT NOT EXISTS (SELECT FROM edge.buckets WHERE key = $1
             AND full_at + $2 * interval '1 microsecond' > clock_timestamp() + $3 * interval '1 microsecond')";
        let (cost, size) = (micros(limit.every), micros(limit.every * limit.burst));
        let key = self.index().bucket(bucket, whom);
        Ok(sqlx::query_scalar(sql).bind(key).bind(cost).bind(size).fetch_one(self.pool()).await?)
    }

    /// Gives one permit back: what it was taken for turned out to be in order.
    pub async fn return_permit(&self, bucket: &str, whom: &str, limit: Limit) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE edge.buckets SET full_at = full_at - $2 * interval '1 microsecond' WHERE key = $1",
        )
        .bind(self.index().bucket(bucket, whom))
        .bind(micros(limit.every))
        .execute(self.pool())
        .await?;
        Ok(())
    }

    /// Remembers a mark for a time, as a bucket that is not full until then.
    pub async fn mark(&self, bucket: &str, whom: &str, lasts: Duration) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO edge.buckets (key, full_at) VALUES ($1, clock_timestamp() + $2 * interval '1 microsecond')
             ON CONFLICT (key) DO UPDATE SET full_at = excluded.full_at",
        )
        .bind(self.index().bucket(bucket, whom))
        .bind(micros(lasts))
        .execute(self.pool())
        .await?;
        Ok(())
    }

    /// Whether a mark is still valid.
    pub async fn is_marked(&self, bucket: &str, whom: &str) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT FROM edge.buckets WHERE key = $1 AND full_at > clock_timestamp())";
        let key = self.index().bucket(bucket, whom);
        Ok(sqlx::query_scalar(sql).bind(key).fetch_one(self.pool()).await?)
    }

    /// Deletes rows that say nothing any more. Returns how many.
    pub async fn forget_full_buckets(&self) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM edge.buckets WHERE full_at < clock_timestamp()")
            .execute(self.pool())
            .await?;
        Ok(done.rows_affected())
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

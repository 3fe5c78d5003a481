//! The steps that remove deleted bytes from the disk of a PostgreSQL server.
//!
//! A deleted row stays in its page, in the samples of the statistics and in the write-ahead log; VACUUM frees the room
//! and leaves the bytes. What removes them is a new file in place of the old one, and a checkpoint after it.
//! Each step says whether it was done: a role of an operator's own server may not be allowed to.

use crate::error::StoreError;
use log::LevelFilter;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, PgPool, postgres::PgConnectOptions};
use std::{str::FromStr, time::Duration};
use tokio::time::{Instant, sleep};

/// The result of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Done,
    /// The role is not allowed to.
    NotAllowed,
    /// Something on the server keeps hold of it: an old transaction, an archiver, a replication slot.
    Held,
}

/// A checkpoint takes as long as the disk needs.
const SLOW: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Files of the write-ahead log that are passed through at most, of 16 MiB each unless the server was made otherwise.
const SEGMENTS: usize = 512;
/// A name without its timeline, by which PostgreSQL itself compares files of the write-ahead log.
const FILES: &str = "SELECT substr(name, 9) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$' ORDER BY 1";

/// A session that maintains one database.
pub struct Maintainer {
    session: PgConnection,
}

impl Maintainer {
    /// # Errors
    /// If the server does not answer or refuses the role.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)?
            .application_name("annals maintenance")
            .log_slow_statements(LevelFilter::Warn, SLOW)
            .options([("lock_timeout", "10s"), ("statement_timeout", "0")]);
        Ok(Self { session: PgConnection::connect_with(&options).await? })
    }

    /// Makes the statistics of this database anew without what was deleted from them; waits so long for transactions that
    /// could still see it.
    ///
    /// # Errors
    /// If the server does not answer.
    pub async fn rewrite_statistics(&mut self, patience: Duration) -> Result<Step, StoreError> {
        let now = "SELECT pg_current_xact_id()::text";
        let now: String = sqlx::query_scalar(now).fetch_one(&mut self.session).await?;
        if !self.old_snapshots_end(&now, patience).await? {
            return Ok(Step::Held);
        }
        let before = self.statistics_file().await?;
        match allowed(self.session.execute("VACUUM FULL pg_catalog.pg_statistic").await)? {
            // PostgreSQL only warns who may not.
            true if self.statistics_file().await? != before => Ok(Step::Done),
            _ => Ok(Step::NotAllowed),
        }
    }

    /// Leaves nothing of the write-ahead log as it is now, neither in files that are kept nor in those that wait to be
    /// written again.
    ///
    /// # Errors
    /// If the server does not answer.
    pub async fn empty_wal(&mut self) -> Result<Step, StoreError> {
        let Some(last) = self.switch_wal().await? else { return Ok(Step::NotAllowed) };
        if !self.checkpoint().await? {
            return Ok(Step::NotAllowed);
        }
        let Some(files) = self.wal_files().await? else { return Ok(Step::NotAllowed) };
        // Files that the checkpoint has named for later use still have their old content, until they are passed through.
        let furthest = files.last().cloned().unwrap_or_default();
        let mut passed = last.clone();
        for _ in 0..SEGMENTS {
            match self.switch_wal().await? {
                Some(file) => passed = file,
                None => return Ok(Step::NotAllowed),
            }
            if passed >= furthest {
                break;
            }
        }
        self.checkpoint().await?;
        let kept = self.wal_files().await?.unwrap_or_default();
        let is_empty = passed >= furthest && kept.iter().all(|file| *file > last);
        Ok(if is_empty { Step::Done } else { Step::Held })
    }

    /// # Errors
    /// If the server does not answer.
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.session.close().await?)
    }

    /// A rewrite keeps what an older snapshot could still see. False: one outlived our patience, or cannot be told.
    async fn old_snapshots_end(&mut self, xid: &str, patience: Duration) -> Result<bool, StoreError> {
        let sql = "
            SELECT NOT EXISTS (
                SELECT FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()
                   AND age(backend_xmin) > age($1::xid8::xid))
               AND NOT EXISTS (SELECT FROM pg_prepared_xacts WHERE database = current_database())
               AND NOT EXISTS (SELECT FROM pg_replication_slots WHERE xmin IS NOT NULL OR catalog_xmin IS NOT NULL)";
        let begun = Instant::now();
        loop {
            if sqlx::query_scalar(sql).bind(xid).fetch_one(&mut self.session).await? {
                return Ok(true);
            }
            if begun.elapsed() >= patience {
                return Ok(false);
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    async fn statistics_file(&mut self) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT pg_relation_filenode('pg_catalog.pg_statistic')::bigint";
        Ok(sqlx::query_scalar(sql).fetch_one(&mut self.session).await?)
    }

    /// The file that is complete now. None: not allowed.
    async fn switch_wal(&mut self) -> Result<Option<String>, StoreError> {
        // Without a record of its own a switch right after another one does nothing.
        let mark = "SELECT pg_logical_emit_message(true, 'annals', 'purge')::text";
        let switch = "SELECT substr(pg_walfile_name(pg_switch_wal()), 9)";
        if !allowed(sqlx::query(mark).execute(&mut self.session).await)? {
            return Ok(None);
        }
        match sqlx::query_scalar(switch).fetch_one(&mut self.session).await {
            Ok(file) => Ok(Some(file)),
            Err(error) => allowed::<()>(Err(error)).map(|_| None),
        }
    }

    async fn checkpoint(&mut self) -> Result<bool, StoreError> {
        allowed(self.session.execute("CHECKPOINT").await)
    }

    async fn wal_files(&mut self) -> Result<Option<Vec<String>>, StoreError> {
        match sqlx::query_scalar(FILES).fetch_all(&mut self.session).await {
            Ok(files) => Ok(Some(files)),
            Err(error) => allowed::<()>(Err(error)).map(|_| None),
        }
    }
}

/// Whether the role has the right to do it.
fn allowed<T>(done: Result<T, sqlx::Error>) -> Result<bool, StoreError> {
    const FORBIDDEN: &str = "42501";
    match done {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(FORBIDDEN) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The rewrite's steps: each is a transaction, and the long one in the middle holds nobody up.
const REWRITE_KEYS: [&str; 3] =
    ["SELECT keys.begin_rewrite()", "SELECT keys.copy_subjects()", "SELECT keys.end_rewrite()"];

/// Puts the rows of the key store into a new file, without former versions of any row. Only what a snapshot sees is
/// copied: what a VACUUM takes along for an older one does not come along. See `migrations/keys/0004_rewrite.sql`.
pub(crate) async fn rewrite_keys(pool: &PgPool) -> Result<Step, StoreError> {
    for step in REWRITE_KEYS {
        let mut tx = pool.begin().await?;
        // The copy takes as long as the table is long; whoever waits for a lock holds others up.
        tx.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '10s'").await?;
        if !allowed(tx.execute(step).await)? {
            return Ok(Step::NotAllowed);
        }
        tx.commit().await?;
    }
    Ok(Step::Done)
}

//! Connections, the checks before the first append, and migrations.

use crate::error::StoreError;
use log::LevelFilter;
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, Row,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr, time::Duration};

/// Longer than a busy pool leaves a connection alone.
const RESTED: Duration = Duration::from_secs(1);

static LOG: Migrator = sqlx::migrate!("../migrations");
static KEYS: Migrator = sqlx::migrate!("../migrations/keys");

/// Creates or upgrades the event log. Safe to run from several nodes at once. Where nothing is to be done, any role
/// that may read will do.
pub async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
    run(&LOG, pool).await
}

/// Creates or upgrades the key store, as [`migrate`] does the event log.
pub async fn migrate_keys(pool: &PgPool) -> Result<(), StoreError> {
    run(&KEYS, pool).await
}

async fn run(migrator: &Migrator, pool: &PgPool) -> Result<(), StoreError> {
    if is_applied(migrator, pool).await {
        return Ok(());
    }
    Ok(migrator.run(pool).await?)
}

/// Looks only. What it cannot tell, the migrator finds out.
async fn is_applied(migrator: &Migrator, pool: &PgPool) -> bool {
    let sql = "SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version";
    let Ok(applied) = sqlx::query_as::<_, (i64, Vec<u8>)>(sql).fetch_all(pool).await else { return false };
    let known: Vec<(i64, Vec<u8>)> =
        migrator.iter().map(|migration| (migration.version, migration.checksum.to_vec())).collect();
    applied == known
}

/// A pool for reads and short writes.
pub(crate) async fn pool(url: &str, size: u32, slow: Duration) -> Result<PgPool, StoreError> {
    let options = options(url, slow)?
        .options([("statement_timeout", "30s"), ("idle_in_transaction_session_timeout", "30s")]);
    Ok(pool_options(size).connect_with(options).await?)
}

/// How pools of this log behave: only a connection that rested is asked whether it still lives, because the question
/// costs a round trip.
pub fn pool_options(size: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false)
        .before_acquire(|connection, rest| {
            Box::pin(async move { Ok(rest.idle_for < RESTED || connection.ping().await.is_ok()) })
        })
}

/// A session of a committer: plans are kept, a lost peer is noticed, nothing waits for ever.
pub(crate) async fn committer_session(url: &str, slow: Duration) -> Result<PgConnection, sqlx::Error> {
    let options = options(url, slow)?.application_name("annals committer").options([
        ("synchronous_commit", "on"),
        ("plan_cache_mode", "force_generic_plan"),
        // Plans are made once, on tables that may still be small: what is right for those is wrong soon after.
        ("enable_seqscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
        ("statement_timeout", "30s"),
        ("tcp_user_timeout", "10s"),
        ("client_connection_check_interval", "2s"),
    ]);
    PgConnection::connect_with(&options).await
}

/// Refuses a server that could lose what it acknowledged.
pub(crate) async fn refuse_unsafe_server(pool: &PgPool) -> Result<(), StoreError> {
    let row = sqlx::query(
        "SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes",
    )
    .fetch_one(pool)
    .await?;
    for setting in ["fsync", "full_page_writes"] {
        if row.get::<String, _>(setting) != "on" {
            return Err(StoreError::Refused(format!(
                "PostgreSQL runs with {setting} = off and could lose acknowledged commands: turn it on"
            )));
        }
    }
    Ok(())
}

/// A statement that takes longer than `slow` is a warning: its text, its duration, never the values that are bound to it.
fn options(url: &str, slow: Duration) -> Result<PgConnectOptions, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?.application_name("annals");
    Ok(options.log_slow_statements(LevelFilter::Warn, slow))
}

//! Settings of what is logged, and names that are accepted for the sake of others.

use super::{Setting, plain, secret, unset};

pub(super) const SETTINGS: &[Setting] = &[
    plain(
        "log.filter",
        "RUST_LOG",
        "info,sqlx=warn,async_nats=warn",
        "What is logged (tracing's EnvFilter).",
    ),
    unset("log.level", "LOG_LEVEL", "error, warn, info, debug or trace, where RUST_LOG is not set."),
    plain("log.sql", "SQL_LOG", "false", "Every SQL statement is logged, without its values."),
    plain(
        "log.slow_sql_ms",
        "ANNALS_SLOW_SQL_MS",
        "1000",
        "Slower SQL statements are logged as warnings, without their values: milliseconds, 0 to 3600000.",
    ),
    plain("log.format", "ANNALS_LOG_FORMAT", "json", "json or text."),
    secret(
        "redis.url",
        "REDIS_URL",
        "Accepted and not used: sessions and limits live in PostgreSQL and NATS.",
    ),
];

//! Settings of PostgreSQL and NATS.

use super::{Setting, plain, secret, unset};

pub(super) const SETTINGS: &[Setting] = &[
    secret(
        "database.url",
        "DATABASE_URL",
        "PostgreSQL of the event log. Unset (with nats.url): embedded servers.",
    ),
    secret(
        "database.keys_url",
        "ANNALS_KEYS_URL",
        "PostgreSQL of the key store; required with database.url.",
    ),
    secret(
        "database.migrate_url",
        "ANNALS_MIGRATE_URL",
        "The event log's PostgreSQL as the owner of its tables, for migrations. Default: database.url.",
    ),
    secret(
        "database.keys_migrate_url",
        "ANNALS_KEYS_MIGRATE_URL",
        "The key store's PostgreSQL as the owner of its tables, for migrations. Default: database.keys_url.",
    ),
    plain(
        "servers.allow_plaintext",
        "ANNALS_ALLOW_PLAINTEXT",
        "false",
        "Allows PostgreSQL and NATS on other machines without TLS, or without checking their certificate: only for a private network.",
    ),
    plain(
        "database.pool_size",
        "ANNALS_POOL_SIZE",
        "16",
        "Connections for reads, 2 to 200; streams are loaded on up to 8 more, jobs use 4, people one.",
    ),
    secret(
        "nats.url",
        "NATS_URL",
        "NATS for the roles; tls://user:password@host:port, or nats://… on this machine.",
    ),
    secret("nats.relay_url", "ANNALS_NATS_RELAY_URL", "NATS for the relay, if it has a user of its own."),
    plain("nats.stream", "ANNALS_STREAM", "ANNALS", "JetStream stream of the events."),
    plain("nats.subject", "ANNALS_SUBJECT", "annals.events", "Subjects are <this>.<aggregate>.<event>."),
    plain(
        "nats.ingest_stream",
        "ANNALS_INGEST_STREAM",
        "ANNALS_INGEST",
        "JetStream stream of activity from services; rejected messages are in <this>_REJECTED.",
    ),
    plain(
        "nats.ingest_subject",
        "ANNALS_INGEST_SUBJECT",
        "annals.ingest",
        "Services publish to <this>.activity.<service>.",
    ),
    unset("nats.server", "ANNALS_NATS_SERVER", "The nats-server binary to embed."),
];

//! Every setting, once: key in the file, environment variable, default, meaning.

/// One line of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// `section.name` in the file and in `--set`.
    pub key: &'static str,
    /// The environment variable; the seeds' own name where they have one (CFG-01).
    pub env: &'static str,
    /// None: no value unless given.
    pub default: Option<&'static str>,
    /// Never shown.
    pub secret: bool,
    pub doc: &'static str,
}

const fn plain(key: &'static str, env: &'static str, default: &'static str, doc: &'static str) -> Setting {
    Setting { key, env, default: Some(default), secret: false, doc }
}

const fn unset(key: &'static str, env: &'static str, doc: &'static str) -> Setting {
    Setting { key, env, default: None, secret: false, doc }
}

const fn secret(key: &'static str, env: &'static str, doc: &'static str) -> Setting {
    Setting { key, env, default: None, secret: true, doc }
}

pub const SETTINGS: &[Setting] = &[
    plain(
        "data.dir",
        "ANNALS_DATA_DIR",
        "./.annals",
        "Data of the embedded servers, outbox, generated secrets.",
    ),
    plain(
        "http.listen",
        "ANNALS_LISTEN",
        "127.0.0.1:8000",
        "Address and port of the API; port 0 picks a free one.",
    ),
    unset("http.port", "PORT", "Overrides the port of http.listen."),
    plain(
        "http.metrics_listen",
        "ANNALS_METRICS_LISTEN",
        "127.0.0.1:0",
        "Address of /metrics; port 0 picks a free one, which `annals status` tells; or off.",
    ),
    plain(
        "http.metrics_public",
        "ANNALS_METRICS_PUBLIC",
        "false",
        "/metrics is also on the address of the API, for whoever reaches that.",
    ),
    plain(
        "http.connections",
        "ANNALS_CONNECTIONS",
        "10000",
        "Connections at once, 16 to 1000000; fewer where the system allows fewer open files.",
    ),
    plain(
        "http.connections_per_network",
        "ANNALS_CONNECTIONS_PER_NETWORK",
        "512",
        "Of one IPv4 address or one /64 of IPv6, but for trusted proxies; or off.",
    ),
    unset(
        "http.public_url",
        "ANNALS_PUBLIC_URL",
        "How clients reach the API; used in mails (default: http://<listen>) and in links to badges (default: relative ones).",
    ),
    plain(
        "http.fresh_within_ms",
        "ANNALS_FRESH_WITHIN_MS",
        "500",
        "Milliseconds for which a reply waits at most until the read models show what it stands on.",
    ),
    unset(
        "http.allowed_hosts",
        "ALLOWED_HOSTS",
        "Host names that are answered, comma-separated; .example.com takes all below it. Default: any.",
    ),
    unset(
        "http.cors_origins",
        "CORS_ALLOWED_ORIGINS",
        "Origins whose pages may call the API, comma-separated, such as https://app.example.com.",
    ),
    unset(
        "http.trusted_proxies",
        "ANNALS_TRUSTED_PROXIES",
        "Addresses and networks whose X-Forwarded-For, -Host and -Proto are believed, comma-separated.",
    ),
    plain(
        "http.ssl_redirect",
        "SECURE_SSL_REDIRECT",
        "false",
        "Plain HTTP is refused; pages for people lead to HTTPS.",
    ),
    plain(
        "http.hsts_seconds",
        "SECURE_HSTS_SECONDS",
        "0",
        "Strict-Transport-Security on replies over HTTPS.",
    ),
    plain(
        "http.hsts_subdomains",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
        "false",
        "It also holds for every host below this one.",
    ),
    plain(
        "http.hsts_preload",
        "SECURE_HSTS_PRELOAD",
        "false",
        "Browsers may be shipped with it; takes a year, and the hosts below.",
    ),
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
        "database.pool_size",
        "ANNALS_POOL_SIZE",
        "16",
        "Connections for reads, 2 to 200; streams are loaded on up to 8 more, jobs use 4, people one.",
    ),
    secret("nats.url", "NATS_URL", "NATS for the roles; nats://user:password@host:port."),
    secret("nats.relay_url", "ANNALS_NATS_RELAY_URL", "NATS for the relay, if it has a user of its own."),
    plain("nats.stream", "ANNALS_STREAM", "ANNALS", "JetStream stream of the events."),
    plain("nats.subject", "ANNALS_SUBJECT", "annals.events", "Subjects are <this>.<aggregate>.<event>."),
    plain(
        "nats.ingest_stream",
        "ANNALS_INGEST_STREAM",
        "ANNALS_INGEST",
        "JetStream stream of what services publish; what is refused of it is in <this>_REJECTED.",
    ),
    plain(
        "nats.ingest_subject",
        "ANNALS_INGEST_SUBJECT",
        "annals.ingest",
        "Services publish to <this>.activity.<service>.",
    ),
    unset("nats.server", "ANNALS_NATS_SERVER", "The nats-server binary to embed."),
    plain(
        "auth.algorithm",
        "JWT_ALGORITHM",
        "HS256",
        "Of access tokens: HS256, EdDSA (Ed25519) or ES256 (P-256).",
    ),
    secret("auth.secret_key", "JWT_SECRET_KEY", "HMAC key of access tokens with HS256, at least 32 bytes."),
    unset(
        "auth.signing_keys",
        "ANNALS_SIGNING_KEYS",
        "Directory of the keys of EdDSA and ES256. Default with embedded servers: signing_keys in data.dir.",
    ),
    plain("auth.access_lifetime", "JWT_ACCESS_TOKEN_LIFETIME", "900", "Seconds, 60 to 86400."),
    plain("auth.refresh_lifetime", "JWT_REFRESH_TOKEN_LIFETIME", "604800", "Seconds, 60 to 31536000."),
    plain(
        "auth.session_lifetime",
        "ANNALS_SESSION_LIFETIME",
        "2592000",
        "Seconds until a session ends for good.",
    ),
    plain(
        "auth.max_sessions",
        "ANNALS_MAX_SESSIONS",
        "20",
        "Sessions of one account that live at once, 1 to 1000; one more ends the oldest.",
    ),
    unset(
        "auth.context_words",
        "ANNALS_PASSWORD_CONTEXT_WORDS",
        "Words that no password contains, comma-separated, beside the service's name and the hosts of its public URL.",
    ),
    plain(
        "auth.session_idle",
        "ANNALS_SESSION_IDLE",
        "1800",
        "Seconds without a request until a session's access tokens are refused, 60 to 31536000; 0: never.",
    ),
    plain(
        "auth.code_lifetime",
        "ANNALS_CODE_LIFETIME",
        "600",
        "Seconds that an e-mailed code lives, 60 to 600 (ASVS 6.5.5).",
    ),
    plain(
        "auth.registration_days",
        "ANNALS_REGISTRATION_DAYS",
        "3",
        "Days after which a registration that nobody verified is over and its username free, 0 to 365; 0: never.",
    ),
    plain(
        "auth.fresh_login",
        "ANNALS_FRESH_LOGIN",
        "300",
        "Seconds after a login in which its session makes keys, ends sessions and deletes the account without the password, 0 to 86400; 0: never.",
    ),
    unset("auth.hashers", "ANNALS_HASHERS", "Passwords hashed at once (19 MiB each). Default: one per core."),
    plain(
        "deeds.told_within_days",
        "ANNALS_DEEDS_TOLD_WITHIN_DAYS",
        "365",
        "Days after which a service tells no more of what somebody did (occurred_at), 1 to 36500.",
    ),
    plain(
        "erasure.grace_days",
        "ANNALS_DELETION_GRACE_DAYS",
        "14",
        "Days between one's own wish to be erased and the erasure, 0 to 365.",
    ),
    plain(
        "erasure.key_backup_days",
        "ANNALS_KEY_BACKUP_DAYS",
        "35",
        "Days for which you keep backups of the key store: certificates of erasure say so.",
    ),
    secret(
        "keys.master",
        "ANNALS_MASTER_KEY",
        "Wraps the data keys: 64 hex digits. Lost, all personal data is.",
    ),
    secret("keys.index", "ANNALS_INDEX_KEY", "HMAC key of unique values: 64 hex digits."),
    secret(
        "keys.codes",
        "ANNALS_CODES_KEY",
        "Derives codes, refresh tokens, session cookies: 64 hex digits.",
    ),
    secret(
        "keys.master_other",
        "ANNALS_MASTER_KEY_OTHER",
        "While the master key is replaced: the next one, then the former one. What it wrapped is read, too.",
    ),
    secret(
        "keys.index_other",
        "ANNALS_INDEX_KEY_OTHER",
        "While the index key is replaced: the next one, then the former one. What it names is guarded, too.",
    ),
    secret(
        "keys.codes_other",
        "ANNALS_CODES_KEY_OTHER",
        "While the codes key is replaced: the next one, then the former one. What it derived counts, too.",
    ),
    secret(
        "keys.cluster",
        "ANNALS_CLUSTER_KEY",
        "Authenticates events on NATS between nodes: 64 hex digits.",
    ),
    unset(
        "mail.backend",
        "EMAIL_BACKEND",
        "smtp, console or file, also as Django spells them. Default: smtp with mail.host, else file.",
    ),
    unset("mail.host", "EMAIL_HOST", "SMTP server."),
    plain("mail.port", "EMAIL_PORT", "25", "SMTP port."),
    plain(
        "mail.use_tls",
        "EMAIL_USE_TLS",
        "auto",
        "auto: STARTTLS where the server offers it; true: no mail without it, nor with another's certificate; false: never.",
    ),
    plain("mail.use_ssl", "EMAIL_USE_SSL", "false", "TLS from the first byte."),
    unset("mail.user", "EMAIL_HOST_USER", "SMTP user."),
    secret("mail.password", "EMAIL_HOST_PASSWORD", "SMTP password."),
    plain("mail.from", "DEFAULT_FROM_EMAIL", "Annals <no-reply@localhost>", "Sender."),
    plain(
        "throttle.login_address",
        "ANNALS_THROTTLE_LOGIN_ADDRESS",
        "30/20",
        "Failed logins from one network: so many at once / one more after so many seconds; or off.",
    ),
    plain(
        "throttle.login_account",
        "ANNALS_THROTTLE_LOGIN_ACCOUNT",
        "5/60",
        "… to one identifier from one network.",
    ),
    plain(
        "throttle.login_anywhere",
        "ANNALS_THROTTLE_LOGIN_ANYWHERE",
        "100/36",
        "… to one identifier from all networks that never signed in to it.",
    ),
    plain(
        "throttle.password_check",
        "ANNALS_THROTTLE_PASSWORD_CHECK",
        "10/60",
        "Wrong passwords of one session's user.",
    ),
    plain(
        "throttle.reset_address",
        "ANNALS_THROTTLE_RESET_ADDRESS",
        "3/1200",
        "Password resets from one network.",
    ),
    plain(
        "throttle.reset_account",
        "ANNALS_THROTTLE_RESET_ACCOUNT",
        "6/600",
        "Reset mails to one account, of which one at a time is out; more are not sent, and nobody is told.",
    ),
    plain(
        "throttle.code_mail",
        "ANNALS_THROTTLE_CODE_MAIL",
        "10/8640",
        "Mails with a code to one address; more are not sent, and nobody is told. Those that strangers ask for count apart.",
    ),
    plain("throttle.code_try", "ANNALS_THROTTLE_CODE_TRY", "20/60", "Wrong codes from one network."),
    plain(
        "throttle.registration",
        "ANNALS_THROTTLE_REGISTRATION",
        "10/120",
        "Registrations, and corrections of their address, from one network.",
    ),
    plain(
        "throttle.haste",
        "ANNALS_THROTTLE_HASTE",
        "60/2",
        "Logins, registrations and resets of one network of many (/24, /56); more is a sign of a bot, not refused.",
    ),
    plain(
        "bots.signals",
        "ANNALS_BOT_SIGNALS",
        "enforce",
        "What signs of bots lead to: off, observe or enforce.",
    ),
    plain(
        "bots.difficulty",
        "ANNALS_BOT_DIFFICULTY",
        "18",
        "Zero bits of the proof of work that a suspected bot is asked for, 8 to 30.",
    ),
    plain(
        "bots.form_seconds",
        "ANNALS_BOT_FORM_SECONDS",
        "2",
        "Seconds in which no person fills in a form: sooner is a sign of a bot. 0 to 600.",
    ),
    plain(
        "throttle.requests",
        "ANNALS_THROTTLE_REQUESTS",
        "600/0.05",
        "Requests of one user, of one API key, or of one network without either.",
    ),
    plain("cache.bytes", "ANNALS_CACHE_BYTES", "33554432", "Memory for hot aggregates."),
    plain("workers.concurrency", "ANNALS_WORKERS", "4", "Jobs done at once by this node, 1 to 256."),
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
        "SQL statements that take longer are warned of, without their values: milliseconds, 0 to 3600000.",
    ),
    plain("log.format", "ANNALS_LOG_FORMAT", "json", "json or text."),
    secret(
        "redis.url",
        "REDIS_URL",
        "Accepted and not used: sessions and limits live in PostgreSQL and NATS.",
    ),
];

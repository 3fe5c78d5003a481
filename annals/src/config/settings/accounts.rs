//! Settings of accounts, erasure, keys and mail.

use super::{Setting, plain, secret, unset};

pub(super) const SETTINGS: &[Setting] = &[
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
        "Live sessions of one account, 1 to 1000; one more ends the oldest.",
    ),
    unset(
        "auth.context_words",
        "ANNALS_PASSWORD_CONTEXT_WORDS",
        "Words that passwords must not contain, comma-separated, besides the service's name and the hosts of its public URL.",
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
        "Seconds that an e-mailed code is valid, 60 to 600 (ASVS 6.5.5).",
    ),
    plain(
        "auth.registration_days",
        "ANNALS_REGISTRATION_DAYS",
        "3",
        "Days after which an unverified registration is erased and its username is free, 0 to 365; 0: never.",
    ),
    plain(
        "auth.fresh_login",
        "ANNALS_FRESH_LOGIN",
        "300",
        "Seconds after a login in which its session can create keys, end sessions and delete the account without the password, 0 to 86400; 0: never.",
    ),
    unset("auth.hashers", "ANNALS_HASHERS", "Passwords hashed at once (19 MiB each). Default: one per core."),
    plain(
        "deeds.told_within_days",
        "ANNALS_DEEDS_TOLD_WITHIN_DAYS",
        "365",
        "Days that activity recorded by a service may be old (occurred_at), 1 to 36500.",
    ),
    plain(
        "erasure.grace_days",
        "ANNALS_DELETION_GRACE_DAYS",
        "14",
        "Days between a person's deletion request and the erasure, 0 to 365.",
    ),
    plain(
        "erasure.key_backup_days",
        "ANNALS_KEY_BACKUP_DAYS",
        "35",
        "Days for which you keep backups of the key store; it is stated in certificates of erasure.",
    ),
    secret(
        "keys.master",
        "ANNALS_MASTER_KEY",
        "Wraps the data keys: 64 hex digits. If it is lost, all personal data is lost.",
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
        "While the master key is replaced: the next one, then the former one. Data keys wrapped by it can be read too.",
    ),
    secret(
        "keys.index_other",
        "ANNALS_INDEX_KEY_OTHER",
        "While the index key is replaced: the next one, then the former one. Values hashed with it are checked too.",
    ),
    secret(
        "keys.codes_other",
        "ANNALS_CODES_KEY_OTHER",
        "While the codes key is replaced: the next one, then the former one. Codes derived from it are valid too.",
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
        "auto: STARTTLS if the server offers it; true: no mail without it, or with an invalid certificate; false: never.",
    ),
    plain("mail.use_ssl", "EMAIL_USE_SSL", "false", "TLS from the first byte."),
    unset("mail.user", "EMAIL_HOST_USER", "SMTP user."),
    secret("mail.password", "EMAIL_HOST_PASSWORD", "SMTP password."),
    plain("mail.from", "DEFAULT_FROM_EMAIL", "Annals <no-reply@localhost>", "Sender."),
];

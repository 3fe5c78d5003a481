//! Settings of the data directory and of what the API is reached by.

use super::{Setting, plain, unset};

pub(super) const SETTINGS: &[Setting] = &[
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
        "/metrics is also on the address of the API, for everybody who can reach it.",
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
        "Connections of one IPv4 address or one IPv6 /64, except trusted proxies; or off.",
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
        "Milliseconds that a reply waits at most until the read models show the change.",
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
        "Addresses and networks whose X-Forwarded-For, -Host and -Proto are trusted, comma-separated.",
    ),
    plain(
        "http.ssl_redirect",
        "SECURE_SSL_REDIRECT",
        "false",
        "Plain HTTP is rejected; pages for people redirect to HTTPS.",
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
        "It also applies to every host below this one.",
    ),
    plain(
        "http.hsts_preload",
        "SECURE_HSTS_PRELOAD",
        "false",
        "Browsers may be shipped with it; takes a year, and the hosts below.",
    ),
];

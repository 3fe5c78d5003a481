//! Settings of the HTTP front (SEC-04): proxies, hosts, HTTPS, origins, and limits of connections.

use super::{Values, flag, invalid, number, parse};
use anyhow::Result;
use api::{ConnectionLimits, Front, Hsts};
use std::{net::SocketAddr, str::FromStr};

/// # Errors
/// One line that names the setting and what it takes.
pub(super) fn front(values: &Values) -> Result<Front> {
    let front = Front {
        proxies: list(values, "http.trusted_proxies", "addresses and networks such as 10.0.0.0/8")?,
        hosts: list(values, "http.allowed_hosts", "host names without a scheme or port, or *")?,
        origins: list(
            values,
            "http.cors_origins",
            "exact origins such as https://app.example.com, without a path or wildcard",
        )?,
        https_only: flag(values, "http.ssl_redirect")?,
        hsts: hsts(values)?,
    };
    if front.https_only && values.get("http.trusted_proxies").is_none() {
        tracing::warn!(
            "SECURE_SSL_REDIRECT without ANNALS_TRUSTED_PROXIES refuses every request: \
             nobody is believed who says that a request came over HTTPS"
        );
    }
    Ok(front)
}

/// Browsers are shipped with a host only if it promises a year, for all below it.
fn hsts(values: &Values) -> Result<Hsts> {
    const YEAR: u64 = 31_536_000;
    let hsts = Hsts {
        seconds: number(values, "http.hsts_seconds", 0..=3_153_600_000)?,
        subdomains: flag(values, "http.hsts_subdomains")?,
        preload: flag(values, "http.hsts_preload")?,
    };
    if hsts.preload && (!hsts.subdomains || hsts.seconds < YEAR) {
        let takes =
            "false, unless SECURE_HSTS_INCLUDE_SUBDOMAINS is true and SECURE_HSTS_SECONDS 31536000 or more";
        return Err(invalid(values, "http.hsts_preload", takes));
    }
    Ok(hsts)
}

/// # Errors
/// As for [`front`].
pub(super) fn connections(values: &Values) -> Result<ConnectionLimits> {
    let per_network = match values.get("http.connections_per_network") {
        None | Some("off") => None,
        Some(_) => Some(number(values, "http.connections_per_network", 1..=1_000_000)?),
    };
    let all = number(values, "http.connections", 16..=1_000_000)?;
    Ok(ConnectionLimits { all, per_network, ..ConnectionLimits::default() })
}

/// # Errors
/// As for [`front`].
pub(super) fn metrics_listen(values: &Values) -> Result<Option<SocketAddr>> {
    match values.get("http.metrics_listen") {
        None | Some("off") => Ok(None),
        Some(_) => {
            parse(values, "http.metrics_listen", "an address such as 127.0.0.1:9464, or off").map(Some)
        }
    }
}

/// Empty if it is unset.
fn list<T: FromStr>(values: &Values, key: &str, takes: &str) -> Result<T> {
    values.get(key).unwrap_or_default().parse().map_err(|_| invalid(values, key, takes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(environment: &[(&str, &str)]) -> Result<Front> {
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        front(&Values::from_parts(None, environment, &[]).unwrap())
    }

    #[test]
    fn names_are_those_of_the_seeds() {
        let front = of(&[
            ("ALLOWED_HOSTS", "api.example.com, localhost"),
            ("CORS_ALLOWED_ORIGINS", "https://app.example.com"),
            ("SECURE_SSL_REDIRECT", "True"),
            ("SECURE_HSTS_SECONDS", "31536000"),
            ("SECURE_HSTS_INCLUDE_SUBDOMAINS", "True"),
            ("SECURE_HSTS_PRELOAD", "True"),
        ])
        .unwrap();

        assert!(front.hosts.allows("LOCALHOST:8000") && !front.hosts.allows("evil.example"));
        assert_eq!(front.origins.list(), ["https://app.example.com"]);
        assert!(front.https_only);
        assert_eq!(front.hsts, Hsts { seconds: 31_536_000, subdomains: true, preload: true });
    }

    #[test]
    fn wildcards_and_nonsense_are_one_line_that_names_the_setting() {
        for (name, value) in [
            ("CORS_ALLOWED_ORIGINS", "*"),
            ("CORS_ALLOWED_ORIGINS", "https://app.example.com/"),
            ("ALLOWED_HOSTS", "https://api.example.com"),
            ("ANNALS_TRUSTED_PROXIES", "nginx"),
            ("SECURE_SSL_REDIRECT", "perhaps"),
            ("SECURE_HSTS_SECONDS", "-1"),
            ("SECURE_HSTS_PRELOAD", "True"),
        ] {
            let error = of(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(value) && !error.contains('\n'), "{error}");
        }
    }
}

//! What stands in front of the API (SEC-04).

use super::{Values, flag, invalid, number};
use anyhow::Result;
use api::Front;
use std::str::FromStr;

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
        ssl_redirect: flag(values, "http.ssl_redirect")?,
        hsts_seconds: number(values, "http.hsts_seconds", 0..=3_153_600_000)?,
    };
    if front.ssl_redirect && values.get("http.trusted_proxies").is_none() {
        tracing::warn!(
            "SECURE_SSL_REDIRECT without ANNALS_TRUSTED_PROXIES redirects every request: \
             nobody is believed who says that a request came over HTTPS"
        );
    }
    Ok(front)
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
        ])
        .unwrap();

        assert!(front.hosts.allows("LOCALHOST:8000") && !front.hosts.allows("evil.example"));
        assert_eq!(front.origins.list(), ["https://app.example.com"]);
        assert_eq!((front.ssl_redirect, front.hsts_seconds), (true, 31_536_000));
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
        ] {
            let error = of(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(value) && !error.contains('\n'), "{error}");
        }
    }
}

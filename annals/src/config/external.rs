//! PostgreSQL and NATS that somebody else runs, and whether what is said to them can be read or answered by others.

use super::{Values, flag, settings};
use anyhow::{Context, Result, bail};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::{net::IpAddr, str::FromStr};

/// Servers that somebody else runs.
#[derive(Debug)]
pub struct External {
    pub database_url: String,
    pub keys_url: String,
    /// As the owners of the tables; the same as the two above unless given.
    pub owner_url: String,
    pub keys_owner_url: String,
    pub nats_url: String,
    pub relay_url: String,
}

const ALLOW: &str = "servers.allow_plaintext";

pub(super) fn external(values: &Values) -> Result<Option<External>> {
    let required = |key: &str, because: &str| {
        values.get(key).map(str::to_owned).with_context(|| format!("{} is required {because}", named(key)))
    };
    let given = |key: &str, otherwise: &str| values.get(key).unwrap_or(otherwise).to_owned();
    match (values.get("database.url"), values.get("nats.url")) {
        (None, None) => Ok(None),
        (Some(database_url), Some(nats_url)) => {
            let keys_url = required("database.keys_url", "with DATABASE_URL")?;
            if !flag(values, ALLOW)? {
                refuse_plaintext(values)?;
            }
            Ok(Some(External {
                owner_url: given("database.migrate_url", database_url),
                keys_owner_url: given("database.keys_migrate_url", &keys_url),
                database_url: database_url.to_owned(),
                keys_url,
                nats_url: nats_url.to_owned(),
                relay_url: given("nats.relay_url", nats_url),
            }))
        }
        (Some(_), None) => bail!("NATS_URL (nats.url) is required with DATABASE_URL"),
        (None, Some(_)) => bail!("DATABASE_URL (database.url) is required with NATS_URL"),
    }
}

/// Whatever goes to another machine is encrypted, and its certificate is verified: else who is on the way reads and
/// answers. A name without dots, as containers have, is another machine.
fn refuse_plaintext(values: &Values) -> Result<()> {
    let allow = named(ALLOW);
    for key in ["database.url", "database.keys_url", "database.migrate_url", "database.keys_migrate_url"] {
        let Some(url) = values.get(key) else { continue };
        if let Some(host) = unverified_postgres(url).with_context(|| named(key))? {
            bail!(
                "{}: {host} is another machine, and the URL does not ask for its certificate: add sslmode=verify-full \
                 (or verify-ca), or set {allow} to true on a network that is private",
                named(key)
            );
        }
    }
    for key in ["nats.url", "nats.relay_url"] {
        let Some(url) = values.get(key) else { continue };
        let hosts = bus::hosts_in_clear(url).with_context(|| named(key))?;
        if let Some(host) = hosts.iter().find(|host| !is_here(host)) {
            bail!(
                "{}: {host} is another machine, and would be spoken to in clear: write tls://{host}, or set {allow} to \
                 true on a network that is private",
                named(key)
            );
        }
    }
    Ok(())
}

/// The host, if it is another machine whose certificate would not be verified.
fn unverified_postgres(url: &str) -> Result<Option<String>> {
    let options =
        PgConnectOptions::from_str(url).ok().context("expected postgres://user:password@host/database")?;
    let verified = matches!(options.get_ssl_mode(), PgSslMode::VerifyFull | PgSslMode::VerifyCa);
    let host = options.get_host();
    let is_safe = verified || options.get_socket().is_some() || host.starts_with('/') || is_here(host);
    Ok((!is_safe).then(|| host.to_owned()))
}

/// The loopback of this machine.
fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let by_number = host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback());
    by_number || host.eq_ignore_ascii_case("localhost")
}

fn named(key: &str) -> String {
    let env = settings::SETTINGS.iter().find(|setting| setting.key == key).map_or("", |setting| setting.env);
    format!("{env} ({key})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn external_of(settings: &[(&str, &str)]) -> Result<Option<External>> {
        let environment = settings.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        external(&Values::from_parts(None, environment, &[]).unwrap())
    }

    const HERE: [(&str, &str); 3] = [
        ("DATABASE_URL", "postgres://a@127.0.0.1/log"),
        ("ANNALS_KEYS_URL", "postgres://a@localhost/keys"),
        ("NATS_URL", "nats://localhost:4222"),
    ];

    /// The usual settings, with one more or another.
    fn with(name: &str, value: &str) -> Result<Option<External>> {
        let mut settings: Vec<_> = HERE.into_iter().filter(|(other, _)| *other != name).collect();
        settings.push((name, value));
        external_of(&settings)
    }

    #[test]
    fn one_external_server_asks_for_the_other() {
        let refused = |name, value| external_of(&[(name, value)]).unwrap_err().to_string();

        assert!(refused("DATABASE_URL", "postgres://x/y").contains("NATS_URL"));
        assert!(refused("NATS_URL", "nats://x").contains("DATABASE_URL"));
    }

    #[test]
    fn server_on_another_machine_is_refused_unless_its_certificate_is_verified() {
        for (name, url, host) in [
            ("DATABASE_URL", "postgres://a:secret@db.example.com/log", "db.example.com"),
            ("DATABASE_URL", "postgres://a:secret@db.example.com/log?sslmode=require", "db.example.com"),
            ("DATABASE_URL", "postgres://a:secret@db/log?sslmode=prefer", "db"),
            ("ANNALS_KEYS_URL", "postgres://a:secret@10.0.0.7/keys?sslmode=disable", "10.0.0.7"),
            ("ANNALS_MIGRATE_URL", "postgres:///log?host=db", "db"),
            ("ANNALS_KEYS_MIGRATE_URL", "postgres://a:secret@[2001:db8::7]/keys", "2001:db8::7"),
            ("NATS_URL", "nats://a:secret@nats:4222", "nats"),
            ("NATS_URL", "nats://127.0.0.1:4222, nats://10.0.0.8:4222", "10.0.0.8"),
            ("NATS_URL", "tls://one.example.com,nats://two.example.com", "two.example.com"),
            ("ANNALS_NATS_RELAY_URL", "nats.example.com", "nats.example.com"),
        ] {
            let refused = format!("{:#}", with(name, url).unwrap_err());

            assert!(refused.contains(name) && refused.contains(host), "{refused}");
            assert!(refused.contains("ANNALS_ALLOW_PLAINTEXT") && !refused.contains('\n'), "{refused}");
            assert!(!refused.contains("secret"), "{refused}");
            let mut allowed = HERE.to_vec();
            allowed.retain(|(other, _)| *other != name);
            allowed.extend([(name, url), ("ANNALS_ALLOW_PLAINTEXT", "true")]);
            assert!(external_of(&allowed).unwrap().is_some(), "{url}");
        }
    }

    #[test]
    fn loopback_sockets_and_verified_certificates_are_let_through() {
        for (name, url) in [
            ("DATABASE_URL", "postgres://a@127.8.9.1/log"),
            ("DATABASE_URL", "postgres://a@[::1]/log"),
            ("DATABASE_URL", "postgres://a@[::ffff:127.0.0.1]/log"),
            ("DATABASE_URL", "postgres:///log?host=/var/run/postgresql"),
            ("DATABASE_URL", "postgres://%2Fvar%2Frun%2Fpostgresql/log"),
            ("DATABASE_URL", "postgres://a@db.example.com/log?sslmode=verify-full"),
            ("ANNALS_KEYS_URL", "postgres://a@keys/keys?sslmode=verify-ca&sslrootcert=/etc/ca.pem"),
            ("NATS_URL", "tls://nats.example.com:4222,tls://nats-2.example.com"),
            ("NATS_URL", "nats://127.0.0.1:4222,nats://[::1]:4223"),
            ("ANNALS_NATS_RELAY_URL", "tls://nats:4222"),
        ] {
            assert!(with(name, url).unwrap().is_some(), "{url}");
        }
    }

    #[test]
    fn what_is_no_url_is_named_and_not_shown() {
        for (name, url) in [("DATABASE_URL", "post gres://a:secret@"), ("NATS_URL", "nats://a:secret@[x")] {
            let refused = format!("{:#}", with(name, url).unwrap_err());
            assert!(refused.contains(name) && !refused.contains("secret"), "{refused}");
        }
    }
}

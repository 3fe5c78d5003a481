//! Configuration: one table of settings, read once at the start into typed sections.
//!
//! An unknown or invalid setting stops the start with one clear line.
//! To add a setting: a line in [`settings::SETTINGS`] and a field here; a test compares `docs/operations.md`.

mod auth;
mod external;
mod front;
pub mod log;
mod nats;
pub mod secrets;
pub mod settings;
mod throttles;
mod values;

pub use auth::{Algorithm, Auth};
pub use external::External;
pub use nats::Nats;
pub use secrets::{Secrets, TokenKeys};
pub use values::{Source, Values};

use anyhow::{Result, bail};
use api::{BotOptions, Bots, ConnectionLimits, Front};
use chrono::TimeDelta;
use commands::{Limit, Throttles};
use secrecy::SecretString;
use std::{net::SocketAddr, ops::RangeInclusive, path::PathBuf, str::FromStr, time::Duration};
use workers::{Backend, Security, SmtpSettings};

/// Everything that the program can be told.
#[derive(Debug)]
pub struct Config {
    pub values: Values,
    pub data_dir: PathBuf,
    pub listen: SocketAddr,
    pub metrics_listen: Option<SocketAddr>,
    /// Metrics are on the API's address, too.
    pub metrics_public: bool,
    pub connections: ConnectionLimits,
    pub public_url: Option<String>,
    /// How long a reply waits for the read models.
    pub fresh_within: Duration,
    pub front: Front,
    pub bots: BotOptions,
    /// None: the program starts its own servers.
    pub external: Option<External>,
    pub pool_size: u32,
    pub nats: Nats,
    pub nats_server: Option<PathBuf>,
    pub auth: Auth,
    pub mail: Mail,
    pub throttles: Throttles,
    /// Of all requests of one principal.
    pub requests: Option<Limit>,
    pub cache_bytes: u64,
    /// SQL statements that take longer are warned of.
    pub slow_statement: Duration,
    /// How long ago a deed may have happened when it is told.
    pub deeds_told_within: TimeDelta,
    pub workers: usize,
}

#[derive(Debug)]
pub struct Mail {
    pub from: String,
    /// None: the outbox of the data directory.
    pub backend: Option<Backend>,
}

impl Config {
    /// # Errors
    /// One line that names the setting and what it takes.
    pub fn from_values(values: Values) -> Result<Self> {
        let v = &values;
        if v.get("redis.url").is_some() {
            tracing::info!("REDIS_URL is not used: sessions and limits live in PostgreSQL and NATS");
        }
        let data_dir = PathBuf::from(v.get("data.dir").unwrap_or_default());
        Ok(Self {
            listen: listen(v)?,
            metrics_listen: front::metrics_listen(v)?,
            metrics_public: flag(v, "http.metrics_public")?,
            connections: front::connections(v)?,
            public_url: v.get("http.public_url").map(|url| url.trim_end_matches('/').to_owned()),
            fresh_within: Duration::from_millis(number(v, "http.fresh_within_ms", 0..=25_000)?),
            front: front::front(v)?,
            bots: bots(v)?,
            external: external::external(v)?,
            pool_size: number(v, "database.pool_size", 2..=200)?,
            nats: nats::nats(v)?,
            nats_server: v.get("nats.server").map(PathBuf::from),
            auth: auth::auth(v)?,
            mail: mail(v)?,
            throttles: throttles::throttles(v)?,
            requests: throttles::limit(v, "throttle.requests")?,
            cache_bytes: number(v, "cache.bytes", 0..=1 << 40)?,
            deeds_told_within: number(v, "deeds.told_within_days", 1..=36_500).map(TimeDelta::days)?,
            slow_statement: Duration::from_millis(number(v, "log.slow_sql_ms", 0..=3_600_000)?),
            workers: number(v, "workers.concurrency", 1..=256)?,
            data_dir,
            values,
        })
    }
}

/// What to say of a setting that does not parse: key, variable and what it takes.
fn invalid(values: &Values, key: &str, takes: &str) -> anyhow::Error {
    let setting = settings::SETTINGS.iter().find(|setting| setting.key == key);
    let env = setting.map_or("", |setting| setting.env);
    let shown = match setting {
        Some(setting) if setting.secret => "…",
        _ => values.get(key).unwrap_or_default(),
    };
    anyhow::anyhow!("{key} ({env}) = `{shown}`: expected {takes}")
}

fn parse<T: FromStr>(values: &Values, key: &str, takes: &str) -> Result<T> {
    values.get(key).and_then(|text| text.parse().ok()).ok_or_else(|| invalid(values, key, takes))
}

fn parse_optional<T: FromStr>(values: &Values, key: &str, takes: &str) -> Result<Option<T>> {
    values.get(key).map(|_| parse(values, key, takes)).transpose()
}

fn number<T: FromStr + PartialOrd + std::fmt::Display>(
    values: &Values,
    key: &str,
    range: RangeInclusive<T>,
) -> Result<T> {
    let takes = format!("a number from {} to {}", range.start(), range.end());
    let number = parse(values, key, &takes)?;
    if range.contains(&number) { Ok(number) } else { Err(invalid(values, key, &takes)) }
}

fn seconds(values: &Values, key: &str, range: RangeInclusive<i64>) -> Result<TimeDelta> {
    number(values, key, range).map(TimeDelta::seconds)
}

fn flag(values: &Values, key: &str) -> Result<bool> {
    match values.get(key).unwrap_or("false").to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(invalid(values, key, "true or false")),
    }
}

/// A NATS name: letters, digits, `_`, `-` and what else is allowed.
fn token(values: &Values, key: &str, more: &[char]) -> Result<String> {
    let text = values.get(key).unwrap_or_default();
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || more.contains(&c);
    let sound = !text.is_empty() && text.chars().all(good) && !text.split('.').any(str::is_empty);
    if sound { Ok(text.to_owned()) } else { Err(invalid(values, key, "letters, digits, _ and -")) }
}

fn listen(values: &Values) -> Result<SocketAddr> {
    let mut address: SocketAddr = parse(values, "http.listen", "an address such as 127.0.0.1:8000")?;
    if let Some(port) = parse_optional(values, "http.port", "a port from 0 to 65535")? {
        address.set_port(port);
    }
    Ok(address)
}

fn bots(values: &Values) -> Result<BotOptions> {
    let bots = match values.get("bots.signals").unwrap_or_default() {
        "off" => Bots::Off,
        "observe" => Bots::Observe,
        "enforce" => Bots::Enforce,
        _ => return Err(invalid(values, "bots.signals", "off, observe or enforce")),
    };
    Ok(BotOptions {
        bots,
        difficulty: number(values, "bots.difficulty", 8..=30)?,
        shortest_form: seconds(values, "bots.form_seconds", 0..=600)?,
    })
}

fn mail(values: &Values) -> Result<Mail> {
    let from = values.get("mail.from").unwrap_or_default().to_owned();
    // What is set wrongly is told although another backend does not read it yet.
    let security = security(values)?;
    let asked =
        values.get("mail.backend").unwrap_or(if values.get("mail.host").is_some() { "smtp" } else { "file" });
    let backend = match asked {
        name if name == "file" || name.contains("filebased") => None,
        name if name == "console" || name.contains(".console.") => Some(Backend::Console),
        name if name == "smtp" || name.contains(".smtp.") => Some(Backend::Smtp(smtp(values, security)?)),
        _ => return Err(invalid(values, "mail.backend", "smtp, console or file")),
    };
    Ok(Mail { from, backend })
}

fn security(values: &Values) -> Result<Security> {
    let if_offered = values.get("mail.use_tls") == Some("auto");
    let start_tls = match values.get("mail.use_tls") {
        Some("auto") => false,
        _ => flag(values, "mail.use_tls")
            .map_err(|_| invalid(values, "mail.use_tls", "auto, true or false"))?,
    };
    Ok(match (start_tls, flag(values, "mail.use_ssl")?) {
        (true, true) => bail!("EMAIL_USE_TLS and EMAIL_USE_SSL exclude each other"),
        (true, false) => Security::StartTls,
        (false, true) => Security::Tls,
        (false, false) if if_offered => Security::IfOffered,
        (false, false) => Security::None,
    })
}

fn smtp(values: &Values, security: Security) -> Result<SmtpSettings> {
    let Some(host) = values.get("mail.host") else { bail!("EMAIL_HOST (mail.host) is required for SMTP") };
    let credentials = values
        .get("mail.user")
        .map(|user| (user.to_owned(), SecretString::from(values.get("mail.password").unwrap_or_default())));
    let port = number(values, "mail.port", 1..=u16::MAX)?;
    Ok(SmtpSettings { host: host.to_owned(), port, credentials, security, timeout: Duration::from_secs(20) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(environment: &[(&str, &str)]) -> Result<Config> {
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Config::from_values(Values::from_parts(None, environment, &[]).unwrap())
    }

    #[test]
    fn the_defaults_are_a_valid_embedded_configuration() {
        let config = config(&[]).unwrap();

        assert!(config.external.is_none() && config.mail.backend.is_none());
        assert_eq!(config.listen.to_string(), "127.0.0.1:8000");
    }

    #[test]
    fn port_overrides_the_port_of_listen() {
        assert_eq!(config(&[("PORT", "9001")]).unwrap().listen.to_string(), "127.0.0.1:9001");
    }

    #[test]
    fn each_invalid_value_is_one_line_that_names_the_setting() {
        for (name, value) in [
            ("ANNALS_LISTEN", "nowhere"),
            ("PORT", "70000"),
            ("JWT_ALGORITHM", "none"),
            ("JWT_ALGORITHM", "RS256"),
            ("ANNALS_SESSION_IDLE", "59"),
            ("JWT_ACCESS_TOKEN_LIFETIME", "5"),
            ("ANNALS_STREAM", "a b"),
            ("EMAIL_BACKEND", "pigeon"),
            ("EMAIL_USE_TLS", "maybe"),
            ("ANNALS_POOL_SIZE", "many"),
            ("ANNALS_METRICS_LISTEN", "9464"),
            ("ANNALS_CONNECTIONS", "0"),
            ("ANNALS_CONNECTIONS_PER_NETWORK", "none"),
            ("ANNALS_BOT_SIGNALS", "on"),
            ("ANNALS_BOT_DIFFICULTY", "64"),
            ("ANNALS_SLOW_SQL_MS", "1s"),
        ] {
            let error = config(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(value) && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn django_spells_its_mail_backends_its_own_way() {
        let django = |name: &str| format!("django.core.mail.backends.{name}.EmailBackend");
        let smtp = config(&[("EMAIL_BACKEND", &django("smtp")), ("EMAIL_HOST", "mx"), ("EMAIL_PORT", "587")]);
        assert!(matches!(smtp.unwrap().mail.backend, Some(Backend::Smtp(s)) if s.port == 587));
        for (name, security) in
            [("auto", Security::IfOffered), ("true", Security::StartTls), ("false", Security::None)]
        {
            let set = config(&[("EMAIL_HOST", "mx"), ("EMAIL_USE_TLS", name)]).unwrap();
            assert!(matches!(set.mail.backend, Some(Backend::Smtp(s)) if s.security == security), "{name}");
        }
        let unset = config(&[("EMAIL_HOST", "mx")]).unwrap().mail.backend;
        assert!(matches!(unset, Some(Backend::Smtp(s)) if s.security == Security::IfOffered));
        assert!(matches!(
            config(&[("EMAIL_BACKEND", &django("console"))]).unwrap().mail.backend,
            Some(Backend::Console)
        ));
        assert!(config(&[("EMAIL_BACKEND", &django("filebased"))]).unwrap().mail.backend.is_none());
    }
}

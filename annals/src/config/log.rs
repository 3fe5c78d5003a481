//! Settings of the log output (SEC-06).

use super::{Source, Values, flag, invalid};
use anyhow::Result;

/// Of libraries, which say much.
const QUIET: &str = "sqlx=warn,async_nats=warn";
/// Statements without the values that are bound to them.
const STATEMENTS: &str = "sqlx::query=debug";

/// A filter of tracing: RUST_LOG, or else LOG_LEVEL for all of Annals, and statements if they are asked for.
///
/// # Errors
/// One line that names the setting and what it takes.
pub fn filter(values: &Values) -> Result<String> {
    let own = values.source("log.filter") != Some(Source::Default);
    let mut filter = match values.get("log.level").filter(|_| !own) {
        Some(name) => format!("{},{QUIET}", level(name).ok_or_else(|| unknown(values))?),
        None => values.get("log.filter").unwrap_or("info").to_owned(),
    };
    if flag(values, "log.sql")? {
        filter = format!("{filter},{STATEMENTS}");
    }
    Ok(filter)
}

fn unknown(values: &Values) -> anyhow::Error {
    invalid(values, "log.level", "error, warn, info, debug or trace, also as Python spells them")
}

fn level(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "error" | "critical" => "error",
        "warn" | "warning" => "warn",
        "info" => "info",
        "debug" => "debug",
        "trace" => "trace",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(environment: &[(&str, &str)]) -> Result<String> {
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        filter(&Values::from_parts(None, environment, &[]).unwrap())
    }

    #[test]
    fn level_is_for_annals_and_a_filter_of_ones_own_counts_before_it() {
        assert_eq!(of(&[]).unwrap(), "info,sqlx=warn,async_nats=warn");
        assert_eq!(of(&[("LOG_LEVEL", "WARNING")]).unwrap(), "warn,sqlx=warn,async_nats=warn");
        assert_eq!(of(&[("LOG_LEVEL", "debug"), ("RUST_LOG", "api=trace")]).unwrap(), "api=trace");
        let error = of(&[("LOG_LEVEL", "loud")]).unwrap_err().to_string();
        assert!(error.contains("LOG_LEVEL") && error.contains("loud"), "{error}");
    }

    #[test]
    fn statements_are_added_to_whatever_is_logged() {
        assert_eq!(of(&[("SQL_LOG", "true")]).unwrap(), "info,sqlx=warn,async_nats=warn,sqlx::query=debug");
        assert_eq!(of(&[("SQL_LOG", "1"), ("RUST_LOG", "error")]).unwrap(), "error,sqlx::query=debug");
        assert!(of(&[("SQL_LOG", "perhaps")]).unwrap_err().to_string().contains("SQL_LOG"));
    }
}

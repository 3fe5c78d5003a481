//! Logs and metrics of the process.

use crate::{
    config::{Values, log},
    log_lines::{LastLines, LogLines},
};
use anyhow::{Context, Result};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Seconds; from a hundredth of a millisecond to the longest that a request may take.
const SECONDS: &[f64] = &[
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
    30.0,
];

/// Logs go to standard error: JSON, or text where a person looks at a terminal and asked for nothing else. The last lines
/// are written when what it returns is dropped.
///
/// # Errors
/// If the filter cannot be read.
pub fn start_logs(values: &Values) -> Result<LastLines> {
    let filter = log::filter(values)?;
    let filter =
        EnvFilter::try_new(&filter).with_context(|| format!("log.filter (RUST_LOG) = `{filter}`"))?;
    let (lines, last) =
        LogLines::start(Box::new(std::io::stderr())).context("the thread that writes the log")?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(lines);
    match values.get("log.format") {
        Some("json") => logs.json().flatten_event(true).try_init(),
        Some("text") => logs.with_ansi(std::io::stderr().is_terminal()).try_init(),
        other => {
            anyhow::bail!("log.format (ANNALS_LOG_FORMAT) = `{}`: expected json or text", other.unwrap_or(""))
        }
    }
    .map_err(|error| anyhow::anyhow!("logs cannot be started: {error}"))?;
    Ok(last)
}

/// Installs the recorder; the handle renders the Prometheus text.
///
/// # Errors
/// If one is installed already.
pub fn start_metrics() -> Result<PrometheusHandle> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS)?
        .install_recorder()
        .context("metrics cannot be started")
}

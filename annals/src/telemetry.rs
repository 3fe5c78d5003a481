//! Logs and metrics of the process.

use crate::{
    config::{Values, log},
    log_lines::{LastLines, LogLines},
};
use anyhow::{Context, Result};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::io::IsTerminal;
use tracing::{Level, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::{
    EnvFilter, Layer,
    layer::{Context as LayerContext, SubscriberExt},
    util::SubscriberInitExt,
};

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
        Some("json") => logs.json().flatten_event(true).finish().with(Unsaid).try_init(),
        Some("text") => logs.with_ansi(std::io::stderr().is_terminal()).finish().with(Unsaid).try_init(),
        other => {
            anyhow::bail!("log.format (ANNALS_LOG_FORMAT) = `{}`: expected json or text", other.unwrap_or(""))
        }
    }
    .map_err(|error| anyhow::anyhow!("logs cannot be started: {error}"))?;
    Ok(last)
}

/// Keeps back what libraries tell of what goes over their connections, whatever the filter asks for: the client of NATS
/// writes its password into a line of `trace`.
struct Unsaid;

impl<S: Subscriber> Layer<S> for Unsaid {
    fn register_callsite(&self, of: &'static Metadata<'static>) -> Interest {
        if is_unsaid(of) { Interest::never() } else { Interest::always() }
    }

    fn enabled(&self, of: &Metadata<'_>, _context: LayerContext<'_, S>) -> bool {
        !is_unsaid(of)
    }
}

fn is_unsaid(of: &Metadata<'_>) -> bool {
    const LIBRARIES: [&str; 2] = ["async_nats", "lettre"];
    let library = of.target().split("::").next().unwrap_or_default();
    *of.level() > Level::INFO && LIBRARIES.contains(&library)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(text);
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_the_client_of_nats_says_to_its_server_is_logged_by_no_filter() {
        let page = Page::default();
        let writer = page.clone();
        let filter = EnvFilter::try_new("trace,async_nats::connection=trace").unwrap();
        let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(move || writer.clone());

        tracing::subscriber::with_default(logs.finish().with(Unsaid), || {
            tracing::trace!(target: "async_nats::connection", pass = "planted", "write operation: CONNECT");
            tracing::debug!(target: "lettre::transport", "planted");
            tracing::info!(target: "async_nats", "told");
            tracing::trace!(target: "annals", "ours");
        });

        let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        assert!(text.contains("told") && text.contains("ours") && !text.contains("planted"), "{text}");
    }
}

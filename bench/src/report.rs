//! The table, printed and kept.

use annals_tests::Lab;
use hdrhistogram::Histogram;
use std::{fmt::Write, time::Duration};

/// Latencies in microseconds.
pub struct Latencies(Histogram<u64>);

impl Default for Latencies {
    fn default() -> Self {
        Self(Histogram::new(3).unwrap())
    }
}

impl Latencies {
    pub fn add(&mut self, latency: Duration) {
        self.0.record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX).max(1)).unwrap();
    }

    /// Milliseconds.
    pub fn quantile(&self, quantile: f64) -> f64 {
        self.0.value_at_quantile(quantile) as f64 / 1000.0
    }

    pub fn summary(&self) -> String {
        let q = |quantile| self.quantile(quantile);
        format!(
            "p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms ({} samples)",
            q(0.5),
            q(0.99),
            q(1.0),
            self.0.len()
        )
    }
}

/// What must hold for a ratio or a figure.
#[derive(Clone, Copy)]
pub enum Floor {
    AtLeast(f64),
    AtMost(f64),
    Shown,
}

pub struct Report {
    text: String,
    missed: usize,
}

impl Report {
    pub fn start(lab: &Lab) -> Self {
        let mut report = Self { text: String::new(), missed: 0 };
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        report.line(&format!("Annals bench: {cores} cores, release build, {}", lab.versions()));
        report
    }

    pub fn row(&mut self, what: &str, value: f64, unit: &str, floor: Floor, detail: &str) {
        let (wanted, met) = match floor {
            Floor::AtLeast(least) => (format!("≥ {least}"), value >= least),
            Floor::AtMost(most) => (format!("≤ {most}"), value <= most),
            Floor::Shown => ("shown".into(), true),
        };
        self.missed += usize::from(!met);
        let verdict = if met { "" } else { "  MISSED" };
        self.line(&format!("{what:<58} {value:>10.2} {unit:<5} {wanted:<8}{verdict}  {detail}"));
    }

    pub fn line(&mut self, line: &str) {
        println!("{line}");
        writeln!(self.text, "{line}").unwrap();
    }

    pub fn finish(mut self) {
        let missed = self.missed;
        self.line(&format!("{missed} floors missed"));
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("results/latest.txt");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, self.text).unwrap();
    }
}

//! The table: each part prints its rows, and a whole run is kept.

use crate::PART;
use annals_tests::Lab;
use hdrhistogram::Histogram;
use std::{path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

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

/// What a part prints.
pub struct Report;

const MISSED: &str = "  MISSED";

impl Report {
    pub fn start(lab: &Lab) -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        println!("Annals bench: {cores} cores, release build, {}", lab.versions());
        Self
    }

    pub fn row(&mut self, what: &str, value: f64, unit: &str, floor: Floor, detail: &str) {
        let (wanted, met) = match floor {
            Floor::AtLeast(least) => (format!("≥ {least}"), value >= least),
            Floor::AtMost(most) => (format!("≤ {most}"), value <= most),
            Floor::Shown => ("shown".into(), true),
        };
        let verdict = if met { "" } else { MISSED };
        self.line(&format!("{what:<58} {value:>10.2} {unit:<5} {wanted:<8}{verdict}  {detail}"));
    }

    pub fn line(&mut self, line: &str) {
        println!("{line}");
    }
}

/// What all parts of a run have printed.
pub struct Results(Vec<String>);

impl Results {
    /// Runs these parts one after the other, each in a process of its own, and prints what they print.
    pub async fn of(parts: &[&str]) -> Self {
        let mut lines: Vec<String> = Vec::new();
        for part in parts {
            let mut command = Command::new(std::env::current_exe().unwrap());
            let mut child =
                command.args([PART, part]).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
            let mut printed = BufReader::new(child.stdout.take().unwrap()).lines();
            while let Some(line) = printed.next_line().await.unwrap() {
                // What all parts begin with.
                if !lines.contains(&line) {
                    println!("{line}");
                    lines.push(line);
                }
            }
            assert!(child.wait().await.unwrap().success(), "{part} has failed");
        }
        let missed = lines.iter().filter(|line| line.contains(MISSED)).count();
        lines.push(format!("{missed} floors missed"));
        println!("{missed} floors missed");
        Self(lines)
    }

    /// In the repository.
    pub fn keep(self) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/latest.txt");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, self.0.join("\n") + "\n").unwrap();
    }
}

//! Readiness checks of this process (OPS-02).

use api::{Check, Readiness};
use async_trait::async_trait;
use bus::Bus;
use projections::{RunnerState, Watcher};
use std::time::Duration;
use store::Store;
use tokio::{sync::watch, time::timeout};

/// A check that takes longer has failed.
const WITHIN: Duration = Duration::from_secs(2);
/// Events that a read model may be behind before the node asks for no traffic.
const MAX_LAG: i64 = 10_000;

pub struct Probes {
    pub store: Store,
    pub bus: Bus,
    pub watcher: Watcher,
    /// Of this process's projections, if it has that role.
    pub runner: Option<watch::Receiver<RunnerState>>,
}

#[async_trait]
impl Readiness for Probes {
    async fn check(&self) -> Vec<Check> {
        let reader = self.store.reader();
        let (head, lag) = tokio::join!(timeout(WITHIN, reader.head()), timeout(WITHIN, self.watcher.lag()));
        let postgres = matches!(head, Ok(Ok(_)));
        let behind = lag.ok().and_then(Result::ok).and_then(|lag| lag.values().copied().max());
        let mut checks = vec![
            check("postgres", postgres, (!postgres).then(|| "no answer".into())),
            check("nats", self.bus.is_connected(), self.bus.server_warning()),
            check(
                "projections",
                behind.is_some_and(|lag| lag <= MAX_LAG),
                behind.map(|lag| format!("{lag} events behind")),
            ),
        ];
        if let Some(runner) = &self.runner {
            let state = runner.borrow().clone();
            checks.push(check("runner", state.is_ready(), Some(said(&state).into())));
        }
        checks
    }
}

/// Fixed words: anybody may ask, and what a runner met may name what is inside.
const fn said(state: &RunnerState) -> &'static str {
    match state {
        RunnerState::Starting => "starting",
        RunnerState::Standby => "standby: another process does the work",
        RunnerState::Running => "running",
        RunnerState::Interrupted => "interrupted: something does not answer, and is tried again",
        RunnerState::Outdated(_) => "outdated: the log holds an event of a newer program",
    }
}

fn check(name: &str, ok: bool, detail: Option<String>) -> Check {
    Check { name: name.into(), ok, detail }
}

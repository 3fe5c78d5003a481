//! Brings one server up: starts it and waits, bounded, until it answers a client.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use tokio::time::{sleep, timeout};

use super::process::{Running, Server};

/// How long a server may say nothing before its start has failed.
const SILENCE: Duration = Duration::from_secs(15);
/// How long a server may say that it is still recovering: gigabytes of log take minutes on a slow disk.
const RECOVERY: Duration = Duration::from_mins(15);
/// How long what an ended server held may stay in use.
const RELEASE: Duration = Duration::from_secs(10);
const PROBE: Duration = Duration::from_secs(3);

/// What a server says to a client.
pub(super) enum Answer {
    Ready,
    /// It is there and needs more time.
    Busy,
    Silent(String),
}

/// Starts a server and waits until it answers. One that does not is ended, and the error shows the end of its log.
pub(super) async fn bring_up(server: Arc<Server>, probe: impl AsyncFn() -> Answer) -> Result<Running> {
    let begun = Instant::now();
    loop {
        let mut running = server.spawn()?;
        let Err(error) = until_ready(&mut running, &probe).await else { return Ok(running) };
        let log = running.log_tail();
        running.stop().await;
        if begun.elapsed() > RELEASE || !passes_by_itself(&log) {
            bail!("{} did not start: {error}; its log ends with:\n{log}", server.name);
        }
        sleep(Duration::from_millis(250)).await;
    }
}

/// Sessions outlive a killed postmaster by a moment, and a port may be some connection's for a moment.
fn passes_by_itself(log: &str) -> bool {
    log.contains("still in use") || log.to_lowercase().contains("address already in use")
}

async fn until_ready(running: &mut Running, probe: &impl AsyncFn() -> Answer) -> Result<()> {
    let begun = Instant::now();
    let mut heard = begun;
    loop {
        let last = match timeout(PROBE, probe()).await {
            Ok(Answer::Ready) => return Ok(()),
            Ok(Answer::Busy) => {
                heard = Instant::now();
                "still recovering".to_owned()
            }
            Ok(Answer::Silent(why)) => why,
            Err(_) => "no answer".to_owned(),
        };
        if let Some(status) = running.ended()? {
            bail!("it ended at once ({status})");
        }
        ensure!(heard.elapsed() < SILENCE, "it did not answer within {} s ({last})", SILENCE.as_secs());
        ensure!(begun.elapsed() < RECOVERY, "it was not ready within {} s ({last})", RECOVERY.as_secs());
        sleep(Duration::from_millis(20)).await;
    }
}

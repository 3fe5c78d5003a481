//! Watches one running server, starts it again when it dies, and ends it with us.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::keeper::Control;
use super::process::{Running, Server};

const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A server that ran for so long had a good start: its next restart is quick again.
const STABLE: Duration = Duration::from_secs(30);

/// Returns when the server was ended on request.
pub(super) async fn supervise(mut running: Running, control: &Control) {
    let mut pause = SHORTEST_PAUSE;
    loop {
        let born = Instant::now();
        let status = tokio::select! {
            biased;
            () = control.stop.cancelled() => return running.stop().await,
            status = running.until_end() => status,
        };
        if born.elapsed() > STABLE {
            pause = SHORTEST_PAUSE;
        }
        tracing::warn!(server = running.server.name, ?status, "an embedded server died");
        let server = running.forget();
        match start_again(&server, &mut pause, control).await {
            Some(again) => running = again,
            None => return,
        }
    }
}

/// Starts it after a pause that grows, as often as it takes; none when asked to stop meanwhile.
async fn start_again(server: &Arc<Server>, pause: &mut Duration, control: &Control) -> Option<Running> {
    loop {
        tokio::select! {
            biased;
            () = control.stop.cancelled() => return None,
            () = permission(*pause, control) => {}
        }
        *pause = (*pause * 2).min(LONGEST_PAUSE);
        match server.spawn() {
            Ok(running) => {
                tracing::info!(server = server.name, "started an embedded server again");
                return Some(running);
            }
            Err(error) => {
                tracing::error!(server = server.name, error = format!("{error:#}"), "cannot start it again")
            }
        }
    }
}

async fn permission(pause: Duration, control: &Control) {
    sleep(pause).await;
    // The sender lives in the same struct as the borrow: waiting cannot fail.
    control.suspended.subscribe().wait_for(|suspended| !suspended).await.ok();
}

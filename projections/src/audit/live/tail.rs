//! Reads the log once for all subscriptions.

use super::{LiveEvent, hub::Hub};
use crate::user_events::{query::UserEventRow, told};
use bus::Follower;
use domain::{DecodeError, UserId};
use std::{sync::Arc, time::Duration};
use store::{Reader, Recorded};
use tokio::time::sleep;

const BATCH: usize = 1_000;
const RETRY: Duration = Duration::from_millis(200);

/// Until it is dropped, or meets an event that it does not know.
pub(super) async fn run(hub: Arc<Hub>, reader: Reader, follow: impl FnOnce(i64) -> Follower) {
    let head = loop {
        match reader.head().await {
            Ok(head) => break head,
            Err(error) => {
                tracing::debug!(%error, "the live feed waits for the log");
                sleep(RETRY).await;
            }
        }
    };
    hub.open(head);
    let mut follower = follow(head);
    loop {
        match follower.next(BATCH).await {
            Ok(events) => {
                for event in events {
                    match seen(event) {
                        Ok(event) => hub.tell(&Arc::new(event)),
                        Err(error) => {
                            tracing::error!(%error, "the live feed ends");
                            return;
                        }
                    }
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the live feed cannot follow the log");
                sleep(RETRY).await;
            }
        }
    }
}

/// An event with what it tells, without opening anything.
pub(super) fn seen(recorded: Recorded) -> Result<LiveEvent, DecodeError> {
    let event = recorded.decode()?;
    // Every stream has a UUID; of any other nobody is told.
    let stream = recorded.aggregate_id.parse().unwrap_or_else(|_| UserId::default());
    let told = told(&event, stream).map(|told| UserEventRow::new(&recorded, &recorded.metadata(), told));
    Ok(LiveEvent { recorded, told })
}

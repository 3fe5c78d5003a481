//! Each node drops from its memory what it holds of a person whose data key was destroyed, wherever that happened,
//! and destroys again what an old backup of the key store brought back (C-39).

use anyhow::Result;
use bus::{BusError, Feed, Follower};
use domain::{Subject, UserId};
use projections::JobQueries;
use std::time::Duration;
use store::{Recorded, Store};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// The event, as the log names it.
const USER: &str = "user";
const CERTIFIED: &str = "erasure_certified";
const BATCH: usize = 1_000;
const RETRY: Duration = Duration::from_millis(500);

/// Follows the log from here on, until told to stop: what was destroyed before, this process never held.
///
/// # Errors
/// If the head of the log cannot be read.
pub async fn run(store: Store, feed: Feed, stop: CancellationToken) -> Result<()> {
    let mut follower = Follower::from(&feed, store.reader().head().await?);
    stop.run_until_cancelled(async {
        loop {
            match follower.next(BATCH).await {
                Ok(events) => {
                    events.iter().filter_map(forgotten).for_each(|person| store.forget_person(person))
                }
                Err(error) => pause(&error).await,
            }
        }
    })
    .await;
    Ok(())
}

/// Destroys the keys that exist although it is certified that they were destroyed, and tells how many.
///
/// # Errors
/// If the read models or the key store cannot be reached.
pub async fn destroy_again(store: &Store, queries: &JobQueries) -> Result<usize> {
    let certified: Vec<Subject> =
        queries.list_certified_erasures().await?.into_iter().map(Subject::of).collect();
    let back = store.keys().of_those_alive(&certified).await?;
    for subject in &back {
        store.keys().destroy(*subject).await?;
        store.forget_person(*subject);
    }
    if !back.is_empty() {
        store.keys().rewrite().await?;
        let keys = back.len();
        tracing::warn!(keys, "keys of erased people were there again, as after a restore, and are destroyed");
    }
    Ok(back.len())
}

/// Keys are held for a bounded time anyway: nothing is lost by a late look.
async fn pause(error: &BusError) {
    tracing::warn!(%error, "destroyed keys leave this node's memory by their age only");
    sleep(RETRY).await;
}

/// Whose key is destroyed by this event's word.
fn forgotten(event: &Recorded) -> Option<Subject> {
    if event.aggregate_type != USER || event.event_type != CERTIFIED {
        return None;
    }
    event.aggregate_id.parse::<UserId>().ok().map(Subject::of)
}

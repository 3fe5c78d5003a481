//! Each node drops from its memory what it holds of a person whose data key was destroyed, wherever that happened,
//! and destroys again what an old backup of the key store brought back (C-39).

use anyhow::{Context, Result};
use bus::{BusError, Feed, Follower};
use domain::{Subject, UserId};
use projections::JobQueries;
use std::{sync::Arc, time::Duration};
use store::{Recorded, Store};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use workers::Disk;

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

/// Keys that are there again, although it is certified that they were destroyed: a backup of the key store brought them.
pub struct Restored {
    store: Store,
    queries: JobQueries,
    disk: Arc<dyn Disk>,
    /// Destroyed, and not yet off the disks.
    is_owed: bool,
}

impl Restored {
    pub fn new(store: Store, queries: JobQueries, disk: Arc<dyn Disk>) -> Self {
        Self { store, queries, disk, is_owed: false }
    }

    /// Destroys them and tells how many, and takes them off the disks as an erasure does. A purge that fails is owed to the
    /// next call.
    ///
    /// # Errors
    /// If the read models or the key store cannot be reached, or the disks cannot be purged now.
    pub async fn destroy_again(&mut self) -> Result<usize> {
        let certified: Vec<Subject> =
            self.queries.list_certified_erasures().await?.into_iter().map(Subject::of).collect();
        let back = self.store.keys().of_those_alive(&certified).await?;
        for subject in &back {
            self.is_owed = true;
            self.store.keys().destroy(*subject).await?;
            self.store.forget_person(*subject);
        }
        if !back.is_empty() {
            let keys = back.len();
            tracing::warn!(
                keys,
                "keys of erased people were there again, as after a restore, and are destroyed"
            );
        }
        if self.is_owed {
            // No read model heard of the restore: none has to be waited for.
            self.disk.purge(0).await.context("destroyed keys are on the disks")?;
            self.is_owed = false;
        }
        Ok(back.len())
    }
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

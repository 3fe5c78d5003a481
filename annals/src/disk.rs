//! Takes what was deleted off the disks, so that a certificate of erasure is true there as well (ADR 34).
//!
//! In this order: the read models are copied into new tables, the key store into a new file, the statistics are made
//! anew, and then the write-ahead log, which tells of all of that, is passed through and dropped.

use crate::{config::External, embedded::Endpoints};
use async_trait::async_trait;
use commands::Clock;
use domain::user::{DiskPurge, Place};
use projections::{Freshness, Watcher};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use store::{Lease, Maintainer, Step, Store, StoreError};
use tokio::{sync::Mutex, time::Instant};
use workers::NotPurged;

/// So long a purge waits for the read models before its job is tried again later.
const PATIENCE: Duration = Duration::from_secs(10);
/// So long transactions are waited for that could still see what was deleted.
const SNAPSHOTS: Duration = Duration::from_secs(20);
/// Of the lock that leaves one node at a purge.
const PURGING: i64 = 7_310_868_735_422_854;

/// Where the program has no hand, whatever it may do elsewhere.
const BEYOND: [Place; 5] =
    [Place::Backups, Place::WalCopies, Place::FileSystem, Place::RefusedDeeds, Place::Claims];

/// Who maintains the databases, and whose they are.
#[derive(Clone, Debug)]
pub struct Maintenance {
    log_url: String,
    /// None: on the same server, with the same write-ahead log.
    keys_url: Option<String>,
    keys_database_url: String,
    /// Our own servers: nothing may be left undone there, and nobody else's node has an outbox.
    is_ours: bool,
}

impl Maintenance {
    /// The supervisor's session does it.
    pub fn of_our_own(endpoints: &Endpoints) -> Self {
        Self {
            log_url: endpoints.supervisor_url("annals"),
            keys_url: None,
            keys_database_url: endpoints.supervisor_url("annals_keys"),
            is_ours: true,
        }
    }

    /// Whoever migrates does it, as far as that role may.
    pub fn of_others(external: &External) -> Self {
        Self::by(external.owner_url.clone(), external.keys_owner_url.clone())
    }

    /// Of servers that are somebody else's.
    pub fn by(log_url: String, keys_url: String) -> Self {
        Self { log_url, keys_url: Some(keys_url.clone()), keys_database_url: keys_url, is_ours: false }
    }
}

/// How mails leave by now, as far as they stay behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mails {
    /// As files in the data directory.
    Files,
    Sent,
}

/// Purges the disks for whoever asks; those who ask during a purge share the next one.
pub struct Disk {
    store: Store,
    watcher: Watcher,
    maintenance: Maintenance,
    mails: Mails,
    clock: Arc<dyn Clock>,
    last: Mutex<Option<Finished>>,
}

struct Finished {
    begun: Instant,
    purge: DiskPurge,
}

impl Disk {
    pub fn new(
        store: Store,
        watcher: Watcher,
        maintenance: Maintenance,
        mails: Mails,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, watcher, maintenance, mails, clock, last: Mutex::new(None) }
    }

    async fn purge_now(&self, position: i64) -> Result<DiskPurge, NotPurged> {
        let projections = projections::in_clear();
        if self.watcher.wait_for(&projections, position, PATIENCE).await == Freshness::Late {
            return Err(NotPurged::Behind);
        }
        let _lease = Lease::take(self.store.pool(), PURGING).await.map_err(|error| unavailable(&error))?;
        let mut found = Found::default();
        for name in projections {
            projections::rewrite(&self.store, name).await.map_err(|error| unavailable(&error))?;
        }
        found.clean.insert(Place::ReadModels);
        found.note(Place::KeyStore, self.store.keys().rewrite().await.map_err(|error| unavailable(&error))?);
        self.maintain(&mut found).await.map_err(|error| unavailable(&error))?;
        found.remaining.extend(BEYOND);
        // Files are looked for whatever the backend is by now; another node has an outbox of its own.
        let outboxes = if self.maintenance.is_ours { &mut found.clean } else { &mut found.remaining };
        outboxes.insert(Place::Outbox);
        if self.mails == Mails::Sent {
            found.remaining.insert(Place::MailServers);
        }
        if self.maintenance.is_ours && !found.undone.is_empty() {
            tracing::warn!(places = ?found.undone, "what was deleted is held on the disk");
            return Err(NotPurged::Held);
        }
        let Found { clean, mut remaining, undone } = found;
        remaining.extend(undone);
        Ok(DiskPurge { purged_at: self.clock.now(), clean, remaining })
    }

    async fn maintain(&self, found: &mut Found) -> Result<(), StoreError> {
        let Maintenance { log_url, keys_url, keys_database_url, .. } = &self.maintenance;
        let (mut log, mut keys) =
            (Maintainer::connect(log_url).await?, Maintainer::connect(keys_database_url).await?);
        found.note(Place::Statistics, log.rewrite_statistics(SNAPSHOTS).await?);
        found.note(Place::Statistics, keys.rewrite_statistics(SNAPSHOTS).await?);
        found.note(Place::WriteAheadLog, log.empty_wal().await?);
        if keys_url.is_some() {
            found.note(Place::WriteAheadLog, keys.empty_wal().await?);
        }
        log.close().await?;
        keys.close().await
    }
}

#[async_trait]
impl workers::Disk for Disk {
    async fn purge(&self, position: i64) -> Result<DiskPurge, NotPurged> {
        self.purge_begun_after(position, Instant::now()).await
    }

    async fn purge_since(&self, position: i64, ago: Duration) -> Result<DiskPurge, NotPurged> {
        let now = Instant::now();
        self.purge_begun_after(position, now.checked_sub(ago).unwrap_or(now)).await
    }
}

impl Disk {
    async fn purge_begun_after(&self, position: i64, asked: Instant) -> Result<DiskPurge, NotPurged> {
        let mut last = self.last.lock().await;
        if let Some(finished) = last.as_ref().filter(|finished| finished.begun > asked) {
            return Ok(finished.purge.clone());
        }
        let begun = Instant::now();
        let purge = self.purge_now(position).await?;
        tracing::info!(seconds = begun.elapsed().as_secs_f64(), "deleted rows are off the disk");
        *last = Some(Finished { begun, purge: purge.clone() });
        Ok(purge)
    }
}

/// What became of each place.
#[derive(Default)]
struct Found {
    clean: BTreeSet<Place>,
    remaining: BTreeSet<Place>,
    undone: BTreeSet<Place>,
}

impl Found {
    /// A place with two servers is clean when both are.
    fn note(&mut self, place: Place, step: Step) {
        if step != Step::Done {
            self.undone.insert(place);
            self.clean.remove(&place);
        } else if !self.undone.contains(&place) {
            self.clean.insert(place);
        }
    }
}

fn unavailable(error: &dyn std::error::Error) -> NotPurged {
    tracing::warn!(%error, "the disks cannot be purged now");
    NotPurged::Unavailable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_on_two_servers_is_clean_only_if_both_are() {
        for steps in
            [[Step::Done, Step::NotAllowed], [Step::NotAllowed, Step::Done], [Step::Held, Step::Done]]
        {
            let mut found = Found::default();
            for step in steps {
                found.note(Place::Statistics, step);
            }
            assert!(found.clean.is_empty() && found.undone.contains(&Place::Statistics), "{steps:?}");
        }
    }
}

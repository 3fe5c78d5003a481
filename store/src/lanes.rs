//! Taking turns on hot streams within a process: cheaper than losing the race at the version check.

use crate::submission::StreamRef;
use std::{
    collections::BTreeSet,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

const LANES: usize = 4096;

/// A fixed number of locks; each stream hashes to one. Between processes the version check decides.
pub struct Lanes {
    locks: Vec<Arc<Mutex<()>>>,
    hasher: RandomState,
}

impl Default for Lanes {
    fn default() -> Self {
        Self { locks: (0..LANES).map(|_| Arc::default()).collect(), hasher: RandomState::new() }
    }
}

impl Lanes {
    /// Waits, in arrival order, until the streams are this caller's. Locks are taken in a fixed order.
    pub async fn enter(&self, streams: impl IntoIterator<Item = StreamRef>) -> Vec<OwnedMutexGuard<()>> {
        let lanes: BTreeSet<usize> =
            streams.into_iter().map(|stream| self.hasher.hash_one(stream) as usize % LANES).collect();
        let mut held = Vec::with_capacity(lanes.len());
        for lane in lanes {
            held.push(Arc::clone(&self.locks[lane]).lock_owned().await);
        }
        held
    }
}

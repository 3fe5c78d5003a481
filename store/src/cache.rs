//! Hot aggregates, bounded by weight. An entry changes only after its events are durable.

use crate::submission::StreamRef;
use moka::sync::Cache;
use std::{any::Any, sync::Arc};

/// A state of some aggregate type.
pub(crate) trait Cached: Any + Send + Sync {
    fn as_any(&self) -> &dyn Any;
}

impl<A: domain::EventSourced> Cached for A {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Clone)]
pub(crate) struct Entry {
    pub version: i64,
    pub state: Arc<dyn Cached>,
    /// Bytes of the payloads folded so far: an estimate of what the state holds.
    pub weight: u32,
}

#[derive(Clone)]
pub(crate) struct StateCache(Cache<StreamRef, Entry>);

impl StateCache {
    pub(crate) fn new(bytes: u64) -> Self {
        let weigher = |_: &StreamRef, entry: &Entry| entry.weight.saturating_add(512);
        Self(Cache::builder().max_capacity(bytes).weigher(weigher).build())
    }

    pub(crate) fn get(&self, stream: StreamRef) -> Option<Entry> {
        self.0.get(&stream)
    }

    /// Keeps the newer of the two versions.
    pub(crate) fn put(&self, stream: StreamRef, entry: Entry) {
        self.0.entry(stream).and_upsert_with(|held| match held {
            Some(held) if held.value().version >= entry.version => held.into_value(),
            _ => entry.clone(),
        });
    }

    pub(crate) fn remove(&self, stream: StreamRef) {
        self.0.invalidate(&stream);
    }

    pub(crate) fn clear(&self) {
        self.0.invalidate_all();
    }
}

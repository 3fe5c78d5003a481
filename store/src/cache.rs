//! Hot aggregates, bounded by weight. An entry changes only after its events are durable.

use crate::submission::StreamRef;
use moka::sync::Cache;
use std::{any::Any, sync::Arc};

/// A state is measured when its stream has grown by so many events.
const MEASURED: i64 = 32;

/// A state of some aggregate type.
pub(crate) trait Cached: Any + Send + Sync {
    fn as_any(&self) -> &dyn Any;

    /// Bytes, about: those of its JSON.
    fn size(&self) -> usize;
}

impl<A: domain::EventSourced> Cached for A {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn size(&self) -> usize {
        serde_json::to_vec(self).map_or(0, |json| json.len())
    }
}

#[derive(Clone)]
pub(crate) struct Entry {
    pub version: i64,
    pub state: Arc<dyn Cached>,
    /// Bytes that the state holds, about.
    pub weight: u32,
}

impl Entry {
    /// `before` is what the state weighed before its last events, `grown` the bytes of their payloads: what a state may
    /// have grown by, for many forget. From time to time it is measured.
    pub(crate) fn new(state: Arc<dyn Cached>, (from, to): (i64, i64), before: u32, grown: usize) -> Self {
        let measured = (from / MEASURED != to / MEASURED).then(|| state.size());
        let weight = measured.unwrap_or(before as usize + grown);
        Self { version: to, state, weight: u32::try_from(weight).unwrap_or(u32::MAX) }
    }
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
            // A slow load may finish after a later commit: it must not put the older state back.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A state that keeps nothing of its events.
    struct Flat;

    impl Cached for Flat {
        fn as_any(&self) -> &dyn Any {
            self
        }

        fn size(&self) -> usize {
            100
        }
    }

    #[test]
    fn state_that_does_not_grow_with_its_stream_weighs_no_more_than_it_holds() {
        let mut weight = 0;
        for version in 0..10 * MEASURED {
            weight = Entry::new(Arc::new(Flat), (version, version + 1), weight, 300).weight;
            assert!(weight <= 100 + 300 * 32, "{weight} at {version}");
        }
        assert_eq!(weight, 100);
    }
}

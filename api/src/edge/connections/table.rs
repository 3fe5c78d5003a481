//! Which connections there are, and who among them has waited longest. Looked at under one lock, and for a moment only.

use super::Network;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};
use tokio::task::AbortHandle;

#[derive(Default)]
pub(super) struct Table {
    /// But for the spare ones.
    pub(super) open: usize,
    /// Those that were cut and still hold their files.
    pub(super) ending: usize,
    /// Counts the times at which somebody began to wait.
    ticks: u64,
    pub(super) shares: HashMap<Network, Share>,
    /// Who waits for a request, the longest first, but for proxies and the spare ones.
    pub(super) waiting: BTreeMap<u64, Network>,
}

#[derive(Default)]
pub(super) struct Share {
    pub(super) open: usize,
    waiting: BTreeMap<u64, Arc<Place>>,
}

/// A connection's own place among all.
pub struct Place {
    pub(super) network: Network,
    pub(super) task: OnceLock<AbortHandle>,
    /// Since when it waits; only looked at under the table's lock.
    state: Mutex<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Waiting(u64),
    Busy,
    /// It made room for another, and is not counted any more.
    Cut,
}

impl Table {
    pub(super) fn enter(&mut self, network: Network) -> Arc<Place> {
        let place = Arc::new(Place { network, task: OnceLock::new(), state: Mutex::new(State::Busy) });
        self.shares.entry(network).or_default().open += 1;
        if network != Network::Spare {
            self.open += 1;
        }
        self.wait(&place);
        place
    }

    pub(super) fn wait(&mut self, place: &Arc<Place>) {
        self.ticks += 1;
        place.turn(State::Waiting(self.ticks));
        if let Some(share) = self.shares.get_mut(&place.network) {
            share.waiting.insert(self.ticks, Arc::clone(place));
        }
        if matches!(place.network, Network::Of(_)) {
            self.waiting.insert(self.ticks, place.network);
        }
    }

    pub(super) fn stop_waiting(&mut self, network: Network, since: u64) -> Option<Arc<Place>> {
        self.waiting.remove(&since);
        self.shares.get_mut(&network)?.waiting.remove(&since)
    }

    pub(super) fn leave(&mut self, network: Network) {
        if network != Network::Spare {
            self.open = self.open.saturating_sub(1);
        }
        if let Some(share) = self.shares.get_mut(&network) {
            share.open = share.open.saturating_sub(1);
            if share.open == 0 {
                self.shares.remove(&network);
            }
        }
    }

    pub(super) fn cut_of(&mut self, network: Network) -> bool {
        let oldest = self.shares.get(&network).and_then(|share| share.waiting.keys().next().copied());
        oldest.is_some_and(|since| self.cut(network, since))
    }

    pub(super) fn cut_any(&mut self) -> bool {
        let oldest = self.waiting.first_key_value().map(|(since, network)| (*network, *since));
        oldest.is_some_and(|(network, since)| self.cut(network, since))
    }

    fn cut(&mut self, network: Network, since: u64) -> bool {
        let Some(place) = self.stop_waiting(network, since) else { return false };
        place.turn(State::Cut);
        self.leave(network);
        self.ending += 1;
        metrics::counter!("annals_connections_cut_total").increment(1);
        if let Some(task) = place.task.get() {
            task.abort();
        }
        true
    }
}

impl Place {
    pub(super) fn turn(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    pub(super) fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

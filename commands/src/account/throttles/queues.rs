//! Turns within the process: who works, and who waits, counted and in order.
//!
//! Between processes nothing of it is known; there the shared buckets and the version check decide.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Mutex as TurnLock, OwnedMutexGuard};

/// Checks of passwords that run in this process, by what their permits are for: each may give its permit back.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<String, usize>>);

impl Flights {
    pub(super) fn begin(&self, key: String) -> Flight<'_> {
        *self.running().entry(key.clone()).or_default() += 1;
        Flight { flights: self, key }
    }

    pub(super) fn are_out(&self, key: &str) -> bool {
        self.running().contains_key(key)
    }

    fn running(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A check that runs. It ends with its request, whatever becomes of that.
pub(crate) struct Flight<'a> {
    flights: &'a Flights,
    key: String,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if let Entry::Occupied(mut running) = self.flights.running().entry(std::mem::take(&mut self.key)) {
            *running.get_mut() -= 1;
            if *running.get() == 0 {
                running.remove();
            }
        }
    }
}

/// Queues by name, each of at most so many.
#[derive(Default)]
pub(crate) struct Queues(Mutex<HashMap<String, Queue>>);

#[derive(Default)]
struct Queue {
    turn: Arc<TurnLock<()>>,
    members: usize,
}

impl Queues {
    /// The last place; none if there are `most` already.
    pub(crate) fn join(&self, key: String, most: usize) -> Option<Place<'_>> {
        let mut queues = self.queues();
        let queue = queues.entry(key.clone()).or_default();
        if queue.members >= most {
            return None;
        }
        queue.members += 1;
        Some(Place { turn: Arc::clone(&queue.turn), queues: self, key })
    }

    pub(super) fn is_empty(&self, key: &str) -> bool {
        !self.queues().contains_key(key)
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<String, Queue>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in a queue. It is given up with its request, whatever becomes of that.
pub(crate) struct Place<'a> {
    queues: &'a Queues,
    key: String,
    turn: Arc<TurnLock<()>>,
}

impl<'a> Place<'a> {
    /// Waits, in order of arrival, until nobody else has the turn.
    pub(crate) async fn turn(self) -> Turn<'a> {
        Turn { _held: Arc::clone(&self.turn).lock_owned().await, _place: self }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Entry::Occupied(mut queue) = self.queues.queues().entry(std::mem::take(&mut self.key)) {
            queue.get_mut().members -= 1;
            if queue.get().members == 0 {
                queue.remove();
            }
        }
    }
}

/// It is this one's turn until this is dropped: the lock first, for whoever joins an empty queue finds a new one.
pub(crate) struct Turn<'a> {
    _held: OwnedMutexGuard<()>,
    _place: Place<'a>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt, poll};
    use std::pin::pin;

    #[tokio::test]
    async fn turns_are_taken_in_order_and_no_more_wait_than_may() {
        let queues = Queues::default();
        let join = |key: &str| queues.join(key.to_owned(), 3);
        let first = join("jane").unwrap().turn().await;
        let mut second = pin!(join("jane").unwrap().turn());
        let mut third = Box::pin(join("jane").unwrap().turn());
        assert!(poll!(&mut second).is_pending() && poll!(&mut third).is_pending());
        assert!(join("jane").is_none(), "three are there");
        assert!(join("john").unwrap().turn().now_or_never().is_some(), "another's queue");

        drop(first);
        assert!(poll!(&mut third).is_pending(), "it is the second's turn");
        drop(third);
        assert!(join("jane").is_some(), "whoever leaves makes room");
        drop(second.await);

        assert!(queues.is_empty("jane") && queues.is_empty("john"));
    }
}

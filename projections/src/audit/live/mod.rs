//! Events as they are committed, for any number of readers of this process: one tail of the log serves them all.
//!
//! A [`Subscription`] has a bounded buffer. Whoever does not read it in time is cut off, and comes back with the last
//! position that was seen: what was missed is read from the log, so that nothing is lost and nobody waits for others.

mod hub;
mod tail;

pub use hub::{Audience, Crowded, Subscription};

use crate::user_events::query::UserEventRow;
use bus::{Feed, Follower};
use hub::Hub;
use std::sync::Arc;
use store::{Reader, Recorded, Store};
use tokio_util::sync::{CancellationToken, DropGuard};

/// A committed event. Nothing in it is opened.
#[derive(Clone, Debug)]
pub struct LiveEvent {
    pub recorded: Recorded,
    /// What it tells its person, if anything.
    pub told: Option<UserEventRow>,
}

/// One per process. Cheap to clone; it stops following when the last clone is gone.
#[derive(Clone)]
pub struct LiveEvents(Arc<Inner>);

struct Inner {
    hub: Arc<Hub>,
    reader: Reader,
    _following: DropGuard,
}

impl LiveEvents {
    /// Begins to follow the log from its present end. `stop` ends all subscriptions.
    pub fn start(store: &Store, feed: Feed, stop: &CancellationToken) -> Self {
        let hub = Arc::new(Hub::default());
        let (reader, stop) = (store.reader(), stop.child_token());
        let task = tail::run(Arc::clone(&hub), reader.clone(), move |cursor| Follower::from(&feed, cursor));
        let (ended, until) = (Arc::clone(&hub), stop.clone());
        tokio::spawn(async move {
            until.run_until_cancelled_owned(task).await;
            ended.close();
        });
        Self(Arc::new(Inner { hub, reader, _following: stop.drop_guard() }))
    }

    /// From now on everything that the audience may see; see [`Subscription::begins_after`].
    ///
    /// # Errors
    /// [`Crowded`] if the person has too many, or the tail does not run.
    pub fn subscribe(&self, audience: Audience) -> Result<Subscription, Crowded> {
        self.0.hub.subscribe(audience)
    }

    /// The log's events after a position, as a subscription would have brought them; at most `limit`.
    ///
    /// # Errors
    /// The log cannot be read, or holds an event that only a newer program knows.
    pub async fn missed(&self, after: i64, limit: u32) -> Result<Vec<LiveEvent>, crate::QueryError> {
        let events = self.0.reader.after(after, i64::from(limit)).await?;
        Ok(events.into_iter().map(tail::seen).collect::<Result<_, _>>().map_err(store::StoreError::from)?)
    }
}

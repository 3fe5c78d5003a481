//! Projections that are at the same position and go on together.

use crate::cursors::Member;
use bus::{BusError, Feed, Follower};
use futures::future::{pending, select_all};
use std::time::Duration;
use store::Recorded;
use tokio::time::{Instant, sleep_until};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

pub(super) struct Lane {
    pub position: i64,
    pub members: Vec<Member>,
    follower: Follower,
    /// After a failure.
    retry: Option<Retry>,
}

struct Retry {
    failures: u32,
    at: Instant,
}

impl Retry {
    fn after(failures: u32) -> Self {
        let pause = FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST_PAUSE);
        Self { failures, at: Instant::now() + pause }
    }

    /// Ever smaller, until the event at fault is the next one.
    fn batch(&self, batch: usize) -> usize {
        (batch >> (self.failures * 3).min(60)).max(1)
    }
}

impl Lane {
    fn of(feed: &Feed, position: i64, members: Vec<Member>, retry: Option<Retry>) -> Self {
        Self { position, members, follower: Follower::from(feed, position), retry }
    }

    /// Dropped at any await, nothing is lost.
    async fn next(&mut self, batch: usize) -> Result<Vec<Recorded>, BusError> {
        match &self.retry {
            None => self.follower.next(batch).await,
            Some(retry) => {
                sleep_until(retry.at).await;
                self.follower.next(retry.batch(batch)).await
            }
        }
    }

    pub(super) fn advanced(mut self, position: i64) -> Self {
        self.position = position;
        self.retry = None;
        self
    }

    /// Tries the same events again, after a pause.
    pub(super) fn failed(self, feed: &Feed) -> Self {
        let failures = self.retry.map_or(0, |retry| retry.failures) + 1;
        Self::of(feed, self.position, self.members, Some(Retry::after(failures)))
    }

    /// Each member alone, where the lane was.
    pub(super) fn parted(self, feed: &Feed) -> impl Iterator<Item = Self> {
        let position = self.position;
        self.members.into_iter().map(move |member| Self::of(feed, position, vec![member], None))
    }

    /// Reads on from its position.
    pub(super) fn refollow(mut self, feed: &Feed) -> Self {
        self.follower = Follower::from(feed, self.position);
        self
    }
}

/// Those that were failing start alone.
pub(super) fn group(feed: &Feed, members: Vec<Member>) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = members
        .into_iter()
        .map(|member| {
            let retry = member.failed.then(|| Retry::after(1));
            Lane::of(feed, member.position, vec![member], retry)
        })
        .collect();
    join(&mut lanes);
    lanes
}

/// Lanes that have met go on as one.
pub(super) fn join(lanes: &mut Vec<Lane>) {
    let mut joined: Vec<Lane> = Vec::with_capacity(lanes.len());
    for lane in lanes.drain(..) {
        let met = joined
            .iter_mut()
            .find(|other| lane.retry.is_none() && other.retry.is_none() && other.position == lane.position);
        match met {
            Some(other) => other.members.extend(lane.members),
            None => joined.push(lane),
        }
    }
    *lanes = joined;
}

/// The first lane that has something to do, and what. Dropped at any await, nothing is lost.
pub(super) async fn next_batch(lanes: &mut [Lane], batch: usize) -> (usize, Result<Vec<Recorded>, BusError>) {
    if lanes.is_empty() {
        return pending().await;
    }
    let (next, at, _) = select_all(lanes.iter_mut().map(|lane| Box::pin(lane.next(batch)))).await;
    (at, next)
}

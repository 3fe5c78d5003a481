//! Follows the log for one reactor: inserts its jobs and moves its cursor, both or neither.

use super::Reactor;
use crate::jobs::{Queue, QueuedJob, Step};
use bus::{BusError, Feed, Follower};
use domain::DecodeError;
use std::{sync::Arc, time::Duration};
use store::{Recorded, StoreError};
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// Events read at once.
const BATCH: usize = 500;
/// A cursor that only passed events of no concern is stored after so many, or when the log is quiet for so long:
/// to read them again is harmless, a commit for each batch is not.
const LAZY_EVENTS: i64 = 2_000;
const LAZY_TIME: Duration = Duration::from_millis(200);
/// Before the next try after the database or the feed failed.
const PAUSE: Duration = Duration::from_millis(500);

/// Why a reactor gave up its role on this node.
#[derive(Debug, thiserror::Error)]
pub enum ReactorError {
    /// An event that this binary cannot read. To skip it could lose a job for good.
    #[error("reactor {reactor} stops at position {position}: {source}")]
    Unreadable { reactor: &'static str, position: i64, source: DecodeError },
    /// A hole in the log: to go on could lose a job for good.
    #[error("reactor {reactor} stops: {source}")]
    Log { reactor: &'static str, source: StoreError },
}

/// Runs one reactor on this node; any number of nodes may do so.
pub struct Runner<R> {
    reactor: R,
    feed: Feed,
    queue: Queue,
    wake: Arc<Notify>,
}

/// Where a runner is: `stored` is the cursor's row, `seen` the last event looked at.
struct Reading {
    follower: Follower,
    stored: i64,
    seen: i64,
}

/// Why a reading ended.
enum Break {
    /// Another runner moved the cursor: go on from there.
    Overtaken,
    Database(sqlx::Error),
    Feed(BusError),
    GivenUp(ReactorError),
}

impl<R: Reactor> Runner<R> {
    /// `wake` is rung when jobs were added.
    pub fn new(reactor: R, feed: Feed, queue: Queue, wake: Arc<Notify>) -> Self {
        Self { reactor, feed, queue, wake }
    }

    /// Runs until `stop`.
    ///
    /// # Errors
    /// When the log has a hole, or an event that this binary cannot read; everything before it is handled and stored.
    pub async fn run(self, stop: CancellationToken) -> Result<(), ReactorError> {
        loop {
            let ended = tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                ended = self.read() => ended,
            };
            match ended {
                Break::Overtaken => continue,
                Break::GivenUp(error) => return Err(error),
                Break::Feed(BusError::Store(source @ StoreError::Corrupt(_))) => {
                    return Err(ReactorError::Log { reactor: R::NAME, source });
                }
                Break::Database(error) => tracing::warn!(reactor = R::NAME, %error, "a reactor waits"),
                Break::Feed(error) => tracing::warn!(reactor = R::NAME, %error, "a reactor waits"),
            }
            tokio::select! { () = stop.cancelled() => return Ok(()), () = sleep(PAUSE) => {} }
        }
    }

    /// Reads on from the stored cursor for as long as all goes well.
    async fn read(&self) -> Break {
        let stored = match self.queue.cursor(R::NAME).await {
            Ok(stored) => stored,
            Err(error) => return Break::Database(error),
        };
        let mut reading = Reading { follower: Follower::from(&self.feed, stored), stored, seen: stored };
        loop {
            if let Err(broken) = self.advance(&mut reading).await {
                return broken;
            }
        }
    }

    async fn advance(&self, reading: &mut Reading) -> Result<(), Break> {
        let batch = tokio::select! {
            batch = reading.follower.next(BATCH) => batch.map_err(Break::Feed)?,
            () = sleep(LAZY_TIME), if reading.seen > reading.stored => return self.store(reading, &[]).await,
        };
        let (jobs, unreadable) = self.jobs(&batch, &mut reading.seen);
        if !jobs.is_empty() || unreadable.is_some() || reading.seen - reading.stored >= LAZY_EVENTS {
            self.store(reading, &jobs).await?;
        }
        unreadable.map_or(Ok(()), |error| Err(Break::GivenUp(error)))
    }

    /// The jobs of a batch, up to the first event that cannot be read.
    fn jobs(&self, batch: &[Recorded], seen: &mut i64) -> (Vec<QueuedJob>, Option<ReactorError>) {
        let mut jobs = Vec::new();
        for recorded in batch {
            let position = recorded.position;
            let event = match recorded.decode() {
                Ok(event) => event,
                Err(source) => {
                    return (jobs, Some(ReactorError::Unreadable { reactor: R::NAME, position, source }));
                }
            };
            let source = recorded.event_id.to_string();
            let wanted = self.reactor.jobs(&event, recorded).into_iter();
            jobs.extend(wanted.map(|job| QueuedJob { job, source: source.clone(), position }));
            *seen = position;
        }
        (jobs, None)
    }

    async fn store(&self, reading: &mut Reading, jobs: &[QueuedJob]) -> Result<(), Break> {
        match self.queue.step(R::NAME, reading.stored, reading.seen, jobs).await {
            Ok(Step::Moved { added }) => {
                reading.stored = reading.seen;
                metrics::gauge!("annals_reactor_position", "reactor" => R::NAME).set(reading.seen as f64);
                if added > 0 {
                    self.wake.notify_one();
                }
                Ok(())
            }
            Ok(Step::Lost) => Err(Break::Overtaken),
            Err(error) => Err(Break::Database(error)),
        }
    }
}

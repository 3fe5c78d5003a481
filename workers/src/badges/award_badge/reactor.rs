//! Awards badges to eligible people: follows the rows of a read model, not the log.
//!
//! The read model may be rebuilt or fall back in a crash: it comes to the same rows again, and a job is unique on badge,
//! person and version of the criterion.

use crate::jobs::{NewJob, Queue, QueuedJob, Step};
use bus::{Feed, Follower};
use domain::{BadgeId, UserId};
use projections::{
    JobQueries,
    badge_progress::{Eligible, EligibleStretch},
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use store::Recorded;
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// The kind of its jobs.
pub(crate) const KIND: &str = "award_badge";
const NAME: &str = "award_badges";
/// Rows read at once.
const BATCH: i64 = 500;
/// Events read at once, for where they end.
const EVENTS: usize = 500;
/// A cursor that passed no rows is stored after so many positions: to pass them again is harmless.
const LAZY: i64 = 2_000;
/// Before the next try after the database failed.
const PAUSE: Duration = Duration::from_millis(500);

/// Who is to have what. **Stored** as the payload of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Due {
    pub user: UserId,
    pub badge: BadgeId,
    /// Up to where the log is needed to tell what earned it.
    pub position: i64,
}

/// Runs on any number of nodes: the cursor moves by compare-and-set.
pub(crate) struct AwardBadges {
    queries: JobQueries,
    feed: Feed,
    queue: Queue,
    wake: Arc<Notify>,
}

impl AwardBadges {
    pub const fn new(queries: JobQueries, feed: Feed, queue: Queue, wake: Arc<Notify>) -> Self {
        Self { queries, feed, queue, wake }
    }

    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let failed = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                failed = self.follow() => failed,
            };
            tracing::warn!(reactor = NAME, failed, "a reactor waits");
            tokio::select! { () = stop.cancelled() => return, () = sleep(PAUSE) => {} }
        }
    }

    /// Reads on from the stored cursor for as long as all goes well; why it did not.
    async fn follow(&self) -> String {
        let stored = match self.queue.cursor(NAME).await {
            Ok(stored) => stored,
            Err(error) => return error.to_string(),
        };
        let mut reading = Reading { stored, seen: stored };
        // The log says when there may be something new; where it is, the read model says.
        let mut follower = Follower::from(&self.feed, stored);
        loop {
            let wanted = match follower.next(EVENTS).await {
                Ok(events) => Self::wanted(&events, reading.seen),
                Err(error) => return error.to_string(),
            };
            while reading.seen < wanted {
                if let Err(failed) = self.advance(&mut reading, wanted).await {
                    return failed;
                }
            }
        }
    }

    /// Up to where the rows are to be looked at after these events: seldom, while they move nobody's badges.
    fn wanted(events: &[Recorded], seen: i64) -> i64 {
        let moving = events.iter().rfind(|event| JobQueries::moves_badges(event));
        let last = events.last().filter(|event| event.position - seen >= LAZY);
        last.or(moving).map_or(0, |event| event.position)
    }

    /// Reads a stretch of rows, once the read model is as far as wanted or has had its time.
    async fn advance(&self, reading: &mut Reading, wanted: i64) -> Result<(), String> {
        self.queries.badge_progress_past(wanted - 1).await;
        let EligibleStretch { until, rows } =
            self.queries.list_eligible(reading.seen, BATCH).await.map_err(|error| error.to_string())?;
        if until == reading.seen {
            // It stands still.
            sleep(PAUSE).await;
            return Ok(());
        }
        reading.seen = until;
        if rows.is_empty() && reading.seen - reading.stored < LAZY {
            return Ok(());
        }
        let jobs: Vec<QueuedJob> = rows.iter().map(job).collect();
        match self.queue.step(NAME, reading.stored, reading.seen, &jobs).await {
            Ok(Step::Moved { added }) => {
                reading.stored = reading.seen;
                metrics::gauge!("annals_reactor_position", "reactor" => NAME).set(reading.seen as f64);
                if added > 0 {
                    self.wake.notify_one();
                }
                Ok(())
            }
            Ok(Step::Lost) => Err("another node moved the cursor".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// `stored` is the cursor's row, `seen` up to where rows were looked at.
struct Reading {
    stored: i64,
    seen: i64,
}

fn job(row: &Eligible) -> QueuedJob {
    let Eligible { position, user, badge, version } = *row;
    let payload = serde_json::to_value(Due { user, badge, position }).unwrap_or_default();
    let job = NewJob { kind: KIND, target: badge.to_string(), payload, not_before: None };
    QueuedJob { job, source: format!("{user}:{version}"), position }
}

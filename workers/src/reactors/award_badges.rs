//! Who has become eligible for a badge is awarded it: follows the rows of a read model, not the log.
//!
//! The read model may be rebuilt or fall back in a crash: it comes to the same rows again, and a job is unique on badge,
//! person and version of the criterion.

use crate::{
    handlers::{Eligible, NotTold, ReadModels},
    jobs::{NewJob, Queue, QueuedJob, Step},
};
use domain::{BadgeId, UserId};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// The kind of its jobs.
pub(crate) const KIND: &str = "award_badge";
const NAME: &str = "award_badges";
/// Rows read at once.
const BATCH: i64 = 500;
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
    read_models: Arc<dyn ReadModels>,
    queue: Queue,
    wake: Arc<Notify>,
}

impl AwardBadges {
    pub fn new(read_models: Arc<dyn ReadModels>, queue: Queue, wake: Arc<Notify>) -> Self {
        Self { read_models, queue, wake }
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
        let mut stored = match self.queue.cursor(NAME).await {
            Ok(stored) => stored,
            Err(error) => return error.to_string(),
        };
        let mut seen = stored;
        loop {
            self.read_models.badge_progress_past(seen).await;
            let (until, rows) = match self.read_models.eligible(seen, BATCH).await {
                Ok(stretch) => stretch,
                Err(error @ (NotTold::Behind | NotTold::Unavailable)) => return error.to_string(),
            };
            seen = until;
            if rows.is_empty() && seen - stored < LAZY {
                continue;
            }
            let jobs: Vec<QueuedJob> = rows.iter().map(job).collect();
            match self.queue.step(NAME, stored, seen, &jobs).await {
                Ok(Step::Moved { added }) => {
                    stored = seen;
                    metrics::gauge!("annals_reactor_position", "reactor" => NAME).set(seen as f64);
                    if added > 0 {
                        self.wake.notify_one();
                    }
                }
                Ok(Step::Lost) => return "another node moved the cursor".to_owned(),
                Err(error) => return error.to_string(),
            }
        }
    }
}

fn job(row: &Eligible) -> QueuedJob {
    let Eligible { position, user, badge, version } = *row;
    let payload = serde_json::to_value(Due { user, badge, position }).unwrap_or_default();
    let job = NewJob { kind: KIND, target: badge.to_string(), payload, not_before: None };
    QueuedJob { job, source: format!("{user}:{version}"), position }
}

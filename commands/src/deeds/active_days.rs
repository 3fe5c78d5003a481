//! Days on which people are there (C-22): one event per person and local day, out of any number of requests.

use crate::{Caller, CommandError, Executor};
use chrono::{DateTime, Utc};
use domain::{
    ActivityId, UserId,
    activity::{Activity, RecordActiveDay},
    settings::Settings,
};
use moka::sync::Cache;
use std::time::Duration;

/// A person's day begins on one of these wherever they live: every offset of today is a multiple of it.
const QUARTER: i64 = 15 * 60;
const PEOPLE: u64 = 100_000;
const ACTOR: &str = "activity";

/// One per process. Cheap to clone.
#[derive(Clone)]
pub struct ActiveDays {
    executor: Executor,
    /// In which quarter of an hour each was last looked at.
    seen: Cache<UserId, i64>,
}

impl ActiveDays {
    pub fn new(executor: Executor) -> Self {
        let kept = Duration::from_secs(QUARTER.unsigned_abs());
        Self { executor, seen: Cache::builder().max_capacity(PEOPLE).time_to_live(kept).build() }
    }

    /// A person gives a sign of life. Costs a look into memory, but for the first time in a quarter of an hour; what
    /// cannot be recorded then is tried again at the next sign.
    pub async fn saw(&self, user: UserId) {
        let now = self.executor.now();
        let quarter = now.timestamp().div_euclid(QUARTER);
        if self.seen.get(&user) == Some(quarter) {
            return;
        }
        self.seen.insert(user, quarter);
        if let Err(error) = self.record(user, now).await {
            tracing::warn!(%error, "an active day is not recorded yet");
            self.seen.invalidate(&user);
        }
    }

    async fn record(&self, user: UserId, at: DateTime<Utc>) -> Result<(), CommandError> {
        let settings = self.executor.store().load_fresh::<Settings>(user).await?.state;
        let day = settings.day_at(at);
        let record = RecordActiveDay { user, day, at };
        self.executor
            .run::<Activity>(ActivityId::of(user, day), record, &Caller::system(ACTOR))
            .await
            .map(drop)
    }
}

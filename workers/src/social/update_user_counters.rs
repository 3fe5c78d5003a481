//! Compares the counters that are kept event by event with a recount (C-46, TSK-01). A difference is a defect: it is
//! reported, and the read model is made anew from the log. What that does not mend parks the job.

use crate::jobs::{Handler, Job, JobError};
use async_trait::async_trait;
use domain::UserId;
use projections::{JobQueries, Name, NotTold, RebuildOptions};
use store::Store;

pub(crate) const KIND: &str = "update_user_counters";

/// Counters that differ are named in the log, at most so many of each read model.
const NAMED: i64 = 20;

/// Recounts followers, following and posts.
pub struct UpdateUserCounters {
    store: Store,
    queries: JobQueries,
}

#[async_trait]
impl Handler for UpdateUserCounters {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, _job: &Job) -> Result<&'static str, JobError> {
        let wrong = self.compare().await?;
        if wrong.is_empty() {
            return Ok("equal");
        }
        for (read_model, people) in &wrong {
            let read_model = read_model.as_str();
            tracing::error!(
                read_model,
                ?people,
                "counters differ from a recount: the read model is made anew"
            );
            self.rebuild(read_model).await?;
        }
        match self.compare().await?.is_empty() {
            true => Ok("repaired"),
            false => Err(JobError::permanent("counters-differ")),
        }
    }
}

impl UpdateUserCounters {
    pub const fn new(store: Store, queries: JobQueries) -> Self {
        Self { store, queries }
    }

    /// People whose counters are not what a recount gives, by read model.
    async fn compare(&self) -> Result<Vec<(Name, Vec<UserId>)>, NotTold> {
        let wrong = self.queries.list_wrong_counters(NAMED).await?;
        let wrong: Vec<_> = wrong.into_iter().filter(|(_, people)| !people.is_empty()).collect();
        let people: usize = wrong.iter().map(|(_, people)| people.len()).sum();
        metrics::gauge!("annals_wrong_counters").set(people as f64);
        Ok(wrong)
    }

    /// Takes its time; the read model is read as it was until then.
    async fn rebuild(&self, read_model: &str) -> Result<(), JobError> {
        match projections::rebuild(&self.store, read_model, RebuildOptions::default(), |_| {}).await {
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::warn!(read_model, %error, "a read model cannot be made anew");
                Err(JobError::retry("read-model-unavailable"))
            }
        }
    }
}

//! Compares the counters that are kept event by event with a recount (C-46, TSK-01). A difference is a defect: it is
//! reported, and the read model is made anew from the log. What that does not mend parks the job.

use crate::engine::handlers::{NotTold, ReadModels, WrongCounters};
use crate::jobs::{Handler, Job, JobError};
use async_trait::async_trait;
use std::sync::Arc;

pub(crate) const KIND: &str = "update_user_counters";

/// Counters that differ are named in the log, at most so many of each read model.
const NAMED: i64 = 20;

/// Recounts followers, following and posts.
pub struct UpdateUserCounters {
    read_models: Arc<dyn ReadModels>,
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
        for WrongCounters { read_model, people } in &wrong {
            tracing::error!(
                read_model,
                ?people,
                "counters differ from a recount: the read model is made anew"
            );
            self.read_models.rebuild(read_model).await?;
        }
        match self.compare().await?.is_empty() {
            true => Ok("repaired"),
            false => Err(JobError::permanent("counters-differ")),
        }
    }
}

impl UpdateUserCounters {
    pub fn new(read_models: Arc<dyn ReadModels>) -> Self {
        Self { read_models }
    }

    async fn compare(&self) -> Result<Vec<WrongCounters>, NotTold> {
        let wrong = self.read_models.wrong_counters(NAMED).await?;
        let people: usize = wrong.iter().map(|of| of.people.len()).sum();
        metrics::gauge!("annals_wrong_counters").set(people as f64);
        Ok(wrong)
    }
}

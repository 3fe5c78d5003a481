//! Compares the counters that are kept event by event with a recount (C-46, TSK-01). A difference is a defect: it is
//! reported and the job parked; a rebuild of the read model puts it right.

use super::ReadModels;
use crate::jobs::{Handler, Job, JobError};
use async_trait::async_trait;
use std::sync::Arc;

pub(crate) const KIND: &str = "update_user_counters";

/// Counters that differ are named in the log, at most so many.
const NAMED: i64 = 20;

/// Recounts followers and following.
pub struct UpdateUserCounters {
    read_models: Arc<dyn ReadModels>,
}

#[async_trait]
impl Handler for UpdateUserCounters {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, _job: &Job) -> Result<&'static str, JobError> {
        let wrong = self.read_models.wrong_counters(NAMED).await?;
        metrics::gauge!("annals_wrong_counters").set(wrong.len() as f64);
        if wrong.is_empty() {
            return Ok("equal");
        }
        tracing::error!(people = ?wrong, "counters of followers differ from a recount: rebuild social_graph");
        Err(JobError::permanent("counters-differ"))
    }
}

impl UpdateUserCounters {
    pub fn new(read_models: Arc<dyn ReadModels>) -> Self {
        Self { read_models }
    }
}

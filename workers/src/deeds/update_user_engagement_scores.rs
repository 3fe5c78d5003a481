//! Closes yesterday, by which scores go on, also of people who do nothing (ANL-02, TSK-02). Days that nobody closed are
//! closed with it.

use crate::engine::handlers::refused;
use crate::jobs::{Handler, Job, JobError};
use async_trait::async_trait;
use chrono::Datelike;
use commands::{Caller, Executor};
use domain::{
    CalendarId,
    calendar::{Calendar, CloseDay},
};

pub(crate) const KIND: &str = "update_user_engagement_scores";

/// Closes days.
pub struct UpdateUserEngagementScores {
    executor: Executor,
}

#[async_trait]
impl Handler for UpdateUserEngagementScores {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, _job: &Job) -> Result<&'static str, JobError> {
        let at = self.executor.now();
        let Some(day) = at.date_naive().pred_opt() else { return Err(JobError::permanent("no-yesterday")) };
        let close = CloseDay { day, at };
        let year = CalendarId::of(day.year());
        let done = self.executor.run::<Calendar>(year, close, &Caller::system(KIND)).await;
        let done = done.map_err(|error| refused(&error))?;
        Ok(if done.events.is_empty() { "was-closed" } else { "closed" })
    }
}

impl UpdateUserEngagementScores {
    pub const fn new(executor: Executor) -> Self {
        Self { executor }
    }
}

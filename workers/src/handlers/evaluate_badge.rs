//! Evaluates a badge over all of history, and awards it to all who have earned it (BDG-16).
//!
//! What is earned from now on is found event by event; both come to the same awards, each of which happens once.

use super::{Awarding, ReadModels};
use crate::{
    jobs::{Handler, Job, JobError},
    reactors::{Changed, EVALUATE_BADGE},
};
use async_trait::async_trait;
use domain::badge::{Badge, BadgeStatus};
use futures::{TryStreamExt, stream};

/// Awards at the same time.
const AT_ONCE: usize = 16;

/// Evaluates definitions that are new or changed.
pub struct EvaluateBadge {
    awarding: Awarding,
}

impl EvaluateBadge {
    pub fn new(awarding: Awarding) -> Self {
        Self { awarding }
    }
}

#[async_trait]
impl Handler for EvaluateBadge {
    fn kind(&self) -> &'static str {
        EVALUATE_BADGE
    }

    async fn run(&self, job: &Job) -> Result<&'static str, JobError> {
        let Changed { badge, position } = job.payload()?;
        let definition = self.awarding.store.load_fresh::<Badge>(badge).await?.state;
        let (Some(BadgeStatus::Active), Some(criterion)) =
            (definition.status, definition.details.criteria.clone())
        else {
            return Ok("not-offered");
        };
        let read_models: &dyn ReadModels = &*self.awarding.read_models;
        let earners = read_models.earners((criterion, definition.availability()), position).await?;
        stream::iter(earners.into_iter().map(Ok::<_, JobError>))
            .try_for_each_concurrent(AT_ONCE, async |user| {
                let outcome = self.awarding.award(user, badge, position).await?;
                if outcome == "awarded" {
                    metrics::counter!("annals_badges_found_by_evaluation_total").increment(1);
                }
                Ok(())
            })
            .await?;
        Ok("evaluated")
    }
}

//! Evaluates a badge over all of history, and awards it to all who have earned it (BDG-16).
//!
//! What is earned from now on is found event by event; both come to the same awards, each of which happens once.

use crate::badges::award_badge::handler::{AWARDED, Awarding};
use crate::{
    badges::evaluate_badge::reactor::{Changed, KIND as EVALUATE_BADGE},
    jobs::{Handler, Job, JobError},
};
use async_trait::async_trait;
use domain::{
    BadgeId,
    badge::{Badge, BadgeStatus},
};
use futures::{TryStreamExt, stream};
use std::sync::atomic::{AtomicU64, Ordering};

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
        match self.awarding.evaluate(badge, position).await? {
            Some(_) => Ok("evaluated"),
            None => Ok("not-offered"),
        }
    }
}

impl Awarding {
    /// Awards a badge to all who have earned it by now; how many had not been awarded it. None: it is not to be had.
    pub(crate) async fn evaluate(&self, badge: BadgeId, position: i64) -> Result<Option<u64>, JobError> {
        let definition = self.store.load_fresh::<Badge>(badge).await?.state;
        let (Some(BadgeStatus::Active), Some(criterion)) =
            (definition.status, definition.details.criteria.clone())
        else {
            return Ok(None);
        };
        let earners = self.queries.list_earners((criterion, definition.availability()), position).await?;
        let found = AtomicU64::new(0);
        stream::iter(earners.into_iter().map(Ok::<_, JobError>))
            .try_for_each_concurrent(AT_ONCE, async |user| {
                if self.award(user, badge, position).await? == AWARDED {
                    found.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            })
            .await?;
        Ok(Some(found.into_inner()))
    }
}

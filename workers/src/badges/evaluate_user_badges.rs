//! The daily sweep: every active badge over all of history (BDG-16, TSK-09, C-23). What it finds was missed by what goes
//! event by event: it is awarded, and reported.

use crate::badges::award_badge::handler::Awarding;
use crate::jobs::{Handler, Job, JobError};
use async_trait::async_trait;

pub(crate) const KIND: &str = "evaluate_user_badges";

/// Reconciles awards with criteria.
pub struct EvaluateUserBadges {
    awarding: Awarding,
}

impl EvaluateUserBadges {
    pub fn new(awarding: Awarding) -> Self {
        Self { awarding }
    }
}

#[async_trait]
impl Handler for EvaluateUserBadges {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, _job: &Job) -> Result<&'static str, JobError> {
        let position = self.awarding.store.reader().head().await?;
        let mut missed = 0;
        for badge in self.awarding.queries.list_active_badges(position).await? {
            missed += self.awarding.evaluate(badge, position).await?.unwrap_or(0);
        }
        metrics::counter!("annals_badges_missed_total").increment(missed);
        if missed == 0 {
            return Ok("equal");
        }
        tracing::warn!(missed, "the sweep has awarded badges that nothing had found before");
        Ok("awarded-what-was-missed")
    }
}

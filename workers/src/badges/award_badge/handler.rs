//! Awards a badge to whoever has earned it: when, and by what, is told by folding the person's facts again.

use crate::engine::handlers::refused;
use crate::{
    badges::award_badge::reactor::{Due, KIND as AWARD_BADGE},
    jobs::{Handler, Job, JobError},
};
use async_trait::async_trait;
use commands::{Badges, Caller, CommandError, NewAward};
use domain::{
    AwardId, BadgeId, UserId,
    award::{Award, AwardError, AwardStatus, Completion},
    badge::{Badge, BadgeError, BadgeStatus},
};
use projections::JobQueries;
use store::{Recorded, Store, StoreError};

/// The code of an award that is new.
pub(crate) const AWARDED: &str = "awarded";
/// In the metadata of what the program awards by itself.
pub(crate) const ACTOR: &str = "badges";

/// Awards what was earned.
pub struct AwardBadge {
    awarding: Awarding,
}

impl AwardBadge {
    pub fn new(awarding: Awarding) -> Self {
        Self { awarding }
    }
}

#[async_trait]
impl Handler for AwardBadge {
    fn kind(&self) -> &'static str {
        AWARD_BADGE
    }

    async fn run(&self, job: &Job) -> Result<&'static str, JobError> {
        let Due { user, badge, position } = job.payload()?;
        self.awarding.award(user, badge, position).await
    }
}

/// What it takes to award: for one person, or for all whom a badge's evaluation finds.
#[derive(Clone)]
pub struct Awarding {
    pub store: Store,
    pub badges: Badges,
    pub queries: JobQueries,
}

impl Awarding {
    /// A code of what came of it. `position`: the log is needed up to there.
    pub(crate) async fn award(
        &self,
        user: UserId,
        badge: BadgeId,
        position: i64,
    ) -> Result<&'static str, JobError> {
        let log = async {
            let award = self.store.load_fresh::<Award>(AwardId::of(user, badge));
            tokio::try_join!(award, self.store.load_fresh::<Badge>(badge)).map_err(JobError::from)
        };
        let facts = async { Ok(self.queries.list_facts(user, position).await?) };
        // What earned it, unless the badge or the facts are others by now.
        let cause = async { Ok(self.event(position).await?) };
        let ((award, definition), facts, cause) = tokio::try_join!(log, facts, cause)?;
        if award.state.status == Some(AwardStatus::Held) {
            return Ok("held");
        }
        let definition = definition.state;
        let (Some(BadgeStatus::Active), Some(criterion)) =
            (definition.status, definition.details.criteria.as_ref())
        else {
            return Ok("not-offered");
        };
        let Some(earned) = criterion.first_earned_within(facts, definition.availability()) else {
            // The criterion is another one by now, or the person is erased.
            return Ok("not-earned");
        };
        let completed = i64::try_from(earned.position).unwrap_or(1);
        let completion = Some(Completion::from(earned));
        let new = NewAward { badge, user, completion, notes: None, over_revocation: false };
        let cause = if completed == position { cause } else { self.event(completed).await? };
        let causation_id = cause.map(|event| event.event_id.to_string());
        let caller = Caller { causation_id, ..Caller::system(ACTOR) };
        match self.badges.award(new, &caller).await {
            Ok(done) if done.events.is_empty() => Ok("held"),
            Ok(_) => Ok(AWARDED),
            Err(error) => declined(&error).ok_or_else(|| refused(&error)),
        }
    }

    /// The event at a position, or the next one.
    async fn event(&self, position: i64) -> Result<Option<Recorded>, StoreError> {
        Ok(self.store.reader().after(position - 1, 1).await?.pop())
    }
}

/// A refusal that is an answer: nobody need look at it.
fn declined(error: &CommandError) -> Option<&'static str> {
    match (error.reason::<AwardError>(), error.reason::<BadgeError>()) {
        (Some(AwardError::Revoked), _) => Some("revoked"),
        (Some(AwardError::PersonNotFound), _) => Some("gone"),
        (_, Some(BadgeError::NotActive | BadgeError::NotAvailable | BadgeError::NotDefined)) => {
            Some("not-offered")
        }
        _ if matches!(error, CommandError::NotFound) => Some("gone"),
        _ => None,
    }
}

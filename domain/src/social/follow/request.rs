//! A follow is requested.

use super::{AcceptCause, Follow, FollowAccepted, FollowError, FollowEvent, FollowRequested};
use crate::{
    aggregate::Decide,
    ids::UserId,
    values::{FollowPolicy, FollowStatus},
};
use chrono::{DateTime, Utc};

/// Follows, or asks for it (SOC-01). One that is over or was rejected begins again (C-14); a follower stays one.
#[derive(Clone, Debug)]
pub struct RequestFollow {
    pub follower: UserId,
    pub followed: UserId,
    /// The effective one of the followed person's profile.
    pub policy: FollowPolicy,
    pub at: DateTime<Utc>,
}

impl RequestFollow {
    fn requested(&self) -> FollowEvent {
        let Self { follower, followed, at: requested_at, .. } = *self;
        FollowRequested { follower, followed, requested_at }.into()
    }

    fn accepted(&self) -> FollowEvent {
        let Self { follower, followed, at: accepted_at, .. } = *self;
        FollowAccepted { follower, followed, cause: AcceptCause::Policy, accepted_at }.into()
    }
}

impl Decide<Follow> for RequestFollow {
    fn decide(&self, pair: &Follow) -> Result<Vec<FollowEvent>, FollowError> {
        if self.follower == self.followed {
            return Err(FollowError::SelfFollow);
        }
        if pair.blocks(self.followed) {
            return Err(FollowError::PersonNotFound);
        }
        if pair.blocks(self.follower) {
            return Err(FollowError::BlockedByYou);
        }
        match (pair.status(self.follower), self.policy) {
            (Some(FollowStatus::Accepted), _)
            | (Some(FollowStatus::Pending), FollowPolicy::Approve | FollowPolicy::Nobody) => Ok(Vec::new()),
            (Some(FollowStatus::Pending), FollowPolicy::Anyone) => Ok(vec![self.accepted()]),
            (None | Some(FollowStatus::Rejected), FollowPolicy::Nobody) => Err(FollowError::FollowsDeclined),
            (None | Some(FollowStatus::Rejected), FollowPolicy::Approve) => Ok(vec![self.requested()]),
            (None | Some(FollowStatus::Rejected), FollowPolicy::Anyone) => {
                Ok(vec![self.requested(), self.accepted()])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::*, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn request(policy: FollowPolicy) -> RequestFollow {
        RequestFollow { follower: jane(), followed: john(), policy, at: at(5) }
    }

    fn after(events: Vec<FollowEvent>) -> cqrs_es::test::AggregateTestExecutor<Follow> {
        TestFramework::<Follow>::with(()).given(events)
    }

    #[test]
    fn counts_at_once_where_anyone_may_follow() {
        after(vec![]).when(request(FollowPolicy::Anyone).into()).then_expect_events(vec![
            asked(jane(), john(), 5),
            accepted(jane(), john(), AcceptCause::Policy, 5),
        ]);
    }

    #[test]
    fn waits_where_followers_are_approved() {
        after(vec![]).when(request(FollowPolicy::Approve).into()).then_expect_events(vec![asked(
            jane(),
            john(),
            5,
        )]);
    }

    #[test]
    fn is_refused_where_nobody_may_follow() {
        after(vec![])
            .when(request(FollowPolicy::Nobody).into())
            .then_expect_error(FollowError::FollowsDeclined);
    }

    #[test]
    fn repeated_request_changes_nothing_whatever_the_policy_is_by_now() {
        for policy in FollowPolicy::ALL {
            after(followed(jane(), john())).when(request(policy).into()).then_expect_events(vec![]);
        }
        for policy in [FollowPolicy::Approve, FollowPolicy::Nobody] {
            after(vec![asked(jane(), john(), 1)]).when(request(policy).into()).then_expect_events(vec![]);
        }
    }

    #[test]
    fn pending_request_counts_once_anyone_may_follow() {
        after(vec![asked(jane(), john(), 1)])
            .when(request(FollowPolicy::Anyone).into())
            .then_expect_events(vec![accepted(jane(), john(), AcceptCause::Policy, 5)]);
    }

    #[test]
    fn follow_that_is_over_or_rejected_begins_again() {
        let over =
            [followed(jane(), john()), vec![ended(jane(), john(), super::super::UnfollowCause::Removed)]]
                .concat();
        for history in [over, vec![asked(jane(), john(), 1), rejected(jane(), john())]] {
            after(history).when(request(FollowPolicy::Approve).into()).then_expect_events(vec![asked(
                jane(),
                john(),
                5,
            )]);
        }
    }

    #[test]
    fn the_other_direction_is_another_matter() {
        after(followed(john(), jane()))
            .when(request(FollowPolicy::Approve).into())
            .then_expect_events(vec![asked(jane(), john(), 5)]);
    }

    #[test]
    fn nobody_follows_themselves() {
        let request = RequestFollow { followed: jane(), ..request(FollowPolicy::Anyone) };

        after(vec![]).when(request.into()).then_expect_error(FollowError::SelfFollow);
    }

    #[test]
    fn blocked_person_finds_nobody_and_the_blocker_is_told_to_unblock() {
        after(vec![blocked(john(), jane())])
            .when(request(FollowPolicy::Nobody).into())
            .then_expect_error(FollowError::PersonNotFound);
        after(vec![blocked(jane(), john())])
            .when(request(FollowPolicy::Anyone).into())
            .then_expect_error(FollowError::BlockedByYou);
    }
}

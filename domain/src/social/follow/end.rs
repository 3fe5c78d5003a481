//! A follow ends, by either of the two.

use super::{Follow, FollowError, FollowEvent, UnfollowCause, Unfollowed};
use crate::{aggregate::Decide, ids::UserId};
use chrono::{DateTime, Utc};

/// The follower leaves, or takes a request back (SOC-03). What is over stays over.
#[derive(Clone, Debug)]
pub struct Unfollow {
    pub follower: UserId,
    pub followed: UserId,
    pub at: DateTime<Utc>,
}

impl Decide<Follow> for Unfollow {
    fn decide(&self, pair: &Follow) -> Result<Vec<FollowEvent>, FollowError> {
        Ok(end(pair, (self.follower, self.followed), UnfollowCause::Unfollowed, self.at)
            .into_iter()
            .collect())
    }
}

/// The followed person removes a follower or a request. What is over stays over.
#[derive(Clone, Debug)]
pub struct RemoveFollower {
    pub follower: UserId,
    pub followed: UserId,
    pub at: DateTime<Utc>,
}

impl Decide<Follow> for RemoveFollower {
    fn decide(&self, pair: &Follow) -> Result<Vec<FollowEvent>, FollowError> {
        Ok(end(pair, (self.follower, self.followed), UnfollowCause::Removed, self.at).into_iter().collect())
    }
}

/// The end of a follow of the first to the second, if there is one that is not over.
pub(super) fn end(
    pair: &Follow,
    (follower, followed): (UserId, UserId),
    cause: UnfollowCause,
    ended_at: DateTime<Utc>,
) -> Option<FollowEvent> {
    pair.status(follower)?;
    Some(Unfollowed { follower, followed, cause, ended_at }.into())
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::*, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn unfollow() -> Unfollow {
        Unfollow { follower: jane(), followed: john(), at: at(7) }
    }

    fn remove() -> RemoveFollower {
        RemoveFollower { follower: jane(), followed: john(), at: at(7) }
    }

    #[test]
    fn either_of_the_two_ends_a_follow_or_a_request() {
        for history in [followed(jane(), john()), vec![asked(jane(), john(), 1)]] {
            TestFramework::<Follow>::with(())
                .given(history.clone())
                .when(unfollow().into())
                .then_expect_events(vec![ended(jane(), john(), UnfollowCause::Unfollowed)]);
            TestFramework::<Follow>::with(())
                .given(history)
                .when(remove().into())
                .then_expect_events(vec![ended(jane(), john(), UnfollowCause::Removed)]);
        }
    }

    #[test]
    fn what_is_over_or_never_was_ends_without_an_event() {
        let over = [followed(jane(), john()), vec![ended(jane(), john(), UnfollowCause::Removed)]].concat();
        for history in [vec![], over, followed(john(), jane())] {
            TestFramework::<Follow>::with(())
                .given(history.clone())
                .when(unfollow().into())
                .then_expect_events(vec![]);
            TestFramework::<Follow>::with(()).given(history).when(remove().into()).then_expect_events(vec![]);
        }
    }
}

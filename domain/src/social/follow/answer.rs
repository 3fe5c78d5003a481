//! A request to follow is answered, by the followed person or by a profile that takes anyone by now.

use super::{AcceptCause, Follow, FollowAccepted, FollowError, FollowEvent, FollowRejected};
use crate::{aggregate::Decide, ids::UserId, values::FollowStatus};
use chrono::{DateTime, Utc};

/// Takes a follower whose request waits (SOC-04).
#[derive(Clone, Debug)]
pub struct AcceptFollow {
    pub follower: UserId,
    pub followed: UserId,
    pub cause: AcceptCause,
    pub at: DateTime<Utc>,
}

impl Decide<Follow> for AcceptFollow {
    fn decide(&self, pair: &Follow) -> Result<Vec<FollowEvent>, FollowError> {
        let Self { follower, followed, cause, at: accepted_at } = *self;
        match pair.status(follower) {
            Some(FollowStatus::Accepted) => Ok(Vec::new()),
            Some(FollowStatus::Pending) => {
                Ok(vec![FollowAccepted { follower, followed, cause, accepted_at }.into()])
            }
            Some(FollowStatus::Rejected) | None => Err(FollowError::NotPending),
        }
    }
}

/// Turns a request down (SOC-04). The person may ask again; who is a follower already is removed instead.
#[derive(Clone, Debug)]
pub struct RejectFollow {
    pub follower: UserId,
    pub followed: UserId,
    pub at: DateTime<Utc>,
}

impl Decide<Follow> for RejectFollow {
    fn decide(&self, pair: &Follow) -> Result<Vec<FollowEvent>, FollowError> {
        let Self { follower, followed, at: rejected_at } = *self;
        match pair.status(follower) {
            Some(FollowStatus::Rejected) => Ok(Vec::new()),
            Some(FollowStatus::Pending) => {
                Ok(vec![FollowRejected { follower, followed, rejected_at }.into()])
            }
            Some(FollowStatus::Accepted) | None => Err(FollowError::NotPending),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{UnfollowCause, fixtures::*},
        *,
    };
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn accept() -> AcceptFollow {
        AcceptFollow { follower: jane(), followed: john(), cause: AcceptCause::Approved, at: at(5) }
    }

    fn reject() -> RejectFollow {
        RejectFollow { follower: jane(), followed: john(), at: at(2) }
    }

    fn waiting() -> Vec<FollowEvent> {
        vec![asked(jane(), john(), 1)]
    }

    fn turned_down() -> Vec<FollowEvent> {
        vec![asked(jane(), john(), 1), rejected(jane(), john())]
    }

    #[test]
    fn pending_request_is_accepted_once() {
        TestFramework::<Follow>::with(())
            .given(waiting())
            .when(accept().into())
            .then_expect_events(vec![accepted(jane(), john(), AcceptCause::Approved, 5)]);
        TestFramework::<Follow>::with(())
            .given(followed(jane(), john()))
            .when(accept().into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn pending_request_is_rejected_once() {
        TestFramework::<Follow>::with(())
            .given(waiting())
            .when(reject().into())
            .then_expect_events(vec![rejected(jane(), john())]);
        TestFramework::<Follow>::with(())
            .given(turned_down())
            .when(reject().into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn what_does_not_wait_is_not_answered() {
        let over = [waiting(), vec![ended(jane(), john(), UnfollowCause::Unfollowed)]].concat();
        for history in [vec![], over, turned_down(), vec![asked(john(), jane(), 1)]] {
            TestFramework::<Follow>::with(())
                .given(history)
                .when(accept().into())
                .then_expect_error(FollowError::NotPending);
        }
        for history in [vec![], followed(jane(), john())] {
            TestFramework::<Follow>::with(())
                .given(history)
                .when(reject().into())
                .then_expect_error(FollowError::NotPending);
        }
    }
}

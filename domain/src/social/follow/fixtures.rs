//! Words for tests: what happened between two people before.

use super::*;
use crate::{fixtures::at, ids::UserId};

pub fn asked(follower: UserId, followed: UserId, second: i64) -> FollowEvent {
    FollowRequested { follower, followed, requested_at: at(second) }.into()
}

pub fn accepted(follower: UserId, followed: UserId, cause: AcceptCause, second: i64) -> FollowEvent {
    FollowAccepted { follower, followed, cause, accepted_at: at(second) }.into()
}

/// At second 1, by approval.
pub fn followed(follower: UserId, followed: UserId) -> Vec<FollowEvent> {
    vec![asked(follower, followed, 1), accepted(follower, followed, AcceptCause::Approved, 1)]
}

/// At second 2.
pub fn rejected(follower: UserId, followed: UserId) -> FollowEvent {
    FollowRejected { follower, followed, rejected_at: at(2) }.into()
}

/// At second 7.
pub fn ended(follower: UserId, followed: UserId, cause: UnfollowCause) -> FollowEvent {
    Unfollowed { follower, followed, cause, ended_at: at(7) }.into()
}

/// At second 7, without a reason.
pub fn blocked(blocker: UserId, blocked: UserId) -> FollowEvent {
    UserBlocked { blocker, blocked, reason: None, blocked_at: at(7) }.into()
}

pub fn state(events: Vec<FollowEvent>) -> Follow {
    events.iter().fold(Follow::default(), |mut pair, event| {
        pair.evolve(event);
        pair
    })
}

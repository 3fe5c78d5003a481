//! The two people of a pair as their events have made them.

use super::FollowEvent;
use crate::{aggregate::EventSourced, ids::PairId, ids::UserId, personal::Personal, values::FollowStatus};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A pair. Before anything happens it is the default: two people who have nothing to do with each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Follow {
    /// By who acts; each is directed at the other of the two.
    sides: BTreeMap<UserId, Side>,
}

/// What one of the two does toward the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// Also one that is over.
    pub following: Option<Following>,
    pub block: Option<Blocking>,
    pub muted_at: Option<DateTime<Utc>>,
}

/// A follow, from its latest request on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Following {
    /// The last one, if it is over.
    pub status: FollowStatus,
    pub is_over: bool,
    pub requested_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Blocking {
    pub reason: Option<Personal<String>>,
    pub blocked_at: DateTime<Utc>,
}

impl Follow {
    /// What this one of the two does toward the other; none if nothing ever.
    pub fn side(&self, user: UserId) -> Option<&Side> {
        self.sides.get(&user)
    }

    /// Of the follow that is not over.
    pub fn status(&self, follower: UserId) -> Option<FollowStatus> {
        let following = self.side(follower)?.following.as_ref()?;
        (!following.is_over).then_some(following.status)
    }

    /// Whether this one of the two blocks the other.
    pub fn blocks(&self, user: UserId) -> bool {
        self.side(user).is_some_and(|side| side.block.is_some())
    }

    /// Whether this one of the two has muted the other.
    pub fn mutes(&self, user: UserId) -> bool {
        self.side(user).is_some_and(|side| side.muted_at.is_some())
    }

    pub(super) fn evolve(&mut self, event: &FollowEvent) {
        match event {
            FollowEvent::FollowRequested(e) => {
                let (status, at) = (FollowStatus::Pending, e.requested_at);
                let following = Following { status, is_over: false, requested_at: at, changed_at: at };
                self.of(e.follower).following = Some(following);
            }
            FollowEvent::FollowAccepted(e) => self.answer(e.follower, FollowStatus::Accepted, e.accepted_at),
            FollowEvent::FollowRejected(e) => self.answer(e.follower, FollowStatus::Rejected, e.rejected_at),
            FollowEvent::Unfollowed(e) => {
                if let Some(following) = &mut self.of(e.follower).following {
                    following.is_over = true;
                    following.changed_at = e.ended_at;
                }
            }
            FollowEvent::UserBlocked(e) => {
                let block = Blocking { reason: e.reason.clone(), blocked_at: e.blocked_at };
                self.of(e.blocker).block = Some(block);
            }
            FollowEvent::UserUnblocked(e) => self.of(e.blocker).block = None,
            FollowEvent::UserMuted(e) => self.of(e.muter).muted_at = Some(e.muted_at),
            FollowEvent::UserUnmuted(e) => self.of(e.muter).muted_at = None,
        }
    }

    fn answer(&mut self, follower: UserId, status: FollowStatus, at: DateTime<Utc>) {
        if let Some(following) = &mut self.of(follower).following {
            following.status = status;
            following.changed_at = at;
        }
    }

    fn of(&mut self, user: UserId) -> &mut Side {
        self.sides.entry(user).or_default()
    }
}

/// A pair belongs to neither of the two: who may act is settled by the use case, which acts for the caller's side only.
impl EventSourced for Follow {
    type Id = PairId;

    const ALWAYS_THERE: bool = true;
}

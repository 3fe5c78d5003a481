//! What people are to each other, as plainly as it can be said: a reference for the aggregate and its read model.

use domain::{UserId, values::FollowStatus};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody does something toward another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Follow,
    Unfollow,
    RemoveFollower,
    Accept,
    Reject,
    Block,
    Unblock,
    Mute,
    Unmute,
}

impl Act {
    pub const ALL: [Self; 9] = [
        Self::Follow,
        Self::Unfollow,
        Self::RemoveFollower,
        Self::Accept,
        Self::Reject,
        Self::Block,
        Self::Unblock,
        Self::Mute,
        Self::Unmute,
    ];
}

/// Who may follow a person; by default anyone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Door {
    #[default]
    Open,
    Asks,
    Shut,
}

/// What came of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Changed,
    Same,
    Refused,
}

#[derive(Debug, Default)]
pub struct Model {
    pub doors: BTreeMap<UserId, Door>,
    /// By follower and followed.
    pub follows: BTreeMap<(UserId, UserId), FollowStatus>,
    pub blocks: BTreeSet<(UserId, UserId)>,
    pub mutes: BTreeSet<(UserId, UserId)>,
}

impl Model {
    pub fn act(&mut self, me: UserId, act: Act, other: UserId) -> Outcome {
        let blocked_by_other = self.blocks.contains(&(other, me));
        let (to, from) = ((me, other), (other, me));
        match act {
            Act::Follow => self.follow(me, other),
            Act::Unfollow => changed(self.follows.remove(&to).is_some()),
            Act::RemoveFollower => changed(self.follows.remove(&from).is_some()),
            Act::Accept => self.answer(from, FollowStatus::Accepted),
            Act::Reject => self.answer(from, FollowStatus::Rejected),
            Act::Block if me == other => Outcome::Refused,
            Act::Block if self.blocks.contains(&to) => Outcome::Same,
            Act::Block if blocked_by_other => Outcome::Refused,
            Act::Block => {
                self.follows.remove(&to);
                self.follows.remove(&from);
                changed(self.blocks.insert(to))
            }
            Act::Unblock => changed(self.blocks.remove(&to)),
            Act::Mute if me == other => Outcome::Refused,
            Act::Mute if self.mutes.contains(&to) => Outcome::Same,
            Act::Mute if blocked_by_other => Outcome::Refused,
            Act::Mute => changed(self.mutes.insert(to)),
            Act::Unmute => changed(self.mutes.remove(&to)),
        }
    }

    fn follow(&mut self, me: UserId, other: UserId) -> Outcome {
        let apart = self.blocks.contains(&(me, other)) || self.blocks.contains(&(other, me));
        if me == other || apart {
            return Outcome::Refused;
        }
        let door = self.doors.get(&other).copied().unwrap_or_default();
        let (now, next) = (
            self.follows.get(&(me, other)).copied(),
            match door {
                Door::Open => FollowStatus::Accepted,
                Door::Asks | Door::Shut => FollowStatus::Pending,
            },
        );
        match now {
            Some(FollowStatus::Accepted) => return Outcome::Same,
            Some(FollowStatus::Pending) if door != Door::Open => return Outcome::Same,
            Some(FollowStatus::Rejected) | None if door == Door::Shut => return Outcome::Refused,
            Some(FollowStatus::Pending | FollowStatus::Rejected) | None => {}
        }
        self.follows.insert((me, other), next);
        Outcome::Changed
    }

    fn answer(&mut self, follow: (UserId, UserId), answer: FollowStatus) -> Outcome {
        match self.follows.get_mut(&follow) {
            Some(status) if *status == answer => Outcome::Same,
            Some(status @ FollowStatus::Pending) => {
                *status = answer;
                Outcome::Changed
            }
            Some(_) | None => Outcome::Refused,
        }
    }

    /// Followers and followed of a person, but for those whom a block keeps apart from the viewer.
    pub fn counts(&self, viewer: UserId, user: UserId) -> (i64, i64) {
        let meets = |other: UserId| {
            !self.blocks.contains(&(viewer, other)) && !self.blocks.contains(&(other, viewer))
        };
        let accepted = self.follows.iter().filter(|(_, status)| **status == FollowStatus::Accepted);
        accepted.fold((0, 0), |(followers, following), ((from, to), _)| {
            let (follower, followed) = (*to == user && meets(*from), *from == user && meets(*to));
            (followers + i64::from(follower), following + i64::from(followed))
        })
    }
}

fn changed(yes: bool) -> Outcome {
    if yes { Outcome::Changed } else { Outcome::Same }
}

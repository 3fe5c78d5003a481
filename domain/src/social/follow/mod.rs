//! Two people and what is between them: follows, blocks and mutes of both directions, on one stream per pair.
//!
//! One stream, so that a follow and a block of the same two people can not cross (C-14, SOC-01 to SOC-05).
//! Whoever is blocked is told nothing: to them the other is as absent as somebody who never was.

mod answer;
mod block;
mod end;
mod error;
mod events;
#[cfg(test)]
mod fixtures;
mod mute;
mod request;
mod sever;
mod state;

pub use answer::{AcceptFollow, RejectFollow};
pub use block::{Block, Unblock};
pub use end::{RemoveFollower, Unfollow};
pub use error::FollowError;
pub use events::*;
pub use mute::{Mute, Unmute};
pub use request::RequestFollow;
pub use sever::SeverPair;
pub use state::{Blocking, Follow, Following, Side};

use crate::{aggregate::aggregate, ids::PairId};

aggregate! {
    Follow = "follow", id PairId, error FollowError;
    commands FollowCommand {
        RequestFollow, AcceptFollow, RejectFollow, Unfollow, RemoveFollower, Block, Unblock, Mute, Unmute,
        SeverPair,
    }
    events FollowEvent {
        FollowRequested = "follow_requested" "1",
        FollowAccepted = "follow_accepted" "1",
        FollowRejected = "follow_rejected" "1",
        Unfollowed = "unfollowed" "1",
        UserBlocked = "user_blocked" "1",
        UserUnblocked = "user_unblocked" "1",
        UserMuted = "user_muted" "1",
        UserUnmuted = "user_unmuted" "1",
    }
}

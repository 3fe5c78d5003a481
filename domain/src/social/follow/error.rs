//! Why a command between two people is refused.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FollowError {
    #[error("you cannot follow yourself")]
    SelfFollow,
    #[error("you cannot block yourself")]
    SelfBlock,
    #[error("you cannot mute yourself")]
    SelfMute,
    /// Never registered, erased, or has blocked the one who asks: nobody learns which.
    #[error("this person was not found")]
    PersonNotFound,
    #[error("you have blocked this person; unblock them first")]
    BlockedByYou,
    #[error("this person does not accept followers")]
    FollowsDeclined,
    #[error("this follow request is not pending")]
    NotPending,
    #[error("staff cannot be blocked")]
    StaffNotBlockable,
    /// Something that the decision stood on is not so any more.
    #[error("this person was changed at the same time; try again")]
    PersonChanged,
}

impl BusinessError for FollowError {
    fn code(&self) -> &'static str {
        match self {
            Self::SelfFollow => "self-follow",
            Self::SelfBlock => "self-block",
            Self::SelfMute => "self-mute",
            Self::PersonNotFound => "person-not-found",
            Self::BlockedByYou => "blocked-by-you",
            Self::FollowsDeclined => "follows-declined",
            Self::NotPending => "follow-not-pending",
            Self::StaffNotBlockable => "staff-not-blockable",
            Self::PersonChanged => "person-changed",
        }
    }
}

//! Why a command between two people is refused.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FollowError {
    #[error("nobody follows themselves")]
    SelfFollow,
    #[error("nobody blocks themselves")]
    SelfBlock,
    #[error("nobody mutes themselves")]
    SelfMute,
    /// Never registered, erased, or has blocked the one who asks: nobody learns which.
    #[error("there is no such person")]
    PersonNotFound,
    #[error("you have blocked this person; unblock them first")]
    BlockedByYou,
    #[error("this person accepts no followers")]
    FollowsDeclined,
    #[error("this request to follow does not wait for an answer")]
    NotPending,
    #[error("staff can not be blocked")]
    StaffNotBlockable,
    /// Something that the decision stood on is not so any more.
    #[error("this person changed in the meantime; try again")]
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

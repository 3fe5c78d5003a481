//! Why a command to an award is refused.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AwardError {
    #[error("this person does not have this badge")]
    NotAwarded,
    #[error("staff have revoked this badge from this person")]
    Revoked,
    #[error("this person was not found")]
    PersonNotFound,
    #[error("you cannot give a badge to yourself or revoke your own")]
    OwnAward,
    /// Between its being read and the append.
    #[error("this badge was changed at the same time; try again")]
    BadgeChanged,
}

impl BusinessError for AwardError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAwarded => "award-not-found",
            Self::Revoked => "award-is-revoked",
            Self::PersonNotFound => "person-not-found",
            Self::OwnAward => "own-award",
            Self::BadgeChanged => "badge-changed",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::PersonNotFound => Some("user"),
            Self::NotAwarded | Self::Revoked | Self::OwnAward | Self::BadgeChanged => None,
        }
    }
}

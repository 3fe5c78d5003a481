//! Why a command to an award is refused.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AwardError {
    #[error("this person does not have this badge")]
    NotAwarded,
    #[error("staff have taken this badge from this person")]
    Revoked,
    #[error("there is no such person")]
    PersonNotFound,
    #[error("nobody gives a badge to themselves, or takes it from themselves")]
    OwnAward,
    /// Between its being read and the append.
    #[error("this badge changed in the meantime; try again")]
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

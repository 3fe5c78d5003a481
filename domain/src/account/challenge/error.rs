//! Why an answer to a challenge is refused.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChallengeError {
    #[error("this challenge was already issued")]
    AlreadyIssued,
    #[error("there is no such challenge")]
    NotIssued,
    #[error("this code was used already")]
    AlreadyUsed,
    #[error("this code has expired")]
    Expired,
    #[error("this code was answered wrongly too often")]
    Exhausted,
}

impl BusinessError for ChallengeError {
    fn code(&self) -> &'static str {
        match self {
            Self::AlreadyIssued => "challenge-already-issued",
            Self::NotIssued => "challenge-not-found",
            Self::AlreadyUsed => "code-already-used",
            Self::Expired => "code-expired",
            Self::Exhausted => "code-exhausted",
        }
    }
}

//! Why an answer to a challenge is refused.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChallengeError {
    #[error("this challenge was already created")]
    AlreadyIssued,
    #[error("this challenge was not found")]
    NotIssued,
    #[error("this code was already used")]
    AlreadyUsed,
    #[error("this code has expired")]
    Expired,
    #[error("too many wrong attempts were made for this code")]
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

//! Why a command to a session is refused.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SessionError {
    #[error("this session has already begun")]
    AlreadyStarted,
    #[error("there is no such session")]
    NotStarted,
    #[error("this session has ended")]
    Ended,
    #[error("this session has expired")]
    Expired,
    #[error("this refresh token was never issued")]
    UnknownToken,
    #[error("this session belongs to another account")]
    NotYours,
}

impl BusinessError for SessionError {
    fn code(&self) -> &'static str {
        match self {
            Self::AlreadyStarted => "session-already-started",
            Self::NotStarted => "session-not-found",
            Self::Ended => "session-ended",
            Self::Expired => "session-expired",
            Self::UnknownToken => "refresh-token-unknown",
            Self::NotYours => "session-not-yours",
        }
    }
}

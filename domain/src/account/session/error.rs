//! Why a command to a session is refused.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SessionError {
    #[error("this session was already started")]
    AlreadyStarted,
    #[error("this session was not found")]
    NotStarted,
    #[error("this session has ended")]
    Ended,
    #[error("this session has expired")]
    Expired,
    #[error("this refresh token is unknown")]
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

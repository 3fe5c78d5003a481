//! Why a command to an award is refused.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AwardError {
    #[error("this person does not have this badge")]
    NotAwarded,
    #[error("staff have taken this badge from this person")]
    Revoked,
}

impl BusinessError for AwardError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAwarded => "award-not-found",
            Self::Revoked => "award-is-revoked",
        }
    }
}

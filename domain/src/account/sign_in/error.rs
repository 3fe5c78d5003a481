//! Recording a failure is never refused; a success stands on the sessions that were counted.

use crate::refusal::BusinessError;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignInError {
    /// Another sign-in came between.
    #[error("the sessions of the account were changed at the same time; try again")]
    SessionsChanged,
}

impl BusinessError for SignInError {
    fn code(&self) -> &'static str {
        match self {
            Self::SessionsChanged => "sessions-changed",
        }
    }
}

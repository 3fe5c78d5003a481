//! Why a command to an API key is refused.

use super::{MAX_LIFETIME, SLOTS};
use crate::{refusal::BusinessError, values::Scope};
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApiKeyError {
    #[error("this key is there already")]
    AlreadyCreated,
    #[error("there is no such key")]
    NotCreated,
    #[error("this key was revoked")]
    Revoked,
    #[error("there are {SLOTS} keys already; revoke one first")]
    TooMany,
    #[error("a key needs at least one scope")]
    NoScope,
    #[error("{0} is no scope of such a key")]
    ScopeUnsuitable(Scope),
    #[error("a key expires in the future, at most {} days from now", MAX_LIFETIME.num_days())]
    Expiry,
    #[error("a service's key has no name of its own")]
    NotNamed,
    #[error("a service's key is confirmed by nobody")]
    NotPersonal,
}

impl BusinessError for ApiKeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::AlreadyCreated => "api-key-already-created",
            Self::NotCreated => "api-key-not-found",
            Self::Revoked => "api-key-is-revoked",
            Self::TooMany => "too-many-api-keys",
            Self::NoScope => "scopes-missing",
            Self::ScopeUnsuitable(_) => "scope-unsuitable",
            Self::Expiry => "expiry-invalid",
            Self::NotNamed => "api-key-not-named",
            Self::NotPersonal => "api-key-not-personal",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NoScope | Self::ScopeUnsuitable(_) => Some("scopes"),
            Self::Expiry => Some("expires_at"),
            Self::NotNamed => Some("name"),
            Self::AlreadyCreated | Self::NotCreated | Self::Revoked | Self::TooMany | Self::NotPersonal => {
                None
            }
        }
    }
}

//! Why a command to an API key is refused.

use super::{MAX_LIFETIME, SLOTS};
use crate::{refusal::BusinessError, values::Scope};
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApiKeyError {
    #[error("this key already exists")]
    AlreadyCreated,
    #[error("this key was not found")]
    NotCreated,
    #[error("this key was revoked")]
    Revoked,
    #[error("there are already {SLOTS} keys; revoke one first")]
    TooMany,
    #[error("a key must have at least one scope")]
    NoScope,
    #[error("{0} is not a scope for this kind of key")]
    ScopeUnsuitable(Scope),
    #[error("the expiry must be in the future, at most {} days from now", MAX_LIFETIME.num_days())]
    Expiry,
    #[error("a service key cannot have a name")]
    NotNamed,
    #[error("a service key cannot be confirmed")]
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

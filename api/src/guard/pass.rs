//! The credentials of a long request, which are checked again while it lasts.

use crate::{
    App,
    access::{Signed, still_holds},
    key_access::Keyed,
    problem::{ApiResult, Problem, catalogue as kind},
};
use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, Utc};
use commands::LiveApiKey;
use domain::UserId;

/// A session's token or cookie, or a person's API key.
#[derive(Clone, Debug)]
pub enum Pass {
    Session(Signed),
    Key(UserId, LiveApiKey),
}

impl Pass {
    pub const fn user(&self) -> UserId {
        match self {
            Self::Session(signed) => signed.user,
            Self::Key(user, _) => *user,
        }
    }

    /// A key has no role, whoever's it is.
    pub const fn may_be_staff(&self) -> bool {
        matches!(self, Self::Session(_))
    }

    /// When it ends at the latest.
    pub const fn expires_at(&self) -> DateTime<Utc> {
        match self {
            Self::Session(signed) => signed.expires_at,
            Self::Key(_, key) => key.expires_at,
        }
    }

    /// Whether the same request would be let in again.
    pub async fn holds(&self, app: &App) -> ApiResult<bool> {
        match self {
            Self::Session(signed) => still_holds(app, signed).await,
            Self::Key(_, key) => Ok(app.commands().accounts.api_key_counts(key.id).await?),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Pass {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        if let Some(Keyed(key)) = parts.extensions.get().cloned() {
            let user = key.holder.user().ok_or_else(|| Problem::of(&kind::SESSION_REQUIRED))?;
            return Ok(Self::Key(user, key));
        }
        let signed = parts.extensions.get().cloned();
        signed.map(Self::Session).ok_or_else(|| Problem::of(&kind::CREDENTIALS_MISSING))
    }
}

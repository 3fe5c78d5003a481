//! Events of an API key. Each names the holder, so that one event is enough to act on.

use crate::{ids::UserId, personal::Personal, values::Scope};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The key was shown once, to whoever the metadata names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiKeyCreated {
    pub holder: Holder,
    /// As its person calls it; keys of services have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    pub scopes: BTreeSet<Scope>,
    /// Which of the holder's places for keys it takes.
    pub slot: u8,
    pub created_at: DateTime<Utc>,
    /// Refused from then on.
    pub expires_at: DateTime<Utc>,
    /// How often keys of its person, or of whoever answers for it, had been put to sleep. Absent on keys that were made
    /// before keys of their kind slept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
    /// Who answers for a service's key. Absent from people's keys, and from services' that were made before keys knew it:
    /// the metadata names whoever made those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<UserId>,
}

/// An owner answers for a service's key from now on: another than before, or the same one after a reset of the password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiKeyTakenOver {
    pub holder: Holder,
    pub by: UserId,
    pub taken_over_at: DateTime<Utc>,
    /// How often keys of this owner had been put to sleep by then. Absent from before services' keys slept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiKeyRenamed {
    pub user: UserId,
    pub name: Personal<String>,
    pub renamed_at: DateTime<Utc>,
}

/// Its person says that the key is theirs: it counts again after a reset of the password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiKeyConfirmed {
    pub user: UserId,
    /// How often the person's keys had been put to sleep by then.
    pub epoch: u32,
    pub confirmed_at: DateTime<Utc>,
}

/// For good. Its place is free for another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiKeyRevoked {
    pub holder: Holder,
    pub cause: RevokeCause,
    pub revoked_at: DateTime<Utc>,
}

/// Whose a key is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// It acts for this person, within its scopes.
    User(UserId),
    /// It acts for the operator's program of this name, and for no person.
    Service(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokeCause {
    Requested,
    /// It had expired, and its place was needed.
    Expired,
}

impl Holder {
    /// The person, if it is one.
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::User(user) => Some(*user),
            Self::Service(_) => None,
        }
    }

    /// The service, if it is one.
    pub fn service(&self) -> Option<&str> {
        match self {
            Self::User(_) => None,
            Self::Service(name) => Some(name),
        }
    }
}

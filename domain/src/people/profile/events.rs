//! Events of a profile.

use super::ProfileChanges;
use crate::ids::{AwardId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Comes with the registration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileCreated {
    pub user: UserId,
    pub created_at: DateTime<Utc>,
}

/// Only what changed is present.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileUpdated {
    pub user: UserId,
    #[serde(flatten)]
    pub changes: ProfileChanges,
    pub updated_at: DateTime<Utc>,
}

/// Every field that completeness asks for is set, for the first time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileCompleted {
    pub user: UserId,
    pub completed_at: DateTime<Utc>,
}

/// Which badges the person shows first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeaturedBadgesChanged {
    pub user: UserId,
    /// All of them, in the person's order.
    pub awards: Vec<AwardId>,
    pub changed_at: DateTime<Utc>,
}

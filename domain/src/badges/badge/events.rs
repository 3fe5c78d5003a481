//! Events of a badge definition.

use super::{BadgeChanges, BadgeDetails};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Nobody earns it before it is active.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadgeDefined {
    /// What programs call it, for ever.
    pub slug: String,
    #[serde(flatten)]
    pub details: BadgeDetails,
    /// Of the criterion, from 1.
    pub version: u32,
    pub active: bool,
    pub defined_at: DateTime<Utc>,
}

/// Only what changed is present.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadgeRevised {
    #[serde(flatten)]
    pub changes: BadgeChanges,
    /// Of the criterion: one more than before where that changed.
    pub version: u32,
    pub revised_at: DateTime<Utc>,
}

/// It can be earned from now on; also one that was retired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadgeActivated {
    pub activated_at: DateTime<Utc>,
}

/// Nobody earns it any more. Whoever has it keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadgeRetired {
    pub retired_at: DateTime<Utc>,
}

//! Events of settings.

use super::SettingsChanges;
use crate::ids::UserId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Only what changed is present; what was taken back is as by default again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingsUpdated {
    pub user: UserId,
    #[serde(flatten)]
    pub changes: SettingsChanges,
    pub updated_at: DateTime<Utc>,
}
